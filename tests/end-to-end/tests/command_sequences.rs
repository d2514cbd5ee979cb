//! Command sequences against the released image, judged by what the instruments saw.

use anyhow::{Result, anyhow, ensure};
use firmware_units::{Micrometers, Milliseconds, Nanoseconds, StrokesPerMinute};
use firmware_wire::{CartridgeChip, Preset, Request, Setting};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rig_bench::{Actuation, Bench as _, Cartridge};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_measure::level;
use rig_procedure::{Chain, NOMINAL_SUPPLY, Session, flash};
use tests_end_to_end::{RELEASED, image};

/// One thing done to the pen.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(Request),
    Wait(u32),
    FitCartridge,
    RemoveCartridge,
    Button,
}

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        1 => (0..=14_i32).prop_map(|notch| Request::Set(Setting::Depth(Micrometers(notch * 250)))),
        1 => (-300..=4_000_i32).prop_map(|depth| Request::Set(Setting::Depth(Micrometers(depth)))),
        1 => (0..=20_000_u32).prop_map(|rate| Request::Set(Setting::Rate(StrokesPerMinute(rate)))),
        5 => Just(Request::Start),
        1 => Just(Request::Stop),
        1 => Just(Request::UnlockDepth),
        1 => Just(Request::LockDepth),
        1 => Just(Request::SelectPreset(Preset::Nose)),
        1 => Just(Request::SelectPreset(Preset::Scars)),
        1 => Just(Request::ClearPreset),
        1 => Just(Request::EndTreatment),
        1 => Just(Request::ClearFaults),
        1 => Just(Request::Heartbeat),
        1 => Just(Request::SetTelemetryPeriod(Milliseconds(50))),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => requests().prop_map(Step::Ask),
        3 => (1..=900_u32).prop_map(Step::Wait),
        1 => Just(Step::FitCartridge),
        1 => Just(Step::RemoveCartridge),
        1 => Just(Step::Button),
    ]
}

/// What the instruments saw of a sequence.
#[derive(Debug)]
struct Seen {
    edges: usize,
    deepest_um: f64,
    unlocked: bool,
}

fn play(steps: &[Step], cartridges: bool) -> Result<Seen> {
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    let chip = bench.identity().chip.clone();
    flash(bench.probe()?, &chip, &image(RELEASED)?)?;
    let chain = Chain::new(bench.instruments(), bench.fixture())
        .map_err(|missing| anyhow!("no {missing}"))?;
    bench.power_on(NOMINAL_SUPPLY)?;
    let block_height_nm = bench.fixture().block_height_nm;
    let mut session = Session::new(&mut bench, chain);
    session.wait(Nanoseconds::from_millis(2_500))?;
    session.actuate(Actuation::GaugeBlock { present: true })?;
    session.wait(Nanoseconds::from_millis(50))?;
    let window = session.chain().open();
    session.wait(Nanoseconds::from_millis(200))?;
    let zero_nm =
        level(session.chain().close(window)?.gauge.trace(), 20_000.0)?.value - block_height_nm;
    session.actuate(Actuation::GaugeBlock { present: false })?;

    let window = session.chain().open();
    let mut unlocked = false;
    for (number, step) in (1_u64..).zip(steps) {
        match *step {
            Step::Ask(request) => {
                let answer = session.request(request)?;
                ensure!(answer.reply.is_some(), "no reply to {request:?}");
                unlocked |= request == Request::UnlockDepth && answer.is_done();
            }
            Step::Wait(millis) => session.wait(Nanoseconds::from_millis(u64::from(millis)))?,
            Step::FitCartridge if cartridges => {
                let needle_length = Micrometers(2_500);
                let chip = CartridgeChip {
                    id: number,
                    needles: 14,
                    needle_length,
                    treatment: None,
                };
                let needle_excess = Micrometers::ZERO;
                session.actuate(Actuation::Cartridge(Some(Cartridge {
                    chip: chip.to_bytes(),
                    needle_excess,
                })))?;
                session.wait(Nanoseconds::from_millis(150))?;
            }
            Step::FitCartridge | Step::RemoveCartridge => {
                session.actuate(Actuation::Cartridge(None))?
            }
            Step::Button => {
                session.actuate(Actuation::Button { pressed: true })?;
                session.wait(Nanoseconds::from_millis(120))?;
                session.actuate(Actuation::Button { pressed: false })?;
            }
        }
    }
    session.wait(Nanoseconds::from_millis(500))?;
    let window = session.chain().close(window)?;
    let deepest = window
        .gauge
        .strokes()
        .iter()
        .map(|stroke| stroke.peak_nm)
        .fold(f64::MIN, f64::max);
    Ok(Seen {
        edges: window.edges.edges_ns.len(),
        deepest_um: (deepest - zero_nm) * 1e-3,
        unlocked,
    })
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn nothing_turns_the_cam_without_a_cartridge() {
    runner(6)
        .run(&prop::collection::vec(steps(), 4..14), |steps| {
            let mut sequence = vec![Step::FitCartridge];
            sequence.extend(steps);
            let seen = play(&sequence, false)
                .map_err(|error| TestCaseError::fail(format!("{error:#}")))?;
            prop_assert_eq!(seen.edges, 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_stroke_goes_beyond_the_limit_in_force() {
    // The armed limit is 1.50 mm and the range 2.50 mm; 0.15 mm is the tolerance of row DEP-09-U.
    runner(8)
        .run(&prop::collection::vec(steps(), 6..18), |steps| {
            let mut sequence = vec![Step::FitCartridge];
            sequence.extend(steps);
            let seen =
                play(&sequence, true).map_err(|error| TestCaseError::fail(format!("{error:#}")))?;
            let ceiling_um = if seen.unlocked { 2_650.0 } else { 1_650.0 };
            prop_assert!(seen.deepest_um <= ceiling_um, "{:?}", seen);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_sequence_that_starts_the_pen_is_seen_by_the_instruments() -> Result<()> {
    let steps = [
        Step::FitCartridge,
        Step::Ask(Request::Set(Setting::Depth(Micrometers(1_000)))),
        Step::Ask(Request::Start),
        Step::Wait(380),
        Step::Ask(Request::Heartbeat),
        Step::Wait(380),
        Step::Ask(Request::Stop),
    ];
    let seen = play(&steps, true)?;
    ensure!(seen.edges > 20, "{seen:?}");
    ensure!((850.0..=1_150.0).contains(&seen.deepest_um), "{seen:?}");
    Ok(())
}
