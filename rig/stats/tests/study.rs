//! A study of the rig against MSR-02, over made-up set-ups.

use firmware_units::Nanoseconds;
use rig_record::{
    AbortCause, Attempt, AttemptEnd, NotRun, Outcome, SetupRecord, SpecIdentity, StudyRecord,
};
use rig_spec::{Doubt, Evidence, Measured, RecordUnit, RowId, SpecSet, Verdict};
use rig_stats::gauge_study::GaugeModel;
use rig_stats::{ExitCode, NotSound, StudyError, StudySummary, summarize_study};
use std::collections::BTreeMap;
use std::path::Path;

/// The tables of Pen A1, one of them changed.
fn spec(file: &str, from: &str, to: &str) -> SpecSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().expect("a file").to_string_lossy();
        let mut text = std::fs::read_to_string(&path).expect("a text");
        if name == file {
            assert!(text.contains(from), "{file} has no `{from}`");
            text = text.replace(from, to);
        }
        files.insert(name.into_owned(), text);
    }
    SpecSet::parse(&files).expect("tables without defect")
}

fn pen_a1() -> SpecSet {
    spec("", "", "")
}

/// A number from −1 to 1 that looks drawn: a fraction of multiples of the golden ratio.
fn drawn(number: u32) -> f64 {
    let share = f64::from(number) * 0.618_033_988_749_894_9;
    2.0 * (share - share.floor()) - 1.0
}

/// 1.5 mm pens that differ by 20 µm, set-ups that differ by `setup_nm`, repeats by 200 nm.
fn study(spec: &SpecSet, pens: u32, setups: u32, setup_nm: f64) -> StudyRecord {
    let row = spec.row("DEP-04").expect("a row");
    let mut records = Vec::new();
    for pen in 0..pens {
        for setup in 1..=setups {
            let run = pen * setups + setup;
            let seat = setup_nm * drawn(run + 1_000);
            let repeats = (1..=2)
                .map(|number| {
                    let noise = 200.0 * drawn(2 * run + number);
                    let value = 1_500_000.0 + 20_000.0 * drawn(pen + 1) + seat + noise;
                    let measured = Measured {
                        unit: RecordUnit::Nanometer,
                        value: value as i64,
                        expanded: 8_000,
                        k_thousandths: 2_000,
                    };
                    let evidence = Evidence::measured(measured, 1_000);
                    let decision = row.judge(&evidence).expect("evidence that fits");
                    Attempt {
                        number,
                        condition: "".into(),
                        started: Nanoseconds::ZERO,
                        ended: Nanoseconds::ZERO,
                        end: AttemptEnd::Judged { evidence, decision },
                    }
                })
                .collect();
            records.push(SetupRecord {
                run,
                pen: format!("PA1-{pen:08}"),
                setup,
                identity: None,
                outcome: Outcome::Completed,
                bench_time: Nanoseconds::ZERO,
                repeats,
                datum: None,
                anomalies: Vec::new(),
            });
        }
    }
    StudyRecord {
        study_id: "study".to_owned(),
        tool_version: "0".to_owned(),
        bench: None,
        instruments: Vec::new(),
        spec: SpecIdentity::from(spec),
        scenario: None,
        seed: 1,
        row: RowId::parse("DEP-04").expect("a name"),
        pens: (0..pens).map(|pen| format!("PA1-{pen:08}")).collect(),
        n_setups: setups,
        n_repeats: 2,
        operator: String::new(),
        started: String::new(),
        ended: String::new(),
        setups: records,
    }
}

fn summary(study: &StudyRecord) -> StudySummary {
    summarize_study(&pen_a1(), study, 0.05).expect("a study of the spec's")
}

#[track_caller]
fn check(study: &StudyRecord, verdict: Option<Verdict>, exit: ExitCode) -> StudySummary {
    let summary = summary(study);
    let found = summary.figures.as_ref().ok().map(|it| it.decision.verdict);
    assert_eq!(found, verdict, "{:?}", summary.figures);
    assert_eq!(summary.exit, exit);
    summary
}

#[test]
fn the_bound_and_not_the_estimate_is_judged() {
    // Uniform set-ups of ±1.5 µm: 6 × 0.87 µm of 300 µm.
    let good = check(
        &study(&pen_a1(), 10, 6, 1_500.0),
        Some(Verdict::Pass),
        ExitCode::Met,
    );
    let figures = good.figures.unwrap();
    assert_eq!(figures.n, 120);
    let estimate = figures
        .evaluation
        .percent_tolerance(figures.components.grr())
        .unwrap();
    assert!((1.5..2.0).contains(&estimate), "{estimate}");
    assert!(figures.bound_percent > estimate);
    let recorded = figures.evidence.measured.unwrap();
    assert_eq!(recorded.unit, RecordUnit::PartPerBillion);
    let printed = recorded.value as f64 * 1e-7;
    assert!(printed >= figures.bound_percent && printed - figures.bound_percent < 1.1e-7);
    // The interaction is real, so it stays.
    assert_eq!(figures.model, GaugeModel::WithInteraction);

    // ±7 µm: the estimate is below 10 %, the bound is not.
    let close = check(
        &study(&pen_a1(), 10, 6, 7_000.0),
        Some(Verdict::Fail),
        ExitCode::Fail,
    );
    let figures = close.figures.unwrap();
    let estimate = figures
        .evaluation
        .percent_tolerance(figures.components.grr())
        .unwrap();
    assert!(
        estimate < 10.0 && figures.bound_percent > 10.0,
        "{estimate}"
    );
}

#[test]
fn a_study_smaller_than_the_row_asks_for_cannot_pass() {
    let small = check(
        &study(&pen_a1(), 9, 6, 1_500.0),
        Some(Verdict::Inconclusive),
        ExitCode::Undecided,
    );
    let doubts = small.figures.unwrap().evidence.doubts;
    assert_eq!(doubts, [Doubt::StimulusNotReached]);
    check(
        &study(&pen_a1(), 10, 5, 1_500.0),
        Some(Verdict::Inconclusive),
        ExitCode::Undecided,
    );
    // More than asked for is enough.
    check(
        &study(&pen_a1(), 12, 7, 1_500.0),
        Some(Verdict::Pass),
        ExitCode::Met,
    );
}

#[test]
fn a_study_of_another_measurand_than_the_row_names_cannot_pass() {
    let study = study(&pen_a1(), 10, 6, 1_500.0);
    for (named, verdict) in [
        ("%GRR of protrusion against tolerance", Verdict::Pass),
        (
            "%GRR of stroke rate against tolerance",
            Verdict::Inconclusive,
        ),
        ("spread", Verdict::Inconclusive),
    ] {
        let spec = spec("rig.csv", "%GRR of protrusion against tolerance", named);
        let summary = summarize_study(&spec, &study, 0.05).unwrap();
        assert_eq!(
            summary.figures.unwrap().decision.verdict,
            verdict,
            "{named}"
        );
    }
}

#[test]
fn a_value_in_doubt_or_missing_leaves_no_analysis() {
    let whole = study(&pen_a1(), 10, 6, 1_500.0);
    let broken = |change: &dyn Fn(&mut StudyRecord)| {
        let mut study = whole.clone();
        change(&mut study);
        study
    };
    let moved = broken(&|it| {
        if let AttemptEnd::Judged { evidence, .. } = &mut it.setups[7].repeats[1].end {
            evidence.doubts.push(Doubt::DatumMoved);
        }
    });
    let summary = check(&moved, None, ExitCode::Undecided);
    assert_eq!(summary.unsound.len(), 1);
    assert_eq!(summary.unsound[0].pen, "PA1-00000001");
    assert_eq!(
        (summary.unsound[0].setup, summary.unsound[0].repeat),
        (2, Some(2))
    );
    assert_eq!(
        summary.unsound[0].why,
        NotSound::Doubts(vec![Doubt::DatumMoved])
    );
    assert_eq!(
        summary.figures.unwrap_err(),
        "1 of 120 values are missing or not to be believed"
    );

    let not_measured = broken(&|it| {
        let cause = "the pen refused".to_owned();
        it.setups[0].repeats[0].end = AttemptEnd::NotMeasured(NotRun::Precondition { cause });
    });
    check(&not_measured, None, ExitCode::Undecided);

    let bench_error = broken(&|it| {
        let cause = "gauge: silent".to_owned();
        it.setups[0].outcome = Outcome::BenchError { cause };
    });
    let summary = check(&bench_error, None, ExitCode::BenchError);
    assert_eq!(
        summary.figures.unwrap_err(),
        "2 of 120 values are missing or not to be believed"
    );

    let interrupted = broken(&|it| {
        it.setups.truncate(5);
        it.setups[4].outcome = Outcome::Aborted(AbortCause::Interrupted);
    });
    check(&interrupted, None, ExitCode::Interrupted);
    check(
        &broken(&|it| it.setups.truncate(5)),
        None,
        ExitCode::Undecided,
    );
}

#[test]
fn confidence_design_limit_and_rule_are_the_tables() {
    let study = study(&pen_a1(), 10, 6, 1_500.0);
    let bound = |spec: &SpecSet| {
        let summary = summarize_study(spec, &study, 0.05).unwrap();
        let figures = summary.figures.unwrap();
        (figures.bound_percent, figures.decision.verdict)
    };
    let usual = bound(&pen_a1());
    let stricter = bound(&spec("rig.csv", "upper 95 % bound", "upper 99 % bound"));
    assert!(stricter.0 > usual.0);
    let limit = bound(&spec("rig.csv", ",,10,,%,simple,", ",,1.5,,%,simple,"));
    assert_eq!(limit, (usual.0, Verdict::Fail));
    let asks_more = spec("rig.csv", "10 pens x", "11 pens x");
    assert_eq!(bound(&asks_more).1, Verdict::Inconclusive);
    let words = spec("rig.csv", "upper 95 % bound", "a bound");
    assert_eq!(
        summarize_study(&words, &study, 0.05)
            .unwrap_err()
            .to_string(),
        "MSR-02: `a bound; 10 pens x 6 set-ups x 2` is not such as `upper 95 % bound; 10 pens x 6 set-ups x 2`"
    );
    // Another tolerance of the measured row, another share.
    let wider = bound(&spec("unit.csv", ",1.50,1.35,1.65,", ",1.50,1.20,1.80,"));
    assert!((wider.0 / usual.0 - 0.5).abs() < 1e-12);
}

#[test]
fn a_row_without_limits_and_a_level_that_is_none_are_errors() {
    let spec = pen_a1();
    let mut study = study(&spec, 10, 6, 1_500.0);
    assert!(matches!(
        summarize_study(&spec, &study, 1.5),
        Err(StudyError::Argument(_))
    ));
    study.row = RowId::parse("DEP-10").unwrap();
    assert_eq!(
        summarize_study(&spec, &study, 0.05)
            .unwrap_err()
            .to_string(),
        "DEP-10 has no tolerance limit; the rig's spread cannot be held against it"
    );
    study.row = RowId::parse("DEP-99").unwrap();
    assert_eq!(
        summarize_study(&spec, &study, 0.05)
            .unwrap_err()
            .to_string(),
        "the spec has no row DEP-99"
    );
}
