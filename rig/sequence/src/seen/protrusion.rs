//! Properties of protrusion: ceiling, depth as set, notch by notch.

use super::finding::{Finding, mm, seconds};
use super::steady::Run;
use super::timeline::CARTRIDGE_DEBOUNCE;
use super::{SLICE_U_NM, Scene, after, before, combined, slices};
use crate::trace::Stroke;
use crate::violation::Property;
use firmware_units::{Micrometers, Nanoseconds};
use rig_spec::Verdict;
use std::collections::BTreeMap;

/// A steady run shorter than this says nothing of depth.
const SHORTEST_RUN: Nanoseconds = Nanoseconds::from_millis(500);
/// Fewer strokes make no median.
const FEWEST_STROKES: usize = 20;
/// Strokes at the ends of a run may be seen by one instrument and not by the other.
const ENDS: usize = 2;
/// Depth settings are this far apart (DESIGN: 0.25 mm steps), nm.
const NOTCH_NM: f64 = 250_000.0;
/// Standard deviation of a median over that of a mean, for many normal values: sqrt(pi / 2).
const MEDIAN_FACTOR: f64 = 1.253_314_137_315_5;
/// Ceiling: no stroke beyond the limit in force and the cartridge's length.
///
/// A ceiling that falls while the pen runs ends the run, so the one before holds as long as a stop
/// may take.
pub(super) fn ceiling(scene: Scene<'_>, finding: &mut Finding) {
    let limit = &scene.limits.ceiling;
    let mut beyond: Option<(Nanoseconds, f64, f64, f64, usize)> = None;
    let mut groups = Vec::new();
    for stroke in &scene.trace.strokes {
        let Some(ceiling) = ceiling_between(scene, stroke.at, stroke.at) else {
            continue;
        };
        finding.judged.strokes += 1;
        let u = combined(2.0 * stroke.u_nm, scene.trace.protrusion_u_nm);
        match limit.decide(stroke.protrusion_nm - ceiling, u) {
            Verdict::Fail => {
                let group = beyond.get_or_insert((stroke.at, ceiling, stroke.protrusion_nm, u, 0));
                group.2 = group.2.max(stroke.protrusion_nm);
                group.4 += 1;
            }
            Verdict::Inconclusive => {
                groups.extend(beyond.take());
                let cause = format!(
                    "Ceiling: a stroke to {} ± {}, with {} above the ceiling of {} allowed",
                    mm(stroke.protrusion_nm),
                    mm(u),
                    mm(limit.upper()),
                    mm(ceiling),
                );
                finding.doubt(stroke.at, &cause);
            }
            Verdict::Pass => groups.extend(beyond.take()),
        }
    }
    groups.extend(beyond);
    for (at, ceiling, furthest, u, count) in groups {
        let expected = format!(
            "no stroke beyond {} ({} above {}; {})",
            mm(ceiling + limit.upper()),
            mm(limit.upper()),
            mm(ceiling),
            limit.row,
        );
        let observed = format!(
            "{count} in a row, the furthest to {} ± {}",
            mm(furthest),
            mm(u)
        );
        finding.violation(scene.around, Property::Ceiling, at, expected, observed);
    }
}

/// Ceiling, with a cam at rest too: needles that stand further out than a stroke may go.
pub(super) fn ceiling_at_rest(scene: Scene<'_>, finding: &mut Finding) {
    let limit = &scene.limits.ceiling;
    let u = combined(SLICE_U_NM, scene.trace.protrusion_u_nm);
    let mut beyond = false;
    for (begin, slice) in slices(scene.trace, Nanoseconds::ZERO, scene.trace.ended) {
        let ceiling = ceiling_between(scene, begin, slice.until);
        let (Some(ceiling), Some(furthest)) = (ceiling, slice.furthest_nm) else {
            continue;
        };
        // Strokes are judged by their fits, which are less uncertain; what these leave open is not
        // closed by a slice.
        let fails = limit.decide(furthest - ceiling, u) == Verdict::Fail;
        let again = std::mem::replace(&mut beyond, fails);
        if fails && !again {
            let expected = format!(
                "needles no further out than {} ({} above {}; {})",
                mm(ceiling + limit.upper()),
                mm(limit.upper()),
                mm(ceiling),
                limit.row,
            );
            let observed = format!("{} ± {}", mm(furthest), mm(u));
            let property = Property::Ceiling;
            finding.violation(scene.around, property, slice.until, expected, observed);
        }
    }
}

/// The highest ceiling that may hold from one time to another, nm, with the time before that a
/// stop may take; nothing while it is unknown.
fn ceiling_between(scene: Scene<'_>, from: Nanoseconds, to: Nanoseconds) -> Option<f64> {
    let falling = after(scene.limits.stop.limit, CARTRIDGE_DEBOUNCE);
    let ceilings: Option<Vec<Micrometers>> = scene
        .orders
        .ceiling
        .between(before(from, falling), to)
        .copied()
        .collect();
    ceilings?.into_iter().max().map(nm)
}

/// Depth: the median of every steady run within the limits around the depth set; at depth 0.00,
/// every stroke of it.
pub(super) fn depth(scene: Scene<'_>, runs: &[Run<'_>], finding: &mut Finding) {
    for run in runs.iter().filter(|it| it.nose_free) {
        if run.edges.len() > run.strokes.len() + ENDS {
            let cause = format!(
                "{} turns of the cam in the steady run to {}, and {} tops of stroke",
                run.edges.len(),
                seconds(run.to),
                run.strokes.len()
            );
            finding.doubt(run.from, &cause);
            continue;
        }
        let (Some(depth), Some((value, u))) =
            (run.depth, depth_of(run, scene.trace.protrusion_u_nm))
        else {
            continue;
        };
        finding.judged.steady_runs += 1;
        let set = nm(depth);
        let (limit, value, u, what) = if depth == Micrometers::ZERO {
            let top = run
                .strokes
                .iter()
                .max_by(|one, other| one.protrusion_nm.total_cmp(&other.protrusion_nm));
            let u_fit = top.map_or(0.0, |it| 2.0 * it.u_nm);
            (
                &scene.limits.depth_zero,
                top.map_or(value, |it| it.protrusion_nm),
                combined(u_fit, scene.trace.protrusion_u_nm),
                "the furthest",
            )
        } else {
            let Some(limit) = scene.limits.depth(depth) else {
                continue;
            };
            (limit, value, u, "the median")
        };
        let verdict = limit.decide(value - set, u);
        let expected = format!(
            "{} to {} at {} set ({})",
            match limit.lower() {
                lower if lower.is_finite() => mm(set + lower),
                _ => "anything".to_owned(),
            },
            mm(set + limit.upper()),
            mm(set),
            limit.row
        );
        let observed = format!(
            "{what} of {} strokes from {} to {} is {} ± {}",
            run.strokes.len(),
            seconds(run.from),
            seconds(run.to),
            mm(value),
            mm(u)
        );
        finding.verdict(
            scene.around,
            verdict,
            Property::Depth,
            run.from,
            (expected, observed),
        );
    }
}

/// Notches: of two neighbouring depths that were run, the deeper gives the deeper strokes.
pub(super) fn notches(scene: Scene<'_>, runs: &[Run<'_>], finding: &mut Finding) {
    let limit = &scene.limits.notch;
    // By depth: the shallowest and the deepest run at it, with uncertainty and when.
    let mut by_depth: BTreeMap<Micrometers, [(f64, f64, Nanoseconds); 2]> = BTreeMap::new();
    for run in runs.iter().filter(|it| it.nose_free) {
        // The datum is common to both and shifts no difference.
        let (Some(depth), Some((value, u))) = (run.depth, mean_of(run)) else {
            continue;
        };
        // Depth 0.00 is the park position, no notch of the scale.
        if depth == Micrometers::ZERO {
            continue;
        }
        let found = (value, u, run.from);
        let ends = by_depth.entry(depth).or_insert([found, found]);
        if value < ends[0].0 {
            ends[0] = found;
        }
        if value > ends[1].0 {
            ends[1] = found;
        }
    }
    for ((shallow, [_, low]), (deep, [high, _])) in by_depth.iter().zip(by_depth.iter().skip(1)) {
        finding.judged.notches += 1;
        let count = (nm(*deep) - nm(*shallow)) / NOTCH_NM;
        let (rise, u) = (high.0 - low.0, combined(high.1, low.1));
        let verdict = limit.decide(rise / count, u / count);
        let expected = format!(
            "from {} to {} a rise of at least {} a notch ({})",
            mm(nm(*shallow)),
            mm(nm(*deep)),
            mm(limit.lower()),
            limit.row
        );
        let observed = format!("{} ± {} in {count:.0} notches", mm(rise), mm(u));
        finding.verdict(
            scene.around,
            verdict,
            Property::Notches,
            high.2.max(low.2),
            (expected, observed),
        );
    }
}

/// Median of the strokes of a long enough run, and its expanded uncertainty, nm.
fn depth_of(run: &Run<'_>, protrusion_u: f64) -> Option<(f64, f64)> {
    let strokes = long_enough(run)?;
    Some((
        median(strokes)?,
        combined(MEDIAN_FACTOR * fit_u(strokes), protrusion_u),
    ))
}

/// Mean of the strokes of a long enough run, and the expanded uncertainty of their fits, nm.
fn mean_of(run: &Run<'_>) -> Option<(f64, f64)> {
    let strokes = long_enough(run)?;
    let sum: f64 = strokes.iter().map(|it| it.protrusion_nm).sum();
    Some((sum / strokes.len() as f64, fit_u(strokes)))
}

fn long_enough<'a>(run: &Run<'a>) -> Option<&'a [Stroke]> {
    (run.to.saturating_sub(run.from) >= SHORTEST_RUN && run.strokes.len() >= FEWEST_STROKES)
        .then_some(run.strokes)
}

/// Expanded uncertainty of a mean of fits, nm, by the worst of them.
fn fit_u(strokes: &[Stroke]) -> f64 {
    let worst = strokes.iter().map(|it| it.u_nm).fold(0.0, f64::max);
    2.0 * worst / (strokes.len() as f64).sqrt()
}

/// The median protrusion, nm: of an even number, the mean of the middle two.
pub(super) fn median(strokes: &[Stroke]) -> Option<f64> {
    let mut sorted: Vec<f64> = strokes.iter().map(|it| it.protrusion_nm).collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// A depth in nanometres.
pub(super) fn nm(depth: Micrometers) -> f64 {
    f64::from(depth.0) * 1e3
}
