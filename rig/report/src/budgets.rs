//! `budgets.csv`: what the uncertainty of each measurand is made of, on the unit where it is
//! largest.

use crate::display::EvidenceCells;
use crate::table::Table;
use rig_record::{LotRecord, RowResult, UnitRecord};
use rig_spec::{Evidence, RecordUnit, Row, SpecSet};
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "row",
    "unit",
    "line",
    "distribution",
    "contribution",
    "unit_of_contribution",
    "dof",
    "share",
    "k",
    "U",
];

pub(crate) fn render(out: &mut dyn Write, spec: &SpecSet, lot: &LotRecord) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    for row in &spec.rows {
        if let Some((unit, evidence)) = widest(lot, row) {
            push(&mut table, lot, row, unit, evidence);
        }
    }
    table.finish().map(|_| ())
}

/// The first unit with the largest U of a row that has a budget.
fn widest<'r>(lot: &'r LotRecord, row: &'r Row) -> Option<(&'r UnitRecord, &'r Evidence)> {
    let mut widest: Option<(u64, &UnitRecord, &Evidence)> = None;
    for (unit, result) in lot.units.iter().zip(lot.results_of(row.id.as_str())) {
        let Some(evidence) = result.and_then(RowResult::evidence) else {
            continue;
        };
        let expanded = evidence.measured.map_or(0, |it| it.expanded);
        if !evidence.budget.is_empty() && widest.is_none_or(|it| expanded > it.0) {
            widest = Some((expanded, unit, evidence));
        }
    }
    widest.map(|(_, unit, evidence)| (unit, evidence))
}

fn push(
    table: &mut Table<&mut dyn Write>,
    lot: &LotRecord,
    row: &Row,
    unit: &UnitRecord,
    evidence: &Evidence,
) {
    let word = evidence
        .measured
        .map_or("", |it| unit_of_contribution(it.unit));
    let squares = evidence
        .budget
        .iter()
        .map(|it| it.contribution as f64 * it.contribution as f64);
    let sum: f64 = squares.clone().sum();
    let combined = libm::sqrt(sum);
    let inverse_dof: f64 = evidence
        .budget
        .iter()
        .zip(squares.clone())
        .filter_map(|(line, square)| Some((square / sum) * (square / sum) / dof(line.dof_tenths?)))
        .sum();
    let common = |line: &str| {
        vec![
            ("bench", lot.header.bench.kind.to_string()),
            ("lot", lot.header.lot.clone()),
            ("row", row.id.to_string()),
            ("unit", unit.serial.clone()),
            ("line", line.to_owned()),
        ]
    };
    for (line, square) in evidence.budget.iter().zip(squares) {
        let mut cells = common(&line.name);
        let share = if sum > 0.0 { 100.0 * square / sum } else { 0.0 };
        cells.extend([
            ("distribution", line.distribution.to_string()),
            ("contribution", thousandths(line.contribution)),
            ("unit_of_contribution", word.to_owned()),
            ("dof", dof_cell(line.dof_tenths)),
            ("share", format!("{share:.1}")),
            ("k", String::new()),
            ("U", String::new()),
        ]);
        table.push(&cells);
    }
    let evidence_cells = EvidenceCells::new(row, Some(evidence));
    let nu = (inverse_dof > 0.0).then(|| libm::floor(10.0 / inverse_dof) as u64);
    let mut cells = common("combined");
    cells.extend([
        ("distribution", String::new()),
        ("contribution", thousandths(libm::round(combined) as u64)),
        ("unit_of_contribution", word.to_owned()),
        ("dof", dof_cell(nu)),
        ("share", "100.0".to_owned()),
        ("k", evidence_cells.k),
        ("U", evidence_cells.expanded),
    ]);
    table.push(&cells);
}

fn dof(tenths: u64) -> f64 {
    tenths as f64 / 10.0
}

/// From here on degrees of freedom are infinite to the table: k no longer differs in its last digit,
/// and a program that reads the cell as a number keeps all of it.
const INFINITE_DOF_TENTHS: u64 = 10_000_000;

fn dof_cell(tenths: Option<u64>) -> String {
    tenths.filter(|it| *it < INFINITE_DOF_TENTHS).map_or_else(
        || "infinite".to_owned(),
        |it| format!("{}.{}", it / 10, it % 10),
    )
}

/// The unit in letters that survive a program which takes UTF-8 for something else, and that no
/// spreadsheet takes for a number.
fn unit_of_contribution(unit: RecordUnit) -> &'static str {
    match unit {
        RecordUnit::Nanometer => "nm",
        RecordUnit::Microhertz => "uHz",
        RecordUnit::Microsecond => "us",
        RecordUnit::PartPerBillion => "ppb",
        RecordUnit::MilliCelsius => "mdegC",
        RecordUnit::Count => "count",
    }
}

fn thousandths(count: u64) -> String {
    format!("{}.{:03}", count / 1000, count % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_of_freedom_that_no_longer_matter_are_infinite() {
        let cases = [
            (None, "infinite"),
            (Some(0), "0.0"),
            (Some(77_083), "7708.3"),
            (Some(9_999_999), "999999.9"),
            (Some(10_000_000), "infinite"),
            (Some(u64::MAX), "infinite"),
        ];
        for (tenths, expected) in cases {
            assert_eq!(dof_cell(tenths), expected);
        }
    }
}
