//! What was found, and how it is told.

use crate::args::Format;
use crate::{Failure, print_line};
use serde::Serialize;
use std::fmt;

/// What a finding is about, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// What was written down while the run lasted.
    Journal,
    /// What the run worked with: spec, image, scenario.
    Input,
    /// A verdict that does not follow from its evidence.
    Verdict,
    /// A table that is not what the journal gives.
    Table,
    /// A file against the manifest.
    File,
    /// The manifest itself.
    Manifest,
    /// The station's ledger.
    Ledger,
    /// The station's signature.
    Signature,
    /// A sign-off.
    SignOff,
}

/// Where in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Place {
    /// Line, from 1.
    pub(crate) line: Option<u64>,
    /// Byte, from 0.
    pub(crate) byte: Option<u64>,
    /// Column of a table.
    pub(crate) column: Option<String>,
    /// Serial number of the unit that it is about.
    pub(crate) unit: Option<String>,
    /// Row that it is about.
    pub(crate) row: Option<String>,
}

impl Place {
    pub(crate) fn line(line: u64, byte: usize) -> Self {
        Self {
            line: Some(line),
            byte: Some(byte as u64),
            ..Self::default()
        }
    }

    pub(crate) fn of(mut self, unit: &str, row: &str) -> Self {
        self.unit = Some(unit.to_owned());
        self.row = Some(row.to_owned());
        self
    }
}

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// Path inside the run's folder, or beside it.
    pub(crate) file: String,
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        let place = &self.place;
        let parts = [
            place.line.map(|it| format!("line {it}")),
            place.byte.map(|it| format!("byte {it}")),
            place.column.as_ref().map(|it| format!("column {it}")),
            place.unit.as_ref().map(|it| format!("unit {it}")),
            place.row.as_ref().map(|it| format!("row {it}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            write!(f, " {}", parts.join(", "))?;
        }
        write!(f, ": {}", self.what)
    }
}

/// A hash that is worth keeping where nobody who writes here can write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Head {
    pub(crate) of: &'static str,
    pub(crate) sha256: String,
}

/// Everything that came of looking.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// What was looked at.
    pub(crate) subject: String,
    /// Whether it is a run that never came to its end.
    pub(crate) unfinished: bool,
    /// What could not be decided, such as tables of another version of the program.
    pub(crate) undecided: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    /// What a reader should know that is no mismatch.
    pub(crate) notes: Vec<String>,
    pub(crate) proved: Vec<String>,
    pub(crate) not_proved: Vec<String>,
    pub(crate) heads: Vec<Head>,
}

impl Report {
    pub(crate) fn new(subject: String) -> Self {
        Self {
            subject,
            unfinished: false,
            undecided: Vec::new(),
            findings: Vec::new(),
            notes: Vec::new(),
            proved: Vec::new(),
            not_proved: Vec::new(),
            heads: Vec::new(),
        }
    }

    pub(crate) fn find(&mut self, kind: Kind, file: &str, place: Place, what: impl Into<String>) {
        self.findings.push(Finding {
            kind,
            file: file.to_owned(),
            place,
            what: what.into(),
        });
    }

    pub(crate) fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// Whether nothing of these kinds was found.
    pub(crate) fn is_clear_of(&self, kinds: &[Kind]) -> bool {
        !self.findings.iter().any(|it| kinds.contains(&it.kind))
    }

    pub(crate) fn exit(&self) -> u8 {
        if !self.findings.is_empty() {
            3
        } else if self.unfinished || !self.undecided.is_empty() {
            4
        } else {
            0
        }
    }

    fn state(&self) -> &'static str {
        if !self.findings.is_empty() {
            "MISMATCH"
        } else if self.unfinished {
            "UNFINISHED"
        } else if !self.undecided.is_empty() {
            "UNDECIDED"
        } else {
            "SOUND"
        }
    }

    /// Prints it, the worst first, and gives the exit code.
    pub(crate) fn print(mut self, format: Format) -> Result<u8, Failure> {
        self.findings.sort();
        self.findings.dedup();
        let exit = self.exit();
        match format {
            Format::Json => {
                #[derive(Serialize)]
                struct Out<'a> {
                    state: String,
                    exit: u8,
                    #[serde(flatten)]
                    report: &'a Report,
                }
                let out = Out {
                    state: self.state().to_lowercase(),
                    exit,
                    report: &self,
                };
                print_line(&serde_json::to_string(&out).map_err(Failure::rig)?);
            }
            Format::Text => print_line(self.text().trim_end()),
        }
        Ok(exit)
    }

    fn text(&self) -> String {
        let mut text = format!("{}  {}\n", self.state(), self.subject);
        let mut lines = |name: &str, items: &[String]| {
            for item in items {
                text.push_str(&format!("{name:12} {item}\n"));
            }
        };
        let findings: Vec<String> = self.findings.iter().map(ToString::to_string).collect();
        lines("mismatch", &findings);
        lines("undecided", &self.undecided);
        lines("note", &self.notes);
        lines("shown", &self.proved);
        lines("not shown", &self.not_proved);
        let heads = self
            .heads
            .iter()
            .map(|it| format!("{} {}", it.sha256, it.of));
        lines("keep", &heads.collect::<Vec<_>>());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_told_the_worst_first_and_decide_the_exit_code() {
        let mut report = Report::new("run r".to_owned());
        assert_eq!((report.exit(), report.state()), (0, "SOUND"));
        report.undecided.push("tables".to_owned());
        assert_eq!(report.exit(), 4);
        let at = |line| Place::line(line, 10);
        report.find(Kind::File, "lot.csv", Place::default(), "is not there");
        let place = at(7).of("PA1-1", "DEP-04");
        report.find(Kind::Journal, "journal/a.jsonl", place, "was changed");
        report.find(Kind::Journal, "journal/a.jsonl", at(3), "was changed");
        assert_eq!(report.exit(), 3);
        report.findings.sort();
        insta::assert_snapshot!(report.text(), @r"
        MISMATCH  run r
        mismatch     journal/a.jsonl line 3, byte 10: was changed
        mismatch     journal/a.jsonl line 7, byte 10, unit PA1-1, row DEP-04: was changed
        mismatch     lot.csv: is not there
        undecided    tables
        ");
    }
}
