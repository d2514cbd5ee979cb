//! What has no published value, against the multiprecision values of `reference.csv`, which
//! `reference.py` made.

use rig_stats::attribute::failing_share_upper_bound;
use rig_stats::capability::{observed_index_needed, one_sided_lower_bound};
use rig_stats::charts::{c4, d2, d3};
use rig_stats::normality::anderson_darling;
use rig_stats::tolerance::{equal_tailed_factor, one_sided_factor, two_sided_factor};

const TABLE: &str = include_str!("reference.csv");

/// Ours, and how far it may be off, as a share.
fn evaluate(cells: &[&str]) -> (f64, f64) {
    let number = |index: usize| -> f64 { cells[index].parse().unwrap_or(f64::NAN) };
    let count = |index: usize| -> usize { cells[index].parse().unwrap_or(0) };
    match cells[0] {
        "one_sided_factor" => (one_sided_factor(count(1), number(2), number(3)), 1e-10),
        "two_sided_factor" => (two_sided_factor(count(1), number(2), number(3)), 1e-10),
        "equal_tailed_factor" => (equal_tailed_factor(count(1), number(2), number(3)), 1e-10),
        "d2" => (d2(count(1)), 1e-12),
        "d3" => (d3(count(1)), 1e-11),
        "c4" => (c4(count(1)), 1e-14),
        "one_sided_lower_bound" => (
            one_sided_lower_bound(number(1), count(2), number(3)).unwrap_or(f64::NAN),
            1e-10,
        ),
        "observed_index_needed" => (
            observed_index_needed(number(1), count(2), number(3)).unwrap_or(f64::NAN),
            1e-10,
        ),
        "failing_share_upper_bound" => {
            let [failures, n] = [1, 2].map(|it| count(it) as u64);
            (
                failing_share_upper_bound(failures, n, number(3)).unwrap_or(f64::NAN),
                1e-12,
            )
        }
        "anderson_darling" => {
            let data = match cells[1] {
                "'zarr13'" => include_str!("published/data/zarr13.txt"),
                "'randn'" => include_str!("published/data/randn.txt"),
                "'cans'" => include_str!("published/data/cans.txt"),
                other => panic!("no data {other}"),
            };
            let values: Vec<f64> = data
                .split_whitespace()
                .map(|it| it.parse().unwrap_or(f64::NAN))
                .collect();
            (
                anderson_darling(&values).map_or(f64::NAN, |it| it.statistic),
                1e-10,
            )
        }
        other => panic!("no statistic {other}"),
    }
}

#[test]
fn every_statistic_holds_its_digits() {
    let mut misses = Vec::new();
    let mut n_rows = 0;
    for line in TABLE.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let value: f64 = cells.last().unwrap().parse().unwrap();
        let (ours, tolerance) = evaluate(&cells);
        let error = (ours / value - 1.0).abs();
        if error.is_nan() || error > tolerance {
            misses.push(format!("{line}: ours {ours}, off by {error:.1e}"));
        }
        n_rows += 1;
    }
    assert!(n_rows >= 50, "{n_rows} rows");
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}
