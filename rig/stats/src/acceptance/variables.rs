//! Variables plans for one measured quantity: s-method, σ-method, and the estimate of the share of
//! nonconforming units (MIL-STD-414 forms 1 and 2; ANSI/ASQ Z1.9).
//!
//! **Precondition:** the quantity is normally distributed over the units of the lot, and the units
//! are drawn at random. Nothing here tests it: a decision carries what was found of it
//! ([`Normality`]), and is a decision only where normality was not rejected.
//!
//! ISO 3951-1:2005 and later have (n, k) of their own, which are not here.

use rig_distributions::{beta, noncentral_t, normal};
use std::fmt;

/// What is known of the standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// Nothing: the sample's own is used (s-method).
    Unknown,
    /// Its value, from a process in control, in the unit of the quantity; above 0 (σ-method).
    Known(f64),
}

/// A variables plan: accept if the mean lies at least `k` standard deviations inside a limit.
///
/// **Invariant:** `n` is at least 3 with unknown spread and 2 with a known one; `k` is finite.
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{Limits, Normality, Spread, VariablesPlan};
/// let plan = VariablesPlan::new(5, 1.53, Spread::Unknown)?;
/// // Protrusions in micrometres, at most 1,650.
/// let values = [1_480.0, 1_510.0, 1_495.0, 1_523.0, 1_501.0];
/// let limits = Limits { lower: None, upper: Some(1_650.0) };
/// assert!(plan.decide(&values, limits, Normality::Assumed)?.accepts());
/// # Ok::<(), rig_stats::acceptance::VariablesError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VariablesPlan {
    n: u32,
    k: f64,
    spread: Spread,
}

/// Limits of the quantity, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// What is known of the precondition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normality {
    /// A test did not reject it; which is no proof.
    NotRejected {
        /// Its p-value.
        p_value: f64,
    },
    /// A test rejected it.
    Rejected {
        /// Its p-value.
        p_value: f64,
    },
    /// It was not tested; the user takes it from elsewhere.
    Assumed,
}

/// Why there is no variables plan or no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariablesError {
    /// Too few units for the method.
    #[error("a variables plan with this method needs at least {least} units, not {n}")]
    TooFewUnits {
        /// Needed.
        least: u32,
        /// There are.
        n: u32,
    },
    /// The constant is no number.
    #[error("the acceptability constant is not a finite number")]
    BadConstant,
    /// The standard deviation is not above 0, or a mean or limit is no number.
    #[error(
        "mean, limits or standard deviation are no finite numbers, or the deviation is not above 0"
    )]
    BadNumbers,
    /// No limit.
    #[error("a variables plan needs a limit")]
    NoLimit,
    /// The lower limit is not below the upper one.
    #[error("the lower limit is not below the upper limit")]
    LimitsCrossed,
    /// Not a share.
    #[error("a share of nonconforming units is not between 0 and 1")]
    NotAShare,
    /// A numerical method did not converge.
    #[error("the probability could not be computed")]
    NotComputed,
    /// The sample is not of the plan's size.
    #[error("the plan wants {wanted} values, there are {got}")]
    SampleSize {
        /// Wanted.
        wanted: u32,
        /// There are.
        got: usize,
    },
}

impl VariablesPlan {
    /// A plan of `n` units with the acceptability constant `k`.
    ///
    /// # Errors
    /// [`VariablesError`] where the invariant does not hold.
    pub fn new(n: u32, k: f64, spread: Spread) -> Result<Self, VariablesError> {
        let least = match spread {
            Spread::Unknown => 3,
            Spread::Known(_) => 2,
        };
        if n < least {
            return Err(VariablesError::TooFewUnits { least, n });
        }
        if !k.is_finite() {
            return Err(VariablesError::BadConstant);
        }
        if let Spread::Known(sigma) = spread
            && !(sigma > 0.0 && sigma.is_finite())
        {
            return Err(VariablesError::BadNumbers);
        }
        Ok(Self { n, k, spread })
    }

    /// A plan of `n` units that accepts an estimated share of at most `m` (form 2): its `k` is that
    /// of M = I((1 − k √n/(n − 1))/2; n/2 − 1, n/2 − 1), or of Φ(−k √(n/(n − 1))) with known spread.
    ///
    /// # Errors
    /// [`VariablesError`].
    pub fn from_share(n: u32, m: f64, spread: Spread) -> Result<Self, VariablesError> {
        if !(m > 0.0 && m < 1.0) {
            return Err(VariablesError::NotAShare);
        }
        let mut plan = Self::new(n, 0.0, spread)?;
        let count = f64::from(n);
        plan.k = match spread {
            Spread::Unknown => {
                let half = count / 2.0 - 1.0;
                let x = beta::inverse(m, half, half);
                (1.0 - 2.0 * x) * (count - 1.0) / libm::sqrt(count)
            }
            Spread::Known(_) => normal::upper_quantile(m) * libm::sqrt((count - 1.0) / count),
        };
        Ok(plan)
    }

    /// Units drawn.
    #[must_use]
    pub fn n(self) -> u32 {
        self.n
    }

    /// The acceptability constant.
    #[must_use]
    pub fn k(self) -> f64 {
        self.k
    }

    /// What is known of the spread.
    #[must_use]
    pub fn spread(self) -> Spread {
        self.spread
    }

    /// M: the largest estimated share of nonconforming units that the plan accepts.
    #[must_use]
    pub fn largest_share(self) -> f64 {
        self.estimated_share(self.k)
    }

    /// The share beyond a limit, estimated from a mean that lies `q` standard deviations inside it:
    /// the minimum-variance unbiased estimate (G. J. Lieberman, G. J. Resnikoff, J. Am. Stat. Assoc.
    /// 50, 1955).
    #[must_use]
    pub fn estimated_share(self, q: f64) -> f64 {
        let count = f64::from(self.n);
        match self.spread {
            Spread::Unknown => {
                let x = 0.5 - q * libm::sqrt(count) / (2.0 * (count - 1.0));
                let half = count / 2.0 - 1.0;
                beta::regularized(x.clamp(0.0, 1.0), half, half)
            }
            Spread::Known(_) => normal::sf(q * libm::sqrt(count / (count - 1.0))),
        }
    }

    /// Pa for one limit, at a share `p` of nonconforming units of a normally distributed quantity:
    /// P(T ≥ k √n), T noncentral t with n − 1 degrees of freedom and noncentrality z √n for unknown
    /// spread; Φ(√n (z − k)) for known; z the upper quantile of p.
    ///
    /// # Errors
    /// [`VariablesError::NotAShare`].
    pub fn acceptance_probability(self, p: f64) -> Result<f64, VariablesError> {
        if !(0.0..=1.0).contains(&p) {
            return Err(VariablesError::NotAShare);
        }
        if p == 0.0 || p == 1.0 {
            return Ok(1.0 - p);
        }
        let root = libm::sqrt(f64::from(self.n));
        let z = normal::upper_quantile(p);
        Ok(match self.spread {
            Spread::Unknown => noncentral_t::sf(self.k * root, f64::from(self.n) - 1.0, z * root),
            Spread::Known(_) => normal::cdf(root * (z - self.k)),
        })
    }

    /// Decides a sample's values: form 1 (Q ≥ k) with one limit, form 2 (estimated shares beyond
    /// both limits together at most M) with two.
    ///
    /// # Errors
    /// [`VariablesError`]; values that do not differ have no standard deviation above 0.
    pub fn decide(
        self,
        values: &[f64],
        limits: Limits,
        normality: Normality,
    ) -> Result<VariablesDecision, VariablesError> {
        if values.len() != self.n as usize {
            return Err(VariablesError::SampleSize {
                wanted: self.n,
                got: values.len(),
            });
        }
        let (mean, deviation) = mean_and_deviation(values);
        self.decide_summary(mean, deviation, limits, normality)
    }

    /// As [`Self::decide`], from the sample's mean and standard deviation (n − 1). With known
    /// spread the deviation is not used.
    ///
    /// # Errors
    /// [`VariablesError`].
    pub fn decide_summary(
        self,
        mean: f64,
        deviation: f64,
        limits: Limits,
        normality: Normality,
    ) -> Result<VariablesDecision, VariablesError> {
        let deviation = match self.spread {
            Spread::Unknown => deviation,
            Spread::Known(sigma) => sigma,
        };
        let numbers = [Some(mean), Some(deviation), limits.lower, limits.upper];
        if numbers.into_iter().flatten().any(|it| !it.is_finite()) || deviation <= 0.0 {
            return Err(VariablesError::BadNumbers);
        }
        let q_lower = limits.lower.map(|it| (mean - it) / deviation);
        let q_upper = limits.upper.map(|it| (it - mean) / deviation);
        let within = match (q_lower, q_upper) {
            (None, None) => return Err(VariablesError::NoLimit),
            (Some(q), None) | (None, Some(q)) => q >= self.k,
            (Some(lower), Some(upper)) => {
                if limits.lower >= limits.upper {
                    return Err(VariablesError::LimitsCrossed);
                }
                self.estimated_share(lower) + self.estimated_share(upper) <= self.largest_share()
            }
        };
        let share = |q: Option<f64>| q.map_or(0.0, |it| self.estimated_share(it));
        Ok(VariablesDecision {
            mean,
            deviation,
            q_lower,
            q_upper,
            estimated_share: share(q_lower) + share(q_upper),
            largest_share: self.largest_share(),
            criterion_met: within,
            normality,
        })
    }
}

/// What a sample says under a variables plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VariablesDecision {
    /// Mean.
    pub mean: f64,
    /// Standard deviation used: the sample's, or the known one.
    pub deviation: f64,
    /// (mean − lower)/deviation.
    pub q_lower: Option<f64>,
    /// (upper − mean)/deviation.
    pub q_upper: Option<f64>,
    /// Estimated share beyond the limits.
    pub estimated_share: f64,
    /// Largest share that the plan accepts.
    pub largest_share: f64,
    /// Whether the plan's criterion is met, normality taken as it is.
    pub criterion_met: bool,
    /// What is known of normality.
    pub normality: Normality,
}

impl VariablesDecision {
    /// Whether the plan accepts: the criterion is met and normality was not rejected.
    #[must_use]
    pub fn accepts(self) -> bool {
        self.criterion_met && !matches!(self.normality, Normality::Rejected { .. })
    }
}

impl fmt::Display for VariablesPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.spread {
            Spread::Unknown => "s-method",
            Spread::Known(_) => "sigma-method",
        };
        write!(f, "{method}, n {}, k {:.4}", self.n, self.k)
    }
}

impl fmt::Display for Normality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRejected { p_value } => write!(f, "normality not rejected (p {p_value:.3})"),
            Self::Rejected { p_value } => write!(f, "normality rejected (p {p_value:.3})"),
            Self::Assumed => f.write_str("normality assumed, not tested"),
        }
    }
}

/// Mean, and deviation with n − 1; NaN for a value that is no number.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let origin = values.first().copied().unwrap_or(f64::NAN);
    let offset = values.iter().map(|it| it - origin).sum::<f64>() / count;
    let squares: f64 = values
        .iter()
        .map(|it| (it - origin - offset) * (it - origin - offset))
        .sum();
    (origin + offset, libm::sqrt(squares / (count - 1.0)))
}
