//! Ceiling, depth, notches.

use super::pen::{Pen, limits, s};
use crate::seen::look;
use crate::seen::orders::Orders;
use crate::trace::{Event, Trace, What};
use crate::violation::Property;
use firmware_units::{Micrometers, Millinewtons, Nanoseconds};

/// The good pen, one stroke to this protrusion; U is 13.16 µm.
fn one_stroke(protrusion_nm: f64) -> crate::Seen {
    let pen = Pen::default();
    let mut trace = pen.trace();
    trace.strokes[200].protrusion_nm = protrusion_nm;
    look(&trace, || pen.orders(), &limits())
}

#[test]
fn one_stroke_beyond_the_ceiling_is_a_violation_less_its_uncertainty() {
    assert!(one_stroke(1_636_800.0).held());
    assert!(one_stroke(1_637_000.0).in_doubt());
    assert!(one_stroke(1_663_100.0).in_doubt());
    let beyond = one_stroke(1_663_200.0);
    assert_eq!(beyond.properties(), [Property::Ceiling]);
    let violation = &beyond.violations[0];
    assert_eq!(violation.step, 1);
    assert_eq!(
        violation.expected,
        "no stroke beyond 1.650 mm (0.150 mm above 1.500 mm; DEP-09-D1)"
    );
    assert_eq!(
        violation.observed,
        "1 in a row, the furthest to 1.663 mm ± 0.013 mm"
    );
}

#[test]
fn a_ceiling_that_falls_holds_after_the_time_of_a_stop() {
    let pen = Pen::default();
    let lowered = |at| {
        let mut orders = pen.orders();
        orders.ceiling.set(s(at), Some(Micrometers(1_000)));
        look(&pen.trace(), || orders.clone(), &limits())
    };
    assert!(lowered(4.99).held());
    assert_eq!(lowered(4.0).properties(), [Property::Ceiling]);
}

#[test]
fn the_ceiling_holds_strokes_in_start_and_stop_too() {
    let pen = Pen::default();
    for idx in [0, pen.trace().strokes.len() - 1] {
        let mut trace = pen.trace();
        trace.strokes[idx].protrusion_nm = 1_700_000.0;
        let seen = look(&trace, || pen.orders(), &limits());
        assert_eq!(seen.properties(), [Property::Ceiling]);
    }
}

#[test]
fn needles_that_stand_beyond_the_ceiling_are_beyond_it_with_no_stroke_at_all() {
    let pen = Pen::default();
    let standing = |furthest| {
        let mut trace = pen.trace();
        // 1.00 to 1.01 s: the carriage moves out, the cam stands.
        trace.slices[100].furthest_nm = Some(furthest);
        look(&trace, || pen.orders(), &limits())
    };
    assert!(standing(1_670_000.0).held());
    assert_eq!(standing(1_680_000.0).properties(), [Property::Ceiling]);
}

/// A pen at a depth, off by so much.
#[track_caller]
fn check_depth(depth: i32, offset_nm: f64, expected: &[Property], in_doubt: bool) {
    let pen = Pen {
        depth: Micrometers(depth),
        ceiling: Micrometers(2_500),
        offset_nm,
        ..Pen::default()
    };
    let seen = pen.seen();
    assert_eq!(seen.properties(), expected, "{seen:?}");
    assert_eq!(seen.inconclusive.is_some(), in_doubt, "{seen:?}");
    assert_eq!(seen.judged.steady_runs, 1);
}

#[test]
fn settled_strokes_are_as_deep_as_set() {
    // Guard band of the rows: 0.83 of U, 12 µm and a little: 10 µm.
    for depth in [250, 750, 1_500, 2_000] {
        check_depth(depth, 139_000.0, &[], false);
        check_depth(depth, 145_000.0, &[], true);
        check_depth(depth, 161_000.0, &[Property::Depth], false);
        check_depth(depth, -139_000.0, &[], false);
        check_depth(depth, -161_000.0, &[Property::Depth], false);
    }
}

#[test]
fn at_depth_zero_no_stroke_comes_out() {
    // The park position is its target: -0.20 mm.
    check_depth(0, -200_000.0, &[], false);
    check_depth(0, 64_000.0, &[Property::Depth], false);
}

#[test]
fn a_force_on_the_nose_excludes_a_run_from_depth() {
    let pen = Pen {
        offset_nm: -200_000.0,
        ..Pen::default()
    };
    let mut trace = pen.trace();
    trace.events.insert(
        1,
        Event {
            at: s(0.9),
            what: What::Axial(Millinewtons(1_000)),
        },
    );
    let seen = look(&trace, || pen.orders(), &limits());
    assert!(seen.held(), "{seen:?}");
    assert_eq!(seen.judged.steady_runs, 0);
}

/// Two runs one after the other.
fn two_runs(first: &Pen, second: &Pen) -> (Trace, Orders) {
    let shift = first.trace().ended;
    let mut trace = first.trace();
    let mut orders = first.orders();
    let (next, next_orders) = (second.trace(), second.orders());
    let later = |at: Nanoseconds| at + shift;
    trace.edges.extend(next.edges.iter().map(|it| later(*it)));
    trace.strokes.extend(next.strokes.iter().map(|it| {
        let mut it = *it;
        it.at = later(it.at);
        it
    }));
    trace.slices.extend(next.slices.iter().map(|it| {
        let mut it = *it;
        it.until = later(it.until);
        it
    }));
    trace.ended = later(next.ended);
    for span in next_orders.motion.spans(next.ended) {
        orders.motion.set(later(span.from), *span.value);
    }
    orders.depth.set(shift, Some(second.depth));
    orders.ends.extend(next_orders.ends.iter().map(|it| {
        let mut it = *it;
        (it.at, it.due) = (later(it.at), later(it.due));
        it
    }));
    (trace, orders)
}

#[test]
fn a_deeper_setting_gives_deeper_strokes() {
    let at = |depth, offset_nm| Pen {
        depth: Micrometers(depth),
        ceiling: Micrometers(2_500),
        offset_nm,
        ..Pen::default()
    };
    let check = |first: Pen, second: Pen, expected: &[Property]| {
        for (one, other) in [(&first, &second), (&second, &first)] {
            let (trace, orders) = two_runs(one, other);
            let seen = look(&trace, || orders.clone(), &limits());
            assert_eq!(seen.properties(), expected, "{seen:?}");
            assert_eq!(seen.judged.notches, 1);
        }
    };
    check(at(1_000, 0.0), at(1_250, 0.0), &[]);
    // 0.052 mm of 0.25 mm are left, then 0.048 mm.
    check(at(1_000, 99_000.0), at(1_250, -99_000.0), &[]);
    check(
        at(1_000, 101_000.0),
        at(1_250, -101_000.0),
        &[Property::Notches],
    );
    // Over two notches twice as much must be left.
    check(at(1_000, 139_000.0), at(1_500, -139_000.0), &[]);
    let (first, second) = (at(1_000, 199_000.0), at(1_500, -199_000.0));
    let depths = [Property::Depth, Property::Depth];
    check(first, second, &depths);
    // 0.096 mm in two notches, where one would do with 0.05 mm.
    let (first, second) = (at(1_000, 202_000.0), at(1_500, -202_000.0));
    let (trace, orders) = two_runs(&first, &second);
    let seen = look(&trace, || orders.clone(), &limits());
    let all = [Property::Depth, Property::Depth, Property::Notches];
    assert_eq!(seen.properties(), all, "{seen:?}");
}
