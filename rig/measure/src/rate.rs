//! Stroke rate and period variation, and whether two instruments agree.

use crate::{Estimate, Measured, NotMeasurable, Stroke};

/// How two instruments compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// First minus second.
    pub difference: f64,
    /// Expanded uncertainty of the difference.
    pub allowed: f64,
}

/// Realised mean stroke rate, Hz by the instrument's nominal sample rate.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 3.
pub fn stroke_rate(strokes: &[Stroke], sample_rate_hz: u32) -> Result<Estimate, NotMeasurable> {
    let _ = (strokes, sample_rate_hz);
    unimplemented!()
}

/// Coefficient of variation of the stroke period, corrected for timing noise, as a fraction.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 20.
pub fn period_variation(strokes: &[Stroke]) -> Result<Estimate, NotMeasurable> {
    let _ = strokes;
    unimplemented!()
}

/// Whether two measured values of one quantity agree.
///
/// # Errors
/// [`NotMeasurable::Disagreement`].
pub fn agree(first: &Measured, second: &Measured) -> Result<Agreement, NotMeasurable> {
    let _ = (first, second);
    unimplemented!()
}

/// First minus second over second, as a fraction.
///
/// # Errors
/// [`NotMeasurable::NotFinite`] if the second is zero.
pub fn relative_difference(first: &Estimate, second: &Estimate) -> Result<Estimate, NotMeasurable> {
    let _ = (first, second);
    unimplemented!()
}
