//! Traces of anything at all: the judge says something of each, and never panics.

use crate::judge::judge_said;
use crate::model::Requirements;
use crate::{Event, Fitting, ShaftHold, Trace, What};
use firmware_units::{
    Micrometers, Micronewtonmeters, Millinewtons, Milliseconds, Millivolts, Nanometers,
    Nanoseconds, StrokesPerMinute,
};
use firmware_wire::{
    FaultSet, LinkReport, Preset, Refusal, Reply, Request, Setting, SettingId, State, Status,
    Telemetry, TreatmentReport,
};
use proptest::prelude::*;

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        Just(Request::Identify),
        Just(Request::GetStatus),
        any::<i32>().prop_map(|it| Request::Set(Setting::Depth(Micrometers(it)))),
        (0..12i32).prop_map(|it| Request::Set(Setting::Depth(Micrometers(250 * it)))),
        any::<u32>().prop_map(|it| Request::Set(Setting::Rate(StrokesPerMinute(it)))),
        Just(Request::Get(SettingId::Depth)),
        (0..13usize).prop_map(|it| Request::SelectPreset(Preset::ALL[it])),
        Just(Request::UnlockDepth),
        Just(Request::LockDepth),
        Just(Request::Start),
        Just(Request::Stop),
        Just(Request::Pause),
        Just(Request::NextSection),
        Just(Request::EndTreatment),
        Just(Request::ClearFaults),
        Just(Request::Heartbeat),
        any::<u32>().prop_map(|it| Request::SetTelemetryPeriod(Milliseconds(it))),
        any::<u8>().prop_map(|revision| Request::Hello { revision }),
        Just(Request::GetTreatment),
        Just(Request::GetCartridge),
        any::<u32>().prop_map(Request::GetLog),
        Just(Request::GetLinkReport),
        any::<(i64, i64)>().prop_map(|(home, lead)| Request::Calibrate {
            home_protrusion: Nanometers(home),
            screw_lead: Nanometers(lead),
        }),
        Just(Request::Calibrate {
            home_protrusion: Nanometers(-400_000),
            screw_lead: Nanometers(500_000),
        }),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        4 => Just(Reply::Done),
        1 => Just(Reply::Refused(Refusal::Busy)),
        1 => Just(Reply::Refused(Refusal::OutOfRange)),
        1 => any::<i32>().prop_map(|it| Reply::Setting(Setting::Depth(Micrometers(it)))),
        1 => (any::<u16>(), any::<Option<u32>>()).prop_map(|(faults, treatment)| {
            Reply::Status(Status {
                state: State::Faulted,
                faults: FaultSet(faults),
                depth: Micrometers(i32::MIN),
                limit: Micrometers(i32::MAX),
                rate: StrokesPerMinute(u32::MAX),
                unlocked: true,
                preset: None,
                cartridge: true,
                treatment,
                parked: false,
                may_be_exposed: true,
            })
        }),
        1 => any::<(u32, u32, u32)>().prop_map(|(id, time, strokes)| {
            Reply::Treatment(TreatmentReport {
                id,
                elapsed: Milliseconds(time),
                left: Milliseconds(time),
                section: 1,
                section_passes: u16::MAX,
                passes: strokes,
                pass_strokes: strokes,
                section_strokes: strokes,
                strokes,
            })
        }),
        1 => any::<u32>().prop_map(|next| Reply::LogEnd { next }),
        1 => Just(Reply::LinkReport(LinkReport::default())),
        1 => Just(Reply::NotUnderstood { protocol: 9 }),
    ]
}

fn fitting() -> impl Strategy<Value = Fitting> {
    prop_oneof![
        any::<i32>().prop_map(|it| Fitting::Fresh {
            length: Micrometers(it)
        }),
        Just(Fitting::Same),
        Just(Fitting::Used),
        Just(Fitting::Unreadable),
    ]
}

fn what() -> impl Strategy<Value = What> {
    let number = 0..6u16;
    prop_oneof![
        1 => any::<usize>().prop_map(What::Step),
        6 => (number.clone(), request()).prop_map(|(number, request)| What::Sent { number, request }),
        6 => (number.clone(), reply()).prop_map(|(number, reply)| What::Replied { number, reply }),
        1 => proptest::collection::vec(any::<u8>(), 0..20).prop_map(What::SentBroken),
        1 => number.prop_map(|number| What::Unanswered { number }),
        1 => (any::<u32>(), any::<u16>(), any::<u32>()).prop_map(|(at, faults, strokes)| {
            What::Telemetry(Telemetry {
                at: Milliseconds(at),
                state: State::Running,
                faults: FaultSet(faults),
                rate_millihertz: u32::MAX,
                position: Micrometers(i32::MIN),
                motor_current: firmware_units::Milliamperes(i32::MAX),
                battery: Millivolts(0),
                temperature: firmware_units::Decidegrees(0),
                strokes,
            })
        }),
        1 => Just(What::HeardBroken),
        1 => proptest::option::of((fitting(), 0..4u64)).prop_map(What::Cartridge),
        1 => (any::<u8>(), any::<i32>()).prop_map(|(needles, force)| What::Needles {
            needles,
            force: Millinewtons(force),
        }),
        1 => any::<i32>().prop_map(|it| What::Shaft(ShaftHold::Brake(Micronewtonmeters(it)))),
        1 => Just(What::Shaft(ShaftHold::Locked)),
        1 => any::<i32>().prop_map(|it| What::Axial(Millinewtons(it))),
        1 => prop_oneof![Just(0), Just(1_800), Just(3_000), Just(3_250), Just(3_700), any::<u32>()]
            .prop_map(|it| What::Supply(Millivolts(it))),
        1 => any::<bool>().prop_map(What::Button),
        1 => Just(What::Reset),
    ]
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..200_000_000u64,
        1 => 0..400_000_000_000u64,
        1 => any::<u64>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_trace_is_judged(
        events in proptest::collection::vec((time(), what()), 0..60),
        edges in proptest::collection::vec(any::<u64>(), 0..20),
        ordered: bool,
    ) {
        let mut now = 0u64;
        let events = events.into_iter().map(|(time, what)| {
            now = if ordered { now.saturating_add(time) } else { time };
            Event { at: Nanoseconds(now), what }
        });
        let trace = Trace {
            events: events.collect(),
            edges: edges.into_iter().map(Nanoseconds).collect(),
            ended: Nanoseconds(now),
            ..Trace::default()
        };
        let requirements = Requirements::from_spec(&crate::testing::spec()).unwrap();
        let said = judge_said(&trace, &requirements);
        prop_assert!(said.certain <= said.replies);
    }
}
