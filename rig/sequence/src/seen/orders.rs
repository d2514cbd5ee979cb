//! What the pen was to do, as values over time.

use super::series::Series;
use crate::violation::Property;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};

/// Whether the pen may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// At rest and parked: the cam may not turn, the needles may not come out.
    Forbidden,
    /// The cam may not turn; needles may be out, since the carriage could not park.
    Still,
    /// It may move or not: it is starting, stopping, or nobody can say from outside.
    Open,
    /// It is to run, and nothing has happened that could have ended that.
    Commanded,
}

/// Something that ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// STOP, pause or the end of the treatment.
    Asked,
    /// The button.
    Button,
    /// The cartridge was taken out.
    CartridgeOut,
    /// The shaft was held, while the pen drove it.
    Stall,
    /// A fault was shown.
    FaultShown,
    /// The host fell silent.
    Silence,
}

/// An end of a run: when, by what, and when the pen has to be at rest and parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// When it happened: of a frame, when its last bit had left.
    pub(crate) at: Nanoseconds,
    /// What.
    pub(crate) cause: Cause,
    /// When the pen has to be at rest.
    pub(crate) due: Nanoseconds,
}

/// What the pen was to do.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    /// Whether it may move.
    pub(crate) motion: Series<Motion>,
    /// Depth set; nothing while that may be one of several.
    pub(crate) depth: Series<Option<Micrometers>>,
    /// Rate set; nothing while that may be one of several.
    pub(crate) rate: Series<Option<StrokesPerMinute>>,
    /// The least of the limit in force and the cartridge's length; nothing while the pen measures
    /// its depths by a calibration that was changed on purpose.
    pub(crate) ceiling: Series<Option<Micrometers>>,
    /// Ends of runs, in order; after each the motion is open until it is due, and forbidden then
    /// if nothing else was ordered before.
    pub(crate) ends: Vec<End>,
    /// When the pen was started.
    pub(crate) starts: Vec<Nanoseconds>,
    /// Whether the model has given up: what the pen was to do became too much to follow.
    pub(crate) lost: bool,
}

impl Cause {
    /// The property that says how long this end may take.
    pub(crate) fn property(self) -> Property {
        match self {
            Self::Silence => Property::LostLink,
            Self::Asked | Self::Button | Self::CartridgeOut | Self::Stall | Self::FaultShown => {
                Property::Stop
            }
        }
    }

    /// What it is called.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Asked => "STOP, pause or the end of the treatment",
            Self::Button => "a press of the button",
            Self::CartridgeOut => "the cartridge was taken out",
            Self::Stall => "the shaft was held",
            Self::FaultShown => "a fault was shown",
            Self::Silence => "the last whole frame",
        }
    }
}
