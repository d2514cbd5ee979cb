//! Steps, run loop and row procedures, generic over the bench.

mod chain;
mod draw;
mod flash;
mod hang;
mod image;
mod link;
mod motion;
mod pen;
mod reset;
mod rows;
mod sequences;
mod session;
mod thermometer;
mod unit;

pub use chain::{Chain, ChainError, DeepestStroke, OpenWindow, Window};
pub use flash::{FlashError, FlashPolicy, Flashed, flash, flash_if_different};
pub use image::{ChipMemory, Image, ImageError, Segment};
pub use link::{Answer, Heard, LinkCounts};
pub use rows::sequences::Violating;
pub use sequences::{PlayError, Player};
pub use session::{GoOn, Samples, Session, SessionError, Unmeasured};
pub use unit::{
    NOMINAL_SUPPLY, Progress, StudyJob, UnitJob, can_be_studied, run_setup, run_unit,
    sequence_ranges, sequence_seed,
};
