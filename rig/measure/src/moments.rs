//! A displacement signal demodulated block by block at the harmonics of one rate.
//!
//! A block keeps Σ x e^(−ikω₀t), Σ t x e^(−ikω₀t) and Σ tᵖ x, from which projections of the whole
//! window on any harmonics near those of ω₀ follow (see [`Moments::project`]), so that no sample
//! is kept. No FFT is needed: a rate is known from the strokes, or from a short search, before
//! anything is summed, and sums at 16 known frequencies cost less than a transform at all.

/// Highest harmonic looked at.
pub(crate) const HARMONICS: usize = 16;
/// Harmonics that are summed together, so that their sums stay in registers.
const CHUNK: usize = 4;
/// Longest block, samples.
const LONGEST_BLOCK: usize = 1024;
/// Highest power of a drift, plus one.
pub(crate) const DRIFTS: usize = 4;

/// Sums over one block, its instants counted from its middle.
#[derive(Clone, Copy, Debug, PartialEq)]
struct BlockMoments {
    len: usize,
    /// Σ x cos kω₀t and Σ x sin kω₀t.
    still: [[f64; 2]; HARMONICS],
    /// Σ t x cos kω₀t and Σ t x sin kω₀t.
    slope: [[f64; 2]; HARMONICS],
    /// Σ tᵖ x.
    powers: [f64; DRIFTS],
}

/// What [`Moments::blocks_at`] gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BlockSums {
    pub(crate) len: usize,
    pub(crate) centre: f64,
    pub(crate) cos: [f64; HARMONICS],
    pub(crate) sin: [f64; HARMONICS],
}

/// What is known of a window of samples without the samples.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moments {
    /// Samples.
    pub(crate) n: usize,
    /// The frequency of demodulation, rad/sample.
    pub(crate) omega: f64,
    /// Taken off every sample.
    pub(crate) origin: f64,
    /// Σ x².
    pub(crate) squares: f64,
    blocks: Vec<BlockMoments>,
}

/// Projections of a window on harmonics and powers, instants counted from its middle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projections {
    pub(crate) cos: [f64; HARMONICS],
    pub(crate) sin: [f64; HARMONICS],
    pub(crate) t_cos: [f64; HARMONICS],
    pub(crate) t_sin: [f64; HARMONICS],
    pub(crate) powers: [f64; DRIFTS],
}

impl Moments {
    pub(crate) fn new(omega: f64, origin: f64) -> Self {
        Self {
            n: 0,
            omega,
            origin,
            squares: 0.0,
            blocks: Vec::new(),
        }
    }

    /// Of samples that are all at hand; nothing without a sample or a frequency.
    pub(crate) fn of(samples: &[f64], omega: f64, origin: f64) -> Option<Self> {
        let table = Table::new(omega, block_length(omega)?);
        let mut moments = Self::new(omega, origin);
        moments.take(samples, &table);
        (moments.n > 0).then_some(moments)
    }

    /// Takes samples; a block that is not full ends the window.
    pub(crate) fn take(&mut self, samples: &[f64], table: &Table) {
        self.take_in(samples, table, &mut Vec::new());
    }

    /// As [`Moments::take`]; `folded` is room for one.
    pub(crate) fn take_in(&mut self, samples: &[f64], table: &Table, folded: &mut Vec<[f64; 4]>) {
        for block in samples.chunks(table.len) {
            if block.len() == table.len {
                self.take_block(block, table, folded);
            } else {
                self.take_block(block, &table.of_length(block.len()), folded);
            }
        }
    }

    /// Passes over samples as if they were zero.
    pub(crate) fn skip(&mut self, samples: usize) {
        self.n += samples;
        self.blocks.push(BlockMoments {
            len: samples,
            still: [[0.0; 2]; HARMONICS],
            slope: [[0.0; 2]; HARMONICS],
            powers: [0.0; DRIFTS],
        });
    }

    fn take_block(&mut self, block: &[f64], table: &Table, folded: &mut Vec<[f64; 4]>) {
        let (moments, squares) = table.moments(block, self.origin, folded);
        self.squares += squares;
        self.n += block.len();
        self.blocks.push(moments);
    }

    /// Projections at the harmonics of `omega`.
    ///
    /// Over a block, e^(−ik(ω−ω₀)t) is 1 − ik(ω−ω₀)t; what is neglected is
    /// (k(ω−ω₀)B/2)²/2 of a block of B samples ([`Moments::reach`]).
    pub(crate) fn project(&self, omega: f64) -> Projections {
        let mut sums = Projections {
            cos: [0.0; HARMONICS],
            sin: [0.0; HARMONICS],
            t_cos: [0.0; HARMONICS],
            t_sin: [0.0; HARMONICS],
            powers: [0.0; DRIFTS],
        };
        let delta = omega - self.omega;
        let mut centre = -0.5 * self.n as f64;
        for block in &self.blocks {
            centre += 0.5 * block.len as f64;
            let (s1, c1) = libm::sincos(omega * centre);
            let (mut s, mut c) = (s1, c1);
            for k in 0..HARMONICS {
                let shift = (k + 1) as f64 * delta;
                // x e^(−ikωt) over the block about its middle, then turned by its place.
                let ([cos, sin], [t_cos, t_sin]) = (block.still[k], block.slope[k]);
                let re = cos - shift * t_sin;
                let im = -sin - shift * t_cos;
                let (t_re, t_im) = (t_cos, -t_sin);
                let (out_re, out_im) = (re * c + im * s, im * c - re * s);
                sums.cos[k] += out_re;
                sums.sin[k] -= out_im;
                sums.t_cos[k] += centre * out_re + t_re * c + t_im * s;
                sums.t_sin[k] -= centre * out_im + t_im * c - t_re * s;
                (s, c) = (s * c1 + c * s1, c * c1 - s * s1);
            }
            let [p0, p1, p2, p3] = block.powers;
            sums.powers[0] += p0;
            sums.powers[1] += p1 + centre * p0;
            sums.powers[2] += p2 + centre * (2.0 * p1 + centre * p0);
            sums.powers[3] += p3 + centre * (3.0 * p2 + centre * (3.0 * p1 + centre * p0));
            centre += 0.5 * block.len as f64;
        }
        sums
    }

    /// For each block its length, where its middle is, and Σ x cos kωt and Σ x sin kωt with t
    /// from that middle.
    pub(crate) fn blocks_at(&self, omega: f64) -> impl Iterator<Item = BlockSums> {
        let delta = omega - self.omega;
        let mut begin = -0.5 * self.n as f64;
        self.blocks.iter().map(move |block| {
            let centre = begin + 0.5 * block.len as f64;
            begin += block.len as f64;
            let (mut cos, mut sin) = ([0.0; HARMONICS], [0.0; HARMONICS]);
            for k in 0..HARMONICS {
                let shift = (k + 1) as f64 * delta;
                let ([still_cos, still_sin], [t_cos, t_sin]) = (block.still[k], block.slope[k]);
                cos[k] = still_cos - shift * t_sin;
                sin[k] = still_sin + shift * t_cos;
            }
            BlockSums {
                len: block.len,
                centre,
                cos,
                sin,
            }
        })
    }

    /// Phase error, rad, that the fundamental has at the end of the longest block at `omega`.
    pub(crate) fn reach(&self, omega: f64) -> f64 {
        let longest = self.blocks.iter().map(|it| it.len).max().unwrap_or(0);
        0.5 * longest as f64 * (omega - self.omega).abs()
    }
}

/// About one stroke, but never so long that its table leaves the cache; nothing for a frequency
/// that is none.
pub(crate) fn block_length(omega: f64) -> Option<usize> {
    let period = core::f64::consts::TAU / omega;
    // Truncation is exact: a whole number in range.
    (period.is_finite() && period >= 4.0).then(|| {
        let length = libm::round(period).clamp(16.0, LONGEST_BLOCK as f64);
        length as usize
    })
}

/// Cosines and sines of the harmonics over half a block; the other half mirrors it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    omega: f64,
    len: usize,
    chunks: usize,
    /// For each pair of instants, for each chunk of harmonics: cosine and sine of each, so that
    /// both go through the same steps side by side.
    waves: Vec<[[f64; 2]; CHUNK]>,
}

impl Table {
    pub(crate) fn new(omega: f64, len: usize) -> Self {
        Self::up_to(HARMONICS, omega, len)
    }

    /// For the lowest harmonics alone; the others are taken for absent.
    pub(crate) fn up_to(harmonics: usize, omega: f64, len: usize) -> Self {
        let pairs = len / 2;
        let chunks = harmonics.clamp(1, HARMONICS).div_ceil(CHUNK);
        let mut waves = vec![[[0.0; 2]; CHUNK]; pairs * chunks];
        for pair in 0..pairs {
            let (s1, c1) = libm::sincos(omega * Self::instant(len, pair));
            let (mut s, mut c) = (s1, c1);
            for k in 0..chunks * CHUNK {
                waves[pair * chunks + k / CHUNK][k % CHUNK] = [c, s];
                (s, c) = (s * c1 + c * s1, c * c1 - s * s1);
            }
        }
        Self {
            omega,
            len,
            chunks,
            waves,
        }
    }

    /// For blocks of another length.
    pub(crate) fn of_length(&self, len: usize) -> Self {
        Self::up_to(self.chunks * CHUNK, self.omega, len)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Σ even cos kωt + odd sin kωt over a block, written to `out`, which has its length.
    pub(crate) fn synthesize(
        &self,
        even: &[f64; HARMONICS],
        odd: &[f64; HARMONICS],
        out: &mut [f64],
    ) {
        let pairs = self.len / 2;
        let mut waves = [[[0.0; 2]; CHUNK]; HARMONICS / CHUNK];
        for k in 0..HARMONICS {
            waves[k / CHUNK][k % CHUNK] = [even[k], odd[k]];
        }
        let (before, after) = out.split_at_mut(self.len.div_ceil(2).min(out.len()));
        // Beside the middle sample, where there is one.
        let before = before.iter_mut().rev().skip(self.len % 2);
        let pairs_of_waves = self.waves.chunks_exact(self.chunks);
        for ((before, after), pair) in before.zip(after).zip(pairs_of_waves) {
            let mut sums = [0.0; 2];
            for (wave, table) in waves.iter().zip(pair) {
                for k in 0..CHUNK {
                    sums[0] += wave[k][0] * table[k][0];
                    sums[1] += wave[k][1] * table[k][1];
                }
            }
            *after = sums[0] + sums[1];
            *before = sums[0] - sums[1];
        }
        if self.len % 2 == 1
            && let Some(middle) = out.get_mut(pairs)
        {
            *middle = even[..self.chunks * CHUNK].iter().sum();
        }
    }

    /// Distance of a pair of instants from the middle of a block.
    fn instant(len: usize, pair: usize) -> f64 {
        pair as f64 + if len.is_multiple_of(2) { 0.5 } else { 1.0 }
    }

    fn moments(
        &self,
        block: &[f64],
        origin: f64,
        folded: &mut Vec<[f64; 4]>,
    ) -> (BlockMoments, f64) {
        let pairs = block.len() / 2;
        // Σ and differences of the pairs, and both times the instant, innermost first.
        folded.resize(pairs, [0.0; 4]);
        let mut powers = [0.0; DRIFTS];
        let mut squares = 0.0;
        let after = &block[block.len() - pairs..];
        for (pair, (out, (before, after))) in folded
            .iter_mut()
            .zip(block[..pairs].iter().rev().zip(after))
            .enumerate()
        {
            let (before, after) = (before - origin, after - origin);
            let t = Self::instant(block.len(), pair);
            let (sum, difference) = (after + before, after - before);
            squares += before * before + after * after;
            powers[0] += sum;
            powers[1] += t * difference;
            powers[2] += t * t * sum;
            powers[3] += t * t * t * difference;
            *out = [sum, difference, t * difference, t * sum];
        }
        let middle = if block.len() % 2 == 1 {
            block[pairs] - origin
        } else {
            0.0
        };
        powers[0] += middle;
        squares += middle * middle;
        let mut moments = BlockMoments {
            len: block.len(),
            still: [[middle, 0.0]; HARMONICS],
            slope: [[0.0; 2]; HARMONICS],
            powers,
        };
        for chunk in 0..self.chunks {
            let waves = self.waves.chunks_exact(self.chunks);
            let (mut still, mut slope) = ([[0.0; 2]; CHUNK], [[0.0; 2]; CHUNK]);
            for (pair, [sum, difference, t_difference, t_sum]) in waves.zip(&*folded) {
                let wave = &pair[chunk];
                for k in 0..CHUNK {
                    let [cosine, sine] = wave[k];
                    still[k][0] += sum * cosine;
                    still[k][1] += difference * sine;
                    slope[k][0] += t_difference * cosine;
                    slope[k][1] += t_sum * sine;
                }
            }
            for k in 0..CHUNK {
                let [cosine, sine] = &mut moments.still[chunk * CHUNK + k];
                *cosine += still[k][0];
                *sine += still[k][1];
                moments.slope[chunk * CHUNK + k] = slope[k];
            }
        }
        (moments, squares)
    }
}

/// Samples that are kept while no rate is known: 3 s at 20 kS/s.
const LONGEST_WAIT: usize = 65_536;
/// A window up to this long is kept as it is, so that its fit neglects nothing.
const SHORTEST_RUN: usize = 8_192;
/// Blocks that are kept: half a minute and more of strokes. No motor is so steady that a longer
/// fit would be used, and so the memory of a capture's fit does not grow beyond 2.4 MB.
const MOST_BLOCKS: usize = 4096;

/// What streams by, before and after a rate is known.
#[derive(Clone, Debug)]
pub(crate) struct Demodulator {
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// No rate is known yet; the samples so far.
    Waiting(Vec<f64>),
    Running {
        moments: Moments,
        table: Table,
        /// The beginning of the next block.
        pending: Vec<f64>,
    },
    /// It took too long to know a rate, or the window is too long.
    Spent,
}

/// What a capture knows of its signal as a whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Whole {
    /// Every sample, for a short window.
    Samples(Vec<f64>),
    /// Its moments.
    Moments(Moments),
    /// Nothing.
    Unknown,
}

impl Demodulator {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Waiting(Vec::new()),
        }
    }

    /// Takes samples; `omega` is the rate by the strokes of late, rad/sample, if there is one.
    pub(crate) fn push(&mut self, values: &[i64], omega: Option<f64>) {
        match &mut self.state {
            State::Spent => {}
            State::Waiting(samples) => {
                samples.extend(values.iter().map(|it| *it as f64));
                let length = omega.and_then(|omega| Some((omega, block_length(omega)?)));
                if let Some((omega, length)) = length.filter(|_| samples.len() > SHORTEST_RUN) {
                    let mut moments = Moments::new(omega, samples.first().copied().unwrap_or(0.0));
                    let table = Table::new(omega, length);
                    let whole = samples.len() - samples.len() % length;
                    moments.take(&samples[..whole], &table);
                    self.state = State::Running {
                        moments,
                        table,
                        pending: samples.split_off(whole),
                    };
                } else if samples.len() > LONGEST_WAIT {
                    self.state = State::Spent;
                }
            }
            State::Running {
                moments,
                table,
                pending,
            } => {
                pending.extend(values.iter().map(|it| *it as f64));
                let whole = pending.len() - pending.len() % table.len;
                moments.take(&pending[..whole], table);
                pending.drain(..whole);
                if moments.blocks.len() > MOST_BLOCKS {
                    self.state = State::Spent;
                }
            }
        }
    }

    pub(crate) fn finish(self) -> Whole {
        match self.state {
            State::Spent => Whole::Unknown,
            State::Waiting(samples) => Whole::Samples(samples),
            State::Running {
                mut moments,
                table,
                pending,
            } => {
                moments.take(&pending, &table);
                Whole::Moments(moments)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::Noise;

    #[test]
    fn projections_are_those_over_the_samples() {
        let mut noise = Noise::seeded(31);
        let samples: Vec<f64> = (0..1_537).map(|_| 7.0 + 1e3 * noise.normal()).collect();
        for (omega, offset) in [(0.05, 0.0), (0.05, 1e-7), (0.003, 0.0), (0.31, 1e-7)] {
            let moments = Moments::of(&samples, omega, 5.0).expect("there are samples");
            let omega = omega + offset;
            let sums = moments.project(omega);
            let centre = 0.5 * (samples.len() as f64 - 1.0);
            let direct = |weight: &dyn Fn(f64) -> f64| -> f64 {
                (0_i32..)
                    .zip(&samples)
                    .map(|(i, it)| weight(f64::from(i) - centre) * (it - 5.0))
                    .sum()
            };
            let size = 1e3 * samples.len() as f64;
            // What is neglected of t x over a block.
            let block = block_length(omega).expect("a frequency") as f64;
            let neglected = 16.0 * offset * block * block / 4.0 * size;
            for k in 0..HARMONICS {
                let turn = (k + 1) as f64 * omega;
                let near = |ours: f64, exact: f64, unit: f64| (ours - exact).abs() < 1e-9 * unit;
                let near_t = |ours: f64, exact: f64| (ours - exact).abs() < 1e-6 * size + neglected;
                assert!(near(sums.cos[k], direct(&|t| libm::cos(turn * t)), size));
                assert!(near(sums.sin[k], direct(&|t| libm::sin(turn * t)), size));
                assert!(near_t(sums.t_cos[k], direct(&|t| t * libm::cos(turn * t))));
                assert!(near_t(sums.t_sin[k], direct(&|t| t * libm::sin(turn * t))));
            }
            for (p, ours) in (0_i32..).zip(&sums.powers) {
                let exact = direct(&|t| t.powi(p));
                assert!((ours - exact).abs() <= 1e-10 * size * 768_f64.powi(p));
            }
            let squares = direct(&|_| 1.0) * 0.0
                + samples
                    .iter()
                    .map(|it| (it - 5.0) * (it - 5.0))
                    .sum::<f64>();
            assert!((moments.squares / squares - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn memory_of_a_window_is_bounded() {
        let mut waiting = Demodulator::new();
        let mut running = Demodulator::new();
        for _ in 0..10_000 {
            waiting.push(&[0; 200], None);
            running.push(&[0; 200], Some(0.05));
            let held = |it: &Demodulator| match &it.state {
                State::Waiting(samples) => samples.len(),
                State::Running {
                    moments, pending, ..
                } => moments.blocks.len() * 70 + pending.len(),
                State::Spent => 0,
            };
            assert!(held(&waiting) <= LONGEST_WAIT + 200 && held(&running) <= 300_000);
        }
        assert_eq!(waiting.finish(), Whole::Unknown);
    }
}
