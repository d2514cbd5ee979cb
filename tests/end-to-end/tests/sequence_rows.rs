//! The rows of command sequences on the shipped image.

use anyhow::{Context as _, Result};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, Progress, UnitJob, Violating, run_unit};
use rig_record::{Outcome, RowResult, UnitRecord};
use rig_spec::{Finding, SpecSet, Verdict};
use std::cell::Cell;
use tests_end_to_end::{RELEASED, image, plan, spec_with, spec_with_all};

const ROWS: [&str; 3] = ["SAF-05", "DEP-09-D1", "RAT-07-D1"];
/// The cell of the number of sequences, and one of fewer.
const ALL: &str = ",299,,,0,,violations";
const SIX: &str = ",6,,,0,,violations";

/// Runs the rows on one of several units, and gives what was told meanwhile.
fn run(
    spec: &SpecSet,
    (index, of): (u32, u32),
    interrupted: &dyn Fn() -> bool,
) -> Result<(UnitRecord, Vec<Progress>)> {
    let (scenario, plan) = (Scenario::reference(), plan(&ROWS)?);
    let mut bench = VirtualBench::new(&scenario, index as usize, scenario.lot.seed)?;
    let image = image(RELEASED)?;
    let job = UnitJob {
        spec,
        plan: &plan,
        image: &image,
        build_id: None,
        serial: &scenario.lot.serial(index as usize),
        index,
        of,
        flash: FlashPolicy::Always,
        date: &scenario.dates.today,
    };
    let mut told = Vec::new();
    let record = run_unit(&mut bench, &job, &mut |it| told.push(it), interrupted);
    Ok((record, told))
}

fn row<'r>(record: &'r UnitRecord, id: &str) -> Result<&'r RowResult> {
    let mut results = record.results.iter();
    let result = results.find(|it| it.row().as_str() == id);
    result.with_context(|| format!("{record:?}"))
}

fn verdict(record: &UnitRecord, id: &str) -> Result<Verdict> {
    let judged = row(record, id)?.judged();
    Ok(judged
        .with_context(|| format!("{record:?}"))?
        .decision
        .verdict)
}

fn parts(told: &[Progress]) -> Vec<(usize, usize)> {
    let part = |it: &Progress| match it {
        Progress::Part { done, of, .. } => Some((*done, *of)),
        _ => None,
    };
    told.iter().filter_map(part).collect()
}

#[test]
fn a_sound_pen_passes_its_share_of_the_sequences_which_are_run_once() -> Result<()> {
    let spec = spec_with("design.csv", ALL, SIX)?;
    let (record, told) = run(&spec, (1, 2), &|| false)?;
    assert_eq!(record.outcome, Outcome::Completed, "{record:?}");
    for id in ROWS {
        assert_eq!(verdict(&record, id)?, Verdict::Pass, "{id}: {record:?}");
    }
    // Every other one, for all three rows, each told of once.
    assert_eq!(parts(&told), [(0, 3), (1, 3), (2, 3), (3, 3)]);
    let evidence = |id: &str| -> Result<_> {
        let judged = row(&record, id)?.judged().context("judged")?;
        let measured = judged.evidence.measured.context("a value")?;
        Ok((
            measured.value,
            judged.evidence.n,
            judged.evidence.findings.clone(),
        ))
    };
    assert_eq!(evidence("SAF-05")?, (0, Some(3), Vec::new()));
    let (deepest, n, findings) = evidence("DEP-09-D1")?;
    assert!((-2_500_000..150_000).contains(&deepest), "{deepest}");
    assert!(n.is_some_and(|it| it > 300), "{n:?}");
    assert!(
        matches!(
            findings[..],
            [Finding::WorstIn {
                sequence: 1 | 3 | 5
            }]
        ),
        "{findings:?}"
    );
    let (fastest, n, findings) = evidence("RAT-07-D1")?;
    // µHz: no faster than the fastest setting and its tolerance, no slower than the run at the end.
    assert!((115_000_000..157_500_000).contains(&fastest), "{fastest}");
    assert_eq!(n, Some(3));
    assert!(
        matches!(
            findings[..],
            [Finding::WorstIn {
                sequence: 1 | 3 | 5
            }]
        ),
        "{findings:?}"
    );
    Ok(())
}

#[test]
fn a_violation_is_a_fail_that_is_named_and_handed_out() -> Result<()> {
    // No pen keeps to this: the run at the end alone is faster.
    let edits = [
        ("design.csv", ALL, SIX),
        (
            "design.csv",
            ",165,,strokes/s,guard-band,1,,tachometer,HAZ-03,regulation,proposed,21 CFR",
            ",90,,strokes/s,guard-band,1,,tachometer,HAZ-03,regulation,proposed,21 CFR",
        ),
    ];
    let spec = spec_with_all(&edits)?;
    let (record, told) = run(&spec, (0, 3), &|| false)?;
    assert_eq!(verdict(&record, "SAF-05")?, Verdict::Fail, "{record:?}");
    assert_eq!(verdict(&record, "RAT-07-D1")?, Verdict::Fail);
    let found: Vec<&Violating> = told
        .iter()
        .filter_map(|it| match it {
            Progress::Violating { found, .. } => Some(&**found),
            _ => None,
        })
        .collect();
    let numbers: Vec<u32> = found.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [0, 3]);
    let judged = row(&record, "SAF-05")?.judged().context("judged")?;
    let named: Vec<u32> = judged
        .evidence
        .findings
        .iter()
        .filter_map(|it| match it {
            Finding::Violated {
                property, sequence, ..
            } if property == "OverSpeed" => Some(*sequence),
            _ => None,
        })
        .collect();
    assert_eq!(named, [0, 3], "{:?}", judged.evidence);
    for it in found {
        assert!(!it.violations.is_empty() && !it.trace.edges.is_empty());
        assert!(!it.sequence.steps.is_empty());
    }
    Ok(())
}

#[test]
fn an_interrupt_ends_the_row_within_a_sequence() -> Result<()> {
    let spec = spec_with("design.csv", ALL, SIX)?;
    let asked = Cell::new(0_u32);
    // Ten times a second of bench time at most: in the middle of the first sequences.
    let interrupted = || {
        asked.set(asked.get() + 1);
        asked.get() > 400
    };
    let (record, told) = run(&spec, (0, 1), &interrupted)?;
    assert!(matches!(record.outcome, Outcome::Aborted(_)), "{record:?}");
    assert!(parts(&told).len() < 6, "{:?}", parts(&told));
    assert!(row(&record, "SAF-05")?.judged().is_none());
    Ok(())
}
