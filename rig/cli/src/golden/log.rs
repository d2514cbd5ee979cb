//! `golden-checks.csv` of a station: every check of a golden pen, appended and never changed.
//!
//! One line a reference value. A check's lines are written at once and forced to disk; a check of
//! which lines are missing counts as not made.

use crate::Failure;
use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const FILE: &str = "golden-checks.csv";

/// One reference value, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct LogLine {
    /// When the check began, ISO 8601 in UTC.
    pub(super) checked: String,
    /// Name of the bench.
    pub(super) bench: String,
    /// Serial number of the golden pen.
    pub(super) serial: String,
    pub(super) row: String,
    /// Which line of the check, from 1.
    pub(super) line: usize,
    /// How many it has.
    pub(super) of: usize,
    pub(super) value: String,
    pub(super) expanded: String,
    pub(super) reference: String,
    pub(super) reference_u: String,
    pub(super) difference: String,
    pub(super) difference_u: String,
    pub(super) allowed: String,
    /// Unit of all of these.
    pub(super) unit: String,
    pub(super) verdict: String,
    pub(super) why: String,
    /// What the whole check came to.
    pub(super) check: String,
    /// SHA-256 of the file of reference values.
    pub(super) golden_sha256: String,
    /// As claimed, not authenticated.
    pub(super) operator: String,
    pub(super) tool_version: String,
}

/// What a check, or one value of it, came to; ordered by what the bench may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Passed,
    Inconclusive,
    Failed,
    NotMeasured,
}

impl Standing {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "fail",
            Self::NotMeasured => "not measured",
        }
    }
}

impl LogLine {
    pub(super) fn standing(&self) -> Standing {
        [Standing::Passed, Standing::Inconclusive, Standing::Failed]
            .into_iter()
            .find(|it| it.word() == self.verdict)
            .unwrap_or(Standing::NotMeasured)
    }
}

fn path(station: &Path) -> PathBuf {
    station.join(FILE)
}

/// Makes the folder, and insists that the log, if there is one, can be read and appended to.
pub(super) fn prepare(station: &Path) -> Result<(), Failure> {
    let context = || {
        format!(
            "cannot write to the station's folder `{}`",
            station.display()
        )
    };
    fs::create_dir_all(station)
        .with_context(context)
        .map_err(Failure::Rig)?;
    read(station)?;
    open(station).map(drop)
}

fn open(station: &Path) -> Result<fs::File, Failure> {
    let path = path(station);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("cannot append to `{}`", path.display()))
        .map_err(Failure::Rig)
}

/// Every line of the log, in order; none if there is no log.
pub(super) fn read(station: &Path) -> Result<Vec<LogLine>, Failure> {
    let path = path(station);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let error = anyhow::Error::new(error);
            let context = format!("cannot read `{}`", path.display());
            return Err(Failure::Rig(error.context(context)));
        }
    };
    parse(&text)
        .with_context(|| {
            format!(
                "`{}` is no log of golden pens; nothing was changed",
                path.display()
            )
        })
        .map_err(Failure::Rig)
}

fn parse(text: &str) -> anyhow::Result<Vec<LogLine>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let lines = reader.deserialize().collect::<Result<_, _>>()?;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(anyhow!(
            "its last line is torn; end it or take it away by hand"
        ));
    }
    Ok(lines)
}

/// Appends a check; the header goes first into a new log.
pub(super) fn append(station: &Path, lines: &[LogLine]) -> Result<PathBuf, Failure> {
    let mut file = open(station)?;
    let path = path(station);
    let context = || format!("cannot append to `{}`", path.display());
    let is_new = file
        .metadata()
        .with_context(context)
        .map_err(Failure::Rig)?
        .len()
        == 0;
    let mut writer = csv::WriterBuilder::new()
        .has_headers(is_new)
        .from_writer(Vec::new());
    for line in lines {
        writer.serialize(line).map_err(Failure::rig)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|it| Failure::Rig(anyhow!("{it}")))?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_all())
        .with_context(context)
        .map_err(Failure::Rig)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: &str) -> LogLine {
        LogLine {
            row: row.to_owned(),
            why: "one, \"two\"".to_owned(),
            line: 1,
            of: 2,
            ..LogLine::default()
        }
    }

    #[test]
    fn checks_are_appended_under_one_header_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let station = dir.path().join("a/station");
        assert!(read(&station).unwrap().is_empty());
        prepare(&station).unwrap();
        append(&station, &[line("DEP-04"), line("RAT-03")]).unwrap();
        let path = append(&station, &[line("DEP-05")]).unwrap();
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(text.matches("checked,bench,serial").count(), 1);
        let rows: Vec<String> = read(&station)
            .unwrap()
            .into_iter()
            .map(|it| it.row)
            .collect();
        assert_eq!(rows, ["DEP-04", "RAT-03", "DEP-05"]);
        assert_eq!(read(&station).unwrap()[0], line("DEP-04"));
    }

    #[test]
    fn a_log_that_is_none_or_torn_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        fs::write(&path, "a,b\n1,2\n").unwrap();
        assert!(prepare(dir.path()).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\n1,2\n");
        fs::remove_file(&path).unwrap();
        append(dir.path(), &[line("DEP-04")]).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, whole.trim_end()).unwrap();
        assert!(read(dir.path()).is_err());
    }
}
