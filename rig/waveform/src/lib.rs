//! Waveforms: samples of an instrument to and from files, and what the measuring chain says of
//! them.
//!
//! [`ParquetWriter`] and [`ParquetReader`] keep records compact and open (`WAVEFORM.md` describes
//! the files, for readers without this code); [`CsvReader`] takes what other programs write.
//! Each gives [`Stretch`]es of consecutive samples, as they come, and memory does not grow with
//! the record.
//!
//! **Invariant:** nothing here opens a file: bytes come from whoever calls.
//! **Invariant:** the same samples and description give the same bytes on every machine.

mod csv_file;
mod description;
mod measure;
mod parquet_file;
mod plot;
mod report;
mod stretch;

pub use csv_file::{CsvDefect, CsvError, CsvFault, CsvOptions, CsvReader, LengthUnit, read_edges};
pub use description::{Calibration, Description, Quantity, rate_text};
pub use measure::{
    Analysis, Edges, Measurand, NoValue, Outcome, Rejected, Results, SampleAccount, Settings,
    StrokeAccount, ZeroFrom, measure_level,
};
pub use parquet_file::{
    ChunkReader, FORMAT_VERSION, Length, MAGIC, ParquetDefect, ParquetReader, ParquetWriter,
    WriteError, Written,
};
pub use plot::Picture;
pub use report::{Source, StrokeRow, json, text};
pub use rig_measure::{SampleFault, Stroke, Zero};
pub use stretch::{FileDigest, SampleDigest, Stretch, defects_text};

/// Samples of one stretch at most: 0.4 s at 20 kS/s.
pub(crate) const STRETCH_LENGTH: usize = 8192;
