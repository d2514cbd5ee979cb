//! Confidence bounds of the gauge's variance by the modified large-sample method.
//!
//! # Formula
//! The gauge's variance is a sum of mean squares with weights that are all positive,
//! γ = Σ cₑ·Sₑ². Its bounds at one-sided confidence 1 − α are
//!
//! upper = γ̂ + √Σ(Hₑ·cₑ·Sₑ²)², Hₑ = νₑ/χ²(α; νₑ) − 1,
//! lower = γ̂ − √Σ(Gₑ·cₑ·Sₑ²)², Gₑ = 1 − νₑ/χ²(1 − α; νₑ),
//!
//! χ²(p; ν) being the value below which a share p lies. They are exact where one term alone is
//! left, and conservative otherwise; tests count by simulation how often they hold.
//!
//! Source: Graybill and Wang, "Confidence Intervals on Nonnegative Linear Combinations of
//! Variances", JASA 75, 1980; Burdick, Borror and Montgomery, J. Quality Technology 35(4), 2003.

use super::Components;
use super::crossed::{Anova, GaugeModel};
use super::error::GaugeStudyError;
use rig_distributions::chi_squared;

/// Least one-sided confidence: with one degree of freedom the mean of χ² is its 68 % quantile.
const LEAST_CONFIDENCE: f64 = 0.7;

/// Bounds of a variance, each at its own one-sided confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The sum of weighted mean squares that they are bounds of: no part of it is set to zero.
    pub estimate: f64,
    /// Lower bound, not below zero.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Bounds of the gauge's variance GRR².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrrBounds {
    /// By the method above.
    pub variance: Bounds,
}

impl GrrBounds {
    /// The upper bound as it is judged: never below the estimate that is reported, which is larger
    /// than the sum of mean squares where a negative component was set to zero.
    #[must_use]
    pub fn upper_for(&self, components: &Components) -> f64 {
        self.variance.upper.max(components.grr())
    }

    /// The lower bound, likewise never above the reported estimate.
    #[must_use]
    pub fn lower_for(&self, components: &Components) -> f64 {
        self.variance.lower.min(components.grr())
    }
}

impl Anova {
    /// Bounds of the gauge's variance at a one-sided confidence, such as 0.95.
    ///
    /// A model that was chosen by the data narrows the bound without warrant, if only a little:
    /// what is judged should rest on [`GaugeModel::WithInteraction`].
    ///
    /// # Errors
    /// [`GaugeStudyError::Confidence`] unless the confidence lies between 0.7 and 1.
    pub fn grr_bounds(
        &self,
        model: GaugeModel,
        confidence: f64,
    ) -> Result<GrrBounds, GaugeStudyError> {
        Ok(GrrBounds {
            variance: bounds(&self.grr_terms(model), confidence)?,
        })
    }

    /// The terms that the gauge's variance is the sum of.
    pub(super) fn grr_terms(&self, model: GaugeModel) -> Vec<Term> {
        let [p, _, r] = self.shape.map(|it| it as f64);
        let term = |weight: f64, source: super::Source| Term {
            weight,
            mean_square: source.mean_square(),
            dof: source.dof,
        };
        match model {
            GaugeModel::WithInteraction => vec![
                term(1.0 / (p * r), self.appraiser),
                term((p - 1.0) / (p * r), self.interaction),
                term((r - 1.0) / r, self.repeatability),
            ],
            GaugeModel::WithinParts => vec![
                term(1.0 / r, self.within_parts()),
                term((r - 1.0) / r, self.repeatability),
            ],
            GaugeModel::Pooled => vec![
                term(1.0 / (p * r), self.appraiser),
                term((p * r - 1.0) / (p * r), self.pooled()),
            ],
        }
    }
}

/// One mean square and its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) weight: f64,
    pub(super) mean_square: f64,
    pub(super) dof: f64,
}

pub(super) fn bounds(terms: &[Term], confidence: f64) -> Result<Bounds, GaugeStudyError> {
    // Below this, a coefficient could be negative, and its square would widen what it should narrow.
    if !(LEAST_CONFIDENCE..1.0).contains(&confidence) {
        return Err(GaugeStudyError::Confidence {
            value: confidence,
            least: LEAST_CONFIDENCE,
        });
    }
    let (mut estimate, mut below, mut above) = (0.0, 0.0, 0.0);
    for it in terms {
        let part = it.weight * it.mean_square;
        let g = 1.0 - it.dof / chi_squared::quantile(confidence, it.dof);
        let h = it.dof / chi_squared::upper_quantile(confidence, it.dof) - 1.0;
        estimate += part;
        below += g * part * (g * part);
        above += h * part * (h * part);
    }
    Ok(Bounds {
        estimate,
        lower: (estimate - libm::sqrt(below)).max(0.0),
        upper: estimate + libm::sqrt(above),
    })
}
