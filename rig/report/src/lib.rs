//! From a record and its spec to text: the CSV tables of a run, its manifest, its JUnit file, the
//! report that people read in a browser or on paper, and the summary that a terminal prints.
//!
//! **Invariant:** the same record and spec give the same bytes. What belongs to one execution alone
//! (run id, wall-clock times, station, operator) stands in `run.csv` and nowhere else.
//! **Invariant:** every row of every limit table appears in `results.csv` for every unit, judged,
//! reported, or not run with the reason.

mod alert;
mod anomalies;
mod attempts;
mod budgets;
mod claims;
mod coverage;
mod display;
mod facts;
mod html;
mod junit;
mod lot;
mod manifest;
mod outcome;
mod rejudged;
mod results;
mod retest;
mod run;
mod sampling;
mod study;
mod summary;
mod table;
mod trace;
mod units;

pub use coverage::{coverage_line, coverage_table};
pub use html::{
    ChainHead, Counterexample, DetectedStroke, Deviation, ExternalEvidence, Extras, Hold, Intake,
    LedgerPosition, PreviousRun, SignOff, Waveform, html,
};
pub use junit::{Attachment, JunitError, junit};
pub use manifest::{Chained, Listed, ManifestEntry, manifest, run_manifest};
pub use outcome::{RowEnd, RowOutcome, RunOutcome, UnitOutcome, outcome, unit_rows};
pub use rejudged::{REJUDGED_COLUMNS, rejudged_table};
pub use study::{STUDY_COLUMNS, study_summary, study_tables};
pub use summary::summary;

use rig_record::LotRecord;
use rig_spec::SpecSet;
use rig_stats::{LotSummary, StatsError, summarize};
use std::io::{self, Write};

/// Value, U and their unit as `results.csv` prints them; empty where there is none.
#[must_use]
pub fn value_cells(row: &rig_spec::Row, evidence: &rig_spec::Evidence) -> (String, String, String) {
    let cells = display::EvidenceCells::new(row, Some(evidence));
    (cells.value, cells.expanded, display::unit_word(row))
}

/// One file of a run bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// File name.
    pub name: &'static str,
    /// Its whole text: UTF-8, lines ending with a line feed.
    pub text: String,
}

/// The columns of every table of a bundle, by file name; `sampling.csv` is there only if the spec
/// chose rules for lots of the plan, `coverage.csv` only if command sequences were run.
pub const TABLE_COLUMNS: [(&str, &[&str]); 10] = [
    ("results.csv", results::COLUMNS),
    ("units.csv", units::COLUMNS),
    ("lot.csv", lot::COLUMNS),
    ("attempts.csv", attempts::COLUMNS),
    ("budgets.csv", budgets::COLUMNS),
    ("anomalies.csv", anomalies::COLUMNS),
    ("trace.csv", trace::COLUMNS),
    ("run.csv", run::COLUMNS),
    ("sampling.csv", sampling::COLUMNS),
    ("coverage.csv", coverage::COLUMNS),
];

/// The tables of a run bundle, written one at a time: those of a large lot are not held in memory.
pub struct Tables<'r> {
    spec: &'r SpecSet,
    lot: &'r LotRecord,
    summary: LotSummary,
}

impl<'r> Tables<'r> {
    /// The tables of a record.
    ///
    /// # Errors
    /// The record names a plan that the spec does not have.
    pub fn new(spec: &'r SpecSet, lot: &'r LotRecord) -> Result<Self, StatsError> {
        let summary = summarize(spec, lot)?;
        Ok(Self { spec, lot, summary })
    }

    /// File names of the tables that there are, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let is_there = |name: &&str| match *name {
            "sampling.csv" => !self.summary.chosen.is_empty(),
            // It is made of files, not of the record.
            "coverage.csv" => false,
            _ => true,
        };
        let names = TABLE_COLUMNS.iter().map(|it| it.0);
        names.filter(is_there).collect()
    }

    /// Writes the table of this name: UTF-8, lines ending with a line feed.
    ///
    /// # Errors
    /// The writer's first, or [`io::ErrorKind::NotFound`] for a name that no table has.
    pub fn write(&self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let (spec, lot, summary) = (self.spec, self.lot, &self.summary);
        let plan = &summary.plan;
        match name {
            "results.csv" => results::render(out, spec, plan, lot),
            "units.csv" => units::render(out, lot, summary),
            "lot.csv" => lot::render(out, spec, plan, lot, summary),
            "attempts.csv" => attempts::render(out, spec, lot),
            "budgets.csv" => budgets::render(out, spec, lot),
            "anomalies.csv" => anomalies::render(out, lot),
            "trace.csv" => trace::render(out, spec, plan, lot),
            "run.csv" => run::render(out, spec, lot, summary),
            "sampling.csv" => sampling::render(out, lot, summary),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Every table of a run bundle as text, for lots that are small.
///
/// # Errors
/// The record names a plan that the spec does not have.
///
/// # Panics
/// Never: a table of a record that has a plan is written to memory.
pub fn tables(spec: &SpecSet, lot: &LotRecord) -> Result<Vec<ReportFile>, StatsError> {
    let tables = Tables::new(spec, lot)?;
    let files = tables.names().into_iter().map(|name| {
        let mut bytes = Vec::new();
        tables
            .write(name, &mut bytes)
            .expect("writing a table of this record to memory does not fail");
        ReportFile {
            name,
            text: String::from_utf8(bytes).expect("cells are UTF-8"),
        }
    });
    Ok(files.collect())
}
