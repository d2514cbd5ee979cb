//! How long the fixture's controller takes to answer, and what that says of the USB adapter.

use std::fmt;
use std::time::Duration;

/// FTDI's chips hand on what they received when 62 bytes are there or this has passed (FTDI
/// AN232B-04, 2.1); 1 ms to 255 ms can be set.
const FTDI_DEFAULT: Duration = Duration::from_millis(16);
/// Half-width of what counts as a step of that timer.
const STEP: Duration = Duration::from_millis(2);
/// Slower than this, reaction of the rig to a pen suffers: a tenth of the 250 ms that a reply may
/// take.
const SLOW: Duration = Duration::from_millis(25);

/// Round trips of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The quickest.
    pub least: Duration,
    /// The middle one.
    pub median: Duration,
    /// The slowest.
    pub most: Duration,
}

/// What stands out in round trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatencyNote {
    /// Nothing.
    Sound,
    /// The steps of an FTDI latency timer as it is delivered.
    LatencyTimer,
    /// Slower than the rig's deadlines like.
    Slow,
}

impl Latency {
    /// Of one round trip or more; nothing of none.
    #[must_use]
    pub fn of(round_trips: &[Duration]) -> Option<Self> {
        let mut sorted = round_trips.to_vec();
        sorted.sort();
        Some(Self {
            least: *sorted.first()?,
            median: *sorted.get(sorted.len() / 2)?,
            most: *sorted.last()?,
        })
    }

    /// What stands out.
    #[must_use]
    pub fn note(&self) -> LatencyNote {
        if self.median.abs_diff(FTDI_DEFAULT) <= STEP {
            LatencyNote::LatencyTimer
        } else if self.median > SLOW {
            LatencyNote::Slow
        } else {
            LatencyNote::Sound
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |it: Duration| 1e3 * it.as_secs_f64();
        write!(
            f,
            "round trip {:.2} ms ({:.2} to {:.2})",
            ms(self.median),
            ms(self.least),
            ms(self.most)
        )?;
        match self.note() {
            LatencyNote::Sound => Ok(()),
            LatencyNote::LatencyTimer => f.write_str(
                "; looks like an FTDI latency timer of 16 ms: set it to 1 ms (on Linux, latency_timer below /sys/bus/usb-serial/devices)",
            ),
            LatencyNote::Slow => f.write_str("; slow: use a port of its own, without a hub"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tenths_ms: &[u64], expected: LatencyNote) {
        let trips: Vec<_> = tenths_ms
            .iter()
            .map(|it| Duration::from_micros(100 * it))
            .collect();
        assert_eq!(Latency::of(&trips).unwrap().note(), expected);
    }

    #[test]
    fn steps_of_a_latency_timer_stand_out() {
        check(&[3, 4, 9], LatencyNote::Sound);
        check(&[160, 158, 161, 20, 162], LatencyNote::LatencyTimer);
        check(&[20, 30, 160, 15, 22], LatencyNote::Sound);
        check(&[210, 220], LatencyNote::Sound);
        check(&[400, 390, 520], LatencyNote::Slow);
        assert_eq!(Latency::of(&[]), None);
    }

    #[test]
    fn round_trips_read_in_milliseconds() {
        let trips = [1_234, 15_900, 16_100].map(Duration::from_micros);
        insta::assert_snapshot!(Latency::of(&trips).unwrap(), @"round trip 15.90 ms (1.23 to 16.10); looks like an FTDI latency timer of 16 ms: set it to 1 ms (on Linux, latency_timer below /sys/bus/usb-serial/devices)");
    }
}
