//! Whether a trace can be judged at all.

use super::finding::Finding;
use super::orders::Motion;
use super::{LONGEST_SLICE, Scene, before};
use crate::trace::Trace;
use firmware_units::Nanoseconds;

/// At the end of the look a slice may not have been filled, nor the block of samples before it.
const UNFINISHED: Nanoseconds = Nanoseconds::from_millis(40);
/// No sequence lasts longer; far below what times can hold.
const LONGEST_TRACE: Nanoseconds = Nanoseconds::from_seconds(7 * 86_400);
/// A hand that changes a cartridge stands before the gauge no longer.
const HAND: Nanoseconds = Nanoseconds::from_millis(1_000);

/// Whether everything is in order of time and every number is one; else a doubt is kept, and
/// nothing can be judged.
pub(super) fn in_order(trace: &Trace, finding: &mut Finding) -> bool {
    let disordered = if !trace.events.is_sorted_by_key(|it| it.at) {
        Some("events")
    } else if !trace.strokes.is_sorted_by_key(|it| it.at) {
        Some("tops of stroke")
    } else if !trace.edges.is_sorted_by(|one, next| one < next) {
        Some("marks of the tachometer")
    } else if !trace
        .slices
        .is_sorted_by(|one, next| one.until < next.until)
    {
        Some("slices")
    } else {
        None
    };
    let times = trace
        .events
        .iter()
        .map(|it| it.at)
        .chain(trace.slices.iter().map(|it| it.until))
        .chain(trace.strokes.iter().map(|it| it.at))
        .chain(trace.edges.iter().copied())
        .chain([trace.ended]);
    if times.max() > Some(LONGEST_TRACE) {
        finding
            .doubts
            .push("something is dated more than a week after the beginning".to_owned());
        return false;
    }
    if let Some(what) = disordered {
        finding
            .doubts
            .push(format!("{what} are not in order of time"));
        return false;
    }
    let numbers = trace
        .strokes
        .iter()
        .all(|it| it.protrusion_nm.is_finite() && it.u_nm.is_finite() && it.u_nm >= 0.0)
        && trace
            .slices
            .iter()
            .all(|it| it.current_ua.is_finite() && it.furthest_nm.is_none_or(f64::is_finite))
        && trace.protrusion_u_nm.is_finite()
        && trace.protrusion_u_nm >= 0.0;
    if !numbers {
        finding
            .doubts
            .push("a protrusion, an uncertainty or a current is no number".to_owned());
    }
    numbers
}

/// Keeps a doubt where the instruments were blind while it mattered.
pub(super) fn whole(scene: Scene<'_>, finding: &mut Finding) {
    let trace = scene.trace;
    if scene.orders.lost {
        let cause = "what the pen may be doing became too much to follow";
        finding.doubts.push(cause.to_owned());
    }
    let mut last = Nanoseconds::ZERO;
    let ends = trace.slices.iter().map(|it| (it.until, LONGEST_SLICE));
    for (until, longest) in ends.chain(std::iter::once((trace.ended, UNFINISHED))) {
        if until.saturating_sub(last) > longest {
            let gap = until.saturating_sub(last).seconds();
            finding.doubt(last, &format!("no slice for {gap:.3} s"));
        }
        last = last.max(until);
    }
    if last > trace.ended {
        finding.doubt(trace.ended, "there are slices after the end of the look");
    }
    for slice in trace.slices.iter().filter(|it| it.furthest_nm.is_none()) {
        let begin = before(slice.until, LONGEST_SLICE);
        let movable = scene
            .orders
            .motion
            .between(begin, slice.until)
            .any(|it| *it != Motion::Forbidden);
        let hand = scene
            .around
            .cartridges
            .iter()
            .any(|at| *at <= slice.until && slice.until.saturating_sub(*at) <= HAND);
        if movable || !hand {
            finding.doubt(slice.until, "the gauge had no target");
        }
    }
}
