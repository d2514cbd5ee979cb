//! The rows of the ceilings under faults that the pen must contain.

pub(crate) mod trial;

use super::reaction::conditions;
use super::words::count_before;
use super::{Kernel, RowError, depth, evidence, stated};
use crate::chain::FurthestStroke;
use crate::draw::Draw;
use crate::pen::Pen;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use rig_bench::{Actuator, Bench, FaultId};
use rig_measure::{
    Capture, Contact, EdgeCapture, Estimate, NotMeasurable, largest_level, protrusion_budget,
    rate_budget,
};
use rig_spec::{Evidence, Finding, Row};
use trial::{Lengths, PHASES, Phase, absent, lengths, renew, strike, watch_and_insist};

/// Edges that the tachometer may lack against the tops that the gauge saw, in one trial: movements
/// of the carriage look like tops.
const TOPS_MORE: u64 = 12;

/// How the pen is run, and how long a fault is watched.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Setup {
    depth: Micrometers,
    rate: StrokesPerMinute,
    watch: Nanoseconds,
    times: u32,
}

impl Setup {
    fn of(row: &Row) -> Result<Self, RowError> {
        let (depth, rate) = conditions(row)?;
        Ok(Self {
            depth,
            rate,
            watch: stated(row, "window_s", row.window.one())?,
            times: count_before(row, "stimulus", "times")?,
        })
    }
}

/// Under which fault, and in which trial with it.
#[derive(Clone, Debug)]
struct Under {
    fault: String,
    trial: u32,
}

/// The worst of all trials on one unit.
pub(crate) struct Trials {
    setup: Setup,
    n: u32,
    furthest: Option<(FurthestStroke, Under)>,
    /// Edges of the fastest so many strokes in a row.
    fastest: Option<(Vec<i64>, Under)>,
    strokes: usize,
}

impl Trials {
    /// Whether they were made as a row wants them.
    pub(crate) fn are_of(&self, row: &Row) -> bool {
        let is_mean = strokes_of_mean(row).is_none_or(|strokes| strokes == self.strokes);
        is_mean && Setup::of(row).is_ok_and(|setup| setup == self.setup)
    }
}

/// Brings about every fault that the bench has and the pen must contain, several times each.
///
/// Every trial begins with a fresh treatment and cartridge. Whatever the pen does with the fault is
/// watched; then somebody insists: clears what is latched, sets depth and rate, and gives START,
/// while the fault is still there; that is watched, and STOP, too. Then the fault is taken away and
/// the pen's supply with it, so that the next trial begins with a pen that has booted and homed.
/// A pen that does not come back leaves both rows without evidence.
pub(crate) fn of_each<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    serial: &str,
) -> Result<Trials, RowError> {
    let setup = Setup::of(row)?;
    let strokes = strokes_of_mean(row).unwrap_or(TEN);
    let faults = pen.session.bench().faults().to_vec();
    let contained: Vec<(FaultId, String)> = (0..)
        .map(FaultId)
        .zip(faults)
        .filter(|(_, fault)| fault.contained)
        .map(|(id, fault)| (id, fault.name))
        .collect();
    if contained.is_empty() {
        return Err(RowError::NoActuator("fault that the pen must contain"));
    }
    pen.insist_actuator(Actuator::Supply, "supply")?;
    let lengths = lengths(pen, &setup)?;
    let mut trials = Trials {
        setup,
        n: 0,
        furthest: None,
        fastest: None,
        strokes,
    };
    for (id, fault) in contained {
        for (trial, phase) in (1..=setup.times).zip(PHASES.into_iter().cycle()) {
            let mut draw = Draw::of(serial, &format!("{fault}, trial {trial}"));
            let under = Under {
                fault: fault.clone(),
                trial,
            };
            one(pen, id, phase, &lengths, &mut draw, &mut trials, under)
                .map_err(|error| named(error, &fault, trial))?;
        }
    }
    Ok(trials)
}

/// Says in which trial the row lost its evidence.
fn named(error: RowError, fault: &str, trial: u32) -> RowError {
    match error {
        RowError::Precondition(cause) => {
            RowError::Precondition(format!("trial {trial} with {fault}: {cause}"))
        }
        other => other,
    }
}

/// One trial; the fault is gone and the pen as new afterwards, whatever came of it.
fn one<B: Bench>(
    pen: &mut Pen<'_, B>,
    fault: FaultId,
    phase: Phase,
    lengths: &Lengths,
    draw: &mut Draw,
    trials: &mut Trials,
    under: Under,
) -> Result<(), RowError> {
    let setup = trials.setup;
    pen.begin_afresh()?;
    pen.set(setup.depth, setup.rate)?;
    let counts = pen.session.counts();
    let chain = pen.session.chain();
    let motion = chain.open_motion();
    chain.take_furthest();
    let before = (chain.edges_seen(), chain.tops_seen());
    let struck =
        strike(pen, fault, phase, lengths, draw).and_then(|()| watch_and_insist(pen, &setup));
    // Whatever happened: without the fault, and from power-on.
    pen.session.actuate(absent(fault))?;
    let chain = pen.session.chain();
    let motion = chain.close_motion(motion);
    let furthest = chain.take_furthest();
    let edges = chain.edges_seen() - before.0;
    let tops = chain.tops_seen() - before.1;
    renew(pen)?;
    pen.session.set_counts(counts);
    struck?;
    if tops > edges + TOPS_MORE {
        let (needed, found) = (tops as usize, edges as usize);
        return Err(NotMeasurable::TooFewEdges { needed, found }.into());
    }
    let (gauge, edges) = motion?;
    trials.take(pen, &gauge, &edges, furthest, under)
}

impl Trials {
    /// Takes what was seen of one trial.
    fn take<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        gauge: &Capture,
        edges: &EdgeCapture,
        furthest: Option<FurthestStroke>,
        under: Under,
    ) -> Result<(), RowError> {
        self.n += 1;
        let zero = depth::zero(pen)?;
        // Needles that stand out without a stroke count as well.
        let level = largest_level(gauge.trace())?;
        let standing = FurthestStroke {
            protrusion_nm: zero.protrusion_nm(level.value),
            fit_u_nm: level.u,
        };
        for found in furthest.into_iter().chain([standing]) {
            let is_further = self
                .furthest
                .as_ref()
                .is_none_or(|(it, _)| found.protrusion_nm > it.protrusion_nm);
            if is_further {
                self.furthest = Some((found, under.clone()));
            }
        }
        if let Some(stretch) = fastest_stretch(&edges.edges_ns, self.strokes) {
            let is_faster = self
                .fastest
                .as_ref()
                .is_none_or(|(it, _)| length_ns(stretch) < length_ns(it));
            if is_faster {
                self.fastest = Some((stretch.to_vec(), under));
            }
        }
        Ok(())
    }
}

/// Strokes of the mean whose largest counts, unless a row says otherwise.
const TEN: usize = 10;

/// The number in `10-stroke mean`.
pub(crate) fn strokes_of_mean(row: &Row) -> Option<usize> {
    let words = row.statistic.split_whitespace();
    words
        .filter_map(|word| word.strip_suffix("-stroke")?.parse().ok())
        .find(|strokes| *strokes > 0)
}

/// From first to last edge, ns.
pub(crate) fn length_ns(edges_ns: &[i64]) -> i128 {
    match edges_ns {
        [first, .., last] => i128::from(*last) - i128::from(*first),
        _ => i128::MAX,
    }
}

/// The edges of the fastest so many strokes in a row; nothing if there are fewer.
pub(crate) fn fastest_stretch(edges_ns: &[i64], strokes: usize) -> Option<&[i64]> {
    edges_ns
        .windows(strokes + 1)
        .min_by_key(|stretch| length_ns(stretch))
}

/// DEP-09-D2: the largest protrusion of all trials, by the fit of a stroke, or where the needles
/// stood without one.
///
/// Noise makes the largest of many larger than it was; that is not taken off, so that an upper
/// limit is judged on the strict side.
pub(crate) fn furthest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    trials: &Trials,
) -> Result<Evidence, RowError> {
    let Some((furthest, under)) = &trials.furthest else {
        return Err(RowError::Precondition("no trial was made".to_owned()));
    };
    let zero = depth::zero(pen)?;
    let estimate = Estimate {
        value: furthest.protrusion_nm,
        u: furthest.fit_u_nm,
        dof: f64::INFINITY,
        n: trials.n as usize,
    };
    let properties = pen.session.chain().gauge_properties();
    let rate_hz = f64::from(trials.setup.rate.0) / 60.0;
    // No trial has anything before the needles.
    let contact = Contact::Excluded;
    let budget = protrusion_budget(&estimate, &zero, &properties, rate_hz, contact);
    let evidence = evidence(row, Kernel::Length, &budget.measured(&estimate))?;
    Ok(with_worst(evidence, trials.n, under))
}

/// RAT-07-D2: the fastest ten strokes in a row of all trials, by the tachometer.
pub(crate) fn fastest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    all: &[Trials],
) -> Result<Evidence, RowError> {
    let strokes = strokes_of_mean(row);
    let strokes = stated(row, "statistic", strokes)?;
    let of_row = all.iter().filter(|it| it.are_of(row));
    let n: u32 = of_row.clone().map(|it| it.n).max().unwrap_or(0);
    let fastest = of_row
        .filter_map(|it| it.fastest.as_ref())
        .min_by_key(|(edges_ns, _)| length_ns(edges_ns));
    let Some((edges_ns, under)) = fastest else {
        let (needed, found) = (strokes + 1, 0);
        return Err(NotMeasurable::TooFewEdges { needed, found }.into());
    };
    let elapsed_s = length_ns(edges_ns) as f64 * 1e-9;
    let rate = strokes as f64 / elapsed_s;
    let chain = pen.session.chain();
    let edge_u_s = 1e-9 * chain.fixture().edge_u_ns;
    let estimate = Estimate {
        value: rate,
        u: rate * core::f64::consts::SQRT_2 * edge_u_s / elapsed_s,
        dof: f64::INFINITY,
        n: strokes,
    };
    let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
    let measured = rate_budget(&estimate, time_base_ppb).measured(&estimate);
    let evidence = evidence(row, Kernel::Rate, &measured)?;
    Ok(with_worst(evidence, n, under))
}

fn with_worst(mut evidence: Evidence, n: u32, under: &Under) -> Evidence {
    evidence.n = Some(u64::from(n));
    evidence.findings.push(Finding::WorstUnder {
        fault: under.fault.clone(),
        trial: under.trial,
    });
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_stretch_is_found_wherever_it_is() {
        let mut edges_ns: Vec<i64> = (0..40).map(|it| it * 10_000_000).collect();
        let faster: Vec<i64> = (1..=5).map(|it| 390_000_000 + it * 6_000_000).collect();
        edges_ns.extend(faster);
        let stretch = fastest_stretch(&edges_ns, 10).unwrap();
        // Five of 10 ms and five of 6 ms.
        assert_eq!(length_ns(stretch), 80_000_000);
        assert_eq!(stretch.len(), 11);
        assert_eq!(fastest_stretch(&edges_ns[..10], 10), None);
        assert_eq!(fastest_stretch(&[], 10), None);
    }
}
