//! Replies and reports as they are shown.

use super::*;
use firmware_units::{Decidegrees, Milliamperes, Millivolts, Nanometers, StrokesPerMinute};
use firmware_wire::{Calibration, DecodeError, Fault, FaultSet, Frame, LogEvent, Refusal, State};

#[track_caller]
fn check(request: Request, answer: Option<Reply>, expected: &str) {
    let actual = reply(request, answer, 0, Some(Micrometers(1_500)));
    assert_eq!(actual, expected, "{request:?}");
}

#[test]
fn what_was_done_is_said_with_the_value_set() {
    let check = |request, expected| check(request, Some(Reply::Done), expected);
    let depth = Request::Set(Setting::Depth(Micrometers(1_250)));
    check(depth, "set: depth 1.25 mm");
    check(
        Request::Set(Setting::Rate(StrokesPerMinute(6_000))),
        "set: rate 6000 strokes/min (100.000/s)",
    );
    check(
        Request::SelectPreset(Preset::Lips),
        "preset lips chosen, its depth set",
    );
    let period = |millis| Request::SetTelemetryPeriod(Milliseconds(millis));
    check(period(0), "telemetry off");
    check(period(100), "telemetry every 100 ms");
}

#[test]
fn silence_refusals_and_words_unknown_to_the_pen_are_told_apart() {
    check(Request::Start, None, "no answer within 0.25 s");
    let protocol = 1;
    check(
        Request::Pause,
        Some(Reply::NotUnderstood { protocol }),
        "this pen's firmware does not know that (revision 0)",
    );
    check(
        Request::Start,
        Some(Reply::Refused(Refusal::NoCartridge)),
        "refused: no cartridge is fitted; `fit` one",
    );
    check(
        Request::Set(Setting::Depth(Micrometers(2_000))),
        Some(Reply::Refused(Refusal::AboveArmedLimit)),
        "refused: above the armed limit, 1.50 mm at most now; `unlock` first",
    );
}

const STATUS: Status = Status {
    state: State::Faulted,
    faults: FaultSet::NONE.with(Fault::Stall).with(Fault::BrownOut),
    depth: Micrometers(1_250),
    limit: Micrometers(2_500),
    rate: StrokesPerMinute(7_000),
    unlocked: true,
    preset: Some(Preset::Scars),
    cartridge: true,
    treatment: Some(77),
    parked: false,
    may_be_exposed: true,
};
const COUNTERS: LinkCounters = LinkCounters {
    accepted: 1,
    malformed: 2,
    oversized: 3,
    not_understood: 4,
    repeated: 5,
};

#[test]
fn reports_stand_in_aligned_lines() {
    let calibration = Calibration {
        generation: 7,
        serial: *b"PA1-00000042",
        hardware_revision: b'C',
        home_protrusion: Nanometers(-412_345),
        screw_lead: Nanometers(500_012),
    };
    let treatment = TreatmentReport {
        id: 77,
        elapsed: Milliseconds(61_500),
        left: Milliseconds(3_538_500),
        section: 2,
        section_passes: 1,
        passes: 3,
        pass_strokes: 10,
        section_strokes: 20,
        strokes: 30,
    };
    let cartridge = CartridgeReport {
        id: 0x0123_4567_89AB_CDEF,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment: Some(77),
    };
    let entry = LogEntry {
        number: 12,
        boot: 3,
        at: Milliseconds(61_500),
        event: LogEvent::FaultLatched(Fault::NoseHot),
    };
    let report = LinkReport {
        counters: COUNTERS,
        out_of_order: 6,
        truncated: 7,
        receive_errors: 8,
    };
    let rig = LinkCounts {
        sent: 9,
        received: 10,
        malformed: 11,
        unanswered: 12,
    };
    let telemetry = Telemetry {
        at: Milliseconds(1_234),
        state: State::Running,
        faults: FaultSet::NONE,
        rate_millihertz: 116_675,
        position: Micrometers(1_247),
        motor_current: Milliamperes(-3),
        battery: Millivolts(3_686),
        temperature: Decidegrees(221),
        strokes: 87,
    };
    let faulted = Telemetry {
        faults: STATUS.faults,
        ..telemetry
    };
    let at = Nanoseconds(12_345_678_901);
    let frame = Frame {
        sequence: 7,
        message: Reply::Done,
    };
    let ask = |answer| reply(Request::GetStatus, Some(answer), 1, None);
    let texts = [
        ask(Reply::Status(STATUS)),
        ask(Reply::Status(Status {
            faults: FaultSet::NONE,
            unlocked: false,
            preset: None,
            cartridge: false,
            treatment: None,
            parked: true,
            may_be_exposed: false,
            ..STATUS
        })),
        faults(&STATUS),
        presets(Some(Preset::Cheek)),
        ask(Reply::Calibration(calibration)),
        ask(Reply::Treatment(treatment)),
        ask(Reply::Cartridge(cartridge)),
        log_entry(&entry),
        link(&COUNTERS, None, rig),
        link(&COUNTERS, Some(&report), rig),
        super::telemetry(at, &telemetry) + "\n" + &super::telemetry(at, &faulted),
        heard(&[]),
        heard(&[
            Ok(frame),
            Err(DecodeError::Malformed),
            Err(DecodeError::Message { sequence: 8 }),
        ]),
        ask(Reply::LogEnd { next: 3 }),
    ];
    insta::assert_snapshot!(texts.join("\n\n"));
}
