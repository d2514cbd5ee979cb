//! `results.csv`: unit × row, with everything that the verdict can be recomputed from.

use crate::display::{self, EvidenceCells};
use crate::table::{Cells, Table, join, or_empty};
use rig_record::{JudgedFrom, LotRecord, NotRun, RowResult, UnitRecord};
use rig_spec::{
    Bound, Evidence, Measured, Plan, Row, RowId, SpecSet, Tolerance, conformance_millionths,
};

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

pub(crate) fn render(spec: &SpecSet, plan: &Plan, lot: &LotRecord) -> String {
    let mut table = Table::new(COLUMNS);
    for unit in &lot.units {
        for row in &spec.rows {
            table.push(&cells(plan, lot, unit, row));
        }
    }
    table.finish()
}

fn cells(plan: &Plan, lot: &LotRecord, unit: &UnitRecord, row: &Row) -> Cells {
    let result = unit.result(row.id.as_str());
    let judged = result.and_then(RowResult::judged);
    let evidence = judged
        .map(|it| &it.evidence)
        .or_else(|| result.and_then(RowResult::reported));
    let evidence_cells = EvidenceCells::new(row, evidence);
    let decision = judged.map(|it| &it.decision);
    let print = |value: Option<i64>| display::exact(row, value);
    // Guard band and acceptance limits mean something only where a value met numeric limits.
    let tolerance = row.tolerance.filter(|_| decision.is_some());
    let measured = evidence.and_then(|it| it.measured);
    let bound = evidence.and_then(|it| it.bound);
    let copy = |column: &'static str| (column, row.cell(column).to_owned());
    vec![
        ("bench", lot.header.bench.kind.to_string()),
        ("lot", lot.header.lot.clone()),
        ("unit", unit.serial.clone()),
        ("table", row.table.to_string()),
        ("row", row.id.to_string()),
        ("rev", row.rev.clone()),
        copy("measurand"),
        copy("statistic"),
        copy("depth_mm"),
        copy("rate_per_s"),
        copy("load"),
        copy("supply"),
        copy("cartridge"),
        copy("stimulus"),
        copy("from_event"),
        copy("to_event"),
        copy("window_s"),
        ("n_wanted", or_empty(row.n)),
        ("required", required(plan, unit, row)),
        ("n", evidence_cells.n),
        ("value", evidence_cells.value),
        ("bound", evidence_cells.bound),
        ("U", evidence_cells.expanded),
        ("k", evidence_cells.k),
        ("unit_of_value", display::unit_word(row)),
        ("target", print(row.target)),
        ("lower", print(row.tolerance.and_then(Tolerance::lower))),
        ("upper", print(row.tolerance.and_then(Tolerance::upper))),
        ("expected", or_empty(row.expected.as_ref())),
        ("observed", evidence_cells.observed),
        ("rule", row.rule.to_string()),
        copy("guard_r"),
        copy("max_risk"),
        ("max_u", display::exact_unsigned(row, row.max_u)),
        (
            "guard_band",
            display::exact_unsigned(row, tolerance.and(decision).map(|it| it.guard_band)),
        ),
        (
            "acceptance_lower",
            print(decision.and_then(|it| it.acceptance_lower)),
        ),
        (
            "acceptance_upper",
            print(decision.and_then(|it| it.acceptance_upper)),
        ),
        ("attempts", or_empty(result.map(|it| it.attempts().len()))),
        (
            "judged_on",
            judged.map(|it| judged_on(it.from)).unwrap_or_default(),
        ),
        ("doubts", evidence_cells.doubts),
        ("verdict", verdict(result)),
        (
            "reasons",
            decision
                .map(|it| display::list(&it.reasons))
                .unwrap_or_default(),
        ),
        (
            "beyond_limit",
            display::exact_unsigned(row, evidence.and_then(|it| beyond(row, it))),
        ),
        // A bound says nothing of how probable it is that the quantity conforms.
        (
            "p_c",
            or_empty(tolerance.and_then(|it| p_c(it, measured.filter(|_| bound.is_none())?))),
        ),
        ("TUR", or_empty(tolerance.and_then(|it| tur(it, measured?)))),
        ("instruments", join_instruments(row)),
        ("hazard", or_empty(row.hazard.as_ref())),
        copy("basis_condition"),
        copy("basis_limit"),
        copy("source"),
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
    match plan.entry(row.id.as_str()) {
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
