//! `attempts.csv`: every attempt on every row, kept.

use crate::display::{EvidenceCells, list, unit_word};
use crate::table::Table;
use rig_record::{AttemptEnd, LotRecord};
use rig_spec::{Decision, SpecSet};
use std::borrow::Cow;
use std::io::{self, Write};

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

pub(crate) fn render(out: &mut dyn Write, spec: &SpecSet, lot: &LotRecord) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    let bench = lot.header.bench.kind.to_string();
    for unit in &lot.units {
        for (place, row) in spec.rows.iter().enumerate() {
            let result = unit.result_near(place, row.id.as_str());
            for attempt in result.map_or(&[][..], |it| it.attempts()) {
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
                table.push(&[
                    ("bench", Cow::Borrowed(bench.as_str())),
                    ("lot", Cow::Borrowed(lot.header.lot.as_str())),
                    ("unit", Cow::Borrowed(unit.serial.as_str())),
                    ("row", Cow::Borrowed(row.id.as_str())),
                    ("attempt", attempt.number.to_string().into()),
                    ("condition", Cow::Borrowed(&*attempt.condition)),
                    ("started_ns", attempt.started.0.to_string().into()),
                    ("ended_ns", attempt.ended.0.to_string().into()),
                    ("n", evidence.n.into()),
                    ("value", evidence.value.into()),
                    ("bound", evidence.bound.into()),
                    ("U", evidence.expanded.into()),
                    ("k", evidence.k.into()),
                    ("unit_of_value", unit_word(row).into()),
                    ("observed", evidence.observed.into()),
                    ("doubts", evidence.doubts.into()),
                    ("verdict", ended.into()),
                    ("reasons", reasons(decision).into()),
                ]);
            }
        }
    }
    table.finish().map(|_| ())
}

fn reasons(decision: Option<&Decision>) -> String {
    decision.map(|it| list(&it.reasons)).unwrap_or_default()
}
