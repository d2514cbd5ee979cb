//! The F distribution: the ratio of two independent χ², each over its degrees of freedom.

use crate::beta::Point;
use crate::root;
use crate::tails::{Sought, Tails, is_parameter};

/// Density at `f` ≥ 0. NaN unless `d1`, `d2` > 0, finite.
#[must_use]
pub fn pdf(f: f64, d1: f64, d2: f64) -> f64 {
    if f.is_nan() || f < 0.0 || !is_parameter(d1) || !is_parameter(d2) {
        return f64::NAN;
    }
    if f == 0.0 {
        return match d1 {
            it if it < 2.0 => f64::INFINITY,
            2.0 => 1.0,
            _ => 0.0,
        };
    }
    point(f, d1, d2).map_or(0.0, |it| it.power() / f)
}

/// Probability below `f` ≥ 0. NaN unless `d1`, `d2` > 0, finite.
#[must_use]
pub fn cdf(f: f64, d1: f64, d2: f64) -> f64 {
    tails(f, d1, d2).lower
}

/// Probability above `f` ≥ 0. NaN unless `d1`, `d2` > 0, finite.
#[must_use]
pub fn sf(f: f64, d1: f64, d2: f64) -> f64 {
    tails(f, d1, d2).upper
}

/// The value below which a share `p` lies. NaN unless 0 ≤ `p` ≤ 1 and `d1`, `d2` > 0, finite.
#[must_use]
pub fn quantile(p: f64, d1: f64, d2: f64) -> f64 {
    solve(Sought::lower(p), d1, d2)
}

/// The value above which a share `q` lies. NaN unless 0 ≤ `q` ≤ 1 and `d1`, `d2` > 0, finite.
#[must_use]
pub fn upper_quantile(q: f64, d1: f64, d2: f64) -> f64 {
    solve(Sought::upper(q), d1, d2)
}

fn tails(f: f64, d1: f64, d2: f64) -> Tails {
    if f.is_nan() || f < 0.0 || !is_parameter(d1) || !is_parameter(d2) {
        return Tails::NAN;
    }
    point(f, d1, d2).map_or(Tails::ABOVE_ALL, Point::tails)
}

/// x = d1 f/(d1 f + d2), Abramowitz and Stegun 26.6.2; none for an infinite `f`.
fn point(f: f64, d1: f64, d2: f64) -> Option<Point> {
    let ratio = d1 / d2 * f;
    let y = 1.0 / (1.0 + ratio);
    ratio.is_finite().then_some(Point {
        a: 0.5 * d1,
        b: 0.5 * d2,
        x: if ratio > 1.0 {
            1.0 / (1.0 + 1.0 / ratio)
        } else {
            ratio * y
        },
        y,
        below_mean: 0.5 * d1 * (1.0 - f) * y,
    })
}

fn solve(sought: Sought, d1: f64, d2: f64) -> f64 {
    if !is_parameter(d1) || !is_parameter(d2) || sought.is_nan() {
        return f64::NAN;
    }
    if sought.is_lowest() {
        return 0.0;
    }
    if sought.is_highest() {
        return f64::INFINITY;
    }
    let step = 0.1 * libm::sqrt(1.0 / d1 + 1.0 / d2);
    let above = |u: f64| tails(libm::exp(u), d1, d2).above(sought);
    let f = root::from_guess(above, 0.0, step).map_or(f64::NAN, libm::exp);
    let polished = f - tails(f, d1, d2).excess(sought) / pdf(f, d1, d2);
    if (polished / f - 1.0).abs() < 1e-6 {
        polished
    } else {
        f
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for f in [1e-9, 0.4, 1.0, 7.0, 1e9] {
            // F(2, 2): f/(1 + f).
            assert!((cdf(f, 2.0, 2.0) / (f / (1.0 + f)) - 1.0).abs() < 1e-14);
            assert!((sf(f, 2.0, 2.0) * (1.0 + f) - 1.0).abs() < 1e-14);
            assert!((pdf(f, 2.0, 2.0) * (1.0 + f) * (1.0 + f) - 1.0).abs() < 1e-13);
            // Reciprocals change sides.
            assert!((cdf(f, 3.0, 7.0) / sf(1.0 / f, 7.0, 3.0) - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn ends() {
        assert_eq!(cdf(0.0, 3.0, 4.0), 0.0);
        assert_eq!(sf(f64::INFINITY, 3.0, 4.0), 0.0);
        assert_eq!(quantile(0.0, 3.0, 4.0), 0.0);
        assert_eq!(quantile(1.0, 3.0, 4.0), f64::INFINITY);
        for (f, d1, d2) in [
            (-1.0, 1.0, 1.0),
            (f64::NAN, 1.0, 1.0),
            (0.5, 0.0, 1.0),
            (0.5, 1.0, f64::NAN),
        ] {
            assert!(cdf(f, d1, d2).is_nan() && pdf(f, d1, d2).is_nan());
            assert!(quantile(f, d1, d2).is_nan());
        }
    }
}
