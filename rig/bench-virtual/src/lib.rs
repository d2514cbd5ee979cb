//! The virtual bench: emulated MCU, debug port, mechanism, instruments.

mod chip;
pub mod debug;
pub mod instruments;
mod machine;
pub mod mechanism;
mod noise;

pub use chip::{Inputs, Outputs, PwmDuty, StepPulses};
pub use machine::{CYCLES_PER_SECOND, Machine, MachineError};
