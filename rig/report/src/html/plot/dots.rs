//! Every unit of a small lot on a line of its own: value, uncertainty, zones, and the number.

use super::{Canvas, LimitLines, Scale, Upright, limit_lines, svg, zones};
use crate::html::mark::Mark;
use crate::html::markup::{Markup, Px};

const WIDTH: f64 = 780.0;
const LEFT: f64 = 128.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 24.0;
const PITCH: f64 = 20.0;
const LABEL: usize = 17;
/// Letters that have room right of the plot.
const KIND: usize = 28;

/// One line of the plot.
pub(in crate::html) struct Dot {
    /// Serial number.
    pub(in crate::html) label: String,
    /// Value and U in the printed unit; none where there is no value.
    pub(in crate::html) value: Option<(f64, f64)>,
    pub(in crate::html) mark: Mark,
    /// The number as people read it, or why there is none.
    pub(in crate::html) words: String,
    /// The value says that it is at least this much.
    pub(in crate::html) is_bound: bool,
}

/// Draws the lines; `unit` names the axis.
pub(in crate::html) fn dots(
    page: &mut Markup,
    dots: &[Dot],
    limits: &LimitLines,
    unit: &str,
    words: &str,
) {
    let values = dots.iter().filter_map(|it| it.value);
    let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |it, (value, u)| {
        (it.0.min(value - u), it.1.max(value + u))
    });
    let range = limits.range(least, most);
    let bottom = TOP + PITCH * dots.len() as f64 + 6.0;
    let scale = Scale::new(range, (LEFT, WIDTH - RIGHT));
    svg(page, (WIDTH, bottom + 38.0), words, |canvas| {
        zones(canvas, limits, &scale, (TOP, bottom), Upright::No);
        canvas.x_axis(&scale, (TOP, bottom), 6.0, unit);
        limit_lines(canvas, limits, &scale, (TOP - 6.0, bottom), Upright::No);
        labels(canvas, limits, &scale);
        for (idx, dot) in dots.iter().enumerate() {
            draw(canvas, &scale, dot, TOP + 3.0 + PITCH * (idx as f64 + 0.5));
        }
    });
}

fn draw(canvas: &mut Canvas<'_>, scale: &Scale, dot: &Dot, y: f64) {
    canvas.text("", "end", LEFT - 12.0, y + 4.0, &cut(&dot.label, LABEL));
    let words = &dot.words;
    let Some((value, u)) = dot.value else {
        canvas.sign(dot.mark, LEFT + 12.0, y, 10.0);
        // What kind of reason it is has room beside the plot; the reason itself stands in the tables.
        let kind: Vec<&str> = words.split(": ").take(2).collect();
        let words = cut(&kind.join(": "), KIND);
        canvas.text("tick-label", "end", WIDTH, y + 4.0, &words);
        return;
    };
    if u > 0.0 {
        let (from, to) = (scale.at(value - u), scale.at(value + u));
        let bar = format!(
            "M{} {}h{}m0 -3.5v7M{} {}v7",
            Px(from),
            Px(y),
            Px(to - from),
            Px(from),
            Px(y - 3.5)
        );
        canvas.path(&format!("bar {}", dot.mark.class()), &bar);
    }
    let x = scale.at(value);
    if !scale.holds(value) {
        // Beyond the edge: an arrow, and the number beside it says how far.
        let tip = if value > scale.to { 9.0 } else { -9.0 };
        let arrow = format!("M{} {}l{} 5l{} 5z", Px(x), Px(y - 5.0), Px(tip), Px(-tip));
        canvas.path(&format!("dot {}", dot.mark.class()), &arrow);
    } else if dot.is_bound {
        let arrow = format!("M{} {}h16m-5 -4l5 4l-5 4", Px(x), Px(y));
        canvas.path(
            &format!("bar {}", dot.mark.class()),
            &arrow.replace('z', ""),
        );
        canvas.sign(dot.mark, x, y, 11.0);
    } else {
        canvas.sign(dot.mark, x, y, 11.0);
    }
    canvas.text("", "end", WIDTH, y + 4.0, words);
}

/// A text of no more than so many letters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Names of the lines above the plot, as far as they have room.
fn labels(canvas: &mut Canvas<'_>, limits: &LimitLines, scale: &Scale) {
    let named = [
        ("limit-label", "lower limit", limits.lower),
        ("limit-label", "upper limit", limits.upper),
        ("target-label", "target", limits.target),
    ];
    let mut taken: Vec<f64> = Vec::new();
    for (class, name, value) in named {
        let Some(value) = value.filter(|it| scale.holds(*it)) else {
            continue;
        };
        let x = scale.at(value);
        if taken.iter().all(|it| (it - x).abs() > 68.0) {
            canvas.text(class, "middle", x, TOP - 10.0, name);
            taken.push(x);
        }
    }
}
