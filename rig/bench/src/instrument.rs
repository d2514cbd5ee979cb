//! What a bench says of its instruments.

use std::fmt;

/// Name of an instrument on its bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstrumentId(pub &'static str);

impl fmt::Display for InstrumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Displacement gauge that looks along the axis at the needle plane.
pub const GAUGE: InstrumentId = InstrumentId("gauge");
/// Optical tachometer on the cam shaft, one edge a stroke.
pub const TACHOMETER: InstrumentId = InstrumentId("tachometer");
/// Current probe around the motor lead.
pub const MOTOR_CURRENT: InstrumentId = InstrumentId("current probe");
/// Force sensor under the nose cone, in the way of the axial load.
pub const FORCE: InstrumentId = InstrumentId("force");
/// Thermometer on the pen's nose.
pub const NOSE_THERMOMETER: InstrumentId = InstrumentId("nose thermometer");
/// Thermometer in the air around the fixture.
pub const AMBIENT_THERMOMETER: InstrumentId = InstrumentId("ambient thermometer");

/// What one sample value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Displacement in nanometres; larger is further out of the nose. Sampled at a fixed rate.
    DisplacementNm,
    /// Time of an edge in nanoseconds by the instrument's own clock. One sample an edge.
    EdgeTimeNs,
    /// Current in microamperes. Sampled at a fixed rate.
    CurrentUa,
    /// Force in micronewtons, towards the pen positive. Sampled at a fixed rate.
    ForceUn,
    /// Temperature in thousandths of a degree Celsius. Sampled at a fixed rate.
    TemperatureMilliCelsius,
}

/// One instrument and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    /// Its name on the bench.
    pub id: InstrumentId,
    /// Maker's model.
    pub model: String,
    /// Maker's serial number.
    pub serial: String,
    /// What a sample counts.
    pub quantity: Quantity,
    /// Samples a second by the instrument's own clock; zero for edges.
    pub sample_rate_hz: u32,
    /// Smallest step of an indication, in counts of the quantity.
    pub resolution: u32,
    /// Lowest and highest indication, in counts of the quantity.
    pub range: (i64, i64),
    /// First-order bandwidth in Hz; zero if not applicable.
    pub bandwidth_hz: u32,
    /// Its calibration.
    pub certificate: Certificate,
}

/// Calibration of an instrument, as its certificate states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// Certificate number; virtual ones are `VIRTUAL-…`.
    pub id: String,
    /// To what it is traceable; `none` for virtual ones.
    pub traceability: String,
    /// Date calibrated, ISO 8601.
    pub calibrated: String,
    /// Date due, ISO 8601.
    pub due: String,
    /// Expanded uncertainty of an indication, in counts of the quantity, or of the time base in
    /// parts in 1e9 for edges.
    pub expanded_uncertainty: f64,
    /// Its coverage factor.
    pub coverage_factor: f64,
    /// Largest error of the time base, parts in 1e9.
    pub time_base_ppb: u32,
    /// Largest deviation from linearity over the range, in counts of the quantity (a limit,
    /// taken as rectangular).
    pub linearity: f64,
}
