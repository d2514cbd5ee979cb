//! `penrig sign-off`: a person's word on a run, beside it.
//!
//! It stands in `signoffs/RUN.jsonl` beside the run folders, and not in the run's own: a folder
//! whose run came to its end is never written to again, can be made read-only, and every file in it
//! is listed in its manifest. The chain hangs on the SHA-256 of that manifest, so that it cannot be
//! put beside another content.

use crate::args::SignOffArgs;
use crate::bundle::{self, JournalFile};
use crate::verify::{self, ChainEnds, Head, Kind, Place, Report};
use crate::{Failure, print_line};
use anyhow::{Context as _, anyhow};
use rig_record::BenchKind;
use rig_record::journal::origin_of;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::path::Path;

/// Folder beside the run folders.
const SIGN_OFFS: &str = "signoffs";
/// What no command line can give: 21 CFR 11.200 asks for two components that identify a person.
const CLAIMED: &str = "the name is as claimed and was not authenticated; this is a record of a review, and no electronic signature in the sense of 21 CFR 11 (11.50, 11.70, 11.200)";

/// One sign-off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SignOff {
    /// From 1.
    number: u64,
    run_id: String,
    /// Who, as claimed.
    name: String,
    /// What it means: review, approval, responsibility, in the person's words.
    meaning: String,
    /// Document that it refers to, if any.
    reference: String,
    /// What was signed off: SHA-256 of the run's manifest.
    manifest_sha256: String,
    /// What became of the lot, as it was shown.
    disposition: String,
    bench: BenchKind,
    says: String,
}

pub(crate) fn run(args: &SignOffArgs) -> Result<u8, Failure> {
    for (option, text) in [("--name", &args.name), ("--meaning", &args.meaning)] {
        if text.trim().is_empty() {
            return Err(Failure::Input(anyhow!(
                "{option} is empty; a sign-off says who and what it means, such as --name \"A. Person\" --meaning review"
            )));
        }
    }
    let folder = bundle::find(&args.runs.out, &args.run)?;
    let verified = verify::of_run(&folder, None, None, verify::Others::LookedAt)?;
    let exit = verified.report.exit();
    let (Some(loaded), Some(manifest_sha256), 0) =
        (verified.loaded, verified.manifest_sha256, exit)
    else {
        let exit = verified.report.print(crate::args::Format::Text)?;
        crate::print_error("penrig: what does not verify is not signed off; nothing was written");
        return Ok(exit);
    };
    let out = folder.parent().unwrap_or(Path::new("."));
    let run_id = loaded.begun.run_id.clone();
    let path = out.join(SIGN_OFFS).join(format!("{run_id}.jsonl"));
    let context = || format!("cannot write the sign-off `{}`", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(context)
            .map_err(Failure::Rig)?;
    }
    // Held until it is written: sign-offs at the same time wait for each other.
    let lock = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .with_context(context)
        .map_err(Failure::Rig)?;
    lock.lock().with_context(context).map_err(Failure::Rig)?;
    let (mut journal, read) = JournalFile::open::<SignOff>(&path, &manifest_sha256)?;
    let bench = loaded.header()?.bench.kind;
    let sign_off = SignOff {
        number: read.chain.len() + 1,
        run_id,
        name: args.name.clone(),
        meaning: args.meaning.clone(),
        reference: args.reference.clone(),
        manifest_sha256,
        disposition: verified.disposition,
        bench,
        says: CLAIMED.to_owned(),
    };
    journal.append(&sign_off)?;
    print_line(&format!(
        "SIGNED OFF   run {}, {} bench: {}",
        sign_off.run_id, sign_off.bench, sign_off.disposition
    ));
    print_line(&format!("name         {} (as claimed)", sign_off.name));
    print_line(&format!("meaning      {}", sign_off.meaning));
    print_line(&format!(
        "content      {} manifest.json",
        sign_off.manifest_sha256
    ));
    print_line(&format!(
        "record       {}, line {}",
        path.display(),
        sign_off.number
    ));
    print_line(&format!("note         {CLAIMED}"));
    if bench == BenchKind::Virtual {
        print_line("note         a virtual run: not for product release, whoever signs it off");
    }
    print_line(&format!("keep         {} this sign-off", journal.head()));
    Ok(0)
}

/// Holds the sign-offs of a run against what the run holds now; gives the hash of each.
pub(crate) fn check(
    report: &mut Report,
    out: &Path,
    run_id: &str,
    manifest_sha256: &str,
) -> Result<Vec<String>, Failure> {
    let file = format!("{SIGN_OFFS}/{run_id}.jsonl");
    let path = out.join(&file);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let bytes = verify::read(&path)?;
    let own = origin_of(&bytes).unwrap_or_default();
    if !bytes.is_empty() && own != manifest_sha256 {
        let what = format!(
            "hangs on content {own}, the manifest is {manifest_sha256}: what was signed off is not what is here"
        );
        report.find(Kind::SignOff, &file, Place::line(1, 0), what);
    }
    let no_ends: &[ChainEnds<'_>] = &[];
    let origin = (own.as_str(), "the content that was signed off");
    let Some(read) =
        verify::check_chain::<SignOff>(report, Kind::SignOff, &file, &bytes, origin, no_ends)
    else {
        return Ok(Vec::new());
    };
    if read.torn > 0 {
        let place = Place {
            byte: Some(read.whole as u64),
            ..Place::default()
        };
        let what = format!("{} bytes are no whole line", read.torn);
        report.find(Kind::SignOff, &file, place, what);
    }
    let mut byte = 0;
    let lengths = bytes.split_inclusive(|it| *it == b'\n').map(<[u8]>::len);
    for (line, length) in read.lines.iter().zip(lengths) {
        let (number, it) = (line.seq + 1, &line.event);
        if it.manifest_sha256 != manifest_sha256 || it.run_id != run_id {
            let what = format!(
                "{} signed off run {} with content {}, which is not what is here",
                it.name, it.run_id, it.manifest_sha256
            );
            report.find(Kind::SignOff, &file, Place::line(number, byte), what);
        }
        byte += length;
        let reference = match it.reference.as_str() {
            "" => String::new(),
            text => format!(" ({text})"),
        };
        report.note(format!(
            "signed off by {} at {}: {}{reference}; the name is as claimed, not authenticated",
            it.name, line.at, it.meaning
        ));
    }
    if let Some(head) = (!read.lines.is_empty()).then(|| read.chain.head().to_owned()) {
        report.heads.push(Head {
            of: "the last sign-off of this run",
            sha256: head,
        });
    }
    Ok(verify::line_hashes(&bytes))
}
