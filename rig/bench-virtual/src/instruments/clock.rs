//! The sample clock of one instrument.

use super::TIME_BASE_PPB;
use crate::noise::Noise;

/// When an instrument takes its samples, in bench time.
#[derive(Clone, Debug)]
pub(crate) struct SampleClock {
    period_ns: f64,
    phase_ns: f64,
    rate_error: f64,
    taken: u64,
    /// When the next sample comes.
    next_ns: f64,
}

impl SampleClock {
    /// A clock of `hz` nominal samples a second, off by at most [`TIME_BASE_PPB`], whose first
    /// sample comes some part of a period after power-on.
    pub(crate) fn new(hz: u32, bench: &mut Noise) -> Self {
        let rate_error = 1e-9 * f64::from(TIME_BASE_PPB) * bench.symmetric();
        let period_ns = 1e9 / (f64::from(hz) * (1.0 + rate_error));
        let phase_ns = period_ns * bench.uniform();
        Self {
            period_ns,
            phase_ns,
            rate_error,
            taken: 0,
            next_ns: phase_ns,
        }
    }

    /// Lets the clock run faster by a share.
    pub(crate) fn run_fast_by(&mut self, share: f64) {
        self.rate_error = (1.0 + self.rate_error) * (1.0 + share) - 1.0;
        self.period_ns /= 1.0 + share;
    }

    /// Between two samples, s.
    pub(crate) fn period_s(&self) -> f64 {
        1e-9 * self.period_ns
    }

    /// What the clock runs too fast, as a share.
    pub(crate) fn rate_error(&self) -> f64 {
        self.rate_error
    }

    /// Takes the next sample if its time is before `end_ns`; gives its number and time.
    #[inline]
    pub(crate) fn next_before(&mut self, end_ns: f64) -> Option<(u64, f64)> {
        let at_ns = self.next_ns;
        if at_ns >= end_ns {
            return None;
        }
        self.taken += 1;
        // Counted from the first sample, so that rounding does not add up.
        self.next_ns = self.phase_ns + self.taken as f64 * self.period_ns;
        Some((self.taken - 1, at_ns))
    }
}
