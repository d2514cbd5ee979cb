//! What is written reads as it was; what is wrong is said with its place and what would be right.

use super::read;
use crate::action::{Action, Fitting, Sequence, ShaftHold, Step};
use firmware_units::{
    Micrometers, Micronewtonmeters, Microseconds, Millinewtons, Milliseconds, Millivolts,
    Nanometers, StrokesPerMinute,
};
use firmware_wire::{Preset, Request, Setting, SettingId};
use proptest::prelude::*;

fn any_request() -> impl Strategy<Value = Request> {
    let nm = -999_999_999_999_999_999_i64..=999_999_999_999_999_999;
    prop_oneof![
        Just(Request::Identify),
        Just(Request::GetStatus),
        any::<i32>().prop_map(|it| Request::Set(Setting::Depth(Micrometers(it)))),
        any::<u32>().prop_map(|it| Request::Set(Setting::Rate(StrokesPerMinute(it)))),
        Just(Request::Get(SettingId::Depth)),
        Just(Request::Get(SettingId::Rate)),
        prop::sample::select(&Preset::ALL[..]).prop_map(Request::SelectPreset),
        Just(Request::ClearPreset),
        Just(Request::UnlockDepth),
        Just(Request::LockDepth),
        Just(Request::Start),
        Just(Request::Stop),
        Just(Request::EndTreatment),
        Just(Request::ClearFaults),
        Just(Request::Heartbeat),
        any::<u32>().prop_map(|it| Request::SetTelemetryPeriod(Milliseconds(it))),
        Just(Request::SetTelemetryPeriod(Milliseconds(0))),
        Just(Request::GetCalibration),
        Just(Request::GetLinkCounters),
        any::<u8>().prop_map(|revision| Request::Hello { revision }),
        Just(Request::Pause),
        Just(Request::NextSection),
        Just(Request::GetTreatment),
        Just(Request::GetCartridge),
        any::<u32>().prop_map(Request::GetLog),
        Just(Request::GetLinkReport),
        (nm.clone(), nm).prop_map(|(home, lead)| Request::Calibrate {
            home_protrusion: Nanometers(home),
            screw_lead: Nanometers(lead),
        }),
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    let fitting = prop_oneof![
        (0..=10_000_i32).prop_map(|it| Fitting::Fresh {
            length: Micrometers(it)
        }),
        Just(Fitting::Same),
        Just(Fitting::Used),
        Just(Fitting::Unreadable),
    ];
    let force = || (0..=10_000_i32).prop_map(Millinewtons);
    prop_oneof![
        Just(Action::Nothing),
        any_request().prop_map(Action::Send),
        prop::collection::vec(any_request(), 0..4).prop_map(Action::Burst),
        Just(Action::Repeat),
        (any_request(), 1..=1_000_u16).prop_map(|(request, back)| Action::Late { request, back }),
        (any_request(), any::<u8>())
            .prop_map(|(request, bytes)| Action::CutShort { request, bytes }),
        (any_request(), any::<u16>()).prop_map(|(request, bit)| Action::Flipped { request, bit }),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(Action::Garbage),
        any::<bool>().prop_map(Action::Heartbeats),
        prop::option::of(fitting).prop_map(Action::Cartridge),
        (any::<u8>(), force()).prop_map(|(needles, force)| Action::Needles { needles, force }),
        Just(Action::Shaft(ShaftHold::Free)),
        Just(Action::Shaft(ShaftHold::Locked)),
        (0..=100_000_i32).prop_map(|it| Action::Shaft(ShaftHold::Brake(Micronewtonmeters(it)))),
        force().prop_map(Action::Axial),
        (0..=5_000_u32).prop_map(|it| Action::Supply(Millivolts(it))),
        any::<bool>().prop_map(Action::Button),
        Just(Action::Reset),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![
        0..=1_000_000_u64,
        (0..=1_000_u64).prop_map(|it| it * 1_000),
        0..=86_400_000_000_u64,
    ];
    (after, any_action()).prop_map(|(after, action)| Step {
        after: Microseconds(after),
        action,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_reads_as_it_was(steps in prop::collection::vec(any_step(), 0..8)) {
        let sequence = Sequence { steps };
        let text = sequence.to_string();
        prop_assert!(!text.contains(" \n"), "{}", text);
        prop_assert_eq!(read(&text), Ok(sequence));
    }

    #[test]
    fn nothing_that_is_typed_is_read_with_a_panic(text in "[ -~\n;#]{0,60}") {
        let _ = read(&text);
    }

    #[test]
    fn a_step_with_a_slip_is_refused_or_reads_otherwise(step in any_step(), place: prop::sample::Index) {
        let text = step.to_string();
        let slip = place.index(text.len());
        let changed: String = text
            .chars()
            .enumerate()
            .map(|(at, it)| if at == slip { '~' } else { it })
            .collect();
        let defects = read(&changed);
        prop_assert!(defects.is_err() , "{} reads", changed);
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let actual = match read(text) {
        Ok(sequence) => sequence.to_string(),
        Err(defects) => defects
            .iter()
            .map(|it| format!("{it}\n"))
            .collect::<String>(),
    };
    assert_eq!(actual, expected, "{text}");
}

#[test]
fn people_may_write_it_otherwise() {
    check(
        "\n# a run\nafter 1s   send   start # here\n  supply 3.100 V\nafter 90.0 s burst stop;set depth 2.5mm\nshaft brake 1.5mN m",
        "after 1 s  send start\nafter 0 s  supply 3.1 V\nafter 90 s  burst stop; set depth 2.50 mm\n\
         after 0 s  shaft brake 1.5 mN m\n",
    );
    check("", "");
    check("burst\ngarbage\n", "after 0 s  burst\nafter 0 s  garbage\n");
    check(
        "telemetry 0 ms",
        "line 1, column 1: `telemetry` is not one of `nothing`, `send`, `burst`, `repeat`, `late`, `cut`, `flipped`, `garbage`, `heartbeats`, `cartridge`, `load`, `shaft`, `axial`, `supply`, `button`, `reset`, `hang` or `recalibrate`; did you mean `send telemetry`?\n",
    );
    check("send telemetry 0 ms", "after 0 s  send telemetry off\n");
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_would_be_right() {
    for (text, expected) in [
        (
            "after 1 s",
            "line 1, column 10: the line ends where a word such as `send` is wanted\n",
        ),
        (
            "after",
            "line 1, column 6: the line ends where a number as in `0.250 s` is wanted\n",
        ),
        (
            "after 1 ms reset",
            "line 1, column 9: `ms` is not the unit `s`, as in `0.250 s`\n",
        ),
        (
            "after 1",
            "line 1, column 8: the line ends where the unit `s` is wanted\n",
        ),
        (
            "after 0.0000001 s reset",
            "line 1, column 7: `0.0000001 s` is finer than 0.000001 s\n",
        ),
        (
            "after 90000 s reset",
            "line 1, column 7: `90000 s` is not within 0 s to 86400 s\n",
        ),
        (
            "after -1 s reset",
            "line 1, column 7: `-1 s` is not within 0 s to 86400 s\n",
        ),
        (
            "after 1,5 s reset",
            "line 1, column 7: `1,5` is no decimal number; write it as in `0.250 s`\n",
        ),
        (
            "after soon reset",
            "line 1, column 7: `soon` is no decimal number; write it as in `0.250 s`\n",
        ),
        (
            "reset\n\nafter 1 s  button dwon",
            "line 3, column 19: `dwon` is not one of `down` or `up`; did you mean `down`?\n",
        ),
        (
            "send set dept 1 mm",
            "line 1, column 10: `dept` is not one of `depth` or `rate`; did you mean `depth`?\n",
        ),
        (
            "send set rate 7000 /s",
            "line 1, column 20: `/s` is not the unit `/min`, as in `7000 /min`\n",
        ),
        (
            "send set rate 4294967296 /min",
            "line 1, column 15: `4294967296 /min` is not within 0 /min to 4294967295 /min\n",
        ),
        (
            "send set depth 99999999999999999 mm",
            "line 1, column 16: `99999999999999999 mm` is not within -2147483.648 mm to 2147483.647 mm\n",
        ),
        (
            "send start now",
            "line 1, column 12: `now` is too much; the step ends before it\n",
        ),
        (
            "supply 37 V",
            "line 1, column 8: `37 V` is not within 0.0 V to 5.0 V\n",
        ),
        (
            "garbage 00 f",
            "line 1, column 12: `f` is no byte in hexadecimal, two digits each, as in `garbage 00 ff 12`\n",
        ),
        (
            "garbage +1",
            "line 1, column 9: `+1` is no byte in hexadecimal, two digits each, as in `garbage 00 ff 12`\n",
        ),
        (
            "late 0 of stop",
            "line 1, column 6: `0` is not within 1 to 1000\n",
        ),
        (
            "late 3 off stop",
            "line 1, column 8: `off` is not `of`; did you mean `of`?\n",
        ),
        (
            "cut short after 300 bytes of stop",
            "line 1, column 17: `300` is not within 0 to 255\n",
        ),
        (
            "burst stop set depth 1 mm",
            "line 1, column 12: `set` is not `;`\n",
        ),
        (
            "burst stop;",
            "line 1, column 12: the line ends where a word such as `status` is wanted\n",
        ),
        (
            "send preset frown lines",
            "line 1, column 13: `frown` is not one of `patch-test`, `forehead`, `cheek`, `chin`, `nose`, `eyes`, `frown-lines`, `lips`, `neck`, `decolletage`, `hands`, `stretch-marks`, `scars` or `clear`\n",
        ),
        (
            "é send",
            "line 1, column 1: `é` is not one of `nothing`, `send`, `burst`, `repeat`, `late`, `cut`, `flipped`, `garbage`, `heartbeats`, `cartridge`, `load`, `shaft`, `axial`, `supply`, `button`, `reset`, `hang` or `recalibrate`\n",
        ),
        (
            "bad\nworse\nreset",
            "line 1, column 1: `bad` is not one of `nothing`, `send`, `burst`, `repeat`, `late`, `cut`, `flipped`, `garbage`, `heartbeats`, `cartridge`, `load`, `shaft`, `axial`, `supply`, `button`, `reset`, `hang` or `recalibrate`\nline 2, column 1: `worse` is not one of `nothing`, `send`, `burst`, `repeat`, `late`, `cut`, `flipped`, `garbage`, `heartbeats`, `cartridge`, `load`, `shaft`, `axial`, `supply`, `button`, `reset`, `hang` or `recalibrate`\n",
        ),
    ] {
        check(text, expected);
    }
}
