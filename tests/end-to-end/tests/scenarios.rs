//! Pens and benches that are broken on purpose, and the row that must find each of them.

use anyhow::Result;
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_record::{Outcome, RowResult, UnitRecord};
use rig_spec::{Doubt, Verdict};
use tests_end_to_end::{ECHO_SETPOINT, RELEASED, reference_with, run, run_by, scenario, spec_with};

/// Position in the lot of the unit that the scenario files break.
const BROKEN: usize = 2;

#[track_caller]
fn check(record: &UnitRecord, row: &str, expected: Verdict) {
    let result = record.result(row).expect("the row is in the spec");
    assert_eq!(
        result.verdict(),
        Some(expected),
        "{row}: {result:?}\n{:?}",
        record.outcome
    );
}

#[test]
fn a_sound_pen_passes_what_the_broken_ones_fail() -> Result<()> {
    let rows = ["DEP-00a", "DEP-01", "DEP-04", "DEP-13", "RAT-08a"];
    let record = run(&Scenario::reference(), BROKEN, RELEASED, &rows)?;
    assert_eq!(record.outcome, Outcome::Completed);
    for row in rows {
        check(&record, row, Verdict::Pass);
    }
    Ok(())
}

#[test]
fn a_depth_zero_off_by_0_3_mm_fails_at_every_depth() -> Result<()> {
    let lot = scenario("depth-zero-off")?;
    let record = run(&lot, BROKEN, RELEASED, &["DEP-01", "DEP-04"])?;
    check(&record, "DEP-01", Verdict::Fail);
    check(&record, "DEP-04", Verdict::Fail);
    let sound = run(&lot, 0, RELEASED, &["DEP-01"])?;
    check(&sound, "DEP-01", Verdict::Pass);
    Ok(())
}

#[test]
fn a_carriage_one_notch_low_behind_a_high_zero_fails_on_the_rise_from_notch_to_notch() -> Result<()>
{
    let lot = scenario("carriage-one-notch-low")?;
    let record = run(&lot, BROKEN, RELEASED, &["DEP-13"])?;
    check(&record, "DEP-13", Verdict::Fail);
    Ok(())
}

#[test]
fn needles_out_at_dial_zero_fail_although_a_symmetric_band_would_take_them() -> Result<()> {
    let lot = scenario("needles-out-when-parked")?;
    let record = run(&lot, BROKEN, RELEASED, &["DEP-00a"])?;
    check(&record, "DEP-00a", Verdict::Fail);
    Ok(())
}

#[test]
fn telemetry_that_echoes_the_setpoint_fails_while_the_motor_drags() -> Result<()> {
    let record = run(&Scenario::reference(), 0, ECHO_SETPOINT, &["RAT-08a"])?;
    check(&record, "RAT-08a", Verdict::Fail);
    Ok(())
}

#[test]
fn a_gauge_that_holds_its_last_value_never_gives_a_pass() -> Result<()> {
    let lot = scenario("gauge-hold")?;
    let rows = ["DEP-00a", "DEP-01", "DEP-04"];
    let record = run(&lot, BROKEN, RELEASED, &rows)?;
    let Outcome::BenchError { cause } = &record.outcome else {
        panic!("a held gauge is a bench error, not {:?}", record.outcome);
    };
    assert!(cause.contains("gauge") && cause.contains("held"), "{cause}");
    assert!(record.verdict("DEP-04").is_none());
    Ok(())
}

#[test]
fn a_datum_that_moved_or_was_not_checked_voids_what_was_measured_from_it() -> Result<()> {
    // Far beyond the depth limit, and seen by the gauge block alone.
    let rows = ["DEP-04", "RAT-03", "MSR-03"];
    let moved = reference_with("name = \"gauge-shift\"\num = 300\nfrom_s = 3")?;
    // The gauge stops when the other rows are done, and the block's own begins.
    let sound = run(&Scenario::reference(), 0, RELEASED, &rows)?;
    let last = sound.result("MSR-03").expect("in the spec").attempts();
    let from_s = last[0].started.seconds() + 0.05;
    let stopped = reference_with(&format!("name = \"gauge-hold\"\nfrom_s = {from_s:.3}"))?;
    for (lot, doubt) in [(moved, Doubt::DatumMoved), (stopped, Doubt::DatumUnchecked)] {
        let record = run(&lot, 0, RELEASED, &rows)?;
        assert!(matches!(record.outcome, Outcome::BenchError { .. }));
        check(&record, "DEP-04", Verdict::Inconclusive);
        let judged = record.result("DEP-04").and_then(RowResult::judged);
        let doubts = judged.map(|it| it.evidence.doubts.clone());
        assert_eq!(doubts, Some(vec![doubt]));
        check(&record, "RAT-03", Verdict::Pass);
    }
    Ok(())
}

#[test]
fn needles_that_never_park_fail_the_stop_by_a_bound_beyond_the_limit() -> Result<()> {
    // The row looks at needles at rest, and the cam rests where it comes to rest: of needles that
    // stand 1 mm out at top of stroke, two of five stops show some; of twenty, all but none.
    let lot = reference_with("name = \"park-stop\"\num = 1000")?;
    let record = run(&lot, 0, RELEASED, &["SAF-08"])?;
    check(&record, "SAF-08", Verdict::Fail);
    Ok(())
}

#[test]
fn a_dead_tachometer_is_a_bench_error_and_not_a_still_pen() -> Result<()> {
    let lot = reference_with("name = \"tachometer-dead\"\nfrom_s = 0")?;
    let record = run(&lot, 0, RELEASED, &["RAT-03"])?;
    assert!(
        matches!(record.outcome, Outcome::BenchError { .. }),
        "{:?}",
        record.outcome
    );
    assert!(record.verdict("RAT-03").is_none());
    Ok(())
}

#[test]
fn a_gauge_that_loses_its_target_leaves_no_pass_behind() -> Result<()> {
    let lot = reference_with("name = \"gauge-dropout\"\nprobability = 0.0005")?;
    let record = run(&lot, 0, RELEASED, &["DEP-04", "DEP-09-U"])?;
    assert_ne!(record.verdict("DEP-04"), Some(Verdict::Pass));
    assert_ne!(record.verdict("DEP-09-U"), Some(Verdict::Pass));
    Ok(())
}

#[test]
fn a_noisy_link_is_never_a_failing_pen() -> Result<()> {
    let lot = reference_with("name = \"link-noise\"\nprobability = 0.0005")?;
    let record = run(&lot, 0, RELEASED, &["SAF-07", "DEP-10"])?;
    assert_ne!(record.verdict("SAF-07"), Some(Verdict::Fail));
    assert_ne!(record.verdict("DEP-10"), Some(Verdict::Fail));
    Ok(())
}

#[test]
fn a_condition_that_no_procedure_sets_is_not_run() -> Result<()> {
    let spec = spec_with(
        "unit.csv",
        "1.50,116.667,none,nominal",
        "1.50,116.667,none,3.3 V",
    )?;
    let lot = Scenario::reference();
    let mut bench = VirtualBench::new(&lot, 0, lot.lot.seed)?;
    let record = run_by(&spec, &mut bench, &lot, 0, RELEASED, &["DEP-04"])?;
    let reason = record.why_not_run("DEP-04").map(ToString::to_string);
    assert!(
        reason.as_deref().is_some_and(|it| it.contains("3.3 V")),
        "{reason:?}"
    );
    Ok(())
}
