//! Properties of judging itself, on traces that no pen would make.

use super::pen::{Pen, limits, s};
use crate::action::{Fitting, ShaftHold};
use crate::model::Requirements;
use crate::seen::orders::{Cause, End, Motion, Orders};
use crate::seen::series::Series;
use crate::seen::{look, see};
use crate::testing::spec;
use crate::trace::{Event, Slice, Stroke, Trace, What};
use firmware_units::{Micrometers, Millinewtons, Millivolts, Nanoseconds, StrokesPerMinute};
use firmware_wire::{Reply, Request, Setting};
use proptest::prelude::*;

fn times(count: usize) -> impl Strategy<Value = Vec<Nanoseconds>> {
    let time = prop_oneof![0..20_000_000_000_u64, Just(u64::MAX), Just(0)];
    (proptest::collection::vec(time, 0..count), any::<bool>()).prop_map(|(mut times, sorted)| {
        if sorted {
            times.sort_unstable();
            times.dedup();
        }
        times.into_iter().map(Nanoseconds).collect()
    })
}

fn length() -> impl Strategy<Value = f64> {
    prop_oneof![
        9 => -4e6..4e6_f64,
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::MAX), Just(f64::MIN)],
    ]
}

fn what() -> impl Strategy<Value = What> {
    let request = prop_oneof![
        Just(Request::Start),
        Just(Request::Stop),
        Just(Request::Pause),
        Just(Request::Heartbeat),
        Just(Request::EndTreatment),
        (0..3_000_i32).prop_map(|it| Request::Set(Setting::Depth(Micrometers(it)))),
    ];
    prop_oneof![
        (0..9_usize).prop_map(What::Step),
        (any::<u16>(), request).prop_map(|(number, request)| What::Sent { number, request }),
        any::<u16>().prop_map(|number| What::Replied {
            number,
            reply: Reply::Done
        }),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(What::SentBroken),
        Just(What::Reset),
        any::<bool>().prop_map(What::Button),
        prop_oneof![Just(None), Just(Some((Fitting::Used, 7)))].prop_map(What::Cartridge),
        (0..5_000_u32).prop_map(|it| What::Supply(Millivolts(it))),
        (-9..9_i32).prop_map(|it| What::Axial(Millinewtons(it))),
        prop_oneof![Just(ShaftHold::Free), Just(ShaftHold::Locked)].prop_map(What::Shaft),
    ]
}

prop_compose! {
    fn traces()(
        at in times(40),
        whats in proptest::collection::vec(what(), 40),
        strokes in times(60),
        edges in times(60),
        slices in times(60),
        lengths in proptest::collection::vec(length(), 60),
        u in length(),
        ended in prop_oneof![0..20_000_000_000_u64, Just(u64::MAX), Just(0)],
    ) -> Trace {
        let events = at.into_iter().zip(whats);
        let strokes = strokes.into_iter().zip(&lengths);
        let slices = slices.into_iter().zip(&lengths);
        Trace {
            events: events.map(|(at, what)| Event { at, what }).collect(),
            strokes: strokes
                .map(|(at, it)| Stroke { at, protrusion_nm: *it, u_nm: it.abs() / 9.0 })
                .collect(),
            edges,
            slices: slices
                .map(|(until, it)| Slice {
                    until,
                    furthest_nm: (*it > -3e6).then_some(*it),
                    current_ua: *it,
                })
                .collect(),
            protrusion_u_nm: u,
            ended: Nanoseconds(ended),
            stuck: None,
        }
    }
}

prop_compose! {
    fn any_orders()(
        at in times(12),
        motions in proptest::collection::vec(
            prop_oneof![
                Just(Motion::Forbidden),
                Just(Motion::Still),
                Just(Motion::Open),
                Just(Motion::Commanded),
            ],
            12,
        ),
        depth in proptest::option::of((i32::MIN..i32::MAX).prop_map(Micrometers)),
        rate in proptest::option::of(any::<u32>().prop_map(StrokesPerMinute)),
    ) -> Orders {
        let mut motion = Series::new(Motion::Forbidden);
        for (at, it) in at.iter().zip(motions) {
            motion.set(*at, it);
        }
        let ends = at.iter().map(|at| End { at: Nanoseconds::ZERO, cause: Cause::Asked, due: *at });
        Orders {
            motion,
            depth: Series::new(depth),
            rate: Series::new(rate),
            ceiling: Series::new(depth),
            ends: ends.collect(),
            starts: at,
            lost: false,
        }
    }
}

/// The trace later by so many slices, at rest before.
fn shifted(trace: &Trace, slices: u64) -> Trace {
    let by = s(0.01 * slices as f64);
    let mut trace = trace.clone();
    for event in &mut trace.events {
        event.at = event.at + by;
    }
    for stroke in &mut trace.strokes {
        stroke.at = stroke.at + by;
    }
    for edge in &mut trace.edges {
        *edge = *edge + by;
    }
    for slice in &mut trace.slices {
        slice.until = slice.until + by;
    }
    let rest = (1..=slices).map(|it| Slice {
        until: s(0.01 * it as f64),
        furthest_nm: Some(-2e5),
        current_ua: 0.0,
    });
    trace.slices = rest.chain(trace.slices).collect();
    trace.ended = trace.ended + by;
    trace
}

proptest! {
    #[test]
    fn no_trace_makes_a_judge_panic(trace in traces(), orders in any_orders()) {
        let _ = look(&trace, || orders, &limits());
    }

    #[test]
    fn nor_does_one_with_the_model(trace in traces()) {
        let requirements = Requirements::from_spec(&spec()).unwrap();
        let _ = see(&trace, &requirements);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shifting_a_trace_in_time_changes_nothing(
        (speed, offset_nm, braking_s, parking_s) in (0.9..1.5_f64, -2e5..2e5_f64, 0.1..0.9_f64, 0.1..0.9_f64),
        stray_s in 0.0..6.9_f64,
        slices in 1..500_u64,
    ) {
        let pen = Pen { speed, offset_nm, braking_s, parking_s, ..Pen::default() };
        let late_s = 0.01 * slices as f64;
        let late = Pen {
            start_s: pen.start_s + late_s,
            stop_s: pen.stop_s + late_s,
            ..pen.clone()
        };
        let mut trace = pen.trace();
        trace.edges.push(s(stray_s));
        trace.edges.sort();
        trace.edges.dedup();
        let seen = look(&trace, || pen.orders(), &limits());
        let seen_late = look(&shifted(&trace, slices), || late.orders(), &limits());
        let mut judged = seen.judged;
        judged.forbidden = judged.forbidden + s(late_s);
        prop_assert_eq!(judged, seen_late.judged);
        prop_assert_eq!(seen.inconclusive.is_some(), seen_late.inconclusive.is_some());
        let found = |violations: &[crate::Violation], by| {
            let found = violations.iter().map(|it| (it.property, it.at + by, it.step));
            found.collect::<Vec<_>>()
        };
        prop_assert_eq!(
            found(&seen.violations, s(late_s)),
            found(&seen_late.violations, Nanoseconds::ZERO)
        );
    }
}
