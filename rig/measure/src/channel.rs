//! One sampled instrument: its properties, its blocks, and whether every sample is there and sound.

use crate::defect::{DefectLog, merge};
use crate::{DefectKind, SignalDefect};
use firmware_units::Nanoseconds;

/// Why the instrument itself says that a sample is no indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFault {
    /// It saw no target.
    NoTarget,
    /// Beyond its range.
    OutOfRange,
}

/// Consecutive samples as an instrument sends them.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Sequence number of the first sample, counted by the instrument from power-on.
    pub first_seq: u64,
    /// Bench time at which the first sample was taken.
    pub at: Nanoseconds,
    /// Indications, in counts of the channel's quantity.
    pub values: &'a [i64],
    /// Samples that are no indication: index into `values`, and why.
    pub exceptions: &'a [(u32, SampleFault)],
}

/// What is known of a sampled instrument, from its certificate and data sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Channel {
    /// Samples a second by the instrument's own clock.
    pub sample_rate_hz: u32,
    /// Smallest step of an indication, in counts.
    pub resolution: i64,
    /// Lowest and highest indication, in counts; a sample at either end is saturated.
    pub range: (i64, i64),
    /// Smallest standard deviation of the noise a living instrument shows, in counts.
    /// Zero switches the check for held values off.
    pub noise: f64,
    /// Largest error of the instrument's time base, parts in 1e9.
    pub time_base_ppb: u32,
    /// Largest error of a block's bench time, such as transport latency.
    pub at_jitter: Nanoseconds,
}

impl Channel {
    /// Nominal seconds a sample.
    pub(crate) fn sample_s(&self) -> f64 {
        1.0 / f64::from(self.sample_rate_hz.max(1))
    }
}

/// Relates sample numbers to bench time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleClock {
    /// Sample number of the anchor.
    pub seq: u64,
    /// Bench time of the anchor.
    pub at: Nanoseconds,
    /// Seconds a sample, by bench time.
    pub sample_s: f64,
}

impl SampleClock {
    /// Sample number at a bench time, with its fraction.
    #[must_use]
    pub fn index_of(&self, time: Nanoseconds) -> f64 {
        self.seq as f64 + signed_seconds(self.at, time) / self.sample_s
    }

    /// Seconds from a bench time to a sample.
    #[must_use]
    pub fn seconds_since(&self, time: Nanoseconds, index: f64) -> f64 {
        (index - self.seq as f64) * self.sample_s - signed_seconds(self.at, time)
    }
}

/// Seconds from one bench time to another; exact to a nanosecond over ±104 days.
fn signed_seconds(from: Nanoseconds, to: Nanoseconds) -> f64 {
    if to >= from {
        (to - from).seconds()
    } else {
        -(from - to).seconds()
    }
}

/// A stretch without a sample that is longer than this is silence: instruments send blocks
/// several times in it.
const SILENCE_S: f64 = 0.1;

/// False alarms of the check for held values, a sample: one in 1e4 years at 20 kS/s.
const STALE_FALSE_ALARM: f64 = 1e-16;

/// Watches that every sample is there and sound.
///
/// Found with certainty: a jump in sequence numbers, a sample the instrument marks, a sample at
/// an end of the range. Found by bench time: samples lost without a trace in the sequence
/// numbers, one of them if the bench dates blocks to better than a quarter of a sample, more if
/// its jitter is larger. Found by chance bound: held values, from [`stale_run_length`] on; a
/// shorter hold passes.
#[derive(Clone, Debug)]
pub struct StreamCheck {
    channel: Channel,
    stale_length: Option<u32>,
    /// Sequence number the next block should begin with, and when its first sample is due.
    next: Option<(u64, Nanoseconds)>,
    /// First block since the last defect of sequence or time.
    origin: (u64, Nanoseconds),
    /// Bench time up to which samples were received, or silence was noted.
    heard: Nanoseconds,
    /// The value that the last samples had, where it began and how often it came.
    held: (i64, u64, u32),
    log: DefectLog,
}

impl StreamCheck {
    /// A check that has seen nothing yet.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            stale_length: stale_run_length(channel.resolution, channel.noise),
            next: None,
            origin: (0, Nanoseconds::ZERO),
            heard: Nanoseconds::ZERO,
            held: (0, 0, 0),
            log: DefectLog::default(),
        }
    }

    /// The instrument.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Sequence number of the next sample, if all is well.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next.map_or(0, |(seq, _)| seq)
    }

    /// Defects so far, merged where they touch; the first thousand.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        self.log.defects()
    }

    /// Looks at one block and gives the defects that it shows.
    pub fn push(&mut self, block: &Block<'_>) -> Vec<SignalDefect> {
        let mut found = Vec::new();
        let Some(last) = (block.values.len() as u64)
            .checked_sub(1)
            .map(|it| block.first_seq.saturating_add(it))
        else {
            return found;
        };
        self.check_sequence(block, last, &mut found);
        for &(index, fault) in block.exceptions {
            // An index beyond the block says that something is wrong, and not where.
            let (first, last) = if (index as usize) < block.values.len() {
                let seq = block.first_seq.saturating_add(u64::from(index));
                (seq, seq)
            } else {
                (block.first_seq, last)
            };
            let kind = match fault {
                SampleFault::NoTarget => DefectKind::NoTarget,
                SampleFault::OutOfRange => DefectKind::OutOfRange,
            };
            merge(&mut found, SignalDefect { kind, first, last });
        }
        self.check_values(block, last, &mut found);
        for defect in &found {
            self.log.push(*defect);
        }
        found
    }

    /// Says that bench time is `now`; gives a defect if samples should have come by then.
    pub fn tick(&mut self, now: Nanoseconds) -> Option<SignalDefect> {
        let silent_s = signed_seconds(self.heard, now) - self.channel.at_jitter.seconds();
        if silent_s <= SILENCE_S {
            return None;
        }
        let first = self.next_seq();
        // Truncation is meant: whole samples missed.
        let missed = (silent_s / self.channel.sample_s()) as u64;
        let defect = SignalDefect {
            kind: DefectKind::Silent,
            first,
            last: first.saturating_add(missed),
        };
        self.heard = now;
        self.log.push(defect);
        Some(defect)
    }

    fn check_sequence(&mut self, block: &Block<'_>, last: u64, found: &mut Vec<SignalDefect>) {
        match self.next {
            None => self.origin = (block.first_seq, block.at),
            Some((next, due)) if block.first_seq == next => {
                let elapsed_s = signed_seconds(self.origin.1, block.at);
                let counted_s = (next - self.origin.0) as f64 * self.channel.sample_s();
                let step_s = signed_seconds(due, block.at);
                if step_s.abs()
                    > self.time_tolerance_s(block.values.len() as f64 * self.channel.sample_s())
                    || (elapsed_s - counted_s).abs() > self.time_tolerance_s(counted_s)
                {
                    found.push(SignalDefect {
                        kind: DefectKind::Uncounted,
                        first: next.saturating_sub(1),
                        last: next,
                    });
                    self.origin = (block.first_seq, block.at);
                }
            }
            Some((next, _)) => {
                found.push(if block.first_seq > next {
                    SignalDefect {
                        kind: DefectKind::Lost,
                        first: next,
                        last: block.first_seq - 1,
                    }
                } else {
                    SignalDefect {
                        kind: DefectKind::OutOfOrder,
                        first: block.first_seq,
                        last: last.max(next.saturating_sub(1)),
                    }
                });
                self.origin = (block.first_seq, block.at);
                self.held.2 = 0;
            }
        }
        let length_ns = block.values.len() as f64 * self.channel.sample_s() * 1e9;
        // Rounded to a nanosecond, far inside the tolerance.
        let due = Nanoseconds(block.at.0.saturating_add(libm::round(length_ns) as u64));
        self.next = Some((last.saturating_add(1), due));
        self.heard = self.heard.max(due);
    }

    /// Half a sample, the time base's error over a span, and the jitter of both its ends.
    fn time_tolerance_s(&self, span_s: f64) -> f64 {
        0.5 * self.channel.sample_s()
            + span_s.abs() * f64::from(self.channel.time_base_ppb) * 1e-9
            + 2.0 * self.channel.at_jitter.seconds()
    }

    fn check_values(&mut self, block: &Block<'_>, last: u64, found: &mut Vec<SignalDefect>) {
        let (lowest, highest) = self.channel.range;
        let stale_length = self.stale_length.unwrap_or(u32::MAX);
        let (mut held, mut since, mut times) = self.held;
        for (offset, &value) in (0_u64..).zip(block.values) {
            if value == held && times > 0 {
                times = times.saturating_add(1);
            } else {
                if times >= stale_length {
                    let last = block.first_seq.saturating_add(offset).saturating_sub(1);
                    merge(
                        found,
                        SignalDefect {
                            kind: DefectKind::Stale,
                            first: since,
                            last,
                        },
                    );
                }
                (held, since, times) = (value, block.first_seq.saturating_add(offset), 1);
            }
            if value <= lowest || value >= highest {
                let seq = block.first_seq.saturating_add(offset);
                merge(
                    found,
                    SignalDefect {
                        kind: DefectKind::OutOfRange,
                        first: seq,
                        last: seq,
                    },
                );
            }
        }
        if times >= stale_length {
            merge(
                found,
                SignalDefect {
                    kind: DefectKind::Stale,
                    first: since,
                    last,
                },
            );
        }
        self.held = (held, since, times);
    }
}

/// Number of identical indications in a row that noise does not make by chance.
///
/// With Gaussian noise of standard deviation σ and resolution q, an indication repeats the one
/// before with probability at most p = erf(q / (2 √2 σ)), that of the likeliest code of a still
/// signal. A run of L begins at a given sample with probability p^(L−1), which is held below
/// 1e-16. At σ = 10 µm and q = 0.1 µm, L is 8; a moving target repeats less.
/// None if `noise` or `resolution` is not positive, or if noise hides in one code (L > 1000).
#[must_use]
pub fn stale_run_length(resolution: i64, noise: f64) -> Option<u32> {
    if !(noise > 0.0 && noise.is_finite() && resolution > 0) {
        return None;
    }
    let repeats = libm::erf(resolution as f64 / (2.0 * core::f64::consts::SQRT_2 * noise));
    let length = 1.0 + libm::ceil(libm::log(STALE_FALSE_ALARM) / libm::log(repeats));
    // Truncation is exact: a whole number from 2 to 1000.
    (length <= 1000.0).then_some(length.max(2.0) as u32)
}
