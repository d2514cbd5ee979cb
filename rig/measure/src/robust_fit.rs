//! Least squares with outliers bent, over the samples that are indications: what
//! [`crate::harmonic_robust`] rests on.

use crate::gram::{Matrix, Model};
use crate::harmonic::Solved;
use crate::moments::{DRIFTS, HARMONICS, Moments, Table, block_length};
use crate::{NotMeasurable, RobustSettings};
use core::f64::consts::{PI, TAU};

/// Tukey's biweight at 6 standard deviations: 98.1 % as efficient as least squares on Gaussian noise.
pub(crate) const BIWEIGHT: f64 = 6.0;
/// Mean square of a normal deviate within four standard deviations.
const TRIMMED_AT_FOUR: f64 = 0.998_929;
/// Harmonics of the first fits.
const FIRST_HARMONICS: usize = 4;
/// A value that this share of the samples has, and that is the highest or the lowest, is where
/// the signal is clipped.
const CLIPPED_SHARE: f64 = 0.01;
/// Samples whose fit comes so near to where the signal is clipped are left out too, in standard
/// deviations: of those that remain the noise would have one sign.
const CLIP_MARGIN: f64 = 3.0;

/// A record in the making of its fit.
pub(crate) struct Work<'a> {
    pub(crate) samples: &'a [f64],
    /// Samples in use.
    pub(crate) used: Vec<bool>,
    pub(crate) missing: usize,
    clip: (f64, f64),
    pub(crate) origin: f64,
    floor: f64,
    tones: Vec<f64>,
}

/// A model after its last step.
struct Improved {
    model: Model,
    residual_var: f64,
    /// Standard uncertainty of the fundamental's phase at the end of the window.
    phase_u: f64,
    squares: f64,
    outliers: usize,
}

/// Residuals of a model after bending, with what a step needs.
struct Bent {
    /// J'ψ: all columns, the rate's last.
    scores: Vec<f64>,
    /// Σψ², and Σψ' over samples.
    squares: f64,
    slope: f64,
    outliers: usize,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        samples: &'a [f64],
        sound: &[bool],
        settings: &RobustSettings<'_>,
    ) -> Result<Self, NotMeasurable> {
        let sound_at = |i: usize| sound.get(i).copied().unwrap_or(true);
        let indications = || {
            (0..samples.len())
                .filter(|it| sound_at(*it))
                .map(|it| samples[it])
        };
        let missing = samples.len() - indications().count();
        let lowest = indications().fold(f64::INFINITY, f64::min);
        let highest = indications().fold(f64::NEG_INFINITY, f64::max);
        let share = CLIPPED_SHARE * samples.len() as f64;
        let is_clip = |level: f64| indications().filter(|it| *it == level).count() as f64 > share;
        let (low, high) = settings.range_nm;
        // A NaN in the range would compare as no limit.
        let clip = (
            if is_clip(lowest) {
                lowest.max(low)
            } else {
                low
            },
            if is_clip(highest) {
                highest.min(high)
            } else {
                high
            },
        );
        let used: Vec<bool> = (0..samples.len())
            .map(|it| sound_at(it) && samples[it] > clip.0 && samples[it] < clip.1)
            .collect();
        let n = used.iter().filter(|it| **it).count();
        if 2 * n < samples.len() {
            return Err(NotMeasurable::NotPeriodic);
        }
        let sum: f64 = samples
            .iter()
            .zip(&used)
            .filter(|it| *it.1)
            .map(|it| *it.0)
            .sum();
        let per_hz = TAU / settings.signal.sample_rate_hz;
        Ok(Self {
            samples,
            used,
            missing,
            clip,
            origin: sum / n as f64,
            floor: settings.signal.resolution_nm * settings.signal.resolution_nm / 12.0,
            tones: settings.hum_hz.iter().map(|it| it * per_hz).collect(),
        })
    }

    /// The record with its mean where samples are left out, for the coarse search alone.
    pub(crate) fn filled(&self) -> Vec<f64> {
        let pairs = self.samples.iter().zip(&self.used);
        pairs
            .map(|(it, used)| if *used { *it } else { self.origin })
            .collect()
    }

    pub(crate) fn n_used(&self) -> usize {
        self.used.iter().filter(|it| **it).count()
    }

    pub(crate) fn solve(&mut self, omega: f64) -> Option<(Solved, usize)> {
        let n = self.samples.len();
        // Truncation is meant: whole harmonics.
        let highest = HARMONICS.min((0.9 * PI / omega) as usize).min(n / 24);
        let hum = self.tones.clone();
        let model = |omega, orders| Model {
            n,
            omega,
            drifts: DRIFTS,
            orders,
            tones: hum.clone(),
        };
        // The rate and the size of things, with few harmonics.
        let few = model(omega, (1..=FIRST_HARMONICS.min(highest)).collect());
        let gram = self.gram(&few, &[]);
        let factor = gram.cholesky(few.len())?;
        let start = self.bend(&few, &vec![0.0; few.len()], f64::INFINITY)?;
        let mut coefficients = factor.solve(&start.scores[..few.len()]);
        let few = self.improve(few, &mut coefficients, 3, 0.1)?.model;
        if self.clip.0 > f64::NEG_INFINITY || self.clip.1 < f64::INFINITY {
            self.mask_clipped(&few, &coefficients)?;
        }
        let full = model(few.omega, (1..=highest).collect());
        let mut wide = vec![0.0; full.len()];
        let shared = few.drifts + 2 * few.orders.len();
        wide[..shared].copy_from_slice(&coefficients[..shared]);
        let tones = wide.len() - 2 * self.tones.len();
        wide[tones..].copy_from_slice(&coefficients[shared..]);
        let seen = self.improve(full, &mut wide, 2, 0.1)?;
        let full = seen.model;
        let log_n = libm::log(self.n_used() as f64);
        let kept: Vec<usize> = (0..full.orders.len())
            .filter(|it| {
                let [a, b] = [wide[DRIFTS + 2 * it], wide[DRIFTS + 2 * it + 1]];
                let power = self.n_used() as f64 * (a * a + b * b) / (2.0 * seen.residual_var);
                *it == 0 || power > 2.0 * log_n
            })
            .collect();
        let mut narrow: Vec<f64> = wide[..DRIFTS].to_vec();
        for place in &kept {
            narrow.extend_from_slice(&wide[DRIFTS + 2 * place..DRIFTS + 2 * place + 2]);
        }
        narrow.extend_from_slice(&wide[tones..]);
        let last = model(full.omega, kept.iter().map(|it| it + 1).collect());
        let last = self.improve(last, &mut narrow, 8, 1e-2)?;
        Some(self.judge(last, narrow))
    }

    /// Steps until the rate moves by less than `enough` of its uncertainty, `most` at most. The
    /// matrix is that of the first step, which bends nothing: of a model with columns new to it,
    /// what they have yet to explain looks like outliers.
    fn improve(
        &self,
        mut model: Model,
        coefficients: &mut [f64],
        most: usize,
        enough: f64,
    ) -> Option<Improved> {
        let factor = self.gram(&model, coefficients).cholesky(model.len() + 1)?;
        let n = self.n_used() as f64;
        let mut limit = f64::INFINITY;
        for pass in 0..=most {
            let bent = self.bend(&model, coefficients, limit)?;
            let step = factor.solve(&bent.scores);
            let gain = bent.slope / n;
            if !(gain > 0.2 && step.iter().all(|it| it.is_finite())) {
                return None;
            }
            for (coefficient, step) in coefficients.iter_mut().zip(&step) {
                *coefficient += step / gain;
            }
            let phase = step[model.len()] / gain;
            model.omega += phase.clamp(-0.5, 0.5) / model.scale();
            let dof = (n - model.len() as f64 - 1.0).max(1.0);
            let residual_var = (bent.squares / dof / (gain * gain)).max(self.floor);
            let phase_u = libm::sqrt(residual_var / factor.last());
            let is_near = phase.abs() < (enough * phase_u).max(1e-12);
            if pass == most || (pass > 1 && is_near) {
                return Some(Improved {
                    model,
                    residual_var,
                    phase_u,
                    squares: bent.squares,
                    outliers: bent.outliers,
                });
            }
            // Twice suffices: the size of the residuals hardly changes after that.
            if pass < 2 {
                limit = BIWEIGHT * self.scale(&model, coefficients)?;
            }
        }
        None
    }

    /// Gram matrix over the samples in use: that of all less that of those left out.
    fn gram(&self, model: &Model, coefficients: &[f64]) -> Matrix {
        let mut gram = model.gram(coefficients);
        let middle = 0.5 * (self.samples.len() as f64 - 1.0);
        let mut row = Vec::with_capacity(model.len() + 1);
        for (index, _) in self.used.iter().enumerate().filter(|it| !it.1) {
            model.row(index as f64 - middle, coefficients, &mut row);
            gram.add_outer(-1.0, &row);
        }
        gram
    }

    /// Model over each block: calls `take` with the block's range, its middle and the values.
    pub(crate) fn each_block(
        &self,
        model: &Model,
        coefficients: &[f64],
        take: impl FnMut(usize, &Table, &[f64; HARMONICS], &[f64; HARMONICS], &[f64]),
    ) -> Option<()> {
        self.each_nth_block(1, model, coefficients, take)
    }

    /// As [`Work::each_block`], for one block in so many.
    fn each_nth_block(
        &self,
        nth: usize,
        model: &Model,
        coefficients: &[f64],
        mut take: impl FnMut(usize, &Table, &[f64; HARMONICS], &[f64; HARMONICS], &[f64]),
    ) -> Option<()> {
        let n = self.samples.len();
        let highest = model.orders.last().copied().unwrap_or(1);
        let whole = Table::up_to(highest, model.omega, block_length(model.omega)?);
        let rest = whole.of_length((n % whole.len()).max(1));
        let (mut folded, mut values) = (Vec::new(), vec![0.0; whole.len()]);
        let middle = 0.5 * (n as f64 - 1.0);
        let mut begin = 0;
        while begin < n {
            let length = whole.len().min(n - begin);
            let table = if length == whole.len() { &whole } else { &rest };
            let centre = begin as f64 + 0.5 * (length as f64 - 1.0) - middle;
            let (mut even, mut odd) = ([0.0; HARMONICS], [0.0; HARMONICS]);
            for (place, &order) in model.orders.iter().enumerate() {
                let at = model.drifts + 2 * place;
                let (sine, cosine) = libm::sincos(order as f64 * model.omega * centre);
                let (a, b) = (coefficients[at], coefficients[at + 1]);
                even[order - 1] = a * cosine + b * sine;
                odd[order - 1] = b * cosine - a * sine;
            }
            let values = &mut values[..length];
            table.synthesize(&even, &odd, &mut folded, values);
            self.add_slow(model, coefficients, begin, values);
            take(begin, table, &even, &odd, values);
            begin += length + (nth - 1) * whole.len();
        }
        Some(())
    }

    /// Adds drift and hum.
    fn add_slow(&self, model: &Model, coefficients: &[f64], begin: usize, values: &mut [f64]) {
        let scale = model.scale();
        let first = begin as f64 - 0.5 * (self.samples.len() as f64 - 1.0);
        let mut tau = first / scale;
        for value in values.iter_mut() {
            let drift = coefficients[..model.drifts].iter().rev();
            *value += drift.fold(0.0, |sum, it| sum * tau + it);
            tau += 1.0 / scale;
        }
        let tones = coefficients[model.drifts + 2 * model.orders.len()..].chunks_exact(2);
        for (gamma, pair) in model.tones.iter().zip(tones) {
            let (mut sine, mut cosine) = libm::sincos(gamma * first);
            let (turn_s, turn_c) = libm::sincos(*gamma);
            for value in values.iter_mut() {
                *value += pair[0] * cosine + pair[1] * sine;
                (sine, cosine) = (
                    sine * turn_c + cosine * turn_s,
                    cosine * turn_c - sine * turn_s,
                );
            }
        }
    }

    /// Standard deviation of the residuals by their median, never below rounding.
    fn scale(&self, model: &Model, coefficients: &[f64]) -> Option<f64> {
        // A part of a long record will do: the median of 2,000 is good to 3 %.
        let nth = (self.samples.len() / 2_000 / 8).clamp(1, 4);
        let mut sizes = Vec::with_capacity(self.samples.len() / nth + 1);
        self.each_nth_block(nth, model, coefficients, |begin, _, _, _, values| {
            let used = (begin..).zip(values).filter(|(i, _)| self.used[*i]);
            sizes.extend(used.map(|(i, value)| (self.samples[i] - self.origin - value).abs()));
        })?;
        if sizes.is_empty() {
            return None;
        }
        let middle = sizes.len() / 2;
        let (_, &mut median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
        Some((1.4826 * median).max(libm::sqrt(self.floor)))
    }

    /// Residuals bent by Tukey's biweight that ends at `limit`, and their projections.
    fn bend(&self, model: &Model, coefficients: &[f64], limit: f64) -> Option<Bent> {
        let n = self.samples.len();
        let mut psi = vec![0.0; n];
        let (mut squares, mut slope, mut outliers) = (0.0, 0.0, 0);
        let inverse = 1.0 / (limit * limit);
        let mut moments = Moments::new(model.omega, 0.0);
        self.each_block(model, coefficients, |begin, table, _, _, values| {
            let out = &mut psi[begin..begin + values.len()];
            for (i, (out, value)) in (begin..).zip(out.iter_mut().zip(values)) {
                if !self.used[i] {
                    continue;
                }
                let residual = self.samples[i] - self.origin - value;
                let square = residual * residual * inverse;
                if square < 1.0 {
                    let weight = (1.0 - square) * (1.0 - square);
                    *out = residual * weight;
                    squares += *out * *out;
                    slope += (1.0 - square) * (1.0 - 5.0 * square);
                } else {
                    outliers += 1;
                }
            }
            moments.take(out, table);
        })?;
        let sums = moments.project(model.omega);
        let scale = model.scale();
        let mut scores = Vec::with_capacity(model.len() + 1);
        let mut power = 1.0;
        for sum in sums.powers.iter().take(model.drifts) {
            scores.push(sum / power);
            power *= scale;
        }
        let mut rate = 0.0;
        for (place, &order) in model.orders.iter().enumerate() {
            let at = model.drifts + 2 * place;
            let (a, b) = (coefficients[at], coefficients[at + 1]);
            scores.extend([sums.cos[order - 1], sums.sin[order - 1]]);
            rate += order as f64 * (b * sums.t_cos[order - 1] - a * sums.t_sin[order - 1]);
        }
        for gamma in &model.tones {
            scores.extend(tone(&psi, *gamma));
        }
        scores.push(rate / scale);
        Some(Bent {
            scores,
            squares,
            slope,
            outliers,
        })
    }

    /// Leaves out samples whose fit comes near to where the signal is clipped.
    fn mask_clipped(&mut self, model: &Model, coefficients: &[f64]) -> Option<()> {
        let margin = CLIP_MARGIN * self.noise();
        let (low, high) = (self.clip.0 + margin, self.clip.1 - margin);
        let mut near = Vec::new();
        self.each_block(model, coefficients, |begin, _, _, _, values| {
            let there = (begin..).zip(values);
            near.extend(there.filter_map(|(i, value)| {
                let fitted = value + self.origin;
                (fitted < low || fitted > high).then_some(i)
            }));
        })?;
        for index in near {
            self.used[index] = false;
        }
        (2 * self.n_used() >= self.samples.len()).then_some(())
    }

    /// Standard deviation of the noise of neighbouring samples: third differences of samples in
    /// use, without those beyond four times their median size.
    pub(crate) fn noise(&self) -> f64 {
        let mut squares: Vec<f64> = self
            .samples
            .windows(4)
            .zip(self.used.windows(4))
            .filter(|it| it.1.iter().all(|used| *used))
            .map(|(it, _)| {
                let third = (it[3] - it[0]) - 3.0 * (it[2] - it[1]);
                third * third / 20.0
            })
            .collect();
        if squares.is_empty() {
            return f64::INFINITY;
        }
        let middle = squares.len() / 2;
        let (_, &mut median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
        // The median of χ² with one degree of freedom is 0.4549.
        let limit = 16.0 * median / 0.454_9;
        let sound = squares.iter().filter(|it| **it <= limit);
        let (sum, n) = sound.fold((0.0, 0.0), |(sum, n), it| (sum + it, n + 1.0));
        libm::sqrt((sum / n / TRIMMED_AT_FOUR).max(self.floor))
    }

    fn judge(&self, last: Improved, coefficients: Vec<f64>) -> (Solved, usize) {
        let centred = self.samples.iter().zip(&self.used).filter(|it| *it.1);
        let total = centred
            .map(|(it, _)| (it - self.origin) * (it - self.origin))
            .sum();
        let solved = Solved {
            coefficients,
            squares: last.squares,
            used: self.n_used(),
            residual_var: last.residual_var,
            omega_u: last.phase_u / last.model.scale(),
            model: last.model,
            total,
            origin: self.origin,
        };
        (solved, last.outliers)
    }
}

/// Σ x cos γt and Σ x sin γt, instants counted from the middle.
fn tone(values: &[f64], gamma: f64) -> [f64; 2] {
    let first = -0.5 * (values.len() as f64 - 1.0);
    let (turn_s, turn_c) = libm::sincos(gamma);
    let (mut sums, mut at) = ([0.0; 2], first);
    for block in values.chunks(256) {
        let (mut sine, mut cosine) = libm::sincos(gamma * at);
        for value in block {
            sums[0] += value * cosine;
            sums[1] += value * sine;
            (sine, cosine) = (
                sine * turn_c + cosine * turn_s,
                cosine * turn_c - sine * turn_s,
            );
        }
        at += block.len() as f64;
    }
    sums
}
