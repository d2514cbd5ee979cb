//! Rest and park as said, and the beginning of a run, against the instruments.

use super::pen::{Pen, limits, s};
use crate::seen::{Seen, look};
use crate::trace::{Event, What};
use crate::violation::Property;
use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{Fault, FaultSet, Reply, Request, State, Status};

/// What a pen at rest says.
const AT_REST: Status = Status {
    state: State::Ready,
    faults: FaultSet::NONE,
    depth: Micrometers(1_500),
    limit: Micrometers(1_500),
    rate: StrokesPerMinute(7_000),
    unlocked: false,
    preset: None,
    cartridge: true,
    treatment: Some(5),
    parked: true,
    may_be_exposed: false,
};

/// What is seen of a pen that is stopped at 5 s and says this so long after.
fn says(pen: &Pen, after_s: f64, status: Status, more: &[(f64, What)]) -> Seen {
    let mut trace = pen.trace();
    let reply = Reply::Status(status);
    let said = (after_s, What::Replied { number: 7, reply });
    for (after_s, what) in std::iter::once(&said).chain(more) {
        trace.events.push(Event {
            at: s(pen.stop_s + after_s),
            what: what.clone(),
        });
    }
    trace.events.sort_by_key(|it| it.at);
    look(&trace, || pen.orders(), &limits())
}

#[test]
fn a_cam_that_turns_on_is_not_at_rest() {
    let pen = Pen::default();
    let stopping = Status {
        state: State::Stopping,
        parked: false,
        ..AT_REST
    };
    let ready = Status {
        parked: false,
        ..AT_REST
    };
    // It stands after 0.15 s.
    let seen = says(&pen, 0.02, ready, &[]);
    assert_eq!(seen.properties(), [Property::Reply], "{seen:?}");
    assert!(says(&pen, 0.02, stopping, &[]).held());
    assert!(says(&pen, 0.3, ready, &[]).held());
    // Nobody knows of one that may have been started meanwhile.
    let request = Request::Start;
    let start = What::Sent { number: 6, request };
    assert!(says(&pen, 0.02, ready, &[(-0.01, start)]).held());
}

#[test]
fn needles_that_are_out_are_not_parked() {
    let pen = Pen::default();
    let parked = Status {
        state: State::Stopping,
        ..AT_REST
    };
    // The carriage is in after 0.25 s, the cam stands after 0.15 s.
    let seen = says(&pen, 0.02, parked, &[]);
    assert_eq!(seen.properties(), [Property::Reply], "{seen:?}");
    assert!(says(&pen, 0.3, parked, &[]).held());
    let exposed = Status {
        may_be_exposed: true,
        ..parked
    };
    assert!(says(&pen, 0.02, exposed, &[]).held());
    let lost = Status {
        faults: FaultSet::NONE.with(Fault::CarriageLost),
        state: State::Faulted,
        ..parked
    };
    assert!(says(&pen, 0.02, lost, &[]).held());
}

#[test]
fn a_cam_waits_for_the_carriage() {
    let seen = Pen::default().seen();
    assert!(seen.held() && seen.judged.starts == 1, "{seen:?}");
    let early = Pen {
        cam_s: 0.02,
        ..Pen::default()
    };
    let seen = early.seen();
    assert_eq!(seen.properties(), [Property::Depth], "{seen:?}");
    // Nothing moves out for depth zero.
    let zero = Pen {
        depth: Micrometers::ZERO,
        offset_nm: -2e5,
        ..early
    };
    let seen = zero.seen();
    assert!(seen.held() && seen.judged.starts == 0, "{seen:?}");
}
