//! A record beside its spec and extras, with what several sections look up.

use super::Extras;
use rig_record::{BenchKind, LotRecord, RowResult, UnitRecord};
use rig_spec::{Evidence, Measured, Row, SpecSet, Unit, Verdict};
use rig_stats::{LotSummary, Standing, StatsError, UnitSummary, summarize};
use std::collections::BTreeMap;

/// A lot of no more units shows each of them; of a larger one only those that are no plain pass.
pub(super) const EVERY_UNIT_UP_TO: usize = 24;
/// Units shown in full at most, so that the page keeps its size whatever the lot.
pub(super) const UNITS_SHOWN: usize = 40;

/// What the sections are written from.
pub(super) struct View<'r> {
    pub(super) spec: &'r SpecSet,
    pub(super) lot: &'r LotRecord,
    pub(super) extras: &'r Extras,
    pub(super) summary: LotSummary,
    /// By row, the results of the units in the order of the lot.
    results: BTreeMap<&'r str, Vec<Option<&'r RowResult>>>,
}

/// One value of a row, as judged or reported.
#[derive(Clone, Copy)]
pub(super) struct Value<'r> {
    /// Position of the unit in the record.
    pub(super) unit: usize,
    pub(super) measured: Measured,
    pub(super) evidence: &'r Evidence,
    /// None where it is reported only.
    pub(super) verdict: Option<Verdict>,
    /// Guard band, record units.
    pub(super) guard_band: u64,
}

impl<'r> View<'r> {
    pub(super) fn new(
        spec: &'r SpecSet,
        lot: &'r LotRecord,
        extras: &'r Extras,
    ) -> Result<Self, StatsError> {
        let summary = summarize(spec, lot)?;
        let n_units = lot.units.len();
        let mut results: BTreeMap<&str, Vec<Option<&RowResult>>> = BTreeMap::new();
        for (unit, record) in lot.units.iter().enumerate() {
            for result in &record.results {
                let of_row = results
                    .entry(result.row().as_str())
                    .or_insert_with(|| vec![None; n_units]);
                of_row[unit] = Some(result);
            }
        }
        Ok(Self {
            spec,
            lot,
            extras,
            summary,
            results,
        })
    }

    pub(super) fn is_virtual(&self) -> bool {
        self.lot.header.bench.kind == BenchKind::Virtual
    }

    /// Results of a row with the units' positions; none where the record leaves a row out.
    pub(super) fn results_of(
        &self,
        row: &str,
    ) -> impl Iterator<Item = (usize, Option<&'r RowResult>)> {
        let of_row = self.results.get(row);
        (0..self.lot.units.len()).map(move |it| (it, of_row.and_then(|of_row| of_row[it])))
    }

    /// Values of a row that has them.
    pub(super) fn values_of(&self, row: &str) -> Vec<Value<'r>> {
        self.results_of(row)
            .filter_map(|(unit, result)| {
                let result = result?;
                let judged = result.judged();
                let evidence = judged.map(|it| &it.evidence).or(result.reported())?;
                Some(Value {
                    unit,
                    measured: evidence.measured?,
                    evidence,
                    verdict: result.verdict(),
                    guard_band: judged.map_or(0, |it| it.decision.guard_band),
                })
            })
            .collect()
    }

    /// Units with their summaries.
    pub(super) fn units(&self) -> impl Iterator<Item = (&'r UnitRecord, &UnitSummary)> {
        self.lot.units.iter().zip(&self.summary.units)
    }

    pub(super) fn count(&self, standing: Standing) -> usize {
        self.summary.units_standing(standing).count()
    }

    /// Units shown in full, worst first where not all are, and how many more there would be.
    pub(super) fn units_in_full(&self) -> (Vec<usize>, usize) {
        let n_units = self.lot.units.len();
        if n_units <= EVERY_UNIT_UP_TO {
            return ((0..n_units).collect(), 0);
        }
        let mut notable: Vec<usize> = (0..n_units).filter(|it| !self.is_plain_pass(*it)).collect();
        notable.sort_by_key(|it| std::cmp::Reverse(self.summary.units[*it].standing));
        let hidden = notable.len().saturating_sub(UNITS_SHOWN);
        notable.truncate(UNITS_SHOWN);
        (notable, hidden)
    }

    /// Met the plan at first attempts, and nothing was out of the ordinary.
    pub(super) fn is_plain_pass(&self, unit: usize) -> bool {
        self.summary.units[unit].is_first_pass() && self.lot.units[unit].anomalies.is_empty()
    }
}

/// Where a unit stands on the page.
pub(super) fn unit_anchor(position: usize) -> String {
    format!("unit-{}", position + 1)
}

/// Where a row stands on the page.
pub(super) fn row_anchor(row: &str) -> String {
    format!("row-{row}")
}

/// Record units of a row's printed unit, as numbers for pictures.
pub(super) fn scale(unit: Unit) -> f64 {
    unit.printed().record_units_in_one() as f64
}

/// The condition that a row asks for, in words.
pub(super) fn condition(row: &Row) -> String {
    let named = [
        ("depth", "depth_mm", " mm"),
        ("rate", "rate_per_s", " strokes/s"),
        ("load", "load", ""),
        ("supply", "supply", ""),
        ("cartridge", "cartridge", ""),
        ("", "stimulus", ""),
        ("from", "from_event", ""),
        ("to", "to_event", ""),
        ("window", "window_s", " s"),
    ];
    let parts: Vec<String> = named
        .iter()
        .filter_map(|(word, column, unit)| {
            let cell = row.cell(column);
            (!cell.is_empty()).then(|| format!("{word} {cell}{unit}").trim_start().to_owned())
        })
        .collect();
    parts.join(", ")
}
