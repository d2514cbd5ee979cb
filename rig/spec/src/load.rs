//! Loads that a row may name.

use firmware_units::Millinewtons;

/// What a load does to the cam shaft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShaftLoad {
    /// Nothing.
    Free,
    /// A friction brake.
    Brake,
    /// Held fast.
    Locked,
}

/// One line of `loads.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Its name.
    pub name: String,
    /// Needles that meet the simulant.
    pub needles: u8,
    /// Force on one needle at 1 mm protrusion, growing linearly with it.
    pub force_per_needle: Millinewtons,
    /// Force along the axis on the nose cone.
    pub axial: Millinewtons,
    /// The cam shaft.
    pub shaft: ShaftLoad,
    /// How it is applied, in words.
    pub note: String,
}
