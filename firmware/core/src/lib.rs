//! The pen's behaviour as a pure state machine: no registers, no clock, no floats.
//!
//! [`Pen`] is the whole pen. Once a control tick of [`TICK`] it takes what was sensed
//! ([`Inputs`]) and answers what the pins shall do ([`Outputs`]); between ticks it takes frames
//! from the link and answers with replies. Time is counted in ticks, strokes in Hall edges.
//!
//! The M0+ has neither divider nor FPU, so the path of every tick multiplies and shifts; it
//! divides once a stroke and at telemetry.
//!
//! **Invariant:** the motor is driven only in [`State::Starting`](firmware_wire::State) after the
//! carriage has arrived and in [`State::Running`](firmware_wire::State), with a usable cartridge
//! and no fault latched.
//! **Invariant:** the carriage goes outward of its park position only for a START.
//! **Invariant:** telemetry holds measured values, never a setpoint.
//!
//! Deliberately defective builds break these, those with the feature `echo-setpoint` or one of the
//! mutants (`mutants.csv`); they are never released.
#![cfg_attr(not(test), no_std)]

#[macro_use]
mod mutation;

mod analog;
mod carriage;
mod cartridge;
mod drive;
mod fault;
mod hall;
mod limit;
mod link;
mod log;
mod pen;
mod rate_loop;
mod scale;
mod signal;
mod store;
mod survivor;
mod switch;
mod treatment;

pub use log::{EventLog, LOG_LEN, LogSlot};
pub use pen::Pen;
pub use signal::{
    AnalogCounts, BootInfo, Capture, ChipCommand, ChipOutcome, DUTY_FULL, Direction, FlashCommand,
    FlashOutcome, Inputs, Outputs, PAGE_LEN, ResetCause, StepTrain, TICK, TICK_MILLIS,
};
pub use store::FLASH_WORD_LEN;
pub use survivor::{SURVIVOR_WORDS, Survivor};
pub use treatment::Treatment;
