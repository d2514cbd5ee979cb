//! Motion, Stop, lost link, the end of the look, stalls.

use super::pen::{Pen, limits, s};
use crate::action::ShaftHold;
use crate::seen::look;
use crate::seen::orders::{Cause, Motion};
use crate::trace::{Event, Trace, What};
use crate::violation::Property;
use firmware_units::Nanoseconds;

#[test]
fn a_good_pen_holds_and_everything_was_judged() {
    let seen = Pen::default().seen();
    assert!(seen.held(), "{seen:?}");
    let judged = seen.judged;
    assert!(
        judged.strokes > 400 && judged.ten_stroke_means > 400,
        "{judged:?}"
    );
    assert_eq!((judged.steady_runs, judged.rate_windows), (1, 3));
    assert_eq!((judged.rests, judged.stops, judged.ends), (2, 1, 1));
    let shares = (judged.commanded, judged.forbidden, judged.open);
    assert_eq!(shares, (s(4.0), s(2.5), s(0.5)));
}

/// A cam that stands at the time given after STOP, of 0.5 s.
#[track_caller]
fn check_stop(braking_s: f64, parking_s: f64, expected: &[Property]) {
    let pen = Pen {
        braking_s,
        parking_s,
        ..Pen::default()
    };
    let seen = pen.seen();
    assert_eq!(seen.properties(), expected, "{seen:?}");
}

#[test]
fn a_stop_that_takes_too_long_is_seen_by_cam_and_by_needles() {
    check_stop(0.45, 0.25, &[]);
    check_stop(0.60, 0.25, &[Property::Stop]);
    check_stop(0.15, 0.49, &[]);
    // The cam stands within some turn, not at its top: late parking shows while needles are out.
    check_stop(0.60, 0.70, &[Property::Stop]);
}

#[test]
fn parked_needles_stand_at_most_where_the_row_says() {
    let parked = |parked_nm| {
        let pen = Pen {
            parked_nm,
            ..Pen::default()
        };
        let mut trace = pen.trace();
        // The cam stands at the top.
        for slice in &mut trace.slices {
            if slice.until > s(5.5) {
                slice.furthest_nm = Some(parked_nm);
            }
        }
        look(&trace, || pen.orders(), &limits())
    };
    // U of a slice: 20 and 12 µm together.
    assert!(parked(26_000.0).held());
    assert!(parked(30_000.0).in_doubt());
    assert!(parked(70_000.0).in_doubt());
    let beyond = parked(74_000.0).properties();
    assert!(beyond.contains(&Property::Stop), "{beyond:?}");
    assert!(beyond.contains(&Property::SafeState), "{beyond:?}");
}

#[test]
fn silence_has_its_own_limit_and_property() {
    let lost = |braking_s| Pen {
        cause: Cause::Silence,
        due_s: 1.0,
        braking_s,
        parking_s: 0.4,
        ..Pen::default()
    };
    let inside = lost(0.95).seen();
    assert!(inside.held(), "{inside:?}");
    assert_eq!((inside.judged.link_losses, inside.judged.stops), (1, 0));
    let beyond = lost(1.15).seen();
    assert_eq!(beyond.properties(), [Property::LostLink]);
}

/// The good pen's trace with one more mark.
fn with_edge(at: Nanoseconds) -> Trace {
    let mut trace = Pen::default().trace();
    trace.edges.push(at);
    trace.edges.sort();
    trace
}

#[test]
fn a_turn_without_an_order_is_motion_and_a_mark_at_the_very_end_is_not() {
    let check = |at, expected: &[Property]| {
        let seen = look(&with_edge(at), || Pen::default().orders(), &limits());
        assert_eq!(seen.properties(), expected, "{seen:?}");
    };
    check(s(0.5), &[Property::Motion]);
    check(Nanoseconds(0), &[Property::Motion]);
    check(s(5.501), &[]);
    check(s(5.502), &[Property::Stop]);
    check(s(5.75), &[Property::Motion]);
    check(s(6.9), &[Property::Motion, Property::SafeState]);
}

#[test]
fn needles_that_come_out_without_an_order_are_motion() {
    let pen = Pen::default();
    let out = |furthest| {
        let mut trace = pen.trace();
        trace.slices[30].furthest_nm = Some(furthest);
        look(&trace, || pen.orders(), &limits())
    };
    assert!(out(20_000.0).held());
    assert_eq!(out(80_000.0).properties(), [Property::Motion]);
}

#[test]
fn a_carriage_that_cannot_park_leaves_needles_out_but_the_cam_may_not_turn() {
    let pen = Pen {
        parking_s: 1e6,
        ..Pen::default()
    };
    let mut orders = pen.orders();
    orders.motion.set(s(5.5), Motion::Still);
    let seen = look(&pen.trace(), || orders.clone(), &limits());
    assert!(seen.held(), "{seen:?}");
    let mut trace = pen.trace();
    trace.edges.push(s(6.0));
    let seen = look(&trace, || orders.clone(), &limits());
    assert_eq!(seen.properties(), [Property::Motion]);
}

#[test]
fn the_end_of_the_look_is_motor_off() {
    let pen = Pen::default();
    let last = |current| {
        let mut trace = pen.trace();
        trace.slices.last_mut().unwrap().current_ua = current;
        look(&trace, || pen.orders(), &limits())
    };
    assert!(last(-19_900.0).held());
    assert_eq!(last(-20_000.0).properties(), [Property::SafeState]);
    let early = Pen {
        end_s: 5.6,
        ..Pen::default()
    };
    assert!(early.seen().in_doubt());
    let mut orders = pen.orders();
    orders.lost = true;
    assert!(look(&pen.trace(), || orders, &limits()).in_doubt());
}

/// The good pen, its shaft locked at 3 s and current for so long after.
#[track_caller]
fn check_stall(current_s: f64, expected: &[Property], stalls: usize) {
    let pen = Pen {
        stop_s: 3.0,
        braking_s: 1e-3,
        cause: Cause::FaultShown,
        ..Pen::default()
    };
    let mut trace = pen.trace();
    let locked = Event {
        at: s(3.0),
        what: What::Shaft(ShaftHold::Locked),
    };
    trace.events.push(locked);
    trace.events.sort_by_key(|it| it.at);
    for slice in &mut trace.slices {
        if slice.until > s(3.0) && slice.until <= s(3.0 + current_s) {
            slice.current_ua = 900e3;
        }
    }
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), expected, "{seen:?}");
    assert_eq!(seen.judged.stalls, stalls);
}

#[test]
fn a_locked_shaft_gets_no_current_for_long() {
    check_stall(0.30, &[], 1);
    check_stall(0.31, &[Property::Stall], 1);
    check_stall(0.0, &[], 0);
}

#[test]
fn current_that_comes_again_counts_from_the_first() {
    let pen = Pen {
        stop_s: 3.0,
        braking_s: 1e-3,
        ..Pen::default()
    };
    let mut trace = pen.trace();
    trace.events.push(Event {
        at: s(2.995),
        what: What::Shaft(ShaftHold::Locked),
    });
    trace.events.sort_by_key(|it| it.at);
    for (from, to) in [(3.0, 3.2), (3.4, 3.5)] {
        for slice in &mut trace.slices {
            if slice.until > s(from) && slice.until <= s(to) {
                slice.current_ua = 900e3;
            }
        }
    }
    let seen = look(&trace, || pen.orders(), &limits());
    assert_eq!(seen.properties(), [Property::Stall]);
}

#[test]
fn blind_instruments_leave_a_doubt() {
    let pen = Pen::default();
    let doubtful = |change: &dyn Fn(&mut Trace)| {
        let mut trace = pen.trace();
        change(&mut trace);
        let seen = look(&trace, || pen.orders(), &limits());
        assert!(seen.in_doubt(), "{seen:?}");
    };
    doubtful(&|it| it.slices[200].furthest_nm = None);
    doubtful(&|it| it.slices[20].furthest_nm = None);
    doubtful(&|it| {
        it.slices.remove(300);
    });
    doubtful(&|it| it.slices.truncate(695));
    // What is not filled at the end is not missing.
    let mut unfinished = pen.trace();
    unfinished.slices.truncate(696);
    assert!(look(&unfinished, || pen.orders(), &limits()).held());
    doubtful(&|it| it.slices.clear());
    doubtful(&|it| it.strokes.swap(3, 4));
    doubtful(&|it| it.edges[4] = it.edges[5]);
    doubtful(&|it| it.slices.swap(3, 4));
    doubtful(&|it| it.events.swap(1, 2));
    doubtful(&|it| it.strokes[7].protrusion_nm = f64::NAN);
    doubtful(&|it| it.slices[7].current_ua = f64::INFINITY);
    doubtful(&|it| it.protrusion_u_nm = f64::NAN);
    doubtful(&|it| it.strokes.truncate(100));
    let nothing = look(&Trace::default(), || pen.orders(), &limits());
    assert!(nothing.in_doubt());
}

#[test]
fn a_hand_before_the_gauge_is_no_doubt_while_nothing_may_move() {
    let pen = Pen::default();
    let mut trace = pen.trace();
    let out = Event {
        at: s(0.15),
        what: What::Cartridge(None),
    };
    trace.events.insert(1, out);
    trace.slices[20].furthest_nm = None;
    let seen = look(&trace, || pen.orders(), &limits());
    assert!(seen.held(), "{seen:?}");
}
