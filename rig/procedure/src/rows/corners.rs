//! The row of the corners of the operating range.

use super::{RowError, capture, depth, rate, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Micrometers, Millivolts, Nanoseconds, StrokesPerMinute};
use rig_bench::{Actuation, Actuator, Bench};
use rig_measure::NotMeasurable;
use rig_spec::{Corner, Decimal, Decision, Doubt, Evidence, Finding, Row, Setting, Verdict};

/// After the supply has changed, a pen at rest has seen it.
const SUPPLY_SETTLE: Nanoseconds = Nanoseconds::from_millis(500);

/// What came of one corner under one row.
struct Held {
    corner: Corner,
    verdict: Verdict,
    /// Distance to the nearest acceptance limit over half the width between the tolerance limits,
    /// in millionths: lengths and rates compare by it.
    margin: i64,
}

/// COR-01: every depth of the row at every rate at every supply voltage, each held against the
/// unit row of its depth and the unit row of its rate, under these rows' own rules.
///
/// The verdict is that of the worst. Within its guard band a corner is neither inside nor outside,
/// and the row is inconclusive. A corner where the pen could not be measured does not take a fail
/// elsewhere away; without one, the row has no verdict and says which corner it was.
pub(crate) fn every<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    depth_rows: &[&Row],
    rate_rows: &[&Row],
) -> Result<Evidence, RowError> {
    let depth_rows = matching(row, &row.depth, depth_rows, |it| it.depth.one())?;
    let rate_rows = matching(row, &row.rate, rate_rows, |it| it.rate.one())?;
    let supplies = supplies(row)?;
    pen.insist_actuator(Actuator::Supply, "supply")?;
    let mut seen = Seen::default();
    for &supply in &supplies {
        let nominal = Actuation::Supply(crate::NOMINAL_SUPPLY);
        pen.under(Actuation::Supply(supply), nominal, |pen| {
            pen.session.wait(SUPPLY_SETTLE)?;
            for &(depth, depth_row) in &depth_rows {
                for &(rate, rate_row) in &rate_rows {
                    let at = At {
                        depth,
                        rate,
                        supply,
                    };
                    seen.take(pen, &at, depth_row, rate_row)?;
                }
            }
            Ok(())
        })?;
        pen.session.wait(SUPPLY_SETTLE)?;
    }
    pen.lock_depth()?;
    seen.evidence()
}

/// The setting of one corner.
struct At {
    depth: Micrometers,
    rate: StrokesPerMinute,
    supply: Millivolts,
}

/// What was seen of the corners so far.
#[derive(Default)]
struct Seen {
    inside: u32,
    of: u32,
    n: u32,
    worst: Option<Held>,
    /// The first corner that could not be measured, and why.
    unmeasured: Option<String>,
}

impl Seen {
    /// Measures one corner and judges it under both rows.
    fn take<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        at: &At,
        depth_row: &Row,
        rate_row: &Row,
    ) -> Result<(), RowError> {
        self.n += 1;
        let held = match corner(pen, at, depth_row, rate_row) {
            Ok(held) => held,
            Err(
                error @ (RowError::Precondition(_)
                | RowError::NotMeasurable(
                    NotMeasurable::TooFewStrokes { .. } | NotMeasurable::Shape { .. },
                )),
            ) => {
                let where_to = format!("{}, {} and {}", at.depth, at.rate, at.supply);
                self.unmeasured
                    .get_or_insert_with(|| format!("at {where_to}: {error}"));
                return pen.recover();
            }
            Err(error) => return Err(error),
        };
        self.of += 1;
        if held.iter().all(|it| it.verdict == Verdict::Pass) {
            self.inside += 1;
        }
        for held in held {
            let is_worse = self
                .worst
                .as_ref()
                .is_none_or(|worst| (held.verdict, -held.margin) > (worst.verdict, -worst.margin));
            if is_worse {
                self.worst = Some(held);
            }
        }
        Ok(())
    }

    fn evidence(self) -> Result<Evidence, RowError> {
        let verdict = self.worst.as_ref().map(|it| it.verdict);
        if let Some(unmeasured) = self.unmeasured
            && verdict != Some(Verdict::Fail)
        {
            let (of, n) = (self.of, self.n);
            return Err(RowError::Precondition(format!(
                "{unmeasured}; {of} of {n} corners were measured"
            )));
        }
        let (inside, of) = (self.inside, self.of);
        let mut findings = vec![Finding::CornersInside { inside, of }];
        findings.extend(self.worst.map(|it| Finding::WorstCorner(it.corner)));
        let evidence = Evidence::findings(findings, u64::from(of));
        Ok(if verdict == Some(Verdict::Inconclusive) {
            evidence.in_doubt(Doubt::FindingUncertain)
        } else {
            evidence
        })
    }
}

/// One corner: as many strokes as the depth row wants over as long as the rate row wants.
fn corner<B: Bench>(
    pen: &mut Pen<'_, B>,
    at: &At,
    depth_row: &Row,
    rate_row: &Row,
) -> Result<[Held; 2], RowError> {
    let n_strokes = stated(depth_row, "n", depth_row.n)? as usize;
    let length = stated(rate_row, "window_s", rate_row.window.one())?;
    pen.set(at.depth, at.rate)?;
    pen.start()?;
    pen.session.wait(capture::SETTLE)?;
    let window = capture::running_strokes_and_time(pen, at.rate, n_strokes, length)?;
    let by_depth = depth_evidence(pen, at, depth_row, &window)?;
    let by_rate = rate::mean(pen, rate_row, &window)?;
    Ok([
        held(at, depth_row, &by_depth)?,
        held(at, rate_row, &by_rate)?,
    ])
}

fn depth_evidence<B: Bench>(
    pen: &mut Pen<'_, B>,
    at: &At,
    depth_row: &Row,
    window: &Window,
) -> Result<Evidence, RowError> {
    let measured = depth::mean_value_at(pen, at.rate, window)?;
    super::evidence(depth_row, super::Kernel::Length, &measured)
}

/// Judges a corner under a unit row.
fn held(at: &At, row: &Row, evidence: &Evidence) -> Result<Held, RowError> {
    let decision = row
        .judge(evidence)
        .map_err(|error| RowError::Precondition(format!("{}: {error}", row.id)))?;
    let measured = stated(row, "unit", evidence.measured)?;
    let corner = Corner {
        depth: at.depth,
        rate: at.rate,
        supply: at.supply,
        row: row.id.clone(),
        unit: super::unit_of(row)?,
        value: measured.value,
        expanded: measured.expanded,
    };
    Ok(Held {
        corner,
        verdict: decision.verdict,
        margin: margin(row, &decision, measured.value)?,
    })
}

/// How far a value is inside its acceptance limits, as a share of half the tolerance, in millionths.
fn margin(row: &Row, decision: &Decision, value: i64) -> Result<i64, RowError> {
    let limits = row
        .tolerance
        .and_then(|it| Some((it.lower()?, it.upper()?)));
    let (lower, upper) = stated(row, "lower", limits)?;
    let below = decision
        .acceptance_upper
        .map(|it| i128::from(it) - i128::from(value));
    let above = decision
        .acceptance_lower
        .map(|it| i128::from(value) - i128::from(it));
    let inside = stated(row, "lower", below.into_iter().chain(above).min())?;
    let width = (i128::from(upper) - i128::from(lower)).max(1);
    i64::try_from(2_000_000 * inside / width)
        .map_err(|_| RowError::Precondition(format!("{}: a value beyond all limits", row.id)))
}

/// Each setting of the row with the unit row that has it; a setting without one cannot be judged.
fn matching<'r, T: Copy + PartialEq>(
    row: &Row,
    settings: &Setting<T>,
    rows: &[&'r Row],
    of: impl Fn(&Row) -> Option<T>,
) -> Result<Vec<(T, &'r Row)>, RowError> {
    let settings: &[T] = match settings {
        Setting::One(one) => std::slice::from_ref(one),
        Setting::List(list) => list,
        Setting::NotStated | Setting::Words(_) => {
            let cause = format!("{} does not list its depths and rates", row.id);
            return Err(RowError::Precondition(cause));
        }
    };
    let find = |setting: &T| {
        let found = rows.iter().find(|it| of(it) == Some(*setting));
        found.map(|it| (*setting, *it)).ok_or_else(|| {
            RowError::Precondition(format!("no unit row has a corner of {}", row.id))
        })
    };
    settings.iter().map(find).collect()
}

/// The voltages in the words of the `supply` cell, such as `3.3, 3.7, 4.2 V`.
fn supplies(row: &Row) -> Result<Vec<Millivolts>, RowError> {
    let volts = |part: &str| {
        let cell = Decimal::parse(part.trim()).ok()?.times(1_000, 1)?;
        u32::try_from(cell).ok().map(Millivolts)
    };
    let cell = row.cell("supply").strip_suffix(" V");
    let supplies: Option<Vec<Millivolts>> = cell.and_then(|it| it.split(',').map(volts).collect());
    stated(row, "supply", supplies)
}
