//! The reference model: what a pen may be doing, by the requirements, after all that was done to it
//! and all that it said.
//!
//! The model is a fold over the events of a trace. Time makes a pen's state uncertain for a while
//! after a contact closes or a carriage sets out: then the model holds several guesses, and a query
//! answers for all of them.

mod requirements;

pub use requirements::{PresetLimit, Requirements, RequirementsError};

use crate::Event;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::{FaultSet, State};

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

/// The model, after some events.
///
/// Queries are about the time of the event taken last.
#[derive(Clone, Debug)]
pub struct Model {
    requirements: Requirements,
}

impl Model {
    /// The model of a pen as a trace begins.
    #[must_use]
    pub fn new(requirements: &Requirements) -> Self {
        Self {
            requirements: requirements.clone(),
        }
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event) {
        let _ = event;
    }

    /// Depth setting; nothing while it may be one of several, or the pen has no supply.
    #[must_use]
    pub fn depth(&self) -> Option<Since<Micrometers>> {
        None
    }

    /// Rate setting, as [`Model::depth`].
    #[must_use]
    pub fn rate(&self) -> Option<Since<StrokesPerMinute>> {
        None
    }

    /// Deepest that a stroke may go now: the lowest of the limit in force, the preset's ceiling and
    /// the cartridge's length; the highest of them that may hold while that is uncertain.
    #[must_use]
    pub fn ceiling(&self) -> Micrometers {
        self.requirements.range
    }

    /// Whether cam and carriage may move.
    #[must_use]
    pub fn may_move(&self) -> Motion {
        Motion::Uncertain
    }

    /// The states that the pen may show in revision 1, each once.
    #[must_use]
    pub fn states(&self) -> Vec<State> {
        Vec::new()
    }

    /// Latched faults.
    #[must_use]
    pub fn faults(&self) -> KnownFaults {
        KnownFaults::default()
    }

    /// Id of the treatment under way, where it is known: nothing, or none.
    #[must_use]
    pub fn treatment(&self) -> Option<Option<u32>> {
        None
    }

    /// Whether the supply is within what the pen is rated for, and has been for a second.
    #[must_use]
    pub fn supply_ok(&self) -> bool {
        false
    }

    /// Whether the pen's depth calibration was changed by request: depths are then as that says.
    #[must_use]
    pub fn recalibrated(&self) -> bool {
        false
    }

    /// Whether there is one guess alone.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        false
    }
}
