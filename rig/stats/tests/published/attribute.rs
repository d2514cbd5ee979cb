//! Bounds from counts.

use crate::case::{Case, Named, Source::Recalled, figure, within};
use anyhow::Result;
use rig_stats::attribute::{
    failing_share_bounds, failing_share_upper_bound, mtbf_test_factor, units_needed,
};

pub(crate) const CASES: &[Named] = &[
    ("success_run", success_run),
    ("with_failures", with_failures),
    ("mtbf_factors", mtbf_factors),
    ("nist_clopper_pearson", nist_clopper_pearson),
    ("rule_of_three", rule_of_three),
];

/// No number where there is none, which no printed one equals.
fn units(reliability: f64, confidence: f64, failures: u64) -> f64 {
    units_needed(reliability, confidence, failures).map_or(f64::NAN, |it| it as f64)
}

fn success_run() -> Result<Case> {
    let printed = [
        ("22", 0.90, 0.90),
        ("29", 0.90, 0.95),
        ("45", 0.95, 0.90),
        ("59", 0.95, 0.95),
        ("230", 0.99, 0.90),
        ("299", 0.99, 0.95),
    ];
    Ok(Case {
        statistic: "success run: units without failure for reliability/confidence 90/90 90/95 95/90 95/95 99/90 99/95",
        source: Recalled("standard zero-failure tables, ln(1 − C)/ln R"),
        figures: printed.map(|(n, r, c)| figure(n, units(r, c, 0))).into(),
    })
}

fn with_failures() -> Result<Case> {
    let printed = ["59", "93", "124", "153"];
    let ours = (0..).map(|failures| units(0.95, 0.95, failures));
    Ok(Case {
        statistic: "units with at most 0, 1, 2, 3 failures for 95/95",
        source: Recalled("standard attribute tables"),
        figures: printed
            .iter()
            .zip(ours)
            .map(|(n, it)| figure(n, it))
            .collect(),
    })
}

fn mtbf_factors() -> Result<Case> {
    Ok(Case {
        statistic: "test time over MTBF: no failure at 90 % and 95 %, one failure at 90 % and 95 %",
        source: Recalled("NIST e-Handbook 8.3.1.1"),
        figures: vec![
            figure("2.30", mtbf_test_factor(0, 0.90)?),
            figure("3.00", mtbf_test_factor(0, 0.95)?),
            figure("3.89", mtbf_test_factor(1, 0.90)?),
            figure("4.74", mtbf_test_factor(1, 0.95)?),
        ],
    })
}

fn nist_clopper_pearson() -> Result<Case> {
    let bounds = failing_share_bounds(4, 20, 0.90)?;
    // The page solves with a spreadsheet, or the last digit is recalled wrongly.
    Ok(Case {
        statistic: "4 defective of 20, 90 % interval",
        source: Recalled("NIST e-Handbook 7.2.4.1"),
        figures: vec![
            figure("0.071354", bounds.lower),
            within("0.401029", bounds.upper, 1e-6),
        ],
    })
}

fn rule_of_three() -> Result<Case> {
    let printed = [
        (10, "0.2589"),
        (20, "0.1391"),
        (30, "0.0950"),
        (100, "0.0295"),
    ];
    Ok(Case {
        statistic: "upper 95 % bound of a share without failure in 10, 20, 30, 100",
        source: Recalled("Hanley and Lippman-Hand, JAMA 249, 1983: 1 − 0.05^(1/n)"),
        figures: printed
            .map(|(n, it)| {
                figure(
                    it,
                    failing_share_upper_bound(0, n, 0.95).unwrap_or(f64::NAN),
                )
            })
            .into(),
    })
}
