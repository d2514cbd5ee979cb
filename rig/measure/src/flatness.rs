//! Whether a top is flatter than a smooth one: matched filters on what degree 4 leaves.

/// Filters: one for each of four widths, and one for what degree 6 would change.
pub(crate) const WIDTHS: usize = 5;
/// Position of the last.
const BEND: usize = 4;
/// Its window, as a multiple of the others'.
const BEND_REACH: f64 = 1.25;

/// Half widths of the missing caps, as shares of the half window.
const SHARES: [f64; BEND] = [0.2, 0.35, 0.55, 0.8];

/// How far a fit of degree 4 over m samples reads wrong at its vertex if a cap of each width is
/// missing, times √m over the filter's answer; of long windows, for the fourth without its sign.
/// For the last filter, by how much a fit of degree 6 over its window would differ, brought to m.
pub(crate) const BIAS: [f64; WIDTHS] = [3.035, 2.556, 0.836, 1.997, 0.264];

/// Filters for one length of window.
///
/// A plateau cuts a cap d (1 − (t/u)²) off a smooth top. A filter is that cap without what a
/// polynomial of degree 6 takes up, so that it answers a smooth top with nothing, and
/// scaled so that it answers noise of standard deviation σ with σ. Its answers are linear in the
/// samples: the mean over many strokes sees what one stroke cannot.
/// The last filter answers the power t⁶ that degree 4 leaves over a window a quarter longer.
#[derive(Clone, Debug)]
pub(crate) struct Templates {
    /// For t = j/half, j = 0 … half; each is even in t.
    filters: Vec<[f64; BEND]>,
    /// The same over the longer window.
    bend: Vec<f64>,
    /// What degree 6 adds at the vertex of a fit of degree 4, over the last filter's answer.
    bend_gain: f64,
}

/// Even functions of t = j/half, j = 0 … half, that are orthogonal over ±half and of norm 1.
#[derive(Clone, Debug)]
struct Orthogonal {
    half: usize,
    basis: Vec<Vec<f64>>,
}

impl Orthogonal {
    /// Of 1, t², … t^(2 (n − 1)).
    fn powers(half: usize, n: usize) -> Self {
        let mut orthogonal = Self {
            half,
            basis: Vec::with_capacity(n),
        };
        for power in 0..n {
            let mut rest = orthogonal.rest(|t2| (0..power).fold(1.0, |product, _| product * t2));
            let norm = libm::sqrt(dot(&rest, &rest));
            for value in &mut rest {
                *value /= norm;
            }
            orthogonal.basis.push(rest);
        }
        orthogonal
    }

    /// What is left of a function of t² without the others.
    fn rest(&self, function: impl Fn(f64) -> f64) -> Vec<f64> {
        let at = |j: usize| {
            let t = j as f64 / self.half as f64;
            function(t * t)
        };
        let mut rest: Vec<f64> = (0..=self.half).map(at).collect();
        for other in &self.basis {
            let share = dot(&rest, other);
            for (value, other) in rest.iter_mut().zip(other) {
                *value -= share * other;
            }
        }
        rest
    }
}

/// Sum over ±half of the product of two even functions.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let products = a.iter().zip(b).map(|(a, b)| a * b);
    2.0 * products.sum::<f64>() - a[0] * b[0]
}

impl Templates {
    pub(crate) fn of(half: usize) -> Self {
        let powers = Orthogonal::powers(half, 4);
        let mut filters = vec![[0.0; BEND]; half + 1];
        for (width, share) in SHARES.iter().enumerate() {
            let rest = powers.rest(|t2| (1.0 - t2 / (share * share)).max(0.0));
            let norm = libm::sqrt(dot(&rest, &rest));
            for (filter, rest) in filters.iter_mut().zip(rest) {
                filter[width] = if norm > 0.0 { -rest / norm } else { 0.0 };
            }
        }
        let reach = libm::round(BEND_REACH * half as f64) as usize;
        let mut powers = Orthogonal::powers(reach, 4).basis;
        let mut bend = powers.pop().unwrap_or_default();
        // A smooth top that is too flat for degree 4 has less of it at the centre.
        let sign = if bend.first().is_some_and(|it| *it > 0.0) {
            -1.0
        } else {
            1.0
        };
        for value in &mut bend {
            *value *= sign;
        }
        let shrink = half as f64 / reach as f64;
        let bend_gain = bend.first().unwrap_or(&0.0) * libm::pow(shrink, 6.0);
        Self {
            filters,
            bend,
            bend_gain,
        }
    }

    /// What degree 6 over the longer window adds at the vertex to a fit of degree 4.
    pub(crate) fn bend(&self, answers: &[f64; WIDTHS]) -> f64 {
        self.bend_gain * answers[BEND]
    }

    /// Answers of the filters at a sample, positive for a top that is too flat. Zero where a window
    /// leaves the samples.
    pub(crate) fn flatness(&self, samples: &[f64], centre: usize) -> [f64; WIDTHS] {
        let mut answers = [0.0; WIDTHS];
        let reach = self.bend.len() - 1;
        let window = centre
            .checked_sub(reach)
            .and_then(|from| samples.get(from..=centre + reach));
        let Some(window) = window else {
            return answers;
        };
        let origin = window[reach];
        let pairs = window[..reach].iter().rev().zip(&window[reach + 1..]);
        let sums = pairs.map(|(before, after)| (before - origin) + (after - origin));
        for (weight, sum) in self.bend[1..].iter().zip(sums.clone()) {
            answers[BEND] += weight * sum;
        }
        for (filter, sum) in self.filters[1..].iter().zip(sums) {
            for (answer, weight) in answers.iter_mut().zip(filter) {
                *answer += weight * sum;
            }
        }
        answers
    }
}

/// What shallow plateaus do to filters and fits of a window of one length, without noise.
#[derive(Clone, Debug)]
pub(crate) struct Shallow {
    half: usize,
    templates: Templates,
    /// For a fit of degree 4: even functions, orthogonal.
    quartic: Orthogonal,
    /// Share of the strokes whose vertex lies so far from a sample.
    phases: [f64; Self::PHASES],
}

/// What a plateau of some depth does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// Answers of the filters, nm.
    pub(crate) answers: [f64; WIDTHS],
    /// How far the fit of a smooth top reads too high, nm.
    pub(crate) bias_nm: f64,
}

impl Cut {
    /// The filter that answers most, and its answer. Not the last: what it sees, smooth tops have.
    pub(crate) fn loudest(&self) -> (usize, f64) {
        let answers = self.answers[..BEND].iter().copied().enumerate();
        answers.fold((0, f64::NEG_INFINITY), |a, b| if b.1 > a.1 { b } else { a })
    }
}

impl Shallow {
    /// Distances of the vertex from the window's middle that are told apart.
    pub(crate) const PHASES: usize = 6;
    /// Which reach so far, samples: then a window is moved.
    const FARTHEST: f64 = 0.75;

    /// For windows of ±`half` samples, and the shares of the distances.
    pub(crate) fn of(half: usize, phases: [f64; Self::PHASES]) -> Self {
        Self {
            half,
            templates: Templates::of(half),
            quartic: Orthogonal::powers(half, 3),
            phases,
        }
    }

    /// Which of them an offset has.
    pub(crate) fn phase(offset: f64) -> usize {
        // Truncation is meant.
        ((Self::PHASES as f64 / Self::FARTHEST * offset.abs()) as usize).min(Self::PHASES - 1)
    }

    /// A plateau `depth` below the free vertex of tops that are seen to fall by `fall` over the half
    /// window, both nm.
    pub(crate) fn cut(&self, depth: f64, fall: f64) -> Cut {
        let mut cut = Cut {
            answers: [0.0; WIDTHS],
            bias_nm: 0.0,
        };
        // The plateau makes the fit flatter than the free top is.
        let mut free = fall;
        for _ in 0..2 {
            free = fall + self.fitted(&self.cap(depth, free, 0.25)).1;
        }
        for (phase, share) in self.phases.iter().enumerate().filter(|it| *it.1 > 0.0) {
            let distance = (0.5 + phase as f64) * Self::FARTHEST / Self::PHASES as f64;
            let cap = self.cap(depth, free, distance);
            let answers = self.templates.flatness(&cap, cap.len() / 2);
            for (sum, answer) in cut.answers.iter_mut().zip(answers) {
                *sum += share * answer;
            }
            let fitted = self.fitted(&cap).0 + self.templates.bend(&answers);
            cut.bias_nm += share * (depth + fitted);
        }
        cut
    }

    /// What a plateau takes off, as far as the longest filter reaches; never positive.
    fn cap(&self, depth: f64, fall: f64, distance: f64) -> Vec<f64> {
        let reach = self.templates.bend.len() - 1;
        let curve = fall / (self.half * self.half) as f64;
        let below = |index: usize| {
            let from_vertex = index as f64 - reach as f64 - distance;
            -(depth - curve * from_vertex * from_vertex).max(0.0)
        };
        (0..=2 * reach).map(below).collect()
    }

    /// Value at the centre, and coefficient of t², of the fit of degree 4 to something about even.
    fn fitted(&self, samples: &[f64]) -> (f64, f64) {
        let centre = samples.len() / 2;
        let even: Vec<f64> = (0..=self.half)
            .map(|it| 0.5 * (samples[centre - it] + samples[centre + it]))
            .collect();
        let at = |j: usize| -> f64 {
            let shares = self.quartic.basis.iter().map(|it| dot(it, &even) * it[j]);
            shares.sum()
        };
        // v + a t² + b t⁴ at two places.
        let near = self.half / 2;
        let t2 = (near * near) as f64 / (self.half * self.half) as f64;
        let vertex = at(0);
        let (inner, outer) = (at(near) - vertex, at(self.half) - vertex);
        (vertex, (inner / t2 - t2 * outer) / (1.0 - t2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::Noise;

    #[test]
    fn a_filter_sees_its_cap_and_no_smooth_top() {
        let half = 40;
        let templates = Templates::of(half);
        let window = |value: &dyn Fn(f64) -> f64| -> Vec<f64> {
            (0..=4 * half)
                .map(|it| value((it as f64 - 2.0 * half as f64) / half as f64))
                .collect()
        };
        let smooth = |t: f64| {
            3e6 - 4e5 * t * t + 1e5 * t - 3e4 * t * t * t + 2e4 * t * t * t * t
                - 9e3 * libm::pow(t, 6.0)
        };
        let answers = templates.flatness(&window(&smooth), 2 * half);
        for answer in &answers[..BEND] {
            assert!(answer.abs() < 1e-6, "{answer}");
        }
        assert!(answers[BEND].abs() > 1e3, "t⁶ is what the last one sees");
        for (width, share) in SHARES.iter().enumerate() {
            let cut = window(&|t| smooth(t) - 1e5 * (1.0 - (t / share) * (t / share)).max(0.0));
            let answers = templates.flatness(&cut, 2 * half);
            let best = answers[..BEND]
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1))
                .map(|it| it.0);
            assert_eq!(best, Some(width), "{answers:?}");
        }
    }

    #[test]
    fn bend_is_what_degree_4_leaves_of_t6_at_the_vertex() {
        // A fit of degree 4 over ±w reads −5/231 c w⁶ wrong at the vertex of c t⁶.
        let half = 400;
        let templates = Templates::of(half);
        let samples: Vec<f64> = (0..=4 * half)
            .map(|it| 1e6 * libm::pow((it as f64 - 2.0 * half as f64) / half as f64, 6.0))
            .collect();
        let bend = templates.bend(&templates.flatness(&samples, 2 * half));
        assert!((bend / (-1e6 * 5.0 / 231.0) - 1.0).abs() < 0.01, "{bend}");
    }

    #[test]
    fn noise_is_answered_by_its_own_standard_deviation() {
        let half = 20;
        let templates = Templates::of(half);
        let mut noise = Noise::seeded(31);
        let n = 4000;
        let mut squares = [0.0; WIDTHS];
        for _ in 0..n {
            let window: Vec<f64> = (0..=4 * half).map(|_| 3.0 * noise.normal()).collect();
            let answers = templates.flatness(&window, 2 * half);
            for (sum, answer) in squares.iter_mut().zip(answers) {
                *sum += answer * answer / f64::from(n);
            }
        }
        for square in squares {
            assert!((square / 9.0 - 1.0).abs() < 0.1, "{square}");
        }
    }
}
