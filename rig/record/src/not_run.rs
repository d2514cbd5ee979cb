//! Why a row was not run. Not a verdict.

use rig_spec::RowInstrument;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Why a row has no verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NotRun {
    /// The plan does not name the row.
    OutsidePlan,
    /// The plan wants the row on fewer units, and this one is not among them.
    NotDrawn,
    /// The evidence comes from outside the rig.
    External,
    /// The bench lacks an instrument.
    NeedsInstrument(RowInstrument),
    /// The bench lacks an actuator.
    NeedsActuator {
        /// Which one.
        actuator: Cow<'static, str>,
    },
    /// This edition of the program has no procedure for the row.
    NotImplemented,
    /// A condition for running it was not there, such as a pen that boots.
    Precondition {
        /// Which one.
        cause: String,
    },
    /// The rig failed while it was run.
    BenchError {
        /// The first cause.
        cause: String,
    },
    /// The rig failed on this unit before it was run.
    AfterBenchError,
    /// The run was aborted or interrupted before it was run.
    AfterAbort,
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutsidePlan => f.write_str("outside the plan"),
            Self::NotDrawn => f.write_str("unit not drawn for this row"),
            Self::External => f.write_str("external evidence"),
            Self::NeedsInstrument(instrument) => write!(f, "bench has no {instrument}"),
            Self::NeedsActuator { actuator } => write!(f, "bench has no {actuator}"),
            Self::NotImplemented => f.write_str("no procedure in this edition"),
            Self::Precondition { cause } => write!(f, "precondition: {cause}"),
            Self::BenchError { cause } => write!(f, "bench error: {cause}"),
            Self::AfterBenchError => f.write_str("after a bench error"),
            Self::AfterAbort => f.write_str("run aborted before"),
        }
    }
}
