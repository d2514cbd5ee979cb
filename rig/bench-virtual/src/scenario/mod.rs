//! Scenarios: a lot of pens, the bench they meet, and what is broken, as TOML.
//!
//! Numbers are whole counts of the unit in their name, times are seconds of bench time.
//! A scenario with any defect is never used in part.

mod catalog;
mod defect;
mod fault;
mod read;
mod sheet;

pub use catalog::{
    FaultEntry, Finder, IMAGES, OnDemand, Parameter, Part, Time, catalog, on_demand,
};
pub use defect::{Defect, DefectKind, Near};
pub use fault::{Affected, Fault, FaultKind};

use crate::instruments::{Certificates, GaugeParameters};
use rig_bench::BenchError;

/// Largest lot: serial numbers have eight digits.
const MAX_UNITS: usize = 10_000_000;

/// A lot, a bench and their faults.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The lot.
    pub lot: Lot,
    /// How its pens vary.
    pub variation: Variation,
    /// What is stated of the bench.
    pub bench: BenchSection,
    /// The dates everything is dated by.
    pub dates: Dates,
    /// What is broken.
    pub faults: Vec<Fault>,
}

/// A lot of pens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Name of the lot.
    pub name: String,
    /// Seed of all that varies, unless the caller gives another.
    pub seed: u64,
    /// Number of pens.
    pub units: usize,
    /// Number in the first pen's serial number.
    pub first_serial: u32,
    /// Hardware revision letter.
    pub hardware_revision: char,
}

/// How the pens of a lot vary. Standard deviations (`_sd_`) are of normal distributions held
/// within three of them; tolerances are uniform to either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// Protrusion at home around −0.400 mm: three of them must leave −0.20 mm, the park position,
    /// outward of home.
    pub home_protrusion_sd_um: u32,
    /// What the factory calibration leaves of it.
    pub depth_zero_residual_sd_um: u32,
    /// Lead of the screw around 0.5 mm.
    pub screw_lead_sd_ppm: u32,
    /// What the factory calibration leaves of it.
    pub screw_lead_residual_sd_ppm: u32,
    /// Smallest backlash.
    pub backlash_min_um: u32,
    /// Largest backlash.
    pub backlash_max_um: u32,
    /// Float of the needles from stroke to stroke.
    pub stroke_to_stroke_sd_um: u32,
    /// Motor resistance and constant.
    pub motor_tolerance_permille: u32,
    /// Dry and viscous friction.
    pub friction_tolerance_permille: u32,
    /// The pen's oscillator.
    pub oscillator_sd_ppm: u32,
    /// Offset of the carriage position sensor.
    pub position_sensor_sd_um: u32,
    /// Offset of the pen's current amplifier.
    pub current_sensor_sd_ua: u32,
    /// Largest amplitude of the screw's error once a turn; a pen's own is uniform up to it.
    pub screw_pitch_error_um: u32,
    /// Mean rise of the top of stroke at 100 strokes/s; it grows with the square of the rate.
    pub float_rise_um: u32,
    /// Further float from stroke to stroke at 100 strokes/s; it grows with the rate.
    pub float_rise_sd_um: u32,
}

impl Default for Variation {
    fn default() -> Self {
        Self {
            home_protrusion_sd_um: 50,
            depth_zero_residual_sd_um: 15,
            screw_lead_sd_ppm: 500,
            screw_lead_residual_sd_ppm: 50,
            backlash_min_um: 5,
            backlash_max_um: 25,
            stroke_to_stroke_sd_um: 8,
            motor_tolerance_permille: 30,
            friction_tolerance_permille: 150,
            oscillator_sd_ppm: 2_000,
            position_sensor_sd_um: 5,
            current_sensor_sd_ua: 2_000,
            screw_pitch_error_um: 0,
            float_rise_um: 0,
            float_rise_sd_um: 0,
        }
    }
}

/// What is stated of gauge and fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchSection {
    /// Standard deviation of one gauge sample.
    pub gauge_noise_nm: u32,
    /// Largest deviation of the gauge from linearity.
    pub gauge_linearity_nm: u32,
    /// Largest offset of a pen in its seat.
    pub mounting_um: u32,
    /// Certified height of the gauge block's face above the nose plane.
    pub block_height_nm: i64,
    /// Standard uncertainty of that height.
    pub block_u_nm: u32,
    /// Standard deviation of seating block and pen in one plane.
    pub seating_nm: u32,
    /// Largest angle between gauge and needle axis, in hundredths of a degree.
    pub tilt_centidegrees: u32,
    /// Largest slow drift to either side.
    pub drift_nm: u32,
}

impl Default for BenchSection {
    fn default() -> Self {
        Self {
            gauge_noise_nm: 10_000,
            gauge_linearity_nm: 4_000,
            mounting_um: 300,
            block_height_nm: 500_000,
            block_u_nm: 100,
            seating_nm: 1_000,
            tilt_centidegrees: 50,
            drift_nm: 500,
        }
    }
}

impl BenchSection {
    /// The same, as the instruments take it.
    #[must_use]
    pub fn gauge(&self) -> GaugeParameters {
        GaugeParameters {
            noise_nm: f64::from(self.gauge_noise_nm),
            linearity_nm: f64::from(self.gauge_linearity_nm),
            mounting_nm: 1e3 * f64::from(self.mounting_um),
            block_height_nm: self.block_height_nm as f64,
            block_u_nm: f64::from(self.block_u_nm),
            seating_nm: f64::from(self.seating_nm),
            tilt_deg: 0.01 * f64::from(self.tilt_centidegrees),
            drift_nm: f64::from(self.drift_nm),
        }
    }
}

/// Dates, ISO 8601: nothing on the virtual bench goes by the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The day of the run.
    pub today: String,
    /// When the instruments were calibrated.
    pub calibrated: String,
    /// When they are due again.
    pub due: String,
}

impl Dates {
    /// What the certificates say.
    #[must_use]
    pub fn certificates(&self) -> Certificates {
        Certificates {
            calibrated: self.calibrated.clone(),
            due: self.due.clone(),
        }
    }
}

impl Scenario {
    /// Text of the built-in scenario `reference`: a sound lot of five pens on a sound bench.
    pub const REFERENCE: &str = include_str!("../../scenarios/reference.toml");

    /// The built-in scenario `reference`.
    ///
    /// # Panics
    /// Never: the text is built in, and a test reads it.
    #[must_use]
    pub fn reference() -> Self {
        Self::parse("reference.toml", Self::REFERENCE).expect("the built-in scenario has no defect")
    }

    /// Reads a scenario; `name` is what defects are reported under.
    ///
    /// # Errors
    /// [`BenchError::Description`] with every defect found, each with its line and column.
    pub fn parse(name: &str, text: &str) -> Result<Self, BenchError> {
        Self::read(text).map_err(|defects| {
            let lines: Vec<String> = defects
                .iter()
                .map(|defect| format!("{name}:{defect}"))
                .collect();
            BenchError::Description {
                cause: lines.join("\n"),
            }
        })
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// Every defect found, by place.
    pub fn read(text: &str) -> Result<Self, Vec<Defect>> {
        read::scenario(text)
    }

    /// Serial numbers of the lot, in order.
    #[must_use]
    pub fn serials(&self) -> Vec<String> {
        (0..self.lot.units)
            .map(|index| self.lot.serial(index))
            .collect()
    }

    /// The faults that strike one unit.
    pub fn faults_of(&self, unit_index: usize) -> impl Iterator<Item = &Fault> {
        self.faults
            .iter()
            .filter(move |fault| match fault.affected {
                Affected::All => true,
                Affected::Unit(index) => index == unit_index,
            })
    }
}

impl Lot {
    /// Serial number of one unit, 12 characters.
    #[must_use]
    pub fn serial(&self, unit_index: usize) -> String {
        format!(
            "PA1-{:08}",
            u64::from(self.first_serial) + unit_index as u64
        )
    }

    /// The unit of the lot that has a serial number.
    #[must_use]
    pub fn index_of(&self, serial: &str) -> Option<usize> {
        let number: usize = serial.strip_prefix("PA1-")?.parse().ok()?;
        let index = number.checked_sub(usize::try_from(self.first_serial).ok()?)?;
        (index < self.units && self.serial(index) == serial).then_some(index)
    }
}

#[cfg(test)]
mod tests;
