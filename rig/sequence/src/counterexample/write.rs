//! A counterexample as its file.

use super::{Counterexample, Remark};
use crate::file::write::{conditions, head, number, origin, quoted, steps, text, time};
use std::fmt::{self, Write as _};

impl fmt::Display for Counterexample {
    /// The whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        head(f, "A sequence that a pen failed")?;
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
        steps(f, &self.sequence)?;
        if let Some(drawn) = self.origin {
            origin(f, "Drawn so, before it was made short.", drawn)?;
        }
        conditions(f, &self.conditions)?;
        self.trace(f)
    }
}

impl Counterexample {
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
