//! What the gauge saw: the whole record, a few strokes of it, and depth and rate over time.

use super::{Canvas, LimitLines, Scale, Upright, limit_lines, svg};
use crate::html::markup::{Markup, Px};
use crate::html::{DetectedStroke, Waveform};

const WIDTH: f64 = 1080.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 1072.0;
const PANEL: f64 = 110.0;
/// Columns of the whole record; each shows the least and the largest sample within it.
const COLUMNS: usize = 480;
/// Strokes in the enlarged stretch.
const STROKES: usize = 6;
/// Points of depth and rate over time at most.
const POINTS: usize = 600;

fn seconds(at: firmware_units::Nanoseconds) -> f64 {
    at.seconds()
}

fn millimeters(it: firmware_units::Nanometers) -> f64 {
    it.0 as f64 / 1e6
}

/// Draws four panels; a panel without anything to show is left out.
pub(in crate::html) fn waveform(
    page: &mut Markup,
    it: &Waveform,
    limits: &LimitLines,
    words: &str,
) {
    let (Some(first), Some(last)) = (it.samples.first(), it.samples.last()) else {
        return;
    };
    let rates = rates(&it.strokes);
    let n_panels = 1 + usize::from(!it.strokes.is_empty()) * 2 + usize::from(!rates.is_empty());
    let height = 30.0 + n_panels as f64 * (PANEL + 54.0);
    let time = (seconds(first.0), seconds(last.0));
    svg(page, (WIDTH, height), words, |canvas| {
        let mut top = 30.0;
        whole(canvas, it, limits, time, top);
        top += PANEL + 54.0;
        if !it.strokes.is_empty() {
            enlarged(canvas, it, limits, top);
            top += PANEL + 54.0;
            let depth: Vec<(f64, f64)> = it
                .strokes
                .iter()
                .map(|it| (seconds(it.at), millimeters(it.protrusion)))
                .collect();
            course(
                canvas,
                &depth,
                time,
                top,
                "mm at the top of each stroke",
                limits,
            );
            top += PANEL + 54.0;
        }
        if !rates.is_empty() {
            course(
                canvas,
                &rates,
                time,
                top,
                "strokes/s from one top to the next",
                &LimitLines::default(),
            );
        }
    });
}

fn whole(canvas: &mut Canvas<'_>, it: &Waveform, limits: &LimitLines, time: (f64, f64), top: f64) {
    let (x, y) = axes(
        canvas,
        it.samples.iter().map(|it| millimeters(it.1)),
        limits,
        time,
        top,
        "mm beyond the nose plane, whole record",
    );
    for (from, to) in &it.gaps {
        canvas.rect(
            "gap",
            (x.at(seconds(*from)), x.at(seconds(*to))),
            (top, top + PANEL),
        );
    }
    let mut columns: Vec<Option<(f64, f64)>> = vec![None; COLUMNS];
    let width = (time.1 - time.0) / COLUMNS as f64;
    for (at, protrusion) in &it.samples {
        let place = (seconds(*at) - time.0) / width;
        let column = &mut columns[(place.max(0.0) as usize).min(COLUMNS - 1)];
        let mm = millimeters(*protrusion);
        *column = Some(column.map_or((mm, mm), |it| (it.0.min(mm), it.1.max(mm))));
    }
    let mut path = String::new();
    let mut pen = 'M';
    for (idx, column) in columns.iter().enumerate() {
        let Some((low, high)) = column else {
            pen = 'M';
            continue;
        };
        let at = Px(x.at(time.0 + (idx as f64 + 0.5) * width));
        // A column of one sample is a dot.
        let high = y.at(*high).min(y.at(*low) - 1.0);
        path += &format!("{pen}{at} {}V{}", Px(y.at(*low)), Px(high));
        pen = 'L';
    }
    canvas.path("data-line", &path);
}

/// The strokes around the top that lies furthest out.
fn enlarged(canvas: &mut Canvas<'_>, it: &Waveform, limits: &LimitLines, top: f64) {
    let furthest = it
        .strokes
        .iter()
        .enumerate()
        .max_by_key(|(idx, stroke)| (stroke.protrusion.0, std::cmp::Reverse(*idx)))
        .map_or(0, |it| it.0);
    let first = furthest.saturating_sub(STROKES / 2);
    let last = (first + STROKES).min(it.strokes.len() - 1);
    let pause = match it.strokes.len() {
        1 => 5_000_000,
        _ => {
            it.strokes[last].at.0.abs_diff(it.strokes[first].at.0)
                / (last - first).max(1) as u64
                / 2
        }
    };
    let from = it.strokes[first].at.0.saturating_sub(pause);
    let to = it.strokes[last].at.0.saturating_add(pause);
    let samples: Vec<_> = it
        .samples
        .iter()
        .filter(|it| (from..=to).contains(&it.0.0))
        .collect();
    let time = (from as f64 / 1e9, to as f64 / 1e9);
    let title = "mm, enlarged around the top that lies furthest out";
    let (x, y) = axes(
        canvas,
        samples.iter().map(|it| millimeters(it.1)),
        limits,
        time,
        top,
        title,
    );
    let mut path = String::new();
    let step = samples.len().div_ceil(2 * COLUMNS).max(1);
    for sample in samples.iter().step_by(step) {
        path += &format!(
            "M{} {}h0.01",
            Px(x.at(seconds(sample.0))),
            Px(y.at(millimeters(sample.1)))
        );
    }
    canvas.path("samples", &path);
    for stroke in &it.strokes[first..=last] {
        let (x, y) = (
            x.at(seconds(stroke.at)),
            y.at(millimeters(stroke.protrusion)),
        );
        canvas.path("stroke", &format!("M{} {}l-5 -8h10z", Px(x), Px(y - 2.0)));
    }
}

fn course(
    canvas: &mut Canvas<'_>,
    points: &[(f64, f64)],
    time: (f64, f64),
    top: f64,
    title: &str,
    limits: &LimitLines,
) {
    let (x, y) = axes(
        canvas,
        points.iter().map(|it| it.1),
        limits,
        time,
        top,
        title,
    );
    let step = points.len().div_ceil(POINTS).max(1);
    let mut path = String::new();
    // Of points that share a place, the one that lies furthest from the mean stands for them.
    let mean = points.iter().map(|it| it.1).sum::<f64>() / points.len().max(1) as f64;
    for group in points.chunks(step) {
        let furthest = group
            .iter()
            .max_by(|a, b| (a.1 - mean).abs().total_cmp(&(b.1 - mean).abs()));
        if let Some((at, value)) = furthest {
            path += &format!(
                "M{} {}m-1.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0",
                Px(x.at(*at)),
                Px(y.at(*value))
            );
        }
    }
    canvas.path("data-fill", &path);
}

fn axes(
    canvas: &mut Canvas<'_>,
    values: impl Iterator<Item = f64>,
    limits: &LimitLines,
    time: (f64, f64),
    top: f64,
    title: &str,
) -> (Scale, Scale) {
    let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |it, value| {
        (it.0.min(value), it.1.max(value))
    });
    let lines = [limits.lower, limits.upper].into_iter().flatten();
    let (least, most) = lines.fold((least, most), |it, line| (it.0.min(line), it.1.max(line)));
    let margin = 0.08 * (most - least);
    let y = Scale::new((least - margin, most + margin), (top + PANEL, top));
    let x = Scale::new(time, (LEFT, RIGHT));
    canvas.y_axis(&y, (LEFT, RIGHT), 4.0, title);
    canvas.x_axis(&x, (top, top + PANEL), 9.0, "bench time, s");
    limit_lines(canvas, limits, &y, (LEFT, RIGHT), Upright::Yes);
    (x, y)
}

/// Stroke rate from each top to the next; none across a pause of more than three usual periods.
fn rates(strokes: &[DetectedStroke]) -> Vec<(f64, f64)> {
    let mut periods: Vec<u64> = strokes
        .windows(2)
        .map(|it| it[1].at.0.saturating_sub(it[0].at.0))
        .filter(|it| *it > 0)
        .collect();
    periods.sort_unstable();
    let Some(usual) = periods.get(periods.len() / 2).copied() else {
        return Vec::new();
    };
    strokes
        .windows(2)
        .filter_map(|it| {
            let period = it[1].at.0.checked_sub(it[0].at.0)?;
            let usable = period > 0 && period <= usual.saturating_mul(3);
            usable.then(|| (it[1].at.seconds(), 1e9 / period as f64))
        })
        .collect()
}
