//! Writes a run of many pens as `penrig qualify` leaves it when every pen was dealt with and the
//! report was not written yet, so that time and memory of reading it and of its report can be
//! measured: `cargo run --release -p rig-report --example large_run -- FOLDER [UNITS]`, 10,000 pens on
//! forty rows unless a number is given. The values are made up; the form of every line is that of a
//! run. The program `penrig` of the same build is the one that the run was begun with:
//!
//! ```text
//! penrig qualify --resume large --out FOLDER    takes it up: there is nothing left but the report
//! penrig report large --out FOLDER --to NEW     reads it and writes the report again
//! penrig verify large --out FOLDER              holds all of it against each other
//! ```
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use rig_record::journal::{
    Begun, BenchRecord, Chain, FileRecord, JOURNAL_VERSION, LedgerEvent, LedgerRun, ORIGIN,
    RunEvent, UnitEvent, UnitOrder,
};
use rig_record::{BenchKind, GoldenStatus, RunHeader, UnitRecord};
use rig_report::ManifestEntry;
use serde::Serialize;
use std::error::Error;
use std::fs;
use std::path::Path;

#[path = "../tests/large/mod.rs"]
mod large;
#[path = "../tests/sample/mod.rs"]
mod sample;

const RUN: &str = "large";
const AT: &str = "2026-01-01T00:00:00Z";
const IMAGE: &str = "pen-a1-1.2.1";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("which folder?")?;
    let n_units: usize = arguments.next().map_or(Ok(10_000), |it| it.parse())?;
    let out = Path::new(&out);
    let folder = out.join(format!("{RUN}.partial"));
    let spec = large::spec();
    let lot = large::lot(&spec, n_units);
    let inputs = inputs(&folder)?;
    let mut ledger = Written::hung_on(ORIGIN);
    ledger.line(&LedgerEvent::RunBegun(Box::new(ledger_run(
        &lot.header,
        &lot.units,
    ))))?;
    fs::write(out.join("ledger.jsonl"), &ledger.text)?;
    let mut run = Written::hung_on(ledger.chain.head());
    run.line(&RunEvent::Begun(Box::new(begun(
        &lot.header,
        &lot.units,
        inputs,
    )?)))?;
    let origin = run.chain.head().to_owned();
    let bench = BenchRecord {
        bench: lot.header.bench.clone(),
        instruments: lot.header.instruments.clone(),
    };
    fs::create_dir_all(folder.join("journal"))?;
    for (place, unit) in (1..).zip(&lot.units) {
        let serial = unit.serial.clone();
        let of_unit = journal(&origin, unit, &bench)?;
        fs::write(
            folder.join(format!("journal/{place:05}-{serial}.jsonl")),
            &of_unit.text,
        )?;
        run.line(&RunEvent::UnitBegun {
            serial: serial.clone(),
        })?;
        let head = of_unit.chain.head().to_owned();
        run.line(&RunEvent::UnitEnded { serial, head })?;
    }
    fs::write(folder.join("journal/run.jsonl"), &run.text)?;
    println!("{}", folder.display());
    Ok(())
}

/// A unit's chain: every attempt, then its end.
fn journal(
    origin: &str,
    unit: &UnitRecord,
    bench: &BenchRecord,
) -> Result<Written, Box<dyn Error>> {
    let mut written = Written::hung_on(origin);
    written.line(&UnitEvent::Begun {
        serial: unit.serial.clone(),
        bench: Box::new(bench.clone()),
    })?;
    for result in &unit.results {
        for attempt in result.attempts() {
            written.line(&UnitEvent::Attempted {
                row: result.row().clone(),
                attempt: Box::new(attempt.clone()),
            })?;
        }
    }
    written.line(&UnitEvent::Ended(Box::new(unit.clone())))?;
    Ok(written)
}

/// A chain as text.
struct Written {
    chain: Chain,
    text: String,
}

impl Written {
    fn hung_on(head: &str) -> Self {
        Self {
            chain: Chain::hung_on(head),
            text: String::new(),
        }
    }

    fn line<E: Serialize>(&mut self, event: &E) -> Result<(), Box<dyn Error>> {
        let (line, chain) = self.chain.next(AT, event)?;
        self.text.push_str(&line);
        self.chain = chain;
        Ok(())
    }
}

/// What the run works with, put into its folder.
fn inputs(folder: &Path) -> Result<Vec<FileRecord>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<(String, Vec<u8>)> = large::tables()
        .into_iter()
        .map(|(name, text)| (format!("inputs/spec/{name}"), text.into_bytes()))
        .collect();
    for end in ["elf", "toml"] {
        let name = format!("{IMAGE}.{end}");
        let bytes = fs::read(root.join("firmware/images").join(&name))?;
        files.push((format!("inputs/{name}"), bytes));
    }
    let scenario = fs::read(root.join("rig/bench-virtual/scenarios/reference.toml"))?;
    files.push(("inputs/scenario.toml".to_owned(), scenario));
    fs::create_dir_all(folder.join("inputs/spec"))?;
    let mut records = Vec::new();
    for (name, bytes) in files {
        fs::write(folder.join(&name), &bytes)?;
        let entry = ManifestEntry::of(&name, &bytes);
        records.push(FileRecord {
            name: entry.name,
            sha256: entry.sha256,
            bytes: entry.bytes,
        });
    }
    Ok(records)
}

fn ledger_run(header: &RunHeader, units: &[UnitRecord]) -> LedgerRun {
    LedgerRun {
        number: 1,
        run_id: RUN.to_owned(),
        kind: BenchKind::Virtual,
        lot: header.lot.clone(),
        plan: header.plan.clone(),
        image_sha256: header.image.sha256.clone(),
        spec: format!("{} {}", header.spec.document, header.spec.revision),
        operator: header.operator.clone(),
        station: header.station.clone(),
        reason: header.reason.clone(),
        units: units.iter().map(|it| it.serial.clone()).collect(),
    }
}

fn begun(
    header: &RunHeader,
    units: &[UnitRecord],
    inputs: Vec<FileRecord>,
) -> Result<Begun, Box<dyn Error>> {
    // target/release/examples/large_run stands beside target/release/penrig.
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).ok_or("no folder")?;
    let program = folder.join("penrig");
    let bytes = fs::read(&program).map_err(|it| format!("`{}`: {it}", program.display()))?;
    let orders = units.iter().map(|it| UnitOrder {
        index: u64::from(it.index),
        serial: it.serial.clone(),
        intake: None,
    });
    let mut image = header.image.clone();
    image.file = format!("{IMAGE}.elf");
    Ok(Begun {
        journal: JOURNAL_VERSION,
        run_id: RUN.to_owned(),
        ledger_number: 1,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        program_sha256: ManifestEntry::of("", &bytes).sha256,
        platform: header.platform.clone(),
        bench_file: None,
        seed: header.seed,
        scenario: header.scenario.clone(),
        lot: header.lot.clone(),
        plan: header.plan.clone(),
        spec: header.spec.clone(),
        image,
        operator: header.operator.clone(),
        station: header.station.clone(),
        reason: header.reason.clone(),
        golden: GoldenStatus::NotAsked,
        tested_before: Vec::new(),
        noted: header.noted.clone(),
        waveforms: "none".to_owned(),
        units: orders.collect(),
        inputs,
    })
}
