//! The optical tachometer: one edge a stroke, at mid-stroke on the way out.

use super::InstrumentDefects;
use super::stream::Stream;
use crate::mechanism::Motion;
use crate::noise::Noise;
use rig_bench::{Observation, TACHOMETER};
use std::f64::consts::{FRAC_PI_2, TAU};

/// Cam angle of the mark, rad from bottom of stroke.
const MARK: f64 = FRAC_PI_2;
/// Jitter of one edge, standard deviation, ns.
pub(crate) const JITTER_NS: f64 = 1_000.0;
/// Step of the timestamp, ns.
pub(crate) const TICK_NS: u32 = 10;
/// A doubled edge comes this long after the first, ns: a burr on the mark.
const DOUBLE_NS: f64 = 200_000.0;

/// The tachometer.
pub(crate) struct Tachometer {
    rate: f64,
    stream: Stream,
    noise: Noise,
    edges: u64,
}

impl Tachometer {
    pub(crate) fn new(rate_error: f64, noise: Noise) -> Self {
        Self {
            rate: 1.0 + rate_error,
            stream: Stream::new(TACHOMETER),
            noise,
            edges: 0,
        }
    }

    /// Lets the clock run faster by a share.
    pub(crate) fn run_fast_by(&mut self, share: f64) {
        self.rate *= 1.0 + share;
    }

    pub(crate) fn look(&mut self, motion: &Motion, begin_ns: u64, defects: &InstrumentDefects) {
        let end = motion.theta_at(motion.duration_s);
        for mark in [MARK, TAU + MARK] {
            if end < mark {
                return;
            }
            let Some(at_s) = motion.crossing_s(mark) else {
                continue;
            };
            let jitter_ns = JITTER_NS * self.noise.gaussian();
            if defects.tachometer_dead || self.noise.chance(defects.tachometer_missed) {
                continue;
            }
            let at_ns = begin_ns as f64 + 1e9 * at_s;
            self.push(at_ns, jitter_ns);
            if self.noise.chance(defects.tachometer_doubled) {
                self.push(at_ns + DOUBLE_NS, jitter_ns);
            }
        }
    }

    fn push(&mut self, at_ns: f64, jitter_ns: f64) {
        let shown_ns = (at_ns + jitter_ns).max(0.0) * self.rate;
        let ticks = (shown_ns / f64::from(TICK_NS) + 0.5) as i64;
        self.stream
            .push(self.edges, at_ns, ticks * i64::from(TICK_NS), None);
        self.edges += 1;
    }

    pub(crate) fn take(&mut self, observations: &mut Vec<Observation>) {
        self.stream.take(observations);
    }
}
