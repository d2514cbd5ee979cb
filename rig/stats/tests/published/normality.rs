//! Tests of normality.

use crate::case::{
    Case, Named,
    Source::{Recalled, Seen},
    figure, numbers, within,
};
use anyhow::Result;
use rig_stats::normality::{anderson_darling, shapiro_wilk};

pub(crate) const CASES: &[Named] = &[
    ("nist_heat_flow", nist_heat_flow),
    ("nist_normal_numbers", nist_normal_numbers),
    ("shapiro_wilk_scipy_1", shapiro_wilk_scipy_1),
    ("shapiro_wilk_scipy_2", shapiro_wilk_scipy_2),
    ("shapiro_wilk_weights", shapiro_wilk_weights),
];

fn nist_heat_flow() -> Result<Case> {
    let values = numbers(include_str!("data/zarr13.txt"));
    Ok(Case {
        statistic: "A² of the heat flow meter, n = 195; the printed figure does not survive recomputation from the data, whose mean and s agree",
        source: Recalled("NIST e-Handbook 1.4.2.8.3; data of Dataplot's ZARR13.DAT seen"),
        figures: vec![within("0.129", anderson_darling(&values)?.statistic, 0.003)],
    })
}

fn nist_normal_numbers() -> Result<Case> {
    let values = numbers(include_str!("data/randn.txt"));
    Ok(Case {
        statistic: "A² of the normal random numbers, n = 500",
        source: Recalled("NIST e-Handbook 1.4.2.1.3; data of Dataplot's RANDN.DAT seen"),
        figures: vec![figure("1.0612", anderson_darling(&values)?.statistic)],
    })
}

#[expect(clippy::approx_constant, reason = "3.14 is a datum")]
fn shapiro_wilk_scipy_1() -> Result<Case> {
    let values = [
        0.11, 7.87, 4.61, 10.14, 7.95, 3.14, 0.46, 4.43, 0.21, 4.75, 0.71, 1.52, 3.24, 0.93, 0.42,
        4.97, 9.53, 4.55, 0.47, 6.66,
    ];
    let it = shapiro_wilk(&values)?;
    Ok(Case {
        statistic: "Shapiro-Wilk, n = 20: W, p",
        source: Seen("SciPy's tests, first data set, checked there against R"),
        figures: vec![figure("0.900473", it.statistic), figure("0.042090", it.p)],
    })
}

fn shapiro_wilk_scipy_2() -> Result<Case> {
    let values = [
        1.36, 1.14, 2.92, 2.55, 1.46, 1.06, 5.27, -1.11, 3.48, 1.10, 0.88, -0.51, 1.46, 0.52, 6.20,
        1.69, 0.08, 3.67, 2.81, 3.49,
    ];
    let it = shapiro_wilk(&values)?;
    Ok(Case {
        statistic: "Shapiro-Wilk, n = 20: W, p",
        source: Seen("SciPy's tests, second data set"),
        figures: vec![figure("0.959027", it.statistic), figure("0.52460", it.p)],
    })
}

fn shapiro_wilk_weights() -> Result<Case> {
    let weights = [
        148.0, 154.0, 158.0, 160.0, 161.0, 162.0, 166.0, 170.0, 182.0, 195.0, 236.0,
    ];
    Ok(Case {
        statistic: "Shapiro-Wilk, weights of 11 men: W",
        source: Recalled("Shapiro and Wilk, Biometrika 52, 1965, example 2"),
        figures: vec![figure("0.79", shapiro_wilk(&weights)?.statistic)],
    })
}
