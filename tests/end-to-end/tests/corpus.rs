//! The corpus: sequences that together reach most of what sequences can. The released image holds
//! each, and what they reach together is no less than `coverage.csv` beside them says.
//!
//! It was chosen so, into an empty folder:
//!
//! ```text
//! penrig explore --profile usage --sequences 300 --corpus tests/end-to-end/corpus
//! penrig explore --profile adversarial --sequences 300 --keep-going --shrink-minutes 0 --corpus tests/end-to-end/corpus
//! ```

use anyhow::{Context as _, Result, anyhow, ensure};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{
    Driver, FlashPolicy, SequencesError, SequencesJob, run_sequences, sequence_ranges,
};
use rig_sequence::model::Requirements;
use rig_sequence::{
    CorpusRow, CorpusSequence, CorpusSummary, Cost, Coverage, Judgement, Ranges, Sequence, Trace,
    judge,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use tests_end_to_end::{ECHO_SETPOINT, RELEASED, image, project, spec};

const FOLDER: &str = "tests/end-to-end/corpus";
/// What a reader does who meant it so.
const AGAIN: &str = "if this is meant: `penrig explore --corpus tests/end-to-end/corpus`, with as \
                     many sequences of either profile as it was chosen from, chooses it anew";

/// What was seen of one of them.
struct Ran {
    judgement: Judgement,
    coverage: Coverage,
}

/// Runs one sequence, and looks at it.
struct Once<'a> {
    sequence: &'a Sequence,
    requirements: &'a Requirements,
    ranges: &'a Ranges,
    ran: Option<Ran>,
}

impl Driver for Once<'_> {
    fn next(&mut self) -> Option<Sequence> {
        self.ran.is_none().then(|| self.sequence.clone())
    }

    fn told(&mut self, sequence: &Sequence, trace: Trace, _: Cost) {
        self.ran = Some(Ran {
            judgement: judge(&trace, self.requirements),
            coverage: Coverage::of(sequence, &trace, self.ranges),
        });
    }
}

fn corpus() -> Result<BTreeMap<String, CorpusSequence>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(project(FOLDER))? {
        let path = entry?.path();
        if path.extension().is_none_or(|it| it != "toml") {
            continue;
        }
        let name = path.file_name().context("a file has a name")?;
        let kept = CorpusSequence::read(&fs::read_to_string(&path)?)
            .with_context(|| path.display().to_string())?;
        files.insert(name.to_string_lossy().into_owned(), kept);
    }
    Ok(files)
}

/// Runs a sequence as `penrig explore --corpus` does: on a pen of its own, so that nothing that was
/// run before moves what it reaches.
fn run(kept: &CorpusSequence, image_path: &str) -> Result<Ran> {
    let (spec, image, scenario) = (spec()?, image(image_path)?, Scenario::reference());
    let requirements = Requirements::from_spec(&spec)?;
    let seed = kept.conditions.bench_seed.unwrap_or(scenario.lot.seed);
    let mut bench = VirtualBench::new(&scenario, 0, seed)?;
    let job = SequencesJob {
        spec: &spec,
        image: &image,
        build_id: None,
        serial: &scenario.lot.serial(0),
        index: 0,
        flash: FlashPolicy::Always,
        date: &scenario.dates.today,
    };
    let mut once = Once {
        sequence: &kept.sequence,
        requirements: &requirements,
        ranges: &sequence_ranges(&requirements),
        ran: None,
    };
    let ended = run_sequences(&mut bench, &job, &mut once, &|| false);
    match (once.ran, ended) {
        // A pen that does not begin anew is violating, which is judged.
        (Some(ran), Ok(()) | Err(SequencesError::Unfit(_))) => Ok(ran),
        (_, Err(error)) => Err(error.into()),
        (None, Ok(())) => Err(anyhow!("nothing was run")),
    }
}

/// Runs each on one of two threads.
fn run_all(corpus: &BTreeMap<String, CorpusSequence>) -> Result<BTreeMap<String, Ran>> {
    let files: Vec<(&String, &CorpusSequence)> = corpus.iter().collect();
    let next = AtomicUsize::new(0);
    let all = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, kept)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ran = run(kept, RELEASED);
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    all.insert((*name).clone(), ran);
                }
            });
        }
    });
    let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.into_iter()
        .map(|(name, ran)| Ok((name.clone(), ran.context(name)?)))
        .collect()
}

/// What was reached, of all but one.
fn reached(ran: &BTreeMap<String, Ran>, but: Option<&str>) -> Coverage {
    let mut reached = Coverage::default();
    let others = ran.iter().filter(|it| Some(it.0.as_str()) != but);
    others.for_each(|it| reached.add(&it.1.coverage));
    reached
}

/// What was lost, a line each, with who reached it.
fn told(lost: &[&CorpusRow], ran: &BTreeMap<String, Ran>) -> String {
    let lines = lost.iter().map(|row| {
        let who = match &row.alone {
            Some(file) if ran.contains_key(file) => {
                format!("{file} alone reached it, and does no more")
            }
            Some(file) => format!("{file} alone reached it, and is not there"),
            None => format!("{} files reached it, and none does", row.files),
        };
        format!("  {}: {}: {who}\n", row.group, row.item)
    });
    lines.collect()
}

/// Each group: how much of it the table says, and how much was reached.
fn counts(summary: &CorpusSummary, now: &Coverage, ranges: &Ranges) -> String {
    let mut text = String::new();
    for (group, n_now, of) in now.groups(ranges) {
        let said = summary.rows.iter();
        let n_said = said.filter(|it| it.group == group && it.files > 0).count();
        let _ = writeln!(text, "  {group}: {n_now} of {of}, {n_said} by the table");
    }
    text
}

#[test]
fn the_corpus_holds_and_reaches_no_less_than_it_did() -> Result<()> {
    let ranges = sequence_ranges(&Requirements::from_spec(&spec()?)?);
    let table = project(FOLDER).join("coverage.csv");
    let summary = CorpusSummary::read(&fs::read_to_string(table)?)?;
    let ran = run_all(&corpus()?)?;
    let wrong: Vec<String> = ran
        .iter()
        .filter(|it| it.1.judgement != Judgement::Held)
        .map(|(name, ran)| format!("  `penrig replay {FOLDER}/{name}`: {:?}\n", ran.judgement))
        .collect();
    ensure!(
        wrong.is_empty(),
        "{} of {} sequences of the corpus do not hold:\n{}",
        wrong.len(),
        ran.len(),
        wrong.concat()
    );
    let now = reached(&ran, None);
    let lost = summary.lost(&now);
    ensure!(
        lost.is_empty(),
        "the corpus reaches less than {FOLDER}/coverage.csv says:\n{}{}{AGAIN}",
        told(&lost, &ran),
        counts(&summary, &now, &ranges)
    );

    // Both profiles are in it, and none of it is idle: without any one file the table names what is
    // lost, which is what the file itself says.
    for (name, kept) in corpus()? {
        let without = reached(&ran, Some(&name));
        let lost = summary.lost(&without);
        let lost: BTreeSet<&str> = lost.iter().map(|it| it.item.as_str()).collect();
        let alone: BTreeSet<&str> = kept.held.alone.iter().map(String::as_str).collect();
        ensure!(
            !lost.is_empty() && lost == alone,
            "{name}: it says {alone:?}, lost is {lost:?}; {AGAIN}"
        );
    }
    Ok(())
}

#[test]
fn what_an_image_does_wrong_shows_in_the_corpus() -> Result<()> {
    for kept in corpus()?.values() {
        if let Judgement::Violated(_) = run(kept, ECHO_SETPOINT)?.judgement {
            return Ok(());
        }
    }
    Err(anyhow!(
        "no sequence shows that telemetry echoes the setpoint"
    ))
}
