//! Intake lists: which units came, and what is known of them before they are measured.

use crate::sheet::{self, Cells};
use crate::{Defect, DefectKind, Document};
use std::collections::BTreeMap;

/// Columns of an intake list; all but the first may be left out.
const COLUMNS: &[&str] = &["serial", "udi", "work_order", "condition", "cartridge_lot"];

/// The units of a lot as they came in, each once, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeList {
    /// The units; at least one, no serial number twice.
    pub units: Vec<IntakeUnit>,
    /// SHA-256 of the list as read, lower-case hexadecimal.
    pub sha256: String,
}

/// One line of an intake list; what it says nothing of is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeUnit {
    /// Serial number.
    pub serial: String,
    /// Unique device identification.
    pub udi: String,
    /// Work order.
    pub work_order: String,
    /// Condition on receipt.
    pub condition: String,
    /// Lot of the cartridge that came with it.
    pub cartridge_lot: String,
}

/// The first character of a text that a spreadsheet would evaluate when it opens a table with it
/// (`=`, `+`, `-` or `@`, with something behind it); none of a text that it shows as it is.
#[must_use]
pub fn begins_a_formula(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let first = characters.next().filter(|it| "=+-@".contains(*it))?;
    characters.next().map(|_| first)
}

impl IntakeList {
    /// Reads a list; `file` is the name that defects are reported under. A byte order mark, both
    /// kinds of line end and quoted cells are read.
    ///
    /// # Errors
    /// Every defect found, by place. A list with any defect is not used in part.
    pub fn parse(file: &str, text: &str, document: &Document) -> Result<Self, Vec<Defect>> {
        let mut defects = Vec::new();
        let lines = sheet::read(file, text, COLUMNS, &mut defects);
        let mut first_lines: BTreeMap<String, u64> = BTreeMap::new();
        let mut units = Vec::new();
        for line in &lines {
            let mut cells = Cells::new(line, &mut defects);
            let serial = cells.wanted("serial");
            if serial.is_empty() {
                continue;
            }
            if let Err(cause) = document.check_serial(&serial) {
                cells.report("serial", DefectKind::BadSerial { cause });
            } else if let Some(&first) = first_lines.get(&serial) {
                let kind = DefectKind::Duplicate {
                    name: serial,
                    file: file.to_owned(),
                    line: first,
                };
                cells.report("serial", kind);
            } else {
                first_lines.insert(serial.clone(), line.number);
                let mut cell = |column: &str| {
                    let text = cells.text(column);
                    if text.chars().any(char::is_control) {
                        cells.report(column, DefectKind::ControlCharacter);
                    }
                    if let Some(first) = begins_a_formula(text) {
                        cells.report(column, DefectKind::Formula { first });
                    }
                    text.to_owned()
                };
                units.push(IntakeUnit {
                    udi: cell("udi"),
                    work_order: cell("work_order"),
                    condition: cell("condition"),
                    cartridge_lot: cell("cartridge_lot"),
                    serial,
                });
            }
        }
        if !defects.is_empty() {
            defects.sort_by_key(|it| it.line);
            return Err(defects);
        }
        Ok(Self {
            units,
            sha256: crate::sha256(text.as_bytes()),
        })
    }

    /// The line of a unit.
    #[must_use]
    pub fn unit(&self, serial: &str) -> Option<&IntakeUnit> {
        self.units.iter().find(|it| it.serial == serial)
    }
}
