//! Crossed gauge R&R: every appraiser measures every part as often as the others.
//!
//! # Formula
//! yᵢⱼₖ = µ + Pᵢ + Oⱼ + (PO)ᵢⱼ + Eᵢⱼₖ with p parts, o appraisers, r repeats, all effects random.
//!
//! | source | sum of squares | degrees of freedom | expected mean square |
//! | --- | --- | --- | --- |
//! | part | o·r·Σ(ȳᵢ − ȳ)² | p − 1 | σ_E² + r·σ_PO² + o·r·σ_P² |
//! | appraiser | p·r·Σ(ȳⱼ − ȳ)² | o − 1 | σ_E² + r·σ_PO² + p·r·σ_O² |
//! | interaction | r·Σ(ȳᵢⱼ − ȳᵢ − ȳⱼ + ȳ)² | (p − 1)(o − 1) | σ_E² + r·σ_PO² |
//! | repeatability | Σ(yᵢⱼₖ − ȳᵢⱼ)² | p·o·(r − 1) | σ_E² |
//!
//! Source: AIAG MSA, 4th ed. (by secondary sources); Burdick, Borror and Montgomery, "A Review of
//! Methods for Measurement Systems Capability Analysis", J. Quality Technology 35(4), 2003.

use super::error::{GaugeStudyError, finite, share};
use rig_distributions::fisher_f;

/// One measured value of a study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation<'a> {
    /// Name of the part.
    pub part: &'a str,
    /// Name of the appraiser; for a rig, of the set-up.
    pub appraiser: &'a str,
    /// The value, in any unit that all share.
    pub value: f64,
}

/// A balanced crossed study.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossedStudy {
    // Invariant: p·o·r finite values, not equal throughout in every cell; part, then appraiser, then repeat; at least
    // two parts, two appraisers, two repeats.
    values: Vec<f64>,
    parts: Vec<String>,
    appraisers: Vec<String>,
    repeats: usize,
}

/// One line of an analysis of variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Sum of squares.
    pub sum_of_squares: f64,
    /// Degrees of freedom.
    pub dof: f64,
}

impl Source {
    /// Sum of squares over degrees of freedom.
    #[must_use]
    pub fn mean_square(self) -> f64 {
        self.sum_of_squares / self.dof
    }

    /// Two lines as one.
    #[must_use]
    pub fn pooled_with(self, other: Self) -> Self {
        Self {
            sum_of_squares: self.sum_of_squares + other.sum_of_squares,
            dof: self.dof + other.dof,
        }
    }
}

/// The analysis of variance of a crossed study, with its interaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anova {
    /// Parts.
    pub part: Source,
    /// Appraisers.
    pub appraiser: Source,
    /// Part by appraiser.
    pub interaction: Source,
    /// Repeats.
    pub repeatability: Source,
    /// Number of parts, appraisers, repeats.
    pub shape: [usize; 3],
}

/// Which mean square an F test of part or appraiser divides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorTerm {
    /// Of the interaction, as all effects are random (Minitab's help; the model above).
    Interaction,
    /// Of the repeats, as in the example on page 127 of AIAG MSA, 4th ed.
    Repeatability,
}

/// One F test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FTest {
    /// Ratio of mean squares.
    pub f: f64,
    /// Probability of such a ratio or a larger one without the effect.
    pub p: f64,
}

/// What is taken for error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaugeModel {
    /// The interaction stands on its own.
    WithInteraction,
    /// The interaction is pooled with the repeats.
    Pooled,
    /// Appraisers of one part have nothing in common with those of another, as set-ups that are
    /// made for one part alone: appraisers and interaction are one source, within parts.
    WithinParts,
}

impl CrossedStudy {
    /// Sorts observations into cells; parts and appraisers keep the order in which they first
    /// come.
    ///
    /// # Errors
    /// [`GaugeStudyError::NotFinite`], [`GaugeStudyError::TooFew`] (two of each are needed),
    /// [`GaugeStudyError::MissingCell`], [`GaugeStudyError::Unbalanced`],
    /// [`GaugeStudyError::NoVariation`], [`GaugeStudyError::NoRepeatability`].
    pub fn new(observations: &[Observation<'_>]) -> Result<Self, GaugeStudyError> {
        finite(observations.iter().map(|it| it.value))?;
        let (mut parts, mut appraisers) = (Vec::new(), Vec::new());
        for it in observations {
            remember(&mut parts, it.part);
            remember(&mut appraisers, it.appraiser);
        }
        enough("parts", 2, parts.len())?;
        enough("appraisers", 2, appraisers.len())?;
        let mut values = Vec::with_capacity(observations.len());
        let mut repeats = None;
        for part in &parts {
            for appraiser in &appraisers {
                let before = values.len();
                values.extend(
                    observations
                        .iter()
                        .filter(|it| it.part == part && it.appraiser == appraiser)
                        .map(|it| it.value),
                );
                let found = values.len() - before;
                let (part, appraiser) = (part.clone(), appraiser.clone());
                if found == 0 {
                    return Err(GaugeStudyError::MissingCell { part, appraiser });
                }
                let expected = *repeats.get_or_insert(found);
                if found != expected {
                    return Err(GaugeStudyError::Unbalanced {
                        part,
                        appraiser,
                        expected,
                        found,
                    });
                }
            }
        }
        let repeats = repeats.unwrap_or(0);
        enough("repeats in each cell", 2, repeats)?;
        if values.windows(2).all(|pair| pair[0] == pair[1]) {
            return Err(GaugeStudyError::NoVariation);
        }
        if values
            .chunks(repeats)
            .all(|cell| cell.windows(2).all(|pair| pair[0] == pair[1]))
        {
            return Err(GaugeStudyError::NoRepeatability);
        }
        Ok(Self {
            values,
            parts,
            appraisers,
            repeats,
        })
    }

    /// Names of the parts.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Names of the appraisers.
    #[must_use]
    pub fn appraisers(&self) -> &[String] {
        &self.appraisers
    }

    /// The values of one cell.
    #[must_use]
    pub fn cell(&self, part: usize, appraiser: usize) -> &[f64] {
        let begin = (part * self.appraisers.len() + appraiser) * self.repeats;
        self.values
            .get(begin..begin + self.repeats)
            .unwrap_or_default()
    }

    /// Mean of all values.
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(self.values.iter().copied())
    }

    /// The analysis of variance, from differences to the means so that a large common part costs
    /// no digits.
    #[must_use]
    pub fn anova(&self) -> Anova {
        let (p, o, r) = (self.parts.len(), self.appraisers.len(), self.repeats);
        let grand = self.mean();
        let cells: Vec<Vec<f64>> = (0..p)
            .map(|i| {
                (0..o)
                    .map(|j| mean(self.cell(i, j).iter().map(|it| it - grand)))
                    .collect()
            })
            .collect();
        let parts: Vec<f64> = cells.iter().map(|row| mean(row.iter().copied())).collect();
        let appraisers: Vec<f64> = (0..o)
            .map(|j| mean(cells.iter().map(|row| row[j])))
            .collect();
        let squares = |values: &[f64]| values.iter().map(|it| it * it).sum::<f64>();
        let mut interaction = 0.0;
        let mut repeatability = 0.0;
        for (i, row) in cells.iter().enumerate() {
            for (j, cell) in row.iter().enumerate() {
                let rest = cell - parts[i] - appraisers[j];
                interaction += rest * rest;
                for value in self.cell(i, j) {
                    let rest = value - grand - cell;
                    repeatability += rest * rest;
                }
            }
        }
        let source = |sum_of_squares: f64, dof: usize| Source {
            sum_of_squares,
            dof: dof as f64,
        };
        Anova {
            part: source((o * r) as f64 * squares(&parts), p - 1),
            appraiser: source((p * r) as f64 * squares(&appraisers), o - 1),
            interaction: source(r as f64 * interaction, (p - 1) * (o - 1)),
            repeatability: source(repeatability, p * o * (r - 1)),
            shape: [p, o, r],
        }
    }
}

impl Anova {
    /// Part, appraiser, interaction and repeats together.
    #[must_use]
    pub fn total(&self) -> Source {
        self.part
            .pooled_with(self.appraiser)
            .pooled_with(self.interaction)
            .pooled_with(self.repeatability)
    }

    /// Interaction and repeats as one source of error.
    #[must_use]
    pub fn pooled(&self) -> Source {
        self.interaction.pooled_with(self.repeatability)
    }

    /// Appraisers and interaction as one source: appraisers within parts.
    #[must_use]
    pub fn within_parts(&self) -> Source {
        self.appraiser.pooled_with(self.interaction)
    }

    /// Whether the interaction is more than what repeats alone would make.
    #[must_use]
    pub fn interaction_test(&self) -> FTest {
        test(self.interaction, self.repeatability)
    }

    /// Whether the parts differ.
    #[must_use]
    pub fn part_test(&self, model: GaugeModel, error: ErrorTerm) -> FTest {
        test(self.part, self.error(model, error))
    }

    /// Whether the appraisers differ.
    #[must_use]
    pub fn appraiser_test(&self, model: GaugeModel, error: ErrorTerm) -> FTest {
        test(self.appraiser, self.error(model, error))
    }

    fn error(&self, model: GaugeModel, error: ErrorTerm) -> Source {
        match (model, error) {
            (GaugeModel::Pooled, _) => self.pooled(),
            (GaugeModel::WithinParts, ErrorTerm::Interaction) => self.within_parts(),
            (GaugeModel::WithInteraction, ErrorTerm::Interaction) => self.interaction,
            (GaugeModel::WithInteraction | GaugeModel::WithinParts, ErrorTerm::Repeatability) => {
                self.repeatability
            }
        }
    }
}

/// Pools the interaction with the repeats if its p-value is at least `alpha`: 0.05 by Minitab's
/// habit, 0.25 by AIAG's text.
///
/// # Errors
/// [`GaugeStudyError::NotAShare`] unless `alpha` lies between 0 and 1.
pub fn choose_model(anova: &Anova, alpha: f64) -> Result<GaugeModel, GaugeStudyError> {
    let alpha = share("alpha of the interaction", alpha)?;
    Ok(if anova.interaction_test().p >= alpha {
        GaugeModel::Pooled
    } else {
        GaugeModel::WithInteraction
    })
}

/// An effect without any error to hold it against is certain; no effect at all is none.
pub(super) fn test(effect: Source, error: Source) -> FTest {
    let (above, below) = (effect.mean_square(), error.mean_square());
    if below > 0.0 {
        let f = above / below;
        let p = fisher_f::sf(f, effect.dof, error.dof);
        FTest { f, p }
    } else if above > 0.0 {
        FTest {
            f: f64::INFINITY,
            p: 0.0,
        }
    } else {
        FTest { f: 0.0, p: 1.0 }
    }
}

pub(super) fn remember(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|it| it == name) {
        names.push(name.to_owned());
    }
}

pub(super) fn enough(
    what: &'static str,
    needed: usize,
    found: usize,
) -> Result<(), GaugeStudyError> {
    if found >= needed {
        return Ok(());
    }
    Err(GaugeStudyError::TooFew {
        what,
        needed,
        found,
    })
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for value in values {
        sum += value;
        n += 1.0;
    }
    sum / n
}
