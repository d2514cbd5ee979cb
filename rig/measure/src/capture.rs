//! Streams of sampled instruments, and captures opened on them.

use crate::{
    Block, Channel, NotMeasurable, SampleClock, SignalDefect, Stroke, StrokeSettings, Trace,
};
use firmware_units::Nanoseconds;

/// A capture that is open. Closing it consumes it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaptureId(u64);

/// What a stream kept between opening and closing a capture; every sample was there and sound.
#[derive(Clone, Debug)]
pub struct Capture {
    strokes: Vec<Stroke>,
    trace: Trace,
}

impl Capture {
    /// The complete strokes, in order. Empty for a current.
    #[must_use]
    pub fn strokes(&self) -> &[Stroke] {
        &self.strokes
    }

    /// Short means of the whole window.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Relates sample numbers to bench time in this window.
    #[must_use]
    pub fn clock(&self) -> SampleClock {
        unimplemented!()
    }
}

/// The gauge from power-on to power-off.
#[derive(Debug)]
pub struct GaugeStream {}

impl GaugeStream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new(channel: Channel, settings: StrokeSettings) -> Self {
        let _ = (channel, settings);
        Self {}
    }

    /// Takes one block and gives the strokes that it completed (a stroke is complete when the
    /// next one has begun).
    pub fn push(&mut self, block: &Block<'_>) -> Vec<Stroke> {
        let _ = block;
        unimplemented!()
    }

    /// Says that bench time is `now`; a stream that should have sent samples by then is silent.
    pub fn tick(&mut self, now: Nanoseconds) {
        let _ = now;
        unimplemented!()
    }

    /// Opens a capture at the next sample.
    pub fn open(&mut self) -> CaptureId {
        unimplemented!()
    }

    /// Complete strokes in an open capture so far.
    #[must_use]
    pub fn strokes_in(&self, id: &CaptureId) -> usize {
        let _ = id;
        unimplemented!()
    }

    /// Closes a capture after the last sample received.
    ///
    /// # Errors
    /// [`NotMeasurable::Defect`] if a sample in it is missing or no indication.
    pub fn close(&mut self, id: CaptureId) -> Result<Capture, NotMeasurable> {
        let _ = id;
        unimplemented!()
    }

    /// Defects since power-on, merged where they touch.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        unimplemented!()
    }

    /// Tops of stroke passed since power-on, complete strokes or not.
    #[must_use]
    pub fn tops_seen(&self) -> u64 {
        unimplemented!()
    }
}

/// A sampled current from power-on to power-off.
#[derive(Debug)]
pub struct CurrentStream {}

impl CurrentStream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        let _ = channel;
        Self {}
    }

    /// Takes one block.
    pub fn push(&mut self, block: &Block<'_>) {
        let _ = block;
        unimplemented!()
    }

    /// Says that bench time is `now`; a stream that should have sent samples by then is silent.
    pub fn tick(&mut self, now: Nanoseconds) {
        let _ = now;
        unimplemented!()
    }

    /// Opens a capture at the next sample.
    pub fn open(&mut self) -> CaptureId {
        unimplemented!()
    }

    /// Closes a capture after the last sample received.
    ///
    /// # Errors
    /// [`NotMeasurable::Defect`] if a sample in it is missing or no indication.
    pub fn close(&mut self, id: CaptureId) -> Result<Capture, NotMeasurable> {
        let _ = id;
        unimplemented!()
    }

    /// Defects since power-on, merged where they touch.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        unimplemented!()
    }
}
