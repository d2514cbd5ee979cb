//! The virtual bench: emulated MCU, debug port, mechanism, instruments.

mod bench;
mod chip;
pub mod debug;
mod factory;
pub mod instruments;
mod machine;
pub mod mechanism;
mod noise;
mod scenario;

pub use bench::{StrokeTruth, VirtualBench};
pub use chip::{Inputs, Outputs, PwmDuty, StepPulses};
pub use factory::{Unit, reference_cartridge};
pub use machine::{CYCLES_PER_SECOND, Machine, MachineError};
pub use scenario::{
    Affected, Defect, DefectKind, Fault, FaultEntry, FaultKind, Finder, IMAGES, Near, OnDemand,
    Parameter, Part, Scenario, Time, catalog, on_demand,
};
