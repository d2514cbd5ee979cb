//! What the instruments saw of a pen, held to what it had to do: never what the pen said of itself.
//!
//! [`Orders`](orders::Orders) say what the pen was to do at which time, [`Surroundings`] what was
//! done to it from outside; gauge, tachometer and current probe say what it did.
//! Every limit is one of the spec tables ([`SeenLimits`]), with the decision rule of its row: what
//! lies within the guard band of a limit is a doubt, and a trace with a doubt is not held.
//!
//! Margins that are no limits, all in favour of the pen, stand with their reasons at the constants
//! below and at those of the files that use them alone.

mod current;
mod finding;
mod limits;
mod orders;
mod protrusion;
mod rest;
mod said;
mod series;
mod setting_out;
mod sound;
mod stall;
mod steady;
mod surroundings;
mod telemetry;
mod timeline;
mod trip;
mod turning;

#[cfg(test)]
mod tests;

pub use limits::{SeenLimits, SeenLimitsError};

use crate::judgement::first_in_each_step;
use crate::model::Requirements;
use crate::trace::{Slice, Trace};
use crate::violation::Violation;
use finding::Finding;
use firmware_units::Nanoseconds;
use orders::{Motion, Orders};
use surroundings::Surroundings;

/// A mark of the tachometer may be dated so late against the command that it is compared with:
/// two clocks that may drift apart by 100 ppm (MSR-04) over the ten seconds that a run seldom
/// outlasts; the pulse itself takes microseconds.
const EDGE_MARGIN: Nanoseconds = Nanoseconds::from_millis(1);
/// A cam without a mark for so long is at rest: one turn of it would be slower than 5 strokes/s, a
/// tenth of the slowest rate that can be set.
const REST: Nanoseconds = Nanoseconds::from_millis(200);
/// Slices are 10 ms long by the gauge's clock; with half of one more between two ends, none is
/// missing.
const LONGEST_SLICE: Nanoseconds = Nanoseconds::from_millis(15);
/// Expanded uncertainty of a slice's furthest protrusion beyond that of the datum, nm: twice the
/// gauge's noise of 10 µm in one sample, of which a slice takes means.
const SLICE_U_NM: f64 = 20_000.0;

/// How much there was to judge: a trace in which nothing was judged shows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Strokes held to the ceiling.
    pub strokes: usize,
    /// Means over ten strokes held to the over-speed limit.
    pub ten_stroke_means: usize,
    /// Steady runs of which depth was judged.
    pub steady_runs: usize,
    /// Pairs of neighbouring depths whose difference was judged.
    pub notches: usize,
    /// Windows of one second of which rate was judged.
    pub rate_windows: usize,
    /// Spans, longer than a slice, in which nothing was allowed to move.
    pub rests: usize,
    /// Ends of runs, but for silence of the host, of which the time was judged.
    pub stops: usize,
    /// Silences of the host of which the time was judged.
    pub link_losses: usize,
    /// Drives of a locked shaft that lasted, or could have lasted, to the limit.
    pub stalls: usize,
    /// Stretches of motor current beyond its limit.
    pub overloads: usize,
    /// Means over four strokes beyond the pen's own trip.
    pub trips: usize,
    /// Telemetry of which the rate was judged against the turning cam.
    pub telemetry_rates: usize,
    /// Telemetry of which the rate was judged against a cam at rest.
    pub telemetry_rests: usize,
    /// Telemetry of which the position was judged.
    pub telemetry_positions: usize,
    /// What was said of rest, of the cam and of the needles, and held to cam and needles.
    pub rests_said: usize,
    /// Beginnings of runs of which turns were judged.
    pub starts: usize,
    /// Whether the end of the look was judged.
    pub ends: usize,
    /// Time in which the pen was to run.
    pub commanded: Nanoseconds,
    /// Time in which it had to be at rest.
    pub forbidden: Nanoseconds,
    /// Time in which it could do either: starting, stopping, or nobody can say from outside.
    pub open: Nanoseconds,
}

/// What the instruments saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What the pen did that it must not, in order of time; of one property the first in a step.
    pub violations: Vec<Violation>,
    /// Why it is not shown that nothing else was violated.
    pub inconclusive: Option<String>,
    /// How much was judged.
    pub judged: Judged,
    /// Whether the trace is in order and every number is one; else nothing was judged.
    pub sound: bool,
}

/// A trace, and what it is held to.
#[derive(Clone, Copy)]
struct Scene<'a> {
    trace: &'a Trace,
    around: &'a Surroundings,
    orders: &'a Orders,
    limits: &'a SeenLimits,
}

/// Holds what the instruments saw in a trace to what the requirements say that the pen had to do.
#[must_use]
pub fn see(trace: &Trace, requirements: &Requirements) -> Seen {
    look(
        trace,
        || Orders::of(trace, requirements),
        &requirements.seen,
    )
}

/// What [`see`] found violated, and why it is not shown that nothing else was.
#[must_use]
pub fn judge_seen(trace: &Trace, requirements: &Requirements) -> (Vec<Violation>, Option<String>) {
    let seen = see(trace, requirements);
    (seen.violations, seen.inconclusive)
}

/// Holds what was seen to what was ordered, if the trace is such that somebody could say so.
fn look(trace: &Trace, orders: impl FnOnce() -> Orders, limits: &SeenLimits) -> Seen {
    let mut finding = Finding::default();
    let sound = sound::in_order(trace, &mut finding);
    if sound {
        let around = &Surroundings::of(trace);
        let orders = &orders();
        let scene = Scene {
            trace,
            around,
            orders,
            limits,
        };
        sound::whole(scene, &mut finding);
        finding.judged.count_time(scene);
        protrusion::ceiling(scene, &mut finding);
        protrusion::ceiling_at_rest(scene, &mut finding);
        turning::over_speed(scene, &mut finding);
        trip::trips(scene, &mut finding);
        rest::at_rest(scene, &mut finding);
        rest::at_the_end(scene, &mut finding);
        stall::stalls(scene, &mut finding);
        current::overload(scene, &mut finding);
        current::untried(scene, &mut finding);
        let runs = steady::runs(scene);
        protrusion::depth(scene, &runs, &mut finding);
        protrusion::notches(scene, &runs, &mut finding);
        turning::rate(scene, &runs, &mut finding);
        telemetry::telemetry(scene, &runs, &mut finding);
        said::rest_as_said(scene, &mut finding);
        setting_out::first_turns(scene, &mut finding);
    }
    finding.close(sound)
}

impl Judged {
    /// How the time was shared out.
    fn count_time(&mut self, scene: Scene<'_>) {
        for span in scene.orders.motion.spans(scene.trace.ended) {
            let time = match span.value {
                Motion::Commanded => &mut self.commanded,
                Motion::Forbidden | Motion::Still => &mut self.forbidden,
                Motion::Open => &mut self.open,
            };
            *time = time.saturating_add(span.to.saturating_sub(span.from));
        }
    }
}

impl Finding {
    /// Puts it in order.
    fn close(self, sound: bool) -> Seen {
        let more = self.doubts.len().saturating_sub(1);
        let inconclusive = self.doubts.into_iter().next().map(|first| match more {
            0 => first,
            more => format!("{first} (and {more} more)"),
        });
        Seen {
            violations: first_in_each_step(self.violations),
            inconclusive,
            judged: self.judged,
            sound,
        }
    }
}

/// Time before another, zero at the least.
fn before(time: Nanoseconds, by: Nanoseconds) -> Nanoseconds {
    time.saturating_sub(by)
}

/// Time after another.
fn after(time: Nanoseconds, by: Nanoseconds) -> Nanoseconds {
    time.saturating_add(by)
}

/// What of a list in order of time lies from `from` to `to`, both included.
fn within<T>(
    list: &[T],
    from: Nanoseconds,
    to: Nanoseconds,
    at: impl Fn(&T) -> Nanoseconds,
) -> &[T] {
    let begin = list.partition_point(|it| at(it) < from);
    let end = list.partition_point(|it| at(it) <= to);
    list.get(begin..end).unwrap_or_default()
}

/// Slices that lie wholly from `from` to `to`, with their beginnings.
fn slices(
    trace: &Trace,
    from: Nanoseconds,
    to: Nanoseconds,
) -> impl Iterator<Item = (Nanoseconds, &Slice)> {
    let first = trace.slices.partition_point(|it| it.until < from);
    let begin = first
        .checked_sub(1)
        .map_or(Nanoseconds::ZERO, |idx| trace.slices[idx].until);
    trace.slices[first..]
        .iter()
        .scan(begin, |begin, slice| {
            Some((std::mem::replace(begin, slice.until), slice))
        })
        .take_while(move |(_, slice)| slice.until <= to)
        .filter(move |(begin, _)| *begin >= from)
}

/// Roots of the sum of squares: uncertainties that know nothing of each other.
fn combined(one: f64, other: f64) -> f64 {
    // Both are bounded by `sound`; `sqrt` is exact on every machine.
    (one * one + other * other).sqrt()
}
