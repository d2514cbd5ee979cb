//! The lot gate, counts, row statistics and the exit code: functions of a record and its spec.

mod exit;
mod gate;
pub mod gauge_study;
mod row_statistics;
mod study;
mod unit_summary;

pub use exit::ExitCode;
pub use gate::{Disposition, HoldReason, LotSummary, StatsError, summarize};
pub use row_statistics::{RowStatistics, row_statistics};
pub use study::{
    NotSound, StudyDesign, StudyError, StudyFigures, StudySummary, Unsound, summarize_study,
};
pub use unit_summary::{RowStanding, Standing, UnitSummary, summarize_unit};
