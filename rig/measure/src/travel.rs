//! What strokes do beside their top: bottom, length, drift, dwell, and strokes that did not come.

use crate::contact::Decided;
use crate::estimate::Scatter;
use crate::protrusion::{MEAN_STROKES, at_least, noise_like, tops};
use crate::{
    EdgeCapture, Estimate, NotMeasurable, Stroke, TopShape, Trough, Zero, tachometer_rate,
};

/// Intervals on each side whose median is the period.
const NEIGHBOURS: usize = 16;

/// Mean protrusion at the bottom of the stroke, nm above `zero`; negative when the needles are
/// drawn in. `u` as for [`crate::protrusion_mean`].
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 10 fitted troughs, [`NotMeasurable::Shape`] if what their
/// fits leave is not noise.
pub fn protrusion_bottom(strokes: &[Stroke], zero: &Zero) -> Result<Estimate, NotMeasurable> {
    let troughs = troughs(strokes)?;
    Scatter::of(troughs.iter().map(|it| zero.protrusion_nm(it.nm)))
        .of_mean()
        .finite()
}

/// Mean length of the stroke, nm: from each top down to the trough after it. Nothing of the zero
/// is in it.
///
/// # Errors
/// As for [`protrusion_bottom`] and [`crate::protrusion_mean`].
pub fn stroke_length(strokes: &[Stroke]) -> Result<Estimate, NotMeasurable> {
    troughs(strokes)?;
    let Decided { strokes, .. } = tops(strokes, MEAN_STROKES)?;
    let lengths: Vec<f64> = strokes
        .iter()
        .filter_map(|it| Some(it.peak_nm - it.trough?.nm))
        .collect();
    enough(lengths.len())?;
    Scatter::of(lengths.iter().copied()).of_mean().finite()
}

/// Drift of the tops, nm a minute: slope of a straight line through them by time.
///
/// `u` is the regression's, with the residuals' correlation r of neighbours counted as
/// √((1 + r)/(1 − r)); n_eff − 2 degrees of freedom. Strokes before a gap and after it count alike.
///
/// # Errors
/// As for [`crate::protrusion_mean`], from 20 strokes on.
pub fn drift(strokes: &[Stroke], sample_rate_hz: u32) -> Result<Estimate, NotMeasurable> {
    let needed = 2 * MEAN_STROKES;
    at_least(needed, strokes)?;
    let Decided { strokes, .. } = tops(strokes, needed)?;
    let n = strokes.len() as f64;
    let minutes = |it: &Stroke| it.mark / (60.0 * f64::from(sample_rate_hz));
    let middle = strokes.iter().map(minutes).sum::<f64>() / n;
    let height = strokes.iter().map(|it| it.peak_nm).sum::<f64>() / n;
    let times = strokes.iter().map(|it| minutes(it) - middle);
    let square = times.clone().map(|it| it * it).sum::<f64>();
    let product: f64 = times
        .clone()
        .zip(&strokes)
        .map(|(t, it)| t * (it.peak_nm - height))
        .sum();
    let slope = product / square;
    let residuals: Vec<f64> = times
        .zip(&strokes)
        .map(|(t, it)| it.peak_nm - height - slope * t)
        .collect();
    let scatter = Scatter::of(residuals.iter().copied());
    let n_eff = n * (1.0 - scatter.lag1) / (1.0 + scatter.lag1);
    let variance = scatter.variance * (n - 1.0) / (n - 2.0);
    Estimate {
        value: slope,
        u: libm::sqrt(variance / square * n / n_eff),
        dof: (n_eff - 2.0).max(1.0),
        n: strokes.len(),
    }
    .finite()
}

/// Mean time that a stroke stays within `band_nm` of its top, s.
///
/// Of a free top by its polynomial of degree 4, of a plateau by its edges and the flanks' slope
/// and curvature there. Noise of the top's own fit, u, makes it err by (u/band)²/8 of itself:
/// a band of ten u is good. `u` is s/√n_eff, and a rectangular 0.2 % for the model.
///
/// # Errors
/// As for [`crate::protrusion_mean`]; [`NotMeasurable::Shape`] for plateaus with rounded shoulders,
/// whose edges are no corners; [`NotMeasurable::NotFinite`] if the band is not positive.
pub fn dwell(
    strokes: &[Stroke],
    band_nm: f64,
    sample_rate_hz: u32,
) -> Result<Estimate, NotMeasurable> {
    at_least(MEAN_STROKES, strokes)?;
    if !(band_nm > 0.0 && band_nm.is_finite()) {
        return Err(NotMeasurable::NotFinite);
    }
    let Decided {
        strokes, rounded, ..
    } = tops(strokes, MEAN_STROKES)?;
    if rounded {
        let worst = strokes.iter().filter_map(|it| it.plateau);
        let residual_var = worst.fold(0.0, |worst, it| it.residual_var.max(worst));
        return Err(NotMeasurable::Shape {
            residual_nm: libm::sqrt(residual_var),
            noise_nm: libm::sqrt(strokes[0].noise_var),
        });
    }
    let times: Vec<f64> = strokes
        .iter()
        .filter_map(|it| Some(within(it, band_nm)? / f64::from(sample_rate_hz)))
        .collect();
    enough(times.len())?;
    let mean = Scatter::of(times.iter().copied()).of_mean();
    let model = MODEL * mean.value / libm::sqrt(3.0);
    let u = libm::hypot(mean.u, model);
    // Welch and Satterthwaite; the model's share has infinite degrees of freedom.
    let dof = mean.dof * libm::pow(u / mean.u, 4.0);
    Estimate { u, dof, ..mean }.finite()
}

/// Largest bias of a dwell by the polynomials of top and flanks, as a share of it: up to 0.16 %
/// was seen.
const MODEL: f64 = 0.002;

/// Samples within a band below the top.
fn within(stroke: &Stroke, band: f64) -> Option<f64> {
    match stroke.top_shape {
        TopShape::Free => {
            let [c2, c3, c4] = stroke.free?.curve;
            let start = libm::sqrt(band / -c2);
            let side = |sign: f64| {
                let mut t = start;
                for _ in 0..8 {
                    let below = -t * t * (c2 + t * (sign * c3 + t * c4));
                    let slope = -t * (2.0 * c2 + t * (3.0 * sign * c3 + t * 4.0 * c4));
                    t = (t - (below - band) / slope).clamp(0.25 * start, 4.0 * start);
                }
                t
            };
            Some(side(1.0) + side(-1.0)).filter(|it| it.is_finite())
        }
        TopShape::Plateau => {
            let plateau = stroke.plateau?;
            // Outwards the flank falls by slope x − curvature x².
            let side = |slope: f64, curvature: f64| {
                let root = slope * slope - 4.0 * curvature * band;
                2.0 * band / (slope + libm::sqrt(root.max(0.0)))
            };
            let (before, after) = plateau.edges;
            let sides = side(plateau.slopes.0, plateau.curvatures.0)
                + side(plateau.slopes.1, plateau.curvatures.1);
            Some(after - before + sides).filter(|it| it.is_finite())
        }
    }
}

fn troughs(strokes: &[Stroke]) -> Result<Vec<Trough>, NotMeasurable> {
    let fitted = strokes
        .iter()
        .filter_map(|it| Some((it.noise_var, it.trough?)));
    let troughs: Vec<Trough> = fitted.clone().map(|it| it.1).collect();
    enough(troughs.len())?;
    let of_fit = |(noise, it): (f64, Trough)| (it.residual_var, noise, it.residual_dof);
    noise_like(fitted.map(of_fit))?;
    Ok(troughs)
}

fn enough(found: usize) -> Result<(), NotMeasurable> {
    let needed = MEAN_STROKES;
    if found < needed {
        Err(NotMeasurable::TooFewStrokes { needed, found })
    } else {
        Ok(())
    }
}

/// Revolutions of a window and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revolutions {
    /// Between the first and the last stroke measured.
    pub turned: u64,
    /// Of them with a top that was seen and could not be measured.
    pub unmeasured: u64,
    /// Of them without a top: strokes that did not come.
    pub missed: u64,
}

/// Counts strokes that did not come, by the periods of their neighbours.
///
/// Where two strokes follow each other after k periods, k − 1 revolutions lie between them. The
/// period is the median of those of up to 16 neighbours on each side, so that a rate that slides
/// is followed.
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 10; [`NotMeasurable::Disagreement`] if an interval is no whole number of periods to a quarter of
/// one: then the rate changed at once, and what lies between cannot be told.
pub fn missed_strokes(
    strokes: &[Stroke],
    sample_rate_hz: u32,
) -> Result<Revolutions, NotMeasurable> {
    at_least(MEAN_STROKES, strokes)?;
    let intervals: Vec<f64> = strokes
        .windows(2)
        .map(|it| it[1].mark - it[0].mark)
        .collect();
    let (mut turned, mut unmeasured, mut missed) = (0, 0, 0);
    for (index, pair) in strokes.windows(2).enumerate() {
        let from = index.saturating_sub(NEIGHBOURS);
        let to = (index + NEIGHBOURS + 1).min(intervals.len());
        let mut near = intervals[from..to].to_vec();
        let middle = near.len() / 2;
        let (_, &mut period, _) = near.select_nth_unstable_by(middle, f64::total_cmp);
        let periods = whole(intervals[index], period, sample_rate_hz)?;
        let seen = pair[1].ordinal.saturating_sub(pair[0].ordinal);
        turned += periods;
        unmeasured += seen.saturating_sub(1).min(periods - 1);
        missed += periods.saturating_sub(seen);
    }
    Ok(Revolutions {
        turned,
        unmeasured,
        missed,
    })
}

/// The same against the tachometer: revolutions between the first and the last stroke by its rate.
///
/// # Errors
/// As for [`missed_strokes`] and [`tachometer_rate`]; [`NotMeasurable::Disagreement`] if the strokes
/// do not span a whole number of the tachometer's revolutions to a quarter of one.
pub fn missed_by_tachometer(
    strokes: &[Stroke],
    edges: &EdgeCapture,
    edge_u_ns: f64,
    sample_rate_hz: u32,
) -> Result<Revolutions, NotMeasurable> {
    at_least(MEAN_STROKES, strokes)?;
    let by_tachometer = tachometer_rate(edges, edge_u_ns)?.value;
    let (first, last) = (strokes[0], strokes[strokes.len() - 1]);
    let period = f64::from(sample_rate_hz) / by_tachometer;
    let turned = whole(last.mark - first.mark, period, sample_rate_hz)?;
    let seen = last.ordinal.saturating_sub(first.ordinal);
    let measured = strokes.len() as u64 - 1;
    Ok(Revolutions {
        turned,
        unmeasured: seen.saturating_sub(measured),
        missed: turned.saturating_sub(seen),
    })
}

/// How many periods an interval is.
fn whole(interval: f64, period: f64, sample_rate_hz: u32) -> Result<u64, NotMeasurable> {
    let periods = interval / period;
    let nearest = libm::round(periods);
    if !((periods - nearest).abs() <= 0.25 && (1.0..1e15).contains(&nearest)) {
        let rate = f64::from(sample_rate_hz);
        return Err(NotMeasurable::Disagreement {
            first: rate / interval,
            second: rate / period,
            allowed: 0.25 * rate / interval.max(period),
        });
    }
    // A whole number from 1 to 1e15.
    Ok(nearest as u64)
}
