//! The values of one row over all units, against limits and acceptance zone.

use crate::display::{symbol, trimmed, value_and_expanded};
use crate::html::mark::{self, Mark};
use crate::html::markup::Markup;
use crate::html::plot::{self, Dot, Histogram, LimitLines, Ordered};
use crate::html::view::{Value, View, scale};
use rig_spec::{Row, Rule, Unit};
use rig_stats::moments;

/// Units with a line each; more stand side by side.
const LINES: usize = 40;
/// Units side by side; more are shown as a density.
const SIDE_BY_SIDE: usize = 200;

/// Draws the values; `false` where the row has none to draw.
pub(super) fn values(page: &mut Markup, view: &View<'_>, row: &Row) -> bool {
    let values = view.values_of(row.id.as_str());
    let Some(unit) = row
        .unit
        .filter(|_| !values.is_empty() && row.rule != Rule::Exact)
    else {
        return false;
    };
    let n_units = view.lot.units.len();
    let limits = limit_lines(row, unit, values);
    let word = symbol(unit).to_owned();
    let title = format!("{}, {word}", row.measurand);
    if n_units <= LINES {
        let dots = dots(view, row, unit);
        let caption = format!(
            "Bars: value ± U; where no bar shows, U is smaller than the sign. {}",
            legend(&limits)
        );
        plot::figure(page, &caption, |page| {
            plot::dots(page, &dots, &limits, &title, &caption)
        });
    } else if n_units <= SIDE_BY_SIDE {
        let ordered: Vec<Ordered> = values.iter().map(|it| ordered(unit, it)).collect();
        let caption = format!("One sign a unit, bars: value ± U. {}", legend(&limits));
        plot::figure(page, &caption, |page| {
            plot::order(page, &ordered, n_units, &limits, &title, &caption);
        });
    } else {
        let numbers: Vec<f64> = values
            .iter()
            .map(|it| it.measured.value as f64 / scale(unit))
            .collect();
        let moments = moments(&numbers).ok();
        let caption = format!(
            "{} values of {n_units} units; the end bins hold what lies further out. {}",
            numbers.len(),
            legend(&limits)
        );
        plot::figure(page, &caption, |page| {
            let shown = Histogram {
                values: &numbers,
                moments,
                limits: &limits,
                width: 780.0,
                show_limits: true,
            };
            plot::histogram(page, &shown, &title, &caption);
        });
    }
    if n_units > LINES {
        not_passed(page, view, row);
    }
    true
}

fn legend(limits: &LimitLines) -> &'static str {
    let has_limit = limits.lower.or(limits.upper).is_some();
    let has_guard = limits
        .acceptance_lower
        .or(limits.acceptance_upper)
        .is_some();
    match (has_limit, has_guard) {
        (true, true) => {
            "Solid: limits; dashed: acceptance limits at the largest U; blue ground: acceptance zone; amber ground: guard bands."
        }
        (true, false) => "Solid: limits; blue ground: acceptance zone.",
        _ => "The row has no numeric limit.",
    }
}

fn dots(view: &View<'_>, row: &Row, unit: Unit) -> Vec<Dot> {
    let values = view.values_of(row.id.as_str());
    view.results_of(row.id.as_str())
        .map(|(position, result)| {
            let value = values.iter().find(|it| it.unit == position);
            let words = match value {
                Some(value) => {
                    let (number, expanded) = value_and_expanded(unit, value.measured);
                    let number = match value.evidence.bound {
                        Some(bound) => format!("{bound} {number}"),
                        None => number,
                    };
                    match expanded {
                        Some(expanded) => format!("{number} ± {expanded} {}", symbol(unit)),
                        None => format!("{number} {}", symbol(unit)),
                    }
                }
                None => crate::results::verdict(result),
            };
            Dot {
                label: view.lot.units[position].serial.clone(),
                value: value.map(|it| in_unit(unit, it)),
                mark: mark::of_result(result),
                words,
                is_bound: value.is_some_and(|it| it.evidence.bound.is_some()),
            }
        })
        .collect()
}

fn in_unit(unit: Unit, value: &Value<'_>) -> (f64, f64) {
    let measured = value.measured;
    (
        measured.value as f64 / scale(unit),
        measured.expanded as f64 / scale(unit),
    )
}

fn ordered(unit: Unit, value: &Value<'_>) -> Ordered {
    let (number, expanded) = in_unit(unit, value);
    Ordered {
        position: value.unit + 1,
        value: number,
        expanded,
        mark: value.verdict.map_or(Mark::None, Mark::from),
    }
}

/// Lines of the row; the acceptance limits are those of its largest guard band.
pub(super) fn limit_lines(row: &Row, unit: Unit, values: &[Value<'_>]) -> LimitLines {
    let Some(tolerance) = row.tolerance else {
        return LimitLines::default();
    };
    let convert = |it: Option<i64>| it.map(|it| it as f64 / scale(unit));
    let guard_band = values.iter().map(|it| it.guard_band).max().unwrap_or(0);
    let (lower, upper) = match guard_band {
        0 => (None, None),
        width => tolerance.acceptance(width),
    };
    LimitLines {
        lower: convert(tolerance.lower()),
        upper: convert(tolerance.upper()),
        acceptance_lower: convert(lower),
        acceptance_upper: convert(upper),
        target: convert(row.target),
    }
}

/// `1.3593 to 1.6407 mm, w = 0.0093 mm, at the largest U`.
pub(super) fn acceptance(view: &View<'_>, row: &Row) -> Option<String> {
    let unit = row.unit?;
    let tolerance = row.tolerance?;
    let values = view.values_of(row.id.as_str());
    let width = values
        .iter()
        .map(|it| it.guard_band)
        .max()
        .filter(|it| *it > 0)?;
    let (lower, upper) = tolerance.acceptance(width);
    let print = |it: i64| trimmed(unit, it);
    let word = symbol(unit);
    let zone = match (lower, upper) {
        (Some(lower), Some(upper)) => format!("{} to {} {word}", print(lower), print(upper)),
        (Some(lower), None) => format!("at least {} {word}", print(lower)),
        (None, Some(upper)) => format!("at most {} {word}", print(upper)),
        (None, None) => return None,
    };
    let width = print(i64::try_from(width).unwrap_or(i64::MAX));
    Some(format!("{zone}, w = {width} {word}, at the largest U"))
}

/// Which units did not pass, since a large lot's picture does not name them.
fn not_passed(page: &mut Markup, view: &View<'_>, row: &Row) {
    for (mark, word) in [(Mark::Fail, "fail"), (Mark::Undecided, "inconclusive")] {
        let units: Vec<usize> = view
            .results_of(row.id.as_str())
            .filter(|(_, result)| mark::of_result(*result) == mark)
            .map(|it| it.0)
            .collect();
        if !units.is_empty() {
            page.classed("p", "small", |page| {
                mark.with_word(page, word);
                page.text(": ");
                super::linked(page, view, &units);
            });
        }
    }
}
