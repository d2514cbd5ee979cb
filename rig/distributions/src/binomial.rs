//! The binomial distribution of a count in `n` trials of probability `p`.

use crate::beta;
use crate::stirling::{log_excess, stirling_error};

/// Probability of `k` in `n`. NaN unless 0 ≤ `p` ≤ 1.
#[must_use]
pub fn pmf(k: u64, n: u64, p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if k > n {
        return 0.0;
    }
    if p == 0.0 || p == 1.0 {
        let all = if p == 0.0 { 0 } else { n };
        return if k == all { 1.0 } else { 0.0 };
    }
    let (hits, misses) = (k as f64, (n - k) as f64);
    let q = 1.0 - p;
    if k == 0 {
        return libm::exp(misses * libm::log1p(-p));
    }
    if k == n {
        return libm::exp(hits * log_of(p, q));
    }
    // k q − (n − k) p, with what 1 − p lost.
    let q_rest = (1.0 - q) - p;
    let below_mean = crate::stirling::difference_of_products(hits, q, misses, p) + hits * q_rest;
    density(hits, misses, p, q, below_mean)
}

/// Probability of at most `k` in `n`. NaN unless 0 ≤ `p` ≤ 1.
#[must_use]
pub fn cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return if (0.0..=1.0).contains(&p) {
            1.0
        } else {
            f64::NAN
        };
    }
    beta::complement(p, k as f64 + 1.0, (n - k) as f64)
}

/// Probability of more than `k` in `n`. NaN unless 0 ≤ `p` ≤ 1.
#[must_use]
pub fn sf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return if (0.0..=1.0).contains(&p) {
            0.0
        } else {
            f64::NAN
        };
    }
    beta::regularized(p, k as f64 + 1.0, (n - k) as f64)
}

/// ln p, from q = 1 − p where that has the digits.
fn log_of(p: f64, q: f64) -> f64 {
    if p > 0.5 {
        libm::log1p(-q)
    } else {
        libm::log(p)
    }
}

/// Density at `hits` > 0 and `misses` > 0, with `distance` = hits·q − misses·p (Loader 2000).
pub(crate) fn density(hits: f64, misses: f64, p: f64, q: f64, distance: f64) -> f64 {
    let n = hits + misses;
    // n p = hits − distance, n q = misses + distance.
    let deviance = hits * log_excess(-distance / hits, n / hits * p)
        + misses * log_excess(distance / misses, n / misses * q);
    let errors = stirling_error(n) - stirling_error(hits) - stirling_error(misses);
    libm::exp(errors - deviance) * libm::sqrt(n / (2.0 * core::f64::consts::PI * hits) / misses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_cases() {
        for (k, exact) in [
            (0, 0.0256),
            (1, 0.1536),
            (2, 0.3456),
            (3, 0.3456),
            (4, 0.1296),
        ] {
            assert!((pmf(k, 4, 0.6) / exact - 1.0).abs() < 1e-13, "{k}");
        }
        assert!((cdf(1, 4, 0.6) / 0.1792 - 1.0).abs() < 1e-13);
        assert!((sf(1, 4, 0.6) / 0.8208 - 1.0).abs() < 1e-13);
        assert_eq!(
            (cdf(4, 4, 0.6), sf(4, 4, 0.6), pmf(5, 4, 0.6)),
            (1.0, 0.0, 0.0)
        );
        assert_eq!(
            (pmf(0, 4, 0.0), pmf(4, 4, 1.0), pmf(3, 4, 1.0)),
            (1.0, 1.0, 0.0)
        );
        assert_eq!(
            (cdf(0, 4, 0.0), cdf(3, 4, 1.0), sf(3, 4, 1.0)),
            (1.0, 0.0, 1.0)
        );
        assert_eq!(pmf(0, 0, 0.3), 1.0);
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(pmf(1, 4, p).is_nan() && cdf(1, 4, p).is_nan() && sf(1, 4, p).is_nan());
            assert!(cdf(4, 4, p).is_nan() && sf(4, 4, p).is_nan());
        }
    }
}
