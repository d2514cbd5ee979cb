//! `results.csv`: unit × row, with everything that the verdict can be recomputed from.

use crate::display::{self, EvidenceCells};
use crate::table::{Table, join, or_empty};
use rig_record::{JudgedFrom, LotRecord, NotRun, RowResult, UnitRecord};
use rig_spec::{
    Bound, Evidence, Measured, Plan, PlanEntry, Row, RowId, SpecSet, Tolerance,
    conformance_millionths,
};
use std::borrow::Cow;
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "unit",
    "table",
    "row",
    "rev",
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
    "n_wanted",
    "required",
    "n",
    "value",
    "bound",
    "U",
    "k",
    "unit_of_value",
    "target",
    "lower",
    "upper",
    "expected",
    "observed",
    "rule",
    "guard_r",
    "max_risk",
    "max_u",
    "guard_band",
    "acceptance_lower",
    "acceptance_upper",
    "attempts",
    "judged_on",
    "doubts",
    "verdict",
    "reasons",
    "beyond_limit",
    "p_c",
    "TUR",
    "instruments",
    "hazard",
    "basis_condition",
    "basis_limit",
    "source",
];

pub(crate) fn render(
    out: &mut dyn Write,
    spec: &SpecSet,
    plan: &Plan,
    lot: &LotRecord,
) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    let of_row = |row| (fixed(lot, row), plan.entry(row.id.as_str()));
    let rows: Vec<_> = spec.rows.iter().map(|it| (it, of_row(it))).collect();
    for unit in &lot.units {
        for (place, (row, (fixed, entry))) in rows.iter().enumerate() {
            let result = unit.result_near(place, row.id.as_str());
            table.push_between(fixed, &cells(*entry, unit, row, result));
        }
    }
    table.finish().map(|_| ())
}

/// The cells of a row that are the same for every unit, in the places of their columns.
fn fixed(lot: &LotRecord, row: &Row) -> Vec<Option<String>> {
    let print = |value: Option<i64>| display::exact(row, value);
    let of_column = |column: &&'static str| match *column {
        "bench" => Some(lot.header.bench.kind.to_string()),
        "lot" => Some(lot.header.lot.clone()),
        "table" => Some(row.table.to_string()),
        "row" => Some(row.id.to_string()),
        "rev" => Some(row.rev.clone()),
        "n_wanted" => Some(or_empty(row.n)),
        "unit_of_value" => Some(display::unit_word(row)),
        "target" => Some(print(row.target)),
        "lower" => Some(print(row.tolerance.and_then(Tolerance::lower))),
        "upper" => Some(print(row.tolerance.and_then(Tolerance::upper))),
        "expected" => Some(or_empty(row.expected.as_ref())),
        "rule" => Some(row.rule.to_string()),
        "max_u" => Some(display::exact_unsigned(row, row.max_u)),
        "instruments" => Some(join_instruments(row)),
        "hazard" => Some(or_empty(row.hazard.as_ref())),
        column @ ("measurand" | "statistic" | "depth_mm" | "rate_per_s" | "load" | "supply"
        | "cartridge" | "stimulus" | "from_event" | "to_event" | "window_s"
        | "guard_r" | "max_risk" | "basis_condition" | "basis_limit" | "source") => {
            Some(row.cell(column).to_owned())
        }
        _ => None,
    };
    COLUMNS.iter().map(of_column).collect()
}

/// The other cells, in the order of their columns.
fn cells<'c>(
    entry: Option<&PlanEntry>,
    unit: &'c UnitRecord,
    row: &Row,
    result: Option<&RowResult>,
) -> [(&'static str, Cow<'c, str>); 19] {
    let judged = result.and_then(RowResult::judged);
    let evidence = result.and_then(RowResult::evidence);
    let evidence_cells = EvidenceCells::new(row, evidence);
    let decision = judged.map(|it| it.decision);
    let print = |value: Option<i64>| display::exact(row, value);
    // Guard band and acceptance limits mean something only where a value met numeric limits.
    let tolerance = row.tolerance.filter(|_| decision.is_some());
    let measured = evidence.and_then(|it| it.measured);
    let bound = evidence.and_then(|it| it.bound);
    let guard_band = tolerance.and(decision).map(|it| it.guard_band);
    let reasons = decision.map(|it| display::list(&it.reasons));
    let beyond = evidence.and_then(|it| beyond(row, it));
    // A bound says nothing of how probable it is that the quantity conforms.
    let p_c = tolerance.and_then(|it| p_c(it, measured.filter(|_| bound.is_none())?));
    [
        ("unit", Cow::Borrowed(unit.serial.as_str())),
        ("required", required_by(entry, unit).into()),
        ("n", evidence_cells.n.into()),
        ("value", evidence_cells.value.into()),
        ("bound", evidence_cells.bound.into()),
        ("U", evidence_cells.expanded.into()),
        ("k", evidence_cells.k.into()),
        ("observed", evidence_cells.observed.into()),
        (
            "guard_band",
            display::exact_unsigned(row, guard_band).into(),
        ),
        (
            "acceptance_lower",
            print(decision.and_then(|it| it.acceptance_lower)).into(),
        ),
        (
            "acceptance_upper",
            print(decision.and_then(|it| it.acceptance_upper)).into(),
        ),
        (
            "attempts",
            or_empty(result.map(|it| it.attempts().len())).into(),
        ),
        (
            "judged_on",
            judged
                .map(|it| judged_on(it.from))
                .unwrap_or_default()
                .into(),
        ),
        ("doubts", evidence_cells.doubts.into()),
        ("verdict", verdict(result).into()),
        ("reasons", reasons.unwrap_or_default().into()),
        ("beyond_limit", display::exact_unsigned(row, beyond).into()),
        ("p_c", or_empty(p_c).into()),
        (
            "TUR",
            or_empty(tolerance.and_then(|it| tur(it, measured?))).into(),
        ),
    ]
}

fn join_instruments(row: &Row) -> String {
    row.instruments
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// `yes`, `external` or `no`, for this unit.
pub(crate) fn required(plan: &Plan, unit: &UnitRecord, row: &Row) -> String {
    required_by(plan.entry(row.id.as_str()), unit)
}

fn required_by(entry: Option<&PlanEntry>, unit: &UnitRecord) -> String {
    match entry {
        Some(entry) if entry.n_units.includes(unit.index) => entry.required.to_string(),
        _ => "no".to_owned(),
    }
}

/// `pass`, `inconclusive`, `fail`, `reported`, or `not run: reason`; never empty.
pub(crate) fn verdict(result: Option<&RowResult>) -> String {
    let Some(result) = result else {
        return format!("not run: {}", NotRun::AfterAbort);
    };
    match (result.verdict(), result.reported(), result.why_not_run()) {
        (Some(verdict), _, _) => verdict.to_string(),
        (None, Some(_), _) => "reported".to_owned(),
        (None, None, Some(reason)) => format!("not run: {reason}"),
        (None, None, None) => format!("not run: {}", NotRun::AfterAbort),
    }
}

fn judged_on(from: JudgedFrom) -> String {
    match from {
        JudgedFrom::Attempt(number) => format!("attempt {number}"),
        JudgedFrom::Mean => "mean of attempts 1 and 2".to_owned(),
    }
}

/// How far a value lies beyond its tolerance limit; nothing within, and nothing of a lower bound
/// that lies below a lower limit.
pub(crate) fn beyond(row: &Row, evidence: &Evidence) -> Option<u64> {
    let value = evidence.measured?.value;
    let tolerance = row.tolerance?;
    if evidence.bound == Some(Bound::AtLeast) && tolerance.upper().is_none_or(|it| value <= it) {
        return None;
    }
    let excess = tolerance.excess(value);
    u64::try_from(excess).ok().filter(|it| *it > 0)
}

/// Conformance probability (JCGM 106), rounded down to six decimals; nothing without U.
fn p_c(tolerance: Tolerance, measured: Measured) -> Option<String> {
    if measured.expanded == 0 {
        return None;
    }
    let millionths = conformance_millionths(tolerance, &measured);
    Some(format!(
        "{}.{:06}",
        millionths / 1_000_000,
        millionths % 1_000_000
    ))
}

/// Test uncertainty ratio, width of the tolerance over 2 U, rounded down to two decimals; two-sided
/// tolerances only.
fn tur(tolerance: Tolerance, measured: Measured) -> Option<String> {
    let width = i128::from(tolerance.upper()?) - i128::from(tolerance.lower()?);
    if measured.expanded == 0 {
        return None;
    }
    let hundredths = width * 100 / (2 * i128::from(measured.expanded));
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// Joined names of rows.
pub(crate) fn row_list(rows: &[RowId]) -> String {
    join(rows)
}
