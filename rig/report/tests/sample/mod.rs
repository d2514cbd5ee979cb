//! A made-up run of plan release over the real tables of `specs/pen-a1`, of any number of pens, with
//! values and uncertainties as the virtual bench gives them; for the tests of the HTML report and
//! for the example that writes one.

#![allow(dead_code, reason = "each user takes what it needs")]

use firmware_units::{Nanometers, Nanoseconds};
use rig_record::{
    Anomaly, AnomalyKind, Attempt, AttemptEnd, BenchIdentity, BenchKind, DutIdentity, GoldenStatus,
    ImageIdentity, InstrumentRecord, LotRecord, NotRun, Outcome, RowResult, RunHeader, UnitRecord,
};
use rig_report::{
    ChainHead, Counterexample, DetectedStroke, Deviation, ExternalEvidence, Extras, Hold, Intake,
    LedgerPosition, PreviousRun, SignOff, Waveform,
};
use rig_spec::{
    BudgetLine, Clause, Doubt, Evidence, Finding, Measured, Required, Row, RowId, SpecSet, Unit,
};
use std::collections::BTreeMap;

macro_rules! tables {
    ($($name:literal),+) => {
        [$(($name, include_str!(concat!("../../../../specs/pen-a1/", $name)))),+]
    };
}

pub(crate) const TABLES: [(&str, &str); 10] = tables!(
    "unit.csv",
    "design.csv",
    "cartridge.csv",
    "characterisation.csv",
    "rig.csv",
    "plans.csv",
    "loads.csv",
    "presets.csv",
    "hazards.csv",
    "document.csv"
);

/// The tables of `specs/pen-a1`, without their column dictionary.
pub(crate) fn spec() -> SpecSet {
    let files: BTreeMap<String, String> = TABLES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    SpecSet::parse(&files).expect("tables without defect")
}

/// Mean, spread over units and U of each measured row, in the unit of its limits.
const VALUES: [(&str, f64, f64, f64); 25] = [
    ("DEP-00a", -0.1951, 0.0150, 0.0054),
    ("DEP-00b", -0.1761, 0.0150, 0.0078),
    ("DEP-01", 0.2495, 0.0150, 0.0052),
    ("DEP-02", 0.4992, 0.0150, 0.0052),
    ("DEP-03", 1.0006, 0.0150, 0.0052),
    ("DEP-04", 1.4995, 0.0150, 0.0052),
    ("DEP-05", 1.9993, 0.0150, 0.0052),
    ("DEP-06", 2.4987, 0.0150, 0.0052),
    ("DEP-07", 0.0079, 0.0004, 0.00041),
    ("DEP-09-U", 0.0302, 0.0050, 0.0073),
    ("DEP-13", 0.2486, 0.0005, 0.0068),
    ("RAT-01", 50.094, 0.044, 0.0012),
    ("RAT-02", 100.197, 0.087, 0.0023),
    ("RAT-03", 116.899, 0.102, 0.0027),
    ("RAT-04", 150.296, 0.129, 0.0035),
    ("RAT-06", 0.0945, 0.0108, 0.0118),
    ("RAT-08a", -0.198, 0.086, 0.0024),
    ("RAT-08b", 0.0, 0.0, 0.0),
    ("SAF-03", 0.1204, 0.0029, 0.0012),
    ("SAF-06", 0.5379, 0.0021, 0.0037),
    ("SAF-07", 0.0, 0.0, 0.0),
    ("SAF-08", 0.2029, 0.0021, 0.0052),
    ("MSR-01", 5.202, 0.001, 0.0001),
    ("MSR-03", -0.00055, 0.00005, 0.0003),
    ("MSR-04", -12.7, 1.4, 0.88),
];

/// What a pen of the lot is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pen {
    /// Passes everything at once.
    Good,
    /// DEP-04 needs a second look and passes then.
    Again,
    /// DEP-06 too deep, SAF-07 with mismatches.
    TooDeep,
    /// DEP-04 stays within the guard band, RAT-06 in doubt.
    Undecided,
    /// The rig failed in the middle.
    Broken,
}

/// The first five pens, one of each kind.
pub(crate) const FIVE: [Pen; 5] = [
    Pen::Good,
    Pen::Again,
    Pen::TooDeep,
    Pen::Undecided,
    Pen::Broken,
];

/// A lot of so many pens of which a few are no plain pass.
pub(crate) fn many(n: usize) -> Vec<Pen> {
    (1..=n)
        .map(|it| match it {
            _ if it % 97 == 0 => Pen::TooDeep,
            _ if it % 61 == 0 => Pen::Undecided,
            _ if it % 43 == 0 => Pen::Again,
            _ if it % 499 == 0 => Pen::Broken,
            _ => Pen::Good,
        })
        .collect()
}

/// Numbers from a seed, nearly normal: the sum of twelve equal ones (SplitMix64).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// The run.
pub(crate) fn lot(spec: &SpecSet, pens: &[Pen]) -> LotRecord {
    LotRecord {
        header: header(spec),
        units: (0..)
            .zip(pens)
            .map(|(index, pen)| unit(spec, index, *pen))
            .collect(),
    }
}

fn serial(index: u32) -> String {
    format!("PA1-{:08}", index + 1)
}

pub(crate) fn unit(spec: &SpecSet, index: u32, pen: Pen) -> UnitRecord {
    let mut draw = Draw(u64::from(index));
    let plan = spec.plan("release").expect("a plan of the spec");
    // The carriage's zero is common to every depth of a pen.
    let zero = draw.normal();
    let mut broken = false;
    let mut results = Vec::new();
    for row in &spec.rows {
        let id = row.id.clone();
        let entry = plan.entry(row.id.as_str());
        results.push(match entry.map(|it| it.required) {
            _ if row.is_external() => RowResult::not_run(id, NotRun::External),
            None => RowResult::not_run(id, NotRun::OutsidePlan),
            Some(Required::External) => RowResult::not_run(id, NotRun::External),
            Some(Required::Yes) if pen == Pen::Broken && row.id == *"RAT-02" => {
                broken = true;
                let cause = CAUSE.to_owned();
                RowResult::not_run(id, NotRun::BenchError { cause })
            }
            Some(Required::Yes) if broken => RowResult::not_run(id, NotRun::AfterBenchError),
            Some(Required::Yes) => {
                let attempts = evidence(row, pen, zero, &mut draw);
                judged(row, &attempts)
            }
        });
    }
    let mut record = UnitRecord {
        intake: None,
        serial: serial(index),
        index,
        identity: Some(DutIdentity {
            serial: serial(index),
            hardware_revision: "A".to_owned(),
            firmware_version: "1.2.0".to_owned(),
            build_id: "5a1b92c04d7e".to_owned(),
            protocol_version: "1".to_owned(),
        }),
        image_read_back_sha256: Some("3dea38a9".repeat(8)),
        outcome: Outcome::Completed,
        bench_time: Nanoseconds::from_millis(231_400),
        results,
        anomalies: Vec::new(),
    };
    let anomaly = |at, row: &str, kind, detail: &str| Anomaly {
        at: Nanoseconds::from_seconds(at),
        row: RowId::parse(row),
        kind,
        detail: detail.to_owned(),
    };
    match pen {
        Pen::Again => record.anomalies.push(anomaly(
            61,
            "DEP-04",
            AnomalyKind::Remeasurement,
            "first attempt within the guard band",
        )),
        Pen::Undecided => record.anomalies.push(anomaly(
            118,
            "RAT-06",
            AnomalyKind::Samples,
            "gauge: 14 samples lost in one gap",
        )),
        Pen::Broken => {
            record.outcome = Outcome::BenchError {
                cause: CAUSE.to_owned(),
            };
            record
                .anomalies
                .push(anomaly(97, "RAT-02", AnomalyKind::BenchError, CAUSE));
        }
        Pen::Good | Pen::TooDeep => {}
    }
    record
}

const CAUSE: &str = "gauge: no sample for 1.000 s";

fn evidence(row: &Row, pen: Pen, zero: f64, draw: &mut Draw) -> Vec<Evidence> {
    let id = row.id.as_str();
    if row.unit.is_none() {
        return vec![findings(row)];
    }
    let (_, mean, spread, expanded) = VALUES
        .into_iter()
        .find(|it| it.0 == id)
        .expect("a value for every measured row of the plan");
    let of_zero = if id.starts_with("DEP-0") && spread == 0.0150 {
        zero * spread
    } else {
        draw.normal() * spread
    };
    let value = mean + of_zero + 0.1 * draw.normal() * spread;
    let at = |value: f64| vec![measured(row, value, expanded)];
    match (pen, id) {
        (Pen::TooDeep, "DEP-06") => at(2.6832),
        (Pen::TooDeep, "SAF-07") => vec![count(row, 3)],
        (Pen::Again, "DEP-04") => [1.6488, 1.6404].into_iter().flat_map(at).collect(),
        (Pen::Undecided, "DEP-04") => [1.6488, 1.6497].into_iter().flat_map(at).collect(),
        (Pen::Undecided, "RAT-06") => {
            let doubtful = measured(row, value, expanded).in_doubt(Doubt::SamplesLost);
            vec![doubtful.clone(), doubtful]
        }
        (_, "SAF-07" | "RAT-08b") => vec![count(row, 0)],
        (_, "DEP-07" | "RAT-06") => at(value.abs()),
        _ => at(value),
    }
}

pub(crate) fn count(row: &Row, value: i64) -> Evidence {
    let unit = row.unit.expect("a row with a unit");
    Evidence::measured(Measured::exact(unit.record_unit(), value), wanted(row))
}

pub(crate) fn wanted(row: &Row) -> u64 {
    row.n.map_or(583, |it| u64::from(it) + u64::from(it) / 6)
}

fn measured(row: &Row, value: f64, expanded: f64) -> Evidence {
    let unit = row.unit.expect("a row with a unit");
    let measured = Measured::from_f64(unit, value, expanded, 2.0).expect("a number");
    let line = |name: &'static str, distribution: &'static str, tenths| BudgetLine {
        name: name.into(),
        distribution: distribution.into(),
        contribution: measured.expanded * 1_000 / 2 * tenths / 100,
        dof_tenths: (distribution == "type A").then_some(9_990),
    };
    let is_depth = unit == Unit::Millimeter;
    let (first, second) = if is_depth {
        ("gauge linearity", "gauge block")
    } else {
        ("clock", "jitter")
    };
    Evidence {
        budget: [
            line(first, "rectangular", 80),
            line(second, "normal", 52),
            line("scatter", "type A", 30),
        ]
        .into_iter()
        .collect(),
        ..Evidence::measured(measured, wanted(row))
    }
}

pub(crate) fn findings(row: &Row) -> Evidence {
    let of = row.n.unwrap_or(13);
    let findings = row
        .expected
        .iter()
        .flat_map(|it| it.clauses())
        .map(|clause| match clause {
            Clause::Refused => Finding::Refused { refused: of, of },
            Clause::Strokes(count) => Finding::Strokes(*count),
            Clause::GaugeChangeBelow(_) => Finding::GaugeChange(Nanometers(3_118)),
            other => panic!("no finding for {other}"),
        })
        .collect();
    Evidence::findings(findings, u64::from(of))
}

fn judged(row: &Row, attempts: &[Evidence]) -> RowResult {
    let attempts = (1..)
        .zip(attempts)
        .map(|(number, evidence)| Attempt {
            number,
            condition: "as the row states".into(),
            started: Nanoseconds::from_seconds(u64::from(number) * 40),
            ended: Nanoseconds::from_seconds(u64::from(number) * 40 + 9),
            end: AttemptEnd::Judged {
                evidence: evidence.clone(),
                decision: row.judge(evidence).expect("the evidence fits the row"),
            },
        })
        .collect();
    RowResult::from_attempts(row, attempts).expect("attempts by the rule")
}

pub(crate) fn header(spec: &SpecSet) -> RunHeader {
    let text = |it: &str| it.to_owned();
    let instrument = |name: &str, model: &str, certificate: &str| InstrumentRecord {
        name: text(name),
        model: text(model),
        serial: text("VIRTUAL"),
        certificate: text(certificate),
        traceability: text("none"),
        calibrated: text("2026-01-05"),
        due: text("2027-01-05"),
    };
    RunHeader {
        run_id: text("20261125T234957Z-release"),
        tool_version: text("0.1.0"),
        program_sha256: String::new(),
        platform: "test".to_owned(),
        bench: BenchIdentity {
            kind: BenchKind::Virtual,
            name: text("virtual"),
            probe: text("emulated debug port"),
            chip: text("STM32G071RBTx"),
            description: text("rig-bench-virtual 0.1.0, values made up for tests"),
        },
        seed: Some(1),
        scenario: Some(text("reference")),
        lot: text("REF-2026-01"),
        plan: text("release"),
        spec: spec.into(),
        image: ImageIdentity {
            file: text("pen-a1-1.2.0.elf"),
            sha256: "3dea38a9".repeat(8),
            firmware_version: text("1.2.0"),
            build_id: text("5a1b92c04d7e"),
        },
        operator: text("R. Ohm"),
        station: text("station 1"),
        reason: text("routine"),
        started: text("2026-11-25T23:49:57Z"),
        ended: Some(text("2026-11-25T23:50:09Z")),
        golden: GoldenStatus::NotAsked,
        ledger: None,
        tested_before: Vec::new(),
        noted: BTreeMap::new(),
        instruments: vec![
            instrument(
                "gauge",
                "model of an 8 mm, 16-bit displacement gauge",
                "VIRTUAL-GAUGE",
            ),
            instrument(
                "tachometer",
                "model of an optical tachometer, one mark a turn",
                "VIRTUAL-TACHOMETER",
            ),
            instrument(
                "current probe",
                "model of a clamp-on current probe",
                "VIRTUAL-CURRENT",
            ),
            instrument("gauge block", "of the fixture", "VIRTUAL-BLOCK"),
        ],
    }
}

/// Everything that may surround the lot of [`FIVE`].
pub(crate) fn extras() -> Extras {
    let text = |it: &str| it.to_owned();
    Extras {
        ledger: Some(LedgerPosition {
            station: text("station 1"),
            number: 42,
            hash: "7c1f".repeat(16),
        }),
        chain_heads: Some(
            (0..5)
                .map(|index| ChainHead {
                    name: serial(index),
                    records: 180 + u64::from(index),
                    hash: format!("{index}e9a").repeat(16),
                })
                .collect(),
        ),
        signatures: Some(vec![text(
            "station key 1f20a7c4, Ed25519, over the manifest",
        )]),
        sign_offs: Some(vec![SignOff {
            name: text("Ada Lind"),
            meaning: text("review"),
            time: text("2026-11-26T09:12:00+01:00"),
            content_hash: "b0d4".repeat(16),
            holds: true,
        }]),
        deviations: Some(vec![Deviation {
            id: text("DEV-0007"),
            unit: Some(serial(2)),
            row: Some(text("DEP-06")),
            by: text("R. Ohm"),
            time: text("2026-11-26T08:30:00+01:00"),
            text: text(
                "fixture clamp found loose after the run; one more run of this pen asked for",
            ),
        }]),
        holds: Some(vec![Hold {
            what: serial(2),
            by: text("Ada Lind"),
            time: text("2026-11-26T09:15:00+01:00"),
            reason: text("too deep at 2.50 mm; cause not found yet"),
        }]),
        previous_runs: Some(vec![PreviousRun {
            run_id: text("20261124T101500Z-smoke"),
            started: text("2026-11-24T10:15:00Z"),
            result: text("meets plan smoke, 1 unit"),
        }]),
        intake: Some(
            (0..5)
                .map(|index| Intake {
                    serial: serial(index),
                    columns: [
                        ("UDI", format!("(01)00860000000017(21){}", serial(index))),
                        ("work order", text("WO-2231")),
                        ("condition", text("new")),
                        ("cartridge lot", text("C14-0093")),
                    ]
                    .map(|(name, value)| (name.to_owned(), value))
                    .to_vec(),
                })
                .collect(),
        ),
        external_evidence: vec![ExternalEvidence {
            row: RowId::parse("DEP-08").expect("a row name"),
            record: text("IMG-2026-0311"),
        }],
        waveforms: vec![waveform()],
        counterexamples: vec![Counterexample {
            unit: Some(serial(2)),
            row: RowId::parse("SAF-07"),
            file: text("counterexamples/saf-07-1.toml"),
            table: text(
                "  time s   action              expected              observed\n   \
                 0.000   fit 14-pin\n   0.120   set depth 1.75      refused: limit armed  refused: limit armed\n   \
                 0.180   set depth 1.50      accepted              accepted\n   \
                 0.240   get depth           1.50 mm               1.25 mm   <- violated",
            ),
            replay: text("penrig replay counterexamples/saf-07-1.toml"),
        }],
    }
}

/// What the gauge might have seen of DEP-06 on the third pen: 1.2 s at 20 kS/s, one gap.
fn waveform() -> Waveform {
    let mut draw = Draw(7);
    let (rate, stroke) = (116.667, 3.0);
    let mut samples = Vec::new();
    let gap = (Nanoseconds(402_000_000), Nanoseconds(421_000_000));
    for idx in 0..24_000_u64 {
        let at = Nanoseconds(idx * 50_000);
        let phase = 2.0 * core::f64::consts::PI * rate * at.seconds();
        let top = 2.6832 + 0.004 * libm::sin(0.9 * phase / 40.0);
        let mm = top - 0.5 * stroke * (1.0 - libm::cos(phase)) + 0.010 * draw.normal();
        if !(gap.0..gap.1).contains(&at) {
            samples.push((at, Nanometers((mm * 1e6) as i64)));
        }
    }
    let strokes = (0..140_u64)
        .map(|idx| {
            let at = idx as f64 / rate + 4e-6 * draw.normal();
            DetectedStroke {
                at: Nanoseconds((at.max(0.0) * 1e9) as u64),
                protrusion: Nanometers(((2.6832 + 0.008 * draw.normal()) * 1e6) as i64),
            }
        })
        .filter(|it| !(gap.0..gap.1).contains(&it.at))
        .collect();
    Waveform {
        unit: serial(2),
        row: RowId::parse("DEP-06").expect("a row name"),
        attempt: 1,
        samples,
        strokes,
        gaps: vec![gap],
        file: Some((
            "waveforms/PA1-00000003-DEP-06-1.parquet".to_owned(),
            "5c3e".repeat(16),
        )),
    }
}
