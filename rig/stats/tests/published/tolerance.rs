//! Tolerance intervals.

use crate::case::{
    Case, Named,
    Source::{Recalled, Seen},
    figure, within,
};
use anyhow::{Context as _, Result};
use rig_stats::tolerance::{
    Sides, ToleranceClaim, howe_factor, normal_tolerance_interval, one_sided_factor,
    order_statistics_needed, two_sided_factor,
};

pub(crate) const CASES: &[Named] = &[
    ("nist_howe", nist_howe),
    ("nist_natrella", nist_natrella),
    ("nist_one_sided", nist_one_sided),
    ("nist_upper_limit", nist_upper_limit),
    ("two_sided_table", two_sided_table),
    ("two_sided_table_more", two_sided_table_more),
    ("basis_factors", basis_factors),
    ("one_sided_table", one_sided_table),
    ("r_tolerance_howe", r_tolerance_howe),
    ("iso_16269_6_yarn", iso_16269_6_yarn),
    ("needed_two_sided", needed_two_sided),
    ("needed_one_sided", needed_one_sided),
];

fn nist_howe() -> Result<Case> {
    Ok(Case {
        statistic: "two-sided k after Howe, n = 43, p = 0.90, γ = 0.99 (exact: 2.2228)",
        source: Seen(
            "NIST e-Handbook 7.2.6.3, and a work sheet after it that prints seven decimals",
        ),
        figures: vec![figure("2.2173159", howe_factor(43, 0.90, 0.99))],
    })
}

/// Natrella's approximation, which the page also gives; built from our quantiles.
fn nist_natrella() -> Result<Case> {
    use rig_distributions::normal::quantile;
    let (n, z_p, z_g) = (43.0, quantile(0.90), quantile(0.99));
    let a = 1.0 - z_g * z_g / (2.0 * (n - 1.0));
    let b = z_p * z_p - z_g * z_g / n;
    Ok(Case {
        statistic: "one-sided k after Natrella, n = 43, p = 0.90, γ = 0.99: a, b, k",
        source: Seen("work sheet after NIST e-Handbook 7.2.6.3"),
        figures: vec![
            figure("0.9355727", a),
            figure("1.5165164", b),
            figure("1.8751896", (z_p + libm::sqrt(z_p * z_p - a * b)) / a),
        ],
    })
}

fn nist_one_sided() -> Result<Case> {
    Ok(Case {
        statistic: "one-sided k, exact, n = 43, p = 0.90, γ = 0.99",
        source: Recalled("NIST e-Handbook 7.2.6.3"),
        // Printed rounded up or from a rounded noncentrality: 1.87395 is ours.
        figures: vec![within("1.8740", one_sided_factor(43, 0.90, 0.99), 1e-4)],
    })
}

fn nist_upper_limit() -> Result<Case> {
    // The work sheet uses its approximate factors; the exact ones move the ends by less than 2e-4.
    Ok(Case {
        statistic: "limits of 90 % with confidence 99 % from mean 97.07, s 0.0268, n = 43: two-sided, upper",
        source: Seen(
            "work sheet after NIST e-Handbook 7.2.6.3; the page's own last line once had a slip of two decades in s",
        ),
        figures: vec![
            within(
                "97.010576",
                97.07 - 0.0268 * two_sided_factor(43, 0.90, 0.99),
                2e-4,
            ),
            within(
                "97.12942",
                97.07 + 0.0268 * two_sided_factor(43, 0.90, 0.99),
                2e-4,
            ),
            within(
                "97.120255",
                97.07 + 0.0268 * one_sided_factor(43, 0.90, 0.99),
                4e-5,
            ),
        ],
    })
}

fn two_sided_table() -> Result<Case> {
    let printed = [
        (4, ["5.37", "6.34", "8.22"]),
        (5, ["4.29", "5.08", "6.60"]),
        (6, ["3.73", "4.42", "5.76"]),
        (10, ["2.86", "3.39", "4.44"]),
        (15, ["2.49", "2.96", "3.89"]),
        (20, ["2.32", "2.76", "3.62"]),
        (30, ["2.15", "2.55", "3.35"]),
        (60, ["1.96", "2.34", "3.07"]),
    ];
    two_sided(
        "two-sided k, exact, γ = 0.95, n = 4, 5, 6, 10, 15, 20, 30, 60, p = 0.90, 0.95, 0.99",
        &printed,
    )
}

fn two_sided_table_more() -> Result<Case> {
    let printed = [
        (7, ["3.39", "4.02", "5.24"]),
        (8, ["3.16", "3.75", "4.89"]),
        (9, ["2.99", "3.55", "4.63"]),
        (12, ["2.67", "3.17", "4.16"]),
        (25, ["2.22", "2.64", "3.46"]),
        (40, ["2.06", "2.45", "3.22"]),
    ];
    two_sided(
        "two-sided k, exact, γ = 0.95, n = 7, 8, 9, 12, 25, 40, p = 0.90, 0.95, 0.99",
        &printed,
    )
}

fn two_sided(statistic: &'static str, printed: &[(usize, [&str; 3])]) -> Result<Case> {
    let rows = printed.iter().flat_map(|(n, row)| {
        let columns = row.iter().zip([0.90, 0.95, 0.99]);
        // Tables of this kind go back to approximations: one unit of the last digit.
        columns.map(|(published, p)| within(published, two_sided_factor(*n, p, 0.95), 0.01))
    });
    Ok(Case {
        statistic,
        source: Seen("Berthouex and Brown, Statistics for Environmental Engineers, table 21.1"),
        figures: rows.collect(),
    })
}

fn basis_factors() -> Result<Case> {
    Ok(Case {
        statistic: "B-basis and A-basis k (one-sided, γ = 0.95, p = 0.90 and 0.99), n = 10",
        source: Recalled("MIL-HDBK-17, CMH-17"),
        figures: vec![
            figure("2.355", one_sided_factor(10, 0.90, 0.95)),
            figure("3.981", one_sided_factor(10, 0.99, 0.95)),
        ],
    })
}

fn one_sided_table() -> Result<Case> {
    let printed = [
        (5, "4.203"),
        (10, "2.911"),
        (20, "2.396"),
        (30, "2.220"),
        (50, "2.065"),
    ];
    Ok(Case {
        statistic: "one-sided k, p = 0.95, γ = 0.95, n = 5, 10, 20, 30, 50",
        source: Recalled("Owen 1963; Natrella, NBS Handbook 91, table A-7"),
        figures: printed
            .map(|(n, k)| figure(k, one_sided_factor(n, 0.95, 0.95)))
            .into(),
    })
}

fn r_tolerance_howe() -> Result<Case> {
    Ok(Case {
        statistic: "two-sided k, n = 10, p = 0.95, γ = 0.95: Howe, exact",
        source: Recalled(
            "the call `K.factor(10, P = 0.95, side = 2)` of the manual of R's package tolerance; R was not run: the values follow from the formulas of its methods HE (plain form) and EXACT",
        ),
        figures: vec![
            figure("3.3819", howe_factor(10, 0.95, 0.95)),
            figure("3.39343", two_sided_factor(10, 0.95, 0.95)),
        ],
    })
}

fn iso_16269_6_yarn() -> Result<Case> {
    let yarn = [
        228.6, 232.7, 238.8, 317.2, 315.8, 275.1, 222.2, 236.7, 224.7, 251.2, 210.4, 270.7,
    ];
    let claim = ToleranceClaim {
        sides: Sides::Lower,
        content: 0.95,
        confidence: 0.95,
    };
    let interval = normal_tolerance_interval(&yarn, claim, 0.0)?;
    Ok(Case {
        statistic: "breaking load of yarn, n = 12: k (p = 0.95, γ = 0.95), lower limit",
        source: Recalled("ISO 3207:1975 and ISO 16269-6:2005, annex"),
        figures: vec![
            figure("2.736", one_sided_factor(12, 0.95, 0.95)),
            within("154.8", interval.lower.context("no lower end")?, 0.1),
        ],
    })
}

fn needed(sides: Sides, content: f64, confidence: f64) -> f64 {
    let claim = ToleranceClaim {
        sides,
        content,
        confidence,
    };
    order_statistics_needed(claim).map_or(f64::NAN, |it| it as f64)
}

fn needed_two_sided() -> Result<Case> {
    let printed = [
        ("38", 0.90, 0.90),
        ("46", 0.90, 0.95),
        ("77", 0.95, 0.90),
        ("93", 0.95, 0.95),
        ("130", 0.95, 0.99),
        ("473", 0.99, 0.95),
        ("662", 0.99, 0.99),
    ];
    Ok(Case {
        statistic: "n for least and largest value as two-sided interval: p/γ 90/90 90/95 95/90 95/95 95/99 99/95 99/99",
        source: Recalled(
            "Wilks 1941; Conover, Practical Nonparametric Statistics, table A6; ISO 16269-6",
        ),
        figures: printed
            .map(|(n, p, g)| figure(n, needed(Sides::Both, p, g)))
            .into(),
    })
}

fn needed_one_sided() -> Result<Case> {
    let printed = [
        ("22", 0.90, 0.90),
        ("29", 0.90, 0.95),
        ("45", 0.95, 0.90),
        ("59", 0.95, 0.95),
        ("90", 0.95, 0.99),
        ("299", 0.99, 0.95),
        ("459", 0.99, 0.99),
    ];
    Ok(Case {
        statistic: "n for the least value as lower limit: p/γ 90/90 90/95 95/90 95/95 95/99 99/95 99/99",
        source: Recalled("Wilks 1941; ISO 16269-6"),
        figures: printed
            .map(|(n, p, g)| figure(n, needed(Sides::Lower, p, g)))
            .into(),
    })
}
