//! Overload, a drive that is not tried, and a cam that runs on too fast.

use super::pen::{Pen, limits, s};
use crate::seen::look;
use crate::trace::{Event, What};
use crate::violation::Property;
use firmware_units::{Decidegrees, Micrometers, Milliamperes, Milliseconds, Millivolts};
use firmware_wire::{Fault, FaultSet, State, Telemetry};

/// The good pen with this current in the slices that begin between two times.
#[track_caller]
fn check_current(current_ua: f64, from: f64, to: f64, expected: &[Property]) {
    let pen = Pen::default();
    let mut trace = pen.trace();
    let length = s(0.01);
    for slice in &mut trace.slices {
        let begin = slice.until.saturating_sub(length);
        if begin >= s(from) && begin < s(to) {
            slice.current_ua = current_ua;
        }
    }
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), expected, "{seen:?}");
}

#[test]
fn a_current_beyond_twice_the_rated_one_lasts_no_longer_than_its_row_says() {
    check_current(2.5e6, 2.0, 2.3, &[]);
    check_current(2.5e6, 2.0, 2.35, &[Property::Stall]);
    check_current(-2.5e6, 2.0, 2.35, &[Property::Stall]);
    // Within what probe and converter may differ by.
    check_current(2.03e6, 2.0, 3.0, &[]);
}

#[test]
fn nothing_flows_right_after_a_start() {
    // START left at 0.996 s: the first slice after it ends within the time of trial.
    let check = |current_ua, expected: &[Property]| {
        let pen = Pen {
            start_s: 0.996,
            ..Pen::default()
        };
        let mut trace = pen.trace();
        for slice in &mut trace.slices {
            if slice.until > s(0.995) && slice.until < s(1.005) {
                slice.current_ua = current_ua;
            }
        }
        let seen = look(&trace, || pen.orders(), &limits());
        assert_eq!(seen.properties(), expected, "{seen:?}");
    };
    check(19e3, &[]);
    check(21e3, &[Property::Motion]);
    // A slice that ends later may hold what flows after the trial.
    check_current(1e6, 1.0, 1.01, &[]);
}

#[test]
fn a_pen_that_was_too_fast_does_not_say_that_it_runs_on() {
    let pen = Pen::default();
    let check = |rate: f64, after: f64, state, faults, expected: &[Property]| {
        let mut trace = pen.trace();
        let first = trace.edges.len() / 2;
        let begin = trace.edges[first];
        for turn in 1..=4 {
            trace.edges[first + turn].0 = begin.0 + (turn as f64 / rate * 1e9).round() as u64;
        }
        let at = trace.edges[first + 4] + s(after);
        let telemetry = What::Telemetry(Telemetry {
            at: Milliseconds(0),
            state,
            faults,
            rate_millihertz: 116_667,
            position: Micrometers(1_500),
            motor_current: Milliamperes(300),
            battery: Millivolts(3_700),
            temperature: Decidegrees(220),
            strokes: 0,
        });
        let what = telemetry;
        let place = trace.events.partition_point(|it| it.at <= at);
        trace.events.insert(place, Event { at, what });
        let seen = look(&trace, || pen.orders(), &limits());
        let faults: Vec<Property> = seen
            .properties()
            .into_iter()
            .filter(|it| *it == Property::Faults)
            .collect();
        assert_eq!(faults, expected, "{seen:?}");
    };
    let none = FaultSet::NONE;
    check(164.0, 0.061, State::Running, none, &[Property::Faults]);
    check(163.0, 0.061, State::Running, none, &[]);
    check(164.0, 0.059, State::Running, none, &[]);
    let latched = none.with(Fault::OverSpeed);
    check(164.0, 0.061, State::Faulted, latched, &[]);
    check(164.0, 0.061, State::Stopping, none, &[]);
}
