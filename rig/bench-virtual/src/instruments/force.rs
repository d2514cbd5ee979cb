//! The force sensor under the nose cone: in the way of the axial load, so that it shows what
//! arrives and not what was asked for.

use super::clock::SampleClock;
use super::stream::Stream;
use super::{FORCE_HZ, InstrumentDefects};
use crate::noise::Noise;
use rig_bench::{FORCE, Observation, SampleStatus};

/// Noise of one sample, standard deviation, µN.
pub(crate) const NOISE_UN: f64 = 2_000.0;
/// Step of the indication, µN.
pub(crate) const STEP_UN: i64 = 1_000;
/// Largest indication to either side, µN.
pub(crate) const RANGE_UN: i64 = 5_000_000;
/// Largest gain error, as a share, and largest offset, µN.
const GAIN_ERROR: f64 = 0.003;
const OFFSET_UN: f64 = 2_000.0;

/// The force sensor.
pub(crate) struct ForceSensor {
    clock: SampleClock,
    stream: Stream,
    noise: Noise,
    gain: f64,
    offset_un: f64,
    newton: f64,
}

impl ForceSensor {
    pub(crate) fn new(bench: &mut Noise, noise: Noise) -> Self {
        Self {
            clock: SampleClock::new(FORCE_HZ, bench),
            stream: Stream::new(FORCE),
            noise,
            gain: 1.0 + GAIN_ERROR * bench.symmetric(),
            offset_un: OFFSET_UN * bench.symmetric(),
            newton: 0.0,
        }
    }

    /// The force that acts from now on, N.
    pub(crate) fn set(&mut self, newton: f64) {
        self.newton = newton;
    }

    pub(crate) fn look(&mut self, end_ns: f64, defects: &InstrumentDefects) {
        while let Some((number, at_ns)) = self.clock.next_before(end_ns) {
            let newton = if defects.force_dead { 0.0 } else { self.newton };
            let shown_un =
                1e6 * newton * self.gain + self.offset_un + NOISE_UN * self.noise.gaussian();
            let steps = libm::round(shown_un / STEP_UN as f64) as i64;
            let value_un = (steps * STEP_UN).clamp(-RANGE_UN, RANGE_UN);
            let status = (value_un.abs() == RANGE_UN).then_some(SampleStatus::OutOfRange);
            self.stream.push(number, at_ns, value_un, status);
        }
    }

    pub(crate) fn take(&mut self, observations: &mut Vec<Observation>) {
        self.stream.take(observations);
    }
}
