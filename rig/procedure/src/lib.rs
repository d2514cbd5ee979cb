//! Steps, run loop and row procedures, generic over the bench.

mod flash;
mod image;

pub use flash::{FlashError, Flashed, flash};
pub use image::{ChipMemory, Image, ImageError, Segment};
