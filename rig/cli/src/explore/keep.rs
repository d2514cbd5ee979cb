//! Keeps what was found: the sequence with its conditions, a picture, and the gauge's waveform.

use super::Subject;
use super::hunter::{Hunt, Hunted};
use crate::Failure;
use crate::input::ImageFile;
use anyhow::Context as _;
use rig_procedure::spec_sha256;
use rig_sequence::search::Find;
use rig_sequence::{Conditions, Counterexample, Flakiness, Found, Remark};
use rig_sequence::{Origin, Property, Sequence, Trace, Violation, ceilings, picture, story};
use rig_spec::SpecSet;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// One find on disk.
pub(super) struct Kept {
    pub(super) path: PathBuf,
}

/// Writes every find into the folder; the same sequence gets the same name.
pub(super) fn write(folder: &Path, hunt: &Hunt<'_>, result: &Hunted) -> Result<Vec<Kept>, Failure> {
    let finds = result.finished.finds.iter().zip(&result.waveforms);
    finds
        .map(|(find, waveform)| write_one(folder, hunt, find, waveform.as_deref()))
        .collect()
}

fn write_one(
    folder: &Path,
    hunt: &Hunt<'_>,
    find: &Find,
    waveform: Option<&[u8]>,
) -> Result<Kept, Failure> {
    let stem = stem(find);
    let file = |extension: &str| folder.join(format!("{stem}.{extension}"));
    let waveform_name = waveform.map(|_| format!("{stem}.parquet"));
    let counterexample = counterexample(hunt, find, waveform_name);
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder `{}`", folder.display()))
        .map_err(Failure::Rig)?;
    if let Some(bytes) = waveform {
        put(&file("parquet"), bytes)?;
    }
    let title = format!("{:?}, {}", find.property, hunt.subject.image.name);
    let svg = draw(
        hunt.subject,
        &title,
        &find.shortest,
        &find.trace,
        &find.violations,
    );
    put(&file("svg"), svg.as_bytes())?;
    let path = file("toml");
    put(&path, counterexample.to_string().as_bytes())?;
    Ok(Kept { path })
}

pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(Failure::Rig)
}

/// The picture around the first violation.
pub(crate) fn draw(
    subject: &Subject,
    title: &str,
    sequence: &Sequence,
    trace: &Trace,
    violations: &[Violation],
) -> String {
    let words: Vec<_> = story(sequence, trace, &[])
        .into_iter()
        .map(|it| (it.at, it.action))
        .collect();
    let ceiling = ceilings(trace, &subject.requirements);
    picture(title, trace, violations.first(), &ceiling, &words)
}

/// What was violated, and a digest of what is done.
fn stem(find: &Find) -> String {
    let digest = Sha256::digest(find.shortest.to_string());
    let digits: String = digest
        .iter()
        .take(4)
        .map(|it| format!("{it:02x}"))
        .collect();
    format!("{:?}-{digits}", find.property)
}

/// On what sequences are run here.
pub(crate) fn conditions(subject: &Subject) -> Conditions {
    let scenario = subject.scenario.as_ref();
    let bench = scenario.map(|scenario| (scenario.clone(), subject.seed));
    conditions_of(&subject.spec, &subject.image, bench)
}

/// On what sequences are run: spec, image, and of a virtual bench its scenario and seed.
pub(crate) fn conditions_of(
    spec: &SpecSet,
    image: &ImageFile,
    of_virtual: Option<(String, u64)>,
) -> Conditions {
    let document = &spec.document;
    let kind = if of_virtual.is_some() {
        "virtual"
    } else {
        "hardware"
    };
    let (scenario, bench_seed) = of_virtual.unzip();
    Conditions {
        firmware: Some(image.version.clone()),
        build_id: image.build_id.clone(),
        image_sha256: Some(image.image.file_sha256.clone()),
        document: Some(document.document.clone()),
        revision: Some(document.revision.clone()),
        spec_sha256: Some(spec_sha256(spec)),
        bench: Some(kind.to_owned()),
        scenario,
        bench_seed,
    }
}

/// A sequence that a pen failed, with what is known of it.
pub(crate) fn failed(
    property: Property,
    (sequence, trace, violations): (&Sequence, &Trace, &[Violation]),
    flakiness: Option<Flakiness>,
    origin: Option<Origin>,
    conditions: Conditions,
) -> Counterexample {
    let violation = violations.iter().find(|it| it.property == property);
    Counterexample {
        found: Found {
            property,
            expected: violation.map(|it| it.expected.clone()),
            observed: violation.map(|it| it.observed.clone()),
            at: violation.map(|it| it.at),
            step: violation.map(|it| it.step),
            flakiness,
        },
        sequence: sequence.clone(),
        origin,
        conditions,
        trace: story(sequence, trace, violations)
            .into_iter()
            .map(|it| Remark {
                at: it.at,
                action: it.action,
                expected: it.expected,
                observed: it.observed,
            })
            .collect(),
        waveform: None,
    }
}

pub(super) fn counterexample(
    hunt: &Hunt<'_>,
    find: &Find,
    waveform: Option<String>,
) -> Counterexample {
    let (failures, of) = find.rate;
    let flakiness = Some(Flakiness {
        failed: failures,
        of,
    });
    let origin = match &hunt.given {
        Some(given) => given.origin,
        None => Some(hunt.origin(find.number)),
    };
    let seen = (&find.shortest, &find.trace, &find.violations[..]);
    let conditions = conditions(hunt.subject);
    Counterexample {
        waveform,
        ..failed(find.property, seen, flakiness, origin, conditions)
    }
}
