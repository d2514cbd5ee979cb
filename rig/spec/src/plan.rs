//! Plans: which rows are required, on how many units.

use crate::RowId;
use std::fmt;

/// Whether a row must be run for the plan to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Required {
    /// The rig runs it.
    Yes,
    /// Required of the device, but the evidence comes from outside the rig.
    External,
}

impl fmt::Display for Required {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yes => "yes",
            Self::External => "external",
        })
    }
}

/// How many units a row is run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitsWanted {
    /// Every unit of the lot.
    All,
    /// The bench itself, with whichever units it holds.
    Bench,
    /// This many units, the first ones of the lot.
    Drawn(u32),
}

impl UnitsWanted {
    /// Whether the unit with this position in the lot, counted from zero, is to be measured.
    #[must_use]
    pub fn includes(self, unit_index: u32) -> bool {
        match self {
            Self::All | Self::Bench => true,
            Self::Drawn(count) => unit_index < count,
        }
    }
}

impl fmt::Display for UnitsWanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Bench => f.write_str("bench"),
            Self::Drawn(count) => count.fmt(f),
        }
    }
}

/// One row that a plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// The row.
    pub row: RowId,
    /// Whether the rig must run it.
    pub required: Required,
    /// On how many units.
    pub n_units: UnitsWanted,
    /// Re-measurements allowed after an inconclusive verdict: 0 or 1.
    pub max_remeasure: u32,
    /// A remark.
    pub note: String,
}

/// A named choice of rows, in the order they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub entries: Vec<PlanEntry>,
}

impl Plan {
    /// The entry for a row, if the plan names it.
    #[must_use]
    pub fn entry(&self, row: &str) -> Option<&PlanEntry> {
        self.entries.iter().find(|it| it.row == *row)
    }

    /// Whether the plan requires the rig to run this row on the unit at this position.
    #[must_use]
    pub fn requires(&self, row: &str, unit_index: u32) -> bool {
        self.entry(row)
            .is_some_and(|it| it.required == Required::Yes && it.n_units.includes(unit_index))
    }
}
