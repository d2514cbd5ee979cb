//! Opens a bench with one pen in it.

use crate::Failure;
use crate::args::BenchArgs;
use anyhow::{Context as _, anyhow};
use rig_bench_virtual::{Scenario, VirtualBench};
use std::path::Path;

/// A bench and the pen it holds.
pub(crate) struct Opened<B> {
    pub(crate) bench: B,
    /// Serial number that the pen should have.
    pub(crate) serial: String,
    /// Which bench this is, for people.
    pub(crate) title: String,
    /// What becomes of the pen when the command ends, if that may surprise.
    pub(crate) afterwards: Option<&'static str>,
}

/// Opens the bench that the arguments name.
pub(crate) fn open(args: &BenchArgs) -> Result<Opened<VirtualBench>, Failure> {
    require_known(&args.bench)?;
    let scenario = read_scenario(args.scenario.as_deref())?;
    let (index, serial) = choose(&scenario, args.serial.as_deref())?;
    let seed = args.seed.unwrap_or(scenario.lot.seed);
    let bench = VirtualBench::new(&scenario, index, seed).map_err(Failure::input)?;
    Ok(Opened {
        bench,
        serial,
        title: format!("virtual, lot {}, seed {seed}", scenario.lot.name),
        afterwards: Some("the virtual pen is gone when this command ends, and its flash with it"),
    })
}

/// The pen of a lot that was asked for, the first one otherwise: its place and serial number.
pub(crate) fn choose(
    scenario: &Scenario,
    serial: Option<&str>,
) -> Result<(usize, String), Failure> {
    let serials = scenario.serials();
    let index = match serial {
        None => 0,
        Some(serial) => serials.iter().position(|it| it == serial).ok_or_else(|| {
            Failure::Input(anyhow!(
                "serial number {serial} is not a pen of this bench's lot ({} to {})",
                serials.first().map_or("", String::as_str),
                serials.last().map_or("", String::as_str)
            ))
        })?,
    };
    Ok((index, scenario.lot.serial(index)))
}

/// Refuses a bench that is not the virtual one.
fn require_known(bench: &str) -> Result<(), Failure> {
    match hardware_file(bench)? {
        None => Ok(()),
        Some(_) => Err(Failure::Input(anyhow!(
            "this command works on the virtual bench alone; `penrig qualify`, `explore`, `replay` and `bench check` open a bench file"
        ))),
    }
}

/// The bench file that was named, if it is not the virtual bench.
pub(crate) fn hardware_file(bench: &str) -> Result<Option<&Path>, Failure> {
    let path = Path::new(bench);
    if bench == "virtual" {
        Ok(None)
    } else if path.extension().is_some_and(|it| it == "toml") || path.exists() {
        Ok(Some(path))
    } else {
        Err(Failure::Input(anyhow!(
            "unknown bench `{bench}`; this edition knows: virtual, or a bench file (see `penrig bench list`)"
        )))
    }
}

/// Reads a scenario, or gives the built-in reference lot.
pub(crate) fn read_scenario(path: Option<&Path>) -> Result<Scenario, Failure> {
    read_scenario_text(path).map(|it| it.0)
}

/// The same with the text that it was read from.
pub(crate) fn read_scenario_text(path: Option<&Path>) -> Result<(Scenario, String), Failure> {
    let Some(path) = path else {
        return Ok((Scenario::reference(), Scenario::REFERENCE.to_owned()));
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the scenario `{}`", path.display()))
        .map_err(Failure::Input)?;
    let scenario = Scenario::parse(&path.display().to_string(), &text)
        .with_context(|| format!("scenario `{}`", path.display()))
        .map_err(Failure::Input)?;
    Ok((scenario, text))
}
