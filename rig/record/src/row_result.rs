//! All attempts on one row of one unit, and the verdict that follows.

use crate::stored_result::Stored;
use crate::{Attempt, AttemptEnd, NotRun};
use rig_spec::{Decision, Evidence, JudgeError, Pool, Row, RowId, Verdict};
use serde::{Deserialize, Serialize, Serializer};

/// What one row came to on one unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Stored")]
pub struct RowResult {
    // Invariant: `came_to` follows from `attempts` by the re-measurement rule; it points at an
    // attempt wherever it is as that one, so that equal results are equal and nothing is held twice.
    row: RowId,
    attempts: Box<[Attempt]>,
    came_to: CameTo,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum CameTo {
    /// Judged on an attempt of this number, with its verdict.
    JudgedAs(u32),
    /// Judged on evidence that no attempt has so.
    Judged(Box<OwnJudged>),
    /// Reported as an attempt of this number.
    ReportedAs(u32),
    /// Reported as no attempt has it.
    Reported(Box<Evidence>),
    /// Not run, and why.
    NotRun(NotRun),
}

/// The evidence a row was judged on, and the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged<'r> {
    /// What was judged.
    pub evidence: &'r Evidence,
    /// The verdict.
    pub decision: &'r Decision,
    /// Which attempts it comes from.
    pub from: JudgedFrom,
}

/// The same, apart from a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnJudged {
    pub(crate) evidence: Evidence,
    pub(crate) decision: Decision,
    pub(crate) from: JudgedFrom,
}

/// What a row came to, in full.
pub(crate) enum Came {
    Judged(OwnJudged),
    Reported(Evidence),
    NotRun(NotRun),
}

/// How a statistic that is an extreme begins: of two attempts the worse one counts, since a mean
/// of extremes is no extreme.
const EXTREMES: [&str; 4] = ["maximum", "largest", "longest", "smallest"];

fn is_extreme(row: &Row) -> bool {
    let statistic = row.statistic.as_str();
    EXTREMES.iter().any(|word| statistic.starts_with(word)) || statistic.contains("worst of")
}

/// Which attempts a verdict comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JudgedFrom {
    /// One attempt.
    Attempt(u32),
    /// The mean of the first attempt and its re-measurement.
    Mean,
}

/// Why attempts make no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Nothing was attempted; a row that was not run says why.
    #[error("row {row}: no attempt")]
    NoAttempt {
        /// The row.
        row: RowId,
    },
    /// More attempts than one and its re-measurement, or numbered otherwise.
    #[error("row {row}: {count} attempts, numbered otherwise than 1 and 2")]
    Numbering {
        /// The row.
        row: RowId,
        /// How many.
        count: usize,
    },
    /// Only an inconclusive value is measured again; a fail needs a recorded deviation.
    #[error("row {row}: measured again after {verdict}")]
    Retest {
        /// The row.
        row: RowId,
        /// Verdict of the first attempt.
        verdict: Verdict,
    },
    /// The mean of both attempts does not fit the row.
    #[error("row {row}: mean of both attempts: {source}")]
    Judge {
        /// The row.
        row: RowId,
        /// Why.
        source: JudgeError,
    },
    /// One attempt has a value and the other has none, or their units differ.
    #[error("row {row}: the attempts cannot be averaged")]
    Average {
        /// The row.
        row: RowId,
    },
}

impl RowResult {
    /// A row that was not run.
    #[must_use]
    pub fn not_run(row: RowId, reason: NotRun) -> Self {
        Self {
            row,
            attempts: Box::default(),
            came_to: CameTo::NotRun(reason),
        }
    }

    /// A result by its parts: what is as an attempt has it is not kept again.
    pub(crate) fn new(row: RowId, attempts: Vec<Attempt>, came: Came) -> Self {
        let numbered = |number: u32, evidence: &Evidence, decision: Option<&Decision>| {
            let attempt = attempts.iter().find(|it| it.number == number);
            attempt.and_then(Attempt::found) == Some((evidence, decision))
        };
        let came_to = match came {
            Came::Judged(own) => match own.from {
                JudgedFrom::Attempt(number)
                    if numbered(number, &own.evidence, Some(&own.decision)) =>
                {
                    CameTo::JudgedAs(number)
                }
                _ => CameTo::Judged(Box::new(own)),
            },
            Came::Reported(evidence) if numbered(1, &evidence, None) => CameTo::ReportedAs(1),
            Came::Reported(evidence) => CameTo::Reported(Box::new(evidence)),
            Came::NotRun(reason) => CameTo::NotRun(reason),
        };
        Self {
            row,
            attempts: attempts.into(),
            came_to,
        }
    }

    /// One that is as an attempt of this number; nothing if there is no such attempt.
    pub(crate) fn as_attempt(row: RowId, attempts: Vec<Attempt>, number: u32) -> Option<Self> {
        let attempt = attempts.iter().find(|it| it.number == number)?;
        let came_to = match attempt.found()? {
            (_, Some(_)) => CameTo::JudgedAs(number),
            (_, None) => CameTo::ReportedAs(number),
        };
        Some(Self {
            row,
            attempts: attempts.into(),
            came_to,
        })
    }

    /// A row that was attempted once, or once more after an inconclusive verdict.
    ///
    /// | first | second | the row is judged on |
    /// | --- | --- | --- |
    /// | pass, fail or inconclusive | – | the first |
    /// | inconclusive | judged | the mean of both, or the worse where the statistic is an extreme; the second alone if the first was in doubt |
    /// | inconclusive | not measured | the first |
    /// | not measured | – | nothing: not run, with the reason |
    ///
    /// # Errors
    /// [`RecordError`] if the attempts break the rule: that is a defect of the program.
    pub fn from_attempts(row: &Row, attempts: Vec<Attempt>) -> Result<Self, RecordError> {
        let id = row.id.clone();
        let numbered = attempts
            .iter()
            .zip(1..)
            .all(|(attempt, number)| attempt.number == number);
        if !numbered || attempts.len() > 2 {
            return Err(RecordError::Numbering {
                row: id,
                count: attempts.len(),
            });
        }
        let Some(first) = attempts.first() else {
            return Err(RecordError::NoAttempt { row: id });
        };
        let came = match &first.end {
            AttemptEnd::NotMeasured(reason) => Came::NotRun(reason.clone()),
            AttemptEnd::Reported { evidence } => Came::Reported(evidence.clone()),
            AttemptEnd::Judged { evidence, decision } => {
                let first = OwnJudged {
                    evidence: evidence.clone(),
                    decision: decision.clone(),
                    from: JudgedFrom::Attempt(1),
                };
                Came::Judged(match attempts.get(1) {
                    None => first,
                    Some(second) => judge_both(row, first, second)?,
                })
            }
        };
        Ok(Self::new(id, attempts, came))
    }

    /// Keeps its texts once with all that are alike.
    pub fn share(&mut self, pool: &mut Pool) {
        self.row.share(pool);
        for attempt in &mut self.attempts {
            attempt.share(pool);
        }
        match &mut self.came_to {
            CameTo::Judged(own) => pool.share_budget(&mut own.evidence.budget),
            CameTo::Reported(evidence) => pool.share_budget(&mut evidence.budget),
            CameTo::JudgedAs(_) | CameTo::ReportedAs(_) | CameTo::NotRun(_) => {}
        }
    }

    /// The row's name.
    #[must_use]
    pub fn row(&self) -> &RowId {
        &self.row
    }

    /// Every attempt, in order; empty for a row that was not run.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The evidence judged and its verdict.
    #[must_use]
    pub fn judged(&self) -> Option<Judged<'_>> {
        match &self.came_to {
            CameTo::JudgedAs(number) => {
                let (evidence, decision) = self.found(*number)?;
                Some(Judged {
                    evidence,
                    decision: decision?,
                    from: JudgedFrom::Attempt(*number),
                })
            }
            CameTo::Judged(own) => Some(Judged {
                evidence: &own.evidence,
                decision: &own.decision,
                from: own.from,
            }),
            CameTo::ReportedAs(_) | CameTo::Reported(_) | CameTo::NotRun(_) => None,
        }
    }

    /// The evidence of a row that is reported and not judged.
    #[must_use]
    pub fn reported(&self) -> Option<&Evidence> {
        match &self.came_to {
            CameTo::ReportedAs(number) => self.found(*number).map(|it| it.0),
            CameTo::Reported(evidence) => Some(evidence),
            CameTo::JudgedAs(_) | CameTo::Judged(_) | CameTo::NotRun(_) => None,
        }
    }

    /// What the row came to was found out by, whether it was judged or is reported.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        let judged = self.judged().map(|it| it.evidence);
        judged.or_else(|| self.reported())
    }

    /// Why there is no verdict.
    #[must_use]
    pub fn why_not_run(&self) -> Option<&NotRun> {
        match &self.came_to {
            CameTo::NotRun(reason) => Some(reason),
            _ => None,
        }
    }

    /// The verdict, if the row was judged.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.judged().map(|it| it.decision.verdict)
    }

    /// What stands in an attempt of this number alone; the result is as that one.
    pub(crate) fn is_as_attempt(&self) -> Option<u32> {
        match &self.came_to {
            CameTo::JudgedAs(number) | CameTo::ReportedAs(number) => Some(*number),
            CameTo::Judged(_) | CameTo::Reported(_) | CameTo::NotRun(_) => None,
        }
    }

    fn found(&self, number: u32) -> Option<(&Evidence, Option<&Decision>)> {
        let attempt = self.attempts.iter().find(|it| it.number == number);
        attempt.and_then(Attempt::found)
    }
}

impl Serialize for RowResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::stored_result::serialize(self, serializer)
    }
}

fn judge_both(row: &Row, first: OwnJudged, second: &Attempt) -> Result<OwnJudged, RecordError> {
    let id = row.id.clone();
    if first.decision.verdict != Verdict::Inconclusive {
        return Err(RecordError::Retest {
            row: id,
            verdict: first.decision.verdict,
        });
    }
    let AttemptEnd::Judged {
        evidence: second, ..
    } = &second.end
    else {
        return Ok(first);
    };
    let from = if first.evidence.doubts.is_empty() {
        JudgedFrom::Mean
    } else {
        JudgedFrom::Attempt(2)
    };
    if is_extreme(row) && first.evidence.doubts.is_empty() {
        return judge_worse(row, first, second);
    }
    let evidence = first
        .evidence
        .mean(second)
        .ok_or(RecordError::Average { row: id.clone() })?;
    let decision = row
        .judge(&evidence)
        .map_err(|source| RecordError::Judge { row: id, source })?;
    Ok(OwnJudged {
        evidence,
        decision,
        from,
    })
}

/// Of two attempts at an extreme, the one with the worse verdict, or the first.
fn judge_worse(row: &Row, first: OwnJudged, second: &Evidence) -> Result<OwnJudged, RecordError> {
    let decision = row.judge(second).map_err(|source| RecordError::Judge {
        row: row.id.clone(),
        source,
    })?;
    if decision.verdict <= first.decision.verdict {
        return Ok(first);
    }
    Ok(OwnJudged {
        evidence: second.clone(),
        decision,
        from: JudgedFrom::Attempt(2),
    })
}
