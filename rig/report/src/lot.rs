//! `lot.csv`: one row a row of the spec, over all units, with the lot's disposition on every line.

use crate::display::{exact, exact_unsigned, list, unit_word};
use crate::table::{Table, or_empty};
use rig_record::LotRecord;
use rig_spec::{Plan, SpecSet, Tolerance};
use rig_stats::{LotSummary, row_statistics};
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "plan",
    "disposition",
    "held_because",
    "table",
    "row",
    "measurand",
    "required",
    "units_pass",
    "units_inconclusive",
    "units_fail",
    "units_reported",
    "units_not_run",
    "n",
    "mean",
    "standard_deviation",
    "minimum",
    "maximum",
    "largest_U",
    "unit_of_value",
    "lower",
    "upper",
];

pub(crate) fn render(
    out: &mut dyn Write,
    spec: &SpecSet,
    plan: &Plan,
    lot: &LotRecord,
    summary: &LotSummary,
) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    for row in &spec.rows {
        let statistics = row_statistics(row, lot);
        let entry = plan.entry(row.id.as_str());
        table.push(&[
            ("bench", lot.header.bench.kind.to_string()),
            ("lot", lot.header.lot.clone()),
            ("plan", plan.name.clone()),
            ("disposition", summary.disposition.to_string()),
            ("held_because", list(&summary.held_because)),
            ("table", row.table.to_string()),
            ("row", row.id.to_string()),
            ("measurand", row.measurand.clone()),
            (
                "required",
                entry.map_or_else(|| "no".to_owned(), |it| it.required.to_string()),
            ),
            ("units_pass", statistics.passed.to_string()),
            ("units_inconclusive", statistics.inconclusive.to_string()),
            ("units_fail", statistics.failed.to_string()),
            ("units_reported", statistics.reported.to_string()),
            ("units_not_run", statistics.not_run.to_string()),
            ("n", statistics.n.to_string()),
            ("mean", exact(row, statistics.mean)),
            (
                "standard_deviation",
                exact(row, statistics.standard_deviation),
            ),
            ("minimum", exact(row, statistics.minimum)),
            ("maximum", exact(row, statistics.maximum)),
            (
                "largest_U",
                exact_unsigned(row, statistics.largest_expanded.filter(|it| *it > 0)),
            ),
            ("unit_of_value", or_empty(Some(unit_word(row)))),
            (
                "lower",
                exact(row, row.tolerance.and_then(Tolerance::lower)),
            ),
            (
                "upper",
                exact(row, row.tolerance.and_then(Tolerance::upper)),
            ),
        ]);
    }
    table.finish().map(|_| ())
}
