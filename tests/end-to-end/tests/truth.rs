//! What the rig says against what the model knows: the measured value and its uncertainty hold
//! the true value.

use anyhow::{Context as _, Result, ensure};
use rig_bench_virtual::{Scenario, VirtualBench};
use tests_end_to_end::{RELEASED, run_on};

/// Median of the true protrusions of the strokes of one attempt, nm: start and stop weigh nothing.
fn true_median(bench: &VirtualBench, from_ns: u64, to_ns: u64) -> Option<i64> {
    let inside = bench
        .truth()
        .iter()
        .filter(|stroke| (from_ns..to_ns).contains(&stroke.at.0));
    let mut strokes: Vec<i64> = inside.map(|stroke| stroke.protrusion.0).collect();
    strokes.sort_unstable();
    strokes.get(strokes.len() / 2).copied()
}

#[test]
fn measured_protrusion_holds_the_true_value_within_its_uncertainty() -> Result<()> {
    let scenario = Scenario::reference();
    let rows = ["DEP-01", "DEP-04", "DEP-06"];
    let mut beyond = 0;
    for unit_index in 0..scenario.lot.units {
        let mut bench = VirtualBench::new(&scenario, unit_index, scenario.lot.seed)?;
        bench.record_truth();
        let record = run_on(&mut bench, &scenario, unit_index, RELEASED, &rows)?;
        for row in rows {
            let result = record.result(row).context("a result for each row")?;
            let attempt = result
                .attempts()
                .first()
                .with_context(|| format!("{row}: {:?}", record.outcome))?;
            let judged = result
                .judged()
                .with_context(|| format!("{row} was judged: {result:?}"))?;
            let measured = judged.evidence.measured.context("a measured value")?;
            let truth =
                true_median(&bench, attempt.started.0, attempt.ended.0).context("strokes")?;
            let error = measured.value - truth;
            // Twice the uncertainty in no case, once in all but the odd one of fifteen.
            ensure!(
                error.unsigned_abs() <= 2 * measured.expanded,
                "{row}: {error} nm of {measured:?}"
            );
            beyond += u32::from(error.unsigned_abs() > measured.expanded);
        }
    }
    ensure!(
        beyond <= 2,
        "{beyond} of 15 values miss the true one by more than U"
    );
    Ok(())
}
