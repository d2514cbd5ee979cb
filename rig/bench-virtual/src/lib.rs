//! The virtual bench: emulated MCU, debug port, mechanism, instruments.

pub mod instruments;
pub mod mechanism;
mod noise;
