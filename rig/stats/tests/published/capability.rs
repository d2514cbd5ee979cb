//! Capability indices and their bounds.

use crate::case::{
    Case, Named,
    Source::{Recalled, Seen},
    figure, numbers, within,
};
use anyhow::{Context as _, Result};
use rig_stats::capability::{
    Limits, bissell_lower_bound, capability, one_sided_lower_bound, spread_bounds,
};
use rig_stats::charts::mean_and_range_charts;

pub(crate) const CASES: &[Named] = &[
    ("nist_indices", nist_indices),
    ("montgomery_cp_interval", montgomery_cp_interval),
    ("montgomery_flow_width_cp", montgomery_flow_width_cp),
    ("aiag_vda_one_sided", aiag_vda_one_sided),
    ("montgomery_cpk_interval", montgomery_cpk_interval),
];

fn limits(lower: Option<f64>, upper: Option<f64>) -> Limits {
    Limits { lower, upper }
}

fn nist_indices() -> Result<Case> {
    let it = capability(16.0, 2.0, limits(Some(8.0), Some(20.0)))?;
    Ok(Case {
        statistic: "limits 8 and 20, mean 16, s 2: Cp, Cpk, Cpu, Cpl",
        source: Seen("NIST e-Handbook 6.1.6, as quoted by a course that recomputes it"),
        figures: vec![
            figure("1.0", it.spread.context("an index is missing")?),
            figure("0.6667", it.least),
            figure("0.6667", it.above.context("an index is missing")?),
            figure("1.3333", it.below.context("an index is missing")?),
        ],
    })
}

fn montgomery_cp_interval() -> Result<Case> {
    let index = capability(50.0, 1.75, limits(Some(38.0), Some(62.0)))?
        .spread
        .context("no Cp")?;
    let bounds = spread_bounds(index, 19.0, 0.95)?;
    Ok(Case {
        statistic: "limits 38 and 62, s 1.75, n = 20: Cp with its 95 % interval",
        source: Recalled(
            "Montgomery, Introduction to Statistical Quality Control, 7th edition, example 8.4",
        ),
        // The book goes on with 2.29 and two-figure factors.
        figures: vec![
            figure("2.29", index),
            within("1.57", bounds.lower, 0.01),
            within("3.01", bounds.upper, 0.01),
        ],
    })
}

fn montgomery_flow_width_cp() -> Result<Case> {
    let values = numbers(include_str!("data/flow-width.txt"));
    let subgroups: Vec<Vec<f64>> = values.chunks(5).map(<[f64]>::to_vec).collect();
    let charts = mean_and_range_charts(&subgroups)?;
    let it = capability(
        charts.location.center,
        charts.within,
        limits(Some(1.0), Some(2.0)),
    )?;
    Ok(Case {
        statistic: "flow width 1.00 to 2.00 µm, 25 subgroups of 5: Cp within",
        source: Recalled(
            "Montgomery, 7th edition, example 6.1; the data reproduce its printed means",
        ),
        figures: vec![figure("1.192", it.spread.context("an index is missing")?)],
    })
}

fn aiag_vda_one_sided() -> Result<Case> {
    let index =
        |mean, s| capability(mean, s, limits(None, Some(0.40))).map_or(f64::NAN, |it| it.least);
    Ok(Case {
        statistic: "upper limit 0.40 mm alone: Cpk of mean 0.166, s 0.0457, and of 0.250, s 0.0292",
        source: Seen(
            "AIAG and VDA SPC Manual, figure 7-6, as quoted by a course that recomputes it",
        ),
        figures: vec![
            figure("1.71", index(0.166, 0.0457)),
            figure("1.71", index(0.250, 0.0292)),
        ],
    })
}

/// The book's two-sided 95 % interval is a one-sided bound at 97.5 % on each side.
fn montgomery_cpk_interval() -> Result<Case> {
    let approximate = bissell_lower_bound(1.33, 20, 0.975)?;
    let exact = one_sided_lower_bound(1.33, 20, 0.975)?;
    Ok(Case {
        statistic: "Cpk 1.33 on n = 20, lower end of the 95 % interval: normal approximation (exact one-sided beside it)",
        source: Recalled(
            "Montgomery, 7th edition, example 8.5, which simplifies the approximation",
        ),
        figures: vec![
            within("0.88", approximate, 0.02),
            within("0.88", exact, 0.02),
        ],
    })
}
