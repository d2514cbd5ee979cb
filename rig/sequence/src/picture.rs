//! A picture of what was seen around a violation: needles, stroke rate, motor current, and what was
//! done, over bench time.
//!
//! Scalable vector graphics without script, fonts of their own or text metrics; the same bytes for
//! the same trace. Colours that all readers tell apart (Okabe and Ito 2008), on a ground that suits
//! paper, and text beside every mark, so that no meaning rests on colour alone.

use crate::model::{Model, Requirements};
use crate::trace::{Trace, What};
use crate::violation::Violation;
use firmware_units::Nanoseconds;
use std::fmt::Write as _;

/// Seconds before and after the violation.
const BEFORE_S: f64 = 4.0;
const AFTER_S: f64 = 2.0;
/// A trace no longer than this is shown whole, s.
const WHOLE_S: f64 = 12.0;
const WIDTH: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 54.0;
const PANEL: f64 = 120.0;
const GAP: f64 = 26.0;
/// Height of the lane of what was done.
const LANE: f64 = 96.0;
/// Rows of words in the lane, so that neighbours do not lie on each other.
const LANE_ROWS: usize = 6;
const BLUE: &str = "#0072B2";
const ORANGE: &str = "#D55E00";
const GREEN: &str = "#009E73";
const GREY: &str = "#666666";

/// What the needles were held against, over time: from each time on, nm.
pub type Ceiling = [(Nanoseconds, f64)];

/// The ceiling in force over time, by the reference model.
#[must_use]
pub fn ceilings(trace: &Trace, requirements: &Requirements) -> Vec<(Nanoseconds, f64)> {
    let mut model = Model::new(requirements);
    let nm = |model: &Model| f64::from(model.ceiling().0) * 1_000.0;
    let mut held = vec![(Nanoseconds::ZERO, nm(&model))];
    for event in &trace.events {
        model.event(event);
        let ceiling = nm(&model);
        if held.last().is_none_or(|it| it.1 != ceiling) {
            held.push((event.at, ceiling));
        }
    }
    held
}

/// The picture. `title` stands above it, `ceiling` as a line among the needles.
#[must_use]
pub fn picture(
    title: &str,
    trace: &Trace,
    violation: Option<&Violation>,
    ceiling: &Ceiling,
    words: &[(Nanoseconds, String)],
) -> String {
    let (from_s, to_s) = span(trace, violation);
    let mut canvas = Canvas {
        text: String::new(),
        from_s,
        to_s,
    };
    let height = TOP + 3.0 * (PANEL + GAP) + LANE + 40.0;
    let _ = writeln!(
        canvas.text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\
         <title>{0}</title><rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"15\" font-weight=\"bold\">{0}</text>",
        escape(title)
    );
    if let Some(violation) = violation {
        let _ = writeln!(
            canvas.text,
            "<text x=\"{LEFT}\" y=\"40\">expected: {}; observed: {}</text>",
            escape(&violation.expected),
            escape(&violation.observed)
        );
    }
    let mut top = TOP;
    needles(&mut canvas, top, trace, ceiling);
    top += PANEL + GAP;
    rate(&mut canvas, top, trace);
    top += PANEL + GAP;
    current(&mut canvas, top, trace);
    top += PANEL + GAP;
    done(&mut canvas, top, words);
    canvas.time_axis(top + LANE);
    if let Some(violation) = violation {
        let x = canvas.x(violation.at.seconds());
        let _ = writeln!(
            canvas.text,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"{ORANGE}\" \
             stroke-width=\"1.5\" stroke-dasharray=\"6 3\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{ORANGE}\" text-anchor=\"middle\">{:?}, {:.3} s</text>",
            top + LANE,
            TOP - 4.0,
            violation.property,
            violation.at.seconds()
        );
    }
    canvas.text.push_str("</svg>\n");
    canvas.text
}

/// The stretch of time that is shown, s.
fn span(trace: &Trace, violation: Option<&Violation>) -> (f64, f64) {
    let end = trace.ended.seconds().max(0.1);
    match violation {
        Some(violation) if end > WHOLE_S => {
            let at = violation.at.seconds().min(end);
            ((at - BEFORE_S).max(0.0), (at + AFTER_S).min(end))
        }
        _ => (0.0, end.min(WHOLE_S)),
    }
}

fn needles(canvas: &mut Canvas, top: f64, trace: &Trace, ceiling: &Ceiling) {
    let mm = |nm: f64| nm * 1e-6;
    let levels = trace.slices.iter().filter_map(|slice| {
        let level = slice.furthest_nm?;
        Some((slice.until.seconds(), mm(level)))
    });
    let tops: Vec<(f64, f64)> = trace
        .strokes
        .iter()
        .map(|stroke| (stroke.at.seconds(), mm(stroke.protrusion_nm)))
        .collect();
    let levels: Vec<(f64, f64)> = levels.collect();
    let seen = levels.iter().chain(&tops).map(|it| it.1);
    let highest = seen.fold(0.5, f64::max);
    let axis = Axis::of(top, -0.5, highest + 0.25);
    canvas.frame(&axis, "needles", "mm beyond the nose plane");
    canvas.horizontal(&axis, 0.0, GREY, "nose plane");
    canvas.line(&axis, &levels, BLUE);
    canvas.dots(&axis, &tops, BLUE);
    let mut steps = Vec::new();
    for (idx, &(at, nm)) in ceiling.iter().enumerate() {
        let until = ceiling.get(idx + 1).map_or(trace.ended, |it| it.0);
        steps.push((at.seconds(), mm(nm)));
        steps.push((until.seconds(), mm(nm)));
    }
    canvas.line(&axis, &steps, ORANGE);
    if let Some(&(_, nm)) = ceiling.iter().rfind(|it| it.0.seconds() <= canvas.to_s) {
        canvas.label(&axis, mm(nm), ORANGE, "ceiling in force");
    }
}

fn rate(canvas: &mut Canvas, top: f64, trace: &Trace) {
    let rates: Vec<(f64, f64)> = trace
        .edges
        .windows(2)
        .filter_map(|pair| {
            let period = pair[1].seconds() - pair[0].seconds();
            // A cam that stood in between had no rate.
            (period > 0.0 && period < 0.1).then(|| (pair[1].seconds(), 1.0 / period))
        })
        .collect();
    let highest = rates.iter().map(|it| it.1).fold(160.0, f64::max);
    let axis = Axis::of(top, 0.0, highest * 1.05);
    canvas.frame(&axis, "stroke rate", "/s, each turn by the tachometer");
    canvas.dots(&axis, &rates, GREEN);
}

fn current(canvas: &mut Canvas, top: f64, trace: &Trace) {
    let currents: Vec<(f64, f64)> = trace
        .slices
        .iter()
        .map(|slice| (slice.until.seconds(), slice.current_ua * 1e-6))
        .collect();
    let highest = currents.iter().map(|it| it.1).fold(0.5, f64::max);
    let axis = Axis::of(top, 0.0, highest * 1.05);
    canvas.frame(&axis, "motor current", "A, mean of 10 ms");
    canvas.line(&axis, &currents, GREY);
}

fn done(canvas: &mut Canvas, top: f64, words: &[(Nanoseconds, String)]) {
    let axis = Axis {
        top,
        height: LANE,
        low: 0.0,
        high: 1.0,
    };
    canvas.frame(&axis, "done", "");
    let shown = words
        .iter()
        .filter(|(at, _)| canvas.shows(at.seconds()))
        .collect::<Vec<_>>();
    for (idx, (at, word)) in shown.iter().enumerate() {
        let x = canvas.x(at.seconds());
        let y = top + 14.0 + (idx % LANE_ROWS) as f64 * 15.0;
        let (anchor, dx) = if x > WIDTH * 0.75 {
            ("end", -3.0)
        } else {
            ("start", 3.0)
        };
        let _ = writeln!(
            canvas.text,
            "<line x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{y:.1}\" stroke=\"black\" stroke-width=\"0.6\"/>\
             <text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            x + dx,
            escape(word)
        );
    }
}

/// A vertical axis.
struct Axis {
    top: f64,
    height: f64,
    low: f64,
    high: f64,
}

impl Axis {
    fn of(top: f64, low: f64, high: f64) -> Self {
        Self {
            top,
            height: PANEL,
            low,
            high,
        }
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        self.top + self.height * (1.0 - share)
    }

    /// Four or five round values of the axis.
    fn ticks(&self) -> Vec<f64> {
        let step = round_step((self.high - self.low) / 4.0);
        let first = (self.low / step).ceil();
        (0..8)
            .map(|it| (first + f64::from(it)) * step)
            .take_while(|it| *it <= self.high)
            .collect()
    }
}

/// The next larger of 1, 2, 5 times a power of ten.
fn round_step(rough: f64) -> f64 {
    let mut step = 0.001;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(27) {
        if step >= rough {
            break;
        }
        step *= factor;
    }
    step
}

struct Canvas {
    text: String,
    from_s: f64,
    to_s: f64,
}

impl Canvas {
    fn shows(&self, at_s: f64) -> bool {
        at_s >= self.from_s && at_s <= self.to_s
    }

    fn x(&self, at_s: f64) -> f64 {
        let share = (at_s.clamp(self.from_s, self.to_s) - self.from_s) / (self.to_s - self.from_s);
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    fn frame(&mut self, axis: &Axis, name: &str, unit: &str) {
        let _ = writeln!(
            self.text,
            "<rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"none\" stroke=\"{GREY}\"/>\
             <text x=\"{LEFT}\" y=\"{:.1}\" font-weight=\"bold\">{name}<tspan font-weight=\"normal\" fill=\"{GREY}\"> {unit}</tspan></text>",
            axis.top,
            WIDTH - RIGHT - LEFT,
            axis.height,
            axis.top - 5.0
        );
        if unit.is_empty() {
            return;
        }
        for tick in axis.ticks() {
            let y = axis.y(tick);
            let _ = writeln!(
                self.text,
                "<line x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{LEFT}\" y2=\"{y:.1}\" stroke=\"{GREY}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 4.0,
                LEFT - 7.0,
                y + 4.0,
                number(tick)
            );
        }
    }

    fn horizontal(&mut self, axis: &Axis, value: f64, colour: &str, word: &str) {
        let y = axis.y(value);
        let _ = writeln!(
            self.text,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"0.6\" stroke-dasharray=\"2 3\"/>",
            WIDTH - RIGHT
        );
        self.label(axis, value, colour, word);
    }

    fn label(&mut self, axis: &Axis, value: f64, colour: &str, word: &str) {
        let _ = writeln!(
            self.text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{colour}\">{word}</text>",
            WIDTH - RIGHT - 4.0,
            axis.y(value) - 3.0
        );
    }

    /// A line through the points that are shown, and one on either side.
    fn line(&mut self, axis: &Axis, points: &[(f64, f64)], colour: &str) {
        let first = points.partition_point(|it| it.0 < self.from_s);
        let last = points.partition_point(|it| it.0 <= self.to_s);
        let shown = &points[first.saturating_sub(1)..(last + 1).min(points.len())];
        if shown.is_empty() {
            return;
        }
        let mut path = String::new();
        for &(at_s, value) in shown {
            let _ = write!(path, "{:.1},{:.1} ", self.x(at_s), axis.y(value));
        }
        let _ = writeln!(
            self.text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\"/>",
            path.trim_end()
        );
    }

    fn dots(&mut self, axis: &Axis, points: &[(f64, f64)], colour: &str) {
        let mut path = String::new();
        for &(at_s, value) in points.iter().filter(|it| self.shows(it.0)) {
            let _ = write!(path, "M{:.1} {:.1}h0", self.x(at_s), axis.y(value));
        }
        if !path.is_empty() {
            let _ = writeln!(
                self.text,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\" stroke-linecap=\"round\"/>"
            );
        }
    }

    fn time_axis(&mut self, y: f64) {
        let step = round_step((self.to_s - self.from_s) / 8.0);
        let first = (self.from_s / step).ceil();
        for tick in (0..20).map(|it| (first + f64::from(it)) * step) {
            if tick > self.to_s {
                break;
            }
            let x = self.x(tick);
            let _ = writeln!(
                self.text,
                "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"{GREY}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                y + 4.0,
                y + 17.0,
                number(tick)
            );
        }
        let _ = writeln!(
            self.text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{GREY}\">bench time since the sequence began, s</text>",
            WIDTH - RIGHT,
            y + 32.0
        );
    }
}

/// A tick's number, without digits that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Whether anything at all was seen that a picture could show.
#[must_use]
pub fn shows_something(trace: &Trace) -> bool {
    !trace.slices.is_empty()
        || trace
            .events
            .iter()
            .any(|it| matches!(it.what, What::Sent { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Slice, Stroke};
    use crate::violation::Property;

    /// Ten seconds of a cam at 100 /s, 1.5 mm deep.
    fn trace() -> Trace {
        let at = |s: f64| Nanoseconds((s * 1e9) as u64);
        Trace {
            edges: (0..1_000).map(|it| at(f64::from(it) * 0.01)).collect(),
            strokes: (0..1_000)
                .map(|it| Stroke {
                    at: at(0.005 + f64::from(it) * 0.01),
                    protrusion_nm: 1_500_000.0,
                    u_nm: 2_000.0,
                })
                .collect(),
            slices: (1..=1_000)
                .map(|it| Slice {
                    until: at(f64::from(it) * 0.01),
                    furthest_nm: Some(1_500_000.0),
                    current_ua: 400_000.0,
                })
                .collect(),
            ended: at(10.0),
            ..Trace::default()
        }
    }

    #[test]
    fn the_picture_shows_each_stroke_and_says_what_was_expected() {
        let violation = Violation {
            property: Property::Stop,
            at: Nanoseconds::from_seconds(6),
            step: 3,
            expected: "at rest within 0.5 s of STOP".to_owned(),
            observed: "strokes < 1 s later".to_owned(),
        };
        let words = [(Nanoseconds::from_seconds(5), "stop".to_owned())];
        let ceiling = [(Nanoseconds::ZERO, 1_500_000.0)];
        let svg = picture("Stop & go", &trace(), Some(&violation), &ceiling, &words);
        assert!(
            svg.contains(
                "expected: at rest within 0.5 s of STOP; observed: strokes &lt; 1 s later"
            )
        );
        assert!(svg.contains("Stop &amp; go"));
        assert!(svg.contains(">stop</text>"));
        // A thousand tops and 999 turns.
        assert_eq!(svg.matches("h0").count(), 1_999);
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    }

    #[test]
    fn a_long_trace_is_shown_around_the_violation() {
        let mut long = trace();
        long.ended = Nanoseconds::from_seconds(60);
        let violation = Violation {
            property: Property::Ceiling,
            at: Nanoseconds::from_seconds(9),
            step: 0,
            expected: String::new(),
            observed: String::new(),
        };
        assert_eq!(span(&long, Some(&violation)), (5.0, 11.0));
        let svg = picture("", &long, Some(&violation), &[], &[]);
        // Tops and turns from 5 s on.
        assert!((990..=1_002).contains(&svg.matches("h0").count()));
    }

    #[test]
    fn an_empty_trace_gives_an_empty_picture() {
        let svg = picture("nothing", &Trace::default(), None, &[], &[]);
        assert!(svg.ends_with("</svg>\n"));
        assert!(!svg.contains("NaN"));
        assert!(!shows_something(&Trace::default()));
    }
}
