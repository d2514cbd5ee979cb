//! Control charts.

use crate::case::{
    Case, Named,
    Source::{Recalled, Seen},
    figure, numbers, within,
};
use anyhow::{Context as _, Result};
use rig_stats::charts::{c4, cusum, d2, d3, individuals_charts, mean_and_range_charts};

pub(crate) const CASES: &[Named] = &[
    ("range_constants", range_constants),
    ("deviation_constants", deviation_constants),
    ("montgomery_flow_width", montgomery_flow_width),
    ("nist_individuals", nist_individuals),
    ("montgomery_cusum", montgomery_cusum),
];

fn range_constants() -> Result<Case> {
    let means = [
        (2, "1.128"),
        (3, "1.693"),
        (4, "2.059"),
        (5, "2.326"),
        (6, "2.534"),
        (7, "2.704"),
        (8, "2.847"),
        (9, "2.970"),
        (10, "3.078"),
    ];
    let deviations = [
        (2, "0.853"),
        (3, "0.888"),
        (4, "0.880"),
        (5, "0.864"),
        (6, "0.848"),
        (7, "0.833"),
        (8, "0.820"),
        (9, "0.808"),
        (10, "0.797"),
    ];
    let figures = means.iter().map(|(n, it)| figure(it, d2(*n)));
    Ok(Case {
        statistic: "d2 and d3 for n = 2 to 10",
        source: Recalled("ASTM E2587; AIAG and VDA SPC Manual; Montgomery, appendix VI"),
        figures: figures
            .chain(deviations.iter().map(|(n, it)| figure(it, d3(*n))))
            .collect(),
    })
}

fn deviation_constants() -> Result<Case> {
    let printed = [
        (2, "0.7979"),
        (3, "0.8862"),
        (4, "0.9213"),
        (5, "0.9400"),
        (10, "0.9727"),
        (25, "0.9896"),
    ];
    Ok(Case {
        statistic: "c4 for n = 2, 3, 4, 5, 10, 25",
        source: Recalled("ASTM E2587; Montgomery, appendix VI"),
        figures: printed.map(|(n, it)| figure(it, c4(n))).into(),
    })
}

fn montgomery_flow_width() -> Result<Case> {
    let values = numbers(include_str!("data/flow-width.txt"));
    let subgroups: Vec<Vec<f64>> = values.chunks(5).map(<[f64]>::to_vec).collect();
    let charts = mean_and_range_charts(&subgroups)?;
    // The book multiplies by factors of three decimals.
    Ok(Case {
        statistic: "flow width, 25 subgroups of 5: mean, mean range, UCL, LCL, UCL of R, s within",
        source: Recalled(
            "Montgomery, 7th edition, example 6.1; data seen earlier for this project",
        ),
        figures: vec![
            figure("1.5056", charts.location.center),
            figure("0.32521", charts.spread.center),
            within("1.69325", charts.location.upper, 1e-4),
            within("1.31795", charts.location.lower, 1e-4),
            within("0.68749", charts.spread.upper, 3e-4),
            figure("0.1398", charts.within),
        ],
    })
}

fn nist_individuals() -> Result<Case> {
    let flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
    let charts = individuals_charts(&flow)?;
    Ok(Case {
        statistic: "flow rate, 10 batches: mean, mean moving range, UCL, LCL",
        source: Seen(
            "NIST e-Handbook 6.3.2.2, results as quoted by a course that recomputes them; data recalled",
        ),
        // The page divides by 1.128.
        figures: vec![
            figure("50.81", charts.location.center),
            figure("1.8778", charts.spread.center),
            within("55.8041", charts.location.upper, 2e-3),
            within("45.8159", charts.location.lower, 2e-3),
        ],
    })
}

fn montgomery_cusum() -> Result<Case> {
    let values = [
        9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40,
        10.08, 9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38,
        11.62, 11.31, 10.52,
    ];
    let steps = cusum(&values, 10.0, 1.0, 0.5, 5.0)?;
    let first = steps
        .iter()
        .position(|it| it.signals)
        .context("no signal")?;
    Ok(Case {
        statistic: "CUSUM k = 0.5, h = 5: first signal at sample, C⁺ there",
        source: Recalled("Montgomery, 7th edition, table 9.1; data seen earlier for this project"),
        figures: vec![
            figure("29", first as f64 + 1.0),
            figure("5.28", steps[first].above),
        ],
    })
}
