//! Treatment presets with their depth ceilings.

use firmware_units::Micrometers;

/// One line of `presets.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Treatment area.
    pub name: String,
    /// Depth that selecting it sets.
    pub depth: Micrometers,
    /// Deepest setting it allows.
    pub ceiling: Micrometers,
    /// Where the numbers come from.
    pub basis: String,
    /// The source itself.
    pub source: String,
}
