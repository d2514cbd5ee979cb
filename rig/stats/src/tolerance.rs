//! Statistical tolerance intervals: where a share of a lot lies, with a confidence.

mod factor;
mod order;

pub use factor::{equal_tailed_factor, howe_factor, one_sided_factor, two_sided_factor};
pub use order::{order_statistics_needed, order_trim};

use crate::sample::{StatisticError, check_share, moments, sorted};

/// Which side of a lot an interval bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    /// At least the share lies above the lower end.
    Lower,
    /// At least the share lies below the upper end.
    Upper,
    /// At least the share lies between both ends.
    Both,
}

/// What an interval is asked to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToleranceClaim {
    /// Which ends it has.
    pub sides: Sides,
    /// Least share of the lot within it, between 0 and 1.
    pub content: f64,
    /// Confidence in that, between 0 and 1.
    pub confidence: f64,
}

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToleranceMethod {
    /// Mean ± factor · standard deviation: holds for normal lots.
    Normal {
        /// The exact factor.
        factor: f64,
    },
    /// From a value of a rank to a value of a rank: holds for any continuous distribution.
    OrderStatistics {
        /// Values left off at each bounded end, so that 1 is the least and the largest value.
        rank_from_end: usize,
    },
}

/// A tolerance interval in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToleranceInterval {
    /// What it was asked to hold.
    pub claim: ToleranceClaim,
    /// How many values it rests on.
    pub n: usize,
    /// Lower end, systematic uncertainty subtracted.
    pub lower: Option<f64>,
    /// Upper end, systematic uncertainty added.
    pub upper: Option<f64>,
    /// Confidence that it attains: the one asked for, or more with order statistics.
    pub confidence_attained: f64,
    /// How it was made.
    pub method: ToleranceMethod,
}

/// The exact tolerance interval of a normal lot (ISO 16269-6), widened at each end by `systematic`:
/// an expanded uncertainty that all values have in common, and that no number of units averages
/// away.
///
/// # Errors
/// Values or arguments out of range; [`StatisticError::NoSpread`] for equal values.
pub fn normal_tolerance_interval(
    values: &[f64],
    claim: ToleranceClaim,
    systematic: f64,
) -> Result<ToleranceInterval, StatisticError> {
    check(claim, systematic)?;
    let moments = moments(values)?;
    if moments.standard_deviation == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let factor = match claim.sides {
        Sides::Both => two_sided_factor(moments.n, claim.content, claim.confidence),
        Sides::Lower | Sides::Upper => one_sided_factor(moments.n, claim.content, claim.confidence),
    };
    if !factor.is_finite() {
        return Err(StatisticError::NotConverged);
    }
    let reach = factor * moments.standard_deviation + systematic;
    Ok(ToleranceInterval {
        claim,
        n: moments.n,
        lower: (claim.sides != Sides::Upper).then_some(moments.mean - reach),
        upper: (claim.sides != Sides::Lower).then_some(moments.mean + reach),
        confidence_attained: claim.confidence,
        method: ToleranceMethod::Normal { factor },
    })
}

/// The tolerance interval between order statistics, for a lot of any continuous distribution
/// (Wilks 1941; ISO 16269-6), widened at each end by `systematic` as in
/// [`normal_tolerance_interval`].
///
/// As many values are left off at the bounded ends as the confidence allows, equally many at each.
///
/// # Errors
/// [`StatisticError::TooFewValues`] where not even the least and the largest value suffice; values
/// or arguments out of range.
pub fn order_tolerance_interval(
    values: &[f64],
    claim: ToleranceClaim,
    systematic: f64,
) -> Result<ToleranceInterval, StatisticError> {
    check(claim, systematic)?;
    let sorted = sorted(values)?;
    let n = sorted.len();
    let too_few = || StatisticError::TooFewValues {
        needed: order_statistics_needed(claim).unwrap_or(usize::MAX),
        got: n,
    };
    let (rank, attained) = order_trim(n, claim).ok_or_else(too_few)?;
    let lower = sorted.get(rank - 1).map(|it| it - systematic);
    let upper = sorted.get(n - rank).map(|it| it + systematic);
    Ok(ToleranceInterval {
        claim,
        n,
        lower: lower.filter(|_| claim.sides != Sides::Upper),
        upper: upper.filter(|_| claim.sides != Sides::Lower),
        confidence_attained: attained,
        method: ToleranceMethod::OrderStatistics {
            rank_from_end: rank,
        },
    })
}

fn check(claim: ToleranceClaim, systematic: f64) -> Result<(), StatisticError> {
    check_share("content", claim.content)?;
    check_share("confidence", claim.confidence)?;
    if systematic >= 0.0 && systematic.is_finite() {
        Ok(())
    } else {
        Err(StatisticError::Argument {
            name: "systematic uncertainty",
            value: systematic,
        })
    }
}
