//! What files of sequences have in common, as it is written.

use super::{Conditions, FORMAT_VERSION};
use crate::action::Sequence;
use crate::profile::Origin;
use firmware_units::Nanoseconds;
use std::fmt;

/// The first lines: what it is, and the format.
pub(crate) fn head(f: &mut impl fmt::Write, what: &str) -> fmt::Result {
    writeln!(f, "# {what}. `penrig replay FILE` runs it again.")?;
    writeln!(f, "format = {FORMAT_VERSION}")
}

pub(crate) fn steps(f: &mut impl fmt::Write, sequence: &Sequence) -> fmt::Result {
    writeln!(f, "\n[sequence]\nsteps = [")?;
    for step in &sequence.steps {
        writeln!(f, "    {},", quoted(&step.to_string()))?;
    }
    writeln!(f, "]")
}

pub(crate) fn origin(f: &mut impl fmt::Write, remark: &str, origin: Origin) -> fmt::Result {
    let seed: String = origin.seed.iter().map(|it| format!("{it:02x}")).collect();
    writeln!(f, "\n# {remark}\n[origin]")?;
    text(f, "profile", Some(origin.profile.word()))?;
    text(f, "seed", Some(&seed))?;
    number(f, "number", Some(origin.number))?;
    number(f, "generator", Some(origin.generator.into()))
}

pub(crate) fn conditions(f: &mut impl fmt::Write, on: &Conditions) -> fmt::Result {
    writeln!(f, "\n[conditions]")?;
    text(f, "firmware", on.firmware.as_deref())?;
    text(f, "build-id", on.build_id.as_deref())?;
    text(f, "image-sha256", on.image_sha256.as_deref())?;
    text(f, "document", on.document.as_deref())?;
    text(f, "revision", on.revision.as_deref())?;
    text(f, "spec-sha256", on.spec_sha256.as_deref())?;
    text(f, "bench", on.bench.as_deref())?;
    text(f, "scenario", on.scenario.as_deref())?;
    number(f, "bench-seed", on.bench_seed)
}

pub(crate) fn text(f: &mut impl fmt::Write, key: &str, value: Option<&str>) -> fmt::Result {
    match value {
        None => Ok(()),
        Some(value) => writeln!(f, "{key} = {}", quoted(value)),
    }
}

/// A number, as text where TOML's 63 bits do not hold it.
pub(crate) fn number(f: &mut impl fmt::Write, key: &str, value: Option<u64>) -> fmt::Result {
    match value {
        None => Ok(()),
        Some(value) if i64::try_from(value).is_ok() => writeln!(f, "{key} = {value}"),
        Some(value) => writeln!(f, "{key} = \"{value}\""),
    }
}

/// A time in seconds, with as few groups of three decimals as hold it.
pub(crate) fn time(time: Nanoseconds) -> String {
    let (whole, fraction) = (time.0 / 1_000_000_000, time.0 % 1_000_000_000);
    let mut text = format!("{whole}.{fraction:09}");
    while text.ends_with("000") && !text.ends_with(".000") {
        text.truncate(text.len() - 3);
    }
    text + " s"
}

/// A basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            it if it.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(it))),
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}
