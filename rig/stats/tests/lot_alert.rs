//! The lot alert of a record of Pen A1: its rows, its values, its limits.

use anyhow::{Context as _, Result};
use firmware_units::Nanoseconds;
use rig_distributions::normal;
use rig_record::{
    Attempt, AttemptEnd, BenchIdentity, BenchKind, GoldenStatus, ImageIdentity, LotRecord, Outcome,
    RowResult, RunHeader, UnitRecord,
};
use rig_spec::{Evidence, Measured, SpecSet};
use rig_stats::{NoInterval, ToleranceAlert, lot_tolerance_alerts, row_statistics};
use std::collections::BTreeMap;
use std::path::Path;

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

/// A unit with a value of each row, in record units.
fn unit(spec: &SpecSet, index: u32, values: [(&str, i64, u64); 2]) -> Result<UnitRecord> {
    let mut results = Vec::new();
    for (id, value, expanded) in values {
        let row = spec.row(id).context("a row of Pen A1")?;
        let unit = row.unit.context("a row with a unit")?.record_unit();
        let measured = Measured {
            unit,
            value,
            expanded,
            k_thousandths: 2_000,
        };
        let evidence = Evidence::measured(measured, u64::from(row.n.unwrap_or(1)));
        let decision = row.judge(&evidence)?;
        let attempt = Attempt {
            number: 1,
            condition: "".into(),
            started: Nanoseconds::ZERO,
            ended: Nanoseconds::ZERO,
            end: AttemptEnd::Judged { evidence, decision },
        };
        results.push(RowResult::from_attempts(row, vec![attempt])?);
    }
    Ok(UnitRecord {
        serial: format!("A1-{:04}", index + 1),
        intake: None,
        index,
        identity: None,
        image_read_back_sha256: None,
        outcome: Outcome::Completed,
        bench_time: Nanoseconds::from_seconds(60),
        results,
        anomalies: Vec::new(),
    })
}

/// A lot whose protrusion has a mean and a standard deviation, both in nanometres.
fn lot(spec: &SpecSet, n: u32, mean: f64, deviation: f64) -> Result<LotRecord> {
    let score = |i: u32| normal::quantile((f64::from(i * 7 % n) + 0.5) / f64::from(n));
    let units: Result<Vec<UnitRecord>> = (0..n)
        .map(|i| {
            let depth = (mean + deviation * score(i)) as i64;
            let rate = (116_667_000.0 + 200_000.0 * score((i + 3) % n)) as i64;
            // The first unit's U is the largest.
            let expanded = if i == 0 { 12_000 } else { 10_000 };
            unit(
                spec,
                i,
                [("DEP-04", depth, expanded), ("RAT-03", rate, 5_000)],
            )
        })
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
fn a_good_lot_lies_within_both_rows_limits() {
    let spec = spec().unwrap();
    let lot = lot(&spec, 40, 1_500_000.0, 15_000.0).unwrap();
    let alerts = lot_tolerance_alerts(&spec, &lot);
    let rows: Vec<&str> = alerts.iter().map(|it| it.row.as_str()).collect();
    assert_eq!(rows, ["DEP-04", "RAT-03"]);
    for it in &alerts {
        assert!(matches!(it.alert, ToleranceAlert::Within { .. }), "{it:?}");
        let row = spec.row(it.row.as_str()).unwrap();
        let interval = it.alert.interval().unwrap();
        // The same values as the row's line in lot.csv.
        let statistics = row_statistics(row, &lot);
        assert_eq!(interval.n, statistics.n);
        assert_eq!(interval.confidence_attained, 0.975);
        let (lower, upper) = (interval.lower.unwrap(), interval.upper.unwrap());
        assert!((0.5 * (lower + upper) - statistics.mean.unwrap() as f64).abs() <= 0.5);
        let factor = rig_stats::tolerance::two_sided_factor(40, 0.95, 0.975);
        let reach = factor * statistics.standard_deviation.unwrap() as f64
            + statistics.largest_expanded.unwrap() as f64;
        assert!(
            (0.5 * (upper - lower) - reach).abs() <= factor,
            "{upper} {lower} {reach}"
        );
    }
}

#[test]
fn a_wide_lot_of_passing_pens_is_an_alert() {
    let spec = spec().unwrap();
    let lot = lot(&spec, 40, 1_500_000.0, 55_000.0).unwrap();
    let alerts = lot_tolerance_alerts(&spec, &lot);
    let ToleranceAlert::Beyond { below, above, .. } = alerts[0].alert else {
        panic!("{alerts:?}");
    };
    assert!(below && above);
    assert!(matches!(alerts[1].alert, ToleranceAlert::Within { .. }));
}

#[test]
fn a_small_lot_has_no_interval() {
    let spec = spec().unwrap();
    let few = lot(&spec, 19, 1_500_000.0, 15_000.0).unwrap();
    for it in lot_tolerance_alerts(&spec, &few) {
        assert_eq!(
            it.alert,
            ToleranceAlert::None(NoInterval::TooFewValues { got: 19 })
        );
    }
    let none = lot(&spec, 0, 1_500_000.0, 15_000.0).unwrap();
    for it in lot_tolerance_alerts(&spec, &none) {
        assert_eq!(
            it.alert,
            ToleranceAlert::None(NoInterval::TooFewValues { got: 0 })
        );
    }
}
