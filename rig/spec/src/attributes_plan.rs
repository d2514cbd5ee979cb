//! An attributes sampling plan: how many units are drawn, and what the count found says.

use std::fmt;

/// One sample of a plan. The numbers are cumulative over this sample and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleStage {
    /// Units drawn in this sample; above 0.
    pub n: u32,
    /// Accept with at most so many nonconforming units found; none where this sample alone cannot
    /// accept (printed `#`).
    pub accept: Option<u32>,
    /// Do not accept with so many or more.
    pub reject: u32,
}

/// A single, double or multiple sampling plan.
///
/// **Invariant:** at least one stage; every `n` is above 0 and their sum fits `u32`; `accept` and
/// `reject` never fall from stage to stage; `accept` is below `reject`, and in every stage but the
/// last by at least 2, so that sampling can go on; the last stage accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributesPlan {
    stages: Vec<SampleStage>,
}

/// Why stages are no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributesPlanError {
    /// No stage.
    #[error("a plan has at least one sample")]
    NoStage,
    /// A sample without units, or more units than can be counted.
    #[error("sample {stage} has no units, or more than can be counted")]
    SampleSize {
        /// Counted from 1.
        stage: usize,
    },
    /// The acceptance number is not below the rejection number.
    #[error("sample {stage}: acceptance number is not below rejection number {reject}")]
    Crossed {
        /// Counted from 1.
        stage: usize,
        /// The rejection number.
        reject: u32,
    },
    /// A sample before the last one that leaves nothing undecided.
    #[error("sample {stage} always decides, so no sample can follow it")]
    AlwaysDecides {
        /// Counted from 1.
        stage: usize,
    },
    /// A number falls from one sample to the next.
    #[error("sample {stage}: acceptance or rejection number is below that of the sample before")]
    Falling {
        /// Counted from 1.
        stage: usize,
    },
    /// The last sample cannot accept.
    #[error("the last sample has no acceptance number")]
    LastCannotAccept,
}

/// What a count says after one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleDecision {
    /// The plan accepts.
    Accept,
    /// The plan accepts, and inspection returns to normal: the count lies between acceptance and
    /// rejection number of the last sample, as reduced plans of MIL-STD-105E allow.
    AcceptAndReturnToNormal,
    /// The plan does not accept.
    Reject,
    /// The next sample is to be drawn.
    GoOn,
}

impl AttributesPlan {
    /// A plan of these stages.
    ///
    /// # Errors
    /// [`AttributesPlanError`] where the invariant does not hold.
    pub fn new(stages: Vec<SampleStage>) -> Result<Self, AttributesPlanError> {
        let last = stages.last().ok_or(AttributesPlanError::NoStage)?;
        if last.accept.is_none() {
            return Err(AttributesPlanError::LastCannotAccept);
        }
        let mut total = 0_u32;
        let mut before: Option<SampleStage> = None;
        for (idx, stage) in stages.iter().enumerate() {
            let number = idx + 1;
            total = match total.checked_add(stage.n) {
                Some(sum) if stage.n > 0 => sum,
                _ => return Err(AttributesPlanError::SampleSize { stage: number }),
            };
            let crossed = match stage.accept {
                Some(accept) => accept >= stage.reject,
                None => stage.reject == 0,
            };
            if crossed {
                return Err(AttributesPlanError::Crossed {
                    stage: number,
                    reject: stage.reject,
                });
            }
            let is_last = number == stages.len();
            if !is_last && stage.accept.is_some_and(|it| stage.reject - it < 2) {
                return Err(AttributesPlanError::AlwaysDecides { stage: number });
            }
            if before.is_some_and(|it| it.accept > stage.accept || it.reject > stage.reject) {
                return Err(AttributesPlanError::Falling { stage: number });
            }
            before = Some(*stage);
        }
        Ok(Self { stages })
    }

    /// The single plan of `n` units that accepts with at most `accept` nonconforming.
    ///
    /// # Errors
    /// [`AttributesPlanError::SampleSize`] for `n` = 0; [`AttributesPlanError::Crossed`] where no rejection number is
    /// above `accept`.
    pub fn single(n: u32, accept: u32) -> Result<Self, AttributesPlanError> {
        Self::new(vec![SampleStage {
            n,
            accept: Some(accept),
            reject: accept.saturating_add(1),
        }])
    }

    /// The double plan of samples `n`, (Ac, Re) of the first and (Ac, Re) of both together.
    ///
    /// # Errors
    /// [`AttributesPlanError`].
    pub fn double(
        n: [u32; 2],
        first: (u32, u32),
        both: (u32, u32),
    ) -> Result<Self, AttributesPlanError> {
        let stage = |n, (accept, reject): (u32, u32)| SampleStage {
            n,
            accept: Some(accept),
            reject,
        };
        Self::new(vec![stage(n[0], first), stage(n[1], both)])
    }

    /// The stages, in order.
    #[must_use]
    pub fn stages(&self) -> &[SampleStage] {
        &self.stages
    }

    /// Units drawn when every sample is drawn.
    #[must_use]
    pub fn largest_sample(&self) -> u32 {
        self.stages.iter().map(|it| it.n).sum()
    }

    /// Units drawn up to and with a stage, counted from 0; all of them beyond the last.
    #[must_use]
    pub fn drawn_through(&self, stage: usize) -> u32 {
        self.stages.iter().take(stage + 1).map(|it| it.n).sum()
    }

    /// What a cumulative count of nonconforming units says after a stage, counted from 0; beyond
    /// the last stage as after the last.
    #[must_use]
    pub fn decide(&self, stage: usize, found: u32) -> SampleDecision {
        let idx = stage.min(self.stages.len() - 1);
        let at = self.stages[idx];
        if at.accept.is_some_and(|it| found <= it) {
            SampleDecision::Accept
        } else if found >= at.reject {
            SampleDecision::Reject
        } else if idx + 1 == self.stages.len() {
            SampleDecision::AcceptAndReturnToNormal
        } else {
            SampleDecision::GoOn
        }
    }
}

/// `n 200, Ac 7, Re 8`, the stages of double and multiple plans apart by semicolons.
impl fmt::Display for AttributesPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, stage) in self.stages.iter().enumerate() {
            if idx > 0 {
                f.write_str("; ")?;
            }
            write!(f, "n {}, Ac ", stage.n)?;
            match stage.accept {
                Some(accept) => accept.fmt(f)?,
                None => f.write_str("#")?,
            }
            write!(f, ", Re {}", stage.reject)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(n: u32, accept: Option<u32>, reject: u32) -> SampleStage {
        SampleStage { n, accept, reject }
    }

    #[test]
    fn stages_that_are_no_plan_are_refused() {
        let check = |stages: &[SampleStage], expected| {
            assert_eq!(
                AttributesPlan::new(stages.to_vec()),
                Err(expected),
                "{stages:?}"
            );
        };
        check(&[], AttributesPlanError::NoStage);
        check(
            &[stage(0, Some(0), 1)],
            AttributesPlanError::SampleSize { stage: 1 },
        );
        check(
            &[stage(u32::MAX, Some(0), 2), stage(1, Some(1), 2)],
            AttributesPlanError::SampleSize { stage: 2 },
        );
        check(
            &[stage(5, Some(1), 1)],
            AttributesPlanError::Crossed {
                stage: 1,
                reject: 1,
            },
        );
        check(
            &[stage(5, Some(0), 1), stage(5, Some(1), 2)],
            AttributesPlanError::AlwaysDecides { stage: 1 },
        );
        check(
            &[stage(5, Some(1), 4), stage(5, Some(2), 3)],
            AttributesPlanError::Falling { stage: 2 },
        );
        check(&[stage(5, None, 2)], AttributesPlanError::LastCannotAccept);
        assert!(AttributesPlan::single(5, u32::MAX).is_err());
    }

    #[test]
    fn a_count_decides_by_its_stage() {
        use SampleDecision::{Accept, AcceptAndReturnToNormal, GoOn, Reject};
        let plan = AttributesPlan::new(vec![stage(8, None, 2), stage(8, Some(0), 4)]).unwrap();
        let decisions = [
            (0, 0),
            (0, 1),
            (0, 2),
            (1, 0),
            (1, 1),
            (1, 3),
            (1, 4),
            (9, 4),
        ]
        .map(|(stage, found)| plan.decide(stage, found));
        assert_eq!(
            decisions,
            [
                GoOn,
                GoOn,
                Reject,
                Accept,
                AcceptAndReturnToNormal,
                AcceptAndReturnToNormal,
                Reject,
                Reject
            ]
        );
        assert_eq!(plan.to_string(), "n 8, Ac #, Re 2; n 8, Ac 0, Re 4");
        assert_eq!(plan.largest_sample(), 16);
        assert_eq!(plan.drawn_through(0), 8);
    }
}
