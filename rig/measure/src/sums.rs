//! Sums of powers times a cosine or a sine over a window, without visiting its samples.

/// Powers 0 to 6: what a cubic drift against a cubic drift needs.
pub(crate) const POWERS: usize = 7;

/// Σ tᵖ cos γt for even p and Σ tᵖ sin γt for odd p, over the n instants
/// t = −(n−1)/2, …, (n−1)/2; the other two kinds are zero by symmetry.
///
/// For p = 0 it is the Dirichlet kernel sin(nγ/2)/sin(γ/2), for higher p its derivatives. Their
/// closed forms cancel near γ = 0, so the window is built from its halves instead: a window of
/// 2m instants is two of m, moved by ±m/2 (binomial theorem and addition theorem), an odd one
/// has an instant in between. That is ⌈log₂ n⌉ steps, and every term is of the size of its sum.
pub(crate) fn power_sums(n: usize, gamma: f64) -> [f64; POWERS] {
    lowest_power_sums(n, gamma, POWERS)
}

/// As [`power_sums`], for the lowest powers alone; the others are zero.
pub(crate) fn lowest_power_sums(n: usize, gamma: f64, powers: usize) -> [f64; POWERS] {
    let mut sums = [0.0; POWERS];
    if n == 0 {
        return sums;
    }
    sums[0] = 1.0;
    let bits = usize::BITS - n.leading_zeros();
    let mut length = 1_usize;
    for bit in (0..bits - 1).rev() {
        let is_odd = n >> bit & 1 == 1;
        // Two halves of `length`; with an instant between them their centres lie further apart.
        let shift = 0.5 * (length as f64 + if is_odd { 1.0 } else { 0.0 });
        sums = joined(&sums, shift, gamma, powers);
        if is_odd {
            sums[0] += 1.0;
        }
        length = 2 * length + usize::from(is_odd);
    }
    sums
}

/// Sums over two windows like the given one, moved by plus and minus `shift`.
fn joined(half: &[f64; POWERS], shift: f64, gamma: f64, powers: usize) -> [f64; POWERS] {
    let (sine, cosine) = libm::sincos(gamma * shift);
    let mut moved = [0.0; POWERS];
    let mut row = [0.0; POWERS];
    row[0] = 1.0;
    for (power, out) in moved.iter_mut().enumerate().take(powers) {
        if power > 0 {
            // Pascal's triangle with powers of the shift: row[j] = C(p, j) shift^(p−j).
            for j in (1..=power).rev() {
                row[j] = row[j - 1] + shift * row[j];
            }
            row[0] *= shift;
        }
        let mut sum = 0.0;
        for j in 0..=power {
            let factor = match (power % 2, j % 2) {
                (0, 0) | (1, 1) => cosine,
                (0, _) => -sine,
                _ => sine,
            };
            sum += row[j] * half[j] * factor;
        }
        *out = 2.0 * sum;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_over_the_samples() {
        for n in [0_usize, 1, 2, 3, 4, 5, 7, 64, 171, 1000] {
            for gamma in [0.0, 1e-9, 0.001, 0.036, 1.0, 3.1, -0.7] {
                let sums = power_sums(n, gamma);
                for (power, &ours) in (0_i32..).zip(&sums) {
                    let term = |i: usize| {
                        let t = i as f64 - 0.5 * (n as f64 - 1.0);
                        let (sine, cosine) = libm::sincos(gamma * t);
                        let wave = if power % 2 == 0 { cosine } else { sine };
                        (t.powi(power) * wave, t.abs().powi(power))
                    };
                    let (direct, size) = (0..n)
                        .map(term)
                        .fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
                    assert!(
                        (ours - direct).abs() <= 1e-12 * size,
                        "n {n}, γ {gamma}, p {power}: {ours} {direct}"
                    );
                }
            }
        }
    }
}
