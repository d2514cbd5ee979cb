//! Residuals bent by Tukey's biweight, a block at a time.

/// Sums that run side by side.
const LANES: usize = 4;

/// What is summed over residuals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bending {
    /// One over the square of where the biweight ends.
    inverse: f64,
    /// Σψ², and Σψ' over samples.
    squares: [f64; LANES],
    slopes: [f64; LANES],
    /// Samples that weigh something.
    inside: [f64; LANES],
}

impl Bending {
    /// The biweight that ends at `limit`; an infinite one bends nothing.
    pub(crate) fn up_to(limit: f64) -> Self {
        Self {
            inverse: 1.0 / (limit * limit),
            squares: [0.0; LANES],
            slopes: [0.0; LANES],
            inside: [0.0; LANES],
        }
    }

    /// Bends what is left of samples into `psi`; a NaN, which is no sample, becomes zero.
    pub(crate) fn bend(&mut self, samples: &[f64], fitted: &[f64], psi: &mut Vec<f64>) {
        psi.clear();
        psi.extend(samples.iter().zip(fitted).map(|(it, fit)| it - fit));
        let (whole, rest) = psi.as_chunks_mut::<LANES>();
        for residuals in whole {
            self.bend_lanes(residuals);
        }
        let mut last = [f64::NAN; LANES];
        last[..rest.len()].copy_from_slice(rest);
        self.bend_lanes(&mut last);
        rest.copy_from_slice(&last[..rest.len()]);
    }

    #[inline]
    fn bend_lanes(&mut self, residuals: &mut [f64; LANES]) {
        for (lane, out) in residuals.iter_mut().enumerate() {
            let residual = *out;
            let square = residual * residual * self.inverse;
            let is_inside = square < 1.0;
            let weight = (1.0 - square) * (1.0 - square);
            let bent = if is_inside { residual * weight } else { 0.0 };
            let slope = (1.0 - square) * (1.0 - 5.0 * square);
            self.squares[lane] += bent * bent;
            self.slopes[lane] += if is_inside { slope } else { 0.0 };
            self.inside[lane] += if is_inside { 1.0 } else { 0.0 };
            *out = bent;
        }
    }

    pub(crate) fn squares(&self) -> f64 {
        self.squares.iter().sum()
    }

    pub(crate) fn slope(&self) -> f64 {
        self.slopes.iter().sum()
    }

    pub(crate) fn inside(&self) -> f64 {
        self.inside.iter().sum()
    }
}

/// Adds Σ x cos γt and Σ x sin γt, the first instant being given.
pub(crate) fn add_tone(values: &[f64], gamma: f64, first: f64, sums: &mut [f64; 2]) {
    let (turn_s, turn_c) = libm::sincos(gamma);
    let (mut sine, mut cosine) = libm::sincos(gamma * first);
    for value in values {
        sums[0] += value * cosine;
        sums[1] += value * sine;
        (sine, cosine) = (
            sine * turn_c + cosine * turn_s,
            cosine * turn_c - sine * turn_s,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_bent_sample_by_sample() {
        let samples: Vec<f64> = (0..23)
            .map(|it| match it {
                5 | 22 => f64::NAN,
                7 => 1e6,
                _ => 10.0 * libm::sin(f64::from(it)),
            })
            .collect();
        let fitted = vec![1.0; samples.len()];
        for limit in [30.0, 8.0, f64::INFINITY] {
            let (mut psi, mut bending) = (vec![7.0], Bending::up_to(limit));
            bending.bend(&samples, &fitted, &mut psi);
            let mut expected = [0.0; 3];
            for (sample, ours) in samples.iter().zip(&psi) {
                let residual = sample - 1.0;
                let share = (residual / limit) * (residual / limit);
                let is_inside = share < 1.0;
                let exact = if is_inside {
                    residual * (1.0 - share) * (1.0 - share)
                } else {
                    0.0
                };
                assert!(
                    (ours - exact).abs() <= 1e-12 * exact.abs(),
                    "{ours} {exact}"
                );
                if is_inside {
                    expected[0] += exact * exact;
                    expected[1] += (1.0 - share) * (1.0 - 5.0 * share);
                    expected[2] += 1.0;
                }
            }
            let sums = [bending.squares(), bending.slope(), bending.inside()];
            for (ours, exact) in sums.into_iter().zip(expected) {
                assert!(
                    (ours - exact).abs() <= 1e-12 * exact.abs(),
                    "{ours} {exact}"
                );
            }
        }
    }
}
