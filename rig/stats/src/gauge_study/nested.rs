//! Nested gauge R&R: parts that belong to one appraiser each, as in destructive tests; or set-ups
//! that belong to one part each, as where a pen is fixed anew and nothing else is shared.
//!
//! # Formula
//! With o appraisers, p parts each, r repeats:
//! σ_E² = S_E², σ²(part in appraiser) = (S_P² − S_E²)/r, σ_O² = (S_O² − S_P²)/(p·r).
//!
//! Source: Minitab help, "Methods and formulas for nested gage R&R study" (seen in part).

use super::crossed::{FTest, Observation, Source, enough, mean, remember, test};
use super::error::{GaugeStudyError, finite};
use super::{Component, Components};

/// A balanced nested study.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedStudy {
    // Invariant: at least two appraisers, each with as many parts, two at least, each with as
    // many finite values, two at least; not equal throughout in every cell.
    cells: Vec<Vec<Vec<f64>>>,
}

/// Analysis of variance of a nested study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NestedAnova {
    /// Appraisers.
    pub appraiser: Source,
    /// Parts within appraisers.
    pub part: Source,
    /// Repeats.
    pub repeatability: Source,
    /// Number of appraisers, parts each, repeats.
    pub shape: [usize; 3],
}

impl NestedStudy {
    /// Sorts observations into cells.
    ///
    /// # Errors
    /// As [`super::CrossedStudy::new`], and [`GaugeStudyError::SharedPart`].
    pub fn new(observations: &[Observation<'_>]) -> Result<Self, GaugeStudyError> {
        finite(observations.iter().map(|it| it.value))?;
        let (mut appraisers, mut parts) = (Vec::new(), Vec::new());
        for it in observations {
            remember(&mut appraisers, it.appraiser);
            remember(&mut parts, it.part);
        }
        enough("appraisers", 2, appraisers.len())?;
        for part in &parts {
            let mut its = observations.iter().filter(|it| it.part == part);
            let first = its.next().map_or("", |it| it.appraiser);
            if let Some(second) = its.find(|it| it.appraiser != first) {
                return Err(GaugeStudyError::SharedPart {
                    part: part.clone(),
                    first: first.to_owned(),
                    second: second.appraiser.to_owned(),
                });
            }
        }
        let mut cells = Vec::new();
        let mut shape = None;
        for appraiser in &appraisers {
            let mut row: Vec<Vec<f64>> = Vec::new();
            for part in &parts {
                let values: Vec<f64> = observations
                    .iter()
                    .filter(|it| it.part == part && it.appraiser == appraiser)
                    .map(|it| it.value)
                    .collect();
                if values.is_empty() {
                    continue;
                }
                let (_, expected) = *shape.get_or_insert((0, values.len()));
                if values.len() != expected {
                    return Err(GaugeStudyError::Unbalanced {
                        part: part.clone(),
                        appraiser: appraiser.clone(),
                        expected,
                        found: values.len(),
                    });
                }
                row.push(values);
            }
            enough("parts with each appraiser", 2, row.len())?;
            cells.push(row);
        }
        let n_parts = cells.first().map_or(0, Vec::len);
        if let Some(found) = cells.iter().map(Vec::len).find(|it| *it != n_parts) {
            return Err(GaugeStudyError::TooFew {
                what: "parts with each appraiser",
                needed: n_parts.max(found),
                found: n_parts.min(found),
            });
        }
        enough("repeats in each cell", 2, shape.map_or(0, |it| it.1))?;
        let mut all = cells.iter().flatten().flatten();
        let first = all.next();
        if all.all(|it| Some(it) == first) {
            return Err(GaugeStudyError::NoVariation);
        }
        let is_flat = |cell: &Vec<f64>| cell.windows(2).all(|pair| pair[0] == pair[1]);
        if cells.iter().flatten().all(is_flat) {
            return Err(GaugeStudyError::NoRepeatability);
        }
        Ok(Self { cells })
    }

    /// The analysis of variance.
    #[must_use]
    pub fn anova(&self) -> NestedAnova {
        let o = self.cells.len();
        let p = self.cells.first().map_or(0, Vec::len);
        let r = self
            .cells
            .first()
            .and_then(|it| it.first())
            .map_or(0, Vec::len);
        let grand = mean(self.cells.iter().flatten().flatten().copied());
        let (mut appraiser, mut part, mut repeats) = (0.0, 0.0, 0.0);
        for row in &self.cells {
            let center = mean(row.iter().flatten().map(|it| it - grand));
            appraiser += (p * r) as f64 * center * center;
            for cell in row {
                let own = mean(cell.iter().map(|it| it - grand));
                part += r as f64 * (own - center) * (own - center);
                repeats += cell
                    .iter()
                    .map(|it| it - grand - own)
                    .map(|it| it * it)
                    .sum::<f64>();
            }
        }
        let source = |sum_of_squares: f64, dof: usize| Source {
            sum_of_squares,
            dof: dof as f64,
        };
        NestedAnova {
            appraiser: source(appraiser, o - 1),
            part: source(part, o * (p - 1)),
            repeatability: source(repeats, o * p * (r - 1)),
            shape: [o, p, r],
        }
    }
}

impl NestedAnova {
    /// Whether appraisers differ, by more than their parts do.
    #[must_use]
    pub fn appraiser_test(&self) -> FTest {
        test(self.appraiser, self.part)
    }

    /// Whether parts differ, by more than repeats do.
    #[must_use]
    pub fn part_test(&self) -> FTest {
        test(self.part, self.repeatability)
    }

    /// Components of variance.
    #[must_use]
    pub fn components(&self) -> Components {
        let [_, p, r] = self.shape.map(|it| it as f64);
        let (appraiser, part) = (self.appraiser.mean_square(), self.part.mean_square());
        let repeats = self.repeatability.mean_square();
        Components {
            repeatability: Component::from(repeats),
            appraiser: Component::from((appraiser - part) / (p * r)),
            interaction: None,
            part: Component::from((part - repeats) / r),
        }
    }
}
