//! What the catalogue of faults says of who finds each, on the released image.

use anyhow::{Context as _, Result, ensure};
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, Reply, Request, State};
use rig_bench_virtual::{Finder, VirtualBench, catalog};
use rig_spec::Verdict;
use std::collections::BTreeSet;
use tests_end_to_end::driven::{
    VirtualSession, fit_cartridge, flash_into, hello, power_up, run_at, start,
};
use tests_end_to_end::{ECHO_SETPOINT, RELEASED, reference_with, run, spec};

/// When the faults strike that strike a running pen: it runs by then.
const STRIKES: Nanoseconds = Nanoseconds::from_seconds(6);

/// The pen's own faults by the names that the catalogue gives them.
const PEN_FAULTS: [Fault; 13] = [
    Fault::Stall,
    Fault::OverSpeed,
    Fault::OverCurrent,
    Fault::NoseHot,
    Fault::BatteryLow,
    Fault::BrownOut,
    Fault::LostLink,
    Fault::CarriageLost,
    Fault::Watchdog,
    Fault::CartridgeRemoved,
    Fault::Calibration,
    Fault::UncommandedMotion,
    Fault::SelfTest,
];

/// Faults that the pen must find while it runs at 1.00 mm and 7,000 strokes/min, is stopped and
/// started again: the scenario's fault, and the pen's.
const RUNNING: &[(&str, &str, &str)] = &[
    ("steps-lost", "probability = 1.0", "CarriageLost"),
    ("shaft-stuck", "", "Stall"),
    ("motor-drag", "torque_unm = 8000", "Stall"),
    ("motor-drag", "torque_unm = 5000", "OverCurrent"),
    ("nose-heated", "kelvin = 1000", "NoseHot"),
    ("membrane-drag", "mn = 8000", "Stall"),
    ("hall-dead", "", "Stall"),
    ("hall-missed", "probability = 0.2", "Stall"),
    (
        "hall-double",
        "probability = 1.0\nafter_us = 2000",
        "OverSpeed",
    ),
    ("hall-noise", "per_s = 2000", "OverSpeed"),
    ("position-held", "", "CarriageLost"),
    ("switch-shorted", "", "OverSpeed"),
    ("winding-shorted", "permille = 200", "OverSpeed"),
    ("cartridge-stuck-open", "", "CartridgeRemoved"),
    ("tick-lost", "", "Watchdog"),
    ("supply-dip", "to_mv = 3100", "BatteryLow"),
    ("supply-dip", "to_mv = 0\nfor_s = 0.05", "BrownOut"),
    ("battery-weak", "mohm = 6000", "BatteryLow"),
    ("link-dead", "for_s = 1.0", "LostLink"),
    ("link-cut-to-pen", "for_s = 1.0", "LostLink"),
];

/// Faults that are there when the pen is powered on, and the pen's.
const FROM_POWER_ON: &[(&str, &str, &str)] = &[
    // A cam that turns from power-on on has never rested, so the pen takes it for one that coasts:
    // it must have come to rest before.
    (
        "cam-turned",
        "millihertz = 20000\nfrom_s = 3",
        "UncommandedMotion",
    ),
    ("position-torn", "", "SelfTest"),
    ("home-stuck-closed", "", "CarriageLost"),
    ("home-stuck-open", "", "CarriageLost"),
    ("converter-dead", "", "SelfTest"),
    ("calibration-lost", "", "Calibration"),
    ("brown-out-in-move", "at_um = 500\ndip_ms = 50", "BrownOut"),
];

/// What the pen has latched, as far as it answers.
fn latched(session: &mut VirtualSession<'_>, seen: &mut BTreeSet<String>) -> Result<State> {
    if let Some(Reply::Status(status)) = session.request(Request::GetStatus)?.reply {
        seen.extend(
            PEN_FAULTS
                .iter()
                .filter(|&&fault| status.faults.contains(fault))
                .map(|fault| format!("{fault:?}")),
        );
        return Ok(status.state);
    }
    // It may have started anew.
    let _ = hello(session);
    Ok(State::Boot)
}

/// Watches for some seconds, or until something is latched.
fn watch(
    session: &mut VirtualSession<'_>,
    seconds: u64,
    seen: &mut BTreeSet<String>,
) -> Result<()> {
    let until = session.now() + Nanoseconds::from_seconds(seconds);
    while session.now() < until && seen.is_empty() {
        session.wait(Nanoseconds::from_millis(100))?;
        latched(session, seen)?;
    }
    Ok(())
}

/// Everything that a pen with this fault latches until the first of it has been seen: powered on,
/// run, stopped and run again.
fn found(name: &str, parameters: &str, is_running: bool) -> Result<BTreeSet<String>> {
    let from = if is_running { "from_s = 6.0" } else { "" };
    let scenario = reference_with(&format!("name = \"{name}\"\n{parameters}\n{from}"))?;
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    let mut seen = BTreeSet::new();
    let mut session = power_up(&mut bench, RELEASED)?;
    latched(&mut session, &mut seen)?;
    if !seen.is_empty() {
        ensure!(!is_running, "{seen:?} before {name} strikes");
        return Ok(seen);
    }
    if !is_running {
        watch(&mut session, 3, &mut seen)?;
    }
    // A broken pen may not get there.
    let runs = fit_cartridge(&mut session, 1).and_then(|()| run_at(&mut session, 1_000, 7_000));
    if is_running {
        runs.context("a sound pen runs")?;
        session.run_until(STRIKES - Nanoseconds::from_millis(100))?;
        ensure!(latched(&mut session, &mut seen)? == State::Running);
        ensure!(seen.is_empty(), "{seen:?} before {name} strikes");
    }
    watch(&mut session, 20, &mut seen)?;
    if seen.is_empty() {
        session.request(Request::Stop)?;
        watch(&mut session, 2, &mut seen)?;
    }
    if seen.is_empty() {
        let _ = start(&mut session);
        watch(&mut session, 2, &mut seen)?;
    }
    Ok(seen)
}

#[test]
fn the_pen_finds_what_the_catalogue_says_it_does() -> Result<()> {
    let cases = RUNNING
        .iter()
        .map(|case| (case, true))
        .chain(FROM_POWER_ON.iter().map(|case| (case, false)));
    let mut wrong = Vec::new();
    let mut tried: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (&(name, parameters, fault), is_running) in cases {
        match found(name, parameters, is_running) {
            Ok(seen) if seen.contains(fault) => {}
            other => wrong.push(format!("{name}: {other:?}, not {fault}")),
        }
        tried.insert((name, fault));
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let said: BTreeSet<(&str, &str)> = catalog()
        .flat_map(|entry| entry.found.iter().map(|finder| (entry.name, finder)))
        .filter_map(|(name, finder)| match finder {
            Finder::Pen(fault) => Some((name, *fault)),
            _ => None,
        })
        .collect();
    let untried: Vec<_> = said.difference(&tried).collect();
    // Found when the next run is tried: faults.rs.
    ensure!(
        untried == [&("switch-shorted", "UncommandedMotion")],
        "{untried:?}"
    );
    Ok(())
}

#[test]
fn rows_and_faults_that_the_catalogue_names_are_there() -> Result<()> {
    let spec = spec()?;
    let rows: BTreeSet<String> = spec.rows.iter().map(|row| row.id.to_string()).collect();
    let faults: BTreeSet<String> = PEN_FAULTS.iter().map(|it| format!("{it:?}")).collect();
    for entry in catalog() {
        for finder in entry.found {
            match finder {
                Finder::Row(row) => ensure!(rows.contains(*row), "{}: {row}", entry.name),
                Finder::Pen(fault) => ensure!(faults.contains(*fault), "{}: {fault}", entry.name),
                Finder::Rig(words) | Finder::Nobody(words) => ensure!(!words.is_empty()),
            }
        }
    }
    Ok(())
}

/// Rows that must not pass: the fault, the row.
const ROWS: &[(&str, &str, &str)] = &[
    ("zero-drift", "um_per_s = 30\nfrom_s = 2", "DEP-04"),
    // At 0.4 mm one stop of seven rests with needles out, and one unit of twenty shows none.
    ("backlash-grown", "um = 900", "SAF-08"),
    ("cam-slip", "", "DEP-04"),
    ("needles-bent", "um = 400", "DEP-04"),
    ("needles-long", "um = 400", "DEP-04"),
    ("oscillator-drift", "ppm = 60000\nover_s = 1", "RAT-03"),
    ("gauge-scale", "ppm = 150000", "DEP-06"),
    ("gauge-tilt", "centidegrees = 3000", "DEP-06"),
    ("membrane-drag", "mn = 3000", "RAT-04"),
    ("gauge-shift", "um = 50\nfrom_s = 5", "MSR-03"),
    ("gauge-drift", "nm_per_s = 5000\nfrom_s = 2", "MSR-03"),
    ("current-offset", "ua = 300000", "SAF-03"),
    ("nose-soft", "um_per_n = 60", "DEP-11"),
    ("force-dead", "", "DEP-11"),
    ("axial-weak", "permille = 900", "DEP-11"),
];

#[test]
fn rows_find_what_the_catalogue_says_they_do() -> Result<()> {
    let mut wrong = Vec::new();
    for &(name, parameters, row) in ROWS {
        let scenario = reference_with(&format!("name = \"{name}\"\n{parameters}"))?;
        let record = run(&scenario, 0, RELEASED, &["DEP-01", row])?;
        let entry = catalog()
            .find(|entry| entry.name == name)
            .context("there")?;
        ensure!(entry.found.contains(&Finder::Row(row)), "{name}: {row}");
        if record.verdict(row) == Some(Verdict::Pass) {
            wrong.push(format!("{name}: {row} {:?}", record.outcome));
        }
    }
    ensure!(wrong.is_empty(), "{wrong:?}");
    Ok(())
}

/// Faults under which a run gives no verdict: the fault, and a row.
const RIG: &[(&str, &str, &str)] = &[
    ("gauge-hold", "from_s = 3", "DEP-04"),
    (
        "gauge-hold-on-loss",
        "probability = 0.001\nsamples = 40",
        "DEP-04",
    ),
    ("gauge-dropout", "probability = 0.0005", "DEP-04"),
    ("gauge-gap", "samples = 20\nfrom_s = 2", "DEP-04"),
    ("gauge-loss", "samples = 20\nfrom_s = 2", "DEP-04"),
    ("gauge-saturated", "um = 1000", "DEP-04"),
    ("gauge-noise", "nm = 100000", "DEP-04"),
    ("gauge-clock-off", "ppm = 20000", "RAT-03"),
    ("tachometer-dead", "", "RAT-03"),
    ("tachometer-double", "probability = 0.2", "RAT-03"),
    ("tachometer-missed", "probability = 0.2", "RAT-03"),
    ("tachometer-clock-off", "ppm = 20000", "RAT-03"),
    ("link-cut-to-pen", "from_s = 3", "RAT-03"),
    ("link-cut-from-pen", "from_s = 3", "RAT-03"),
    ("link-dead", "from_s = 3", "RAT-03"),
    ("cartridge-stuck-closed", "", "RAT-03"),
    ("flash-page-weak", "page = 2", "RAT-03"),
    ("probe-absent", "", "RAT-03"),
    ("probe-lost", "transfers = 2000", "RAT-03"),
];

#[test]
fn the_rig_gives_no_verdict_where_the_catalogue_says_it_finds_the_fault() -> Result<()> {
    let mut wrong = Vec::new();
    for &(name, parameters, row) in RIG {
        let scenario = reference_with(&format!("name = \"{name}\"\n{parameters}"))?;
        let record = run(&scenario, 0, RELEASED, &[row])?;
        let entry = catalog()
            .find(|entry| entry.name == name)
            .context("there")?;
        // What ended the run, what was noted, and why the row was not run.
        let said = format!(
            "{:?} {:?} {:?}",
            record.outcome,
            record.anomalies,
            record.why_not_run(row)
        );
        let is_said = entry
            .found
            .iter()
            .any(|finder| matches!(finder, Finder::Rig(words) if said.contains(words)));
        if record.verdict(row).is_some() || !is_said {
            wrong.push(format!("{name}: {:?} {said}", record.verdict(row)));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_line_with_errors_is_never_a_failing_pen() -> Result<()> {
    for fault in [
        "name = \"link-bit-errors\"\nrate = 0.0001",
        "name = \"link-byte-loss\"\nprobability = 0.0005",
    ] {
        let record = run(&reference_with(fault)?, 0, RELEASED, &["SAF-07"])?;
        ensure!(record.verdict("SAF-07") != Some(Verdict::Fail), "{fault}");
    }
    Ok(())
}

#[test]
fn a_worn_page_is_found_when_another_image_is_flashed_over_the_first() -> Result<()> {
    let scenario = reference_with("name = \"flash-page-stuck\"\npage = 2")?;
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    flash_into(&mut bench, ECHO_SETPOINT)?;
    let error = flash_into(&mut bench, RELEASED).err().context("it holds")?;
    let said = format!("{error:#}");
    let entry = catalog()
        .find(|entry| entry.name == "flash-page-stuck")
        .context("there")?;
    ensure!(
        matches!(entry.found, [Finder::Rig(words)] if said.contains(words)),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_pen_works_on_with_one_copy_of_its_record_and_with_a_latent_fault() -> Result<()> {
    for fault in ["calibration-copy-lost", "cut-off-stuck"] {
        let scenario = reference_with(&format!("name = \"{fault}\""))?;
        let record = run(&scenario, 0, RELEASED, &["DEP-04", "RAT-03"])?;
        for row in ["DEP-04", "RAT-03"] {
            ensure!(record.verdict(row) == Some(Verdict::Pass), "{fault}: {row}");
        }
    }
    Ok(())
}
