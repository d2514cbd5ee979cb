//! What tests of rows say of a record: the verdict, its evidence, or why there is none.

use crate::{RELEASED, run, run_by, spec_with};
use anyhow::{Context as _, Result};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_record::{Outcome, UnitRecord};
use rig_spec::{Evidence, Verdict};

/// Runs one row on unit 0 of the reference lot.
///
/// # Errors
/// As [`run`].
pub fn sound(row: &str) -> Result<UnitRecord> {
    run(&Scenario::reference(), 0, RELEASED, &[row])
}

/// Runs one row with a text of a table replaced.
///
/// # Errors
/// As [`run_by`] and [`spec_with`].
pub fn with_table(
    lot: &Scenario,
    row: &str,
    table: &str,
    from: &str,
    to: &str,
) -> Result<UnitRecord> {
    let spec = spec_with(table, from, to)?;
    let mut bench = VirtualBench::new(lot, 0, lot.lot.seed)?;
    run_by(&spec, &mut bench, lot, 0, RELEASED, &[row])
}

/// Checks the verdict and gives the evidence.
///
/// # Errors
/// The row is not in the spec, or it was not judged.
///
/// # Panics
/// The verdict is another.
#[track_caller]
pub fn check<'r>(record: &'r UnitRecord, row: &str, expected: Verdict) -> Result<&'r Evidence> {
    let result = record.result(row).context("the row is in the spec")?;
    assert_eq!(
        result.verdict(),
        Some(expected),
        "{row}: {result:?}\n{:?}",
        record.outcome
    );
    let judged = result.judged().context("it was judged")?;
    Ok(judged.evidence)
}

/// Checks that the row passes without a word of complaint, and gives the evidence.
///
/// # Errors
/// As [`check`].
///
/// # Panics
/// It does not, or there is an anomaly.
#[track_caller]
pub fn check_pass<'r>(record: &'r UnitRecord, row: &str) -> Result<&'r Evidence> {
    let evidence = check(record, row, Verdict::Pass)?;
    assert_eq!(record.outcome, Outcome::Completed);
    assert!(record.anomalies.is_empty(), "{:?}", record.anomalies);
    Ok(evidence)
}

/// Checks that there is no verdict, for this reason.
///
/// # Panics
/// There is one, or another reason.
#[track_caller]
pub fn check_not_run(record: &UnitRecord, row: &str, reason: &str) {
    let why = record.why_not_run(row).map(ToString::to_string);
    assert!(
        why.as_deref().is_some_and(|why| why.contains(reason)),
        "{row}: {why:?}, not {reason}"
    );
    assert_eq!(record.verdict(row), None);
}
