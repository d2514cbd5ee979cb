//! Every form of every command, and what is said of lines that are none.

use super::*;
use firmware_units::StrokesPerMinute;

#[track_caller]
fn check(line: &str, expected: Command) {
    assert_eq!(parse(line), Ok(Some(expected)), "{line}");
}

#[test]
fn every_form_of_every_command_is_understood() {
    let ask = |line, request| check(line, Command::Ask(request));
    let act = |line, actuator, actuation| check(line, Command::Act(actuator, actuation));
    check("identify", Command::Identify);
    ask("status", Request::GetStatus);
    ask(
        "set depth 1.25",
        Request::Set(Setting::Depth(Micrometers(1_250))),
    );
    ask(
        "  SET dep 0.5 mm # remark",
        Request::Set(Setting::Depth(Micrometers(500))),
    );
    ask(
        "set rate 7000",
        Request::Set(Setting::Rate(StrokesPerMinute(7_000))),
    );
    ask(
        "set rate 116.667 /s",
        Request::Set(Setting::Rate(StrokesPerMinute(7_000))),
    );
    ask("get depth", Request::Get(SettingId::Depth));
    ask("get r", Request::Get(SettingId::Rate));
    ask("preset forehead", Request::SelectPreset(Preset::Forehead));
    ask(
        "preset frown lines",
        Request::SelectPreset(Preset::FrownLines),
    );
    ask("preset scar", Request::SelectPreset(Preset::Scars));
    ask("preset clear", Request::ClearPreset);
    check("preset list", Command::ListPresets);
    ask("unlock", Request::UnlockDepth);
    ask("lock", Request::LockDepth);
    ask("start", Request::Start);
    ask("stop", Request::Stop);
    ask("pause", Request::Pause);
    ask("section", Request::NextSection);
    ask("treatment", Request::GetTreatment);
    ask("end", Request::EndTreatment);
    check("faults", Command::Faults);
    ask("clear", Request::ClearFaults);
    ask("cartridge", Request::GetCartridge);
    check("log", Command::Log);
    check("link", Command::Link);
    ask("calibration", Request::GetCalibration);
    ask(
        "calibrate -0.4 0.500123mm",
        Request::Calibrate {
            home_protrusion: Nanometers(-400_000),
            screw_lead: Nanometers(500_123),
        },
    );
    ask(
        "telemetry 100",
        Request::SetTelemetryPeriod(Milliseconds(100)),
    );
    ask(
        "telemetry off",
        Request::SetTelemetryPeriod(Milliseconds::ZERO),
    );
    check("wait 2.5", Command::Wait(Nanoseconds(2_500_000_000)));
    check("raw 00 0102 fF", Command::Raw(vec![0, 1, 2, 255]));
    check("fit", Command::Fit(Cartridge::New));
    check("fit used", Command::Fit(Cartridge::Used));
    check("unfit", Command::Unfit);
    check("press", Command::Press);
    act(
        "load 0.2",
        Actuator::Needles,
        Actuation::NeedleLoad {
            needles: 14,
            force_per_needle: Millinewtons(200),
        },
    );
    act(
        "block on",
        Actuator::GaugeBlock,
        Actuation::GaugeBlock { present: true },
    );
    act(
        "supply 3.7",
        Actuator::Supply,
        Actuation::Supply(Millivolts(3_700)),
    );
    act("shaft free", Actuator::Shaft, Actuation::Shaft(Shaft::Free));
    act(
        "shaft lock",
        Actuator::Shaft,
        Actuation::Shaft(Shaft::Locked),
    );
    act(
        "shaft brake 1.5",
        Actuator::Shaft,
        Actuation::Shaft(Shaft::Brake(Micronewtonmeters(1_500))),
    );
    check("help", Command::Help(None));
    check("quit", Command::Quit);
}

#[test]
fn an_empty_line_or_a_remark_is_no_command() {
    for line in ["", "   ", "# set depth 1.25", "\t#"] {
        assert_eq!(parse(line), Ok(None), "{line}");
    }
}

#[test]
fn what_is_not_understood_is_said_with_what_to_do() {
    let lines = [
        "sttart",
        "st",
        "xyzzy",
        "set",
        "set depth",
        "set width 1",
        "set depth 1,25",
        "set depth 1.2505",
        "set rate 116.66/s",
        "get depth now",
        "preset",
        "preset s",
        "preset foot",
        "calibrate -0.4",
        "calibrate -0.4 0.5 mm",
        "calibrate -0.4 0.50000001",
        "telemetry",
        "telemetry often",
        "telemetry off now",
        "wait",
        "wait -1",
        "fit old",
        "fit used now",
        "load",
        "block",
        "block up",
        "supply 37",
        "shaft",
        "shaft brake",
        "shaft free 1",
        "raw",
        "raw 1",
        "raw 0g",
        "raw +1",
        "raw é0",
        "start now",
        "help sttart",
        "quit now",
    ];
    let said: Vec<String> = lines
        .into_iter()
        .map(|line| match parse(line) {
            Err(error) => format!("{line}: {error}"),
            Ok(command) => panic!("{line} is understood as {command:?}"),
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}
