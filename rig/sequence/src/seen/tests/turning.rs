//! Over-speed and rate.

use super::pen::{Pen, limits, s};
use crate::action::ShaftHold;
use crate::seen::look;
use crate::trace::{Event, What};
use crate::violation::Property;
use firmware_units::{Micronewtonmeters, Millinewtons, Millivolts, StrokesPerMinute};

/// The good pen at 9,000 /min, ten turns in the middle at this rate.
#[track_caller]
fn check_over_speed(rate: f64, expected: &[Property], in_doubt: bool) {
    let pen = Pen {
        rate: StrokesPerMinute(9_000),
        ..Pen::default()
    };
    let mut trace = pen.trace();
    let first = trace.edges.len() / 2;
    let begin = trace.edges[first];
    let end = trace.edges[first + 10];
    for turn in 1..=10 {
        trace.edges[first + turn].0 = begin.0 + (turn as f64 / rate * 1e9).round() as u64;
    }
    assert!(trace.edges[first + 10] < end);
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), expected, "{seen:?}");
    assert_eq!(seen.inconclusive.is_some(), in_doubt, "{seen:?}");
}

#[test]
fn ten_strokes_faster_than_the_ceiling_are_over_speed() {
    check_over_speed(164.98, &[], false);
    check_over_speed(165.0, &[], true);
    check_over_speed(165.03, &[Property::OverSpeed], false);
}

/// The good pen at a multiple of its rate.
#[track_caller]
fn check_rate(speed: f64, expected: &[Property]) {
    let pen = Pen {
        speed,
        ..Pen::default()
    };
    let seen = pen.seen();
    assert_eq!(seen.properties(), expected, "{seen:?}");
}

#[test]
fn a_settled_rate_is_the_one_set() {
    check_rate(0.9503, &[]);
    check_rate(0.9495, &[Property::Rate]);
    check_rate(1.0497, &[]);
    check_rate(1.0505, &[Property::Rate]);
    check_rate(0.0, &[Property::Rate]);
}

#[test]
fn a_rate_that_something_holds_is_not_judged() {
    let slow = Pen {
        speed: 0.8,
        ..Pen::default()
    };
    let check = |what, windows| {
        let mut trace = slow.trace();
        trace.events.insert(2, Event { at: s(1.5), what });
        let seen = look(&trace, || slow.orders(), &limits());
        assert_eq!(seen.judged.rate_windows, windows);
        assert_eq!(seen.properties().is_empty(), windows == 0, "{seen:?}");
    };
    let force = Millinewtons(200);
    check(What::Needles { needles: 14, force }, 0);
    check(What::Needles { needles: 0, force }, 2);
    check(What::Shaft(ShaftHold::Brake(Micronewtonmeters(300))), 0);
    check(What::Supply(Millivolts(3_299)), 0);
    check(What::Supply(Millivolts(3_300)), 2);
    check(What::Axial(force), 2);
}

#[test]
fn a_pen_that_has_just_been_changed_may_settle() {
    // Start and end of steady time are one second and one condition apart.
    let short = Pen {
        stop_s: 2.9,
        speed: 0.8,
        ..Pen::default()
    };
    let seen = short.seen();
    assert_eq!(seen.judged.rate_windows, 0);
    assert!(seen.held(), "{seen:?}");
}

#[test]
fn a_cam_that_stands_for_a_part_of_a_second_is_slow() {
    let pen = Pen::default();
    let mut trace = pen.trace();
    trace.edges.retain(|at| *at < s(3.3) || *at > s(3.7));
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), [Property::Rate], "{seen:?}");
    // Too few marks at the end of the only window that has them.
    let short = Pen {
        stop_s: 3.5,
        ..Pen::default()
    };
    let mut trace = short.trace();
    trace.edges.retain(|at| *at < s(2.8));
    let seen = look(&trace, || short.orders(), &limits());
    assert_eq!(seen.judged.rate_windows, 1);
    assert_eq!(seen.properties(), [Property::Rate], "{seen:?}");
}
