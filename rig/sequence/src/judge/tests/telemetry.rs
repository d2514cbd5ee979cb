//! Telemetry: its period, its state, its strokes.

use super::{Story, check, check_violated};
use crate::Property;
use firmware_units::Milliseconds;
use firmware_wire::{Refusal, Request, State};

/// Telemetry every 100 ms in a run, the state being told by its time since START, ms.
fn run(period: u32, state: impl Fn(u64) -> State) -> Story {
    let mut story = Story::new()
        .done(Request::SetTelemetryPeriod(Milliseconds(100)))
        .fit(2_500)
        .start();
    let from = story.now() - 506;
    for taken in 1..=20 {
        let since = story.now() - from;
        let strokes = story.edges();
        story = story
            .telemetry(taken * period, state(since), strokes)
            .wait(100);
    }
    story
}

#[test]
fn the_state_is_the_one_that_the_pen_is_in() {
    check(run(100, |_| State::Running));
    check_violated(run(100, |_| State::Ready), Property::Telemetry);
    check_violated(
        run(100, |since| {
            if since < 1_500 {
                State::Running
            } else {
                State::Starting
            }
        }),
        Property::Telemetry,
    );
}

#[test]
fn the_period_is_the_one_that_was_asked_for() {
    check_violated(run(90, |_| State::Running), Property::Telemetry);
    check_violated(run(300, |_| State::Running), Property::Telemetry);
    let asked = |period| Request::SetTelemetryPeriod(Milliseconds(period));
    check_violated(
        Story::new()
            .done(asked(100))
            .wait(2_000)
            .done(Request::Heartbeat),
        Property::Telemetry,
    );
    check_violated(
        Story::new()
            .done(asked(0))
            .wait(500)
            .telemetry(100, State::Standby, 0),
        Property::Telemetry,
    );
    check(Story::new().refused(asked(9), Refusal::OutOfRange));
    check_violated(Story::new().done(asked(9)), Property::Reply);
}

#[test]
fn strokes_in_telemetry_are_those_of_the_treatment() {
    let told = |more: u32| {
        let story = Story::new()
            .done(Request::SetTelemetryPeriod(Milliseconds(10_000)))
            .fit(2_500)
            .start()
            .wait(1_000);
        let strokes = story.edges() + more;
        story.telemetry(5_000, State::Running, strokes)
    };
    check(told(0));
    check_violated(told(5), Property::Counters);
    let none = Story::new().wait(500);
    check(none.clone().telemetry(100, State::Standby, 0));
    check_violated(none.telemetry(100, State::Standby, 3), Property::Counters);
}

#[test]
fn telemetry_is_of_its_time_though_nothing_was_heard_before() {
    let told = |pressed: bool| {
        let fitted = Story::new()
            .done(Request::SetTelemetryPeriod(Milliseconds(10_000)))
            .fit(2_500)
            .wait(500);
        let story = fitted.button(pressed).wait(250).turns(Some(7_000)).wait(60);
        let strokes = story.edges();
        assert!(strokes > 3);
        let state = if pressed {
            State::Running
        } else {
            State::Ready
        };
        story.telemetry(5_000, state, strokes)
    };
    check(told(true));
    // No press, no strokes.
    check_violated(told(false), Property::Counters);
}
