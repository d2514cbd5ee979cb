//! `cargo xtask hunt`: lets `penrig explore` look for each mutant of the firmware and each fault of
//! a list, and writes down what it found, how soon, and how short.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What each mutant does, and what that breaks.
const MUTANTS: &str = "firmware/core/mutants.csv";
/// The faults that are hunted, and what is said of those that nobody can find.
const FAULTS: &str = "rig/bench-virtual/scenarios/hunted.csv";
/// What a reviewer says of the ones that survive.
const SURVIVORS: &str = "rig/sequence/survivors.csv";
/// Columns of both reports.
const COLUMNS: [&str; 17] = [
    "name",
    "does",
    "breaks",
    "found_by",
    "profile",
    "sequences",
    "bench_s",
    "steps_drawn",
    "steps",
    "shrink_runs",
    "shrink_bench_s",
    "failures",
    "runs",
    "expected",
    "observed",
    "sequence",
    "note",
];

/// What is hunted, and how long.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Mutants or faults by name; all of them where none is named
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Hunt the faults of the virtual bench instead of mutants of the firmware
    #[arg(long)]
    faults: bool,
    /// Sequences of each profile at most, for each
    #[arg(long, default_value_t = 300, value_name = "N")]
    sequences: u32,
    /// Hunts at work at once
    #[arg(long, default_value_t = 2, value_name = "N")]
    jobs: usize,
    /// Folder of mutant images, as `cargo xtask mutants` builds them
    #[arg(long, default_value = "target/mutants", value_name = "DIR")]
    images: PathBuf,
    /// Compare with the kept report instead of writing it: by what each is found, or that it is not
    #[arg(long)]
    check: bool,
}

/// One thing to be found.
#[derive(Clone, Debug)]
struct Quarry {
    name: String,
    does: String,
    breaks: String,
    /// Arguments of `penrig explore` that bring it about.
    arguments: Vec<String>,
}

/// What `penrig explore --format json` says, as far as it is used.
#[derive(Debug, Deserialize)]
struct Explored {
    sequences: u64,
    bench_s: f64,
    error: Option<String>,
    inconclusive: u64,
    finds: Vec<Found>,
}

#[derive(Debug, Deserialize)]
struct Found {
    property: String,
    expected: String,
    observed: String,
    sequences: u64,
    to_find_s: f64,
    steps_drawn: usize,
    steps: usize,
    failures: u32,
    runs: u32,
    shrink_runs: u32,
    shrink_s: f64,
    sequence: Vec<String>,
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let quarries = choose(quarries(root, options)?, &options.names)?;
    let penrig = crate::toolchain::penrig(root)?;
    let rows = hunt_all(root, &penrig, &quarries, options)?;
    let report = root.join(if options.faults {
        "reports/faults.csv"
    } else {
        "reports/mutants.csv"
    });
    let notes = notes(root)?;
    let rows: Vec<[String; 17]> = rows.into_iter().map(|row| noted(row, &notes)).collect();
    if options.check {
        return check(&report, &rows);
    }
    let kept = if options.names.is_empty() {
        Vec::new()
    } else {
        read(&report).unwrap_or_default()
    };
    write(&report, &merged(kept, rows))?;
    println!("{}", report.display());
    Ok(ExitCode::SUCCESS)
}

fn quarries(root: &Path, options: &Options) -> Result<Vec<Quarry>> {
    if options.faults {
        return faults(root);
    }
    let mut quarries = Vec::new();
    for record in records(&root.join(MUTANTS))? {
        let cell = |name: &str| record.get(name).cloned().unwrap_or_default();
        let image = root
            .join(&options.images)
            .join(format!("{}.elf", cell("name")));
        quarries.push(Quarry {
            name: cell("name"),
            does: cell("does"),
            breaks: cell("breaks"),
            arguments: vec!["--image".to_owned(), image.display().to_string()],
        });
    }
    Ok(quarries)
}

/// One scenario a fault: the reference lot's first pen, with that fault.
fn faults(root: &Path) -> Result<Vec<Quarry>> {
    let folder = root.join("target/hunted");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {folder:?}"))?;
    let reference = root.join("rig/bench-virtual/scenarios/reference.toml");
    let reference =
        fs::read_to_string(&reference).with_context(|| format!("cannot read {reference:?}"))?;
    let mut quarries = Vec::new();
    for record in records(&root.join(FAULTS))? {
        let cell = |name: &str| record.get(name).cloned().unwrap_or_default();
        let path = folder.join(format!("{}.toml", cell("name")));
        let text = format!(
            "{reference}\n[[fault]]\nname = \"{}\"\nunit = \"all\"\n{}\n",
            cell("fault"),
            cell("parameters").replace("; ", "\n")
        );
        fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))?;
        quarries.push(Quarry {
            name: cell("name"),
            does: cell("does"),
            breaks: cell("breaks"),
            arguments: vec!["--scenario".to_owned(), path.display().to_string()],
        });
    }
    Ok(quarries)
}

fn choose(all: Vec<Quarry>, names: &[String]) -> Result<Vec<Quarry>> {
    let unknown: Vec<&str> = names
        .iter()
        .filter(|name| !all.iter().any(|it| it.name == **name))
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        bail!("not known: {}", unknown.join(", "));
    }
    let wanted = |it: &Quarry| names.is_empty() || names.contains(&it.name);
    Ok(all.into_iter().filter(wanted).collect())
}

/// Hunts each; the rows stand in the order of the list, however many hunts are at work.
fn hunt_all(
    root: &Path,
    penrig: &Path,
    quarries: &[Quarry],
    options: &Options,
) -> Result<Vec<[String; 17]>> {
    let next = AtomicUsize::new(0);
    let rows: Vec<Mutex<Option<Result<[String; 17]>>>> =
        quarries.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, quarries.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(quarry) = quarries.get(place) else {
                        return;
                    };
                    let row = hunt(root, penrig, quarry, options.sequences);
                    if let Ok(row) = &row {
                        println!(
                            "{} of {}: {}: {}",
                            place + 1,
                            quarries.len(),
                            quarry.name,
                            if row[3].is_empty() {
                                "not found"
                            } else {
                                &row[3]
                            }
                        );
                    }
                    if let Ok(mut slot) = rows[place].lock() {
                        *slot = Some(row);
                    }
                }
            });
        }
    });
    rows.into_iter()
        .map(|it| match it.into_inner() {
            Ok(Some(row)) => row,
            _ => bail!("a hunt ended without a result"),
        })
        .collect()
}

/// Hunts one, with the adversarial profile first.
fn hunt(root: &Path, penrig: &Path, quarry: &Quarry, sequences: u32) -> Result<[String; 17]> {
    let mut spent = (0, 0.0);
    for profile in ["adversarial", "usage"] {
        let explored = explore(root, penrig, quarry, profile, sequences)?;
        let row = |found_by: &str, found: Option<&Found>| {
            let text = |it: &dyn Fn(&Found) -> String| found.map_or_else(String::new, it);
            [
                quarry.name.clone(),
                quarry.does.clone(),
                quarry.breaks.clone(),
                found_by.to_owned(),
                profile.to_owned(),
                (spent.0 + found.map_or(explored.sequences, |it| it.sequences)).to_string(),
                format!(
                    "{:.0}",
                    spent.1 + found.map_or(explored.bench_s, |it| it.to_find_s)
                ),
                text(&|it| it.steps_drawn.to_string()),
                text(&|it| it.steps.to_string()),
                text(&|it| it.shrink_runs.to_string()),
                text(&|it| format!("{:.0}", it.shrink_s)),
                text(&|it| it.failures.to_string()),
                text(&|it| it.runs.to_string()),
                text(&|it| it.expected.clone()),
                text(&|it| it.observed.clone()),
                text(&|it| it.sequence.join(" | ")),
                String::new(),
            ]
        };
        if let Some(found) = explored.finds.first() {
            return Ok(row(&found.property, Some(found)));
        }
        if let Some(error) = &explored.error {
            // The rig, or the pen before any sequence, said so.
            let mut row = row("rig", None);
            row[14].clone_from(error);
            return Ok(row);
        }
        if explored.inconclusive == explored.sequences && explored.sequences > 0 {
            return Ok(row("rig", None));
        }
        spent = (spent.0 + explored.sequences, spent.1 + explored.bench_s);
    }
    let mut row = [const { String::new() }; 17];
    row[0].clone_from(&quarry.name);
    row[1].clone_from(&quarry.does);
    row[2].clone_from(&quarry.breaks);
    row[5] = spent.0.to_string();
    row[6] = format!("{:.0}", spent.1);
    Ok(row)
}

fn explore(
    root: &Path,
    penrig: &Path,
    quarry: &Quarry,
    profile: &str,
    sequences: u32,
) -> Result<Explored> {
    let output = Command::new(penrig)
        .current_dir(root)
        .args(["explore", "--jobs", "1", "--format", "json"])
        // The virtual bench repeats itself well enough; shortening goes on for 20 min of bench time.
        .args(["--repeat", "1/1", "--shrink-minutes", "20"])
        .args(["--profile", profile, "--sequences", &sequences.to_string()])
        .args(["--out", &format!("target/hunted/{}", quarry.name)])
        .args(&quarry.arguments)
        .output()
        .with_context(|| format!("cannot run {penrig:?}"))?;
    serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "{}: penrig explore said: {}",
            quarry.name,
            String::from_utf8_lossy(&output.stderr).trim()
        )
    })
}

/// What is said of some by name.
fn notes(root: &Path) -> Result<BTreeMap<String, String>> {
    let path = root.join(SURVIVORS);
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let records = records(&path)?.into_iter();
    Ok(records
        .filter_map(|mut it| Some((it.remove("name")?, it.remove("note")?)))
        .collect())
}

fn noted(mut row: [String; 17], notes: &BTreeMap<String, String>) -> [String; 17] {
    if let Some(note) = notes.get(&row[0]) {
        row[16].clone_from(note);
    }
    row
}

/// Rows that were there before, with those that are new in their places.
fn merged(kept: Vec<[String; 17]>, new: Vec<[String; 17]>) -> Vec<[String; 17]> {
    let mut rows = kept;
    for row in new {
        match rows.iter_mut().find(|it| it[0] == row[0]) {
            Some(place) => *place = row,
            None => rows.push(row),
        }
    }
    rows
}

fn check(report: &Path, rows: &[[String; 17]]) -> Result<ExitCode> {
    let kept = read(report)?;
    let mut is_same = true;
    for row in rows {
        let before = kept.iter().find(|it| it[0] == row[0]);
        let was = before.map_or("not in the report", |it| it[3].as_str());
        let word = |it: &str| {
            if it.is_empty() {
                "nobody".to_owned()
            } else {
                it.to_owned()
            }
        };
        if was == row[3] {
            println!("{}: found by {}, as before", row[0], word(was));
        } else {
            println!(
                "{}: found by {}, in the report by {}",
                row[0],
                word(&row[3]),
                word(was)
            );
            is_same = false;
        }
    }
    Ok(if is_same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn records(path: &Path) -> Result<Vec<BTreeMap<String, String>>> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("cannot read {path:?}"))?;
    let records: Result<Vec<_>, _> = reader.deserialize().collect();
    records.with_context(|| format!("{path:?}"))
}

fn read(path: &Path) -> Result<Vec<[String; 17]>> {
    let records = records(path)?.into_iter();
    Ok(records
        .map(|mut it| COLUMNS.map(|column| it.remove(column).unwrap_or_default()))
        .collect())
}

fn write(path: &Path, rows: &[[String; 17]]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_path(path)
        .with_context(|| format!("cannot write {path:?}"))?;
    writer.write_record(COLUMNS)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer
        .flush()
        .with_context(|| format!("cannot write {path:?}"))
}
