//! Short means of a signal over a window: levels, changes, and what happened when.

use crate::{Estimate, NotMeasurable};

/// Means of consecutive short blocks of samples, so that noise does not look like motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Sample number at which the first block begins.
    pub first_seq: u64,
    /// Samples a block.
    pub block_len: u32,
    /// Mean of each block, in counts of the quantity.
    pub means: Vec<f64>,
}

/// Mean of a still signal, in counts.
///
/// # Errors
/// [`NotMeasurable::NotStill`] if it drifted or moved by more than `allowed` counts,
/// [`NotMeasurable::WindowTooShort`] below 20 blocks.
pub fn level(trace: &Trace, allowed: f64) -> Result<Estimate, NotMeasurable> {
    let _ = (trace, allowed);
    unimplemented!()
}

/// Largest difference between any two short means, in counts.
///
/// # Errors
/// [`NotMeasurable::WindowTooShort`] below two blocks.
pub fn largest_change(trace: &Trace) -> Result<Estimate, NotMeasurable> {
    let _ = trace;
    unimplemented!()
}

/// Largest short mean, in counts.
///
/// # Errors
/// [`NotMeasurable::WindowTooShort`] without a block.
pub fn largest_level(trace: &Trace) -> Result<Estimate, NotMeasurable> {
    let _ = trace;
    unimplemented!()
}
