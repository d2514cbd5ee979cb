//! One sampled instrument: its properties, its blocks, and whether every sample is there and sound.

use crate::SignalDefect;
use firmware_units::Nanoseconds;

/// Why the instrument itself says that a sample is no indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFault {
    /// It saw no target.
    NoTarget,
    /// Beyond its range.
    OutOfRange,
}

/// Consecutive samples as an instrument sends them.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Sequence number of the first sample, counted by the instrument from power-on.
    pub first_seq: u64,
    /// Bench time at which the first sample was taken.
    pub at: Nanoseconds,
    /// Indications, in counts of the channel's quantity.
    pub values: &'a [i64],
    /// Samples that are no indication: index into `values`, and why. Ascending.
    pub exceptions: &'a [(u32, SampleFault)],
}

/// What is known of a sampled instrument, from its certificate and data sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channel {
    /// Samples a second by the instrument's own clock.
    pub sample_rate_hz: u32,
    /// Smallest step of an indication, in counts.
    pub resolution: i64,
    /// Lowest and highest indication, in counts; a sample at either end is saturated.
    pub range: (i64, i64),
    /// Smallest standard deviation of the noise a living instrument shows, in counts.
    /// Zero switches the check for held values off.
    pub noise: f64,
    /// Largest error of the instrument's time base, parts in 1e9.
    pub time_base_ppb: u32,
    /// Largest error of a block's bench time, such as transport latency.
    pub at_jitter: Nanoseconds,
}

/// Relates sample numbers to bench time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleClock {
    /// Sample number of the anchor.
    pub seq: u64,
    /// Bench time of the anchor.
    pub at: Nanoseconds,
    /// Seconds a sample, by bench time.
    pub sample_s: f64,
}

impl SampleClock {
    /// Sample number at a bench time, with its fraction.
    #[must_use]
    pub fn index_of(&self, time: Nanoseconds) -> f64 {
        let _ = time;
        unimplemented!()
    }

    /// Bench time of a sample number, in seconds.
    #[must_use]
    pub fn seconds_of(&self, index: f64) -> f64 {
        let _ = index;
        unimplemented!()
    }
}

/// Watches that every sample is there and sound.
#[derive(Clone, Debug)]
pub struct StreamCheck {}

impl StreamCheck {
    /// A check that has seen nothing yet.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        let _ = channel;
        Self {}
    }

    /// Looks at one block and gives the defects that it shows.
    pub fn push(&mut self, block: &Block<'_>) -> Vec<SignalDefect> {
        let _ = block;
        unimplemented!()
    }
}

/// Number of identical indications in a row that noise does not make by chance.
#[must_use]
pub fn stale_run_length(resolution: i64, noise: f64) -> Option<u32> {
    let _ = (resolution, noise);
    unimplemented!()
}
