//! Student's t distribution with `dof` degrees of freedom, any real number above zero; infinitely
//! many give the normal one.

use crate::beta::{Point, ln_beta};
use crate::tails::is_parameter;
use crate::{gamma, normal, root};
use core::f64::consts::PI;

/// t/√ν from which on (t²/ν + 1)/(t²/ν) is 1.
const FAR: f64 = 1e10;

/// Density at `t`. NaN unless `dof` > 0.
#[must_use]
pub fn pdf(t: f64, dof: f64) -> f64 {
    if t.is_nan() || !is_dof(dof) {
        return f64::NAN;
    }
    if is_normal(dof) {
        return normal::pdf(t);
    }
    if t.is_infinite() {
        return 0.0;
    }
    let half = 0.5 * dof;
    let kernel = libm::exp(-(half + 0.5) * log1p_square(t, dof));
    gamma::half_step_ratio(half) * kernel / libm::sqrt(2.0 * PI)
}

/// Probability below `t`. NaN unless `dof` > 0.
#[must_use]
pub fn cdf(t: f64, dof: f64) -> f64 {
    if t.is_nan() || !is_dof(dof) {
        return f64::NAN;
    }
    if is_normal(dof) {
        return normal::cdf(t);
    }
    let tail = 0.5 * outside(t, dof);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// Probability above `t`. NaN unless `dof` > 0.
#[must_use]
pub fn sf(t: f64, dof: f64) -> f64 {
    cdf(-t, dof)
}

/// The t below which a share `p` lies; infinite for 0 and 1. NaN unless 0 ≤ `p` ≤ 1 and `dof` > 0.
#[must_use]
pub fn quantile(p: f64, dof: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    // 1 − p is exact from one half up.
    if p <= 0.5 {
        -above(p, 0.5 - p, dof)
    } else {
        above(1.0 - p, p - 0.5, dof)
    }
}

/// The t above which a share `q` lies; infinite for 0 and 1. NaN unless 0 ≤ `q` ≤ 1 and `dof` > 0.
#[must_use]
pub fn upper_quantile(q: f64, dof: f64) -> f64 {
    -quantile(q, dof)
}

/// The t for which a share `p` lies between −t and t. NaN unless 0 ≤ `p` ≤ 1 and `dof` > 0.
#[must_use]
pub fn central_quantile(p: f64, dof: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    above(0.5 * (1.0 - p), 0.5 * p, dof)
}

fn is_dof(dof: f64) -> bool {
    is_parameter(dof) || is_normal(dof)
}

/// From 1e30 degrees of freedom on, the normal distribution is the same to every digit, t² being
/// far below them wherever anything is left of a tail.
fn is_normal(dof: f64) -> bool {
    dof >= 1e30
}

/// P(|T| > |t|) = I_x(ν/2, 1/2) with x = ν/(ν + t²), Abramowitz and Stegun 26.7.1.
fn outside(t: f64, dof: f64) -> f64 {
    let ratio = t.abs() / libm::sqrt(dof);
    if ratio > FAR {
        // The first term of I_x in powers of x, which itself may vanish: x^a/(a B(a, 1/2)).
        let a = 0.5 * dof;
        return libm::exp(-dof * libm::log(ratio) - ln_beta(a, 0.5)) / a;
    }
    point(t, dof).map_or(0.0, |it| it.tails().lower)
}

/// P(|T| ≤ |t|).
fn inside(t: f64, dof: f64) -> f64 {
    point(t, dof).map_or(1.0, |it| it.tails().upper)
}

/// None for an infinite `t`.
fn point(t: f64, dof: f64) -> Option<Point> {
    let ratio = t / libm::sqrt(dof) * (t / libm::sqrt(dof));
    let (x, y) = if ratio <= 1.0 {
        (1.0 / (1.0 + ratio), ratio / (1.0 + ratio))
    } else {
        // A t that overflows when squared still has an x.
        let inverse = libm::sqrt(dof) / t * (libm::sqrt(dof) / t);
        (inverse / (1.0 + inverse), 1.0 / (1.0 + inverse))
    };
    // ν/2 · y − x/2 = x (t² − 1)/2.
    let below_mean = 0.5
        * if ratio <= 1.0 {
            x * (t * t - 1.0)
        } else {
            dof * y - x
        };
    (x > 0.0 && t.is_finite()).then_some(Point {
        a: 0.5 * dof,
        b: 0.5,
        x,
        y,
        below_mean,
    })
}

/// ln(1 + t²/ν).
fn log1p_square(t: f64, dof: f64) -> f64 {
    let ratio = t.abs() / libm::sqrt(dof);
    if ratio > FAR {
        2.0 * libm::log(ratio)
    } else {
        libm::log1p(t * t / dof)
    }
}

/// t ≥ 0 with `tail` ≤ 1/2 above it and `center` = 1/2 − `tail` between zero and it.
fn above(tail: f64, center: f64, dof: f64) -> f64 {
    if !is_dof(dof) {
        return f64::NAN;
    }
    let z = normal::central_quantile(2.0 * center).min(-normal::quantile(tail));
    if is_normal(dof) || z == 0.0 || tail == 0.0 {
        return z;
    }
    let is_central = center < 0.25;
    let excess = |t: f64| {
        if is_central {
            0.5 * inside(t, dof) - center
        } else {
            tail - 0.5 * outside(t, dof)
        }
    };
    let log_ratio = |u: f64| {
        let t = libm::exp(u);
        if is_central {
            libm::log(0.5 * inside(t, dof) / center)
        } else {
            libm::log(2.0 * tail / outside(t, dof))
        }
    };
    // Abramowitz and Stegun 26.7.5, first term.
    let guess = libm::log(z) + libm::log1p((z * z + 1.0) / (4.0 * dof));
    let Some(log) = root::from_guess(log_ratio, guess, 0.01 / dof.max(0.1)) else {
        return f64::NAN;
    };
    let t = libm::exp(log);
    let polished = t - excess(t) / pdf(t, dof);
    if (polished / t - 1.0).abs() < 1e-6 {
        polished
    } else {
        t
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for t in [1e-12, 0.3, 1.0, 8.0, 1e5, 1e200] {
            let one = libm::atan(1.0 / t) / PI;
            assert!((sf(t, 1.0) / one - 1.0).abs() < 1e-12, "{t}");
            assert!((pdf(t, 1.0) - 1.0 / (PI * (1.0 + t * t))).abs() <= 1e-14 * pdf(t, 1.0));
        }
        for p in [0.01, 0.4, 0.500_000_1, 0.9, 0.999_999] {
            let two = (2.0 * p - 1.0) / libm::sqrt(2.0 * p * (1.0 - p));
            assert!((quantile(p, 2.0) / two - 1.0).abs() < 1e-13, "{p}");
        }
    }

    #[test]
    fn ends() {
        assert_eq!(cdf(f64::INFINITY, 3.0), 1.0);
        assert_eq!(sf(f64::INFINITY, 3.0), 0.0);
        assert_eq!(cdf(0.0, 3.0), 0.5);
        assert_eq!(quantile(0.5, 3.0), 0.0);
        assert_eq!(quantile(1.0, 3.0), f64::INFINITY);
        assert_eq!(quantile(0.0, 3.0), f64::NEG_INFINITY);
        assert_eq!(quantile(0.95, f64::INFINITY), normal::quantile(0.95));
        assert_eq!(
            central_quantile(0.9, f64::INFINITY),
            normal::central_quantile(0.9)
        );
        for dof in [0.0, -1.0, f64::NAN] {
            assert!(
                cdf(1.0, dof).is_nan() && pdf(1.0, dof).is_nan() && quantile(0.3, dof).is_nan()
            );
        }
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(quantile(p, 3.0).is_nan() && central_quantile(p, 3.0).is_nan());
        }
    }
}
