//! Why a file holds no sequence that can be run.

use super::FORMAT_VERSION;
use crate::text::TextDefect;
use std::fmt;

/// What a file should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sequence that a pen failed.
    Counterexample,
    /// A sequence of a corpus.
    Corpus,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counterexample => "a counterexample",
            Self::Corpus => "a sequence of a corpus",
        })
    }
}

/// Why a file cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequenceFileError {
    /// Not TOML, or not the keys of its kind; line and key stand in the message.
    #[error("is not written as {kind} is: {message}")]
    Form {
        /// What it should have been.
        kind: Kind,
        /// Where, and what is wrong there.
        message: String,
    },
    /// Written by a newer program.
    #[error("has format {0}; this program reads up to format {FORMAT_VERSION}")]
    Newer(i64),
    /// No format that ever was.
    #[error("has format {0}, which never was; formats begin at 1")]
    NoFormat(i64),
    /// A property that is not judged here.
    #[error("`{given}` is no property{}", near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default())]
    Property {
        /// The word in the file.
        given: String,
        /// What may have been meant.
        near: Option<&'static str>,
    },
    /// A profile that is not drawn from here.
    #[error("`{0}` is no profile; sequences are drawn from `usage` or `adversarial`")]
    Profile(String),
    /// Steps that are none.
    #[error("step {}, column {}: {}", .0.line, .0.column, .0.what)]
    Step(TextDefect),
    /// No step at all.
    #[error("has no step: there is nothing to run")]
    NothingToRun,
    /// Not a time.
    #[error("`{given}` is no time; write it as in `2.104 s`")]
    Time {
        /// The text in the file.
        given: String,
    },
    /// Not 32 bytes in hexadecimal.
    #[error("`{given}` is no seed of 64 hexadecimal digits")]
    Seed {
        /// The text in the file.
        given: String,
    },
    /// Not a whole number of zero or more.
    #[error("`{key}` is no whole number of zero or more")]
    Count {
        /// The key.
        key: &'static str,
    },
    /// More failed than were run, or only one of the two is there.
    #[error("`failed` and `of` stand together, and no more failed than were run")]
    Flakiness,
}
