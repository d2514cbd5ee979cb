//! Defects of a scenario, each with line and column.

use std::fmt;

/// One defect of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Defect {
    /// Line, from 1.
    pub line: usize,
    /// Column, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: DefectKind,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.kind)
    }
}

impl std::error::Error for Defect {}

/// What is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DefectKind {
    /// Not TOML.
    #[error("not TOML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// A key that its table does not have.
    #[error("unknown key `{key}` in {table}; {near}")]
    UnknownKey {
        /// The key.
        key: String,
        /// Its table.
        table: &'static str,
        /// The names near to it.
        near: Near,
    },
    /// A key that must be there.
    #[error("{table} has no `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// Its table.
        table: &'static str,
    },
    /// A value of another type.
    #[error("`{key}` is {found}, not {wanted}")]
    WrongType {
        /// Key of the value.
        key: &'static str,
        /// What is wanted.
        wanted: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A number out of its range.
    #[error("`{key}`: {value} is not {least} to {most}{unit}")]
    OutOfRange {
        /// Key of the value.
        key: &'static str,
        /// The value as written.
        value: String,
        /// Least allowed.
        least: f64,
        /// Most allowed.
        most: f64,
        /// Unit, with a space before it; may be empty.
        unit: String,
    },
    /// Not a date.
    #[error("`{key}`: `{value}` is no date like 2026-01-31")]
    BadDate {
        /// Key of the value.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// Two values that do not go together.
    #[error("`{low}` is {low_value}, beyond `{high}`, which is {high_value}")]
    Crossed {
        /// What should be the lower one.
        low: &'static str,
        /// Its value.
        low_value: String,
        /// What should be the higher one.
        high: &'static str,
        /// Its value.
        high_value: String,
    },
    /// Not a revision letter.
    #[error("`hardware_revision`: `{value}` is not one letter A to Z")]
    BadRevision {
        /// The value.
        value: String,
    },
    /// More serial numbers than eight digits hold.
    #[error("`first_serial`: {first} and {units} units go beyond serial number 99999999")]
    SerialsRunOut {
        /// First number.
        first: u32,
        /// Number of units.
        units: usize,
    },
    /// A fault that the catalogue does not have.
    #[error("unknown fault `{name}`; {near}; `penrig bench list --faults` lists all")]
    UnknownFault {
        /// The name.
        name: String,
        /// The names near to it.
        near: Near,
    },
    /// A serial number that is none of the lot's.
    #[error("unit `{unit}` is neither `all` nor one of the lot's, {first} to {last}")]
    UnknownUnit {
        /// As written.
        unit: String,
        /// First serial number of the lot.
        first: String,
        /// Last one.
        last: String,
    },
    /// A time for a fault that has none.
    #[error("`{key}`: fault `{name}` is there before bench time begins, and for good")]
    NoTime {
        /// The key.
        key: &'static str,
        /// The fault.
        name: &'static str,
    },
    /// One fault twice at one time on one unit.
    #[error("fault `{name}` overlaps itself: line {line} has it on the same unit at the same time")]
    Overlap {
        /// The fault.
        name: &'static str,
        /// Where it stands first.
        line: usize,
    },
}

/// Names that may have been meant: the nearest ones, or all where none is near and they are few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Near {
    /// These are near.
    Like(Vec<&'static str>),
    /// None is near; these there are.
    All(Vec<&'static str>),
    /// None is near, and there are many.
    Far,
}

/// Most names that are suggested.
const SUGGESTED: usize = 3;
/// Most names that are listed.
const LISTED: usize = 20;

impl Near {
    /// The names that `written` may have meant.
    pub(super) fn of(written: &str, names: &[&'static str]) -> Self {
        // Half a name wrong is another name; a part of a name written alone is near.
        let distance = |name: &&'static str| {
            let edits = strsim::damerau_levenshtein(written, name);
            let is_part = written.len() > 2 && name.contains(written);
            (is_part || 2 * edits <= name.len().min(written.len())).then_some((edits, *name))
        };
        let mut like: Vec<(usize, &'static str)> = names.iter().filter_map(distance).collect();
        like.sort_unstable();
        like.truncate(SUGGESTED);
        if like.is_empty() && names.len() > LISTED {
            Self::Far
        } else if like.is_empty() {
            Self::All(names.to_vec())
        } else {
            Self::Like(like.into_iter().map(|(_, name)| name).collect())
        }
    }
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lead, names) = match self {
            Self::Like(names) => ("near it: ", names),
            Self::All(names) => ("there are ", names),
            Self::Far => return f.write_str("no name is near it"),
        };
        f.write_str(lead)?;
        for (index, name) in names.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        Ok(())
    }
}
