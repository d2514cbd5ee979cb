//! Gamma functions: ln Γ, the regularised incomplete P(a, x) and Q(a, x), and their inverses.
//!
//! P and Q hold 1e-12 for `a` from 0.05 to 1e6; for smaller `a` the digits of Q fall with `a` where
//! x is below 1.

use crate::root;
use crate::stirling::{log_excess, stirling_error};
use crate::tails::{Sought, Tails, is_parameter};
use core::f64::consts::PI;

/// Terms of a series or fraction; enough for `a` up to some 1e9.
const MAX_TERMS: u32 = 400_000;
/// From here on the uniform expansion is used.
const LARGE: f64 = 1e7;

/// ln Γ(x) for `x` > 0; NaN otherwise.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    if x > 0.0 { libm::lgamma(x) } else { f64::NAN }
}

/// Γ(a + 1/2)/(Γ(a) √a) for `a` > 0, finite, which tends to 1; NaN otherwise.
#[must_use]
pub fn half_step_ratio(a: f64) -> f64 {
    if !is_parameter(a) {
        return f64::NAN;
    }
    if a < 10.0 {
        return libm::exp(libm::lgamma(a + 0.5) - libm::lgamma(a)) / libm::sqrt(a);
    }
    // Γ(a + 1/2) = Γ((a − 1/2) + 1).
    let errors = stirling_error(a - 0.5) - stirling_error(a);
    libm::exp(errors + a * libm::log1p(-0.5 / a) + 0.5)
}

/// P(a, x) = γ(a, x)/Γ(a), DLMF 8.2.4. NaN unless `a` > 0, finite, and `x` ≥ 0.
#[must_use]
pub fn lower(a: f64, x: f64) -> f64 {
    tails(a, x).lower
}

/// Q(a, x) = Γ(a, x)/Γ(a) = 1 − P(a, x). NaN unless `a` > 0, finite, and `x` ≥ 0.
#[must_use]
pub fn upper(a: f64, x: f64) -> f64 {
    tails(a, x).upper
}

/// The x with P(a, x) = `p`. NaN unless `a` > 0, finite, and 0 ≤ `p` ≤ 1.
#[must_use]
pub fn inverse_lower(a: f64, p: f64) -> f64 {
    inverse(a, Sought::lower(p))
}

/// The x with Q(a, x) = `q`. NaN unless `a` > 0, finite, and 0 ≤ `q` ≤ 1.
#[must_use]
pub fn inverse_upper(a: f64, q: f64) -> f64 {
    inverse(a, Sought::upper(q))
}

pub(crate) fn tails(a: f64, x: f64) -> Tails {
    let is_sensible = is_parameter(a) && x >= 0.0;
    if !is_sensible {
        return Tails::NAN;
    }
    if x == 0.0 {
        Tails::BELOW_ALL
    } else if x.is_infinite() {
        Tails::ABOVE_ALL
    } else if a >= LARGE {
        uniform(a, x)
    } else if x < a.max(1.0) {
        Tails::from_lower(density_of_logarithm(a, x) * series(a, x))
    } else {
        Tails::from_upper(density_of_logarithm(a, x) * fraction(a, x))
    }
}

/// xᵃ e⁻ˣ/Γ(a): x times the density.
pub(crate) fn density_of_logarithm(a: f64, x: f64) -> f64 {
    if a < 1.0 {
        return libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    }
    let exponent = a * log_excess((x - a) / a, x / a) + stirling_error(a);
    libm::sqrt(a / (2.0 * PI)) * libm::exp(-exponent)
}

/// Σ xⁿ/(a (a + 1) … (a + n)), DLMF 8.11.4.
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..MAX_TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < 1e-17 * sum {
            return sum;
        }
    }
    f64::NAN
}

/// Legendre's continued fraction of e^x x^−a Γ(a, x), DLMF 8.9.2, in its even part, by Lentz's
/// method.
fn fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let b0 = away_from_zero(x - a + 1.0);
    let mut c = b0;
    let mut d = 0.0;
    let mut f = b0;
    for n in 1..MAX_TERMS {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        let b = (x - a) + (2.0 * n + 1.0);
        d = 1.0 / away_from_zero(b + numerator * d);
        c = away_from_zero(b + numerator / c);
        f *= c * d;
        if (c * d - 1.0).abs() < 3e-16 {
            return 1.0 / f;
        }
    }
    f64::NAN
}

/// Temme's uniform expansion to two terms, DLMF 8.12.3, 8.12.4 and 8.12.7; the next is below 1e-16
/// of a tail.
fn uniform(a: f64, x: f64) -> Tails {
    let mu = (x - a) / a;
    let half_eta_squared = log_excess(mu, x / a);
    let eta = libm::copysign(libm::sqrt(2.0 * half_eta_squared), mu);
    let (c0, c1) = if eta.abs() < 1e-2 {
        (
            // DLMF 8.12.11 for the first; the second to the accuracy that a asks for.
            -1.0 / 3.0
                + eta * (1.0 / 12.0 + eta * (-2.0 / 135.0 + eta * (1.0 / 864.0 + eta / 2835.0))),
            -1.0 / 540.0 - eta / 288.0,
        )
    } else {
        (
            1.0 / mu - 1.0 / eta,
            1.0 / (eta * eta * eta) - 1.0 / (mu * mu * mu) - 1.0 / (mu * mu) - 1.0 / (12.0 * mu),
        )
    };
    let rest = libm::exp(-a * half_eta_squared) / libm::sqrt(2.0 * PI * a) * (c0 + c1 / a);
    let root = libm::sqrt(a * half_eta_squared);
    if mu <= 0.0 {
        Tails::from_lower(0.5 * libm::erfc(root) - rest)
    } else {
        Tails::from_upper(0.5 * libm::erfc(root) + rest)
    }
}

fn inverse(a: f64, sought: Sought) -> f64 {
    let is_sensible = is_parameter(a) && !sought.is_nan();
    if !is_sensible {
        return f64::NAN;
    }
    if sought.is_lowest() {
        return 0.0;
    }
    if sought.is_highest() {
        return f64::INFINITY;
    }
    let (guess, step) = first_guess(a, sought);
    let log = root::from_guess(|u| tails(a, libm::exp(u)).above(sought), guess, step);
    let x = log.map_or(f64::NAN, libm::exp);
    // What the logarithm of a very large or small number lost.
    let polished = x - x * tails(a, x).excess(sought) / density_of_logarithm(a, x);
    if polished.is_finite() && (polished / x - 1.0).abs() < 1e-6 {
        polished
    } else {
        x
    }
}

/// ln x and how far it may be off.
fn first_guess(a: f64, sought: Sought) -> (f64, f64) {
    // Wilson and Hilferty.
    let z = match sought {
        Sought::Lower(p) => crate::normal::quantile(p),
        Sought::Upper(q) => crate::normal::upper_quantile(q),
    };
    let cube = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * libm::sqrt(a));
    if a > 0.5 && cube > 0.3 {
        return (libm::log(a) + 3.0 * libm::log(cube), 0.02 / libm::sqrt(a));
    }
    match sought {
        // The first term of the series.
        Sought::Lower(p) => ((libm::log(p) + libm::lgamma(a + 1.0)) / a, 0.1),
        Sought::Upper(q) => (libm::log(f64::max(1e-3, -libm::log(q))), 0.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for x in [1e-10, 0.3, 1.0, 5.0, 300.0] {
            assert!((upper(1.0, x) / libm::exp(-x) - 1.0).abs() < 2e-13);
            assert!((lower(1.0, x) / -libm::expm1(-x) - 1.0).abs() < 2e-13);
            assert!((upper(0.5, x) / libm::erfc(libm::sqrt(x)) - 1.0).abs() < 2e-13);
        }
    }

    #[test]
    fn uniform_expansion_meets_the_series() {
        let a: f64 = LARGE * (1.0 - 1e-9);
        for z in [-20.0, -6.0, -0.1, 0.0, 0.1, 3.0, 30.0] {
            let x = a + z * libm::sqrt(a);
            let (exact, expansion) = (tails(a, x), uniform(a, x));
            assert!((expansion.lower / exact.lower - 1.0).abs() < 1e-12, "{z}");
            assert!((expansion.upper / exact.upper - 1.0).abs() < 1e-12, "{z}");
        }
    }

    #[test]
    fn ends() {
        assert_eq!(lower(2.0, 0.0), 0.0);
        assert_eq!(upper(2.0, f64::INFINITY), 0.0);
        assert_eq!(inverse_lower(2.0, 0.0), 0.0);
        assert_eq!(inverse_lower(2.0, 1.0), f64::INFINITY);
        assert_eq!(inverse_upper(2.0, 1.0), 0.0);
        for (a, x) in [
            (0.0, 1.0),
            (-1.0, 1.0),
            (f64::INFINITY, 1.0),
            (1.0, -1.0),
            (f64::NAN, 1.0),
            (1.0, f64::NAN),
        ] {
            assert!(lower(a, x).is_nan() && upper(a, x).is_nan());
        }
        for (a, p) in [
            (0.0, 0.5),
            (1.0, 1.1),
            (1.0, -0.1),
            (f64::NAN, 0.5),
            (1.0, f64::NAN),
        ] {
            assert!(inverse_lower(a, p).is_nan() && inverse_upper(a, p).is_nan());
        }
        assert!(ln_gamma(0.0).is_nan() && ln_gamma(f64::NAN).is_nan());
    }
}
