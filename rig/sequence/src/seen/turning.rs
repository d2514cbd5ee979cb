//! Properties of the turning cam: over-speed, and the rate as set.

use super::finding::{Finding, per_s};
use super::limits::SeenLimits;
use super::steady::Run;
use super::{Scene, after, within};
use crate::violation::Property;
use firmware_units::Nanoseconds;
use rig_spec::Verdict;

/// Strokes in a mean that is held to the over-speed limit (RAT-07's statistic).
const STROKES: usize = 10;
/// Length of a window of rate.
const WINDOW: Nanoseconds = Nanoseconds::from_millis(1_000);

/// Mean rate of marks, µHz: turns over the time from the first to the last.
pub(super) fn mean_rate(edges: &[Nanoseconds]) -> Option<f64> {
    let (first, last) = (edges.first()?, edges.last()?);
    let elapsed = last.0.checked_sub(first.0).filter(|it| *it > 0)?;
    Some((edges.len() - 1) as f64 / elapsed as f64 * 1e15)
}

/// Whether no turn is missing at either end of a span, by this rate.
pub(super) fn covers(edges: &[Nanoseconds], from: Nanoseconds, to: Nanoseconds, rate: f64) -> bool {
    // Two turns: the marks at the ends of the span lie within one, and a cam is never that uneven.
    let two_turns = 2e15 / rate;
    let near = |one: Nanoseconds, other: Nanoseconds| (other.0.abs_diff(one.0) as f64) < two_turns;
    edges.first().is_some_and(|it| near(*it, from)) && edges.last().is_some_and(|it| near(*it, to))
}

/// Over-speed: no ten strokes faster than the limit, whatever was ordered.
pub(super) fn over_speed(scene: Scene<'_>, finding: &mut Finding) {
    let limit = &scene.limits.over_speed;
    for edges in scene.trace.edges.windows(STROKES + 1) {
        let Some(rate) = mean_rate(edges) else {
            continue;
        };
        finding.judged.ten_stroke_means += 1;
        let u = rate * scene.limits.clocks;
        let verdict = limit.decide(rate, u);
        if verdict == Verdict::Pass {
            continue;
        }
        let expected = format!(
            "no ten strokes faster than {} ({})",
            per_s(limit.upper()),
            limit.row
        );
        finding.verdict(
            scene.around,
            verdict,
            Property::OverSpeed,
            edges[STROKES],
            (expected, format!("{} ± {}", per_s(rate), per_s(u))),
        );
    }
}

/// Rate: every whole second of a steady, unhindered run within the limits around the rate set.
pub(super) fn rate(scene: Scene<'_>, runs: &[Run<'_>], finding: &mut Finding) {
    let limit = &scene.limits.rate;
    for run in runs.iter().filter(|it| it.unhindered) {
        let Some(rate_set) = run.rate.filter(|it| it.0 > 0) else {
            continue;
        };
        let windows = run.to.saturating_sub(run.from).0 / WINDOW.0;
        for from in (0..windows).map(|it| after(run.from, Nanoseconds(it * WINDOW.0))) {
            let to = after(from, WINDOW);
            let edges = within(run.edges, from, to, |it| *it);
            let set = f64::from(rate_set.0) * 1e6 / 60.0;
            finding.judged.rate_windows += 1;
            // A cam that stood for a part of the second made as many turns as it has marks.
            let rate = mean_rate(edges)
                .filter(|rate| covers(edges, from, to, *rate))
                .unwrap_or(edges.len() as f64 * 1e15 / WINDOW.0 as f64);
            let off = SeenLimits::relative(rate, rate_set);
            let u = scene.limits.clocks * 1e9;
            let expected = format!(
                "{} to {} at {} set ({})",
                per_s(set * (1.0 + limit.lower() * 1e-9)),
                per_s(set * (1.0 + limit.upper() * 1e-9)),
                per_s(set),
                limit.row
            );
            let observed = format!("{} over 1 s, {} turns", per_s(rate), edges.len());
            finding.verdict(
                scene.around,
                limit.decide(off, u),
                Property::Rate,
                edges.last().copied().unwrap_or(from),
                (expected, observed),
            );
        }
    }
}
