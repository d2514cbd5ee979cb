//! Least squares of low degree over symmetric windows: tops of stroke and level crossings.
//!
//! With samples at t = j/w, j = −w … w, even and odd powers are orthogonal, and their sums of
//! powers depend on w alone, so that a fit costs one pass over the samples.

use crate::flatness::{Templates, WIDTHS};
use std::collections::BTreeMap;

/// A fitted top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Top {
    /// Centre of the window.
    pub(crate) centre: usize,
    /// Where the vertex lies, samples after the centre.
    pub(crate) offset: f64,
    /// Value at the vertex, noise bias taken off.
    pub(crate) value: f64,
    /// Its standard uncertainty.
    pub(crate) u: f64,
    /// Variance of the residuals.
    pub(crate) residual_var: f64,
    /// Its degrees of freedom.
    pub(crate) residual_dof: f64,
    /// Derivatives at the vertex, second to fourth, over 2, 6 and 24, a sample.
    pub(crate) curve: [f64; 3],
    /// From the vertex to the mean of the window's ends.
    pub(crate) fall: f64,
    /// How flat the top is beyond what degree 4 follows: see [`Templates`].
    pub(crate) flatness: [f64; WIDTHS],
    /// What degree 6 over a window a quarter longer would add to `value`; with noise of its own,
    /// a seventh of `u`.
    pub(crate) bend: f64,
}

/// A fitted crossing of a level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crossing {
    /// Centre of the window.
    pub(crate) centre: usize,
    /// Where it crosses, samples after the centre.
    pub(crate) offset: f64,
    /// Change of the window's mean as the curve moves by one sample; noise of the mean over it is
    /// noise of `offset`.
    pub(crate) slope: f64,
}

/// Fewest samples on each side of the centre that are fitted.
pub(crate) const SMALLEST_HALF: usize = 7;
/// How often a window is moved to centre it on what it found.
const CENTRINGS: usize = 4;
/// Fall of a fitted top from its vertex to the ends of its window, as a share of the stroke's
/// height. A slider crank and a sine fall by 17 %, a triangle by 13 to 27 %, a flat top by none.
const FALL: core::ops::RangeInclusive<f64> = 0.05..=0.40;
/// The same of a trough: a slider crank's falls by 9 to 12 %.
const FALL_OF_TROUGH: core::ops::RangeInclusive<f64> = 0.03..=0.40;

/// Window lengths whose matrices are kept.
const KEPT: usize = 16;

/// Fits, with the inverse matrices of the window lengths last used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fitter {
    normals: BTreeMap<usize, Normal>,
}

/// Inverse normal matrices of a window.
#[derive(Clone, Debug)]
struct Normal {
    half: usize,
    /// For 1, t², t⁴.
    even: [[f64; 3]; 3],
    /// For t, t³.
    odd: [[f64; 2]; 2],
    /// Mean of t².
    mean_square: f64,
    /// Made when a top is first fitted with this window.
    templates: Option<Templates>,
}

/// Sums over a window of (y − y₀) tⁿ.
#[derive(Clone, Copy, Debug)]
struct Moments {
    /// y₀, the sample at the centre.
    origin: f64,
    /// n = 0, 2, 4.
    even: [f64; 3],
    /// n = 1, 3.
    odd: [f64; 2],
    /// Sum of (y − y₀)².
    squares: f64,
}

impl Fitter {
    /// Fits degree 4 around a top near `near` and gives its vertex.
    /// None if the window leaves the samples, is too short, or holds no top of a stroke of
    /// `height`.
    pub(crate) fn top(
        &mut self,
        samples: &[f64],
        near: usize,
        half: usize,
        height: f64,
    ) -> Option<Top> {
        self.vertex(samples, near, half)
            .filter(|it| FALL.contains(&(it.fall / height)))
    }

    /// As [`Fitter::top`] for the bottom of a stroke, turned upside down: a slider crank's is
    /// half as curved as its top.
    pub(crate) fn trough(
        &mut self,
        inverted: &[f64],
        near: usize,
        half: usize,
        height: f64,
    ) -> Option<Top> {
        self.vertex(inverted, near, half)
            .filter(|it| FALL_OF_TROUGH.contains(&(it.fall / height)))
    }

    fn vertex(&mut self, samples: &[f64], near: usize, half: usize) -> Option<Top> {
        let normal = self.normal(half)?;
        if normal.templates.is_none() {
            normal.templates = Some(Templates::of(half));
        }
        let normal = &*normal;
        let mut centre = near;
        for _ in 0..CENTRINGS {
            let moments = Moments::of(samples, centre, half)?;
            let c = normal.even.map(|row| dot(&row, &moments.even));
            let d = normal.odd.map(|row| dot(&row, &moments.odd));
            let t = vertex(&c, &d)?;
            let shift = t * half as f64;
            if shift.abs() > 0.75 {
                // Never further than the window, or noise could walk it away.
                centre = centre.checked_add_signed(libm::round(shift) as isize)?;
                continue;
            }
            return Some(normal.top(samples, centre, &moments, (&c, &d), t));
        }
        None
    }

    /// Fits a + b t + c t³ around a crossing of `level` near `near`, and takes the curve as odd
    /// about its crossing.
    /// None if the window leaves the samples, is too short, or does not cross.
    pub(crate) fn crossing(
        &mut self,
        samples: &[f64],
        near: usize,
        half: usize,
        level: f64,
    ) -> Option<Crossing> {
        let normal = self.normal(half)?;
        let mut centre = near;
        for _ in 0..CENTRINGS {
            let moments = Moments::of(samples, centre, half)?;
            let [b, c] = normal.odd.map(|row| dot(&row, &moments.odd));
            let mean = moments.origin + moments.even[0] / (2 * half + 1) as f64;
            // A curve that is odd about its crossing at t₀ has the mean
            // level − b t₀ − c (t₀³ + 3 t₀ mean(t²)) over the window; t₀³ is small.
            let slope = b + 3.0 * c * normal.mean_square;
            let t = (level - mean) / slope;
            if t.is_nan() || t.abs() > 1.0 {
                return None;
            }
            let shift = t * half as f64;
            if shift.abs() > 0.75 {
                centre = centre.checked_add_signed(libm::round(shift) as isize)?;
                continue;
            }
            return Some(Crossing {
                centre,
                offset: shift,
                slope: slope / half as f64,
            });
        }
        None
    }

    fn normal(&mut self, half: usize) -> Option<&mut Normal> {
        if half < SMALLEST_HALF {
            return None;
        }
        if self.normals.len() >= KEPT && !self.normals.contains_key(&half) {
            self.normals.clear();
        }
        let normal = self.normals.entry(half);
        Some(normal.or_insert_with(|| Normal::of(half)))
    }
}

impl Normal {
    fn of(half: usize) -> Self {
        let w = half as f64;
        // Sums of t⁰, t², … t⁸ over the window.
        let mut s = [2.0 * w + 1.0, 0.0, 0.0, 0.0, 0.0];
        for j in 1..=half {
            let square = (j as f64 / w) * (j as f64 / w);
            let mut power = 2.0;
            for sum in &mut s[1..] {
                power *= square;
                *sum += power;
            }
        }
        Self {
            half,
            even: invert_3([[s[0], s[1], s[2]], [s[1], s[2], s[3]], [s[2], s[3], s[4]]]),
            odd: invert_2([[s[1], s[2]], [s[2], s[3]]]),
            mean_square: s[1] / s[0],
            templates: None,
        }
    }

    fn top(
        &self,
        samples: &[f64],
        centre: usize,
        moments: &Moments,
        (c, d): (&[f64; 3], &[f64; 2]),
        t: f64,
    ) -> Top {
        let (t2, w) = (t * t, self.half as f64);
        let value = moments.origin + c[0] + t * (d[0] + t * (c[1] + t * (d[1] + t * c[2])));
        let residual_dof = 2.0 * w - 4.0;
        let explained = dot(c, &moments.even) + dot(d, &moments.odd);
        let residual_var = ((moments.squares - explained) / residual_dof).max(0.0);
        // Variance of the fitted value and of its slope at t.
        let even_part = quadratic(&self.even, &[1.0, t2, t2 * t2]);
        let odd_part = quadratic(&self.odd, &[t, t2 * t]);
        let slope_part = quadratic(&self.even, &[0.0, 2.0 * t, 4.0 * t2 * t])
            + quadratic(&self.odd, &[1.0, 3.0 * t2]);
        let curvature = 2.0 * c[1] + 6.0 * d[1] * t + 12.0 * c[2] * t2;
        // E[vertex] lies above the truth by var(slope)/(2 |curvature|): the vertex seeks the
        // highest point of a noisy curve.
        let noise_bias = residual_var * slope_part / (2.0 * curvature.abs());
        let (flatness, bend) = self.templates.as_ref().map_or(([0.0; WIDTHS], 0.0), |it| {
            let answers = it.flatness(samples, centre);
            (answers, it.bend(&answers))
        });
        Top {
            centre,
            offset: t * w,
            value: value - noise_bias,
            u: libm::sqrt(residual_var * (even_part + odd_part)),
            residual_var,
            residual_dof,
            curve: [
                0.5 * curvature / (w * w),
                (d[1] + 4.0 * c[2] * t) / (w * w * w),
                c[2] / (w * w * w * w),
            ],
            fall: -(c[1] + c[2]),
            flatness,
            bend,
        }
    }
}

impl Moments {
    /// None if the window leaves the samples.
    fn of(samples: &[f64], centre: usize, half: usize) -> Option<Self> {
        let window = samples.get(centre.checked_sub(half)?..=centre.checked_add(half)?)?;
        let origin = window[half];
        let scale = 1.0 / half as f64;
        let (mut even, mut odd, mut squares) = ([0.0; 3], [0.0; 2], 0.0);
        // Samples at −j and +j together: their sum meets even powers, their difference odd ones.
        for (j, (&before, &after)) in
            (1_u32..).zip(window[..half].iter().rev().zip(&window[half + 1..]))
        {
            let (before, after) = (before - origin, after - origin);
            let (sum, difference) = (after + before, after - before);
            let t = f64::from(j) * scale;
            let t2 = t * t;
            even[0] += sum;
            even[1] += sum * t2;
            even[2] += sum * t2 * t2;
            odd[0] += difference * t;
            odd[1] += difference * t * t2;
            squares += before * before + after * after;
        }
        Some(Self {
            origin,
            even,
            odd,
            squares,
        })
    }
}

/// Vertex of c₀ + d₀ t + c₁ t² + d₁ t³ + c₂ t⁴ near the centre, by Newton's method on the slope.
fn vertex(c: &[f64; 3], d: &[f64; 2]) -> Option<f64> {
    if c[1] >= 0.0 {
        return None;
    }
    let mut t = (-d[0] / (2.0 * c[1])).clamp(-0.5, 0.5);
    for _ in 0..5 {
        let slope = d[0] + t * (2.0 * c[1] + t * (3.0 * d[1] + t * 4.0 * c[2]));
        let curvature = 2.0 * c[1] + t * (6.0 * d[1] + t * 12.0 * c[2]);
        if curvature >= 0.0 {
            return None;
        }
        t = (t - slope / curvature).clamp(-0.5, 0.5);
    }
    t.is_finite().then_some(t)
}

/// Mean square of third differences over 20: the variance of white noise, without the signal.
pub(crate) fn third_difference_variance(window: &[f64]) -> f64 {
    if window.len() < 4 {
        return 0.0;
    }
    let squares: f64 = window
        .windows(4)
        .map(|it| {
            let third = (it[3] - it[0]) - 3.0 * (it[2] - it[1]);
            third * third
        })
        .sum();
    squares / (20.0 * (window.len() - 3) as f64)
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn quadratic<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> f64 {
    dot(&matrix.map(|row| dot(&row, vector)), vector)
}

fn invert_2([[a, b], [_, d]]: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let determinant = a * d - b * b;
    [
        [d / determinant, -b / determinant],
        [-b / determinant, a / determinant],
    ]
}

/// Inverse of a symmetric matrix by cofactors; condition here is below a thousand.
fn invert_3([[a, b, c], [_, d, e], [_, _, f]]: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let (ca, cb, cc) = (d * f - e * e, c * e - b * f, b * e - c * d);
    let (cd, ce, cf) = (a * f - c * c, b * c - a * e, a * d - b * b);
    let determinant = a * ca + b * cb + c * cc;
    [[ca, cb, cc], [cb, cd, ce], [cc, ce, cf]].map(|row| row.map(|it| it / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A polynomial of degree 4 with its top at `at`, sampled.
    fn quartic(n: usize, at: f64) -> Vec<f64> {
        let value = |i: usize| {
            let x = (i as f64 - at) / 30.0;
            3e6 - 4e5 * x * x + 2e4 * x * x * x - 1e4 * x * x * x * x
        };
        (0..n).map(value).collect()
    }

    #[test]
    fn a_polynomial_of_its_own_degree_is_met_exactly() {
        for (near, at) in [(100, 100.0), (90, 100.3), (110, 99.6)] {
            let top = Fitter::default()
                .top(&quartic(200, at), near, 24, 1.5e6)
                .expect("a top");
            assert!(
                (top.centre as f64 + top.offset - at).abs() < 1e-6
                    && (top.value - 3e6).abs() < 1e-4,
                "{top:?}"
            );
            assert!(top.residual_var < 1e-6);
        }
    }

    #[test]
    fn variance_is_the_published_share_of_the_noise() {
        // Vertex of degree 4 over m = 2w + 1 samples: σ²/m × 225/64 for large m.
        for half in [24_usize, 200, 2000] {
            let normal = Normal::of(half);
            let share = normal.even[0][0] * (2 * half + 1) as f64 / (225.0 / 64.0);
            assert!(
                (share - 1.0).abs() < 2.0 / half as f64,
                "half {half}: {share}"
            );
        }
    }

    #[test]
    fn what_is_no_top_is_refused() {
        let mut fitter = Fitter::default();
        assert!(fitter.top(&vec![1.0; 100], 50, 20, 3e6).is_none(), "flat");
        let valley: Vec<f64> = quartic(200, 100.0).iter().map(|it| -it).collect();
        assert!(fitter.top(&valley, 100, 24, 1.5e6).is_none(), "a valley");
        assert!(
            fitter.top(&quartic(200, 100.0), 100, 6, 1.5e6).is_none(),
            "too few samples"
        );
        assert!(
            fitter.top(&quartic(120, 100.0), 100, 24, 1.5e6).is_none(),
            "beyond the samples"
        );
        assert!(
            fitter.top(&[f64::NAN; 100], 50, 20, 3e6).is_none(),
            "no numbers"
        );
    }

    #[test]
    fn crossing_of_a_cubic_is_met_exactly() {
        let samples: Vec<f64> = (0..200)
            .map(|i| {
                let x = (f64::from(i) - 100.3) / 40.0;
                1e6 - 9e5 * x + 1e5 * x * x * x
            })
            .collect();
        for near in [90, 100, 112] {
            let crossing = Fitter::default()
                .crossing(&samples, near, 24, 1e6)
                .expect("a crossing");
            assert!(
                (crossing.centre as f64 + crossing.offset - 100.3).abs() < 1e-3,
                "{crossing:?}"
            );
            // 9e5/40 at the crossing, less 3 · 1e5/40³ · mean(j²) = 937.5 over ±24.
            assert!((crossing.slope + 21_562.5).abs() < 20.0, "{crossing:?}");
        }
    }
}
