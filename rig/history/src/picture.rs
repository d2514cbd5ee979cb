//! Control charts of one row as a picture: per bench the individual values, their moving ranges,
//! and the means of lots.
//!
//! Scalable vector graphics, written here: the same bytes for the same input, and no fonts or text
//! metrics to depend on.

use crate::chart::{BenchChart, Lines, RangeLines, RowHistory};
use crate::numbers::{decimals, fixed};
use rig_record::BenchKind;
use std::fmt::Write as _;

const WIDTH: f64 = 1200.0;
const LEFT: f64 = 100.0;
/// Room for the names of lines.
const RIGHT: f64 = 150.0;
const HEAD: f64 = 78.0;
const INDIVIDUALS: f64 = 250.0;
const RANGES: f64 = 110.0;
const LOTS: f64 = 170.0;
/// Between panels: title above, ticks below.
const GAP: f64 = 70.0;

// Colours that the colour-blind tell apart (Okabe and Ito).
const BLUE: &str = "#0072B2";
const ORANGE: &str = "#D55E00";
const GREEN: &str = "#00704f";
const GREY: &str = "#8a8a8a";

/// Control charts of one row, with hardware or virtual said in words.
#[must_use]
pub fn svg(row: &RowHistory, kind: BenchKind) -> String {
    let mut body = String::new();
    let mut top = HEAD;
    for bench in &row.benches {
        top = individuals(&mut body, bench, row, top);
        top = ranges(&mut body, bench, row, top);
        if !bench.lots.is_empty() {
            top = lots(&mut body, bench, row, top);
        }
    }
    let source = match kind {
        BenchKind::Virtual => {
            "VIRTUAL: from an emulated pen and models; nothing here was measured on a pen of steel"
        }
        BenchKind::Hardware => "HARDWARE: measured on pens in a fixture",
    };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{top}\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" font-size=\"12\">"
    );
    out.push_str(
        "<style>.grid{stroke:#e4e4e4;stroke-width:1}.frame{fill:none;stroke:#444;stroke-width:1}\
         .head{font-weight:bold;font-size:17px;fill:#222}.title{font-weight:bold;fill:#222}.label{fill:#444}\
         .x{text-anchor:middle;fill:#444}.y{text-anchor:end;fill:#444}.out{font-weight:bold;fill:#8f3d00}</style>\n",
    );
    let _ = writeln!(
        out,
        "<rect width=\"{WIDTH}\" height=\"{top}\" fill=\"#fff\"/>\n\
         <text class=\"head\" x=\"16\" y=\"28\">{} {}: control charts</text>\n\
         <text class=\"label\" x=\"16\" y=\"48\">{source}. Each unit once, by its first value on the bench.</text>\n\
         <text class=\"label\" x=\"16\" y=\"65\">square in a ring: beyond a limit, or completes a pattern; bar: U of the value; dashed: control limits at 3 standard deviations, which are no tolerance limits</text>",
        escaped(&row.row),
        escaped(&row.measurand)
    );
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

/// Axes of a panel.
struct Panel {
    top: f64,
    height: f64,
    n: usize,
    low: f64,
    high: f64,
}

impl Panel {
    /// For `n` places, and data between these values.
    fn new(top: f64, height: f64, n: usize, values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if high <= low {
            let room = if low == 0.0 { 1.0 } else { 0.01 * low.abs() };
            (low, high) = (low - room, high + room);
        }
        let room = 0.07 * (high - low);
        Self {
            top,
            height,
            n,
            low: low - room,
            high: high + room,
        }
    }

    fn x(&self, at: usize) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (at as f64 + 0.5) / self.n.max(1) as f64
    }

    fn y(&self, value: f64) -> f64 {
        self.top + self.height * (self.high - value) / (self.high - self.low)
    }

    fn frame(&self, out: &mut String, title: &str, axis: &str) {
        let right = WIDTH - RIGHT;
        let step = step(self.high - self.low, self.height);
        let places = decimals(step).saturating_sub(1);
        let mut tick = libm::ceil(self.low / step) * step;
        while tick <= self.high {
            let y = self.y(tick);
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{LEFT} {y:.2}H{right}\"/><text class=\"y\" x=\"{:.1}\" y=\"{:.2}\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                fixed(tick, places)
            );
            tick += step;
        }
        let _ = writeln!(
            out,
            "<text class=\"title\" x=\"{LEFT}\" y=\"{:.1}\">{}</text>\n\
             <text class=\"x\" transform=\"rotate(-90)\" x=\"{:.1}\" y=\"26\">{}</text>\n\
             <rect class=\"frame\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            self.top - 9.0,
            escaped(title),
            -(self.top + 0.5 * self.height),
            escaped(axis),
            self.top,
            right - LEFT,
            self.height
        );
    }

    /// A line over the whole width with its name beside it.
    fn line(&self, out: &mut String, value: f64, name: &str, dashes: &str, places: usize) {
        let (y, right) = (self.y(value), WIDTH - RIGHT);
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {y:.2}H{right}\" stroke=\"{GREEN}\" stroke-width=\"1.4\" stroke-dasharray=\"{dashes}\"/>\
             <text class=\"label\" x=\"{:.1}\" y=\"{:.2}\">{name} {}</text>",
            right + 6.0,
            y + 4.0,
            fixed(value, places)
        );
    }

    fn path(&self, out: &mut String, values: impl Iterator<Item = (usize, f64)>) {
        let mut path = String::new();
        for (at, value) in values {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", self.x(at), self.y(value));
        }
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{GREY}\" stroke-width=\"1.2\"/>"
        );
    }

    /// A point: a dot, or for one that is out a square with a ring, so that no colour is needed.
    fn mark(&self, out: &mut String, at: usize, value: f64, is_out: bool, said: &str) {
        let (x, y) = (self.x(at), self.y(value));
        let said = escaped(said);
        let _ = if is_out {
            writeln!(
                out,
                "<g><title>{said}</title><circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"8\" fill=\"none\" stroke=\"{ORANGE}\" stroke-width=\"1.6\"/>\
                 <rect x=\"{:.2}\" y=\"{:.2}\" width=\"8\" height=\"8\" fill=\"{ORANGE}\"/></g>",
                x - 4.0,
                y - 4.0
            )
        } else {
            writeln!(
                out,
                "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"3.6\" fill=\"{BLUE}\"><title>{said}</title></circle>"
            )
        };
    }

    fn bar(&self, out: &mut String, at: usize, low: f64, high: f64) {
        let _ = writeln!(
            out,
            "<path d=\"M{:.2} {:.2}V{:.2}\" stroke=\"{BLUE}\" stroke-opacity=\"0.45\" stroke-width=\"3\"/>",
            self.x(at),
            self.y(low),
            self.y(high)
        );
    }

    /// Words below, at a place.
    fn below(&self, out: &mut String, at: f64, line: f64, class: &str, words: &str) {
        let _ = writeln!(
            out,
            "<text class=\"{class}\" x=\"{at:.2}\" y=\"{:.1}\">{}</text>",
            self.top + self.height + line,
            escaped(words)
        );
    }
}

/// A step of 1, 2 or 5 that leaves room for its ticks' words.
fn step(range: f64, height: f64) -> f64 {
    let wanted = range * 28.0 / height;
    let ten = libm::pow(10.0, libm::floor(libm::log10(wanted)));
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors.into_iter().find(|it| it * ten >= wanted);
    found.unwrap_or(10.0) * ten
}

fn places_of(lines: Option<&Lines>) -> usize {
    lines.map_or(4, |it| decimals((it.upper - it.lower) / 6.0))
}

fn individuals(out: &mut String, bench: &BenchChart, row: &RowHistory, top: f64) -> f64 {
    let top = top + 24.0;
    let points = &bench.points;
    let ends = points
        .iter()
        .flat_map(|it| [it.value - it.expanded, it.value + it.expanded]);
    let lines = bench.limits.iter().flat_map(|it| [it.lower, it.upper]);
    let panel = Panel::new(top, INDIVIDUALS, points.len(), ends.chain(lines));
    let n = points.len();
    let title = format!(
        "bench {}: {n} units in the order of time{}",
        bench.bench,
        match (&bench.why_no_limits, bench.is_provisional) {
            (Some(why), _) => format!("; no control limits: {why}"),
            (None, true) => "; limits provisional, from fewer than 20 values".to_owned(),
            (None, false) => String::new(),
        }
    );
    panel.frame(out, &title, &format!("{}, {}", row.measurand, row.unit));
    lot_borders(out, &panel, bench);
    if let Some(it) = &bench.limits {
        let places = places_of(Some(it));
        panel.line(out, it.upper, "upper limit", "7 4", places);
        panel.line(out, it.center, "center", "none", places);
        panel.line(out, it.lower, "lower limit", "7 4", places);
    }
    for (at, it) in points.iter().enumerate() {
        if it.expanded > 0.0 {
            panel.bar(out, at, it.value - it.expanded, it.value + it.expanded);
        }
    }
    panel.path(out, points.iter().map(|it| it.value).enumerate());
    for (at, it) in points.iter().enumerate() {
        let said = format!(
            "{} in run {}, lot {}: {} {}{}",
            it.serial,
            it.run,
            it.lot,
            fixed(it.value, 6),
            row.unit,
            it.signals
                .iter()
                .map(|it| format!("; {it}"))
                .collect::<String>()
        );
        panel.mark(out, at, it.value, !it.signals.is_empty(), &said);
    }
    named(out, &panel, bench);
    // Serial numbers as far as there is room for them.
    let every = labels_apart(n, 100.0);
    for (at, it) in points.iter().enumerate().step_by(every) {
        panel.below(out, panel.x(at), 15.0, "x", &it.serial);
    }
    top + INDIVIDUALS + GAP
}

/// Every how many of `n` places there is room for a label of such a width.
fn labels_apart(n: usize, width: f64) -> usize {
    let most = libm::floor((WIDTH - LEFT - RIGHT) / width) as usize;
    n.div_ceil(most.max(1)).max(1)
}

/// Names of the points that are out, kept apart; more than there is room for are counted.
fn named(out: &mut String, panel: &Panel, bench: &BenchChart) {
    let mut last = f64::NEG_INFINITY;
    let marked = bench.points.iter().enumerate();
    for (at, it) in marked.filter(|it| !it.1.signals.is_empty()) {
        let x = panel.x(at);
        if x - last < 110.0 {
            continue;
        }
        last = x;
        // Beside the point, where its lines do not run.
        let (anchor, place) = if x > WIDTH - RIGHT - 110.0 {
            ("end", x - 14.0)
        } else {
            ("start", x + 14.0)
        };
        let y = panel.y(it.value) + 4.0;
        let _ = writeln!(
            out,
            "<text class=\"out\" text-anchor=\"{anchor}\" x=\"{place:.2}\" y=\"{y:.2}\">{}</text>",
            escaped(&it.serial)
        );
    }
}

/// Where one lot ends and the next begins.
fn lot_borders(out: &mut String, panel: &Panel, bench: &BenchChart) {
    let mut from = 0;
    let points = &bench.points;
    for at in 1..=points.len() {
        let is_end = at == points.len() || points[at].lot != points[at - 1].lot;
        if !is_end {
            continue;
        }
        let (first, last) = (panel.x(from), panel.x(at - 1));
        let name = format!("lot {}", points[at - 1].lot);
        // One that has no room stands in the points' own texts and in the list.
        let step = (WIDTH - LEFT - RIGHT) / points.len() as f64;
        if last - first + step > 7.0 * name.chars().count() as f64 {
            panel.below(out, 0.5 * (first + last), 31.0, "x", &name);
        }
        if at < points.len() {
            let x = 0.5 * (panel.x(at - 1) + panel.x(at));
            let _ = writeln!(
                out,
                "<path d=\"M{x:.2} {:.1}v{:.1}\" stroke=\"{GREY}\" stroke-dasharray=\"2 4\"/>",
                panel.top,
                panel.height + 34.0
            );
        }
        from = at;
    }
}

fn ranges(out: &mut String, bench: &BenchChart, row: &RowHistory, top: f64) -> f64 {
    let Some(RangeLines { center, upper }) = bench.moving_range else {
        return top;
    };
    let points = &bench.points;
    let values = || {
        points
            .iter()
            .enumerate()
            .filter_map(|(at, it)| Some((at, it.moving_range?)))
    };
    let panel = Panel::new(
        top,
        RANGES,
        points.len(),
        values().map(|it| it.1).chain([0.0, upper]),
    );
    panel.frame(
        out,
        "moving range: difference from the unit before",
        &row.unit,
    );
    let places = places_of(bench.limits.as_ref());
    panel.line(out, upper, "upper limit", "7 4", places);
    panel.line(out, center, "mean", "none", places);
    panel.path(out, values());
    for (at, value) in values() {
        let it = &points[at];
        let said = format!("{} in run {}", it.serial, it.run);
        panel.mark(out, at, value, it.is_range_out, &said);
    }
    top + RANGES + GAP
}

fn lots(out: &mut String, bench: &BenchChart, row: &RowHistory, top: f64) -> f64 {
    let points = &bench.lots;
    let lines = points.iter().filter_map(|it| it.limits.as_ref());
    let panel = Panel::new(
        top,
        LOTS,
        points.len(),
        points
            .iter()
            .map(|it| it.mean)
            .chain(lines.flat_map(|it| [it.lower, it.upper])),
    );
    let title = match &bench.why_no_lot_limits {
        Some(why) => format!("means of lots; no limits: {why}"),
        None => "means of lots; limits by the spread within lots and each lot's size; the figures are the last lot's".to_owned(),
    };
    panel.frame(out, &title, &format!("mean, {}", row.unit));
    // Limits differ with the size of a lot, so each has its own.
    let half = 0.5 * (WIDTH - LEFT - RIGHT) / points.len().max(1) as f64;
    let places = places_of(bench.limits.as_ref());
    for (at, it) in points.iter().enumerate() {
        let Some(lines) = &it.limits else { continue };
        let x = panel.x(at);
        for (value, dashes) in [
            (lines.lower, "7 4"),
            (lines.center, "none"),
            (lines.upper, "7 4"),
        ] {
            let _ = writeln!(
                out,
                "<path d=\"M{:.2} {y:.2}H{:.2}\" stroke=\"{GREEN}\" stroke-width=\"1.4\" stroke-dasharray=\"{dashes}\"/>",
                x - half,
                x + half,
                y = panel.y(value)
            );
        }
        if at + 1 == points.len() {
            for (name, value) in [
                ("upper limit", lines.upper),
                ("center", lines.center),
                ("lower limit", lines.lower),
            ] {
                let _ = writeln!(
                    out,
                    "<text class=\"label\" x=\"{:.1}\" y=\"{:.2}\">{name} {}</text>",
                    WIDTH - RIGHT + 6.0,
                    panel.y(value) + 4.0,
                    fixed(value, places)
                );
            }
        }
    }
    panel.path(out, points.iter().map(|it| it.mean).enumerate());
    let every = labels_apart(points.len(), 150.0);
    for (at, it) in points.iter().enumerate() {
        let said = format!("lot {}: {} units", it.lot, it.n);
        panel.mark(out, at, it.mean, !it.signals.is_empty(), &said);
        if at % every == 0 {
            let units = if it.n == 1 { "unit" } else { "units" };
            let words = format!("lot {}, {} {units}", it.lot, it.n);
            panel.below(out, panel.x(at), 15.0, "x", &words);
        }
    }
    top + LOTS + GAP
}

/// Text for markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
