//! How often a variables plan accepts between two limits (form 2), exactly.

use super::{Spread, VariablesError, VariablesPlan};
use rig_distributions::{chi_squared, normal, quadrature, root};

/// Tail of the standard deviation that is left out on either side.
const LEFT_OUT: f64 = 1e-20;

impl VariablesPlan {
    /// Pa between two limits, at shares `below` and `above` of a normally distributed quantity:
    /// the probability that the shares estimated beyond both limits are together at most M.
    ///
    /// For a standard deviation s of the sample the accepted means are an interval about the middle
    /// of the limits, whose ends follow from the estimates; its probability is integrated over the
    /// distribution of s. With a share of 0 this is [`Self::acceptance_probability`] of the other.
    ///
    /// # Errors
    /// [`VariablesError::NotAShare`] for shares outside 0 to 1 or of 1 and more together;
    /// [`VariablesError::NotComputed`] if the integral does not converge.
    pub fn acceptance_probability_between(
        self,
        below: f64,
        above: f64,
    ) -> Result<f64, VariablesError> {
        let is_share = |it: f64| (0.0..1.0).contains(&it);
        if !is_share(below) || !is_share(above) || below + above >= 1.0 {
            return Err(VariablesError::NotAShare);
        }
        if below == 0.0 || above == 0.0 {
            return self.acceptance_probability(below + above);
        }
        // The quantity has mean 0 and deviation 1; limits lie at −lower and upper.
        let (lower, upper) = (normal::upper_quantile(below), normal::upper_quantile(above));
        let middle = 0.5 * (upper - lower);
        let half = 0.5 * (upper + lower);
        let root_n = libm::sqrt(f64::from(self.n()));
        let accepted_mean = |deviation: f64| {
            let Some(reach) = self.reach(half, deviation) else {
                return 0.0;
            };
            let (low, high) = (root_n * (middle - reach), root_n * (middle + reach));
            // On the side where both are small.
            if low > 0.0 {
                normal::sf(low) - normal::sf(high)
            } else {
                normal::cdf(high) - normal::cdf(low)
            }
        };
        let accepted = match self.spread() {
            Spread::Known(_) => accepted_mean(1.0),
            Spread::Unknown => {
                let dof = f64::from(self.n()) - 1.0;
                let deviation = |square: f64| libm::sqrt(square / dof);
                let least = deviation(chi_squared::quantile(LEFT_OUT, dof));
                let most = deviation(chi_squared::upper_quantile(LEFT_OUT, dof))
                    .min(self.largest_deviation(half));
                if most <= least {
                    0.0
                } else {
                    quadrature::integrate(
                        |s| 2.0 * dof * s * chi_squared::pdf(dof * s * s, dof) * accepted_mean(s),
                        least,
                        most,
                    )
                }
            }
        };
        if accepted.is_finite() {
            Ok(accepted.clamp(0.0, 1.0))
        } else {
            Err(VariablesError::NotComputed)
        }
    }

    /// How far a mean may lie from the middle of limits that lie `half` from it; none where even
    /// the middle is not accepted.
    fn reach(self, half: f64, deviation: f64) -> Option<f64> {
        let share = self.largest_share();
        let beyond = |offset: f64| {
            self.estimated_share((half - offset) / deviation)
                + self.estimated_share((half + offset) / deviation)
                - share
        };
        let count = f64::from(self.n());
        // Here the estimate beyond one limit is 1 with unknown spread, and all but 1 with known.
        let far = match self.spread() {
            Spread::Unknown => half + deviation * (count - 1.0) / libm::sqrt(count),
            Spread::Known(_) => half + 40.0 * deviation,
        };
        if beyond(0.0) > 0.0 {
            return None;
        }
        root::bracketed(beyond, 0.0, far)
    }

    /// The deviation beyond which no mean is accepted: with it, a mean in the middle is estimated
    /// to have half of M beyond each limit.
    fn largest_deviation(self, half: f64) -> f64 {
        let share = 0.5 * self.largest_share();
        match Self::from_share(self.n(), share, self.spread()) {
            Ok(plan) if plan.k() > 0.0 => half / plan.k(),
            _ => f64::INFINITY,
        }
    }
}
