//! The catalogue of faults: the one table that scenarios are read by and lists are printed from.
//!
//! Name, effect, parameters with their ranges, time, containment and who finds it stand in one
//! entry each; a scenario can name nothing that is not here, and nothing here is not read.

mod instruments;
mod on_demand;
mod pen;

pub use on_demand::{OnDemand, on_demand};

use super::fault::FaultKind;

/// One fault that a scenario can name.
#[derive(Debug)]
pub struct FaultEntry {
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub part: Part,
    /// What it does.
    pub does: &'static str,
    /// Its parameters; each must be given.
    pub parameters: &'static [Parameter],
    /// When it can strike.
    pub time: Time,
    /// Whether the pen must contain it unless the scenario says otherwise: no needle or rate
    /// beyond its ceiling.
    pub contained: bool,
    /// Who is expected to find it.
    pub found: &'static [Finder],
    /// Makes it from its parameters, in their order.
    pub(super) make: fn(&[f64]) -> FaultKind,
}

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Carriage, cam, shaft, nose.
    Mechanism,
    /// Needles and their membrane.
    Cartridge,
    /// Sensors, switches, drive.
    Electronics,
    /// The microcontroller: oscillator, flash.
    Chip,
    /// Battery.
    Supply,
    /// Serial link to the host.
    Link,
    /// The rig's own instruments.
    Instruments,
    /// The rig's debug probe.
    Probe,
}

impl Part {
    /// The word for it in lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mechanism => "mechanism",
            Self::Cartridge => "cartridge",
            Self::Electronics => "electronics",
            Self::Chip => "chip",
            Self::Supply => "supply",
            Self::Link => "link",
            Self::Instruments => "instruments",
            Self::Probe => "probe",
        }
    }
}

/// One number of a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its key; the unit is in it.
    pub name: &'static str,
    /// What it is.
    pub means: &'static str,
    /// Unit, empty for a share.
    pub unit: &'static str,
    /// Least value.
    pub least: f64,
    /// Greatest value.
    pub most: f64,
    /// Whether it may have a fraction.
    pub fraction: bool,
}

/// When a fault can strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// From `from_s` of bench time on (0 if not given), for `for_s` (for good if not given).
    Window,
    /// Before bench time begins, and for good.
    Standing,
}

/// Who is expected to find a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finder {
    /// A row of the spec, by a verdict that is not a pass.
    Row(&'static str),
    /// The pen, by this fault of its own.
    Pen(&'static str),
    /// The rig, which then refuses to give a verdict; in these words.
    Rig(&'static str),
    /// Neither, and why.
    Nobody(&'static str),
}

/// Every fault, by part.
pub fn catalog() -> impl Iterator<Item = &'static FaultEntry> {
    pen::FAULTS.iter().chain(instruments::FAULTS)
}

/// What of DOMAIN's faults is an image and no fault of a scenario.
pub const IMAGES: &str = "Telemetry that echoes the setpoint is a firmware, not a fault of a scenario: \
firmware/images/defective/pen-a1-1.2.1-echo-setpoint.elf, found by row RAT-08a.";

const fn whole(
    name: &'static str,
    means: &'static str,
    unit: &'static str,
    least: f64,
    most: f64,
) -> Parameter {
    Parameter {
        name,
        means,
        unit,
        least,
        most,
        fraction: false,
    }
}

const fn real(
    name: &'static str,
    means: &'static str,
    unit: &'static str,
    least: f64,
    most: f64,
) -> Parameter {
    Parameter {
        fraction: true,
        ..whole(name, means, unit, least, most)
    }
}

const fn share(means: &'static str) -> Parameter {
    real("probability", means, "", 0.0, 1.0)
}

const NONE: &[Parameter] = &[];

#[cfg(test)]
mod tests;
