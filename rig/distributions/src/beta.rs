//! Beta functions: ln B, the regularised incomplete I_x(a, b), its complement, and the inverses.
//!
//! I_x and 1 − I_x hold 1e-12 for `a` and `b` from 0.05 to 1e6; below that the digits of the tail
//! that is computed as a complement fall with the parameter.

use crate::root;
use crate::stirling::{difference_of_products, log_excess, stirling_error};
use crate::tails::{Sought, Tails, is_parameter};
use core::f64::consts::PI;

/// Terms of a series or fraction.
const MAX_TERMS: u32 = 400_000;

/// ln B(a, b) for `a` and `b` > 0, finite; NaN otherwise.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    if !is_parameter(a) || !is_parameter(b) {
        return f64::NAN;
    }
    let mixing = a * libm::log1p(b / a) + b * libm::log1p(a / b);
    -ln_scale(a, b) - mixing
}

/// I_x(a, b), DLMF 8.17.2. NaN unless 0 ≤ `x` ≤ 1 and `a`, `b` > 0, finite.
#[must_use]
pub fn regularized(x: f64, a: f64, b: f64) -> f64 {
    at(x, a, b).lower
}

/// 1 − I_x(a, b) = I_{1−x}(b, a). NaN unless 0 ≤ `x` ≤ 1 and `a`, `b` > 0, finite.
#[must_use]
pub fn complement(x: f64, a: f64, b: f64) -> f64 {
    at(x, a, b).upper
}

/// The x with I_x(a, b) = `p`. NaN unless 0 ≤ `p` ≤ 1 and `a`, `b` > 0, finite.
#[must_use]
pub fn inverse(p: f64, a: f64, b: f64) -> f64 {
    solve(Sought::lower(p), a, b)
}

/// The x with 1 − I_x(a, b) = `q`. NaN unless 0 ≤ `q` ≤ 1 and `a`, `b` > 0, finite.
#[must_use]
pub fn inverse_complement(q: f64, a: f64, b: f64) -> f64 {
    solve(Sought::upper(q), a, b)
}

/// A point of the unit interval between two shapes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) x: f64,
    /// 1 − x.
    pub(crate) y: f64,
    /// a·y − b·x = (a + b)(mean − x), with all its digits.
    pub(crate) below_mean: f64,
}

impl Point {
    fn mirrored(self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            x: self.y,
            y: self.x,
            below_mean: -self.below_mean,
        }
    }

    /// Both tails at the point; parameters are sensible.
    pub(crate) fn tails(self) -> Tails {
        if self.x <= 0.0 {
            Tails::BELOW_ALL
        } else if self.y <= 0.0 {
            Tails::ABOVE_ALL
        } else if self.x <= 0.7 && self.b * self.x <= 0.7 {
            Tails::from_lower(self.series())
        } else if self.y <= 0.7 && self.a * self.y <= 0.7 {
            Tails::from_lower(self.mirrored().series()).swapped()
        } else if self.below_mean >= 0.0 {
            Tails::from_lower(self.fraction())
        } else {
            Tails::from_lower(self.mirrored().fraction()).swapped()
        }
    }

    /// xᵃ yᵇ/B(a, b).
    pub(crate) fn power(self) -> f64 {
        let Self {
            a,
            b,
            x,
            y,
            below_mean: d,
        } = self;
        let n = a + b;
        // n x = a − d and n y = b + d; the linear parts of the two logarithms cancel.
        let deviance = a * log_excess(-d / a, n / a * x) + b * log_excess(d / b, n / b * y);
        libm::exp(ln_scale(a, b) - deviance)
    }

    /// I_x by powers of x, DLMF 8.17.7; for b x below 1.
    fn series(self) -> f64 {
        let Self { a, b, x, .. } = self;
        let mut coefficient = 1.0;
        let mut sum = 1.0 / a;
        for j in 1..MAX_TERMS {
            let j = f64::from(j);
            coefficient *= (j - b) / j * x;
            let term = coefficient / (a + j);
            sum += term;
            if term.abs() <= 1e-17 * sum.abs() {
                return self.power() * libm::exp(-b * libm::log1p(-x)) * sum;
            }
        }
        f64::NAN
    }

    /// I_x by the continued fraction of Didonato and Morris (ACM TOMS 18, 1992, 360-373, BFRAC),
    /// the even part of DLMF 8.17.22, by Lentz's method; for x up to the mean.
    fn fraction(self) -> f64 {
        const TINY: f64 = 1e-300;
        let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
        let Self {
            a,
            b,
            x,
            below_mean,
            ..
        } = self;
        let step = |m: f64| {
            let even = a + 2.0 * m - 1.0;
            let numerator = (a + m - 1.0) / even * ((a + b + m - 1.0) / even) * m * (b - m) * x * x;
            let denominator = m
                + m * (b - m) * x / even
                + (a + m) / (a + 2.0 * m + 1.0) * (below_mean + 1.0 + m * (1.0 + (1.0 - x)));
            (numerator, denominator)
        };
        let mut f = away_from_zero(a * (below_mean + 1.0) / (a + 1.0));
        let mut c = f;
        let mut d = 0.0;
        for m in 1..MAX_TERMS {
            let (numerator, denominator) = step(f64::from(m));
            d = 1.0 / away_from_zero(denominator + numerator * d);
            c = away_from_zero(denominator + numerator / c);
            f *= c * d;
            if (c * d - 1.0).abs() < 3e-16 {
                return self.power() / f;
            }
        }
        f64::NAN
    }
}

/// ln of (a + b)^(a + b)/(aᵃ bᵇ B(a, b)).
fn ln_scale(a: f64, b: f64) -> f64 {
    let n = a + b;
    0.5 * libm::log(a / n * b / (2.0 * PI)) + stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
}

fn at(x: f64, a: f64, b: f64) -> Tails {
    if !is_parameter(a) || !is_parameter(b) || !(0.0..=1.0).contains(&x) {
        return Tails::NAN;
    }
    exact_point(x, a, b).tails()
}

fn exact_point(x: f64, a: f64, b: f64) -> Point {
    let y = 1.0 - x;
    // What 1 − x lost.
    let y_rest = (1.0 - y) - x;
    Point {
        a,
        b,
        x,
        y,
        below_mean: difference_of_products(a, y, b, x) + a * y_rest,
    }
}

fn solve(sought: Sought, a: f64, b: f64) -> f64 {
    if !is_parameter(a) || !is_parameter(b) || sought.is_nan() {
        return f64::NAN;
    }
    if sought.is_lowest() {
        return 0.0;
    }
    if sought.is_highest() {
        return 1.0;
    }
    // In ln(x/(1 − x)) both ends have room.
    let at_logit = |u: f64| {
        let (x, y) = (1.0 / (1.0 + libm::exp(-u)), 1.0 / (1.0 + libm::exp(u)));
        Point {
            a,
            b,
            x,
            y,
            below_mean: difference_of_products(a, y, b, x),
        }
    };
    let guess = libm::log(a / b);
    let step = 0.1 * libm::sqrt(1.0 / a + 1.0 / b);
    let root = root::from_guess(|u| at_logit(u).tails().above(sought), guess, step);
    let Some(logit) = root else {
        return f64::NAN;
    };
    let x = at_logit(logit).x;
    let point = exact_point(x, a, b);
    let polished = x - point.tails().excess(sought) / point.power() * x * point.y;
    let is_near = (polished / x - 1.0).abs() < 1e-6;
    if is_near && polished < 1.0 {
        polished
    } else {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for x in [1e-100, 1e-3, 0.3, 0.5, 0.9] {
            let check = |a, b, exact: f64| {
                let ours = regularized(x, a, b);
                assert!(
                    (ours / exact - 1.0).abs() < 1e-13,
                    "{x} {a} {b}: {ours} {exact}"
                );
            };
            check(1.0, 1.0, x);
            check(3.0, 1.0, x * x * x);
            check(1.0, 3.0, -libm::expm1(3.0 * libm::log1p(-x)));
            check(0.5, 0.5, libm::asin(libm::sqrt(x)) / (0.5 * PI));
        }
        assert!((ln_beta(2.0, 3.0) - libm::log(1.0 / 12.0)).abs() < 1e-14);
    }

    #[test]
    fn ends() {
        assert_eq!(regularized(0.0, 2.0, 3.0), 0.0);
        assert_eq!(complement(1.0, 2.0, 3.0), 0.0);
        assert_eq!(inverse(0.0, 2.0, 3.0), 0.0);
        assert_eq!(inverse(1.0, 2.0, 3.0), 1.0);
        assert_eq!(inverse_complement(0.0, 2.0, 3.0), 1.0);
        for (x, a, b) in [
            (f64::NAN, 1.0, 1.0),
            (-0.1, 1.0, 1.0),
            (1.1, 1.0, 1.0),
            (0.5, 0.0, 1.0),
            (0.5, 1.0, f64::INFINITY),
            (0.5, f64::NAN, 1.0),
        ] {
            assert!(regularized(x, a, b).is_nan() && complement(x, a, b).is_nan());
            assert!(inverse(x, a, b).is_nan() && inverse_complement(x, a, b).is_nan());
        }
        assert!(ln_beta(0.0, 1.0).is_nan());
    }
}
