//! Waveforms as Parquet, as `WAVEFORM.md` describes them.

mod keys;
mod read;
mod write;

pub use keys::FORMAT_VERSION;
pub use parquet::file::reader::{ChunkReader, Length};
pub use read::{ParquetDefect, ParquetReader};
pub use write::{ParquetWriter, WriteError, Written};

/// The first four bytes of every Parquet file, and the last.
pub const MAGIC: &[u8; 4] = b"PAR1";

/// Name of the column of sequence numbers.
pub(crate) const SEQ: &str = "seq";
/// Name of the column that says why a sample is no indication.
pub(crate) const STATUS: &str = "status";

#[cfg(test)]
mod tests;
