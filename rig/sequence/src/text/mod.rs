//! Sequences as text: one line a step, to be read and edited by a person.
//!
//! ```text
//! after 1 s  cartridge fresh 2.5 mm
//! after 0.250 s  send set depth 1.50 mm
//! after 0 s  heartbeats on
//! after 0 s  send start
//! after 2.500 s  load 0.1 N on 14 needles   # on the skin
//! after 0.000012 s  burst stop; set depth 2.50 mm
//! after 0.100 s  flipped bit 37 of start
//! after 0.400 s  supply 3.1 V
//! ```
//!
//! | line | is |
//! | --- | --- |
//! | `nothing` | time passes |
//! | `send REQUEST` | a whole frame |
//! | `burst REQUEST; REQUEST` | whole frames, one right behind the other |
//! | `repeat` | the frame sent last, again |
//! | `late N of REQUEST` | a whole frame with a number N before the one sent last |
//! | `cut short after N bytes of REQUEST` | the first bytes of a frame |
//! | `flipped bit N of REQUEST` | a frame with one bit flipped |
//! | `garbage 00 ff 12` | bytes that are no frame, in hexadecimal |
//! | `heartbeats on`, `off` | heartbeats every 100 ms from now on, or none |
//! | `cartridge fresh 2.5 mm`, `same`, `used`, `unreadable`, `none` | takes out what is fitted, and fits this |
//! | `load 0.1 N on 14 needles` | a simulant before the needles |
//! | `shaft free`, `brake 1.5 mN m`, `locked` | what holds the cam shaft |
//! | `axial 1.0 N` | force along the axis on the nose cone |
//! | `supply 3.1 V` | supply voltage; zero is off |
//! | `button down`, `up` | the pen's button |
//! | `reset` | the debug probe resets the chip |
//! | `hang` | the debug probe sends the chip's program into an endless loop |
//! | `recalibrate` | the pen writes its factory record anew, as it was |
//!
//! A REQUEST is written in the words of the console (`penrig console`, `help`): `identify`,
//! `status`, `set depth 1.50 mm`, `set rate 7000 /min`, `get depth`, `get rate`, `preset AREA`,
//! `preset clear`, `unlock`, `lock`, `start`, `stop`, `pause`, `section`, `treatment`, `end`,
//! `clear`, `cartridge`, `log N`, `link`, `calibration`, `calibrate HOME mm LEAD mm`,
//! `telemetry 100 ms`, `telemetry off`; and, which the console sends by itself, `heartbeat`,
//! `hello N` and `counters`.
//! Every number has its unit behind it, and is held exactly.

mod defect;
mod line;
mod quantity;
mod read;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub use defect::{TextDefect, Wrong};
pub use read::{read, read_request};
pub(crate) use words::{near, preset_word};
pub(crate) use write::length_text;
pub use write::{request_text, time_text};
