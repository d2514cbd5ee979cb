//! From what was written down to the report: every table, the manifest, the folder's name, and the
//! ledger's last word on the run.

use super::begin::Run;
use crate::bundle::{self, Ledger, Loaded};
use crate::signature::{self, SIGNATURE, StationKey};
use crate::{Failure, verify, waveforms};
use anyhow::anyhow;
use rig_record::journal::{LedgerEvent, LedgerRun, RunEvent, UnitResult};
use rig_record::{LotRecord, UnitRecord};
use rig_report::{Attachment, Chained, ManifestEntry, Tables};
use rig_spec::SpecSet;
use rig_stats::{LotSummary, Standing};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// A run's report.
pub(crate) struct Finished {
    pub(crate) record: LotRecord,
    /// Files that belong to rows.
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) folder: PathBuf,
    /// Hash of the ledger's line of its end, if it has come to it.
    pub(crate) ledger_head: Option<String>,
    /// Whether it was interrupted, and can be resumed.
    pub(crate) is_cut_short: bool,
}

/// Writes the report of a run of which every unit was dealt with, signed if there is a key.
pub(super) fn finish(run: Run, key: Option<&StationKey>) -> Result<Finished, Failure> {
    if !run.is_ended {
        let mut journal = run.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.append(&RunEvent::Ended)?;
    }
    let mut loaded = bundle::load(run.bundle.folder())?;
    let record = loaded.take_record()?;
    let entries = write_tables(&run, &loaded, &record)?;
    let manifest = rig_report::run_manifest(&chained(&loaded), &with_the_rest(&run, entries)?);
    run.bundle.write("manifest.json", &manifest)?;
    signature::seal(&run.bundle, key, &manifest, loaded.begun.ledger_number)?;
    let manifest_sha256 = rig_spec::sha256(manifest.as_bytes());
    let ledger = Ledger::of(run.bundle.out());
    let folder = run.bundle.finish()?;
    let head = end_in_ledger(&ledger, &loaded, &record, manifest_sha256)?;
    Ok(Finished {
        attachments: bundle::attachments(&loaded),
        record,
        folder,
        ledger_head: Some(head),
        is_cut_short: false,
    })
}

/// The ledger's last word on a run; gives the hash of its line.
fn end_in_ledger(
    ledger: &Ledger,
    loaded: &Loaded,
    record: &LotRecord,
    manifest_sha256: String,
) -> Result<String, Failure> {
    let summary = rig_stats::summarize(&loaded.spec, record).map_err(Failure::rig)?;
    let append = ledger.append(|_| {
        let event = LedgerEvent::RunEnded {
            number: loaded.begun.ledger_number,
            run_id: loaded.begun.run_id.clone(),
            disposition: summary.disposition.to_string(),
            exit: summary.exit.number(),
            manifest_sha256,
            head: loaded.run_head().to_owned(),
            not_meeting: not_meeting(record, &summary),
        };
        Ok((event, ()))
    });
    append.map(|it| it.0)
}

/// Of a run whose folder is whole and whose end the ledger does not know, since the program was
/// stopped in between: the ledger is told. Nothing for any other run.
pub(super) fn catch_up(out: &Path, run: &Path) -> Result<Option<(SpecSet, Finished)>, Failure> {
    let folder = bundle::find(out, run)?;
    let manifest = folder.join("manifest.json");
    if folder.extension().is_some_and(|it| it == "partial") || !manifest.exists() {
        return Ok(None);
    }
    let ledger = Ledger::of(folder.parent().unwrap_or(out));
    let mut loaded = bundle::load(&folder)?;
    let number = loaded.begun.ledger_number;
    let lines = ledger.read()?.lines;
    let is_told = lines.iter().any(
        |line| matches!(&line.event, LedgerEvent::RunEnded { number: it, .. } if *it == number),
    );
    let is_ours = |it: &LedgerRun| it.number == number && it.run_id == loaded.begun.run_id;
    let was_begun = lines
        .iter()
        .any(|line| matches!(&line.event, LedgerEvent::RunBegun(run) if is_ours(run)));
    if is_told || !was_begun {
        return Ok(None);
    }
    // The ledger is not told of what was changed or copied in part since.
    let verified = verify::of_run(&folder, None, None, verify::Others::LeftOut)?;
    let mut findings = verified.report.findings.iter();
    if let Some(finding) = findings.find(|it| it.kind != verify::Kind::Ledger) {
        return Err(Failure::Input(anyhow!(
            "`{}` is whole by its name, and not as it was written, so the ledger is not told of its end: {finding}",
            folder.display()
        )));
    }
    let bytes = fs::read(&manifest).map_err(Failure::rig)?;
    let record = loaded.take_record()?;
    let manifest_sha256 = rig_spec::sha256(&bytes);
    let head = end_in_ledger(&ledger, &loaded, &record, manifest_sha256)?;
    let finished = Finished {
        attachments: bundle::attachments(&loaded),
        record,
        folder,
        ledger_head: Some(head),
        is_cut_short: false,
    };
    Ok(Some((loaded.spec, finished)))
}

/// Writes the report of a run that was interrupted, into the folder that it can be resumed from;
/// `cut_short` are the units that stand in no chain yet.
pub(super) fn leave(run: &Run, cut_short: Vec<UnitRecord>) -> Result<Finished, Failure> {
    let mut journal = run.journal.lock().unwrap_or_else(PoisonError::into_inner);
    journal.append(&RunEvent::Interrupted)?;
    drop(journal);
    let mut loaded = bundle::load(run.bundle.folder())?;
    let mut record = loaded.take_record()?;
    record.units.extend(cut_short);
    record.units.sort_by_key(|it| it.index);
    write_tables(run, &loaded, &record)?;
    Ok(Finished {
        attachments: bundle::attachments(&loaded),
        record,
        folder: run.bundle.folder().to_owned(),
        ledger_head: None,
        is_cut_short: true,
    })
}

fn write_tables(
    run: &Run,
    loaded: &Loaded,
    record: &LotRecord,
) -> Result<Vec<ManifestEntry>, Failure> {
    let bundle = &run.bundle;
    let mut entries = Vec::new();
    let tables = Tables::new(&loaded.spec, record).map_err(Failure::rig)?;
    for name in tables.names() {
        entries.push(bundle.write_with(name, |to| tables.write(name, to))?);
    }
    drop(tables);
    let mut write = |name: &str, text: &str| -> Result<(), Failure> {
        entries.push(bundle.write_with(name, |to| to.write_all(text.as_bytes()))?);
        Ok(())
    };
    if let Some(index) = waveforms::index(loaded, record) {
        write("waveforms.csv", &index)?;
    }
    if let Some(table) =
        rig_report::coverage_table(&record.header, &loaded.coverage(bundle.folder())?)
    {
        write("coverage.csv", &table)?;
    }
    let ledger = Ledger::of(bundle.out());
    let extras = bundle::extras(bundle.folder(), &ledger, loaded, record)?;
    let html = rig_report::html(&loaded.spec, record, &extras).map_err(Failure::rig)?;
    write("report.html", &html)?;
    let attachments = bundle::attachments(loaded);
    let junit = rig_report::junit(&loaded.spec, record, &attachments).map_err(Failure::rig)?;
    write("junit.xml", &junit)?;
    Ok(entries)
}

/// Every other file of the folder: inputs, journals, waveforms, counterexamples.
fn with_the_rest(run: &Run, entries: Vec<ManifestEntry>) -> Result<Vec<ManifestEntry>, Failure> {
    let written: BTreeSet<String> = entries.iter().map(|it| it.name.clone()).collect();
    let mut entries = entries;
    let root = run.bundle.folder();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Failure::rig)? {
            let path = entry.map_err(Failure::rig)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = name_in(root, &path);
            let is_beside = ["manifest.json", SIGNATURE].contains(&name.as_str());
            if !is_beside && !written.contains(&name) {
                let bytes = fs::read(&path).map_err(Failure::rig)?;
                entries.push(ManifestEntry::of(&name, &bytes));
            }
        }
    }
    Ok(entries)
}

/// A path inside a folder, with forward slashes.
fn name_in(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    let parts: Vec<_> = parts
        .map(|it| it.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

fn chained(loaded: &Loaded) -> Chained {
    Chained {
        run_id: loaded.begun.run_id.clone(),
        ledger_number: loaded.begun.ledger_number,
        ledger_head: loaded.ledger_head.clone(),
        heads: loaded.heads(),
    }
}

/// The units that did not simply meet the plan.
pub(crate) fn not_meeting(record: &LotRecord, summary: &LotSummary) -> Vec<UnitResult> {
    let units = record.units.iter().zip(&summary.units);
    units
        .filter(|(_, it)| !matches!(it.standing, Standing::Meets | Standing::NotDrawn))
        .map(|(unit, standing)| UnitResult {
            serial: unit.serial.clone(),
            standing: standing.standing.to_string(),
            failed: standing.failed.clone(),
        })
        .collect()
}
