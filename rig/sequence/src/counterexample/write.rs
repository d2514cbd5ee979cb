//! A counterexample as its file.

use super::{Counterexample, FORMAT_VERSION, Remark};
use firmware_units::Nanoseconds;
use std::fmt::{self, Write as _};

impl fmt::Display for Counterexample {
    /// The whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# A sequence that a pen failed. `penrig replay FILE` runs it again."
        )?;
        writeln!(f, "format = {FORMAT_VERSION}")?;
        writeln!(f, "\n[violated]")?;
        text(f, "property", Some(self.found.property.word()))?;
        text(f, "expected", self.found.expected.as_deref())?;
        text(f, "observed", self.found.observed.as_deref())?;
        text(f, "at", self.found.at.map(time).as_deref())?;
        number(
            f,
            "step",
            self.found.step.and_then(|it| u64::try_from(it).ok()),
        )?;
        if let Some(flakiness) = self.found.flakiness {
            number(f, "failed", Some(flakiness.failed.into()))?;
            number(f, "of", Some(flakiness.of.into()))?;
        }
        writeln!(f, "\n[sequence]\nsteps = [")?;
        for step in &self.sequence.steps {
            writeln!(f, "    {},", quoted(&step.to_string()))?;
        }
        writeln!(f, "]")?;
        if let Some(origin) = self.origin {
            let seed: String = origin.seed.iter().map(|it| format!("{it:02x}")).collect();
            writeln!(f, "\n# Drawn so, before it was made short.\n[origin]")?;
            text(f, "profile", Some(origin.profile.word()))?;
            text(f, "seed", Some(&seed))?;
            number(f, "number", Some(origin.number))?;
            number(f, "generator", Some(origin.generator.into()))?;
        }
        self.conditions(f)?;
        self.trace(f)
    }
}

impl Counterexample {
    fn conditions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = &self.conditions;
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

    fn trace(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n# Time, action, expected, observed.\n[trace]")?;
        text(f, "waveform", self.waveform.as_deref())?;
        let cells: Vec<[String; 4]> = self.trace.iter().map(cells).collect();
        let width = |column: usize| {
            let widths = cells.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        writeln!(f, "rows = [")?;
        for row in &cells {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                write!(line, "{:width$} ", format!("{cell},"), width = width + 1)?;
            }
            writeln!(f, "    [{line}{}],", row[3])?;
        }
        writeln!(f, "]")
    }
}

fn cells(remark: &Remark) -> [String; 4] {
    [
        quoted(&time(remark.at)),
        quoted(&remark.action),
        quoted(&remark.expected),
        quoted(&remark.observed),
    ]
}

fn text(f: &mut fmt::Formatter<'_>, key: &str, value: Option<&str>) -> fmt::Result {
    match value {
        None => Ok(()),
        Some(value) => writeln!(f, "{key} = {}", quoted(value)),
    }
}

/// A number, as text where TOML's 63 bits do not hold it.
fn number(f: &mut fmt::Formatter<'_>, key: &str, value: Option<u64>) -> fmt::Result {
    match value {
        None => Ok(()),
        Some(value) if i64::try_from(value).is_ok() => writeln!(f, "{key} = {value}"),
        Some(value) => writeln!(f, "{key} = \"{value}\""),
    }
}

/// A time in seconds, with as few groups of three decimals as hold it.
fn time(time: Nanoseconds) -> String {
    let (whole, fraction) = (time.0 / 1_000_000_000, time.0 % 1_000_000_000);
    let mut text = format!("{whole}.{fraction:09}");
    while text.ends_with("000") && !text.ends_with(".000") {
        text.truncate(text.len() - 3);
    }
    text + " s"
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
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
