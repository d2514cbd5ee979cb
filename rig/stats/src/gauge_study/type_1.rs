//! Type-1 study: repeatability and bias on one reference part.
//!
//! # Formula
//! Cg = (K/100)·T/(L·s), Cgk = ((K/200)·T − |x̄ − x_m|)/((L/2)·s), with K = 20 and L = 6 by habit
//! (15 and 4 elsewhere); bias tested by t = (x̄ − x_m)/(s/√n) with n − 1 degrees of freedom.
//!
//! Source: Minitab help, "Methods and formulas for type 1 gage study" (seen); VDA 5 uses the same
//! quantities.

use super::crossed::{enough, mean};
use super::error::{GaugeStudyError, finite, positive};
use rig_distributions::student_t;

/// Which share of the tolerance the spread is held against, and what the spread is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type1Convention {
    /// K, per cent of tolerance.
    pub percent_of_tolerance: f64,
    /// L, standard deviations.
    pub spread: f64,
}

impl Default for Type1Convention {
    fn default() -> Self {
        Self {
            percent_of_tolerance: 20.0,
            spread: 6.0,
        }
    }
}

/// What a type-1 study found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type1 {
    /// Number of readings.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Mean minus reference.
    pub bias: f64,
    /// Standard deviation with n − 1.
    pub standard_deviation: f64,
    /// t of the bias; infinite for a bias without any spread.
    pub t: f64,
    /// Two-sided p-value of the bias.
    pub p: f64,
    /// Capability by spread; infinite without any.
    pub cg: f64,
    /// Capability by spread and bias.
    pub cgk: f64,
    /// Spread over tolerance, per cent: 100·L·s/T.
    pub percent_repeatability: f64,
    /// Half-width of the bias's 95 % confidence interval.
    pub bias_half_width: f64,
}

/// Evaluates readings of one part whose true value is `reference`, against a tolerance width.
///
/// # Errors
/// [`GaugeStudyError::TooFew`] below two readings, [`GaugeStudyError::NotFinite`],
/// [`GaugeStudyError::NotPositive`] for tolerance or convention,
/// [`GaugeStudyError::NoVariation`] where all readings are equal: the gauge's step hides its
/// repeatability, and a capability of infinity would be no finding.
pub fn type_1(
    readings: &[f64],
    reference: f64,
    tolerance_width: f64,
    convention: Type1Convention,
) -> Result<Type1, GaugeStudyError> {
    finite(readings.iter().copied().chain([reference]))?;
    enough("readings", 2, readings.len())?;
    let tolerance = positive("tolerance", tolerance_width)?;
    let share = positive("share of tolerance", convention.percent_of_tolerance)?;
    let spread = positive("spread", convention.spread)?;
    let n = readings.len() as f64;
    let bias = mean(readings.iter().map(|it| it - reference));
    let squares: f64 = readings
        .iter()
        .map(|it| it - reference - bias)
        .map(|it| it * it)
        .sum();
    let s = libm::sqrt(squares / (n - 1.0));
    if s == 0.0 {
        return Err(GaugeStudyError::NoVariation);
    }
    let error = s / libm::sqrt(n);
    let t = bias / error;
    Ok(Type1 {
        n: readings.len(),
        mean: reference + bias,
        bias,
        standard_deviation: s,
        t,
        p: (2.0 * student_t::sf(t.abs(), n - 1.0)).min(1.0),
        cg: 0.01 * share * tolerance / (spread * s),
        cgk: (0.005 * share * tolerance - bias.abs()) / (0.5 * spread * s),
        percent_repeatability: 100.0 * spread * s / tolerance,
        bias_half_width: student_t::quantile(0.975, n - 1.0) * error,
    })
}
