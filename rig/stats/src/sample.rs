//! Drawn values: mean, standard deviation, serial correlation, and what makes them unusable.

/// Why a statistic does not exist.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum StatisticError {
    /// Fewer values than the statistic needs.
    #[error("{got} values, at least {needed} are needed")]
    TooFewValues {
        /// The least number of values.
        needed: usize,
        /// There are.
        got: usize,
    },
    /// A value is NaN or infinite.
    #[error("value {index} is not a finite number")]
    NotFinite {
        /// Its position, from 0.
        index: usize,
    },
    /// All values are equal, so that nothing can be said of their spread.
    #[error("all values are equal")]
    NoSpread,
    /// Squares of the values do not fit a floating-point number.
    #[error("the values are too large to compute with")]
    TooLarge,
    /// An argument is outside its range.
    #[error("{name} is {value}, which is outside its range")]
    Argument {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// Neither a lower nor an upper limit was given.
    #[error("there is no limit")]
    NoLimit,
    /// A computation did not converge.
    #[error("the computation did not converge")]
    NotConverged,
}

/// Mean and standard deviation of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many values, at least 2.
    pub n: usize,
    /// Arithmetic mean, in the values' unit.
    pub mean: f64,
    /// Standard deviation with n − 1, in the values' unit.
    pub standard_deviation: f64,
}

/// Mean and standard deviation, each to the last digits of the values.
///
/// Two passes with compensated sums (Neumaier; Chan, Golub and LeVeque 1983), so that a large
/// common part costs nothing. Checked against the certified values of NIST's StRD.
///
/// # Errors
/// [`StatisticError::TooFewValues`] below two, [`StatisticError::NotFinite`],
/// [`StatisticError::TooLarge`].
pub fn moments(values: &[f64]) -> Result<Moments, StatisticError> {
    check_finite(values)?;
    let n = values.len();
    let Some(&origin) = values.first().filter(|_| n >= 2) else {
        return Err(StatisticError::TooFewValues { needed: 2, got: n });
    };
    let count = n as f64;
    let offset = sum(values.iter().map(|it| it - origin)) / count;
    // The mean may not fit a floating-point number to the precision that the offsets have.
    let rest = sum(values.iter().map(|it| (it - origin) - offset)) / count;
    let squares = sum(values.iter().map(|it| {
        let deviation = (it - origin) - offset - rest;
        deviation * deviation
    }));
    let (mean, standard_deviation) = (
        origin + (offset + rest),
        libm::sqrt(squares / (count - 1.0)),
    );
    if !mean.is_finite() || !standard_deviation.is_finite() {
        return Err(StatisticError::TooLarge);
    }
    Ok(Moments {
        n,
        mean,
        standard_deviation,
    })
}

/// Correlation of each value with the next, as NIST's StRD defines it:
/// Σ(yᵢ − ȳ)(yᵢ₊₁ − ȳ)/Σ(yᵢ − ȳ)².
///
/// # Errors
/// Those of [`moments`], and [`StatisticError::NoSpread`].
pub fn lag_1_autocorrelation(values: &[f64]) -> Result<f64, StatisticError> {
    let mean = moments(values)?.mean;
    let deviations: Vec<f64> = values.iter().map(|it| it - mean).collect();
    let squares = sum(deviations.iter().map(|it| it * it));
    if squares == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let products = deviations.windows(2).map(|pair| pair[0] * pair[1]);
    Ok(sum(products) / squares)
}

/// The values in rising order.
///
/// # Errors
/// [`StatisticError::NotFinite`].
pub(crate) fn sorted(values: &[f64]) -> Result<Vec<f64>, StatisticError> {
    check_finite(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

pub(crate) fn check_finite(values: &[f64]) -> Result<(), StatisticError> {
    match values.iter().position(|it| !it.is_finite()) {
        Some(index) => Err(StatisticError::NotFinite { index }),
        None => Ok(()),
    }
}

/// A share strictly between 0 and 1.
pub(crate) fn check_share(name: &'static str, value: f64) -> Result<(), StatisticError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(StatisticError::Argument { name, value })
    }
}

/// Neumaier's compensated sum.
pub(crate) fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0, 0.0);
    for term in terms {
        let next: f64 = total + term;
        lost += if f64::abs(total) >= term.abs() {
            (total - next) + term
        } else {
            (term - next) + total
        };
        total = next;
    }
    total + lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_values_are_refused() {
        let too_few = |got| Err(StatisticError::TooFewValues { needed: 2, got });
        assert_eq!(moments(&[]), too_few(0));
        assert_eq!(moments(&[1.0]), too_few(1));
        assert_eq!(
            moments(&[1.0, f64::NAN]),
            Err(StatisticError::NotFinite { index: 1 })
        );
        assert_eq!(
            moments(&[f64::INFINITY, 1.0]),
            Err(StatisticError::NotFinite { index: 0 })
        );
        assert_eq!(
            lag_1_autocorrelation(&[2.0, 2.0]),
            Err(StatisticError::NoSpread)
        );
    }

    #[test]
    fn every_message() {
        let messages = [
            StatisticError::TooFewValues { needed: 20, got: 3 },
            StatisticError::NotFinite { index: 4 },
            StatisticError::NoSpread,
            StatisticError::TooLarge,
            StatisticError::Argument {
                name: "content",
                value: 1.5,
            },
            StatisticError::NoLimit,
            StatisticError::NotConverged,
        ]
        .map(|it| it.to_string());
        assert_eq!(
            messages,
            [
                "3 values, at least 20 are needed",
                "value 4 is not a finite number",
                "all values are equal",
                "the values are too large to compute with",
                "content is 1.5, which is outside its range",
                "there is no limit",
                "the computation did not converge",
            ]
        );
    }
}
