//! From run folders to entries, by way of the index where it still fits them.

use super::index::{Index, Stored};
use crate::Failure;
use crate::bundle::{self, Ledger, Loaded};
use crate::runs::run_folders;
use anyhow::anyhow;
use rig_history::{Beginning, RunEntry, UNFINISHED};
use rig_record::BenchKind;
use rig_record::journal::{ChainRead, LedgerEvent, Line, UnitResult, origin_of};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What could not be read, or is not as the ledger says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Unread {
    /// Name of the folder or file.
    name: String,
    why: String,
}

impl Unread {
    fn new(name: &str, why: &str) -> Self {
        Self {
            name: name.to_owned(),
            why: format!("not read, so its values are in no figure: {why}"),
        }
    }

    pub(super) fn line(&self) -> String {
        format!("{}: {}", self.name, self.why)
    }
}

/// Everything that folders of runs hold.
#[derive(Default)]
pub(super) struct Read {
    /// By the line of the ledger that begins them, and their names.
    pub(super) runs: BTreeMap<(String, String), RunEntry>,
    pub(super) unread: Vec<Unread>,
    /// What a person should know of the index; depends on what was there before.
    pub(super) notes: Vec<String>,
    /// Names of runs of which there is more than one folder.
    pub(super) copies: BTreeSet<String>,
    /// Ledgers, for holds and deviations.
    pub(super) ledgers: Vec<Vec<Line<LedgerEvent>>>,
}

impl Read {
    /// Reads one folder of runs, and leaves its index as it should be.
    pub(super) fn add(&mut self, out: &Path, is_rebuilt: bool) -> Result<(), Failure> {
        // Before the folders: a run that is begun meanwhile is then not known to the ledger alone.
        let ledger = Ledger::of(out).read();
        let folders = run_folders(out)?;
        let mut index = Index::open(out, is_rebuilt, &mut self.notes)?;
        let mut known: BTreeMap<String, Stored> = match index.all() {
            Ok(all) => all.into_iter().map(|it| (it.folder.clone(), it)).collect(),
            Err(error) => {
                self.notes.push(format!(
                    "the index of `{}` cannot be read ({error}); made anew from the run folders",
                    out.display()
                ));
                index.make_anew(out).map_err(Failure::Rig)?;
                BTreeMap::new()
            }
        };
        let (mut kept, mut new, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let mut present = BTreeSet::new();
        for folder in &folders {
            let Some(folder) = &as_it_is_now(folder) else {
                continue;
            };
            let mut name = name_of(folder);
            let mut was = read(folder, &name, known.remove(&name));
            if let (Err(_), Some(now)) = (&was, as_it_is_now(folder).filter(|it| it != folder)) {
                name = name_of(&now);
                was = read(&now, &name, known.remove(&name));
            }
            match was {
                Ok(Was::AsBefore(stored)) => kept.push(*stored),
                Ok(Was::New(stored)) => new.push(*stored),
                Ok(Was::Changed(stored)) => {
                    // An unfinished run may go on at any time.
                    if !name.ends_with(bundle::PARTIAL) {
                        self.notes.push(format!(
                            "`{}` is not as it was when it was indexed; read anew",
                            folder.display()
                        ));
                    }
                    new.push(*stored);
                }
                Err(why) => {
                    self.unread.push(Unread::new(&name, &why));
                    gone.push(name.clone());
                }
            }
            present.insert(name);
        }
        for name in known.into_keys() {
            let finished = name.strip_suffix(bundle::PARTIAL);
            if finished.is_none_or(|it| !present.contains(it)) {
                self.notes.push(format!(
                    "`{}` was indexed and is gone; it is taken out of the index",
                    out.join(&name).display()
                ));
            }
            gone.push(name);
        }
        let changed: Vec<&Stored> = new.iter().collect();
        if index.change(&gone, &changed).is_err() {
            // Not as this program left it, in some way that is seen on writing alone.
            let whole: Vec<&Stored> = kept.iter().chain(&new).collect();
            let anew = index
                .make_anew(out)
                .and_then(|()| Ok(index.change(&[], &whole)?));
            if let Err(error) = anew {
                self.notes.push(format!(
                    "the index of `{}` cannot be written ({error:#}); the figures are of the run folders all the same",
                    out.display()
                ));
            }
        }
        if !new.is_empty() {
            self.notes.push(format!(
                "{} of {} run folders in `{}` read anew",
                new.len(),
                folders.len(),
                out.display()
            ));
        }
        kept.extend(new);
        self.add_ledger(ledger, &kept);
        for stored in kept {
            self.take(stored.entry);
        }
        Ok(())
    }

    /// A run counts once, however many copies of its folder there are.
    fn take(&mut self, entry: RunEntry) {
        let key = (entry.begun.clone(), entry.run_id.clone());
        let Some(there) = self.runs.get_mut(&key) else {
            self.runs.insert(key, entry);
            return;
        };
        if entry.has_folder && there.has_folder {
            self.copies.insert(entry.run_id.clone());
        }
        let weight = |it: &RunEntry| (it.has_folder, it.ended.is_some(), it.units.len());
        if weight(&entry) > weight(there) {
            *there = entry;
        }
    }

    /// Runs that the ledger knows and no folder holds, and folders that are not as it says.
    fn add_ledger(&mut self, ledger: Result<ChainRead<LedgerEvent>, Failure>, stored: &[Stored]) {
        let read = match ledger {
            Ok(read) => read,
            Err(Failure::Input(error) | Failure::Rig(error)) => {
                self.unread
                    .push(Unread::new("ledger.jsonl", &format!("{error:#}")));
                return;
            }
        };
        let lines = read.lines;
        let after = lines.iter().skip(1).map(|it| it.prev.clone());
        let hashes = after.chain([read.chain.head().to_owned()]);
        let ends: BTreeMap<u64, End<'_>> = lines.iter().filter_map(end_of).collect();
        let by_beginning: BTreeMap<&str, &Stored> = stored
            .iter()
            .map(|it| (it.entry.begun.as_str(), it))
            .collect();
        for (line, hash) in lines.iter().zip(hashes) {
            let LedgerEvent::RunBegun(run) = &line.event else {
                continue;
            };
            let end = ends.get(&run.number);
            match by_beginning.get(hash.as_str()) {
                None => self.take(RunEntry::of_ledger(
                    run,
                    hash,
                    line.at.clone(),
                    end.map(|it| (it.at.to_owned(), it.disposition.to_owned(), it.not_meeting)),
                )),
                Some(stored) => {
                    let is_other = end.is_some_and(|it| it.head != stored.head);
                    if stored.entry.ended.is_some() && is_other {
                        self.unread.push(Unread {
                            name: stored.folder.clone(),
                            why: "its chain ends otherwise than the ledger says; it is counted as the folder has it".to_owned(),
                        });
                    }
                }
            }
        }
        self.ledgers.push(lines);
    }
}

/// What a ledger says of a run's end.
struct End<'l> {
    at: &'l str,
    disposition: &'l str,
    head: &'l str,
    not_meeting: &'l [UnitResult],
}

/// The end of a run by its number.
fn end_of(line: &Line<LedgerEvent>) -> Option<(u64, End<'_>)> {
    match &line.event {
        LedgerEvent::RunEnded {
            number,
            disposition,
            head,
            not_meeting,
            ..
        } => {
            let end = End {
                at: &line.at,
                disposition,
                head,
                not_meeting,
            };
            Some((*number, end))
        }
        _ => None,
    }
}

/// How a folder stands to what the index has of it.
enum Was {
    AsBefore(Box<Stored>),
    New(Box<Stored>),
    Changed(Box<Stored>),
}

/// Reads a folder, unless the index still fits it.
fn read(folder: &Path, name: &str, before: Option<Stored>) -> Result<Was, String> {
    let fingerprint = fingerprint(folder).map_err(|it| it.to_string())?;
    let was_indexed = match before {
        Some(before) if before.fingerprint == fingerprint => {
            return Ok(Was::AsBefore(Box::new(before)));
        }
        before => before.is_some(),
    };
    let entry = bundle::load(folder).and_then(|mut loaded| {
        let head = loaded.run_head().to_owned();
        Ok((head, entry(&mut loaded)?))
    });
    let (head, entry) = match entry {
        Ok(it) => it,
        Err(Failure::Input(error) | Failure::Rig(error)) => return Err(format!("{error:#}")),
    };
    let stored = Box::new(Stored {
        folder: name.to_owned(),
        fingerprint,
        head,
        entry,
    });
    Ok(if was_indexed {
        Was::Changed(stored)
    } else {
        Was::New(stored)
    })
}

fn entry(loaded: &mut Loaded) -> Result<RunEntry, Failure> {
    let begun = &loaded.begun;
    let done = loaded.units.iter().filter(|it| it.is_done);
    let benches: Vec<String> = done
        .map(|it| it.benches.last().map_or("", |it| it.bench.name.as_str()))
        .map(str::to_owned)
        .collect();
    if loaded.units.iter().all(|it| it.benches.is_empty()) {
        // Begun, and ended before a bench was opened: there is no record to make an entry of.
        let kind = match begun.bench_file {
            Some(_) => BenchKind::Hardware,
            None => BenchKind::Virtual,
        };
        return Ok(RunEntry {
            run_id: begun.run_id.clone(),
            begun: loaded.ledger_head.clone(),
            number: begun.ledger_number,
            kind,
            lot: begun.lot.clone(),
            plan: begun.plan.clone(),
            started: loaded.started.clone(),
            ended: loaded.ended.clone(),
            spec: format!("{} revision {}", begun.spec.document, begun.spec.revision),
            firmware: begun.image.firmware_version.clone(),
            station: begun.station.clone(),
            disposition: UNFINISHED.to_owned(),
            has_folder: true,
            rows: Vec::new(),
            units: Vec::new(),
        });
    }
    let beginning = Beginning {
        begun: loaded.ledger_head.clone(),
        number: begun.ledger_number,
        benches,
    };
    let record = loaded.take_record()?;
    RunEntry::of(&loaded.spec, &record, beginning)
        .map_err(|error| Failure::Input(anyhow!("{error}")))
}

/// SHA-256 over name and content of every file that an entry is made of: the chains and the inputs.
fn fingerprint(folder: &Path) -> std::io::Result<String> {
    let mut files = Vec::new();
    for part in ["inputs", "journal"] {
        let path = folder.join(part);
        if path.is_dir() {
            collect(&path, &mut files)?;
        }
    }
    files.sort();
    let mut hasher = Sha256::new();
    for path in files {
        let inside = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
        let bytes = fs::read(&path)?;
        for part in [inside.as_bytes(), &bytes] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    let digest = hasher.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The folder under the name that it has by now: a run that comes to its end meanwhile gets another.
/// None of one that has not written down its beginning yet, which the ledger alone knows.
fn as_it_is_now(folder: &Path) -> Option<PathBuf> {
    let name = name_of(folder);
    let Some(finished) = name.strip_suffix(bundle::PARTIAL) else {
        return Some(folder.to_owned());
    };
    let whole = folder.with_file_name(finished);
    if !folder.is_dir() && whole.is_dir() {
        return Some(whole);
    }
    let journal = fs::read(folder.join(bundle::RUN_JOURNAL)).unwrap_or_default();
    let is_begun = !journal.contains(&b'\n') && origin_of(&journal).is_none();
    (!is_begun).then(|| folder.to_owned())
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
