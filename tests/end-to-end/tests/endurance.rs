//! Rows of plan `endurance` on treatments of three minutes: each passes on a sound pen, and none on
//! a broken one or a bench that lacks what it needs. The hour itself is run by `.ci/run`.

use anyhow::{Context as _, Result};
use rig_bench::{
    AMBIENT_THERMOMETER, Actuation, Actuator, Bench, BenchError, BenchFault, Fixture, Identity,
    Instrument, InstrumentId, Millivolts, NOSE_THERMOMETER, Nanoseconds, Observation,
};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, Progress, UnitJob, run_unit};
use rig_record::{AbortCause, AnomalyKind, Outcome, UnitRecord};
use rig_spec::{Bound, Doubt, Evidence, Finding, SpecSet, Verdict};
use std::cell::Cell;
use tests_end_to_end::{RELEASED, image, plan, reference_with, run_by, spec_with_all};

const ROWS: [&str; 5] = ["END-01", "END-05", "END-02", "END-03", "THM-01"];

/// The tables with three minutes for an hour, and a charge that must last two minutes and is
/// watched for four.
fn short_spec(more: &[(&str, &str, &str)]) -> Result<SpecSet> {
    let design = "design.csv";
    let mut edits = vec![
        (design, ",3600,,0,-5,5,", ",180,,0,-5,5,"),
        (design, ",3600,,0,-0.05,", ",180,,0,-0.05,"),
        (design, ",3600,,0,0,0,", ",180,,0,0,0,"),
        (design, "ends at 66 min", "ends at 4 min"),
        (design, "battery,,,,,,,,60,", "battery,,,,,,,,2,"),
    ];
    edits.extend_from_slice(more);
    spec_with_all(&edits)
}

/// Runs rows on unit 0 of the reference lot with one fault, on the short tables.
fn short(fault: &str, rows: &[&str]) -> Result<UnitRecord> {
    let lot = lot_with(fault)?;
    let mut bench = VirtualBench::new(&lot, 0, lot.lot.seed)?;
    run_by(&short_spec(&[])?, &mut bench, &lot, 0, RELEASED, rows)
}

fn lot_with(fault: &str) -> Result<Scenario> {
    if fault.is_empty() {
        return Ok(Scenario::reference());
    }
    reference_with(fault)
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
    Ok(result.judged().context("it was judged")?.evidence)
}

/// Checks that there is no verdict, for this reason.
#[track_caller]
fn check_not_run(record: &UnitRecord, row: &str, reason: &str) {
    let why = record.why_not_run(row).map(ToString::to_string);
    assert!(
        why.as_deref().is_some_and(|why| why.contains(reason)),
        "{row}: {why:?}, not {reason}"
    );
}

fn value(evidence: &Evidence) -> Result<i64> {
    Ok(evidence.measured.context("a value")?.value)
}

#[test]
fn one_treatment_serves_all_rows_and_the_rest_of_its_charge_the_run_time() -> Result<()> {
    let record = short("", &ROWS)?;
    assert_eq!(record.outcome, Outcome::Completed);
    assert!(record.anomalies.is_empty(), "{:?}", record.anomalies);
    let rate = check(&record, "END-01", Verdict::Pass)?;
    assert_eq!(Finding::print_list(&rate.findings), "2 of 2 RAT-03 held");
    check(&record, "END-02", Verdict::Pass)?;
    let counted = check(&record, "END-03", Verdict::Pass)?;
    assert_eq!(value(counted)?, 0);
    // 180 s at 116.667 /s, a soft start and a stop.
    assert!((20_900..21_200).contains(&counted.n.context("turns")?));
    let nose = value(check(&record, "THM-01", Verdict::Pass)?)?;
    assert!((31_000..36_000).contains(&nose), "{nose}");
    let time = check(&record, "END-05", Verdict::Pass)?;
    assert_eq!(
        (value(time)?, time.bound),
        (240_000_000, Some(Bound::AtLeast))
    );
    assert_eq!(time.n, Some(2), "treatments");
    // Three minutes, one more, and what lies around them.
    let seconds = record.bench_time.seconds();
    assert!((240.0..270.0).contains(&seconds), "{seconds} s");
    Ok(())
}

#[test]
fn a_charge_that_ends_is_timed_and_no_evidence_for_the_treatment_that_it_ended() -> Result<()> {
    let worn = "name = \"battery-worn\"\npermille = 990";
    let record = short(worn, &ROWS)?;
    for row in ["END-01", "END-02", "END-03", "THM-01"] {
        check_not_run(&record, row, "latched BatteryLow");
    }
    // 8 mAh at some 0.25 A; less than the two minutes asked for.
    let time = check(&record, "END-05", Verdict::Fail)?;
    let seconds = value(time)? / 1_000_000;
    assert!((90..120).contains(&seconds), "{seconds} s");
    assert_eq!(time.bound, None);
    // The row of the run time alone finds the same, on a charge of its own.
    let alone = short(worn, &["END-05"])?;
    let of_its_own = value(check(&alone, "END-05", Verdict::Fail)?)? / 1_000_000;
    assert!(
        of_its_own.abs_diff(seconds) <= 2,
        "{of_its_own}, {seconds} s"
    );
    assert!(alone.anomalies.is_empty(), "{:?}", alone.anomalies);
    Ok(())
}

#[test]
fn a_rate_that_droops_on_a_weak_cell_fails() -> Result<()> {
    // Drag that a strong cell would bear; while it lasts, full duty does not hold the rate.
    let weak =
        "name = \"battery-weak\"\nmohm = 300\n\n[[fault]]\nunit = \"all\"\ncontained = false\n";
    let drag = "name = \"motor-drag\"\ntorque_unm = 3000\nfrom_s = 75\nfor_s = 50";
    let record = short(&format!("{weak}{drag}"), &["END-01"])?;
    let evidence = check(&record, "END-01", Verdict::Fail)?;
    assert!(
        matches!(
            evidence.findings[..],
            [Finding::RowHeld { held: 1, of: 2, .. }]
        ),
        "{evidence:?}"
    );
    assert!(value(evidence)? < -50_000_000, "{evidence:?}");
    // The same drag on a sound cell.
    check(&short(drag, &["END-01"])?, "END-01", Verdict::Pass)?;
    Ok(())
}

#[test]
fn a_zero_that_creeps_fails_unless_it_is_the_gauge_that_moved() -> Result<()> {
    let creeps = short(
        "name = \"zero-drift\"\num_per_s = 1.5\nfrom_s = 10",
        &["END-02"],
    )?;
    let drift = value(check(&creeps, "END-02", Verdict::Fail)?)?;
    // From the middle of the first minute to the middle of the second.
    assert!((80_000..100_000).contains(&drift), "{drift} nm");
    let moved = short("name = \"gauge-shift\"\num = 100\nfrom_s = 80", &["END-02"])?;
    let result = moved.result("END-02").context("the row is in the spec")?;
    let first = result.attempts().first().context("an attempt")?;
    let rig_record::AttemptEnd::Judged { evidence, decision } = &first.end else {
        panic!("{first:?}");
    };
    assert_eq!(evidence.doubts, [Doubt::DatumMoved]);
    assert_eq!(decision.verdict, Verdict::Inconclusive);
    Ok(())
}

#[test]
fn strokes_that_the_pen_does_not_count_are_found_one_by_one() -> Result<()> {
    let missed = "name = \"hall-missed\"\nprobability = 0.0003\nfrom_s = 20";
    let record = short(missed, &["END-03"])?;
    let errors = value(check(&record, "END-03", Verdict::Fail)?)?;
    // Some 6 of 19,000 expected, and a Poisson number of them.
    assert!((-20..0).contains(&errors), "{errors}");
    // A pen that takes one edge for two calls it over-speed, and counts no further.
    let doubled = "name = \"hall-double\"\nprobability = 0.0005\nafter_us = 4000\nfrom_s = 20";
    check_not_run(&short(doubled, &["END-03"])?, "END-03", "latched OverSpeed");
    Ok(())
}

#[test]
fn a_nose_that_is_too_hot_fails() -> Result<()> {
    let record = short("name = \"nose-heated\"\nkelvin = 35", &["THM-01"])?;
    let nose = value(check(&record, "THM-01", Verdict::Fail)?)?;
    assert!((43_500..49_000).contains(&nose), "{nose}");
    Ok(())
}

#[test]
fn a_condition_that_is_not_the_shared_one_is_not_run() -> Result<()> {
    let lot = Scenario::reference();
    let other = (
        "design.csv",
        "last minus first 60 s window,1.50,",
        "last minus first 60 s window,1.25,",
    );
    let mut bench = VirtualBench::new(&lot, 0, lot.lot.seed)?;
    let record = run_by(
        &short_spec(&[other])?,
        &mut bench,
        &lot,
        0,
        RELEASED,
        &["END-02"],
    )?;
    check_not_run(&record, "END-02", "wants depth_mm `1.25`");
    Ok(())
}

/// A bench that lacks something.
struct Lacking {
    bench: VirtualBench,
    instruments: Vec<Instrument>,
    actuators: Vec<Actuator>,
}

impl Lacking {
    fn new(
        lot: &Scenario,
        instrument: Option<InstrumentId>,
        actuator: Option<Actuator>,
    ) -> Result<Self> {
        let bench = VirtualBench::new(lot, 0, lot.lot.seed)?;
        let instruments = bench.instruments().iter();
        let actuators = bench.actuators().iter();
        Ok(Self {
            instruments: instruments
                .filter(|it| Some(it.id) != instrument)
                .cloned()
                .collect(),
            actuators: actuators
                .copied()
                .filter(|it| Some(*it) != actuator)
                .collect(),
            bench,
        })
    }
}

impl Bench for Lacking {
    fn identity(&self) -> &Identity {
        self.bench.identity()
    }

    fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    fn fixture(&self) -> &Fixture {
        self.bench.fixture()
    }

    fn probe(&mut self) -> std::result::Result<probe_rs::probe::Probe, BenchError> {
        self.bench.probe()
    }

    fn now(&self) -> Nanoseconds {
        self.bench.now()
    }

    fn power_on(&mut self, supply: Millivolts) -> std::result::Result<(), BenchError> {
        self.bench.power_on(supply)
    }

    fn power_off(&mut self) -> std::result::Result<(), BenchError> {
        self.bench.power_off()
    }

    fn send(&mut self, bytes: &[u8]) -> std::result::Result<Nanoseconds, BenchError> {
        self.bench.send(bytes)
    }

    fn advance(&mut self, until: Nanoseconds) -> std::result::Result<Vec<Observation>, BenchError> {
        let mut seen = self.bench.advance(until)?;
        seen.retain(|it| match it {
            Observation::Samples { instrument, .. } => {
                self.instruments.iter().any(|there| there.id == *instrument)
            }
            Observation::Link { .. } => true,
        });
        Ok(seen)
    }

    fn actuate(&mut self, actuation: Actuation) -> std::result::Result<(), BenchError> {
        self.bench.actuate(actuation)
    }

    fn actuators(&self) -> &[Actuator] {
        &self.actuators
    }

    fn faults(&self) -> &[BenchFault] {
        self.bench.faults()
    }
}

/// Runs rows of the short tables on a bench, until `interrupted` says so.
fn run_watched<B: Bench>(
    bench: &mut B,
    lot: &Scenario,
    rows: &[&str],
    progress: &mut dyn FnMut(Progress),
    interrupted: &dyn Fn() -> bool,
) -> Result<UnitRecord> {
    let (spec, plan, image) = (short_spec(&[])?, plan(rows)?, image(RELEASED)?);
    let job = UnitJob {
        spec: &spec,
        plan: &plan,
        image: &image,
        build_id: None,
        serial: &lot.lot.serial(0),
        index: 0,
        of: 1,
        flash: FlashPolicy::Always,
        date: &lot.dates.today,
    };
    Ok(run_unit(bench, &job, progress, interrupted))
}

#[test]
fn without_a_thermometer_that_row_alone_is_not_run() -> Result<()> {
    let lot = Scenario::reference();
    for missing in [NOSE_THERMOMETER, AMBIENT_THERMOMETER] {
        let mut bench = Lacking::new(&lot, Some(missing), None)?;
        let rows = ["THM-01", "END-01"];
        let record = run_watched(&mut bench, &lot, &rows, &mut |_| {}, &|| false)?;
        check(&record, "END-01", Verdict::Pass)?;
        check_not_run(&record, "THM-01", "bench has no thermometers");
        assert_eq!(record.outcome, Outcome::Completed);
    }
    // One that is there and silent is no better.
    let record = short(
        "name = \"nose-thermometer-dead\"\nfrom_s = 60",
        &["THM-01", "END-01"],
    )?;
    check(&record, "END-01", Verdict::Pass)?;
    check_not_run(&record, "THM-01", "nose thermometer: no samples");
    Ok(())
}

#[test]
fn without_a_cell_or_a_load_rows_on_them_are_not_run() -> Result<()> {
    let lot = Scenario::reference();
    for (missing, word) in [
        (Actuator::Battery, "bench has no battery"),
        (Actuator::Needles, "bench has no load on the needles"),
    ] {
        let mut bench = Lacking::new(&lot, None, Some(missing))?;
        let rows = ["END-01", "END-05", "END-03", "RAT-03"];
        let record = run_watched(&mut bench, &lot, &rows, &mut |_| {}, &|| false)?;
        for row in ["END-01", "END-05", "END-03"] {
            check_not_run(&record, row, word);
        }
        check(&record, "RAT-03", Verdict::Pass)?;
    }
    Ok(())
}

#[test]
fn an_interrupt_within_a_long_row_parks_the_pen_and_keeps_the_record() -> Result<()> {
    let lot = Scenario::reference();
    for row in ["SAF-13", "END-01", "END-04", "END-05"] {
        let mut bench = VirtualBench::new(&lot, 0, lot.lot.seed)?;
        let passed = Cell::new(Nanoseconds::ZERO);
        let mut progress = |it: Progress| {
            if let Progress::Passing {
                row: at,
                passed: it,
            } = it
            {
                assert_eq!(at, row);
                passed.set(it);
            }
        };
        let interrupted = || passed.get() >= Nanoseconds::from_seconds(90);
        let rows = ["RAT-03", row, "DEP-04"];
        let record = run_watched(&mut bench, &lot, &rows, &mut progress, &interrupted)?;
        assert_eq!(
            record.outcome,
            Outcome::Aborted(AbortCause::Interrupted),
            "{row}"
        );
        check(&record, "RAT-03", Verdict::Pass)?;
        check_not_run(&record, row, "run aborted before");
        assert!(
            record
                .anomalies
                .iter()
                .all(|it| it.kind != AnomalyKind::BenchError)
        );
        // Within seconds, not at the row's end; and the needles are at home.
        assert!(record.bench_time < Nanoseconds::from_seconds(130), "{row}");
        let top_um = bench.true_top().0 / 1_000;
        assert!((-250..=-150).contains(&top_um), "{row}: {top_um} µm");
    }
    Ok(())
}
