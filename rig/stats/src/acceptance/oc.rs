//! Operating characteristics of attributes plans, exact, by going through the samples.
//!
//! Type A: a lot of its own, nonconforming units without replacement (hypergeometric). Type B: lots
//! of a process with a share of nonconforming units (binomial), or with a rate of nonconformities
//! (Poisson). Sources of the measures: E. G. Schilling, Acceptance Sampling in Quality Control
//! (1982), in the form that SAS/QC prints for PROBACC2, ASN2, AOQ2 and ATI2.

use super::{AttributesPlan, StageDecision};
use rig_distributions::{binomial, hypergeometric, poisson};

/// What a plan meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quality {
    /// Lots of a process in which each unit is nonconforming with probability `p` (type B).
    Process {
        /// From 0 to 1.
        p: f64,
    },
    /// Units that have so many nonconformities each on average (type B, for AQLs above 10).
    Rate {
        /// Per unit; 0 or more.
        per_unit: f64,
    },
    /// One lot (type A).
    Lot {
        /// Units in the lot.
        size: u32,
        /// Of them nonconforming.
        nonconforming: u32,
    },
}

/// Why a characteristic cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QualityError {
    /// Not a probability.
    #[error("a share of nonconforming units is not between 0 and 1")]
    NotAShare,
    /// Not a rate.
    #[error("a rate of nonconformities is not a finite number of 0 or more")]
    NotARate,
    /// More nonconforming units than units.
    #[error("{nonconforming} of {size} units cannot be nonconforming")]
    MoreThanAll {
        /// Nonconforming.
        nonconforming: u32,
        /// Units.
        size: u32,
    },
    /// The lot is smaller than the samples.
    #[error("a lot of {size} units is smaller than the samples of {wanted}")]
    LotTooSmall {
        /// Units in the lot.
        size: u32,
        /// Units of all samples.
        wanted: u32,
    },
}

impl Quality {
    fn check(self, plan: &AttributesPlan) -> Result<(), QualityError> {
        let wanted = plan.largest_sample();
        match self {
            Self::Process { p } if !(0.0..=1.0).contains(&p) => Err(QualityError::NotAShare),
            Self::Rate { per_unit } if !(per_unit >= 0.0 && per_unit.is_finite()) => {
                Err(QualityError::NotARate)
            }
            Self::Lot {
                size,
                nonconforming,
            } if nonconforming > size => Err(QualityError::MoreThanAll {
                nonconforming,
                size,
            }),
            Self::Lot { size, .. } if size < wanted => {
                Err(QualityError::LotTooSmall { size, wanted })
            }
            _ => Ok(()),
        }
    }

    /// Probability of `k` more in a sample of `n`, after `found` in `drawn`.
    fn pmf(self, k: u32, n: u32, drawn: u32, found: u32) -> f64 {
        match self {
            Self::Process { p } => binomial::pmf(k.into(), n.into(), p),
            Self::Rate { per_unit } => poisson::pmf(k.into(), f64::from(n) * per_unit),
            Self::Lot {
                size,
                nonconforming,
            } => nonconforming.checked_sub(found).map_or(0.0, |left| {
                hypergeometric::pmf(k.into(), (size - drawn).into(), left.into(), n.into())
            }),
        }
    }

    /// Probability of `k` more or above in a sample of `n`, after `found` in `drawn`.
    fn at_least(self, k: u32, n: u32, drawn: u32, found: u32) -> f64 {
        let Some(below) = k.checked_sub(1) else {
            return 1.0;
        };
        match self {
            Self::Process { p } => binomial::sf(below.into(), n.into(), p),
            Self::Rate { per_unit } => poisson::sf(below.into(), f64::from(n) * per_unit),
            Self::Lot {
                size,
                nonconforming,
            } => nonconforming.checked_sub(found).map_or(0.0, |left| {
                hypergeometric::sf(below.into(), (size - drawn).into(), left.into(), n.into())
            }),
        }
    }
}

/// How often a plan decides in one of its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageCourse {
    /// Units drawn through this sample.
    pub drawn: u32,
    /// Probability of accepting here.
    pub accept: f64,
    /// Probability of accepting here and returning to normal inspection.
    pub return_to_normal: f64,
    /// Probability of not accepting here.
    pub reject: f64,
}

/// How often a plan decides what, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// By sample.
    pub stages: Vec<StageCourse>,
}

impl Course {
    /// Pa: the probability that the lot is accepted, with or without a return to normal inspection.
    #[must_use]
    pub fn accept(&self) -> f64 {
        let sum: f64 = self.stages.iter().map(StageCourse::accepts).sum();
        sum.min(1.0)
    }

    /// The probability that the lot is not accepted; summed on its own, so that a small one keeps
    /// its digits.
    #[must_use]
    pub fn reject(&self) -> f64 {
        let sum: f64 = self.stages.iter().map(|it| it.reject).sum();
        sum.min(1.0)
    }

    /// ASN: the units inspected on average when every sample begun is inspected whole.
    #[must_use]
    pub fn average_sample_number(&self) -> f64 {
        self.stages
            .iter()
            .map(|it| f64::from(it.drawn) * (it.accepts() + it.reject))
            .sum()
    }
}

impl StageCourse {
    fn accepts(&self) -> f64 {
        self.accept + self.return_to_normal
    }
}

/// Goes through the samples of a plan.
///
/// # Errors
/// [`QualityError`].
pub fn course(plan: &AttributesPlan, quality: Quality) -> Result<Course, QualityError> {
    quality.check(plan)?;
    let mut stages = Vec::with_capacity(plan.stages().len());
    // Probability of having found so many and being undecided.
    let mut undecided = vec![1.0];
    let mut drawn = 0;
    for (idx, stage) in plan.stages().iter().enumerate() {
        let mut here = StageCourse {
            drawn: drawn + stage.n,
            accept: 0.0,
            return_to_normal: 0.0,
            reject: 0.0,
        };
        let mut next = vec![0.0; stage.reject as usize];
        for (found, weight) in (0_u32..).zip(&undecided).filter(|(_, it)| **it > 0.0) {
            let wanted = stage.reject.saturating_sub(found);
            here.reject += weight * quality.at_least(wanted, stage.n, drawn, found);
            // A sample has no more nonconforming units than units; nonconformities have no bound.
            let most = match quality {
                Quality::Rate { .. } => wanted,
                _ => wanted.min(stage.n.saturating_add(1)),
            };
            for more in 0..most {
                let probability = weight * quality.pmf(more, stage.n, drawn, found);
                let at = found + more;
                match plan.decide(idx, at) {
                    StageDecision::Accept => here.accept += probability,
                    StageDecision::AcceptAndReturnToNormal => here.return_to_normal += probability,
                    // Below the rejection number, so there is room.
                    StageDecision::GoOn | StageDecision::Reject => next[at as usize] += probability,
                }
            }
        }
        drawn += stage.n;
        stages.push(here);
        undecided = next;
    }
    Ok(Course { stages })
}

/// Pa: the probability that a plan accepts.
///
/// # Errors
/// [`QualityError`].
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{AttributesPlan, Quality, acceptance_probability};
/// let plan = AttributesPlan::single(20, 1)?;
/// let accepted = acceptance_probability(&plan, Quality::Process { p: 0.18 })?;
/// assert!((accepted - 0.101_832_279_3).abs() < 1e-10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn acceptance_probability(
    plan: &AttributesPlan,
    quality: Quality,
) -> Result<f64, QualityError> {
    Ok(course(plan, quality)?.accept())
}

/// ASN under semi-curtailed inspection: the first sample is inspected whole, and later ones end
/// with the unit that reaches the rejection number.
///
/// # Errors
/// [`QualityError::NotAShare`].
pub fn curtailed_sample_number(plan: &AttributesPlan, p: f64) -> Result<f64, QualityError> {
    let quality = Quality::Process { p };
    quality.check(plan)?;
    let mut sum = 0.0;
    let mut undecided = vec![1.0];
    for (idx, stage) in plan.stages().iter().enumerate() {
        // Of those that go on, units one by one; in the first sample, all of them.
        let mut alive = vec![0.0; stage.reject as usize];
        for (found, weight) in undecided.iter().enumerate().take(alive.len()) {
            alive[found] += weight;
        }
        if idx == 0 {
            sum += f64::from(stage.n);
            for found in 0..stage.reject {
                alive[found as usize] = binomial::pmf(found.into(), stage.n.into(), p);
            }
        } else {
            for _ in 0..stage.n {
                sum += alive.iter().sum::<f64>();
                for found in (0..alive.len()).rev() {
                    let from_below = if found > 0 { alive[found - 1] * p } else { 0.0 };
                    alive[found] = alive[found] * (1.0 - p) + from_below;
                }
            }
        }
        for (found, weight) in (0_u32..).zip(&mut alive) {
            if plan.decide(idx, found) != StageDecision::GoOn {
                *weight = 0.0;
            }
        }
        undecided = alive;
    }
    Ok(sum)
}

/// ATI: the units inspected on average of a lot of `lot_size`, when lots that are not accepted are
/// inspected whole.
///
/// # Errors
/// [`QualityError`].
pub fn average_total_inspection(
    plan: &AttributesPlan,
    lot_size: u32,
    p: f64,
) -> Result<f64, QualityError> {
    check_lot(plan, lot_size)?;
    let course = course(plan, Quality::Process { p })?;
    let sampled: f64 = course
        .stages
        .iter()
        .map(|it| f64::from(it.drawn) * it.accepts())
        .sum();
    Ok(sampled + f64::from(lot_size) * course.reject())
}

/// What becomes of nonconforming units that inspection finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rectification {
    /// Conforming ones take their place.
    Replaced,
    /// They are removed.
    Removed,
}

/// AOQ: the share of nonconforming units that leaves on average, when lots that are not accepted
/// are inspected whole.
///
/// # Errors
/// [`QualityError`].
pub fn average_outgoing_quality(
    plan: &AttributesPlan,
    lot_size: u32,
    p: f64,
    rectification: Rectification,
) -> Result<f64, QualityError> {
    check_lot(plan, lot_size)?;
    let course = course(plan, Quality::Process { p })?;
    let lot_size = f64::from(lot_size);
    let outgoing = |stage: &StageCourse| {
        let drawn = f64::from(stage.drawn);
        let left = match rectification {
            Rectification::Replaced => lot_size,
            Rectification::Removed => lot_size - drawn * p,
        };
        // Nothing leaves of a lot whose every unit was drawn and removed.
        if left > 0.0 {
            p * stage.accepts() * (lot_size - drawn) / left
        } else {
            0.0
        }
    };
    Ok(course.stages.iter().map(outgoing).sum())
}

/// AOQL: the largest average outgoing quality over all incoming ones, with that incoming quality.
///
/// Found on a grid that is then narrowed; the curve of a plan has one summit.
///
/// # Errors
/// [`QualityError::LotTooSmall`].
pub fn outgoing_quality_limit(
    plan: &AttributesPlan,
    lot_size: u32,
) -> Result<(f64, f64), QualityError> {
    const PARTS: u32 = 64;
    let (mut low, mut high) = (0.0, 1.0);
    let mut best = (0.0, 0.0);
    // Each round leaves two of 64 parts; twelve leave less than 1e-17.
    for _ in 0..12 {
        let width: f64 = (high - low) / f64::from(PARTS);
        for part in 0..=PARTS {
            let p = (low + width * f64::from(part)).min(1.0);
            let outgoing = average_outgoing_quality(plan, lot_size, p, Rectification::Replaced)?;
            if outgoing > best.1 {
                best = (p, outgoing);
            }
        }
        low = (best.0 - width).max(0.0);
        high = (best.0 + width).min(1.0);
    }
    Ok(best)
}

fn check_lot(plan: &AttributesPlan, size: u32) -> Result<(), QualityError> {
    let wanted = plan.largest_sample();
    if size < wanted {
        return Err(QualityError::LotTooSmall { size, wanted });
    }
    Ok(())
}
