//! `rejudged.csv`: what another revision of the spec makes of what was measured, beside what was
//! said then.

use crate::display::{EvidenceCells, exact, exact_unsigned, unit_word};
use crate::results::verdict;
use crate::table::{Table, yes_no};
use rig_record::{LotRecord, RowResult};
use rig_spec::{Row, SpecSet, Tolerance};

/// Columns of `rejudged.csv`.
pub const REJUDGED_COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "unit",
    "row",
    "rev_before",
    "rev_after",
    "value",
    "U",
    "k",
    "unit_of_value",
    "lower_before",
    "upper_before",
    "lower_after",
    "upper_after",
    "rule_before",
    "rule_after",
    "guard_band_before",
    "guard_band_after",
    "verdict_before",
    "verdict_after",
    "differs",
];

/// One row a unit and row of either spec, and how many verdicts differ. `after` is what
/// [`rig_record::rejudge`] makes of `before`.
#[must_use]
pub fn rejudged_table(
    specs: (&SpecSet, &SpecSet),
    before: &LotRecord,
    after: &LotRecord,
) -> (String, usize) {
    let mut table = Table::in_memory(REJUDGED_COLUMNS);
    let mut differing = 0;
    let (old_spec, new_spec) = specs;
    let gone = old_spec
        .rows
        .iter()
        .filter(|row| new_spec.row(row.id.as_str()).is_none());
    let rows: Vec<&Row> = new_spec.rows.iter().chain(gone).collect();
    for (was, is) in before.units.iter().zip(&after.units) {
        for row in &rows {
            let id = row.id.as_str();
            let (old_row, new_row) = (old_spec.row(id), new_spec.row(id));
            let (old, new) = (was.result(id), is.result(id));
            let evidence = old.and_then(RowResult::evidence);
            let cells = EvidenceCells::new(row, evidence);
            let words = |row: Option<&Row>, result| {
                row.map_or_else(|| "not in this spec".to_owned(), |_| verdict(result))
            };
            let (then, now) = (words(old_row, old), words(new_row, new));
            let differs = then != now;
            differing += usize::from(differs);
            let limit = |row: Option<&Row>, of: fn(Tolerance) -> Option<i64>| {
                row.map_or_else(String::new, |it| exact(it, it.tolerance.and_then(of)))
            };
            let guard_band = |row: Option<&Row>, result: Option<&RowResult>| {
                let judged = result.and_then(RowResult::judged);
                row.map_or_else(String::new, |it| {
                    let band = it.tolerance.and(judged).map(|it| it.decision.guard_band);
                    exact_unsigned(it, band)
                })
            };
            let of_row =
                |row: Option<&Row>, of: &dyn Fn(&Row) -> String| row.map_or_else(String::new, of);
            table.push(&[
                ("bench", before.header.bench.kind.to_string()),
                ("lot", before.header.lot.clone()),
                ("unit", was.serial.clone()),
                ("row", row.id.to_string()),
                ("rev_before", of_row(old_row, &|it| it.rev.clone())),
                ("rev_after", of_row(new_row, &|it| it.rev.clone())),
                ("value", cells.value),
                ("U", cells.expanded),
                ("k", cells.k),
                ("unit_of_value", unit_word(row)),
                ("lower_before", limit(old_row, Tolerance::lower)),
                ("upper_before", limit(old_row, Tolerance::upper)),
                ("lower_after", limit(new_row, Tolerance::lower)),
                ("upper_after", limit(new_row, Tolerance::upper)),
                ("rule_before", of_row(old_row, &|it| it.rule.to_string())),
                ("rule_after", of_row(new_row, &|it| it.rule.to_string())),
                ("guard_band_before", guard_band(old_row, old)),
                ("guard_band_after", guard_band(new_row, new)),
                ("verdict_before", then),
                ("verdict_after", now),
                ("differs", yes_no(differs)),
            ]);
        }
    }
    (table.text(), differing)
}
