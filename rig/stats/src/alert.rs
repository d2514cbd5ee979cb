//! The lot alert: tolerance intervals of several characteristics against their limits, jointly.
//!
//! An alert only: it is printed beside the lot's disposition and never changes it.

use crate::capability::Limits;
use crate::normality::{FEWEST_VALUES, IntervalChoice, choose_interval};
use crate::sample::StatisticError;
use crate::tolerance::{
    Sides, ToleranceClaim, ToleranceInterval, ToleranceMethod, normal_tolerance_interval,
    order_tolerance_interval,
};
use std::fmt;

/// Share of the lot that each interval is to hold.
pub const CONTENT: f64 = 0.95;
/// Confidence in all intervals together.
pub const JOINT_CONFIDENCE: f64 = 0.95;

/// One characteristic of a lot, in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Characteristic<'a> {
    /// One measured value a unit.
    pub values: &'a [f64],
    /// Expanded systematic uncertainty that the values have in common.
    pub systematic: f64,
    /// Its tolerance limits.
    pub limits: Limits,
}

/// Why there is no interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoInterval {
    /// Fewer values than any interval is given for.
    TooFewValues {
        /// There are.
        got: usize,
    },
    /// All values are equal, to the resolution of the record.
    NoSpread,
    /// Normality is doubted, and a distribution-free interval takes more values.
    TooFewForDistributionFree {
        /// P-value of the Anderson-Darling test.
        p: f64,
        /// Needed.
        needed: usize,
        /// There are.
        got: usize,
    },
    /// The values or arguments are unusable.
    Unusable(StatisticError),
}

impl fmt::Display for NoInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewValues { got } => write!(
                f,
                "no tolerance interval: {got} values, at least {FEWEST_VALUES} are needed"
            ),
            Self::NoSpread => f.write_str("no tolerance interval: all values are equal"),
            Self::TooFewForDistributionFree { p, needed, got } => write!(
                f,
                "no tolerance interval: normality is doubted ({}) and without it at \
                 least {needed} values are needed, there are {got}",
                PValue(*p)
            ),
            Self::Unusable(why) => write!(f, "no tolerance interval: {why}"),
        }
    }
}

/// A p-value in words.
struct PValue(f64);

impl fmt::Display for PValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1e-4 {
            f.write_str("p < 0.0001")
        } else {
            write!(f, "p = {:.4}", self.0)
        }
    }
}

/// What the intervals say of one characteristic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToleranceAlert {
    /// There is no interval, which says nothing of the lot.
    None(NoInterval),
    /// The interval lies within the limits.
    Within {
        /// The interval.
        interval: ToleranceInterval,
        /// P-value of the Anderson-Darling test.
        normality_p: f64,
    },
    /// The interval reaches beyond a limit: the alert.
    Beyond {
        /// The interval.
        interval: ToleranceInterval,
        /// P-value of the Anderson-Darling test.
        normality_p: f64,
        /// Whether it reaches below the lower limit.
        below: bool,
        /// Whether it reaches above the upper limit.
        above: bool,
    },
}

impl ToleranceAlert {
    /// The interval, if there is one.
    #[must_use]
    pub fn interval(&self) -> Option<&ToleranceInterval> {
        match self {
            Self::None(_) => None,
            Self::Within { interval, .. } | Self::Beyond { interval, .. } => Some(interval),
        }
    }
}

impl fmt::Display for ToleranceAlert {
    /// Without the ends, whose unit and decimals the reader's table knows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (interval, p, verdict) = match self {
            Self::None(why) => return why.fmt(f),
            Self::Within {
                interval,
                normality_p,
            } => (interval, normality_p, "within the limits"),
            Self::Beyond {
                interval,
                normality_p,
                below,
                above,
            } => {
                let where_to = match (below, above) {
                    (true, true) => "beyond both limits",
                    (true, false) => "below the lower limit",
                    _ => "above the upper limit",
                };
                (interval, normality_p, where_to)
            }
        };
        write!(
            f,
            "{:.0} % of the lot, confidence {:.2} %, n = {}: {verdict}; ",
            100.0 * interval.claim.content,
            100.0 * interval.confidence_attained,
            interval.n
        )?;
        let p = PValue(*p);
        match interval.method {
            ToleranceMethod::Normal { factor } => write!(
                f,
                "normal with k = {factor:.4}, normality not doubted (Anderson-Darling {p})"
            ),
            ToleranceMethod::OrderStatistics { rank_from_end } => write!(
                f,
                "distribution-free from rank {rank_from_end} at each end, normality doubted \
                 (Anderson-Darling {p})"
            ),
        }
    }
}

/// Intervals of all characteristics, which hold together with 95 % confidence for 95 % of the lot
/// each.
///
/// Bonferroni: each of m intervals has confidence 1 − 0.05/m, so that all hold with at least 95 %
/// whatever the dependence between the characteristics, which are measured on the same units. An
/// exact joint confidence would need that dependence.
#[must_use]
pub fn joint_tolerance_alerts(characteristics: &[Characteristic<'_>]) -> Vec<ToleranceAlert> {
    let each = 1.0 - (1.0 - JOINT_CONFIDENCE) / characteristics.len().max(1) as f64;
    characteristics
        .iter()
        .map(|it| tolerance_alert(it, each))
        .collect()
}

/// The interval of one characteristic at a confidence, against its limits.
///
/// The two-sided normal interval, or one-sided where a limit is missing, unless the Anderson-Darling
/// test doubts normality at 5 %; the distribution-free one then; none below 20 values. The common
/// systematic uncertainty is added at each end. An end on a limit is within it.
#[must_use]
pub fn tolerance_alert(characteristic: &Characteristic<'_>, confidence: f64) -> ToleranceAlert {
    match interval(characteristic, confidence) {
        Ok((interval, normality_p)) => {
            let Limits { lower, upper } = characteristic.limits;
            let below = interval
                .lower
                .zip(lower)
                .is_some_and(|(end, limit)| end < limit);
            let above = interval
                .upper
                .zip(upper)
                .is_some_and(|(end, limit)| end > limit);
            if below || above {
                ToleranceAlert::Beyond {
                    interval,
                    normality_p,
                    below,
                    above,
                }
            } else {
                ToleranceAlert::Within {
                    interval,
                    normality_p,
                }
            }
        }
        Err(why) => ToleranceAlert::None(why),
    }
}

fn interval(
    characteristic: &Characteristic<'_>,
    confidence: f64,
) -> Result<(ToleranceInterval, f64), NoInterval> {
    let Characteristic {
        values,
        systematic,
        limits,
    } = *characteristic;
    limits.check().map_err(NoInterval::Unusable)?;
    let sides = match (limits.lower, limits.upper) {
        (Some(_), None) => Sides::Lower,
        (None, _) => Sides::Upper,
        _ => Sides::Both,
    };
    let claim = ToleranceClaim {
        sides,
        content: CONTENT,
        confidence,
    };
    match choose_interval(values).map_err(NoInterval::Unusable)? {
        IntervalChoice::TooFewValues { got } => Err(NoInterval::TooFewValues { got }),
        IntervalChoice::NoSpread => Err(NoInterval::NoSpread),
        IntervalChoice::Normal(test) => normal_tolerance_interval(values, claim, systematic)
            .map(|it| (it, test.p))
            .map_err(NoInterval::Unusable),
        IntervalChoice::DistributionFree(test) => {
            match order_tolerance_interval(values, claim, systematic) {
                Ok(it) => Ok((it, test.p)),
                Err(StatisticError::TooFewValues { needed, got }) => {
                    Err(NoInterval::TooFewForDistributionFree {
                        p: test.p,
                        needed,
                        got,
                    })
                }
                Err(other) => Err(NoInterval::Unusable(other)),
            }
        }
    }
}
