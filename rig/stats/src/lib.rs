//! The lot gate, counts, row statistics and the exit code: functions of a record and its spec.
//! Beside it what may be said of a lot of values: tolerance intervals, normality, capability,
//! bounds from counts, control charts; functions of numbers.

pub mod acceptance;
mod alert;
pub mod attribute;
pub mod capability;
pub mod charts;
mod exit;
mod gate;
pub mod normality;
mod row_statistics;
mod sample;
pub mod tolerance;
mod unit_summary;

pub use alert::{
    CONTENT, Characteristic, JOINT_CONFIDENCE, NoInterval, ToleranceAlert, joint_tolerance_alerts,
    tolerance_alert,
};
pub use exit::ExitCode;
pub use gate::{Disposition, HoldReason, LotSummary, StatsError, summarize};
pub use row_statistics::{RowStatistics, row_statistics};
pub use sample::{Moments, StatisticError, lag_1_autocorrelation, moments};
pub use unit_summary::{RowStanding, Standing, UnitSummary, summarize_unit};
