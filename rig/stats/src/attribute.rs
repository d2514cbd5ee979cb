//! Bounds from counts: shares, success runs, and failure rates.

use crate::sample::{StatisticError, check_share};
use rig_distributions::{beta, binomial, chi_squared};

/// No plan of practice needs more units.
const MOST: u64 = 1 << 40;

/// Bounds of a share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareBounds {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Clopper and Pearson's upper bound of the share of failing units, `failures` seen in `n`
/// (Biometrika 26, 1934): the confidence is at least the one stated.
///
/// # Errors
/// No unit, more failures than units, a confidence outside 0 to 1.
pub fn failing_share_upper_bound(
    failures: u64,
    n: u64,
    confidence: f64,
) -> Result<f64, StatisticError> {
    check_counts(failures, n)?;
    check_share("confidence", confidence)?;
    if failures == n {
        return Ok(1.0);
    }
    Ok(beta::inverse(
        confidence,
        failures as f64 + 1.0,
        (n - failures) as f64,
    ))
}

/// Clopper and Pearson's interval of a share, both bounds together.
///
/// # Errors
/// Those of [`failing_share_upper_bound`].
pub fn failing_share_bounds(
    failures: u64,
    n: u64,
    confidence: f64,
) -> Result<ShareBounds, StatisticError> {
    check_counts(failures, n)?;
    check_share("confidence", confidence)?;
    let tail = 0.5 * (1.0 - confidence);
    let (hits, misses) = (failures as f64, (n - failures) as f64);
    Ok(ShareBounds {
        lower: if failures == 0 {
            0.0
        } else {
            beta::inverse(tail, hits, misses + 1.0)
        },
        upper: if failures == n {
            1.0
        } else {
            beta::inverse_complement(tail, hits + 1.0, misses)
        },
    })
}

/// The fewest units of which at most `failures` may fail to show, with a confidence, that at least
/// a share `reliability` of all would pass. Without failures the success run: ln(1 − C)/ln R,
/// rounded up.
///
/// # Errors
/// Shares outside 0 to 1; [`StatisticError::NotConverged`] beyond 2^40 units.
pub fn units_needed(
    reliability: f64,
    confidence: f64,
    failures: u64,
) -> Result<u64, StatisticError> {
    check_share("reliability", reliability)?;
    check_share("confidence", confidence)?;
    let is_shown = |n: u64| binomial::cdf(failures, n, 1.0 - reliability) <= 1.0 - confidence;
    let mut low = failures;
    let mut high = failures.saturating_add(1);
    while !is_shown(high) {
        low = high;
        high = high.saturating_mul(2);
        if high > MOST {
            return Err(StatisticError::NotConverged);
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_shown(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Test time over mean time between failures that shows the latter with a confidence when
/// `failures` were seen, for exponential lives and a test that ends at a time: χ²_C(2f + 2)/2.
///
/// # Errors
/// A confidence outside 0 to 1.
pub fn mtbf_test_factor(failures: u64, confidence: f64) -> Result<f64, StatisticError> {
    check_share("confidence", confidence)?;
    Ok(0.5 * chi_squared::quantile(confidence, 2.0 * failures as f64 + 2.0))
}

fn check_counts(failures: u64, n: u64) -> Result<(), StatisticError> {
    if n == 0 {
        return Err(StatisticError::TooFewValues { needed: 1, got: 0 });
    }
    if failures > n {
        return Err(StatisticError::Argument {
            name: "number of failures",
            value: failures as f64,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_units_agree() {
        for (reliability, confidence, failures) in [(0.9, 0.95, 0), (0.95, 0.9, 2), (0.99, 0.99, 5)]
        {
            let n = units_needed(reliability, confidence, failures).unwrap();
            let bound = |n| failing_share_upper_bound(failures, n, confidence).unwrap();
            assert!(bound(n) <= 1.0 - reliability + 1e-12);
            assert!(bound(n - 1) > 1.0 - reliability);
        }
    }

    #[test]
    fn extremes() {
        assert_eq!(failing_share_upper_bound(5, 5, 0.95), Ok(1.0));
        assert_eq!(failing_share_bounds(0, 5, 0.95).unwrap().lower, 0.0);
        assert_eq!(failing_share_bounds(5, 5, 0.95).unwrap().upper, 1.0);
        assert!(failing_share_bounds(6, 5, 0.95).is_err());
        assert!(failing_share_bounds(0, 0, 0.95).is_err());
        assert!(failing_share_upper_bound(0, 5, f64::NAN).is_err());
        assert!(units_needed(1.0, 0.95, 0).is_err() && units_needed(0.9, 0.0, 0).is_err());
        assert!(units_needed(1.0 - 1e-15, 0.95, 0).is_err());
        assert!(units_needed(0.9, 0.95, u64::MAX).is_err());
        assert!(mtbf_test_factor(0, 1.0).is_err());
    }
}
