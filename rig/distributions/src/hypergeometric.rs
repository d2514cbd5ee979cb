//! The hypergeometric distribution: how many of the `defectives` in a `population` are among the
//! `drawn`.
//!
//! Counts up to 2^40; NaN beyond, and where more are defective or drawn than there are.

use crate::binomial;

/// Largest population.
const LARGEST: u64 = 1 << 40;
/// Terms of a sum; a tail of the largest population needs fewer.
const MAX_TERMS: u32 = 40_000_000;

/// Probability of `k` defectives among the drawn.
#[must_use]
pub fn pmf(k: u64, population: u64, defectives: u64, drawn: u64) -> f64 {
    Counts::new(population, defectives, drawn).map_or(f64::NAN, |it| it.pmf(k))
}

/// Probability of at most `k` defectives among the drawn.
#[must_use]
pub fn cdf(k: u64, population: u64, defectives: u64, drawn: u64) -> f64 {
    Counts::new(population, defectives, drawn).map_or(f64::NAN, |it| it.cdf(k))
}

/// Probability of more than `k` defectives among the drawn.
#[must_use]
pub fn sf(k: u64, population: u64, defectives: u64, drawn: u64) -> f64 {
    Counts::new(population, defectives, drawn).map_or(f64::NAN, |it| it.sf(k))
}

#[derive(Clone, Copy, Debug)]
struct Counts {
    population: u64,
    defectives: u64,
    drawn: u64,
}

impl Counts {
    fn new(population: u64, defectives: u64, drawn: u64) -> Option<Self> {
        let is_sensible = population <= LARGEST && defectives <= population && drawn <= population;
        is_sensible.then_some(Self {
            population,
            defectives,
            drawn,
        })
    }

    fn least(self) -> u64 {
        (self.defectives + self.drawn).saturating_sub(self.population)
    }

    fn most(self) -> u64 {
        self.defectives.min(self.drawn)
    }

    /// Loader 2000: C(D, k) C(N − D, n − k)/C(N, n) as three binomial densities with p = n/N, whose
    /// distances from their means are exact.
    fn pmf(self, k: u64) -> f64 {
        if k < self.least() || k > self.most() {
            return 0.0;
        }
        let good = self.population - self.defectives;
        let part = |hits: u64, n: u64| self.scaled_density(hits, n);
        part(k, self.defectives) * part(self.drawn - k, good) / part(self.drawn, self.population)
    }

    /// Binomial density of `hits` in `n` with p = drawn/population.
    fn scaled_density(self, hits: u64, n: u64) -> f64 {
        let (population, drawn) = (self.population as f64, self.drawn as f64);
        let rest = (self.population - self.drawn) as f64;
        let misses = n - hits;
        // ln(1 − drawn/population) and ln(drawn/population), each from the smaller share.
        let log_share = |of: f64, other: f64| {
            if of > other {
                libm::log1p(-other / population)
            } else {
                libm::log(of / population)
            }
        };
        match (hits, misses) {
            (0, 0) => 1.0,
            (0, _) => libm::exp(misses as f64 * log_share(rest, drawn)),
            (_, 0) => libm::exp(hits as f64 * log_share(drawn, rest)),
            _ => {
                let distance = i128::from(hits) * i128::from(self.population)
                    - i128::from(n) * i128::from(self.drawn);
                binomial::density(
                    hits as f64,
                    misses as f64,
                    drawn / population,
                    rest / population,
                    distance as f64 / population,
                )
            }
        }
    }

    fn cdf(self, k: u64) -> f64 {
        if k < self.least() {
            return 0.0;
        }
        if k >= self.most() {
            return 1.0;
        }
        if self.is_low(k) {
            self.down_from(k)
        } else {
            1.0 - self.up_from(k + 1)
        }
    }

    fn sf(self, k: u64) -> f64 {
        if k < self.least() {
            return 1.0;
        }
        if k >= self.most() {
            return 0.0;
        }
        if self.is_low(k) {
            1.0 - self.down_from(k)
        } else {
            self.up_from(k + 1)
        }
    }

    /// Whether `k` lies below the mean, so that the terms at and below it fall.
    fn is_low(self, k: u64) -> bool {
        u128::from(k) * u128::from(self.population)
            < u128::from(self.defectives) * u128::from(self.drawn)
    }

    /// Sum of the terms from `k` downwards.
    fn down_from(self, k: u64) -> f64 {
        let mut k = k;
        self.sum(self.pmf(k), || {
            let going = k > self.least();
            let ratio = (k as f64) * (self.population + k - self.defectives - self.drawn) as f64
                / ((self.defectives - k + 1) as f64)
                / ((self.drawn - k + 1) as f64);
            k = k.saturating_sub(1);
            going.then_some(ratio)
        })
    }

    /// Sum of the terms from `k` upwards.
    fn up_from(self, k: u64) -> f64 {
        let mut k = k;
        self.sum(self.pmf(k), || {
            let going = k < self.most();
            let ratio = ((self.defectives - k) as f64) * (self.drawn - k) as f64
                / ((k + 1) as f64)
                / ((self.population + k + 1 - self.defectives - self.drawn) as f64);
            k += 1;
            going.then_some(ratio)
        })
    }

    /// First term times the sum of products of ratios.
    fn sum(self, first: f64, mut next_ratio: impl FnMut() -> Option<f64>) -> f64 {
        let (mut term, mut sum) = (1.0, 1.0);
        for _ in 0..MAX_TERMS {
            match next_ratio() {
                Some(ratio) if term > 1e-17 * sum => term *= ratio,
                _ => return first * sum,
            }
            sum += term;
        }
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_cases() {
        // Two of four defective, two drawn: 1/6, 4/6, 1/6.
        for (k, exact) in [(0, 1.0 / 6.0), (1, 4.0 / 6.0), (2, 1.0 / 6.0)] {
            assert!((pmf(k, 4, 2, 2) / exact - 1.0).abs() < 1e-14);
        }
        assert!((cdf(0, 4, 2, 2) - 1.0 / 6.0).abs() < 1e-15);
        assert!((cdf(1, 4, 2, 2) - 5.0 / 6.0).abs() < 1e-15);
        assert!((sf(1, 4, 2, 2) - 1.0 / 6.0).abs() < 1e-15);
        // Three of four defective, three drawn: at least two.
        assert_eq!(
            (pmf(1, 4, 3, 3), cdf(1, 4, 3, 3), sf(1, 4, 3, 3)),
            (0.0, 0.0, 1.0)
        );
        assert_eq!((cdf(3, 4, 3, 3), sf(3, 4, 3, 3)), (1.0, 0.0));
        assert_eq!(
            (pmf(0, 10, 0, 5), pmf(0, 10, 5, 0), pmf(0, 0, 0, 0)),
            (1.0, 1.0, 1.0)
        );
        assert!(
            cdf(0, 4, 5, 2).is_nan() && sf(0, 4, 2, 5).is_nan() && pmf(0, u64::MAX, 1, 1).is_nan()
        );
    }
}
