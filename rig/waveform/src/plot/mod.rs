//! A picture of a measured waveform: the record, some strokes close up, rate and tops over time.
//!
//! Scalable vector graphics, written here: a dozen primitives, the same bytes for the same input,
//! and no fonts or text metrics to depend on.

mod bins;
mod panel;
mod picture;

pub use picture::Picture;
