//! What is done with runs that were made before: reading, judging anew, finding what an instrument
//! touched, and writing down deviations and holds.

mod affected;
mod ledger_entries;
mod rejudge;
mod report;

pub(crate) use affected::run as affected;
pub(crate) use ledger_entries::{add_deviation, hold};
pub(crate) use rejudge::run as rejudge;
pub(crate) use report::run as report;

use crate::Failure;
use crate::bundle::{self, Loaded};
use anyhow::{Context as _, anyhow};
use rig_record::LotRecord;
use rig_report::Tables;
use rig_spec::SpecSet;
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// A run's record: of a run that was cut short, the units that were dealt with.
fn record_of(loaded: &mut Loaded) -> Result<LotRecord, Failure> {
    if !loaded.units.iter().any(|it| it.is_done) {
        return Err(Failure::Input(anyhow!(
            "run {} was stopped before its first unit was done; `penrig qualify --resume` goes on with it",
            loaded.begun.run_id
        )));
    }
    loaded.take_record()
}

/// Every run folder in a folder, by name.
pub(crate) fn run_folders(out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(out)
        .with_context(|| {
            format!(
                "cannot read the folder of runs `{}`; give it with --out DIR",
                out.display()
            )
        })
        .map_err(Failure::Input)?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(Failure::input)?.path();
        if path.join(bundle::RUN_JOURNAL).exists() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Makes a folder for what is made of a run, which must be new or empty: nothing is overwritten.
fn new_folder(path: &Path) -> Result<(), Failure> {
    let is_taken = fs::read_dir(path).is_ok_and(|mut it| it.next().is_some());
    if is_taken {
        return Err(Failure::Input(anyhow!(
            "`{}` is there already and not empty; give another with --to DIR",
            path.display()
        )));
    }
    fs::create_dir_all(path)
        .with_context(|| format!("cannot make the folder `{}`", path.display()))
        .map_err(Failure::Rig)
}

/// Writes every table of a record, each as it is made.
fn write_tables(folder: &Path, spec: &SpecSet, record: &LotRecord) -> Result<(), Failure> {
    let tables = Tables::new(spec, record).map_err(Failure::rig)?;
    for name in tables.names() {
        let path = folder.join(name);
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(fs::File::create(&path)?);
            tables.write(name, &mut file)?;
            file.flush()
        };
        write()
            .with_context(|| format!("cannot write `{}`", path.display()))
            .map_err(Failure::Rig)?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    fs::write(&path, text)
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(Failure::Rig)
}
