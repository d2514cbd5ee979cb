//! Journals on disk: appended, forced, and never written on after a write failed.

use crate::{Failure, clock};
use anyhow::{Context as _, anyhow};
use rig_record::journal::{Chain, ChainRead, read_chain};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a journal is written to.
pub(crate) trait Disk: Write {
    /// Returns once everything written is where a power cut does not reach it.
    fn force(&mut self) -> io::Result<()>;
}

impl Disk for File {
    fn force(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// One chain, and the file that it is in.
#[derive(Debug)]
pub(crate) struct JournalFile<D = File> {
    disk: D,
    path: PathBuf,
    chain: Chain,
    // Invariant: set once a write failed; what the file ends with is then not known.
    is_broken: bool,
}

impl JournalFile {
    /// Makes a file that must not be there yet, with a chain that hangs on `origin`.
    pub(crate) fn create(path: &Path, origin: &str) -> Result<Self, Failure> {
        let create = || -> io::Result<File> {
            let file = OpenOptions::new()
                .append(true)
                .create_new(true)
                .open(path)?;
            force_folder_of(path)?;
            Ok(file)
        };
        let disk = create()
            .with_context(|| format!("cannot make the journal `{}`", path.display()))
            .map_err(Failure::Rig)?;
        Ok(Self::on(disk, path, Chain::hung_on(origin)))
    }

    /// Opens a file, made if it is not there, and gives what stands in it. What a crash left behind
    /// its last line is cut off.
    pub(crate) fn open<E: DeserializeOwned>(
        path: &Path,
        origin: &str,
    ) -> Result<(Self, ChainRead<E>), Failure> {
        if !path.exists() {
            let read = ChainRead {
                lines: Vec::new(),
                chain: Chain::hung_on(origin),
                whole: 0,
                torn: 0,
            };
            return Ok((Self::create(path, origin)?, read));
        }
        let read = read_file(path, origin)?;
        let open = || -> io::Result<File> {
            let file = OpenOptions::new().append(true).open(path)?;
            if read.torn > 0 {
                file.set_len(read.whole as u64)?;
                file.sync_all()?;
            }
            Ok(file)
        };
        let disk = open()
            .with_context(|| format!("cannot go on writing the journal `{}`", path.display()))
            .map_err(Failure::Rig)?;
        Ok((Self::on(disk, path, read.chain.clone()), read))
    }
}

impl<D: Disk> JournalFile<D> {
    fn on(disk: D, path: &Path, chain: Chain) -> Self {
        Self {
            disk,
            path: path.to_owned(),
            chain,
            is_broken: false,
        }
    }

    /// Writes what happened; it is on the disk when this returns.
    pub(crate) fn append<E: Serialize>(&mut self, event: &E) -> Result<(), Failure> {
        if self.is_broken {
            return Err(Failure::Rig(anyhow!(
                "the journal `{}` could not be written before",
                self.path.display()
            )));
        }
        let at = clock::iso(clock::now()?);
        let (line, chain) = self.chain.next(&at, event).map_err(Failure::rig)?;
        self.is_broken = true;
        self.disk
            .write_all(line.as_bytes())
            .and_then(|()| self.disk.force())
            .with_context(|| {
                format!(
                    "cannot write the journal `{}`, so what it would have held is not shown; \
                     make room there and go on with `penrig qualify --resume`",
                    self.path.display()
                )
            })
            .map_err(Failure::Rig)?;
        self.is_broken = false;
        self.chain = chain;
        Ok(())
    }

    /// Last hash of the chain.
    pub(crate) fn head(&self) -> &str {
        self.chain.head()
    }
}

/// Reads a chain from a file.
pub(crate) fn read_file<E: DeserializeOwned>(
    path: &Path,
    origin: &str,
) -> Result<ChainRead<E>, Failure> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the journal `{}`", path.display()))
        .map_err(Failure::Input)?;
    read_chain(&bytes, origin)
        .with_context(|| format!("the journal `{}` is not as it was written", path.display()))
        .map_err(Failure::Input)
}

/// A file's name is on the disk when its folder is.
pub(crate) fn force_folder_of(path: &Path) -> io::Result<()> {
    // Only Unix opens a folder as a file; elsewhere the file system sees to it.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_record::journal::ORIGIN;

    /// A disk that takes so many bytes and no more.
    struct Full {
        holds: Vec<u8>,
        room: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let fits = bytes.len().min(self.room - self.holds.len());
            if fits == 0 {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            self.holds.extend(&bytes[..fits]);
            Ok(fits)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Disk for Full {
        fn force(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn wherever_a_disk_fills_up_what_was_acknowledged_is_there_and_nothing_else() {
        let all: usize = 5 * 170;
        for room in 0..all {
            let disk = Full {
                holds: Vec::new(),
                room,
            };
            let mut journal = JournalFile::on(disk, Path::new("journal"), Chain::hung_on(ORIGIN));
            let mut acknowledged = Vec::new();
            let mut refused = 0;
            for number in 0..5_u32 {
                match journal.append(&number) {
                    Ok(()) => acknowledged.push(number),
                    Err(_) => refused += 1,
                }
            }
            // Room that comes back does not let it go on in the middle of a line.
            journal.disk.room = usize::MAX;
            assert_eq!(journal.append(&9_u32).is_err(), refused > 0);
            let read = read_chain::<u32>(&journal.disk.holds, ORIGIN).unwrap();
            let mut found: Vec<u32> = read.lines.iter().map(|it| it.event).collect();
            if refused == 0 {
                assert_eq!(found.pop(), Some(9));
            }
            assert_eq!(found, acknowledged, "room for {room}");
        }
    }
}
