//! Stroke rate of a record with gaps, clipping, drift, hum and outliers.

use crate::coarse::coarse_omega;
use crate::follow::{Followed, Follower, Stretch};
use crate::harmonic::{HarmonicFit, HarmonicSettings, PHASE_BLUR, Solved, check};
use crate::rate::{RateMethod, chosen};
use crate::robust_fit::{BIWEIGHT, Work};
use crate::{Estimate, Event, NotMeasurable, Smoothed, smoothed};
use core::f64::consts::TAU;

/// What [`harmonic_robust`] is told beyond [`HarmonicSettings`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobustSettings<'a> {
    /// What [`crate::harmonic`] is told.
    pub signal: HarmonicSettings,
    /// Frequencies of hum to fit along, Hz: 50, 60, or none.
    pub hum_hz: &'a [f64],
    /// Lowest and highest indication, nm; a sample at either end is clipped.
    pub range_nm: (f64, f64),
}

/// A rate from a troubled record, and what was left out.
#[derive(Clone, Debug, PartialEq)]
pub struct RobustRate {
    /// Mean rate between the first and the last stroke's worth of samples, Hz. `n` counts samples.
    pub estimate: Estimate,
    /// Which of the two below it is.
    pub method: RateMethod,
    /// The motion as if it was steady. Its residual variance is that of the samples in use.
    pub fit: HarmonicFit,
    /// Phases of a stroke's worth of samples each against the fit, smoothed; in seconds.
    pub smoothed: Smoothed,
    /// Standard deviations by which the residuals exceed the noise of neighbouring samples.
    pub excess: f64,
    /// Samples that were no indication to begin with.
    pub missing: usize,
    /// Samples left out as clipped, or as so near to where it clips that noise decides.
    pub clipped: usize,
    /// Samples whose weight is zero: further than six standard deviations from the motion.
    pub outliers: usize,
    /// Amplitude of the hum at each frequency asked for, nm.
    pub hum_nm: Vec<f64>,
}

/// Its variance on Gaussian noise over that of least squares: E ψ²/(E ψ')².
const BIWEIGHT_VARIANCE: f64 = 1.019_336;
/// A stroke's phase further from that of the one before is not followed, rad.
const LARGEST_STEP: f64 = 0.5;

/// As [`crate::harmonic`], for a record in which samples may be missing (`sound` false), clipped,
/// far off, or moved by a drift or hum.
///
/// Missing and clipped samples are left out, never filled in; a cubic drift and hum are columns of
/// the fit; Tukey's biweight leaves outliers out. Each step solves with the Gram matrix of all
/// samples less that of those left out (Huber's pseudo-values: residuals are bent and the matrix
/// stays), so that a step costs two passes and no matrix over the samples.
/// Phases of each stroke's worth of samples go through [`smoothed`], and the value is chosen as
/// [`crate::stroke_rate`] does, so that a rate that wanders is seen.
///
/// # Errors
/// As [`crate::harmonic`]; [`NotMeasurable::NotPeriodic`] also if more than half of the samples
/// are left out, or if hum cannot be told from a harmonic; [`NotMeasurable::Unsteady`] if the
/// motion cannot be followed from one stroke to the next.
pub fn harmonic_robust(
    samples: &[f64],
    sound: &[bool],
    settings: &RobustSettings<'_>,
) -> Result<RobustRate, NotMeasurable> {
    check(samples, &settings.signal)?;
    let mut work = Work::new(samples, sound, settings)?;
    let per_hz = TAU / settings.signal.sample_rate_hz;
    let (low, high) = settings.signal.range_hz;
    let omega = match settings.signal.near_hz {
        Some(near) => near * per_hz,
        None => coarse_omega(&work.filled(), low * per_hz, high * per_hz)?,
    };
    let (solved, outliers) = work.solve(omega).ok_or(NotMeasurable::NotPeriodic)?;
    if !solved.stands_out() {
        return Err(NotMeasurable::NotPeriodic);
    }
    work.report(&solved, outliers, settings)
}

impl Work {
    fn report(
        &self,
        solved: &Solved,
        outliers: usize,
        settings: &RobustSettings<'_>,
    ) -> Result<RobustRate, NotMeasurable> {
        let per_s = settings.signal.sample_rate_hz;
        let model = &solved.model;
        let fit = solved.fit(per_s);
        let noise = self.noise();
        let events = self.events(solved, noise, per_s)?;
        let smoothed = smoothed(&events)?;
        // Bending lets a little more of Gaussian noise into the residuals' variance.
        let excess = fit.excess(BIWEIGHT_VARIANCE * noise * noise);
        let duration_s = self.samples.len() as f64 / per_s;
        let (estimate, method) = chosen(&smoothed, Some(&fit), Some(excess), duration_s);
        let tones = &solved.coefficients[model.drifts + 2 * model.orders.len()..];
        let clipped = self.samples.len() - self.used - self.missing;
        Ok(RobustRate {
            estimate: Estimate {
                n: solved.used,
                ..estimate
            }
            .finite()?,
            method,
            fit,
            smoothed,
            excess,
            missing: self.missing,
            clipped,
            outliers,
            hum_nm: tones
                .chunks_exact(2)
                .map(|it| libm::hypot(it[0], it[1]))
                .collect(),
        })
    }

    /// Phase of each block against the fit, as events: the fit is turned until what is left of the
    /// block's samples no longer lies along its derivative, from the phase of the block before, so
    /// that a rate that slides is followed.
    fn events(&self, solved: &Solved, noise: f64, per_s: f64) -> Result<Vec<Event>, NotMeasurable> {
        let model = &solved.model;
        let middle = 0.5 * (self.samples.len() as f64 - 1.0);
        let mut blocks: Vec<(Followed, f64, usize)> = Vec::new();
        let mut follower = Follower::default();
        let (mut before, mut largest) = (0.0_f64, 0.0_f64);
        self.each_block(
            model,
            &solved.coefficients,
            |begin, table, even, odd, values| {
                let there = begin..begin + values.len();
                let stretch = Stretch {
                    table,
                    even,
                    odd,
                    samples: &self.samples[there],
                    values,
                    noise,
                };
                if let Some(found) = follower.follow(&stretch, before, BIWEIGHT) {
                    if !blocks.is_empty() {
                        largest = largest.max((found.phase - before).abs());
                    }
                    before = found.phase;
                    blocks.push((found, begin as f64 + found.place - middle, values.len()));
                }
            },
        )
        .ok_or(NotMeasurable::NotPeriodic)?;
        if largest > LARGEST_STEP {
            return Err(NotMeasurable::Unsteady {
                turns: largest / TAU,
            });
        }
        let highest = blocks.iter().map(|it| it.0.power).fold(0.0, f64::max);
        let events: Vec<Event> = blocks
            .iter()
            .filter(|it| it.0.power > 0.1 * highest)
            .map(|&(found, at, length)| Event {
                turns: (model.omega * at + found.phase) / TAU,
                at: at / per_s,
                u: noise / libm::sqrt(found.power) / model.omega / per_s,
                blur: PHASE_BLUR * model.omega * length as f64 / TAU,
            })
            .collect();
        Ok(events)
    }
}
