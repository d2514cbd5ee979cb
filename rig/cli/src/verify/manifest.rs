//! `manifest.json` against the files of the folder.

use super::chain::sha256;
use super::finding::{Kind, Place, Report};
use crate::Failure;
use crate::signature::SIGNATURE;
use anyhow::{Context as _, anyhow};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Name of the manifest.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Format of the manifest of a run.
const MANIFEST_VERSION: u64 = 2;

/// What a manifest says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    #[serde(rename = "manifest")]
    _manifest: u64,
    pub(crate) run: String,
    pub(crate) ledger_number: u64,
    pub(crate) ledger_head: String,
    pub(crate) chain_heads: BTreeMap<String, String>,
    pub(crate) files: Vec<Entry>,
}

/// A file that it lists.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// The files of a folder, hashed.
pub(crate) struct Folder {
    pub(crate) root: PathBuf,
    /// Size and SHA-256, by path inside the folder.
    pub(crate) files: BTreeMap<String, (u64, String)>,
    /// What is neither file nor folder.
    pub(crate) strange: Vec<String>,
}

impl Folder {
    /// Reads every file once.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let mut folder = Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
            strange: Vec::new(),
        };
        let mut left = vec![root.to_owned()];
        while let Some(path) = left.pop() {
            let context = || format!("cannot read the folder `{}`", path.display());
            let entries = fs::read_dir(&path)
                .with_context(context)
                .map_err(Failure::Rig)?;
            for entry in entries {
                let entry = entry.with_context(context).map_err(Failure::Rig)?;
                let kind = entry
                    .file_type()
                    .with_context(context)
                    .map_err(Failure::Rig)?;
                let name = name_in(root, &entry.path());
                if kind.is_dir() {
                    left.push(entry.path());
                } else if kind.is_file() {
                    let bytes = read(&entry.path())?;
                    let found = (bytes.len() as u64, sha256(&bytes));
                    folder.files.insert(name, found);
                } else {
                    folder.strange.push(name);
                }
            }
        }
        folder.strange.sort();
        Ok(folder)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, Failure> {
        read(&self.root.join(name))
    }
}

/// Reads a file; one that is there and cannot be read is the rig's trouble, no mismatch.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(Failure::Rig)
}

/// A path inside a folder, with forward slashes.
fn name_in(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    let parts: Vec<_> = parts
        .map(|it| it.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

/// Another format is an input's defect.
pub(crate) fn refuse_another_format(bytes: &[u8]) -> Result<(), Failure> {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    match value.get("manifest").and_then(serde_json::Value::as_u64) {
        Some(version) if version != MANIFEST_VERSION => Err(Failure::Input(anyhow!(
            "`{MANIFEST}` is of format {version}, a run's is of format {MANIFEST_VERSION}: it is no run's (a study's is of format 1 and has no chains), or of another version of penrig; verify it with that one"
        ))),
        _ => Ok(()),
    }
}

/// What the manifest says, if it can be read.
pub(crate) fn parse(report: &mut Report, bytes: &[u8]) -> Result<Option<Manifest>, Failure> {
    refuse_another_format(bytes)?;
    match serde_json::from_slice(bytes) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(error) => {
            let line = error.line().max(1);
            let before = bytes.split_inclusive(|it| *it == b'\n').take(line - 1);
            let byte = before.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
            report.find(
                Kind::Manifest,
                MANIFEST,
                Place::line(line as u64, byte),
                format!("is no manifest as it was written: {error}"),
            );
            Ok(None)
        }
    }
}

/// Holds the files against the manifest, and the manifest against itself.
pub(crate) fn check(report: &mut Report, folder: &Folder, manifest: &Manifest) {
    let mut listed = BTreeSet::new();
    for entry in &manifest.files {
        if !listed.insert(entry.name.as_str()) {
            let what = format!("lists `{}` twice", entry.name);
            report.find(Kind::Manifest, MANIFEST, Place::default(), what);
        }
        match folder.files.get(&entry.name) {
            None => report.find(
                Kind::File,
                &entry.name,
                Place::default(),
                "is listed in the manifest and is not there: it was deleted, or the folder was copied in part",
            ),
            Some((bytes, hash)) if *hash != entry.sha256 => {
                let size = if *bytes == entry.bytes {
                    format!("{bytes} bytes as listed")
                } else {
                    format!("{bytes} bytes, {} are listed", entry.bytes)
                };
                report.find(
                    Kind::File,
                    &entry.name,
                    Place::default(),
                    format!(
                        "has SHA-256 {hash}, the manifest lists {} ({size})",
                        entry.sha256
                    ),
                );
            }
            Some((bytes, _)) if *bytes != entry.bytes => report.find(
                Kind::Manifest,
                MANIFEST,
                Place::default(),
                format!(
                    "lists `{}` with {} bytes, it has {bytes}",
                    entry.name, entry.bytes
                ),
            ),
            Some(_) => {}
        }
    }
    for name in folder.files.keys() {
        let is_beside = [MANIFEST, SIGNATURE].contains(&name.as_str());
        if !is_beside && !listed.contains(name.as_str()) {
            let what = "is not listed in the manifest: it was put in";
            report.find(Kind::File, name, Place::default(), what);
        }
    }
    for name in &folder.strange {
        let what = "is neither a file nor a folder; a run has none such";
        report.find(Kind::File, name, Place::default(), what);
    }
}

/// The manifest as it is written from what it says: whatever differs says nothing and was changed.
pub(crate) fn check_bytes(report: &mut Report, bytes: &[u8], expected: &str) {
    if let Some((line, byte)) = first_difference(bytes, expected.as_bytes()) {
        report.find(
            Kind::Manifest,
            MANIFEST,
            Place::line(line, byte),
            "is not what penrig writes for these files and chains",
        );
    }
}

/// Line, from 1, and byte, from 0, of the first difference.
pub(crate) fn first_difference(found: &[u8], expected: &[u8]) -> Option<(u64, usize)> {
    if found == expected {
        return None;
    }
    let same = found.iter().zip(expected).take_while(|(a, b)| a == b);
    let byte = same.count();
    let before = found.iter().take(byte);
    let line = before.filter(|it| **it == b'\n').count() as u64 + 1;
    Some((line, byte))
}
