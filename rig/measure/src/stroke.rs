//! Strokes in a displacement signal, found as it streams by.

/// What counts as a stroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrokeSettings {
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// Movement from trough to top below this is no stroke, nm.
    pub smallest_stroke_nm: f64,
    /// A stroke slower than this is a movement and not a stroke, strokes/s.
    pub slowest_hz: f64,
}

/// One complete stroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// When it was: mean of its rising and falling mid-level crossings, as sample number.
    pub mark: f64,
    /// Standard uncertainty of `mark`, samples.
    pub mark_u: f64,
    /// Top of stroke, as sample number.
    pub top: f64,
    /// Indication at the top, nm: vertex of the fit.
    pub peak_nm: f64,
    /// Standard uncertainty of `peak_nm`, from the residuals of this stroke's fit.
    pub peak_u_nm: f64,
    /// Variance of the residuals of the fit, nm².
    pub residual_var: f64,
    /// Its degrees of freedom.
    pub residual_dof: f64,
    /// Variance of the noise in the same samples, from third differences, nm².
    pub noise_var: f64,
    /// From the lower of its troughs to its top, nm.
    pub height_nm: f64,
}

/// Finds strokes in a stream of samples.
#[derive(Clone, Debug)]
pub struct StrokeTracker {}

impl StrokeTracker {
    /// A tracker that has seen nothing yet.
    #[must_use]
    pub fn new(settings: StrokeSettings) -> Self {
        let _ = settings;
        Self {}
    }

    /// Takes consecutive samples and gives the strokes they completed. A jump in sequence
    /// numbers begins anew.
    pub fn push(&mut self, first_seq: u64, values: &[i64], strokes: &mut Vec<Stroke>) {
        let _ = (first_seq, values, strokes);
        unimplemented!()
    }
}
