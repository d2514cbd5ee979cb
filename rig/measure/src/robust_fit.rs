//! Least squares with outliers bent, over the samples that are indications: what
//! [`crate::harmonic_robust`] rests on.

use crate::bend::{Bending, add_tone};
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
pub(crate) struct Work {
    /// Samples less their mean; NaN where they are not in use.
    pub(crate) samples: Vec<f64>,
    pub(crate) used: usize,
    pub(crate) missing: usize,
    /// Where the signal is clipped, less the mean.
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
    /// Where the biweight ended.
    limit: f64,
}

/// How a model is improved.
struct Effort {
    /// Steps at most, and how small the last may be in standard uncertainties of the rate.
    most: usize,
    enough: f64,
    /// Where the biweight ends in the first step, and after how many steps it is found anew.
    limit: f64,
    scales: usize,
    /// The first steps, and of how many blocks they look at one.
    thin: usize,
    nth: usize,
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

impl Work {
    pub(crate) fn new(
        samples: &[f64],
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
        let in_use = |it: &usize| sound_at(*it) && samples[*it] > clip.0 && samples[*it] < clip.1;
        let (sum, used) = (0..samples.len())
            .filter(in_use)
            .fold((0.0, 0), |(sum, n), it| (sum + samples[it], n + 1));
        if 2 * used < samples.len() {
            return Err(NotMeasurable::NotPeriodic);
        }
        let origin = sum / used as f64;
        let centred = |it: usize| {
            if in_use(&it) {
                samples[it] - origin
            } else {
                f64::NAN
            }
        };
        let per_hz = TAU / settings.signal.sample_rate_hz;
        Ok(Self {
            samples: (0..samples.len()).map(centred).collect(),
            used,
            missing,
            clip: (clip.0 - origin, clip.1 - origin),
            origin,
            floor: settings.signal.resolution_nm * settings.signal.resolution_nm / 12.0,
            tones: settings.hum_hz.iter().map(|it| it * per_hz).collect(),
        })
    }

    /// The record with its mean where samples are left out, for the coarse search alone.
    pub(crate) fn filled(&self) -> Vec<f64> {
        let or_mean = |it: &f64| if it.is_nan() { 0.0 } else { *it };
        self.samples.iter().map(or_mean).collect()
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
        let nth = self.part();
        let start = self.bend(nth, &few, &vec![0.0; few.len()], f64::INFINITY)?;
        let mut coefficients = factor.solve(&start.scores[..few.len()]);
        let first = Effort {
            most: 3,
            enough: 0.1,
            limit: f64::INFINITY,
            // The size of the residuals hardly changes after that.
            scales: 2,
            thin: 4,
            nth,
        };
        let few = self.improve(few, &mut coefficients, &first)?.model;
        if self.clip.0 > f64::NEG_INFINITY || self.clip.1 < f64::INFINITY {
            self.mask_clipped(&few, &coefficients)?;
        }
        let full = model(few.omega, (1..=highest).collect());
        let mut wide = vec![0.0; full.len()];
        let shared = few.drifts + 2 * few.orders.len();
        wide[..shared].copy_from_slice(&coefficients[..shared]);
        let tones = wide.len() - 2 * self.tones.len();
        wide[tones..].copy_from_slice(&coefficients[shared..]);
        let second = Effort {
            most: 1,
            thin: 1,
            ..first
        };
        let seen = self.improve(full, &mut wide, &second)?;
        let full = seen.model;
        let log_n = libm::log(self.used as f64);
        let kept: Vec<usize> = (0..full.orders.len())
            .filter(|it| {
                let [a, b] = [wide[DRIFTS + 2 * it], wide[DRIFTS + 2 * it + 1]];
                let power = self.used as f64 * (a * a + b * b) / (2.0 * seen.residual_var);
                *it == 0 || power > 2.0 * log_n
            })
            .collect();
        let mut narrow: Vec<f64> = wide[..DRIFTS].to_vec();
        for place in &kept {
            narrow.extend_from_slice(&wide[DRIFTS + 2 * place..DRIFTS + 2 * place + 2]);
        }
        narrow.extend_from_slice(&wide[tones..]);
        let last = model(full.omega, kept.iter().map(|it| it + 1).collect());
        // No column is new: the size of the residuals is nearly known.
        let third = Effort {
            most: 8,
            enough: 1e-2,
            limit: seen.limit,
            scales: 1,
            thin: 0,
            nth: 1,
        };
        let last = self.improve(last, &mut narrow, &third)?;
        Some(self.judge(last, narrow))
    }

    /// Steps until the rate moves by little. The matrix is that of the first step, which bends
    /// nothing if the model has columns new to it: what they have yet to explain looks like
    /// outliers.
    fn improve(
        &self,
        mut model: Model,
        coefficients: &mut [f64],
        effort: &Effort,
    ) -> Option<Improved> {
        let factor = self.gram(&model, coefficients).cholesky(model.len() + 1)?;
        let n = self.used as f64;
        let mut limit = effort.limit;
        for pass in 0..=effort.most {
            let nth = if pass < effort.thin { effort.nth } else { 1 };
            let bent = self.bend(nth, &model, coefficients, limit)?;
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
            let is_near = phase.abs() < (effort.enough * phase_u).max(1e-12);
            if pass == effort.most || (limit.is_finite() && pass > 0 && is_near) {
                return Some(Improved {
                    model,
                    residual_var,
                    phase_u,
                    squares: bent.squares,
                    outliers: bent.outliers,
                    limit,
                });
            }
            if pass < effort.scales {
                limit = BIWEIGHT * self.scale(&model, coefficients)?;
            }
        }
        None
    }

    /// Gram matrix over the samples in use: that of all less that of those left out.
    fn gram(&self, model: &Model, coefficients: &[f64]) -> Matrix {
        let mut gram = model.gram(coefficients);
        let middle = 0.5 * (self.samples.len() as f64 - 1.0);
        let left_out = (0..self.samples.len()).filter(|it| self.samples[*it].is_nan());
        let mut rows = [const { Vec::new() }; 4];
        let mut full = 0;
        for index in left_out {
            model.row(index as f64 - middle, coefficients, &mut rows[full]);
            full += 1;
            if full == rows.len() {
                gram.take_off_four([&rows[0], &rows[1], &rows[2], &rows[3]]);
                full = 0;
            }
        }
        for row in &rows[..full] {
            gram.add_outer(-1.0, row);
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
        let mut values = vec![0.0; whole.len()];
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
            table.synthesize(&even, &odd, values);
            self.add_slow(model, coefficients, begin, values);
            take(begin, table, &even, &odd, values);
            begin += length + (nth - 1) * whole.len();
        }
        Some(())
    }

    /// Adds drift and hum.
    fn add_slow(&self, model: &Model, coefficients: &[f64], begin: usize, values: &mut [f64]) {
        let step = 1.0 / model.scale();
        let first = begin as f64 - 0.5 * (self.samples.len() as f64 - 1.0);
        let mut drift = [0.0; DRIFTS];
        for (drift, coefficient) in drift.iter_mut().zip(&coefficients[..model.drifts]) {
            *drift = *coefficient;
        }
        let [level, slope, bend, twist] = drift;
        for (i, value) in (0_u32..).zip(values.iter_mut()) {
            let tau = (first + f64::from(i)) * step;
            *value += level + tau * (slope + tau * (bend + tau * twist));
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

    /// Of how many blocks of a long record one is enough to see the size of things.
    fn part(&self) -> usize {
        (self.samples.len() / 2_000 / 8).clamp(1, 4)
    }

    /// Standard deviation of the residuals by their median, never below rounding.
    fn scale(&self, model: &Model, coefficients: &[f64]) -> Option<f64> {
        // The median of 2,000 is good to 3 %.
        let nth = self.part();
        let mut sizes = Vec::with_capacity(self.samples.len() / nth + 1);
        self.each_nth_block(nth, model, coefficients, |begin, _, _, _, values| {
            let pairs = self.samples[begin..].iter().zip(values);
            let residuals = pairs.map(|(it, value)| (it - value).abs());
            sizes.extend(residuals.filter(|it| !it.is_nan()));
        })?;
        if sizes.is_empty() {
            return None;
        }
        let middle = sizes.len() / 2;
        let (_, &mut median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
        Some((1.4826 * median).max(libm::sqrt(self.floor)))
    }

    /// Residuals bent by Tukey's biweight that ends at `limit`, and their projections; of one
    /// block in so many, scaled up to all.
    fn bend(&self, nth: usize, model: &Model, coefficients: &[f64], limit: f64) -> Option<Bent> {
        let mut bending = Bending::up_to(limit);
        let mut moments = Moments::new(model.omega, 0.0);
        let (mut psi, mut folded) = (Vec::new(), Vec::new());
        let mut tones = vec![[0.0; 2]; model.tones.len()];
        let middle = 0.5 * (self.samples.len() as f64 - 1.0);
        let mut looked_at = 0;
        self.each_nth_block(nth, model, coefficients, |begin, table, _, _, values| {
            let samples = &self.samples[begin..begin + values.len()];
            if nth > 1 {
                looked_at += samples.iter().filter(|it| !it.is_nan()).count();
                moments.skip(begin - moments.n);
            }
            bending.bend(samples, values, &mut psi);
            moments.take_in(&psi, table, &mut folded);
            for (gamma, sums) in model.tones.iter().zip(&mut tones) {
                add_tone(&psi, *gamma, begin as f64 - middle, sums);
            }
        })?;
        moments.skip(self.samples.len() - moments.n);
        let looked_at = if nth > 1 { looked_at } else { self.used };
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
        scores.extend(tones.iter().flatten());
        scores.push(rate / scale);
        let share = self.used as f64 / looked_at as f64;
        for score in &mut scores {
            *score *= share;
        }
        Some(Bent {
            scores,
            squares: bending.squares() * share,
            slope: bending.slope() * share,
            // Truncation is exact: a whole number.
            outliers: looked_at - bending.inside() as usize,
        })
    }

    /// Leaves out samples whose fit comes near to where the signal is clipped.
    fn mask_clipped(&mut self, model: &Model, coefficients: &[f64]) -> Option<()> {
        let margin = CLIP_MARGIN * self.noise();
        let (low, high) = (self.clip.0 + margin, self.clip.1 - margin);
        let mut near = Vec::new();
        self.each_block(model, coefficients, |begin, _, _, _, values| {
            let there = (begin..).zip(values);
            near.extend(
                there.filter_map(|(i, value)| (*value < low || *value > high).then_some(i)),
            );
        })?;
        for index in near {
            self.samples[index] = f64::NAN;
        }
        self.used = self.samples.iter().filter(|it| !it.is_nan()).count();
        (2 * self.used >= self.samples.len()).then_some(())
    }

    /// Standard deviation of the noise of neighbouring samples: third differences of samples in
    /// use, without those beyond four times their median size.
    pub(crate) fn noise(&self) -> f64 {
        let mut squares: Vec<f64> = self
            .samples
            .windows(4)
            .map(|it| {
                let third = (it[3] - it[0]) - 3.0 * (it[2] - it[1]);
                third * third / 20.0
            })
            .filter(|it| !it.is_nan())
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
        let in_use = self.samples.iter().filter(|it| !it.is_nan());
        let total = in_use.map(|it| it * it).sum();
        let solved = Solved {
            coefficients,
            squares: last.squares,
            used: self.used,
            residual_var: last.residual_var,
            omega_u: last.phase_u / last.model.scale(),
            model: last.model,
            total,
            origin: self.origin,
        };
        (solved, last.outliers)
    }
}
