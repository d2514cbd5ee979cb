//! Faults: found in time, latched, safe, cleared on purpose.

use firmware_core::{AnalogCounts, BootInfo, ResetCause};
use firmware_wire::{
    BootCause, CalibrationError, Fault, FaultSet, LogEvent, Refusal, Reply, Request, State,
};

use crate::motion::peak_rate;
use crate::simulation::{Ram, World, boot, chip};

/// Runs until the motor's current is off for good; how long that took from now.
fn current_off(world: &mut World, seconds: f64) -> f64 {
    let start = world.seconds();
    let mut last = start;
    for _ in 0..(seconds * 500.0) as u32 {
        world.ask(Request::Heartbeat);
        world.tick();
        if world.current.abs() > 0.02 {
            last = world.seconds();
        }
    }
    last - start
}

#[track_caller]
fn check_fault(world: &mut World, fault: Fault) {
    let status = world.status();
    assert_eq!(
        (status.state, status.faults),
        (State::Faulted, FaultSet::NONE.with(fault))
    );
    assert!(
        !world.outputs.cutoff_closed && world.outputs.duty == 0,
        "{:?}",
        world.outputs
    );
    assert_eq!(world.ask(Request::Start), Reply::Refused(Refusal::Faulted));
}

#[test]
fn a_locked_shaft_is_switched_off_in_time() {
    for rate in [3_000, 9_000] {
        let mut world = World::running(1_000, rate);
        world.motor.locked = true;
        world.speed = 0.0;
        let took = current_off(&mut world, 0.6);
        assert!(took < 0.25, "{took} s");
        check_fault(&mut world, Fault::Stall);
        assert!(world.status().parked);
        world.motor.locked = false;
        assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
        assert_eq!(world.ask(Request::Start), Reply::Done);
        world.run(1.0);
        assert_eq!(world.status().state, State::Running);
    }
}

#[test]
fn a_shaft_locked_from_the_start_is_switched_off_in_time() {
    let mut world = World::ready();
    world.motor.locked = true;
    world.begin(500, 7_000);
    world.until(0.5, |it| it.current > 0.02);
    let took = current_off(&mut world, 0.6);
    assert!(took < 0.29, "{took} s");
    check_fault(&mut world, Fault::Stall);
}

#[test]
fn a_shorted_switch_is_cut_off_before_it_races() {
    let mut world = World::running(1_000, 9_000);
    world.motor.shorted = true;
    world.run(0.5);
    check_fault(&mut world, Fault::OverSpeed);
    let peak = peak_rate(&world);
    assert!(peak < 165.0, "{peak}");
    assert!(world.rate() == 0.0);
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    // It is found before the next run as well.
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.0);
    check_fault(&mut world, Fault::UncommandedMotion);
}

#[test]
fn a_cam_that_turns_by_itself_is_noticed() {
    let mut world = World::ready();
    for _ in 0..100 {
        world.speed = 200.0;
        world.run_silent(0.002);
    }
    check_fault(&mut world, Fault::UncommandedMotion);
}

#[test]
fn overload_trips_over_current_and_drag_does_not() {
    let mut world = World::running(1_000, 7_000);
    world.motor.load = 4.2e-3;
    world.run(3.0);
    assert!(
        (1_700.0..1_950.0).contains(&(world.current * 1e3)),
        "{} A",
        world.current
    );
    assert_eq!(world.status().state, State::Running);
    world.motor.load = 5.2e-3;
    let took = current_off(&mut world, 0.6);
    assert!(took < 0.30, "{took} s");
    check_fault(&mut world, Fault::OverCurrent);
}

#[test]
fn heat_and_an_empty_battery_stop_the_pen_until_they_are_gone() {
    let mut world = World::running(1_000, 7_000);
    world.nose = 41.2;
    world.run(1.2);
    check_fault(&mut world, Fault::NoseHot);
    assert_eq!(
        world.ask(Request::ClearFaults),
        Reply::Refused(Refusal::CauseRemains)
    );
    world.nose = 40.0;
    world.run(1.0);
    assert_eq!(
        world.ask(Request::ClearFaults),
        Reply::Refused(Refusal::CauseRemains)
    );
    world.nose = 38.0;
    world.run(1.0);
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.0);
    world.motor.battery = 3.15;
    world.run(1.2);
    check_fault(&mut world, Fault::BatteryLow);
    assert!(world.status().parked);
    assert_eq!(
        world.ask(Request::ClearFaults),
        Reply::Refused(Refusal::CauseRemains)
    );
    world.motor.battery = 3.24;
    world.run(1.0);
    world.motor.battery = 3.6;
    world.run(1.0);
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    world.nose = -50.0;
    world.run(1.0);
    check_fault(&mut world, Fault::NoseHot);
}

#[test]
fn a_battery_too_low_to_start_is_refused() {
    let mut world = World::ready();
    world.motor.battery = 3.22;
    world.run(1.0);
    assert_eq!(
        world.ask(Request::Start),
        Reply::Refused(Refusal::BatteryLow)
    );
}

#[test]
fn silence_stops_a_remote_run_and_not_a_local_one() {
    let mut world = World::running(1_500, 9_000);
    world.ask(Request::Heartbeat);
    let took = world.until(1.0, |it| it.rate() == 0.0 && it.protrusion() <= 50.0);
    assert!((0.40..0.65).contains(&took), "{took} s");
    assert_eq!(
        world.ask(Request::ClearFaults),
        Reply::Refused(Refusal::Busy)
    );
    world.run(0.3);
    check_fault(&mut world, Fault::LostLink);
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);

    world.button = true;
    world.run_silent(0.1);
    world.button = false;
    world.run_silent(2.0);
    assert!(world.rate() > 145.0);
    world.button = true;
    world.run_silent(0.5);
    assert_eq!((world.rate(), world.status().state), (0.0, State::Ready));
}

#[test]
fn a_button_held_at_power_on_starts_nothing() {
    let mut world = World::new();
    world.fit(chip(None));
    world.button = true;
    world.run(2.0);
    assert_eq!(world.status().state, State::Ready);
}

#[test]
fn lost_steps_are_seen_and_said() {
    let mut world = World::ready();
    world.begin(2_000, 7_000);
    world.until(0.4, |it| it.protrusion() > 800.0);
    world.stuck = true;
    world.run(2.0);
    check_fault(&mut world, Fault::CarriageLost);
    let status = world.status();
    assert!(status.may_be_exposed && !status.parked);
    assert_eq!(world.turns, 0);
    world.stuck = false;
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    world.run(1.0);
    let status = world.status();
    assert!(status.parked && !status.may_be_exposed && status.state == State::Ready);
}

#[test]
fn a_carriage_lost_while_running_retracts_as_far_as_it_can() {
    let mut world = World::running(1_500, 7_000);
    world.steps -= 60.0;
    world.run(1.0);
    check_fault(&mut world, Fault::CarriageLost);
    let status = world.status();
    assert!(status.parked && !status.may_be_exposed);
    assert!(world.protrusion() < -300.0 && world.rate() == 0.0);
}

#[test]
fn a_home_switch_that_sticks_leaves_no_needle_out_and_says_no_parked_that_is_not_so() {
    let mut world = World::running(1_500, 7_000);
    world.home_stuck = true;
    world.steps -= 60.0;
    world.run(1.5);
    check_fault(&mut world, Fault::CarriageLost);
    assert!(world.protrusion() < -150.0, "{}", world.protrusion());
    assert_eq!(world.status().parked, world.protrusion() < -150.0);
    // The same at power-on, with the needles left out.
    let mut world = World::with(boot(ResetCause::Power));
    world.home_stuck = true;
    world.put_carriage(2_500.0);
    let mut furthest = f64::MIN;
    for _ in 0..100 {
        world.run(0.02);
        furthest = furthest.max(world.protrusion());
    }
    assert!(furthest < 2_150.0, "{furthest}");
    assert!(world.protrusion() < -100.0, "{}", world.protrusion());
    assert!(world.status().faults.contains(Fault::CarriageLost));
}

#[test]
fn without_a_factory_record_the_pen_parks_and_stays() {
    let missing = BootInfo {
        calibration: Err(CalibrationError::NoMagic),
        ..boot(ResetCause::Power)
    };
    let mut world = World::with(missing);
    world.fit(chip(None));
    world.run(1.2);
    check_fault(&mut world, Fault::Calibration);
    assert_eq!(
        world.ask(Request::GetCalibration),
        Reply::Refused(Refusal::NotCalibrated)
    );
    assert_eq!(
        world.ask(Request::ClearFaults),
        Reply::Refused(Refusal::CauseRemains)
    );
    assert!(world.status().parked);
}

#[test]
fn a_current_amplifier_stuck_high_is_latched_and_stays_so() {
    let mut world = World::ready();
    world.amplifier_stuck = Some(1.0);
    world.run(2.0);
    check_fault(&mut world, Fault::UncommandedMotion);
}

#[test]
fn a_converter_that_falls_silent_stops_the_pen() {
    let mut world = World::running(1_000, 7_000);
    world.converter_dead = true;
    world.run(1.0);
    // Current and position stand still as well, and are taken for what they seem to say.
    let status = world.status();
    assert_eq!(status.state, State::Faulted);
    assert!(
        status.faults.contains(Fault::NoseHot),
        "{:?}",
        status.faults
    );
    assert!(!world.outputs.cutoff_closed && world.outputs.duty == 0);
    assert!(world.rate() < 1.0, "{}", world.rate());
}

#[test]
fn a_pen_that_cannot_see_draws_its_needles_in_and_does_not_believe_it() {
    let blind = |world: &mut World| world.converter_dead = true;
    let torn_off = |world: &mut World| {
        world.analog_override = Some(AnalogCounts {
            position: 0,
            ..world.analog()
        });
    };
    let breaks: [fn(&mut World); 2] = [blind, torn_off];
    for spoil in breaks {
        let mut world = World::new();
        world.fit(chip(None));
        world.put_carriage(2_000.0);
        spoil(&mut world);
        let mut furthest = f64::MIN;
        for _ in 0..1_000 {
            world.tick();
            furthest = furthest.max(world.protrusion());
        }
        check_fault(&mut world, Fault::SelfTest);
        assert!(world.protrusion() < -400.0, "{}", world.protrusion());
        assert!(furthest < 1_590.0, "{furthest} µm: outward and blind");
        let status = world.status();
        assert!(status.may_be_exposed && !status.parked);
        assert_eq!(
            world.ask(Request::ClearFaults),
            Reply::Refused(Refusal::CauseRemains)
        );
        world.converter_dead = false;
        world.analog_override = None;
        world.reset(ResetCause::Other, Ram::Kept);
        world.run(2.0);
        // The fault stays until it is cleared, but now the needles are known to be in.
        let status = world.status();
        assert_eq!(status.faults, FaultSet::NONE.with(Fault::SelfTest));
        assert!(status.parked && !status.may_be_exposed);
        assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    }
}

#[test]
fn a_battery_that_is_none_is_found_by_the_self_test() {
    let mut world = World::new();
    world.motor.battery = 5.2;
    world.run(1.5);
    let status = world.status();
    assert_eq!(status.faults, FaultSet::NONE.with(Fault::SelfTest));
    assert!(status.parked);
    assert_eq!(
        world.ask(Request::ClearFaults),
        Reply::Refused(Refusal::CauseRemains)
    );
}

#[test]
fn a_position_sensor_torn_off_while_running_retracts_and_promises_nothing() {
    let mut world = World::running(2_000, 7_000);
    world.analog_override = Some(AnalogCounts {
        position: 0,
        ..world.analog()
    });
    world.run(2.0);
    let status = world.status();
    assert!(status.faults.contains(Fault::CarriageLost), "{status:?}");
    assert!(status.may_be_exposed && !status.parked);
    assert!(world.protrusion() < -400.0 && world.rate() == 0.0);
}

#[test]
fn the_log_tells_the_story_over_resets() {
    let mut world = World::running(2_000, 7_000);
    world.motor.locked = true;
    world.speed = 0.0;
    world.run(1.0);
    world.motor.locked = false;
    world.ask(Request::ClearFaults);
    let id = world.status().treatment.unwrap();
    world.ask(Request::EndTreatment);
    world.ask(Request::Start);
    world.run(0.2);
    let expected = [
        LogEvent::Booted(BootCause::Power),
        LogEvent::CartridgeFitted(0x89AB_CDEF),
        LogEvent::DepthUnlocked,
        LogEvent::TreatmentBegun(id),
        LogEvent::FaultLatched(Fault::Stall),
        LogEvent::FaultsCleared(FaultSet::NONE.with(Fault::Stall)),
        LogEvent::TreatmentEnded(id),
        LogEvent::DepthLocked,
        LogEvent::StartRefused(Refusal::CartridgeUsed),
    ];
    assert_eq!(world.events(), expected);
    world.reset(ResetCause::Watchdog, Ram::Kept);
    world.run(1.2);
    let after = world.events();
    assert_eq!(after[..expected.len()], expected);
    assert_eq!(
        after[expected.len()..],
        [
            LogEvent::Booted(BootCause::Watchdog),
            LogEvent::FaultLatched(Fault::Watchdog),
            LogEvent::CartridgeFitted(0x89AB_CDEF),
        ]
    );
    let entries = world.entries();
    assert!(
        entries
            .windows(2)
            .all(|it| it[1].number == it[0].number + 1)
    );
    assert_eq!((entries[8].boot, entries[9].boot), (0, 1));
    assert!(entries[4].at > entries[3].at && entries[9].at < entries[8].at);
    world.reset(ResetCause::Power, Ram::Lost);
    assert_eq!(world.events(), [LogEvent::Booted(BootCause::Power)]);
}
