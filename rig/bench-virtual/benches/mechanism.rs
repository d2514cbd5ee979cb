//! How fast mechanism and instruments run, without the chip: bench seconds a wall second.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use rig_bench_virtual::instruments::Instruments;
use rig_bench_virtual::mechanism::{Drive, Mechanism};
use rig_bench_virtual::{Scenario, Unit};
use std::time::Instant;

const STEP_NS: u64 = 50_000;
const STEPS: u64 = 100_000;
const ROUNDS: u64 = 20;

/// Prints the fastest of several rounds: whatever else the machine does can only slow one down.
fn measure(name: &str, duty: f64) {
    let scenario = Scenario::reference();
    let unit = Unit::draw(&scenario, 0, scenario.lot.seed).expect("the reference lot has a unit");
    let mut mechanism = Mechanism::new(unit.parameters, scenario.lot.seed, 0, 0);
    let mut instruments = Instruments::new(&scenario.bench.gauge(), scenario.lot.seed, 0, 0);
    mechanism.set_supply(3.7);
    mechanism.set_cartridge(Some(0.0));
    let drive = Drive {
        duty,
        supply_closed: true,
        ..Drive::default()
    };
    let mut blocks = 0;
    let mut fastest = f64::INFINITY;
    for round in 0..ROUNDS {
        let begin = Instant::now();
        for step in round * STEPS..(round + 1) * STEPS {
            let motion = mechanism.step(&drive, 1e-9 * STEP_NS as f64);
            instruments.look(&motion, step * STEP_NS);
            if step % 2_000 == 0 {
                blocks += instruments.take().len();
            }
        }
        fastest = fastest.min(begin.elapsed().as_secs_f64());
    }
    let per_step_ns = 1e9 * fastest / STEPS as f64;
    println!(
        "{name}: {:.0} x real time, {per_step_ns:.0} ns a step, {:.0} rad/s, {blocks} blocks",
        STEP_NS as f64 / per_step_ns,
        mechanism.omega(),
    );
}

fn main() {
    measure("motor running", 0.55);
    measure("motor at rest", 0.0);
}
