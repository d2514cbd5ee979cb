//! Short means of a signal over a window: levels, changes, and what happened when.

use crate::estimate::Scatter;
use crate::{Estimate, NotMeasurable};

/// Means of consecutive blocks of 1 ms, so that noise does not look like motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Sample number at which the first block begins.
    pub first_seq: u64,
    /// Samples a block.
    pub block_len: u32,
    /// Mean of each block, in counts of the quantity.
    pub means: Vec<f64>,
    /// Standard deviation of the noise of one mean, in counts: of the noise of a sample, from
    /// third differences of samples, over √`block_len`.
    ///
    /// Third differences (their mean square over 20) leave out motion: at 20 kS/s, a 3 mm stroke
    /// at 150 /s adds less than 0.1 µm to 10 µm. Noise that is not white is under-stated, so
    /// that more is taken for motion. Never below what resolution alone gives.
    pub noise: f64,
}

impl Trace {
    /// Sample number at which block `index` begins.
    #[must_use]
    pub(crate) fn start_of(&self, index: usize) -> f64 {
        self.first_seq as f64 + index as f64 * f64::from(self.block_len)
    }

    fn at_least(&self, blocks: usize, sample_blocks_s: f64) -> Result<(), NotMeasurable> {
        if self.means.len() >= blocks {
            return Ok(());
        }
        Err(NotMeasurable::WindowTooShort {
            needed_s: blocks as f64 * sample_blocks_s,
            observed_s: self.means.len() as f64 * sample_blocks_s,
        })
    }
}

/// A block of a trace in seconds: streams make blocks of 1 ms.
pub(crate) const BLOCK_S: f64 = 1e-3;
/// Blocks that are averaged where a change is looked for: 5 ms.
const CHANGE_BLOCKS: usize = 5;
/// Blocks that are averaged where stillness is looked for: 20 ms.
const STILL_BLOCKS: usize = 20;
/// Shortest window of a level, in blocks.
const LEVEL_BLOCKS: usize = 100;

/// Mean of a still signal, in counts, with s/√n_eff of its short means.
///
/// Still means that means over 20 ms stay within `allowed` counts of each other over the whole
/// window, so that a drift, a step and a vibration slower than 50 Hz are all refused.
///
/// # Errors
/// [`NotMeasurable::NotStill`], or [`NotMeasurable::WindowTooShort`] below 0.1 s.
pub fn level(trace: &Trace, allowed: f64) -> Result<Estimate, NotMeasurable> {
    trace.at_least(LEVEL_BLOCKS, BLOCK_S)?;
    let (lowest, highest) = extremes(&trace.means, STILL_BLOCKS);
    let moved = highest - lowest;
    // A NaN is not still either.
    if moved.is_nan() || moved > allowed {
        return Err(NotMeasurable::NotStill { moved, allowed });
    }
    Scatter::of(trace.means.iter().copied()).of_mean().finite()
}

/// Largest difference between any two means over 5 ms of a window, in counts.
///
/// Noise of σ a sample enters as a range of means: at 20 kS/s and σ = 10 µm about 6 µm over one
/// second. It is not taken off, so that the value errs upwards. `u` is that of one difference.
/// A motion shorter than 5 ms shows as its share of them.
///
/// # Errors
/// [`NotMeasurable::WindowTooShort`] below 10 ms.
pub fn largest_change(trace: &Trace) -> Result<Estimate, NotMeasurable> {
    trace.at_least(2 * CHANGE_BLOCKS, BLOCK_S)?;
    let (lowest, highest) = extremes(&trace.means, CHANGE_BLOCKS);
    let u = trace.noise * libm::sqrt(2.0 / CHANGE_BLOCKS as f64);
    Estimate {
        value: highest - lowest,
        u,
        dof: f64::INFINITY,
        n: trace.means.len(),
    }
    .finite()
}

/// Largest mean over 5 ms of a window, in counts. Noise raises it, and is not taken off.
///
/// # Errors
/// [`NotMeasurable::WindowTooShort`] below 10 ms.
pub fn largest_level(trace: &Trace) -> Result<Estimate, NotMeasurable> {
    trace.at_least(2 * CHANGE_BLOCKS, BLOCK_S)?;
    let (_, highest) = extremes(&trace.means, CHANGE_BLOCKS);
    let u = trace.noise / libm::sqrt(CHANGE_BLOCKS as f64);
    Estimate {
        value: highest,
        u,
        dof: f64::INFINITY,
        n: trace.means.len(),
    }
    .finite()
}

/// Lowest and highest mean of `length` neighbours.
fn extremes(means: &[f64], length: usize) -> (f64, f64) {
    let averages = means
        .windows(length)
        .map(|it| it.iter().sum::<f64>() / length as f64);
    averages.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
        // min and max drop a NaN, which must stay visible.
        if it.is_nan() {
            (it, it)
        } else {
            (low.min(it), high.max(it))
        }
    })
}

/// Makes the means of one window as samples come.
#[derive(Clone, Debug)]
pub(crate) struct TraceBuilder {
    trace: Trace,
    resolution: f64,
    sum: f64,
    count: u32,
    /// The last three samples.
    recent: [f64; 3],
    n_samples: u64,
    third_squares: f64,
}

impl TraceBuilder {
    pub(crate) fn new(first_seq: u64, sample_rate_hz: u32, resolution: i64) -> Self {
        let trace = Trace {
            first_seq,
            block_len: (sample_rate_hz / 1000).max(1),
            means: Vec::new(),
            noise: 0.0,
        };
        Self {
            trace,
            resolution: resolution.max(0) as f64,
            sum: 0.0,
            count: 0,
            recent: [0.0; 3],
            n_samples: 0,
            third_squares: 0.0,
        }
    }

    pub(crate) fn push(&mut self, values: &[i64]) {
        self.third_differences(values);
        for &value in values {
            self.sum += value as f64;
            self.count += 1;
            if self.count == self.trace.block_len {
                self.trace.means.push(self.sum / f64::from(self.count));
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }

    /// Sums their squares, with the last samples of the block before. One sum in the order of the
    /// samples, so that it does not depend on how the stream is cut.
    fn third_differences(&mut self, values: &[i64]) {
        let mut sum = self.third_squares;
        let [mut oldest, mut older, mut old] = self.recent;
        for (index, value) in (self.n_samples..).zip(values) {
            let value = *value as f64;
            let third = (value - oldest) - 3.0 * (old - older);
            sum += if index < 3 { 0.0 } else { third * third };
            (oldest, older, old) = (older, old, value);
        }
        self.third_squares = sum;
        self.recent = [oldest, older, old];
        self.n_samples += values.len() as u64;
    }

    /// The trace; a block that is not full is left out.
    pub(crate) fn finish(mut self) -> Trace {
        let variance = if self.n_samples > 3 {
            self.third_squares / (20.0 * (self.n_samples - 3) as f64)
        } else {
            0.0
        };
        let rounding = self.resolution * self.resolution / 12.0;
        self.trace.noise = libm::sqrt(variance.max(rounding) / f64::from(self.trace.block_len));
        self.trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::Noise;

    fn trace(samples: impl Iterator<Item = f64>) -> Trace {
        let values: Vec<i64> = samples
            .map(|it| libm::round(it / 100.0) as i64 * 100)
            .collect();
        let mut builder = TraceBuilder::new(7, 20_000, 100);
        for block in values.chunks(333) {
            builder.push(block);
        }
        builder.finish()
    }

    #[test]
    fn level_covers_the_truth_as_often_as_it_says() {
        let mut noise = Noise::seeded(11);
        let inside = (0..300)
            .filter(|_| {
                let trace = trace((0..4000).map(|_| 812_345.0 + 10_000.0 * noise.normal()));
                let level = level(&trace, 5_000.0).expect("it is still");
                let k = crate::student_t_coverage(crate::COVERAGE_95_45, level.dof);
                (level.value - 812_345.0).abs() <= k * level.u
            })
            .count();
        // 95.45 % of 300 is 286; three standard deviations of the binomial are 11.
        assert!((275..=297).contains(&inside), "{inside} of 300");
    }

    #[test]
    fn what_moves_has_no_level() {
        let mut noise = Noise::seeded(12);
        let mut check = |motion: &dyn Fn(f64) -> f64, still: bool| {
            let trace = trace(
                (0..20_000).map(|it| motion(f64::from(it) / 20_000.0) + 10_000.0 * noise.normal()),
            );
            assert_eq!(level(&trace, 6_000.0).is_ok(), still);
        };
        check(&|_| 0.0, true);
        check(&|t| 10_000.0 * t, false);
        check(&|t| if t > 0.7 { 10_000.0 } else { 0.0 }, false);
        check(&|t| 10_000.0 * libm::sin(40.0 * t), false);
    }

    #[test]
    fn change_is_of_the_target_and_not_of_the_noise() {
        let mut noise = Noise::seeded(13);
        let still = trace((0..40_000).map(|_| 10_000.0 * noise.normal()));
        let change = largest_change(&still).expect("long enough");
        assert!(
            change.value < 10_000.0,
            "samples range over 80 µm, means over {} nm",
            change.value
        );
        let step = trace(
            (0..40_000)
                .map(|it| if it > 30_000 { 50_000.0 } else { 0.0 } + 10_000.0 * noise.normal()),
        );
        let change = largest_change(&step).expect("long enough");
        assert!(
            (50_000.0..60_000.0).contains(&change.value),
            "{}",
            change.value
        );
        assert!(
            (change.u - 1_414.0).abs() < 200.0,
            "10 µm √2/√100: {}",
            change.u
        );
        let highest = largest_level(&step).expect("long enough");
        assert!((50_000.0..55_000.0).contains(&highest.value));
    }

    #[test]
    fn short_windows_are_refused() {
        let short = trace((0..1_999).map(f64::from));
        assert!(matches!(
            level(&short, 1e9),
            Err(NotMeasurable::WindowTooShort { .. })
        ));
        let empty = trace(std::iter::empty());
        assert!(largest_change(&empty).is_err() && largest_level(&empty).is_err());
    }

    #[test]
    fn blocks_are_counted_from_the_first_sample() {
        let ramp = trace((0..100).map(|it| 100.0 * f64::from(it)));
        assert_eq!(ramp.means, [950.0, 2950.0, 4950.0, 6950.0, 8950.0]);
        assert_eq!(ramp.start_of(2), 47.0);
    }
}
