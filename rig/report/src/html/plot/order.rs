//! Values over the order of the units: with their uncertainties against the limits, and as a
//! control chart.

use super::{LimitLines, Scale, Upright, limit_lines, svg, zones};
use crate::html::mark::Mark;
use crate::html::markup::{Markup, Px};
use rig_stats::charts::ChartLimits;

const LEFT: f64 = 64.0;
const TOP: f64 = 26.0;
/// Columns of a chart; more values than these share columns.
const COLUMNS: usize = 220;

/// One value in order.
pub(in crate::html) struct Ordered {
    /// Position of the unit, counted from 1.
    pub(in crate::html) position: usize,
    pub(in crate::html) value: f64,
    pub(in crate::html) expanded: f64,
    pub(in crate::html) mark: Mark,
}

/// Every value with its uncertainty, for lots of some dozens.
pub(in crate::html) fn order(
    page: &mut Markup,
    values: &[Ordered],
    n_units: usize,
    limits: &LimitLines,
    unit: &str,
    words: &str,
) {
    let (width, bottom) = (780.0, 240.0);
    let (least, most) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |it, value| {
            (
                it.0.min(value.value - value.expanded),
                it.1.max(value.value + value.expanded),
            )
        });
    let y = Scale::new(limits.range(least, most), (bottom, TOP));
    let x = Scale::new((0.0, n_units as f64 + 1.0), (LEFT, width - 6.0));
    svg(page, (width, bottom + 38.0), words, |canvas| {
        let across = (LEFT, width - 6.0);
        zones(canvas, limits, &y, across, Upright::Yes);
        canvas.y_axis(&y, across, 5.0, unit);
        canvas.x_axis(
            &x,
            (bottom, bottom),
            10.0,
            "position of the unit in the run",
        );
        limit_lines(canvas, limits, &y, across, Upright::Yes);
        for value in values {
            let at = x.at(value.position as f64);
            let (low, high) = (
                y.at(value.value - value.expanded),
                y.at(value.value + value.expanded),
            );
            let class = format!("bar {}", value.mark.class());
            canvas.line(&class, at, low, at, high);
            let size = if value.mark == Mark::Pass { 5.5 } else { 9.0 };
            canvas.sign(value.mark, at, y.at(value.value), size);
        }
    });
}

/// What a control chart of individual values shows.
pub(in crate::html) struct Chart {
    /// Values in the order of the units, printed unit.
    pub(in crate::html) values: Vec<f64>,
    pub(in crate::html) limits: ChartLimits,
    /// How many values lie outside the control limits.
    pub(in crate::html) outside: usize,
    /// How many values.
    pub(in crate::html) n: usize,
}

/// The chart. Many values share columns: the band reaches from the least to the largest of each.
pub(in crate::html) fn run_chart(page: &mut Markup, chart: &Chart, unit: &str, words: &str) {
    let (width, bottom) = (380.0, 200.0);
    let ChartLimits {
        lower,
        center,
        upper,
    } = chart.limits;
    let (least, most) = chart.values.iter().fold((lower, upper), |it, value| {
        (it.0.min(*value), it.1.max(*value))
    });
    let margin = 0.08 * (most - least);
    let y = Scale::new((least - margin, most + margin), (bottom, TOP));
    let x = Scale::new((0.5, chart.values.len() as f64 + 0.5), (LEFT, width - 44.0));
    svg(page, (width, bottom + 38.0), words, |canvas| {
        let across = (LEFT, width - 44.0);
        canvas.y_axis(&y, across, 4.0, unit);
        canvas.x_axis(&x, (bottom, bottom), 5.0, "value in the order of the units");
        for (value, name) in [(lower, "LCL"), (center, "mean"), (upper, "UCL")] {
            let at = y.at(value);
            canvas.line("control", across.0, at, across.1, at);
            canvas.text("tick-label", "start", across.1 + 5.0, at + 4.0, name);
        }
        if chart.values.len() <= COLUMNS {
            let mut path = String::new();
            for (idx, value) in chart.values.iter().enumerate() {
                let step = if idx == 0 { 'M' } else { 'L' };
                path += &format!("{step}{} {}", Px(x.at(idx as f64 + 1.0)), Px(y.at(*value)));
            }
            canvas.path("data-line", &path);
            for (idx, value) in chart.values.iter().enumerate() {
                if *value < lower || *value > upper {
                    canvas.sign(Mark::Fail, x.at(idx as f64 + 1.0), y.at(*value), 8.0);
                }
            }
        } else {
            let per_column = chart.values.len().div_ceil(COLUMNS);
            let (mut high, mut low, mut mean) = (String::new(), Vec::new(), String::new());
            for (idx, column) in chart.values.chunks(per_column).enumerate() {
                let at = Px(x.at((idx * per_column) as f64 + 0.5 * column.len() as f64 + 0.5));
                let least = column.iter().copied().fold(f64::INFINITY, f64::min);
                let most = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let middle = column.iter().sum::<f64>() / column.len() as f64;
                let step = if idx == 0 { 'M' } else { 'L' };
                high += &format!("{step}{at} {}", Px(y.at(most)));
                low.push(format!("L{at} {}", Px(y.at(least))));
                mean += &format!("{step}{at} {}", Px(y.at(middle)));
            }
            low.reverse();
            canvas.path("data-band", &format!("{high}{}z", low.concat()));
            canvas.path("data-line", &mean);
        }
    });
}
