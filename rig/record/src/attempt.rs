//! One attempt on one row.

use crate::NotRun;
use firmware_units::Nanoseconds;
use rig_spec::{Decision, Evidence};
use serde::{Deserialize, Serialize};

/// One attempt on one row; every attempt is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first, 2 for the re-measurement.
    pub number: u32,
    /// The condition as it was set, in words.
    pub condition: String,
    /// Bench time at which it began.
    pub started: Nanoseconds,
    /// Bench time at which it ended.
    pub ended: Nanoseconds,
    /// What came of it.
    pub end: AttemptEnd,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptEnd {
    /// Measured and judged.
    Judged {
        /// What was found out.
        evidence: Evidence,
        /// The verdict on this attempt alone.
        decision: Decision,
    },
    /// Measured, on a row that is reported and not judged.
    Reported {
        /// What was found out.
        evidence: Evidence,
    },
    /// Not measured, and why.
    NotMeasured(NotRun),
}
