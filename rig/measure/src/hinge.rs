//! Flattened tops: least squares of min(polynomial, level), the polynomial on the flanks alone.
//!
//! A needle that meets skin, or a cam with a dwell, stays at a level before its free top. The
//! level is the mean of the samples on it, the flanks are a polynomial of degree 6, and the two
//! meet where the polynomial reaches the level: alternately fitted until no sample changes sides.

/// Coefficients of the flanks: degree 6.
const TERMS: usize = 7;
/// Power sums t⁰ … t¹².
const POWERS: usize = 2 * TERMS - 1;
/// Fewest samples of a plateau.
const SMALLEST_PLATEAU: usize = 3;
/// Fewest samples on a flank.
const SMALLEST_FLANK: usize = 5;
/// Shares of the half window at which the search for a plateau begins.
const STARTS: [f64; 8] = [0.06, 0.09, 0.135, 0.20, 0.28, 0.37, 0.47, 0.58];
/// So often the sides are taken anew at most.
const ALTERNATIONS: usize = 30;

/// A plateau, and how much better it explains the window than a smooth top does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plateau {
    /// Its level.
    pub(crate) level: f64,
    /// Standard uncertainty of `level`.
    pub(crate) u: f64,
    /// Where the flanks reach it, samples after the centre.
    pub(crate) edges: (f64, f64),
    /// Slopes of the flanks there, counts a sample, both positive towards the plateau.
    pub(crate) slopes: (f64, f64),
    /// Curvatures of the flanks there, half the second derivative, counts a sample².
    pub(crate) curvatures: (f64, f64),
    /// Variance of the residuals.
    pub(crate) residual_var: f64,
    /// Its degrees of freedom.
    pub(crate) residual_dof: f64,
    /// The middle half of the plateau, if it has enough samples.
    pub(crate) core: Option<Core>,
    /// Whether the flanks reach the level. Of a plateau so shallow that noise hides it they may
    /// not; of a glitch that looks like one they do not.
    pub(crate) reached: bool,
    /// Sum of squares that a smooth top of the same degree leaves beyond the plateau's, over
    /// `residual_var`.
    pub(crate) gain: f64,
}

/// The middle half of a plateau, where rounded shoulders do not reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Core {
    /// Mean of its samples.
    pub(crate) level: f64,
    /// Their number.
    pub(crate) n: f64,
    /// Samples of the whole plateau.
    pub(crate) n_plateau: f64,
    /// Variance of its samples.
    pub(crate) variance: f64,
}

impl Plateau {
    /// The same with its edges as sample numbers, `centre` being that of the window's centre.
    pub(crate) fn based_on(mut self, centre: f64) -> Self {
        self.edges = (centre + self.edges.0, centre + self.edges.1);
        self
    }
}

/// Sums over some samples of powers of t, of y tⁿ and y².
#[derive(Clone, Copy, Debug)]
struct Sums {
    t: [f64; POWERS],
    y: [f64; TERMS],
    squares: f64,
}

impl Sums {
    const ZERO: Self = Self {
        t: [0.0; POWERS],
        y: [0.0; TERMS],
        squares: 0.0,
    };

    /// Adds a sample `sign` times.
    fn add(&mut self, t: f64, y: f64, sign: f64) {
        let mut power = sign;
        for (n, sum) in self.t.iter_mut().enumerate() {
            *sum += power;
            if let Some(moment) = self.y.get_mut(n) {
                *moment += power * y;
            }
            power *= t;
        }
        self.squares += sign * y * y;
    }

    /// Least squares: coefficients and what they leave. None if the matrix is singular.
    fn solve(&self) -> Option<([f64; TERMS], f64)> {
        let mut lower = [[0.0; TERMS]; TERMS];
        for row in 0..TERMS {
            for column in 0..=row {
                let known: f64 = (0..column)
                    .map(|it| lower[row][it] * lower[column][it])
                    .sum();
                let rest = self.t[row + column] - known;
                lower[row][column] = if row == column {
                    if rest <= 1e-12 * self.t[2 * row] {
                        return None;
                    }
                    libm::sqrt(rest)
                } else {
                    rest / lower[column][column]
                };
            }
        }
        let mut half = [0.0; TERMS];
        for row in 0..TERMS {
            let known: f64 = (0..row).map(|it| lower[row][it] * half[it]).sum();
            half[row] = (self.y[row] - known) / lower[row][row];
        }
        let left = self.squares - half.iter().map(|it| it * it).sum::<f64>();
        let mut coefficients = [0.0; TERMS];
        for row in (0..TERMS).rev() {
            let known: f64 = (row + 1..TERMS)
                .map(|it| lower[it][row] * coefficients[it])
                .sum();
            coefficients[row] = (half[row] - known) / lower[row][row];
        }
        Some((coefficients, left.max(0.0)))
    }
}

fn value(coefficients: &[f64; TERMS], t: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, it| sum * t + it)
}

fn slope(coefficients: &[f64; TERMS], t: f64) -> f64 {
    let terms = coefficients.iter().enumerate().skip(1).rev();
    terms.fold(0.0, |sum, (n, it)| sum * t + n as f64 * it)
}

fn half_curvature(coefficients: &[f64; TERMS], t: f64) -> f64 {
    let terms = coefficients.iter().enumerate().skip(2).rev();
    terms.fold(0.0, |sum, (n, it)| {
        sum * t + 0.5 * (n * (n - 1)) as f64 * it
    })
}

/// Fits a plateau around `centre` over ±`half` samples.
/// None if the window leaves the samples, is too short, or holds no plateau.
pub(crate) fn plateau(samples: &[f64], centre: usize, half: usize) -> Option<Plateau> {
    let window = samples.get(centre.checked_sub(half)?..=centre.checked_add(half)?)?;
    if half < 2 * SMALLEST_FLANK + SMALLEST_PLATEAU {
        return None;
    }
    let origin = window[half];
    let scale = 1.0 / half as f64;
    let at = |index: usize| ((index as f64 - half as f64) * scale, window[index] - origin);
    let sums_of = |range: core::ops::Range<usize>| {
        let mut sums = Sums::ZERO;
        for index in range {
            let (t, y) = at(index);
            sums.add(t, y, 1.0);
        }
        sums
    };
    let total = sums_of(0..window.len());
    let (_, smooth) = total.solve()?;

    // The best of some plateaus about the centre.
    let mut flanks = total;
    let mut top = (0.0, 0.0, 0.0);
    let (mut from, mut to) = (half, half);
    let mut best: Option<(f64, usize, usize)> = None;
    let shift = |index: usize, sign: f64, flanks: &mut Sums, top: &mut (f64, f64, f64)| {
        let (t, y) = at(index);
        flanks.add(t, y, -sign);
        *top = (top.0 + sign, top.1 + sign * y, top.2 + sign * y * y);
    };
    for share in STARTS {
        let reach = libm::round(share * half as f64) as usize;
        if 2 * reach + 1 < SMALLEST_PLATEAU || half < reach + SMALLEST_FLANK {
            continue;
        }
        while from > half - reach {
            from -= 1;
            shift(from, 1.0, &mut flanks, &mut top);
        }
        while to < half + reach + 1 {
            shift(to, 1.0, &mut flanks, &mut top);
            to += 1;
        }
        let (_, left) = flanks.solve()?;
        let left = left + (top.2 - top.1 * top.1 / top.0);
        if best.is_none_or(|it| left < it.0) {
            best = Some((left, from, to));
        }
    }
    let (_, best_from, best_to) = best?;
    while from < best_from {
        shift(from, -1.0, &mut flanks, &mut top);
        from += 1;
    }
    while to > best_to {
        to -= 1;
        shift(to, -1.0, &mut flanks, &mut top);
    }

    for _ in 0..ALTERNATIONS {
        let (coefficients, _) = flanks.solve()?;
        let level = top.1 / top.0;
        let above = |index: usize| value(&coefficients, at(index).0) > level;
        let before = (from, to);
        while from > SMALLEST_FLANK && above(from - 1) {
            from -= 1;
            shift(from, 1.0, &mut flanks, &mut top);
        }
        while to + SMALLEST_FLANK < window.len() && above(to) {
            shift(to, 1.0, &mut flanks, &mut top);
            to += 1;
        }
        while to - from > SMALLEST_PLATEAU && !above(from) {
            shift(from, -1.0, &mut flanks, &mut top);
            from += 1;
        }
        while to - from > SMALLEST_PLATEAU && !above(to - 1) {
            to -= 1;
            shift(to, -1.0, &mut flanks, &mut top);
        }
        if (from, to) == before {
            break;
        }
    }
    let (coefficients, left) = flanks.solve()?;
    let level = top.1 / top.0;
    let left = left + (top.2 - top.1 * top.1 / top.0).max(0.0);
    let reached = value(&coefficients, at(from.midpoint(to)).0) > level;
    let residual_dof = window.len() as f64 - TERMS as f64 - 2.0;
    if !level.is_finite()
        || from <= SMALLEST_FLANK
        || to + SMALLEST_FLANK >= window.len()
        || residual_dof < 1.0
    {
        return None;
    }
    let residual_var = left / residual_dof;
    let quarter = (to - from) / 4;
    let middle = &window[from + quarter..to - quarter];
    let core = (middle.len() >= SMALLEST_PLATEAU).then(|| {
        let n = middle.len() as f64;
        let mean = middle.iter().map(|it| it - origin).sum::<f64>() / n;
        let squares = middle.iter().map(|it| it - origin - mean);
        Core {
            level: origin + mean,
            n,
            n_plateau: top.0,
            variance: squares.map(|it| it * it).sum::<f64>() / (n - 1.0),
        }
    });
    let crossing = |index: usize| {
        // Between the last sample on the flank and the first on the plateau, by one Newton step.
        let t = (index as f64 - 0.5 - half as f64) * scale;
        let step = (level - value(&coefficients, t)) / slope(&coefficients, t);
        let t = t + step.clamp(-scale, scale);
        let curvature = half_curvature(&coefficients, t) * scale * scale;
        (t * half as f64, slope(&coefficients, t) * scale, curvature)
    };
    let (left_edge, right_edge) = (crossing(from), crossing(to));
    Some(Plateau {
        level: origin + level,
        u: libm::sqrt(residual_var / top.0),
        edges: (left_edge.0, right_edge.0),
        slopes: (left_edge.1, -right_edge.1),
        curvatures: (left_edge.2, right_edge.2),
        residual_var,
        residual_dof,
        core,
        reached,
        gain: (smooth - left) / residual_var.max(f64::MIN_POSITIVE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parabola cut at `depth` below its vertex, which lies at sample 100.3.
    fn cut(depth: f64) -> Vec<f64> {
        let value = |i: usize| {
            let x = (i as f64 - 100.3) / 20.0;
            (3e6 - 1e5 * x * x).min(3e6 - depth)
        };
        (0..200).map(value).collect()
    }

    #[test]
    fn level_edges_and_slopes_are_met_exactly() {
        let found = plateau(&cut(2e5), 98, 60).expect("a plateau");
        assert!((found.level - 2.8e6).abs() < 1e-3, "{found:?}");
        // 20 √2 = 28.28 samples on each side; −2 · 1e5/400 · 28.28 = 14142 a sample.
        assert!((found.edges.0 - (2.3 - 28.284)).abs() < 0.05, "{found:?}");
        assert!((found.edges.1 - (2.3 + 28.284)).abs() < 0.05, "{found:?}");
        for slope in [found.slopes.0, found.slopes.1] {
            assert!((slope - 14_142.0).abs() < 30.0, "{found:?}");
        }
        let core = found.core.expect("long enough");
        assert!((core.level - 2.8e6).abs() < 1e-3 && core.variance < 1e-3);
        assert!(core.n_plateau >= 56.0 && core.n < 32.0);
    }

    #[test]
    fn what_is_no_plateau_is_refused() {
        let samples = cut(2e5);
        assert!(plateau(&samples, 98, 12).is_none(), "too short");
        assert!(plateau(&samples, 40, 60).is_none(), "leaves the samples");
        assert!(plateau(&[f64::NAN; 200], 98, 60).is_none(), "no numbers");
        let mut spike: Vec<f64> = cut(0.0);
        spike[101] += 1e5;
        let found = plateau(&spike, 100, 60);
        assert!(found.is_none_or(|it| !it.reached), "a glitch: {found:?}");
    }
}
