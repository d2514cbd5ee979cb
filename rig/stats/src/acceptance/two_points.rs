//! The smallest single plan that serves producer and consumer, and the plan of an isolated lot.

use super::{AttributesPlan, PlanError};
use rig_distributions::{binomial, hypergeometric};

/// What a plan is asked for: a producer's point and a consumer's point.
///
/// **Invariant:** 0 < p1 < p2 < 1; 0 < alpha, beta; alpha + beta < 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoPoints {
    p1: f64,
    alpha: f64,
    p2: f64,
    beta: f64,
}

/// Why no plan can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The points are no points of a falling curve.
    #[error("wanted: 0 < p1 < p2 < 1, risks above 0 whose sum is below 1")]
    Points,
    /// No plan within what can be drawn.
    #[error("no plan of at most {most} units serves both points")]
    NoPlan {
        /// Most units tried.
        most: u32,
    },
    /// The lot has no unit, or its limiting quality no nonconforming unit.
    #[error("an isolated lot has units, and a limiting quality of at least one of them")]
    Lot,
}

impl TwoPoints {
    /// Lots with a share `p1` are accepted with at least 1 − `alpha`, with a share `p2` with at
    /// most `beta`.
    ///
    /// # Errors
    /// [`SearchError::Points`] where the invariant does not hold, NaN included.
    pub fn new(p1: f64, alpha: f64, p2: f64, beta: f64) -> Result<Self, SearchError> {
        let holds =
            p1 > 0.0 && p1 < p2 && p2 < 1.0 && alpha > 0.0 && beta > 0.0 && alpha + beta < 1.0;
        holds
            .then_some(Self {
                p1,
                alpha,
                p2,
                beta,
            })
            .ok_or(SearchError::Points)
    }

    /// Share of nonconforming units at the producer's point.
    #[must_use]
    pub fn p1(self) -> f64 {
        self.p1
    }

    /// Risk at the producer's point.
    #[must_use]
    pub fn alpha(self) -> f64 {
        self.alpha
    }

    /// Share of nonconforming units at the consumer's point.
    #[must_use]
    pub fn p2(self) -> f64 {
        self.p2
    }

    /// Risk at the consumer's point.
    #[must_use]
    pub fn beta(self) -> f64 {
        self.beta
    }
}

/// What a risk may be above what is asked, as a share of it, and still be that: distribution
/// functions are good to 1e-12, and 5 of 100 is 0.05.
const TIE: f64 = 1e-12;
/// Most units that a search tries.
const MOST: u32 = 10_000_000;

/// The single plan with the fewest units that serves both points, for lots of a process (type B,
/// binomial).
///
/// For each acceptance number, the fewest units that keep the consumer's risk and the most that
/// keep the producer's; the first number for which the one is not above the other (W. C. Guenther,
/// Sampling Inspection in Statistical Quality Control, 1977).
///
/// # Errors
/// [`SearchError::NoPlan`] beyond ten million units.
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{TwoPoints, smallest_single_plan};
/// let plan = smallest_single_plan(TwoPoints::new(0.01, 0.05, 0.10, 0.10)?)?;
/// assert_eq!(plan.to_string(), "n 52, Ac 2, Re 3");
/// # Ok::<(), rig_stats::acceptance::SearchError>(())
/// ```
pub fn smallest_single_plan(points: TwoPoints) -> Result<AttributesPlan, SearchError> {
    smallest(points, MOST, |accept, n, end| {
        let p = match end {
            End::Producer => points.p1,
            End::Consumer => points.p2,
        };
        binomial::cdf(accept.into(), n.into(), p)
    })
}

/// The single plan with the fewest units that serves both points, for a lot of its own (type A,
/// hypergeometric). Of the lot's units the whole number at or below p1, and at or above p2, are
/// taken as nonconforming.
///
/// # Errors
/// [`SearchError`].
pub fn smallest_lot_plan(points: TwoPoints, lot_size: u32) -> Result<AttributesPlan, SearchError> {
    let producer = whole_below(points.p1, lot_size);
    let consumer = whole_above(points.p2, lot_size);
    smallest(points, lot_size, |accept, n, end| {
        let nonconforming = match end {
            End::Producer => producer,
            End::Consumer => consumer,
        };
        hypergeometric::cdf(
            accept.into(),
            lot_size.into(),
            nonconforming.into(),
            n.into(),
        )
    })
}

/// The fewest units of which none may be nonconforming, so that an isolated lot with `limiting` or
/// more of its units nonconforming (a share) is accepted with at most `beta` (type A).
///
/// Plans of this kind are published by AQL (N. L. Squeglia) and by limiting quality (ISO 2859-2);
/// this one is computed and is of neither.
///
/// # Errors
/// [`SearchError::Points`] for a share or risk that is not between 0 and 1; [`SearchError::Lot`].
pub fn zero_acceptance_plan(
    lot_size: u32,
    limiting: f64,
    beta: f64,
) -> Result<AttributesPlan, SearchError> {
    let between = |it: f64| it > 0.0 && it < 1.0;
    if !between(limiting) || !between(beta) {
        return Err(SearchError::Points);
    }
    let nonconforming = whole_above(limiting, lot_size);
    if lot_size == 0 || nonconforming == 0 {
        return Err(SearchError::Lot);
    }
    let accepted = |n: u32| hypergeometric::cdf(0, lot_size.into(), nonconforming.into(), n.into());
    let n = first(1, lot_size, |n| accepted(n) <= beta * (1.0 + TIE)).ok_or(SearchError::Lot)?;
    AttributesPlan::single(n, 0).map_err(|_: PlanError| SearchError::Lot)
}

/// Which point of a curve.
#[derive(Clone, Copy)]
enum End {
    Producer,
    Consumer,
}

fn smallest(
    points: TwoPoints,
    most: u32,
    accepted: impl Fn(u32, u32, End) -> f64,
) -> Result<AttributesPlan, SearchError> {
    let none = SearchError::NoPlan { most };
    let mut least = 1;
    for accept in 0..most {
        // More accepted nonconforming units never need fewer units, so the search goes upwards.
        let consumer = |n| accepted(accept, n, End::Consumer) <= points.beta * (1.0 + TIE);
        least = first(least, most, consumer).ok_or(none)?;
        if accepted(accept, least, End::Producer) >= (1.0 - points.alpha) * (1.0 - TIE) {
            return AttributesPlan::single(least, accept).map_err(|_: PlanError| none);
        }
    }
    Err(none)
}

/// The first number of a range for which a condition holds that goes on to hold.
fn first(from: u32, to: u32, holds: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut high) = (from, from);
    let mut step = 1;
    while !holds(high) {
        if high >= to {
            return None;
        }
        low = high + 1;
        high = high.saturating_add(step).min(to);
        step = step.saturating_mul(2);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

/// A share of a lot as whole units, downwards; a share such as 0.1 of 30 is 3 however it is stored.
fn whole_below(share: f64, lot_size: u32) -> u32 {
    let units = share * f64::from(lot_size);
    libm::floor(units * (1.0 + 4.0 * f64::EPSILON)) as u32
}

/// A share of a lot as whole units, upwards.
fn whole_above(share: f64, lot_size: u32) -> u32 {
    let units = share * f64::from(lot_size);
    libm::ceil(units * (1.0 - 4.0 * f64::EPSILON)) as u32
}
