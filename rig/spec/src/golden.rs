//! The golden pen: reference values of a pen that is measured once a shift, and how far a
//! measurement of it may stand from them.
//!
//! One line a row of the spec; serial number, date and shift are the same on every line.
//! The difference is judged by rule `simple`: pass up to the allowed difference on either side,
//! beyond it fail. A difference whose own uncertainty is larger than what is allowed says nothing,
//! and is inconclusive.

use crate::sheet::{self, Cells, Line};
use crate::{Defect, DefectKind, Doubt, Evidence, RowId, SpecSet, Unit, Verdict};
use std::fmt;

const COLUMNS: &[&str] = &[
    "serial",
    "row",
    "reference",
    "reference_u",
    "unit",
    "allowed_difference",
    "basis",
    "valid_until",
    "shift_h",
];
/// A shift is at most a week.
const LONGEST_SHIFT_H: u32 = 168;

/// A golden pen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenPen {
    /// Its serial number.
    pub serial: String,
    /// Last day on which its reference values hold, ISO 8601.
    pub valid_until: String,
    /// A check holds for so many hours.
    pub shift_h: u32,
    /// Its reference values.
    pub values: Vec<GoldenValue>,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
}

/// One reference value of a golden pen, in record units of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenValue {
    /// The row whose measurand it is.
    pub row: RowId,
    /// Unit that it is printed in.
    pub unit: Unit,
    /// The value.
    pub reference: i64,
    /// Its expanded uncertainty, k = 2.
    pub reference_u: u64,
    /// How far a measurement may stand from it, to either side.
    pub allowed: u64,
    /// Where that comes from.
    pub basis: String,
}

/// A measurement of a golden pen against its reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenDifference {
    /// Measured minus reference, record units.
    pub difference: i64,
    /// Expanded uncertainty of the difference, rounded up.
    pub expanded: u64,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not pass; empty for pass.
    pub why: Vec<GoldenReason>,
}

/// Why a difference is not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoldenReason {
    /// Beyond what is allowed.
    BeyondAllowed,
    /// Its uncertainty is larger than what is allowed.
    Uncertain,
    /// The value is not to be believed.
    Doubt(Doubt),
}

impl fmt::Display for GoldenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeyondAllowed => f.write_str("beyond the allowed difference"),
            Self::Uncertain => f.write_str("U of the difference above the allowed difference"),
            Self::Doubt(doubt) => doubt.fmt(f),
        }
    }
}

impl GoldenPen {
    /// Reads the file; `file` is the name that defects are reported under.
    ///
    /// # Errors
    /// Every defect found, by place. A file with any defect is not used in part.
    pub fn parse(file: &str, text: &str, spec: &SpecSet) -> Result<Self, Vec<Defect>> {
        let mut defects = Vec::new();
        let lines = sheet::read(file, text, COLUMNS, &mut defects);
        let mut values: Vec<(GoldenValue, u64)> = Vec::new();
        for line in &lines {
            let mut cells = Cells::new(line, &mut defects);
            same_as_first(&mut cells, &lines[0]);
            if let Some(value) = read_value(&mut cells, spec) {
                if let Some((_, first)) = values.iter().find(|(it, _)| it.row == value.row) {
                    let kind = DefectKind::Duplicate {
                        name: value.row.to_string(),
                        file: file.to_owned(),
                        line: *first,
                    };
                    cells.report("row", kind);
                } else {
                    values.push((value, line.number));
                }
            }
        }
        let head = lines.first().map(|line| {
            let mut cells = Cells::new(line, &mut defects);
            let serial = cells.wanted("serial");
            let shift_h = cells.whole("shift_h", 1, LONGEST_SHIFT_H);
            if cells.text("shift_h").is_empty() {
                cells.report("shift_h", DefectKind::EmptyCell);
            }
            let valid_until = cells.wanted("valid_until");
            if !valid_until.is_empty() && !is_date(&valid_until) {
                let cell = valid_until.clone();
                cells.report("valid_until", DefectKind::BadDate { cell });
            }
            (serial, valid_until, shift_h)
        });
        match head {
            Some((serial, valid_until, Some(shift_h))) if defects.is_empty() => Ok(Self {
                serial,
                valid_until,
                shift_h,
                values: values.into_iter().map(|(it, _)| it).collect(),
                sha256: crate::sha256(text.as_bytes()),
            }),
            _ => {
                defects.sort_by_key(|it| it.line);
                Err(defects)
            }
        }
    }
}

/// What belongs to the pen and not to one row stands on every line alike.
fn same_as_first(cells: &mut Cells<'_, '_>, first: &Line<'_>) {
    let mut ignored = Vec::new();
    for column in ["serial", "valid_until", "shift_h"] {
        let expected = Cells::new(first, &mut ignored).text(column).to_owned();
        let cell = cells.text(column).to_owned();
        if cell != expected {
            let kind = DefectKind::NotAsFirst {
                cell,
                first: expected,
                line: first.number,
            };
            cells.report(column, kind);
        }
    }
}

fn read_value(cells: &mut Cells<'_, '_>, spec: &SpecSet) -> Option<GoldenValue> {
    let name = cells.wanted("row");
    let row = spec.row(&name);
    if row.is_none() && !name.is_empty() {
        cells.report("row", DefectKind::UnknownRow { row: name });
    }
    let unit = cells.word("unit", "the units of the limit tables", Unit::parse);
    let basis = cells.wanted("basis");
    let mut numbers = [None; 3];
    for (number, column) in
        numbers
            .iter_mut()
            .zip(["reference", "reference_u", "allowed_difference"])
    {
        let cell = cells.wanted(column);
        let decimal = cells.decimal(column);
        if let (Some(unit), Some(decimal)) = (unit, decimal) {
            let least = if column == "reference" { i64::MIN } else { 1 };
            *number = unit.to_record(decimal).filter(|it| *it >= least);
            if number.is_none() {
                let kind = DefectKind::TooFine {
                    cell,
                    unit: unit.word(),
                    record_unit: unit.record_unit().word(),
                };
                cells.report(column, kind);
            }
        }
    }
    let (row, unit) = (row?, unit?);
    let limits = row.unit.map(Unit::record_unit);
    if limits != Some(unit.record_unit()) {
        let kind = DefectKind::DimensionMismatch {
            measurand: row.measurand.clone(),
            found: unit.record_unit().dimension(),
            first: row
                .unit
                .map_or(crate::Dimension::Count, |it| it.record_unit().dimension()),
            file: row.table.file_name().to_owned(),
            line: row.line,
        };
        cells.report("unit", kind);
        return None;
    }
    let [reference, reference_u, allowed] = numbers;
    Some(GoldenValue {
        row: row.id.clone(),
        unit,
        reference: reference?,
        reference_u: u64::try_from(reference_u?).ok()?,
        allowed: u64::try_from(allowed?).ok()?,
        basis,
    })
}

impl GoldenValue {
    /// Judges a measurement; nothing where it has no value in the unit of the reference.
    #[must_use]
    pub fn judge(&self, evidence: &Evidence) -> Option<GoldenDifference> {
        let measured = evidence.measured?;
        if measured.unit != self.unit.record_unit() {
            return None;
        }
        let difference = measured.value.checked_sub(self.reference)?;
        // Both are known apart from each other.
        let root = libm::hypot(measured.expanded as f64, self.reference_u as f64);
        let expanded = libm::ceil(root) as u64;
        let mut why = Vec::new();
        let mut verdict = Verdict::Pass;
        if difference.unsigned_abs() > self.allowed {
            verdict = Verdict::Fail;
            why.push(GoldenReason::BeyondAllowed);
        }
        if expanded > self.allowed {
            verdict = verdict.max(Verdict::Inconclusive);
            why.push(GoldenReason::Uncertain);
        }
        for doubt in &evidence.doubts {
            verdict = Verdict::Inconclusive;
            why.push(GoldenReason::Doubt(*doubt));
        }
        Some(GoldenDifference {
            difference,
            expanded,
            verdict,
            why,
        })
    }
}

/// Whether a text is a day such as `2026-01-31`; months are taken to have up to 31 days.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, length: usize| {
        let plain = part.len() == length && part.bytes().all(|it| it.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    match parts[..] {
        [year, month, day] => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|it| (1..=12).contains(&it))
                && number(day, 2).is_some_and(|it| (1..=31).contains(&it))
        }
        _ => false,
    }
}
