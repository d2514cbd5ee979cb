//! Writes a run's folder: under a name that says it is not whole until its last file is there.

mod extras;
mod journal;
mod ledger;
mod load;
mod units;

pub(crate) use extras::extras;
pub(crate) use journal::JournalFile;
pub(crate) use ledger::{LEDGER, Ledger, next_run};
pub(crate) use load::{
    Loaded, LoadedUnit, RUN_JOURNAL, SPEC_INPUTS, attachments, formats_read, is_read, load,
    load_to_go_on, origin_of_units, plain, unit_journal,
};
pub(crate) use units::acknowledged;

use crate::Failure;
use anyhow::{Context as _, anyhow};
use rig_record::journal::FileRecord;
use rig_report::{Listed, ManifestEntry};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A run's folder while it is being written.
pub(crate) struct Bundle {
    partial: PathBuf,
    whole: PathBuf,
    run_id: String,
}

impl Bundle {
    /// Makes the folder `RUN.partial` in `out`, so that an `out` that cannot be written is known
    /// before a bench is touched.
    pub(crate) fn create(out: &Path, stem: &str) -> Result<Self, Failure> {
        let context = || {
            format!(
                "cannot write to the report folder `{}`; give another with --out DIR",
                out.display()
            )
        };
        fs::create_dir_all(out)
            .with_context(context)
            .map_err(Failure::Rig)?;
        for number in 1.. {
            let run_id = if number == 1 {
                stem.to_owned()
            } else {
                format!("{stem}-{number}")
            };
            let whole = out.join(&run_id);
            let partial = out.join(format!("{run_id}{PARTIAL}"));
            if whole.exists() {
                continue;
            }
            match fs::create_dir(&partial) {
                Ok(()) => {
                    return Ok(Self {
                        partial,
                        whole,
                        run_id,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(Failure::Rig(anyhow::Error::new(error).context(context())));
                }
            }
        }
        unreachable!("some number is free")
    }

    /// Takes up a folder that was left unfinished: its path or, within `out`, its name.
    pub(crate) fn reopen(out: &Path, run: &Path) -> Result<Self, Failure> {
        let folder = find(out, run)?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(run_id) = name.strip_suffix(PARTIAL) else {
            return Err(Failure::Input(anyhow!(
                "run `{}` came to its end; there is nothing to resume (`penrig report` reads it)",
                folder.display()
            )));
        };
        Ok(Self {
            whole: folder.with_file_name(run_id),
            run_id: run_id.to_owned(),
            partial: folder,
        })
    }

    /// The folder as it is while it is written.
    pub(crate) fn folder(&self) -> &Path {
        &self.partial
    }

    /// The folder that run folders stand in.
    pub(crate) fn out(&self) -> &Path {
        self.whole.parent().unwrap_or(Path::new("."))
    }

    /// Name of the run.
    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Writes one file as it is made and forces it to disk; gives its entry in the manifest.
    pub(crate) fn write_with(
        &self,
        name: &str,
        make: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<ManifestEntry, Failure> {
        let path = self.partial.join(name);
        let write = || -> io::Result<ManifestEntry> {
            let mut file = Listed::new(BufWriter::new(fs::File::create(&path)?));
            make(&mut file)?;
            let (file, entry) = file.finish(name);
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            Ok(entry)
        };
        write()
            .with_context(|| format!("cannot write `{}`", path.display()))
            .map_err(Failure::Rig)
    }

    /// Writes one file and forces it to disk.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.partial.join(name);
        let write = || -> io::Result<()> {
            let mut file = fs::File::create(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write()
            .with_context(|| format!("cannot write `{}`", path.display()))
            .map_err(Failure::Rig)
    }

    /// Writes a file of the bundle, with the folders that it stands in, and forces it to disk. One
    /// that is there already is one that a crash left before it was written down.
    pub(crate) fn write_file(&self, name: &str, bytes: &[u8]) -> Result<FileRecord, Failure> {
        let path = self.partial.join(name);
        let write = || -> io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            journal::force_folder_of(&path)
        };
        write()
            .with_context(|| format!("cannot write `{}`", path.display()))
            .map_err(Failure::Rig)?;
        let entry = ManifestEntry::of(name, bytes);
        Ok(FileRecord {
            name: entry.name,
            sha256: entry.sha256,
            bytes: entry.bytes,
        })
    }

    /// Takes the folder away again, where the run could not be begun; one that cannot be taken away
    /// stays, and holds no journal.
    pub(crate) fn give_up(&self) {
        let _ = fs::remove_dir_all(&self.partial);
    }

    /// Gives the folder its name: the report is whole.
    pub(crate) fn finish(self) -> Result<PathBuf, Failure> {
        fs::rename(&self.partial, &self.whole)
            .with_context(|| {
                format!(
                    "cannot rename `{}` to `{}`",
                    self.partial.display(),
                    self.whole.display()
                )
            })
            .map_err(Failure::Rig)?;
        journal::force_folder_of(&self.whole)
            .with_context(|| format!("cannot force `{}` to disk", self.whole.display()))
            .map_err(Failure::Rig)?;
        Ok(self.whole)
    }
}

/// What the name of an unfinished run's folder ends with.
pub(crate) const PARTIAL: &str = ".partial";

/// The folder of a run: its path or, within `out`, its name, whether it came to its end or not.
pub(crate) fn find(out: &Path, run: &Path) -> Result<PathBuf, Failure> {
    let named = |folder: PathBuf| {
        let mut partial = folder.clone().into_os_string();
        partial.push(PARTIAL);
        [folder, partial.into()]
    };
    let candidates = named(run.to_owned())
        .into_iter()
        .chain(named(out.join(run)));
    for folder in candidates {
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    Err(Failure::Input(anyhow!(
        "there is no run `{}`, neither here nor in `{}`; give its folder, or its folder's name with --out DIR",
        run.display(),
        out.display()
    )))
}
