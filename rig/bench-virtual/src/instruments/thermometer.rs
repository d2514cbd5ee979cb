//! Two thermometers: one on the nose, one in the air around the fixture.

use super::clock::SampleClock;
use super::stream::Stream;
use crate::noise::Noise;
use rig_bench::{InstrumentId, Observation, SampleStatus};

/// Samples a second, by its own clock.
pub(crate) const THERMOMETER_HZ: u32 = 4;
/// Noise of one sample, standard deviation, m°C.
const NOISE_MC: f64 = 20.0;
/// Step of the indication, m°C.
pub(crate) const STEP_MC: i64 = 10;
/// Lowest and highest indication, m°C.
pub(crate) const RANGE_MC: (i64, i64) = (-20_000, 120_000);
/// Largest error of an indication, contact included, m°C.
pub(crate) const ERROR_MC: f64 = 200.0;
/// The sensor follows what it touches with this time constant, s.
const LAG_S: f64 = 4.0;

/// A thermometer.
pub(crate) struct Thermometer {
    clock: SampleClock,
    stream: Stream,
    noise: Noise,
    error_mc: f64,
    /// What the sensor has come to, m°C, and when it was last looked at, ns.
    felt_mc: Option<f64>,
    period_s: f64,
}

impl Thermometer {
    pub(crate) fn new(id: InstrumentId, bench: &mut Noise, noise: Noise) -> Self {
        let clock = SampleClock::new(THERMOMETER_HZ, bench);
        Self {
            period_s: clock.period_s(),
            clock,
            stream: Stream::new(id),
            noise,
            error_mc: ERROR_MC * bench.symmetric(),
            felt_mc: None,
        }
    }

    /// Feels a temperature up to a bench time.
    #[inline]
    pub(crate) fn feel(&mut self, true_c: f64, now_ns: u64, dead: bool) {
        while let Some((number, at_ns)) = self.clock.next_before(now_ns as f64) {
            self.sample(true_c, number, at_ns, dead);
        }
    }

    fn sample(&mut self, true_c: f64, number: u64, at_ns: f64, dead: bool) {
        let true_mc = 1e3 * true_c;
        let felt_mc = self.felt_mc.map_or(true_mc, |felt_mc| {
            true_mc + (felt_mc - true_mc) * libm::exp(-self.period_s / LAG_S)
        });
        self.felt_mc = Some(felt_mc);
        let shown_mc = felt_mc + self.error_mc + NOISE_MC * self.noise.gaussian();
        if dead {
            // Its number is never sent.
            return;
        }
        let steps = libm::round(shown_mc / STEP_MC as f64) as i64;
        let value_mc = (steps * STEP_MC).clamp(RANGE_MC.0, RANGE_MC.1);
        let at_end = value_mc == RANGE_MC.0 || value_mc == RANGE_MC.1;
        let status = at_end.then_some(SampleStatus::OutOfRange);
        self.stream.push(number, at_ns, value_mc, status);
    }

    pub(crate) fn take(&mut self, observations: &mut Vec<Observation>) {
        self.stream.take(observations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Purpose;
    use rig_bench::NOSE_THERMOMETER;

    fn values(thermometer: &mut Thermometer) -> Vec<i64> {
        let mut seen = Vec::new();
        thermometer.take(&mut seen);
        let blocks = seen.into_iter().filter_map(|it| match it {
            Observation::Samples { block, .. } => Some(block.values),
            Observation::Link { .. } => None,
        });
        blocks.flatten().collect()
    }

    #[test]
    fn it_shows_what_it_touches_within_its_error_and_follows_a_step_with_its_lag() {
        let noise = |purpose| Noise::new(1, 0, 0, purpose);
        let mut bench = noise(Purpose::Thermometers);
        let mut it = Thermometer::new(
            NOSE_THERMOMETER,
            &mut bench,
            noise(Purpose::NoseThermometer),
        );
        it.feel(22.0, 1_000_000_000_000, false);
        let still = values(&mut it);
        let mean = still.iter().sum::<i64>() as f64 / still.len() as f64;
        assert!((3_999..=4_001).contains(&still.len()));
        assert!((mean - 22_000.0).abs() < ERROR_MC, "{mean}");
        assert!(still.iter().any(|&value| value != still[0]));
        // A step of 10 K: after one time constant, 63 % of it.
        it.feel(32.0, 1_004_000_000_000, false);
        let rising = values(&mut it);
        let rise = *rising.last().unwrap() as f64 - mean;
        assert!((rise - 6_321.0).abs() < 400.0, "{rise}");
        it.feel(500.0, 1_200_000_000_000, false);
        assert_eq!(*values(&mut it).last().unwrap(), RANGE_MC.1);
    }
}
