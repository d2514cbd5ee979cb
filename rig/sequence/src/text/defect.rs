//! What is wrong with a line of a sequence.

use std::fmt;

/// One thing wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct TextDefect {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What.
    pub what: Wrong,
}

/// What is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not one of the words that may stand there.
    #[error("`{given}` is not {}{}", Listed(wanted), Near(near))]
    Word {
        /// What stands there.
        given: String,
        /// What may stand there.
        wanted: &'static [&'static str],
        /// What may have been meant.
        near: Option<String>,
    },
    /// The line ends too early.
    #[error("the line ends where {wanted} is wanted")]
    Ends {
        /// What is missing.
        wanted: String,
    },
    /// Something stands behind a whole step.
    #[error("`{given}` is too much; the step ends before it")]
    Surplus {
        /// What stands there.
        given: String,
    },
    /// Not a decimal number.
    #[error("`{given}` is no decimal number; write it as in `{example}`")]
    Number {
        /// What stands there.
        given: String,
        /// How it may be written.
        example: &'static str,
    },
    /// Another unit, or none.
    #[error("`{given}` is not the unit `{unit}`, as in `{example}`")]
    Unit {
        /// What stands there.
        given: String,
        /// The unit wanted.
        unit: String,
        /// How it may be written.
        example: &'static str,
    },
    /// Finer than what is counted.
    #[error("`{given}` is finer than {finest}")]
    TooFine {
        /// What stands there.
        given: String,
        /// What is counted, with its unit.
        finest: String,
    },
    /// Too small or too large to be meant.
    #[error("`{given}` is not within {low} to {high}")]
    Range {
        /// What stands there.
        given: String,
        /// Smallest, with its unit.
        low: String,
        /// Largest, with its unit.
        high: String,
    },
    /// Not a byte.
    #[error("`{given}` is no byte in hexadecimal, two digits each, as in `garbage 00 ff 12`")]
    Hex {
        /// What stands there.
        given: String,
    },
}

struct Listed<'w>(&'w [&'static str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("wanted here"),
            [one] => write!(f, "`{one}`"),
            [front @ .., last] => write!(f, "one of `{}` or `{last}`", front.join("`, `")),
        }
    }
}

struct Near<'n>(&'n Option<String>);

impl fmt::Display for Near<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(near) => write!(f, "; did you mean `{near}`?"),
        }
    }
}
