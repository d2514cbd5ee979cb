//! Factors k of normal tolerance intervals, mean ± k · standard deviation.

use rig_distributions::{chi_squared, noncentral_t, normal, quadrature, root};

/// Exact one-sided factor: t′_γ(n − 1, z_p √n)/√n with the noncentral t distribution (Owen 1968).
///
/// `content` p and `confidence` γ between 0 and 1; NaN otherwise or for `n` below 2.
#[must_use]
pub fn one_sided_factor(n: usize, content: f64, confidence: f64) -> f64 {
    if !is_sensible(n, content, confidence) {
        return f64::NAN;
    }
    let root_n = libm::sqrt(n as f64);
    noncentral_t::quantile(
        confidence,
        n as f64 - 1.0,
        normal::quantile(content) * root_n,
    ) / root_n
}

/// Exact two-sided factor for the share between both ends.
///
/// Solves √(2n/π) ∫₀^∞ P(χ²_ν > ν r²(z)/k²) e^(−n z²/2) dz = γ for k, where r(z) is half the width
/// of the interval around z that holds a share p of the standard normal distribution, ν = n − 1
/// (Odeh and Owen 1980; Krishnamoorthy and Mathew 2009, 2.3). NaN as for [`one_sided_factor`].
#[must_use]
pub fn two_sided_factor(n: usize, content: f64, confidence: f64) -> f64 {
    if !is_sensible(n, content, confidence) {
        return f64::NAN;
    }
    let count = n as f64;
    let dof = count - 1.0;
    // Where the weight has fallen to e^−40.
    let end = libm::sqrt(80.0 / count);
    let scale = libm::sqrt(2.0 * count / core::f64::consts::PI);
    // The smaller of both shares, so that high confidences keep their digits.
    let is_upper = confidence > 0.5;
    let tail = |k: f64| {
        let share = |z: f64| {
            let radius = central_radius(z, content);
            let x = dof * (radius / k) * (radius / k);
            let p = if is_upper {
                chi_squared::cdf(x, dof)
            } else {
                chi_squared::sf(x, dof)
            };
            p * libm::exp(-0.5 * count * z * z)
        };
        scale * quadrature::integrate(share, 0.0, end)
    };
    let distance = |log_k: f64| {
        let tail = tail(libm::exp(log_k));
        if is_upper {
            libm::log((1.0 - confidence) / tail)
        } else {
            libm::log(tail / confidence)
        }
    };
    let guess = libm::log(howe_factor(n, content, confidence));
    root::from_guess(distance, guess, 0.01).map_or(f64::NAN, libm::exp)
}

/// Howe's approximation of [`two_sided_factor`] (J. Am. Stat. Assoc. 64, 1969, 610-620), for
/// comparison: z √(ν (1 + 1/n)/χ²), up to some percent off.
#[must_use]
pub fn howe_factor(n: usize, content: f64, confidence: f64) -> f64 {
    if !is_sensible(n, content, confidence) {
        return f64::NAN;
    }
    let count = n as f64;
    let dof = count - 1.0;
    normal::central_quantile(content)
        * libm::sqrt(dof * (1.0 + 1.0 / count) / chi_squared::upper_quantile(confidence, dof))
}

/// Exact two-sided factor for the claim that at most (1 − p)/2 lies beyond each end by itself
/// (Owen 1964); larger than [`two_sided_factor`].
///
/// For a standard normal lot both claims hold where |x̄| ≤ k s − z, z the quantile of (1 + p)/2, so k
/// solves √(2n/π) ∫₀^∞ P(χ²_ν ≥ ν (z + m)²/k²) e^(−n m²/2) dm = γ. NaN as for [`one_sided_factor`].
#[must_use]
pub fn equal_tailed_factor(n: usize, content: f64, confidence: f64) -> f64 {
    if !is_sensible(n, content, confidence) {
        return f64::NAN;
    }
    let count = n as f64;
    let dof = count - 1.0;
    let z = normal::central_quantile(content);
    let scale = libm::sqrt(2.0 * count / core::f64::consts::PI);
    let end = libm::sqrt(80.0 / count);
    let missed = |k: f64| {
        let share = |m: f64| {
            let s = (z + m) / k;
            chi_squared::cdf(dof * s * s, dof) * libm::exp(-0.5 * count * m * m)
        };
        scale * quadrature::integrate(share, 0.0, end)
    };
    let distance = |log_k: f64| libm::log((1.0 - confidence) / missed(libm::exp(log_k)));
    let guess = libm::log(howe_factor(n, content, confidence));
    root::from_guess(distance, guess, 0.01).map_or(f64::NAN, libm::exp)
}

fn is_sensible(n: usize, content: f64, confidence: f64) -> bool {
    let is_share = |it: f64| it > 0.0 && it < 1.0;
    n >= 2 && is_share(content) && is_share(confidence)
}

/// r with Φ(z + r) − Φ(z − r) = `content`, for z ≥ 0.
fn central_radius(z: f64, content: f64) -> f64 {
    // From the right of the root, where Newton's steps come down monotonically: the lower tail
    // alone would leave z + upper quantile.
    let missed = 1.0 - content;
    let mut radius = z + normal::upper_quantile(0.5 * missed);
    for _ in 0..60 {
        let outside = normal::sf(z + radius) + normal::sf(radius - z);
        let slope = normal::pdf(z + radius) + normal::pdf(radius - z);
        let step = (outside - missed) / slope;
        if !step.is_finite() {
            break;
        }
        radius = f64::max(radius + step, 0.0);
        if step.abs() <= 4.0 * f64::EPSILON * radius {
            break;
        }
    }
    radius
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radius_holds_its_share() {
        for content in [0.01, 0.5, 0.95, 0.999_999] {
            for z in [0.0, 0.01, 0.3, 2.0, 6.0] {
                let radius = central_radius(z, content);
                let inside = if z < 1.0 {
                    1.0 - normal::sf(z + radius) - normal::sf(radius - z)
                } else {
                    normal::sf(z - radius) - normal::sf(z + radius)
                };
                assert!((inside - content).abs() < 1e-14, "{content} {z}: {inside}");
            }
        }
    }

    #[test]
    fn senseless_arguments_give_nan() {
        for (n, p, g) in [
            (1, 0.9, 0.9),
            (5, 0.0, 0.9),
            (5, 1.0, 0.9),
            (5, 0.9, 1.0),
            (5, f64::NAN, 0.9),
            (5, 0.9, f64::NAN),
        ] {
            for factor in [
                one_sided_factor,
                two_sided_factor,
                howe_factor,
                equal_tailed_factor,
            ] {
                assert!(factor(n, p, g).is_nan());
            }
        }
    }
}
