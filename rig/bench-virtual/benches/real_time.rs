//! How fast the virtual bench runs: bench seconds a second of one core.
//!
//! `cargo bench -p rig-bench-virtual --bench real_time` prints a table, each part the fastest of
//! several rounds: whatever else the machine does can only slow one down. Seconds are those that
//! the thread had a core for, where the system tells (Linux), and wall seconds elsewhere.
//! The core alone: `cargo run --release -p rig-armv6m --example throughput`.
//! `… -- count PART SECONDS` runs one part once, its work in [`work`], for a profiler that counts.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use firmware_units::{Micrometers, Milliseconds, Nanoseconds, StrokesPerMinute};
use firmware_wire::{CartridgeChip, Reply, Request, Setting, State};
use rig_bench::{Actuation, Bench as _, Cartridge};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{
    Chain, ChipMemory, Image, NOMINAL_SUPPLY, Samples, Session, Unmeasured, flash,
};
use std::time::Instant;

const RELEASED: &[u8] = include_bytes!("../../../firmware/images/pen-a1-1.2.1.elf");
/// Depth and rate of the running pen: 1.5 mm, 7,000 strokes a minute.
const DEPTH: Micrometers = Micrometers(1_500);
const RATE: StrokesPerMinute = StrokesPerMinute(7_000);
/// Bench time of one round, s, and rounds.
const SECONDS: u64 = 10;
const ROUNDS: usize = 5;
/// Bench time between two looks of whoever drives the bench, as procedures do.
const LOOK: Nanoseconds = Nanoseconds::from_millis(100);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    name: &'static str,
    running: bool,
    measured: bool,
    telemetry: bool,
}

const PARTS: [Part; 5] = [
    part("running", true, false, false),
    part("running-measured", true, true, false),
    part("running-measured-telemetry", true, true, true),
    part("idle", false, false, false),
    part("idle-measured", false, true, false),
];

const fn part(name: &'static str, running: bool, measured: bool, telemetry: bool) -> Part {
    Part {
        name,
        running,
        measured,
        telemetry,
    }
}

/// Measures what this thread takes.
struct Stopwatch {
    begin: Instant,
    begin_on_core_ns: Option<u64>,
}

impl Stopwatch {
    fn start() -> Self {
        Self {
            begin: Instant::now(),
            begin_on_core_ns: on_core_ns(),
        }
    }

    fn seconds(&self) -> f64 {
        match (self.begin_on_core_ns, on_core_ns()) {
            (Some(begin_ns), Some(end_ns)) => 1e-9 * (end_ns - begin_ns) as f64,
            _ => self.begin.elapsed().as_secs_f64(),
        }
    }
}

/// How long this thread has been on a core (proc(5), schedstat).
fn on_core_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn bench() -> Result<VirtualBench> {
    let scenario = Scenario::reference();
    Ok(VirtualBench::new(&scenario, 0, scenario.lot.seed)?)
}

fn flash_into(bench: &mut VirtualBench) -> Result<()> {
    let chip = bench.identity().chip.clone();
    let image = Image::parse(RELEASED, ChipMemory::STM32G071RB)?;
    flash(bench.probe()?, &chip, &image)?;
    Ok(())
}

/// A pen that is ready, with a cartridge, set to depth and rate; running if asked for.
fn prepare<S: Samples>(session: &mut Session<'_, VirtualBench, S>, part: Part) -> Result<()> {
    session.wait(Nanoseconds::from_millis(500))?;
    let chip = CartridgeChip {
        id: 1,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment: None,
    };
    session.actuate(Actuation::Cartridge(Some(Cartridge {
        chip: chip.to_bytes(),
        needle_excess: Micrometers::ZERO,
    })))?;
    wait_for(session, State::Ready)?;
    ask(session, Request::Set(Setting::Depth(DEPTH)))?;
    ask(session, Request::Set(Setting::Rate(RATE)))?;
    if part.running {
        ask(session, Request::Start)?;
        session.start_heartbeat();
        wait_for(session, State::Running)?;
        session.wait(Nanoseconds::from_seconds(1))?;
    }
    if part.telemetry {
        ask(session, Request::SetTelemetryPeriod(Milliseconds(50)))?;
    }
    Ok(())
}

fn ask<S: Samples>(session: &mut Session<'_, VirtualBench, S>, request: Request) -> Result<()> {
    let answer = session.request(request)?;
    ensure!(answer.is_done(), "{request:?}: {answer:?}");
    Ok(())
}

fn wait_for<S: Samples>(session: &mut Session<'_, VirtualBench, S>, wanted: State) -> Result<()> {
    let deadline = session.now() + Nanoseconds::from_seconds(6);
    while session.now() < deadline {
        if let Some(Reply::Status(status)) = session.request(Request::GetStatus)?.reply
            && status.state == wanted
        {
            return Ok(());
        }
        session.wait(Nanoseconds::from_millis(20))?;
    }
    bail!("the pen does not become {wanted:?}")
}

/// What is measured: bench time passes.
#[inline(never)]
fn work<S: Samples>(session: &mut Session<'_, VirtualBench, S>, seconds: u64) -> Result<()> {
    let end = session.now() + Nanoseconds::from_seconds(seconds);
    while session.now() < end {
        session.wait(LOOK)?;
        session.take_telemetry();
    }
    Ok(())
}

/// Lets a prepared pen pass some bench seconds, some times; gives seconds of the fastest and
/// emulated instructions of the last.
fn rounds<S: Samples>(
    session: &mut Session<'_, VirtualBench, S>,
    part: Part,
    seconds: u64,
    rounds: usize,
) -> Result<(f64, u64)> {
    prepare(session, part)?;
    let (mut fastest_s, mut instructions) = (f64::INFINITY, 0);
    for _ in 0..rounds {
        let before = session.bench().instructions();
        let stopwatch = Stopwatch::start();
        work(session, seconds)?;
        fastest_s = fastest_s.min(stopwatch.seconds());
        instructions = session.bench().instructions() - before;
    }
    Ok((fastest_s, instructions))
}

fn run(part: Part, seconds: u64, n_rounds: usize) -> Result<(f64, u64)> {
    let mut bench = bench()?;
    flash_into(&mut bench)?;
    let chain = Chain::new(bench.instruments(), bench.fixture())
        .map_err(|missing| anyhow!("no {missing}"))?;
    bench.power_on(NOMINAL_SUPPLY)?;
    if part.measured {
        let mut session = Session::new(&mut bench, chain);
        let window = session.chain().open();
        let done = rounds(&mut session, part, seconds, n_rounds)?;
        session.chain().close(window)?;
        Ok(done)
    } else {
        rounds(
            &mut Session::new(&mut bench, Unmeasured),
            part,
            seconds,
            n_rounds,
        )
    }
}

fn table() -> Result<()> {
    for part in PARTS {
        let (wall_s, instructions) = run(part, SECONDS, ROUNDS)?;
        println!(
            "{:<28} {:>6.1} x real time   {:.3} million emulated instructions a bench-second",
            part.name,
            SECONDS as f64 / wall_s,
            instructions as f64 / SECONDS as f64 * 1e-6,
        );
    }
    let mut fastest_s = f64::INFINITY;
    for _ in 0..ROUNDS {
        let mut bench = bench()?;
        let stopwatch = Stopwatch::start();
        flash_into(&mut bench)?;
        fastest_s = fastest_s.min(stopwatch.seconds());
    }
    println!("{:<28} {fastest_s:>6.3} s", "flash, verify, read back");
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["count", name, seconds] => {
            let part = PARTS
                .into_iter()
                .find(|part| part.name == name)
                .with_context(|| format!("no part {name}"))?;
            run(part, seconds.parse()?, 1)?;
            Ok(())
        }
        _ => table(),
    }
}
