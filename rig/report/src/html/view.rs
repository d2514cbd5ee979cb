//! A record beside its spec and extras, with what several sections look up.

use super::Extras;
use super::mark::Mark;
use rig_record::{BenchKind, LotRecord, RowResult, UnitRecord};
use rig_spec::{Evidence, Measured, Plan, Required, Row, SpecSet, Unit, Verdict};
use rig_stats::{
    LotSummary, RowStatistics, Standing, StatsError, UnitSummary, statistics_of_results, summarize,
};
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
    of_rows: BTreeMap<&'r str, OfRow<'r>>,
}

/// What several sections ask of one row, worked out once.
struct OfRow<'r> {
    tally: Tally,
    values: Vec<Value<'r>>,
    statistics: RowStatistics,
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

/// How the units stand on a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) inconclusive: usize,
    pub(super) failed: usize,
    /// Wanted on it and not judged.
    pub(super) not_run: usize,
    /// Neither wanted on it nor judged.
    pub(super) not_wanted: usize,
}

impl Tally {
    /// The worst of the units: a sign and a word.
    pub(super) fn worst(&self) -> (Mark, &'static str) {
        if self.failed > 0 {
            (Mark::Fail, "fail")
        } else if self.inconclusive > 0 {
            (Mark::Undecided, "inconclusive")
        } else if self.not_run > 0 {
            (Mark::None, "not run")
        } else if self.passed > 0 {
            (Mark::Pass, "pass")
        } else {
            (Mark::None, "not run")
        }
    }

    /// `on 1 of 5 units, 3 pass, 1 not run`: how many have the worst verdict, and the others.
    pub(super) fn words(&self) -> String {
        let judged = self.passed + self.inconclusive + self.failed;
        let all = judged + self.not_run;
        let (_, worst) = self.worst();
        let counts = [
            ("fail", self.failed),
            ("inconclusive", self.inconclusive),
            ("not run", self.not_run),
            ("pass", self.passed),
        ];
        let first = counts.iter().find(|it| it.0 == worst).map_or(0, |it| it.1);
        let rest = counts
            .iter()
            .filter(|it| it.0 != worst && it.1 > 0)
            .map(|(word, count)| format!(", {count} {word}"));
        format!("on {first} of {all} units{}", rest.collect::<String>())
    }

    /// `on 4 of 5 units`.
    pub(super) fn passes(&self) -> String {
        let all = self.passed + self.inconclusive + self.failed + self.not_run;
        format!("on {} of {all}", self.passed)
    }

    /// Whether any unit was judged.
    pub(super) fn is_judged(&self) -> bool {
        self.passed + self.inconclusive + self.failed > 0
    }
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
        let no_result = vec![None; n_units];
        let plan = summary.plan.clone();
        let of_rows = spec.rows.iter().map(|row| {
            let id = row.id.as_str();
            let of_row = results.get(id).unwrap_or(&no_result);
            let values = values(of_row);
            let of_row = OfRow {
                tally: tally(&plan, lot, id, of_row),
                values,
                statistics: statistics_of_results(of_row.iter().copied()),
            };
            (id, of_row)
        });
        let of_rows = of_rows.collect();
        Ok(Self {
            spec,
            lot,
            extras,
            summary,
            results,
            of_rows,
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

    /// Values of a row in the order of the units.
    pub(super) fn values_of(&self, row: &str) -> &[Value<'r>] {
        self.of_rows.get(row).map_or(&[], |it| &it.values)
    }

    /// Statistics of a row over the lot, as in lot.csv.
    pub(super) fn statistics_of(&self, row: &str) -> RowStatistics {
        self.of_rows
            .get(row)
            .map(|it| it.statistics.clone())
            .unwrap_or_default()
    }

    /// How the units stand on a row.
    pub(super) fn tally(&self, row: &str) -> Tally {
        self.of_rows.get(row).map(|it| it.tally).unwrap_or_default()
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

/// Values of a row, as judged or reported, from the results of its units.
fn values<'r>(of_row: &[Option<&'r RowResult>]) -> Vec<Value<'r>> {
    let value = |(unit, result): (usize, &Option<&'r RowResult>)| {
        let result = (*result)?;
        let judged = result.judged();
        let evidence = result.evidence()?;
        Some(Value {
            unit,
            measured: evidence.measured?,
            evidence,
            verdict: result.verdict(),
            guard_band: judged.map_or(0, |it| it.decision.guard_band),
        })
    };
    of_row.iter().enumerate().filter_map(value).collect()
}

/// How the units stand on a row: those that are wanted on it, and those measured all the same.
fn tally(plan: &Plan, lot: &LotRecord, row: &str, of_row: &[Option<&RowResult>]) -> Tally {
    let entry = plan.entry(row);
    let mut tally = Tally::default();
    for (unit, result) in lot.units.iter().zip(of_row) {
        let is_wanted =
            entry.is_some_and(|it| it.required == Required::Yes && it.n_units.includes(unit.index));
        *match result.and_then(RowResult::verdict) {
            Some(Verdict::Pass) => &mut tally.passed,
            Some(Verdict::Inconclusive) => &mut tally.inconclusive,
            Some(Verdict::Fail) => &mut tally.failed,
            None if is_wanted => &mut tally.not_run,
            None => &mut tally.not_wanted,
        } += 1;
    }
    tally
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
