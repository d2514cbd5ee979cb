//! What was found out about one row in one attempt.

use crate::{Budget, Finding, Measured};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why evidence cannot carry a verdict, although a value may be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Doubt {
    /// An instrument repeated one indication while the needles moved.
    InstrumentStale,
    /// Samples were lost, and the value may hang on them.
    SamplesLost,
    /// An indication was out of the instrument's range, or the instrument saw no target.
    OutOfRange,
    /// Two independent instruments disagree by more than their uncertainties allow.
    InstrumentsDisagree,
    /// The condition that the row asks for was not reached, such as drag to 95 % of setpoint.
    StimulusNotReached,
    /// The event that begins or ends the interval was not seen.
    EventNotSeen,
    /// The gauge block moved between before and after.
    DatumMoved,
    /// The gauge block was not looked at afterwards, so that nobody knows whether it moved.
    DatumUnchecked,
    /// The estimator did not converge or its residuals contradict its model.
    EstimatorUnsound,
    /// What was found lies within its uncertainty of the limit of a clause in words.
    FindingUncertain,
}

impl Doubt {
    /// Every doubt.
    pub const ALL: [Self; 10] = [
        Self::InstrumentStale,
        Self::SamplesLost,
        Self::OutOfRange,
        Self::InstrumentsDisagree,
        Self::StimulusNotReached,
        Self::EventNotSeen,
        Self::DatumMoved,
        Self::DatumUnchecked,
        Self::EstimatorUnsound,
        Self::FindingUncertain,
    ];
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InstrumentStale => "instrument holds its last value",
            Self::SamplesLost => "samples lost",
            Self::OutOfRange => "indication out of range",
            Self::InstrumentsDisagree => "instruments disagree",
            Self::StimulusNotReached => "condition not reached",
            Self::EventNotSeen => "event not seen",
            Self::DatumMoved => "datum moved",
            Self::DatumUnchecked => "datum not checked afterwards",
            Self::EstimatorUnsound => "estimate unsound",
            Self::FindingUncertain => "finding within its uncertainty of the limit",
        })
    }
}

/// How a value stands to what was measured, where it is not the value itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bound {
    /// What was measured is at least this: it had not ended when it was last looked at.
    AtLeast,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => "at least",
        })
    }
}

/// What was found out about one row in one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Strokes, repeats or differences behind it, to be held against the row's `n`.
    pub n: Option<u64>,
    /// The measured value, where the row has numeric limits or is reported.
    pub measured: Option<Measured>,
    /// What its uncertainty is made of; empty for what is counted.
    pub budget: Budget,
    /// Set if `measured` is only a bound.
    pub bound: Option<Bound>,
    /// What was observed, where the row has an `expected` cell.
    pub findings: Vec<Finding>,
    /// Why it cannot carry a pass or a fail.
    pub doubts: Vec<Doubt>,
}

impl Evidence {
    /// A measured value from `n` strokes or repeats.
    #[must_use]
    pub fn measured(measured: Measured, n: u64) -> Self {
        Self {
            n: Some(n),
            measured: Some(measured),
            ..Self::default()
        }
    }

    /// Findings from `n` repeats.
    #[must_use]
    pub fn findings(findings: Vec<Finding>, n: u64) -> Self {
        Self {
            n: Some(n),
            findings,
            ..Self::default()
        }
    }

    /// The same evidence, its value being a bound.
    #[must_use]
    pub fn bounded(mut self, bound: Option<Bound>) -> Self {
        self.bound = bound;
        self
    }

    /// The same evidence, in doubt.
    #[must_use]
    pub fn in_doubt(mut self, doubt: Doubt) -> Self {
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
        self
    }

    /// Two attempts as one: the mean of the values with the larger uncertainty, the findings of
    /// both, the smaller n, the doubts of the second. The mean with a bound is a bound.
    ///
    /// A first attempt in doubt is left out of the mean, since its value is not to be believed;
    /// the second then stands alone. `None` if one has a value and the other has none, or if their
    /// units differ.
    #[must_use]
    pub fn mean(&self, second: &Self) -> Option<Self> {
        if !self.doubts.is_empty() {
            return Some(second.clone());
        }
        let measured = match (self.measured, second.measured) {
            (None, None) => None,
            (Some(first), Some(second)) => Some(first.mean(second)?),
            _ => return None,
        };
        let findings = self
            .findings
            .iter()
            .chain(&second.findings)
            .cloned()
            .collect();
        let n = match (self.n, second.n) {
            (Some(first), Some(second)) => Some(first.min(second)),
            _ => None,
        };
        let second_is_wider =
            second.measured.map(|it| it.expanded) > self.measured.map(|it| it.expanded);
        let wider = if second_is_wider { second } else { self };
        Some(Self {
            n,
            measured,
            budget: wider.budget.clone(),
            bound: self.bound.or(second.bound),
            findings,
            doubts: second.doubts.clone(),
        })
    }
}
