//! How far tops may be flattened by contact without it being noticed.
//!
//! Noise hides a plateau that is shallow enough, and the fit of a smooth top then reads too high by
//! most of its depth. What remains hidden is a matter of noise, samples and strokes, and is worked
//! out from these for the record at hand.

use crate::contact::{Decided, is_clearly_plateau};
use crate::flatness::{Shallow, WIDTHS};
use crate::protrusion::tops;
use crate::{NotMeasurable, Stroke, TopShape};

/// Whether something can have touched the needles.
///
/// There is no default to forget: whoever makes a budget says which it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contact {
    /// Something can: the tops may be flatter than they look. What contact is allowed for unless
    /// the caller knows better.
    Possible(Flattening),
    /// Nothing can, and the caller knows it: no load is fitted.
    Excluded,
}

/// The largest flattening that the tops of a record may have without showing it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flattening {
    /// How far below its free top a plateau may lie, nm; zero where every top is a plateau.
    pub depth_nm: f64,
    /// How far the mean of the tops may read too high for it, nm.
    pub half_width_nm: f64,
}

/// A plateau that would have been noticed 39 times in 40 is one that is not there: normal quantile,
/// one-sided.
const SURE: f64 = 1.960;
/// Depths that are tried lie so far apart, as a ratio.
const STEP: f64 = 1.06;
/// The smallest plateau that is tried, half its width as a share of the half window.
const NARROWEST: f64 = 0.01;
/// The widest; a plateau as wide as the window is no question of power.
const WIDEST: f64 = 0.9;
/// Bias of a plateau's fit that this crate is tested for, nm.
const PLATEAU_BIAS_NM: f64 = 200.0;
/// Answers speak for their own scatter from so many strokes on.
const FEWEST_SCATTERED: f64 = 20.0;
/// Standard deviations at which an answer is cut, as where the tops are decided.
const GLITCH: f64 = 6.0;

/// The largest flattening by contact that the tops of these strokes would not show, and what it
/// does to their mean.
///
/// A plateau at depth d takes a cap off a top whose curvature is known from the fits; what the
/// matched filters answer to that cap, and how far the fit then reads too high, follows for every d
/// without a simulation. With n strokes the mean of an answer has the standard deviation σ/√n. A
/// depth is ruled out if the filter that answers it most would, but for once in 40, have answered
/// more than was seen (or, where it answered less than nothing, than nothing: luck makes no bound
/// narrower than the test's own power). The largest depth not ruled out counts: a Neyman upper limit,
/// constrained by power (Cowan, Cranmer, Gross, Vitells 2011).
/// That all strokes touch alike is the worst case; where part of them does, they do so deeper, and
/// that shows more.
///
/// # Errors
/// As for [`crate::protrusion_maximum`]; [`NotMeasurable::Flattening`] if a plateau over nearly the
/// whole window of the fits would not be noticed.
pub fn unseen_flattening(strokes: &[Stroke]) -> Result<Flattening, NotMeasurable> {
    crate::protrusion::at_least(1, strokes)?;
    let Decided {
        strokes: decided, ..
    } = tops(strokes, 1)?;
    let n = decided.len() as f64;
    let touching = |it: &&Stroke| it.top_shape == TopShape::Plateau;
    let doubtful = decided.iter().filter(touching);
    let doubtful = doubtful.filter(|it| !is_clearly_plateau(it));
    // How much higher the smooth fit of a plateau reads than its own.
    let above: Vec<f64> = doubtful
        .filter_map(|it| it.free.map(|free| free.nm + free.bend - it.peak_nm))
        .collect();
    let n_free = n - decided.iter().filter(touching).count() as f64;
    let (n_doubtful, n_clear) = (above.len() as f64, n - n_free - above.len() as f64);
    let mut flattening = Flattening {
        depth_nm: 0.0,
        half_width_nm: (n_doubtful + n_clear) / n * PLATEAU_BIAS_NM,
    };
    let Some(seen) = Seen::of(strokes) else {
        return Ok(flattening);
    };
    if n_free > 0.0 {
        let deepest = seen.depth(SURE)?;
        flattening.depth_nm = deepest.depth_nm;
        flattening.half_width_nm += n_free / n * deepest.bias_nm;
    }
    if n_doubtful > 0.0 {
        let above = above.iter().sum::<f64>() / n_doubtful;
        let apart = |it: Hidden| (it.bias_nm - above).abs();
        let apart = apart(seen.depth(1.0)?).max(apart(seen.depth(-1.0)?));
        flattening.half_width_nm += n_doubtful / n * (apart - PLATEAU_BIAS_NM).max(0.0);
    }
    Ok(flattening)
}

/// A depth, and how far a smooth fit reads too high for it, nm.
#[derive(Clone, Copy, Debug)]
struct Hidden {
    depth_nm: f64,
    bias_nm: f64,
}

/// What strokes whose tops are in doubt show together.
struct Seen {
    shallow: Shallow,
    /// How the tops fall, nm over the square of the half window; positive.
    fall_nm: f64,
    /// Mean answers of the filters, nm, and their standard deviation.
    answers: [f64; WIDTHS],
    sigma: [f64; WIDTHS],
}

impl Seen {
    /// None if no top is in doubt.
    fn of(strokes: &[Stroke]) -> Option<Self> {
        let doubtful = strokes.iter().filter(|it| !is_clearly_plateau(it));
        let doubtful = doubtful.filter_map(|it| Some((it, it.free?)));
        let (mut n, mut half, mut fall, mut noise) = (0.0, 0.0, 0.0, 0.0);
        let (mut sums, mut squares) = ([0.0; WIDTHS], [0.0; WIDTHS]);
        let mut phases = [0.0; Shallow::PHASES];
        for (stroke, free) in doubtful {
            n += 1.0;
            half += 0.5 * (free.residual_dof + 4.0);
            fall -= free.curve[0];
            noise += free.residual_var;
            let bound = GLITCH * libm::sqrt(free.residual_var);
            for (width, answer) in stroke.flatness.iter().enumerate() {
                let answer = answer.clamp(-bound, bound);
                sums[width] += answer;
                squares[width] += answer * answer;
            }
            phases[Shallow::phase(free.offset)] += 1.0;
        }
        if n == 0.0 {
            return None;
        }
        // Truncation is exact: a rounded mean of small whole numbers.
        let half = libm::round(half / n) as usize;
        let sigma = |width: usize| {
            let mean = sums[width] / n;
            let scatter = if n >= FEWEST_SCATTERED {
                (squares[width] - n * mean * mean) / (n - 1.0)
            } else {
                0.0
            };
            libm::sqrt((noise / n).max(scatter) / n)
        };
        Some(Self {
            shallow: Shallow::of(half, phases.map(|it| it / n)),
            fall_nm: fall / n * (half * half) as f64,
            answers: sums.map(|it| it / n),
            sigma: core::array::from_fn(sigma),
        })
    }

    /// The largest depth whose answer is not above what was seen by more than so many standard
    /// deviations.
    fn depth(&self, deviations: f64) -> Result<Hidden, NotMeasurable> {
        let most = self.answers.iter().fold(0.0, |a: f64, b| a.max(*b));
        let deepest = self.fall_nm * WIDEST * WIDEST;
        let mut depth_nm = self.fall_nm * NARROWEST * NARROWEST;
        let mut hidden = Hidden {
            depth_nm: 0.0,
            bias_nm: 0.0,
        };
        // The depth before, and how far its answer stays below what would rule it out.
        let mut before = (hidden, 0.0);
        while depth_nm < deepest {
            let cut = self.shallow.cut(depth_nm, self.fall_nm);
            let (width, answer) = cut.loudest();
            let sure = deviations * self.sigma[width];
            let room = self.answers[width].max(0.0) + sure - answer;
            let here = Hidden {
                depth_nm,
                bias_nm: cut.bias_nm,
            };
            if room < 0.0 && before.1 > 0.0 {
                let share = before.1 / (before.1 - room);
                let between = |a: f64, b: f64| a + share * (b - a);
                hidden = Hidden {
                    depth_nm: between(before.0.depth_nm, depth_nm),
                    bias_nm: between(before.0.bias_nm, cut.bias_nm),
                };
            }
            if answer > most + sure {
                return Ok(hidden);
            }
            before = (here, room);
            depth_nm *= STEP;
        }
        Err(NotMeasurable::Flattening { depth_nm })
    }
}
