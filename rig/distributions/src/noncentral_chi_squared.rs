//! The noncentral χ² distribution with `dof` degrees of freedom and noncentrality `lambda` = Σμ².

use crate::gamma;
use crate::poisson::weight;
use crate::root;
use crate::tails::{Sought, Tails, is_parameter};

/// Largest noncentrality; the sum has some 30 √λ terms.
const LARGEST: f64 = 1e6;

/// Probability below `x` ≥ 0. NaN unless `dof` > 0, finite, and 0 ≤ `lambda` ≤ 1e6.
///
/// A mixture of central distributions by Poisson weights (DLMF 8.20 aside, Johnson, Kotz and
/// Balakrishnan, chapter 29). Each tail is summed in the direction in which it grows.
#[must_use]
pub fn cdf(x: f64, dof: f64, lambda: f64) -> f64 {
    Mixture::new(x, dof, lambda).map_or(f64::NAN, Mixture::lower)
}

/// Probability above `x` ≥ 0. NaN unless `dof` > 0, finite, and 0 ≤ `lambda` ≤ 1e6.
#[must_use]
pub fn sf(x: f64, dof: f64, lambda: f64) -> f64 {
    Mixture::new(x, dof, lambda).map_or(f64::NAN, Mixture::upper)
}

/// The value below which a share `p` lies. NaN unless 0 ≤ `p` ≤ 1 and parameters as for [`cdf`].
#[must_use]
pub fn quantile(p: f64, dof: f64, lambda: f64) -> f64 {
    solve(Sought::lower(p), dof, lambda)
}

/// The value above which a share `q` lies. NaN unless 0 ≤ `q` ≤ 1 and parameters as for [`cdf`].
#[must_use]
pub fn upper_quantile(q: f64, dof: f64, lambda: f64) -> f64 {
    solve(Sought::upper(q), dof, lambda)
}

/// Half of everything: shape, point and mean of the weights.
#[derive(Clone, Copy, Debug)]
struct Mixture {
    a: f64,
    x: f64,
    mean: f64,
}

impl Mixture {
    fn new(x: f64, dof: f64, lambda: f64) -> Option<Self> {
        let is_sensible = x >= 0.0 && is_parameter(dof) && (0.0..=LARGEST).contains(&lambda);
        is_sensible.then_some(Self {
            a: 0.5 * dof,
            x: 0.5 * x,
            mean: 0.5 * lambda,
        })
    }

    /// How far from their mean the weights matter.
    fn reach(self) -> f64 {
        10.0 * libm::sqrt(self.mean) + 60.0
    }

    /// P falls with the shape, so the terms above the weights' mean can be left off.
    fn lower(self) -> f64 {
        if self.x == 0.0 || self.x.is_infinite() || self.mean == 0.0 {
            return gamma::lower(self.a, self.x);
        }
        let mut j = libm::floor(self.mean + self.reach());
        let mut p = gamma::lower(self.a + j, self.x);
        let mut sum = 0.0;
        loop {
            let share = weight(j, self.mean);
            sum += share * p;
            // Below the mean the weights fall, and P rises to 1 at most.
            let is_done = j < self.mean && (share < 1e-18 * sum || share == 0.0);
            if j <= 0.0 || is_done {
                return sum.min(1.0);
            }
            j -= 1.0;
            // P(a, x) = P(a + 1, x) + xᵃ e⁻ˣ/Γ(a + 1), DLMF 8.8.5.
            p += gamma::density_of_logarithm(self.a + j, self.x) / (self.a + j);
        }
    }

    /// Q rises with the shape, so the terms below the weights' mean can be left off.
    fn upper(self) -> f64 {
        if self.x == 0.0 || self.x.is_infinite() || self.mean == 0.0 {
            return gamma::upper(self.a, self.x);
        }
        let mut j = libm::floor(f64::max(0.0, self.mean - self.reach()));
        let mut q = gamma::upper(self.a + j, self.x);
        let mut sum = 0.0;
        loop {
            let share = weight(j, self.mean);
            sum += share * q;
            if j > self.mean && (share < 1e-18 * sum || share == 0.0) {
                return sum.min(1.0);
            }
            q += gamma::density_of_logarithm(self.a + j, self.x) / (self.a + j);
            j += 1.0;
        }
    }
}

fn solve(sought: Sought, dof: f64, lambda: f64) -> f64 {
    if Mixture::new(1.0, dof, lambda).is_none() || sought.is_nan() {
        return f64::NAN;
    }
    if sought.is_lowest() {
        return 0.0;
    }
    if sought.is_highest() {
        return f64::INFINITY;
    }
    let above = |u: f64| {
        let x = libm::exp(u);
        let tails = match sought {
            Sought::Lower(_) => Tails {
                lower: cdf(x, dof, lambda),
                upper: f64::NAN,
            },
            Sought::Upper(_) => Tails {
                lower: f64::NAN,
                upper: sf(x, dof, lambda),
            },
        };
        tails.above(sought)
    };
    let guess = libm::log(dof + lambda);
    let step = 0.1 * libm::sqrt(dof + 2.0 * lambda) / (dof + lambda);
    root::from_guess(above, guess, step).map_or(f64::NAN, libm::exp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal;

    #[test]
    fn one_degree_of_freedom_is_a_shifted_normal() {
        // (Z + μ)² ≤ x.
        for (x, mu) in [(1.0, 0.5), (400.0, 18.0), (1.0, 9.0), (1e-6, 3.0)] {
            let root: f64 = libm::sqrt(x);
            let exact = normal::sf(-root - mu) - normal::sf(root - mu);
            let ours = cdf(x, 1.0, mu * mu);
            assert!((ours - exact).abs() < 1e-14, "{ours} {exact}");
            let above = normal::sf(root - mu) + normal::cdf(-root - mu);
            assert!((sf(x, 1.0, mu * mu) / above - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn ends() {
        assert_eq!(cdf(0.0, 2.0, 3.0), 0.0);
        assert_eq!(sf(f64::INFINITY, 2.0, 3.0), 0.0);
        assert_eq!(quantile(0.0, 2.0, 3.0), 0.0);
        assert_eq!(quantile(1.0, 2.0, 3.0), f64::INFINITY);
        for (x, dof, lambda) in [
            (f64::NAN, 1.0, 1.0),
            (-1.0, 1.0, 1.0),
            (0.5, 0.0, 1.0),
            (0.5, 1.0, -1.0),
            (0.5, 1.0, f64::INFINITY),
        ] {
            assert!(cdf(x, dof, lambda).is_nan() && sf(x, dof, lambda).is_nan());
            assert!(quantile(x, dof, lambda).is_nan());
        }
    }
}
