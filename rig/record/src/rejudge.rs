//! Stored measurements under another revision of the spec. Nothing is measured again and nothing is
//! replaced: what comes out is a record of its own.

use crate::row_result::{Came, OwnJudged};
use crate::{Attempt, AttemptEnd, LotRecord, NotRun, RowResult, SpecIdentity, UnitRecord};
use rig_spec::{Decision, Evidence, Row, Rule, SpecSet};

/// Columns that say how a row is measured. Where they differ, what was measured under the one says
/// nothing about the other.
const CONDITION: [&str; 13] = [
    "measurand",
    "statistic",
    "depth_mm",
    "rate_per_s",
    "load",
    "supply",
    "cartridge",
    "stimulus",
    "from_event",
    "to_event",
    "window_s",
    "unit",
    "instrument",
];

/// Judges every measurement of a lot under the rows of another spec.
///
/// The verdict is on the evidence that the old one was on: the mean of an attempt and its
/// re-measurement stays the mean. A row whose condition differs, or that was not there, is not run.
#[must_use]
pub fn rejudge(before: &SpecSet, after: &SpecSet, lot: &LotRecord) -> LotRecord {
    let units = lot.units.iter().map(|unit| UnitRecord {
        results: after
            .rows
            .iter()
            .map(|row| {
                let old = before.row(row.id.as_str());
                match (old, unit.result(row.id.as_str())) {
                    (Some(old), Some(result)) => result.rejudged(old, row),
                    _ => RowResult::not_run(
                        row.id.clone(),
                        NotRun::Precondition {
                            cause: "not in the spec that was measured by".to_owned(),
                        },
                    ),
                }
            })
            .collect(),
        ..unit.clone()
    });
    LotRecord {
        header: crate::RunHeader {
            spec: SpecIdentity::from(after),
            ..lot.header.clone()
        },
        units: units.collect(),
    }
}

/// The first column of the condition in which two rows differ.
#[must_use]
pub fn condition_differs(before: &Row, after: &Row) -> Option<&'static str> {
    CONDITION
        .into_iter()
        .find(|column| before.cell(column) != after.cell(column))
}

impl RowResult {
    /// This result as another row judges it.
    #[must_use]
    pub fn rejudged(&self, before: &Row, after: &Row) -> Self {
        if let Some(column) = condition_differs(before, after)
            && self.why_not_run().is_none()
        {
            let cause = format!(
                "measured with {column} `{}`, the row now says `{}`",
                before.cell(column),
                after.cell(column)
            );
            return Self::not_run(after.id.clone(), NotRun::Precondition { cause });
        }
        let evidence = self.judged().map(|it| (it.evidence, it.from));
        let came = match self.evidence() {
            None => Came::NotRun(
                self.why_not_run()
                    .cloned()
                    .unwrap_or(NotRun::NotImplemented),
            ),
            Some(found) => match judge(after, found) {
                Ok(Some(decision)) => {
                    let from = evidence.map_or(crate::JudgedFrom::Attempt(1), |it| it.1);
                    Came::Judged(OwnJudged {
                        evidence: found.clone(),
                        decision,
                        from,
                    })
                }
                Ok(None) => Came::Reported(found.clone()),
                Err(cause) => Came::NotRun(NotRun::Precondition { cause }),
            },
        };
        let attempts = self.attempts().iter().map(|attempt| Attempt {
            end: match &attempt.end {
                AttemptEnd::Judged { evidence, .. } | AttemptEnd::Reported { evidence } => {
                    match judge(after, evidence) {
                        Ok(Some(decision)) => AttemptEnd::Judged {
                            evidence: evidence.clone(),
                            decision,
                        },
                        Ok(None) => AttemptEnd::Reported {
                            evidence: evidence.clone(),
                        },
                        Err(cause) => AttemptEnd::NotMeasured(NotRun::Precondition { cause }),
                    }
                }
                end @ AttemptEnd::NotMeasured(_) => end.clone(),
            },
            ..attempt.clone()
        });
        Self::new(after.id.clone(), attempts.collect(), came)
    }
}

/// The decision on a row; none if the row is reported and not judged.
fn judge(row: &Row, evidence: &Evidence) -> Result<Option<Decision>, String> {
    if row.rule == Rule::None {
        return Ok(None);
    }
    row.judge(evidence)
        .map(Some)
        .map_err(|error| error.to_string())
}
