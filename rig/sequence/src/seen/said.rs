//! Rest and park as the pen says them, held to what the instruments saw then: a pen that says
//! `Ready` has a cam that stands, and one that says that it is parked has its needles in (HAZ-04,
//! firmware/wire, `State`).

use super::finding::{Finding, mm, seconds};
use super::orders::Motion;
use super::rest::{Moved, moved_out};
use super::{EDGE_MARGIN, Scene, after, before, slices, within};
use crate::trace::What;
use crate::violation::Property;
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, FaultSet, Reply, Request, State};
use rig_spec::Verdict;

/// What was asked or pressed so long before something was said may have come behind it: a press
/// counts after 30 ms, and a reply waits behind others.
const BEHIND: Nanoseconds = Nanoseconds::from_millis(250);
/// What moves later than this moves for another reason, and other properties say of it what is to
/// be said.
const AHEAD: Nanoseconds = Nanoseconds::from_millis(500);
/// Faults with which a pen does not know where its carriage is.
const CARRIAGE: [Fault; 3] = [Fault::CarriageLost, Fault::SelfTest, Fault::Calibration];

/// Something said of rest.
struct Saying {
    at: Nanoseconds,
    state: State,
    faults: FaultSet,
    /// Whether the needles are parked; telemetry does not say.
    parked: bool,
    property: Property,
}

/// Everything that was said of rest.
pub(super) fn rest_as_said(scene: Scene<'_>, finding: &mut Finding) {
    let stirs: Vec<Nanoseconds> = scene
        .trace
        .events
        .iter()
        .filter(|it| may_stir(&it.what))
        .map(|it| it.at)
        .collect();
    for saying in sayings(scene) {
        let first = stirs.partition_point(|it| *it < before(saying.at, BEHIND));
        let next = stirs.get(first).copied().unwrap_or(scene.trace.ended);
        let until = next.min(after(saying.at, AHEAD)).min(scene.trace.ended);
        if until > saying.at {
            stands(scene, &saying, until, finding);
            parked(scene, &saying, until, finding);
        }
    }
}

fn sayings(scene: Scene<'_>) -> impl Iterator<Item = Saying> {
    scene.trace.events.iter().filter_map(|event| {
        let (state, faults, parked, property) = match &event.what {
            What::Telemetry(it) => (it.state, it.faults, false, Property::Telemetry),
            What::Replied {
                reply: Reply::Status(it),
                ..
            } => {
                let parked = it.parked && !it.may_be_exposed;
                (it.state, it.faults, parked, Property::Reply)
            }
            _ => return None,
        };
        Some(Saying {
            at: event.at,
            state,
            faults,
            parked,
            property,
        })
    })
}

/// A pen that says that it rests has a cam that stands.
fn stands(scene: Scene<'_>, saying: &Saying, until: Nanoseconds, finding: &mut Finding) {
    let rests = matches!(
        saying.state,
        State::Standby | State::Ready | State::Paused | State::Asleep
    );
    if !rests {
        return;
    }
    finding.judged.rests_said += 1;
    let from = after(saying.at, EDGE_MARGIN);
    let edges = within(&scene.trace.edges, from, until, |it| *it);
    if let Some(first) = edges.first() {
        let expected = format!("no turn of the cam of a pen that says {:?}", saying.state);
        let observed = format!(
            "said at {}, {} turns from {}",
            seconds(saying.at),
            edges.len(),
            seconds(*first)
        );
        finding.violation(scene.around, saying.property, *first, expected, observed);
    }
}

/// A pen that says that it is parked has its needles in.
fn parked(scene: Scene<'_>, saying: &Saying, until: Nanoseconds, finding: &mut Finding) {
    let lost = CARRIAGE.iter().any(|it| saying.faults.contains(*it));
    let mut motions = scene.orders.motion.between(saying.at, until);
    let elsewhere = motions.any(|it| *it == Motion::Still);
    // Force along the axis pushes the nose.
    let mut axial = scene.around.axial.between(saying.at, until);
    if !saying.parked || lost || elsewhere || axial.any(|it| it.0 != 0) {
        return;
    }
    finding.judged.rests_said += 1;
    let out = slices(scene.trace, saying.at, until).find_map(|(begin, it)| {
        match moved_out(scene, it.furthest_nm) {
            Some(Moved::Out(furthest, Verdict::Fail)) => Some((begin, furthest)),
            _ => None,
        }
    });
    if let Some((at, furthest)) = out {
        let expected = format!(
            "protrusion at most {} of a pen that says that it is parked",
            mm(scene.limits.parked_nm)
        );
        let observed = format!(
            "said at {}, needles at {}",
            seconds(saying.at),
            mm(furthest)
        );
        finding.violation(scene.around, saying.property, at, expected, observed);
    }
}

/// Whether what is done may set cam or carriage of a pen at rest in motion.
fn may_stir(what: &What) -> bool {
    match what {
        What::Sent { request, .. } => matches!(
            request,
            Request::Start | Request::ClearFaults | Request::Calibrate { .. }
        ),
        What::SentBroken(_)
        | What::Button(_)
        | What::Reset
        | What::Hang
        | What::Supply(_)
        | What::Cartridge(_)
        | What::Axial(_) => true,
        What::Step(_)
        | What::Replied { .. }
        | What::Unanswered { .. }
        | What::Telemetry(_)
        | What::HeardBroken
        | What::Needles { .. }
        | What::Shaft(_) => false,
    }
}
