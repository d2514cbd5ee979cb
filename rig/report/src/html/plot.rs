//! Pictures: scales, axes, zones and signs as SVG within the page.
//!
//! The style sheet colours everything, so that dark screens and paper need no second picture; no
//! text is measured, so that the same record gives the same bytes on every machine.

mod dots;
mod histogram;
mod operating;
mod order;
mod probability;
mod waveform;

pub(super) use dots::{Dot, dots};
pub(super) use histogram::{Histogram, histogram};
pub(super) use operating::{operating_curve, share_at};
pub(super) use order::{Chart, Ordered, order, run_chart};
pub(super) use probability::probability;
pub(super) use waveform::waveform;

use super::mark::Mark;
use super::markup::{Attribute, Markup, Px};
use std::fmt::Display;

/// A value on its way to a coordinate.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    px_from: f64,
    px_to: f64,
}

impl Scale {
    /// From a range of values to a range of coordinates; a range of no width is widened.
    pub(super) fn new(values: (f64, f64), pixels: (f64, f64)) -> Self {
        let (mut from, mut to) = values;
        if from.partial_cmp(&to) != Some(std::cmp::Ordering::Less) {
            let about = if from.is_finite() { from } else { 0.0 };
            let half = if about == 0.0 {
                1.0
            } else {
                0.05 * about.abs()
            };
            (from, to) = (about - half, about + half);
        }
        Self {
            from,
            to,
            px_from: pixels.0,
            px_to: pixels.1,
        }
    }

    /// Where a value lies; outside the range at its edge.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        self.px_from + share * (self.px_to - self.px_from)
    }

    pub(super) fn holds(&self, value: f64) -> bool {
        (self.from..=self.to).contains(&value)
    }

    /// Round values within the range with their labels, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: f64) -> Vec<(f64, String)> {
        let rough = (self.to - self.from) / wanted;
        let power = libm::floor(libm::log10(rough));
        let ten = libm::exp10(power);
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|it| it * ten)
            .find(|it| *it >= rough * 0.999)
            .unwrap_or(10.0 * ten);
        let decimals = (-libm::floor(libm::log10(step * 1.001))).clamp(0.0, 9.0) as usize;
        let first = libm::ceil(self.from / step - 1e-9);
        let last = libm::floor(self.to / step + 1e-9);
        // A step that the range cannot resolve gives no tick instead of countless ones.
        let count = (last - first).clamp(-1.0, 50.0) as i32;
        (0..=count)
            .map(|it| (first + f64::from(it)) * step)
            .map(|it| (it, number(it, decimals)))
            .collect()
    }
}

/// A number with fixed decimals, never `-0`.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text
        .trim_start_matches('-')
        .chars()
        .all(|it| it == '0' || it == '.')
    {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// Limits of a row in its printed unit.
#[derive(Clone, Copy, Default)]
pub(super) struct LimitLines {
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    pub(super) acceptance_lower: Option<f64>,
    pub(super) acceptance_upper: Option<f64>,
    pub(super) target: Option<f64>,
}

impl LimitLines {
    /// A range that shows limits and values; what lies far outside is drawn at the edge.
    pub(super) fn range(&self, least: f64, most: f64) -> (f64, f64) {
        let lines = [self.lower, self.upper, self.target];
        let lines: Vec<f64> = lines.into_iter().flatten().collect();
        let (mut from, mut to) = lines
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |it, line| {
                (it.0.min(*line), it.1.max(*line))
            });
        // How far beyond a limit the picture reaches at most: 1.5 widths of the tolerance. One limit
        // alone has no width; its distance from the values on its better side, or from zero, stands
        // for it, and that side is shown whole.
        let width = match (self.lower, self.upper) {
            (Some(lower), Some(upper)) if upper > lower => upper - lower,
            (Some(lower), None) => (most - lower).max(lower.abs()),
            (None, Some(upper)) => (upper - least).max(upper.abs()),
            _ => f64::INFINITY,
        };
        let reach = if width > 0.0 {
            1.5 * width
        } else {
            f64::INFINITY
        };
        let floor = match self.lower {
            Some(_) => from - reach,
            None => f64::NEG_INFINITY,
        };
        let ceiling = match self.upper {
            Some(_) => to + reach,
            None => f64::INFINITY,
        };
        from = from.min(least.max(floor));
        to = to.max(most.min(ceiling));
        let margin = 0.06 * (to - from);
        (from - margin, to + margin)
    }
}

/// A picture being drawn.
pub(super) struct Canvas<'p> {
    pub(super) page: &'p mut Markup,
}

impl Canvas<'_> {
    pub(super) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(Px);
        self.void(
            "line",
            class,
            &[("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)],
        );
    }

    pub(super) fn rect(&mut self, class: &str, x: (f64, f64), y: (f64, f64)) {
        let (left, right) = (x.0.min(x.1), x.0.max(x.1));
        let (top, bottom) = (y.0.min(y.1), y.0.max(y.1));
        let [x, y, width, height] = [left, top, right - left, bottom - top].map(Px);
        self.void(
            "rect",
            class,
            &[("x", &x), ("y", &y), ("width", &width), ("height", &height)],
        );
    }

    pub(super) fn path(&mut self, class: &str, path: &str) {
        self.void("path", class, &[("d", &path)]);
    }

    pub(super) fn text(&mut self, class: &str, anchor: &str, x: f64, y: f64, text: &str) {
        let (x, y) = (Px(x), Px(y));
        self.page.with(
            "text",
            &[
                ("class", &class),
                ("x", &x),
                ("y", &y),
                ("text-anchor", &anchor),
            ],
            |it| it.text(text),
        );
    }

    /// The sign of a verdict around a point.
    pub(super) fn sign(&mut self, mark: Mark, x: f64, y: f64, size: f64) {
        let href = match mark {
            Mark::Pass => "#sign-pass",
            Mark::None => "#sign-none",
            Mark::Undecided => "#sign-undecided",
            Mark::Fail => "#sign-fail",
        };
        let [x, y, size] = [x - size / 2.0, y - size / 2.0, size].map(Px);
        self.void(
            "use",
            mark.class(),
            &[
                ("href", &href),
                ("x", &x),
                ("y", &y),
                ("width", &size),
                ("height", &size),
            ],
        );
    }

    fn void(&mut self, tag: &'static str, class: &str, rest: &[Attribute<'_>]) {
        let mut attributes: Vec<Attribute<'_>> = vec![("class", &class)];
        attributes.extend(rest.iter().map(|(name, value)| (*name, *value)));
        self.page.void(tag, &attributes);
    }

    /// A horizontal axis below a plot, with its title.
    pub(super) fn x_axis(&mut self, scale: &Scale, y: (f64, f64), wanted: f64, title: &str) {
        let (top, bottom) = y;
        for (value, label) in scale.ticks(wanted) {
            let x = scale.at(value);
            self.line("grid", x, top, x, bottom);
            self.text("tick-label", "middle", x, bottom + 15.0, &label);
        }
        self.line("axis", scale.px_from, bottom, scale.px_to, bottom);
        let middle = (scale.px_from + scale.px_to) / 2.0;
        self.text("axis-title", "middle", middle, bottom + 31.0, title);
    }

    /// A vertical axis left of a plot, with its title above it.
    pub(super) fn y_axis(&mut self, scale: &Scale, x: (f64, f64), wanted: f64, title: &str) {
        let (left, right) = x;
        for (value, label) in scale.ticks(wanted) {
            let y = scale.at(value);
            self.line("grid", left, y, right, y);
            self.text("tick-label", "end", left - 6.0, y + 4.0, &label);
        }
        self.line("axis", left, scale.px_from, left, scale.px_to);
        let top = scale.px_from.min(scale.px_to);
        self.text("axis-title", "start", 0.0, top - 9.0, title);
    }
}

/// An SVG element of a size, which scales with the page, with words for who does not see it.
pub(super) fn svg(
    page: &mut Markup,
    size: (f64, f64),
    words: &str,
    draw: impl FnOnce(&mut Canvas<'_>),
) {
    let view_box = format!("0 0 {} {}", Px(size.0), Px(size.1));
    let attributes: [(&'static str, &dyn Display); 4] = [
        ("class", &"plot"),
        ("viewBox", &view_box),
        ("role", &"img"),
        ("aria-label", &words),
    ];
    page.with("svg", &attributes, |page| draw(&mut Canvas { page }));
}

/// A picture with a caption.
pub(super) fn figure(page: &mut Markup, caption: &str, draw: impl FnOnce(&mut Markup)) {
    page.plain("figure", |page| {
        draw(page);
        page.leaf("figcaption", "", caption);
    });
}

/// Acceptance zone and guard bands across a plot, along its value axis.
pub(super) fn zones(
    canvas: &mut Canvas<'_>,
    limits: &LimitLines,
    scale: &Scale,
    across: (f64, f64),
    upright: Upright,
) {
    let ends = (scale.from, scale.to);
    let mut band = |class: &str, from: f64, to: f64| {
        let along = (scale.at(from), scale.at(to));
        if (along.0 - along.1).abs() > 0.01 {
            match upright {
                Upright::No => canvas.rect(class, along, across),
                Upright::Yes => canvas.rect(class, across, along),
            }
        }
    };
    if limits.lower.is_some() || limits.upper.is_some() {
        let from = limits.acceptance_lower.or(limits.lower).unwrap_or(ends.0);
        let to = limits.acceptance_upper.or(limits.upper).unwrap_or(ends.1);
        if from <= to {
            band("zone", from, to);
        }
    }
    for (limit, acceptance) in [
        (limits.lower, limits.acceptance_lower),
        (limits.upper, limits.acceptance_upper),
    ] {
        if let (Some(limit), Some(acceptance)) = (limit, acceptance) {
            let width = (limit - acceptance).abs();
            band("guard", limit - width, limit + width);
        }
    }
}

/// Which way the value axis goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Upright {
    /// To the right.
    No,
    /// Upwards.
    Yes,
}

/// Limit, acceptance and target lines across a plot, along its value axis.
pub(super) fn limit_lines(
    canvas: &mut Canvas<'_>,
    limits: &LimitLines,
    scale: &Scale,
    across: (f64, f64),
    upright: Upright,
) {
    let lines = [
        ("target", limits.target),
        ("acceptance", limits.acceptance_lower),
        ("acceptance", limits.acceptance_upper),
        ("limit", limits.lower),
        ("limit", limits.upper),
    ];
    for (class, value) in lines {
        let Some(value) = value.filter(|it| scale.holds(*it)) else {
            continue;
        };
        let at = scale.at(value);
        match upright {
            Upright::No => canvas.line(class, at, across.0, at, across.1),
            Upright::Yes => canvas.line(class, across.0, at, across.1, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let labels = |from, to, wanted| {
            let scale = Scale::new((from, to), (0.0, 100.0));
            let ticks = scale.ticks(wanted);
            ticks.into_iter().map(|it| it.1).collect::<Vec<_>>()
        };
        assert_eq!(labels(1.30, 1.70, 5.0), ["1.3", "1.4", "1.5", "1.6", "1.7"]);
        assert_eq!(
            labels(-0.012, 0.012, 5.0),
            ["-0.010", "-0.005", "0.000", "0.005", "0.010"]
        );
        assert_eq!(labels(110.0, 123.0, 6.0), ["110", "115", "120"]);
        assert_eq!(labels(5.0, 5.0, 4.0), ["4.8", "5.0", "5.2"]);
        assert!(labels(1e15, 1e15 + 0.5, 4.0).len() < 60);
        assert!(labels(f64::NAN, 1.0, 4.0).len() < 60);
    }

    #[test]
    fn a_value_far_outside_does_not_squeeze_the_limits() {
        let limits = LimitLines {
            lower: Some(1.35),
            upper: Some(1.65),
            ..LimitLines::default()
        };
        let (from, to) = limits.range(1.4, 1000.0);
        assert!(from > 1.2 && to < 2.3, "{from} {to}");
        let scale = Scale::new((from, to), (0.0, 100.0));
        assert_eq!(scale.at(1000.0), 100.0);
        assert_eq!(scale.at(f64::MAX), 100.0);
    }
}
