//! The shipped image on the virtual bench: helpers that build a plan, run a unit and look at it.

pub mod driven;
pub mod judged;
pub mod lacking;
pub mod traced;

use anyhow::{Context as _, Result, anyhow, ensure};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{ChipMemory, FlashPolicy, Image, UnitJob, run_unit};
use rig_record::UnitRecord;
use rig_spec::{Plan, PlanEntry, Required, RowId, SpecSet, UnitsWanted};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The released image.
pub const RELEASED: &str = "firmware/images/pen-a1-1.2.1.elf";
/// The image whose telemetry echoes the setpoint.
pub const ECHO_SETPOINT: &str = "firmware/images/defective/pen-a1-1.2.1-echo-setpoint.elf";

/// A file of the project.
#[must_use]
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The spec of Pen A1.
///
/// # Errors
/// A table that cannot be read, or has a defect.
pub fn spec() -> Result<SpecSet> {
    spec_with("", "", "")
}

/// The spec of Pen A1 with a text in one of its tables replaced.
///
/// # Errors
/// As [`spec`], or the text is not there.
pub fn spec_with(table: &str, from: &str, to: &str) -> Result<SpecSet> {
    spec_with_all(&[(table, from, to)])
}

/// The spec of Pen A1 with several texts replaced: table, text, what stands in its place.
///
/// # Errors
/// As [`spec_with`].
pub fn spec_with_all(edits: &[(&str, &str, &str)]) -> Result<SpecSet> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(project("specs/pen-a1"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .context("a file has a name")?
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".csv") {
            let mut text = fs::read_to_string(&path)?;
            for (table, from, to) in edits.iter().filter(|edit| edit.0 == name) {
                ensure!(text.contains(from), "{table} does not hold {from}");
                text = text.replacen(from, to, 1);
            }
            files.insert(name, text);
        }
    }
    SpecSet::parse(&files).map_err(|defects| anyhow!("{defects:?}"))
}

/// An image of the project.
///
/// # Errors
/// It cannot be read or does not fit the chip.
pub fn image(path: &str) -> Result<Image> {
    Ok(Image::parse(
        &fs::read(project(path))?,
        ChipMemory::STM32G071RB,
    )?)
}

/// A scenario file of the virtual bench.
///
/// # Errors
/// It cannot be read or has a defect.
pub fn scenario(name: &str) -> Result<Scenario> {
    let path = project("rig/bench-virtual/scenarios").join(format!("{name}.toml"));
    Ok(Scenario::parse(name, &fs::read_to_string(path)?)?)
}

/// A plan of these rows alone, on every unit.
///
/// # Errors
/// A row id that is none.
pub fn plan(rows: &[&str]) -> Result<Plan> {
    let entry = |row: &&str| -> Result<PlanEntry> {
        Ok(PlanEntry {
            row: RowId::parse(row).with_context(|| format!("{row} is a row id"))?,
            required: Required::Yes,
            n_units: UnitsWanted::All,
            max_remeasure: 1,
            note: String::new(),
        })
    };
    Ok(Plan {
        name: "of these rows".to_owned(),
        entries: rows.iter().map(entry).collect::<Result<_>>()?,
    })
}

/// Runs some rows on one unit of a scenario's lot.
///
/// # Errors
/// An input that cannot be read; the run itself always gives a record.
pub fn run(
    scenario: &Scenario,
    unit_index: usize,
    image_path: &str,
    rows: &[&str],
) -> Result<UnitRecord> {
    let mut bench = VirtualBench::new(scenario, unit_index, scenario.lot.seed)?;
    run_on(&mut bench, scenario, unit_index, image_path, rows)
}

/// Runs some rows on a bench that the caller keeps.
///
/// # Errors
/// As [`run`].
pub fn run_on(
    bench: &mut VirtualBench,
    scenario: &Scenario,
    unit_index: usize,
    image_path: &str,
    rows: &[&str],
) -> Result<UnitRecord> {
    run_by(&spec()?, bench, scenario, unit_index, image_path, rows)
}

/// Runs some rows of a spec on a bench that the caller keeps.
///
/// # Errors
/// As [`run`].
pub fn run_by(
    spec: &SpecSet,
    bench: &mut VirtualBench,
    scenario: &Scenario,
    unit_index: usize,
    image_path: &str,
    rows: &[&str],
) -> Result<UnitRecord> {
    let (plan, image) = (plan(rows)?, image(image_path)?);
    let serial = scenario.lot.serial(unit_index);
    let job = UnitJob {
        spec,
        plan: &plan,
        image: &image,
        build_id: None,
        serial: &serial,
        index: u32::try_from(unit_index)?,
        of: 1,
        flash: FlashPolicy::Always,
        date: &scenario.dates.today,
    };
    Ok(run_unit(bench, &job, &mut |_| {}, &|| false))
}

/// The reference lot with one fault more, on every unit.
///
/// # Errors
/// The text is no fault.
pub fn reference_with(fault: &str) -> Result<Scenario> {
    let reference = include_str!("../../../rig/bench-virtual/scenarios/reference.toml");
    let text = format!("{reference}\n[[fault]]\nunit = \"all\"\ncontained = false\n{fault}\n");
    Ok(Scenario::parse("reference with a fault", &text)?)
}
