//! `attempts.csv`: every attempt on every row, kept.

use crate::display::{EvidenceCells, list, unit_word};
use crate::table::Table;
use rig_record::{AttemptEnd, LotRecord};
use rig_spec::{Decision, SpecSet};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "unit",
    "row",
    "attempt",
    "condition",
    "started_ns",
    "ended_ns",
    "n",
    "value",
    "bound",
    "U",
    "k",
    "unit_of_value",
    "observed",
    "doubts",
    "verdict",
    "reasons",
];

pub(crate) fn render(spec: &SpecSet, lot: &LotRecord) -> String {
    let mut table = Table::new(COLUMNS);
    for unit in &lot.units {
        for row in &spec.rows {
            for attempt in unit
                .result(row.id.as_str())
                .map_or(&[][..], |it| it.attempts())
            {
                let (evidence, decision, ended) = match &attempt.end {
                    AttemptEnd::Judged { evidence, decision } => {
                        (Some(evidence), Some(decision), decision.verdict.to_string())
                    }
                    AttemptEnd::Reported { evidence } => {
                        (Some(evidence), None, "reported".to_owned())
                    }
                    AttemptEnd::NotMeasured(reason) => (None, None, format!("not run: {reason}")),
                };
                let evidence = EvidenceCells::new(row, evidence);
                table.push(&vec![
                    ("bench", lot.header.bench.kind.to_string()),
                    ("lot", lot.header.lot.clone()),
                    ("unit", unit.serial.clone()),
                    ("row", row.id.to_string()),
                    ("attempt", attempt.number.to_string()),
                    ("condition", attempt.condition.clone()),
                    ("started_ns", attempt.started.0.to_string()),
                    ("ended_ns", attempt.ended.0.to_string()),
                    ("n", evidence.n),
                    ("value", evidence.value),
                    ("bound", evidence.bound),
                    ("U", evidence.expanded),
                    ("k", evidence.k),
                    ("unit_of_value", unit_word(row)),
                    ("observed", evidence.observed),
                    ("doubts", evidence.doubts),
                    ("verdict", ended),
                    ("reasons", reasons(decision)),
                ]);
            }
        }
    }
    table.finish()
}

fn reasons(decision: Option<&Decision>) -> String {
    decision.map(|it| list(&it.reasons)).unwrap_or_default()
}
