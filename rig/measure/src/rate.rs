//! Stroke rate and period variation, and whether two instruments agree.

use crate::estimate::Scatter;
use crate::gram::Matrix;
use crate::protrusion::{SPREAD_STROKES, at_least};
use crate::{
    Capture, Estimate, Event, HarmonicFit, Measured, NotMeasurable, Smoothed, Stroke, smoothed,
};

/// How two instruments compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// First minus second.
    pub difference: f64,
    /// Expanded uncertainty of the difference.
    pub allowed: f64,
}

/// How a stroke rate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateMethod {
    /// The motion was steady: harmonic least squares over all samples.
    Harmonic,
    /// It was not, or the samples do not say: marks of the strokes, smoothed.
    Smoothed,
}

/// A stroke rate and what was seen on the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct StrokeRate {
    /// Realised mean rate, Hz by the instrument's nominal sample rate.
    pub estimate: Estimate,
    /// Which of the two it is.
    pub method: RateMethod,
    /// Sample numbers of the first and the last event: the mean is over the time between them.
    pub between: (f64, f64),
    /// What the marks of the strokes say, or the phases of a stroke's worth of samples each
    /// against the harmonic fit if they say more; times are in seconds.
    pub smoothed: Smoothed,
    /// The harmonic fit, where there is one.
    pub harmonic: Option<HarmonicFit>,
    /// Standard deviations by which its residuals exceed the noise of neighbouring samples.
    pub excess: Option<f64>,
}

/// The mark of a stroke is the mean of two crossings, each a mean over ±0.12 of the period: the
/// average of a random walk over ±h about its middle has h/6 of the variance of a whole step.
const MARK_BLUR: f64 = 0.12 / 6.0 / 2.0;
/// Jitter is present at 1 %: see [`Smoothed::evidence`].
const JITTER_EVIDENCE: f64 = 5.41;
/// The residuals are more than noise at 1 %: normal quantile, one-sided.
const EXCESS_SIGMAS: f64 = 2.326;
/// Harmonic fit and marks have counted the same strokes if they differ by less over the window.
const SAME_COUNT_TURNS: f64 = 0.1;

/// Realised mean stroke rate, Hz by the instrument's nominal sample rate: strokes made between
/// the first and the last mark, over the time between them.
///
/// The marks are smoothed ([`smoothed`]), and so are phases of a stroke's worth of samples each
/// against the harmonic fit, which are more exact while the motion is nearly steady and less so
/// when it is not; what has the smaller u is kept. The harmonic fit ([`crate::harmonic`]) is a
/// candidate if its residuals are no more than the noise of neighbouring samples (at 1 %) and both
/// count the same strokes: then the motion was so steady that the samples do not show otherwise.
/// Its u is that of the fit, which meets the Cramér-Rao bound, and, as jitter j of a period makes a
/// fit miss the realised mean by j √(f/5T), that of the jitter that may be there unseen. It is
/// taken if marks or phases show no jitter (at 1 %) or if its u is smaller, else the smoothed rate
/// with its u.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 3; [`NotMeasurable::Unsteady`] if a stroke came
/// 0.6 turns too late or 0.4 too early by the periods around it: one was missed or doubled, or the
/// motion stood in between.
pub fn stroke_rate(capture: &Capture, sample_rate_hz: u32) -> Result<StrokeRate, NotMeasurable> {
    let per_s = f64::from(sample_rate_hz);
    let strokes = capture.strokes();
    let marks = rate_by_marks(strokes, sample_rate_hz)?;
    let solved = capture.fit(core::f64::consts::TAU * marks.rate.value / per_s);
    let fit = solved.as_ref().map(|it| it.fit(per_s));
    let noise_var = capture.noise_var();
    let excess = fit.as_ref().map(|it| it.excess(noise_var));
    let phases = solved
        .and_then(|it| capture.phases(&it))
        .and_then(|it| by_phases(&it, per_s));
    let (smoothed, from) = match phases {
        Some(phases) if phases.rate.u < marks.rate.u => (phases, capture.middle()),
        _ => (marks, strokes[0].mark),
    };
    let trace = capture.trace();
    let duration_s = trace.means.len() as f64 * f64::from(trace.block_len) / per_s;
    let (estimate, method) = chosen(&smoothed, fit.as_ref(), excess, duration_s);
    Ok(StrokeRate {
        estimate: estimate.finite()?,
        method,
        between: (
            from + smoothed.between.0 * per_s,
            from + smoothed.between.1 * per_s,
        ),
        smoothed,
        harmonic: fit,
        excess,
    })
}

/// Events in samples, smoothed in seconds.
fn by_phases(events: &[Event], per_s: f64) -> Option<Smoothed> {
    let events: Vec<Event> = events
        .iter()
        .map(|it| Event {
            at: it.at / per_s,
            u: it.u / per_s,
            ..*it
        })
        .collect();
    let smoothed = smoothed(&events).ok()?;
    let periods = events.last()?.turns - events.first()?.turns;
    Some(Smoothed {
        rate: Estimate {
            // Truncation is meant: whole periods.
            n: periods as usize,
            ..smoothed.rate
        },
        ..smoothed
    })
}

/// The fit's rate if the motion was steady, else what its events say; all in seconds and Hz.
pub(crate) fn chosen(
    smoothed: &Smoothed,
    fit: Option<&HarmonicFit>,
    excess: Option<f64>,
    duration_s: f64,
) -> (Estimate, RateMethod) {
    let by_events = smoothed.rate;
    let steady = fit.filter(|it| {
        let turns = (it.rate.value - by_events.value).abs() * duration_s;
        excess.is_some_and(|it| it < EXCESS_SIGMAS) && turns < SAME_COUNT_TURNS
    });
    let by_fit = steady.map(|it| {
        let unseen = smoothed.possible_jitter * libm::sqrt(it.rate.value / (5.0 * duration_s));
        Estimate {
            u: libm::hypot(it.rate.u, unseen),
            n: by_events.n,
            ..it.rate
        }
    });
    match by_fit {
        Some(by_fit) if smoothed.evidence < JITTER_EVIDENCE || by_fit.u <= by_events.u => {
            (by_fit, RateMethod::Harmonic)
        }
        _ => (by_events, RateMethod::Smoothed),
    }
}

/// What the marks of strokes alone say of their rate; times are in seconds, rates in Hz by the
/// instrument's nominal sample rate. `n` counts periods.
///
/// # Errors
/// As [`stroke_rate`].
pub fn rate_by_marks(strokes: &[Stroke], sample_rate_hz: u32) -> Result<Smoothed, NotMeasurable> {
    at_least(3, strokes)?;
    let drift = PeakDrift::of(strokes);
    // Noise of the window and not of each stroke's own few samples, so that all weigh alike.
    let noise_var = strokes.iter().map(|it| it.noise_var).sum::<f64>() / strokes.len() as f64;
    let (origin, sample_s) = (strokes[0].mark, 1.0 / f64::from(sample_rate_hz));
    let events: Vec<Event> = strokes
        .iter()
        .map(|it| event(it, noise_var, &drift))
        .map(|it| Event {
            at: (it.at - origin) * sample_s,
            u: it.u * sample_s,
            ..it
        })
        .collect();
    let steps: Vec<(f64, f64)> = events
        .windows(2)
        .map(|it| (it[1].at - it[0].at, it[1].turns - it[0].turns))
        .collect();
    // A motion that starts or stops leaves the median far behind, but not its neighbours.
    let torn = uneven(&steps).find(|(index, _)| {
        let beside = [index.wrapping_sub(1), index + 1];
        let mut neighbours = beside.into_iter().filter_map(|it| steps.get(it));
        neighbours.all(|it| !is_even(steps[*index], it.0 / it.1))
    });
    if let Some((_, turns)) = torn {
        return Err(NotMeasurable::Unsteady { turns });
    }
    let smoothed = smoothed(&events)?;
    let periods = events[events.len() - 1].turns - events[0].turns;
    Ok(Smoothed {
        rate: Estimate {
            // Truncation is exact: a whole number.
            n: periods as usize,
            ..smoothed.rate
        },
        ..smoothed
    })
}

/// Steps (time and turns) that are off by more than 0.6 turns too long or 0.4 too short against
/// the median period of the five around them, which no motor does from one stroke to the next
/// while it runs, and by how many turns.
pub(crate) fn uneven(steps: &[(f64, f64)]) -> impl Iterator<Item = (usize, f64)> {
    steps.iter().enumerate().filter_map(|(index, step)| {
        let from = index.saturating_sub(2).min(steps.len().saturating_sub(5));
        let around = &steps[from..steps.len().min(from + 5)];
        let mut periods: Vec<f64> = around.iter().map(|it| it.0 / it.1).collect();
        let middle = periods.len() / 2;
        let (_, &mut median, _) = periods.select_nth_unstable_by(middle, f64::total_cmp);
        (!is_even(*step, median)).then_some((index, step.0 / median - step.1))
    })
}

fn is_even((time, turns): (f64, f64), period: f64) -> bool {
    time > 0.0 && (-0.4..=0.6).contains(&(time / period - turns))
}

/// F of a drift that is believed; chance gives 20 once in a million windows.
const REAL_DRIFT: f64 = 20.0;

/// How fast the tops of a window drift: a cubic through them.
///
/// While the level rises by v, both crossings of a stroke come later by v w/(2 s), w being the
/// time above mid-level and s the slope there, so that a v that changes would look like a rate.
struct PeakDrift {
    /// Middle and half-length of the window, samples.
    middle: f64,
    half: f64,
    /// Coefficients of τ, τ², τ³, nm.
    slopes: [f64; 3],
}

impl PeakDrift {
    /// No drift below ten strokes, or if the cubic explains less than `REAL_DRIFT` times what
    /// chance lets it: tops that differ from stroke to stroke are no drift.
    fn of(strokes: &[Stroke]) -> Self {
        let (first, last) = (strokes[0].mark, strokes[strokes.len() - 1].mark);
        let (middle, half) = (0.5 * (first + last), 0.5 * (last - first));
        let origin = strokes[0].peak_nm;
        let mut gram = Matrix::zero(4);
        let mut right = [0.0; 4];
        let mut squares = 0.0;
        for stroke in strokes {
            let tau = (stroke.mark - middle) / half;
            let row = [1.0, tau, tau * tau, tau * tau * tau];
            gram.add_outer(1.0, &row);
            let height = stroke.peak_nm - origin;
            squares += height * height;
            for (sum, column) in right.iter_mut().zip(row) {
                *sum += column * height;
            }
        }
        let n = strokes.len() as f64;
        let solved = gram
            .cholesky(4)
            .filter(|_| strokes.len() >= 10)
            .map(|it| it.solve(&right))
            .filter(|it| {
                let explained: f64 = it.iter().zip(&right).map(|(a, b)| a * b).sum();
                let by_drift = explained - right[0] * right[0] / n;
                by_drift > REAL_DRIFT * 3.0 * (squares - explained) / (n - 4.0)
            })
            .unwrap_or(vec![0.0; 4]);
        Self {
            middle,
            half,
            slopes: [solved[1], solved[2], solved[3]],
        }
    }

    /// How much later than its stroke a mark is, samples.
    fn delay(&self, stroke: &Stroke) -> f64 {
        let tau = (stroke.mark - self.middle) / self.half;
        let [a, b, c] = self.slopes;
        let speed = (a + tau * (2.0 * b + tau * 3.0 * c)) / self.half;
        0.5 * speed * stroke.width / stroke.slope_nm
    }
}

fn event(stroke: &Stroke, noise_var: f64, drift: &PeakDrift) -> Event {
    let by_window = stroke.mark_u * libm::sqrt(noise_var / stroke.residual_var);
    Event {
        turns: stroke.ordinal as f64,
        at: stroke.mark - drift.delay(stroke),
        u: if by_window > 0.0 && by_window.is_finite() {
            by_window
        } else {
            stroke.mark_u.max(f64::MIN_POSITIVE)
        },
        blur: MARK_BLUR,
    }
}

/// Coefficient of variation of the stroke period, corrected for timing noise, as a fraction.
///
/// s² = s_obs² − 2 mean(u_mark²), as each period ends and begins with a mark. A speed that drifts
/// over the window counts as variation.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 20 periods between neighbouring strokes.
pub fn period_variation(strokes: &[Stroke]) -> Result<Estimate, NotMeasurable> {
    at_least(SPREAD_STROKES + 1, strokes)?;
    let neighbours = strokes
        .windows(2)
        .filter(|it| it[1].ordinal == it[0].ordinal + 1);
    let periods: Vec<f64> = neighbours.map(|it| it[1].mark - it[0].mark).collect();
    let mark_variance =
        strokes.iter().map(|it| it.mark_u * it.mark_u).sum::<f64>() / strokes.len() as f64;
    coefficient_of_variation(&periods, 2.0 * mark_variance)
}

/// Coefficient of variation of periods whose timing noise has the given variance.
pub(crate) fn coefficient_of_variation(
    periods: &[f64],
    noise: f64,
) -> Result<Estimate, NotMeasurable> {
    if periods.len() < SPREAD_STROKES {
        return Err(NotMeasurable::TooFewStrokes {
            needed: SPREAD_STROKES + 1,
            found: periods.len() + 1,
        });
    }
    let scatter = Scatter::of(periods.iter().copied());
    let sd = scatter.corrected_sd(noise);
    Estimate {
        value: sd.value / scatter.mean,
        u: sd.u / scatter.mean,
        ..sd
    }
    .finite()
}

/// Whether two measured values of one quantity agree: |difference| ≤ √(U₁² + U₂²).
///
/// Two instruments that agree cannot both have lost or doubled a stroke.
///
/// # Errors
/// [`NotMeasurable::Disagreement`].
pub fn agree(first: &Measured, second: &Measured) -> Result<Agreement, NotMeasurable> {
    let difference = first.value - second.value;
    let allowed = libm::hypot(first.uncertainty.expanded, second.uncertainty.expanded);
    if difference.abs() <= allowed {
        return Ok(Agreement {
            difference,
            allowed,
        });
    }
    Err(NotMeasurable::Disagreement {
        first: first.value,
        second: second.value,
        allowed,
    })
}

/// First minus second over second, as a fraction, with the scatter of both.
///
/// # Errors
/// [`NotMeasurable::NotFinite`] if the second is zero.
pub fn relative_difference(first: &Estimate, second: &Estimate) -> Result<Estimate, NotMeasurable> {
    let relative = |it: &Estimate, value: f64| Estimate {
        value,
        u: it.u / second.value.abs(),
        ..*it
    };
    let ratio = relative(first, first.value / second.value);
    // The ratio is near one, where its sensitivity to the second is that to the first.
    let one = relative(second, 1.0);
    crate::protrusion::difference(&ratio, &one).finite()
}
