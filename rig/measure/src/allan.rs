//! Allan deviation: how much the rate wanders from one stretch of time to the next.

use crate::{Estimate, NotMeasurable, Stroke};
use rig_distributions::chi_squared;

/// An Allan deviation with its confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// The deviation, in the unit of the values; u is what chance makes of it.
    pub estimate: Estimate,
    /// Interval that holds the true deviation in 95.45 of 100 cases.
    pub interval: (f64, f64),
}

/// Allan deviation of adjacent stretches of `averaging` values each.
///
/// σ² = Σ (ȳ_(i+1) − ȳ_i)²/(2 (M − 1)) over the M means of stretches (NIST SP 1065, 5.2.2).
///
/// # Errors
/// [`NotMeasurable::TooFewStrokes`] below 3 stretches, [`NotMeasurable::NotFinite`].
pub fn allan_deviation(values: &[f64], averaging: usize) -> Result<Stability, NotMeasurable> {
    let length = averaging.max(1);
    let means: Vec<f64> = values
        .chunks_exact(length)
        .map(|it| it.iter().sum::<f64>() / length as f64)
        .collect();
    overlapping(&means, 1, length, 0.0)
}

/// Allan deviation of overlapping stretches of `averaging` values each: every place where two
/// neighbouring stretches fit is used.
///
/// σ² = Σ (x_(i+2m) − 2 x_(i+m) + x_i)²/(2 m² (N − 2m)) over the N phases x, sums of the values
/// (NIST SP 1065, 5.2.4). Confidence by chi-square with the degrees of freedom of white noise of
/// the rate, [3(N−1)/2m − 2(N−2)/N] 4m²/(4m²+5) (table 5 there).
///
/// # Errors
/// As [`allan_deviation`].
pub fn overlapping_allan_deviation(
    values: &[f64],
    averaging: usize,
) -> Result<Stability, NotMeasurable> {
    overlapping(values, averaging.max(1), averaging.max(1), 0.0)
}

/// Overlapping Allan deviation of the stroke rate over `strokes_each` strokes, as a fraction of
/// the rate, from the marks of strokes; timing noise of the marks, 3 u²/τ² of variance, taken off.
///
/// # Errors
/// As [`allan_deviation`]; strokes that were passed and not measured end the sequence that is
/// looked at.
pub fn stroke_stability(
    strokes: &[Stroke],
    strokes_each: usize,
) -> Result<Stability, NotMeasurable> {
    let whole = strokes
        .windows(2)
        .take_while(|it| it[1].ordinal == it[0].ordinal + 1);
    let periods: Vec<f64> = whole.map(|it| it[1].mark - it[0].mark).collect();
    let mean = periods.iter().sum::<f64>() / periods.len().max(1) as f64;
    let values: Vec<f64> = periods.iter().map(|it| it / mean - 1.0).collect();
    let variance = strokes.iter().map(|it| it.mark_u * it.mark_u).sum::<f64>();
    let each = strokes_each.max(1);
    let tau = mean * each as f64;
    let noise = 3.0 * variance / strokes.len().max(1) as f64 / (tau * tau);
    overlapping(&values, each, each, noise)
}

/// With `m` values a stretch, known noise of variance `noise` taken off; `needed_each` values make
/// a stretch for whoever reads of too few.
fn overlapping(
    values: &[f64],
    m: usize,
    needed_each: usize,
    noise: f64,
) -> Result<Stability, NotMeasurable> {
    if values.len() / m < 3 {
        return Err(NotMeasurable::TooFewStrokes {
            needed: 3 * needed_each + 1,
            found: values.len() * (needed_each / m) + 1,
        });
    }
    // About the mean, so that phases stay small and keep their digits.
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let mut phases = Vec::with_capacity(values.len() + 1);
    let mut phase = 0.0;
    phases.push(phase);
    for value in values {
        phase += value - mean;
        phases.push(phase);
    }
    let squares: f64 = phases
        .windows(2 * m + 1)
        .map(|it| {
            let second = it[2 * m] - 2.0 * it[m] + it[0];
            second * second
        })
        .sum();
    let (n, length) = (phases.len() as f64, m as f64);
    let variance = squares / (2.0 * length * length * (n - 2.0 * length));
    let four = 4.0 * length * length;
    let dof =
        ((3.0 * (n - 1.0) / (2.0 * length) - 2.0 * (n - 2.0) / n) * four / (four + 5.0)).max(1.0);
    let corrected = |variance: f64| libm::sqrt((variance - noise).max(0.0));
    let value = corrected(variance);
    let u_variance = variance * libm::sqrt(2.0 / dof);
    let estimate = Estimate {
        value,
        u: libm::sqrt(value * value + u_variance) - value,
        dof,
        n: phases.len() - 2 * m,
    }
    .finite()?;
    let tail = 0.5 * (1.0 - crate::COVERAGE_95_45);
    let limit = |share| corrected(variance * dof / chi_squared::quantile(share, dof));
    let interval = (limit(1.0 - tail), limit(tail));
    Ok(Stability { estimate, interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::Noise;

    fn near(ours: Result<Stability, NotMeasurable>, published: f64) {
        let ours = ours.expect("enough values").estimate.value;
        // Seven digits are printed.
        assert!(
            (ours / published - 1.0).abs() < 6e-7,
            "{ours}, published {published}"
        );
    }

    /// NBS Monograph 140, annex 8.E, nine values; deviations as printed in NIST SP 1065 (Riley
    /// 2008), table 30. The table was seen as quoted by several programs' tests, not itself.
    #[test]
    fn nine_values_of_nbs_monograph_140() {
        let values = [
            892.0, 809.0, 823.0, 798.0, 671.0, 644.0, 883.0, 903.0, 677.0,
        ];
        near(allan_deviation(&values, 1), 91.22945);
        near(allan_deviation(&values, 2), 115.8082);
        near(overlapping_allan_deviation(&values, 1), 91.22945);
        near(overlapping_allan_deviation(&values, 2), 85.95287);
    }

    /// The 1000-point suite of NIST SP 1065, 12.2: n ← 16807 n mod 2147483647 from 1234567890,
    /// over 2147483647; deviations of table 31, seen as quoted by several programs' tests.
    #[test]
    fn thousand_values_of_nist_sp_1065() {
        let mut state = 1_234_567_890_u64;
        let values: Vec<f64> = (0..1000)
            .map(|_| {
                let value = state as f64 / 2_147_483_647.0;
                state = state * 16_807 % 2_147_483_647;
                value
            })
            .collect();
        let mean = values.iter().sum::<f64>() / 1000.0;
        assert!(
            (mean - 0.489_774_5).abs() < 5e-8,
            "mean of table 31: {mean}"
        );
        for (averaging, adjacent, overlapping) in [
            (1, 2.922_319e-1, 2.922_319e-1),
            (10, 9.965_736e-2, 9.159_953e-2),
            (100, 3.897_804e-2, 3.241_343e-2),
        ] {
            near(allan_deviation(&values, averaging), adjacent);
            near(overlapping_allan_deviation(&values, averaging), overlapping);
        }
    }

    #[test]
    fn white_noise_falls_with_the_root_and_lies_in_its_interval() {
        let mut noise = Noise::seeded(41);
        for m in [1, 4, 20] {
            let truth = 1.0 / libm::sqrt(m as f64);
            let mut inside = 0;
            let mut inverse_dof = 0.0;
            for _ in 0..1000 {
                let values: Vec<f64> = (0..300).map(|_| noise.normal()).collect();
                let stability = overlapping_allan_deviation(&values, m).expect("enough");
                let (low, high) = stability.interval;
                inside += usize::from((low..=high).contains(&truth));
                let ratio = stability.estimate.value / truth;
                inverse_dof += (ratio * ratio - 1.0) * (ratio * ratio - 1.0) / 2000.0;
                assert!(stability.estimate.dof > 1.0);
            }
            check_dof(m, 1.0 / inverse_dof);
            // 954.5 of 1000; chi-square with these degrees of freedom is itself an approximation.
            assert!((925..=975).contains(&inside), "m = {m}: {inside} of 1000");
        }
    }

    fn check_dof(m: usize, seen: f64) {
        let values: Vec<f64> = (0..300).map(|it| f64::from(it % 7)).collect();
        let stated = overlapping_allan_deviation(&values, m)
            .expect("enough")
            .estimate
            .dof;
        assert!(
            (seen / stated - 1.0).abs() < 0.25,
            "m = {m}: degrees of freedom {seen}, stated {stated}"
        );
    }

    #[test]
    fn few_or_senseless_values_have_no_deviation() {
        assert!(allan_deviation(&[], 1).is_err());
        assert!(allan_deviation(&[1.0, 2.0], 0).is_err());
        assert!(overlapping_allan_deviation(&[1.0; 11], 4).is_err());
        assert!(overlapping_allan_deviation(&[f64::NAN; 20], 2).is_err());
        let still = overlapping_allan_deviation(&[5.0; 20], 2).expect("enough");
        assert_eq!(still.estimate.value, 0.0);
    }
}
