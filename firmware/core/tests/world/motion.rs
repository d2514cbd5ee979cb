//! Rate and depth: reached, held, left.

use firmware_core::ResetCause;
use firmware_units::Milliseconds;
use firmware_wire::{FaultSet, Request, State};

use crate::simulation::{MOTOR, Motor, World, boot};

/// Mean rate over the last seconds, from the true edges.
pub(crate) fn mean_rate(world: &World, seconds: f64) -> f64 {
    let from = world.seconds() - seconds;
    let edges: Vec<_> = world.edges.iter().filter(|&&it| it >= from).collect();
    (edges.len() - 1) as f64 / (*edges[edges.len() - 1] - *edges[0])
}

/// Largest mean over ten strokes so far.
pub(crate) fn peak_rate(world: &World) -> f64 {
    world
        .edges
        .windows(11)
        .map(|it| 10.0 / (it[10] - it[0]))
        .fold(0.0, f64::max)
}

/// Motors as they come (HARDWARE.md: constant and resistance within 3 %; a diode and a winding that
/// leave more to the motor than nominal make the back-EMF look smaller than it is, and are let go
/// further), and batteries from full to empty.
pub(crate) fn motors() -> Vec<Motor> {
    let mut motors = Vec::new();
    for battery in [3.3, 3.7, 4.2] {
        for (constant, resistance, friction, inertia, diode) in [
            (1.0, 1.0, 1.0, 1.0, 0.35),
            (0.97, 0.97, 0.5, 0.85, 0.2),
            (1.03, 1.03, 2.0, 1.15, 0.4),
            (0.97, 1.03, 1.0, 1.15, 0.3),
            (1.03, 0.97, 1.0, 0.85, 0.4),
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
        let mut world = World::with(boot(ResetCause::Other));
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
    let world = World::running(0, 7_000);
    let highest = world.protrusion();
    assert!(highest < -190.0 && world.rate() > 115.0, "{highest}");
    assert!(world.status().parked);
}
