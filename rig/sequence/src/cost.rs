//! What it costs to run a sequence: time of the bench, wear of the pen.

use crate::action::{Action, Sequence};
use firmware_units::Nanoseconds;
use firmware_wire::{Request, Setting};

/// A request and its reply on the line, and what the pen takes to answer, µs.
const EXCHANGE_US: u64 = 5_000;
/// Requests of a burst share the wait, and bytes that nobody answers are waited for as long as an
/// answer may take, µs.
const UNANSWERED_US: u64 = 250_000;
/// Attaching to the chip and resetting it, µs.
const RESET_US: u64 = 50_000;
/// A page of flash lasts for 10,000 erasures (DS12232, table of flash memory endurance); one weighs
/// as much as so many strokes.
const STROKES_PER_FLASH_WRITE: u64 = 10_000;
/// Strokes that weigh as much as a second of the bench: what a pen makes in one.
const STROKES_PER_SECOND: u64 = 100;
/// Rate of a pen that was told none, strokes/min.
const DEFAULT_RATE: u64 = 7_000;

/// Cost of a run, measured or foreseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bench time.
    pub bench: Nanoseconds,
    /// Strokes of the pen.
    pub strokes: u64,
    /// Pages of the pen's flash that are erased.
    pub flash_writes: u64,
}

impl Cost {
    /// What a sequence will cost, from its steps alone: the cam is taken to turn from each START
    /// to what may end it.
    #[must_use]
    pub fn foreseen(sequence: &Sequence) -> Self {
        let mut cost_us = 0;
        let mut stroke_us = 0;
        let mut flash_writes = 0;
        let (mut running, mut rate) = (false, DEFAULT_RATE);
        for step in &sequence.steps {
            let taken = match &step.action {
                Action::Send(_) | Action::Repeat | Action::Late { .. } => EXCHANGE_US,
                Action::Burst(_) | Action::CutShort { .. } | Action::Flipped { .. } => {
                    UNANSWERED_US
                }
                Action::Garbage(_) => UNANSWERED_US,
                Action::Reset | Action::Hang => RESET_US,
                Action::Recalibrate => 2 * EXCHANGE_US,
                _ => 0,
            };
            let passing = step.after.0.saturating_add(taken);
            cost_us += passing;
            if running {
                stroke_us += passing.saturating_mul(rate) / 60;
            }
            flash_writes += u64::from(step.action == Action::Recalibrate);
            for request in requests(&step.action) {
                match request {
                    Request::Start => running = true,
                    Request::Stop | Request::Pause | Request::EndTreatment => running = false,
                    Request::Set(Setting::Rate(set)) => rate = u64::from(set.0).min(9_000),
                    Request::Calibrate { .. } => flash_writes += 1,
                    _ => {}
                }
            }
            running &= !matches!(
                step.action,
                Action::Reset | Action::Hang | Action::Cartridge(_)
            );
        }
        Self {
            bench: Nanoseconds(cost_us * 1_000),
            strokes: stroke_us / 1_000_000,
            flash_writes,
        }
    }

    /// One number to compare costs by, in milliseconds of bench time.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let strokes = self.strokes + self.flash_writes * STROKES_PER_FLASH_WRITE;
        self.bench.0 / 1_000_000 + strokes * 1_000 / STROKES_PER_SECOND
    }

    /// The cost of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            bench: self.bench + other.bench,
            strokes: self.strokes + other.strokes,
            flash_writes: self.flash_writes + other.flash_writes,
        }
    }
}

fn requests(action: &Action) -> &[Request] {
    match action {
        Action::Send(request) => std::slice::from_ref(request),
        Action::Burst(requests) => requests,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Step;
    use firmware_units::Microseconds;

    fn step(after_ms: u64, action: Action) -> Step {
        let after = Microseconds(after_ms * 1_000);
        Step { after, action }
    }

    #[test]
    fn strokes_are_made_between_start_and_stop() {
        let sequence = Sequence {
            steps: vec![
                step(3_000, Action::Send(Request::Start)),
                step(995, Action::Nothing),
                step(0, Action::Send(Request::Stop)),
                step(5_000, Action::Nothing),
            ],
        };
        let cost = Cost::foreseen(&sequence);
        // One second at 7,000 /min.
        assert_eq!(cost.strokes, 116);
        assert_eq!(cost.bench, Nanoseconds::from_millis(9_005));
        assert_eq!(cost.weight(), 9_005 + 1_160);
    }

    #[test]
    fn writing_the_flash_weighs_more_than_minutes_of_running() {
        let calibrate = Request::Calibrate {
            home_protrusion: firmware_units::Nanometers(-400_000),
            screw_lead: firmware_units::Nanometers(500_000),
        };
        let writes = Sequence {
            steps: vec![step(0, Action::Send(calibrate))],
        };
        let runs = Sequence {
            steps: vec![
                step(0, Action::Send(Request::Start)),
                step(40_000, Action::Nothing),
            ],
        };
        assert!(Cost::foreseen(&writes).weight() > Cost::foreseen(&runs).weight());
    }
}
