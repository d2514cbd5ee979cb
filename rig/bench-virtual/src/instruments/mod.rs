//! What the rig sees: instruments that look at the mechanism's truth, never at the pen's signals.
//!
//! Each has its own clock, noise, resolution and range, and gives numbered samples with status
//! from power-on to power-off. What an instrument truly is (clock, linearity, gain) is drawn
//! once a bench; how one pen sits before it (offset, tilt, seating) once a set-up.

mod clock;
mod current;
mod description;
mod force;
mod gauge;
mod stream;
mod tachometer;
mod thermometer;

pub use description::{Certificates, describe_fixture, describe_instruments};
pub use gauge::{GAUGE_LAG_S, GAUGE_LSB_NM, GaugeParameters, GaugeSetup};

use crate::mechanism::{AMBIENT_C, Motion};
use crate::noise::{Noise, Purpose};
use clock::SampleClock;
use current::CurrentProbe;
use force::ForceSensor;
use gauge::Gauge;
use rig_bench::{AMBIENT_THERMOMETER, NOSE_THERMOMETER, Observation};
use tachometer::Tachometer;
use thermometer::Thermometer;

/// Samples a second of the gauge, by its own clock.
pub const GAUGE_HZ: u32 = 20_000;
/// Samples a second of the current probe, by its own clock.
pub const CURRENT_HZ: u32 = 2_000;
/// Samples a second of the force sensor, by its own clock.
pub const FORCE_HZ: u32 = 1_000;
/// What the fixture's seat gives way under a force along the axis, mm/N: 200 N/mm, as of a pen
/// held by its handle in a split clamp (ours). Nose and needles go with it, so that it is no change
/// of protrusion; a gauge that does not take its zero anew under the load shows it as one.
const SEAT_MM_PER_NEWTON: f64 = 0.005;
/// Largest error of an instrument's time base, parts in 1e9.
pub const TIME_BASE_PPB: u32 = 20_000;

/// What may be broken about the instruments; the default is sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InstrumentDefects {
    /// The gauge repeats its last indication and calls it valid.
    pub gauge_held: bool,
    /// Share of gauge samples that see no target.
    pub gauge_dropout: f64,
    /// Share of gauge samples at which it loses its target and begins to repeat its last
    /// indication, and for how many samples.
    pub gauge_hold_on_loss: (f64, u32),
    /// The gauge has moved by this much since set-up, mm.
    pub gauge_shift_mm: f64,
    /// Largest indication of the gauge to either side, called valid, mm.
    pub gauge_saturated_mm: Option<f64>,
    /// Share by which the gauge shows displacements too small, one minus the cosine of its tilt.
    pub gauge_foreshortened: f64,
    /// Speed of the gauge's drift, mm/s.
    pub gauge_drift: f64,
    /// Share by which the gauge shows too much.
    pub gauge_scale: f64,
    /// Further noise of one gauge sample, standard deviation, mm.
    pub gauge_noise_mm: f64,
    /// Gauge samples to leave out once, with a gap in the numbering.
    pub gauge_gap: u64,
    /// Gauge samples to leave out once, without a gap in the numbering.
    pub gauge_loss: u64,
    /// The tachometer gives no edges.
    pub tachometer_dead: bool,
    /// Share of the tachometer's edges that come twice.
    pub tachometer_doubled: f64,
    /// Share of the tachometer's edges that are missing.
    pub tachometer_missed: f64,
    /// The current probe shows zero.
    pub current_dead: bool,
    /// What the current probe shows too much, µA.
    pub current_offset_ua: f64,
    /// The force sensor shows what it did without a force.
    pub force_dead: bool,
    /// Share of the force that the fixture fails to bring up.
    pub force_lacking: f64,
    /// The thermometer on the nose gives no samples.
    pub nose_thermometer_dead: bool,
}

/// What the instruments' clocks run too fast beside their certificates, as shares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockErrors {
    /// Of the gauge.
    pub gauge: f64,
    /// Of the tachometer.
    pub tachometer: f64,
    /// Of the current probe.
    pub current: f64,
}

/// The instruments of one bench, with one pen set up before them.
pub struct Instruments {
    gauge: Gauge,
    tachometer: Tachometer,
    current: CurrentProbe,
    force: ForceSensor,
    nose: Thermometer,
    ambient: Thermometer,
    /// What is broken now.
    pub defects: InstrumentDefects,
}

impl Instruments {
    /// The instruments of the bench that `seed` makes, before one set-up of one unit.
    #[must_use]
    pub fn new(parameters: &GaugeParameters, seed: u64, unit: u32, setup: u16) -> Self {
        let noise = |purpose| Noise::new(seed, unit, setup, purpose);
        // Unit and set-up zero: the same bench for the whole lot.
        let mut bench = Noise::new(seed, 0, 0, Purpose::Instruments);
        let mut clock = |hz| SampleClock::new(hz, &mut bench);
        let (gauge_clock, current_clock, edge_clock) =
            (clock(GAUGE_HZ), clock(CURRENT_HZ), clock(1));
        let setup = GaugeSetup::draw(parameters, &mut noise(Purpose::Fixture));
        // From a stream of their own: they came last, and move nothing of the others.
        let mut thermometers = Noise::new(seed, 0, 0, Purpose::Thermometers);
        let mut thermometer = |id, purpose| Thermometer::new(id, &mut thermometers, noise(purpose));
        Self {
            nose: thermometer(NOSE_THERMOMETER, Purpose::NoseThermometer),
            ambient: thermometer(AMBIENT_THERMOMETER, Purpose::AmbientThermometer),
            gauge: Gauge::new(
                parameters,
                setup,
                gauge_clock,
                &mut bench,
                noise(Purpose::Gauge),
            ),
            tachometer: Tachometer::new(edge_clock.rate_error(), noise(Purpose::Tachometer)),
            current: CurrentProbe::new(current_clock, &mut bench, noise(Purpose::Current)),
            // A stream of its own, so that those before it stay as they were.
            force: ForceSensor::new(
                &mut Noise::new(seed, 0, 0, Purpose::Force),
                noise(Purpose::Force),
            ),
            defects: InstrumentDefects::default(),
        }
    }

    /// Lets the clocks run off by these shares. Before the first look alone.
    pub fn set_clock_errors(&mut self, errors: &ClockErrors) {
        self.gauge.run_fast_by(errors.gauge);
        self.tachometer.run_fast_by(errors.tachometer);
        self.current.run_fast_by(errors.current);
    }

    /// Brings the gauge block before the gauge, or takes it away.
    pub fn set_gauge_block(&mut self, present: bool) {
        self.gauge.set_block(present);
    }

    /// A force on the nose cone, N, under which the nose gives way against the pen by this, mm.
    pub fn set_axial(&mut self, newton: f64, give_mm: f64) {
        self.force.set(newton);
        self.gauge.set_nose(-give_mm - SEAT_MM_PER_NEWTON * newton);
    }

    /// Where the gauge's zero truly is: indication with a target in the nose plane, without
    /// noise and linearity error, nm. For tests of the estimators; the rig has the gauge block.
    #[must_use]
    pub fn gauge_zero_nm(&self) -> f64 {
        self.gauge.zero_nm()
    }

    /// Looks at one step of motion that began at `begin_ns` of bench time.
    pub fn look(&mut self, motion: &Motion, begin_ns: u64) {
        self.gauge.look(motion, begin_ns, &mut self.defects);
        self.tachometer.look(motion, begin_ns, &self.defects);
        self.current.look(motion, begin_ns, &self.defects);
        let end_ns = begin_ns as f64 + 1e9 * motion.duration_s;
        self.force.look(end_ns, &self.defects);
    }

    /// Feels the nose's temperature, degC, and that of the air up to a bench time.
    #[inline]
    pub fn feel(&mut self, nose_c: f64, now_ns: u64) {
        let dead = self.defects.nose_thermometer_dead;
        self.nose.feel(nose_c, now_ns, dead);
        self.ambient.feel(AMBIENT_C, now_ns, false);
    }

    /// Hands over what was seen since it was last asked, in the order of the first sample's time.
    pub fn take(&mut self) -> Vec<Observation> {
        let mut observations = Vec::new();
        self.gauge.take(&mut observations);
        self.tachometer.take(&mut observations);
        self.current.take(&mut observations);
        self.force.take(&mut observations);
        self.nose.take(&mut observations);
        self.ambient.take(&mut observations);
        observations.sort_by_key(|observation| match observation {
            Observation::Link { at, .. } => *at,
            Observation::Samples { block, .. } => block.at,
        });
        observations
    }
}

#[cfg(test)]
mod tests;
