//! One lot under one plan: how many of its units met it, at the first test and at the last.

use crate::row::{RowFigures, figures};
use crate::{RowEntry, RunEntry, UNFINISHED, UnitEntry};
use serde::Serialize;
use std::collections::BTreeMap;

/// One lot under one plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LotHistory {
    /// The lot.
    pub lot: String,
    /// The plan.
    pub plan: String,
    /// Runs that were begun.
    pub runs: usize,
    /// Of those, never came to an end; units that were dealt with count.
    pub unfinished: usize,
    /// Of those, known by the ledger alone.
    pub without_folder: usize,
    /// Units that the plan asked something of, each counted once.
    pub units: usize,
    /// Of those, met the plan at the first test, without a re-measurement.
    pub first_pass: usize,
    /// Of those, met the plan at the first test.
    pub first_met: usize,
    /// Of those, met the plan at the last test.
    pub last_met: usize,
    /// Of those, tested more than once.
    pub tested_again: usize,
    /// Of those, did not meet the plan at some test, and met it at the last.
    pub turned: Vec<String>,
    /// What became of the lot in its last run that came to its end.
    pub disposition: Option<String>,
    /// When its first run was begun.
    pub first_started: String,
    /// When its last run was begun.
    pub last_started: String,
    /// Rows that its plan requires and that have numbers.
    pub rows: Vec<RowFigures>,
}

/// Lots by plan, in the order of their first run. Runs are in the order of time.
pub(crate) fn lots(runs: &[RunEntry]) -> Vec<LotHistory> {
    let mut groups: Vec<Vec<&RunEntry>> = Vec::new();
    for run in runs {
        let is_of = |it: &&mut Vec<&RunEntry>| {
            let first = it.first();
            first.is_some_and(|it| (&it.lot, &it.plan) == (&run.lot, &run.plan))
        };
        match groups.iter_mut().find(is_of) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups.iter().filter_map(|it| lot(it)).collect()
}

fn lot(runs: &[&RunEntry]) -> Option<LotHistory> {
    let (first, last) = (runs.first()?, runs.last()?);
    let mut tests: BTreeMap<&str, Vec<&UnitEntry>> = BTreeMap::new();
    for unit in runs.iter().flat_map(|it| &it.units) {
        if unit.is_drawn() {
            tests.entry(&unit.serial).or_default().push(unit);
        }
    }
    let count =
        |holds: &dyn Fn(&[&UnitEntry]) -> bool| tests.values().filter(|it| holds(it)).count();
    let first_met = |it: &[&UnitEntry]| it.first().is_some_and(|it| it.meets());
    let last_met = |it: &[&UnitEntry]| it.last().is_some_and(|it| it.meets());
    let turned = tests
        .iter()
        .filter(|(_, it)| last_met(it) && it.iter().any(|it| !it.meets()));
    let finished = |it: &&&RunEntry| it.disposition != UNFINISHED;
    Some(LotHistory {
        lot: first.lot.clone(),
        plan: first.plan.clone(),
        runs: runs.len(),
        unfinished: runs.len() - runs.iter().filter(finished).count(),
        without_folder: runs.iter().filter(|it| !it.has_folder).count(),
        units: tests.len(),
        first_pass: count(&|it| it.first().is_some_and(|it| it.is_first_pass)),
        first_met: count(&first_met),
        last_met: count(&last_met),
        tested_again: count(&|it| it.len() > 1),
        turned: turned.map(|it| (*it.0).to_owned()).collect(),
        disposition: runs
            .iter()
            .rev()
            .find(finished)
            .map(|it| it.disposition.clone()),
        first_started: first.started.clone(),
        last_started: last.started.clone(),
        rows: rows(runs),
    })
}

/// Figures of every row that the plan requires in some run, in the order of the last spec.
fn rows(runs: &[&RunEntry]) -> Vec<RowFigures> {
    let mut order: Vec<&str> = Vec::new();
    for row in runs.iter().rev().flat_map(|it| &it.rows) {
        if row.is_required && !order.contains(&row.row.as_str()) {
            order.push(&row.row);
        }
    }
    order
        .iter()
        .filter_map(|row| {
            let entries: Vec<&RowEntry> = runs
                .iter()
                .filter_map(|run| run.rows.iter().find(|it| it.row == *row))
                .collect();
            figures(runs, &entries)
        })
        .collect()
}
