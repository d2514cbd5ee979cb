//! Coverage factors: quantiles of Student's t distribution.

/// Probability that a normal deviate lies within two standard deviations: coverage with k = 2.
pub const COVERAGE_95_45: f64 = 0.954_499_736_103_641_6;

/// The t for which Student's distribution with `dof` degrees of freedom has probability
/// `coverage` between −t and t.
#[must_use]
pub fn student_t_coverage(coverage: f64, dof: f64) -> f64 {
    let _ = (coverage, dof);
    unimplemented!()
}
