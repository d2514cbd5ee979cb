//! Why a study has no result.

/// Why a gauge study cannot be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GaugeStudyError {
    /// Too few of something.
    #[error("the study needs at least {needed} {what}, it has {found}")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// At least so many.
        needed: usize,
        /// There are.
        found: usize,
    },
    /// A part was not measured by an appraiser who measured others.
    #[error("part {part} was not measured by appraiser {appraiser}; the analysis needs every cell")]
    MissingCell {
        /// The part.
        part: String,
        /// The appraiser.
        appraiser: String,
    },
    /// Cells with different numbers of repeats.
    #[error(
        "part {part}, appraiser {appraiser}: {found} repeats where the others have {expected}; the analysis needs as many in every cell"
    )]
    Unbalanced {
        /// The part.
        part: String,
        /// The appraiser.
        appraiser: String,
        /// As the first cell has.
        expected: usize,
        /// As this cell has.
        found: usize,
    },
    /// A part of a nested study that several appraisers measured.
    #[error(
        "part {part} was measured by appraisers {first} and {second}; in a nested study a part belongs to one"
    )]
    SharedPart {
        /// The part.
        part: String,
        /// One appraiser.
        first: String,
        /// The other.
        second: String,
    },
    /// A value that is no number.
    #[error("value {value} is not a finite number")]
    NotFinite {
        /// The value.
        value: f64,
    },
    /// All values are equal: a gauge that shows one value was not studied.
    #[error("all values are equal; nothing can be said of a gauge that shows one value")]
    NoVariation,
    /// The repeats of every cell are equal: the gauge's step, or a gauge that holds its value,
    /// hides its repeatability.
    #[error("the repeats of every cell are equal; the gauge's step hides its repeatability")]
    NoRepeatability,
    /// Both limits missing, crossed, or the mean beyond a single limit.
    #[error("the tolerance has no width: {why}")]
    NoTolerance {
        /// Why.
        why: &'static str,
    },
    /// A level that is no share between 0 and 1.
    #[error("{what} {value} is not between 0 and 1")]
    NotAShare {
        /// Of what.
        what: &'static str,
        /// What was given.
        value: f64,
    },
    /// A confidence that the method of the bounds is not made for.
    #[error("confidence {value} is not between {least} and 1")]
    Confidence {
        /// What was given.
        value: f64,
        /// Least one.
        least: f64,
    },
    /// A number that must be above zero.
    #[error("{what} {value} is not a finite number above zero")]
    NotPositive {
        /// What.
        what: &'static str,
        /// What was given.
        value: f64,
    },
}

/// Insists on a share strictly between 0 and 1.
pub(super) fn share(what: &'static str, value: f64) -> Result<f64, GaugeStudyError> {
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err(GaugeStudyError::NotAShare { what, value })
    }
}

/// Insists on a finite number above zero.
pub(super) fn positive(what: &'static str, value: f64) -> Result<f64, GaugeStudyError> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(GaugeStudyError::NotPositive { what, value })
    }
}

/// Insists on finite values.
pub(super) fn finite(values: impl IntoIterator<Item = f64>) -> Result<(), GaugeStudyError> {
    match values.into_iter().find(|it| !it.is_finite()) {
        Some(value) => Err(GaugeStudyError::NotFinite { value }),
        None => Ok(()),
    }
}
