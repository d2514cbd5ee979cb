//! How the values of a lot are spread, with limits and the normal curve of the same mean and
//! standard deviation.

use super::{LimitLines, Scale, Upright, limit_lines, svg, zones};
use crate::html::markup::{Markup, Px};
use rig_stats::Moments;

const LEFT: f64 = 64.0;
const TOP: f64 = 26.0;
/// Bins at most.
const BINS: usize = 48;

/// What a histogram shows.
pub(in crate::html) struct Histogram<'v> {
    /// Printed unit, in any order.
    pub(in crate::html) values: &'v [f64],
    pub(in crate::html) moments: Option<Moments>,
    pub(in crate::html) limits: &'v LimitLines,
    /// Width of the picture.
    pub(in crate::html) width: f64,
    /// The range shown: that of the values alone, or of values and limits.
    pub(in crate::html) show_limits: bool,
}

pub(in crate::html) fn histogram(page: &mut Markup, it: &Histogram<'_>, unit: &str, words: &str) {
    let bottom = if it.width > 500.0 { 240.0 } else { 200.0 };
    let (least, most) = it
        .values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(*value), range.1.max(*value))
        });
    if !(least.is_finite() && most.is_finite()) {
        return;
    }
    let (from, to) = if it.show_limits {
        it.limits.range(least, most)
    } else {
        let margin = 0.1 * (most - least);
        (least - margin, most + margin)
    };
    let right = it.width - 8.0;
    let x = Scale::new((from, to), (LEFT, right));
    let (edges, counts) = counted(it.values, least.max(x.from), most.min(x.to));
    let highest = counts.iter().copied().max().unwrap_or(0) as f64;
    let y = Scale::new((0.0, highest * 1.08), (bottom, TOP));
    svg(page, (it.width, bottom + 38.0), words, |canvas| {
        let across = (TOP, bottom);
        zones(canvas, it.limits, &x, across, Upright::No);
        canvas.x_axis(&x, across, if it.width > 500.0 { 7.0 } else { 5.0 }, unit);
        canvas.y_axis(&y, (LEFT, right), 4.0, "units");
        for (edges, count) in edges.windows(2).zip(&counts) {
            if *count > 0 {
                let ends = (x.at(edges[0]), x.at(edges[1]).max(x.at(edges[0]) + 1.5));
                canvas.rect(
                    "data-fill",
                    (ends.0, ends.1 - 0.5),
                    (y.at(*count as f64), bottom),
                );
            }
        }
        if let Some(moments) = it.moments.filter(|it| it.standard_deviation > 0.0) {
            let width_of_bin = edges[1] - edges[0];
            canvas.path("fit", &normal_curve(&moments, width_of_bin, &x, &y));
        }
        limit_lines(canvas, it.limits, &x, across, Upright::No);
    });
}

/// Edges of equal bins and how many values each holds; values outside count in the end bins.
fn counted(values: &[f64], from: f64, to: f64) -> (Vec<f64>, Vec<usize>) {
    if from.partial_cmp(&to) != Some(std::cmp::Ordering::Less) {
        let half = if from == 0.0 { 0.5 } else { 1e-6 * from.abs() };
        return (vec![from - half, from + half], vec![values.len()]);
    }
    // Twice the cube root of n (Rice): as many bins as the number of values can fill.
    let n = (2.0 * libm::cbrt(values.len() as f64)).ceil() as usize;
    let n = n.clamp(5, BINS);
    let width = (to - from) / n as f64;
    let edges = (0..=n).map(|it| from + width * it as f64).collect();
    let mut counts = vec![0; n];
    for value in values {
        let at = libm::floor((value - from) / width).clamp(0.0, n as f64 - 1.0);
        counts[at as usize] += 1;
    }
    (edges, counts)
}

fn normal_curve(moments: &Moments, bin: f64, x: &Scale, y: &Scale) -> String {
    let s = moments.standard_deviation;
    let peak = moments.n as f64 * bin / (s * libm::sqrt(2.0 * core::f64::consts::PI));
    let mut path = String::new();
    for idx in 0..=64 {
        let z = -4.0 + f64::from(idx) / 8.0;
        let value = moments.mean + z * s;
        if !x.holds(value) {
            continue;
        }
        let step = if path.is_empty() { 'M' } else { 'L' };
        let height = peak * libm::exp(-0.5 * z * z);
        path += &format!("{step}{} {}", Px(x.at(value)), Px(y.at(height)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let values: Vec<f64> = (0..1000).map(|it| f64::from(it) * 0.37 % 1.0).collect();
        let (edges, counts) = counted(&values, 0.1, 0.9);
        assert_eq!(counts.iter().sum::<usize>(), 1000);
        assert_eq!(edges.len(), counts.len() + 1);
        assert_eq!(counted(&[2.0, 2.0], 2.0, 2.0).1, [2]);
    }
}
