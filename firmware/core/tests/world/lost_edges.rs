//! Hall edges that are lost, and a clock that lies: the cam goes no faster for it, and a pen that is
//! sound is not taken for one that is not.

use firmware_wire::{Fault, FaultSet, State};

use crate::motion::{mean_rate, motors, peak_rate};
use crate::simulation::{MOTOR, Motor, World};

/// Ceiling of row RAT-07-D2 of the specs, strokes/s.
const CEILING: f64 = 165.0;
const RATES: [u32; 3] = [3_000, 7_000, 9_000];
const STALL: FaultSet = FaultSet::NONE.with(Fault::Stall);

/// A pen with this motor at a rate, settled; its edges forgotten.
fn settled(motor: Motor, rate: u32) -> World {
    let mut world = World::ready();
    world.motor = motor;
    world.run(0.5);
    world.begin(1_000, rate);
    world.run(2.0);
    assert_eq!(world.status().state, State::Running, "{motor:?}");
    world.edges.clear();
    world
}

#[test]
fn a_cam_whose_edges_are_lost_at_speed_gets_hardly_faster_and_is_called_stalled() {
    for motor in motors() {
        for rate in RATES {
            for missed in [0.3, 0.5, 0.9, 1.0] {
                let mut world = settled(motor, rate);
                world.motor.missed = missed;
                world.run(3.0);
                let peak = peak_rate(&world);
                let target = f64::from(rate) / 60.0;
                assert!(peak < 1.05 * target + 4.0, "{peak}, {missed}, {motor:?}");
                assert!(peak < CEILING - 3.0, "{peak}, {missed}, {motor:?}");
                assert_eq!(world.status().faults, STALL, "{missed}, {motor:?}");
            }
        }
    }
}

#[test]
fn a_cam_whose_edges_are_lost_from_the_start_stays_below_the_ceiling() {
    for motor in motors() {
        for rate in RATES {
            for missed in [0.3, 0.5, 0.9, 1.0] {
                let mut world = World::ready();
                world.motor = Motor { missed, ..motor };
                world.run(0.5);
                world.begin(1_000, rate);
                world.run(3.0);
                let peak = peak_rate(&world);
                assert!(peak < CEILING - 3.0, "{peak}, {missed}, {motor:?}");
                assert_eq!(world.status().faults, STALL, "{missed}, {motor:?}");
            }
        }
    }
}

#[test]
fn a_clock_that_runs_fast_takes_the_cam_no_further_than_the_back_emf_lets_it() {
    for motor in motors() {
        for (missed, clock) in [(0.0, 1.1), (0.1, 1.1), (0.0, 1.04)] {
            let mut world = World::ready();
            world.motor = Motor {
                clock,
                missed,
                // HARDWARE.md: 0.30 to 0.40 V.
                diode: motor.diode.max(0.3),
                ..motor
            };
            world.run(0.5);
            world.begin(1_000, 9_000);
            world.run(3.0);
            let peak = peak_rate(&world) * clock;
            assert!(peak < CEILING, "{peak}, {clock}, {motor:?}");
            assert_eq!(world.status().state, State::Running, "{motor:?}");
        }
    }
}

#[test]
fn one_edge_in_a_hundred_lost_stops_nothing_and_shows_in_the_count() {
    for rate in RATES {
        let mut world = settled(MOTOR, rate);
        world.motor.missed = 0.01;
        world.run(20.0);
        assert_eq!(world.status().state, State::Running);
        let target = f64::from(rate) / 60.0;
        let held = mean_rate(&world, 10.0);
        assert!((held / target - 1.0).abs() < 0.01, "{held} for {target}");
        let peak = peak_rate(&world);
        assert!(peak < 1.02 * target + 2.0, "{peak}");
    }
}

#[test]
fn loads_that_come_and_go_are_held_against_by_every_motor() {
    for motor in motors() {
        for rate in RATES {
            let mut world = settled(motor, rate);
            let target = f64::from(rate) / 60.0;
            // 14 needles at 0.2 N and 2.50 mm take 0.7 mN m.
            for load in [0.4e-3, 0.8e-3, 0.0, 0.8e-3, 0.0] {
                world.motor.load = load;
                world.run(1.5);
                let held = mean_rate(&world, 0.5);
                assert!(
                    (held / target - 1.0).abs() < 0.01,
                    "{held} for {target} against {load}, {motor:?}"
                );
                assert_eq!(world.status().faults, FaultSet::NONE, "{motor:?}");
            }
        }
    }
}

#[test]
fn a_motor_beyond_its_tolerance_turns_too_slowly_rather_than_too_fast() {
    for (constant, resistance) in [(1.08, 1.1), (1.08, 1.0)] {
        let motor = Motor {
            constant: MOTOR.constant * constant,
            resistance: MOTOR.resistance * resistance,
            ..MOTOR
        };
        let mut world = settled(motor, 9_000);
        world.run(1.0);
        let held = mean_rate(&world, 0.5);
        assert!((140.0..147.0).contains(&held), "{held}, {motor:?}");
        world.run(3.0);
        assert_eq!(world.status().faults, FaultSet::NONE, "{motor:?}");
    }
}
