//! The station's ledger: its chain, its numbers, and the folders beside it.

use super::chain::{self, sha256};
use super::finding::{Head, Kind, Place, Report};
use super::manifest::{MANIFEST, read};
use crate::Failure;
use crate::bundle::{LEDGER, PARTIAL, RUN_JOURNAL};
use anyhow::{Context as _, anyhow};
use rig_record::journal::{LedgerEvent, LedgerRun, ORIGIN, UnitResult, origin_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A line of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    /// From 1.
    pub(crate) line: u64,
    /// First byte, from 0.
    pub(crate) byte: usize,
}

impl At {
    pub(crate) fn place(self) -> Place {
        Place::line(self.line, self.byte)
    }
}

/// How a run came to its end, by the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) at: At,
    pub(crate) disposition: String,
    pub(crate) exit: u8,
    pub(crate) manifest_sha256: String,
    pub(crate) head: String,
    pub(crate) not_meeting: Vec<UnitResult>,
}

/// A run, by the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) at: At,
    /// Hash of the line that begins it.
    pub(crate) sha256: String,
    pub(crate) run: LedgerRun,
    pub(crate) ended: Option<Ended>,
}

/// A ledger whose chain holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct LedgerRead {
    pub(crate) runs: Vec<Known>,
    /// Hash of each line, in order.
    pub(crate) hashes: Vec<String>,
}

impl LedgerRead {
    pub(crate) fn run(&self, run_id: &str) -> Option<&Known> {
        self.runs.iter().find(|it| it.run.run_id == run_id)
    }
}

/// Whether the folders of other runs than the one asked for must be there too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    LookedAt,
    LeftOut,
}

/// Checks the ledger of a folder and the run folders beside it, or that of one run only; none if
/// there is no ledger, or its chain does not hold.
pub(crate) fn check(
    report: &mut Report,
    out: &Path,
    only: Option<&str>,
) -> Result<Option<LedgerRead>, Failure> {
    let path = out.join(LEDGER);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read(&path)?;
    refuse_another_format(&path, &bytes)?;
    let origin = (ORIGIN, "nothing, as the first line of a ledger does");
    let Some(read) = chain::check::<LedgerEvent>(report, Kind::Ledger, LEDGER, &bytes, origin, &[])
    else {
        return Ok(None);
    };
    if read.torn > 0 {
        report.note(format!(
            "{LEDGER} ends with {} bytes that are no whole line, from byte {}: a crash leaves such, and nothing of them was acknowledged",
            read.torn, read.whole
        ));
    }
    for line in read.backwards() {
        report.note(backwards(LEDGER, line.seq, &line.at));
    }
    let mut known = LedgerRead {
        runs: Vec::new(),
        hashes: chain::line_hashes(&bytes[..read.whole]),
    };
    let mut byte = 0;
    let lengths = bytes[..read.whole].split_inclusive(|it| *it == b'\n');
    for ((line, text), hash) in read.lines.into_iter().zip(lengths).zip(&known.hashes) {
        let at = At {
            line: line.seq + 1,
            byte,
        };
        byte += text.len();
        match line.event {
            LedgerEvent::RunBegun(run) => {
                begin(report, &mut known.runs, at, hash, *run);
            }
            LedgerEvent::RunEnded {
                number,
                run_id,
                disposition,
                exit,
                manifest_sha256,
                head,
                not_meeting,
            } => {
                let ended = Ended {
                    at,
                    disposition,
                    exit,
                    manifest_sha256,
                    head,
                    not_meeting,
                };
                end(report, &mut known.runs, (number, &run_id), ended);
            }
            _ => {}
        }
    }
    if let Some(hash) = known.hashes.last() {
        report.heads.push(Head {
            of: "the ledger's last line",
            sha256: hash.clone(),
        });
    }
    check_folders(report, out, &known, only)?;
    Ok(Some(known))
}

/// What is said of a line whose time is before that of the line before it.
pub(crate) fn backwards(file: &str, seq: u64, at: &str) -> String {
    format!(
        "{file} line {}: the wall clock was set back before {at}; the order of the lines holds, their times do not",
        seq + 1
    )
}

fn refuse_another_format(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let first = bytes.split(|it| *it == b'\n').next().unwrap_or_default();
    if bytes.is_empty() || first.starts_with(b"{\"seq\":") {
        return Ok(());
    }
    // A line that was changed is a mismatch; a file of another kind is none.
    match serde_json::from_slice::<serde_json::Value>(first) {
        Ok(value) if value.get("prev").is_none() && value.get("event").is_none() => Err(
            Failure::Input(anyhow!("`{}` is no ledger of penrig", path.display())),
        ),
        _ => Ok(()),
    }
}

fn begin(report: &mut Report, runs: &mut Vec<Known>, at: At, hash: &str, run: LedgerRun) {
    let wanted = runs.last().map_or(1, |it| it.run.number + 1);
    if run.number != wanted {
        let what = format!(
            "begins run {}, and {wanted} is its turn: the ledger has a gap, or was made anew",
            run.number
        );
        report.find(Kind::Ledger, LEDGER, at.place(), what);
    }
    if runs.iter().any(|it| it.run.run_id == run.run_id) {
        let what = format!("begins run {} a second time", run.run_id);
        report.find(Kind::Ledger, LEDGER, at.place(), what);
    }
    runs.push(Known {
        at,
        sha256: hash.to_owned(),
        run,
        ended: None,
    });
}

fn end(report: &mut Report, runs: &mut [Known], (number, run_id): (u64, &str), ended: Ended) {
    let at = ended.at;
    let known = runs
        .iter_mut()
        .find(|it| it.run.number == number && it.run.run_id == run_id);
    let what = match known {
        None => format!("ends run {number}, {run_id}, which was never begun"),
        Some(it) if it.ended.is_some() => format!("ends run {number}, {run_id}, a second time"),
        Some(it) => {
            it.ended = Some(ended);
            return;
        }
    };
    report.find(Kind::Ledger, LEDGER, at.place(), what);
}

/// Every run begun has its folder, and every folder its run.
fn check_folders(
    report: &mut Report,
    out: &Path,
    ledger: &LedgerRead,
    only: Option<&str>,
) -> Result<(), Failure> {
    let is_asked_for = |run_id: &str| only.is_none_or(|it| it == run_id);
    let context = || format!("cannot read the folder `{}`", out.display());
    let mut folders: BTreeMap<String, bool> = BTreeMap::new();
    for entry in fs::read_dir(out)
        .with_context(context)
        .map_err(Failure::Rig)?
    {
        let path = entry.with_context(context).map_err(Failure::Rig)?.path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        folders.insert(name.into_owned(), path.join(RUN_JOURNAL).is_file());
    }
    let known: BTreeSet<&str> = ledger
        .runs
        .iter()
        .map(|it| it.run.run_id.as_str())
        .collect();
    for (folder, has_journal) in &folders {
        let run_id = folder.strip_suffix(PARTIAL).unwrap_or(folder);
        if !known.contains(run_id) && *has_journal && is_asked_for(run_id) {
            let what = "is the folder of a run that the ledger does not know: lines of the ledger were cut off, or the folder comes from elsewhere or has another name";
            report.find(Kind::Ledger, folder, Place::default(), what);
        }
    }
    for known in ledger.runs.iter().filter(|it| is_asked_for(&it.run.run_id)) {
        let run = &known.run;
        let number = run.number;
        let whole = folders.contains_key(&run.run_id);
        let partial = folders.contains_key(&format!("{}{PARTIAL}", run.run_id));
        match &known.ended {
            Some(ended) if whole => check_manifest(report, out, known, ended)?,
            Some(_) if partial => report.find(
                Kind::Ledger,
                LEDGER,
                known.at.place(),
                format!(
                    "run {number}, {}, came to its end by the ledger, and its folder is that of an unfinished one",
                    run.run_id
                ),
            ),
            None if whole => report.find(
                Kind::Ledger,
                LEDGER,
                known.at.place(),
                format!(
                    "run {number}, {}, never came to its end by the ledger, and its folder is whole: the line of its end was cut off, or power was lost before it was written",
                    run.run_id
                ),
            ),
            None if partial => report.note(format!(
                "run {number}, {}, was begun and has not come to its end: it is under way, or was stopped (`penrig qualify --resume {}`)",
                run.run_id, run.run_id
            )),
            _ => report.find(
                Kind::Ledger,
                LEDGER,
                known.at.place(),
                format!(
                    "begins run {number}, {} (plan {}, lot {}, units {}), whose folder is not there: it was deleted or moved. Put it back from where runs are kept; `penrig verify RUN --alone` verifies another without it, and the gap stays one",
                    run.run_id,
                    run.plan,
                    run.lot,
                    run.units.join(" ")
                ),
            ),
        }
    }
    Ok(())
}

/// The manifest of a run that came to its end, and what its chain hangs on.
fn check_manifest(
    report: &mut Report,
    out: &Path,
    known: &Known,
    ended: &Ended,
) -> Result<(), Failure> {
    let folder = out.join(&known.run.run_id);
    let file = |name: &str| format!("{}/{name}", known.run.run_id);
    for name in [MANIFEST, RUN_JOURNAL] {
        if !folder.join(name).is_file() {
            let what = format!(
                "is not there, and line {} of the ledger ends the run: it was deleted, or the folder was copied in part",
                ended.at.line
            );
            report.find(Kind::Manifest, &file(name), Place::default(), what);
            return Ok(());
        }
    }
    let found = sha256(&read(&folder.join(MANIFEST))?);
    if found != ended.manifest_sha256 {
        let what = format!(
            "has SHA-256 {found}, line {} of the ledger says {}",
            ended.at.line, ended.manifest_sha256
        );
        report.find(Kind::Manifest, &file(MANIFEST), Place::default(), what);
        let what = format!(
            "says the manifest of run {}, {}, has SHA-256 {}, it has {found}: one of the two was changed",
            known.run.number, known.run.run_id, ended.manifest_sha256
        );
        report.find(Kind::Ledger, LEDGER, ended.at.place(), what);
    }
    let origin = origin_of(&read(&folder.join(RUN_JOURNAL))?).unwrap_or_default();
    if origin != known.sha256 {
        let what = format!(
            "hangs on {origin}, and line {} of the ledger, which begins the run, is {}",
            known.at.line, known.sha256
        );
        report.find(Kind::Journal, &file(RUN_JOURNAL), Place::line(1, 0), what);
    }
    Ok(())
}
