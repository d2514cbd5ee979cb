//! A first value of the stroke rate where no stroke is known.

use crate::NotMeasurable;
use core::f64::consts::TAU;

/// Points that the signal is thinned to.
const POINTS: usize = 4096;

/// The frequency at which a sine explains most, rad/sample, between two limits.
///
/// Short means thin the signal to some five points a period of the highest rate, at most 4096 of
/// them from the window's beginning; under a Hann window, which keeps a drift and the mirror
/// image out, sines are tried every quarter of 1/duration, and the best is refined by a parabola
/// through logarithms. A fundamental weaker than its second harmonic is passed over: whoever
/// asks tries half, a third and twice as well.
///
/// # Errors
/// [`NotMeasurable::NotPeriodic`] for an empty range or a signal without variance.
pub(crate) fn coarse_omega(samples: &[f64], low: f64, high: f64) -> Result<f64, NotMeasurable> {
    // Truncation is meant: whole samples a mean.
    let thin = ((TAU / high / 5.0) as usize).max(1);
    let means: Vec<f64> = samples
        .chunks_exact(thin)
        .take(POINTS)
        .map(|it| it.iter().sum::<f64>() / thin as f64)
        .collect();
    let n = means.len();
    let mean = means.iter().sum::<f64>() / n.max(1) as f64;
    let windowed: Vec<f64> = (0_u32..)
        .zip(&means)
        .map(|(i, it)| {
            let hann = libm::sin(core::f64::consts::PI * (f64::from(i) + 0.5) / n as f64);
            (it - mean) * hann * hann
        })
        .collect();
    let step = TAU / (4.0 * n as f64);
    let (low, high) = (
        low * thin as f64,
        (high * thin as f64).min(core::f64::consts::PI),
    );
    let first = libm::ceil(low / step).max(2.0);
    let last = libm::floor(high / step);
    if n < 16 || last - first < 2.0 {
        return Err(NotMeasurable::NotPeriodic);
    }
    // Truncation is exact: whole numbers in range.
    let tried: Vec<f64> = (first as usize..=last as usize)
        .map(|it| it as f64 * step)
        .collect();
    let powers: Vec<f64> = tried
        .chunks(AT_ONCE)
        .flat_map(|it| power(&windowed, it))
        .take(tried.len())
        .collect();
    let best = (0..powers.len())
        .max_by(|a, b| powers[*a].total_cmp(&powers[*b]))
        .filter(|it| powers[*it] > 0.0)
        .ok_or(NotMeasurable::NotPeriodic)?;
    let beside = |at: Option<usize>| at.and_then(|it| powers.get(it)).map(|it| libm::log(*it));
    let offset = match (beside(best.checked_sub(1)), beside(Some(best + 1))) {
        (Some(before), Some(after)) => {
            let curvature = before + after - 2.0 * libm::log(powers[best]);
            if curvature < 0.0 {
                (0.5 * (before - after) / curvature).clamp(-0.5, 0.5)
            } else {
                0.0
            }
        }
        _ => 0.0,
    };
    Ok((first + best as f64 + offset) * step / thin as f64)
}

/// Frequencies that are tried at once: each waits for its own last step, so that several fill the
/// time.
const AT_ONCE: usize = 8;

/// Squared magnitudes at some frequencies, by Goertzel's recurrence.
fn power(samples: &[f64], omegas: &[f64]) -> [f64; AT_ONCE] {
    let mut twice = [0.0; AT_ONCE];
    for (twice, omega) in twice.iter_mut().zip(omegas) {
        *twice = 2.0 * libm::cos(*omega);
    }
    let (mut old, mut older) = ([0.0; AT_ONCE], [0.0; AT_ONCE]);
    for sample in samples {
        for k in 0..AT_ONCE {
            let new = sample + twice[k] * old[k] - older[k];
            (older[k], old[k]) = (old[k], new);
        }
    }
    let mut powers = [0.0; AT_ONCE];
    for (k, power) in powers.iter_mut().enumerate() {
        *power = old[k] * old[k] + older[k] * older[k] - twice[k] * old[k] * older[k];
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_on_a_slope_is_found() {
        for turns in [5.0, 17.3, 100.0, 381.7] {
            let omega = TAU * turns / 20_000.0;
            let samples: Vec<f64> = (0..20_000)
                .map(|i| 1e6 * libm::cos(omega * f64::from(i) + 0.7) + 5.0 * f64::from(i))
                .collect();
            let found = coarse_omega(&samples, TAU * 3.0 / 20_000.0, TAU * 400.0 / 20_000.0);
            let off = (found.expect("it is there") - omega) * 20_000.0 / TAU;
            assert!(off.abs() < 0.05, "{turns} turns: off by {off}");
        }
    }

    #[test]
    fn what_is_no_motion_has_no_rate() {
        let rate = |samples: &[f64]| coarse_omega(samples, 0.001, 0.1);
        assert!(rate(&[]).is_err());
        assert!(rate(&[3.0; 5_000]).is_err(), "no variance");
        assert!(coarse_omega(&[1.0; 5_000], 0.1, 0.001).is_err(), "no range");
    }
}
