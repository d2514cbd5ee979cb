//! Steady runs: the pen is to run, has had time to settle, and nothing changes.

use super::orders::Motion;
use super::{Scene, after, within};
use crate::trace::Stroke;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use std::collections::BTreeSet;

/// Time after START, or after a change of setting, load, brake or supply, in which depth and rate
/// may settle; proposed. The carriage takes 0.2 s to 2.50 mm at 15 mm/s.
pub(super) const SETTLING: Nanoseconds = Nanoseconds::from_millis(1_000);

/// A settled run under one condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// When it had settled.
    pub(super) from: Nanoseconds,
    /// When the condition changed.
    pub(super) to: Nanoseconds,
    /// Depth set, where it is known.
    pub(super) depth: Option<Micrometers>,
    /// Rate set, where it is known.
    pub(super) rate: Option<StrokesPerMinute>,
    /// Whether no force on the nose shifts what the gauge sees.
    pub(super) nose_free: bool,
    /// Whether nothing slows the cam.
    pub(super) unhindered: bool,
    /// Tops of stroke in it.
    pub(super) strokes: &'a [Stroke],
    /// Marks of the tachometer in it.
    pub(super) edges: &'a [Nanoseconds],
}

/// Every steady run, in order.
pub(super) fn runs<'a>(scene: Scene<'a>) -> Vec<Run<'a>> {
    let (orders, around, trace) = (scene.orders, scene.around, scene.trace);
    let changes: BTreeSet<Nanoseconds> = orders
        .motion
        .changes()
        .chain(orders.depth.changes())
        .chain(orders.rate.changes())
        .chain(around.shaft.changes())
        .chain(around.needles.changes())
        .chain(around.axial.changes())
        .chain(around.supply.changes())
        .chain([Nanoseconds::ZERO, trace.ended])
        .filter(|at| *at <= trace.ended)
        .collect();
    let starts = changes.iter().copied();
    let ends = changes.iter().copied().skip(1);
    starts
        .zip(ends)
        .filter(|(start, end)| {
            *orders.motion.at(*start) == Motion::Commanded && after(*start, SETTLING) < *end
        })
        .map(|(start, to)| {
            let from = after(start, SETTLING);
            Run {
                from,
                to,
                depth: *orders.depth.at(start),
                rate: *orders.rate.at(start),
                nose_free: around.axial.at(start).0 == 0,
                unhindered: around.unhindered(start),
                strokes: within(&trace.strokes, from, to, |it| it.at),
                edges: within(&trace.edges, from, to, |it| *it),
            }
        })
        .collect()
}
