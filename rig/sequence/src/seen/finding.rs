//! What is collected while a trace is looked through.

use super::Judged;
use super::surroundings::Surroundings;
use crate::violation::{Property, Violation};
use firmware_units::Nanoseconds;
use rig_spec::Verdict;

/// Violations, doubts, and how much was judged.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    /// In the order in which they were found.
    pub(crate) violations: Vec<Violation>,
    /// Why the rest is not shown to hold, in the order in which it was found.
    pub(crate) doubts: Vec<String>,
    /// What there was to judge.
    pub(crate) judged: Judged,
}

impl Finding {
    /// Keeps a violation.
    pub(crate) fn violation(
        &mut self,
        around: &Surroundings,
        property: Property,
        at: Nanoseconds,
        expected: String,
        observed: String,
    ) {
        self.violations.push(Violation {
            property,
            at,
            step: *around.step.at(at),
            expected,
            observed,
        });
    }

    /// Keeps a doubt.
    pub(crate) fn doubt(&mut self, at: Nanoseconds, cause: &str) {
        self.doubts.push(format!("at {}: {cause}", seconds(at)));
    }

    /// Keeps what a verdict says of something: nothing if it passes.
    pub(crate) fn verdict(
        &mut self,
        around: &Surroundings,
        verdict: Verdict,
        property: Property,
        at: Nanoseconds,
        (expected, observed): (String, String),
    ) {
        match verdict {
            Verdict::Pass => {}
            Verdict::Inconclusive => {
                self.doubt(at, &format!("{property:?}: {observed}; wanted {expected}"));
            }
            Verdict::Fail => self.violation(around, property, at, expected, observed),
        }
    }
}

/// A time, in seconds.
pub(crate) fn seconds(time: Nanoseconds) -> String {
    format!("{:.4} s", time.seconds())
}

/// A length, nm, in millimetres.
pub(crate) fn mm(nanometers: f64) -> String {
    format!("{:.3} mm", nanometers * 1e-6)
}

/// A rate, µHz, in strokes a second.
pub(crate) fn per_s(microhertz: f64) -> String {
    format!("{:.3} strokes/s", microhertz * 1e-6)
}
