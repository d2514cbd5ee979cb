//! A probability as the pair of its tails.

/// Whether a number can be a shape, or degrees of freedom: beyond these, intermediate results would
/// not fit a floating-point number.
pub(crate) fn is_parameter(a: f64) -> bool {
    (1e-100..=1e100).contains(&a)
}

/// P(X ≤ x) and P(X > x), each with its own digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tails {
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl Tails {
    pub(crate) const NAN: Self = Self {
        lower: f64::NAN,
        upper: f64::NAN,
    };
    /// All probability lies above.
    pub(crate) const BELOW_ALL: Self = Self {
        lower: 0.0,
        upper: 1.0,
    };
    /// All probability lies below.
    pub(crate) const ABOVE_ALL: Self = Self {
        lower: 1.0,
        upper: 0.0,
    };

    pub(crate) fn from_lower(lower: f64) -> Self {
        let lower = lower.clamp(0.0, 1.0);
        Self {
            lower,
            upper: 1.0 - lower,
        }
    }

    pub(crate) fn from_upper(upper: f64) -> Self {
        Self::from_lower(upper).swapped()
    }

    pub(crate) fn swapped(self) -> Self {
        Self {
            lower: self.upper,
            upper: self.lower,
        }
    }

    /// How far the point lies above the quantile sought, as a logarithm of probabilities; rises
    /// with the point.
    pub(crate) fn above(self, sought: Sought) -> f64 {
        match sought {
            Sought::Lower(p) => libm::log(self.lower / p),
            Sought::Upper(q) => libm::log(q / self.upper),
        }
    }

    /// Probability by which the point lies above the quantile sought.
    pub(crate) fn excess(self, sought: Sought) -> f64 {
        match sought {
            Sought::Lower(p) => self.lower - p,
            Sought::Upper(q) => q - self.upper,
        }
    }
}

/// The tail that a quantile is to leave, at most one half as [`Sought::lower`] and
/// [`Sought::upper`] make it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sought {
    Lower(f64),
    Upper(f64),
}

impl Sought {
    /// The point below which `p` lies.
    pub(crate) fn lower(p: f64) -> Self {
        // 1 − p is exact from one half up.
        if p <= 0.5 {
            Self::Lower(p)
        } else {
            Self::Upper(1.0 - p)
        }
    }

    /// The point above which `q` lies.
    pub(crate) fn upper(q: f64) -> Self {
        if q <= 0.5 {
            Self::Upper(q)
        } else {
            Self::Lower(1.0 - q)
        }
    }

    pub(crate) fn is_nan(self) -> bool {
        let (Self::Lower(p) | Self::Upper(p)) = self;
        !(0.0..=1.0).contains(&p)
    }

    /// Nothing lies below the point.
    pub(crate) fn is_lowest(self) -> bool {
        self == Self::Lower(0.0) || self == Self::Upper(1.0)
    }

    /// Nothing lies above the point.
    pub(crate) fn is_highest(self) -> bool {
        self == Self::Upper(0.0) || self == Self::Lower(1.0)
    }
}
