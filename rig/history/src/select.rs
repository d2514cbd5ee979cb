//! Which runs are looked at, and everything that is said of them.

use crate::chart::RowHistory;
use crate::lots::{LotHistory, lots};
use crate::{RunEntry, UNFINISHED, chart};
use rig_record::BenchKind;
use serde::Serialize;
use std::collections::BTreeSet;

/// Which runs are looked at; what is not given selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Hardware or virtual; if not given, hardware if there is any.
    pub kind: Option<BenchKind>,
    /// Name of the lot.
    pub lot: Option<String>,
    /// Name of the bench.
    pub bench: Option<String>,
    /// Name of the row whose charts are wanted.
    pub row: Option<String>,
    /// First day or instant, ISO 8601 in UTC.
    pub since: Option<String>,
}

/// Why there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NothingSelected {
    /// There is no run at all.
    #[error("there are no runs")]
    NoRuns,
    /// None that the selection leaves.
    #[error("no run is of {wanted}; lots: {lots}; benches: {benches}; the last run began {last}")]
    NoneOf {
        /// What was asked for.
        wanted: String,
        /// The lots there are.
        lots: String,
        /// The benches there are.
        benches: String,
        /// When the last run began.
        last: String,
    },
    /// The row has no value in any of the runs.
    #[error("no unit has a value of row {row}; rows with values: {rows}")]
    NoValue {
        /// The row.
        row: String,
        /// Those that have some.
        rows: String,
    },
}

/// What the selected runs say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct History {
    /// `HARDWARE` or `VIRTUAL`: of which runs everything here is.
    #[serde(serialize_with = "word")]
    pub kind: BenchKind,
    /// Runs of the other kind that the selection would leave, and that are not in here.
    pub runs_of_other_kind: usize,
    /// Runs of this kind that only a ledger knows, if one bench was asked for: nobody knows whether
    /// they were on it, and they are not in here.
    pub runs_of_unknown_bench: usize,
    /// The runs, in the order of time.
    pub runs: Vec<RunLine>,
    /// Lots by plan, in the order of their first run.
    pub lots: Vec<LotHistory>,
    /// The row that was asked for.
    pub row: Option<RowHistory>,
}

/// One run in few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// Its name.
    pub run: String,
    /// When it was begun.
    pub started: String,
    /// The lot.
    pub lot: String,
    /// The plan.
    pub plan: String,
    /// The benches its units were on.
    pub benches: Vec<String>,
    /// Document and revision of its spec.
    pub spec: String,
    /// Version of the firmware.
    pub firmware: String,
    /// Units that were dealt with.
    pub units: usize,
    /// Of those, the plan asked something of.
    pub drawn: usize,
    /// Of those, met the plan.
    pub met: usize,
    /// What became of the lot.
    pub disposition: String,
    /// Whether its folder was read; if not, only the ledger's word is known.
    pub has_folder: bool,
}

fn word<S: serde::Serializer>(kind: &BenchKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(kind)
}

/// Looks at the runs that the selection leaves.
///
/// # Errors
/// [`NothingSelected`], with what there is.
pub fn select(runs: &[RunEntry], selection: &Selection) -> Result<History, NothingSelected> {
    if runs.is_empty() {
        return Err(NothingSelected::NoRuns);
    }
    let mut left: Vec<RunEntry> = runs
        .iter()
        .filter_map(|run| left_of(run, selection))
        .collect();
    left.sort_by(|a, b| {
        let key = |it: &RunEntry| (it.started.clone(), it.number, it.run_id.clone());
        key(a).cmp(&key(b))
    });
    let kind = selection.kind.unwrap_or_else(|| {
        if left.iter().any(|it| it.kind == BenchKind::Hardware) {
            BenchKind::Hardware
        } else {
            BenchKind::Virtual
        }
    });
    let before = left.len();
    left.retain(|it| it.kind == kind);
    if left.is_empty() {
        return Err(none_of(runs, selection));
    }
    let row = match &selection.row {
        None => None,
        Some(row) => Some(chart::row_history(&left, row).ok_or_else(|| no_value(&left, row))?),
    };
    let of_unknown_bench = runs.iter().filter(|run| {
        let any_bench = Selection {
            bench: None,
            ..selection.clone()
        };
        let is_asked = selection.bench.is_some() && run.kind == kind && !run.has_folder;
        is_asked && left_of(run, &any_bench).is_some()
    });
    Ok(History {
        kind,
        runs_of_unknown_bench: of_unknown_bench.count(),
        runs_of_other_kind: before - left.len(),
        lots: lots(&left),
        row,
        runs: left.iter().map(line).collect(),
    })
}

/// What the selection leaves of a run, apart from its kind.
fn left_of(run: &RunEntry, selection: &Selection) -> Option<RunEntry> {
    let is_lot = selection.lot.as_ref().is_none_or(|it| *it == run.lot);
    // ISO 8601 compares as text.
    let is_since = selection.since.as_ref().is_none_or(|it| run.started >= *it);
    if !is_lot || !is_since {
        return None;
    }
    let mut run = run.clone();
    if let Some(bench) = &selection.bench {
        run.units.retain(|it| it.bench == *bench);
        if run.units.is_empty() {
            return None;
        }
    }
    Some(run)
}

fn line(run: &RunEntry) -> RunLine {
    let benches: BTreeSet<&String> = run.units.iter().map(|it| &it.bench).collect();
    RunLine {
        run: run.run_id.clone(),
        started: run.started.clone(),
        lot: run.lot.clone(),
        plan: run.plan.clone(),
        benches: benches
            .into_iter()
            .filter(|it| !it.is_empty())
            .cloned()
            .collect(),
        spec: run.spec.clone(),
        firmware: run.firmware.clone(),
        units: run.units.len(),
        drawn: run.units.iter().filter(|it| it.is_drawn()).count(),
        met: run.units.iter().filter(|it| it.meets()).count(),
        disposition: run.disposition.clone(),
        has_folder: run.has_folder,
    }
}

impl RunLine {
    /// Whether it came to its end.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.disposition != UNFINISHED
    }
}

fn none_of(runs: &[RunEntry], selection: &Selection) -> NothingSelected {
    let mut wanted = Vec::new();
    if let Some(kind) = selection.kind {
        wanted.push(format!("kind {kind}"));
    }
    for (name, value) in [("lot", &selection.lot), ("bench", &selection.bench)] {
        if let Some(value) = value {
            wanted.push(format!("{name} {value}"));
        }
    }
    if let Some(since) = &selection.since {
        wanted.push(format!("{since} or later"));
    }
    let lots = runs.iter().map(|it| format!("{} ({})", it.lot, it.kind));
    let benches = runs.iter().flat_map(|it| &it.units).map(|it| &it.bench);
    NothingSelected::NoneOf {
        wanted: wanted.join(", "),
        lots: list(lots),
        benches: list(benches.filter(|it| !it.is_empty()).cloned()),
        last: runs
            .iter()
            .map(|it| it.started.clone())
            .max()
            .unwrap_or_default(),
    }
}

fn no_value(runs: &[RunEntry], row: &str) -> NothingSelected {
    let results = runs
        .iter()
        .flat_map(|it| &it.units)
        .flat_map(|it| &it.results);
    NothingSelected::NoValue {
        row: row.to_owned(),
        rows: list(
            results
                .filter(|it| it.value.is_some() && !it.is_left_out)
                .map(|it| it.row.clone()),
        ),
    }
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: BTreeSet<String> = names.collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    names.into_iter().collect::<Vec<_>>().join(", ")
}
