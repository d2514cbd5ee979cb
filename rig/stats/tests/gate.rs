//! The default lot gate and the exit code, over lots made of a few rows.

use firmware_units::Nanoseconds;
use rig_record::{
    AbortCause, Attempt, AttemptEnd, BenchIdentity, BenchKind, GoldenStatus, ImageIdentity,
    LotRecord, NotRun, Outcome, RowResult, RunHeader, UnitRecord,
};
use rig_spec::{Evidence, Measured, RecordUnit, Row, RowId, SpecSet, Unit, Verdict};
use rig_stats::{
    Disposition, ExitCode, HoldReason, LotSummary, Standing, StatsError, row_statistics, summarize,
};
use std::collections::BTreeMap;
use std::path::Path;

/// The tables of Pen A1 with plans of few rows.
fn spec() -> SpecSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("a readable folder").path();
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        files.insert(name, std::fs::read_to_string(path).expect("a text"));
    }
    let plans = files.get_mut("plans.csv").expect("a table of plans");
    plans.push_str("gate,DEP-04,yes,all,1,\ngate,SAF-07,yes,all,0,\ngate,MSR-03,yes,bench,0,\n");
    plans.push_str("drawn,DEP-11,yes,3,0,\ndrawn,SAF-04a,external,3,0,\n");
    SpecSet::parse(&files).expect("tables without defect")
}

/// What each of the rows of plan `gate` comes to on one unit.
#[derive(Clone, Copy)]
enum Cell {
    Judged(Verdict),
    Broken,
    NotRun,
    Missing,
}
use Cell::{Broken, Judged, Missing, NotRun as Skipped};

const PASS: Cell = Judged(Verdict::Pass);
const DOUBTFUL: Cell = Judged(Verdict::Inconclusive);
const FAIL: Cell = Judged(Verdict::Fail);

/// A value at a place of the row's tolerance that gets the verdict.
fn evidence(row: &Row, verdict: Verdict) -> Evidence {
    let upper = row
        .tolerance
        .expect("a row with limits")
        .upper()
        .expect("an upper limit");
    let n = u64::from(row.n.unwrap_or(1));
    if row.unit == Some(Unit::Mismatches) {
        return Evidence::measured(
            Measured::exact(RecordUnit::Count, i64::from(verdict == Verdict::Fail)),
            n,
        );
    }
    let offset = match verdict {
        Verdict::Pass => -20_000,
        Verdict::Inconclusive => 0,
        Verdict::Fail => 20_000,
    };
    let expanded = if verdict == Verdict::Inconclusive {
        100_000
    } else {
        1_000
    };
    let unit = RecordUnit::Nanometer;
    let value = if row.id.as_str() == "MSR-03" && verdict == Verdict::Pass {
        0
    } else {
        upper + offset
    };
    Evidence::measured(
        Measured {
            unit,
            value,
            expanded,
            k_thousandths: 2_000,
        },
        n,
    )
}

fn result(row: &Row, cell: Cell) -> Option<RowResult> {
    let attempt = |end| Attempt {
        number: 1,
        condition: String::new(),
        started: Nanoseconds::ZERO,
        ended: Nanoseconds::ZERO,
        end,
    };
    match cell {
        Judged(verdict) => {
            let evidence = evidence(row, verdict);
            let decision = row.judge(&evidence).expect("evidence of the row");
            assert_eq!(decision.verdict, verdict, "{}", row.id);
            let attempts = vec![attempt(AttemptEnd::Judged { evidence, decision })];
            Some(RowResult::from_attempts(row, attempts).expect("one attempt"))
        }
        Broken => Some(RowResult::not_run(
            row.id.clone(),
            NotRun::BenchError {
                cause: "gauge".to_owned(),
            },
        )),
        Skipped => Some(RowResult::not_run(row.id.clone(), NotRun::NotImplemented)),
        Missing => None,
    }
}

fn unit(spec: &SpecSet, index: u32, cells: [Cell; 3], outcome: Outcome) -> UnitRecord {
    let rows = ["DEP-04", "SAF-07", "MSR-03"].map(|id| spec.row(id).expect("a row of Pen A1"));
    UnitRecord {
        serial: format!("A1-{:04}", index + 1),
        index,
        identity: None,
        image_read_back_sha256: None,
        outcome,
        bench_time: Nanoseconds::from_seconds(60),
        results: rows
            .iter()
            .zip(cells)
            .filter_map(|(row, cell)| result(row, cell))
            .collect(),
        anomalies: Vec::new(),
    }
}

fn lot(spec: &SpecSet, plan: &str, units: Vec<UnitRecord>) -> LotRecord {
    let text = |it: &str| it.to_owned();
    let bench = BenchIdentity {
        kind: BenchKind::Virtual,
        name: text("virtual"),
        probe: text("none"),
        chip: text("STM32G071RBTx"),
        description: text("test"),
    };
    let image = ImageIdentity {
        file: text("pen.elf"),
        sha256: text("00"),
        firmware_version: text("0.1.0"),
        build_id: text("0"),
    };
    let header = RunHeader {
        run_id: text("1"),
        tool_version: text("0"),
        bench,
        seed: Some(1),
        scenario: None,
        lot: text("L1"),
        plan: text(plan),
        spec: spec.into(),
        image,
        operator: text("nobody"),
        station: text("here"),
        reason: text("test"),
        started: text("2026-01-01T00:00:00Z"),
        ended: None,
        golden: GoldenStatus::NotAsked,
        instruments: Vec::new(),
    };
    LotRecord { header, units }
}

fn summary(cells: &[[Cell; 3]]) -> LotSummary {
    let spec = spec();
    let units = (0..)
        .zip(cells)
        .map(|(index, cells)| unit(&spec, index, *cells, Outcome::Completed))
        .collect();
    summarize(&spec, &lot(&spec, "gate", units)).expect("a plan of the spec")
}

#[track_caller]
fn check(cells: &[[Cell; 3]], disposition: Disposition, exit: u8) {
    let summary = summary(cells);
    assert_eq!(
        (summary.disposition, summary.exit.number()),
        (disposition, exit)
    );
}

const GOOD: [Cell; 3] = [PASS, PASS, PASS];
const BAD: [Cell; 3] = [FAIL, PASS, PASS];

#[test]
fn a_lot_meets_the_plan_with_no_failing_pen_is_held_with_one_and_does_not_meet_it_with_two() {
    check(&[GOOD, GOOD, GOOD], Disposition::MeetsPlan, 0);
    check(&[GOOD, BAD, GOOD], Disposition::Held, 3);
    check(&[BAD, GOOD, BAD], Disposition::DoesNotMeetPlan, 3);
}

#[test]
fn an_undecided_unit_holds_the_lot() {
    check(&[GOOD, [DOUBTFUL, PASS, PASS]], Disposition::Held, 4);
    check(&[GOOD, [PASS, Skipped, PASS]], Disposition::Held, 4);
    check(&[GOOD, [PASS, Missing, PASS]], Disposition::Held, 4);
    check(&[GOOD, [Broken, PASS, PASS]], Disposition::Held, 1);
    check(&[], Disposition::Held, 4);
}

#[test]
fn a_plan_whose_rows_ran_on_no_unit_is_not_met() {
    // Plan `smoke` wants each row on one unit, the first of the run.
    let spec = spec();
    let second = unit(&spec, 1, GOOD, Outcome::Completed);
    let summary = summarize(&spec, &lot(&spec, "smoke", vec![second])).expect("a plan");
    assert_eq!(summary.units[0].standing, Standing::NotDrawn);
    assert_eq!(
        (summary.disposition, summary.exit.number()),
        (Disposition::Held, 4)
    );
    assert!(summary.rows_met.is_empty());
    assert!(matches!(
        summary.held_because.as_slice(),
        [HoldReason::RowsNotMet { rows }] if rows.len() == 5
    ));
}

#[test]
fn a_failing_pen_weighs_more_than_a_bench_error_and_that_more_than_an_inconclusive_row() {
    check(&[BAD, [Broken, PASS, PASS]], Disposition::Held, 3);
    check(
        &[BAD, BAD, [Broken, PASS, PASS]],
        Disposition::DoesNotMeetPlan,
        3,
    );
    check(
        &[[DOUBTFUL, PASS, PASS], [Broken, PASS, PASS]],
        Disposition::Held,
        1,
    );
    check(&[[FAIL, Broken, PASS]], Disposition::Held, 3);
}

#[test]
fn a_failed_row_of_the_rig_voids_the_unit_and_blames_no_pen() {
    check(&[GOOD, [PASS, PASS, FAIL]], Disposition::Held, 1);
    check(&[GOOD, [FAIL, PASS, FAIL]], Disposition::Held, 1);
    let voided = summary(&[[FAIL, PASS, FAIL]]);
    assert_eq!(voided.units[0].standing, Standing::Undecided);
    assert_eq!(voided.units_standing(Standing::Fails).count(), 0);
}

#[test]
fn a_run_that_did_not_complete_never_meets_the_plan() {
    let spec = spec();
    let check = |outcome, exit: u8| {
        let units = vec![
            unit(&spec, 0, GOOD, Outcome::Completed),
            unit(&spec, 1, GOOD, outcome),
        ];
        let summary = summarize(&spec, &lot(&spec, "gate", units)).unwrap();
        assert_eq!(
            (summary.disposition, summary.exit.number()),
            (Disposition::Held, exit)
        );
    };
    check(
        Outcome::BenchError {
            cause: "probe: gone".to_owned(),
        },
        1,
    );
    check(Outcome::Aborted(AbortCause::DutUnfit), 4);
    check(Outcome::Aborted(AbortCause::Interrupted), 130);
}

#[test]
fn an_interrupted_run_says_so_even_with_failing_pens() {
    let spec = spec();
    let interrupted = Outcome::Aborted(AbortCause::Interrupted);
    let units = vec![
        unit(&spec, 0, BAD, Outcome::Completed),
        unit(&spec, 1, GOOD, interrupted),
    ];
    assert_eq!(
        summarize(&spec, &lot(&spec, "gate", units)).unwrap().exit,
        ExitCode::Interrupted
    );
}

#[test]
fn rows_are_counted_as_met_only_if_every_unit_they_are_wanted_on_passed() {
    let summary = summary(&[GOOD, BAD]);
    let names = |rows: &[RowId]| rows.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        names(&summary.rows_required),
        ["DEP-04", "SAF-07", "MSR-03"]
    );
    assert_eq!(names(&summary.rows_met), ["SAF-07", "MSR-03"]);
    assert_eq!(summary.rows_outside.len(), spec().rows.len() - 3);
    assert_eq!(summary.first_pass_units(), 1);
}

#[test]
fn a_lot_smaller_than_a_row_wants_is_held() {
    let spec = spec();
    let summary = summarize(
        &spec,
        &lot(
            &spec,
            "drawn",
            vec![unit(&spec, 0, GOOD, Outcome::Completed)],
        ),
    )
    .unwrap();
    let too_few = HoldReason::TooFewUnits {
        row: RowId::parse("DEP-11").unwrap(),
        wanted: 3,
        got: 1,
    };
    assert!(summary.held_because.contains(&too_few));
    assert_eq!(summary.rows_external.len(), 1);
    assert_eq!(summary.exit, ExitCode::Undecided);
}

#[test]
fn a_row_drawn_from_three_units_is_not_required_of_the_fourth() {
    let spec = spec();
    let units = (0..4)
        .map(|index| unit(&spec, index, GOOD, Outcome::Completed))
        .collect();
    let summary = summarize(&spec, &lot(&spec, "drawn", units)).unwrap();
    let wanted: Vec<usize> = summary.units.iter().map(|it| it.required.len()).collect();
    assert_eq!(wanted, [1, 1, 1, 0]);
}

#[test]
fn a_plan_that_the_spec_does_not_have_is_an_error() {
    let spec = spec();
    let error = summarize(&spec, &lot(&spec, "quick", vec![])).unwrap_err();
    assert_eq!(
        error,
        StatsError::UnknownPlan {
            plan: "quick".to_owned()
        }
    );
    assert_eq!(error.to_string(), "the spec has no plan `quick`");
}

#[test]
fn row_statistics_leave_out_values_in_doubt_and_count_every_unit() {
    let spec = spec();
    let mut units: Vec<UnitRecord> = (0..)
        .zip([GOOD, BAD, GOOD, [Skipped, PASS, PASS]])
        .map(|(index, cells)| unit(&spec, index, cells, Outcome::Completed))
        .collect();
    let row = spec.row("DEP-04").unwrap();
    let doubtful = evidence(row, Verdict::Pass).in_doubt(rig_spec::Doubt::SamplesLost);
    let decision = row.judge(&doubtful).unwrap();
    let end = AttemptEnd::Judged {
        evidence: doubtful,
        decision,
    };
    let attempt = Attempt {
        number: 1,
        condition: String::new(),
        started: Nanoseconds(0),
        ended: Nanoseconds(0),
        end,
    };
    units[2].results[0] = RowResult::from_attempts(row, vec![attempt]).unwrap();
    let statistics = row_statistics(row, &lot(&spec, "gate", units));
    let counts = [
        statistics.passed,
        statistics.inconclusive,
        statistics.failed,
        statistics.not_run,
        statistics.n,
    ];
    assert_eq!(counts, [1, 1, 1, 1, 2]);
    // 1.63 and 1.67 mm.
    assert_eq!(statistics.mean, Some(1_650_000));
    assert_eq!(statistics.standard_deviation, Some(28_284));
    assert_eq!(
        (statistics.minimum, statistics.maximum),
        (Some(1_630_000), Some(1_670_000))
    );
}
