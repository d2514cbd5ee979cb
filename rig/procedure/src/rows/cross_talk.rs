//! The row of cross-talk of depth on rate.

use super::link::NOTCH;
use super::load::change_budget;
use super::{Kernel, RowError, capture, evidence, rate, stated};
use crate::pen::Pen;
use firmware_units::Micrometers;
use rig_bench::Bench;
use rig_measure::{
    COVERAGE_95_45, Combined, Estimate, Measured, NotMeasurable, student_t_coverage,
};
use rig_spec::{Evidence, Row};

/// RAT-09: the largest difference of the realised mean rates of any two notches over the mean of
/// all; positive if the deeper of the two is the faster.
///
/// The pair is chosen by what was measured, so U must hold for whichever pair it is: its coverage
/// factor is that of all pairs at once (Bonferroni), a bound above Tukey's studentised range.
pub(crate) fn of_depth_on_rate<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
) -> Result<Evidence, RowError> {
    let set_rate = stated(row, "rate_per_s", row.rate.one())?;
    let length = stated(row, "window_s", row.window.one())?;
    let notches = pen.limits().range.0 / NOTCH.0;
    let mut rates: Vec<Estimate> = Vec::new();
    for notch in 1..=notches {
        let depth = Micrometers(notch * NOTCH.0);
        let window = capture::time(pen, depth, set_rate, length)?;
        rates.push(rate::agreed(pen, &window)?);
    }
    pen.lock_depth()?;
    let difference = largest_difference(&rates)?;
    let budget = change_budget(pen, &difference);
    let n_pairs = rates.len() * (rates.len() - 1) / 2;
    let uncertainty = simultaneous(&budget.combine(), n_pairs);
    let measured = Measured {
        value: difference.value,
        uncertainty,
        budget,
        n: rates.len(),
    };
    evidence(row, Kernel::Fraction, &measured)
}

/// Of all pairs the one that differs most: the later minus the earlier, over the mean of all.
fn largest_difference(rates: &[Estimate]) -> Result<Estimate, NotMeasurable> {
    let (mut slowest, mut fastest) = (0, 0);
    for (index, rate) in rates.iter().enumerate() {
        if rate.value < rates[slowest].value {
            slowest = index;
        }
        if rate.value > rates[fastest].value {
            fastest = index;
        }
    }
    let (Some(low), Some(high), true) = (rates.get(slowest), rates.get(fastest), rates.len() > 1)
    else {
        let (needed, found) = (2, rates.len());
        return Err(NotMeasurable::TooFewStrokes { needed, found });
    };
    let mean = rates.iter().map(|it| it.value).sum::<f64>() / rates.len() as f64;
    let sign = if fastest < slowest { -1.0 } else { 1.0 };
    Ok(Estimate {
        value: sign * (high.value - low.value) / mean,
        u: libm::hypot(high.u, low.u) / mean,
        dof: high.dof.min(low.dof),
        n: rates.len(),
    })
}

/// An uncertainty with the coverage of 95.45 % for all of `n` comparisons at once.
fn simultaneous(one: &Combined, n: usize) -> Combined {
    let coverage = 1.0 - (1.0 - COVERAGE_95_45) / n.max(1) as f64;
    let nu = if one.nu_eff >= 1.0 {
        libm::floor(one.nu_eff)
    } else {
        one.nu_eff
    };
    let k = student_t_coverage(coverage, nu);
    Combined {
        k,
        expanded: k * one.u_c,
        ..*one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(value: f64) -> Estimate {
        Estimate {
            value,
            u: 0.003,
            dof: f64::INFINITY,
            n: 500,
        }
    }

    #[track_caller]
    fn check(rates: &[f64], expected: f64) {
        let rates: Vec<Estimate> = rates.iter().copied().map(rate).collect();
        let found = largest_difference(&rates).unwrap();
        assert!((found.value - expected).abs() < 1e-12, "{found:?}");
        assert!(found.u > 0.0);
    }

    #[test]
    fn the_pair_that_differs_most_counts_with_its_sign() {
        check(&[100.0, 99.0, 101.0], 0.02);
        check(&[101.0, 100.0, 99.0], -0.02);
        check(&[100.0, 100.0], 0.0);
        assert!(largest_difference(&[rate(1.0)]).is_err());
        assert!(largest_difference(&[]).is_err());
    }

    #[test]
    fn the_coverage_factor_is_that_of_all_pairs() {
        let one = Combined {
            u_c: 1.0,
            nu_eff: f64::INFINITY,
            k: 2.0,
            expanded: 2.0,
        };
        // Two-sided normal: norm.isf(0.0455002639/90) of SciPy 1.x.
        let k = simultaneous(&one, 45).k;
        assert!((k - 3.287_415_028_693).abs() < 1e-8, "{k}");
        assert!((simultaneous(&one, 1).k - 2.0).abs() < 1e-9);
    }
}
