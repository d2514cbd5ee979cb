//! Protrusion of many strokes: mean, maximum, spread, rise from notch to notch.

use crate::{Estimate, NotMeasurable, Stroke, Zero};

/// The largest of many fitted tops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maximum {
    /// Protrusion, nm; `u` is that of one stroke's fit.
    pub estimate: Estimate,
    /// How much fit noise is expected to have raised it, nm. Not subtracted.
    pub noise_bias_nm: f64,
    /// Position of the stroke in the capture.
    pub index: usize,
}

/// The smallest rise between neighbouring notches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    /// Rise, nm.
    pub estimate: Estimate,
    /// Position of the lower notch of the pair.
    pub index: usize,
}

/// Mean protrusion at top of stroke, nm above `zero`.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 10, [`NotMeasurable::Shape`].
pub fn protrusion_mean(strokes: &[Stroke], zero: &Zero) -> Result<Estimate, NotMeasurable> {
    let _ = (strokes, zero);
    unimplemented!()
}

/// Largest protrusion at top of stroke, nm above `zero`.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] without a stroke, [`NotMeasurable::Shape`].
pub fn protrusion_maximum(strokes: &[Stroke], zero: &Zero) -> Result<Maximum, NotMeasurable> {
    let _ = (strokes, zero);
    unimplemented!()
}

/// Standard deviation of protrusion from stroke to stroke, corrected for fit noise, nm.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 20, [`NotMeasurable::Shape`].
pub fn spread(strokes: &[Stroke]) -> Result<Estimate, NotMeasurable> {
    let _ = strokes;
    unimplemented!()
}

/// Smallest rise between neighbours of a list of mean protrusions, nm.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below two notches.
pub fn minimum_rise(means: &[Estimate]) -> Result<Rise, NotMeasurable> {
    let _ = means;
    unimplemented!()
}
