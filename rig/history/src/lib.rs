//! What many runs together say: yield of lots, capability of rows, control charts of one row, and
//! whether benches differ; as values, as text, as a picture.
//!
//! **Invariant:** hardware and virtual results never stand in one statistic or chart.
//! **Invariant:** a unit counts once in a statistic of values, with its first value that is not in
//! doubt; testing it again changes the final yield and nothing else.

mod chart;
mod entry;
mod lots;
mod numbers;
mod picture;
mod row;
mod select;
mod text;

pub use chart::{
    BenchChart, BenchDifference, Lines, LotPoint, Point, RangeLines, RowHistory, WithinLots,
};
pub use entry::{Beginning, ResultEntry, RowEntry, RunEntry, UNFINISHED, UnitEntry};
pub use lots::LotHistory;
pub use picture::svg;
pub use row::RowFigures;
pub use select::{History, NothingSelected, RunLine, Selection, select};
pub use text::text;

/// Confidence of intervals and bounds.
pub const CONFIDENCE: f64 = 0.95;
/// Confidence at which a trend is called one: there are many rows, each of which is asked.
pub const TREND_CONFIDENCE: f64 = 0.99;
