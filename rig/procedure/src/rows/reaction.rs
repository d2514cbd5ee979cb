//! What rows of reaction time share: how long is watched, and the longest of several times.

use super::words::number_before;
use super::{Kernel, RowError, evidence, stated};
use crate::pen::Pen;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::Request;
use rig_bench::Bench;
use rig_measure::{Estimate, Settling, duration_budget};
use rig_spec::{Bound, Evidence, Row};

/// Sight before the event, so that the window surely holds it.
pub(crate) const BEFORE: Nanoseconds = Nanoseconds::from_millis(60);
/// It must stay at rest so long before rest is believed.
pub(crate) const HOLD_S: f64 = 0.15;
/// Beyond twice the row's limit, what has not settled is watched no longer.
const MARGIN: Nanoseconds = Nanoseconds::from_millis(400);

/// How long an event is watched: twice the row's limit and a margin, so that what has not settled
/// by then is beyond the limit whatever its uncertainty.
pub(crate) fn watch(row: &Row) -> Result<Nanoseconds, RowError> {
    let upper = row.tolerance.and_then(rig_spec::Tolerance::upper);
    let microseconds = u64::try_from(stated(row, "upper", upper)?).unwrap_or(0);
    Ok(Nanoseconds(2_000 * microseconds) + MARGIN)
}

/// The longest of several reaction times.
#[derive(Default)]
pub(crate) struct Longest {
    estimate: Option<Estimate>,
    /// Set once one time had not ended when it was last looked at.
    bound: Option<Bound>,
    n: usize,
}

impl Longest {
    /// Takes one time; false if nothing had settled by the end of the watch: the row has failed,
    /// by a bound, and is not repeated.
    pub(crate) fn take(&mut self, settling: Settling) -> Result<bool, RowError> {
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
        if !settled {
            self.bound = Some(Bound::AtLeast);
        }
        if self
            .estimate
            .is_none_or(|longest| estimate.value > longest.value)
        {
            self.estimate = Some(estimate);
        }
        Ok(settled)
    }

    pub(crate) fn evidence(
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
        Ok(evidence.bounded(self.bound))
    }
}

/// Standard uncertainty of a bench time, s.
pub(crate) fn event_u_s<B: Bench>(pen: &mut Pen<'_, B>) -> f64 {
    pen.session.chain().fixture().time_jitter_ns as f64 * 1e-9 / libm::sqrt(3.0)
}

/// Depth and rate that the row is run at.
pub(crate) fn conditions(row: &Row) -> Result<(Micrometers, StrokesPerMinute), RowError> {
    let depth = stated(row, "depth_mm", row.depth.one())?;
    Ok((depth, stated(row, "rate_per_s", row.rate.one())?))
}

/// Back to rest, with what the stimulus latched cleared on purpose.
pub(crate) fn settle<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    pen.wait_for_rest()?;
    pen.session.stop_heartbeat();
    pen.clear_faults()
}

/// The current below which the motor counts as off, in the words of the `to_event` cell, µA.
pub(crate) fn off_ua(row: &Row) -> Result<f64, RowError> {
    let microamperes = number_before(row, "to_event", "mA")?.times(1_000, 1);
    Ok(stated(row, "to_event", microamperes)? as f64)
}

/// Stops a pen that did not react, as far as it lets itself be stopped: its verdict stands.
pub(crate) fn stop_anyhow<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    pen.session.request(Request::Stop)?;
    match settle(pen) {
        Err(RowError::Session(error)) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
