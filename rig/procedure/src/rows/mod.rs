//! How each row is run: what is done to the pen, and which evidence comes of it.

pub(crate) mod cartridge;
pub(crate) mod depth;
pub(crate) mod link;
pub(crate) mod motion;
pub(crate) mod rate;
pub(crate) mod rig;

use crate::session::SessionError;
use rig_spec::MeasuredError;

/// Why a row has no evidence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowError {
    /// The rig failed; the unit's run ends as a bench error.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The pen did not do what the row's condition needs; the row is not run.
    #[error("{0}")]
    Precondition(String),
    /// A kernel gave no number.
    #[error(transparent)]
    Measured(#[from] MeasuredError),
}

impl From<rig_bench::BenchError> for RowError {
    fn from(error: rig_bench::BenchError) -> Self {
        Self::Session(error.into())
    }
}
