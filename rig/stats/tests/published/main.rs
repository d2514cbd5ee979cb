//! Every statistic against published values, a function a case; `PUBLISHED.md` lists them.

mod attribute;
mod capability;
mod case;
mod charts;
mod distribution;
mod normality;
mod tolerance;
mod univariate;

use anyhow::{Context as _, Result};
use case::Case;

/// What `PUBLISHED.md` says above its table.
const PREFACE: &str = "\
# Published cases

What the statistics of `rig-stats` and the distributions of `rig-distributions` are held against: values that others printed, with where. \
A test generates this page from the cases in `tests/published` and compares it, so it cannot say what the code does not.

A figure of ours must round to the printed one unless the case says why it may not. \
\"Recalled\" means that the printed value was not seen when the case was written: it is known from the literature, and our computation reproduces it. \
What has no published value is held against multiprecision values in `rig/distributions/tests/table.csv` and `rig/stats/tests/reference.csv`.

| # | case | statistic | published | ours | source | |
| --- | --- | --- | --- | --- | --- | --- |
";

fn cases() -> Result<Vec<(String, Case)>> {
    let modules = [
        ("tolerance", tolerance::CASES),
        ("capability", capability::CASES),
        ("attribute", attribute::CASES),
        ("charts", charts::CASES),
        ("normality", normality::CASES),
        ("univariate", univariate::CASES),
        ("distribution", distribution::CASES),
    ];
    let all = modules.iter().flat_map(|(module, cases)| {
        cases.iter().map(move |(name, case)| {
            let name = format!("{module}::{name}");
            let case = case().with_context(|| name.clone())?;
            Ok((name, case))
        })
    });
    all.collect()
}

#[test]
fn every_case_holds() {
    let misses: Vec<String> = cases()
        .unwrap()
        .iter()
        .flat_map(|(name, case)| {
            let misses = case.misses();
            misses.into_iter().map(move |it| format!("{name}: {it}"))
        })
        .collect();
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn the_page_lists_what_the_code_checks() {
    let mut page = PREFACE.to_owned();
    for (number, (name, case)) in (1..).zip(cases().unwrap()) {
        page.push_str(&case.row(number, &name));
        page.push('\n');
    }
    let kept = include_str!("../../PUBLISHED.md");
    assert!(
        kept == page,
        "PUBLISHED.md differs from what the cases say:\n{page}"
    );
}
