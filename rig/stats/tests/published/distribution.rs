//! Distributions, through the functions that the statistics use.

use crate::case::{
    Case, Named,
    Source::{Recalled, Seen},
    figure, numbers,
};
use anyhow::Result;
use rig_distributions::{binomial, chi_squared, fisher_f, hypergeometric, noncentral_t, student_t};
use rig_stats::moments;

pub(crate) const CASES: &[Named] = &[
    ("nag_noncentral_t", nag_noncentral_t),
    ("sas_hypergeometric", sas_hypergeometric),
    ("sas_binomial", sas_binomial),
    ("student_t_table", student_t_table),
    ("chi_squared_table", chi_squared_table),
    ("f_table", f_table),
    ("sas_cans_two_sided", sas_cans_two_sided),
    ("sas_cans_lower", sas_cans_lower),
];

fn nag_noncentral_t() -> Result<Case> {
    Ok(Case {
        statistic: "noncentral t, P(T ≤ −1.528; 20, 2), (−0.188; 7.5, 1), (1.138; 45, 0)",
        source: Seen("NAG library manual, g01gb, example results"),
        figures: vec![
            figure("0.0003", noncentral_t::cdf(-1.528, 20.0, 2.0)),
            figure("0.1189", noncentral_t::cdf(-0.188, 7.5, 1.0)),
            figure("0.8694", noncentral_t::cdf(1.138, 45.0, 0.0)),
        ],
    })
}

fn sas_hypergeometric() -> Result<Case> {
    Ok(Case {
        statistic: "hypergeometric P(X ≤ 1), N = 120, D = 22, n = 20",
        source: Seen("SAS/QC, PROBHYPR in an acceptance probability"),
        figures: vec![figure("0.0762970752", hypergeometric::cdf(1, 120, 22, 20))],
    })
}

fn sas_binomial() -> Result<Case> {
    Ok(Case {
        statistic: "binomial P(X ≤ 1), n = 20, p = 0.18",
        source: Seen("SAS/QC, PROBBNML in an acceptance probability"),
        figures: vec![figure("0.1018322793", binomial::cdf(1, 20, 0.18))],
    })
}

fn student_t_table() -> Result<Case> {
    let printed = [
        (1.0, "12.706"),
        (2.0, "4.303"),
        (5.0, "2.571"),
        (10.0, "2.228"),
        (30.0, "2.042"),
        (100.0, "1.984"),
    ];
    Ok(Case {
        statistic: "t of 0.975 for ν = 1, 2, 5, 10, 30, 100",
        source: Recalled("NIST e-Handbook 1.3.6.7.2"),
        figures: printed
            .map(|(dof, it)| figure(it, student_t::quantile(0.975, dof)))
            .into(),
    })
}

fn chi_squared_table() -> Result<Case> {
    let printed = [
        (1.0, "3.841"),
        (2.0, "5.991"),
        (10.0, "18.307"),
        (30.0, "43.773"),
        (100.0, "124.342"),
    ];
    Ok(Case {
        statistic: "χ² of 0.95 for ν = 1, 2, 10, 30, 100",
        source: Recalled("NIST e-Handbook 1.3.6.7.4"),
        figures: printed
            .map(|(dof, it)| figure(it, chi_squared::quantile(0.95, dof)))
            .into(),
    })
}

fn f_table() -> Result<Case> {
    let printed = [
        (1.0, 1.0, "161.448"),
        (3.0, 10.0, "3.708"),
        (5.0, 20.0, "2.711"),
        (10.0, 100.0, "1.927"),
    ];
    Ok(Case {
        statistic: "F of 0.95 for ν = (1, 1), (3, 10), (5, 20), (10, 100)",
        source: Recalled("NIST e-Handbook 1.3.6.7.3"),
        figures: printed
            .map(|(d1, d2, it)| figure(it, fisher_f::quantile(0.95, d1, d2)))
            .into(),
    })
}

/// x̄ ± t s √(1 + 1/n) with the t that Bonferroni gives for k future values.
fn sas_cans_two_sided() -> Result<Case> {
    let it = moments(&numbers(include_str!("data/cans.txt")))?;
    let printed = [
        (0.01, 1.0, "11.89", "12.13"),
        (0.01, 2.0, "11.87", "12.14"),
        (0.01, 3.0, "11.87", "12.15"),
        (0.05, 1.0, "11.92", "12.10"),
        (0.05, 2.0, "11.90", "12.12"),
        (0.05, 3.0, "11.89", "12.12"),
        (0.10, 1.0, "11.93", "12.09"),
        (0.10, 2.0, "11.92", "12.10"),
    ];
    let figures = printed.iter().flat_map(|&(alpha, k, lower, upper)| {
        let reach = reach(&it, alpha / (2.0 * k));
        [
            figure(lower, it.mean - reach),
            figure(upper, it.mean + reach),
        ]
    });
    Ok(Case {
        statistic: "can weights, n = 100: two-sided prediction limits of 1, 2, 3 values at 99 %, 95 %, of 1, 2 at 90 %",
        source: Seen("SAS/QC 13.2, CAPABILITY, example CAPINT1, figure 5.25"),
        figures: figures.collect(),
    })
}

fn sas_cans_lower() -> Result<Case> {
    let it = moments(&numbers(include_str!("data/cans.txt")))?;
    let printed = [
        (0.01, ["11.90", "11.89", "11.88"]),
        (0.05, ["11.93", "11.92", "11.91"]),
        (0.10, ["11.95", "11.93", "11.92"]),
    ];
    let figures = printed.iter().flat_map(|(alpha, row)| {
        let of = |k: f64| it.mean - reach(&it, alpha / k);
        row.iter()
            .zip([1.0, 2.0, 3.0])
            .map(move |(lower, k)| figure(lower, of(k)))
            .collect::<Vec<_>>()
    });
    Ok(Case {
        statistic: "can weights, n = 100: lower prediction limits of 1, 2, 3 values at 99 %, 95 %, 90 %",
        source: Seen(
            "SAS/QC, CAPABILITY, one-sided intervals of the same data, seen earlier for this project",
        ),
        figures: figures.collect(),
    })
}

fn reach(it: &rig_stats::Moments, tail: f64) -> f64 {
    let n = it.n as f64;
    student_t::upper_quantile(tail, n - 1.0) * it.standard_deviation * libm::sqrt(1.0 + 1.0 / n)
}
