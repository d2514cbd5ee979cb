//! A value and what its own scatter says of it.

use crate::NotMeasurable;

/// A value with its Type A standard uncertainty (JCGM 100:2008, 4.2).
///
/// The unit is that of the function which gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard uncertainty from scatter alone.
    pub u: f64,
    /// Degrees of freedom of `u`; infinite where `u` is known.
    pub dof: f64,
    /// How many observations it rests on.
    pub n: usize,
}

impl Estimate {
    /// The estimate, if value and uncertainty are finite numbers.
    pub(crate) fn finite(self) -> Result<Self, NotMeasurable> {
        let sound = self.value.is_finite() && self.u.is_finite() && self.u >= 0.0 && self.dof > 0.0;
        if sound {
            Ok(self)
        } else {
            Err(NotMeasurable::NotFinite)
        }
    }
}

/// Mean and scatter of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scatter {
    /// Number of values.
    pub(crate) n: usize,
    /// Mean.
    pub(crate) mean: f64,
    /// Variance of one value, divisor n − 1.
    pub(crate) variance: f64,
    /// Lag-1 autocorrelation, held at or above zero: a negative one would claim a smaller
    /// uncertainty than independent values have.
    pub(crate) lag1: f64,
}

impl Scatter {
    /// Of a series of at least two values.
    pub(crate) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let n = values.clone().count();
        // About the first value, so that a large common offset costs no digits.
        let origin = values.clone().next().unwrap_or(0.0);
        let mean = origin + values.clone().map(|it| it - origin).sum::<f64>() / n.max(1) as f64;
        let mut squares = 0.0;
        let mut products = 0.0;
        let mut before = 0.0;
        for value in values {
            let deviation = value - mean;
            squares += deviation * deviation;
            products += deviation * before;
            before = deviation;
        }
        let variance = if n > 1 { squares / (n - 1) as f64 } else { 0.0 };
        let lag1 = if squares > 0.0 {
            (products / squares).clamp(0.0, 0.99)
        } else {
            0.0
        };
        Self {
            n,
            mean,
            variance,
            lag1,
        }
    }

    /// The mean with its standard uncertainty s/√n_eff, where n_eff = n (1 − r)/(1 + r) for
    /// neighbours correlated by r (first-order autoregressive;
    /// Bayley and Hammersley 1946).
    pub(crate) fn of_mean(&self) -> Estimate {
        let n_eff = self.n as f64 * (1.0 - self.lag1) / (1.0 + self.lag1);
        Estimate {
            value: self.mean,
            u: libm::sqrt(self.variance / n_eff),
            dof: (n_eff - 1.0).max(1.0),
            n: self.n,
        }
    }

    /// The standard deviation without the share that known noise of variance `noise` adds.
    ///
    /// s_true² = s² − noise. u(s²) = s² √(2/(n_eff − 1)) with n_eff = n (1 − r²)/(1 + r²).
    /// u(s_true) = √(s_true² + u(s²)) − s_true, which is u(s²)/(2 s_true) where the spread is
    /// well seen and √u(s²) where there is none to see. A negative s_true² gives zero.
    pub(crate) fn corrected_sd(&self, noise: f64) -> Estimate {
        let r2 = self.lag1 * self.lag1;
        let n_eff = self.n as f64 * (1.0 - r2) / (1.0 + r2);
        let dof = (n_eff - 1.0).max(1.0);
        let true_variance = (self.variance - noise).max(0.0);
        let u_variance = self.variance * libm::sqrt(2.0 / dof);
        let value = libm::sqrt(true_variance);
        Estimate {
            value,
            u: libm::sqrt(true_variance + u_variance) - value,
            dof,
            n: self.n,
        }
    }
}
