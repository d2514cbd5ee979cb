//! The current probe around the motor lead.

use super::InstrumentDefects;
use super::clock::SampleClock;
use super::stream::Stream;
use crate::mechanism::Motion;
use crate::noise::Noise;
use rig_bench::{MOTOR_CURRENT, Observation, SampleStatus};

/// Noise of one sample, standard deviation, µA.
pub(crate) const NOISE_UA: f64 = 2_000.0;
/// Step of the indication, µA.
pub(crate) const STEP_UA: i64 = 1_000;
/// Largest indication to either side, µA.
pub(crate) const RANGE_UA: i64 = 5_000_000;
/// Largest gain error, as a share, and largest offset, µA.
const GAIN_ERROR: f64 = 0.003;
const OFFSET_UA: f64 = 1_000.0;

/// The current probe.
pub(crate) struct CurrentProbe {
    clock: SampleClock,
    stream: Stream,
    noise: Noise,
    gain: f64,
    offset_ua: f64,
}

impl CurrentProbe {
    pub(crate) fn new(clock: SampleClock, bench: &mut Noise, noise: Noise) -> Self {
        Self {
            clock,
            stream: Stream::new(MOTOR_CURRENT),
            noise,
            gain: 1.0 + GAIN_ERROR * bench.symmetric(),
            offset_ua: OFFSET_UA * bench.symmetric(),
        }
    }

    /// Lets the clock run faster by a share.
    pub(crate) fn run_fast_by(&mut self, share: f64) {
        self.clock.run_fast_by(share);
    }

    pub(crate) fn look(&mut self, motion: &Motion, begin_ns: u64, defects: &InstrumentDefects) {
        let end_ns = begin_ns as f64 + 1e9 * motion.duration_s;
        while let Some((number, at_ns)) = self.clock.next_before(end_ns) {
            let shown_ua = 1e6 * motion.current_a * self.gain
                + self.offset_ua
                + defects.current_offset_ua
                + NOISE_UA * self.noise.gaussian();
            let shown_ua = if defects.current_dead { 0.0 } else { shown_ua };
            let steps = libm::round(shown_ua / STEP_UA as f64) as i64;
            let value_ua = (steps * STEP_UA).clamp(-RANGE_UA, RANGE_UA);
            let status = (value_ua.abs() == RANGE_UA).then_some(SampleStatus::OutOfRange);
            self.stream.push(number, at_ns, value_ua, status);
        }
    }

    pub(crate) fn take(&mut self, observations: &mut Vec<Observation>) {
        self.stream.take(observations);
    }
}
