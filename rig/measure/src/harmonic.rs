//! Stroke rate of a steady motion by harmonic least squares.

use crate::coarse::coarse_omega;
use crate::gram::Model;
use crate::moments::{DRIFTS, HARMONICS, Moments, Projections, Whole};
use crate::sums::{POWERS, power_sums};
use crate::{Estimate, Event, NotMeasurable};
use core::f64::consts::{PI, TAU};

/// Phases within this of the fit are taken for small, rad: what is neglected is a sixtieth of them.
const LARGEST_PHASE: f64 = 0.1;

/// A mean of a random walk over a stretch scatters about its middle with 1/12 of the variance of
/// a step as long, and such means differ from one stretch to the next with 2/3 of it.
pub(crate) const PHASE_BLUR: f64 = 1.0 / 8.0;

/// What [`harmonic`] is told of a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HarmonicSettings {
    /// Samples a second.
    pub sample_rate_hz: f64,
    /// Smallest step of an indication, nm; the noise is never taken for less than its rounding.
    pub resolution_nm: f64,
    /// Stroke rate to within a tenth of 1/duration, Hz, if known; otherwise it is looked for.
    pub near_hz: Option<f64>,
    /// Lowest and highest stroke rate that is looked for, Hz.
    pub range_hz: (f64, f64),
}

/// One harmonic of a stroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Harmonic {
    /// Its order; 1 is the stroke rate itself.
    pub order: usize,
    /// Coefficient of cos kωt, nm; t counts from the middle of the window.
    pub cos_nm: f64,
    /// Coefficient of sin kωt, nm.
    pub sin_nm: f64,
}

/// A steady motion: rate and shape of its strokes.
#[derive(Clone, Debug, PartialEq)]
pub struct HarmonicFit {
    /// Stroke rate, Hz, as if it had been the same all the time. `n` counts samples.
    pub rate: Estimate,
    /// The harmonics that stand out of the noise, in order.
    pub harmonics: Vec<Harmonic>,
    /// Drift Σ c τᵖ, nm, with τ from −1 to 1 over the window; an offset alone if nothing drifts.
    pub drift_nm: Vec<f64>,
    /// Variance of the residuals, nm².
    pub residual_var: f64,
    /// What third differences of a signal of this shape have in them, nm² (see [`crate::Trace`]).
    pub shape_var: f64,
}

impl HarmonicFit {
    /// Whether the residuals are white noise of the variance that neighbouring samples show:
    /// how many standard deviations the ratio of the two is above one.
    ///
    /// `local_var` is the mean square of third differences over 20, nm²; what the shape itself
    /// puts in is taken off. For white noise both estimate σ²; the residuals' does so with
    /// variance 2σ⁴/N, third differences' with 2.31 times that (1 + 2 (15² + 6² + 1)/20²), so
    /// that the ratio scatters by √(2 · 1.31/N). Whatever the fit leaves that is slower than the
    /// samples raises the ratio: a rate or a top that wanders, hum, drift, coloured noise.
    #[must_use]
    pub fn excess(&self, local_var: f64) -> f64 {
        let local = local_var - self.shape_var;
        let ratio = self.residual_var / local;
        if local > 0.0 {
            (ratio - 1.0) / libm::sqrt(2.62 / self.rate.n.max(1) as f64)
        } else {
            f64::INFINITY
        }
    }
}

/// Fits Σ c_p τᵖ + Σ (a_k cos kωt + b_k sin kωt) to an evenly sampled displacement, nm, all of
/// whose samples are sound.
///
/// Gauss-Newton in ω with the linear coefficients eliminated; instants count from the middle of
/// the window, so that the Gram matrix is a table of Dirichlet sums and only projections touch
/// the samples. Harmonics 1 to 16 below 0.9 of half the sample rate are fitted, then those with
/// N A²/(2 s²) > 2 ln N kept (the Bayesian information criterion for two coefficients), and an
/// offset or a cubic drift by the same criterion. u(ω)² = s²/(d'd − d'X (X'X)⁻¹ X'd), d being the
/// derivative by ω. It meets the Cramér-Rao bound to 2 % from five strokes up (the table of
/// `examples/efficiency.rs`).
///
/// The rate is that of a motion at constant speed. Whether it was is for [`crate::stroke_rate`].
///
/// # Errors
/// [`NotMeasurable::NotFinite`]; [`NotMeasurable::WindowTooShort`] below 64 samples;
/// [`NotMeasurable::NotPeriodic`] if no rate in the range stands out.
pub fn harmonic(
    samples: &[f64],
    settings: &HarmonicSettings,
) -> Result<HarmonicFit, NotMeasurable> {
    check(samples, settings)?;
    let per_hz = TAU / settings.sample_rate_hz;
    let floor = settings.resolution_nm * settings.resolution_nm / 12.0;
    let solved = match settings.near_hz {
        Some(near) => refined(samples, near * per_hz, floor),
        None => {
            let (low, high) = settings.range_hz;
            let omega = coarse_omega(samples, low * per_hz, high * per_hz)?;
            octave(samples, omega, (low * per_hz, high * per_hz), floor)
        }
    };
    solved
        .filter(|it| it.stands_out())
        .map(|it| it.fit(settings.sample_rate_hz))
        .ok_or(NotMeasurable::NotPeriodic)
}

pub(crate) fn check(samples: &[f64], settings: &HarmonicSettings) -> Result<(), NotMeasurable> {
    let numbers = [
        settings.sample_rate_hz,
        settings.range_hz.0,
        settings.range_hz.1,
    ];
    let sound = numbers.iter().all(|it| it.is_finite() && *it > 0.0)
        && settings.resolution_nm.is_finite()
        && settings.near_hz.is_none_or(|it| it.is_finite() && it > 0.0);
    // A sample beyond 1e15 nm is no displacement, and its square would leave the numbers.
    if !sound || samples.iter().any(|it| it.is_nan() || it.abs() > 1e15) {
        return Err(NotMeasurable::NotFinite);
    }
    if samples.len() < 64 {
        return Err(NotMeasurable::WindowTooShort {
            needed_s: 64.0 / settings.sample_rate_hz,
            observed_s: samples.len() as f64 / settings.sample_rate_hz,
        });
    }
    Ok(())
}

/// Phases of the blocks of a capture's window against its fit, as events in samples; nothing if
/// they wander so far that they are no longer small, or if the window was not kept.
pub(crate) fn phases(whole: &Whole, solved: &Solved, noise_var: f64) -> Option<Vec<Event>> {
    let moments = match whole {
        Whole::Unknown => return None,
        Whole::Samples(samples) => &Moments::of(samples, solved.model.omega, solved.origin)?,
        Whole::Moments(moments) => moments,
    };
    solved.phases(moments, noise_var)
}

/// The fit of a capture's window near a rate, rad/sample; nothing if the window was not kept or
/// its rate is not that of its demodulation.
pub(crate) fn of_window(whole: &Whole, omega: f64, resolution: f64) -> Option<Solved> {
    let floor = resolution * resolution / 12.0;
    match whole {
        Whole::Samples(samples) if samples.len() >= 64 => refined(samples, omega, floor),
        Whole::Unknown | Whole::Samples(_) => None,
        Whole::Moments(moments) => {
            let solved = selected(moments, omega, floor)?;
            // What demodulation neglects stays far below the noise: 1e-3 rad at a block's end is
            // 1.7e-7 of the amplitude.
            (moments.reach(solved.model.omega) < 1e-3).then_some(solved)
        }
    }
    .filter(Solved::stands_out)
}

/// Share of the power that must lie between the lines of a rate for half or a third of it to be
/// taken: a tenth of the amplitude. Hum at half the stroke rate and strokes that differ from each
/// other put less there; a fundamental weaker than a tenth of the stroke is not recognised.
const BETWEEN: f64 = 0.01;

/// The rate or, by the Bayesian information criterion and if enough lies between its lines, a half
/// or a third of it; or twice the rate, if nothing lies on its odd harmonics.
fn octave(samples: &[f64], omega: f64, (low, high): (f64, f64), floor: f64) -> Option<Solved> {
    let try_at = |part: f64| {
        Some(omega * part)
            .filter(|it| (low..=high).contains(it))
            .and_then(|it| refined(samples, it, floor))
    };
    let mut best = try_at(1.0);
    for divisor in [2, 3] {
        let slower = try_at(1.0 / divisor as f64).filter(|it| it.between(divisor) > BETWEEN);
        best = match (best, slower) {
            (Some(a), Some(b)) if b.information() < a.information() => Some(b),
            (None, b) => b,
            (a, _) => a,
        };
    }
    match best {
        // The fundamental itself is always fitted; noise alone puts less than this in it.
        Some(it) if it.between(2) < BETWEEN * BETWEEN => try_at(2.0).or(Some(it)),
        other => other,
    }
}

/// A fit whose demodulation is at its own rate.
fn refined(samples: &[f64], omega: f64, floor: f64) -> Option<Solved> {
    let origin = samples.iter().sum::<f64>() / samples.len() as f64;
    let moments = Moments::of(samples, omega, origin)?;
    let mut solved = selected(&moments, omega, floor)?;
    let mut reach = moments.reach(solved.model.omega);
    for _ in 0..6 {
        if reach < 1e-5 {
            return Some(solved);
        }
        if reach > 0.3 {
            return None;
        }
        let omega = solved.model.omega;
        let moments = Moments::of(samples, omega, origin)?;
        // The first demodulation may have been too far off to tell what stands out.
        solved = if reach > 1e-2 {
            selected(&moments, omega, floor)?
        } else {
            solve(&moments, solved.model, solved.coefficients, floor, STEPS)?
        };
        reach = moments.reach(solved.model.omega);
    }
    Some(solved)
}

/// Harmonics and drift chosen, and fitted again.
fn selected(moments: &Moments, omega: f64, floor: f64) -> Option<Solved> {
    let n = moments.n;
    if n < 64 {
        return None;
    }
    // Truncation is meant: whole harmonics. A tenth of the samples may go into coefficients.
    let by_rate = (0.9 * PI / omega) as usize;
    let highest = HARMONICS.min(by_rate).min(n / 24);
    let model = Model {
        n,
        omega,
        drifts: DRIFTS,
        orders: (1..=highest).collect(),
        tones: Vec::new(),
    };
    // One step is enough to see what stands out: the rate is near.
    let full = solve(moments, model, Vec::new(), floor, 1)?;
    let log_n = libm::log(n as f64);
    let kept = |&order: &usize| {
        let [a, b] = full.harmonic(order);
        let power = n as f64 * (a * a + b * b) / (2.0 * full.residual_var);
        order == 1 || power > 2.0 * log_n
    };
    let orders: Vec<usize> = full.model.orders.iter().copied().filter(kept).collect();
    let with = |drifts, omega| Model {
        drifts,
        orders: orders.clone(),
        omega,
        ..full.model.clone()
    };
    let waves: Vec<f64> = orders.iter().flat_map(|it| full.harmonic(*it)).collect();
    let start = |drifts: usize| [&full.coefficients[..drifts], &waves].concat();
    let level = solve(moments, with(1, full.model.omega), start(1), floor, STEPS)?;
    // Drift moves the rate by little: at the rate of the level fit both compare fairly.
    let drifting = with(DRIFTS, level.model.omega);
    let drifting = solve(moments, drifting, start(DRIFTS), floor, 1)?;
    let gain = (level.squares - drifting.squares) / drifting.residual_var;
    if gain > (DRIFTS - 1) as f64 * log_n {
        solve(moments, drifting.model, drifting.coefficients, floor, STEPS)
    } else {
        Some(level)
    }
}

/// A solved model.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    pub(crate) model: Model,
    pub(crate) coefficients: Vec<f64>,
    /// Sum of squares of the residuals.
    pub(crate) squares: f64,
    /// Samples that were fitted.
    pub(crate) used: usize,
    pub(crate) residual_var: f64,
    /// Standard uncertainty of the fundamental, rad/sample.
    pub(crate) omega_u: f64,
    /// Power of the signal about its mean, sum of squares.
    pub(crate) total: f64,
    /// What was taken off every sample.
    pub(crate) origin: f64,
}

/// Steps within which a fit converges or never will.
const STEPS: usize = 12;

/// Solves a model by Gauss-Newton from some coefficients, or none, in so many steps at most;
/// nothing if its columns cannot be told apart, or if it has not converged in [`STEPS`].
fn solve(
    moments: &Moments,
    mut model: Model,
    mut coefficients: Vec<f64>,
    floor: f64,
    steps: usize,
) -> Option<Solved> {
    let scale = model.scale();
    for done in 1..=steps {
        let sums = moments.project(model.omega);
        let right = right_side(&model, &sums);
        if coefficients.is_empty() {
            let factor = model.gram(&[]).cholesky(model.len())?;
            coefficients = factor.solve(&right);
        }
        let gram = model.gram(&coefficients);
        let factor = gram.cholesky(model.len() + 1)?;
        let slope = slope_side(&model, &sums, &coefficients);
        coefficients = factor.solve(&right);
        let last = model.len();
        let explained: f64 = right.iter().zip(&coefficients).map(|(a, b)| a * b).sum();
        let met: f64 = (0..last).map(|j| gram.get(last, j) * coefficients[j]).sum();
        let squares = (moments.squares - explained).max(0.0);
        let dof = (moments.n - last).saturating_sub(1).max(1) as f64;
        let residual_var = (squares / dof).max(floor);
        let phase_u = libm::sqrt(residual_var / factor.last());
        let step = (slope - met) / factor.last();
        let solved = Solved {
            coefficients: coefficients.clone(),
            squares,
            used: moments.n,
            residual_var,
            omega_u: phase_u / scale,
            total: moments.squares - sums.powers[0] * sums.powers[0] / moments.n as f64,
            origin: moments.origin,
            model: model.clone(),
        };
        if !(step.is_finite() && phase_u.is_finite()) {
            return None;
        }
        // Without noise the uncertainty is that of rounding; a step below 1e-13 of a turn is none.
        // What is left after a step of a hundredth of the uncertainty is of second order.
        if step.abs() < (1e-2 * phase_u).max(1e-12) || (done == steps && steps < STEPS) {
            return Some(solved.moved(step.clamp(-0.5, 0.5) / scale));
        }
        // Never by more than half a radian at the ends of the window at a time.
        model.omega += step.clamp(-0.5, 0.5) / scale;
    }
    None
}

fn right_side(model: &Model, sums: &Projections) -> Vec<f64> {
    let scale = model.scale();
    let mut power = 1.0;
    let mut right = Vec::with_capacity(model.len());
    for sum in sums.powers.iter().take(model.drifts) {
        right.push(sum / power);
        power *= scale;
    }
    for &order in &model.orders {
        right.extend([sums.cos[order - 1], sums.sin[order - 1]]);
    }
    right
}

/// Projection on the derivative by the fundamental's phase at the end of the window.
fn slope_side(model: &Model, sums: &Projections, coefficients: &[f64]) -> f64 {
    let pairs = coefficients[model.drifts..].chunks_exact(2);
    let sum: f64 = model
        .orders
        .iter()
        .zip(pairs)
        .map(|(&k, it)| k as f64 * (it[1] * sums.t_cos[k - 1] - it[0] * sums.t_sin[k - 1]))
        .sum();
    sum / model.scale()
}

impl Solved {
    /// With the rate moved by a last step.
    fn moved(mut self, by: f64) -> Self {
        self.model.omega += by;
        self
    }

    fn harmonic(&self, order: usize) -> [f64; 2] {
        let place = self.model.orders.iter().position(|it| *it == order);
        place.map_or([0.0, 0.0], |it| {
            let at = self.model.drifts + 2 * it;
            [self.coefficients[at], self.coefficients[at + 1]]
        })
    }

    /// Phase of each block against the fit: how far its samples lie along the derivative of the
    /// fit, which is what a matched filter for a small shift gives.
    fn phases(&self, moments: &Moments, noise_var: f64) -> Option<Vec<Event>> {
        let (model, omega) = (&self.model, self.model.omega);
        let mut sums: Vec<[f64; POWERS]> = Vec::new();
        let mut length = 0;
        let mut events = Vec::new();
        let mut highest = 0.0_f64;
        for block in moments.blocks_at(omega) {
            if block.len != length {
                length = block.len;
                sums = (0..=2 * HARMONICS)
                    .map(|k| power_sums(length, k as f64 * omega))
                    .collect();
            }
            // Coefficients of the waves, instants counted from the block's middle.
            let waves: Vec<(usize, f64, f64)> = model
                .orders
                .iter()
                .map(|&k| {
                    let [a, b] = self.harmonic(k);
                    let (sine, cosine) = libm::sincos(k as f64 * omega * block.centre);
                    (k, a * cosine + b * sine, b * cosine - a * sine)
                })
                .collect();
            let (level, slope) = self.drift_at(block.centre);
            let (mut score, mut power) = (0.0, 0.0);
            for &(k, a, b) in &waves {
                let order = k as f64;
                let [still, first, ..] = sums[k];
                score += order * (b * block.cos[k - 1] - a * block.sin[k - 1]);
                score -= order * (b * level * still - a * slope * first);
                for &(l, other_a, other_b) in &waves {
                    let (minus, plus) = (sums[k.abs_diff(l)][0], sums[k + l][0]);
                    let (cosines, sines) = (0.5 * (minus + plus), 0.5 * (minus - plus));
                    score -= order * (b * other_a * cosines - a * other_b * sines);
                    power += order * l as f64 * (b * other_b * cosines + a * other_a * sines);
                }
            }
            highest = highest.max(power);
            // A last block that is nearly empty or has no slope says nothing.
            if power < 0.1 * highest {
                continue;
            }
            let phase = score / power;
            if phase.is_nan() || phase.abs() > LARGEST_PHASE {
                return None;
            }
            events.push(Event {
                turns: (omega * block.centre + phase) / TAU,
                at: block.centre,
                u: libm::sqrt(noise_var / power) / omega,
                blur: PHASE_BLUR * omega * length as f64 / TAU,
            });
        }
        Some(events)
    }

    /// Drift and its slope at an instant.
    fn drift_at(&self, t: f64) -> (f64, f64) {
        let (tau, scale) = (t / self.model.scale(), self.model.scale());
        let (mut level, mut slope) = (0.0, 0.0);
        for coefficient in self.coefficients[..self.model.drifts].iter().rev() {
            slope = slope * tau + level;
            level = level * tau + coefficient;
        }
        (level, slope / scale)
    }

    /// Bayesian information criterion, as twice the negative logarithm.
    pub(crate) fn information(&self) -> f64 {
        let n = self.used as f64;
        n * libm::log(self.residual_var) + (self.model.len() + 1) as f64 * libm::log(n)
    }

    /// Share of the power in harmonics that are no multiples of `divisor`.
    fn between(&self, divisor: usize) -> f64 {
        let power = |&order: &usize| {
            let [a, b] = self.harmonic(order);
            a * a + b * b
        };
        let orders = self.model.orders.iter();
        let all: f64 = orders.clone().map(power).sum();
        let others: f64 = orders.filter(|it| *it % divisor != 0).map(power).sum();
        others / all
    }

    /// A periodic motion explains most of what there is, and timing is better than a tenth of a
    /// turn over the window.
    pub(crate) fn stands_out(&self) -> bool {
        let turns_u = self.omega_u * self.model.n as f64 / TAU;
        self.squares < 0.5 * self.total && turns_u < 0.1
    }

    pub(crate) fn fit(&self, sample_rate_hz: f64) -> HarmonicFit {
        let per_omega = sample_rate_hz / TAU;
        let harmonics: Vec<Harmonic> = self
            .model
            .orders
            .iter()
            .map(|&order| {
                let [cos_nm, sin_nm] = self.harmonic(order);
                Harmonic {
                    order,
                    cos_nm,
                    sin_nm,
                }
            })
            .collect();
        // Third differences pass a wave of γ with gain (2 sin γ/2)³.
        let shape_var = harmonics
            .iter()
            .map(|it| {
                let gain = 2.0 * libm::sin(0.5 * it.order as f64 * self.model.omega);
                let power = 0.5 * (it.cos_nm * it.cos_nm + it.sin_nm * it.sin_nm);
                power * libm::pow(gain, 6.0) / 20.0
            })
            .sum();
        HarmonicFit {
            rate: Estimate {
                value: self.model.omega * per_omega,
                u: self.omega_u * per_omega,
                dof: self.used.saturating_sub(self.model.len() + 1).max(1) as f64,
                n: self.used,
            },
            harmonics,
            drift_nm: self.coefficients[..self.model.drifts].to_vec(),
            residual_var: self.residual_var,
            shape_var,
        }
    }
}
