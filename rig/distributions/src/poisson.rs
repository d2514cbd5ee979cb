//! The Poisson distribution of a count with the given mean.

use crate::gamma;
use crate::stirling::{log_excess, stirling_error};

/// Probability of `k`. NaN unless `mean` ≥ 0, finite.
#[must_use]
pub fn pmf(k: u64, mean: f64) -> f64 {
    if !is_mean(mean) {
        return f64::NAN;
    }
    if mean == 0.0 {
        return if k == 0 { 1.0 } else { 0.0 };
    }
    weight(k as f64, mean)
}

/// Probability of at most `k`. NaN unless `mean` ≥ 0, finite.
#[must_use]
pub fn cdf(k: u64, mean: f64) -> f64 {
    if is_mean(mean) {
        gamma::upper(k as f64 + 1.0, mean)
    } else {
        f64::NAN
    }
}

/// Probability of more than `k`. NaN unless `mean` ≥ 0, finite.
#[must_use]
pub fn sf(k: u64, mean: f64) -> f64 {
    if is_mean(mean) {
        gamma::lower(k as f64 + 1.0, mean)
    } else {
        f64::NAN
    }
}

fn is_mean(mean: f64) -> bool {
    mean >= 0.0 && mean.is_finite()
}

/// e^−m mᵏ/k! for `mean` > 0 and a whole `k` (Loader 2000).
pub(crate) fn weight(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return libm::exp(-mean);
    }
    let deviance = k * log_excess((mean - k) / k, mean / k);
    libm::exp(-deviance - stirling_error(k)) / libm::sqrt(2.0 * core::f64::consts::PI * k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_cases() {
        let e = libm::exp(-2.0);
        assert!((pmf(3, 2.0) / (e * 8.0 / 6.0) - 1.0).abs() < 1e-14);
        assert!((cdf(1, 2.0) / (3.0 * e) - 1.0).abs() < 1e-14);
        assert!((sf(0, 2.0) + libm::expm1(-2.0)).abs() < 1e-15);
        assert_eq!(pmf(0, 0.0), 1.0);
        assert_eq!(pmf(1, 0.0), 0.0);
        assert_eq!(cdf(0, 0.0), 1.0);
        for mean in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(pmf(1, mean).is_nan() && cdf(1, mean).is_nan() && sf(1, mean).is_nan());
        }
    }
}
