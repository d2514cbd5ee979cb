//! `junit.xml`: a run as GitHub's and GitLab's test views take it.
//!
//! One suite a unit and one for the lot; one case a required row, one for how the unit's run ended,
//! one for the disposition. JUnit has pass, failure, error and skipped:
//!
//! | what happened | stands as |
//! | --- | --- |
//! | pass | pass |
//! | fail of the pen | failure, type `fail` |
//! | inconclusive | failure, type `inconclusive`: it must not look like a pass |
//! | fail of a row of the rig | error, type `rig-fail`: it says nothing of the pen |
//! | a required row not run | error, type `not-run` |
//! | evidence from outside the rig | skipped |
//! | a unit's run that did not end complete | error, type `bench-error`, `interrupted` or `dut-unfit` |
//! | a lot that does not meet the plan, is held | failure, type `fail`, `held` |
//!
//! **Invariant:** a file without failure and without error is one of a run whose exit code is 0,
//! and the other way round.
//!
//! What those readers ask for, from their sources:
//!
//! - GitLab (`lib/gitlab/ci/parsers/test/junit.rb`) takes a case for failed, with error or skipped
//!   by the child element that it finds, in this order; shows the element's text and not its
//!   `message`; knows a case again by suite, `classname` and `name`; finds the first
//!   `[[ATTACHMENT|path]]` in the case's `system-out`, a path from the root of the job's artefacts.
//!   It reads XML by Rails' `Hash.from_xml`, which turns text of a `type` such as `integer` or
//!   `date` into something else.
//!   A file may have 30 MB.
//! - The usual publishers on GitHub (publish-unit-test-result-action, action-junit-report,
//!   test-reporter) know a case by `classname` and `name` alone, so these are never the same for
//!   two units; take `time` for seconds; show `message`, or two lines of text.

use crate::outcome::{
    RowEnd, RowOutcome, RunOutcome, UnitOutcome, asked_for, bench_time_ns, of_row, outcome,
};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use rig_record::{AbortCause, LotRecord, Outcome, RowResult, UnitRecord};
use rig_spec::SpecSet;
use rig_stats::{Disposition, ExitCode, StatsError};
use std::time::Duration;

/// Cases from which on the rows of a unit that pass are one case: nobody reads that many, results.csv
/// has them, and GitLab takes no file above 30 MB.
const MANY_CASES: usize = 10_000;

/// A file of the bundle that belongs to a row of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Serial number of the unit.
    pub unit: String,
    /// Name of the row.
    pub row: String,
    /// Path inside the bundle, with forward slashes.
    pub path: String,
}

/// Why there is no JUnit file.
#[derive(Debug, thiserror::Error)]
pub enum JunitError {
    /// The record cannot be summarised.
    #[error(transparent)]
    Stats(#[from] StatsError),
    /// The writer of XML failed.
    #[error("the JUnit file cannot be written")]
    Write(#[from] quick_junit::SerializeError),
}

/// A run as JUnit XML; the same bytes for the same record, bench time for durations.
///
/// # Errors
/// The record names a plan that the spec does not have.
pub fn junit(
    spec: &SpecSet,
    lot: &LotRecord,
    attachments: &[Attachment],
) -> Result<String, JunitError> {
    let run = outcome(spec, lot)?;
    let header = &lot.header;
    let title = format!(
        "penrig {}: lot {}, plan {}",
        run.kind, header.lot, header.plan
    );
    let mut report = Report::new(one_line(&title));
    let bench_time = lot.units.iter().map(|it| it.bench_time.0);
    let total = bench_time.fold(0, u64::saturating_add);
    report.set_time(Duration::from_nanos(total));
    let n_cases: usize = run.units.iter().map(|it| it.rows_required).sum();
    let detail = if n_cases < MANY_CASES {
        Detail::EveryRow
    } else {
        Detail::NotPass
    };
    let mut suites = String::new();
    write_suite(&mut suites, &mut report, lot_suite(lot, &run))?;
    for (unit, standing) in lot.units.iter().zip(&run.units) {
        let rows = || asked_for(spec, &run.plan, unit);
        let mut suite = unit_suite(lot, unit, standing);
        let is_plain = |it: RowEnd| matches!(it, RowEnd::Pass | RowEnd::External);
        if detail == Detail::NotPass {
            let passing = rows().filter(|it| it.2 == RowEnd::Pass).map(|it| it.1);
            suite.add_test_case(passing_case(unit, passing));
        }
        for (row, result, end) in rows() {
            if detail == Detail::EveryRow || !is_plain(end) {
                let row = of_row(row, result, end);
                suite.add_test_case(row_case(unit, &row, attachments));
            }
        }
        write_suite(&mut suites, &mut report, suite)?;
    }
    let whole = report.to_string()?;
    let (head, end) = whole.split_at(whole.rfind(END).unwrap_or(whole.len()));
    suites.insert_str(0, head);
    suites.push_str(end);
    Ok(suites)
}

/// What the file ends with.
const END: &str = "</testsuites>";

/// Writes one suite, counts it in the report and lets it go: those of a large lot are not held.
fn write_suite(
    suites: &mut String,
    report: &mut Report,
    suite: TestSuite,
) -> Result<(), JunitError> {
    report.add_test_suite(suite);
    let text = report.to_string()?;
    report.test_suites.clear();
    // The report's own tag stands on a line of its own before it.
    let start = text.find("\n    <testsuite ").map_or(0, |it| it + 1);
    suites.push_str(&text[start..text.rfind(END).unwrap_or(text.len())]);
    Ok(())
}

/// Rows that have a case of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    EveryRow,
    NotPass,
}

/// The lot as a whole.
fn lot_suite(lot: &LotRecord, run: &RunOutcome) -> TestSuite {
    let header = &lot.header;
    let mut suite = TestSuite::new(one_line(&format!("lot {}", header.lot)));
    let or_none = |it: Option<String>| it.unwrap_or_else(|| "none".to_owned());
    for (name, value) in [
        ("bench_kind", run.kind.to_string()),
        ("bench", header.bench.name.clone()),
        ("scenario", or_none(header.scenario.clone())),
        ("seed", or_none(header.seed.map(|it| it.to_string()))),
        ("plan", header.plan.clone()),
        ("spec_document", header.spec.document.clone()),
        ("spec_revision", header.spec.revision.clone()),
        ("spec_status", header.spec.status.clone()),
        ("image", header.image.file.clone()),
        ("image_sha256", header.image.sha256.clone()),
        ("firmware_version", header.image.firmware_version.clone()),
        ("tool_version", header.tool_version.clone()),
        ("disposition", run.disposition.to_string()),
        ("exit_code", run.exit.number().to_string()),
        ("rows_required", run.rows_required.to_string()),
        ("rows_met", run.rows_met.to_string()),
    ] {
        suite.add_property(property(name, &value));
    }
    let why = match run.disposition {
        Disposition::MeetsPlan => String::new(),
        Disposition::Held => run.held_because.join("; "),
        Disposition::DoesNotMeetPlan => "two or more pens fail".to_owned(),
    };
    let mut lines = vec![format!("{}: {why}", run.disposition)];
    if !run.note.is_empty() {
        lines.push(run.note.to_owned());
    }
    lines.push(format!("next: {}", run.next));
    let status = match (run.exit, run.disposition) {
        (ExitCode::Met, _) => TestCaseStatus::success(),
        (ExitCode::BenchError, _) => error("bench-error", &lines),
        (_, Disposition::DoesNotMeetPlan) => failure("fail", &lines),
        _ => failure("held", &lines),
    };
    let mut case = TestCase::new("disposition", status);
    case.set_classname("lot");
    case.set_time(Duration::ZERO);
    suite.add_test_case(case);
    suite.set_time(Duration::ZERO);
    suite
}

fn unit_suite(lot: &LotRecord, unit: &UnitRecord, standing: &UnitOutcome) -> TestSuite {
    let mut suite = TestSuite::new(one_line(&unit.serial));
    suite.set_time(Duration::from_nanos(unit.bench_time.0));
    let identity = unit.identity.as_ref();
    let intake = unit.intake.as_ref();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            suite.add_property(property(name, value));
        }
    };
    let kind = lot.header.bench.kind.to_string();
    let standing_word = standing.standing.to_string();
    add("bench_kind", Some(&kind));
    add("standing", Some(&standing_word));
    add("outcome", Some(&standing.outcome));
    add("dut_serial", identity.map(|it| it.serial.as_str()));
    add(
        "firmware_version",
        identity.map(|it| it.firmware_version.as_str()),
    );
    add("build_id", identity.map(|it| it.build_id.as_str()));
    add(
        "image_read_back_sha256",
        unit.image_read_back_sha256.as_deref(),
    );
    add("udi", intake.map(|it| it.udi.as_str()));
    add("work_order", intake.map(|it| it.work_order.as_str()));
    add("condition", intake.map(|it| it.condition.as_str()));
    add("cartridge_lot", intake.map(|it| it.cartridge_lot.as_str()));
    suite.add_test_case(run_case(unit));
    suite
}

/// How the unit's run ended; it says nothing of the pen.
fn run_case(unit: &UnitRecord) -> TestCase {
    let lines = [
        unit.outcome.to_string(),
        "no verdict follows from this".to_owned(),
    ];
    let status = match &unit.outcome {
        Outcome::Completed => TestCaseStatus::success(),
        Outcome::Aborted(AbortCause::Interrupted) => error("interrupted", &lines),
        Outcome::Aborted(AbortCause::DutUnfit) => error("dut-unfit", &lines),
        Outcome::BenchError { .. } => error("bench-error", &lines),
    };
    let mut case = TestCase::new("run of the unit", status);
    case.set_classname(one_line(&format!("{}.run", unit.serial)));
    case.set_time(Duration::ZERO);
    case
}

/// Of a large lot, the rows of a unit that pass.
fn passing_case<'r>(
    unit: &UnitRecord,
    passing: impl Iterator<Item = Option<&'r RowResult>>,
) -> TestCase {
    let (mut count, mut time_ns) = (0, 0_u64);
    for result in passing {
        count += 1;
        time_ns = time_ns.saturating_add(bench_time_ns(result));
    }
    let name = format!("{count} rows that pass");
    let mut case = TestCase::new(name, TestCaseStatus::success());
    case.set_classname(one_line(&format!("{}.rows", unit.serial)));
    case.set_time(Duration::from_nanos(time_ns));
    case
}

fn row_case(unit: &UnitRecord, row: &RowOutcome, attachments: &[Attachment]) -> TestCase {
    let files: Vec<&str> = attachments
        .iter()
        .filter(|it| it.unit == unit.serial && it.row == row.row)
        .map(|it| it.path.as_str())
        .collect();
    let status = match row.end {
        RowEnd::Pass => TestCaseStatus::success(),
        RowEnd::Fail => failure("fail", &row_lines(row)),
        RowEnd::Inconclusive => failure("inconclusive", &row_lines(row)),
        RowEnd::RigFail => error("rig-fail", &row_lines(row)),
        RowEnd::NotRun => error("not-run", &row_lines(row)),
        RowEnd::External => {
            let mut status = TestCaseStatus::skipped();
            let text = "evidence from outside the rig, not covered here";
            status.set_message(text).set_description(text);
            status
        }
    };
    let mut case = TestCase::new(one_line(&format!("{} {}", row.row, row.measurand)), status);
    case.set_classname(one_line(&format!("{}.{}", unit.serial, row.table)));
    case.set_time(Duration::from_nanos(row.bench_time_ns));
    add_properties(&mut case, row);
    if !files.is_empty() {
        let lines: Vec<String> = files
            .iter()
            .map(|it| format!("[[ATTACHMENT|{}]]", one_line(it)))
            .collect();
        case.set_system_out(lines.join("\n"));
    }
    case
}

fn add_properties(case: &mut TestCase, row: &RowOutcome) {
    for (name, value) in [
        ("verdict", &row.verdict),
        ("value", &row.value),
        ("bound", &row.bound),
        ("U", &row.expanded),
        ("k", &row.k),
        ("unit", &row.unit_of_value),
        ("lower", &row.lower),
        ("upper", &row.upper),
        ("acceptance_lower", &row.acceptance_lower),
        ("acceptance_upper", &row.acceptance_upper),
        ("beyond_limit", &row.beyond_limit),
        ("expected", &row.expected),
        ("observed", &row.observed),
        ("rule", &row.rule),
        ("hazard", &row.hazard),
    ] {
        if !value.is_empty() {
            case.add_property(property(name, value));
        }
    }
    case.add_property(property("attempts", &row.attempts.to_string()));
}

/// What a reader of a row that is not pass must see: what was found, against what, and why.
fn row_lines(row: &RowOutcome) -> Vec<String> {
    // The sentence of a row that was not run is its verdict.
    let mut lines = vec![if row.sentence == row.verdict || row.sentence.is_empty() {
        row.verdict.clone()
    } else {
        format!("{}: {}", row.verdict, row.sentence)
    }];
    let stated = [
        ("value", &row.value),
        ("U", &row.expanded),
        ("lower limit", &row.lower),
        ("upper limit", &row.upper),
        ("acceptance from", &row.acceptance_lower),
        ("acceptance to", &row.acceptance_upper),
        ("beyond its limit by", &row.beyond_limit),
    ];
    // Without a value the limits say nothing.
    for (name, text) in stated {
        if !row.value.is_empty() && !text.is_empty() {
            lines.push(format!("{name}: {text} {}", row.unit_of_value));
        }
    }
    for (name, text) in [
        ("expected", &row.expected),
        ("observed", &row.observed),
        ("rule", &row.rule),
        ("because", &row.reasons),
    ] {
        if !text.is_empty() {
            lines.push(format!("{name}: {text}"));
        }
    }
    if row.end == RowEnd::RigFail {
        lines.push("a row of the rig: this unit's values are void, nothing is said of it".into());
    }
    lines
}

fn failure(kind: &str, lines: &[String]) -> TestCaseStatus {
    non_success(NonSuccessKind::Failure, kind, lines)
}

fn error(kind: &str, lines: &[String]) -> TestCaseStatus {
    non_success(NonSuccessKind::Error, kind, lines)
}

/// The first line is the message, too.
fn non_success(element: NonSuccessKind, kind: &str, lines: &[String]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(element);
    let lines: Vec<String> = lines.iter().map(|it| one_line(it)).collect();
    status
        .set_type(kind)
        .set_message(lines.first().map_or("", String::as_str))
        .set_description(lines.join("\n"));
    status
}

fn property(name: &str, value: &str) -> Property {
    Property::new(name, one_line(value))
}

/// One line of characters that XML 1.0 has: control characters become blanks, the two that are
/// none become the replacement character.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|it| match it {
            '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
            it if it.is_control() => ' ',
            it => it,
        })
        .collect()
}
