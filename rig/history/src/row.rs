//! One row over the units of a lot: how its values lie, and how far from its limits.

use crate::numbers::clean_option;
use crate::{CONFIDENCE, RowEntry, RunEntry, TREND_CONFIDENCE};
use rig_stats::capability::{Limits, one_sided_lower_bound, performance};
use rig_stats::{StatisticError, drift, moments};
use serde::Serialize;
use std::collections::BTreeSet;

/// A value that counts: the first of its unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value<'r> {
    pub(crate) run: &'r RunEntry,
    pub(crate) serial: &'r str,
    pub(crate) bench: &'r str,
    /// Record units.
    pub(crate) value: i64,
    /// Record units.
    pub(crate) expanded: u64,
}

/// The first value of each unit, in the order of time; on each bench, if `bench` is given, the first
/// there. A unit is known by lot and serial number.
pub(crate) fn first_values<'r>(
    runs: impl IntoIterator<Item = &'r RunEntry>,
    row: &str,
    bench: Option<&str>,
) -> Vec<Value<'r>> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for run in runs {
        for unit in &run.units {
            if bench.is_some_and(|it| it != unit.bench) {
                continue;
            }
            let result = unit.results.iter().find(|it| it.row == row);
            let usable = result.filter(|it| !it.is_left_out);
            let Some(value) = usable.and_then(|it| it.value) else {
                continue;
            };
            if seen.insert((&run.lot, &unit.serial)) {
                values.push(Value {
                    run,
                    serial: &unit.serial,
                    bench: &unit.bench,
                    value,
                    expanded: usable.and_then(|it| it.expanded).unwrap_or(0),
                });
            }
        }
    }
    values
}

/// Figures of a row over the units of a lot, in its unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowFigures {
    /// The row.
    pub row: String,
    /// The quantity.
    pub measurand: String,
    /// Unit of everything here.
    pub unit: String,
    /// Units with a value: each counts once, with its first that is not in doubt.
    pub n: usize,
    /// Tests whose value was in doubt or a mere bound.
    pub left_out: usize,
    /// Mean.
    #[serde(serialize_with = "clean_option")]
    pub mean: Option<f64>,
    /// Standard deviation with n − 1.
    #[serde(serialize_with = "clean_option")]
    pub standard_deviation: Option<f64>,
    /// Least value.
    pub least: Option<f64>,
    /// Largest value.
    pub largest: Option<f64>,
    /// Lower tolerance limit, if it is the same in every run.
    pub lower: Option<f64>,
    /// Upper tolerance limit, if it is the same in every run.
    pub upper: Option<f64>,
    /// Ppk: distance of the mean from the nearer limit over three standard deviations.
    #[serde(serialize_with = "clean_option")]
    pub ppk: Option<f64>,
    /// Its lower bound with 95 % confidence.
    #[serde(serialize_with = "clean_option")]
    pub ppk_lower_bound: Option<f64>,
    /// Why there is no Ppk.
    pub why_no_ppk: Option<String>,
    /// Slope of a line through the values in the order of time, a unit.
    #[serde(serialize_with = "clean_option")]
    pub slope: Option<f64>,
    /// Half width of its interval with 99 % confidence.
    #[serde(serialize_with = "clean_option")]
    pub slope_half_width: Option<f64>,
    /// Whether that interval leaves out a line without slope.
    pub has_trend: bool,
}

/// Figures of a row; `entries` is what the runs' specs say of it, of which there is at least one.
pub(crate) fn figures(runs: &[&RunEntry], entries: &[&RowEntry]) -> Option<RowFigures> {
    let entry = entries.last()?;
    let unit = entry.unit()?.printed();
    let scale = unit.record_units_in_one() as f64;
    let of_unit = |it: i64| it as f64 / scale;
    let values: Vec<f64> = first_values(runs.iter().copied(), &entry.row, None)
        .iter()
        .map(|it| of_unit(it.value))
        .collect();
    let results = runs
        .iter()
        .flat_map(|it| &it.units)
        .flat_map(|it| &it.results);
    let limits_agree = entries
        .iter()
        .all(|it| (it.lower, it.upper, &it.unit) == (entry.lower, entry.upper, &entry.unit));
    let limits = Limits {
        lower: entry.lower.filter(|_| limits_agree).map(of_unit),
        upper: entry.upper.filter(|_| limits_agree).map(of_unit),
    };
    let ppk = if limits_agree {
        capability(&values, limits).map_err(why)
    } else {
        Err("the limits differ between runs".to_owned())
    };
    let spread = moments(&values).ok();
    let trend = drift::trend(&values, TREND_CONFIDENCE).ok();
    Some(RowFigures {
        row: entry.row.clone(),
        measurand: entry.measurand.clone(),
        unit: unit.word().to_owned(),
        n: values.len(),
        left_out: results
            .filter(|it| it.row == entry.row && it.is_left_out)
            .count(),
        mean: spread.map(|it| it.mean).or_else(|| values.first().copied()),
        standard_deviation: spread.map(|it| it.standard_deviation),
        least: values.iter().copied().reduce(f64::min),
        largest: values.iter().copied().reduce(f64::max),
        lower: limits.lower,
        upper: limits.upper,
        ppk: ppk.as_ref().ok().map(|it| it.0),
        ppk_lower_bound: ppk.as_ref().ok().map(|it| it.1),
        why_no_ppk: ppk.err(),
        slope: trend.map(|it| it.slope),
        slope_half_width: trend.map(|it| it.half_width),
        has_trend: trend.is_some_and(|it| it.is_shown()),
    })
}

/// Why a statistic does not exist, in words that are the same however many values are missing.
pub(crate) fn why(error: StatisticError) -> String {
    match error {
        StatisticError::TooFewValues { needed, .. } => format!("fewer than {needed} values"),
        other => other.to_string(),
    }
}

/// Ppk and its lower bound.
fn capability(values: &[f64], limits: Limits) -> Result<(f64, f64), StatisticError> {
    let (moments, capability) = performance(values, limits)?;
    let bound = one_sided_lower_bound(capability.least, moments.n, CONFIDENCE)?;
    Ok((capability.least, bound))
}
