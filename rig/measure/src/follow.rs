//! The phase of one stroke's worth of samples against a fitted motion.

use crate::moments::{HARMONICS, Table};

/// A stroke's worth of samples and what the fit makes of them.
pub(crate) struct Stretch<'a> {
    pub(crate) table: &'a Table,
    /// Coefficients of the waves about the stretch's middle.
    pub(crate) even: &'a [f64; HARMONICS],
    pub(crate) odd: &'a [f64; HARMONICS],
    /// Samples, NaN where they are not in use, and the fit's values, drift and hum included.
    pub(crate) samples: &'a [f64],
    pub(crate) values: &'a [f64],
    /// Standard deviation of the noise.
    pub(crate) noise: f64,
}

/// Where a stretch is against the fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Followed {
    /// Phase of the fundamental beyond the fit's, rad.
    pub(crate) phase: f64,
    /// Σ of the squared derivative by phase over the samples in use.
    pub(crate) power: f64,
    /// Mean place of the samples weighted by it, from the stretch's first.
    pub(crate) place: f64,
}

/// Room for the work.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    sizes: Vec<f64>,
    fitted: Vec<f64>,
    slopes: Vec<f64>,
    slow: Vec<f64>,
}

/// Turns within which a phase is found or never will be.
const TURNS: usize = 8;
/// A step this small, rad, is the last: what it neglects is a hundredth of it.
const SMALL_STEP: f64 = 0.02;
/// No step is larger, rad.
const LARGEST_STEP: f64 = 0.3;

impl Follower {
    /// Turns the fit, from a phase on, until what is left of the samples does not lie along its
    /// derivative; what lies further than `ends` standard deviations off weighs nothing (Tukey's
    /// biweight). Nothing if no sample in use has a slope.
    pub(crate) fn follow(&mut self, it: &Stretch<'_>, from: f64, ends: f64) -> Option<Followed> {
        self.fitted.resize(it.values.len(), 0.0);
        self.slopes.resize(it.values.len(), 0.0);
        let fitted = &mut self.fitted;
        it.table.synthesize(it.even, it.odd, fitted);
        // Drift and hum: what the fit has beyond its waves.
        self.slow.clear();
        let pairs = it.values.iter().zip(&self.fitted);
        self.slow.extend(pairs.map(|(value, waves)| value - waves));
        let mut found = Followed {
            phase: from,
            power: 0.0,
            place: 0.0,
        };
        let mut limit = 0.0;
        for turn in 0..TURNS {
            self.turn(it, found.phase);
            // The fit may be far off at first, and is not after the second turn.
            if turn < 2 {
                limit = ends * self.scale(it)?.max(it.noise);
            }
            let step = self.step(it, limit, &mut found)?;
            found.phase += step.clamp(-LARGEST_STEP, LARGEST_STEP);
            if step.abs() < SMALL_STEP {
                break;
            }
        }
        Some(found)
    }

    /// Waves and their derivative, turned by a phase.
    fn turn(&mut self, it: &Stretch<'_>, phase: f64) {
        let (mut cos, mut sin) = ([0.0; HARMONICS], [0.0; HARMONICS]);
        let (mut d_cos, mut d_sin) = ([0.0; HARMONICS], [0.0; HARMONICS]);
        for k in 0..HARMONICS {
            if it.even[k] == 0.0 && it.odd[k] == 0.0 {
                continue;
            }
            let order = (k + 1) as f64;
            let (s, c) = libm::sincos(order * phase);
            cos[k] = it.even[k] * c + it.odd[k] * s;
            sin[k] = it.odd[k] * c - it.even[k] * s;
            // The derivative of a cos + b sin is k (b cos − a sin).
            (d_cos[k], d_sin[k]) = (order * sin[k], -order * cos[k]);
        }
        let table = it.table;
        table.synthesize(&cos, &sin, &mut self.fitted);
        table.synthesize(&d_cos, &d_sin, &mut self.slopes);
    }

    /// Standard deviation of the residuals by their median.
    fn scale(&mut self, it: &Stretch<'_>) -> Option<f64> {
        self.sizes.clear();
        let all = 0..it.values.len();
        let residuals = all.map(|i| (it.samples[i] - self.slow[i] - self.fitted[i]).abs());
        self.sizes.extend(residuals.filter(|it| !it.is_nan()));
        let half = self.sizes.len() / 2;
        if self.sizes.is_empty() {
            return None;
        }
        let (_, &mut median, _) = self.sizes.select_nth_unstable_by(half, f64::total_cmp);
        Some(1.4826 * median)
    }

    fn step(&self, it: &Stretch<'_>, limit: f64, found: &mut Followed) -> Option<f64> {
        let (mut score, mut bent, mut power, mut place) = (0.0, 0.0, 0.0, 0.0);
        for i in (0..it.values.len()).filter(|i| !it.samples[*i].is_nan()) {
            let slope = self.slopes[i];
            let residual = it.samples[i] - self.slow[i] - self.fitted[i];
            let share = (residual / limit) * (residual / limit);
            if share < 1.0 {
                score += residual * (1.0 - share) * (1.0 - share) * slope;
                bent += (1.0 - share) * (1.0 - 5.0 * share) * slope * slope;
            }
            power += slope * slope;
            place += slope * slope * i as f64;
        }
        (found.power, found.place) = (power, place / power);
        let step = score / bent.max(0.2 * power);
        step.is_finite().then_some(step)
    }
}
