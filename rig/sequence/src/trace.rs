//! What was done and seen while a sequence ran.

use crate::action::{Fitting, ShaftHold};
use firmware_units::{Micrometers, Millinewtons, Millivolts, Nanoseconds};
use firmware_wire::{Reply, Request, Telemetry};

/// What was done and seen, from a pen at rest to the end of the sequence and of the look after it.
///
/// Times are bench time since the sequence began; the pen has booted before, is parked, has nothing
/// fitted and latched, depth 0.00 mm, rate 7,000 /min, the limit armed, no preset, no treatment,
/// and speaks the newest revision that both know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// In order of time.
    pub events: Vec<Event>,
    /// Tops of stroke by the gauge, in order of time, those of a cam that turned.
    pub strokes: Vec<Stroke>,
    /// Marks of the tachometer, one a turn, in order.
    pub edges: Vec<Nanoseconds>,
    /// Gauge and motor current, slice by slice, without a gap.
    pub slices: Vec<Slice>,
    /// Expanded uncertainty (k = 2) of a protrusion beyond that of its own fit, nm.
    pub protrusion_u_nm: f64,
    /// When the look ended.
    pub ended: Nanoseconds,
    /// Why the pen could not be brought back to where a sequence begins, if it could not.
    pub stuck: Option<String>,
}

/// One thing done or heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When: for a frame sent, when its last bit had left; for one heard, when it had come.
    pub at: Nanoseconds,
    /// What.
    pub what: What,
}

/// What was done or heard.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The action of a step begins, its wait is over: its place, from zero. After the last, the look at the end
    /// counts as one step more.
    Step(usize),
    /// A whole frame left for the pen, heartbeats among them.
    Sent {
        /// Its sequence number.
        number: u16,
        /// What it asks.
        request: Request,
    },
    /// These bytes left, which are no whole frame, or a damaged one.
    SentBroken(Vec<u8>),
    /// A whole frame came with the number of a request.
    Replied {
        /// Its sequence number.
        number: u16,
        /// What it says.
        reply: Reply,
    },
    /// Nothing came to a request within 250 ms of its last bit.
    Unanswered {
        /// Its sequence number.
        number: u16,
    },
    /// Telemetry came.
    Telemetry(Telemetry),
    /// What came was no whole frame.
    HeardBroken,
    /// Nothing is fitted any more, or this is; `id` is that of its chip.
    Cartridge(Option<(Fitting, u64)>),
    /// The simulant before the needles.
    Needles {
        /// Needles that meet it.
        needles: u8,
        /// Force on one at 1 mm of protrusion.
        force: Millinewtons,
    },
    /// What holds the cam shaft.
    Shaft(ShaftHold),
    /// Force along the axis.
    Axial(Millinewtons),
    /// Supply voltage.
    Supply(Millivolts),
    /// The button.
    Button(bool),
    /// The debug probe has reset the chip.
    Reset,
    /// The debug probe has sent the chip's program into an endless loop, at some moment shortly
    /// before.
    Hang,
}

/// A top of stroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// When.
    pub at: Nanoseconds,
    /// Protrusion beyond the nose plane, nm.
    pub protrusion_nm: f64,
    /// Standard uncertainty of the fit of this one top, nm.
    pub u_nm: f64,
}

/// A short stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// Its end.
    pub until: Nanoseconds,
    /// Furthest protrusion in it, of means of some samples, nm; nothing where the gauge had no
    /// target.
    pub furthest_nm: Option<f64>,
    /// Mean motor current, µA.
    pub current_ua: f64,
}

impl Trace {
    /// The step under way at the end, that of the look if there was one.
    #[must_use]
    pub fn last_step(&self) -> usize {
        let step = |event: &Event| match event.what {
            What::Step(step) => Some(step),
            _ => None,
        };
        self.events.iter().rev().find_map(step).unwrap_or(0)
    }
}

impl Stroke {
    /// Protrusion.
    #[must_use]
    pub fn protrusion(&self) -> Micrometers {
        Micrometers((self.protrusion_nm / 1_000.0) as i32)
    }
}
