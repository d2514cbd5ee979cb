//! What the pen does in the simulated world: motor, carriage, cartridge, treatment, faults, link.

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{
    CalibrationError, CartridgeChip, DecodeError, Fault, FaultSet, Frame, Preset, Refusal, Reply,
    Request, Setting, SettingId, State,
};

use crate::simulation::{MOTOR, Motor, World, boot, chip};
use firmware_core::{BootInfo, ResetCause, Survivor};

/// Mean rate over the last seconds, from the true edges.
fn mean_rate(world: &World, seconds: f64) -> f64 {
    let from = world.seconds() - seconds;
    let edges: Vec<_> = world.edges.iter().filter(|&&it| it >= from).collect();
    (edges.len() - 1) as f64 / (*edges[edges.len() - 1] - *edges[0])
}

/// Largest mean over ten strokes so far.
fn peak_rate(world: &World) -> f64 {
    world
        .edges
        .windows(11)
        .map(|it| 10.0 / (it[10] - it[0]))
        .fold(0.0, f64::max)
}

/// Motors as they come, and batteries from full to empty.
fn motors() -> Vec<Motor> {
    let mut motors = Vec::new();
    for battery in [3.3, 3.7, 4.2] {
        for (constant, resistance, friction, inertia, diode) in [
            (1.0, 1.0, 1.0, 1.0, 0.35),
            (0.92, 0.9, 0.5, 0.85, 0.2),
            (1.08, 1.1, 2.0, 1.15, 0.4),
            (0.92, 1.1, 1.0, 1.15, 0.3),
        ] {
            motors.push(Motor {
                battery,
                constant: MOTOR.constant * constant,
                resistance: MOTOR.resistance * resistance,
                friction: MOTOR.friction * friction,
                inertia: MOTOR.inertia * inertia,
                diode,
                jitter: 0.003,
                battery_resistance: 0.08,
                ..MOTOR
            });
        }
    }
    motors
}

#[test]
fn every_rate_is_reached_softly_and_held_within_one_percent() {
    for motor in motors() {
        for rate in [3_000, 6_000, 7_000, 9_000] {
            let mut world = World::ready();
            world.motor = motor;
            world.run(0.5);
            world.begin(1_000, rate);
            world.run(3.0);
            let target = f64::from(rate) / 60.0;
            let held = mean_rate(&world, 1.0);
            assert_eq!(world.status().faults, FaultSet::NONE, "{rate} {motor:?}");
            assert!(
                (held / target - 1.0).abs() < 0.01,
                "{held} for {target}, {motor:?}"
            );
            let peak = peak_rate(&world);
            assert!(
                peak < target * 1.02 + 5.0,
                "peak {peak} for {target}, {motor:?}"
            );
        }
    }
}

#[test]
fn a_load_is_held_against_and_its_end_trips_nothing() {
    for rate in [7_000, 9_000] {
        let mut world = World::running(1_500, rate);
        let target = f64::from(rate) / 60.0;
        world.motor.load = 1.0e-3;
        world.run(2.0);
        assert!((mean_rate(&world, 1.0) / target - 1.0).abs() < 0.01);
        // Drag beyond what the battery gives: full duty, and telemetry says what is.
        world.motor.load = 4.2e-3;
        world.ask(Request::SetTelemetryPeriod(Milliseconds(100)));
        world.run(3.0);
        let dragged = mean_rate(&world, 0.1);
        let reported = f64::from(world.telemetry.last().unwrap().rate_millihertz) / 1_000.0;
        assert_eq!(world.outputs.duty, 800);
        assert!(dragged < 0.95 * target, "{dragged}");
        let expected = if cfg!(feature = "echo-setpoint") {
            target
        } else {
            dragged
        };
        assert!(
            (reported / expected - 1.0).abs() < 0.005,
            "{reported} for {expected}"
        );
        world.edges.clear();
        world.motor.load = 0.0;
        world.run(2.0);
        assert_eq!(world.status().faults, FaultSet::NONE);
        let peak = peak_rate(&world);
        assert!(peak < 160.0_f64.min(target * 1.2), "{peak} after {target}");
    }
}

#[test]
fn every_notch_is_reached_from_parked_within_one_step() {
    let mut world = World::ready();
    world.ask(Request::UnlockDepth);
    let away = |world: &World| (world.protrusion() + 200.0).abs();
    assert!(away(&world) < 5.0, "{} µm when parked", world.protrusion());
    for depth in (0..=10).rev().chain(0..=10).map(|notch| notch * 250) {
        world.begin(depth, 7_000);
        world.run(0.6);
        let expected = if depth == 0 { -200.0 } else { f64::from(depth) };
        assert!(
            (world.protrusion() - expected).abs() < 8.0,
            "{} at {depth}",
            world.protrusion()
        );
        assert_eq!(world.status().state, State::Running);
        world.ask(Request::Stop);
        world.run(0.5);
        assert!(
            away(&world) < 25.0,
            "{} µm when parked again",
            world.protrusion()
        );
        assert!(world.status().parked);
    }
}

#[test]
fn boot_finds_home_from_anywhere() {
    for start in [-200.0, -49.0, 0.0, 49.0, 120.0, 1_000.0, 2_980.0] {
        let mut world = World::new();
        world.put_carriage(start);
        world.run(1.6);
        assert!(
            (world.protrusion() + 200.0).abs() < 5.0,
            "{} from {start}",
            world.protrusion()
        );
        let status = world.status();
        assert!(
            status.parked && status.state == State::Standby,
            "{status:?}"
        );
    }
}

#[test]
fn stop_parks_from_the_fastest_and_deepest_in_a_quarter_second() {
    let mut world = World::running(2_500, 9_000);
    assert!(world.rate() > 148.0 && world.protrusion() > 2_490.0);
    world.ask(Request::Stop);
    let took = world.until(0.3, |it| it.rate() == 0.0 && it.protrusion() <= 50.0);
    assert!(took < 0.25, "{took} s");
    world.run(0.3);
    assert_eq!(world.status().state, State::Ready);
}

#[test]
fn the_setpoint_zero_runs_parked() {
    let mut world = World::running(0, 7_000);
    let highest = world.protrusion();
    assert!(highest < -190.0 && world.rate() > 115.0, "{highest}");
    assert!(world.status().parked);
}

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
fn a_cartridge_pulled_while_running_stops_the_cam() {
    let mut world = World::running(1_500, 9_000);
    world.fitted = false;
    let took = world.until(0.5, |it| it.rate() == 0.0 && it.protrusion() <= 50.0);
    assert!(took < 0.35, "{took} s");
    world.run(0.3);
    let status = world.status();
    assert!(status.faults.contains(Fault::CartridgeRemoved) && !status.cartridge);
    assert_eq!(
        world.ask(Request::Start),
        Reply::Refused(Refusal::NoCartridge)
    );
}

#[track_caller]
fn check_start(chip: Option<[u8; 24]>, expected: Refusal) {
    let mut world = World::new();
    world.fitted = chip.is_some();
    if let Some(bytes) = chip {
        world.eeprom[..24].copy_from_slice(&bytes);
    }
    world.run(1.2);
    let before = world.protrusion();
    assert_eq!(world.ask(Request::Start), Reply::Refused(expected));
    world.run(1.0);
    assert_eq!((world.turns, world.protrusion()), (0, before));
    assert_eq!(world.status().state, State::Standby);
}

#[test]
fn without_a_usable_cartridge_nothing_moves() {
    check_start(None, Refusal::NoCartridge);
    check_start(Some(chip(Some(77)).to_bytes()), Refusal::CartridgeUsed);
    check_start(Some([0x55; 24]), Refusal::CartridgeUnreadable);
    let mut torn = chip(None).to_bytes();
    torn[16] = 0;
    check_start(Some(torn), Refusal::CartridgeUnreadable);
}

#[test]
fn a_start_right_after_fitting_is_busy_and_a_short_cartridge_holds_the_depth() {
    let mut world = World::new();
    world.run(1.0);
    world.ask(Request::Set(Setting::Depth(Micrometers(1_500))));
    world.fit(CartridgeChip {
        needle_length: Micrometers(1_000),
        ..chip(None)
    });
    world.run(0.054);
    assert_eq!(world.ask(Request::Start), Reply::Refused(Refusal::Busy));
    world.run(0.5);
    assert_eq!(world.status().limit, Micrometers(1_000));
    assert_eq!(
        world.ask(Request::Start),
        Reply::Refused(Refusal::AboveCartridgeLimit)
    );
    let set = |depth| Request::Set(Setting::Depth(Micrometers(depth)));
    assert_eq!(
        world.ask(set(1_250)),
        Reply::Refused(Refusal::AboveCartridgeLimit)
    );
    assert_eq!(world.ask(set(1_000)), Reply::Done);
    assert_eq!(world.ask(Request::Start), Reply::Done);
}

#[test]
fn the_mark_is_written_before_anything_moves() {
    let mut world = World::ready();
    world.begin(1_000, 7_000);
    let parked = world.protrusion();
    let mut marked_at = None;
    for _ in 0..500 {
        world.tick();
        let marked = world.eeprom[16..20] != [0xFF; 4];
        let moved = world.protrusion() != parked || world.speed > 0.0;
        assert!(!moved || marked, "moved unmarked");
        if marked && marked_at.is_none() {
            marked_at = Some(world.seconds());
        }
    }
    let treatment = world.status().treatment.expect("a treatment is under way");
    assert_eq!(world.chip().unwrap().treatment, Some(treatment));
}

#[test]
fn a_chip_that_takes_no_mark_keeps_the_pen_parked() {
    let mut world = World::ready();
    world.read_only = true;
    world.begin(1_000, 7_000);
    world.run(1.0);
    assert_eq!((world.turns, world.status().state), (0, State::Standby));
    assert_eq!(
        world.ask(Request::Start),
        Reply::Refused(Refusal::CartridgeUnreadable)
    );
    assert_eq!(world.status().treatment, None);
}

#[test]
fn a_treatment_ends_with_its_cartridge_its_unlock_and_its_counters() {
    let mut world = World::running(2_000, 7_000);
    assert!(
        world
            .pen
            .survivor()
            .is_none_or(|it| it.strokes == world.turns as u32)
    );
    assert_eq!(world.ask(Request::EndTreatment), Reply::Done);
    world.run(1.0);
    let status = world.status();
    assert_eq!((status.state, status.treatment), (State::Standby, None));
    assert_eq!((status.unlocked, status.depth), (false, Micrometers(1_500)));
    assert_eq!(
        world.ask(Request::Start),
        Reply::Refused(Refusal::CartridgeUsed)
    );
    assert_eq!(
        world.ask(Request::EndTreatment),
        Reply::Refused(Refusal::NoTreatment)
    );
    let set = Request::Set(Setting::Depth(Micrometers(2_000)));
    assert_eq!(world.ask(set), Reply::Refused(Refusal::AboveArmedLimit));
    // A fresh cartridge begins another treatment.
    world.fitted = false;
    world.run(0.2);
    world.fit(CartridgeChip {
        id: 99,
        ..chip(None)
    });
    world.run(0.5);
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.0);
    assert_ne!(world.status().treatment, status.treatment);
}

#[test]
fn strokes_are_counted_exactly_over_starts_and_stops() {
    let mut world = World::ready();
    world.ask(Request::SetTelemetryPeriod(Milliseconds(100)));
    for _ in 0..5 {
        world.begin(1_000, 9_000);
        world.run(1.3);
        world.ask(Request::Stop);
        world.run(0.7);
    }
    let last = world.telemetry.last().unwrap();
    assert_eq!(u64::from(last.strokes), world.turns);
    assert!(world.turns > 400);
}

/// The boot record of a pen that a reset interrupted.
fn interrupted(reset: ResetCause, world: &mut World) -> BootInfo {
    let survivor = (0..64).find_map(|_| {
        world.tick();
        world.pen.survivor()
    });
    BootInfo {
        survivor,
        ..boot(reset)
    }
}

#[test]
fn a_reset_in_mid_treatment_may_continue_and_says_what_happened() {
    for (reset, fault) in [
        (ResetCause::Watchdog, Some(Fault::Watchdog)),
        (ResetCause::Power, Some(Fault::BrownOut)),
        (ResetCause::Other, None),
    ] {
        let mut before = World::running(1_000, 7_000);
        let boot = interrupted(reset, &mut before);
        let mut world = World::with(boot);
        world.put_carriage(before.nut);
        world.eeprom = before.eeprom;
        world.fitted = true;
        world.run(1.2);
        let status = world.status();
        assert_eq!(status.treatment, before.status().treatment);
        assert_eq!(
            status.faults,
            fault.map_or(FaultSet::NONE, |it| FaultSet::NONE.with(it))
        );
        assert!(status.parked);
        assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
        assert_eq!(world.ask(Request::Start), Reply::Done);
        world.run(1.0);
        assert_eq!(world.status().state, State::Running);
    }
}

#[test]
fn the_treatment_ends_after_sixty_minutes() {
    let survivor = Survivor {
        treatment: Some(7),
        elapsed_ticks: 1_798_500,
        strokes: 9,
        moving: false,
    };
    let mut world = World::with(BootInfo {
        survivor: Some(survivor),
        ..boot(ResetCause::Other)
    });
    world.fit(chip(Some(7)));
    world.run(1.2);
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.6);
    assert_eq!(world.status().state, State::Running);
    world.run(1.0);
    let status = world.status();
    assert_eq!(
        (status.state, status.faults),
        (State::Ready, FaultSet::NONE)
    );
    assert_eq!(
        world.ask(Request::Start),
        Reply::Refused(Refusal::TreatmentOver)
    );
    assert_eq!(world.ask(Request::EndTreatment), Reply::Done);
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
