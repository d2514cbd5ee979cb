//! `sampling.csv`: what the rules say that the spec chose for lots of the plan, a row each. A run
//! without such a rule has no such table.

use crate::table::{Table, or_empty};
use rig_record::LotRecord;
use rig_stats::LotSummary;
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "plan",
    "gate_disposition",
    "row",
    "rule",
    "origin",
    "disposition",
    "because",
    "units",
    "units_conforming",
    "units_inconclusive",
    "units_nonconforming",
    "units_not_run",
    "units_remeasured",
    "attempts",
    "units_beyond",
    "note",
];

pub(crate) fn render(out: &mut dyn Write, lot: &LotRecord, summary: &LotSummary) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    for chosen in &summary.chosen {
        let result = &chosen.result;
        let counts = &result.counts;
        table.push(&[
            ("bench", lot.header.bench.kind.to_string()),
            ("lot", lot.header.lot.clone()),
            ("plan", summary.plan.name.clone()),
            ("gate_disposition", summary.disposition.to_string()),
            ("row", or_empty(chosen.row.as_ref())),
            ("rule", chosen.rule.clone()),
            ("origin", chosen.origin.clone()),
            ("disposition", result.disposition.to_string()),
            ("because", result.because.clone()),
            ("units", counts.units.to_string()),
            ("units_conforming", counts.conforming.to_string()),
            ("units_inconclusive", counts.inconclusive.to_string()),
            ("units_nonconforming", counts.nonconforming.to_string()),
            ("units_not_run", counts.not_run.to_string()),
            ("units_remeasured", counts.remeasured.to_string()),
            ("attempts", counts.attempts.to_string()),
            ("units_beyond", counts.beyond.to_string()),
            ("note", chosen.note.clone()),
        ]);
    }
    table.finish().map(|_| ())
}
