//! The chains of a run, and what the run was begun with.

use super::chain::{self, Ends, sha256};
use super::finding::{Kind, Place, Report};
use super::manifest::{Folder, MANIFEST, Manifest};
use super::restore;
use crate::Failure;
use crate::bundle::{RUN_JOURNAL, formats_read, is_read, unit_journal};
use anyhow::anyhow;
use rig_record::journal::{Begun, ChainRead, RunEvent, UnitEvent, origin_of};
use std::collections::{BTreeMap, BTreeSet};

/// What came of the chains.
pub(crate) struct Journals {
    /// Whether every chain and every input is as it was.
    pub(crate) hold: bool,
    /// Last hash of each chain, by file.
    pub(crate) heads: Vec<(String, String)>,
}

/// Checks every chain and every input of a run.
pub(crate) fn check(
    report: &mut Report,
    folder: &Folder,
    manifest: Option<&Manifest>,
    unfinished: bool,
) -> Result<Journals, Failure> {
    let bytes = folder.bytes(RUN_JOURNAL)?;
    refuse_another_format(&bytes)?;
    let before = report.findings.len();
    let mut heads = Vec::new();
    let own = origin_of(&bytes).unwrap_or_default();
    let origin = manifest.map_or(own.as_str(), |it| it.ledger_head.as_str());
    let ends = ends_of(manifest, RUN_JOURNAL);
    let origin_name = (origin, "the line of the ledger by the manifest");
    let run: Option<ChainRead<RunEvent>> = chain::check(
        report,
        Kind::Journal,
        RUN_JOURNAL,
        &bytes,
        origin_name,
        &ends,
    );
    let mut begun = None;
    if let Some(run) = &run {
        torn(report, RUN_JOURNAL, run.torn, run.whole, unfinished);
        heads.push((RUN_JOURNAL.to_owned(), run.chain.head().to_owned()));
        begun = begun_of(report, run);
        if !unfinished && run.lines.last().map(|it| &it.event) != Some(&RunEvent::Ended) {
            let what = "does not end with the run's end, and the folder is that of a whole run";
            let place = Place::line(run.chain.len(), run.whole);
            report.find(Kind::Journal, RUN_JOURNAL, place, what);
        }
    } else {
        // The units are still looked at, by what the first line says if it can be read.
        begun = begun.or_else(|| first_of(&bytes));
    }
    if let Some(begun) = &begun {
        check_inputs(report, folder, begun);
        check_name(report, begun, manifest);
        let origins = origins_of_units(&bytes);
        let lines = run.as_ref().map_or(&[][..], |it| &it.lines[..]);
        let ends = lines.iter().filter_map(|it| match &it.event {
            RunEvent::UnitEnded { serial, head } => Some((serial.as_str(), head)),
            _ => None,
        });
        let ends: BTreeMap<&str, &String> = ends.collect();
        let mut known = BTreeSet::from([RUN_JOURNAL.to_owned()]);
        for (position, order) in begun.units.iter().enumerate() {
            let name = unit_journal(position, &order.serial);
            let ended = Ended {
                head: ends.get(order.serial.as_str()).copied(),
                // Where the run's own chain is broken, it is not asked.
                is_known: run.is_some() && !unfinished,
            };
            if let Some(head) = unit(report, folder, &name, &origins, &ended, manifest)? {
                heads.push((name.clone(), head));
            }
            known.insert(name);
        }
        for name in folder.files.keys() {
            if name.starts_with("journal/") && !known.contains(name) {
                let what = "is no journal of this run: it has no such unit";
                report.find(Kind::Journal, name, Place::default(), what);
            }
        }
    }
    let journal_or_input = &[Kind::Journal, Kind::Input];
    let hold = run.is_some()
        && !report.findings[before..]
            .iter()
            .any(|it| journal_or_input.contains(&it.kind));
    Ok(Journals { hold, heads })
}

/// What the run's own chain says of the end of a unit's.
struct Ended<'a> {
    head: Option<&'a String>,
    /// Whether it must say so.
    is_known: bool,
}

fn unit(
    report: &mut Report,
    folder: &Folder,
    name: &str,
    origins: &[String],
    ended: &Ended<'_>,
    manifest: Option<&Manifest>,
) -> Result<Option<String>, Failure> {
    if !folder.has(name) {
        if ended.head.is_some() || manifest.is_some() {
            let what = "is not there, and the run had this unit: it was deleted, or the folder was copied in part";
            report.find(Kind::Journal, name, Place::default(), what);
        }
        return Ok(None);
    }
    let bytes = folder.bytes(name)?;
    let mut ends = ends_of(manifest, name);
    if let Some(head) = ended.head {
        ends.push(Ends {
            by: RUN_JOURNAL,
            head,
        });
    }
    let own = origin_of(&bytes).unwrap_or_default();
    let origin = origins.iter().find(|it| **it == own).or(origins.first());
    let origin = origin.map_or("", String::as_str);
    let origin = (origin, "the first line of the run");
    let read = chain::check::<UnitEvent>(report, Kind::Journal, name, &bytes, origin, &ends);
    let Some(read) = read else {
        restore::place_exactly(report, name, &bytes);
        return Ok(None);
    };
    torn(report, name, read.torn, read.whole, manifest.is_none());
    if ended.is_known && ended.head.is_none() {
        let what = "is a unit's chain that the run's own chain does not end";
        report.find(Kind::Journal, name, Place::default(), what);
    }
    Ok(Some(read.chain.head().to_owned()))
}

fn ends_of<'a>(manifest: Option<&'a Manifest>, name: &str) -> Vec<Ends<'a>> {
    let head = manifest.and_then(|it| it.chain_heads.get(name));
    head.map(|head| Ends { by: MANIFEST, head })
        .into_iter()
        .collect()
}

/// A crash leaves bytes behind the last whole line; a run that came to its end has none.
fn torn(report: &mut Report, file: &str, torn: usize, whole: usize, unfinished: bool) {
    if torn == 0 {
        return;
    }
    let what = format!("{torn} bytes from byte {whole} are no whole line");
    if unfinished {
        report.note(format!(
            "{file}: {what}; a crash leaves such, and nothing of them was acknowledged"
        ));
    } else {
        let place = Place {
            byte: Some(whole as u64),
            ..Place::default()
        };
        report.find(Kind::Journal, file, place, what);
    }
}

fn begun_of(report: &mut Report, run: &ChainRead<RunEvent>) -> Option<Begun> {
    match run.lines.first().map(|it| &it.event) {
        Some(RunEvent::Begun(begun)) => Some((**begun).clone()),
        _ => {
            let what = "does not begin with the run's beginning";
            report.find(Kind::Journal, RUN_JOURNAL, Place::line(1, 0), what);
            None
        }
    }
}

fn first_of(bytes: &[u8]) -> Option<Begun> {
    let first = bytes.split(|it| *it == b'\n').next()?;
    let line: rig_record::journal::Line<RunEvent> = serde_json::from_slice(first).ok()?;
    match line.event {
        RunEvent::Begun(begun) => Some(*begun),
        _ => None,
    }
}

/// What the units' chains may hang on: the hash of the run's first line as it is, or as the second
/// one names it, since a first line that was changed is told of already.
fn origins_of_units(bytes: &[u8]) -> Vec<String> {
    let first = bytes.split(|it| *it == b'\n').next().unwrap_or_default();
    let by_the_second = chain::first_by_the_second(bytes);
    [sha256(first)].into_iter().chain(by_the_second).collect()
}

fn check_inputs(report: &mut Report, folder: &Folder, begun: &Begun) {
    for file in &begun.inputs {
        let what = match folder.files.get(&file.name) {
            None => "is not there, and the run was begun with it".to_owned(),
            Some((_, hash)) if *hash != file.sha256 => {
                format!("has SHA-256 {hash}, the run was begun with {}", file.sha256)
            }
            Some(_) => continue,
        };
        report.find(Kind::Input, &file.name, Place::default(), what);
    }
    for name in folder.files.keys() {
        let is_known = begun.inputs.iter().any(|it| it.name == *name);
        if name.starts_with("inputs/") && !is_known {
            let what = "is no input that the run was begun with: it was put in";
            report.find(Kind::Input, name, Place::default(), what);
        }
    }
}

fn check_name(report: &mut Report, begun: &Begun, manifest: Option<&Manifest>) {
    if let Some(manifest) = manifest
        && (manifest.run != begun.run_id || manifest.ledger_number != begun.ledger_number)
    {
        let what = format!(
            "is of run {}, number {}; the journal is of {}, number {}",
            manifest.run, manifest.ledger_number, begun.run_id, begun.ledger_number
        );
        report.find(Kind::Manifest, MANIFEST, Place::default(), what);
    }
    let named = report.subject.strip_prefix("run ").unwrap_or_default();
    if named != begun.run_id {
        let what = format!(
            "the folder is named {named}, the run {}: it was renamed or copied",
            begun.run_id
        );
        report.note(what);
    }
}

fn refuse_another_format(bytes: &[u8]) -> Result<(), Failure> {
    let first = bytes.split(|it| *it == b'\n').next().unwrap_or_default();
    let first: serde_json::Value = serde_json::from_slice(first).unwrap_or_default();
    let version = first
        .pointer("/event/begun/journal")
        .and_then(serde_json::Value::as_u64);
    match version {
        Some(version) if !is_read(version) => Err(Failure::Input(anyhow!(
            "`{RUN_JOURNAL}` is of journal format {version}; this program reads {}: verify the run with the version of penrig that made it",
            formats_read()
        ))),
        _ => Ok(()),
    }
}
