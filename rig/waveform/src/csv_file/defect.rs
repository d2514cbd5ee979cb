//! What can be wrong with a waveform in CSV, each with its place.

use std::fmt;

/// A defect and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvDefect {
    /// Line in the file, the first being 1; zero if it is the file's as a whole.
    pub line: u64,
    /// Column by its name, where one is to blame.
    pub column: Option<String>,
    /// What is wrong.
    pub fault: CsvFault,
}

impl fmt::Display for CsvDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}: ", self.line)?;
        } else {
            f.write_str(" ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "column `{column}`: ")?;
        }
        self.fault.fmt(f)
    }
}

/// What is wrong with a waveform in CSV.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvFault {
    /// Nothing but comments.
    #[error("no line but comments")]
    Empty,
    /// The first line holds numbers.
    #[error(
        "no header: the first line holds numbers; write one such as `time_s,position_um`, \
         or give --unit and --sample-rate for one column of values"
    )]
    NoHeader,
    /// A header and nothing after it.
    #[error("a header and no samples")]
    NoSamples,
    /// One sample.
    #[error("one sample; a rate needs two, a stroke some dozens")]
    OneSample,
    /// A column whose name says nothing.
    #[error(
        "unknown column; known are seq, status, time_s (or _ms, _us, _ns), and one of position, \
         displacement, depth, height, indication with _nm, _um, _mm or _m"
    )]
    UnknownColumn,
    /// A column whose name lacks its unit.
    #[error("no unit in the name; write {0}")]
    NoUnit(&'static str),
    /// Two columns for one thing.
    #[error("a second column of {role}, after `{first}`; leave one")]
    Twice {
        /// For what.
        role: &'static str,
        /// The first of them.
        first: String,
    },
    /// Two columns of values in two units.
    #[error("a second unit, after `{first}`: units are mixed; leave one column of values")]
    MixedUnits {
        /// The first column of values.
        first: String,
    },
    /// No column of values.
    #[error("no column of values; name one such as `position_um`")]
    NoValues,
    /// A line without an end.
    #[error("a line of more than {0} bytes: this is no table of numbers")]
    LineTooLong(u64),
    /// A line with more or fewer cells than the header.
    #[error("{found} cells, the header has {expected}")]
    Cells {
        /// So many in the header.
        expected: usize,
        /// So many here.
        found: usize,
    },
    /// No number.
    #[error("`{0}` is no number")]
    NotANumber(String),
    /// NaN or infinite.
    #[error("`{0}` is no indication; leave such samples out, or mark them in a column `status`")]
    NotFinite(String),
    /// Beyond what a count holds.
    #[error("`{0}` is too large")]
    TooLarge(String),
    /// Nothing in a cell.
    #[error("an empty cell")]
    EmptyCell,
    /// A word that is no status.
    #[error(
        "`{0}` is no status; known are no-target and out-of-range, and nothing for a sound sample"
    )]
    Status(String),
    /// Time or sequence goes back.
    #[error("{found} comes after {before}: not sorted")]
    Unsorted {
        /// Cell of the line before.
        before: String,
        /// Cell of this line.
        found: String,
    },
    /// Time or sequence stands still.
    #[error("{0} comes twice; if times are rounded, write them with more digits")]
    Duplicate(String),
    /// A step that is no multiple of the period.
    #[error(
        "uneven sampling: a step of {thousandths_of_period} thousandths of the period of {period_ns} ns"
    )]
    Uneven {
        /// The step.
        thousandths_of_period: i64,
        /// The period, ns.
        period_ns: i64,
    },
    /// The period itself changes.
    #[error("the sampling rate wanders: by {parts_per_million} ppm up to here, 1000 are allowed")]
    Wandering {
        /// Largest departure of a piece from the whole.
        parts_per_million: i64,
    },
    /// Nothing says how fast samples follow each other.
    #[error("no sample rate: give --sample-rate HZ, or a column of time such as `time_s`")]
    NoRate,
    /// Two rates.
    #[error("the times say {found_hz} samples a second, --sample-rate says {stated_hz}")]
    Rate {
        /// By the times, Hz.
        found_hz: String,
        /// As stated, Hz.
        stated_hz: String,
    },
}

/// A waveform could not be read from CSV.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The bytes could not be read.
    #[error("cannot read")]
    Io(#[source] std::io::Error),
    /// Every defect found, the first [`CsvError::LIMIT`] of them.
    #[error("{} defects", .0.len())]
    Defects(Vec<CsvDefect>),
}

impl CsvError {
    /// So many defects are looked for.
    pub const LIMIT: usize = 20;
}
