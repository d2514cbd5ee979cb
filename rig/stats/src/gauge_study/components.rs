//! Components of variance and what they are shares of.

use super::crossed::{Anova, CrossedStudy, GaugeModel};
use super::error::{GaugeStudyError, positive};

/// One component of variance, as estimated and as used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// By the difference of mean squares; may be negative.
    pub estimate: f64,
}

impl Component {
    /// The estimate, a negative one set to zero.
    #[must_use]
    pub fn variance(self) -> f64 {
        self.estimate.max(0.0)
    }

    /// Whether a negative estimate was set to zero. A report says so.
    #[must_use]
    pub fn is_truncated(self) -> bool {
        self.estimate < 0.0
    }
}

impl From<f64> for Component {
    fn from(estimate: f64) -> Self {
        Self { estimate }
    }
}

/// Components of variance of a study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Components {
    /// Repeats of one appraiser on one part: EV².
    pub repeatability: Component,
    /// Between appraisers.
    pub appraiser: Component,
    /// Appraisers who differ from part to part; none in a model that pools it.
    pub interaction: Option<Component>,
    /// Between parts: PV².
    pub part: Component,
}

impl Components {
    /// Reproducibility AV²: appraisers and interaction.
    #[must_use]
    pub fn reproducibility(&self) -> f64 {
        self.appraiser.variance() + self.interaction.map_or(0.0, Component::variance)
    }

    /// The gauge's own variance GRR² = EV² + AV².
    #[must_use]
    pub fn grr(&self) -> f64 {
        self.repeatability.variance() + self.reproducibility()
    }

    /// Total variance TV² = GRR² + PV².
    #[must_use]
    pub fn total(&self) -> f64 {
        self.grr() + self.part.variance()
    }

    /// Names of the components whose negative estimate was set to zero.
    #[must_use]
    pub fn truncated(&self) -> Vec<&'static str> {
        [
            ("appraiser", Some(self.appraiser)),
            ("interaction", self.interaction),
            ("part", Some(self.part)),
        ]
        .into_iter()
        .filter(|(_, it)| it.is_some_and(Component::is_truncated))
        .map(|(name, _)| name)
        .collect()
    }

    /// Number of categories of parts that the gauge tells apart; none for a gauge without any
    /// variance of its own.
    #[must_use]
    pub fn distinct_categories(&self) -> Option<u64> {
        distinct_categories(self.part.variance(), self.grr())
    }
}

/// ndc = ⌊1.41·PV/GRR⌋, at least 1; none where the gauge's variance is zero.
///
/// √2 rounded to 1.41 as AIAG prints it.
#[must_use]
pub fn distinct_categories(part_variance: f64, grr_variance: f64) -> Option<u64> {
    let ratio = 1.41 * libm::sqrt(part_variance / grr_variance);
    // What is beyond the range of u64 saturates.
    (grr_variance > 0.0 && ratio.is_finite()).then_some((ratio as u64).max(1))
}

impl Anova {
    /// Components of variance under a model, from expected mean squares.
    #[must_use]
    pub fn components(&self, model: GaugeModel) -> Components {
        let [p, o, r] = self.shape.map(|it| it as f64);
        let (part, appraiser) = (self.part.mean_square(), self.appraiser.mean_square());
        let component = Component::from;
        match model {
            GaugeModel::WithInteraction => {
                let interaction = self.interaction.mean_square();
                let repeats = self.repeatability.mean_square();
                Components {
                    repeatability: component(repeats),
                    appraiser: component((appraiser - interaction) / (p * r)),
                    interaction: Some(component((interaction - repeats) / r)),
                    part: component((part - interaction) / (o * r)),
                }
            }
            GaugeModel::WithinParts => {
                let within = self.within_parts().mean_square();
                let repeats = self.repeatability.mean_square();
                Components {
                    repeatability: component(repeats),
                    appraiser: component((within - repeats) / r),
                    interaction: None,
                    part: component((part - within) / (o * r)),
                }
            }
            GaugeModel::Pooled => {
                let error = self.pooled().mean_square();
                Components {
                    repeatability: component(error),
                    appraiser: component((appraiser - error) / (p * r)),
                    interaction: None,
                    part: component((part - error) / (o * r)),
                }
            }
        }
    }
}

/// Tolerance limits that a gauge is held against, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StudyTolerance {
    /// Upper minus lower limit.
    TwoSided {
        /// Lower limit.
        lower: f64,
        /// Upper limit.
        upper: f64,
    },
    /// One limit alone: half the study's spread is held against the distance from the study's mean
    /// to the limit, so that the study's parts must be those of the process.
    OneSided {
        /// The limit.
        limit: f64,
    },
}

impl StudyTolerance {
    /// What 100 % of tolerance is, in the unit of the values: the width that the whole spread is
    /// held against.
    ///
    /// # Errors
    /// [`GaugeStudyError::NoTolerance`] for limits that are no numbers, are crossed or equal, or
    /// where the mean stands on the limit.
    pub fn width(self, mean: f64) -> Result<f64, GaugeStudyError> {
        let (width, why) = match self {
            Self::TwoSided { lower, upper } => (upper - lower, "its limits are crossed or equal"),
            Self::OneSided { limit } => (
                2.0 * (limit - mean).abs(),
                "the study's mean stands on its only limit",
            ),
        };
        if width > 0.0 && width.is_finite() {
            Ok(width)
        } else {
            Err(GaugeStudyError::NoTolerance { why })
        }
    }
}

/// A study's components as the shares that people ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// How many standard deviations are the spread: 6, or 5.15 in old editions.
    pub spread: f64,
    /// Total variance.
    pub total: f64,
    /// What 100 % of tolerance is; nothing without a tolerance.
    pub tolerance_width: Option<f64>,
}

impl Evaluation {
    /// Holds components against their sum and against a tolerance.
    ///
    /// # Errors
    /// [`GaugeStudyError::NotPositive`] for a spread that is not above zero,
    /// [`GaugeStudyError::NoTolerance`], [`GaugeStudyError::NoVariation`] where every component
    /// is zero.
    pub fn new(
        components: &Components,
        mean: f64,
        spread: f64,
        tolerance: Option<StudyTolerance>,
    ) -> Result<Self, GaugeStudyError> {
        let spread = positive("spread", spread)?;
        let total = components.total();
        if total <= 0.0 {
            return Err(GaugeStudyError::NoVariation);
        }
        let tolerance_width = tolerance.map(|it| it.width(mean)).transpose()?;
        Ok(Self {
            spread,
            total,
            tolerance_width,
        })
    }

    /// Share of the total variance, per cent.
    #[must_use]
    pub fn percent_contribution(&self, variance: f64) -> f64 {
        100.0 * variance / self.total
    }

    /// Share of the total standard deviation, per cent.
    #[must_use]
    pub fn percent_study(&self, variance: f64) -> f64 {
        100.0 * libm::sqrt(variance / self.total)
    }

    /// Spread over tolerance, per cent.
    #[must_use]
    pub fn percent_tolerance(&self, variance: f64) -> Option<f64> {
        let width = self.tolerance_width?;
        Some(100.0 * self.spread * libm::sqrt(variance) / width)
    }

    /// Spread in the unit of the values: "study variation".
    #[must_use]
    pub fn study_variation(&self, variance: f64) -> f64 {
        self.spread * libm::sqrt(variance)
    }
}

impl CrossedStudy {
    /// Components under a model, and what they are shares of.
    ///
    /// # Errors
    /// As [`Evaluation::new`].
    pub fn evaluate(
        &self,
        model: GaugeModel,
        spread: f64,
        tolerance: Option<StudyTolerance>,
    ) -> Result<(Components, Evaluation), GaugeStudyError> {
        let components = self.anova().components(model);
        let evaluation = Evaluation::new(&components, self.mean(), spread, tolerance)?;
        Ok((components, evaluation))
    }
}
