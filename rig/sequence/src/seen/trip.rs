//! A pen whose cam has turned too fast does not run on.

use super::finding::{Finding, per_s, seconds};
use super::turning::mean_rate;
use super::{Scene, after};
use crate::trace::What;
use crate::violation::Property;
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, FaultSet, Reply, Request, State};

/// Over-speed is a rate above this, strokes/s (firmware/wire, `Fault::OverSpeed`; RAT-07-D1, source).
const TRIP_PER_S: f64 = 160.0;
/// Strokes in a mean that surely trips, and by which share it lies beyond: the pen's oscillator may
/// be 2 % off.
const STROKES: usize = 4;
const BEYOND: f64 = 1.02;
/// By then a pen shows it: a control tick, and telemetry that waits behind replies.
const SHOWN: Nanoseconds = Nanoseconds::from_millis(60);

/// Over-speed: no pen says that it runs on, the same run, after four strokes beyond its trip.
pub(super) fn trips(scene: Scene<'_>, finding: &mut Finding) {
    let limit = TRIP_PER_S * BEYOND * 1e6;
    let mut told: Option<Nanoseconds> = None;
    for edges in scene.trace.edges.windows(STROKES + 1) {
        let Some(rate) = mean_rate(edges).filter(|it| *it > limit) else {
            continue;
        };
        let at = edges[STROKES];
        if told.is_some_and(|it| it >= at) {
            continue;
        }
        finding.judged.trips += 1;
        let Some(shown) = runs_on(scene, at) else {
            continue;
        };
        told = Some(shown);
        let expected = format!(
            "over-speed latched after four strokes beyond {TRIP_PER_S} strokes/s at {}",
            seconds(at)
        );
        let observed = format!("Running after {}", per_s(rate));
        finding.violation(scene.around, Property::Faults, shown, expected, observed);
    }
}

/// When the pen said first that it ran on, if it did before anything that may have begun a run anew.
fn runs_on(scene: Scene<'_>, since: Nanoseconds) -> Option<Nanoseconds> {
    let events = &scene.trace.events;
    for event in &events[events.partition_point(|it| it.at <= since)..] {
        let (state, faults): (State, FaultSet) = match &event.what {
            What::Telemetry(it) => (it.state, it.faults),
            What::Replied {
                reply: Reply::Status(it),
                ..
            } => (it.state, it.faults),
            What::Sent {
                request: Request::Start,
                ..
            }
            | What::SentBroken(_)
            | What::Button(true) => return None,
            _ => continue,
        };
        if event.at >= after(since, SHOWN) {
            let runs = state == State::Running && !faults.contains(Fault::OverSpeed);
            return runs.then_some(event.at);
        }
    }
    None
}
