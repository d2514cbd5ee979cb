//! The default lot gate and the exit code.

use crate::lots::Cell::{self, Broken, Missing, NotRun as Skipped};
use crate::lots::{DOUBTFUL, FAIL, PASS, evidence, lot, spec, unit};
use firmware_units::Nanoseconds;
use rig_record::{AbortCause, Attempt, AttemptEnd, Outcome, RowResult, UnitRecord};
use rig_spec::{RowId, Verdict};
use rig_stats::{
    Disposition, ExitCode, HoldReason, LotSummary, Standing, StatsError, row_statistics, summarize,
};

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
        condition: "".into(),
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
