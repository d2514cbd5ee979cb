//! What is claimed of an image by the sequences of a lot's units.

use anyhow::{Context as _, Result};
use firmware_units::Nanoseconds;
use rig_record::{
    Attempt, AttemptEnd, BenchIdentity, BenchKind, GoldenStatus, ImageIdentity, LotRecord, NotRun,
    Outcome, RowResult, RunHeader, UnitRecord,
};
use rig_spec::{Evidence, Measured, RecordUnit, SpecSet, Verdict};
use rig_stats::image_claims;
use std::collections::BTreeMap;
use std::path::Path;

const ROW: &str = "SAF-05";

fn spec() -> Result<SpecSet> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .context("a file")?
            .to_string_lossy()
            .into_owned();
        files.insert(name, std::fs::read_to_string(path)?);
    }
    SpecSet::parse(&files).map_err(|defects| anyhow::anyhow!("{defects:?}"))
}

/// A unit that ran so many sequences, with so many violations; nothing if it was not run.
fn unit(spec: &SpecSet, index: u32, run: Option<(u64, i64)>) -> Result<UnitRecord> {
    let row = spec.row(ROW).context("a row of Pen A1")?;
    let result = match run {
        None => RowResult::not_run(row.id.clone(), NotRun::AfterAbort),
        Some((n, violations)) => {
            let evidence = Evidence::measured(Measured::exact(RecordUnit::Count, violations), n);
            let decision = row.judge(&evidence)?;
            let attempt = Attempt {
                number: 1,
                condition: "".into(),
                started: Nanoseconds::ZERO,
                ended: Nanoseconds::ZERO,
                end: AttemptEnd::Judged { evidence, decision },
            };
            RowResult::from_attempts(row, vec![attempt])?
        }
    };
    Ok(UnitRecord {
        serial: format!("A1-{:04}", index + 1),
        intake: None,
        index,
        identity: None,
        image_read_back_sha256: None,
        outcome: Outcome::Completed,
        bench_time: Nanoseconds::from_seconds(60),
        results: vec![result],
        anomalies: Vec::new(),
    })
}

fn lot(spec: &SpecSet, runs: &[Option<(u64, i64)>]) -> Result<LotRecord> {
    let units: Result<Vec<UnitRecord>> = (0..)
        .zip(runs)
        .map(|(index, run)| unit(spec, index, *run))
        .collect();
    let text = |it: &str| it.to_owned();
    let header = RunHeader {
        run_id: text("1"),
        tool_version: text("0"),
        program_sha256: String::new(),
        platform: "test".to_owned(),
        bench: BenchIdentity {
            kind: BenchKind::Virtual,
            name: text("virtual"),
            probe: text("none"),
            chip: text("STM32G071RBTx"),
            description: text("test"),
        },
        seed: Some(1),
        scenario: None,
        lot: text("L1"),
        plan: text("release"),
        spec: spec.into(),
        image: ImageIdentity {
            file: text("pen.elf"),
            sha256: text("00"),
            firmware_version: text("0.1.0"),
            build_id: text("0"),
        },
        operator: text("nobody"),
        station: text("here"),
        reason: text("test"),
        started: text("2026-01-01T00:00:00Z"),
        ended: None,
        golden: GoldenStatus::NotAsked,
        ledger: None,
        tested_before: Vec::new(),
        noted: BTreeMap::new(),
        instruments: Vec::new(),
    };
    Ok(LotRecord {
        header,
        units: units?,
    })
}

#[test]
fn all_sequences_of_all_units_without_a_violation_carry_the_claim() {
    let spec = spec().unwrap();
    let lot = lot(
        &spec,
        &[Some((100, 0)), Some((100, 0)), Some((99, 0)), None],
    )
    .unwrap();
    let claims = image_claims(&spec, &lot);
    let [claim] = &claims[..] else {
        panic!("{claims:?}");
    };
    assert_eq!((claim.row.as_str(), claim.n), (ROW, 299));
    // Success run: 1 - 0.05^(1/299).
    let expected = 1.0 - libm::pow(0.05, 1.0 / 299.0);
    assert!((claim.failing_share_at_most - expected).abs() < 1e-12);
    assert!(claim.failing_share_at_most < 0.01);
}

#[test]
fn each_unit_is_judged_by_its_share() {
    let spec = spec().unwrap();
    let lot = lot(
        &spec,
        &[Some((100, 0)), Some((1, 0)), Some((0, 0)), Some((100, 1))],
    )
    .unwrap();
    let verdicts: Vec<_> = lot
        .units
        .iter()
        .filter_map(|it| it.results[0].judged())
        .map(|it| it.decision.verdict)
        .collect();
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    assert_eq!(verdicts, [pass, pass, Verdict::Inconclusive, fail]);
}

#[test]
fn a_violation_or_a_missing_sequence_leaves_no_claim() {
    let spec = spec().unwrap();
    for runs in [
        vec![Some((100, 0)), Some((100, 1)), Some((99, 0))],
        vec![Some((100, 0)), None, Some((99, 0))],
        vec![Some((100, 0)), Some((100, 0)), Some((98, 0))],
        vec![None],
        vec![],
    ] {
        let lot = lot(&spec, &runs).unwrap();
        assert_eq!(image_claims(&spec, &lot), [], "{runs:?}");
    }
}
