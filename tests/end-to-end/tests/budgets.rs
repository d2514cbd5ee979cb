//! What the released image costs the chip, against the budgets that its manifest declares: stack,
//! longest control tick, instructions a second.
#![expect(
    clippy::print_stdout,
    reason = "the figures are shown with `-- --nocapture`"
)]

use anyhow::{Context as _, Result, anyhow, ensure};
use firmware_units::{Micrometers, Milliseconds, Nanoseconds, StrokesPerMinute};
use firmware_wire::frame::encode_request;
use firmware_wire::{Fault, Reply, Request, Setting, State};
use object::LittleEndian;
use object::read::elf::{ElfFile32, ProgramHeader as _};
use rig_bench::{Actuation, Bench as _, Shaft};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{Chain, ChipMemory, Image, NOMINAL_SUPPLY, Session};
use serde::Deserialize;
use std::fs;
use tests_end_to_end::driven::{
    VirtualSession, clear_faults, done, fit_cartridge, flash_into, start, status, wait_for,
};
use tests_end_to_end::{RELEASED, image, project};

/// Start-up code, clocks and converter are done by then; homing has only begun.
const CHIP_BOOT: Nanoseconds = Nanoseconds::from_millis(10);
/// The cam has come to speed by then.
const RUN_UP: Nanoseconds = Nanoseconds::from_millis(1_500);
/// What the instructions a second are counted over.
const SECOND: Nanoseconds = Nanoseconds::from_seconds(1);
/// As often as the rig asks for it.
const STEADY_TELEMETRY: Milliseconds = Milliseconds(50);
/// As often as the pen takes.
const FASTEST_TELEMETRY: Milliseconds = Milliseconds(10);
/// Bytes longer than any frame may be (`firmware_wire::frame::MAX_FRAME_LEN`).
const OVERSIZED: usize = 300;

/// `[package.metadata.budget]` of `firmware/app/Cargo.toml`, which says what each figure is. The
/// flash is looked at by `cargo xtask firmware`, and so is the RAM.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Budget {
    ram: u32,
    stack: u32,
    tick_running: u64,
    tick_any: u64,
    instructions_per_second: u64,
    instructions_per_second_full_link: u64,
}

fn budget() -> Result<Budget> {
    let manifest: toml::Table = fs::read_to_string(project("firmware/app/Cargo.toml"))?.parse()?;
    let budget = ["package", "metadata", "budget"]
        .into_iter()
        .try_fold(toml::Value::Table(manifest), |table, key| {
            table.get(key).cloned()
        });
    Ok(budget.context("no budget is declared")?.try_into()?)
}

/// What one life of the pen cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    /// Bytes.
    stack: u32,
    /// CPU cycles of the longest control tick, from its interrupt to the watchdog's refresh: from
    /// the first turn of the cam until the pen is at rest again, and in any state after boot.
    tick_running: u64,
    tick_any: u64,
    /// Instructions a second, cam turning, [`STEADY_TELEMETRY`].
    steady: u64,
    /// Instructions a second, cam turning, the link full.
    full_link: u64,
}

impl Cost {
    /// Notes the ticks since the last note, the cam having turned.
    fn note_running(&mut self, session: &mut VirtualSession<'_>) {
        let tick = session.bench().take_longest_tick().unwrap_or(0);
        self.tick_running = self.tick_running.max(tick);
        self.tick_any = self.tick_any.max(tick);
    }

    /// As [`Cost::note_running`], the cam having stood still at times.
    fn note_any(&mut self, session: &mut VirtualSession<'_>) {
        let tick = session.bench().take_longest_tick().unwrap_or(0);
        self.tick_any = self.tick_any.max(tick);
    }
}

/// Instructions in a second of bench time, in which frames are sent back to back if there are any.
fn instructions_in_a_second(session: &mut VirtualSession<'_>, frames: &[u8]) -> Result<u64> {
    let before = session.bench().instructions();
    let end = session.now() + SECOND;
    while session.now() < end {
        let mut left = session.now() + Nanoseconds::from_millis(20);
        if !frames.is_empty() {
            left = session.bench().send(frames)?;
        }
        session.run_until(left)?;
    }
    let time = session.now().0 - (end.0 - SECOND.0);
    let instructions = session.bench().instructions() - before;
    Ok((u128::from(instructions) * u128::from(SECOND.0) / u128::from(time)) as u64)
}

/// Frames that ask for the status, one after another.
fn status_requests() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for sequence in 0..20 {
        bytes.extend(encode_request(sequence, &Request::GetStatus)?);
    }
    Ok(bytes)
}

/// A good frame, bytes that are none, a frame whose CRC does not hold, and one that is too long.
fn garbage() -> Result<Vec<u8>> {
    let good = encode_request(7, &Request::Heartbeat)?;
    let mut bytes = good.to_vec();
    let noise = (1_u32..=60).map(|n| n.wrapping_mul(0x9E37_79B9).to_be_bytes()[0]);
    bytes.extend(noise);
    bytes.push(0);
    let mut damaged = good.to_vec();
    damaged[2] ^= 0x10;
    bytes.extend(damaged);
    bytes.extend([0x55; OVERSIZED]);
    bytes.push(0);
    Ok(bytes)
}

/// Frames of telemetry since they were last taken, each of a pen at 150 strokes a second.
fn at_speed(session: &mut VirtualSession<'_>) -> Result<usize> {
    let telemetry = session.take_telemetry();
    for (_, it) in &telemetry {
        let at_speed = it.rate_millihertz.abs_diff(150_000) < 3_000;
        ensure!(it.state == State::Running && at_speed, "{it:?}");
    }
    Ok(telemetry.len())
}

/// What a pen at speed executes in a second: as it is used, and with the link as full as it gets.
fn run_at_speed(session: &mut VirtualSession<'_>, cost: &mut Cost) -> Result<()> {
    done(session, Request::SetTelemetryPeriod(STEADY_TELEMETRY))?;
    session.wait(RUN_UP)?;
    session.take_telemetry();
    cost.steady = instructions_in_a_second(session, &[])?;
    ensure!(at_speed(session)? >= 19, "telemetry is missing");

    done(session, Request::SetTelemetryPeriod(FASTEST_TELEMETRY))?;
    for _ in 0..100 {
        status(session)?;
    }
    let left = session.bench().send(&garbage()?)?;
    session.run_until(left)?;
    status(session)?;
    cost.note_running(session);

    let asked = instructions_in_a_second(session, &status_requests()?)?;
    let disturbed = instructions_in_a_second(session, &garbage()?)?;
    cost.full_link = asked.max(disturbed);
    cost.note_running(session);
    ensure!(at_speed(session)? > 0, "telemetry is missing");
    Ok(())
}

/// Everything that ends a run: STOP, a stall, a cartridge pulled.
fn run_and_stop_in_three_ways(session: &mut VirtualSession<'_>, cost: &mut Cost) -> Result<()> {
    start(session)?;
    cost.note_any(session);
    run_at_speed(session, cost)?;
    done(session, Request::Stop)?;
    wait_for(session, |status| status.state == State::Ready)?;
    cost.note_running(session);

    start(session)?;
    cost.note_any(session);
    session.actuate(Actuation::Shaft(Shaft::Locked))?;
    let stalled = wait_for(session, |status| !status.faults.is_empty())?;
    ensure!(stalled.faults.contains(Fault::Stall), "{stalled:?}");
    session.actuate(Actuation::Shaft(Shaft::Free))?;
    clear_faults(session)?;
    cost.note_running(session);

    start(session)?;
    cost.note_any(session);
    session.actuate(Actuation::Cartridge(None))?;
    let pulled = wait_for(session, |status| !status.faults.is_empty())?;
    ensure!(
        pulled.faults.contains(Fault::CartridgeRemoved),
        "{pulled:?}"
    );
    clear_faults(session)?;
    cost.note_running(session);
    Ok(())
}

/// Takes the pen from power-on through everything that costs it something.
fn live(bench: &mut VirtualBench) -> Result<Cost> {
    let mut cost = Cost::default();
    let chain = Chain::new(bench.instruments(), bench.fixture())
        .map_err(|missing| anyhow!("no {missing}"))?;
    bench.power_on(NOMINAL_SUPPLY)?;
    let mut session = Session::new(bench, chain);
    session.wait(CHIP_BOOT)?;
    done(&mut session, Request::Heartbeat)?;
    session.bench().take_longest_tick();
    let booting = status(&mut session)?;
    ensure!(booting.state == State::Boot, "homed already: {booting:?}");
    done(&mut session, Request::SetTelemetryPeriod(FASTEST_TELEMETRY))?;
    wait_for(&mut session, |status| status.state == State::Standby)?;
    fit_cartridge(&mut session, 1)?;

    done(&mut session, Request::UnlockDepth)?;
    let depth = Setting::Depth(Micrometers(2_500));
    done(&mut session, Request::Set(depth))?;
    let rate = Setting::Rate(StrokesPerMinute(9_000));
    done(&mut session, Request::Set(rate))?;
    session.start_heartbeat();
    run_and_stop_in_three_ways(&mut session, &mut cost)?;

    done(&mut session, Request::EndTreatment)?;
    fit_cartridge(&mut session, 2)?;
    cost.note_any(&mut session);
    match session.request(Request::GetLinkCounters)?.reply {
        Some(Reply::LinkCounters(counters)) => ensure!(
            counters.malformed >= 10 && counters.oversized >= 10,
            "the garbage was not seen as such: {counters:?}"
        ),
        other => return Err(anyhow!("GetLinkCounters was answered by {other:?}")),
    }
    Ok(cost)
}

/// One past the last address of RAM that the linker gave out (.data, .bss, .uninit).
fn static_ram_end(image: &Image) -> Result<u32> {
    let memory = ChipMemory::STM32G071RB;
    let elf = ElfFile32::<LittleEndian>::parse(image.file.as_slice())?;
    elf.elf_program_headers()
        .iter()
        .map(|it| (it.p_vaddr(LittleEndian), it.p_memsz(LittleEndian)))
        .filter(|(address, _)| (memory.ram_start..memory.ram_end).contains(address))
        .map(|(address, length)| address + length)
        .max()
        .context("the image uses no RAM")
}

/// Bytes of the stack that were used at most. A frame whose deepest words nobody wrote is seen
/// short by those.
fn stack_used(bench: &VirtualBench, image: &Image) -> Result<u32> {
    let first = image.segments.first().context("an empty image")?;
    let top = first.bytes.first_chunk().context("no vector table")?;
    let top = u32::from_le_bytes(*top);
    let deepest = bench.first_ram_touched(static_ram_end(image)?);
    Ok(top - deepest.context("nothing on the stack")?)
}

#[test]
fn the_released_image_keeps_its_budgets() -> Result<()> {
    let budget = budget()?;
    let memory = ChipMemory::STM32G071RB;
    ensure!(
        budget.ram + budget.stack <= memory.ram_end - memory.ram_start,
        "the chip has no room for both budgets: {budget:?}"
    );
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    flash_into(&mut bench, RELEASED)?;
    let mut cost = live(&mut bench)?;
    cost.stack = stack_used(&bench, &image(RELEASED)?)?;

    println!("{cost:#?}");
    // A figure below the plausible is one of a broken measurement.
    let figures = [
        (
            "B of stack",
            u64::from(cost.stack),
            200,
            u64::from(budget.stack),
        ),
        (
            "cycles of a control tick, cam turning",
            cost.tick_running,
            1_000,
            budget.tick_running,
        ),
        (
            "cycles of a control tick",
            cost.tick_any,
            2_000,
            budget.tick_any,
        ),
        (
            "instructions a second, cam turning",
            cost.steady,
            100_000,
            budget.instructions_per_second,
        ),
        (
            "instructions a second, cam turning and the link full",
            cost.full_link,
            200_000,
            budget.instructions_per_second_full_link,
        ),
    ];
    let wrong: Vec<String> = figures
        .into_iter()
        .filter(|(_, found, least, most)| !(least..=most).contains(&found))
        .map(|(what, found, least, most)| {
            format!("{found} {what}: {most} budgeted, less than {least} not plausible")
        })
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
