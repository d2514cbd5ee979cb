//! What `penrig qualify --format json` prints: one document, for a program to read.
//!
//! Values are decimal text, exact, as in results.csv, in the unit that stands beside them; what is
//! not there is null; `files` are paths inside the folder.

use crate::Failure;
use crate::qualify::Finished;
use rig_record::{LotRecord, UnitRecord};
use rig_report::{Attachment, RowEnd, RowOutcome, RunOutcome, UnitOutcome, unit_rows};
use rig_spec::SpecSet;
use rig_stats::{ExitCode, Standing};
use serde::Serialize;

/// Form of the document; raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Run<'a> {
    qualify: u32,
    tool_version: &'a str,
    run: &'a str,
    folder: String,
    junit: String,
    ledger_head: Option<&'a str>,
    bench_kind: String,
    note: Option<&'a str>,
    bench: &'a str,
    scenario: Option<&'a str>,
    seed: Option<u64>,
    lot: &'a str,
    plan: &'a str,
    disposition: String,
    held_because: &'a [String],
    exit: Exit,
    rows: Rows,
    units: Counts,
    spec: Spec<'a>,
    image: Image<'a>,
    bench_seconds: f64,
    next: &'a str,
    pens: Vec<Pen<'a>>,
}

#[derive(Serialize)]
struct Exit {
    code: u8,
    meaning: &'static str,
}

#[derive(Serialize)]
struct Rows {
    required: usize,
    met: usize,
}

#[derive(Serialize)]
struct Counts {
    total: usize,
    meet_plan: usize,
    undecided: usize,
    fail: usize,
    not_drawn: usize,
    first_pass: usize,
}

#[derive(Serialize)]
struct Spec<'a> {
    document: &'a str,
    revision: &'a str,
    status: &'a str,
}

#[derive(Serialize)]
struct Image<'a> {
    file: &'a str,
    sha256: &'a str,
    firmware_version: &'a str,
}

#[derive(Serialize)]
struct Pen<'a> {
    serial: &'a str,
    standing: String,
    outcome: &'a str,
    first_pass: bool,
    rows: PenRows,
    not_pass: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct PenRows {
    required: usize,
    pass: usize,
    inconclusive: usize,
    fail: usize,
    not_run: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    row: &'a str,
    measurand: &'a str,
    of_rig: bool,
    verdict: &'a str,
    because: Option<&'a str>,
    value: Option<&'a str>,
    bound: Option<&'a str>,
    #[serde(rename = "U")]
    expanded: Option<&'a str>,
    k: Option<&'a str>,
    unit: Option<&'a str>,
    lower: Option<&'a str>,
    upper: Option<&'a str>,
    acceptance_lower: Option<&'a str>,
    acceptance_upper: Option<&'a str>,
    beyond_limit: Option<&'a str>,
    expected: Option<&'a str>,
    observed: Option<&'a str>,
    attempts: usize,
    hazard: Option<&'a str>,
    files: Vec<&'a str>,
}

/// The document, without a line feed at its end; `exit` is what the program ends with.
pub(crate) fn document(
    spec: &SpecSet,
    record: &LotRecord,
    outcome: &RunOutcome,
    finished: &Finished,
    exit: ExitCode,
) -> Result<String, Failure> {
    let (attachments, folder) = (&finished.attachments, &finished.folder);
    let header = &record.header;
    let count = |standing| {
        let units = outcome.units.iter();
        units.filter(|it| it.standing == standing).count()
    };
    // Only units that have a row to be named are looked into.
    let rows_of = |(unit, standing): (&UnitRecord, &UnitOutcome)| {
        if standing.rows_pass == standing.rows_required {
            return Vec::new();
        }
        let mut rows = unit_rows(spec, &outcome.plan, unit);
        rows.retain(|it| !matches!(it.end, RowEnd::Pass | RowEnd::External));
        rows
    };
    let rows: Vec<Vec<RowOutcome>> = record
        .units
        .iter()
        .zip(&outcome.units)
        .map(rows_of)
        .collect();
    let run = Run {
        qualify: VERSION,
        tool_version: &header.tool_version,
        run: &header.run_id,
        folder: folder.display().to_string(),
        junit: folder.join("junit.xml").display().to_string(),
        ledger_head: finished.ledger_head.as_deref(),
        bench_kind: outcome.kind.to_string(),
        note: filled(outcome.note),
        bench: &header.bench.name,
        scenario: header.scenario.as_deref(),
        seed: header.seed,
        lot: &header.lot,
        plan: &header.plan,
        disposition: outcome.disposition.to_string(),
        held_because: &outcome.held_because,
        exit: Exit {
            code: exit.number(),
            meaning: exit.meaning(),
        },
        rows: Rows {
            required: outcome.rows_required,
            met: outcome.rows_met,
        },
        units: Counts {
            total: outcome.units.len(),
            meet_plan: count(Standing::Meets),
            undecided: count(Standing::Undecided),
            fail: count(Standing::Fails),
            not_drawn: count(Standing::NotDrawn),
            first_pass: outcome.units.iter().filter(|it| it.first_pass).count(),
        },
        spec: Spec {
            document: &header.spec.document,
            revision: &header.spec.revision,
            status: &header.spec.status,
        },
        image: Image {
            file: &header.image.file,
            sha256: &header.image.sha256,
            firmware_version: &header.image.firmware_version,
        },
        bench_seconds: record.units.iter().map(|it| it.bench_time.seconds()).sum(),
        next: &outcome.next,
        pens: outcome
            .units
            .iter()
            .zip(&rows)
            .map(|(unit, rows)| pen(unit, rows, attachments))
            .collect(),
    };
    serde_json::to_string_pretty(&run).map_err(Failure::rig)
}

fn pen<'a>(
    unit: &'a UnitOutcome,
    rows: &'a [RowOutcome],
    attachments: &'a [Attachment],
) -> Pen<'a> {
    let files = |row: &str| {
        let of_row = |it: &&Attachment| it.unit == unit.serial && it.row == row;
        let files = attachments.iter().filter(of_row);
        files.map(|it| it.path.as_str()).collect()
    };
    Pen {
        serial: &unit.serial,
        standing: unit.standing.to_string(),
        outcome: &unit.outcome,
        first_pass: unit.first_pass,
        rows: PenRows {
            required: unit.rows_required,
            pass: unit.rows_pass,
            inconclusive: unit.rows_inconclusive,
            fail: unit.rows_fail,
            not_run: unit.rows_not_run,
        },
        not_pass: rows.iter().map(|it| row(it, files(&it.row))).collect(),
    }
}

fn row<'a>(row: &'a RowOutcome, files: Vec<&'a str>) -> Row<'a> {
    Row {
        row: &row.row,
        measurand: &row.measurand,
        of_rig: row.end == RowEnd::RigFail,
        verdict: &row.verdict,
        because: filled(&row.reasons),
        value: filled(&row.value),
        bound: filled(&row.bound),
        expanded: filled(&row.expanded),
        k: filled(&row.k),
        unit: filled(&row.unit_of_value),
        lower: filled(&row.lower),
        upper: filled(&row.upper),
        acceptance_lower: filled(&row.acceptance_lower),
        acceptance_upper: filled(&row.acceptance_upper),
        beyond_limit: filled(&row.beyond_limit),
        expected: filled(&row.expected),
        observed: filled(&row.observed),
        attempts: row.attempts,
        hazard: filled(&row.hazard),
        files,
    }
}

/// A text that says something.
fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}
