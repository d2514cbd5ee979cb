//! Telemetry says what was measured.

use super::finding::{Finding, mm, per_s, seconds};
use super::orders::Motion;
use super::protrusion::{median, nm};
use super::steady::Run;
use super::turning::{covers, mean_rate};
use super::{REST, Scene, before, combined, within};
use crate::violation::Property;
use firmware_units::Nanoseconds;
use firmware_wire::{State, Telemetry};
use rig_spec::Verdict;

/// Values of telemetry were taken at most so long before it had come: a control tick of 2 ms, and
/// two frames of at most 96 bytes at 115,200 Bd, its own and one it waits for.
const FRAME: Nanoseconds = Nanoseconds::from_millis(20);
/// A state may be shown so long after it was over.
const STATE: Nanoseconds = Nanoseconds::from_millis(100);
/// Strokes of so long say where the needles are.
const TOPS: Nanoseconds = Nanoseconds::from_millis(500);
/// Fewer strokes make no median.
const FEWEST_TOPS: usize = 20;
/// With fewer turns, which of them telemetry speaks of matters more than their mean.
const FEWEST_TURNS: usize = 10;
/// So many turns at the ends of a span may belong to one mean and not to the other.
const ENDS: usize = 2;

/// Telemetry: rate, position and state.
pub(super) fn telemetry(scene: Scene<'_>, runs: &[Run<'_>], finding: &mut Finding) {
    let mut last: Option<Nanoseconds> = None;
    for (at, said) in &scene.around.telemetry {
        let run = runs.iter().find(|it| it.from <= *at && *at <= it.to);
        if let Some(run) = run {
            if let Some(last) = last.filter(|it| before(*it, FRAME) >= run.from) {
                turning_rate(scene, run, (last, *at), said, finding);
            }
            position(scene, run, *at, said, finding);
        }
        resting(scene, *at, said, finding);
        last = Some(*at);
    }
}

/// Rate over the time since the telemetry before, against the marks of that time.
fn turning_rate(
    scene: Scene<'_>,
    run: &Run<'_>,
    (last, at): (Nanoseconds, Nanoseconds),
    said: &Telemetry,
    finding: &mut Finding,
) {
    let limit = &scene.limits.telemetry_rate;
    let edges = within(run.edges, before(last, FRAME), at, |it| *it);
    let rates = edges.windows(2).filter_map(mean_rate);
    let (slowest, fastest) = rates.fold((f64::INFINITY, 0.0_f64), |(low, high), it| {
        (low.min(it), high.max(it))
    });
    let Some(measured) = mean_rate(edges)
        .filter(|it| edges.len() > ENDS && covers(edges, before(last, FRAME), at, *it))
    else {
        return;
    };
    let reported = f64::from(said.rate_millihertz) * 1e3;
    finding.judged.telemetry_rates += 1;
    // Of few turns, no mean of them lies outside the slowest and the fastest.
    let (nearest, u) = if edges.len() > FEWEST_TURNS {
        let spread = ENDS as f64 * (fastest - slowest) / (edges.len() - 1) as f64;
        (measured, spread / measured + scene.limits.clocks)
    } else {
        (reported.clamp(slowest, fastest), scene.limits.clocks)
    };
    let off = (reported / nearest - 1.0) * 1e9;
    let expected = format!(
        "{} within {:+.1} and {:+.1} % ({})",
        per_s(nearest),
        limit.lower() * 1e-7,
        limit.upper() * 1e-7,
        limit.row
    );
    let observed = format!("telemetry says {}", per_s(reported));
    finding.verdict(
        scene.around,
        limit.decide(off, u * 1e9),
        Property::Telemetry,
        at,
        (expected, observed),
    );
}

/// Position, against the tops of the last half second; within the tolerance of the depth set,
/// which is proposed here: no row holds the reported position to anything.
fn position(
    scene: Scene<'_>,
    run: &Run<'_>,
    at: Nanoseconds,
    said: &Telemetry,
    finding: &mut Finding,
) {
    let from = before(at, TOPS);
    let tops = within(run.strokes, from, at, |it| it.at);
    if !run.nose_free || from < run.from || tops.len() < FEWEST_TOPS {
        return;
    }
    let limit = run.depth.and_then(|it| scene.limits.depth(it));
    let (Some(measured), Some(limit)) = (median(tops), limit) else {
        return;
    };
    finding.judged.telemetry_positions += 1;
    let reported = nm(said.position);
    let worst = tops.iter().map(|it| it.u_nm).fold(0.0, f64::max);
    let u = combined(2.0 * worst, scene.trace.protrusion_u_nm);
    let expected = format!(
        "position within {} and {} of the {} of the gauge",
        mm(limit.lower()),
        mm(limit.upper()),
        mm(measured)
    );
    finding.verdict(
        scene.around,
        limit.decide(reported - measured, u),
        Property::Telemetry,
        at,
        (expected, format!("telemetry says {}", mm(reported))),
    );
}

/// Rate and state of a cam at rest.
fn resting(scene: Scene<'_>, at: Nanoseconds, said: &Telemetry, finding: &mut Finding) {
    let limit = &scene.limits.telemetry_still;
    let turned = |since: Nanoseconds| {
        let from = before(before(at, FRAME), since);
        !within(&scene.trace.edges, from, at, |it| *it).is_empty()
    };
    if !turned(REST) {
        finding.judged.telemetry_rests += 1;
        let reported = f64::from(said.rate_millihertz) * 1e3;
        let expected = format!(
            "at most {} of a cam at rest for {} ({})",
            per_s(limit.upper()),
            seconds(REST),
            limit.row
        );
        finding.verdict(
            scene.around,
            limit.decide(reported, 0.0),
            Property::Telemetry,
            at,
            (expected, format!("telemetry says {}", per_s(reported))),
        );
    }
    let motion = &scene.orders.motion;
    let begin = before(before(at, FRAME), STATE);
    let ordered = motion
        .between(begin, at)
        .any(|it| matches!(it, Motion::Open | Motion::Commanded));
    if matches!(said.state, State::Running | State::Starting) && !ordered && !turned(STATE) {
        let expected = format!(
            "neither Starting nor Running: forbidden and at rest since {} or before",
            seconds(motion.since(at).max(begin))
        );
        let observed = format!("telemetry says {:?}", said.state);
        let property = Property::Telemetry;
        finding.verdict(
            scene.around,
            Verdict::Fail,
            property,
            at,
            (expected, observed),
        );
    }
}
