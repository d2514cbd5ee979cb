//! The instrument stream: messages between a fixture's controller and a rig, and their framing.
//!
//! `rig/bench/INSTRUMENT-STREAM.md` is the protocol for those who build a controller; this crate
//! is that page as code: bytes in, messages out, no port and no clock.

mod convert;
mod frame;
mod message;

pub use convert::split;
pub use frame::{DecodeError, Decoder, EncodeError, Frame, MAX_FRAME_LEN, VERSION, encode};
pub use message::{
    Act, ActuatorName, Calibration, CartridgeChip, Command, Exception, FixtureInfo, InstrumentInfo,
    InstrumentName, Kind, MAX_SAMPLES, OffCause, QuantityName, Refusal, Reply, Report, Samples,
    ShaftState, Who, WhyNot,
};
