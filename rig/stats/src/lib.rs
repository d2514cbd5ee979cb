//! The lot gate, counts, row statistics and the exit code: functions of a record and its spec.
//! Beside it what may be said of a lot of values: tolerance intervals, normality, capability,
//! bounds from counts, control charts; functions of numbers.

pub mod acceptance;
mod alert;
pub mod attribute;
pub mod capability;
pub mod charts;
pub mod drift;

mod exit;
mod gate;
pub mod gauge_study;
mod image_claim;
mod lot_alert;
pub mod normality;
mod row_statistics;
pub mod run_rules;
mod sample;
mod study;
pub mod tolerance;
mod unit_summary;

pub use alert::{
    CONTENT, Characteristic, JOINT_CONFIDENCE, NoInterval, ToleranceAlert, joint_tolerance_alerts,
    tolerance_alert,
};
pub use exit::ExitCode;
pub use gate::{Disposition, HoldReason, LotSummary, StatsError, summarize};
pub use image_claim::{CLAIM_CONFIDENCE, ImageClaim, image_claims};
pub use lot_alert::{ALERT_ROWS, RowAlert, lot_tolerance_alerts};
pub use row_statistics::{RowStatistics, row_statistics, statistics_of_results};
pub use sample::{Moments, StatisticError, lag_1_autocorrelation, moments};
pub use study::{
    NotSound, StudyDesign, StudyError, StudyFigures, StudySummary, Unsound, summarize_study,
};
pub use unit_summary::{RowStanding, Standing, UnitSummary, summarize_unit};
