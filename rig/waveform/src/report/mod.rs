//! Results as text for people and as JSON for programs.

mod json;
mod round;
mod row;
mod text;

pub use json::json;
pub(crate) use round::value_with_unit;
pub use row::StrokeRow;
pub use text::text;

use crate::Description;

/// What is known of a file beside its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// `Parquet` or `CSV`.
    pub kind: &'static str,
    /// SHA-256 of its bytes.
    pub file_sha256: String,
    /// SHA-256 of its samples.
    pub samples_sha256: String,
    /// Samples in it.
    pub samples: u64,
    /// What it is of.
    pub description: Description,
    /// Where its sample rate is from.
    pub rate_from: &'static str,
    /// Defects that were found when it was recorded; empty if there were none.
    pub recorded_defects: String,
    /// Numbers with digits below a nanometre or a picosecond, which were rounded.
    pub rounded_cells: u64,
    /// Certificate that its budget rests on, in words; none without one.
    pub certificate: Option<String>,
    /// Who measured, name and version.
    pub program: String,
}
