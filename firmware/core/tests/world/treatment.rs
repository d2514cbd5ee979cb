//! Cartridge, treatment and what a reset leaves of them.

use firmware_core::{BootInfo, ResetCause, Survivor, Treatment};
use firmware_units::{Micrometers, Milliseconds};
use firmware_wire::{CartridgeChip, Fault, FaultSet, Refusal, Reply, Request, Setting, State};

use crate::simulation::{Ram, World, boot, chip};

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
            .and_then(|it| it.treatment)
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

#[test]
fn needles_found_out_at_power_on_tell_of_a_brown_out() {
    for (position, reset, faults) in [
        (
            2_000.0,
            ResetCause::Power,
            FaultSet::NONE.with(Fault::BrownOut),
        ),
        (
            660.0,
            ResetCause::Power,
            FaultSet::NONE.with(Fault::BrownOut),
        ),
        (450.0, ResetCause::Power, FaultSet::NONE),
        (2_000.0, ResetCause::Other, FaultSet::NONE),
    ] {
        let mut world = World::with(boot(reset));
        world.put_carriage(position);
        world.run(1.5);
        let status = world.status();
        assert_eq!(
            (status.faults, status.parked),
            (faults, true),
            "{position} µm, {reset:?}"
        );
    }
}

#[test]
fn a_reset_in_mid_treatment_may_continue_and_says_what_happened() {
    for (reset, fault) in [
        (ResetCause::Watchdog, Some(Fault::Watchdog)),
        (ResetCause::Power, Some(Fault::BrownOut)),
        (ResetCause::Other, None),
    ] {
        let mut world = World::running(1_000, 7_000);
        world.tick();
        let before = world.treatment();
        world.reset(reset, Ram::Kept);
        world.run(1.2);
        let status = world.status();
        assert_eq!(status.treatment, Some(before.id));
        assert_eq!(
            status.faults,
            fault.map_or(FaultSet::NONE, |it| FaultSet::NONE.with(it))
        );
        assert!(status.parked);
        assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
        assert_eq!(world.ask(Request::Start), Reply::Done);
        world.run(1.0);
        assert_eq!(world.status().state, State::Running);
        let after = world.treatment();
        assert_eq!((before.passes, after.passes), (1, 2));
        assert!(after.strokes > before.strokes && after.elapsed > before.elapsed);
    }
}

#[test]
fn a_reset_clears_no_fault() {
    let mut world = World::running(1_000, 7_000);
    world.motor.locked = true;
    world.speed = 0.0;
    world.run(1.0);
    assert_eq!(world.status().faults, FaultSet::NONE.with(Fault::Stall));
    world.motor.locked = false;
    world.reset(ResetCause::Other, Ram::Kept);
    world.run(1.2);
    assert_eq!(world.status().faults, FaultSet::NONE.with(Fault::Stall));
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    world.tick();
    world.reset(ResetCause::Other, Ram::Kept);
    world.run(1.2);
    assert_eq!(world.status().faults, FaultSet::NONE);
}

#[test]
fn the_treatment_ends_after_sixty_minutes() {
    let treatment = Treatment {
        elapsed_ticks: 1_798_500,
        ..Treatment::new(7)
    };
    let survivor = Survivor {
        treatment: Some(treatment),
        ..Survivor::default()
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
