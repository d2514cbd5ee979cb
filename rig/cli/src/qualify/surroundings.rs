//! What surrounds a run: the program that makes it, how that was made, where it runs, and with which
//! intake list.

use crate::Failure;
use crate::lot::{self, Intake};
use anyhow::{Context as _, anyhow};
use rig_record::BenchKind;
use rig_record::journal::{Begun, LedgerEvent, Line};
use rig_spec::SpecSet;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The intake list as it stands in the run's folder: what was read of the units before must be in it.
pub(super) fn same_list(path: &Path, spec: &SpecSet, units: &[Intake]) -> Result<Vec<u8>, Failure> {
    let list = lot::read_intake(path, &spec.document)?;
    let bytes = fs::read(path)
        .with_context(|| format!("cannot read the intake list `{}`", path.display()))
        .map_err(Failure::Input)?;
    let is_same = rig_spec::sha256(&bytes) == list.sha256;
    let says_so = |it: &Intake| list.unit(&it.serial).map(lot::record_of) == it.listed;
    if is_same && units.iter().all(says_so) {
        return Ok(bytes);
    }
    Err(Failure::Input(anyhow!(
        "the intake list `{}` changed while it was read; begin again when it no longer does",
        path.display()
    )))
}

/// What is known of how this program was made, and of where it runs.
pub(super) fn surroundings() -> BTreeMap<String, String> {
    let mut noted = BTreeMap::from([
        ("compiler".to_owned(), env!("PENRIG_COMPILER").to_owned()),
        (
            "sequence generator".to_owned(),
            format!("version {}", rig_sequence::GENERATOR_VERSION),
        ),
    ]);
    // As Linux distributions call themselves; another system is named by the platform alone.
    let os = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = os.lines().find_map(|it| it.strip_prefix("PRETTY_NAME="));
    if let Some(name) = name {
        let name = name.trim_matches('"').to_owned();
        noted.insert("operating system".to_owned(), name);
    }
    noted
}

/// The last run of a lot on this kind of bench.
pub(super) fn last_of_lot(
    lines: &[Line<LedgerEvent>],
    kind: BenchKind,
    lot: &str,
) -> Option<String> {
    lines.iter().rev().find_map(|it| match &it.event {
        LedgerEvent::RunBegun(run) if run.kind == kind && run.lot == lot => {
            Some(run.run_id.clone())
        }
        _ => None,
    })
}

/// A run is gone on with by the program that began it: another may measure or write otherwise. A
/// program that could not read its own file then or now cannot say that it is the same.
pub(super) fn same_program(begun: &Begun, sha256: &str) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let told = |sha256: &str| match sha256 {
        "" => "an unknown SHA-256, as its own file could not be read".to_owned(),
        sha256 => format!("SHA-256 {sha256}"),
    };
    let theirs = (begun.tool_version.as_str(), begun.program_sha256.as_str());
    if is_same(theirs, (version, sha256)) {
        return Ok(());
    }
    Err(Failure::Input(anyhow!(
        "run {} was begun by penrig {} with {}, this is {version} with {}; \
         resume it with that one or begin a new run",
        begun.run_id,
        begun.tool_version,
        told(&begun.program_sha256),
        told(sha256)
    )))
}

/// Whether two programs, each by its version and its SHA-256, are known to be one.
fn is_same(theirs: (&str, &str), ours: (&str, &str)) -> bool {
    theirs == ours && !ours.1.is_empty()
}

/// SHA-256 of this program's own file; empty if it cannot be read.
pub(crate) fn program_sha256() -> String {
    let file = std::env::current_exe().and_then(fs::read);
    file.map_or_else(|_| String::new(), |bytes| rig_spec::sha256(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_nothing_is_known_of_are_not_the_same() {
        let ours = ("0.1.0", "ab");
        assert!(is_same(ours, ours));
        for theirs in [("0.1.0", "cd"), ("0.2.0", "ab"), ("0.1.0", "")] {
            assert!(!is_same(theirs, ours), "{theirs:?}");
        }
        assert!(!is_same(("0.1.0", ""), ("0.1.0", "")));
    }
}
