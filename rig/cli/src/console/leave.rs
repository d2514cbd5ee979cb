//! Stopping, parking and switching off, whatever came before.

use crate::dut::{HandSession, POLL};
use firmware_units::Nanoseconds;
use firmware_wire::{Reply, Request, State};
use rig_bench::Bench;
use rig_procedure::SessionError;

/// The pen must be at rest and parked by then.
const REST_DEADLINE: Nanoseconds = Nanoseconds::from_seconds(4);

/// How a pen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// At rest, the needles below the nose plane.
    Parked,
    /// Its needles may be out.
    NotParked,
    /// It did not answer.
    Silent,
}

/// Stops the pen, waits until it is parked, and switches it off whatever it says.
pub(crate) fn power_down<B: Bench>(mut session: HandSession<'_, B>) -> Result<Left, SessionError> {
    let left = park(&mut session);
    let off = session.bench().power_off();
    let left = left?;
    off?;
    Ok(left)
}

fn park<B: Bench>(session: &mut HandSession<'_, B>) -> Result<Left, SessionError> {
    session.request(Request::Stop)?;
    session.stop_heartbeat();
    let deadline = session.now() + REST_DEADLINE;
    loop {
        let left = match session.request(Request::GetStatus)?.reply {
            // At depth 0.00 the carriage stands where it is parked while the cam turns.
            Some(Reply::Status(status)) if status.parked && is_at_rest(status.state) => {
                return Ok(Left::Parked);
            }
            Some(Reply::Status(_)) => Left::NotParked,
            _ => Left::Silent,
        };
        if session.now() >= deadline {
            return Ok(left);
        }
        session.wait(POLL)?;
    }
}

/// Whether neither cam nor carriage moves.
pub(crate) fn is_at_rest(state: State) -> bool {
    !matches!(
        state,
        State::Boot | State::Starting | State::Running | State::Stopping
    )
}
