//! Which sample of an even grid each row is: from its time, its number, or its place.

use super::defect::CsvFault;
use firmware_units::Microhertz;

/// A step may differ from whole periods by this share of one: rounded times do, an instrument
/// that skips or doubles does not.
const TOLERANCE: f64 = 0.1;
/// And by this share of a gap's own length.
const GAP_TOLERANCE: f64 = 2e-4;
/// Steps of one piece, for which the rate is looked at on its own.
const PIECE: u64 = 10_000;
/// By so much may the rate of a piece depart from that of the whole.
const WANDER: f64 = 1e-3;

/// Turns times in ps into sample numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    origin: i64,
    period: f64,
    /// Time and number of the last sample, and of the first of this piece.
    last: (i64, u64),
    piece: (i64, u64),
    /// Largest departure of a piece's period, as a share.
    wander: f64,
}

impl Grid {
    /// A grid whose period is that of these times, at least two, rising.
    pub(crate) fn of(times: &[i64]) -> Option<Self> {
        let mut steps: Vec<i64> = times.windows(2).map(|it| it[1] - it[0]).collect();
        steps.retain(|it| *it > 0);
        let middle = steps.len() / 2;
        if steps.is_empty() {
            return None;
        }
        let (_, &mut median, _) = steps.select_nth_unstable(middle);
        // Of gaps and rounding the mean is free where their periods are counted.
        let (mut elapsed, mut periods) = (0.0, 0.0);
        for step in steps {
            let whole = libm::round(step as f64 / median as f64);
            if (1.0..=100.0).contains(&whole) {
                elapsed += step as f64;
                periods += whole;
            }
        }
        let origin = *times.first()?;
        Some(Self {
            origin,
            period: elapsed / periods,
            last: (origin, 0),
            piece: (origin, 0),
            wander: 0.0,
        })
    }

    /// Number of the sample at a time, later than the one before; what is wrong otherwise.
    pub(crate) fn take(&mut self, time: i64) -> Result<u64, CsvFault> {
        let (before, number) = self.last;
        let step = (time - before) as f64 / self.period;
        let whole = libm::round(step);
        if whole < 1.0 || (step - whole).abs() > TOLERANCE + GAP_TOLERANCE * whole {
            return Err(CsvFault::Uneven {
                thousandths_of_period: libm::round(1e3 * step) as i64,
                period_ns: libm::round(1e-3 * self.period) as i64,
            });
        }
        // Truncation is exact: a whole number of at least one.
        let number = number + whole as u64;
        self.last = (time, number);
        self.period = (time - self.origin) as f64 / number as f64;
        if number - self.piece.1 >= PIECE {
            let own = (time - self.piece.0) as f64 / (number - self.piece.1) as f64;
            self.wander = self.wander.max((own / self.period - 1.0).abs());
            self.piece = self.last;
            if self.wander > WANDER {
                return Err(CsvFault::Wandering {
                    parts_per_million: libm::round(1e6 * self.wander) as i64,
                });
            }
        }
        Ok(number)
    }

    /// Goes on from a time that is no whole number of periods after the last, so that one defect
    /// is not reported again and again.
    pub(crate) fn skip_to(&mut self, time: i64) {
        let number = self.last.1 + 1;
        *self = Self {
            origin: time - libm::round(self.period * number as f64) as i64,
            last: (time, number),
            piece: (time, number),
            ..*self
        };
    }

    /// Samples a second.
    pub(crate) fn rate(&self) -> Microhertz {
        // Never negative, and far below 2^63 for a period of a picosecond or more.
        Microhertz(libm::round(1e18 / self.period) as i64)
    }

    /// Samples taken from the first to the last, gaps included.
    pub(crate) fn span(&self) -> u64 {
        self.last.1
    }
}
