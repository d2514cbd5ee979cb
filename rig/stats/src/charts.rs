//! Control charts: their constants, computed and not tabled, and their limits.

use crate::sample::{StatisticError, check_finite, moments, sum};
use rig_distributions::{gamma, normal, quadrature};

/// Where a normal deviate's density has fallen below e^−50.
const FAR: f64 = 10.0;
/// Largest subgroup for which constants are given.
const LARGEST_SUBGROUP: usize = 1000;

/// d2: mean range of `n` standard normal deviates, Tippett's ∫ 1 − Φⁿ − (1 − Φ)ⁿ. NaN unless
/// 2 ≤ `n` ≤ 1000.
#[must_use]
pub fn d2(n: usize) -> f64 {
    if !(2..=LARGEST_SUBGROUP).contains(&n) {
        return f64::NAN;
    }
    if n == 2 {
        // The range of two is |N(0, 2)|; charts of individual values need it for every row.
        return core::f64::consts::FRAC_2_SQRT_PI;
    }
    let power = n as f64;
    // 1 − Φⁿ without cancellation.
    let missed = |x: f64| -libm::expm1(power * normal::ln_cdf(x));
    2.0 * quadrature::integrate(
        |x| missed(x) - libm::exp(power * normal::ln_cdf(-x)),
        0.0,
        FAR,
    )
}

/// d3: standard deviation of the range of `n` standard normal deviates. NaN unless 2 ≤ `n` ≤ 1000.
#[must_use]
pub fn d3(n: usize) -> f64 {
    let mean = d2(n);
    if mean.is_nan() {
        return f64::NAN;
    }
    if n == 2 {
        return libm::sqrt(2.0 - mean * mean);
    }
    let power = n as i32 - 1;
    // P(W ≤ w) = n ∫ φ(x) (Φ(x + w) − Φ(x))ⁿ⁻¹ dx; E W² = 2 ∫ w P(W > w) dw.
    let at_most = |w: f64| {
        let density = |x: f64| {
            let inside = if x > 0.0 {
                normal::sf(x) - normal::sf(x + w)
            } else {
                normal::cdf(x + w) - normal::cdf(x)
            };
            normal::pdf(x) * inside.max(0.0).powi(power)
        };
        n as f64 * quadrature::integrate(density, -FAR, FAR)
    };
    let second = 2.0 * quadrature::integrate(|w| w * (1.0 - at_most(w)).max(0.0), 0.0, 2.0 * FAR);
    libm::sqrt(second - mean * mean)
}

/// c4: mean standard deviation of `n` standard normal deviates,
/// √(2/(n − 1)) Γ(n/2)/Γ((n − 1)/2). NaN for `n` below 2.
#[must_use]
pub fn c4(n: usize) -> f64 {
    if n < 2 {
        return f64::NAN;
    }
    gamma::half_step_ratio(0.5 * (n as f64 - 1.0))
}

/// Center line and limits of one chart, in the values' unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartLimits {
    /// Lower control limit.
    pub lower: f64,
    /// Center line.
    pub center: f64,
    /// Upper control limit.
    pub upper: f64,
}

/// A pair of charts, of location and of spread, and the standard deviation that they rest on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartPair {
    /// Chart of the means, or of the individual values.
    pub location: ChartLimits,
    /// Chart of the ranges, or of the moving ranges.
    pub spread: ChartLimits,
    /// Standard deviation within subgroups, mean range over d2.
    pub within: f64,
}

/// Charts of individual values and of moving ranges of two, with limits at three standard
/// deviations (ISO 7870-2:2013, 6.3).
///
/// # Errors
/// Fewer than two values; a value that is not finite.
pub fn individuals_charts(values: &[f64]) -> Result<ChartPair, StatisticError> {
    check_finite(values)?;
    let n = values.len();
    if n < 2 {
        return Err(StatisticError::TooFewValues { needed: 2, got: n });
    }
    let center = sum(values.iter().copied()) / n as f64;
    let ranges = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let mean_range = sum(ranges) / (n as f64 - 1.0);
    pair(center, mean_range, 2, 1.0)
}

/// Charts of means and of ranges of subgroups of equal size, with limits at three standard
/// deviations (ISO 7870-2:2013, 6.2).
///
/// # Errors
/// No subgroup, subgroups below two values or of different sizes, a value that is not finite.
pub fn mean_and_range_charts(subgroups: &[Vec<f64>]) -> Result<ChartPair, StatisticError> {
    let size = subgroups.first().map_or(0, Vec::len);
    if size < 2 {
        return Err(StatisticError::TooFewValues {
            needed: 2,
            got: size,
        });
    }
    if let Some(other) = subgroups.iter().find(|it| it.len() != size) {
        return Err(StatisticError::Argument {
            name: "size of a subgroup",
            value: other.len() as f64,
        });
    }
    if size > LARGEST_SUBGROUP {
        return Err(StatisticError::Argument {
            name: "size of a subgroup",
            value: size as f64,
        });
    }
    for subgroup in subgroups {
        check_finite(subgroup)?;
    }
    let count = subgroups.len() as f64;
    let center = sum(subgroups.iter().flatten().copied()) / (count * size as f64);
    let mean_range = sum(subgroups.iter().map(|it| range(it))) / count;
    pair(center, mean_range, size, libm::sqrt(size as f64))
}

/// A standard deviation within subgroups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PooledDeviation {
    /// In the values' unit.
    pub standard_deviation: f64,
    /// Its degrees of freedom.
    pub dof: f64,
}

/// The pooled standard deviation within subgroups, √(Σ(nᵢ − 1) sᵢ²/Σ(nᵢ − 1)), whose degrees of
/// freedom are exact for normal values; sizes may differ.
///
/// # Errors
/// No subgroup, a subgroup below two values, a value that is not finite.
pub fn pooled_within(subgroups: &[Vec<f64>]) -> Result<PooledDeviation, StatisticError> {
    if subgroups.is_empty() {
        return Err(StatisticError::TooFewValues { needed: 2, got: 0 });
    }
    let (mut squares, mut dof) = (Vec::new(), 0.0);
    for subgroup in subgroups {
        let it = moments(subgroup)?;
        let own = it.n as f64 - 1.0;
        squares.push(own * it.standard_deviation * it.standard_deviation);
        dof += own;
    }
    let standard_deviation = libm::sqrt(sum(squares) / dof);
    if !standard_deviation.is_finite() {
        return Err(StatisticError::TooLarge);
    }
    Ok(PooledDeviation {
        standard_deviation,
        dof,
    })
}

fn range(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    most - least
}

fn pair(
    center: f64,
    mean_range: f64,
    size: usize,
    root_size: f64,
) -> Result<ChartPair, StatisticError> {
    if !center.is_finite() || !mean_range.is_finite() {
        return Err(StatisticError::TooLarge);
    }
    let within = mean_range / d2(size);
    let reach = 3.0 * within / root_size;
    let range_reach = 3.0 * within * d3(size);
    Ok(ChartPair {
        location: ChartLimits {
            lower: center - reach,
            center,
            upper: center + reach,
        },
        spread: ChartLimits {
            lower: (mean_range - range_reach).max(0.0),
            center: mean_range,
            upper: mean_range + range_reach,
        },
        within,
    })
}

/// One step of a tabular CUSUM.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CusumStep {
    /// C⁺, upward drift beyond the allowance.
    pub above: f64,
    /// C⁻, downward drift beyond the allowance.
    pub below: f64,
    /// Whether either exceeds the decision interval.
    pub signals: bool,
}

/// A tabular CUSUM about `target` with reference value `k` and decision interval `h`, both in
/// standard deviations (Page 1954; Montgomery, Introduction to Statistical Quality Control, 9.1).
///
/// # Errors
/// A value or an argument that is not finite, a standard deviation or interval not above zero.
pub fn cusum(
    values: &[f64],
    target: f64,
    standard_deviation: f64,
    k: f64,
    h: f64,
) -> Result<Vec<CusumStep>, StatisticError> {
    check_finite(values)?;
    for (name, value, is_usable) in [
        ("target", target, target.is_finite()),
        (
            "standard deviation",
            standard_deviation,
            standard_deviation > 0.0 && standard_deviation.is_finite(),
        ),
        ("reference value", k, k >= 0.0 && k.is_finite()),
        ("decision interval", h, h > 0.0 && h.is_finite()),
    ] {
        if !is_usable {
            return Err(StatisticError::Argument { name, value });
        }
    }
    let (slack, interval) = (k * standard_deviation, h * standard_deviation);
    let steps = values.iter().scan((0.0, 0.0), |(above, below), value| {
        *above = f64::max(0.0, value - (target + slack) + *above);
        *below = f64::max(0.0, (target - slack) - value + *below);
        Some(CusumStep {
            above: *above,
            below: *below,
            signals: *above > interval || *below > interval,
        })
    });
    steps
        .map(|it| {
            let is_finite = it.above.is_finite() && it.below.is_finite();
            is_finite.then_some(it).ok_or(StatisticError::TooLarge)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_two_are_closed_forms() {
        let root_pi = libm::sqrt(core::f64::consts::PI);
        assert!((d2(2) - 2.0 / root_pi).abs() < 1e-14);
        // The range of two is half-normal with variance 2.
        let variance = 2.0 - 4.0 / core::f64::consts::PI;
        assert!((d3(2) - libm::sqrt(variance)).abs() < 1e-12, "{}", d3(2));
        assert!((c4(2) - libm::sqrt(2.0) / root_pi).abs() < 1e-15);
        for n in [0, 1, 1001] {
            assert!(d2(n).is_nan() && d3(n).is_nan());
        }
        assert!(c4(1).is_nan() && c4(100_000) < 1.0);
    }

    #[test]
    fn pooled_deviation_ignores_what_lies_between_subgroups() {
        // Squares about the means: 2 and 8, with one and two degrees of freedom.
        let it = pooled_within(&[vec![1.0, 3.0], vec![100.0, 102.0, 104.0]]).unwrap();
        assert_eq!(it.dof, 3.0);
        assert!((it.standard_deviation - libm::sqrt(10.0 / 3.0)).abs() < 1e-15);
    }

    #[test]
    fn unusable_data_is_refused() {
        assert!(individuals_charts(&[1.0]).is_err());
        assert!(individuals_charts(&[1.0, f64::NAN]).is_err());
        assert!(mean_and_range_charts(&[]).is_err());
        assert!(mean_and_range_charts(&[vec![1.0]]).is_err());
        assert!(mean_and_range_charts(&[vec![1.0, 2.0], vec![1.0]]).is_err());
        assert!(mean_and_range_charts(&[vec![1.0, f64::INFINITY]]).is_err());
        assert!(pooled_within(&[]).is_err() && pooled_within(&[vec![1.0]]).is_err());
        assert!(cusum(&[1.0], 0.0, 0.0, 0.5, 5.0).is_err());
        assert!(cusum(&[f64::NAN], 0.0, 1.0, 0.5, 5.0).is_err());
        assert_eq!(cusum(&[], 0.0, 1.0, 0.5, 5.0), Ok(Vec::new()));
    }
}
