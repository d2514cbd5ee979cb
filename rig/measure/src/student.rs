//! Coverage factors: quantiles of Student's t distribution, and of the normal one.

use rig_distributions::{normal, student_t};

/// Probability that a normal deviate lies within two standard deviations: coverage with k = 2.
pub const COVERAGE_95_45: f64 = 0.954_499_736_103_641_6;

/// The t for which Student's distribution with `dof` degrees of freedom has probability
/// `coverage` between −t and t.
///
/// Checked against JCGM 100:2008 table G.2 and closed forms for ν = 1, 2 and 4; relative error
/// below 1e-12, as `rig-distributions` holds it. The normal quantile for infinitely many degrees.
/// NaN unless 0 < `coverage` < 1 and `dof` > 0.
#[must_use]
pub fn student_t_coverage(coverage: f64, dof: f64) -> f64 {
    if !(coverage > 0.0 && coverage < 1.0) {
        return f64::NAN;
    }
    student_t::central_quantile(coverage, dof)
}

/// Expected largest of `n` standard normal deviates, after Blom: Φ⁻¹((n − 0.375)/(n + 0.25)).
/// Within 2 % of the exact value from n = 2 up.
pub(crate) fn expected_maximum(n: usize) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let n = n as f64;
    normal::quantile((n - 0.375) / (n + 0.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_of_freedom_beyond_all_bounds_are_infinitely_many() {
        // A smoothed rate has them, where its timing is known beforehand.
        for dof in [1e15, 1e30, 1e99, 1e101, 1.6e124, f64::MAX] {
            let k = student_t_coverage(COVERAGE_95_45, dof);
            assert!((k - 2.0).abs() < 1e-12, "{dof}: {k}");
        }
    }

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
                relative(student_t_coverage(p, 1.0), one) < 1e-12,
                "ν = 1, p = {p}"
            );
            assert!(
                relative(student_t_coverage(p, 2.0), two) < 1e-12,
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
    fn many_degrees_approach_the_normal_quantile() {
        for p in [0.5, COVERAGE_95_45, 0.9973] {
            let (many, all) = (1e12, f64::INFINITY);
            let ratio = student_t_coverage(p, many) / student_t_coverage(p, all);
            assert!((ratio - 1.0).abs() < 1e-11, "p = {p}: {ratio}");
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
