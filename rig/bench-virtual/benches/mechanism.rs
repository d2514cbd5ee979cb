//! How fast mechanism and instruments run, without the chip: bench seconds a wall second.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use rig_bench_virtual::Scenario;
use rig_bench_virtual::Unit;
use rig_bench_virtual::instruments::Instruments;
use rig_bench_virtual::mechanism::{Drive, Mechanism};
use std::time::Instant;

const STEP_NS: u64 = 50_000;
const BENCH_SECONDS: u64 = 60;

fn measure(name: &str, duty: f64) {
    let scenario = Scenario::reference();
    let unit = Unit::draw(&scenario, 0, scenario.lot.seed).expect("the reference lot has a unit");
    let mut mechanism = Mechanism::new(unit.parameters, scenario.lot.seed, 0, 0);
    let mut instruments = Instruments::new(&scenario.bench.gauge(), scenario.lot.seed, 0, 0);
    mechanism.set_supply(3.7);
    mechanism.set_cartridge(Some(0.0));
    let drive = Drive { duty, supply_closed: true, ..Drive::default() };
    let begin = Instant::now();
    let mut samples = 0;
    let steps = BENCH_SECONDS * 1_000_000_000 / STEP_NS;
    for step in 0..steps {
        let motion = mechanism.step(&drive, 1e-9 * STEP_NS as f64);
        instruments.look(&motion, step * STEP_NS);
        if step % 2_000 == 0 {
            samples += instruments.take().len();
        }
    }
    let wall = begin.elapsed().as_secs_f64();
    println!(
        "{name}: {:.0} x real time, {:.0} ns a step, {samples} blocks, {} rad/s",
        BENCH_SECONDS as f64 / wall,
        1e9 * wall / steps as f64,
        mechanism.omega() as u64,
    );
}

fn main() {
    measure("motor running", 0.55);
    measure("motor at rest", 0.0);
}
