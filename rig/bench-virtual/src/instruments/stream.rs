//! Numbered samples on their way to the rig, in blocks.

use firmware_units::Nanoseconds;
use rig_bench::{InstrumentId, Observation, SampleBlock, SampleStatus};

/// Most samples of one block: 100 ms of the gauge.
pub(crate) const MAX_BLOCK: usize = 2_000;

/// Samples of one instrument that the rig has not taken yet.
#[derive(Debug)]
pub(crate) struct Stream {
    instrument: InstrumentId,
    full: Vec<SampleBlock>,
    open: SampleBlock,
}

impl Stream {
    pub(crate) fn new(instrument: InstrumentId) -> Self {
        Self {
            instrument,
            full: Vec::new(),
            open: SampleBlock::default(),
        }
    }

    /// Adds a sample; one that does not follow the last one begins a new block.
    pub(crate) fn push(&mut self, seq: u64, at_ns: f64, value: i64, status: Option<SampleStatus>) {
        let length = self.open.values.len();
        if length == MAX_BLOCK || self.open.first_seq + length as u64 != seq {
            self.close();
        }
        if self.open.values.is_empty() {
            self.open.first_seq = seq;
            // Bench time is never negative; the fraction of a nanosecond is dropped.
            self.open.at = Nanoseconds(at_ns as u64);
        }
        if let Some(status) = status {
            // A block holds at most MAX_BLOCK samples.
            self.open
                .exceptions
                .push((self.open.values.len() as u32, status));
        }
        self.open.values.push(value);
    }

    /// Hands all blocks over.
    pub(crate) fn take(&mut self, observations: &mut Vec<Observation>) {
        self.close();
        observations.extend(self.full.drain(..).map(|block| Observation::Samples {
            instrument: self.instrument,
            block,
        }));
    }

    fn close(&mut self) {
        if !self.open.values.is_empty() {
            self.full.push(std::mem::take(&mut self.open));
        }
    }
}
