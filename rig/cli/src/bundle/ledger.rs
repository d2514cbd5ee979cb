//! A station's ledger: one numbered chain over every run that was begun, beside the run folders.

use super::journal::{force_folder_of, read_file};
use crate::{Failure, clock};
use anyhow::{Context as _, anyhow};
use rig_record::journal::{ChainRead, LedgerEvent, Line, ORIGIN};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Name of the file.
pub(crate) const LEDGER: &str = "ledger.jsonl";

/// What its first line begins with.
const FIRST: &[u8] = b"{\"seq\":0,\"prev\":\"";

/// The ledger of a folder of runs.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// The one of this folder, whether it is there yet or not.
    pub(crate) fn of(out: &Path) -> Self {
        Self {
            path: out.join(LEDGER),
        }
    }

    /// Everything in it; nothing if it is not there yet.
    pub(crate) fn read(&self) -> Result<ChainRead<LedgerEvent>, Failure> {
        if !self.path.exists() {
            return rig_record::journal::read_chain(&[], ORIGIN).map_err(Failure::input);
        }
        let read = read_file(&self.path, ORIGIN)?;
        self.refuse_another_file(&read)?;
        Ok(read)
    }

    /// Bytes without a whole line are what a crash leaves of the first, or another's file, which is
    /// not cut off as a crash's leavings are.
    fn refuse_another_file(&self, read: &ChainRead<LedgerEvent>) -> Result<(), Failure> {
        if read.torn == 0 || !read.lines.is_empty() {
            return Ok(());
        }
        let bytes = std::fs::read(&self.path)
            .with_context(|| format!("cannot read the ledger `{}`", self.path.display()))
            .map_err(Failure::Rig)?;
        let begins_as_ours = bytes.iter().zip(FIRST).all(|(found, ours)| found == ours);
        let is_nothing = bytes.iter().all(|it| [0, b'\n'].contains(it));
        if begins_as_ours || is_nothing {
            return Ok(());
        }
        Err(Failure::Input(anyhow!(
            "`{}` is no ledger of penrig; nothing was written to it. Give another folder with --out DIR",
            self.path.display()
        )))
    }

    /// Adds what `make` makes of the lines so far, while no other program writes there; gives the
    /// line's hash with what was made.
    pub(crate) fn append<T>(
        &self,
        make: impl FnOnce(&[Line<LedgerEvent>]) -> Result<(LedgerEvent, T), Failure>,
    ) -> Result<(String, T), Failure> {
        let context = || format!("cannot write the ledger `{}`", self.path.display());
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.path)
            .with_context(context)
            .map_err(Failure::Rig)?;
        // Given back when the file is closed, however this ends.
        file.lock().with_context(context).map_err(Failure::Rig)?;
        let read: ChainRead<LedgerEvent> = read_file(&self.path, ORIGIN)?;
        self.refuse_another_file(&read)?;
        let (event, made) = make(&read.lines)?;
        let at = clock::iso(clock::now()?);
        let (line, chain) = read.chain.next(&at, &event).map_err(Failure::rig)?;
        let write = |file: &mut File| -> std::io::Result<()> {
            if read.torn > 0 {
                file.set_len(read.whole as u64)?;
            }
            file.write_all(line.as_bytes())?;
            file.sync_all()?;
            force_folder_of(&self.path)
        };
        write(&mut file)
            .with_context(context)
            .map_err(Failure::Rig)?;
        Ok((chain.head().to_owned(), made))
    }
}

/// Number of the next run.
pub(crate) fn next_run(lines: &[Line<LedgerEvent>]) -> u64 {
    let begun = lines.iter().filter_map(|it| match &it.event {
        LedgerEvent::RunBegun(run) => Some(run.number),
        _ => None,
    });
    begun.max().unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_record::journal::Hold;

    fn hold(number: u64) -> LedgerEvent {
        LedgerEvent::Hold(Hold {
            number,
            serial: None,
            lot: Some("L".to_owned()),
            reason: "r".to_owned(),
            by: "b".to_owned(),
        })
    }

    #[test]
    fn many_writers_number_their_lines_without_gap_and_a_torn_tail_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::of(folder.path());
        let write = || {
            let made = ledger.append(|lines| Ok((hold(lines.len() as u64), ())));
            assert!(made.is_ok());
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..5).for_each(|_| write()));
            }
        });
        let mut file = OpenOptions::new()
            .append(true)
            .open(folder.path().join(LEDGER))
            .unwrap();
        file.write_all(b"{\"seq\":20,\"pre").unwrap();
        write();
        let read = ledger.read().unwrap();
        assert_eq!(read.torn, 0);
        let numbers: Vec<u64> = read
            .lines
            .iter()
            .map(|it| match &it.event {
                LedgerEvent::Hold(hold) => hold.number,
                _ => u64::MAX,
            })
            .collect();
        assert_eq!(numbers, (0..21).collect::<Vec<u64>>());
    }
}
