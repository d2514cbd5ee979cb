//! Wald's sequential test of a share of nonconforming units, unit by unit, and its truncation.
//!
//! A. Wald, Sequential Analysis (1947), chapter 5; in the form of NIST/SEMATECH e-Handbook 6.2.6.
//! ISO 28591 tabulates truncated plans of its own; what is here is computed from the two points, and
//! a truncated plan's true risks are found exactly.

use super::TwoPoints;
use std::fmt;

/// The two lines of the test: accept after n units with at most −h1 + s n nonconforming, do not
/// accept with h2 + s n or more.
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{SequentialDecision, SequentialTest, TwoPoints};
/// let test = SequentialTest::new(TwoPoints::new(0.01, 0.05, 0.10, 0.10)?);
/// assert_eq!(test.decide(24, 0), SequentialDecision::Accept);
/// assert_eq!(test.decide(24, 1), SequentialDecision::GoOn);
/// assert_eq!(test.decide(24, 3), SequentialDecision::Reject);
/// # Ok::<(), rig_stats::acceptance::SearchError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SequentialTest {
    /// Intercept of acceptance, above 0.
    pub h1: f64,
    /// Intercept of rejection, above 0.
    pub h2: f64,
    /// Slope of both, between p1 and p2.
    pub s: f64,
}

/// What the units so far say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequentialDecision {
    /// Accept.
    Accept,
    /// Do not accept.
    Reject,
    /// Draw another unit.
    GoOn,
}

impl SequentialTest {
    /// The lines for two points:
    ///
    /// h1 = ln((1 − α)/β)/K, h2 = ln((1 − β)/α)/K, s = ln((1 − p1)/(1 − p2))/K with
    /// K = ln(p2 (1 − p1)/(p1 (1 − p2))).
    #[must_use]
    pub fn new(points: TwoPoints) -> Self {
        let (p1, p2) = (points.p1(), points.p2());
        let (alpha, beta) = (points.alpha(), points.beta());
        let slope = libm::log1p(-p1) - libm::log1p(-p2);
        let k = libm::log(p2 / p1) + slope;
        Self {
            h1: (libm::log1p(-alpha) - libm::log(beta)) / k,
            h2: (libm::log1p(-beta) - libm::log(alpha)) / k,
            s: slope / k,
        }
    }

    /// Most nonconforming units of `n` with which the test accepts; none where it cannot yet.
    #[must_use]
    pub fn acceptance_number(self, n: u32) -> Option<u32> {
        let line = libm::floor(self.s * f64::from(n) - self.h1);
        (line >= 0.0).then_some(line as u32)
    }

    /// Fewest nonconforming units of `n` with which the test does not accept; none where `n` units
    /// cannot show so many.
    #[must_use]
    pub fn rejection_number(self, n: u32) -> Option<u32> {
        let line = libm::ceil(self.s * f64::from(n) + self.h2) as u32;
        (line <= n).then_some(line)
    }

    /// What `found` nonconforming of `n` units say.
    #[must_use]
    pub fn decide(self, n: u32, found: u32) -> SequentialDecision {
        if self.acceptance_number(n).is_some_and(|it| found <= it) {
            SequentialDecision::Accept
        } else if self.rejection_number(n).is_some_and(|it| found >= it) {
            SequentialDecision::Reject
        } else {
            SequentialDecision::GoOn
        }
    }

    /// Fewest units after which the test can accept: ⌈h1/s⌉.
    #[must_use]
    pub fn fewest_to_accept(self) -> u32 {
        libm::ceil(self.h1 / self.s) as u32
    }
}

/// A sequential test that ends after `most` units, accepting with at most ⌊s `most`⌋ nonconforming.
///
/// **Invariant:** `most` is at least the fewest units that can accept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruncatedTest {
    test: SequentialTest,
    most: u32,
}

/// Why a test cannot end there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TruncationError {
    /// It would end before it can accept.
    #[error("a test that ends after {most} units cannot accept; it needs at least {fewest}")]
    TooEarly {
        /// Where it should end.
        most: u32,
        /// Fewest units to accept.
        fewest: u32,
    },
    /// More than is gone through unit by unit.
    #[error("a test that ends after {most} units is too long; at most {limit}")]
    TooLong {
        /// Where it should end.
        most: u32,
        /// Longest test.
        limit: u32,
    },
}

/// What a truncated test does at one quality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruncatedCharacteristic {
    /// Probability of accepting.
    pub accept: f64,
    /// Probability of not accepting.
    pub reject: f64,
    /// Units drawn on average.
    pub average_sample_number: f64,
    /// Probability that only the last unit decides, by truncation.
    pub truncated: f64,
}

/// Longest test whose characteristic is computed.
const LONGEST: u32 = 100_000;

impl TruncatedTest {
    /// Ends a test after `most` units.
    ///
    /// # Errors
    /// [`TruncationError`].
    pub fn new(test: SequentialTest, most: u32) -> Result<Self, TruncationError> {
        let fewest = test.fewest_to_accept();
        if most < fewest {
            return Err(TruncationError::TooEarly { most, fewest });
        }
        if most > LONGEST {
            return Err(TruncationError::TooLong {
                most,
                limit: LONGEST,
            });
        }
        Ok(Self { test, most })
    }

    /// The lines.
    #[must_use]
    pub fn test(self) -> SequentialTest {
        self.test
    }

    /// Units after which it ends.
    #[must_use]
    pub fn most(self) -> u32 {
        self.most
    }

    /// Most nonconforming units with which the test accepts where it ends.
    #[must_use]
    pub fn last_acceptance_number(self) -> u32 {
        libm::floor(self.test.s * f64::from(self.most)) as u32
    }

    /// What `found` nonconforming of `n` units say.
    #[must_use]
    pub fn decide(self, n: u32, found: u32) -> SequentialDecision {
        match self.test.decide(n, found) {
            SequentialDecision::GoOn if n >= self.most => {
                if found <= self.last_acceptance_number() {
                    SequentialDecision::Accept
                } else {
                    SequentialDecision::Reject
                }
            }
            decision => decision,
        }
    }

    /// Probability of accepting, and units on average, at a share `p` of nonconforming units;
    /// exact, by going through every count of every unit. None unless 0 ≤ `p` ≤ 1.
    #[must_use]
    pub fn characteristic(self, p: f64) -> Option<TruncatedCharacteristic> {
        if !(0.0..=1.0).contains(&p) {
            return None;
        }
        let mut result = TruncatedCharacteristic {
            accept: 0.0,
            reject: 0.0,
            average_sample_number: 0.0,
            truncated: 0.0,
        };
        // Probability of `lowest + i` found and undecided.
        let mut undecided = vec![1.0];
        let mut lowest = 0_u32;
        for n in 1..=self.most {
            result.average_sample_number += undecided.iter().sum::<f64>();
            let mut next = vec![0.0; undecided.len() + 1];
            for (idx, weight) in undecided.iter().enumerate() {
                next[idx] += weight * (1.0 - p);
                next[idx + 1] += weight * p;
            }
            let mut first_open = None;
            let mut open = Vec::with_capacity(next.len());
            for (found, weight) in (lowest..).zip(next) {
                if n == self.most && self.test.decide(n, found) == SequentialDecision::GoOn {
                    result.truncated += weight;
                }
                match self.decide(n, found) {
                    SequentialDecision::Accept => result.accept += weight,
                    SequentialDecision::Reject => result.reject += weight,
                    SequentialDecision::GoOn => {
                        first_open.get_or_insert(found);
                        open.push(weight);
                    }
                }
            }
            lowest = first_open.unwrap_or(lowest);
            undecided = open;
        }
        Some(result)
    }
}

impl fmt::Display for TruncatedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SequentialTest { h1, h2, s } = self.test;
        write!(
            f,
            "accept with at most {s:.6} n - {h1:.6}, do not accept with {s:.6} n + {h2:.6} or more \
             nonconforming of n units; ends after {} units with Ac {}",
            self.most,
            self.last_acceptance_number()
        )
    }
}
