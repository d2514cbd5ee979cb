//! A hardware bench from its bench file: opened for one pen, or looked at part by part.

use crate::args::{BenchArgs, QualifyArgs};
use crate::lot::{self, Intake};
use crate::{Failure, clock, golden, operator, print_error, print_line, text};
use anyhow::{Context as _, anyhow};
use rig_bench_hardware::{Description, FlashPolicy, HardwareBench, LatencyNote};
use rig_record::GoldenStatus;
use rig_spec::{IntakeList, SpecSet};
use std::path::Path;

/// `penrig bench check`.
pub(crate) fn check(file: &Path) -> Result<u8, Failure> {
    let description = read(file)?;
    let today = clock::today(clock::wall()?);
    let findings = rig_bench_hardware::check(&description, file, "", &today);
    let rows: Vec<(&str, String)> = findings
        .iter()
        .map(|it| {
            let mark = if it.is_sound { "ok   " } else { "FAIL " };
            (it.part.as_str(), format!("{mark}{}", it.text))
        })
        .collect();
    print_line(text::table(&rows).trim_end());
    Ok(if findings.iter().all(|it| it.is_sound) {
        0
    } else {
        1
    })
}

/// When the bench flashes pens.
pub(crate) fn flash_policy(bench: &HardwareBench) -> rig_procedure::FlashPolicy {
    match bench.description().flash {
        FlashPolicy::Never => rig_procedure::FlashPolicy::Never,
        FlashPolicy::IfDifferent => rig_procedure::FlashPolicy::IfDifferent,
        FlashPolicy::Always => rig_procedure::FlashPolicy::Always,
    }
}

/// A bench file without a defect.
pub(crate) fn read(file: &Path) -> Result<Description, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the bench file `{name}`"))
        .map_err(Failure::Input)?;
    Description::parse(&name, &text).map_err(Failure::input)
}

/// Opens the bench, unless its golden pen says otherwise, and says which pen lies in it.
pub(crate) fn open(
    args: &QualifyArgs,
    spec: &SpecSet,
    file: &Path,
) -> Result<(HardwareBench, Intake, GoldenStatus), Failure> {
    refuse_virtual(args.scenario.is_some(), args.seed.is_some())?;
    let description = read(file)?;
    let document = &spec.document;
    let intake = args.lot.as_deref();
    let intake = intake
        .map(|it| lot::read_intake(it, document))
        .transpose()?;
    lot::check_wanted(&args.serial, document, intake.as_ref())?;
    let named = named(args, intake.as_ref())?;
    // The pen's own word for who it is has nothing to be held against.
    if named.is_none() && !operator::is_attended() {
        return Err(Failure::Input(anyhow!(
            "which pen lies in the fixture? Give --serial SN, or --lot with a list of one; at a terminal it is asked for"
        )));
    }
    let golden = golden::insist(spec, &description, file, clock::wall()?)?;
    let serial = match named {
        Some(serial) => serial,
        None => operator::ask(document, intake.as_ref())?,
    };
    let (bench, serial) = open_found(description, file, &args.operator, Some(serial))?;
    let listed = intake.as_ref().and_then(|it| it.unit(&serial));
    let unit = Intake {
        index: 0,
        listed: listed.map(lot::record_of),
        serial,
    };
    Ok((bench, unit, golden))
}

/// Options of the virtual bench have no meaning here.
fn refuse_virtual(scenario: bool, seed: bool) -> Result<(), Failure> {
    let of_virtual = [("--scenario", scenario), ("--seed", seed)];
    if let Some((option, _)) = of_virtual.iter().find(|(_, given)| *given) {
        return Err(Failure::Input(anyhow!(
            "{option} belongs to the virtual bench; a hardware bench is as it is"
        )));
    }
    Ok(())
}

/// Opens the bench for one pen, unless its golden pen says otherwise, and says which pen lies in it.
pub(crate) fn open_one(
    spec: &SpecSet,
    file: &Path,
    args: &BenchArgs,
    operator: &str,
) -> Result<(HardwareBench, String), Failure> {
    // A seed draws sequences on any bench.
    refuse_virtual(args.scenario.is_some(), false)?;
    let description = read(file)?;
    golden::insist(spec, &description, file, clock::wall()?)?;
    open_found(description, file, operator, args.serial.clone())
}

fn open_found(
    description: Description,
    file: &Path,
    operator: &str,
    expected: Option<String>,
) -> Result<(HardwareBench, String), Failure> {
    let bench = HardwareBench::open(description, file, operator, expected.as_deref())
        .map_err(Failure::rig)?;
    if let Some(from) = bench.taken_over() {
        print_error(&format!("penrig: the bench was taken over: {from}"));
    }
    if bench.latency().note() != LatencyNote::Sound {
        print_error(&format!("penrig: {}", bench.latency()));
    }
    let serial = expected
        .or_else(|| bench.dut_serial().map(str::to_owned))
        .ok_or_else(|| {
            Failure::Rig(anyhow!(
                "the pen has no factory record that says its serial number; give --serial SN"
            ))
        })?;
    Ok((bench, serial))
}

/// The one pen that was named, if any was: a hardware bench holds one at a time.
fn named(args: &QualifyArgs, intake: Option<&IntakeList>) -> Result<Option<String>, Failure> {
    let one_at_a_time = || {
        Failure::Input(anyhow!(
            "a hardware bench holds one pen at a time; name one"
        ))
    };
    if args.units.is_some_and(|units| units.get() > 1) {
        return Err(one_at_a_time());
    }
    let listed = intake.map(|it| &it.units[..]);
    match (&args.serial[..], listed) {
        ([serial], _) => Ok(Some(serial.clone())),
        ([], Some([unit])) => Ok(Some(unit.serial.clone())),
        ([], _) => Ok(None),
        (_, _) => Err(one_at_a_time()),
    }
}
