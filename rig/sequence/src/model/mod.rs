//! The reference model: what a pen may be doing, by the requirements, after all that was done to it
//! and all that it said.
//!
//! The model is a fold over the events of a trace. Time makes a pen's state uncertain for a while
//! after a contact closes or a carriage sets out: then the model holds several guesses, and a query
//! answers for all of them.

mod asked;
mod due;
mod expected;
mod fold;
mod frames;
mod guess;
mod hazard;
mod line;
mod outside;
mod query;
mod report;
mod requirements;
mod window;
mod world;

pub(crate) use expected::Difference;
pub use fold::Model;
pub(crate) use fold::{LATEST, Remark};
pub use requirements::{PresetLimit, Requirements, RequirementsError};
pub(crate) use window::RUNS;

use firmware_units::Nanoseconds;
use firmware_wire::FaultSet;

/// A value, and since when it has held without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since<T> {
    /// The value.
    pub value: T,
    /// Since when.
    pub since: Nanoseconds,
}

/// Whether cam and carriage may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Nothing may move since then, parking and homing done.
    Forbidden {
        /// Since when.
        since: Nanoseconds,
    },
    /// The cam is to come to rest and the needles to park, since what ended the run.
    Stopping {
        /// When it came: the last bit of STOP, the host's last sign of life, the contact's opening.
        since: Nanoseconds,
        /// What it was.
        by: StopCause,
    },
    /// START was accepted, or the button pressed: carriage out, cam turning.
    Commanded {
        /// When START's last bit had left, or the button was pressed.
        since: Nanoseconds,
        /// By whom.
        by: Starter,
    },
    /// The carriage homes and parks after a reset or an order to; the cam may not turn.
    Homing {
        /// Since when.
        since: Nanoseconds,
    },
    /// The pen has no supply since then: nothing is driven.
    Off {
        /// Since when.
        since: Nanoseconds,
    },
    /// It may be one or another.
    Uncertain,
}

/// Who started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Starter {
    /// The host, which must keep talking.
    Host,
    /// The button.
    Button,
}

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopCause {
    /// STOP, pause or the end of the treatment over the link.
    Asked,
    /// The button.
    Button,
    /// The cartridge was taken out.
    CartridgeOut,
    /// The host fell silent.
    Silence,
    /// The shaft was held.
    Stall,
    /// Another fault, or the treatment's time was used up.
    Other,
}

/// Faults by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownFaults {
    /// Latched for sure.
    pub latched: FaultSet,
    /// Those, and the ones that may be.
    pub possible: FaultSet,
}

#[cfg(test)]
mod tests;
