//! A spec of a few rows and a run over three made-up pens, for the tests of tables.

use firmware_units::{Nanometers, Nanoseconds};
use rig_record::{
    Anomaly, AnomalyKind, Attempt, AttemptEnd, BenchIdentity, BenchKind, DutIdentity, GoldenStatus,
    ImageIdentity, InstrumentRecord, IntakeRecord, LotRecord, NotRun, Outcome, RowResult,
    RunHeader, UnitRecord,
};
use rig_spec::{
    BudgetLine, Doubt, Evidence, Finding, Measured, RecordUnit, Row, RowId, RowInstrument, SpecSet,
    Unit,
};
use std::collections::BTreeMap;

const HEADER: &str = "id,rev,measurand,statistic,depth_mm,rate_per_s,load,supply,cartridge,stimulus,from_event,to_event,window_s,n,target,lower,upper,expected,unit,rule,guard_r,max_u,instrument,hazard,basis_condition,basis_limit,source";

const TABLES: [(&str, &str); 5] = [
    (
        "unit.csv",
        r#"
DEP-04,A,protrusion at top of stroke,"mean of per-stroke peaks, longest needle",1.50,116.667,none,nominal,14-pin,,,,,1000,1.50,1.35,1.65,,mm,guard-band,0.83,0.0375,gauge,HAZ-01,published,"published, extrapolated",K180778
DEP-10,A,setpoint above the armed limit,"each of 1.75, 2.00 mm",,,,,14-pin,"SET depth, limit armed",,,,2,,,,refused; 0 strokes,,exact,,,link,HAZ-01,published,proposed,DEN160029
RAT-03,A,stroke rate,realised mean,1.00,116.667,none,nominal,14-pin,,,,5,,116.667,110.833,122.500,,strokes/s,guard-band,0.83,,gauge and tachometer,HAZ-03,published,proposed,DEN160029
SAF-03,A,stall reaction,longest of n,1.00,116.667,locked,nominal,14-pin,,shaft locked,motor current below 20 mA,,5,,,0.30,,s,guard-band,1,,current probe,HAZ-06,proposed,proposed,single fault
SAF-07,A,read-back differs from accepted setting,"count over every setting, every value",,,,,,"SET, then GET",,,,,,,0,,mismatches,exact,,,link,HAZ-03,published,proposed,MAUDE
"#,
    ),
    (
        "design.csv",
        r#"
SAF-13,A,treatment limit,time from first START to stop,,,,,,run without end,,,,,60,58,61,,min,guard-band,0.83,,clock,HAZ-06,seed,proposed,founding text
"#,
    ),
    (
        "cartridge.csv",
        r#"
DEP-08,A,needle-to-needle spread,"longest minus shortest needle, by imaging",1.50,,,,each,,,,,,,,0.10,,mm,guard-band,0.83,,external,HAZ-01,proposed,proposed,counterfeit tips
"#,
    ),
    (
        "characterisation.csv",
        r#"
DEP-12,A,depth in simulant over set protrusion,"ratio, reported only","0.50, 1.00",,skin simulant,,,,,,,,,,,,ratio,none,,,external,,published,none,Lam 2008
"#,
    ),
    (
        "rig.csv",
        r#"
MSR-03,A,"gauge block, after minus before a unit",difference of means,,,,,,,,,,,0,-0.010,0.010,,mm,simple,,,gauge,,proposed,proposed,a shift voids the values between
"#,
    ),
];

const OTHERS: [(&str, &str); 5] = [
    (
        "plans.csv",
        "plan,row,required,n_units,max_remeasure,note
release,DEP-04,yes,all,1,
release,DEP-10,yes,all,1,
release,RAT-03,yes,all,1,
release,SAF-03,yes,1,1,
release,SAF-07,yes,all,1,
release,DEP-08,external,all,0,by imaging
release,MSR-03,yes,bench,0,
",
    ),
    (
        "loads.csv",
        "load,needles,force_per_needle_N,axial_N,shaft,note\nnone,0,0,0,free,\nlocked,0,0,0,locked,\n",
    ),
    (
        "presets.csv",
        "preset,depth_mm,ceiling_mm,basis,source\npatch test,0.25,0.25,seed,founding text\n",
    ),
    (
        "hazards.csv",
        "id,hazard,harm,controls in the pen,verified implemented by,verified effective by
HAZ-01,needles deeper than set,\"nerve, vessel injury\",depth limit,DEP-10,DEP-04
HAZ-03,stroke rate too high,drag,closed loop,SAF-07,RAT-01 to RAT-09
HAZ-06,motor runs on,burn,stall trip,SAF-03,SAF-03
",
    ),
    (
        "document.csv",
        "key,value
document,SMALL-SPEC
revision,A
status,\"draft, not approved\"
approver,
effective,
device,Pen under test
maximum rated ambient,30 degC
",
    ),
];

/// Nine rows in five tables, and one plan.
pub(crate) fn spec() -> SpecSet {
    spec_edited(|_, text| text, &[])
}

/// The same, with its limit tables edited and with further tables.
pub(crate) fn spec_edited(
    edit: impl Fn(&str, String) -> String,
    further: &[(&str, &str)],
) -> SpecSet {
    let limits = TABLES
        .iter()
        .map(|(name, rows)| ((*name).to_owned(), edit(name, format!("{HEADER}{rows}"))));
    let others = OTHERS
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let further = further
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let files: BTreeMap<String, String> = limits.chain(others).chain(further).collect();
    SpecSet::parse(&files).expect("tables without defect")
}

/// A row judged on one attempt after another.
pub(crate) fn judged(spec: &SpecSet, id: &str, attempts: &[Evidence]) -> RowResult {
    let row = spec.row(id).expect("a row of the small spec");
    let attempts = (1..)
        .zip(attempts)
        .map(|(number, evidence)| judged_attempt(row, number, evidence))
        .collect();
    RowResult::from_attempts(row, attempts).expect("attempts by the rule")
}

fn judged_attempt(row: &Row, number: u32, evidence: &Evidence) -> Attempt {
    let decision = row.judge(evidence).expect("the evidence fits the row");
    let started = Nanoseconds::from_seconds(u64::from(number) * 10);
    let ended = started + Nanoseconds::from_millis(8_571);
    let end = AttemptEnd::Judged {
        evidence: evidence.clone(),
        decision,
    };
    Attempt {
        number,
        condition: "as the row states".into(),
        started,
        ended,
        end,
    }
}

fn not_run(id: &str, reason: NotRun) -> RowResult {
    RowResult::not_run(RowId::parse(id).expect("a row name"), reason)
}

/// A value whose uncertainty comes from two lines that are to each other as 3 to 4.
fn value(unit: Unit, value: f64, expanded: f64, n: u64) -> Evidence {
    let measured = Measured::from_f64(unit, value, expanded, 2.0).expect("a number");
    let line = |name: &'static str, distribution: &'static str, tenths| BudgetLine {
        name: name.into(),
        distribution: distribution.into(),
        contribution: measured.expanded * 1_000 / 2 * tenths / 10,
        dof_tenths: (distribution == "type A").then_some(9_990),
    };
    Evidence {
        budget: [
            line("scatter", "type A", 6),
            line("calibration", "normal", 8),
        ]
        .into_iter()
        .collect(),
        ..Evidence::measured(measured, n)
    }
}

fn count(mismatches: i64) -> Evidence {
    Evidence::measured(Measured::exact(RecordUnit::Count, mismatches), 77)
}

fn refused(refused: u32) -> Evidence {
    Evidence::findings(
        vec![Finding::Refused { refused, of: 2 }, Finding::Strokes(0)],
        2,
    )
}

fn unit(index: u32, results: Vec<RowResult>) -> UnitRecord {
    let serial = format!("A1-{:04}", index + 1);
    let identity = DutIdentity {
        serial: serial.clone(),
        hardware_revision: "A".to_owned(),
        firmware_version: "0.1.0".to_owned(),
        build_id: "1f2e".to_owned(),
        protocol_version: "1".to_owned(),
    };
    UnitRecord {
        serial,
        index,
        intake: None,
        identity: Some(identity),
        image_read_back_sha256: Some("ab".repeat(32)),
        outcome: Outcome::Completed,
        bench_time: Nanoseconds::from_millis(61_500),
        results,
        anomalies: Vec::new(),
    }
}

/// The stall row, which the plan wants on the first unit alone.
fn stall(spec: &SpecSet, index: u32) -> RowResult {
    match index {
        0 => judged(spec, "SAF-03", &[value(Unit::Second, 0.184, 0.0021, 5)]),
        _ => not_run("SAF-03", NotRun::NotDrawn),
    }
}

/// The rows that no pen of the lot is measured on.
fn rest() -> [RowResult; 3] {
    [
        not_run("SAF-13", NotRun::OutsidePlan),
        not_run("DEP-08", NotRun::External),
        not_run("DEP-12", NotRun::OutsidePlan),
    ]
}

/// A pen that passes everything it is asked for.
fn good(spec: &SpecSet, index: u32) -> UnitRecord {
    let mut results = vec![
        judged(
            spec,
            "DEP-04",
            &[value(Unit::Millimeter, 1.503_214, 0.011, 1_166)],
        ),
        judged(spec, "DEP-10", &[refused(2)]),
        judged(
            spec,
            "RAT-03",
            &[value(Unit::StrokesPerSecond, 116.670_123, 0.0023, 583)],
        ),
        stall(spec, index),
        judged(spec, "SAF-07", &[count(0)]),
        judged(spec, "MSR-03", &[value(Unit::Micrometer, -0.8, 0.5, 1)]),
    ];
    results.extend(rest());
    unit(index, results)
}

/// A pen too deep and with a read-back fault, one limit taken that it should refuse.
fn bad(spec: &SpecSet, index: u32) -> UnitRecord {
    let mut results = vec![
        judged(
            spec,
            "DEP-04",
            &[value(Unit::Millimeter, 1.803_214, 0.011, 1_166)],
        ),
        judged(spec, "DEP-10", &[refused(1)]),
        judged(
            spec,
            "RAT-03",
            &[
                value(Unit::StrokesPerSecond, 122.499_9, 0.0023, 583),
                value(Unit::StrokesPerSecond, 122.3, 0.0025, 583),
            ],
        ),
        stall(spec, index),
        judged(spec, "SAF-07", &[count(3)]),
        judged(spec, "MSR-03", &[value(Unit::Micrometer, 1.2, 0.5, 1)]),
    ];
    results.extend(rest());
    let mut record = unit(index, results);
    record.intake = Some(IntakeRecord {
        udi: "(01)09506000134352(21)A1-0002".to_owned(),
        work_order: "WO-17".to_owned(),
        condition: "carton torn, \"as new\"".to_owned(),
        cartridge_lot: String::new(),
    });
    record.anomalies.push(Anomaly {
        at: Nanoseconds::from_seconds(31),
        row: RowId::parse("RAT-03"),
        kind: AnomalyKind::Remeasurement,
        detail: "first attempt within the guard band, \"inconclusive\"".to_owned(),
    });
    record
}

/// A pen on which the gauge held its last value, and then the rig failed.
fn broken(spec: &SpecSet, index: u32) -> UnitRecord {
    let stale = value(Unit::Millimeter, 1.5, 0.011, 1_166).in_doubt(Doubt::InstrumentStale);
    let cause = "gauge: no sample for 1 s".to_owned();
    let mut moved = value(Unit::Micrometer, 3.0, 0.5, 1);
    moved.findings.push(Finding::GaugeChange(Nanometers(3_000)));
    let mut results = vec![
        judged(spec, "DEP-04", &[stale.clone(), stale]),
        not_run(
            "DEP-10",
            NotRun::Precondition {
                cause: "pen does not answer".to_owned(),
            },
        ),
        not_run(
            "RAT-03",
            NotRun::BenchError {
                cause: cause.clone(),
            },
        ),
        not_run(
            "SAF-03",
            NotRun::NeedsInstrument(RowInstrument::CurrentProbe),
        ),
        not_run("SAF-07", NotRun::AfterBenchError),
        judged(spec, "MSR-03", &[moved]),
    ];
    results.extend(rest());
    let mut record = unit(index, results);
    record.identity = None;
    record.image_read_back_sha256 = None;
    record.anomalies.push(Anomaly {
        at: Nanoseconds::from_seconds(44),
        row: None,
        kind: AnomalyKind::BenchError,
        detail: cause.clone(),
    });
    record.outcome = Outcome::BenchError { cause };
    record
}

/// What the pens of a lot are like.
#[derive(Clone, Copy)]
pub(crate) enum Pen {
    Good,
    Bad,
    Broken,
}

/// A run over pens of these kinds.
pub(crate) fn lot(spec: &SpecSet, pens: &[Pen]) -> LotRecord {
    let units = (0..).zip(pens).map(|(index, pen)| match pen {
        Pen::Good => good(spec, index),
        Pen::Bad => bad(spec, index),
        Pen::Broken => broken(spec, index),
    });
    LotRecord {
        header: header(spec),
        units: units.collect(),
    }
}

fn header(spec: &SpecSet) -> RunHeader {
    let text = |it: &str| it.to_owned();
    RunHeader {
        run_id: text("20260101T000000Z-0001"),
        tool_version: text("0.1.0"),
        program_sha256: String::new(),
        platform: "test".to_owned(),
        bench: BenchIdentity {
            kind: BenchKind::Virtual,
            name: text("virtual"),
            probe: text("emulated"),
            chip: text("STM32G071RBTx"),
            description: text("made up for tests"),
        },
        seed: Some(42),
        scenario: Some(text("reference")),
        lot: text("REF-1"),
        plan: text("release"),
        spec: spec.into(),
        image: ImageIdentity {
            file: text("pen-a1-0.1.0.elf"),
            sha256: "cd".repeat(32),
            firmware_version: text("0.1.0"),
            build_id: text("1f2e"),
        },
        operator: text("R. Ohm"),
        station: text("station 1"),
        reason: text("routine"),
        started: text("2026-01-01T00:00:00Z"),
        ended: Some(text("2026-01-01T00:01:00Z")),
        golden: GoldenStatus::NotAsked,
        ledger: None,
        tested_before: Vec::new(),
        noted: BTreeMap::new(),
        instruments: vec![InstrumentRecord {
            name: text("gauge"),
            model: text("G1"),
            serial: text("7"),
            certificate: text("VIRTUAL-G1-7"),
            traceability: text("none"),
            calibrated: text("2025-12-01"),
            due: text("2026-12-01"),
        }],
    }
}
