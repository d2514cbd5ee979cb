//! The look at the end.

use super::story::at_rest;
use super::{Story, check, check_violated};
use crate::Property;
use firmware_units::Micrometers;
use firmware_wire::{Fault, FaultSet, Refusal, Reply, Request, State, Status};

/// A sequence of nothing, and the look after it up to its status.
fn looked() -> Story {
    Story::new()
        .step()
        .wait(100)
        .step()
        .wait(100)
        .done(Request::Stop)
        .wait(2_000)
}

/// The rest of the look.
fn recovers(story: Story, run: impl Fn(Story) -> Story) -> Story {
    let story = story
        .done(Request::ClearFaults)
        .refused(Request::EndTreatment, Refusal::NoTreatment)
        .done(Request::LockDepth)
        .done(Request::ClearPreset)
        .take_out()
        .fit(2_500)
        .depth(500, Ok(()))
        .rate(7_000, Ok(()))
        .reads_depth(500);
    run(story)
        .status(Status {
            state: State::Ready,
            depth: Micrometers(500),
            cartridge: true,
            treatment: Some(3),
            ..at_rest()
        })
        .done(Request::EndTreatment)
        .take_out()
}

#[test]
fn a_pen_that_is_parked_and_can_be_used_again_is_as_it_should_be() {
    let whole = recovers(looked().status(at_rest()), |it| {
        it.start().wait(1_000).stop()
    });
    let said = whole.judge();
    assert_eq!((said.violations, said.unjudged), (vec![], vec![]));
}

#[test]
fn needles_left_out_and_a_run_that_does_not_come_are_seen() {
    let out = looked().status(Status {
        parked: false,
        ..at_rest()
    });
    let said = recovers(out, |it| it.start().wait(1_000).stop()).judge();
    assert!(
        said.violations
            .iter()
            .any(|it| it.property == Property::SafeState)
    );
    let still = recovers(looked().status(at_rest()), |it| {
        it.done(Request::Start)
            .beats(true)
            .wait(1_500)
            .done(Request::Stop)
            .beats(false)
            .wait(1_100)
    });
    check_violated(still, Property::SafeState);
}

#[test]
fn a_fault_that_cannot_be_cleared_is_seen() {
    let kept = looked()
        .status(Status {
            state: State::Faulted,
            faults: FaultSet::NONE.with(Fault::BatteryLow),
            ..at_rest()
        })
        .ask(Request::ClearFaults, Reply::Refused(Refusal::CauseRemains));
    let said = kept.judge();
    assert!(
        said.violations
            .iter()
            .any(|it| it.property == Property::SafeState)
    );
}

#[test]
fn a_trace_that_breaks_off_says_what_was_not_judged() {
    let said = looked().judge();
    assert_eq!(said.unjudged, ["the look at the end holds no status"]);
    check(looked());
}
