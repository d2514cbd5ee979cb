//! Decision rules: how a measured value and its uncertainty become a verdict.
//!
//! Rule `guard-band` is the non-binary rule of ILAC-G8:09/2019 4.2.3 with one guard band on both
//! sides of each tolerance limit (its "conditional pass" and "conditional fail" are reported as one
//! verdict, inconclusive); the terms are those of JCGM 106:2012. Rule `simple` accepts up to the
//! tolerance limit (ILAC-G8 4.2.1, w = 0). Rule `risk` chooses w so that at a single limit no more
//! than a stated risk of false acceptance is left, and insists that both limits together leave no
//! more (JCGM 106:2012 8.3). Rule `exact` is for counts and refusals, which have no
//! uncertainty. Every limit belongs to the better side of it.

use crate::{
    Bound, Clause, Decimal, Doubt, Evidence, Expectation, Finding, MaxRisk, RecordUnit, Row,
    Tolerance,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The verdict on one measured value, or the worst of a group. Ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// Within the acceptance limits.
    Pass,
    /// Neither shown to be within nor beyond the tolerance limits.
    Inconclusive,
    /// Beyond a tolerance limit by more than the guard band, or not what was expected.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        })
    }
}

/// Guard band over expanded uncertainty, w = r U, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuardRatio {
    // Invariant: above zero.
    millionths: u32,
}

impl GuardRatio {
    /// Reads a cell of column `guard_r`: above zero, at most six decimals.
    #[must_use]
    pub fn from_decimal(cell: Decimal) -> Option<Self> {
        let millionths = u32::try_from(cell.times(1_000_000, 1)?).ok()?;
        (millionths > 0).then_some(Self { millionths })
    }

    /// The guard band w for an expanded uncertainty, rounded up to the next record unit.
    #[must_use]
    pub fn guard_band(self, expanded: u64) -> u64 {
        let product = u128::from(self.millionths) * u128::from(expanded);
        u64::try_from(product.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }

    /// A ratio that was computed; zero becomes the least ratio above it.
    pub(crate) fn from_millionths(millionths: u32) -> Self {
        Self {
            millionths: millionths.max(1),
        }
    }

    /// The ratio in millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.millionths
    }
}

impl fmt::Display for GuardRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = crate::decimal::print_fixed(i128::from(self.millionths), 6);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// How uncertainty enters the verdict of a row; fixed before measuring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Compared with the tolerance limits as it is.
    Simple,
    /// Compared with limits moved by w = r U to both sides.
    GuardBand(GuardRatio),
    /// Compared with limits moved so far that no more than this risk of false acceptance is left.
    Risk(MaxRisk),
    /// Compared without uncertainty.
    Exact,
    /// Reported, never judged.
    None,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simple => "simple",
            Self::GuardBand(_) => "guard-band",
            Self::Risk(_) => "risk",
            Self::Exact => "exact",
            Self::None => "none",
        })
    }
}

/// Why a verdict is not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Within the guard band of a limit.
    InGuardBand,
    /// Within both acceptance limits, and both limits together leave more risk than the row allows.
    RiskAboveMaximum,
    /// Beyond a tolerance limit, by this many record units.
    BeyondLimit {
        /// How far beyond the limit.
        by: u64,
    },
    /// U is above the row's `max_u`, record units.
    UncertaintyAboveMaximum {
        /// The largest U the row accepts.
        max_u: u64,
    },
    /// The value is a bound, and what was measured may lie on either side of a limit.
    OnlyABound,
    /// A guard-band row got a value without uncertainty.
    NoUncertainty,
    /// Fewer strokes or repeats than the row asks for.
    TooFew {
        /// What the row asks for.
        wanted: u64,
        /// What there was.
        got: u64,
    },
    /// A part of the expectation was observed not to hold.
    NotMet(Clause),
    /// A part of the expectation was not observed at all.
    NotObserved(Clause),
    /// The evidence is in doubt.
    Doubt(Doubt),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InGuardBand => f.write_str("within the guard band"),
            Self::RiskAboveMaximum => f.write_str("risk above max_risk"),
            Self::BeyondLimit { .. } => f.write_str("beyond a tolerance limit"),
            Self::UncertaintyAboveMaximum { .. } => f.write_str("U above max_u"),
            Self::OnlyABound => f.write_str("only a bound is known"),
            Self::NoUncertainty => f.write_str("no uncertainty stated"),
            Self::TooFew { wanted, got } => write!(f, "n {got} of {wanted}"),
            Self::NotMet(clause) => write!(f, "not met: {clause}"),
            Self::NotObserved(clause) => write!(f, "not observed: {clause}"),
            Self::Doubt(doubt) => doubt.fmt(f),
        }
    }
}

/// A verdict with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Guard band w, record units; zero where the rule has none.
    pub guard_band: u64,
    /// Lower acceptance limit, record units.
    pub acceptance_lower: Option<i64>,
    /// Upper acceptance limit, record units.
    pub acceptance_upper: Option<i64>,
    /// Why the verdict is not pass; empty for pass.
    pub reasons: Vec<Reason>,
}

/// Why a row cannot be judged on this evidence: a defect of the rig, never a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The row is reported and not judged.
    #[error("the row has rule `none`")]
    NotJudged,
    /// The row has limits and nothing was measured.
    #[error("nothing was measured")]
    NothingMeasured,
    /// The measured value counts another unit than the limits.
    #[error("measured in {measured}, limits in {limits}")]
    UnitMismatch {
        /// Unit of the value.
        measured: RecordUnit,
        /// Unit of the limits.
        limits: RecordUnit,
    },
}

impl Row {
    /// Judges evidence under the row's rule.
    ///
    /// The verdict is the worst of its parts: the value against the limits, each clause of the
    /// expectation, n. A U above `max_u` and a too small n turn a pass into inconclusive and leave
    /// a fail standing. A value that is a bound fails where whatever it stands for lies beyond a
    /// limit, passes where all of it lies within, and is inconclusive otherwise. A doubt makes any verdict inconclusive, since the value is not to be
    /// believed.
    ///
    /// # Errors
    /// [`JudgeError`] if the evidence does not fit the row; the caller records a bench error.
    pub fn judge(&self, evidence: &Evidence) -> Result<Decision, JudgeError> {
        if self.rule == Rule::None {
            return Err(JudgeError::NotJudged);
        }
        let mut decision = Decision {
            verdict: Verdict::Pass,
            guard_band: 0,
            acceptance_lower: None,
            acceptance_upper: None,
            reasons: Vec::new(),
        };
        if let Some(tolerance) = self.tolerance {
            self.judge_value(tolerance, evidence, &mut decision)?;
        }
        if let Some(expectation) = &self.expected {
            judge_findings(expectation, &evidence.findings, &mut decision);
        }
        if let Some(wanted) = self.n_of_unit() {
            let got = evidence.n.unwrap_or(0);
            if got < wanted {
                decision.worsen(Verdict::Inconclusive, Reason::TooFew { wanted, got });
            }
        }
        for doubt in &evidence.doubts {
            decision.reasons.push(Reason::Doubt(*doubt));
            decision.verdict = Verdict::Inconclusive;
        }
        Ok(decision)
    }

    fn judge_value(
        &self,
        tolerance: Tolerance,
        evidence: &Evidence,
        decision: &mut Decision,
    ) -> Result<(), JudgeError> {
        let measured = evidence.measured.ok_or(JudgeError::NothingMeasured)?;
        let limits = tolerance.unit().record_unit();
        if measured.unit != limits {
            return Err(JudgeError::UnitMismatch {
                measured: measured.unit,
                limits,
            });
        }
        let ratio = match self.rule {
            Rule::GuardBand(ratio) => Some(ratio),
            Rule::Risk(risk) => Some(risk.guard_ratio(&measured)),
            Rule::Simple | Rule::Exact | Rule::None => None,
        };
        let guard_band = ratio.map_or(0, |it| it.guard_band(measured.expanded));
        (decision.acceptance_lower, decision.acceptance_upper) = tolerance.acceptance(guard_band);
        decision.guard_band = guard_band;
        let (verdict, short_of) = match evidence.bound {
            None => (
                tolerance.decide(measured.value, guard_band),
                Reason::InGuardBand,
            ),
            Some(Bound::AtLeast) => (
                tolerance.decide_at_least(measured.value, guard_band),
                Reason::OnlyABound,
            ),
        };
        match verdict {
            Verdict::Pass => {
                if let Rule::Risk(risk) = self.rule
                    && !risk.allows(tolerance, &measured)
                {
                    decision.worsen(Verdict::Inconclusive, Reason::RiskAboveMaximum);
                }
            }
            Verdict::Inconclusive => decision.worsen(Verdict::Inconclusive, short_of),
            Verdict::Fail => {
                let by = u64::try_from(tolerance.excess(measured.value)).unwrap_or(u64::MAX);
                decision.worsen(Verdict::Fail, Reason::BeyondLimit { by });
            }
        }
        if ratio.is_some() && measured.expanded == 0 {
            decision.worsen(Verdict::Inconclusive, Reason::NoUncertainty);
        }
        if let Some(max_u) = self.max_u
            && measured.expanded > max_u
        {
            decision.worsen(
                Verdict::Inconclusive,
                Reason::UncertaintyAboveMaximum { max_u },
            );
        }
        Ok(())
    }
}

/// Each clause must be borne out by every finding about it, and there must be one.
fn judge_findings(expectation: &Expectation, findings: &[Finding], decision: &mut Decision) {
    for clause in expectation.clauses() {
        let mut answers = findings
            .iter()
            .filter_map(|finding| clause.met_by(finding))
            .peekable();
        if answers.peek().is_none() {
            decision.worsen(Verdict::Inconclusive, Reason::NotObserved(clause.clone()));
        } else if !answers.all(|met| met) {
            decision.worsen(Verdict::Fail, Reason::NotMet(clause.clone()));
        }
    }
}

impl Decision {
    fn worsen(&mut self, verdict: Verdict, reason: Reason) {
        self.verdict = self.verdict.max(verdict);
        self.reasons.push(reason);
    }
}
