//! What is known of a fixture from its drawings and checks.

use crate::Certificate;

/// A fixture: holds the DUT before the gauge and brings the gauge block to its nose plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixture {
    /// Height of the gauge block's face above the nose plane when the block is seated, nm.
    pub block_height_nm: f64,
    /// The gauge block's certificate; `expanded_uncertainty` is that of its height, in nm.
    pub block_certificate: Certificate,
    /// Repeatability of seating block and pen in the same plane, standard uncertainty, nm.
    pub seating_nm: f64,
    /// Largest angle between gauge and needle axis, degrees.
    pub tilt_deg: f64,
    /// Largest change of the gauge's indication with the fixture's temperature, nm/K.
    pub drift_nm_per_kelvin: f64,
    /// Largest departure from the temperature at which the zero is taken, K.
    pub temperature_kelvin: f64,
    /// Smallest standard deviation of the gauge's noise when it lives, nm; a quieter gauge holds
    /// its last value.
    pub gauge_noise_floor_nm: f64,
    /// Smallest standard deviation of the current probe's noise when it lives, µA.
    pub current_noise_floor_ua: f64,
    /// Standard uncertainty of one tachometer edge, ns.
    pub edge_u_ns: f64,
    /// Largest error of the bench times given with sample blocks and link bytes, ns.
    pub time_jitter_ns: u64,
}
