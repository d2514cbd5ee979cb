//! The hardware bench: a debug probe, a DUT on a serial port, and a fixture controller.
//!
//! `bench.toml` beside this crate's manifest is an example of what describes one; the
//! controller speaks the instrument stream (`rig/bench/INSTRUMENT-STREAM.md`).

mod bench;
mod check;
mod controller;
mod description;
mod guard;
mod latency;
mod line;
mod lock;
mod ports;
mod preflight;
mod stream;
mod tap;

pub use bench::HardwareBench;
pub use check::{Finding, check};
pub use description::{
    Defect, DefectKind, Defects, Description, FlashPolicy, Golden, Parts, Port, ProbeDescription,
};
pub use latency::{Latency, LatencyNote};
pub use lock::{Holder, Lock, LockError};
