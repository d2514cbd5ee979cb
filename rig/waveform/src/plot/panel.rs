//! One panel of a picture: axes, ticks, and marks in the units of the data.

use std::fmt::Write as _;

/// Width of a picture, in its own units.
pub(crate) const WIDTH: f64 = 1200.0;
const LEFT: f64 = 86.0;
const RIGHT: f64 = 20.0;

/// Colours that the colour-blind tell apart (Okabe and Ito).
pub(crate) const BLUE: &str = "#0072B2";
pub(crate) const ORANGE: &str = "#D55E00";
pub(crate) const GREEN: &str = "#009E73";
pub(crate) const GREY: &str = "#8a8a8a";

/// A panel and what was drawn into it.
pub(crate) struct Panel {
    top: f64,
    height: f64,
    x: (f64, f64),
    y: (f64, f64),
    marks: String,
}

impl Panel {
    /// A panel for data within these limits, which are widened a little where they coincide.
    pub(crate) fn new(top: f64, height: f64, x: (f64, f64), y: (f64, f64)) -> Self {
        let widened = |(low, high): (f64, f64)| {
            if !(low.is_finite() && high.is_finite()) {
                (0.0, 1.0)
            } else if high > low {
                (low, high)
            } else {
                (low - 0.5, low + 0.5)
            }
        };
        let (low, high) = widened(y);
        let room = 0.06 * (high - low);
        Self {
            top,
            height,
            x: widened(x),
            y: (low - room, high + room),
            marks: String::new(),
        }
    }

    fn x_of(&self, x: f64) -> f64 {
        let (low, high) = self.x;
        let inside = x.clamp(low, high);
        LEFT + (WIDTH - LEFT - RIGHT) * (inside - low) / (high - low)
    }

    fn y_of(&self, y: f64) -> f64 {
        let (low, high) = self.y;
        let inside = y.clamp(low, high);
        self.top + self.height * (high - inside) / (high - low)
    }

    /// Lines through points; a point that is NaN ends a line.
    pub(crate) fn line(&mut self, color: &str, width: f64, points: &[(f64, f64)]) {
        for part in points.split(|it| it.1.is_nan()) {
            if part.is_empty() {
                continue;
            }
            let mut path = String::new();
            for (index, &(x, y)) in part.iter().enumerate() {
                let letter = if index == 0 { "M" } else { "L" };
                let _ = write!(path, "{letter}{:.2} {:.2}", self.x_of(x), self.y_of(y));
            }
            let _ = writeln!(
                self.marks,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>"
            );
        }
    }

    /// Vertical bars from low to high.
    pub(crate) fn bars(&mut self, color: &str, width: f64, bars: &[(f64, f64, f64)]) {
        if bars.is_empty() {
            return;
        }
        let mut path = String::new();
        for &(x, low, high) in bars {
            let x = self.x_of(x);
            let _ = write!(path, "M{x:.2} {:.2}V{:.2}", self.y_of(low), self.y_of(high));
        }
        let _ = writeln!(
            self.marks,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"/>"
        );
    }

    /// Dots.
    pub(crate) fn dots(&mut self, color: &str, radius: f64, points: &[(f64, f64)]) {
        if points.is_empty() {
            return;
        }
        // A line of no length with round ends is a dot, and one path holds all of them.
        let mut path = String::new();
        for &(x, y) in points {
            let _ = write!(path, "M{:.2} {:.2}h0", self.x_of(x), self.y_of(y));
        }
        let _ = writeln!(
            self.marks,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{:.1}\" stroke-linecap=\"round\"/>",
            2.0 * radius
        );
    }

    /// Triangles that point at a place from below.
    pub(crate) fn ticks_below(&mut self, color: &str, places: &[f64]) {
        let base = self.top + self.height;
        for &x in places {
            let x = self.x_of(x);
            let _ = writeln!(
                self.marks,
                "<path d=\"M{x:.2} {:.2}l-4.5 9h9z\" fill=\"{color}\"/>",
                base - 10.0
            );
        }
    }

    /// A band of values, and the line in its middle.
    pub(crate) fn band(&mut self, color: &str, middle: f64, half: f64) {
        let (low, high) = (self.y_of(middle - half), self.y_of(middle + half));
        let _ = writeln!(
            self.marks,
            "<rect x=\"{LEFT:.2}\" y=\"{high:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{color}\" fill-opacity=\"0.16\"/>",
            WIDTH - LEFT - RIGHT,
            (low - high).max(0.5)
        );
        let at = self.y_of(middle);
        let _ = writeln!(
            self.marks,
            "<path d=\"M{LEFT:.2} {at:.2}H{:.2}\" stroke=\"{color}\" stroke-width=\"1.4\" stroke-dasharray=\"7 4\"/>",
            WIDTH - RIGHT
        );
    }

    /// Shades a stretch, hatched so that it shows without colour too.
    pub(crate) fn shade(&mut self, from: f64, to: f64) {
        if to < self.x.0 || from > self.x.1 {
            return;
        }
        let (left, right) = (self.x_of(from), self.x_of(to));
        // Wide enough to be seen, however short it is.
        let width = (right - left).max(3.0);
        let _ = writeln!(
            self.marks,
            "<rect x=\"{left:.2}\" y=\"{:.2}\" width=\"{width:.2}\" height=\"{:.2}\" fill=\"url(#defect)\"/>",
            self.top, self.height
        );
    }

    /// The panel as SVG, with its title, axes and what was drawn.
    pub(crate) fn svg(&self, title: &str, x_label: &str, y_label: &str) -> String {
        let mut out = String::new();
        let (right, base) = (WIDTH - RIGHT, self.top + self.height);
        let _ = writeln!(
            out,
            "<text x=\"{LEFT:.2}\" y=\"{:.2}\" class=\"title\">{}</text>",
            self.top - 9.0,
            escaped(title)
        );
        for (x, label) in ticks(self.x, 10) {
            let at = self.x_of(x);
            let _ = writeln!(
                out,
                "<path d=\"M{at:.2} {:.2}V{base:.2}\" class=\"grid\"/><text x=\"{at:.2}\" y=\"{:.2}\" class=\"x\">{label}</text>",
                self.top,
                base + 17.0
            );
        }
        for (y, label) in ticks(self.y, 5) {
            let at = self.y_of(y);
            let _ = writeln!(
                out,
                "<path d=\"M{LEFT:.2} {at:.2}H{right:.2}\" class=\"grid\"/><text x=\"{:.2}\" y=\"{:.2}\" class=\"y\">{label}</text>",
                LEFT - 8.0,
                at + 4.0
            );
        }
        out.push_str(&self.marks);
        let _ = writeln!(
            out,
            "<rect x=\"{LEFT:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" class=\"frame\"/>",
            self.top,
            right - LEFT,
            self.height
        );
        let _ = writeln!(
            out,
            "<text x=\"{right:.2}\" y=\"{:.2}\" class=\"label\" text-anchor=\"end\">{}</text>",
            base + 32.0,
            escaped(x_label)
        );
        let (x, y) = (18.0, self.top + 0.5 * self.height);
        let _ = writeln!(
            out,
            "<text x=\"{x:.2}\" y=\"{y:.2}\" class=\"label\" text-anchor=\"middle\" transform=\"rotate(-90 {x:.2} {y:.2})\">{}</text>",
            escaped(y_label)
        );
        out
    }
}

/// Text with what XML would take for its own put into words.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            it if it.is_control() => out.push(' '),
            it => out.push(it),
        }
    }
    out
}

/// Round numbers within limits, about `wanted` of them, with their text.
fn ticks((low, high): (f64, f64), wanted: u32) -> Vec<(f64, String)> {
    let raw = (high - low) / f64::from(wanted);
    if !(raw > 0.0 && raw.is_finite()) {
        return Vec::new();
    }
    let place = libm::floor(libm::log10(raw));
    let unit = libm::pow(10.0, place);
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|it| it * unit >= raw)
        .unwrap_or(10.0);
    let step = factor * unit;
    // Truncation is exact: whole numbers.
    let decimals = (-libm::floor(libm::log10(step) + 1e-9)).max(0.0) as usize;
    let first = libm::ceil(low / step);
    (0..=2 * wanted)
        .map(|it| (first + f64::from(it)) * step)
        .take_while(|it| *it <= high)
        // Adding zero takes the sign off a negative one.
        .map(|it| (it, format!("{:.decimals$}", it + 0.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_inside() {
        let labels = |low, high, wanted| -> Vec<String> {
            ticks((low, high), wanted)
                .into_iter()
                .map(|it| it.1)
                .collect()
        };
        assert_eq!(
            labels(0.0, 1.0, 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(-1.3, 1.4, 5), ["-1", "0", "1"]);
        assert_eq!(
            labels(116.64, 116.70, 5),
            ["116.64", "116.66", "116.68", "116.70"]
        );
        assert_eq!(labels(0.0, 43_200.0, 10).len(), 9);
        assert!(ticks((1.0, 1.0), 5).is_empty());
        assert!(ticks((f64::NAN, 1.0), 5).is_empty());
    }

    #[test]
    fn a_name_is_text_and_no_markup() {
        assert_eq!(escaped("a<b>&\"c\"\u{7}"), "a&lt;b&gt;&amp;&quot;c&quot; ");
    }
}
