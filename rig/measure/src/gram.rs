//! Normal equations of a drift, harmonics, hum and the rate itself over an evenly sampled window.

use crate::sums::{POWERS, lowest_power_sums, power_sums};

/// What is fitted: Σ c_p τᵖ + Σ (a cos kωt + b sin kωt) over harmonics, the same over tones.
///
/// Instants t count from the middle of the window, τ = 2t/n.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// Samples of the window, masked ones included.
    pub(crate) n: usize,
    /// Fundamental, rad/sample.
    pub(crate) omega: f64,
    /// Powers of the drift, 1 for an offset alone.
    pub(crate) drifts: usize,
    /// Harmonics, from 1 up.
    pub(crate) orders: Vec<usize>,
    /// Hum, rad/sample.
    pub(crate) tones: Vec<f64>,
}

impl Model {
    /// Coefficients: drift, then cosine and sine of every harmonic, then of every tone.
    pub(crate) fn len(&self) -> usize {
        self.drifts + 2 * (self.orders.len() + self.tones.len())
    }

    /// τ of an instant is t over this.
    pub(crate) fn scale(&self) -> f64 {
        0.5 * self.n as f64
    }

    /// Frequencies of all waves, rad/sample, and how much each moves with the fundamental.
    fn waves(&self) -> Vec<(f64, f64)> {
        let harmonic = |&k: &usize| (k as f64 * self.omega, k as f64);
        let harmonics = self.orders.iter().map(harmonic);
        harmonics
            .chain(self.tones.iter().map(|it| (*it, 0.0)))
            .collect()
    }

    /// Every column at an instant, and last the derivative by the phase that the fundamental
    /// gains over half the window.
    pub(crate) fn row(&self, t: f64, coefficients: &[f64], row: &mut Vec<f64>) {
        let tau = t / self.scale();
        row.clear();
        let mut power = 1.0;
        for _ in 0..self.drifts {
            row.push(power);
            power *= tau;
        }
        let mut slope = 0.0;
        let (s1, c1) = libm::sincos(self.omega * t);
        let (mut s, mut c) = (0.0, 1.0);
        let mut turned = 0;
        for (wave, &order) in self.orders.iter().enumerate() {
            // Harmonics by the addition theorem: in 16 steps no digit is lost that matters.
            while turned < order {
                (s, c) = (s * c1 + c * s1, c * c1 - s * s1);
                turned += 1;
            }
            row.extend([c, s]);
            let at = self.drifts + 2 * wave;
            if let Some([a, b]) = coefficients.get(at..).and_then(first_two) {
                slope += order as f64 * (b * c - a * s);
            }
        }
        for gamma in &self.tones {
            let (sine, cosine) = libm::sincos(gamma * t);
            row.extend([cosine, sine]);
        }
        row.push(tau * slope);
    }

    /// Gram matrix of the columns of [`Model::row`] over every sample of the window, row by row.
    ///
    /// Sums come from [`power_sums`]; no sample is visited. With instants counted from the
    /// middle, cosines and sines do not meet.
    pub(crate) fn gram(&self, coefficients: &[f64]) -> Matrix {
        let (p, scale) = (self.drifts, self.scale());
        let waves = self.waves();
        let size = self.len() + 1;
        let last = size - 1;
        let mut gram = Matrix::zero(size);
        let still = power_sums(self.n, 0.0);
        let scaled =
            |sums: &[f64; POWERS], power: usize| sums[power] / libm::pow(scale, power as f64);
        for i in 0..p {
            for j in 0..p {
                if (i + j) % 2 == 0 {
                    gram.set(i, j, scaled(&still, i + j));
                }
            }
        }
        let sums = Sums::of(self);
        let pair = |wave: usize| {
            let at = p + 2 * wave;
            let known = coefficients.get(at..).and_then(first_two);
            (at, known.unwrap_or([0.0, 0.0]))
        };
        for (i, &(_, order_i)) in waves.iter().enumerate() {
            let (at, [a, b]) = pair(i);
            let alone = sums.alone(i);
            for power in 0..p {
                let sum = scaled(&alone, power);
                gram.set_both(power, if power % 2 == 0 { at } else { at + 1 }, sum);
                // The derivative is τ times a wave.
                let sum = scaled(&alone, power + 1);
                let part = if power % 2 == 0 { -a } else { b };
                gram.add_both(power, last, order_i * part * sum);
            }
            for (j, &(_, order_j)) in waves.iter().enumerate() {
                let (other, [a_other, b_other]) = pair(j);
                let (minus, plus) = sums.pair(i, j);
                gram.set(at, other, 0.5 * (minus[0] + plus[0]));
                gram.set(at + 1, other + 1, 0.5 * (minus[0] - plus[0]));
                if order_j != 0.0 {
                    // S₁ is odd in its frequency; `minus` is that of γᵢ − γⱼ.
                    let cosine = -a_other * 0.5 * (plus[1] - minus[1]) / scale;
                    let sine = b_other * 0.5 * (plus[1] + minus[1]) / scale;
                    gram.add_both(at, last, order_j * cosine);
                    gram.add_both(at + 1, last, order_j * sine);
                    let squares = a * a_other * 0.5 * (minus[2] - plus[2])
                        + b * b_other * 0.5 * (minus[2] + plus[2]);
                    gram.add(last, last, order_i * order_j * squares / (scale * scale));
                }
            }
        }
        gram
    }
}

fn first_two(values: &[f64]) -> Option<[f64; 2]> {
    Some([*values.first()?, *values.get(1)?])
}

/// Sums over the window at every sum and difference of two frequencies of a model.
struct Sums {
    n: usize,
    waves: Vec<f64>,
    orders: Vec<usize>,
    /// At the multiples of the fundamental.
    multiples: Vec<[f64; POWERS]>,
}

impl Sums {
    fn of(model: &Model) -> Self {
        let highest = model.orders.iter().copied().max().unwrap_or(0);
        // A wave alone meets drift and derivative; sums and differences meet each other.
        let powers = |k: usize| {
            if k <= highest {
                model.drifts.max(2) + 1
            } else {
                3
            }
        };
        let multiple = |k: usize| lowest_power_sums(model.n, k as f64 * model.omega, powers(k));
        Self {
            n: model.n,
            waves: model.waves().into_iter().map(|it| it.0).collect(),
            orders: model.orders.clone(),
            multiples: (0..=2 * highest).map(multiple).collect(),
        }
    }

    fn alone(&self, i: usize) -> [f64; POWERS] {
        match self.orders.get(i) {
            Some(&order) => self.multiples[order],
            None => power_sums(self.n, self.waves[i]),
        }
    }

    /// At γᵢ − γⱼ and at γᵢ + γⱼ.
    fn pair(&self, i: usize, j: usize) -> ([f64; POWERS], [f64; POWERS]) {
        match (self.orders.get(i), self.orders.get(j)) {
            (Some(&i), Some(&j)) => {
                let minus = self.multiples[i.abs_diff(j)];
                (
                    if i < j { odd_turned(minus) } else { minus },
                    self.multiples[i + j],
                )
            }
            _ => {
                let (i, j) = (self.waves[i], self.waves[j]);
                (power_sums(self.n, i - j), power_sums(self.n, i + j))
            }
        }
    }
}

/// The sums at the negative frequency.
fn odd_turned(mut sums: [f64; POWERS]) -> [f64; POWERS] {
    for odd in sums.iter_mut().skip(1).step_by(2) {
        *odd = -*odd;
    }
    sums
}

/// A symmetric matrix.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    size: usize,
    cells: Vec<f64>,
}

impl Matrix {
    pub(crate) fn zero(size: usize) -> Self {
        Self {
            size,
            cells: vec![0.0; size * size],
        }
    }

    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        self.cells[i * self.size + j]
    }

    fn set(&mut self, i: usize, j: usize, value: f64) {
        self.cells[i * self.size + j] = value;
    }

    fn add(&mut self, i: usize, j: usize, value: f64) {
        self.cells[i * self.size + j] += value;
    }

    fn set_both(&mut self, i: usize, j: usize, value: f64) {
        self.set(i, j, value);
        self.set(j, i, value);
    }

    fn add_both(&mut self, i: usize, j: usize, value: f64) {
        self.add(i, j, value);
        self.add(j, i, value);
    }

    /// Takes the outer products of four rows with themselves off the lower triangle, and off some
    /// of the upper: every cell is read and written once for them all.
    pub(crate) fn take_off_four(&mut self, rows: [&[f64]; 4]) {
        let size = self.size;
        let [a, b, c, d] = rows.map(|it| &it[..size]);
        for (i, cells) in self.cells.chunks_exact_mut(size).enumerate() {
            let left = [a[i], b[i], c[i], d[i]];
            // Of even length, so that two cells go side by side.
            let end = ((i | 1) + 1).min(size);
            let columns = a[..end].iter().zip(&b[..end]).zip(&c[..end]).zip(&d[..end]);
            for (cell, (((a, b), c), d)) in cells[..end].iter_mut().zip(columns) {
                *cell -= (left[0] * a + left[1] * b) + (left[2] * c + left[3] * d);
            }
        }
    }

    /// Adds `weight` times the outer product of a row with itself to the lower triangle, which is
    /// all that is read.
    pub(crate) fn add_outer(&mut self, weight: f64, row: &[f64]) {
        for (i, (cells, &left)) in self.cells.chunks_mut(self.size).zip(row).enumerate() {
            let left = weight * left;
            for (cell, right) in cells[..=i].iter_mut().zip(row) {
                *cell += left * right;
            }
        }
    }

    /// Lower Cholesky factor of the first `n` columns. None if a column is, to twelve digits, a
    /// sum of those before it.
    pub(crate) fn cholesky(&self, n: usize) -> Option<Factor> {
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let (row_i, row_j) = (&lower[i * n..i * n + j], &lower[j * n..j * n + j]);
                let known: f64 = row_i.iter().zip(row_j).map(|(a, b)| a * b).sum();
                let rest = self.get(i, j) - known;
                if i == j {
                    let enough = rest > 1e-12 * self.get(i, i);
                    if !enough {
                        return None;
                    }
                    lower[i * n + i] = libm::sqrt(rest);
                } else {
                    lower[i * n + j] = rest / lower[j * n + j];
                }
            }
        }
        Some(Factor { size: n, lower })
    }
}

/// A lower Cholesky factor.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    size: usize,
    lower: Vec<f64>,
}

impl Factor {
    /// Solves the equations of the first `right.len()` columns.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let (n, m) = (self.size, right.len().min(self.size));
        let mut x = right[..m].to_vec();
        for i in 0..m {
            let row = &self.lower[i * n..i * n + i];
            let known: f64 = row.iter().zip(&x).map(|(a, b)| a * b).sum();
            x[i] = (x[i] - known) / self.lower[i * n + i];
        }
        for i in (0..m).rev() {
            let known: f64 = (i + 1..m).map(|j| self.lower[j * n + i] * x[j]).sum();
            x[i] = (x[i] - known) / self.lower[i * n + i];
        }
        x
    }

    /// What is left of the last column's square after the columns before it: the inverse of the
    /// last cell of the inverse matrix.
    pub(crate) fn last(&self) -> f64 {
        let last = self.lower[self.size * self.size - 1];
        last * last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gram_is_that_of_the_rows() {
        for (n, omega, tones) in [
            (500, 0.05, vec![]),
            (501, 0.3, vec![0.0157]),
            (97, 0.11, vec![0.02, 0.024]),
        ] {
            let model = Model {
                n,
                omega,
                drifts: 4,
                orders: vec![1, 2, 3, 7],
                tones,
            };
            let coefficients: Vec<f64> = (0..model.len())
                .map(|it| 1.0 + libm::sin(it as f64))
                .collect();
            let mut direct = Matrix::zero(model.len() + 1);
            let mut row = Vec::new();
            for i in 0..n {
                model.row(i as f64 - 0.5 * (n as f64 - 1.0), &coefficients, &mut row);
                direct.add_outer(1.0, &row);
            }
            let gram = model.gram(&coefficients);
            for i in 0..=model.len() {
                for j in 0..=i {
                    let size = libm::sqrt(direct.get(i, i) * direct.get(j, j));
                    let off = (gram.get(i, j) - direct.get(i, j)).abs();
                    assert!(
                        off <= 1e-10 * size,
                        "n {n}, {i} {j}: {} {}",
                        gram.get(i, j),
                        direct.get(i, j)
                    );
                }
            }
        }
    }

    #[test]
    fn four_rows_at_once_are_four_rows() {
        for size in [1, 2, 5, 8] {
            let rows = [0.3, 1.1, 2.2, 3.7].map(|phase| -> Vec<f64> {
                (0..size).map(|it| libm::sin(phase + it as f64)).collect()
            });
            let (mut at_once, mut each) = (Matrix::zero(size), Matrix::zero(size));
            at_once.take_off_four([&rows[0], &rows[1], &rows[2], &rows[3]]);
            for row in &rows {
                each.add_outer(-1.0, row);
            }
            for i in 0..size {
                for j in 0..=i {
                    let off = at_once.get(i, j) - each.get(i, j);
                    assert!(off.abs() < 1e-14, "{size}, {i} {j}: {off}");
                }
            }
        }
    }

    #[test]
    fn solutions_solve() {
        let mut matrix = Matrix::zero(3);
        for row in [[1.0, 2.0, 3.0], [2.0, -1.0, 1.0], [0.5, 4.0, -2.0]] {
            matrix.add_outer(1.0, &row);
        }
        let factor = matrix.cholesky(3).expect("it is positive");
        let x = factor.solve(&[1.0, -2.0, 3.0]);
        for (i, right) in [1.0, -2.0, 3.0].into_iter().enumerate() {
            let sum: f64 = (0..3).map(|j| matrix.get(i.max(j), i.min(j)) * x[j]).sum();
            assert!((sum - right).abs() < 1e-10);
        }
        let mut flat = Matrix::zero(2);
        flat.add_outer(1.0, &[1.0, 2.0]);
        assert!(flat.cholesky(2).is_none(), "columns that are multiples");
    }
}
