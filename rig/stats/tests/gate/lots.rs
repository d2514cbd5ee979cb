//! Lots made of a few rows.

use firmware_units::Nanoseconds;
use rig_record::{
    Attempt, AttemptEnd, BenchIdentity, BenchKind, GoldenStatus, ImageIdentity, LotRecord, NotRun,
    Outcome, RowResult, RunHeader, UnitRecord,
};
use rig_spec::{Evidence, Measured, RecordUnit, Row, SpecSet, Unit, Verdict};
use std::collections::BTreeMap;
use std::path::Path;

/// The tables of Pen A1 with plans of few rows.
pub(crate) fn spec() -> SpecSet {
    spec_with(None)
}

/// The same, with rules for lots.
pub(crate) fn spec_with(sampling: Option<&str>) -> SpecSet {
    let sampling = sampling.map(|text| ("sampling.csv", text));
    spec_with_tables(sampling.as_slice())
}

/// The same, with further tables.
pub(crate) fn spec_with_tables(further: &[(&str, &str)]) -> SpecSet {
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
    for (name, text) in further {
        files.insert((*name).to_owned(), (*text).to_owned());
    }
    SpecSet::parse(&files).expect("tables without defect")
}

/// What each of the rows of plan `gate` comes to on one unit.
#[derive(Clone, Copy)]
pub(crate) enum Cell {
    Judged(Verdict),
    Broken,
    NotRun,
    Missing,
    /// A value of so many nanometres, judged as it falls.
    Value(i64),
}
pub(crate) const PASS: Cell = Cell::Judged(Verdict::Pass);
pub(crate) const DOUBTFUL: Cell = Cell::Judged(Verdict::Inconclusive);
pub(crate) const FAIL: Cell = Cell::Judged(Verdict::Fail);

/// A value at a place of the row's tolerance that gets the verdict.
pub(crate) fn evidence(row: &Row, verdict: Verdict) -> Evidence {
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

pub(crate) fn result(row: &Row, cell: Cell) -> Option<RowResult> {
    let attempt = |end| Attempt {
        number: 1,
        condition: "".into(),
        started: Nanoseconds::ZERO,
        ended: Nanoseconds::ZERO,
        end,
    };
    match cell {
        Cell::Judged(verdict) => {
            let evidence = evidence(row, verdict);
            let decision = row.judge(&evidence).expect("evidence of the row");
            assert_eq!(decision.verdict, verdict, "{}", row.id);
            let attempts = vec![attempt(AttemptEnd::Judged { evidence, decision })];
            Some(RowResult::from_attempts(row, attempts).expect("one attempt"))
        }
        Cell::Value(value) => {
            let mut evidence = evidence(row, Verdict::Pass);
            if let Some(measured) = &mut evidence.measured {
                measured.value = value;
            }
            let decision = row.judge(&evidence).expect("evidence of the row");
            let attempts = vec![attempt(AttemptEnd::Judged { evidence, decision })];
            Some(RowResult::from_attempts(row, attempts).expect("one attempt"))
        }
        Cell::Broken => Some(RowResult::not_run(
            row.id.clone(),
            NotRun::BenchError {
                cause: "gauge".to_owned(),
            },
        )),
        Cell::NotRun => Some(RowResult::not_run(row.id.clone(), NotRun::NotImplemented)),
        Cell::Missing => None,
    }
}

pub(crate) fn unit(spec: &SpecSet, index: u32, cells: [Cell; 3], outcome: Outcome) -> UnitRecord {
    let rows = ["DEP-04", "SAF-07", "MSR-03"].map(|id| spec.row(id).expect("a row of Pen A1"));
    UnitRecord {
        serial: format!("A1-{:04}", index + 1),
        intake: None,
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

pub(crate) fn lot(spec: &SpecSet, plan: &str, units: Vec<UnitRecord>) -> LotRecord {
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
        program_sha256: String::new(),
        platform: "test".to_owned(),
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
        ledger: None,
        tested_before: Vec::new(),
        noted: BTreeMap::new(),
        instruments: Vec::new(),
    };
    LotRecord { header, units }
}
