//! The beginning of a run: the cam turns only once the carriage has arrived (firmware/wire,
//! `State::Starting`), so that its first turn takes the needles as far out as any other.

use super::finding::{Finding, mm, seconds};
use super::orders::Motion;
use super::protrusion::nm;
use super::steady::SETTLING;
use super::{SLICE_U_NM, Scene, after, combined, within};
use crate::trace::Slice;
use crate::violation::Property;
use firmware_units::Nanoseconds;
use rig_spec::Verdict;

/// A slice's furthest is a mean of a quarter of a millisecond, in which a top at 150 strokes/s
/// falls by 21 µm at most, nm.
const MEAN_NM: f64 = 21_000.0;

/// Turns of each run from its beginning until it has settled: none stays behind the depth set by
/// more than the depth's row allows.
///
/// Tops are fitted to a cam that turns evenly; here the furthest of each turn is taken from the
/// slices that it touches, which may be too far out by what moved within a slice, and never too far
/// in.
pub(super) fn first_turns(scene: Scene<'_>, finding: &mut Finding) {
    let orders = scene.orders;
    let u = combined(SLICE_U_NM, scene.trace.protrusion_u_nm);
    for start in &orders.starts {
        let next = orders.motion.changes().find(|it| it > start);
        let until = next
            .unwrap_or(scene.trace.ended)
            .min(after(*start, SETTLING));
        if *orders.motion.at(*start) != Motion::Commanded || !undisturbed(scene, *start, until) {
            continue;
        }
        // Depth 0.00 is the park position, from which nothing moves out.
        let Some(depth) = orders.depth.at(*start).filter(|it| it.0 > 0) else {
            continue;
        };
        let Some(limit) = scene.limits.depth(depth) else {
            continue;
        };
        let edges = within(&scene.trace.edges, *start, until, |it| *it);
        let turns: Vec<(Nanoseconds, f64)> = edges
            .windows(2)
            .filter_map(|it| Some((it[0], furthest(scene, it[0], it[1])? + MEAN_NM)))
            .collect();
        let behind = |it: &&(Nanoseconds, f64)| {
            let off = it.1 - nm(depth);
            off < limit.lower() && limit.decide(off, u) == Verdict::Fail
        };
        finding.judged.starts += usize::from(!turns.is_empty());
        let late: Vec<_> = turns.iter().filter(behind).collect();
        let shallowest = late.iter().min_by(|one, other| one.1.total_cmp(&other.1));
        if let (Some(first), Some(shallowest)) = (late.first(), shallowest) {
            let expected = format!(
                "no turn before the carriage has arrived: each from the start on to at least {} at {} set ({})",
                mm(nm(depth) + limit.lower()),
                mm(nm(depth)),
                limit.row
            );
            let observed = format!(
                "{} of the first {} turns from {} stay behind, one at {}",
                late.len(),
                turns.len(),
                seconds(*start),
                mm(shallowest.1)
            );
            finding.violation(scene.around, Property::Depth, first.0, expected, observed);
        }
    }
}

/// Furthest protrusion in the slices that touch a span, nm; nothing where the gauge lost its target
/// in one of them.
fn furthest(scene: Scene<'_>, from: Nanoseconds, to: Nanoseconds) -> Option<f64> {
    let slices = &scene.trace.slices;
    let first = slices.partition_point(|it| it.until < from);
    let last = slices.partition_point(|it| it.until < to);
    let touched = slices.get(first..=last)?;
    let all: Option<Vec<f64>> = touched.iter().map(|it: &Slice| it.furthest_nm).collect();
    all?.into_iter().max_by(f64::total_cmp)
}

/// Whether depth, load and supply stay as they are.
fn undisturbed(scene: Scene<'_>, from: Nanoseconds, to: Nanoseconds) -> bool {
    let depth = scene.orders.depth.between(from, to).count() == 1;
    let axial = scene.around.axial.between(from, to).all(|it| it.0 == 0);
    let supply = scene.around.supply.between(from, to).count() == 1;
    depth && axial && supply
}
