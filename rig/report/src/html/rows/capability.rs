//! What the values of a row say of the lot: capability, normality, order.

use super::picture::limit_lines;
use crate::display::symbol;
use crate::html::markup::Markup;
use crate::html::plot::{self, Chart, Histogram};
use crate::html::view::{View, scale};
use rig_spec::{Row, Rule, Unit};
use rig_stats::capability::{Limits, one_sided_lower_bound, performance};
use rig_stats::charts::individuals_charts;
use rig_stats::moments;
use rig_stats::normality::{DOUBT_BELOW, FEWEST_VALUES, anderson_darling};

const CONFIDENCE: f64 = 0.95;

/// Values that statistics may be made of, in the order of the units: printed unit, without those in
/// doubt, and without bounds, which are no values.
fn usable(view: &View<'_>, row: &Row, unit: Unit) -> Vec<f64> {
    view.values_of(row.id.as_str())
        .iter()
        .filter(|it| it.evidence.doubts.is_empty() && it.evidence.bound.is_none())
        .map(|it| it.measured.value as f64 / scale(unit))
        .collect()
}

/// Whether a row's values are measured and can be spread.
fn measured_unit(row: &Row) -> Option<Unit> {
    row.unit
        .filter(|_| row.rule != Rule::Exact && row.tolerance.is_some())
}

/// The control chart of a row with enough values that differ.
pub(in crate::html) fn individuals(view: &View<'_>, row: &Row) -> Option<Chart> {
    let unit = measured_unit(row)?;
    let values = usable(view, row, unit);
    if values.len() < FEWEST_VALUES {
        return None;
    }
    let limits = individuals_charts(&values).ok()?.location;
    if limits.upper.partial_cmp(&limits.lower) != Some(std::cmp::Ordering::Greater) {
        return None;
    }
    let outside = values
        .iter()
        .filter(|it| **it < limits.lower || **it > limits.upper)
        .count();
    Some(Chart {
        n: values.len(),
        values,
        limits,
        outside,
    })
}

/// Histogram, probability plot and run chart, or why there are none.
pub(super) fn write(page: &mut Markup, view: &View<'_>, row: &Row) {
    let Some(unit) = measured_unit(row) else {
        return;
    };
    let values = usable(view, row, unit);
    if view.lot.units.len() < FEWEST_VALUES {
        // Said once, above all rows.
        return;
    }
    if values.len() < FEWEST_VALUES {
        let text = format!(
            "No capability from {} usable values: {FEWEST_VALUES} are the fewest.",
            values.len()
        );
        page.leaf("p", "small soft", &text);
        return;
    }
    let (Some(chart), Ok(moments)) = (individuals(view, row), moments(&values)) else {
        page.leaf(
            "p",
            "small soft",
            "No capability: the values do not differ.",
        );
        return;
    };
    let word = symbol(unit).to_owned();
    let limits = limit_lines(row, unit, view.values_of(row.id.as_str()));
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    page.leaf("h4", "", "Capability");
    page.classed("div", "panels", |page| {
        let caption = indices(&values, limits.lower, limits.upper);
        plot::figure(page, &caption, |page| {
            let shown = Histogram {
                values: &values,
                moments: Some(moments),
                limits: &limits,
                width: 380.0,
                show_limits: false,
            };
            plot::histogram(page, &shown, &word, &caption);
        });
        let caption = normality(&values);
        plot::figure(page, &caption, |page| {
            plot::probability(page, &sorted, &moments, &word, &caption);
        });
        let caption = format!(
            "Individual values with control limits at 3 standard deviations from moving ranges; {} of {} outside.",
            chart.outside, chart.n
        );
        plot::figure(page, &caption, |page| plot::run_chart(page, &chart, &word, &caption));
    });
}

/// Performance indices with a bound, and what they hold for.
fn indices(values: &[f64], lower: Option<f64>, upper: Option<f64>) -> String {
    let Ok((moments, index)) = performance(values, Limits { lower, upper }) else {
        return "Values and the normal curve of their mean and standard deviation.".to_owned();
    };
    let spread = index
        .spread
        .map(|it| format!("Pp {it:.2}, "))
        .unwrap_or_default();
    let bound = one_sided_lower_bound(index.least, moments.n, CONFIDENCE)
        .map(|it| {
            format!(
                ", at least {it:.2} with {:.0} % confidence",
                100.0 * CONFIDENCE
            )
        })
        .unwrap_or_default();
    format!(
        "{spread}Ppk {:.2}{bound}; n = {}; for normal values in control. The values include the spread of measuring.",
        index.least, moments.n
    )
}

fn normality(values: &[f64]) -> String {
    match anderson_darling(values) {
        Ok(test) if test.p < DOUBT_BELOW => format!(
            "Normality is doubted (Anderson-Darling p = {}): indices from a normal curve mean little here.",
            p(test.p)
        ),
        Ok(test) => format!(
            "Normality is not doubted (Anderson-Darling p = {}).",
            p(test.p)
        ),
        Err(why) => format!("No test of normality: {why}."),
    }
}

fn p(value: f64) -> String {
    if value < 0.001 {
        "below 0.001".to_owned()
    } else {
        format!("{value:.3}")
    }
}
