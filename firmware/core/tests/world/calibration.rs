//! A new depth calibration, and what cuts its writing short.

use firmware_core::ResetCause;
use firmware_units::Nanometers;
use firmware_wire::{Calibration, Fault, FaultSet, LogEvent, Refusal, Reply, Request, State};
use proptest::prelude::*;

use crate::simulation::{RECORD, Ram, World, chip};

const NEW: Request = calibrate(-430_000, 499_800);

const fn calibrate(home_protrusion: i64, screw_lead: i64) -> Request {
    Request::Calibrate {
        home_protrusion: Nanometers(home_protrusion),
        screw_lead: Nanometers(screw_lead),
    }
}

/// A pen that has booted without a cartridge.
fn standby() -> World {
    let mut world = World::new();
    world.run(1.2);
    assert_eq!(world.status().state, State::Standby);
    world
}

fn in_force(world: &mut World) -> Calibration {
    match world.ask(Request::GetCalibration) {
        Reply::Calibration(record) => record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_record_holds_at_once_and_after_a_reset() {
    let mut world = standby();
    assert_eq!(world.ask(NEW), Reply::Done);
    world.tick();
    assert_eq!(world.status().state, State::Boot);
    assert_eq!(world.ask(Request::Start), Reply::Refused(Refusal::Busy));
    world.run(1.5);
    assert_eq!(world.status().state, State::Standby);
    let expected = Calibration {
        generation: 2,
        home_protrusion: Nanometers(-430_000),
        screw_lead: Nanometers(499_800),
        ..RECORD
    };
    assert_eq!(in_force(&mut world), expected);
    // The zero moved by the difference of the records: the true one did not.
    let shifted = -200.0 + (430.0 - 412.345);
    assert!((world.protrusion() - shifted).abs() < 5.0);
    world.reset(ResetCause::Power, Ram::Lost);
    world.run(1.2);
    assert_eq!(in_force(&mut world), expected);
    // The next one goes into the other copy, so that this one stays.
    assert_eq!(world.ask(calibrate(-400_000, 500_000)), Reply::Done);
    world.run(1.5);
    assert_eq!(in_force(&mut world).generation, 3);
    assert_eq!(world.record[1], expected.to_bytes());
    assert!(world.events().contains(&LogEvent::CalibrationWritten(3)));
}

#[test]
fn it_is_for_service_alone() {
    let check = |world: &mut World, request, refusal| {
        assert_eq!(world.ask(request), Reply::Refused(refusal));
        world.run(0.1);
        assert_eq!(
            world.record,
            [RECORD.to_bytes(); 2],
            "{refusal:?} and yet written"
        );
    };
    let mut world = standby();
    check(
        &mut world,
        calibrate(-100_000, 500_000),
        Refusal::OutOfRange,
    );
    check(
        &mut world,
        calibrate(-412_345, 600_000),
        Refusal::OutOfRange,
    );
    world.motor.battery = 3.22;
    world.run(1.0);
    check(&mut world, NEW, Refusal::BatteryLow);
    world.motor.battery = 3.7;
    world.run(1.0);
    world.fit(chip(None));
    world.run(0.5);
    check(&mut world, NEW, Refusal::CartridgeFitted);
    let mut world = World::running(1_000, 7_000);
    check(&mut world, NEW, Refusal::Running);
    world.ask(Request::Stop);
    world.run(0.5);
    world.fitted = false;
    world.run(0.2);
    check(&mut world, NEW, Refusal::TreatmentUnderWay);
}

#[test]
fn a_controller_that_fails_leaves_the_old_record_in_force() {
    let mut world = standby();
    assert_eq!(world.ask(NEW), Reply::Done);
    for _ in 0..3 {
        world.tick();
    }
    world.flash = Some(firmware_core::FlashOutcome::Failed);
    world.run(1.5);
    assert_eq!(world.status().state, State::Standby);
    assert_eq!(in_force(&mut world), RECORD);
    assert!(world.events().contains(&LogEvent::CalibrationFailed));
}

#[test]
fn a_carriage_lost_meanwhile_ends_the_write() {
    for ticks in 0..25 {
        let mut world = standby();
        (0..ticks).for_each(|_| world.tick());
        world.converter_dead = true;
        for _ in 0..ticks {
            world.tick();
        }
        world.ask(NEW);
        // The simulation insists that no job is done while the carriage moves.
        world.run(1.5);
        world.converter_dead = false;
        assert!(world.status().faults.contains(Fault::CarriageLost));
        let generation = in_force(&mut world).generation;
        assert!([1, 2].contains(&generation), "{generation}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_brown_out_at_any_moment_loses_neither_copy(
        writes in proptest::collection::vec((0..12u32, 0..=40usize), 1..8),
    ) {
        let mut world = standby();
        let mut last = RECORD;
        for (number, (ticks, bytes)) in (0..).zip(writes) {
            let home_protrusion = -400_000 - 1_000 * number;
            prop_assert_eq!(world.ask(calibrate(home_protrusion, 500_000)), Reply::Done);
            for _ in 0..ticks {
                world.tick();
            }
            // Supply goes in the middle of the job that the next tick would have done.
            let command = world.outputs.flash.filter(|_| world.flash.take().is_some());
            if let Some(command) = command
                && !matches!(command, firmware_core::FlashCommand::Read(_))
            {
                tear(&mut world, command, bytes);
            }
            world.reset(ResetCause::Power, Ram::Lost);
            world.run(1.2);
            let record = in_force(&mut world);
            let new = Calibration {
                generation: last.generation + 1,
                home_protrusion: Nanometers(home_protrusion),
                screw_lead: Nanometers(500_000),
                ..RECORD
            };
            prop_assert!(record == last || record == new, "{:?}", record);
            prop_assert_eq!(world.status().faults, FaultSet::NONE);
            last = record;
        }
    }
}

/// Undoes the last job of the controller and does but its first bytes.
fn tear(world: &mut World, command: firmware_core::FlashCommand, bytes: usize) {
    if let firmware_core::FlashCommand::Program { copy, offset, .. } = command {
        let page = usize::from(copy == firmware_wire::RecordCopy::B);
        let at = usize::from(offset);
        world.record[page][at..at + 8].fill(0xFF);
    }
    world.act_on_flash(command, bytes);
}

#[test]
fn a_brown_out_in_a_move_loses_no_copy_and_is_told() {
    for ticks in (0..200).step_by(7) {
        let mut world = World::ready();
        world.begin(2_000, 7_000);
        (0..20 + ticks).for_each(|_| world.tick());
        let found = world.protrusion();
        world.speed = 0.0;
        world.reset(ResetCause::Power, Ram::Lost);
        world.run(1.5);
        let status = world.status();
        // The sensor is on the other side of the backlash.
        let told = status.faults.contains(Fault::BrownOut);
        assert!(told || found < 105.0, "{found} µm");
        assert!(!told || found > 65.0, "{found} µm");
        assert!(status.parked);
        assert_eq!(in_force(&mut world), RECORD);
    }
}
