//! What a waveform is of: quantity, rate, instrument, and what is known of it.

use firmware_units::{Microhertz, Nanoseconds};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a sample counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Displacement, nm; larger is further out of the nose.
    Displacement,
    /// Current, µA.
    Current,
    /// Time of an edge by the instrument's own clock, ns. One sample an edge, at no rate.
    EdgeTime,
}

impl Quantity {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Displacement, Self::Current, Self::EdgeTime];

    /// Its column of values, unit in the name.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Displacement => "displacement_nm",
            Self::Current => "current_ua",
            Self::EdgeTime => "edge_ns",
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Displacement => "nm",
            Self::Current => "uA",
            Self::EdgeTime => "ns",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Displacement => "displacement",
            Self::Current => "current",
            Self::EdgeTime => "edge time",
        })
    }
}

/// What is known of an instrument and its fixture: from certificate, data sheet and drawing.
///
/// Lengths are in nanometres (of a current probe: microamperes). What is not known is absent; a
/// budget says which of its lines are missing for that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    /// Number of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// To what it is traceable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceability: Option<String>,
    /// Date due, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Expanded uncertainty of an indication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded: Option<f64>,
    /// Its coverage factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_factor: Option<f64>,
    /// Largest deviation from linearity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linearity: Option<f64>,
    /// Largest error of the time base, parts in 1e9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_base_ppb: Option<u32>,
    /// First-order bandwidth, Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_hz: Option<f64>,
    /// Smallest standard deviation of the noise of a living instrument.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_floor: Option<f64>,
    /// Largest angle between gauge and needle axis, degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tilt_deg: Option<f64>,
    /// Largest change of the gauge per kelvin of the fixture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_per_kelvin: Option<f64>,
    /// Largest departure from the temperature at which the zero was taken, K.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_kelvin: Option<f64>,
    /// Repeatability of bringing block and pen to the same plane, standard uncertainty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seating: Option<f64>,
    /// Height of the gauge block's face above the nose plane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_height: Option<f64>,
    /// Its standard uncertainty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_u: Option<f64>,
    /// Indication on the block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_level: Option<f64>,
    /// Standard uncertainty of that indication, from its scatter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_level_u: Option<f64>,
    /// Degrees of freedom of that; absent if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_level_dof: Option<f64>,
}

impl Calibration {
    /// Takes what `other` knows in place of what stands here.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            certificate: other.certificate.or(self.certificate),
            traceability: other.traceability.or(self.traceability),
            due: other.due.or(self.due),
            expanded: other.expanded.or(self.expanded),
            coverage_factor: other.coverage_factor.or(self.coverage_factor),
            linearity: other.linearity.or(self.linearity),
            time_base_ppb: other.time_base_ppb.or(self.time_base_ppb),
            bandwidth_hz: other.bandwidth_hz.or(self.bandwidth_hz),
            noise_floor: other.noise_floor.or(self.noise_floor),
            tilt_deg: other.tilt_deg.or(self.tilt_deg),
            drift_per_kelvin: other.drift_per_kelvin.or(self.drift_per_kelvin),
            temperature_kelvin: other.temperature_kelvin.or(self.temperature_kelvin),
            seating: other.seating.or(self.seating),
            block_height: other.block_height.or(self.block_height),
            block_u: other.block_u.or(self.block_u),
            block_level: other.block_level.or(self.block_level),
            block_level_u: other.block_level_u.or(self.block_level_u),
            block_level_dof: other.block_level_dof.or(self.block_level_dof),
        }
    }
}

/// What a waveform is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// What a sample counts.
    pub quantity: Quantity,
    /// Samples a second by the instrument's own clock; zero for edges.
    pub sample_rate: Microhertz,
    /// Bench time of the first sample.
    pub first_at: Nanoseconds,
    /// Name of the instrument on its bench; empty if not known, like the next two.
    pub instrument: String,
    /// Maker's model.
    pub model: String,
    /// Maker's serial number.
    pub serial: String,
    /// Smallest step of an indication, in counts; zero if not known.
    pub resolution: u32,
    /// Lowest and highest indication, in counts; a sample at either end is saturated.
    pub range: Option<(i64, i64)>,
    /// What is known of the instrument.
    pub calibration: Calibration,
    /// What the recording is of, such as pen and row; empty if not known.
    pub subject: String,
}

impl Description {
    /// A description that knows quantity and rate alone.
    #[must_use]
    pub fn new(quantity: Quantity, sample_rate: Microhertz) -> Self {
        Self {
            quantity,
            sample_rate,
            first_at: Nanoseconds::ZERO,
            instrument: String::new(),
            model: String::new(),
            serial: String::new(),
            resolution: 0,
            range: None,
            calibration: Calibration::default(),
            subject: String::new(),
        }
    }

    /// Samples a second.
    #[must_use]
    pub fn rate_hz(&self) -> f64 {
        self.sample_rate.0 as f64 * 1e-6
    }
}

/// A rate in Hz as decimal text, without trailing zeros: `20000`, `0.5`.
#[must_use]
pub fn rate_text(rate: Microhertz) -> String {
    let magnitude = rate.0.unsigned_abs();
    let sign = if rate.0 < 0 { "-" } else { "" };
    let (whole, rest) = (magnitude / 1_000_000, magnitude % 1_000_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{rest:06}")
        .trim_end_matches('0')
        .to_owned()
}
