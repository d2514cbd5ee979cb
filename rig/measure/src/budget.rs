//! Uncertainty budgets: what scatter cannot know, combined after the GUM.
//!
//! Symbols and clauses are those of JCGM 100:2008. Inputs are taken as uncorrelated.

use crate::{COVERAGE_95_45, Estimate, student_t_coverage};
use core::f64::consts::SQRT_2;
use std::fmt;

/// Shape of what is known about an input (JCGM 100:2008, 4.2 and 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Type A, from scatter.
    TypeA,
    /// Normal, such as a certificate's U over its k.
    Normal,
    /// Rectangular: a half-width over √3.
    Rectangular,
    /// Triangular: a half-width over √6.
    Triangular,
    /// Arcsine: a half-width over √2.
    Arcsine,
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Distribution {
    /// What a half-width is divided by to give a standard uncertainty; for a normal one, what a
    /// standard uncertainty is divided by, which is 1.
    #[must_use]
    pub fn divisor(self) -> f64 {
        match self {
            Self::TypeA | Self::Normal => 1.0,
            Self::Rectangular => libm::sqrt(3.0),
            Self::Triangular => libm::sqrt(6.0),
            Self::Arcsine => SQRT_2,
        }
    }

    /// Its name in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TypeA => "type A",
            Self::Normal => "normal",
            Self::Rectangular => "rectangular",
            Self::Triangular => "triangular",
            Self::Arcsine => "arcsine",
        }
    }
}

/// One line of a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// What it is.
    pub name: &'static str,
    /// Its standard uncertainty, in its own unit.
    pub u: f64,
    /// Change of the result with it.
    pub sensitivity: f64,
    /// Its degrees of freedom.
    pub dof: f64,
    /// What its standard uncertainty was taken from.
    pub distribution: Distribution,
}

impl Component {
    /// The scatter of an estimate.
    #[must_use]
    pub fn scatter(name: &'static str, estimate: &Estimate) -> Self {
        Self {
            name,
            u: estimate.u,
            sensitivity: 1.0,
            dof: estimate.dof,
            distribution: Distribution::TypeA,
        }
    }

    /// A limit of error (half-width) of the given shape, or a standard uncertainty if normal;
    /// in the unit of the result.
    #[must_use]
    pub fn limit(name: &'static str, half_width: f64, distribution: Distribution) -> Self {
        Self {
            name,
            u: half_width.abs() / distribution.divisor(),
            sensitivity: 1.0,
            dof: f64::INFINITY,
            distribution,
        }
    }
}

/// A budget: what goes into the uncertainty of one value.
///
/// The budgets made here have the estimate's own scatter first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Its lines.
    pub components: Vec<Component>,
}

/// One line of a budget as it is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// What its standard uncertainty was taken from.
    pub distribution: Distribution,
    /// Its standard uncertainty, in its own unit.
    pub u: f64,
    /// Change of the result with it.
    pub sensitivity: f64,
    /// Its contribution |c| u, in the unit of the result.
    pub contribution: f64,
    /// Its degrees of freedom; infinite where `u` is known.
    pub dof: f64,
    /// Its share of u_c², from 0 to 1; zero in a budget of zeros.
    pub share: f64,
}

/// A combined uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combined {
    /// Combined standard uncertainty.
    pub u_c: f64,
    /// Effective degrees of freedom, before they are cut to a whole number for `k`.
    pub nu_eff: f64,
    /// Coverage factor for 95.45 %.
    pub k: f64,
    /// Expanded uncertainty.
    pub expanded: f64,
}

/// A value with its uncertainty: what is judged.
///
/// Neither is rounded. Both are NaN or infinite if an input was; whoever records them refuses
/// that.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The value, corrected for known effects.
    pub value: f64,
    /// Its uncertainty.
    pub uncertainty: Combined,
    /// Where the uncertainty comes from.
    pub budget: Budget,
    /// How many observations it rests on.
    pub n: usize,
}

impl Budget {
    /// Combines the lines.
    ///
    /// u_c² = Σ (c u)² (JCGM 100:2008, equation 10);
    /// ν_eff = u_c⁴ / Σ ((c u)⁴/ν) (G.2b, Welford-Satterthwaite);
    /// k = t(ν_eff) for 95.45 %, ν_eff cut to the whole number below (G.4.1); U = k u_c.
    /// An empty budget gives zero with k = 2.
    #[must_use]
    pub fn combine(&self) -> Combined {
        let contributions = self
            .components
            .iter()
            .map(|it| (it.sensitivity * it.u, it.dof));
        let u_c = libm::sqrt(contributions.clone().map(|(u, _)| u * u).sum());
        // As fourth powers of shares, so that no unit makes them under- or overflow.
        let inverse_nu: f64 = contributions
            .filter(|(u, _)| *u != 0.0)
            .map(|(u, dof)| libm::pow(u / u_c, 4.0) / dof)
            .sum();
        let nu_eff = if inverse_nu == 0.0 {
            f64::INFINITY
        } else {
            1.0 / inverse_nu
        };
        let nu_for_k = if nu_eff >= 1.0 {
            libm::floor(nu_eff)
        } else {
            nu_eff
        };
        let k = student_t_coverage(COVERAGE_95_45, nu_for_k);
        Combined {
            u_c,
            nu_eff,
            k,
            expanded: k * u_c,
        }
    }

    /// The lines as a table has them, in order, with each one's share of the whole.
    ///
    /// # Examples
    /// ```
    /// use rig_measure::{Budget, Component, Distribution};
    ///
    /// let budget = Budget {
    ///     components: vec![
    ///         Component::limit("calibration", 3.0, Distribution::Normal),
    ///         Component::limit("linearity", 4.0 * 3.0_f64.sqrt(), Distribution::Rectangular),
    ///     ],
    /// };
    /// let shares: Vec<f64> = budget.lines().iter().map(|it| (100.0 * it.share).round()).collect();
    /// assert_eq!(shares, [36.0, 64.0]);
    /// ```
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let variance: f64 = self
            .components
            .iter()
            .map(|it| it.sensitivity * it.u * it.sensitivity * it.u)
            .sum();
        let line = |it: &Component| {
            let contribution = (it.sensitivity * it.u).abs();
            let share = if variance > 0.0 {
                contribution * contribution / variance
            } else {
                0.0
            };
            Line {
                name: it.name,
                distribution: it.distribution,
                u: it.u,
                sensitivity: it.sensitivity,
                contribution,
                dof: it.dof,
                share,
            }
        };
        self.components.iter().map(line).collect()
    }

    /// The value with this budget's uncertainty.
    #[must_use]
    pub fn measured(self, estimate: &Estimate) -> Measured {
        let uncertainty = self.combine();
        Measured {
            value: estimate.value,
            uncertainty,
            budget: self,
            n: estimate.n,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(u: f64, dof: f64) -> Component {
        Component {
            name: "test",
            u,
            sensitivity: 1.0,
            dof,
            distribution: Distribution::Normal,
        }
    }

    #[test]
    fn end_gauge_of_the_gum() {
        // JCGM 100:2008, H.1.5 and table H.1: contributions to u(l) in nm and their degrees of
        // freedom, u_c = 32 nm, ν_eff = 16, U99 = 93 nm.
        let lines = [(25.0, 18.0), (9.7, 24.0), (2.9, 50.0), (16.6, 2.0)];
        // Table H.1: the difference d is made of repeatability 5.8 (24), random 3.9 (5) and
        // systematic 6.7 (8) effects of the comparator, 9.7 nm together with ν_eff = 25.6.
        let comparator = Budget {
            components: vec![
                component(5.8, 24.0),
                component(3.9, 5.0),
                component(6.7, 8.0),
            ],
        };
        let comparator = comparator.combine();
        assert!((comparator.u_c - 9.7).abs() < 0.05, "{comparator:?}");
        assert!((comparator.nu_eff - 25.6).abs() < 0.2, "{comparator:?}");

        let budget = Budget {
            components: lines.iter().map(|&(u, dof)| component(u, dof)).collect(),
        };
        let combined = budget.combine();
        assert!((combined.u_c - 31.67).abs() < 0.05, "{combined:?}");
        assert!((combined.nu_eff - 16.7).abs() < 0.1, "{combined:?}");
        let u99 = student_t_coverage(0.99, libm::floor(combined.nu_eff)) * combined.u_c;
        assert!((u99 - 93.0).abs() < 1.0, "U99 {u99}");
    }

    #[test]
    fn lines_have_contributions_and_shares() {
        let half = Component {
            sensitivity: -0.5,
            ..component(8.0, 12.0)
        };
        let budget = Budget {
            components: vec![component(3.0, 5.0), half],
        };
        let lines = budget.lines();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[1].contribution, lines[1].dof), (4.0, 12.0));
        assert!((lines[0].share - 0.36).abs() < 1e-15 && (lines[1].share - 0.64).abs() < 1e-15);
        let zeros = Budget {
            components: vec![component(0.0, 5.0)],
        };
        assert_eq!(zeros.lines()[0].share, 0.0);
        let named = [
            Distribution::TypeA,
            Distribution::Normal,
            Distribution::Rectangular,
            Distribution::Triangular,
            Distribution::Arcsine,
        ];
        assert_eq!(
            named.map(|it| it.to_string()).join(", "),
            "type A, normal, rectangular, triangular, arcsine"
        );
    }

    #[test]
    fn known_uncertainty_has_k_of_two() {
        let combined = Budget {
            components: vec![component(3.0, f64::INFINITY), component(4.0, f64::INFINITY)],
        }
        .combine();
        assert_eq!(combined.u_c, 5.0);
        assert!((combined.k - 2.0).abs() < 1e-12 && (combined.expanded - 10.0).abs() < 1e-11);
        let empty = Budget::default().combine();
        assert!(empty.expanded == 0.0 && (empty.k - 2.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        let combined = Budget {
            components: vec![component(f64::NAN, 5.0), component(1.0, 5.0)],
        }
        .combine();
        assert!(combined.expanded.is_nan());
        let combined = Budget {
            components: vec![component(1.0, 0.0)],
        }
        .combine();
        assert!(
            combined.expanded.is_nan(),
            "no degrees of freedom, no coverage factor: {combined:?}"
        );
    }
}
