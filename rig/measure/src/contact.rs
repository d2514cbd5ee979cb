//! Whether strokes have free tops or plateaus: each for itself where it shows, otherwise together
//! with its neighbours.
//!
//! A plateau 35 µm below the free top shows in one stroke at 10 µm noise; one of 10 µm does not,
//! and a fit of a smooth top then reads 7 µm too high all the same. The matched filters of
//! [`crate::flatness`] are linear in the samples, so that their mean over n strokes is √n times
//! more certain; they decide where a plateau is looked for, and whether neighbours share one.

use crate::NotMeasurable;
use crate::fit::Top;
use crate::flatness::{BIAS, WIDTHS};
use crate::hinge::Plateau;
use crate::{Stroke, TopShape};

/// Answer of a filter, in standard deviations, above which a plateau is looked for in a stroke:
/// once in 200 free strokes.
const LOOK: f64 = 3.0;
/// The same for the mean of the strokes before.
const LOOK_AFTER: f64 = 2.0;
/// Standard deviations by which the residuals of a smooth fit may exceed those of the strokes
/// before.
const MISFIT: f64 = 4.0;
/// Answer of the mean of neighbours that noise does not give.
const CERTAIN: f64 = 5.0;
/// Share of the latest stroke in the running mean.
const LATEST: f64 = 1.0 / 32.0;
/// Sum of squares, over the noise's variance, by which a plateau must explain one stroke better:
/// a free stroke's gain is above 14 once in a thousand, above 25 once in a million.
const CLEAR_GAIN: f64 = 25.0;
/// The same among neighbours most of which are clear.
const LIKELY_GAIN: f64 = 6.0;
/// Answer of all strokes together that noise does not give.
const CERTAIN_TOGETHER: f64 = 4.0;
/// Mean and standard deviation of the gain of free strokes, measured at 1 to 20 µm of noise.
const FREE_GAIN: (f64, f64) = (1.2, 2.2);
/// Root mean square over the window below which a better fit is no plateau, nm: a sextic leaves
/// so much of a slider crank.
const SMALLEST_MISFIT_NM: f64 = 100.0;
/// Standard deviations by which the middle of plateaus may lie above their mean.
const SINKING: f64 = 2.0;
/// The same, for what has no value if they do.
const SURELY_SINKING: f64 = 4.0;
/// Variance of residuals of plateaus over that of the noise, together, that shows other flanks.
const FLANK_EXCESS: f64 = 1.25;
/// Strokes on each side that decide together.
const NEIGHBOURS: usize = 16;
/// Bias of smooth tops that may be left where no plateau explains them, nm.
const TOLERATED_BIAS_NM: f64 = 500.0;

/// Sums of answers of the filters over strokes.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    sums: [f64; WIDTHS],
    variance: f64,
    /// Samples in the windows.
    samples: f64,
    n: f64,
}

impl Answers {
    fn add(&mut self, answers: &[f64; WIDTHS], variance: f64, dof: f64, sign: f64) {
        let bound = 6.0 * libm::sqrt(variance);
        for (sum, answer) in self.sums.iter_mut().zip(answers) {
            // A glitch that passed as noise must not speak for its neighbours.
            *sum += sign * answer.clamp(-bound, bound);
        }
        self.variance += sign * variance;
        self.samples += sign * (dof + 5.0);
        self.n += sign;
    }

    /// The largest, in standard deviations.
    fn largest(&self) -> f64 {
        if self.variance <= 0.0 {
            return 0.0;
        }
        self.sums.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b)) / libm::sqrt(self.variance)
    }

    /// How far smooth tops read wrong if their mean is a plateau, nm.
    fn bias_nm(&self) -> f64 {
        let largest = self.sums.iter().zip(BIAS).max_by(|a, b| a.0.total_cmp(b.0));
        let samples = (self.samples / self.n.max(1.0)).max(1.0);
        largest.map_or(0.0, |(sum, bias)| {
            bias * sum / (self.n.max(1.0) * libm::sqrt(samples))
        })
    }
}

/// What a tracker knows of the strokes before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    answers: Answers,
    /// Sum of gains and their number, with the same weights.
    gains: (f64, f64),
    /// Sum of the variances of residuals and their number, with the same weights.
    residuals: (f64, f64),
}

impl Watch {
    /// Whether a plateau is worth looking for, given the smooth fit if there is one.
    pub(crate) fn wants_plateau(&mut self, smooth: Option<&Top>) -> bool {
        let Some(smooth) = smooth else {
            return true;
        };
        let keep = 1.0 - LATEST;
        for sum in &mut self.answers.sums {
            *sum *= keep;
        }
        self.answers.variance *= keep * keep;
        self.answers.samples *= keep;
        self.answers.n *= keep;
        self.gains = (keep * self.gains.0, keep * self.gains.1);
        let mut alone = Answers::default();
        let (variance, dof) = (smooth.residual_var, smooth.residual_dof);
        alone.add(&smooth.flatness, variance, dof, 1.0);
        self.answers.add(&smooth.flatness, variance, dof, 1.0);
        let typical = self.residuals.0 / self.residuals.1;
        // The first strokes have nothing to be compared with, which makes this false.
        let usual = variance <= typical * (1.0 + MISFIT * libm::sqrt(2.0 / dof));
        !usual || alone.largest() > LOOK || self.answers.largest() > LOOK_AFTER
    }

    /// The shape of a stroke's top by what is known up to now.
    pub(crate) fn decide(&mut self, stroke: &Stroke) -> TopShape {
        let shape = self.shape_of(stroke);
        let residual_var = match shape {
            TopShape::Free => stroke.free.map(|it| it.residual_var),
            TopShape::Plateau => stroke.plateau.map(|it| it.residual_var),
        };
        if let Some(residual_var) = residual_var {
            let keep = 1.0 - LATEST;
            self.residuals.0 = keep * self.residuals.0 + residual_var;
            self.residuals.1 = keep * self.residuals.1 + 1.0;
        }
        shape
    }

    fn shape_of(&mut self, stroke: &Stroke) -> TopShape {
        let Some(plateau) = &stroke.plateau else {
            return TopShape::Free;
        };
        if stroke.free.is_none() || is_clear(plateau, CLEAR_GAIN) {
            return TopShape::Plateau;
        }
        if self.answers.largest() > LOOK_AFTER {
            // Unselected: it was not this stroke that asked for a plateau.
            self.gains = (self.gains.0 + plateau.gain, self.gains.1 + 1.0);
        }
        if self.answers.largest() > CERTAIN && explained(self.gains.0, self.gains.1) {
            TopShape::Plateau
        } else {
            TopShape::Free
        }
    }
}

fn is_clear(plateau: &Plateau, gain: f64) -> bool {
    let misfit_var = plateau.gain * plateau.residual_var / plateau.residual_dof;
    plateau.reached && plateau.gain > gain && misfit_var > SMALLEST_MISFIT_NM * SMALLEST_MISFIT_NM
}

/// Whether a stroke has a plateau, by itself.
pub(crate) fn is_clearly_plateau(stroke: &Stroke) -> bool {
    stroke
        .plateau
        .is_some_and(|plateau| stroke.free.is_none() || is_clear(&plateau, CLEAR_GAIN))
}

/// Whether so many plateaus explain more than free strokes' would, together.
fn explained(gain: f64, n: f64) -> bool {
    n >= 1.0 && gain > n * FREE_GAIN.0 + 2.0 * FREE_GAIN.1 * libm::sqrt(n)
}

/// Strokes whose tops were decided together.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    /// In order; where neighbours have plateaus and one of them could not be fitted, it is left out.
    pub(crate) strokes: Vec<Stroke>,
    /// Position of each among the strokes given.
    pub(crate) positions: Vec<usize>,
    /// Whether plateaus are surely not level to their ends.
    pub(crate) rounded: bool,
}

/// Decides the tops of strokes, each with 16 neighbours on both sides, and all together where
/// those are not certain.
///
/// # Errors
/// [`NotMeasurable::Shape`] if tops are surely not smooth, would bias a value by more than 0.5 µm,
/// and are not explained by plateaus either.
pub(crate) fn decided(strokes: &[Stroke]) -> Result<Decided, NotMeasurable> {
    let clear: Vec<bool> = strokes.iter().map(is_clearly_plateau).collect();
    let mut all = Pool::default();
    for (stroke, clear) in strokes.iter().zip(&clear) {
        all.add(stroke, *clear, 1.0);
    }
    let together = all.verdict(CERTAIN_TOGETHER)?;
    let mut near = Pool::default();
    let mut decided = Decided {
        strokes: Vec::with_capacity(strokes.len()),
        positions: Vec::with_capacity(strokes.len()),
        rounded: false,
    };
    for index in 0..NEIGHBOURS.min(strokes.len()) {
        near.add(&strokes[index], clear[index], 1.0);
    }
    for (index, stroke) in strokes.iter().enumerate() {
        if let Some(entering) = strokes.get(index + NEIGHBOURS) {
            near.add(entering, clear[index + NEIGHBOURS], 1.0);
        }
        if let Some(leaving) = index.checked_sub(NEIGHBOURS + 1) {
            near.add(&strokes[leaving], clear[leaving], -1.0);
        }
        let likely = 2.0 * near.clear > near.n
            && stroke.plateau.is_some_and(|it| is_clear(&it, LIKELY_GAIN));
        let touches = clear[index] || likely || together || near.verdict(CERTAIN).unwrap_or(false);
        let shape = if touches {
            TopShape::Plateau
        } else {
            TopShape::Free
        };
        let mut stroke = *stroke;
        if stroke.shaped(shape).is_some() {
            decided.strokes.push(stroke);
            decided.positions.push(index);
        }
    }
    if sinks(&decided.strokes, SINKING) {
        decided.rounded = sinks(&decided.strokes, SURELY_SINKING);
        decided.take_cores();
    }
    decided.bend();
    Ok(decided)
}

impl Decided {
    /// Puts back what degree 4 leaves of the free tops: the mean of what degree 6 would add. Of the
    /// mean alone, so that its noise, a seventh of that of a fit, is not in every top.
    fn bend(&mut self) {
        let bends = self.strokes.iter().filter_map(free_bend);
        let n = bends.clone().count();
        if n == 0 {
            return;
        }
        let mean = bends.sum::<f64>() / n as f64;
        for stroke in &mut self.strokes {
            if stroke.top_shape == TopShape::Free {
                stroke.peak_nm += mean;
            }
        }
    }

    /// Takes the middle half of every plateau for its level; a plateau too short for that is left
    /// out.
    fn take_cores(&mut self) {
        let positions = core::mem::take(&mut self.positions);
        let strokes = core::mem::take(&mut self.strokes);
        for (mut stroke, position) in strokes.into_iter().zip(positions) {
            if stroke.top_shape == TopShape::Plateau {
                let Some(core) = stroke.plateau.and_then(|it| it.core) else {
                    continue;
                };
                stroke.peak_nm = core.level;
                stroke.peak_u_nm = libm::sqrt(core.variance / core.n);
                stroke.residual_var = core.variance;
                stroke.residual_dof = core.n - 1.0;
            }
            self.strokes.push(stroke);
            self.positions.push(position);
        }
    }
}

/// Whether plateaus sink towards their ends, or their flanks leave more than noise: then the
/// whole of a plateau is not level. To find that by chance costs a little scatter and no bias.
fn sinks(strokes: &[Stroke], deviations: f64) -> bool {
    let (mut sinking, mut variance, mut excess, mut noise) = (0.0, 0.0, 0.0, 0.0);
    let plateaus = strokes
        .iter()
        .filter(|it| it.top_shape == TopShape::Plateau);
    for (stroke, plateau) in plateaus.filter_map(|it| Some((it, it.plateau?))) {
        excess += plateau.residual_var;
        noise += stroke.noise_var;
        if let Some(core) = plateau.core {
            sinking += core.level - plateau.level;
            variance += stroke.noise_var * (1.0 / core.n - 1.0 / core.n_plateau);
        }
    }
    sinking > deviations * libm::sqrt(variance) || excess > FLANK_EXCESS * noise
}

fn free_bend(stroke: &Stroke) -> Option<f64> {
    match stroke.top_shape {
        TopShape::Free => stroke.free.map(|it| it.bend),
        TopShape::Plateau => None,
    }
}

/// What some strokes say together.
#[derive(Clone, Copy, Debug, Default)]
struct Pool {
    /// Of those that are not clear.
    answers: Answers,
    gain: f64,
    n_gains: f64,
    clear: f64,
    n: f64,
}

impl Pool {
    fn add(&mut self, stroke: &Stroke, clear: bool, sign: f64) {
        self.n += sign;
        if clear {
            self.clear += sign;
            return;
        }
        if let Some(free) = &stroke.free {
            self.answers
                .add(&stroke.flatness, free.residual_var, free.residual_dof, sign);
        }
        if let Some(plateau) = &stroke.plateau {
            self.gain += sign * plateau.gain;
            self.n_gains += sign;
        }
    }

    /// Whether those that are not clear have plateaus all the same.
    fn verdict(&self, certain: f64) -> Result<bool, NotMeasurable> {
        if self.answers.largest() <= certain {
            return Ok(false);
        }
        if 2.0 * self.n_gains >= self.answers.n && explained(self.gain, self.n_gains) {
            return Ok(true);
        }
        let bias_nm = self.answers.bias_nm();
        if bias_nm <= TOLERATED_BIAS_NM {
            return Ok(false);
        }
        let noise_nm = libm::sqrt(self.answers.variance / self.answers.n.max(1.0));
        Err(NotMeasurable::Shape {
            residual_nm: libm::hypot(noise_nm, bias_nm),
            noise_nm,
        })
    }
}
