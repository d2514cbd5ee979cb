//! Linearity and bias: does the gauge's error change over its range?
//!
//! # Formula
//! The bias y = reading − reference of every reading is fitted by y = a + b·x over the reference
//! value x by least squares; s² = Σ(y − ŷ)²/(n − 2), u_b = s/√Σ(x − x̄)²,
//! u_a = s·√(1/n + x̄²/Σ(x − x̄)²); both are tested against zero by Student's t.
//! The linearity is |b| times the process variation; here it is left to the caller.
//!
//! Source: AIAG MSA, linearity study; data and results as seen in tests of jaspQualityControl.

use super::crossed::{enough, mean};
use super::error::{GaugeStudyError, finite};
use rig_distributions::student_t;

/// One reading of a part whose reference value is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceReading {
    /// Reference value.
    pub reference: f64,
    /// What the gauge showed.
    pub reading: f64,
}

/// Mean bias at one reference value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelBias {
    /// The reference value.
    pub reference: f64,
    /// Number of readings.
    pub n: usize,
    /// Mean bias.
    pub bias: f64,
    /// Two-sided p-value of the bias by this level's own scatter; none below two readings or
    /// without any scatter.
    pub p: Option<f64>,
}

/// What a linearity study found.
#[derive(Clone, Debug, PartialEq)]
pub struct Linearity {
    /// Number of readings.
    pub n: usize,
    /// Bias at reference zero.
    pub intercept: f64,
    /// Standard error of it.
    pub intercept_u: f64,
    /// Two-sided p-value of it.
    pub intercept_p: f64,
    /// Change of bias with reference.
    pub slope: f64,
    /// Standard error of it.
    pub slope_u: f64,
    /// Two-sided p-value of it.
    pub slope_p: f64,
    /// Residual standard deviation.
    pub s: f64,
    /// Share of the biases' sum of squares that the line explains.
    pub r_squared: f64,
    /// Mean bias over all readings.
    pub mean_bias: f64,
    /// Bias level by level, by ascending reference.
    pub levels: Vec<LevelBias>,
}

/// Fits the line.
///
/// # Errors
/// [`GaugeStudyError::NotFinite`]; [`GaugeStudyError::TooFew`] below two reference values or three
/// readings; [`GaugeStudyError::NoVariation`] where every reading has one and the same bias or
/// lies on the line without any scatter.
pub fn linearity(readings: &[ReferenceReading]) -> Result<Linearity, GaugeStudyError> {
    finite(readings.iter().flat_map(|it| [it.reference, it.reading]))?;
    enough("readings", 3, readings.len())?;
    let mut references: Vec<f64> = readings.iter().map(|it| it.reference).collect();
    references.sort_by(f64::total_cmp);
    references.dedup();
    enough("reference values", 2, references.len())?;
    let n = readings.len() as f64;
    let bias = |it: &ReferenceReading| it.reading - it.reference;
    let (x_mean, y_mean) = (
        mean(readings.iter().map(|it| it.reference)),
        mean(readings.iter().map(bias)),
    );
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for it in readings {
        let (x, y) = (it.reference - x_mean, bias(it) - y_mean);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    let slope = xy / xx;
    let intercept = y_mean - slope * x_mean;
    let rest: f64 = readings
        .iter()
        .map(|it| bias(it) - y_mean - slope * (it.reference - x_mean))
        .map(|it| it * it)
        .sum();
    let s = libm::sqrt(rest / (n - 2.0));
    if s == 0.0 || yy == 0.0 {
        return Err(GaugeStudyError::NoVariation);
    }
    let slope_u = s / libm::sqrt(xx);
    let intercept_u = s * libm::sqrt(1.0 / n + x_mean * x_mean / xx);
    let p = |t: f64| (2.0 * student_t::sf(t.abs(), n - 2.0)).min(1.0);
    Ok(Linearity {
        n: readings.len(),
        intercept,
        intercept_u,
        intercept_p: p(intercept / intercept_u),
        slope,
        slope_u,
        slope_p: p(slope / slope_u),
        s,
        r_squared: 1.0 - rest / yy,
        mean_bias: y_mean,
        levels: references
            .iter()
            .map(|&reference| level(readings, reference))
            .collect(),
    })
}

fn level(readings: &[ReferenceReading], reference: f64) -> LevelBias {
    let biases: Vec<f64> = readings
        .iter()
        .filter(|it| it.reference == reference)
        .map(|it| it.reading - it.reference)
        .collect();
    let n = biases.len() as f64;
    let bias = mean(biases.iter().copied());
    let squares: f64 = biases.iter().map(|it| (it - bias) * (it - bias)).sum();
    let p = (n > 1.0 && squares > 0.0).then(|| {
        let error = libm::sqrt(squares / (n - 1.0) / n);
        (2.0 * student_t::sf((bias / error).abs(), n - 1.0)).min(1.0)
    });
    LevelBias {
        reference,
        n: biases.len(),
        bias,
        p,
    }
}
