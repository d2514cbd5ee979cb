//! Tests of normality, and which tolerance interval follows from them.

use crate::sample::{StatisticError, moments, sorted, sum};
use rig_distributions::normal;

/// Fewest values from which normality is judged, and a tolerance interval given.
pub const FEWEST_VALUES: usize = 20;
/// Normality is doubted where a p-value lies below.
pub const DOUBT_BELOW: f64 = 0.05;

/// The Anderson-Darling test of normality with mean and standard deviation from the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AndersonDarling {
    /// A².
    pub statistic: f64,
    /// A² (1 + 0.75/n + 2.25/n²), which the p-value is of.
    pub adjusted: f64,
    /// Probability of a statistic at least as large from a normal lot.
    pub p: f64,
}

/// Anderson-Darling's A² and its p-value by the polynomials of D'Agostino and Stephens
/// (Goodness-of-Fit Techniques, 1986, table 4.9), which hold to some 2 % of p from n = 8 up.
///
/// # Errors
/// Fewer than 8 values, a value that is not finite, all values equal.
pub fn anderson_darling(values: &[f64]) -> Result<AndersonDarling, StatisticError> {
    if values.len() < 8 {
        return Err(StatisticError::TooFewValues {
            needed: 8,
            got: values.len(),
        });
    }
    let moments = moments(values)?;
    if moments.standard_deviation == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let sorted = sorted(values)?;
    let n = sorted.len() as f64;
    let standardized = |it: &f64| (it - moments.mean) / moments.standard_deviation;
    let terms = sorted
        .iter()
        .zip(sorted.iter().rev())
        .zip(1..)
        .map(|((low, high), i)| {
            let weight = 2.0 * f64::from(i) - 1.0;
            weight * (normal::ln_cdf(standardized(low)) + normal::ln_cdf(-standardized(high)))
        });
    let statistic = -n - sum(terms) / n;
    let adjusted = statistic * (1.0 + 0.75 / n + 2.25 / (n * n));
    Ok(AndersonDarling {
        statistic,
        adjusted,
        p: anderson_darling_p(adjusted),
    })
}

fn anderson_darling_p(a: f64) -> f64 {
    let p = if a >= 0.6 {
        // The parabola turns up far beyond the largest tabled value.
        let a = a.min(10.0);
        libm::exp(1.2937 - 5.709 * a + 0.0186 * a * a)
    } else if a > 0.34 {
        libm::exp(0.9177 - 4.279 * a - 1.38 * a * a)
    } else if a > 0.2 {
        1.0 - libm::exp(-8.318 + 42.796 * a - 59.938 * a * a)
    } else {
        1.0 - libm::exp(-13.436 + 101.14 * a - 223.73 * a * a)
    };
    p.clamp(0.0, 1.0)
}

/// Shapiro and Wilk's test of normality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapiroWilk {
    /// W, at most 1.
    pub statistic: f64,
    /// Probability of a W at most as large from a normal lot.
    pub p: f64,
}

/// Shapiro and Wilk's W and its p-value by Royston's approximations (Applied Statistics 44, 1995,
/// 547-551, algorithm AS R94), for 3 to 5000 values without censoring.
///
/// # Errors
/// Fewer than 3 or more than 5000 values, a value that is not finite, all values equal.
pub fn shapiro_wilk(values: &[f64]) -> Result<ShapiroWilk, StatisticError> {
    let count = values.len();
    if count < 3 {
        return Err(StatisticError::TooFewValues {
            needed: 3,
            got: count,
        });
    }
    let n = count as f64;
    if count > 5000 {
        return Err(StatisticError::Argument {
            name: "number of values",
            value: n,
        });
    }
    let moments = moments(values)?;
    if moments.standard_deviation == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    let sorted = sorted(values)?;
    let weights = royston_weights(count);
    // The weights are antisymmetric: each is that of a pair from both ends.
    let pairs = sorted.iter().zip(sorted.iter().rev()).zip(&weights);
    let slope = sum(pairs.map(|((low, high), weight)| weight * (high - low)));
    let squares = moments.standard_deviation * moments.standard_deviation * (n - 1.0);
    let statistic = (slope * slope / squares).min(1.0);
    Ok(ShapiroWilk {
        statistic,
        p: shapiro_wilk_p(statistic, n),
    })
}

/// Where each of `n` values in rising order is to be expected in a normal lot, in standard
/// deviations from its mean (Blom 1958): what a normal probability plot draws them over.
#[must_use]
pub fn normal_scores(n: usize) -> Vec<f64> {
    (1..=n)
        .map(|i| normal::quantile((i as f64 - 0.375) / (n as f64 + 0.25)))
        .collect()
}

/// The upper half of the weights, largest first.
fn royston_weights(count: usize) -> Vec<f64> {
    if count == 3 {
        return vec![core::f64::consts::FRAC_1_SQRT_2];
    }
    let n = count as f64;
    // Blom's scores of the upper half.
    let scores: Vec<f64> = (1..=count / 2)
        .map(|i| -normal::quantile((i as f64 - 0.375) / (n + 0.25)))
        .collect();
    let squares = 2.0 * scores.iter().map(|it| it * it).sum::<f64>();
    let root = 1.0 / libm::sqrt(n);
    let corrected = |score: f64, coefficients: &[f64]| {
        score / libm::sqrt(squares) + polynomial(coefficients, root)
    };
    let first = corrected(
        scores[0],
        &[
            0.0, 0.221_157, -0.147_981, -2.071_190, 4.434_685, -2.706_056,
        ],
    );
    let mut leading = vec![first];
    if count > 5 {
        leading.push(corrected(
            scores[1],
            &[
                0.0, 0.042_981, -0.293_762, -1.752_461, 5.682_633, -3.582_633,
            ],
        ));
    }
    let rest_of = |all: f64, parts: &mut dyn Iterator<Item = f64>| {
        all - 2.0 * parts.map(|it| it * it).sum::<f64>()
    };
    let scale = libm::sqrt(
        rest_of(squares, &mut scores[..leading.len()].iter().copied())
            / rest_of(1.0, &mut leading.iter().copied()),
    );
    let others = scores[leading.len()..].iter().map(|it| it / scale);
    leading.iter().copied().chain(others).collect()
}

fn shapiro_wilk_p(w: f64, n: f64) -> f64 {
    if n == 3.0 {
        let p = 6.0 / core::f64::consts::PI
            * (libm::asin(libm::sqrt(w)) - libm::asin(libm::sqrt(0.75)));
        return p.clamp(0.0, 1.0);
    }
    let y = libm::log(1.0 - w);
    let (transformed, mean, deviation) = if n <= 11.0 {
        let gamma = polynomial(&[-2.273, 0.459], n);
        if y >= gamma {
            return 0.0;
        }
        (
            -libm::log(gamma - y),
            polynomial(&[0.5440, -0.399_78, 0.025_054, -6.714e-4], n),
            libm::exp(polynomial(&[1.3822, -0.778_57, 0.062_767, -0.002_032_2], n)),
        )
    } else {
        let log_n = libm::log(n);
        (
            y,
            polynomial(&[-1.5861, -0.310_82, -0.083_751, 0.003_891_5], log_n),
            libm::exp(polynomial(&[-0.4803, -0.082_676, 0.003_030_2], log_n)),
        )
    };
    normal::sf((transformed - mean) / deviation)
}

/// Coefficients from the constant upwards.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, it| sum * x + it)
}

/// Which tolerance interval some values support.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IntervalChoice {
    /// Fewer than [`FEWEST_VALUES`]: none, for a test of normality would see nothing.
    TooFewValues {
        /// There are.
        got: usize,
    },
    /// All values are equal, to the resolution of the record: none.
    NoSpread,
    /// Normality is not doubted: the normal one.
    Normal(AndersonDarling),
    /// Normality is doubted: the distribution-free one, if there are enough values for it.
    DistributionFree(AndersonDarling),
}

/// The policy of DESIGN's lot alert: none below n = 20; the normal interval unless the
/// Anderson-Darling test doubts normality at 5 %; the distribution-free one then.
///
/// A test that finds nothing does not prove normality: the interval carries that assumption, and
/// whoever prints it says so.
///
/// # Errors
/// [`StatisticError::NotFinite`].
pub fn choose_interval(values: &[f64]) -> Result<IntervalChoice, StatisticError> {
    crate::sample::check_finite(values)?;
    if values.len() < FEWEST_VALUES {
        return Ok(IntervalChoice::TooFewValues { got: values.len() });
    }
    match anderson_darling(values) {
        Ok(test) if test.p >= DOUBT_BELOW => Ok(IntervalChoice::Normal(test)),
        Ok(test) => Ok(IntervalChoice::DistributionFree(test)),
        Err(StatisticError::NoSpread) => Ok(IntervalChoice::NoSpread),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_bloms_and_antisymmetric() {
        // qnorm((1:5 - 0.375)/5.25), recomputed with Python's statistics.NormalDist.
        let expected = [-1.179_761_117_6, -0.497_200_570_7, 0.0];
        let scores = normal_scores(5);
        for (score, expected) in scores.iter().zip(expected) {
            assert!((score - expected).abs() < 1e-9, "{score} {expected}");
        }
        for (low, high) in scores.iter().zip(scores.iter().rev()) {
            assert!((low + high).abs() < 1e-12);
        }
        assert_eq!(normal_scores(0), Vec::<f64>::new());
    }

    #[test]
    fn pieces_of_the_p_value_meet() {
        for (seam, slack) in [(0.2, 0.005), (0.34, 0.01), (0.6, 0.005)] {
            let (below, above) = (
                anderson_darling_p(seam - 1e-9),
                anderson_darling_p(seam + 1e-9),
            );
            assert!((below - above).abs() < slack, "{seam}: {below} {above}");
        }
        assert!(anderson_darling_p(200.0) < 1e-20);
        assert_eq!(anderson_darling_p(0.0), 1.0 - libm::exp(-13.436));
    }

    #[test]
    fn choices() {
        assert_eq!(
            choose_interval(&[1.0; 19]),
            Ok(IntervalChoice::TooFewValues { got: 19 })
        );
        assert_eq!(choose_interval(&[1.0; 20]), Ok(IntervalChoice::NoSpread));
        let scores: Vec<f64> = (1..=20)
            .map(|i| normal::quantile((f64::from(i) - 0.5) / 20.0))
            .collect();
        assert!(matches!(
            choose_interval(&scores),
            Ok(IntervalChoice::Normal(_))
        ));
        let skewed: Vec<f64> = scores.iter().map(|it| libm::exp(2.0 * it)).collect();
        assert!(matches!(
            choose_interval(&skewed),
            Ok(IntervalChoice::DistributionFree(_))
        ));
        let broken = [0.0, f64::NAN];
        assert_eq!(
            choose_interval(&broken),
            Err(StatisticError::NotFinite { index: 1 })
        );
    }

    #[test]
    fn tests_refuse_what_they_cannot_judge() {
        assert!(anderson_darling(&[1.0, 2.0]).is_err());
        assert_eq!(anderson_darling(&[3.0; 9]), Err(StatisticError::NoSpread));
        assert!(shapiro_wilk(&[1.0, 2.0]).is_err());
        assert_eq!(shapiro_wilk(&[3.0; 9]), Err(StatisticError::NoSpread));
        let many: Vec<f64> = (0..5001).map(f64::from).collect();
        assert!(shapiro_wilk(&many).is_err());
    }
}
