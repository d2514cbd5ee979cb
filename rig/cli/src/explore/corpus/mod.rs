//! A corpus in a folder: its sequences are run, and it is chosen anew from them and from what was
//! drawn.

mod renew;
mod run;
mod show;

pub(super) use renew::Renewed;
pub(super) use show::CorpusJson;

use super::Source;
use super::hunter::Hunt;
use crate::{Failure, print_error};
use anyhow::{Context as _, anyhow};
use rig_sequence::{CorpusSequence, SequenceFile};
use run::{Ran, run_each};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What lies in a folder.
pub(super) struct Corpus {
    folder: PathBuf,
    /// By name, with the text as it stands.
    files: BTreeMap<String, (CorpusSequence, String)>,
}

/// One of its files, and what was seen of it.
struct RanFile {
    name: String,
    text: String,
    kept: CorpusSequence,
    ran: Ran,
}

/// The same, and what was seen of each.
pub(super) struct RanCorpus {
    folder: PathBuf,
    /// By name.
    files: Vec<RanFile>,
}

impl Corpus {
    /// Reads every `.toml` of a folder; all that cannot be read is told at once. A folder that is
    /// not there is empty.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let (mut files, mut defects) = (BTreeMap::new(), Vec::new());
        for path in toml_files(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read `{}`", path.display()))
                .map_err(Failure::Input)?;
            match SequenceFile::read(&text) {
                Ok(SequenceFile::Corpus(kept)) => {
                    files.insert(name.into_owned(), (kept, text));
                }
                Ok(SequenceFile::Counterexample(_)) => defects.push(format!(
                    "`{}`: is a counterexample, and no sequence of a corpus",
                    path.display()
                )),
                Err(error) => defects.push(format!("`{}`: {error}", path.display())),
            }
        }
        if defects.is_empty() {
            let folder = folder.to_owned();
            return Ok(Self { folder, files });
        }
        Err(Failure::Input(anyhow!(
            "the corpus cannot be run; nothing of it is until all is put right\n{}",
            defects.join("\n")
        )))
    }

    /// Runs every sequence, and says what differs from when it was kept.
    pub(super) fn run(
        self,
        hunt: &Hunt<'_>,
        source: &mut Source,
        jobs: usize,
    ) -> Result<RanCorpus, Failure> {
        let now = super::conditions(hunt.subject);
        let mut differences: BTreeMap<String, usize> = BTreeMap::new();
        for (kept, _) in self.files.values() {
            for difference in kept.differences(&now) {
                *differences.entry(difference).or_default() += 1;
            }
        }
        let n_files = self.files.len();
        for (difference, n) in differences {
            print_error(&format!(
                "penrig: differs, in {n} of {n_files} files of the corpus: {difference}"
            ));
        }
        let sequences: Vec<_> = self.files.values().map(|it| &it.0.sequence).collect();
        let ran = run_each(hunt, source, &sequences, jobs)?;
        let files = self.files.into_iter().zip(ran);
        Ok(RanCorpus {
            folder: self.folder,
            files: files
                .map(|((name, (kept, text)), ran)| RanFile {
                    name,
                    text,
                    kept,
                    ran,
                })
                .collect(),
        })
    }
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder `{}`", folder.display()))
        .map_err(Failure::Input)?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(Failure::input)?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
