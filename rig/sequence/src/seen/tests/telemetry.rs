//! Telemetry against the instruments.

use super::pen::{Pen, limits, s};
use crate::seen::look;
use crate::trace::{Event, Trace, What};
use crate::violation::Property;
use firmware_units::{
    Decidegrees, Micrometers, Milliamperes, Milliseconds, Millivolts, Nanoseconds,
};
use firmware_wire::{FaultSet, State, Telemetry};

/// Telemetry of these values.
fn said(state: State, rate_millihertz: u32, position: i32) -> Telemetry {
    Telemetry {
        at: Milliseconds::ZERO,
        state,
        faults: FaultSet::NONE,
        rate_millihertz,
        position: Micrometers(position),
        motor_current: Milliamperes::ZERO,
        battery: Millivolts(3_700),
        temperature: Decidegrees(220),
        strokes: 0,
    }
}

/// The trace with telemetry at these times.
fn telling(mut trace: Trace, at: &[f64], telemetry: Telemetry) -> Trace {
    trace.events.extend(at.iter().map(|at| Event {
        at: s(*at),
        what: What::Telemetry(telemetry),
    }));
    trace.events.sort_by_key(|it| it.at);
    trace
}

/// What a good running pen says at 3 s and 3.5 s.
#[track_caller]
fn check_running(at: &[f64], rate: u32, position: i32, expected: &[Property]) {
    let pen = Pen::default();
    let trace = telling(pen.trace(), at, said(State::Running, rate, position));
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), expected, "{seen:?}");
    assert_eq!(seen.judged.telemetry_rates, at.len() - 1, "{seen:?}");
    assert_eq!(seen.judged.telemetry_positions, at.len(), "{seen:?}");
}

#[test]
fn the_rate_said_is_the_rate_measured() {
    let at = [3.0, 3.5];
    check_running(&at, 116_667, 1_500, &[]);
    // 2 % of 116.667 /s, and 100 ppm of two clocks.
    check_running(&at, 118_980, 1_500, &[]);
    check_running(&at, 119_030, 1_500, &[Property::Telemetry]);
    check_running(&at, 114_310, 1_500, &[Property::Telemetry]);
    check_running(&at, 0, 1_500, &[Property::Telemetry]);
}

#[test]
fn telemetry_of_a_few_turns_is_held_to_the_turns_about_it() {
    let at = [3.0, 3.02, 3.04, 3.06];
    check_running(&at, 118_980, 1_500, &[]);
    check_running(&at, 119_030, 1_500, &[Property::Telemetry]);
}

#[test]
fn the_position_said_is_where_the_tops_are() {
    let at = [3.0, 3.5];
    check_running(&at, 116_667, 1_630, &[]);
    check_running(&at, 116_667, 1_665, &[Property::Telemetry]);
    check_running(&at, 116_667, 1_335, &[Property::Telemetry]);
}

/// What a pen says at a time at which nothing turns or may.
#[track_caller]
fn check_resting(at: f64, state: State, rate: u32, expected: &[Property]) {
    let pen = Pen::default();
    let trace = telling(pen.trace(), &[at], said(state, rate, -200));
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), expected, "{seen:?}");
}

#[test]
fn a_cam_at_rest_has_no_rate() {
    check_resting(0.5, State::Ready, 1_000, &[]);
    check_resting(0.5, State::Ready, 1_001, &[Property::Telemetry]);
    // A frame's time and 0.2 s after its last mark the cam is at rest.
    let last = Pen::default().trace().edges.last().unwrap().seconds();
    check_resting(last + 0.219, State::Stopping, 116_667, &[]);
    check_resting(
        last + 0.221,
        State::Stopping,
        116_667,
        &[Property::Telemetry],
    );
    check_resting(5.3, State::Stopping, 116_667, &[]);
    check_resting(5.42, State::Stopping, 116_667, &[Property::Telemetry]);
}

#[test]
fn a_pen_at_rest_does_not_say_that_it_runs() {
    check_resting(0.5, State::Running, 0, &[Property::Telemetry]);
    check_resting(0.5, State::Starting, 0, &[Property::Telemetry]);
    check_resting(0.5, State::Boot, 0, &[]);
    // Forbidden from 5.5 s on; 0.1 s and a frame may lie between.
    check_resting(5.61, State::Running, 0, &[]);
    check_resting(5.63, State::Running, 0, &[Property::Telemetry]);
}

#[test]
fn telemetry_before_the_run_has_settled_says_nothing_of_it() {
    let pen = Pen::default();
    let trace = telling(pen.trace(), &[1.5, 2.05], said(State::Running, 1, 0));
    let seen = look(&trace, || pen.orders(), &limits());
    assert!(seen.held(), "{seen:?}");
    assert_eq!(seen.judged.telemetry_rates, 0);
    assert!(Nanoseconds::ZERO < trace.ended);
}
