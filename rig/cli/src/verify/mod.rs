//! `penrig verify`: whether a run is as it was written, and whether its result follows from it.
//!
//! What is shown is change relative to something kept elsewhere: a head, or a station's public key.
//! Without one, whoever can write the files can make every chain anew, and the report says so.

mod chain;
mod finding;
mod head;
mod journals;
mod ledger;
mod manifest;
mod record;
mod restore;
mod table;

use crate::args::VerifyArgs;
use crate::bundle::{self, LEDGER, Loaded, PARTIAL, RUN_JOURNAL};
use crate::signature::{self, PublicKeyFile, Signed};
use crate::{Failure, qualify};
use anyhow::{Context as _, anyhow};
use head::Fixed;
use ledger::{Known, LedgerRead};
use rig_record::LotRecord;
use rig_stats::LotSummary;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use chain::{Ends as ChainEnds, check as check_chain, line_hashes, sha256};
pub(crate) use finding::{Head, Kind, Place, Report};
pub(crate) use ledger::Others;
pub(crate) use manifest::{Folder, MANIFEST, Manifest, read};

/// Why a chain alone proves little.
const ANEW: &str = "that nobody made all of it anew: whoever can write these files can write other chains, tables, manifest and ledger that fit together. \
                    Keep a hash below where they cannot write, and give it with --head; or sign runs (`penrig qualify --sign`) and give --public-key";
/// What a head of the run, or its signature, leaves open.
const OTHERS: &str = "which other runs there were: what was kept elsewhere fixes this run alone, and the ledger could have been made anew";
/// What a ledger leaves open at its end.
const CUT_OFF: &str = "that no runs were cut off the ledger's end together with their folders: only a head of the ledger that is kept elsewhere shows that";
/// What was asked to be left out.
const OTHERS_LEFT_OUT: &str =
    "that the folders of the ledger's other runs are there: they were not looked at (--alone)";
/// What no chain can show.
const NEVER: &str = "that what was written down was so: no chain says anything of bench, pen, clock or names, only of changes after the writing";

pub(crate) fn run(args: &VerifyArgs) -> Result<u8, Failure> {
    let key = args
        .public_key
        .as_deref()
        .map(PublicKeyFile::read)
        .transpose()?;
    let folder = match (&args.ledger, &args.run) {
        (Some(out), _) => return of_ledger(out, args.head.as_deref())?.print(args.format),
        (None, Some(run)) if run.join(LEDGER).is_file() && !run.join(RUN_JOURNAL).is_file() => {
            return of_ledger(run, args.head.as_deref())?.print(args.format);
        }
        (None, Some(run)) => bundle::find(&args.runs.out, run)?,
        (None, None) => {
            return Err(Failure::Input(anyhow!(
                "give a run, or --ledger DIR for the ledger of a folder of runs"
            )));
        }
    };
    let others = if args.alone {
        Others::LeftOut
    } else {
        Others::LookedAt
    };
    of_run(&folder, key.as_ref(), args.head.as_deref(), others)?
        .report
        .print(args.format)
}

/// The ledger alone.
fn of_ledger(out: &Path, head: Option<&str>) -> Result<Report, Failure> {
    let mut report = Report::new(format!("ledger of {}", out.display()));
    if !out.join(LEDGER).is_file() {
        return Err(Failure::Input(anyhow!(
            "`{}` has no {LEDGER}: it is no folder of runs, or the ledger was deleted",
            out.display()
        )));
    }
    let ledger = ledger::check(&mut report, out, None)?;
    if let Some(ledger) = &ledger {
        let ended = ledger.runs.iter().filter(|it| it.ended.is_some()).count();
        report.proved.push(format!(
            "the ledger's chain holds over {} lines; runs begun {}, ended {ended}",
            ledger.hashes.len(),
            ledger.runs.len()
        ));
        report.not_proved.push(
            "what the runs hold: of each that ended, the hash of its manifest was compared; `penrig verify RUN` looks inside"
                .to_owned(),
        );
    }
    let fixed = head::check(&mut report, head, None, ledger.as_ref());
    if fixed != Fixed::Ledger {
        report.not_proved.push(CUT_OFF.to_owned());
    }
    conclude(&mut report, fixed);
    Ok(report)
}

/// What looking at a run came to, with what a sign-off needs of it.
pub(crate) struct Verified {
    pub(crate) report: Report,
    pub(crate) manifest_sha256: Option<String>,
    pub(crate) loaded: Option<Loaded>,
    pub(crate) disposition: String,
}

/// One run with everything that it stands on.
pub(crate) fn of_run(
    root: &Path,
    key: Option<&PublicKeyFile>,
    head: Option<&str>,
    others: Others,
) -> Result<Verified, Failure> {
    let root = &whole_path(root)?;
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let run_id = name.strip_suffix(PARTIAL).unwrap_or(&name).to_owned();
    let unfinished = name.ends_with(PARTIAL);
    let mut report = Report::new(format!("run {run_id}"));
    report.unfinished = unfinished;
    must_be_a_run(root, unfinished)?;
    let folder = Folder::read(root)?;
    let out = root.parent().map_or_else(PathBuf::new, Path::to_owned);
    let out = if out.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        out
    };

    let (manifest, manifest_bytes) = if unfinished {
        (None, None)
    } else {
        let bytes = folder.bytes(MANIFEST)?;
        let manifest = manifest::parse(&mut report, &bytes)?;
        (manifest, Some(bytes))
    };
    if let Some(manifest) = &manifest {
        manifest::check(&mut report, &folder, manifest);
    }
    let journals = journals::check(&mut report, &folder, manifest.as_ref(), unfinished)?;
    for name in folder.files.keys() {
        if !unfinished && name.ends_with(".csv") && !name.contains('/') {
            table::check_end(&mut report, name, &folder.bytes(name)?);
        }
    }
    let only = (others == Others::LeftOut).then_some(run_id.as_str());
    let ledger = ledger::check(&mut report, &out, only)?;
    if only.is_some() && ledger.is_some() {
        report.not_proved.push(OTHERS_LEFT_OUT.to_owned());
    }
    let mut loaded = load(&mut report, root, &journals);
    let mut disposition = String::new();
    let mut of_record = None;
    if let Some(loaded) = &mut loaded {
        of_record = of_loaded(&mut report, &folder, loaded, unfinished)?;
        if let Some((_, summary)) = &of_record {
            disposition = summary.disposition.to_string();
        }
        if let (Some(manifest), Some(bytes)) = (&manifest, &manifest_bytes) {
            of_manifest(&mut report, loaded, manifest, bytes);
        }
    } else {
        report.not_proved.push(
            "tables and verdicts: the journals must hold before anything is compared with them"
                .to_owned(),
        );
    }
    let known = ledger.as_ref().and_then(|it| it.run(&run_id));
    place_in_ledger(&mut report, &out, ledger.as_ref(), known);
    if let (Some(loaded), Some(known)) = (&loaded, known) {
        against_ledger(&mut report, loaded, of_record.as_ref(), known);
    }
    let manifest_sha256 = manifest_bytes.as_deref().map(sha256);
    let signed = match &manifest_bytes {
        Some(bytes) => signature::check(&mut report, &folder, manifest.as_ref(), bytes, key)?,
        None => Signed::Not,
    };
    let mut sign_offs = Vec::new();
    if let Some(sha256) = &manifest_sha256 {
        sign_offs = signature::check_sign_offs(&mut report, &out, &run_id, sha256)?;
        report.heads.insert(
            0,
            Head {
                of: "manifest.json of this run",
                sha256: sha256.clone(),
            },
        );
    }
    let this = head::This {
        manifest_sha256: manifest_sha256.as_deref(),
        journals: &journals.heads,
        sign_offs: &sign_offs,
        known,
    };
    let fixed = head::check(&mut report, head, Some(&this), ledger.as_ref());
    // The ledger tells of every run with its folder's name; this one's is left out.
    let of_this = format!("{run_id}/");
    for finding in &mut report.findings {
        if let Some(name) = finding.file.strip_prefix(&of_this) {
            finding.file = name.to_owned();
        }
    }
    let by_key = match signed {
        Signed::ByTheGivenKey => Fixed::Run,
        Signed::Not | Signed::BySomeKey | Signed::Wrongly => Fixed::Nothing,
    };
    conclude(&mut report, fixed.max(by_key));
    Ok(Verified {
        report,
        manifest_sha256,
        loaded,
        disposition,
    })
}

/// A path that ends with a name: `.` has none.
fn whole_path(root: &Path) -> Result<PathBuf, Failure> {
    if root.file_name().is_some() {
        return Ok(root.to_owned());
    }
    fs::canonicalize(root)
        .with_context(|| format!("cannot read the folder `{}`", root.display()))
        .map_err(Failure::Rig)
}

/// What is said at the end.
fn conclude(report: &mut Report, fixed: Fixed) {
    match fixed {
        Fixed::Nothing => report.not_proved.push(ANEW.to_owned()),
        Fixed::Run => report.not_proved.push(OTHERS.to_owned()),
        Fixed::Ledger => {}
    }
    report.not_proved.push(NEVER.to_owned());
    if !report.findings.is_empty() {
        // What fits together is worth telling only where all of it does.
        report.proved.clear();
        report.heads.clear();
    }
}

/// A folder in which there is nothing to hold against anything is no mismatch but no run.
fn must_be_a_run(root: &Path, unfinished: bool) -> Result<(), Failure> {
    let missing: Vec<&str> = [RUN_JOURNAL, MANIFEST]
        .into_iter()
        .filter(|it| !unfinished || *it != MANIFEST)
        .filter(|it| !root.join(it).is_file())
        .collect();
    if missing == [RUN_JOURNAL] && !unfinished {
        manifest::refuse_another_format(&read(&root.join(MANIFEST))?)?;
    }
    match missing[..] {
        [] => Ok(()),
        [one] => Err(Failure::Input(anyhow!(
            "`{}` has no {one}: it was copied in part, or that file was deleted; nothing can be said of it. Copy the whole folder again from where it was made",
            root.display()
        ))),
        _ => Err(Failure::Input(anyhow!(
            "`{}` is no run folder: it has neither {RUN_JOURNAL} nor {MANIFEST}",
            root.display()
        ))),
    }
}

/// The run, if its journals and inputs are as they were.
fn load(report: &mut Report, root: &Path, journals: &journals::Journals) -> Option<Loaded> {
    if !journals.hold {
        return None;
    }
    match bundle::load(root) {
        Ok(loaded) => Some(loaded),
        Err(Failure::Input(error) | Failure::Rig(error)) => {
            let what = format!("cannot be read as a run: {error:#}");
            report.find(Kind::Journal, RUN_JOURNAL, Place::default(), what);
            None
        }
    }
}

/// What follows from the journals; gives the record of a whole run, taken out, and its summary.
fn of_loaded(
    report: &mut Report,
    folder: &Folder,
    loaded: &mut Loaded,
    unfinished: bool,
) -> Result<Option<(LotRecord, LotSummary)>, Failure> {
    for (file, seq) in &loaded.backwards {
        report.note(format!(
            "{file} line {}: the wall clock was set back; the order of the lines holds, their times do not",
            seq + 1
        ));
    }
    if loaded.resumed > 0 {
        report.note(format!("taken up again {} times", loaded.resumed));
    }
    let before = report.findings.len();
    let verdicts = record::check_units(report, folder, loaded)?;
    if report.findings.len() == before {
        report.proved.push(format!(
            "{verdicts} verdicts follow again from their evidence under the spec in the run, and every attempt that was acknowledged stands in its unit's end"
        ));
    }
    if unfinished {
        let dealt = loaded.units.iter().filter(|it| it.is_done).count();
        report.note(format!(
            "the run has not come to its end: {dealt} of {} units were dealt with; what is there was checked (`penrig qualify --resume` goes on with it)",
            loaded.units.len()
        ));
        return Ok(None);
    }
    let record = loaded.take_record()?;
    let before = report.findings.len();
    let tables = record::check_tables(report, folder, loaded, &record)?;
    let ours = env!("CARGO_PKG_VERSION");
    let is_another_build = loaded.begun.program_sha256 != qualify::program_sha256();
    if loaded.begun.tool_version != ours && report.findings.len() > before {
        // Another program may write other tables of the same record.
        report.findings.truncate(before);
        report.undecided.push(format!(
            "the tables are not what this program, {ours}, makes of the journal; they were made by {}: compare them with that one",
            loaded.begun.tool_version
        ));
    } else if report.findings.len() > before && is_another_build {
        report.note(format!(
            "the program that made the tables and this one both call themselves {ours} and are two builds (SHA-256 {} made them): if the two write tables otherwise, that is no change of the run; compare them with that one",
            loaded.begun.program_sha256
        ));
    } else if report.findings.len() == before {
        report.proved.push(format!(
            "{tables} tables are byte for byte what the journal and the spec in the run give"
        ));
    }
    let summary = rig_stats::summarize(&loaded.spec, &record).map_err(Failure::input)?;
    Ok(Some((record, summary)))
}

/// The manifest as penrig writes it for this folder.
fn of_manifest(report: &mut Report, loaded: &Loaded, manifest: &Manifest, bytes: &[u8]) {
    if !report.is_clear_of(&[Kind::File, Kind::Manifest, Kind::Journal]) {
        return;
    }
    let entries: Vec<rig_report::ManifestEntry> = manifest
        .files
        .iter()
        .map(|it| rig_report::ManifestEntry {
            name: it.name.clone(),
            sha256: it.sha256.clone(),
            bytes: it.bytes,
        })
        .collect();
    let chained = rig_report::Chained {
        run_id: loaded.begun.run_id.clone(),
        ledger_number: loaded.begun.ledger_number,
        ledger_head: loaded.ledger_head.clone(),
        heads: loaded.heads(),
    };
    let expected = rig_report::run_manifest(&chained, &entries);
    manifest::check_bytes(report, bytes, &expected);
    if report.is_clear_of(&[Kind::Manifest]) {
        report.proved.push(format!(
            "{} files are there as the manifest lists them, and no other; {} chains hold and end as it says",
            manifest.files.len(),
            loaded.chains.len()
        ));
    }
}

/// Which run of the ledger this is.
fn place_in_ledger(
    report: &mut Report,
    out: &Path,
    ledger: Option<&LedgerRead>,
    known: Option<&Known>,
) {
    match (ledger, known) {
        (Some(ledger), Some(known)) => report.proved.push(format!(
            "it is run {} of {} in {} (line {}); the ledger's chain holds over {} lines",
            known.run.number,
            ledger.runs.len(),
            out.join(LEDGER).display(),
            known.at.line,
            ledger.hashes.len()
        )),
        (Some(_), None) | (None, Some(_)) => {}
        (None, None) if !out.join(LEDGER).exists() => report.not_proved.push(format!(
            "which run of its station this is, and which others there were: there is no {LEDGER} beside it"
        )),
        (None, None) => {}
    }
}

/// What the ledger says of the run.
fn against_ledger(
    report: &mut Report,
    loaded: &Loaded,
    of_record: Option<&(LotRecord, LotSummary)>,
    known: &Known,
) {
    let (begun, run) = (&loaded.begun, &known.run);
    let spec = format!("{} {}", begun.spec.document, begun.spec.revision);
    let pairs = [
        (
            "number",
            begun.ledger_number.to_string(),
            run.number.to_string(),
        ),
        ("lot", begun.lot.clone(), run.lot.clone()),
        ("plan", begun.plan.clone(), run.plan.clone()),
        (
            "image",
            begun.image.sha256.clone(),
            run.image_sha256.clone(),
        ),
        ("spec", spec, run.spec.clone()),
        ("operator", begun.operator.clone(), run.operator.clone()),
        ("station", begun.station.clone(), run.station.clone()),
        ("reason", begun.reason.clone(), run.reason.clone()),
        ("units", serials(begun), run.units.join(" ")),
    ];
    for (what, of_run, of_ledger) in pairs {
        if of_run != of_ledger {
            let what = format!("says {what} `{of_ledger}`, the run's journal `{of_run}`");
            report.find(Kind::Ledger, LEDGER, known.at.place(), what);
        }
    }
    let (Some(ended), Some((record, summary))) = (&known.ended, of_record) else {
        return;
    };
    let mut wrong = |what: String| report.find(Kind::Ledger, LEDGER, ended.at.place(), what);
    if ended.head != loaded.run_head() {
        wrong(format!(
            "says the run's chain ends with {}, it ends with {}",
            ended.head,
            loaded.run_head()
        ));
    }
    if ended.disposition != summary.disposition.to_string() || ended.exit != summary.exit.number() {
        wrong(format!(
            "says `{}`, exit {}; the journal gives `{}`, exit {}",
            ended.disposition,
            ended.exit,
            summary.disposition,
            summary.exit.number()
        ));
    }
    if ended.not_meeting != qualify::not_meeting(record, summary) {
        wrong("names other units, or other failed rows, than the journal gives".to_owned());
    }
}

fn serials(begun: &rig_record::journal::Begun) -> String {
    let serials: Vec<&str> = begun.units.iter().map(|it| it.serial.as_str()).collect();
    serials.join(" ")
}
