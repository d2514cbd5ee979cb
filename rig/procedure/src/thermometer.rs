//! A thermometer's stream: the latest temperature, once every sample of a while is there and sound.

use rig_bench::{Instrument, InstrumentId, Nanoseconds, SampleBlock};
use rig_measure::Estimate;
use std::collections::VecDeque;

/// A reading is the mean over this long, s: enough for noise, short against any nose.
const READING_S: f64 = 10.0;
/// One that has shown the same value for so long does not live.
const HELD: Nanoseconds = Nanoseconds::from_seconds(300);
/// One whose latest sample is older than this many periods, and by so long, has fallen silent.
const LATE_PERIODS: f64 = 4.0;
const LATE: Nanoseconds = Nanoseconds::from_millis(500);

/// Why a thermometer gives no temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ThermometerError {
    #[error("{instrument}: no samples for {silent_s} s")]
    Silent {
        instrument: InstrumentId,
        silent_s: u64,
    },
    #[error("{instrument}: samples lost or no indications within the last {reading_s} s")]
    Gap {
        instrument: InstrumentId,
        reading_s: u64,
    },
    #[error("{instrument}: the same indication for {held_s} s")]
    Held {
        instrument: InstrumentId,
        held_s: u64,
    },
}

/// The latest samples of one thermometer.
#[derive(Debug)]
pub(crate) struct Thermometer {
    instrument: Instrument,
    /// Samples without a gap, latest last, as many as a reading takes.
    values: VecDeque<i64>,
    next_seq: Option<u64>,
    latest: Option<(Nanoseconds, i64)>,
    /// When the indication last changed.
    changed: Nanoseconds,
}

impl Thermometer {
    pub(crate) fn new(instrument: Instrument) -> Self {
        Self {
            instrument,
            values: VecDeque::new(),
            next_seq: None,
            latest: None,
            changed: Nanoseconds::ZERO,
        }
    }

    pub(crate) fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    fn period_s(&self) -> f64 {
        1.0 / f64::from(self.instrument.sample_rate_hz.max(1))
    }

    /// Samples of a reading.
    fn wanted(&self) -> usize {
        // A rate is a few samples a second.
        ((READING_S / self.period_s()) as usize).max(2)
    }

    /// Takes samples; what is no indication, and what does not follow, begins a reading anew.
    pub(crate) fn take(&mut self, block: &SampleBlock) {
        if self.next_seq.is_some_and(|next| next != block.first_seq) {
            self.values.clear();
        }
        self.next_seq = Some(block.first_seq + block.values.len() as u64);
        let wanted = self.wanted();
        let (lowest, highest) = self.instrument.range;
        for (index, &value) in block.values.iter().enumerate() {
            let is_exception = block.exceptions.iter().any(|it| it.0 as usize == index);
            if is_exception || value <= lowest || value >= highest {
                self.values.clear();
                continue;
            }
            let at = block.at + Nanoseconds((index as f64 * self.period_s() * 1e9) as u64);
            if self.latest.is_none_or(|(_, before)| before != value) {
                self.changed = at;
            }
            self.latest = Some((at, value));
            if self.values.len() == wanted {
                self.values.pop_front();
            }
            self.values.push_back(value);
        }
    }

    /// Mean of the last ten seconds, m°C, and what its scatter says of it.
    pub(crate) fn reading(&self, now: Nanoseconds) -> Result<Estimate, ThermometerError> {
        let instrument = self.instrument.id;
        let (at, _) = self.latest.unwrap_or((Nanoseconds::ZERO, 0));
        let silent = Nanoseconds(now.0.saturating_sub(at.0));
        if silent.seconds() > LATE_PERIODS * self.period_s() + LATE.seconds() {
            return Err(ThermometerError::Silent {
                instrument,
                silent_s: silent.0 / 1_000_000_000,
            });
        }
        let held = Nanoseconds(at.0.saturating_sub(self.changed.0));
        if held >= HELD {
            return Err(ThermometerError::Held {
                instrument,
                held_s: held.0 / 1_000_000_000,
            });
        }
        if self.values.len() < self.wanted() {
            return Err(ThermometerError::Gap {
                instrument,
                reading_s: READING_S as u64,
            });
        }
        let n = self.values.len() as f64;
        let mean = self.values.iter().map(|&it| it as f64).sum::<f64>() / n;
        let squares = self.values.iter().map(|&it| {
            let deviation = it as f64 - mean;
            deviation * deviation
        });
        let variance = squares.sum::<f64>() / (n - 1.0);
        Ok(Estimate {
            value: mean,
            u: libm::sqrt(variance / n),
            dof: n - 1.0,
            n: self.values.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_bench::{Certificate, NOSE_THERMOMETER, Quantity, SampleStatus};

    fn thermometer() -> Thermometer {
        Thermometer::new(Instrument {
            id: NOSE_THERMOMETER,
            model: String::new(),
            serial: String::new(),
            quantity: Quantity::TemperatureMilliCelsius,
            sample_rate_hz: 4,
            resolution: 10,
            range: (-20_000, 120_000),
            bandwidth_hz: 0,
            certificate: Certificate {
                id: String::new(),
                traceability: String::new(),
                calibrated: String::new(),
                due: String::new(),
                expanded_uncertainty: 200.0,
                coverage_factor: 2.0,
                time_base_ppb: 0,
                linearity: 0.0,
            },
        })
    }

    /// Samples from `first_seq` on, a quarter of a second apart.
    fn block(first_seq: u64, values: &[i64]) -> SampleBlock {
        SampleBlock {
            first_seq,
            at: Nanoseconds(first_seq * 250_000_000),
            values: values.to_vec(),
            exceptions: Vec::new(),
        }
    }

    fn seconds(seconds: u64) -> Nanoseconds {
        Nanoseconds::from_seconds(seconds)
    }

    #[test]
    fn a_reading_is_the_mean_of_the_last_ten_seconds() {
        let mut it = thermometer();
        it.take(&block(0, &[90_000; 40]));
        it.take(&block(40, &[31_000, 31_010].repeat(20)));
        let reading = it.reading(seconds(20)).unwrap();
        assert_eq!((reading.value, reading.n), (31_005.0, 40));
        assert!((reading.u - 5.0 / f64::sqrt(39.0)).abs() < 1e-9);
    }

    #[test]
    fn one_that_is_silent_held_or_lost_samples_gives_none() {
        let mut it = thermometer();
        assert!(matches!(
            it.reading(seconds(9)),
            Err(ThermometerError::Silent { silent_s: 9, .. })
        ));
        it.take(&block(0, &[31_000, 31_010].repeat(30)));
        assert!(it.reading(seconds(15)).is_ok());
        let error = it.reading(seconds(18)).unwrap_err();
        assert_eq!(error.to_string(), "nose thermometer: no samples for 3 s");
        // One sample is missing.
        it.take(&block(61, &[31_000; 39]));
        let error = it.reading(seconds(25)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nose thermometer: samples lost or no indications within the last 10 s"
        );
        it.take(&block(100, &[31_000]));
        assert!(it.reading(seconds(25)).is_ok());
        it.take(&block(101, &[31_000; 1_200]));
        let error = it.reading(seconds(325)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nose thermometer: the same indication for 309 s"
        );
    }

    #[test]
    fn what_is_no_indication_begins_anew() {
        for (value, exception) in [
            (120_000, None),
            (-20_000, None),
            (31_000, Some((0, SampleStatus::OutOfRange))),
        ] {
            let mut it = thermometer();
            it.take(&block(0, &[31_000, 31_010].repeat(30)));
            let mut bad = block(60, &[value]);
            bad.exceptions.extend(exception);
            it.take(&bad);
            assert!(matches!(
                it.reading(seconds(15)),
                Err(ThermometerError::Gap { .. })
            ));
        }
    }
}
