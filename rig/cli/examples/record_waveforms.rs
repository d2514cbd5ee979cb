//! Records the waveforms that the tests of `penrig measure` read, from the virtual bench:
//! `cargo run -p rig-cli --example record_waveforms -- rig/cli/tests/measure`.
//!
//! The reference lot's first pen at 1.25 mm and 7,000 strokes/min, seen for a second; the gauge
//! block before it; the tachometer's edges beside it. Prints what the chain measured meanwhile.

use anyhow::{Context as _, Result, ensure};
use firmware_units::{Microhertz, Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::{CartridgeChip, REVISION, Reply, Request, Setting, State};
use rig_bench::{
    Actuation, Bench as _, Cartridge, GAUGE, Instrument, InstrumentId, SampleBlock, SampleStatus,
    TACHOMETER,
};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_measure::{SampleFault, level, protrusion_mean, spread, stroke_rate};
use rig_procedure::{
    Chain, ChainError, ChipMemory, Image, NOMINAL_SUPPLY, Samples, Session, flash,
};
use rig_waveform::{Calibration, Description, ParquetWriter, Quantity, Stretch};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::rc::Rc;

const PROGRAM: &str = "penrig 0.1.0";
/// The released image, from the root of the project.
const RELEASED: &str = "firmware/images/pen-a1-1.2.1.elf";

/// The chain, and what it is given, while a recording goes on.
struct Kept {
    chain: Chain,
    gauge: Vec<SampleBlock>,
    edges_ns: Vec<i64>,
}

/// What the session feeds and the recording looks into.
#[derive(Clone)]
struct Recorder(Rc<RefCell<Kept>>);

impl Samples for Recorder {
    fn take(&mut self, instrument: InstrumentId, block: &SampleBlock) -> Result<(), ChainError> {
        let mut kept = self.0.borrow_mut();
        if instrument == GAUGE {
            kept.gauge.push(block.clone());
        } else if instrument == TACHOMETER {
            kept.edges_ns.extend(&block.values);
        }
        Samples::take(&mut kept.chain, instrument, block)
    }

    fn tick(&mut self, now: Nanoseconds) -> Result<(), ChainError> {
        Samples::tick(&mut self.0.borrow_mut().chain, now)
    }
}

type Recording<'b> = Session<'b, VirtualBench, Recorder>;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("which folder?")?;
    let folder = Path::new(&folder);
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    let image = Image::parse(&fs::read(RELEASED)?, ChipMemory::STM32G071RB)?;
    let chip = bench.identity().chip.clone();
    flash(bench.probe()?, &chip, &image)?;
    let instruments = bench.instruments().to_vec();
    let fixture = bench.fixture().clone();
    let chain = Chain::new(&instruments, &fixture).map_err(|it| anyhow::anyhow!("no {it}"))?;
    bench.power_on(NOMINAL_SUPPLY)?;
    let recorder = Recorder(Rc::new(RefCell::new(Kept {
        chain,
        gauge: Vec::new(),
        edges_ns: Vec::new(),
    })));
    let mut session = Session::new(&mut bench, recorder.clone());
    session.wait(Nanoseconds::from_millis(100))?;
    let answer = session.request(Request::Hello { revision: REVISION })?;
    ensure!(
        matches!(answer.reply, Some(Reply::Hello { .. })),
        "{answer:?}"
    );
    wait_for(&mut session, |state| state != State::Boot)?;

    // The block.
    session.actuate(Actuation::GaugeBlock { present: true })?;
    session.wait(Nanoseconds::from_millis(200))?;
    let (block, _, window) = record(&mut session, &recorder, Nanoseconds::from_millis(200))?;
    let on_block = level(window.trace(), 5_000.0)?;
    session.actuate(Actuation::GaugeBlock { present: false })?;

    // The pen.
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
    wait_for(&mut session, |state| state == State::Ready)?;
    session.start_heartbeat();
    for request in [
        Request::Set(Setting::Depth(Micrometers(1_250))),
        Request::Set(Setting::Rate(StrokesPerMinute(7_000))),
        Request::Start,
    ] {
        ensure!(session.request(request)?.is_done(), "{request:?}");
    }
    wait_for(&mut session, |state| state == State::Running)?;
    session.wait(Nanoseconds::from_millis(800))?;
    let (running, edges_ns, window) =
        record(&mut session, &recorder, Nanoseconds::from_seconds(1))?;
    ensure!(session.request(Request::Stop)?.is_done(), "Stop");

    let gauge = instruments
        .iter()
        .find(|it| it.id == GAUGE)
        .context("no gauge")?;
    let mut description = describe(gauge, &fixture);
    description.subject = "gauge block before PA1-00000001".to_owned();
    write_parquet(&folder.join("block.parquet"), &description, &block)?;
    description.subject = "PA1-00000001 at 1.25 mm, 7000 strokes/min".to_owned();
    write_csv(&folder.join("running.csv"), &running)?;
    // On the clock of the CSV, which begins with its first sample.
    write_edges(&folder.join("edges.csv"), &edges_ns)?;
    description.calibration.block_level = Some(on_block.value);
    description.calibration.block_level_u = Some(on_block.u);
    description.calibration.block_level_dof = Some(on_block.dof);
    write_parquet(&folder.join("running.parquet"), &description, &running)?;

    let zero = session.bench().fixture().block_height_nm;
    let zero = rig_measure::Zero {
        level: on_block,
        block_height_nm: zero,
        block_u_nm: 0.0,
    };
    let mut text = String::new();
    writeln!(text, "level {on_block:?}")?;
    writeln!(
        text,
        "rate {:?}",
        stroke_rate(&window, gauge.sample_rate_hz)?.estimate
    )?;
    writeln!(text, "mean {:?}", protrusion_mean(window.strokes(), &zero)?)?;
    writeln!(text, "spread {:?}", spread(window.strokes())?)?;
    print(&text);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the program is run for")]
fn print(text: &str) {
    print!("{text}");
}

fn wait_for(session: &mut Recording<'_>, wanted: impl Fn(State) -> bool) -> Result<()> {
    for _ in 0..300 {
        if let Some(Reply::Status(status)) = session.request(Request::GetStatus)?.reply
            && wanted(status.state)
        {
            return Ok(());
        }
        session.wait(Nanoseconds::from_millis(20))?;
    }
    anyhow::bail!("the pen does not come to the state wanted")
}

/// What gauge and tachometer see for a while, and what the gauge's own chain keeps of it.
fn record(
    session: &mut Recording<'_>,
    recorder: &Recorder,
    length: Nanoseconds,
) -> Result<(Vec<SampleBlock>, Vec<i64>, rig_measure::Capture)> {
    let window = {
        let mut kept = recorder.0.borrow_mut();
        kept.gauge.clear();
        kept.edges_ns.clear();
        kept.chain.open()
    };
    session.wait(length)?;
    let mut kept = recorder.0.borrow_mut();
    let window = kept.chain.close(window)?;
    let gauge = std::mem::take(&mut kept.gauge);
    Ok((gauge, std::mem::take(&mut kept.edges_ns), window.gauge))
}

fn describe(gauge: &Instrument, fixture: &rig_bench::Fixture) -> Description {
    let certificate = &gauge.certificate;
    let block = &fixture.block_certificate;
    let rate = Microhertz(i64::from(gauge.sample_rate_hz) * 1_000_000);
    Description {
        instrument: gauge.id.to_string(),
        model: gauge.model.clone(),
        serial: gauge.serial.clone(),
        resolution: gauge.resolution,
        range: Some(gauge.range),
        calibration: Calibration {
            certificate: Some(certificate.id.clone()),
            traceability: Some(certificate.traceability.clone()),
            due: Some(certificate.due.clone()),
            expanded: Some(certificate.expanded_uncertainty),
            coverage_factor: Some(certificate.coverage_factor),
            linearity: Some(certificate.linearity),
            time_base_ppb: Some(certificate.time_base_ppb),
            bandwidth_hz: Some(f64::from(gauge.bandwidth_hz)),
            noise_floor: Some(fixture.gauge_noise_floor_nm),
            tilt_deg: Some(fixture.tilt_deg),
            drift_per_kelvin: Some(fixture.drift_nm_per_kelvin),
            temperature_kelvin: Some(fixture.temperature_kelvin),
            seating: Some(fixture.seating_nm),
            block_height: Some(fixture.block_height_nm),
            block_u: Some(block.expanded_uncertainty / block.coverage_factor),
            ..Calibration::default()
        },
        ..Description::new(Quantity::Displacement, rate)
    }
}

fn stretch(block: &SampleBlock) -> Stretch {
    let fault = |status| match status {
        SampleStatus::NoTarget => SampleFault::NoTarget,
        SampleStatus::OutOfRange => SampleFault::OutOfRange,
    };
    let exceptions = block.exceptions.iter();
    Stretch {
        first_seq: block.first_seq,
        values: block.values.clone(),
        exceptions: exceptions.map(|it| (it.0, fault(it.1))).collect(),
    }
}

fn write_parquet(path: &Path, description: &Description, blocks: &[SampleBlock]) -> Result<()> {
    let description = Description {
        first_at: blocks.first().context("nothing was recorded")?.at,
        ..description.clone()
    };
    let mut writer = ParquetWriter::new(Vec::new(), &description, PROGRAM)?;
    for block in blocks {
        writer.push(&stretch(block))?;
    }
    let (bytes, _) = writer.finish(&[])?;
    Ok(fs::write(path, bytes)?)
}

/// The first 0.3 s as another program would write it: times from zero, micrometres.
fn write_csv(path: &Path, blocks: &[SampleBlock]) -> Result<()> {
    let mut text =
        String::from("# PA1-00000001 at 1.25 mm, 7000 strokes/min\ntime_s,position_um\n");
    let values = blocks.iter().flat_map(|it| &it.values).take(6_000);
    for (index, value) in values.enumerate() {
        let sign = if *value < 0 { "-" } else { "" };
        let magnitude = value.unsigned_abs();
        writeln!(
            text,
            "{:.5},{sign}{}.{:03}",
            index as f64 / 20_000.0,
            magnitude / 1_000,
            magnitude % 1_000
        )?;
    }
    Ok(fs::write(path, text)?)
}

fn write_edges(path: &Path, edges_ns: &[i64]) -> Result<()> {
    let first = edges_ns.first().context("no edges were recorded")?;
    let mut text = String::from("edge_ns\n");
    for edge in edges_ns {
        writeln!(text, "{}", edge - first)?;
    }
    Ok(fs::write(path, text)?)
}
