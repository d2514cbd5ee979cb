//! Realised mean rate and jitter from the times of successive events.

use crate::{Estimate, NotMeasurable};

/// An event of a periodic motion: a mark of a stroke, an edge of a tachometer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Turns of the motion up to it, a whole number for marks of the same kind.
    pub turns: f64,
    /// When it was, in any unit of time.
    pub at: f64,
    /// Standard uncertainty of `at` by what is known of the instrument.
    pub u: f64,
    /// Variance that jitter adds to `at` by averaging over a stretch of the motion, as a share
    /// of the variance of one period.
    pub blur: f64,
}

/// What the times of events say of a motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothed {
    /// Times of the first and the last event.
    pub between: (f64, f64),
    /// Realised mean rate: periods between the first and the last event over the time between
    /// them, in one over the unit of time.
    pub rate: Estimate,
    /// Standard deviation of a period about the mean rate, as a fraction of it: white noise of
    /// the rate (random walk of the phase).
    pub jitter: Estimate,
    /// Root mean square of the jitters that are tried, by how likely each is, as a fraction: what
    /// may be there, whether it is seen or not.
    pub possible_jitter: f64,
    /// Twice the logarithm of how much more likely the events are with their best jitter than
    /// with none; above 5.41 jitter is present at 1 % (half of chi-square with one degree of
    /// freedom, as jitter cannot be negative).
    pub evidence: f64,
    /// Standard deviation of the events' own timing over what was known of it; never below 1.
    pub timing_excess: f64,
}

/// Ratios of the variance of a period to that of an event's timing that are tried: none, and
/// from 1e-5 (which no 300 events can tell from none) to 1e7, four a decade.
const RATIOS: core::ops::RangeInclusive<i32> = -20..=28;
const RATIOS_A_DECADE: f64 = 4.0;

/// Smooths the times of events.
///
/// Events lie at t_j = a_j + v_j and a_j = a_(j−1) + n_j P + w_j, with var(v_j) = s² u_j² + blur q
/// and var(w_j) = n_j q (Kalman's random walk of phase at an unknown mean rate; here as exact
/// generalised least squares, whose tridiagonal equations one pass solves). Wanted is
/// D = a_m − a_0 given all times, with its variance: at q = 0 that is the least-squares line, at
/// large q the time from the first event to the last, in between it is what a smoother gives.
/// The rate is that of the periods counted over D.
///
/// q/s² and s² are not known: for each ratio of a grid s² is the restricted maximum-likelihood
/// value, or 1 where that is more (the instrument is not better than is known of it), and value
/// and variance are averaged with the restricted likelihoods as weights. Beforehand every ratio
/// is as likely as another and as none, but for those too small to matter, which stand for none:
/// a ratio that adds x times its variance to a least-squares line counts x/(1 + x). Without that,
/// the many small ones outweigh the jitter that just cannot be seen and yet is as large as the
/// timing. So the uncertainty holds what is not known of the jitter; of a motion with none it
/// holds half as much again as would do.
/// A rate that slides (ramp, ripple) is jitter here, and the value still its realised mean.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 3 events, [`NotMeasurable::NotFinite`] if numbers or
/// times do not rise.
pub fn smoothed(events: &[Event]) -> Result<Smoothed, NotMeasurable> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(NotMeasurable::TooFewStrokes {
            needed: 3,
            found: 0,
        });
    };
    if events.len() < 3 {
        return Err(NotMeasurable::TooFewStrokes {
            needed: 3,
            found: events.len(),
        });
    }
    let rises = |it: &[Event]| it[1].turns > it[0].turns && it[1].at > it[0].at;
    let sound = |it: &Event| {
        it.turns.is_finite()
            && it.at.is_finite()
            && it.u.is_finite()
            && it.u > 0.0
            && it.blur >= 0.0
    };
    if !(events.windows(2).all(rises) && events.iter().all(sound)) {
        return Err(NotMeasurable::NotFinite);
    }
    let mut line = Line::of(events);
    let still = line.solve(0.0);
    let periods = last.turns - first.turns;
    // Over n periods jitter q moves the period of a least-squares line against the realised one by
    // q/5n, timing s² of m events by 12 s²/mn².
    let matters = |ratio: f64| {
        let added = ratio * periods * events.len() as f64 / 60.0;
        added / (1.0 + added)
    };
    let mut all = vec![(still, 1.0)];
    all.extend(RATIOS.map(|it| {
        let ratio = libm::exp10(f64::from(it) / RATIOS_A_DECADE);
        (line.solve(ratio), matters(ratio))
    }));
    let likelihoods = all.iter().map(|it| it.0.likelihood);
    let best = likelihoods.fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = all
        .iter()
        .map(|(it, beforehand)| beforehand * libm::exp(it.likelihood - best))
        .collect();
    let total: f64 = weights.iter().sum();
    let mean = |value: &dyn Fn(&Solution) -> f64| {
        all.iter()
            .zip(&weights)
            .map(|((it, _), weight)| weight * value(it))
            .sum::<f64>()
            / total
    };
    let span = mean(&|it| it.span);
    let variance = mean(&|it| it.span_var + (it.span - span) * (it.span - span));
    let rate = periods / span;
    let deviation = mean(&|it| libm::sqrt(it.period_var));
    let period_var = mean(&|it| it.period_var);
    let spread = period_var - deviation * deviation;
    let dof = (events.len() - 2) as f64;
    // The grid says how well jitter is told from timing, the number of periods how well either is.
    let chance = deviation * deviation / (2.0 * dof);
    let jitter = Estimate {
        value: deviation * rate,
        u: libm::sqrt(spread.max(0.0) + chance) * rate,
        dof,
        n: events.len(),
    };
    let smoothed = Smoothed {
        between: (first.at, last.at),
        rate: Estimate {
            value: rate,
            u: rate * libm::sqrt(variance) / span,
            dof: 1.0 / mean(&|it| 1.0 / it.dof),
            n: events.len(),
        },
        jitter,
        possible_jitter: libm::sqrt(period_var) * rate,
        evidence: 2.0 * (best - still.likelihood),
        timing_excess: libm::sqrt(mean(&|it| it.scale)),
    };
    smoothed.rate.finite()?;
    smoothed.jitter.finite()?;
    Ok(smoothed)
}

/// Differences of neighbouring events, and room to solve them. Times are in units of the root
/// mean square of the events' u.
struct Line {
    /// Periods and time from each event to the next.
    counts: Vec<f64>,
    steps: Vec<f64>,
    /// u² of every event.
    variances: Vec<f64>,
    blurs: Vec<f64>,
    unit: f64,
    /// For each difference its pivot's inverse, and y, n, g after elimination.
    scratch: Vec<[f64; 4]>,
}

/// What one ratio gives.
#[derive(Clone, Copy, Debug)]
struct Solution {
    /// Time from the first event to the last.
    span: f64,
    span_var: f64,
    /// Variance of a period.
    period_var: f64,
    /// s².
    scale: f64,
    /// Logarithm of the restricted likelihood.
    likelihood: f64,
    dof: f64,
}

impl Line {
    fn of(events: &[Event]) -> Self {
        let squares: f64 = events.iter().map(|it| it.u * it.u).sum();
        let unit = libm::sqrt(squares / events.len() as f64);
        Self {
            counts: events
                .windows(2)
                .map(|it| it[1].turns - it[0].turns)
                .collect(),
            steps: events
                .windows(2)
                .map(|it| (it[1].at - it[0].at) / unit)
                .collect(),
            variances: events
                .iter()
                .map(|it| (it.u / unit) * (it.u / unit))
                .collect(),
            blurs: events.iter().map(|it| it.blur).collect(),
            unit,
            scratch: vec![[0.0; 4]; events.len() - 1],
        }
    }

    /// Solves for period variance `ratio` × s².
    ///
    /// With V the covariance of the differences y over s² (tridiagonal), n their counts and g the
    /// covariance of v_m − v_0 with y: P = n'V⁻¹y/n'V⁻¹n, D = Σy − g'V⁻¹(y − Pn), and its
    /// variance over s² is r_0 + r_m − g'V⁻¹g + (g'V⁻¹n)²/n'V⁻¹n.
    fn solve(&mut self, ratio: f64) -> Solution {
        let m = self.steps.len();
        let timing = |j: usize| self.variances[j] + self.blurs[j] * ratio;
        let (mut yn, mut nn, mut gn, mut gg) = (0.0, 0.0, 0.0, 0.0);
        // The determinant as a logarithm and a product that is folded into it now and then.
        let (mut log_det, mut product) = (0.0, 1.0);
        let mut before = [0.0; 4];
        let (mut here, mut coupling) = (timing(0), 0.0);
        for j in 0..m {
            let next = timing(j + 1);
            let lower = coupling * before[0];
            let diagonal = ratio * self.counts[j] + here + next;
            let pivot = (diagonal - lower * coupling).max(f64::MIN_POSITIVE);
            let begins = if j == 0 { here } else { 0.0 };
            let ends = if j + 1 == m { next } else { 0.0 };
            let y = self.steps[j] - lower * before[1];
            let n = self.counts[j] - lower * before[2];
            let g = begins + ends - lower * before[3];
            let inverse = 1.0 / pivot;
            (yn, nn) = (yn + y * n * inverse, nn + n * n * inverse);
            (gn, gg) = (gn + g * n * inverse, gg + g * g * inverse);
            product *= pivot;
            if j % 8 == 7 {
                log_det += libm::log(product);
                product = 1.0;
            }
            before = [inverse, y, n, g];
            self.scratch[j] = before;
            (here, coupling) = (next, -next);
        }
        log_det += libm::log(product);
        let period = yn / nn;
        // Residuals by themselves: y'V⁻¹y − P n'V⁻¹y would cancel all its digits.
        let (mut squares, mut correction) = (0.0, 0.0);
        for [inverse, y, n, g] in &self.scratch {
            let residual = y - period * n;
            squares += residual * residual * inverse;
            correction += g * residual * inverse;
        }
        let free = (m - 1).max(1) as f64;
        let estimated = squares / free;
        let scale = estimated.max(1.0);
        let sum: f64 = self.steps.iter().sum();
        let relative = timing(0) + timing(m) - gg + gn * gn / nn;
        let square_unit = self.unit * self.unit;
        let twice = free * libm::log(scale) + log_det + libm::log(nn) + squares / scale;
        Solution {
            span: (sum - correction) * self.unit,
            span_var: scale * relative.max(0.0) * square_unit,
            period_var: scale * ratio * square_unit,
            scale,
            likelihood: -0.5 * twice,
            dof: if estimated > 1.0 { free } else { f64::INFINITY },
        }
    }
}
