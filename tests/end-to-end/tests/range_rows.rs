//! Design rows of the operating range, on the released image: under a load, at every notch, at
//! every corner. Each passes on a sound pen, and not on one that is weak or wrong there.

use anyhow::{Context as _, Result};
use firmware_units::StrokesPerMinute;
use rig_bench::{Actuator, FORCE};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_record::UnitRecord;
use rig_spec::{Corner, Doubt, Evidence, Finding, Verdict};
use tests_end_to_end::judged::{check, check_not_run, check_pass, sound, with_table};
use tests_end_to_end::lacking::{Part, run_lacking};
use tests_end_to_end::{RELEASED, reference_with, run, run_by, spec_with};

/// The measured value in record units, and U.
fn value(evidence: &Evidence) -> Result<(i64, u64)> {
    let measured = evidence.measured.context("a value")?;
    Ok((measured.value, measured.expanded))
}

#[test]
fn the_rate_of_a_sound_pen_holds_under_the_simulant() -> Result<()> {
    let record = sound("RAT-05")?;
    let (change, expanded) = value(check_pass(&record, "RAT-05")?)?;
    // The loop takes up the load; two windows of ten seconds by one clock, in 1e-9.
    assert!(change.abs() < 200_000, "{change}");
    assert!((20_000..100_000).contains(&expanded), "{expanded}");
    Ok(())
}

#[test]
fn a_motor_without_reserve_droops_under_the_simulant_and_fails() -> Result<()> {
    // Running before the baseline: the drag alone leaves the rate where it was.
    let weak = reference_with("name = \"motor-drag\"\ntorque_unm = 2900\nfrom_s = 2.3")?;
    let record = run(&weak, 0, RELEASED, &["RAT-05"])?;
    let (change, _) = value(check(&record, "RAT-05", Verdict::Fail)?)?;
    // 1.3 x 2.8 N/mm x (1.5 mm)²/2 a turn are 0.65 mN m of 6.9 at 245 strokes/s without load,
    // over 116.667: some 20 % where nothing is in reserve.
    assert!((-250_000_000..-100_000_000).contains(&change), "{change}");
    Ok(())
}

#[test]
fn a_simulant_that_is_not_there_is_no_evidence_and_other_loads_are_none() -> Result<()> {
    let bare = reference_with("name = \"needles-missing\"\nneedles = 14")?;
    let record = run(&bare, 0, RELEASED, &["RAT-05"])?;
    let evidence = check(&record, "RAT-05", Verdict::Inconclusive)?;
    assert_eq!(evidence.doubts, [Doubt::StimulusNotReached]);
    let lot = Scenario::reference();
    let from = "1.50,116.667,simulant-14x0.2N";
    let other = with_table(&lot, "RAT-05", "design.csv", from, "1.50,116.667,drag")?;
    check_not_run(&other, "RAT-05", "`drag` is another load");
    let late = with_table(&lot, "RAT-05", "design.csv", "within 60 s", "within 0.5 s")?;
    check_not_run(&late, "RAT-05", "the baseline was taken 0.8");
    Ok(())
}

#[test]
fn depth_does_not_move_the_rate_of_a_sound_pen() -> Result<()> {
    let record = sound("RAT-09")?;
    let evidence = check_pass(&record, "RAT-09")?;
    let (difference, _) = value(evidence)?;
    assert!(difference.abs() < 200_000, "{difference}");
    let measured = evidence.measured.context("a value")?;
    assert_eq!((evidence.n, measured.k_thousandths), (Some(10), 3_287));
    Ok(())
}

#[test]
fn a_rate_that_goes_with_the_depth_fails_with_its_sign() -> Result<()> {
    // The pen's clock runs off while the notches go by, one way or the other.
    for (ppm, sign) in [(40_000, 1), (-40_000, -1)] {
        let fault = format!("name = \"oscillator-drift\"\nppm = {ppm}\nover_s = 60");
        let record = run(&reference_with(&fault)?, 0, RELEASED, &["RAT-09"])?;
        let (difference, _) = value(check(&record, "RAT-09", Verdict::Fail)?)?;
        assert!(sign * difference > 20_000_000, "{difference}");
    }
    Ok(())
}

/// COR-01 at the extremes alone: 12 corners.
fn extremes(lot: &Scenario, rows: &[&str]) -> Result<UnitRecord> {
    let from = "\"0.25, 0.50, 1.00, 1.50, 2.00, 2.50\",\"50, 100, 116.667, 150\",none,\"3.3, 3.7, 4.2 V\",14-pin,,,,,72";
    let to = "\"0.25, 2.50\",\"50, 150\",none,\"3.3, 3.7, 4.2 V\",14-pin,,,,,12";
    let spec = spec_with("design.csv", from, to)?;
    let mut bench = VirtualBench::new(lot, 0, lot.lot.seed)?;
    run_by(&spec, &mut bench, lot, 0, RELEASED, rows)
}

fn corners(evidence: &Evidence) -> Result<(u32, u32, &Corner)> {
    match &evidence.findings[..] {
        [
            Finding::CornersInside { inside, of },
            Finding::WorstCorner(worst),
        ] => Ok((*inside, *of, worst)),
        other => anyhow::bail!("{other:?}"),
    }
}

#[test]
fn every_corner_of_a_sound_pen_is_inside() -> Result<()> {
    let record = sound("COR-01")?;
    let evidence = check_pass(&record, "COR-01")?;
    let (inside, of, _) = corners(evidence)?;
    // Six depths, four rates, three voltages.
    assert_eq!((inside, of, evidence.n), (72, 72, Some(72)));
    Ok(())
}

#[test]
fn a_pen_that_is_right_at_its_nominal_rate_and_deep_at_its_fastest_fails() -> Result<()> {
    let text = include_str!("../../../rig/bench-virtual/scenarios/reference.toml");
    let text = text.replacen("[variation]", "[variation]\nfloat_rise_um = 80", 1);
    let floats = Scenario::parse("float rises with the rate", &text)?;
    let record = extremes(&floats, &["DEP-04", "DEP-06", "COR-01"])?;
    for row in ["DEP-04", "DEP-06"] {
        check(&record, row, Verdict::Pass)?;
    }
    let evidence = check(&record, "COR-01", Verdict::Fail)?;
    let (inside, of, worst) = corners(evidence)?;
    assert_eq!((inside, of), (6, 12), "{evidence:?}");
    assert_eq!(worst.rate, StrokesPerMinute(9_000));
    assert!(worst.row.as_str().starts_with("DEP-"), "{worst:?}");
    assert!(worst.value > 400_000, "{worst:?}");
    Ok(())
}

#[test]
fn a_corner_in_its_guard_band_or_not_measured_or_left_out_never_passes() -> Result<()> {
    // 0.15 mm too deep where U is 5 µm.
    let long = reference_with("name = \"needles-long\"\num = 149")?;
    let record = extremes(&long, &["COR-01"])?;
    let result = record.result("COR-01").context("there")?;
    let first = result.attempts().first().context("an attempt")?;
    let rig_record::AttemptEnd::Judged { evidence, decision } = &first.end else {
        panic!("{first:?}");
    };
    assert_eq!(decision.verdict, Verdict::Inconclusive, "{evidence:?}");
    assert_eq!(evidence.doubts, [Doubt::FindingUncertain]);
    // A weak battery is low at the lowest voltage alone.
    let weak = reference_with("name = \"battery-weak\"\nmohm = 300")?;
    let record = extremes(&weak, &["COR-01"])?;
    check_not_run(&record, "COR-01", "and 3300 mV: the pen");
    check_not_run(&record, "COR-01", "of 12 corners were measured");
    // Corners that the cells leave out are missed.
    let lot = Scenario::reference();
    let few = with_table(&lot, "COR-01", "design.csv", "\"3.3, 3.7, 4.2 V\"", "4.2 V")?;
    let evidence = check(&few, "COR-01", Verdict::Inconclusive)?;
    assert_eq!(evidence.n, Some(24));
    // A depth that no unit row holds has no limits.
    let odd = with_table(
        &lot,
        "COR-01",
        "design.csv",
        "\"0.25, 0.50,",
        "\"0.25, 0.75,",
    )?;
    check_not_run(&odd, "COR-01", "no unit row has a corner of COR-01");
    Ok(())
}

#[test]
fn a_sound_nose_gives_way_as_it_may_and_the_seat_of_the_pen_counts_for_nothing() -> Result<()> {
    let record = sound("DEP-11")?;
    let (change, expanded) = value(check_pass(&record, "DEP-11")?)?;
    // The model's nose gives 10 µm at 1 N; the fixture's seat gives 5 µm the other way.
    assert!(change.abs_diff(10_000) < expanded, "{change} ± {expanded}");
    assert!((5_000..12_000).contains(&expanded), "{expanded}");
    Ok(())
}

#[test]
fn a_soft_nose_fails_and_a_force_that_is_not_confirmed_is_no_evidence() -> Result<()> {
    let soft = reference_with("name = \"nose-soft\"\num_per_n = 60")?;
    let record = run(&soft, 0, RELEASED, &["DEP-11"])?;
    let (change, _) = value(check(&record, "DEP-11", Verdict::Fail)?)?;
    assert!(change.abs_diff(70_000) < 8_000, "{change}");
    for fault in [
        "name = \"force-dead\"",
        "name = \"axial-weak\"\npermille = 900",
    ] {
        let record = run(&reference_with(fault)?, 0, RELEASED, &["DEP-11"])?;
        let evidence = check(&record, "DEP-11", Verdict::Inconclusive)?;
        assert_eq!(evidence.doubts, [Doubt::StimulusNotReached], "{fault}");
    }
    Ok(())
}

#[test]
fn a_bench_without_the_part_that_a_row_needs_does_not_run_it() -> Result<()> {
    let cases = [
        (Part::Instrument(FORCE), "DEP-11", "bench has no force"),
        (
            Part::Actuator(Actuator::Axial),
            "DEP-11",
            "bench has no axial force",
        ),
        (
            Part::Actuator(Actuator::Needles),
            "RAT-05",
            "bench has no needle load",
        ),
        (
            Part::Actuator(Actuator::Supply),
            "COR-01",
            "bench has no supply",
        ),
    ];
    for (part, row, reason) in cases {
        let record = run_lacking(part, &[row, "DEP-00a"])?;
        check_not_run(&record, row, reason);
        check(&record, "DEP-00a", Verdict::Pass)?;
    }
    Ok(())
}
