//! Tolerance limits, acceptance limits, and the comparison.

use crate::{Unit, Verdict};

/// Why two cells are no tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToleranceError {
    /// Neither limit is there: everything would be accepted.
    #[error("neither a lower nor an upper limit")]
    Open,
    /// The lower limit is above the upper: nothing would be accepted.
    #[error("lower limit is above upper limit")]
    Crossed,
}

/// Tolerance limits in record units; one may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    // Invariant: at least one limit, and lower <= upper.
    unit: Unit,
    lower: Option<i64>,
    upper: Option<i64>,
}

impl Tolerance {
    /// Limits in record units of `unit`.
    ///
    /// # Errors
    /// [`ToleranceError::Open`] without any limit, [`ToleranceError::Crossed`] if no value could
    /// lie within.
    pub fn new(unit: Unit, lower: Option<i64>, upper: Option<i64>) -> Result<Self, ToleranceError> {
        match (lower, upper) {
            (None, None) => Err(ToleranceError::Open),
            (Some(lower), Some(upper)) if lower > upper => Err(ToleranceError::Crossed),
            _ => Ok(Self { unit, lower, upper }),
        }
    }

    /// The unit the table writes the limits in.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// Lower tolerance limit, record units.
    #[must_use]
    pub fn lower(self) -> Option<i64> {
        self.lower
    }

    /// Upper tolerance limit, record units.
    #[must_use]
    pub fn upper(self) -> Option<i64> {
        self.upper
    }

    /// Lower and upper acceptance limit for a guard band.
    #[must_use]
    pub fn acceptance(self, guard_band: u64) -> (Option<i64>, Option<i64>) {
        let lower = self
            .lower
            .map(|limit| limit.saturating_add_unsigned(guard_band));
        let upper = self
            .upper
            .map(|limit| limit.saturating_sub_unsigned(guard_band));
        (lower, upper)
    }

    /// How far a value lies beyond the nearer limit; zero or negative within the tolerance.
    #[must_use]
    pub fn excess(self, value: i64) -> i128 {
        let below = self
            .lower
            .map(|limit| i128::from(limit) - i128::from(value));
        let above = self
            .upper
            .map(|limit| i128::from(value) - i128::from(limit));
        // Without any limit, which the invariant excludes, nothing would be within.
        below.max(above).unwrap_or(i128::MAX)
    }

    /// Decides one value: the guard band stands on both sides of each limit, and every limit
    /// belongs to the better side of it.
    #[must_use]
    pub fn decide(self, value: i64, guard_band: u64) -> Verdict {
        let excess = self.excess(value);
        let guard_band = i128::from(guard_band);
        if excess <= -guard_band {
            Verdict::Pass
        } else if excess <= guard_band {
            Verdict::Inconclusive
        } else {
            Verdict::Fail
        }
    }
}
