//! Coverage factors: quantiles of Student's t distribution, and of the normal one.

/// Probability that a normal deviate lies within two standard deviations: coverage with k = 2.
pub const COVERAGE_95_45: f64 = 0.954_499_736_103_641_6;

/// From here on the expansion in 1/ν is exact to 2e-13 for coverages up to 99.73 %, and the
/// beta function's logarithms would begin to cancel.
const LARGE_DOF: f64 = 4000.0;

/// The t for which Student's distribution with `dof` degrees of freedom has probability
/// `coverage` between −t and t.
///
/// P(|T| ≤ t) = I_x(1/2, ν/2) with x = t²/(ν + t²) (Abramowitz and Stegun 26.7.1), inverted by
/// bisection; above 4000 degrees of freedom the expansion in 1/ν (26.7.5).
/// Checked against JCGM 100:2008 table G.2 and closed forms for ν = 1, 2 and 4; relative error
/// below 1e-10 for ν ≥ 0.5 and coverages from 1 % to 99.73 %.
/// NaN unless 0 < `coverage` < 1 and `dof` > 0.
#[must_use]
pub fn student_t_coverage(coverage: f64, dof: f64) -> f64 {
    if !(coverage > 0.0 && coverage < 1.0 && dof > 0.0) {
        return f64::NAN;
    }
    if dof >= LARGE_DOF {
        return student_t_large(normal_coverage(coverage), dof);
    }
    let inside =
        |t: f64| incomplete_beta(0.5, dof / 2.0, t * t / (dof + t * t), dof / (dof + t * t));
    bisect(inside, coverage)
}

/// The z for which a normal deviate lies between −z and z with probability `coverage`.
pub(crate) fn normal_coverage(coverage: f64) -> f64 {
    bisect(
        |z| libm::erf(z * core::f64::consts::FRAC_1_SQRT_2),
        coverage,
    )
}

/// Expected largest of `n` standard normal deviates, after Blom: Φ⁻¹((n − 0.375)/(n + 0.25)).
/// Within 2 % of the exact value from n = 2 up.
pub(crate) fn expected_maximum(n: usize) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let n = n as f64;
    // Φ(z) = p is P(|Z| ≤ z) = 2p − 1.
    normal_coverage(2.0 * (n - 0.375) / (n + 0.25) - 1.0)
}

/// Abramowitz and Stegun 26.7.5 to the third power of 1/ν.
fn student_t_large(z: f64, dof: f64) -> f64 {
    if dof.is_infinite() {
        return z;
    }
    let z2 = z * z;
    let g1 = z * (z2 + 1.0) / 4.0;
    let g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    z + (g1 + (g2 + g3 / dof) / dof) / dof
}

/// Solves `rising(t) = target` for t > 0, where `rising` goes from 0 to 1.
fn bisect(rising: impl Fn(f64) -> f64, target: f64) -> f64 {
    let mut high = 1.0;
    while rising(high) < target && high < 1e300 {
        high *= 2.0;
    }
    let mut low = 0.0;
    // Each step halves the interval; it ends when no number lies between.
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if rising(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Regularised incomplete beta function I_x(a, b), with `y` = 1 − x given apart so that neither
/// end cancels.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log(y);
    let front = libm::exp(log_front);
    // The continued fraction converges fast on this side of the mean (DLMF 8.17.22).
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    }
}

/// Continued fraction of the incomplete beta function, DLMF 8.17.22, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..2000 {
        let m = f64::from(m);
        for numerator in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_table_of_coverage_factors() {
        // JCGM 100:2008, table G.2, column 95.45 %, two decimals.
        for (dof, t) in [
            (1.0, 13.97),
            (2.0, 4.53),
            (3.0, 3.31),
            (4.0, 2.87),
            (5.0, 2.65),
            (6.0, 2.52),
            (7.0, 2.43),
            (8.0, 2.37),
            (9.0, 2.32),
            (10.0, 2.28),
            (15.0, 2.18),
            (16.0, 2.17),
            (20.0, 2.13),
            (50.0, 2.05),
            (100.0, 2.025),
        ] {
            let ours = student_t_coverage(COVERAGE_95_45, dof);
            assert!(
                (ours - t).abs() <= 0.005,
                "ν = {dof}: {ours}, published {t}"
            );
        }
        // The 99 % column, which the GUM's example H.1 uses.
        assert!((student_t_coverage(0.99, 16.0) - 2.92).abs() < 0.005);
        assert!((student_t_coverage(COVERAGE_95_45, f64::INFINITY) - 2.0).abs() < 1e-14);
    }

    #[test]
    fn closed_forms() {
        let relative = |ours: f64, exact: f64| (ours / exact - 1.0).abs();
        for p in [0.01, 0.5, 0.9, COVERAGE_95_45, 0.99, 0.9973] {
            let one = libm::tan(core::f64::consts::FRAC_PI_2 * p);
            let two = p * libm::sqrt(2.0 / (1.0 - p * p));
            assert!(
                relative(student_t_coverage(p, 1.0), one) < 1e-10,
                "ν = 1, p = {p}"
            );
            assert!(
                relative(student_t_coverage(p, 2.0), two) < 1e-10,
                "ν = 2, p = {p}"
            );
            // ν = 4: with α = 1 − p², cos(acos(√α)/3)/√α, t = 2 √(q − 1) (Shaw 2006).
            let root = libm::sqrt(1.0 - p * p);
            let four = 2.0 * libm::sqrt(libm::cos(libm::acos(root) / 3.0) / root - 1.0);
            assert!(
                relative(student_t_coverage(p, 4.0), four) < 1e-9,
                "ν = 4, p = {p}"
            );
        }
    }

    #[test]
    fn expansion_meets_the_beta_function() {
        for p in [0.5, COVERAGE_95_45, 0.9973] {
            let expansion = student_t_large(normal_coverage(p), 3999.0);
            let exact = student_t_coverage(p, 3999.0);
            assert!(
                (expansion / exact - 1.0).abs() < 1e-11,
                "p = {p}: {expansion} {exact}"
            );
        }
    }

    #[test]
    fn expected_maximum_of_normal_deviates() {
        // Exact: 1/√π for two; 2.50759 for 100, 3.24144 for 1000 (Harter 1961).
        for (n, exact) in [(1, 0.0), (2, 0.564_19), (100, 2.507_59), (1000, 3.241_44)] {
            assert!(
                (expected_maximum(n) - exact).abs() <= 0.05 * exact,
                "n = {n}"
            );
        }
    }

    #[test]
    fn senseless_arguments_give_nan() {
        for (p, dof) in [
            (0.0, 5.0),
            (1.0, 5.0),
            (0.9, 0.0),
            (f64::NAN, 5.0),
            (0.9, f64::NAN),
        ] {
            assert!(student_t_coverage(p, dof).is_nan());
        }
    }
}
