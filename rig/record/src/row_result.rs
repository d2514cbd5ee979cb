//! All attempts on one row of one unit, and the verdict that follows.

use crate::{Attempt, AttemptEnd, NotRun};
use rig_spec::{Decision, Evidence, JudgeError, Row, RowId, Verdict};
use serde::{Deserialize, Serialize};

/// What one row came to on one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowResult {
    // Invariant: `judged` follows from `attempts` by the re-measurement rule, and exactly one of
    // `judged`, `reported` and `not_run` is there.
    row: RowId,
    attempts: Vec<Attempt>,
    judged: Option<Judged>,
    reported: Option<Evidence>,
    not_run: Option<NotRun>,
}

/// The evidence a row was judged on, and the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What was judged.
    pub evidence: Evidence,
    /// The verdict.
    pub decision: Decision,
    /// Which attempts it comes from.
    pub from: JudgedFrom,
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
            attempts: Vec::new(),
            judged: None,
            reported: None,
            not_run: Some(reason),
        }
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
        let mut result = Self {
            row: id.clone(),
            attempts: Vec::new(),
            judged: None,
            reported: None,
            not_run: None,
        };
        match &first.end {
            AttemptEnd::NotMeasured(reason) => result.not_run = Some(reason.clone()),
            AttemptEnd::Reported { evidence } => result.reported = Some(evidence.clone()),
            AttemptEnd::Judged { evidence, decision } => {
                let first = Judged {
                    evidence: evidence.clone(),
                    decision: decision.clone(),
                    from: JudgedFrom::Attempt(1),
                };
                result.judged = Some(match attempts.get(1) {
                    None => first,
                    Some(second) => judge_both(row, first, second)?,
                });
            }
        }
        result.attempts = attempts;
        Ok(result)
    }

    pub(crate) fn with_judged(self, judged: Judged) -> Self {
        Self {
            judged: Some(judged),
            not_run: None,
            ..self
        }
    }

    pub(crate) fn with_reported(self, evidence: Evidence) -> Self {
        Self {
            reported: Some(evidence),
            not_run: None,
            ..self
        }
    }

    pub(crate) fn with_attempts(self, attempts: Vec<Attempt>) -> Self {
        Self { attempts, ..self }
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
    pub fn judged(&self) -> Option<&Judged> {
        self.judged.as_ref()
    }

    /// The evidence of a row that is reported and not judged.
    #[must_use]
    pub fn reported(&self) -> Option<&Evidence> {
        self.reported.as_ref()
    }

    /// Why there is no verdict.
    #[must_use]
    pub fn why_not_run(&self) -> Option<&NotRun> {
        self.not_run.as_ref()
    }

    /// The verdict, if the row was judged.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.judged.as_ref().map(|it| it.decision.verdict)
    }
}

fn judge_both(row: &Row, first: Judged, second: &Attempt) -> Result<Judged, RecordError> {
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
    Ok(Judged {
        evidence,
        decision,
        from,
    })
}

/// Of two attempts at an extreme, the one with the worse verdict, or the first.
fn judge_worse(row: &Row, first: Judged, second: &Evidence) -> Result<Judged, RecordError> {
    let decision = row.judge(second).map_err(|source| RecordError::Judge {
        row: row.id.clone(),
        source,
    })?;
    if decision.verdict <= first.decision.verdict {
        return Ok(first);
    }
    Ok(Judged {
        evidence: second.clone(),
        decision,
        from: JudgedFrom::Attempt(2),
    })
}
