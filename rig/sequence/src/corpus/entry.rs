//! The file that keeps a sequence of a corpus: values, not a seed, to be read and edited by a person.
//!
//! ```toml
//! # A sequence of a corpus, which pens hold. `penrig replay FILE` runs it again.
//! format = 1
//!
//! [corpus]
//! note = "the only one that lets the pen fall asleep"
//! bench = "41.2 s"
//! strokes = 812
//! alone = [
//!     "Standby to Asleep",
//! ]
//!
//! [sequence]
//! steps = [
//!     "after 0 s  cartridge fresh 2.5 mm",
//! ]
//! ```
//!
//! `[origin]` and `[conditions]` follow as in a counterexample. One written by hand has the words
//! `[corpus]` and `steps` alone.

use crate::action::Sequence;
use crate::counterexample::Counterexample;
use crate::file::write::{conditions, head, number, origin, quoted, steps, text, time};
use crate::file::{
    self, Conditions, Drawn, Kind, On, SequenceFileError, Steps, differences, tables,
};
use crate::profile::{Origin, Ranges};
use firmware_units::Nanoseconds;
use serde::Deserialize;
use std::fmt;

/// A sequence of a corpus, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorpusSequence {
    /// What a person says of it.
    pub note: Option<String>,
    /// What was seen when it was run last.
    pub held: Held,
    /// What is run; never empty.
    pub sequence: Sequence,
    /// From where it was drawn; nothing if it was written by hand.
    pub origin: Option<Origin>,
    /// On what it held.
    pub conditions: Conditions,
}

/// What was seen of a sequence of a corpus; what is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Bench time that it took.
    pub bench: Option<Nanoseconds>,
    /// Strokes that it made.
    pub strokes: Option<u64>,
    /// What no other of its corpus reached, by name.
    pub alone: Vec<String>,
}

impl CorpusSequence {
    /// Reads a file.
    ///
    /// # Errors
    /// [`SequenceFileError`]: the first thing for which it cannot be run as it is meant.
    pub fn read(text: &str) -> Result<Self, SequenceFileError> {
        let file: File = tables(text, Kind::Corpus)?;
        let held = file.corpus;
        let strokes = held.strokes.map(|it| file::count(it, "strokes"));
        Ok(Self {
            note: held.note,
            held: Held {
                bench: held.bench.as_deref().map(file::time).transpose()?,
                strokes: strokes.transpose()?,
                alone: held.alone,
            },
            sequence: file::sequence(&file.sequence.steps)?,
            origin: file.origin.map(file::origin).transpose()?,
            conditions: file::conditions(file.conditions)?,
        })
    }

    /// What differs between the conditions under which it held and those given, a sentence each;
    /// empty if nothing does. The sequence can be run all the same.
    #[must_use]
    pub fn differences(&self, now: &Conditions) -> Vec<String> {
        differences("held", (&self.conditions, self.origin), now)
    }

    /// Whether a person wrote or changed it, as far as that can be told: it has no origin, or its
    /// origin draws other steps. What another version of the generator drew is taken for drawn.
    #[must_use]
    pub fn is_by_hand(&self, ranges: &Ranges) -> bool {
        self.origin.is_none_or(|origin| {
            let drawn = origin.draw(ranges);
            drawn.is_some_and(|drawn| drawn != self.sequence)
        })
    }
}

impl Origin {
    /// The name of its file in a corpus, without an extension: profile, generator, the seed's first
    /// eight digits, number.
    #[must_use]
    pub fn stem(&self) -> String {
        let seed: String = self.seed[..4]
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect();
        let (profile, generator, number) = (self.profile, self.generator, self.number);
        format!("{profile}-g{generator}-{seed}-{number:05}")
    }
}

impl fmt::Display for CorpusSequence {
    /// The whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        head(f, "A sequence of a corpus, which pens hold")?;
        writeln!(f, "\n[corpus]")?;
        text(f, "note", self.note.as_deref())?;
        text(f, "bench", self.held.bench.map(time).as_deref())?;
        number(f, "strokes", self.held.strokes)?;
        if !self.held.alone.is_empty() {
            writeln!(f, "# What no other file beside it reaches.\nalone = [")?;
            for item in &self.held.alone {
                writeln!(f, "    {},", quoted(item))?;
            }
            writeln!(f, "]")?;
        }
        steps(f, &self.sequence)?;
        if let Some(drawn) = self.origin {
            origin(f, "Drawn so.", drawn)?;
        }
        conditions(f, &self.conditions)
    }
}

/// The keys of format 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "looked at before")]
    format: i64,
    corpus: Keys,
    sequence: Steps,
    origin: Option<Drawn>,
    #[serde(default)]
    conditions: On,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    note: Option<String>,
    bench: Option<String>,
    strokes: Option<toml::Value>,
    #[serde(default)]
    alone: Vec<String>,
}

/// A file that keeps a sequence, of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SequenceFile {
    /// A pen failed it.
    Counterexample(Counterexample),
    /// Pens hold it.
    Corpus(CorpusSequence),
}

impl SequenceFile {
    /// Reads a file: one with a table `corpus` as a sequence of a corpus, any other as a
    /// counterexample.
    ///
    /// # Errors
    /// As [`Counterexample::read`].
    pub fn read(text: &str) -> Result<Self, SequenceFileError> {
        let table: Option<toml::Table> = toml::from_str(text).ok();
        if table.is_some_and(|it| it.contains_key("corpus")) {
            return CorpusSequence::read(text).map(Self::Corpus);
        }
        Counterexample::read(text).map(Self::Counterexample)
    }

    /// What is run.
    #[must_use]
    pub const fn sequence(&self) -> &Sequence {
        match self {
            Self::Counterexample(it) => &it.sequence,
            Self::Corpus(it) => &it.sequence,
        }
    }

    /// What differs between the conditions that it tells of and those given.
    #[must_use]
    pub fn differences(&self, now: &Conditions) -> Vec<String> {
        match self {
            Self::Counterexample(it) => it.differences(now),
            Self::Corpus(it) => it.differences(now),
        }
    }
}
