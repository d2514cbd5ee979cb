//! Steps that the virtual bench skips for a sleeping chip lose nothing: the same observations as
//! with every step run.

use anyhow::{Result, ensure};
use firmware_units::{Micrometers, Nanoseconds};
use firmware_wire::frame::encode_request;
use firmware_wire::{CartridgeChip, Request, Setting};
use rig_bench::{Actuation, Bench as _, Cartridge, Millivolts, Observation, Shaft};
use rig_bench_virtual::{Scenario, VirtualBench};
use tests_end_to_end::driven::flash_into;
use tests_end_to_end::{RELEASED, reference_with};

/// What is done to the pen, and how many milliseconds pass after it.
enum Step {
    Ask(Request),
    Do(Actuation),
    Wait,
}

fn cartridge() -> Actuation {
    let chip = CartridgeChip {
        id: 7,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment: None,
    };
    Actuation::Cartridge(Some(Cartridge {
        chip: chip.to_bytes(),
        needle_excess: Micrometers::ZERO,
    }))
}

/// Boot, a treatment, an idle pen, a turned shaft, a button and a supply that dips.
fn script() -> Vec<(Step, u64)> {
    let mut script = vec![
        (Step::Wait, 2_100),
        (Step::Do(cartridge()), 233),
        (
            Step::Ask(Request::Set(Setting::Depth(Micrometers(1_250)))),
            17,
        ),
        (Step::Ask(Request::Start), 97),
    ];
    script.extend((0..9).map(|_| (Step::Ask(Request::Heartbeat), 101)));
    script.extend([
        (Step::Ask(Request::Stop), 1_307),
        (
            Step::Do(Actuation::Shaft(Shaft::Turned { millihertz: 9_000 })),
            403,
        ),
        (Step::Do(Actuation::Shaft(Shaft::Free)), 211),
        (Step::Ask(Request::ClearFaults), 53),
        (Step::Do(Actuation::Button { pressed: true }), 61),
        (Step::Do(Actuation::Button { pressed: false }), 900),
        (Step::Do(Actuation::Supply(Millivolts(900))), 40),
        (Step::Do(Actuation::Supply(Millivolts(3_700))), 1_500),
        (Step::Do(Actuation::Cartridge(None)), 333),
    ]);
    script
}

/// Plays the script; every observation in its order.
fn play(scenario: &Scenario, step_all: bool) -> Result<Vec<Observation>> {
    let mut bench = VirtualBench::new(scenario, 1, scenario.lot.seed)?;
    if step_all {
        bench.step_all();
    }
    flash_into(&mut bench, RELEASED)?;
    bench.power_on(Millivolts(3_700))?;
    let mut seen = Vec::new();
    let mut now = Nanoseconds::ZERO;
    for (number, (step, millis)) in (1..).zip(script()) {
        match step {
            Step::Ask(request) => {
                bench.send(&encode_request(number, &request)?)?;
            }
            Step::Do(actuation) => bench.actuate(actuation)?,
            Step::Wait => {}
        }
        now = now + Nanoseconds::from_millis(millis);
        while bench.now() < now {
            seen.extend(bench.advance(now)?);
        }
    }
    Ok(seen)
}

fn check(scenario: &Scenario) -> Result<()> {
    let (skipped, stepped) = (play(scenario, false)?, play(scenario, true)?);
    ensure!(stepped.len() > 100, "{} observations", stepped.len());
    ensure!(
        skipped.len() == stepped.len(),
        "{} observations, {} with every step run",
        skipped.len(),
        stepped.len()
    );
    let differs = skipped.iter().zip(&stepped).position(|(a, b)| a != b);
    ensure!(
        differs.is_none(),
        "observation {differs:?} is another with every step run"
    );
    Ok(())
}

#[test]
fn of_a_sound_pen() -> Result<()> {
    check(&Scenario::reference())
}

#[test]
fn of_a_pen_whose_button_sticks_or_whose_converter_dies() -> Result<()> {
    check(&reference_with(
        "name = \"button-stuck\"\nfrom_s = 3.6\nfor_s = 0.4",
    )?)?;
    check(&reference_with(
        "name = \"converter-dead\"\nfrom_s = 4.7\nfor_s = 0.2",
    )?)
}
