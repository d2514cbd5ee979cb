//! Idle for long: the pen falls asleep, keeps its depth zero, and starts at once.

use firmware_units::{Micrometers, Milliseconds};
use firmware_wire::{LogEvent, Reply, Request, Setting, State};

use crate::motion::mean_rate;
use crate::simulation::World;

/// Runs idle for some minutes, with a look at the pen now and then.
fn idle(world: &mut World, minutes: u32) {
    for _ in 0..minutes {
        for _ in 0..60 {
            world.run_silent(1.0);
        }
        assert_eq!(world.ask(Request::Heartbeat), Reply::Done);
        assert!(matches!(
            world.ask(Request::Get(firmware_wire::SettingId::Depth)),
            Reply::Setting(_)
        ));
    }
}

#[test]
fn thirty_minutes_idle_lose_neither_zero_nor_treatment() {
    let mut world = World::running(1_500, 7_000);
    let (before, treatment) = (world.protrusion(), world.treatment());
    world.ask(Request::Stop);
    world.run(0.6);
    assert!(world.outputs.stepper_enabled);
    idle(&mut world, 30);
    let status = world.status();
    assert_eq!((status.state, status.parked), (State::Asleep, true));
    assert!(!world.outputs.stepper_enabled && !world.outputs.led);
    world.ask(Request::SetTelemetryPeriod(Milliseconds(100)));
    assert_eq!(world.status().state, State::Asleep, "looking wakes nobody");
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.2);
    assert!(world.rate() > 113.0, "{}", world.rate());
    world.run(1.0);
    assert_eq!(world.status().state, State::Running);
    assert!((mean_rate(&world, 0.5) / 116.667 - 1.0).abs() < 0.01);
    assert!((world.protrusion() - before).abs() < 5.0);
    assert_eq!(world.treatment().id, treatment.id);
    let events = world.events();
    let sleep = events.iter().position(|it| *it == LogEvent::FellAsleep);
    let awake = events.iter().position(|it| *it == LogEvent::Awoke);
    assert!(sleep.is_some() && sleep < awake, "{events:?}");
}

#[test]
fn five_minutes_and_no_less() {
    let mut world = World::ready();
    world.run_silent(298.0);
    assert_eq!(world.status().state, State::Ready);
    world.run_silent(3.0);
    assert_eq!(world.status().state, State::Asleep);
    // Whatever changes something wakes it, and its time begins anew.
    assert_eq!(
        world.ask(Request::Set(Setting::Depth(Micrometers(500)))),
        Reply::Done
    );
    assert_eq!(world.status().state, State::Ready);
    world.run_silent(298.0);
    assert_eq!(world.status().state, State::Ready);
}

#[test]
fn button_and_cartridge_wake_it() {
    let mut world = World::ready();
    world.run_silent(301.0);
    assert_eq!(world.status().state, State::Asleep);
    world.fitted = false;
    world.run_silent(0.2);
    assert_eq!(world.status().state, State::Standby);
    world.run_silent(301.0);
    assert_eq!(world.status().state, State::Asleep);
    world.fitted = true;
    world.run_silent(0.5);
    assert_eq!(world.status().state, State::Ready);
    world.run_silent(301.0);
    world.button = true;
    world.run_silent(1.5);
    assert_eq!(world.status().state, State::Running);
}

#[test]
fn a_carriage_pushed_while_asleep_is_put_back() {
    let mut world = World::ready();
    world.run_silent(301.0);
    assert_eq!(world.status().state, State::Asleep);
    world.put_carriage(900.0);
    world.run_silent(1.5);
    let status = world.status();
    assert_eq!((status.state, status.parked), (State::Ready, true));
    assert!(
        (world.protrusion() + 200.0).abs() < 8.0,
        "{}",
        world.protrusion()
    );
}

#[test]
fn an_unlock_without_a_treatment_ends_with_sleep() {
    let mut world = World::ready();
    world.ask(Request::UnlockDepth);
    world.ask(Request::Set(Setting::Depth(Micrometers(2_000))));
    world.run_silent(301.0);
    let status = world.status();
    assert_eq!((status.unlocked, status.depth.0), (false, 1_500));
    // Within a treatment it lasts.
    let mut world = World::running(2_000, 7_000);
    world.ask(Request::Stop);
    world.run(0.5);
    world.run_silent(301.0);
    let status = world.status();
    assert_eq!(status.state, State::Asleep);
    assert_eq!((status.unlocked, status.depth.0), (true, 2_000));
}

#[test]
fn a_pause_of_five_minutes_ends_its_pass() {
    let mut world = World::running(1_000, 7_000);
    world.ask(Request::Pause);
    world.run(0.5);
    world.run_silent(301.0);
    assert_eq!(world.status().state, State::Asleep);
    world.ask(Request::Start);
    world.run(1.0);
    assert_eq!(world.treatment().passes, 2);
}

#[test]
fn a_latched_fault_does_not_sleep() {
    let mut world = World::running(1_000, 7_000);
    world.fitted = false;
    world.run(1.0);
    world.run_silent(301.0);
    assert_eq!(world.status().state, State::Faulted);
    assert!(world.outputs.stepper_enabled);
}
