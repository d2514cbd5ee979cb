//! The χ² distribution with `dof` degrees of freedom, any real number above zero.

use crate::gamma;
use crate::tails::is_parameter;

/// Density at `x` ≥ 0. NaN unless `dof` > 0, finite.
#[must_use]
pub fn pdf(x: f64, dof: f64) -> f64 {
    let is_sensible = x >= 0.0 && is_parameter(dof);
    if !is_sensible {
        return f64::NAN;
    }
    if x == 0.0 {
        return match dof {
            it if it < 2.0 => f64::INFINITY,
            2.0 => 0.5,
            _ => 0.0,
        };
    }
    gamma::density_of_logarithm(0.5 * dof, 0.5 * x) / x
}

/// Probability below `x` ≥ 0. NaN unless `dof` > 0, finite.
#[must_use]
pub fn cdf(x: f64, dof: f64) -> f64 {
    gamma::lower(0.5 * dof, 0.5 * x)
}

/// Probability above `x` ≥ 0. NaN unless `dof` > 0, finite.
#[must_use]
pub fn sf(x: f64, dof: f64) -> f64 {
    gamma::upper(0.5 * dof, 0.5 * x)
}

/// The value below which a share `p` lies. NaN unless 0 ≤ `p` ≤ 1 and `dof` > 0, finite.
#[must_use]
pub fn quantile(p: f64, dof: f64) -> f64 {
    2.0 * gamma::inverse_lower(0.5 * dof, p)
}

/// The value above which a share `q` lies. NaN unless 0 ≤ `q` ≤ 1 and `dof` > 0, finite.
#[must_use]
pub fn upper_quantile(q: f64, dof: f64) -> f64 {
    2.0 * gamma::inverse_upper(0.5 * dof, q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_degrees_of_freedom_are_exponential() {
        for x in [0.0, 1e-8, 1.0, 30.0, 1000.0] {
            assert!((sf(x, 2.0) - libm::exp(-0.5 * x)).abs() <= 1e-14 * sf(x, 2.0));
            assert!((pdf(x, 2.0) - 0.5 * libm::exp(-0.5 * x)).abs() <= 1e-14 * pdf(x, 2.0));
        }
        assert!((quantile(0.95, 2.0) + 2.0 * libm::log(0.05)).abs() < 1e-14);
    }
}
