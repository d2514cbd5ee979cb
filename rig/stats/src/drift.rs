//! Whether values move: a straight line through them in the order of time, and the difference
//! between two groups of them.

use crate::sample::{StatisticError, check_finite, check_share, moments, sum};
use rig_distributions::student_t;

/// A straight line through values one step apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// In the values' unit, a step.
    pub slope: f64,
    /// Half width of its interval, by Student's t with n − 2 degrees of freedom.
    pub half_width: f64,
}

impl Trend {
    /// Whether the interval leaves out a line without slope.
    #[must_use]
    pub fn is_shown(self) -> bool {
        self.slope.abs() > self.half_width
    }
}

/// Least squares through values one step apart, with an interval of the slope that holds for normal
/// values without serial correlation.
///
/// # Errors
/// Fewer than three values, a value that is not finite, no spread, a confidence out of range.
pub fn trend(values: &[f64], confidence: f64) -> Result<Trend, StatisticError> {
    check_share("confidence", confidence)?;
    check_finite(values)?;
    let n = values.len();
    if n < 3 {
        return Err(StatisticError::TooFewValues { needed: 3, got: n });
    }
    let it = moments(values)?;
    if it.standard_deviation == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let middle = 0.5 * (n as f64 - 1.0);
    let at = |index: usize| index as f64 - middle;
    // Σ(i − (n − 1)/2)².
    let squares = n as f64 * (n as f64 * n as f64 - 1.0) / 12.0;
    let deviations = || (0..n).zip(values.iter().map(|value| value - it.mean));
    let slope = sum(deviations().map(|(index, value)| at(index) * value)) / squares;
    let residuals = sum(deviations().map(|(index, value)| {
        let residual = value - slope * at(index);
        residual * residual
    }));
    let dof = n as f64 - 2.0;
    let t = student_t::central_quantile(confidence, dof);
    let half_width = t * libm::sqrt(residuals / dof / squares);
    if !slope.is_finite() || !half_width.is_finite() {
        return Err(StatisticError::TooLarge);
    }
    Ok(Trend { slope, half_width })
}

/// A difference of means and half the width of its interval, in the values' unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First mean minus second.
    pub difference: f64,
    /// Half width of its interval, by Student's t.
    pub half_width: f64,
    /// Degrees of freedom of that t.
    pub dof: f64,
}

/// Difference of the means of two groups of different things, without a claim that they scatter
/// alike (Welch 1947; GUM G.4.1 has the same degrees of freedom).
///
/// # Errors
/// A group below two values, a value that is not finite, no spread in either, a confidence out of
/// range.
pub fn difference(
    first: &[f64],
    second: &[f64],
    confidence: f64,
) -> Result<Difference, StatisticError> {
    check_share("confidence", confidence)?;
    let (first, second) = (moments(first)?, moments(second)?);
    let square = |it: &crate::Moments| it.standard_deviation * it.standard_deviation / it.n as f64;
    let (u1, u2) = (square(&first), square(&second));
    let whole = u1 + u2;
    if whole == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let part = |u: f64, n: usize| (u / whole) * (u / whole) / (n as f64 - 1.0);
    let dof = 1.0 / (part(u1, first.n) + part(u2, second.n));
    let half_width = student_t::central_quantile(confidence, dof) * libm::sqrt(whole);
    if !half_width.is_finite() {
        return Err(StatisticError::TooLarge);
    }
    Ok(Difference {
        difference: first.mean - second.mean,
        half_width,
        dof,
    })
}

/// Mean of the differences between two values of each thing, first minus second.
///
/// # Errors
/// Fewer than two pairs, a value that is not finite, all differences equal, a confidence out of
/// range.
pub fn paired_difference(
    pairs: &[(f64, f64)],
    confidence: f64,
) -> Result<Difference, StatisticError> {
    check_share("confidence", confidence)?;
    let differences: Vec<f64> = pairs.iter().map(|(first, second)| first - second).collect();
    let it = moments(&differences)?;
    if it.standard_deviation == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let dof = it.n as f64 - 1.0;
    let scatter = it.standard_deviation / libm::sqrt(it.n as f64);
    Ok(Difference {
        difference: it.mean,
        half_width: student_t::central_quantile(confidence, dof) * scatter,
        dof,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_values_by_hand() {
        // 1, 2, 4: slope 3/2, residuals 1/6, −1/3, 1/6: s² = 1/6 on one degree of freedom, Sxx = 2;
        // Student's t for 95 % and one degree of freedom: tan(0.475 π) = 12.7062047362.
        let it = trend(&[1.0, 2.0, 4.0], 0.95).unwrap();
        assert!((it.slope - 1.5).abs() < 1e-15);
        let expected = 12.706_204_736_2 * libm::sqrt(1.0 / 12.0);
        assert!((it.half_width - expected).abs() < 1e-9, "{}", it.half_width);
        assert!(!it.is_shown());
        let steep = trend(&[0.0, 1.0, 2.1, 3.0, 3.9, 5.0], 0.99).unwrap();
        assert!(steep.is_shown());
    }

    #[test]
    fn differences_by_hand() {
        // Means 2 and 5, squares of standard deviations 1 and 4, three values each: 5/3, and
        // degrees of freedom (5/3)²/((1/9 + 16/9)/2) = 50/17.
        let it = difference(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0], 0.95).unwrap();
        assert_eq!(it.difference, -3.0);
        assert!((it.dof - 50.0 / 17.0).abs() < 1e-12, "{}", it.dof);
        let t = student_t::central_quantile(0.95, 50.0 / 17.0);
        assert!((it.half_width - t * libm::sqrt(5.0 / 3.0)).abs() < 1e-12);
        // Differences 1 and 3: mean 2, standard deviation √2, of their mean 1.
        let it = paired_difference(&[(11.0, 10.0), (23.0, 20.0)], 0.95).unwrap();
        assert_eq!((it.difference, it.dof), (2.0, 1.0));
        assert!((it.half_width - 12.706_204_736_2).abs() < 1e-9);
    }

    #[test]
    fn unusable_values_are_refused() {
        assert!(trend(&[1.0, 2.0], 0.95).is_err());
        assert_eq!(trend(&[1.0; 5], 0.95), Err(StatisticError::NoSpread));
        assert!(trend(&[1.0, f64::NAN, 2.0], 0.95).is_err());
        assert!(trend(&[1.0, 2.0, 4.0], 1.0).is_err());
        assert!(difference(&[1.0], &[1.0, 2.0], 0.95).is_err());
        assert!(difference(&[1.0, 1.0], &[1.0, 1.0], 0.95).is_err());
        assert!(paired_difference(&[(1.0, 2.0)], 0.95).is_err());
        assert!(paired_difference(&[(1.0, 2.0), (2.0, 3.0)], 0.95).is_err());
    }
}
