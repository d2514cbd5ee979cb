//! Writes a run's folder: under a name that says it is not whole until its last file is there.

use crate::Failure;
use anyhow::Context as _;
use std::fs;
use std::io::Write as _;
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
            let partial = out.join(format!("{run_id}.partial"));
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
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(Failure::Rig(anyhow::Error::new(error).context(context())));
                }
            }
        }
        unreachable!("some number is free")
    }

    /// Name of the run.
    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Writes one file and forces it to disk.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.partial.join(name);
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write()
            .with_context(|| format!("cannot write `{}`", path.display()))
            .map_err(Failure::Rig)
    }

    /// Writes a file into a folder of the bundle under a name that is not taken yet, and gives its
    /// path inside the bundle.
    pub(crate) fn write_new(
        &self,
        folder: &str,
        stem: &str,
        extension: &str,
        bytes: &[u8],
    ) -> Result<String, Failure> {
        let write = |name: &str| -> std::io::Result<()> {
            fs::create_dir_all(self.partial.join(folder))?;
            let mut file = fs::File::create_new(self.partial.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        for number in 1.. {
            let suffix = if number == 1 {
                String::new()
            } else {
                format!("-{number}")
            };
            let name = format!("{folder}/{stem}{suffix}.{extension}");
            match write(&name) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let context = format!("cannot write `{}`", self.partial.join(name).display());
                    return Err(Failure::Rig(anyhow::Error::new(error).context(context)));
                }
            }
        }
        unreachable!("some number is free")
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
        Ok(self.whole)
    }
}
