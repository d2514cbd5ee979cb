//! Control charts of one row, each bench apart, and how far the benches lie apart.

use crate::numbers::{clean, clean_option};
use crate::row::{Value, first_values, why};
use crate::{CONFIDENCE, RowEntry, RunEntry};
use rig_stats::charts::{ChartLimits, individuals_charts, pooled_within};
use rig_stats::drift::{Difference, difference, paired_difference};
use rig_stats::run_rules::{RunRule, run_rules};
use rig_stats::{StatisticError, moments};
use serde::Serialize;
use std::collections::BTreeMap;

/// Fewer values than this make limits that the next values may well move.
const SETTLED: usize = 20;

/// One row over time. Values are in its unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowHistory {
    /// The row.
    pub row: String,
    /// The quantity.
    pub measurand: String,
    /// Unit of everything here.
    pub unit: String,
    /// Tolerance limits, by the spec of the last run; they are no control limits.
    pub lower: Option<f64>,
    /// See `lower`.
    pub upper: Option<f64>,
    /// Each bench apart, by name.
    pub benches: Vec<BenchChart>,
    /// Between every two benches.
    pub differences: Vec<BenchDifference>,
}

/// Charts of one row on one bench.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchChart {
    /// The bench.
    pub bench: String,
    /// Units in the order of time, each by its first value on the bench.
    pub points: Vec<Point>,
    /// Center line and limits at three standard deviations, and that standard deviation.
    pub limits: Option<Lines>,
    /// Mean moving range of two, and its upper limit.
    pub moving_range: Option<RangeLines>,
    /// Why there are no limits.
    pub why_no_limits: Option<String>,
    /// Whether so few values made the limits that the next may well move them.
    pub is_provisional: bool,
    /// Means of lots, in the order of their first value; empty with one lot.
    pub lots: Vec<LotPoint>,
    /// Standard deviation within lots and its degrees of freedom, which the lots' limits rest on.
    pub within_lots: Option<WithinLots>,
    /// Why the lots have no limits.
    pub why_no_lot_limits: Option<String>,
}

/// Lines of a chart of moving ranges.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RangeLines {
    /// Center line: the mean moving range.
    #[serde(serialize_with = "clean")]
    pub center: f64,
    /// Upper control limit.
    #[serde(serialize_with = "clean")]
    pub upper: f64,
}

/// Spread within lots.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WithinLots {
    /// Standard deviation.
    #[serde(serialize_with = "clean")]
    pub standard_deviation: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: f64,
}

/// Lines of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lines {
    /// Lower control limit.
    #[serde(serialize_with = "clean")]
    pub lower: f64,
    /// Center line.
    #[serde(serialize_with = "clean")]
    pub center: f64,
    /// Upper control limit.
    #[serde(serialize_with = "clean")]
    pub upper: f64,
}

impl From<ChartLimits> for Lines {
    fn from(it: ChartLimits) -> Self {
        Self {
            lower: it.lower,
            center: it.center,
            upper: it.upper,
        }
    }
}

/// One value of a chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Run that it was measured in.
    pub run: String,
    /// When that was begun.
    pub started: String,
    /// The lot.
    pub lot: String,
    /// Serial number of the unit.
    pub serial: String,
    /// The value.
    pub value: f64,
    /// Its expanded uncertainty; 0 for what is counted.
    pub expanded: f64,
    /// Difference from the point before, without sign.
    #[serde(serialize_with = "clean_option")]
    pub moving_range: Option<f64>,
    /// Whether that is above its limit.
    pub is_range_out: bool,
    /// The rules that the point completes, in words.
    pub signals: Vec<&'static str>,
}

impl Point {
    /// Whether anything is to be said of it.
    #[must_use]
    pub fn is_out(&self) -> bool {
        self.is_range_out || !self.signals.is_empty()
    }
}

/// Mean of one lot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LotPoint {
    /// The lot.
    pub lot: String,
    /// Units with a value.
    pub n: usize,
    /// Mean.
    #[serde(serialize_with = "clean")]
    pub mean: f64,
    /// Lines for a mean of so many, by the spread within lots.
    pub limits: Option<Lines>,
    /// The rules that the point completes, in words.
    pub signals: Vec<&'static str>,
}

/// How far two benches lie apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchDifference {
    /// One bench.
    pub first: String,
    /// The other.
    pub second: String,
    /// Units that were on both, if there are two at least: the difference is that of their values;
    /// otherwise of the means of all units of each.
    pub paired: Option<usize>,
    /// First minus second.
    #[serde(serialize_with = "clean")]
    pub difference: f64,
    /// Half width of its interval from the scatter of values, with 95 % confidence.
    #[serde(serialize_with = "clean")]
    pub scatter: f64,
    /// Root of the sum of squares of each bench's largest U: what the instruments may differ by.
    #[serde(serialize_with = "clean")]
    pub instruments: f64,
    /// Root of the sum of squares of both: U of the difference.
    #[serde(serialize_with = "clean")]
    pub expanded: f64,
    /// Whether the difference is larger than its U.
    pub is_shown: bool,
}

/// Charts of a row; none if no unit has a value of it. Runs are of one kind, in the order of time.
pub(crate) fn row_history(runs: &[RunEntry], row: &str) -> Option<RowHistory> {
    let entries: Vec<&RowEntry> = runs
        .iter()
        .filter_map(|run| run.rows.iter().find(|it| it.row == row))
        .collect();
    let entry = entries.last()?;
    let unit = entry.unit()?.printed();
    let scale = unit.record_units_in_one() as f64;
    let mut names: Vec<&str> = runs
        .iter()
        .flat_map(|it| &it.units)
        .map(|it| it.bench.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let by_bench: Vec<(&str, Vec<Value<'_>>)> = names
        .into_iter()
        .map(|it| (it, first_values(runs, row, Some(it))))
        .filter(|it| !it.1.is_empty())
        .collect();
    if by_bench.is_empty() {
        return None;
    }
    let mut differences = Vec::new();
    for (at, first) in by_bench.iter().enumerate() {
        for second in &by_bench[at + 1..] {
            differences.extend(between(first, second, scale));
        }
    }
    Some(RowHistory {
        row: row.to_owned(),
        measurand: entry.measurand.clone(),
        unit: unit.word().to_owned(),
        lower: entry.lower.map(|it| it as f64 / scale),
        upper: entry.upper.map(|it| it as f64 / scale),
        benches: by_bench
            .iter()
            .map(|(bench, values)| bench_chart(bench, values, scale))
            .collect(),
        differences,
    })
}

fn bench_chart(bench: &str, values: &[Value<'_>], scale: f64) -> BenchChart {
    let numbers: Vec<f64> = values.iter().map(|it| it.value as f64 / scale).collect();
    let charts = individuals_charts(&numbers);
    let rules = charts.and_then(|it| {
        let rules = run_rules(&numbers, &vec![it.location; numbers.len()])?;
        Ok((it, rules))
    });
    let points = values.iter().enumerate().map(|(at, it)| {
        let moving_range = at
            .checked_sub(1)
            .map(|before| (numbers[at] - numbers[before]).abs());
        let (signals, is_range_out) = match &rules {
            Ok((charts, rules)) => (
                words(&rules[at]),
                moving_range.is_some_and(|it| it > charts.spread.upper),
            ),
            Err(_) => (Vec::new(), false),
        };
        Point {
            run: it.run.run_id.clone(),
            started: it.run.started.clone(),
            lot: it.run.lot.clone(),
            serial: it.serial.to_owned(),
            value: numbers[at],
            expanded: it.expanded as f64 / scale,
            moving_range,
            is_range_out,
            signals,
        }
    });
    let (lots, within, why_no_lot_limits) = lot_points(values, &numbers);
    BenchChart {
        bench: bench.to_owned(),
        points: points.collect(),
        limits: rules.as_ref().ok().map(|it| it.0.location.into()),
        moving_range: rules.as_ref().ok().map(|it| RangeLines {
            center: it.0.spread.center,
            upper: it.0.spread.upper,
        }),
        why_no_limits: rules.as_ref().err().copied().map(why),
        is_provisional: numbers.len() < SETTLED,
        lots,
        within_lots: within,
        why_no_lot_limits,
    }
}

fn words(rules: &[RunRule]) -> Vec<&'static str> {
    rules.iter().map(|it| it.words()).collect()
}

type LotPoints = (Vec<LotPoint>, Option<WithinLots>, Option<String>);

/// Means of lots with limits by the spread within them.
fn lot_points(values: &[Value<'_>], numbers: &[f64]) -> LotPoints {
    let mut lots: Vec<(&str, Vec<f64>)> = Vec::new();
    for (value, number) in values.iter().zip(numbers) {
        match lots.iter_mut().find(|it| it.0 == value.run.lot) {
            Some(lot) => lot.1.push(*number),
            None => lots.push((&value.run.lot, vec![*number])),
        }
    }
    if lots.len() < 2 {
        return (Vec::new(), None, None);
    }
    let groups: Vec<Vec<f64>> = lots
        .iter()
        .map(|it| it.1.clone())
        .filter(|it| it.len() >= 2)
        .collect();
    let mean = |it: &[f64]| moments(it).map_or_else(|_| it[0], |it| it.mean);
    let center = mean(numbers);
    let means: Vec<f64> = lots.iter().map(|it| mean(&it.1)).collect();
    let limited = pooled_within(&groups).and_then(|within| {
        let limits: Vec<ChartLimits> = lots
            .iter()
            .map(|it| {
                let reach = 3.0 * within.standard_deviation / libm::sqrt(it.1.len() as f64);
                ChartLimits {
                    lower: center - reach,
                    center,
                    upper: center + reach,
                }
            })
            .collect();
        let rules = run_rules(&means, &limits)?;
        Ok((within, limits, rules))
    });
    let points = lots.iter().enumerate().map(|(at, (lot, values))| LotPoint {
        lot: (*lot).to_owned(),
        n: values.len(),
        mean: means[at],
        limits: limited.as_ref().ok().map(|it| it.1[at].into()),
        signals: limited
            .as_ref()
            .map(|it| words(&it.2[at]))
            .unwrap_or_default(),
    });
    (
        points.collect(),
        limited.as_ref().ok().map(|it| WithinLots {
            standard_deviation: it.0.standard_deviation,
            degrees_of_freedom: it.0.dof,
        }),
        limited.as_ref().err().copied().map(why),
    )
}

/// How far two benches lie apart; nothing where their values are too few to say.
fn between(
    (first, of_first): &(&str, Vec<Value<'_>>),
    (second, of_second): &(&str, Vec<Value<'_>>),
    scale: f64,
) -> Option<BenchDifference> {
    let by_unit: BTreeMap<(&str, &str), f64> = of_second
        .iter()
        .map(|it| ((it.run.lot.as_str(), it.serial), it.value as f64 / scale))
        .collect();
    let pairs: Vec<(f64, f64)> = of_first
        .iter()
        .filter_map(|it| {
            let other = by_unit.get(&(it.run.lot.as_str(), it.serial))?;
            Some((it.value as f64 / scale, *other))
        })
        .collect();
    let numbers =
        |it: &[Value<'_>]| -> Vec<f64> { it.iter().map(|it| it.value as f64 / scale).collect() };
    let paired = pairs.len() >= 2;
    let it: Result<Difference, StatisticError> = if paired {
        paired_difference(&pairs, CONFIDENCE)
    } else {
        difference(&numbers(of_first), &numbers(of_second), CONFIDENCE)
    };
    let it = it.ok()?;
    let largest = |it: &[Value<'_>]| {
        let most = it.iter().map(|it| it.expanded).max().unwrap_or(0);
        most as f64 / scale
    };
    let instruments = libm::hypot(largest(of_first), largest(of_second));
    let expanded = libm::hypot(it.half_width, instruments);
    Some(BenchDifference {
        first: (*first).to_owned(),
        second: (*second).to_owned(),
        paired: paired.then_some(pairs.len()),
        difference: it.difference,
        scatter: it.half_width,
        instruments,
        expanded,
        is_shown: it.difference.abs() > expanded,
    })
}
