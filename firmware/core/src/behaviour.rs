//! What the pen does in the simulated world: motor, carriage, cartridge, treatment, faults, link.

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{
    CartridgeChip, DecodeError, Fault, FaultSet, Frame, Preset, Refusal, Reply, Request, Setting,
    SettingId, State,
};

use crate::simulation::{MOTOR, Motor, World, boot, chip};
use crate::{ResetCause, Survivor};

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
