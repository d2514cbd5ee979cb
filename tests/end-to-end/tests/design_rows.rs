//! Design rows that the firmware alone decides: each passes on a sound pen, and none on a broken
//! one or a broken bench.

use anyhow::{Context as _, Result};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_record::{Outcome, UnitRecord};
use rig_spec::{Bound, Doubt, Evidence, Finding, Verdict};
use tests_end_to_end::{RELEASED, reference_with, run, run_by, spec_with};

/// An image that knows no revision of the protocol but the first.
const REVISION_0: &str = "firmware/images/pen-a1-1.0.0.elf";

/// Runs one row on unit 0 of the reference lot.
fn sound(row: &str) -> Result<UnitRecord> {
    run(&Scenario::reference(), 0, RELEASED, &[row])
}

/// Runs one row with a text of a table replaced.
fn with_table(lot: &Scenario, row: &str, table: &str, from: &str, to: &str) -> Result<UnitRecord> {
    let spec = spec_with(table, from, to)?;
    let mut bench = VirtualBench::new(lot, 0, lot.lot.seed)?;
    run_by(&spec, &mut bench, lot, 0, RELEASED, &[row])
}

/// Checks the verdict and gives the evidence.
#[track_caller]
fn check<'r>(record: &'r UnitRecord, row: &str, expected: Verdict) -> Result<&'r Evidence> {
    let result = record.result(row).context("the row is in the spec")?;
    assert_eq!(
        result.verdict(),
        Some(expected),
        "{row}: {result:?}\n{:?}",
        record.outcome
    );
    let judged = result.judged().context("it was judged")?;
    Ok(judged.evidence)
}

/// Checks that the row passes without a word of complaint, and gives the value in record units.
#[track_caller]
fn check_pass(record: &UnitRecord, row: &str) -> Result<Option<i64>> {
    let evidence = check(record, row, Verdict::Pass)?;
    assert_eq!(record.outcome, Outcome::Completed);
    assert!(record.anomalies.is_empty(), "{:?}", record.anomalies);
    Ok(evidence.measured.map(|measured| measured.value))
}

/// Checks that there is no verdict, for this reason.
#[track_caller]
fn check_not_run(record: &UnitRecord, row: &str, reason: &str) {
    let why = record.why_not_run(row).map(ToString::to_string);
    assert!(
        why.as_deref().is_some_and(|why| why.contains(reason)),
        "{row}: {why:?}, not {reason}"
    );
    assert_eq!(record.verdict(row), None);
}

#[test]
fn an_overload_is_switched_off_in_time() -> Result<()> {
    // 140 ms and the smoothing of the current are in the firmware; the rest is braking.
    let value_us = check_pass(&sound("SAF-09")?, "SAF-09")?.context("a value")?;
    assert!((140_000..230_000).contains(&value_us), "{value_us} µs");
    Ok(())
}

#[test]
fn an_overload_that_is_switched_off_too_late_fails() -> Result<()> {
    let lot = Scenario::reference();
    let late = with_table(
        &lot,
        "SAF-09",
        "design.csv",
        "20 mA,,5,,,0.30",
        "20 mA,,5,,,0.15",
    )?;
    check(&late, "SAF-09", Verdict::Fail)?;
    Ok(())
}

#[test]
fn an_overload_that_is_never_reached_is_not_measured() -> Result<()> {
    let lot = Scenario::reference();
    // A motor that stalls at 2.9 A never sees twice 1.5 A.
    let never = with_table(&lot, "SAF-09", "document.csv", "1.0 A", "1.5 A")?;
    check_not_run(&never, "SAF-09", "did not stay above 3.000 A");
    let load = with_table(&lot, "SAF-09", "loads.csv", "to twice", "to thrice")?;
    check_not_run(&load, "SAF-09", "to thrice the rated current");
    Ok(())
}

#[test]
fn a_hung_control_loop_is_ended_by_the_watchdog() -> Result<()> {
    // 100 ms of watchdog, a boot, and the pen's own braking.
    let value_us = check_pass(&sound("SAF-11")?, "SAF-11")?.context("a value")?;
    assert!((100_000..260_000).contains(&value_us), "{value_us} µs");
    let lot = Scenario::reference();
    let from = "loop stopped,motor current below 20 mA,,5,,,0.30";
    let late = with_table(
        &lot,
        "SAF-11",
        "design.csv",
        from,
        &from.replace("0.30", "0.15"),
    )?;
    check(&late, "SAF-11", Verdict::Fail)?;
    Ok(())
}

#[test]
fn the_pen_goes_on_after_its_control_loop_hung() -> Result<()> {
    let rows = ["SAF-11", "SAF-09", "SAF-12", "DEP-09-U"];
    let record = run(&Scenario::reference(), 0, RELEASED, &rows)?;
    for row in rows {
        check_pass(&record, row)?;
    }
    Ok(())
}

#[test]
fn an_unlock_ends_with_its_treatment() -> Result<()> {
    let record = sound("SAF-12")?;
    check_pass(&record, "SAF-12")?;
    let evidence = check(&record, "SAF-12", Verdict::Pass)?;
    assert_eq!(evidence.findings, [Finding::Refused { refused: 3, of: 3 }]);
    Ok(())
}

#[test]
fn a_depth_that_is_taken_after_the_treatment_fails() -> Result<()> {
    let lot = Scenario::reference();
    // 1.50 mm is no depth that needs an unlock, so the pen takes it as a broken one takes 2.00 mm.
    let taken = with_table(
        &lot,
        "SAF-12",
        "design.csv",
        "SET depth 2.00",
        "SET depth 1.50",
    )?;
    let evidence = check(&taken, "SAF-12", Verdict::Fail)?;
    assert_eq!(evidence.findings, [Finding::Refused { refused: 0, of: 3 }]);
    let silent = reference_with("name = \"link-dead\"\nfrom_s = 2.0")?;
    let record = run(&silent, 0, RELEASED, &["SAF-12"])?;
    assert_eq!(record.verdict("SAF-12"), None, "{:?}", record.outcome);
    Ok(())
}

#[test]
fn a_treatment_ends_by_its_limit() -> Result<()> {
    let value_us = check_pass(&sound("SAF-13")?, "SAF-13")?.context("a value")?;
    assert!(
        (3_550_000_000..3_650_000_000).contains(&value_us),
        "60 min by an oscillator that is off by some permille: {value_us} µs"
    );
    Ok(())
}

#[test]
fn a_treatment_that_does_not_end_by_its_limit_fails_or_is_not_measured() -> Result<()> {
    let short = |lot: &Scenario| {
        with_table(
            lot,
            "SAF-13",
            "design.csv",
            "60,58,61,,min",
            "0.5,0.4,0.6,,min",
        )
    };
    // Still running ten seconds beyond the upper limit: a bound, and said to be one.
    let endless = short(&Scenario::reference())?;
    let evidence = check(&endless, "SAF-13", Verdict::Fail)?;
    assert_eq!(evidence.bound, Some(Bound::AtLeast));
    let dip = reference_with("name = \"supply-dip\"\nto_mv = 3000\nfrom_s = 20.0")?;
    check_not_run(&short(&dip)?, "SAF-13", "latched BatteryLow");
    let dead = reference_with("name = \"tachometer-dead\"\nfrom_s = 20.0")?;
    let record = short(&dead)?;
    assert!(
        matches!(record.outcome, Outcome::BenchError { .. }),
        "a still tachometer is no still cam: {:?}",
        record.outcome
    );
    Ok(())
}

#[test]
fn a_pen_starts_as_before_after_half_an_hour() -> Result<()> {
    let record = sound("END-04")?;
    let value_us = check_pass(&record, "END-04")?.context("a value")?;
    assert!((200_000..1_500_000).contains(&value_us), "{value_us} µs");
    Ok(())
}

#[test]
fn a_start_after_idle_that_differs_fails_unless_it_is_the_gauge_that_moved() -> Result<()> {
    let idle = |fault: &str| {
        let lot = reference_with(&format!("{fault}\nfrom_s = 30.0"))?;
        with_table(&lot, "END-04", "design.csv", "idle 30 min", "idle 1 min")
    };
    let slipped = idle("name = \"carriage-slip\"\nat_um = 500\nby_um = 100")?;
    let evidence = check(&slipped, "END-04", Verdict::Fail)?;
    assert!(
        matches!(evidence.findings[..], [Finding::ProtrusionChange(change)] if change.0 < -80_000),
        "{evidence:?}"
    );
    let slow = idle("name = \"motor-drag\"\ntorque_unm = 3500")?;
    check(&slow, "END-04", Verdict::Fail)?;
    let shifted = idle("name = \"gauge-shift\"\num = 100")?;
    let result = shifted.result("END-04").context("the row is in the spec")?;
    let first = result.attempts().first().context("an attempt")?;
    let rig_record::AttemptEnd::Judged { evidence, decision } = &first.end else {
        panic!("{first:?}");
    };
    assert_eq!(evidence.doubts, [Doubt::DatumMoved]);
    assert_eq!(decision.verdict, Verdict::Inconclusive);
    Ok(())
}

#[test]
fn a_sectioned_treatment_is_counted_as_it_was_done() -> Result<()> {
    assert_eq!(check_pass(&sound("END-06")?, "END-06")?, Some(0));
    Ok(())
}

/// A short treatment in sections.
fn sections(lot: &Scenario) -> Result<UnitRecord> {
    let (from, to) = (
        "20 sections x 3 passes, 10 s on, 5 s off",
        "2 sections x 2 passes, 3 s on, 2 s off",
    );
    with_table(lot, "END-06", "design.csv", from, to)
}

#[test]
fn a_sectioned_treatment_with_a_fault_fails_and_one_that_nobody_counts_is_a_bench_error()
-> Result<()> {
    // Fewer passes than the row asks for, and nothing else against it.
    let few = sections(&Scenario::reference())?;
    let evidence = check(&few, "END-06", Verdict::Inconclusive)?;
    assert_eq!((evidence.n, evidence.doubts.len()), (Some(4), 0));
    let blind = sections(&reference_with("name = \"hall-dead\"\nfrom_s = 12.0")?)?;
    let evidence = check(&blind, "END-06", Verdict::Fail)?;
    assert_eq!(evidence.measured.map(|it| it.value), Some(1), "the stall");
    let dead = sections(&reference_with(
        "name = \"tachometer-dead\"\nfrom_s = 12.0",
    )?)?;
    assert!(
        matches!(dead.outcome, Outcome::BenchError { .. }),
        "{:?}",
        dead.outcome
    );
    Ok(())
}

#[test]
fn brown_outs_leave_the_calibration_whole() -> Result<()> {
    let record = sound("SAF-10")?;
    check_pass(&record, "SAF-10")?;
    let evidence = check(&record, "SAF-10", Verdict::Pass)?;
    assert!(
        matches!(
            evidence.findings[..],
            [
                Finding::CalibrationValid { valid: 50, of: 50 },
                Finding::RowHeld { held: 1, of: 1, .. }
            ]
        ),
        "{evidence:?}"
    );
    Ok(())
}

#[test]
fn a_depth_that_is_wrong_after_brown_outs_fails() -> Result<()> {
    let lot = reference_with("name = \"needles-long\"\num = 300")?;
    let record = run(&lot, 0, RELEASED, &["SAF-10"])?;
    let evidence = check(&record, "SAF-10", Verdict::Fail)?;
    assert!(
        matches!(
            evidence.findings[..],
            [
                Finding::CalibrationValid { valid: 50, of: 50 },
                Finding::RowHeld { held: 0, of: 1, .. }
            ]
        ),
        "{evidence:?}"
    );
    Ok(())
}

#[test]
fn rows_that_need_the_newer_protocol_are_not_run_on_an_older_pen() -> Result<()> {
    let rows = ["SAF-10", "END-06", "SAF-12"];
    let record = run(&Scenario::reference(), 0, REVISION_0, &rows)?;
    for row in ["SAF-10", "END-06"] {
        check_not_run(&record, row, "this row needs revision 1");
    }
    check(&record, "SAF-12", Verdict::Pass)?;
    Ok(())
}
