//! Defects of a bench file, each with file, line and column.

use std::fmt;

/// One defect of a bench file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// File name as given to the parser.
    pub file: String,
    /// Line, the first being 1.
    pub line: usize,
    /// Column in characters, the first being 1.
    pub column: usize,
    /// What is wrong.
    pub kind: DefectKind,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            kind,
        } = self;
        write!(f, "{file}:{line}:{column}: {kind}")
    }
}

/// What is wrong with a bench file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefectKind {
    /// Not TOML.
    #[error("{message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// A key is not there.
    #[error("`{key}` is missing")]
    Missing {
        /// Its full name.
        key: String,
    },
    /// A key that nothing reads.
    #[error("`{key}` is not a key of a bench file; expected {known}")]
    Unknown {
        /// Its full name.
        key: String,
        /// What may stand in its place.
        known: String,
    },
    /// A value of another kind.
    #[error("`{key}`: {found} where a {expected} is wanted")]
    WrongType {
        /// Full name of the key.
        key: String,
        /// The kind wanted.
        expected: &'static str,
        /// The kind that stands there.
        found: &'static str,
    },
    /// A number outside its range.
    #[error("`{key}`: {found} is not {least} to {most}")]
    OutOfRange {
        /// Full name of the key.
        key: String,
        /// As written.
        found: String,
        /// Least allowed.
        least: String,
        /// Most allowed.
        most: String,
    },
    /// A range whose end is not above its beginning.
    #[error("`{key}`: {highest} is not above {lowest}")]
    Reversed {
        /// Full name of the key.
        key: String,
        /// Its beginning.
        lowest: i64,
        /// Its end.
        highest: i64,
    },
    /// A word outside a closed list.
    #[error("`{key}`: `{found}` is none of {known}")]
    NotAWord {
        /// Full name of the key.
        key: String,
        /// As written.
        found: String,
        /// The list.
        known: String,
    },
    /// An empty text.
    #[error("`{key}` is empty")]
    Empty {
        /// Full name of the key.
        key: String,
    },
    /// Not a day of the calendar.
    #[error("`{key}`: `{found}` is no date like 2026-01-31")]
    NotADate {
        /// Full name of the key.
        key: String,
        /// As written.
        found: String,
    },
    /// Not a probe selector.
    #[error("`{key}`: `{found}` is no probe like 0483:374e:SERIAL or 20b7:9db1:tcp:127.0.0.1:7184")]
    NotAProbe {
        /// Full name of the key.
        key: String,
        /// As written.
        found: String,
    },
    /// Calibrated after it is due.
    #[error("`{key}`: due {due}, before it was calibrated on {calibrated}")]
    DueBeforeCalibrated {
        /// Full name of the key.
        key: String,
        /// Date due.
        due: String,
        /// Date calibrated.
        calibrated: String,
    },
    /// The same thing twice.
    #[error("`{key}`: `{found}` stands already on line {first_line}")]
    Twice {
        /// Full name of the key.
        key: String,
        /// What stands twice.
        found: String,
        /// Where it stands first.
        first_line: usize,
    },
    /// One port for two things.
    #[error("`dut.port` and `fixture.port` are both `{port}`")]
    SamePort {
        /// The port.
        port: String,
    },
}

/// Every defect of one bench file; nothing of such a file is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Defects(pub Vec<Defect>);

fn lines(defects: &[Defect]) -> String {
    let count = match defects.len() {
        1 => "1 defect in the bench file".to_owned(),
        n => format!("{n} defects in the bench file"),
    };
    let lines = defects.iter().map(ToString::to_string);
    std::iter::once(count)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}
