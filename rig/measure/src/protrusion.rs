//! Protrusion of many strokes: mean, maximum, spread, rise from notch to notch.

use crate::contact::{Decided, decided};
use crate::estimate::Scatter;
use crate::student::expected_maximum;
use crate::{Estimate, NotMeasurable, Stroke, Zero};

/// The largest of many fitted tops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Maximum {
    /// Protrusion, nm; `u` is that of one stroke's fit.
    pub estimate: Estimate,
    /// How much fit noise is expected to have raised it, nm. Not subtracted.
    pub noise_bias_nm: f64,
    /// The largest true top, nm: with that bias taken off. Its `u` is that of a fit drawn towards
    /// the other tops, √(s²/(s² + u²)) u, and what the spread's uncertainty makes of the bias; it
    /// holds the truth at least as often as it says (example `protrusion_efficiency`, tests).
    pub corrected: Estimate,
    /// Position of the stroke in the capture.
    pub index: usize,
}

/// The smallest rise between neighbouring notches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    /// Rise, nm.
    pub estimate: Estimate,
    /// Position of the lower notch of the pair.
    pub index: usize,
}

/// Fewest strokes of a mean.
pub(crate) const MEAN_STROKES: usize = 10;
/// Fewest strokes of a spread.
pub(crate) const SPREAD_STROKES: usize = 20;

/// Mean protrusion at top of stroke, nm above `zero`.
///
/// `u` is s/√n_eff, n_eff = n (1 − r)/(1 + r) with r the correlation of neighbouring strokes; it
/// holds fit noise and the spread from stroke to stroke, and not the zero, which the budget adds.
/// Bias at 10 µm noise, 20 kS/s and 25 to 200 strokes/s: below 0.1 µm for free tops, below 0.2 µm
/// for plateaus from 10 µm to 0.8 mm below the free top (example `protrusion_efficiency`).
/// A plateau of 5 µm is found in 1000 strokes and often not in 100, where the value may then be
/// 4 µm too high: that is what noise leaves to see.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 10; [`NotMeasurable::Shape`] if tops are neither smooth
/// nor plateaus, or the residuals of the fits are not noise, pooled or in one stroke.
pub fn protrusion_mean(strokes: &[Stroke], zero: &Zero) -> Result<Estimate, NotMeasurable> {
    at_least(MEAN_STROKES, strokes)?;
    let strokes = tops(strokes, MEAN_STROKES)?.strokes;
    // With each stroke's own bend and not their mean: the same value, and its noise in the scatter.
    Scatter::of(strokes.iter().map(|it| zero.protrusion_nm(it.bent_nm())))
        .of_mean()
        .finite()
}

/// Largest protrusion at top of stroke, nm above `zero`: the largest of the fits, `u` that of one
/// fit, pooled over the strokes.
///
/// The largest of n noisy fits lies above the largest top: a stroke whose noise is high is the
/// more likely choice. With spread s and fit noise u the excess is about
/// c(n) (√(s² + u²) − s), c the expected largest of n normal deviates (3.2 for 1000): at
/// u = 2.7 µm and n = 1000 it is 1.5 µm for s = 8 µm, and 8.7 µm for s = 0.
/// [`Maximum::noise_bias_nm`] states it; it is not subtracted, so that an upper limit is judged
/// on the strict side. For a lower limit this value must not be used.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] without a stroke, [`NotMeasurable::Shape`] as for
/// [`protrusion_mean`].
pub fn protrusion_maximum(strokes: &[Stroke], zero: &Zero) -> Result<Maximum, NotMeasurable> {
    at_least(1, strokes)?;
    let Decided {
        strokes, positions, ..
    } = tops(strokes, 1)?;
    let strokes = strokes.as_slice();
    let tops = strokes
        .iter()
        .map(|it| zero.protrusion_nm(it.peak_nm))
        .enumerate();
    let too_few = NotMeasurable::TooFewStrokes {
        needed: 1,
        found: 0,
    };
    let (index, value) = tops.max_by(|a, b| a.1.total_cmp(&b.1)).ok_or(too_few)?;
    let fit_variance = mean_fit_variance(strokes);
    let spread = Scatter::of(strokes.iter().map(|it| it.peak_nm)).corrected_sd(fit_variance);
    let together = libm::hypot(spread.value, libm::sqrt(fit_variance));
    let share = if together > 0.0 {
        spread.value / together
    } else {
        0.0
    };
    let largest = expected_maximum(strokes.len());
    let noise_bias_nm = largest * (together - spread.value);
    let dof = strokes.iter().map(|it| it.residual_dof).sum();
    let estimate = Estimate {
        value,
        u: libm::sqrt(fit_variance),
        dof,
        n: strokes.len(),
    }
    .finite()?;
    // d(√(s² + u²) − s)/ds is s/√(s² + u²) − 1. What s² may be too large by makes more of s than
    // what it may be too small by.
    let s2 = spread.value * spread.value;
    let u_s2 = (spread.value + spread.u) * (spread.value + spread.u) - s2;
    let spread_u = spread
        .u
        .max(spread.value - libm::sqrt((s2 - u_s2).max(0.0)));
    let corrected = Estimate {
        value: value - noise_bias_nm,
        u: libm::hypot(share * estimate.u, largest * spread_u * (1.0 - share)),
        ..estimate
    }
    .finite()?;
    Ok(Maximum {
        estimate,
        corrected,
        noise_bias_nm,
        index: positions[index],
    })
}

/// Standard deviation of protrusion from stroke to stroke, corrected for fit noise, nm.
///
/// s² = s_obs² − mean(u_fit²), noise from the residuals of the fits themselves, so that the
/// spread is not in it. `u` is √(s² + u(s_obs²)) − s with u(s_obs²) = s_obs² √(2/(n_eff − 1)):
/// where noise hides the spread, the value is near zero and `u` says what could be hidden.
/// Noise of the gauge that is slow against a stroke (1/f) moves whole tops and is spread to any
/// gauge; residuals cannot see it. Where only some strokes touch a plateau within 30 µm of their
/// free tops, the spread is found 5 % too large (example `protrusion_efficiency`).
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 20, [`NotMeasurable::Shape`] as for
/// [`protrusion_mean`].
pub fn spread(strokes: &[Stroke]) -> Result<Estimate, NotMeasurable> {
    at_least(SPREAD_STROKES, strokes)?;
    let strokes = tops(strokes, SPREAD_STROKES)?.strokes;
    Scatter::of(strokes.iter().map(|it| it.peak_nm))
        .corrected_sd(mean_fit_variance(&strokes))
        .finite()
}

/// Smallest rise between neighbours of a list of mean protrusions, nm.
///
/// u² = u₁² + u₂², degrees of freedom after Welford and Satterthwaite. The smallest of several
/// noisy differences errs downwards, so that a lower limit is judged on the strict side.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below two notches.
pub fn minimum_rise(means: &[Estimate]) -> Result<Rise, NotMeasurable> {
    let rises = means
        .windows(2)
        .enumerate()
        .map(|(index, pair)| (index, difference(&pair[1], &pair[0])));
    let smallest = rises.min_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let (index, estimate) = smallest.ok_or(NotMeasurable::TooFewStrokes {
        needed: 2,
        found: means.len(),
    })?;
    Ok(Rise {
        estimate: estimate.finite()?,
        index,
    })
}

/// First minus second, independent.
pub(crate) fn difference(first: &Estimate, second: &Estimate) -> Estimate {
    let u = libm::hypot(first.u, second.u);
    let share = |it: &Estimate| {
        if u > 0.0 {
            libm::pow(it.u / u, 4.0) / it.dof
        } else {
            0.0
        }
    };
    let inverse = share(first) + share(second);
    Estimate {
        value: first.value - second.value,
        u,
        dof: if inverse > 0.0 {
            1.0 / inverse
        } else {
            f64::INFINITY
        },
        n: first.n.min(second.n),
    }
}

pub(crate) fn at_least(needed: usize, strokes: &[Stroke]) -> Result<(), NotMeasurable> {
    let found = strokes.len();
    if found < needed {
        Err(NotMeasurable::TooFewStrokes { needed, found })
    } else {
        Ok(())
    }
}

/// The strokes with their tops decided together: each by itself where it is certain, otherwise with
/// its neighbours on both sides. Free tops have the mean of what degree 4 leaves of them put back
/// (by degree 6 over a window a quarter longer): of Σ A_k cos kθ over ±φ that is
/// −5 φ⁶/(231 · 720) Σ k⁶ A_k, and what then remains is of degree 8. A stroke whose neighbours have plateaus and whose own could not be
/// fitted is left out.
///
/// # Errors
/// [`NotMeasurable::Shape`] if tops are neither smooth nor plateaus.
pub fn decide_tops(strokes: &[Stroke]) -> Result<Vec<Stroke>, NotMeasurable> {
    Ok(tops(strokes, 0)?.strokes)
}

/// Strokes with their tops decided together, at least so many, whose residuals are noise.
pub(crate) fn tops(strokes: &[Stroke], needed: usize) -> Result<Decided, NotMeasurable> {
    let decided = decided(strokes)?;
    at_least(needed, &decided.strokes)?;
    well_shaped(&decided.strokes)?;
    Ok(decided)
}

fn mean_fit_variance(strokes: &[Stroke]) -> f64 {
    strokes
        .iter()
        .map(|it| it.peak_u_nm * it.peak_u_nm)
        .sum::<f64>()
        / strokes.len() as f64
}

/// Residual variance, pooled, may exceed that of the noise by this factor. A bandwidth of half
/// the sample rate colours noise enough for 1.07.
const POOLED_EXCESS: f64 = 1.3;
/// Residual variance of one stroke may exceed the median by so many standard deviations of its
/// chi-square distribution. At 36 degrees of freedom noise does that once in 1e12.
const STROKE_EXCESS: f64 = 12.0;
/// Residuals below this are no misfit, whatever the noise: a tenth of what a fit may be off.
const MISFIT_FLOOR_NM: f64 = 500.0;

/// Whether the residuals of the fits are noise, pooled and in every stroke.
fn well_shaped(strokes: &[Stroke]) -> Result<(), NotMeasurable> {
    if strokes.is_empty() {
        return Ok(());
    }
    let of_fit = |it: &Stroke| (it.residual_var, it.noise_var, it.residual_dof);
    let noise = noise_like(strokes.iter().map(of_fit))?;
    let floor = MISFIT_FLOOR_NM * MISFIT_FLOOR_NM;
    let shape = |residual: f64| NotMeasurable::Shape {
        residual_nm: libm::sqrt(residual),
        noise_nm: libm::sqrt(noise),
    };
    let mut variances: Vec<f64> = strokes.iter().map(|it| it.residual_var).collect();
    let middle = variances.len() / 2;
    let (_, &mut median, _) = variances.select_nth_unstable_by(middle, f64::total_cmp);
    let limit =
        |it: &Stroke| median * (1.0 + STROKE_EXCESS * libm::sqrt(2.0 / it.residual_dof)) + floor;
    match strokes.iter().find(|it| it.residual_var > limit(it)) {
        Some(stroke) => Err(shape(stroke.residual_var)),
        None => Ok(()),
    }
}

/// Whether pooled residuals are noise, given variance of residuals, of noise, and degrees of freedom
/// of each fit; gives the variance of the noise.
pub(crate) fn noise_like(
    fits: impl Iterator<Item = (f64, f64, f64)>,
) -> Result<f64, NotMeasurable> {
    let (residual, noise, dof) = fits.fold((0.0, 0.0, 0.0), |sums, it| {
        (sums.0 + it.0 * it.2, sums.1 + it.1 * it.2, sums.2 + it.2)
    });
    let (residual, noise) = (residual / dof, noise / dof);
    // Fewer than a few dozen degrees of freedom leave the ratio itself uncertain.
    let limit = POOLED_EXCESS + STROKE_EXCESS / 2.0 * libm::sqrt(2.0 / dof);
    if residual.is_nan() || residual > limit * noise + MISFIT_FLOOR_NM * MISFIT_FLOOR_NM {
        return Err(NotMeasurable::Shape {
            residual_nm: libm::sqrt(residual),
            noise_nm: libm::sqrt(noise),
        });
    }
    Ok(noise)
}
