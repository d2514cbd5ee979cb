//! Stirling's error and the deviance of a ratio, from which densities follow without cancellation.
//!
//! After C. Loader, "Fast and accurate computation of binomial probabilities", 2000: a density is
//! a Gaussian-like factor times exp(−deviance), so that no large logarithms of gamma functions are
//! subtracted from one another.

/// ln √(2π).
const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_8;

/// ln Γ(a + 1) − ln(√(2πa) aᵃ e⁻ᵃ) for `a` > 0.
pub(crate) fn stirling_error(a: f64) -> f64 {
    if a < 10.0 {
        return libm::lgamma(a + 1.0) - (a + 0.5) * libm::log(a) + a - LN_SQRT_2_PI;
    }
    // DLMF 5.11.1.
    let r = 1.0 / (a * a);
    let series = 1.0 / 12.0
        - r * (1.0 / 360.0
            - r * (1.0 / 1260.0
                - r * (1.0 / 1680.0
                    - r * (1.0 / 1188.0
                        - r * (691.0 / 360_360.0
                            - r * (1.0 / 156.0 - r * (3617.0 / 122_400.0)))))));
    series / a
}

/// u − ln(1 + u), with `one_plus_u` given apart for `u` near −1. Never negative.
pub(crate) fn log_excess(u: f64, one_plus_u: f64) -> f64 {
    if !(-0.5..=1.0).contains(&u) {
        return u - libm::log(one_plus_u);
    }
    // ln(1 + u) = 2 artanh(v), v = u/(2 + u); u − 2v = u v.
    let v = u / (2.0 + u);
    let v2 = v * v;
    let mut power = 2.0 * v * v2;
    let mut sum = 0.0;
    for j in 1..40 {
        let term = power / f64::from(2 * j + 1);
        sum += term;
        if term.abs() <= 1e-18 * (u * v) {
            break;
        }
        power *= v2;
    }
    u * v - sum
}

/// a·y − b·x to full precision (Kahan).
pub(crate) fn difference_of_products(a: f64, y: f64, b: f64, x: f64) -> f64 {
    let w = b * x;
    let error = libm::fma(-b, x, w);
    libm::fma(a, y, -w) + error
}
