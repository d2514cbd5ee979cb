//! Uncertainty budgets: what scatter cannot know, combined after the GUM.

use crate::Estimate;
use firmware_units::{Microhertz, Microseconds, Nanometers};

/// Shape of what is known about an input (JCGM 100:2008, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Type A, from scatter.
    TypeA,
    /// Normal, such as a certificate's U over its k.
    Normal,
    /// Rectangular: a half-width over √3.
    Rectangular,
    /// Triangular: a half-width over √6.
    Triangular,
    /// Arcsine: a half-width over √2.
    Arcsine,
}

/// One line of a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// What it is.
    pub name: &'static str,
    /// Its standard uncertainty, in its own unit.
    pub u: f64,
    /// Change of the result with it.
    pub sensitivity: f64,
    /// Its degrees of freedom.
    pub dof: f64,
    /// What its standard uncertainty was taken from.
    pub distribution: Distribution,
}

/// A budget: what goes into the uncertainty of one value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Its lines.
    pub components: Vec<Component>,
}

/// A combined uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combined {
    /// Combined standard uncertainty.
    pub u_c: f64,
    /// Effective degrees of freedom.
    pub nu_eff: f64,
    /// Coverage factor for 95.45 %.
    pub k: f64,
    /// Expanded uncertainty.
    pub expanded: f64,
}

/// A measured value: what is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The value, corrected for known effects.
    pub value: f64,
    /// Its uncertainty.
    pub uncertainty: Combined,
    /// Where the uncertainty comes from.
    pub budget: Budget,
    /// How many observations it rests on.
    pub n: usize,
}

impl Measured {
    /// Value and expanded uncertainty of a length in nm, rounded to the record's resolution.
    #[must_use]
    pub fn nanometers(&self) -> (Nanometers, Nanometers) {
        unimplemented!()
    }

    /// Value and expanded uncertainty of a rate in Hz, rounded to the record's resolution.
    #[must_use]
    pub fn microhertz(&self) -> (Microhertz, Microhertz) {
        unimplemented!()
    }

    /// Value and expanded uncertainty of a time in s, rounded to the record's resolution.
    #[must_use]
    pub fn microseconds(&self) -> (Microseconds, Microseconds) {
        unimplemented!()
    }

    /// Value and expanded uncertainty of a fraction, in parts in 1e9.
    #[must_use]
    pub fn parts_per_billion(&self) -> (i64, i64) {
        unimplemented!()
    }
}

impl Budget {
    /// Combines the lines: Welford-Satterthwaite, coverage 95.45 %.
    #[must_use]
    pub fn combine(&self) -> Combined {
        unimplemented!()
    }

    /// The value with this budget's uncertainty.
    #[must_use]
    pub fn measured(self, estimate: &Estimate) -> Measured {
        let _ = estimate;
        unimplemented!()
    }
}

/// Where zero protrusion is: the nose plane, taken from the gauge block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zero {
    /// Indication on the block, nm (see [`crate::level`]).
    pub level: Estimate,
    /// Height of the block's face above the nose plane, nm.
    pub block_height_nm: f64,
    /// Standard uncertainty of that height: block certificate and seating, nm.
    pub block_u_nm: f64,
}

/// What is known of gauge and fixture, from certificates and drawings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeProperties {
    /// Expanded uncertainty of an indication, nm.
    pub certificate_expanded_nm: f64,
    /// Its coverage factor.
    pub certificate_k: f64,
    /// Largest deviation from linearity, nm.
    pub linearity_nm: f64,
    /// Largest angle between gauge and needle axis, degrees.
    pub tilt_deg: f64,
    /// Largest change of the gauge per kelvin of the fixture, nm.
    pub drift_nm_per_kelvin: f64,
    /// Largest departure from the temperature at which the zero was taken, K.
    pub temperature_kelvin: f64,
    /// First-order bandwidth, Hz; zero if not known to matter.
    pub bandwidth_hz: f64,
    /// Amplitude of the stroke (half its length), nm.
    pub stroke_amplitude_nm: f64,
    /// Largest residual bias of the peak fit, nm.
    pub fit_bias_nm: f64,
    /// Repeatability of bringing block and pen to the same plane, standard uncertainty, nm.
    pub seating_nm: f64,
}

/// Budget of a protrusion in nm at a stroke rate.
#[must_use]
pub fn protrusion_budget(
    estimate: &Estimate,
    zero: &Zero,
    gauge: &GaugeProperties,
    rate_hz: f64,
) -> Budget {
    let _ = (estimate, zero, gauge, rate_hz);
    unimplemented!()
}

/// Budget of a difference of two protrusions, nm: what both share drops out.
#[must_use]
pub fn rise_budget(estimate: &Estimate, gauge: &GaugeProperties) -> Budget {
    let _ = (estimate, gauge);
    unimplemented!()
}

/// Budget of a rate in Hz.
#[must_use]
pub fn rate_budget(estimate: &Estimate, time_base_ppb: u32) -> Budget {
    let _ = (estimate, time_base_ppb);
    unimplemented!()
}

/// Budget of a time in s; `event_u_s` is the standard uncertainty of the event it begins with.
#[must_use]
pub fn duration_budget(estimate: &Estimate, time_base_ppb: u32, event_u_s: f64) -> Budget {
    let _ = (estimate, time_base_ppb, event_u_s);
    unimplemented!()
}
