//! What comes out: a value with its budget for each measurand, or why there is none.

use super::StrokeAccount;
use rig_measure::{Measured, NotMeasurable, SignalDefect};
use std::fmt;

/// A quantity that is measured from a waveform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measurand {
    /// Realised mean stroke rate, Hz.
    StrokeRate,
    /// Coefficient of variation of the period, as a fraction.
    PeriodVariation,
    /// Mean of the tops above the nose plane, nm.
    MeanProtrusion,
    /// Mean of the tops as indicated, nm.
    MeanTop,
    /// Largest top above the nose plane, nm.
    LargestProtrusion,
    /// Largest top as indicated, nm.
    LargestTop,
    /// Standard deviation of the tops from stroke to stroke, nm.
    Spread,
    /// Mean top of the last third less that of the first third, nm.
    Drift,
    /// Realised mean stroke rate by the tachometer, Hz.
    TachometerRate,
    /// Coefficient of variation of the period by the tachometer, as a fraction.
    TachometerVariation,
}

impl Measurand {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StrokeRate => "stroke rate",
            Self::PeriodVariation => "period variation",
            Self::MeanProtrusion => "mean protrusion",
            Self::MeanTop => "mean top",
            Self::LargestProtrusion => "largest protrusion",
            Self::LargestTop => "largest top",
            Self::Spread => "spread",
            Self::Drift => "drift",
            Self::TachometerRate => "rate, tachometer",
            Self::TachometerVariation => "variation, tachometer",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn definition(self) -> &'static str {
        match self {
            Self::StrokeRate => {
                "strokes made between the first and the last mark, over the time between them"
            }
            Self::PeriodVariation => {
                "standard deviation of the stroke period over its mean, timing noise taken out"
            }
            Self::MeanProtrusion => "mean over the strokes of the fitted top, above the nose plane",
            Self::MeanTop => {
                "mean over the strokes of the fitted top, as the gauge indicates it: no protrusion"
            }
            Self::LargestProtrusion => {
                "largest of the fitted tops above the nose plane, raised by fit noise"
            }
            Self::LargestTop => "largest of the fitted tops as indicated, raised by fit noise",
            Self::Spread => {
                "standard deviation of the fitted tops from stroke to stroke, fit noise taken out"
            }
            Self::Drift => {
                "mean top of the last third of the strokes, less that of the first third"
            }
            Self::TachometerRate => {
                "turns made between the first and the last edge, over the time between them"
            }
            Self::TachometerVariation => {
                "standard deviation of the time from edge to edge over its mean"
            }
        }
    }
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoValue {
    /// The signal does not carry it.
    #[error(transparent)]
    Signal(#[from] NotMeasurable),
    /// No strokes at all.
    #[error("no complete stroke: nothing moves by {smallest_mm} mm and back in the window")]
    NoStrokes {
        /// Movement below this is no stroke, mm.
        smallest_mm: f64,
    },
    /// The indication never changes.
    #[error("the indication does not change in {0} samples: the gauge is dead or sees nothing")]
    Constant(u64),
    /// More defects than are kept apart.
    #[error("the signal has {0} defects or more: strokes between them cannot be counted")]
    TooManyDefects(usize),
    /// The parts of the record that lie between gaps are too short, each.
    #[error("no part of the record between defects has {needed} complete strokes")]
    TooShortParts {
        /// Strokes needed in one.
        needed: usize,
    },
}

/// One measurand and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Which.
    pub measurand: Measurand,
    /// The value, or why there is none.
    pub result: Result<Measured, NoValue>,
    /// What its budget leaves out, because nothing states it.
    pub left_out: Vec<&'static str>,
}

/// Where the zero comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ZeroFrom {
    /// There is none: tops are indications.
    Nothing,
    /// The gauge block.
    Block {
        /// Indication on the block, nm.
        level_nm: f64,
        /// Its standard uncertainty, nm; none if nothing states it.
        level_u_nm: Option<f64>,
        /// Height of the block's face above the nose plane, nm.
        height_nm: f64,
    },
}

/// What became of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleAccount {
    /// In the window.
    pub received: u64,
    /// Taken by the instrument and not in the file.
    pub missing: u64,
    /// Without a target, by the instrument's own word.
    pub no_target: u64,
    /// Out of range, by the instrument's own word.
    pub out_of_range: u64,
}

impl fmt::Display for SampleAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in the window, {} missing, {} without a target, {} out of range",
            self.received, self.missing, self.no_target, self.out_of_range
        )
    }
}

/// All that the chain says of a waveform.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Seconds from the first sample of the file to the first of the window.
    pub from_s: f64,
    /// And to the end of its last.
    pub to_s: f64,
    /// Samples a second.
    pub rate_hz: f64,
    /// The samples.
    pub samples: SampleAccount,
    /// The strokes.
    pub strokes: StrokeAccount,
    /// Defects found in the window, the first thousand.
    pub defects: Vec<SignalDefect>,
    /// Indications that repeat so often are held; none if the check is off, for want of noise.
    pub held_from: Option<u32>,
    /// Standard deviation of the gauge's noise near the tops, from third differences, nm; NaN
    /// without a stroke.
    pub noise_nm: f64,
    /// Standard deviation of the residuals of the fits, nm; NaN without a stroke.
    pub residual_nm: f64,
    /// The zero.
    pub zero: ZeroFrom,
    /// Whether anything states the gauge's uncertainty.
    pub calibrated: bool,
    /// Each measurand, in the order of reports.
    pub outcomes: Vec<Outcome>,
}

impl Results {
    /// Whether at least one measurand has a value.
    #[must_use]
    pub fn any_value(&self) -> bool {
        self.outcomes.iter().any(|it| it.result.is_ok())
    }
}
