//! Settings, repeated frames and telemetry.

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{DecodeError, Frame, Preset, Refusal, Reply, Request, Setting, SettingId};

use crate::motion::mean_rate;
use crate::simulation::World;

#[test]
fn settings_read_back_and_stand_while_running() {
    let mut world = World::running(1_000, 7_000);
    let set = Request::Set(Setting::Depth(Micrometers(500)));
    assert_eq!(world.ask(set), Reply::Refused(Refusal::Running));
    assert_eq!(
        world.ask(Request::SelectPreset(Preset::Nose)),
        Reply::Refused(Refusal::Running)
    );
    assert_eq!(world.ask(Request::Start), Reply::Refused(Refusal::Running));
    let rate = Setting::Rate(StrokesPerMinute(6_000));
    assert_eq!(world.ask(Request::Set(rate)), Reply::Done);
    assert_eq!(
        world.ask(Request::Get(SettingId::Rate)),
        Reply::Setting(rate)
    );
    let depth = Setting::Depth(Micrometers(1_000));
    assert_eq!(
        world.ask(Request::Get(SettingId::Depth)),
        Reply::Setting(depth)
    );
    world.run(2.0);
    assert!((mean_rate(&world, 1.0) / 100.0 - 1.0).abs() < 0.01);
}

#[test]
fn a_repeated_frame_is_answered_again_and_not_acted_on_again() {
    let mut world = World::ready();
    let start = Frame {
        sequence: 900,
        message: Request::Start,
    };
    let first = world.pen.receive(Ok(start)).unwrap();
    let again = world.pen.receive(Ok(start)).unwrap();
    assert_eq!((first, first.message), (again, Reply::Done));
    let other = Frame {
        sequence: 900,
        message: Request::Heartbeat,
    };
    world.pen.receive(Ok(other)).unwrap();
    assert_eq!(world.pen.receive(Err(DecodeError::Malformed)), None);
    assert_eq!(world.pen.receive(Err(DecodeError::Oversized)), None);
    let foreign = Err(DecodeError::Version {
        version: 2,
        sequence: 5,
    });
    let answer = world.pen.receive(foreign).unwrap();
    assert_eq!(
        answer,
        Frame {
            sequence: 5,
            message: Reply::NotUnderstood { protocol: 1 }
        }
    );
    world
        .pen
        .receive(Err(DecodeError::Message { sequence: 6 }))
        .unwrap();
    let Reply::LinkCounters(counters) = world.ask(Request::GetLinkCounters) else {
        panic!()
    };
    assert_eq!((counters.malformed, counters.oversized), (1, 1));
    assert_eq!((counters.not_understood, counters.repeated), (2, 1));
}

#[test]
fn stop_is_acted_on_however_often_it_comes() {
    let mut world = World::running(1_000, 7_000);
    let stop = Frame {
        sequence: 900,
        message: Request::Stop,
    };
    world.pen.receive(Ok(stop)).unwrap();
    world.run_silent(0.3);
    // Started by the button, the pen runs without a host, and the next host counts anew.
    world.button = true;
    world.run_silent(0.2);
    world.button = false;
    world.run_silent(1.5);
    assert!(world.rate() > 20.0, "{}", world.rate());
    world.pen.receive(Ok(stop)).unwrap();
    world.run_silent(1.0);
    assert!(world.rate() < 1.0, "{}", world.rate());
}

#[test]
fn telemetry_comes_at_its_period_and_says_zero_at_rest() {
    let mut world = World::ready();
    assert_eq!(
        world.ask(Request::SetTelemetryPeriod(Milliseconds(9))),
        Reply::Refused(Refusal::OutOfRange)
    );
    world.ask(Request::SetTelemetryPeriod(Milliseconds(20)));
    world.begin(1_000, 7_000);
    world.run(2.0);
    assert_eq!(world.telemetry.len(), 100);
    let last = *world.telemetry.last().unwrap();
    assert!(last.rate_millihertz.abs_diff(116_667) < 500, "{last:?}");
    // The sensor is on the motor's side of the backlash.
    assert!((last.position.0 - 1_000).abs() < 40, "{last:?}");
    assert!((last.motor_current.0 - 250).abs() < 60, "{last:?}");
    world.ask(Request::Stop);
    world.run(0.3);
    world.telemetry.clear();
    world.run(0.5);
    assert!(world.telemetry.iter().all(|it| it.rate_millihertz == 0));
    world.ask(Request::SetTelemetryPeriod(Milliseconds(0)));
    world.telemetry.clear();
    world.run(0.5);
    assert!(world.telemetry.is_empty());
}
