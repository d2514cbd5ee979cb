//! Rest: nothing moves that may not, and what ends a run ends it in time.

use super::finding::{Finding, mm, seconds};
use super::orders::{End, Motion};
use super::series::Span;
use super::{
    EDGE_MARGIN, LONGEST_SLICE, REST, SLICE_U_NM, Scene, after, before, combined, slices, within,
};
use crate::violation::Property;
use firmware_units::Nanoseconds;
use rig_spec::Verdict;

/// Something that moved, or may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moved {
    /// A mark of the tachometer.
    Edge,
    /// Needles beyond what is parked, nm; surely, or within the uncertainty.
    Out(f64, Verdict),
}

/// Motion, Stop and `LostLink`: every span in which the pen has to be at rest.
///
/// What still moves when a run has to be over, and does not rest between, is late; what moves after
/// a rest moves without an order.
pub(super) fn at_rest(scene: Scene<'_>, finding: &mut Finding) {
    for span in scene.orders.motion.spans(scene.trace.ended) {
        if !matches!(span.value, Motion::Forbidden | Motion::Still) {
            continue;
        }
        let moved = movements(scene, span);
        let end = scene
            .orders
            .ends
            .iter()
            .rev()
            .find(|it| it.due == span.from);
        let late = end.map_or(0, |_| still_moving(span.from, &moved));
        // What is ordered anew within a slice was not looked at.
        let looked_at = usize::from(span.to.saturating_sub(span.from) >= LONGEST_SLICE);
        let judged = &mut finding.judged;
        judged.rests += looked_at;
        if let Some(end) = end {
            match end.cause.property() {
                Property::LostLink => judged.link_losses += looked_at,
                _ => judged.stops += looked_at,
            }
            report_late(scene, *end, &moved[..late], finding);
        }
        report_unordered(scene, span, &moved[late..], finding);
    }
}

/// The end of the look: no edges, no current, parked.
pub(super) fn at_the_end(scene: Scene<'_>, finding: &mut Finding) {
    let (trace, limits) = (scene.trace, scene.limits);
    let from = before(trace.ended, REST);
    let motions = scene.orders.motion.between(from, trace.ended);
    let worst = motions.copied().max_by_key(|it| match it {
        Motion::Forbidden => 0,
        Motion::Still => 1,
        Motion::Open | Motion::Commanded => 2,
    });
    if trace.ended < REST || !matches!(worst, Some(Motion::Forbidden | Motion::Still)) {
        let since = seconds(scene.orders.motion.last_change());
        let cause = format!("the look ended before the pen had to be at rest, open since {since}");
        finding.doubt(trace.ended, &cause);
        return;
    }
    finding.judged.ends += 1;
    let expected = || {
        format!(
            "motor off, cam at rest and protrusion at most {} in the last {}",
            mm(limits.parked_nm),
            seconds(REST)
        )
    };
    let mut report = |at, observed| {
        let property = Property::SafeState;
        finding.violation(scene.around, property, at, expected(), observed);
    };
    if let Some(at) = within(&trace.edges, from, trace.ended, |it| *it).first() {
        report(*at, "the cam turned".to_owned());
    }
    let (mut driven, mut out) = (None, None);
    for (begin, slice) in slices(trace, from, trace.ended) {
        if slice.current_ua.abs() >= limits.no_current_ua {
            driven.get_or_insert((begin, slice.current_ua));
        }
        if let Some(Moved::Out(furthest, Verdict::Fail)) = moved_out(scene, slice.furthest_nm) {
            out.get_or_insert((begin, furthest));
        }
    }
    if let Some((at, current)) = driven {
        report(at, format!("motor current {:.1} mA", current * 1e-3));
    }
    if let Some((at, furthest)) = out.filter(|_| worst == Some(Motion::Forbidden)) {
        report(at, format!("needles at {}", mm(furthest)));
    }
}

/// All that moved in a span, in order of time.
///
/// A mark within [`EDGE_MARGIN`] of its beginning belongs to the turn before it; a slice counts if
/// it lies wholly within, so that what happened up to 10 ms before is not taken for later.
fn movements(scene: Scene<'_>, span: Span<'_, Motion>) -> Vec<(Nanoseconds, Moved)> {
    let first = if span.from == Nanoseconds::ZERO {
        span.from
    } else {
        after(after(span.from, EDGE_MARGIN), Nanoseconds(1))
    };
    let mut moved: Vec<_> = within(&scene.trace.edges, first, span.to, |it| *it)
        .iter()
        // A mark at the very time of an order is not yet its doing; the span ends before it.
        .filter(|at| **at < span.to || span.to == scene.trace.ended)
        .map(|at| (*at, Moved::Edge))
        .collect();
    if *span.value == Motion::Forbidden {
        moved.extend(
            slices(scene.trace, span.from, span.to)
                .filter_map(|(begin, it)| Some((begin, moved_out(scene, it.furthest_nm)?))),
        );
    }
    moved.sort_by_key(|(at, _)| *at);
    moved
}

/// Needles that are not surely parked.
pub(super) fn moved_out(scene: Scene<'_>, furthest_nm: Option<f64>) -> Option<Moved> {
    let furthest = furthest_nm?;
    let u = combined(SLICE_U_NM, scene.trace.protrusion_u_nm);
    let excess = furthest - scene.limits.parked_nm;
    if excess > u {
        Some(Moved::Out(furthest, Verdict::Fail))
    } else if excess > -u {
        Some(Moved::Out(furthest, Verdict::Inconclusive))
    } else {
        None
    }
}

/// How many of what moved come without a rest from the beginning on.
fn still_moving(from: Nanoseconds, moved: &[(Nanoseconds, Moved)]) -> usize {
    let mut last = from;
    moved
        .iter()
        .take_while(|(at, _)| {
            let gap = at.saturating_sub(last);
            last = *at;
            gap < REST
        })
        .count()
}

fn report_late(scene: Scene<'_>, end: End, moved: &[(Nanoseconds, Moved)], finding: &mut Finding) {
    let Some((verdict, observed)) = words_of(moved) else {
        return;
    };
    let allowed = end.due.saturating_sub(end.at);
    let reaction = match end.cause.property() {
        Property::LostLink => &scene.limits.lost_link,
        _ => &scene.limits.stop,
    };
    let expected = format!(
        "at rest and parked, at most {}, by {} ({} after {} at {}; {})",
        mm(scene.limits.parked_nm),
        seconds(end.due),
        seconds(allowed),
        end.cause.words(),
        seconds(end.at),
        reaction.row
    );
    let property = end.cause.property();
    finding.verdict(
        scene.around,
        verdict,
        property,
        end.due,
        (expected, observed),
    );
}

fn report_unordered(
    scene: Scene<'_>,
    span: Span<'_, Motion>,
    moved: &[(Nanoseconds, Moved)],
    finding: &mut Finding,
) {
    let (Some((verdict, observed)), Some((at, _))) = (words_of(moved), moved.first()) else {
        return;
    };
    let needles = match span.value {
        Motion::Still => String::new(),
        _ => format!(" and protrusion at most {}", mm(scene.limits.parked_nm)),
    };
    let expected = format!(
        "no turn of the cam{needles} from {} to {}",
        seconds(span.from),
        seconds(span.to)
    );
    let property = Property::Motion;
    finding.verdict(scene.around, verdict, property, *at, (expected, observed));
}

/// What moved, in words, with the worst verdict of it; nothing if nothing did.
fn words_of(moved: &[(Nanoseconds, Moved)]) -> Option<(Verdict, String)> {
    let (last, _) = moved.last()?;
    let edges: Vec<Nanoseconds> = moved
        .iter()
        .filter(|(_, it)| matches!(it, Moved::Edge))
        .map(|(at, _)| *at)
        .collect();
    let furthest = moved.iter().filter_map(|(_, it)| match it {
        Moved::Out(furthest, verdict) => Some((*furthest, *verdict)),
        Moved::Edge => None,
    });
    let furthest = furthest.max_by(|one, other| one.0.total_cmp(&other.0));
    let mut words = Vec::new();
    if let (Some(first), count) = (edges.first(), edges.len()) {
        words.push(format!("{count} turns of the cam from {}", seconds(*first)));
    }
    if let Some((furthest, _)) = furthest {
        words.push(format!("needles out to {}", mm(furthest)));
    }
    words.push(format!("the last at {}", seconds(*last)));
    let out = furthest.map_or(Verdict::Pass, |(_, verdict)| verdict);
    let turned = if edges.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Fail
    };
    Some((out.max(turned), words.join(", ")))
}
