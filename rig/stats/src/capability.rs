//! Capability and performance indices with confidence bounds.
//!
//! Pp and Ppk use the overall standard deviation, Cp and Cpk that within subgroups (see
//! [`crate::charts`]). All hold for normal values under statistical control; see
//! [`crate::normality`] first.

use crate::sample::{Moments, StatisticError, check_share, moments};
use rig_distributions::{chi_squared, noncentral_t, normal, root};

/// Tolerance limits of a characteristic, in its unit; a missing one is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Lower tolerance limit.
    pub lower: Option<f64>,
    /// Upper tolerance limit.
    pub upper: Option<f64>,
}

impl Limits {
    pub(crate) fn check(self) -> Result<(), StatisticError> {
        let infinite = self
            .lower
            .into_iter()
            .chain(self.upper)
            .find(|it| !it.is_finite());
        match (self.lower, self.upper, infinite) {
            (None, None, _) => Err(StatisticError::NoLimit),
            (_, _, Some(value)) => Err(StatisticError::Argument {
                name: "limit",
                value,
            }),
            (Some(lower), Some(upper), None) if lower >= upper => Err(StatisticError::Argument {
                name: "lower limit",
                value: lower,
            }),
            _ => Ok(()),
        }
    }
}

/// Indices of one characteristic. With the overall standard deviation they are Pp, PPL, PPU and
/// Ppk; with that within subgroups Cp, CPL, CPU and Cpk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capability {
    /// (upper − lower)/6 s; none with an open side.
    pub spread: Option<f64>,
    /// (mean − lower)/3 s.
    pub below: Option<f64>,
    /// (upper − mean)/3 s.
    pub above: Option<f64>,
    /// The smaller of both.
    pub least: f64,
}

/// Indices from a mean and a standard deviation, both in the limits' unit.
///
/// # Errors
/// No limit, crossed or infinite limits, a mean that is not finite, no spread.
pub fn capability(
    mean: f64,
    standard_deviation: f64,
    limits: Limits,
) -> Result<Capability, StatisticError> {
    limits.check()?;
    if standard_deviation == 0.0 {
        return Err(StatisticError::NoSpread);
    }
    for (name, value, is_usable) in [
        ("mean", mean, mean.is_finite()),
        (
            "standard deviation",
            standard_deviation,
            standard_deviation > 0.0 && standard_deviation.is_finite(),
        ),
    ] {
        if !is_usable {
            return Err(StatisticError::Argument { name, value });
        }
    }
    let below = limits
        .lower
        .map(|it| (mean - it) / (3.0 * standard_deviation));
    let above = limits
        .upper
        .map(|it| (it - mean) / (3.0 * standard_deviation));
    let spread = limits.lower.zip(limits.upper);
    Ok(Capability {
        spread: spread.map(|(lower, upper)| (upper - lower) / (6.0 * standard_deviation)),
        below,
        above,
        least: below.into_iter().chain(above).fold(f64::INFINITY, f64::min),
    })
}

/// Pp, PPL, PPU and Ppk of some values.
///
/// # Errors
/// Those of [`moments`] and [`capability`].
pub fn performance(
    values: &[f64],
    limits: Limits,
) -> Result<(Moments, Capability), StatisticError> {
    let moments = moments(values)?;
    let capability = capability(moments.mean, moments.standard_deviation, limits)?;
    Ok((moments, capability))
}

/// Lower and upper bound that hold together with a confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Exact bounds of Cp or Pp from an observed `index` whose standard deviation has `dof` degrees of
/// freedom: index · √(χ²/ν) (Kane 1986).
///
/// # Errors
/// Arguments out of range.
pub fn spread_bounds(index: f64, dof: f64, confidence: f64) -> Result<Bounds, StatisticError> {
    check_index(index, dof, confidence)?;
    let tail = 0.5 * (1.0 - confidence);
    Ok(Bounds {
        lower: index * libm::sqrt(chi_squared::quantile(tail, dof) / dof),
        upper: index * libm::sqrt(chi_squared::upper_quantile(tail, dof) / dof),
    })
}

/// Exact lower bound of Cp or Pp alone.
///
/// # Errors
/// Arguments out of range.
pub fn spread_lower_bound(index: f64, dof: f64, confidence: f64) -> Result<f64, StatisticError> {
    check_index(index, dof, confidence)?;
    Ok(index * libm::sqrt(chi_squared::quantile(1.0 - confidence, dof) / dof))
}

/// Lower bound of a one-sided index (CPL, CPU, PPL, PPU) observed on `n` values, or of Cpk or Ppk.
///
/// Exact for a one-sided index: the c for which T = 3 · index · √n leaves 1 − confidence above in
/// the noncentral t distribution with noncentrality 3 c √n (Chou, Owen and Borrego 1990). For the
/// smaller of two sides it errs on the safe side: the smaller observed index lies at or below that
/// of the side that is truly smaller, and the bound rises with the index.
///
/// # Errors
/// Arguments out of range.
pub fn one_sided_lower_bound(index: f64, n: usize, confidence: f64) -> Result<f64, StatisticError> {
    let dof = degrees_of_freedom(n)?;
    check_index(index, dof, confidence)?;
    let root_n = libm::sqrt(n as f64);
    let t = 3.0 * index * root_n;
    let alpha = 1.0 - confidence;
    let rising = |delta: f64| {
        if confidence >= 0.5 {
            libm::log(noncentral_t::sf(t, dof, delta) / alpha)
        } else {
            libm::log(confidence / noncentral_t::cdf(t, dof, delta))
        }
    };
    let guess = t - normal::quantile(confidence) * libm::sqrt(1.0 + t * t / (2.0 * dof));
    let step = 0.05 * libm::sqrt(1.0 + t * t / (2.0 * dof));
    root::from_guess(rising, guess, step)
        .map(|delta| delta / (3.0 * root_n))
        .ok_or(StatisticError::NotConverged)
}

/// Bissell's normal approximation of the lower bound of Cpk or Ppk (Applied Statistics 39, 1990,
/// 331-340), for comparison: index − z √(1/(9n) + index²/(2ν)).
///
/// # Errors
/// Arguments out of range.
pub fn bissell_lower_bound(index: f64, n: usize, confidence: f64) -> Result<f64, StatisticError> {
    let dof = degrees_of_freedom(n)?;
    check_index(index, dof, confidence)?;
    let variance = 1.0 / (9.0 * n as f64) + index * index / (2.0 * dof);
    Ok(index - normal::quantile(confidence) * libm::sqrt(variance))
}

/// The Ppk that must be observed on `n` values for its [`one_sided_lower_bound`] to reach
/// `required`.
///
/// # Errors
/// Arguments out of range.
pub fn observed_index_needed(
    required: f64,
    n: usize,
    confidence: f64,
) -> Result<f64, StatisticError> {
    let dof = degrees_of_freedom(n)?;
    check_index(required, dof, confidence)?;
    let root_n = libm::sqrt(n as f64);
    let t = noncentral_t::quantile(confidence, dof, 3.0 * required * root_n);
    if t.is_finite() {
        Ok(t / (3.0 * root_n))
    } else {
        Err(StatisticError::NotConverged)
    }
}

fn degrees_of_freedom(n: usize) -> Result<f64, StatisticError> {
    if n < 2 {
        return Err(StatisticError::TooFewValues { needed: 2, got: n });
    }
    Ok(n as f64 - 1.0)
}

fn check_index(index: f64, dof: f64, confidence: f64) -> Result<(), StatisticError> {
    check_share("confidence", confidence)?;
    if !index.is_finite() {
        return Err(StatisticError::Argument {
            name: "index",
            value: index,
        });
    }
    if !(dof > 0.0 && dof.is_finite()) {
        return Err(StatisticError::Argument {
            name: "degrees of freedom",
            value: dof,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bound_and_needed_index_are_inverse() {
        for n in [2, 5, 30, 500] {
            for required in [-0.4, 0.0, 0.67, 1.33, 3.0] {
                for confidence in [0.3, 0.9, 0.999] {
                    let needed = observed_index_needed(required, n, confidence).unwrap();
                    let bound = one_sided_lower_bound(needed, n, confidence).unwrap();
                    assert!(
                        (bound - required).abs() < 1e-10 * needed.abs().max(1.0),
                        "{n} {required} {confidence}: {bound}"
                    );
                }
            }
        }
    }

    #[test]
    fn indices_of_open_and_closed_tolerances() {
        let both = Limits {
            lower: Some(0.0),
            upper: Some(12.0),
        };
        let it = capability(5.0, 1.0, both).unwrap();
        assert_eq!(
            (it.spread, it.below, it.above),
            (Some(2.0), Some(5.0 / 3.0), Some(7.0 / 3.0))
        );
        assert_eq!(it.least, 5.0 / 3.0);
        let upper = Limits {
            lower: None,
            upper: Some(8.0),
        };
        let it = capability(5.0, 1.0, upper).unwrap();
        assert_eq!((it.spread, it.below, it.least), (None, None, 1.0));
    }

    #[test]
    fn senseless_arguments_are_refused() {
        let limits = |lower, upper| Limits { lower, upper };
        assert_eq!(
            capability(1.0, 1.0, limits(None, None)),
            Err(StatisticError::NoLimit)
        );
        assert!(capability(1.0, 1.0, limits(Some(2.0), Some(1.0))).is_err());
        assert!(capability(1.0, 1.0, limits(Some(f64::NAN), None)).is_err());
        assert_eq!(
            capability(1.0, 0.0, limits(Some(0.0), None)),
            Err(StatisticError::NoSpread)
        );
        assert!(capability(1.0, f64::NAN, limits(Some(0.0), None)).is_err());
        assert!(capability(f64::INFINITY, 1.0, limits(Some(0.0), None)).is_err());
        assert!(one_sided_lower_bound(1.0, 1, 0.9).is_err());
        assert!(one_sided_lower_bound(f64::NAN, 5, 0.9).is_err());
        assert!(observed_index_needed(1.0, 5, 1.0).is_err());
        assert!(spread_bounds(1.0, 0.0, 0.9).is_err() && bissell_lower_bound(1.0, 0, 0.9).is_err());
    }
}
