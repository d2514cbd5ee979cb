//! Seeded draws: uniform, normal and chi-squared deviates that are equal on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// 2^-53: a 53-bit integer times this is uniform in [0, 1).
const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;

/// A stream of deviates.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    /// The stream of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * UNIT
    }

    /// A whole number below `n`, which is above zero; its bias is below n/2⁶⁴.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// Normal, mean 0, standard deviation 1: Box and Muller, "A Note on the Generation of Random
    /// Normal Deviates", Ann. Math. Stat. 29, 1958; its first deviate of two.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Chi-squared with a whole number of degrees of freedom, at least 1: twice a gamma deviate of
    /// shape dof/2 by Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM
    /// TOMS 26, 2000; with one degree of freedom, which that does not reach, a normal deviate's
    /// square.
    pub(super) fn chi_squared(&mut self, dof: f64) -> f64 {
        if dof < 2.0 {
            let normal = self.normal();
            return normal * normal;
        }
        let d = 0.5 * dof - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = 1.0 - self.uniform();
            if libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return 2.0 * d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chi_squared_deviates_have_the_moments_of_their_distribution() {
        let mut draws = Draws::new(3);
        for dof in [1.0, 2.0, 5.0, 45.0, 600.0] {
            let n = 100_000;
            let x: Vec<f64> = (0..n).map(|_| draws.chi_squared(dof)).collect();
            let mean = x.iter().sum::<f64>() / f64::from(n);
            let variance = x.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / f64::from(n);
            // Standard errors √(2ν/n) and 2ν·√((2 + 12/ν)/n); five of them.
            let n = f64::from(n);
            assert!(
                (mean - dof).abs() < 5.0 * libm::sqrt(2.0 * dof / n),
                "{dof}: {mean}"
            );
            let error = 2.0 * dof * libm::sqrt((2.0 + 12.0 / dof) / n);
            assert!(
                (variance - 2.0 * dof).abs() < 5.0 * error,
                "{dof}: {variance}"
            );
        }
    }
}
