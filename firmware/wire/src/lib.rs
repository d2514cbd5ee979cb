//! The pen's wire protocol: messages, framing and version.
//!
//! USART2, 115,200 Bd, 8N1. A frame is COBS-encoded and ends with a zero byte; inside stand
//! protocol version (1 byte), sequence number (2 bytes, little endian), one postcard-encoded
//! message and a CRC-32/ISO-HDLC (4 bytes, little endian) over all that precedes it.
//!
//! The host sends [`Request`]s; the pen answers each with one [`Reply`] that carries the
//! request's sequence number, and sends [`Reply::Telemetry`] of its own accord with sequence numbers
//! of its own (see [`message`]). [`revision`] says how the two agree on what both know.
#![cfg_attr(not(test), no_std)]

pub mod calibration;
pub mod cartridge;
pub mod frame;
pub mod message;
pub mod report;
pub mod revision;

pub use calibration::{Calibration, CalibrationError, RecordCopy};
pub use cartridge::CartridgeChip;
pub use frame::{
    DecodeError, Decoder, EncodeError, Frame, MAX_FRAME_LEN, PROTOCOL_VERSION, encode,
};
pub use message::{
    Fault, FaultSet, FirmwareVersion, Identity, LinkCounters, Preset, Refusal, Reply, Request,
    Setting, SettingId, State, Status, Telemetry,
};
pub use report::{
    BootCause, CartridgeReport, LOG_SLOT_LEN, LinkReport, LogEntry, LogEvent, TreatmentReport,
};
pub use revision::REVISION;
