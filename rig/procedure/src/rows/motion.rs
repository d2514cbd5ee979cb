//! Rows of reaction time: stop, lost link, stall.

use super::{Kernel, RowError, capture, depth, evidence, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::Request;
use rig_bench::{Actuation, Bench, Shaft};
use rig_measure::{Estimate, Settling, duration_budget, time_below, time_to_rest};
use rig_spec::{Decimal, Evidence, Row, Unit};

/// Sight before the event, so that the window surely holds it.
const BEFORE: Nanoseconds = Nanoseconds::from_millis(60);
/// It must stay at rest so long before rest is believed.
const HOLD_S: f64 = 0.15;
/// Beyond twice the row's limit, what has not settled is watched no longer.
const MARGIN: Nanoseconds = Nanoseconds::from_millis(400);

/// The number before a unit in the words of a `to_event` cell, `at most 0.05 mm`.
fn threshold(row: &Row, unit_word: &str) -> Result<Decimal, RowError> {
    let text = row.to_event.as_deref().unwrap_or("");
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = words
        .windows(2)
        .find(|pair| pair[1].trim_end_matches(',') == unit_word)
        .and_then(|pair| Decimal::parse(pair[0]).ok());
    number.ok_or_else(|| {
        RowError::Precondition(format!(
            "{} names no number of {unit_word} in `to_event`",
            row.id
        ))
    })
}

/// How long an event is watched: twice the row's limit and a margin, so that what has not settled
/// by then is beyond the limit whatever its uncertainty.
fn watch(row: &Row) -> Result<Nanoseconds, RowError> {
    let upper = row.tolerance.and_then(rig_spec::Tolerance::upper);
    let microseconds = u64::try_from(stated(row, "upper", upper)?).unwrap_or(0);
    Ok(Nanoseconds(2_000 * microseconds) + MARGIN)
}

/// The longest of several reaction times.
#[derive(Default)]
struct Longest {
    estimate: Option<Estimate>,
    n: usize,
}

impl Longest {
    /// Takes one time; false if nothing had settled by the end of the watch: the row has failed,
    /// by a bound, and is not repeated.
    fn take(&mut self, settling: Settling) -> Result<bool, RowError> {
        let (estimate, settled) = match settling {
            // Rest before the event is no reaction to it.
            Settling::After(estimate) if estimate.value <= 0.0 => {
                let cause = "nothing was left to stop when the event came".to_owned();
                return Err(RowError::Precondition(cause));
            }
            Settling::After(estimate) => (estimate, true),
            Settling::NotWithin { observed_s } => {
                let bound = Estimate {
                    value: observed_s,
                    u: 1e-3,
                    dof: f64::INFINITY,
                    n: 1,
                };
                (bound, false)
            }
        };
        self.n += 1;
        if self
            .estimate
            .is_none_or(|longest| estimate.value > longest.value)
        {
            self.estimate = Some(estimate);
        }
        Ok(settled)
    }

    fn evidence(
        &self,
        row: &Row,
        time_base_ppb: u32,
        event_u_s: f64,
    ) -> Result<Evidence, RowError> {
        let estimate = self
            .estimate
            .ok_or_else(|| RowError::Precondition(format!("{} was repeated zero times", row.id)))?;
        let measured = duration_budget(&estimate, time_base_ppb, event_u_s).measured(&estimate);
        let mut evidence = evidence(row, Kernel::Time, &measured)?;
        evidence.n = Some(self.n as u64);
        Ok(evidence)
    }
}

fn event_u_s<B: Bench>(pen: &mut Pen<'_, B>) -> f64 {
    pen.session.chain().fixture().time_jitter_ns as f64 * 1e-9 / libm::sqrt(3.0)
}

/// Repeats one stimulus on a running pen and takes the longest time until the needles rest.
fn until_rest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    mut stimulus: impl FnMut(&mut Pen<'_, B>) -> Result<Nanoseconds, RowError>,
) -> Result<Evidence, RowError> {
    let (set_depth, rate) = conditions(row)?;
    let n = stated(row, "n", row.n)?;
    let at_most = Unit::Millimeter.to_record(threshold(row, "mm")?);
    let at_most = stated(row, "to_event", at_most)? as f64;
    let zero = depth::zero(pen)?;
    let threshold_nm = zero.level.value - zero.block_height_nm + at_most;
    let watch = watch(row)?;
    let mut longest = Longest::default();
    for _ in 0..n {
        pen.set(set_depth, rate)?;
        pen.start()?;
        pen.session.wait(capture::SETTLE)?;
        let window = pen.session.chain().open();
        pen.session.wait(BEFORE)?;
        pen.insist_running()?;
        let event = stimulus(pen)?;
        pen.session.run_until(event + watch)?;
        let window: Window = pen.session.chain().close(window)?;
        if !longest.take(time_to_rest(&window.gauge, event, threshold_nm, HOLD_S)?)? {
            break;
        }
        settle(pen)?;
    }
    let time_base_ppb = pen
        .session
        .chain()
        .gauge_instrument()
        .certificate
        .time_base_ppb;
    let event_u_s = event_u_s(pen);
    longest.evidence(row, time_base_ppb, event_u_s)
}

fn conditions(row: &Row) -> Result<(Micrometers, StrokesPerMinute), RowError> {
    let depth = stated(row, "depth_mm", row.depth.one())?;
    Ok((depth, stated(row, "rate_per_s", row.rate.one())?))
}

/// Back to rest, with what the stimulus latched cleared on purpose.
fn settle<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    pen.wait_for_rest()?;
    pen.session.stop_heartbeat();
    pen.clear_faults()
}

/// SAF-08: STOP, from the last bit of its frame.
pub(crate) fn stop<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    until_rest(pen, row, |pen| pen.expect_done(Request::Stop))
}

/// SAF-06: the host falls silent, from the last bit it sent.
pub(crate) fn lost_link<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    until_rest(pen, row, |pen| {
        pen.session.stop_heartbeat();
        pen.expect_done(Request::Heartbeat)
    })
}

/// SAF-03: the shaft is locked; until the motor current is gone.
pub(crate) fn stall<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let (depth, rate) = conditions(row)?;
    let n = stated(row, "n", row.n)?;
    let below_ma = stated(row, "to_event", threshold(row, "mA")?.times(1, 1))? as f64;
    let watch = watch(row)?;
    let mut longest = Longest::default();
    for _ in 0..n {
        pen.set(depth, rate)?;
        pen.start()?;
        pen.session.wait(capture::SETTLE)?;
        let window = pen.session.chain().open();
        pen.session.wait(BEFORE)?;
        pen.insist_running()?;
        let event = pen.session.now();
        pen.session.actuate(Actuation::Shaft(Shaft::Locked))?;
        pen.session.wait(watch)?;
        let window = pen.session.chain().close(window)?;
        let settled = longest.take(time_below(&window.current, event, below_ma * 1e3, HOLD_S)?)?;
        pen.session.actuate(Actuation::Shaft(Shaft::Free))?;
        if !settled {
            break;
        }
        settle(pen)?;
    }
    let time_base_ppb = pen
        .session
        .chain()
        .current_instrument()
        .certificate
        .time_base_ppb;
    let event_u_s = event_u_s(pen);
    longest.evidence(row, time_base_ppb, event_u_s)
}
