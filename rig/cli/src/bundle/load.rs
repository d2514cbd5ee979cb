//! A run folder read back: everything that was written down, checked against its own chains.

use super::journal::read_file;
use super::units::{Records, read_units};
use crate::{Failure, input};
use anyhow::{Context as _, anyhow};
use rig_record::journal::{
    Begun, BenchRecord, FileRecord, JOURNALS_READ, RunEvent, UnitEvent, origin_of,
};
use rig_record::{LedgerPosition, LotRecord, RunHeader, SpecIdentity, UnitRecord};
use rig_report::{Attachment, ChainHead};
use rig_spec::{RowId, SpecSet};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// The run's own chain, inside its folder.
pub(crate) const RUN_JOURNAL: &str = "journal/run.jsonl";
/// Where the spec tables of a run stand in its folder.
pub(crate) const SPEC_INPUTS: &str = "inputs/spec";

/// The chain of a unit, inside the run's folder.
pub(crate) fn unit_journal(position: usize, serial: &str) -> String {
    format!("journal/{:05}-{}.jsonl", position + 1, plain(serial))
}

/// A name without what a file system takes for its own.
pub(crate) fn plain(name: &str) -> String {
    let sound = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    name.chars()
        .map(|it| if sound(it) { it } else { '_' })
        .collect()
}

/// A run as its folder holds it.
pub(crate) struct Loaded {
    pub(crate) begun: Begun,
    /// When it was begun, ISO 8601.
    pub(crate) started: String,
    /// When it came to its end.
    pub(crate) ended: Option<String>,
    /// The tables that it was judged by.
    pub(crate) spec: SpecSet,
    pub(crate) units: Vec<LoadedUnit>,
    /// What the chains of its units hang on: the hash of the run's first line.
    pub(crate) origin_of_units: String,
    /// What the run's chain hangs on: the line of the ledger that begins it.
    pub(crate) ledger_head: String,
    /// Every chain, the run's own first.
    pub(crate) chains: Vec<LoadedChain>,
    /// Lines whose time is before that of the line before them, by file name.
    pub(crate) backwards: Vec<(String, u64)>,
    /// How often it was taken up again.
    pub(crate) resumed: usize,
}

/// A chain as it was found.
pub(crate) struct LoadedChain {
    /// Its file, inside the run's folder.
    pub(crate) file: String,
    /// What people know it by, how many lines it has, and its last hash.
    pub(crate) head: ChainHead,
}

/// Group, item, and how often it was reached.
pub(crate) type Reached = Vec<(String, String, u64)>;

/// A unit as its chain holds it.
pub(crate) struct LoadedUnit {
    pub(crate) serial: String,
    /// Benches that took it up; units of one bench share what it is.
    pub(crate) benches: Vec<Arc<BenchRecord>>,
    /// Attempts and files, as they were acknowledged; of a unit that was dealt with the files alone,
    /// since its attempts stand in its record too.
    pub(crate) events: Vec<UnitEvent>,
    /// Whether it was dealt with, and not cut short.
    pub(crate) is_done: bool,
    /// What became of it; none if it was cut short, or once [`Loaded::take_record`] took it.
    pub(crate) record: Option<UnitRecord>,
}

impl LoadedUnit {
    /// Files that were kept, with what they belong to.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&RowId, &FileRecord, &[String])> {
        self.events.iter().filter_map(|it| match it {
            UnitEvent::Wrote { row, file, notes } => Some((row, file, notes.as_slice())),
            _ => None,
        })
    }
}

impl Loaded {
    /// The record of every unit that was dealt with. It is taken out: a lot's record is large, and
    /// there is one of it.
    pub(crate) fn take_record(&mut self) -> Result<LotRecord, Failure> {
        let header = self.header()?;
        let units = self.units.iter_mut().filter_map(|it| it.record.take());
        Ok(LotRecord {
            header,
            units: units.collect(),
        })
    }

    /// What holds for the whole run.
    pub(crate) fn header(&self) -> Result<RunHeader, Failure> {
        let bench = self.units.iter().find_map(|it| it.benches.first());
        let bench = bench.ok_or_else(|| {
            Failure::Input(anyhow!(
                "run {} ended before a bench was opened; there is nothing to report",
                self.begun.run_id
            ))
        })?;
        let begun = &self.begun;
        Ok(RunHeader {
            run_id: begun.run_id.clone(),
            tool_version: begun.tool_version.clone(),
            program_sha256: begun.program_sha256.clone(),
            platform: begun.platform.clone(),
            bench: bench.bench.clone(),
            seed: begun.seed,
            scenario: begun.scenario.clone(),
            lot: begun.lot.clone(),
            plan: begun.plan.clone(),
            spec: begun.spec.clone(),
            image: begun.image.clone(),
            operator: begun.operator.clone(),
            station: begun.station.clone(),
            reason: begun.reason.clone(),
            started: self.started.clone(),
            ended: self.ended.clone(),
            instruments: bench.instruments.clone(),
            golden: begun.golden.clone(),
            ledger: Some(LedgerPosition {
                number: begun.ledger_number,
                head: self.ledger_head.clone(),
            }),
            tested_before: begun.tested_before.clone(),
            noted: self.noted(),
        })
    }

    /// What was noted when it was begun, and of its clock if that ran backwards.
    fn noted(&self) -> BTreeMap<String, String> {
        let mut noted = self.begun.noted.clone();
        if !self.backwards.is_empty() {
            let lines = self.backwards.iter();
            let lines: Vec<String> = lines
                .map(|(file, seq)| format!("{file} line {}", seq + 1))
                .collect();
            let what = format!(
                "was set back: the order of what was written down holds, its times do not, from {}",
                lines.join(", ")
            );
            noted.insert("wall clock".to_owned(), what);
        }
        noted
    }

    /// What the command sequences of each unit reached: group, item, times.
    pub(crate) fn coverage(&self, folder: &Path) -> Result<Vec<Reached>, Failure> {
        let files = self.units.iter().flat_map(LoadedUnit::files);
        let files = files.filter(|it| it.1.name.starts_with("coverage/"));
        files
            .map(|(_, file, _)| -> Result<Reached, Failure> {
                let path = folder.join(&file.name);
                let context = || format!("cannot read `{}`", path.display());
                let mut reader = csv::Reader::from_path(&path)
                    .with_context(context)
                    .map_err(Failure::Input)?;
                reader
                    .deserialize()
                    .collect::<Result<_, _>>()
                    .with_context(context)
                    .map_err(Failure::Input)
            })
            .collect()
    }

    /// Every chain with its last hash, by file name.
    pub(crate) fn heads(&self) -> Vec<(String, String)> {
        let chains = self.chains.iter();
        chains
            .map(|it| (it.file.clone(), it.head.hash.clone()))
            .collect()
    }

    /// The last hash of the run's own chain.
    pub(crate) fn run_head(&self) -> &str {
        self.chains.first().map_or("", |it| it.head.hash.as_str())
    }
}

/// Reads a run's folder.
///
/// What was changed since it was written, a folder that was copied in part, or one of another
/// format is an input's defect, said with its file.
pub(crate) fn load(folder: &Path) -> Result<Loaded, Failure> {
    load_with(folder, Records::Kept)
}

/// The same for whoever goes on with a run: every chain is read, and no record of a unit is kept,
/// since a large lot's is read again for its report.
pub(crate) fn load_to_go_on(folder: &Path) -> Result<Loaded, Failure> {
    load_with(folder, Records::Dropped)
}

fn load_with(folder: &Path, records: Records) -> Result<Loaded, Failure> {
    let path = folder.join(RUN_JOURNAL);
    let bytes = fs::read(&path)
        .with_context(|| {
            format!(
                "`{}` is no run folder, or was copied in part: cannot read `{}`",
                folder.display(),
                path.display()
            )
        })
        .map_err(Failure::Input)?;
    let ledger_head = origin_of(&bytes).unwrap_or_default();
    check_version(&path, &bytes)?;
    let run = read_file::<RunEvent>(&path, &ledger_head)?;
    let Some((first, rest)) = run.lines.split_first() else {
        return Err(Failure::Input(anyhow!(
            "run `{}` was stopped before anything of it was on disk; begin a new one",
            folder.display()
        )));
    };
    let RunEvent::Begun(begun) = &first.event else {
        return Err(Failure::Input(anyhow!(
            "`{}` does not begin with the run's beginning",
            path.display()
        )));
    };
    check_inputs(folder, begun)?;
    let spec = input::spec(&folder.join(SPEC_INPUTS))?;
    if SpecIdentity::from(&spec) != begun.spec {
        return Err(Failure::Input(anyhow!(
            "the spec tables in `{}` are not those that the run was begun with",
            folder.join(SPEC_INPUTS).display()
        )));
    }
    let mut loaded = Loaded {
        begun: (**begun).clone(),
        started: first.at.clone(),
        ended: rest
            .iter()
            .find_map(|it| (it.event == RunEvent::Ended).then(|| it.at.clone())),
        spec,
        units: Vec::with_capacity(begun.units.len()),
        origin_of_units: origin_of_units(folder, &ledger_head)?,
        ledger_head,
        backwards: run
            .backwards()
            .map(|it| (RUN_JOURNAL.to_owned(), it.seq))
            .collect(),
        resumed: rest
            .iter()
            .filter(|it| matches!(it.event, RunEvent::Resumed { .. }))
            .count(),
        chains: vec![LoadedChain {
            file: RUN_JOURNAL.to_owned(),
            head: ChainHead {
                name: "run".to_owned(),
                records: run.chain.len(),
                hash: run.chain.head().to_owned(),
            },
        }],
    };
    let ends = rest.iter().filter_map(|it| match &it.event {
        RunEvent::UnitEnded { serial, head } => Some((serial.as_str(), head.as_str())),
        _ => None,
    });
    let mut ends_of: BTreeMap<&str, &str> = BTreeMap::new();
    for (serial, head) in ends {
        ends_of.entry(serial).or_insert(head);
    }
    for read in read_units(folder, begun, &loaded.origin_of_units, &ends_of, records)? {
        if let Some((name, chain)) = read.chain {
            let backwards = read.backwards.iter().map(|seq| (name.clone(), *seq));
            loaded.backwards.extend(backwards);
            loaded.chains.push(LoadedChain {
                file: name,
                head: ChainHead {
                    name: read.unit.serial.clone(),
                    records: chain.len(),
                    hash: chain.head().to_owned(),
                },
            });
        }
        loaded.units.push(read.unit);
    }
    Ok(loaded)
}

/// What the chains of units hang on: the hash of the run's first line.
pub(crate) fn origin_of_units(folder: &Path, ledger_head: &str) -> Result<String, Failure> {
    let path = folder.join(RUN_JOURNAL);
    let bytes = fs::read(&path)
        .with_context(|| format!("cannot read the journal `{}`", path.display()))
        .map_err(Failure::Input)?;
    let end = bytes
        .iter()
        .position(|it| *it == b'\n')
        .map_or(0, |it| it + 1);
    let first = rig_record::journal::read_chain::<RunEvent>(&bytes[..end], ledger_head)
        .map_err(Failure::input)?;
    Ok(first.chain.head().to_owned())
}

/// Another format is named before anything else goes wrong with it.
fn check_version(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let end = bytes.iter().position(|it| *it == b'\n').unwrap_or(0);
    let first: serde_json::Value = serde_json::from_slice(&bytes[..end]).unwrap_or_default();
    let version = first
        .pointer("/event/begun/journal")
        .and_then(serde_json::Value::as_u64);
    match version {
        Some(version) if !is_read(version) => Err(Failure::Input(anyhow!(
            "`{}` is of journal format {version}; this program reads {}",
            path.display(),
            formats_read()
        ))),
        _ => Ok(()),
    }
}

/// Whether this program reads journals of a format.
pub(crate) fn is_read(version: u64) -> bool {
    JOURNALS_READ.iter().any(|it| u64::from(*it) == version)
}

/// The formats that this program reads, in words.
pub(crate) fn formats_read() -> String {
    JOURNALS_READ.map(|it| it.to_string()).join(" and ")
}

/// What a run works with must be as it was when it was begun.
fn check_inputs(folder: &Path, begun: &Begun) -> Result<(), Failure> {
    for file in &begun.inputs {
        let path = folder.join(&file.name);
        let bytes = fs::read(&path)
            .with_context(|| {
                format!(
                    "`{}` was copied in part: cannot read `{}`",
                    folder.display(),
                    path.display()
                )
            })
            .map_err(Failure::Input)?;
        let found = rig_spec::sha256(&bytes);
        if found != file.sha256 {
            return Err(Failure::Input(anyhow!(
                "`{}` changed since the run was begun: SHA-256 {found}, then {}; put the right file back or begin a new run",
                path.display(),
                file.sha256
            )));
        }
    }
    Ok(())
}

/// Files of rows. What a person can read comes before what is not: some readers show the first
/// alone.
pub(crate) fn attachments(loaded: &Loaded) -> Vec<Attachment> {
    let of_units = loaded.units.iter().flat_map(|unit| {
        unit.files().map(|(row, file, _)| Attachment {
            unit: unit.serial.clone(),
            row: row.to_string(),
            path: file.name.clone(),
        })
    });
    let (readable, rest): (Vec<_>, Vec<_>) =
        of_units.partition(|it| it.path.starts_with("counterexamples/"));
    readable.into_iter().chain(rest).collect()
}
