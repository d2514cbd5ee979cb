//! What a sequence costs in bench time.

use crate::action::{Action, Sequence, Step};
use firmware_units::Microseconds;

/// A request and its reply on the line, about.
const ROUND_TRIP_US: u64 = 5_000;
/// A cartridge that goes in or out.
const CARTRIDGE_US: u64 = 50_000;
/// The look at the end, about.
const CLOSING_US: u64 = 8_000_000;

/// Bench time that a sequence takes, the look at its end with it: an estimate before it has run.
///
/// A request counts 5 ms, a cartridge 50 ms, the look 8 s. Replies that do not come (250 ms each)
/// and what a bench takes to move a part are not foreseen.
#[must_use]
pub fn bench_time(sequence: &Sequence) -> Microseconds {
    let steps = sequence.steps.iter().map(step);
    Microseconds(steps.fold(CLOSING_US, u64::saturating_add))
}

fn step(step: &Step) -> u64 {
    let own = match &step.action {
        Action::Send(_) | Action::Repeat | Action::Late { .. } => ROUND_TRIP_US,
        Action::Burst(requests) => ROUND_TRIP_US.saturating_mul(requests.len() as u64),
        Action::Recalibrate => 2 * ROUND_TRIP_US,
        Action::Cartridge(_) => CARTRIDGE_US,
        _ => 0,
    };
    step.after.0.saturating_add(own)
}
