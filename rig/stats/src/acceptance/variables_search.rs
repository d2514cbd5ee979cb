//! The smallest variables plan that serves producer and consumer.

use super::{SearchError, Spread, TwoPoints, VariablesPlan};
use rig_distributions::{noncentral_t, normal};

/// Most units that a search tries.
const MOST: u32 = 1_000_000;

/// The variables plan with the fewest units that serves both points, for one limit.
///
/// Of the constants that do, the largest: the producer's risk is met exactly, and the consumer's
/// lies at or below what was asked.
///
/// # Errors
/// [`SearchError::NoPlan`] beyond a million units.
pub fn smallest_variables_plan(
    points: TwoPoints,
    spread: Spread,
) -> Result<VariablesPlan, SearchError> {
    let none = SearchError::NoPlan { most: MOST };
    let least = match spread {
        Spread::Unknown => 3,
        Spread::Known(_) => 2,
    };
    let plan = |n: u32| VariablesPlan::new(n, constant(points, n, spread), spread).ok();
    let serves = |n: u32| {
        plan(n)
            .and_then(|it| it.acceptance_probability(points.p2()).ok())
            .is_some_and(|accepted| accepted <= points.beta())
    };
    let (mut low, mut high) = (least, least);
    while !serves(high) {
        if high >= MOST {
            return Err(none);
        }
        low = high + 1;
        high = high.saturating_mul(2).min(MOST);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if serves(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    plan(low).ok_or(none)
}

/// The constant with which `n` units meet the producer's risk exactly.
fn constant(points: TwoPoints, n: u32, spread: Spread) -> f64 {
    let root = libm::sqrt(f64::from(n));
    let z = normal::upper_quantile(points.p1());
    match spread {
        Spread::Unknown => {
            noncentral_t::quantile(points.alpha(), f64::from(n) - 1.0, z * root) / root
        }
        Spread::Known(_) => z - normal::upper_quantile(points.alpha()) / root,
    }
}
