//! What can be done to a pen.

use firmware_units::{Micrometers, Micronewtonmeters, Microseconds, Millinewtons, Millivolts};
use firmware_wire::Request;

/// What is done to a pen that has just booted, parked, with nothing fitted and nothing latched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// In order.
    pub steps: Vec<Step>,
}

/// A pause, and what is done after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bench time that passes between the end of the step before and this one's action.
    pub after: Microseconds,
    /// What is done.
    pub action: Action,
}

/// One thing that is done.
///
/// What is set stays until it is set otherwise; what an instant should last is two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing: time passes.
    Nothing,
    /// A request as a whole frame with the next sequence number; its reply is awaited.
    Send(Request),
    /// Requests as whole frames, one right behind the other on the line; then all replies are
    /// awaited.
    Burst(Vec<Request>),
    /// The frame sent last, again: same number, same bytes.
    Repeat,
    /// A whole frame with a number before the one sent last: it comes late.
    Late {
        /// What it asks.
        request: Request,
        /// How many numbers before: 1 to 1,000.
        back: u16,
    },
    /// The first bytes of a frame; the rest never comes.
    CutShort {
        /// What it would have asked.
        request: Request,
        /// Bytes sent, at least one fewer than the frame has.
        bytes: u8,
    },
    /// A whole frame with one bit flipped.
    Flipped {
        /// What it asks.
        request: Request,
        /// Which bit, from the frame's first, modulo the frame's length; the closing zero is spared.
        bit: u16,
    },
    /// Bytes that are no frame.
    Garbage(Vec<u8>),
    /// Heartbeats every 100 ms from now on, or none.
    Heartbeats(bool),
    /// Takes out what is fitted, if something is, and fits this, if it is something.
    Cartridge(Option<Fitting>),
    /// A simulant before the needles (specs/pen-a1/loads.csv); none with no needles.
    Needles {
        /// Needles that meet it.
        needles: u8,
        /// Force on one at 1 mm of protrusion.
        force: Millinewtons,
    },
    /// What holds the cam shaft.
    Shaft(ShaftHold),
    /// Force along the axis on the nose cone.
    Axial(Millinewtons),
    /// Supply voltage; zero is off.
    Supply(Millivolts),
    /// The button is pressed, or let go.
    Button(bool),
    /// The debug probe resets the chip.
    Reset,
    /// The debug probe sends the chip's program into an endless loop; interrupts go on.
    Hang,
    /// The pen is asked for its factory record, and then to write it anew with the same depth
    /// calibration: what it measures its depths by stays what it was.
    Recalibrate,
}

/// A cartridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitting {
    /// A new one with 14 needles of this length.
    Fresh {
        /// Longest protrusion that its chip allows.
        length: Micrometers,
    },
    /// The one that was fitted last, as the pen left its chip; a fresh one of 2.5 mm if there was none.
    Same,
    /// One that was used in a treatment that is none of this sequence's.
    Used,
    /// One whose chip makes no sense.
    Unreadable,
}

/// What holds the cam shaft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShaftHold {
    /// Nothing.
    Free,
    /// A friction brake.
    Brake(Micronewtonmeters),
    /// It cannot turn.
    Locked,
}
