//! The file that keeps a failing sequence: values, not a seed, to be read and edited by a person.
//!
//! ```toml
//! # A sequence that a pen failed. `penrig replay FILE` runs it again.
//! format = 1
//!
//! [violated]
//! property = "ceiling"
//! expected = "at most 1.65 mm"
//! observed = "1.78 mm +/- 0.03 mm"
//! at = "2.104 s"
//! step = 4
//! failed = 5
//! of = 5
//!
//! [sequence]
//! steps = [
//!     "after 0 s  cartridge fresh 2.5 mm",
//!     "after 1 s  burst unlock; set depth 1.75 mm; start",
//! ]
//! ```
//!
//! `[origin]`, `[conditions]` and `[trace]` follow, and are not needed to run it: one written by
//! hand has `property` and `steps` alone. What a file lacks is not known, and is never made up.
//! A format that was written once is read for ever (`format-1.toml`).

mod file;
#[cfg(test)]
mod tests;
mod write;

use crate::action::Sequence;
use crate::file::{Conditions, differences};
use crate::profile::Origin;
use crate::violation::Property;
use firmware_units::Nanoseconds;

/// A sequence that a pen failed, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What was violated.
    pub found: Found,
    /// What is run; never empty.
    pub sequence: Sequence,
    /// From where it was drawn, before it was made short; nothing if it was written by hand.
    pub origin: Option<Origin>,
    /// On what it failed.
    pub conditions: Conditions,
    /// What happened around the failure, in order of time.
    pub trace: Vec<Remark>,
    /// Name of the file that holds the waveform around the failure.
    pub waveform: Option<String>,
}

/// What was violated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which property.
    pub property: Property,
    /// What should have been.
    pub expected: Option<String>,
    /// What was.
    pub observed: Option<String>,
    /// When it showed, from the beginning of the sequence.
    pub at: Option<Nanoseconds>,
    /// In which step, from zero.
    pub step: Option<usize>,
    /// How often it failed.
    pub flakiness: Option<Flakiness>,
}

/// How often a sequence failed of how many runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flakiness {
    /// Runs that failed.
    pub failed: u32,
    /// Runs.
    pub of: u32,
}

impl Flakiness {
    /// Whether some runs held.
    #[must_use]
    pub const fn is_flaky(self) -> bool {
        self.failed < self.of
    }
}

/// One row of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// When, from the beginning of the sequence.
    pub at: Nanoseconds,
    /// What was done.
    pub action: String,
    /// What should have followed.
    pub expected: String,
    /// What did.
    pub observed: String,
}

impl Counterexample {
    /// What differs between the conditions under which it failed and those given, a sentence each,
    /// and what is not known; empty if nothing does.
    ///
    /// The sequence can be run all the same: a step is a value, and means the same to every pen that
    /// speaks the protocol.
    #[must_use]
    pub fn differences(&self, now: &Conditions) -> Vec<String> {
        differences("failed", (&self.conditions, self.origin), now)
    }
}
