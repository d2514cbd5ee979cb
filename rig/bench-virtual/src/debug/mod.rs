//! The debug probe: SW-DP, MEM-AP and reset line of the emulated chip, for unmodified probe-rs.
//!
//! The transfers are those of the wire (ARM Debug Interface v5, IHI 0031): AP reads are posted,
//! errors stick. probe-rs' own flash algorithm therefore runs on the emulated core.

mod glasgow;
mod mem_ap;
mod port;
mod probe;
mod rom_table;
#[cfg(test)]
mod tests;

pub use glasgow::{DebugPins, GlasgowError, GlasgowPort};
pub use port::{Ack, DebugPort, Port};
pub(crate) use probe::failing_probe;
pub use probe::{VirtualProbe, probe};
