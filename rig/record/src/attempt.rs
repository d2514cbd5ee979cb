//! One attempt on one row.

use crate::NotRun;
use firmware_units::Nanoseconds;
use rig_spec::{Decision, Evidence, Pool, SharedText};
use serde::{Deserialize, Serialize};

/// One attempt on one row; every attempt is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first, 2 for the re-measurement.
    pub number: u32,
    /// The condition as it was set, in words.
    pub condition: SharedText,
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

impl Attempt {
    /// What was found out, and the verdict on this attempt alone if it was judged; nothing if it was
    /// not measured.
    #[must_use]
    pub fn found(&self) -> Option<(&Evidence, Option<&Decision>)> {
        match &self.end {
            AttemptEnd::Judged { evidence, decision } => Some((evidence, Some(decision))),
            AttemptEnd::Reported { evidence } => Some((evidence, None)),
            AttemptEnd::NotMeasured(_) => None,
        }
    }

    /// Keeps its texts once with all that are alike.
    pub fn share(&mut self, pool: &mut Pool) {
        pool.share(&mut self.condition);
        match &mut self.end {
            AttemptEnd::Judged { evidence, .. } | AttemptEnd::Reported { evidence } => {
                pool.share_budget(&mut evidence.budget);
            }
            AttemptEnd::NotMeasured(_) => {}
        }
    }
}
