//! The standard normal distribution.

use core::f64::consts::FRAC_1_SQRT_2;

/// 1/√(2π).
const FRAC_1_SQRT_2_PI: f64 = 0.398_942_280_401_432_7;

/// Density at `z`.
#[must_use]
pub fn pdf(z: f64) -> f64 {
    FRAC_1_SQRT_2_PI * libm::exp(-0.5 * z * z)
}

/// Φ(z), the probability below `z`.
#[must_use]
pub fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// 1 − Φ(z), the probability above `z`.
#[must_use]
pub fn sf(z: f64) -> f64 {
    cdf(-z)
}

/// The z below which a share `p` lies; infinite for 0 and 1. NaN unless 0 ≤ `p` ≤ 1.
#[must_use]
pub fn quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    // 1 − p is exact from one half up.
    if p <= 0.5 {
        -above(p, 0.5 - p)
    } else {
        above(1.0 - p, p - 0.5)
    }
}

/// The z above which a share `q` lies; infinite for 0 and 1. NaN unless 0 ≤ `q` ≤ 1.
#[must_use]
pub fn upper_quantile(q: f64) -> f64 {
    -quantile(q)
}

/// The z for which a share `p` lies between −z and z. NaN unless 0 ≤ `p` ≤ 1.
#[must_use]
pub fn central_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    above(0.5 * (1.0 - p), 0.5 * p)
}

/// z ≥ 0 with `tail` ≤ 1/2 above it, and `center` = 1/2 − `tail` between it and zero.
fn above(tail: f64, center: f64) -> f64 {
    if tail <= 0.0 {
        return f64::INFINITY;
    }
    // Abramowitz and Stegun 26.2.23, error below 4.5e-4; then Halley's steps triple the digits.
    let t = libm::sqrt(-2.0 * libm::log(tail));
    let mut z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    if center < 0.25 {
        // Near the middle it is the small distance from one half that has the digits.
        z = center / FRAC_1_SQRT_2_PI * (1.0 + center * center * core::f64::consts::PI / 3.0);
    }
    for _ in 0..3 {
        let excess = if center < 0.25 {
            0.5 * libm::erf(z * FRAC_1_SQRT_2) - center
        } else {
            tail - sf(z)
        };
        // Divided by the density; z below 38.6, so that it does not vanish.
        let newton = excess / pdf(z);
        let step = newton / (1.0 + 0.5 * z * newton);
        if !step.is_finite() {
            break;
        }
        z -= step;
    }
    z
}

/// e^(x²) erfc(x), of which neither factor need fit a floating-point number.
pub(crate) fn scaled_erfc(x: f64) -> f64 {
    if x < 20.0 {
        return libm::exp(x * x) * libm::erfc(x);
    }
    // DLMF 7.12.1.
    let r = 1.0 / (2.0 * x * x);
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..10 {
        term *= -f64::from(2 * k - 1) * r;
        sum += term;
    }
    sum / x * core::f64::consts::FRAC_2_SQRT_PI * 0.5
}

/// ln Φ(z), finite far below where Φ(z) vanishes.
#[must_use]
pub fn ln_cdf(z: f64) -> f64 {
    if z > 0.0 {
        libm::log1p(-sf(z))
    } else if z > -25.0 {
        libm::log(cdf(z))
    } else {
        -0.5 * z * z + libm::log(0.5 * scaled_erfc(-z * FRAC_1_SQRT_2))
    }
}

/// φ(z)/Φ(z), the slope of ln Φ.
pub(crate) fn ln_cdf_slope(z: f64) -> f64 {
    if z > 0.0 {
        pdf(z) / cdf(z)
    } else {
        2.0 * FRAC_1_SQRT_2_PI / scaled_erfc(-z * FRAC_1_SQRT_2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_of_the_tail_meets_at_its_seams() {
        for z in [-24.9, -25.1, -28.2, -28.4] {
            let direct = libm::log(cdf(z));
            assert!((ln_cdf(z) / direct - 1.0).abs() < 1e-14, "{z}");
            let slope = pdf(z) / cdf(z);
            assert!((ln_cdf_slope(z) / slope - 1.0).abs() < 1e-12, "{z}");
        }
        assert!((ln_cdf(-100.0) + 5_005.524_208_694_205).abs() < 1e-11);
    }

    #[test]
    fn ends() {
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
        assert_eq!(quantile(0.5), 0.0);
        assert_eq!(central_quantile(0.0), 0.0);
        assert_eq!(cdf(f64::INFINITY), 1.0);
        for p in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert!(quantile(p).is_nan() && central_quantile(p).is_nan());
        }
        assert!(cdf(f64::NAN).is_nan() && sf(f64::NAN).is_nan() && pdf(f64::NAN).is_nan());
    }
}
