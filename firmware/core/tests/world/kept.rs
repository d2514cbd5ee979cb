//! Promises that no other test here held, as deliberate bugs showed (`mutants.csv`).

use firmware_core::ResetCause;
use firmware_wire::{Fault, Request, State};

use crate::simulation::{Ram, World};

/// Whether a pen that runs for a host stops within 0.65 s of it.
fn check_stops(mut world: World, mut meanwhile: impl FnMut(&mut World)) {
    for _ in 0..13 {
        world.run_silent(0.05);
        meanwhile(&mut world);
    }
    assert_eq!(world.rate(), 0.0);
    assert!(world.status().faults.contains(Fault::LostLink));
}

#[test]
fn garbage_keeps_no_run_alive() {
    let world = World::running(1_500, 9_000);
    check_stops(world, |it| {
        it.feed(&[7, 7, 0]);
    });
}

#[test]
fn silence_stops_a_run_that_goes_on_after_a_pause() {
    let mut world = World::running(1_500, 9_000);
    world.ask(Request::Pause);
    world.run(1.0);
    assert_eq!(world.status().state, State::Paused);
    world.ask(Request::Start);
    world.run(1.0);
    assert_eq!(world.status().state, State::Running);
    check_stops(world, |_| {});
}

#[test]
fn a_reset_arms_the_limit_and_loses_no_stroke() {
    // Strokes as they come, between two renewals of the time, which are 128 ms apart.
    for tenths in 5..15 {
        let mut world = World::running(1_000, 7_000);
        world.ask(Request::UnlockDepth);
        world.run(f64::from(tenths) * 0.1);
        let before = world.treatment();
        world.reset(ResetCause::Watchdog, Ram::Kept);
        let after = world.treatment();
        assert_eq!((after.id, after.strokes), (before.id, before.strokes));
        assert!(!world.status().unlocked);
    }
}
