//! What a bench yields as its clock moves.

use crate::InstrumentId;
use firmware_units::Nanoseconds;

/// One thing that happened on the bench.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Bytes from the DUT.
    Link {
        /// When the last of them arrived.
        at: Nanoseconds,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Consecutive samples of one instrument.
    Samples {
        /// Which instrument.
        instrument: InstrumentId,
        /// The samples.
        block: SampleBlock,
    },
}

/// Consecutive samples of one instrument; a gap shows in `first_seq`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleBlock {
    /// Sequence number of the first sample, counted by the instrument from power-on.
    pub first_seq: u64,
    /// Bench time at which the first sample was taken.
    pub at: Nanoseconds,
    /// Indications, in the instrument's [`crate::Quantity`].
    pub values: Vec<i64>,
    /// Samples that are no indication: index into `values`, and why. Ascending.
    pub exceptions: Vec<(u32, SampleStatus)>,
}

/// Why a sample is no indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SampleStatus {
    /// The instrument saw no target.
    NoTarget,
    /// Beyond the instrument's range.
    OutOfRange,
}
