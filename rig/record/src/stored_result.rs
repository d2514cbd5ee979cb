//! A row's result as it stands in a journal.
//!
//! Format 1 wrote the evidence judged on beside the attempts, where it stood already; format 2 names
//! the attempt instead. Both are read.

use crate::row_result::{Came, OwnJudged};
use crate::{Attempt, JudgedFrom, NotRun, RowResult};
use rig_spec::{Decision, Evidence, RowId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

#[derive(Deserialize)]
pub(crate) struct Stored {
    row: RowId,
    #[serde(deserialize_with = "few")]
    attempts: Vec<Attempt>,
    // Apart, since most results have neither.
    #[serde(default)]
    judged: Option<Box<StoredJudged>>,
    #[serde(default)]
    reported: Option<Box<Evidence>>,
    #[serde(default)]
    not_run: Option<NotRun>,
    #[serde(default)]
    as_attempt: Option<u32>,
}

#[derive(Deserialize)]
struct StoredJudged {
    evidence: Evidence,
    decision: Decision,
    from: JudgedFrom,
}

/// Most rows have one attempt or none: no room is made for more before there are.
fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Attempt>, D::Error> {
    struct Visitor;
    impl<'de> de::Visitor<'de> for Visitor {
        type Value = Vec<Attempt>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("attempts")
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut all: A) -> Result<Vec<Attempt>, A::Error> {
            let mut attempts = Vec::new();
            while let Some(attempt) = all.next_element()? {
                attempts.reserve_exact(1);
                attempts.push(attempt);
            }
            Ok(attempts)
        }
    }
    deserializer.deserialize_seq(Visitor)
}

/// Why what stands in a journal is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoredError {
    #[error("row {row} came to nothing, or to more than one end")]
    Ends { row: RowId },
    #[error(
        "row {row} is said to be as attempt {number}, and there is no such attempt with a value"
    )]
    NoAttempt { row: RowId, number: u32 },
}

impl TryFrom<Stored> for RowResult {
    type Error = StoredError;

    fn try_from(it: Stored) -> Result<Self, StoredError> {
        let (row, attempts) = (it.row, it.attempts);
        let came = match (it.judged, it.reported, it.not_run, it.as_attempt) {
            (None, None, None, Some(number)) => {
                let none = StoredError::NoAttempt {
                    row: row.clone(),
                    number,
                };
                return Self::as_attempt(row, attempts, number).ok_or(none);
            }
            (Some(judged), None, None, None) => Came::Judged(OwnJudged {
                evidence: judged.evidence,
                decision: judged.decision,
                from: judged.from,
            }),
            (None, Some(evidence), None, None) => Came::Reported(*evidence),
            (None, None, Some(reason), None) => Came::NotRun(reason),
            _ => return Err(StoredError::Ends { row }),
        };
        Ok(Self::new(row, attempts, came))
    }
}

/// Writes a result in format 2.
pub(crate) fn serialize<S: Serializer>(
    result: &RowResult,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Judged<'r> {
        evidence: &'r Evidence,
        decision: &'r Decision,
        from: JudgedFrom,
    }
    #[derive(Serialize)]
    struct Out<'r> {
        row: &'r RowId,
        attempts: &'r [Attempt],
        #[serde(skip_serializing_if = "Option::is_none")]
        judged: Option<Judged<'r>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reported: Option<&'r Evidence>,
        #[serde(skip_serializing_if = "Option::is_none")]
        not_run: Option<&'r NotRun>,
        #[serde(skip_serializing_if = "Option::is_none")]
        as_attempt: Option<u32>,
    }
    let as_attempt = result.is_as_attempt();
    let judged = result.judged().filter(|_| as_attempt.is_none());
    Out {
        row: result.row(),
        attempts: result.attempts(),
        judged: judged.map(|it| Judged {
            evidence: it.evidence,
            decision: it.decision,
            from: it.from,
        }),
        reported: result.reported().filter(|_| as_attempt.is_none()),
        not_run: result.why_not_run(),
        as_attempt,
    }
    .serialize(serializer)
}
