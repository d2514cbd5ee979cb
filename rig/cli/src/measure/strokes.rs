//! The table of single strokes.

use super::file::Waveform;
use crate::Failure;
use anyhow::Context as _;
use rig_waveform::{Analysis, FileDigest, Stroke, StrokeRow, Zero};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// A CSV file, one stroke a row, written as they come.
pub(crate) struct StrokeTable {
    path: PathBuf,
    file: BufWriter<File>,
    digest: FileDigest,
    rows: u64,
    before: Option<Stroke>,
}

impl StrokeTable {
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path)
            .with_context(|| format!("cannot write `{}`", path.display()))
            .map_err(Failure::Rig)?;
        let mut table = Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            digest: FileDigest::default(),
            rows: 0,
            before: None,
        };
        table.line(StrokeRow::HEADER)?;
        Ok(table)
    }

    /// Adds strokes of a waveform that is still being read.
    pub(crate) fn push(
        &mut self,
        strokes: &[Stroke],
        waveform: &Waveform,
        analysis: &Analysis,
    ) -> Result<(), Failure> {
        let rate_hz = waveform.description().rate_hz();
        self.add(strokes, rate_hz, analysis.first_seq(), analysis.zero())
    }

    /// Adds strokes.
    pub(crate) fn add(
        &mut self,
        strokes: &[Stroke],
        rate_hz: f64,
        first_seq: u64,
        zero: Option<&Zero>,
    ) -> Result<(), Failure> {
        for stroke in strokes {
            let row = StrokeRow::new(stroke, self.before.as_ref(), rate_hz, first_seq, zero);
            self.line(&row.csv())?;
            self.rows += 1;
            self.before = Some(*stroke);
        }
        Ok(())
    }

    /// Ends it with the number of its rows and the digest of what stands before.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let commas = StrokeRow::HEADER.matches(',').count();
        let end = format!(
            "END,{},{}{}",
            self.rows,
            self.digest.hex(),
            ",".repeat(commas.saturating_sub(2))
        );
        self.line(&end)?;
        self.file
            .flush()
            .with_context(|| format!("cannot write `{}`", self.path.display()))
            .map_err(Failure::Rig)
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        let line = format!("{line}\n");
        self.digest.push(line.as_bytes());
        self.file
            .write_all(line.as_bytes())
            .with_context(|| format!("cannot write `{}`", self.path.display()))
            .map_err(Failure::Rig)
    }
}
