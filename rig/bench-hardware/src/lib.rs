//! The hardware bench: a debug probe, a DUT on a serial port, and a fixture controller.

mod description;

pub use description::{
    Defect, DefectKind, Defects, Description, FlashPolicy, Port, ProbeDescription,
};
