//! What is told of a unit's run while it lasts.

use crate::rows::sequences::Violating;
use firmware_units::Nanoseconds;
use rig_record::Attempt;
use rig_spec::{Row, RowId, Verdict};

/// A row that takes longer than this is watched while it lasts.
const LONG_ROW: Nanoseconds = Nanoseconds::from_seconds(60);
/// How often bench time is said then.
const PASSING_PERIOD: Nanoseconds = Nanoseconds::from_seconds(15);

/// How far a unit has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The image is being flashed and read back.
    Flashing,
    /// A row is begun.
    Row {
        /// Which.
        row: String,
        /// How many of the unit's rows were done before.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// Bench time passes within a row; said for rows that take minutes.
    Passing {
        /// Which.
        row: String,
        /// How much bench time has passed since it was begun.
        passed: Nanoseconds,
    },
    /// A row of many parts has come so far.
    Part {
        /// Which row.
        row: String,
        /// How many of its parts are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// In a command sequence the pen did what it must not: what it was, to be kept and run again.
    Violating {
        /// Which row.
        row: String,
        /// The sequence and its trace.
        found: Box<Violating>,
    },
    /// What the command sequences of a row reached.
    Covered {
        /// Which row.
        row: String,
        /// Group, item, and how often; what was not reached with zero.
        items: Vec<[String; 3]>,
    },
    /// An attempt on a row came to its end: told before its verdict is, so that it can be written
    /// down first.
    Attempted {
        /// Which row.
        row: RowId,
        /// What came of it.
        attempt: Box<Attempt>,
    },
    /// A row is judged.
    Judged {
        /// Which.
        row: String,
        /// Its verdict; nothing if it was not run.
        verdict: Option<Verdict>,
    },
}

/// The row under way, for those who watch.
#[derive(Default)]
pub(super) struct RowAt {
    row: Option<String>,
    began: Nanoseconds,
    next: Nanoseconds,
}

impl RowAt {
    pub(super) fn new(row: &Row, now: Nanoseconds) -> Self {
        Self {
            row: Some(row.id.to_string()),
            began: now,
            next: now + LONG_ROW,
        }
    }

    /// What is to be said at a bench time, if anything.
    pub(super) fn passing(&mut self, now: Nanoseconds) -> Option<Progress> {
        let row = self.row.clone().filter(|_| now >= self.next)?;
        self.next = now + PASSING_PERIOD;
        let passed = now - self.began;
        Some(Progress::Passing { row, passed })
    }
}
