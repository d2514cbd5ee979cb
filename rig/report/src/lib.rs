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
pub use manifest::{Chained, ManifestEntry, manifest, run_manifest};
pub use outcome::{RowEnd, RowOutcome, RunOutcome, UnitOutcome, outcome, unit_rows};
pub use rejudged::{REJUDGED_COLUMNS, rejudged_table};
pub use study::{STUDY_COLUMNS, study_summary, study_tables};
pub use summary::summary;

use rig_record::LotRecord;
use rig_spec::SpecSet;
use rig_stats::{StatsError, summarize};

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

/// Every table of a run bundle.
///
/// # Errors
/// The record names a plan that the spec does not have.
pub fn tables(spec: &SpecSet, lot: &LotRecord) -> Result<Vec<ReportFile>, StatsError> {
    let summary = summarize(spec, lot)?;
    let plan = &summary.plan;
    let mut files = vec![
        ReportFile {
            name: "results.csv",
            text: results::render(spec, plan, lot),
        },
        ReportFile {
            name: "units.csv",
            text: units::render(lot, &summary),
        },
        ReportFile {
            name: "lot.csv",
            text: lot::render(spec, plan, lot, &summary),
        },
        ReportFile {
            name: "attempts.csv",
            text: attempts::render(spec, lot),
        },
        ReportFile {
            name: "budgets.csv",
            text: budgets::render(spec, lot),
        },
        ReportFile {
            name: "anomalies.csv",
            text: anomalies::render(lot),
        },
        ReportFile {
            name: "trace.csv",
            text: trace::render(spec, plan, lot),
        },
        ReportFile {
            name: "run.csv",
            text: run::render(spec, lot, &summary),
        },
    ];
    if !summary.chosen.is_empty() {
        files.push(ReportFile {
            name: "sampling.csv",
            text: sampling::render(lot, &summary),
        });
    }
    Ok(files)
}
