//! The tables of a study and its summary, byte for byte, over made-up set-ups.

use firmware_units::Nanoseconds;
use rig_record::{
    Attempt, AttemptEnd, BenchIdentity, BenchKind, DatumLook, Outcome, SetupRecord, SpecIdentity,
    StudyRecord,
};
use rig_report::{study_summary, study_tables};
use rig_spec::{Doubt, Evidence, Measured, RecordUnit, RowId, SpecSet};
use rig_stats::summarize_study;
use std::collections::BTreeMap;
use std::path::Path;

/// The tables of Pen A1.
fn pen_a1() -> SpecSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().expect("a file").to_string_lossy();
        files.insert(
            name.into_owned(),
            std::fs::read_to_string(&path).expect("a text"),
        );
    }
    SpecSet::parse(&files).expect("tables without defect")
}

/// A number from −1 to 1 that looks drawn: a fraction of multiples of the golden ratio.
fn drawn(number: u32) -> f64 {
    let share = f64::from(number) * 0.618_033_988_749_894_9;
    2.0 * (share - share.floor()) - 1.0
}

/// 1.5 mm pens that differ by 20 µm, set-ups that differ by `setup_nm`, repeats by 200 nm.
fn study(spec: &SpecSet, pens: u32, setups: u32, setup_nm: f64) -> StudyRecord {
    let row = spec.row("DEP-04").expect("a row");
    let block = spec.row("MSR-03").expect("a row");
    let shift = Measured {
        unit: RecordUnit::Nanometer,
        value: -118,
        expanded: 300,
        k_thousandths: 2_000,
    };
    let evidence = Evidence::measured(shift, 10_000);
    let decision = block.judge(&evidence).expect("evidence that fits");
    let look = DatumLook {
        row: block.id.clone(),
        attempt: Attempt {
            number: 1,
            condition: "".into(),
            started: Nanoseconds::ZERO,
            ended: Nanoseconds::ZERO,
            end: AttemptEnd::Judged { evidence, decision },
        },
    };
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
                datum: Some(look.clone()),
                anomalies: Vec::new(),
            });
        }
    }
    StudyRecord {
        study_id: "study".to_owned(),
        tool_version: "0".to_owned(),
        bench: Some(BenchIdentity {
            kind: BenchKind::Virtual,
            name: "virtual".to_owned(),
            probe: "emulated".to_owned(),
            chip: "STM32G071RBTx".to_owned(),
            description: "made up".to_owned(),
        }),
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

#[test]
fn tables_and_summary_of_a_study() {
    let spec = pen_a1();
    let study = study(&spec, 10, 6, 1_500.0);
    let summary = summarize_study(&spec, &study, 0.05).unwrap();
    insta::assert_snapshot!("terminal", study_summary(&spec, &study, &summary));
    let tables = study_tables(&spec, &study, &summary);
    let names: Vec<&str> = tables.iter().map(|it| it.name).collect();
    assert_eq!(names, ["study.csv", "grr.csv", "run.csv"]);
    let first_lines: Vec<&str> = tables[0].text.lines().take(4).collect();
    insta::assert_snapshot!("study_csv", first_lines.join("\n"));
    assert_eq!(tables[0].text.lines().count(), 1 + 120 + 1);
    insta::assert_snapshot!("grr_csv", tables[1].text);
}

#[test]
fn a_study_with_a_value_in_doubt_says_which_and_has_no_figures() {
    let spec = pen_a1();
    let mut study = study(&spec, 10, 6, 1_500.0);
    if let AttemptEnd::Judged { evidence, .. } = &mut study.setups[7].repeats[1].end {
        evidence.doubts.push(Doubt::DatumMoved);
    }
    study.setups[20].repeats.clear();
    study.setups[20].outcome = Outcome::BenchError {
        cause: "gauge: silent".to_owned(),
    };
    let summary = summarize_study(&spec, &study, 0.05).unwrap();
    insta::assert_snapshot!("void_terminal", study_summary(&spec, &study, &summary));
    let tables = study_tables(&spec, &study, &summary);
    let void: Vec<&str> = tables[0]
        .text
        .lines()
        .filter(|it| it.contains(",no,"))
        .collect();
    insta::assert_snapshot!("void_study_csv", void.join("\n"));
    insta::assert_snapshot!("void_grr_csv", tables[1].text);
}
