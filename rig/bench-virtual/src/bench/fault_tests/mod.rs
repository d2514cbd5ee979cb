//! Every fault of the catalogue does what its line says, at the level of the models.
//!
//! One check a fault; that none is without one is a test itself.

mod chip;
mod instruments;
mod pen;

use super::world::{STEP_NS, World};
use crate::factory::Unit;
use crate::mechanism::Drive;
use crate::scenario::{Scenario, catalog};
use rig_bench::{InstrumentId, Observation, SampleStatus};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::catch_unwind;

/// A fault's name and what checks it.
type Check = (&'static str, fn());

/// Full PWM, stepper held.
const ON: Drive = Drive {
    duty: 1.0,
    supply_closed: true,
    brake: false,
    stepper_enabled: true,
    steps: 0,
};
const OFF: Drive = Drive {
    duty: 0.0,
    supply_closed: false,
    ..ON
};

thread_local! {
    /// A fault that is left out of every scenario, so that its check must fail.
    static MUTED: Cell<&'static str> = const { Cell::new("") };
}

/// The reference lot with one fault more on every unit.
fn with(fault: &str) -> Scenario {
    let head = include_str!("../../../scenarios/reference.toml");
    let is_muted = fault.contains(&format!("name = \"{}\"", MUTED.get()));
    let entry = if fault.is_empty() || is_muted {
        String::new()
    } else {
        format!("[[fault]]\nunit = \"all\"\n{fault}\n")
    };
    Scenario::parse("test.toml", &format!("{head}{entry}")).unwrap()
}

/// Mechanism and instruments of the lot's first pen.
struct Stand {
    world: World,
    now_ns: u64,
    seen: Vec<Observation>,
    /// Hall edges, s.
    edges: Vec<f64>,
}

/// A pen at 3.7 V with a cartridge and this fault; sound if it is empty.
fn stand(fault: &str) -> Stand {
    let scenario = with(fault);
    let unit = Unit::draw(&scenario, 0, 1).unwrap();
    let mut world = World::new(&scenario, &unit, 0, 1, 0);
    world.set_supply(3.7);
    world.set_cartridge(Some(0.0));
    Stand {
        world,
        now_ns: 0,
        seen: Vec::new(),
        edges: Vec::new(),
    }
}

impl Stand {
    fn run(&mut self, drive: &Drive, seconds: f64) -> &mut Self {
        for _ in 0..(seconds * 1e9 / STEP_NS as f64 + 0.5) as u64 {
            self.world.step(drive, self.now_ns);
            let sensors = self.world.sensors();
            for at_s in [sensors.hall_edge_s, sensors.second_hall_edge_s] {
                self.edges
                    .extend(at_s.map(|it| 1e-9 * self.now_ns as f64 + it));
            }
            self.now_ns += STEP_NS;
        }
        let seen = self.world.take();
        self.seen.extend(seen);
        self
    }

    /// Moves the carriage by some microsteps, one a step.
    fn walk(&mut self, microsteps: i32) -> &mut Self {
        let drive = Drive {
            steps: microsteps.signum(),
            ..OFF
        };
        self.run(&drive, f64::from(microsteps.abs()) * 1e-9 * STEP_NS as f64)
    }

    fn top_um(&self) -> f64 {
        1e3 * self.world.top_mm()
    }

    /// Carriage position sensor, µm; its noise is 2 µm.
    fn position_um(&self) -> f64 {
        1e3 * (self.world.sensors().position_v * 4.096 / 3.3 - 1.0)
    }

    fn battery_v(&self) -> f64 {
        2.0 * self.world.sensors().battery_v
    }

    fn values(&self, wanted: InstrumentId) -> Vec<i64> {
        self.blocks(wanted)
            .flat_map(|block| block.values.iter().copied())
            .collect()
    }

    fn statuses(&self, wanted: InstrumentId) -> Vec<SampleStatus> {
        self.blocks(wanted)
            .flat_map(|block| block.exceptions.iter().map(|it| it.1))
            .collect()
    }

    fn blocks(&self, wanted: InstrumentId) -> impl Iterator<Item = &rig_bench::SampleBlock> {
        self.seen.iter().filter_map(move |it| match it {
            Observation::Samples { instrument, block } if *instrument == wanted => Some(block),
            _ => None,
        })
    }
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!(
        (found - expected).abs() <= within,
        "{found}, not {expected} ± {within}"
    );
}

#[test]
fn every_fault_has_a_check_and_does_what_its_line_says() {
    let checks: Vec<&Check> = [pen::CHECKS, chip::CHECKS, instruments::CHECKS]
        .into_iter()
        .flatten()
        .collect();
    let checked: BTreeSet<&str> = checks.iter().map(|check| check.0).collect();
    let named: BTreeSet<&str> = catalog().map(|entry| entry.name).collect();
    assert_eq!(checked, named);
    for (_, check) in checks {
        check();
    }
}

#[test]
fn no_check_passes_where_its_fault_does_nothing() {
    let checks = [pen::CHECKS, chip::CHECKS, instruments::CHECKS];
    let passing: Vec<&str> = checks
        .into_iter()
        .flatten()
        .filter(|(name, check)| {
            MUTED.set(name);
            catch_unwind(check).is_ok()
        })
        .map(|(name, _)| *name)
        .collect();
    MUTED.set("");
    assert_eq!(passing, [""; 0]);
}
