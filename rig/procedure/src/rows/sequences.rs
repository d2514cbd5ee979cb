//! The rows of command sequences: violations, the deepest stroke and the fastest ten of them all.

use super::{Kernel, RowError, depth, evidence, stated, unit_of};
use crate::pen::Pen;
use crate::rows::faults::{fastest_stretch, length_ns, strokes_of_mean};
use crate::sequences::{PlayError, play};
use firmware_units::{Micrometers, Microseconds, Nanometers, Nanoseconds};
use rig_bench::Bench;
use rig_measure::{Contact, Estimate, NotMeasurable, protrusion_budget, rate_budget};
use rig_sequence::model::{Model, Requirements};
use rig_sequence::{Judgement, Sequence, Trace, Violation};
use rig_spec::{Evidence, Finding, Measured, Row, Verdict};

/// Sequences with a violation that the record names; the rest is counted.
const NAMED: usize = 5;
/// A cartridge's contact stands still for so long before the pen takes it for fitted or taken out
/// (firmware/STATES.md).
const CARTRIDGE_CONTACT: Nanoseconds = Nanoseconds::from_millis(50);
/// Strokes of the mean whose largest counts, unless a row says otherwise.
const TEN: usize = 10;

/// Which sequences fall to a unit, and what they are judged by.
pub(crate) struct Campaign<'a> {
    /// Their numbers.
    pub(crate) numbers: Vec<u32>,
    /// The sequence of a number.
    pub(crate) draw: &'a dyn Fn(u32) -> Sequence,
    /// What a trace says of the pen.
    pub(crate) judge: &'a dyn Fn(&Trace) -> Judgement,
    /// The ceiling that each of a trace's strokes is held against, in their order; nothing for a
    /// stroke without one.
    pub(crate) ceilings: &'a dyn Fn(&Trace) -> Vec<Option<Micrometers>>,
    /// Strokes of the mean whose largest counts.
    pub(crate) strokes_of_mean: usize,
}

/// A sequence in which the pen did what it must not.
#[derive(Clone, Debug, PartialEq)]
pub struct Violating {
    /// Its number.
    pub number: u32,
    /// What was done to the pen.
    pub sequence: Sequence,
    /// What was done and seen.
    pub trace: Trace,
    /// What was violated, in order of time.
    pub violations: Vec<Violation>,
}

/// What happens while sequences are run.
pub(crate) enum Note {
    /// So many are done.
    Done(usize),
    /// One in which the pen failed.
    Violating(Box<Violating>),
}

/// The stroke that went furthest beyond its ceiling.
#[derive(Clone, Copy, Debug)]
struct Deepest {
    excess_nm: f64,
    protrusion_nm: f64,
    fit_u_nm: f64,
}

/// What all the sequences of a unit showed.
#[derive(Default)]
pub(crate) struct Sequences {
    /// How many were run and judged; what was run again counts once.
    n: u32,
    n_violations: u64,
    /// Of the first sequences with a violation, their first.
    named: Vec<Finding>,
    /// Why nothing can be claimed, if nothing can.
    void: Option<String>,
    /// Why sequences are missing, if some are.
    cut_short: Option<String>,
    deepest: Option<(Deepest, u32)>,
    n_strokes: u64,
    /// Edges of the fastest so many strokes in a row, ns.
    fastest: Option<(Vec<i64>, u32)>,
    strokes_of_mean: usize,
}

/// Runs sequences, one after the other, each from a pen as new.
///
/// One that does not tell whether the pen held is run once again; if it does not tell then either,
/// the claim that rests on the whole number is void. A pen that cannot be brought to where a
/// sequence begins ends the run: what was found before stands, and nothing is claimed.
pub(crate) fn of_all<B: Bench>(
    pen: &mut Pen<'_, B>,
    campaign: &Campaign<'_>,
    note: &mut dyn FnMut(Note),
) -> Result<Sequences, RowError> {
    if campaign.numbers.is_empty() {
        let cause = "no sequence falls to this unit".to_owned();
        return Err(RowError::Precondition(cause));
    }
    let mut all = Sequences {
        strokes_of_mean: campaign.strokes_of_mean,
        ..Sequences::default()
    };
    for (done, &number) in campaign.numbers.iter().enumerate() {
        note(Note::Done(done));
        let sequence = (campaign.draw)(number);
        for is_last in [false, true] {
            let trace = match play(pen, &sequence) {
                Ok(trace) => trace,
                Err(PlayError::Session(error)) => return Err(error.into()),
                Err(error @ PlayError::NotAsNew(_)) => {
                    all.cut_short = Some(format!("before sequence {number}: {error}"));
                    return Ok(all);
                }
            };
            all.take_extremes(&trace, &(campaign.ceilings)(&trace), number);
            match (campaign.judge)(&trace) {
                Judgement::Held => {}
                Judgement::Violated(violations) => {
                    all.take_violations(number, &violations);
                    note(Note::Violating(Box::new(Violating {
                        number,
                        sequence: sequence.clone(),
                        trace,
                        violations,
                    })));
                }
                Judgement::Inconclusive(_) if !is_last => continue,
                Judgement::Inconclusive(cause) => {
                    let void = format!("sequence {number} was inconclusive twice: {cause}");
                    all.void.get_or_insert(void);
                }
            }
            break;
        }
        all.n += 1;
    }
    note(Note::Done(campaign.numbers.len()));
    Ok(all)
}

impl Sequences {
    /// Whether they were run as a row wants them.
    pub(crate) fn are_of(&self, row: &Row) -> bool {
        strokes_of_mean(row).is_none_or(|strokes| strokes == self.strokes_of_mean)
    }

    /// The worst of all, unless sequences are missing: what failed by then has failed, and all else
    /// is not known.
    fn whole(&self, row: &Row, evidence: Evidence) -> Result<Evidence, RowError> {
        let has_failed = || {
            let decision = row.judge(&evidence);
            decision.is_ok_and(|it| it.verdict == Verdict::Fail)
        };
        match &self.cut_short {
            Some(cause) if !has_failed() => Err(RowError::Precondition(cause.clone())),
            _ => Ok(evidence),
        }
    }

    fn take_violations(&mut self, number: u32, violations: &[Violation]) {
        self.n_violations += violations.len() as u64;
        let Some(first) = violations.first().filter(|_| self.named.len() < NAMED) else {
            return;
        };
        self.named.push(Finding::Violated {
            property: format!("{:?}", first.property),
            sequence: number,
            step: u32::try_from(first.step).unwrap_or(u32::MAX),
            at: Microseconds(first.at.0 / 1_000),
            expected: first.expected.clone(),
            observed: first.observed.clone(),
        });
    }

    /// Takes what one trace has of the deepest and the fastest.
    fn take_extremes(&mut self, trace: &Trace, ceilings: &[Option<Micrometers>], number: u32) {
        for (stroke, ceiling) in trace.strokes.iter().zip(ceilings) {
            let Some(ceiling) = ceiling else { continue };
            self.n_strokes += 1;
            let excess_nm = stroke.protrusion_nm - Nanometers::from(*ceiling).0 as f64;
            let deepest = self.deepest.as_ref();
            if deepest.is_none_or(|(it, _)| excess_nm > it.excess_nm) {
                let stroke = Deepest {
                    excess_nm,
                    protrusion_nm: stroke.protrusion_nm,
                    fit_u_nm: stroke.u_nm,
                };
                self.deepest = Some((stroke, number));
            }
        }
        let edge_ns = |edge: &Nanoseconds| i64::try_from(edge.0).unwrap_or(i64::MAX);
        let edges_ns: Vec<i64> = trace.edges.iter().map(edge_ns).collect();
        if let Some(stretch) = fastest_stretch(&edges_ns, self.strokes_of_mean) {
            let fastest = self.fastest.as_ref();
            if fastest.is_none_or(|(it, _)| length_ns(stretch) < length_ns(it)) {
                self.fastest = Some((stretch.to_vec(), number));
            }
        }
    }
}

/// SAF-05: violations in the sequences that fell to this unit.
///
/// A violation is one whatever else was not decided; without one, a sequence that twice did not tell
/// leaves the row without evidence.
pub(crate) fn violations(row: &Row, all: &Sequences) -> Result<Evidence, RowError> {
    let missing = all.cut_short.as_ref().or(all.void.as_ref());
    if let Some(void) = missing.filter(|_| all.n_violations == 0) {
        return Err(RowError::Precondition(void.clone()));
    }
    let count = i64::try_from(all.n_violations).unwrap_or(i64::MAX);
    let measured = Measured::exact(unit_of(row)?.record_unit(), count);
    let mut evidence = Evidence::measured(measured, u64::from(all.n));
    evidence.findings.clone_from(&all.named);
    Ok(evidence)
}

/// DEP-09-D1: the largest protrusion above the ceiling in force, by the fit of each stroke of all
/// sequences.
///
/// Noise makes the largest of many larger than it was; that is not taken off, so that an upper limit
/// is judged on the strict side.
pub(crate) fn deepest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    all: &Sequences,
) -> Result<Evidence, RowError> {
    let Some((deepest, number)) = &all.deepest else {
        let (needed, found) = (1, 0);
        return Err(NotMeasurable::TooFewStrokes { needed, found }.into());
    };
    let zero = depth::zero(pen)?;
    let estimate = |value: f64| Estimate {
        value,
        u: deepest.fit_u_nm,
        dof: f64::INFINITY,
        n: 1,
    };
    let properties = pen.session.chain().gauge_properties();
    let protrusion = estimate(deepest.protrusion_nm);
    let fastest_hz = crate::chain::FASTEST_HZ;
    // Tops that skin flattens unseen read too deep, never too shallow: on the strict side.
    let contact = Contact::Excluded;
    let budget = protrusion_budget(&protrusion, &zero, &properties, fastest_hz, contact);
    let measured = budget.measured(&estimate(deepest.excess_nm));
    let mut evidence = evidence(row, Kernel::Length, &measured)?;
    evidence.n = Some(all.n_strokes);
    all.whole(row, with_worst(evidence, *number))
}

/// RAT-07-D1: the fastest ten strokes in a row of all sequences, by the tachometer.
pub(crate) fn fastest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    all: &Sequences,
) -> Result<Evidence, RowError> {
    let strokes = stated(row, "statistic", strokes_of_mean(row))?;
    let Some((edges_ns, number)) = all.fastest.as_ref().filter(|_| all.are_of(row)) else {
        let (needed, found) = (strokes + 1, 0);
        return Err(NotMeasurable::TooFewEdges { needed, found }.into());
    };
    let elapsed_s = length_ns(edges_ns) as f64 * 1e-9;
    let rate = strokes as f64 / elapsed_s;
    let chain = pen.session.chain();
    // Edges stand in a trace by bench time.
    let dated_u_ns = chain.fixture().time_jitter_ns as f64 / libm::sqrt(3.0);
    let edge_u_s = 1e-9 * libm::hypot(chain.fixture().edge_u_ns, dated_u_ns);
    let estimate = Estimate {
        value: rate,
        u: rate * core::f64::consts::SQRT_2 * edge_u_s / elapsed_s,
        dof: f64::INFINITY,
        n: strokes,
    };
    let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
    let measured = rate_budget(&estimate, time_base_ppb).measured(&estimate);
    let mut evidence = evidence(row, Kernel::Rate, &measured)?;
    evidence.n = Some(u64::from(all.n));
    all.whole(row, with_worst(evidence, *number))
}

/// The ceiling that each stroke of a trace is held against, by the reference model: the highest that
/// may have been in force at it or while a stop may last before it, since a ceiling that falls while
/// the pen runs stops it.
pub(crate) fn ceilings(trace: &Trace, requirements: &Requirements) -> Vec<Option<Micrometers>> {
    let mut model = Model::new(requirements);
    let mut held = vec![(Nanoseconds::ZERO, model.ceiling())];
    for event in &trace.events {
        model.event(event);
        let ceiling = model.ceiling();
        if held.last().is_none_or(|last| last.1 != ceiling) {
            held.push((event.at, ceiling));
        }
    }
    let falling = requirements.stop + CARTRIDGE_CONTACT;
    let of = |at: Nanoseconds| {
        let from = at.saturating_sub(falling);
        let begun = held.partition_point(|it| it.0 <= at);
        // The one in force at the begin of that time, and those that came in it.
        let first = held.partition_point(|it| it.0 <= from).saturating_sub(1);
        held[first..begun].iter().map(|it| it.1).max()
    };
    trace.strokes.iter().map(|it| of(it.at)).collect()
}

fn with_worst(mut evidence: Evidence, sequence: u32) -> Evidence {
    evidence.findings.push(Finding::WorstIn { sequence });
    evidence
}

/// Strokes of the mean that a row wants; ten if it names none.
pub(crate) fn mean_of(row: &Row) -> usize {
    strokes_of_mean(row).unwrap_or(TEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_sequence::{Property, Stroke};
    use rig_spec::SpecSet;
    use std::collections::BTreeMap;

    fn spec() -> SpecSet {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/pen-a1");
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
        SpecSet::parse(&files).unwrap()
    }

    fn violation(step: usize) -> Violation {
        Violation {
            property: Property::Stop,
            at: Nanoseconds::from_millis(1_234),
            step,
            expected: "at rest".to_owned(),
            observed: "turning".to_owned(),
        }
    }

    #[test]
    fn a_violation_counts_whatever_was_void_and_void_alone_is_no_evidence() {
        let spec = spec();
        let row = spec.row("SAF-05").unwrap();
        let mut all = Sequences {
            n: 100,
            ..Sequences::default()
        };
        let evidence = violations(row, &all).unwrap();
        assert_eq!(evidence.measured.map(|it| it.value), Some(0));
        assert_eq!(row.judge(&evidence).unwrap().verdict, Verdict::Pass);
        all.void = Some("sequence 7 was inconclusive twice".to_owned());
        assert!(matches!(
            violations(row, &all),
            Err(RowError::Precondition(_))
        ));
        for number in 0..7 {
            all.take_violations(number, &[violation(3), violation(4)]);
        }
        let evidence = violations(row, &all).unwrap();
        assert_eq!(evidence.measured.map(|it| it.value), Some(14));
        assert_eq!(row.judge(&evidence).unwrap().verdict, Verdict::Fail);
        // The first of each of the first five.
        assert_eq!(evidence.findings.len(), NAMED);
        let first = evidence.findings[0].to_string();
        let said = "violated Stop in sequence 0, step 3 at 1234000 µs: expected at rest | observed turning";
        assert_eq!(first, said);
    }

    #[test]
    fn the_worst_of_all_sequences_is_kept_with_its_number() {
        let stroke = |ms: u64, protrusion_nm: f64| Stroke {
            at: Nanoseconds::from_millis(ms),
            protrusion_nm,
            u_nm: 3_000.0,
        };
        let edges =
            |period_ms: u64| (0..20).map(move |it| Nanoseconds::from_millis(it * period_ms));
        let mut all = Sequences {
            strokes_of_mean: 10,
            ..Sequences::default()
        };
        let armed = Some(Micrometers(1_500));
        let slow = Trace {
            strokes: vec![stroke(0, 1_510_000.0), stroke(10, 2_400_000.0)],
            edges: edges(10).collect(),
            ..Trace::default()
        };
        // Nothing is known of the ceiling of the second.
        all.take_extremes(&slow, &[armed, None], 4);
        let fast = Trace {
            strokes: vec![stroke(0, 2_490_000.0)],
            edges: edges(7).collect(),
            ..Trace::default()
        };
        all.take_extremes(&fast, &[Some(Micrometers(2_500))], 5);
        let (deepest, number) = all.deepest.unwrap();
        assert_eq!((deepest.excess_nm, number), (10_000.0, 4));
        assert_eq!(all.n_strokes, 2);
        let (edges_ns, number) = all.fastest.unwrap();
        assert_eq!((length_ns(&edges_ns), number), (70_000_000, 5));
    }

    #[test]
    fn what_was_cut_short_has_failed_or_is_not_known() {
        let spec = spec();
        let row = spec.row("RAT-07-D1").unwrap();
        let evidence = |uhz: i64| {
            let unit = unit_of(row).unwrap().record_unit();
            let mut measured = Measured::exact(unit, uhz);
            measured.expanded = 1_000;
            Evidence::measured(measured, 10)
        };
        let cut = Sequences {
            cut_short: Some("before sequence 7: the pen is not as new".to_owned()),
            ..Sequences::default()
        };
        assert!(cut.whole(row, evidence(150_000_000)).is_err());
        assert!(cut.whole(row, evidence(170_000_000)).is_ok());
        assert!(
            Sequences::default()
                .whole(row, evidence(150_000_000))
                .is_ok()
        );
    }
}
