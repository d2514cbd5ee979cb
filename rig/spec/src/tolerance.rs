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

impl Tolerance {
    /// Decides what is at least `value`: beyond the upper limit it fails as a value does, within
    /// it nothing is shown; at or above the lower acceptance limit it passes, below it nothing is
    /// shown.
    #[must_use]
    pub fn decide_at_least(self, value: i64, guard_band: u64) -> Verdict {
        let (value, guard_band) = (i128::from(value), i128::from(guard_band));
        let lower = match self.lower.map(i128::from) {
            Some(limit) if value < limit + guard_band => Verdict::Inconclusive,
            _ => Verdict::Pass,
        };
        let upper = match self.upper.map(i128::from) {
            Some(limit) if value > limit + guard_band => Verdict::Fail,
            Some(_) => Verdict::Inconclusive,
            None => Verdict::Pass,
        };
        lower.max(upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Limits 350 000 to 650 000 nm.
    fn two_sided() -> Tolerance {
        Tolerance::new(Unit::Millimeter, Some(350_000), Some(650_000)).unwrap()
    }

    #[track_caller]
    fn check(tolerance: Tolerance, guard_band: u64, value: i64, expected: Verdict) {
        assert_eq!(
            tolerance.decide(value, guard_band),
            expected,
            "{value} with w = {guard_band}"
        );
    }

    #[test]
    fn guard_band_is_inconclusive_on_both_sides_of_each_tolerance_limit() {
        for (value, expected) in [
            (339_999, Verdict::Fail),
            (340_000, Verdict::Inconclusive),
            (350_000, Verdict::Inconclusive),
            (359_999, Verdict::Inconclusive),
            (360_000, Verdict::Pass),
            (500_000, Verdict::Pass),
            (640_000, Verdict::Pass),
            (640_001, Verdict::Inconclusive),
            (660_000, Verdict::Inconclusive),
            (660_001, Verdict::Fail),
        ] {
            check(two_sided(), 10_000, value, expected);
        }
    }

    #[test]
    fn without_a_guard_band_the_limit_belongs_to_the_pass_side() {
        check(two_sided(), 0, 350_000, Verdict::Pass);
        check(two_sided(), 0, 349_999, Verdict::Fail);
        check(two_sided(), 0, 650_000, Verdict::Pass);
        check(two_sided(), 0, 650_001, Verdict::Fail);
    }

    #[test]
    fn a_one_sided_tolerance_is_open_on_its_other_side() {
        let at_most = Tolerance::new(Unit::Millimeter, None, Some(50_000)).unwrap();
        check(at_most, 1_000, i64::MIN, Verdict::Pass);
        check(at_most, 1_000, 49_000, Verdict::Pass);
        check(at_most, 1_000, 49_001, Verdict::Inconclusive);
        check(at_most, 1_000, 51_001, Verdict::Fail);
        let at_least = Tolerance::new(Unit::Millimeter, Some(50_000), None).unwrap();
        check(at_least, 1_000, i64::MAX, Verdict::Pass);
        check(at_least, 1_000, 50_999, Verdict::Inconclusive);
        check(at_least, 1_000, 48_999, Verdict::Fail);
    }

    #[test]
    fn an_uncertainty_wider_than_the_tolerance_passes_nothing() {
        for value in (300_000..=700_000).step_by(10_000) {
            assert_ne!(two_sided().decide(value, 150_001), Verdict::Pass);
        }
    }

    #[test]
    fn what_accepts_everything_or_nothing_is_no_tolerance() {
        assert_eq!(
            Tolerance::new(Unit::Second, None, None),
            Err(ToleranceError::Open)
        );
        assert_eq!(
            Tolerance::new(Unit::Second, Some(2), Some(1)),
            Err(ToleranceError::Crossed)
        );
        assert!(Tolerance::new(Unit::Second, Some(1), Some(1)).is_ok());
    }

    proptest! {
        /// Moving further out of the tolerance never improves a verdict.
        #[test]
        fn verdicts_only_worsen_outwards(value in 500_000_i64..2_000_000, step in 0_i64..100_000, guard_band in 0_u64..200_000) {
            prop_assert!(two_sided().decide(value, guard_band) <= two_sided().decide(value + step, guard_band));
        }

        /// A wider guard band never turns anything into a pass or a fail.
        #[test]
        fn more_uncertainty_never_decides_more(value in 0_i64..1_000_000, guard_band in 0_u64..200_000, more in 0_u64..200_000) {
            let wide = two_sided().decide(value, guard_band + more);
            prop_assert!(wide == two_sided().decide(value, guard_band) || wide == Verdict::Inconclusive);
        }

        /// Any value at all gets a verdict, and acceptance limits say the same as the verdict.
        #[test]
        fn a_pass_lies_within_the_acceptance_limits(value in any::<i64>(), guard_band in any::<u64>()) {
            let (lower, upper) = two_sided().acceptance(guard_band);
            let within = lower.is_none_or(|it| value >= it) && upper.is_none_or(|it| value <= it);
            prop_assert_eq!(two_sided().decide(value, guard_band) == Verdict::Pass, within);
        }
    }

    #[test]
    fn a_lower_bound_passes_above_a_lower_limit_fails_above_an_upper_one_and_shows_no_more() {
        let limits = |lower, upper| Tolerance::new(Unit::Minute, lower, upper).unwrap();
        for (lower, upper, value, expected) in [
            (Some(60), None, 66, Verdict::Pass),
            (Some(60), None, 61, Verdict::Pass),
            (Some(60), None, 60, Verdict::Inconclusive),
            (Some(60), None, 5, Verdict::Inconclusive),
            (None, Some(60), 66, Verdict::Fail),
            (None, Some(60), 61, Verdict::Inconclusive),
            (None, Some(60), 0, Verdict::Inconclusive),
            (Some(50), Some(60), 55, Verdict::Inconclusive),
            (Some(50), Some(60), 66, Verdict::Fail),
        ] {
            assert_eq!(
                limits(lower, upper).decide_at_least(value, 1),
                expected,
                "{value} of {lower:?} to {upper:?}"
            );
        }
    }
}
