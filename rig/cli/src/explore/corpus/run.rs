//! Runs the sequences of a corpus, each on a pen of its own where pens can be had.

use super::super::hunter::Hunt;
use super::super::{Source, Subject};
use crate::progress::Display;
use crate::{Failure, hardware, interrupt};
use anyhow::anyhow;
use rig_bench::Bench;
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{Driver, FlashPolicy, SequencesError, run_sequences};
use rig_sequence::{Cost, Coverage, Judgement, Ranges, Sequence, Trace, judge};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What was seen of a sequence.
pub(super) struct Ran {
    pub(super) judgement: Judgement,
    pub(super) coverage: Coverage,
    pub(super) cost: Cost,
}

/// What one bench gave, or why it did not.
type RanOnOne = Result<Vec<Ran>, Failure>;

/// Runs sequences one after the other on one pen.
struct InOrder<'a> {
    subject: &'a Subject,
    ranges: &'a Ranges,
    sequences: &'a [&'a Sequence],
    ran: Vec<Ran>,
    is_stuck: bool,
}

impl Driver for InOrder<'_> {
    fn next(&mut self) -> Option<Sequence> {
        let next = self.sequences.get(self.ran.len());
        next.filter(|_| !self.is_stuck).map(|it| (*it).clone())
    }

    fn told(&mut self, sequence: &Sequence, trace: Trace, cost: Cost) {
        self.is_stuck = trace.stuck.is_some();
        self.ran.push(Ran {
            judgement: judge(&trace, &self.subject.requirements),
            coverage: Coverage::of(sequence, &trace, self.ranges).within(self.ranges),
            cost,
        });
    }
}

/// What was seen of each sequence, in order; of fewer if a person asked for an end.
pub(super) fn run_each(
    hunt: &Hunt<'_>,
    source: &mut Source,
    sequences: &[&Sequence],
    jobs: usize,
) -> Result<Vec<Ran>, Failure> {
    match source {
        Source::Virtual {
            scenario,
            index,
            seed,
        } => on_virtual(hunt, (scenario, *index, *seed), sequences, jobs),
        Source::Hardware { bench, today } => {
            let flash = hardware::flash_policy(bench);
            let ran = run_in_order(hunt, &mut **bench, sequences, flash, today)?;
            if ran.len() < sequences.len() && !interrupt::is_set() {
                return Err(Failure::Rig(anyhow!(
                    "after {} of {} sequences of the corpus, the pen does not begin anew",
                    ran.len(),
                    sequences.len()
                )));
            }
            Ok(ran)
        }
    }
}

fn run_in_order<B: Bench>(
    hunt: &Hunt<'_>,
    bench: &mut B,
    sequences: &[&Sequence],
    flash: FlashPolicy,
    today: &str,
) -> Result<Vec<Ran>, Failure> {
    if sequences.is_empty() {
        return Ok(Vec::new());
    }
    let mut driver = InOrder {
        subject: hunt.subject,
        ranges: hunt.ranges,
        sequences,
        ran: Vec::new(),
        is_stuck: false,
    };
    let job = hunt.job(0, flash, today);
    match run_sequences(bench, &job, &mut driver, &interrupt::is_set) {
        Ok(()) | Err(SequencesError::Interrupted) => Ok(driver.ran),
        // What was seen of a pen that does not begin anew stands.
        Err(SequencesError::Unfit(_)) if driver.is_stuck => Ok(driver.ran),
        Err(error) => Err(Failure::Rig(anyhow!("a sequence of the corpus: {error}"))),
    }
}

fn on_virtual(
    hunt: &Hunt<'_>,
    (scenario, index, seed): (&Scenario, usize, u64),
    sequences: &[&Sequence],
    jobs: usize,
) -> Result<Vec<Ran>, Failure> {
    let display = Display::counting(sequences.len(), "sequences of the corpus");
    let results: Vec<Mutex<Option<RanOnOne>>> =
        sequences.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let one = |sequence: &&Sequence| {
        let mut bench = VirtualBench::new(scenario, index, seed).map_err(Failure::input)?;
        let today = &scenario.dates.today;
        run_in_order(hunt, &mut bench, &[*sequence], FlashPolicy::Always, today)
    };
    thread::scope(|scope| {
        for _ in 0..jobs.min(sequences.len()) {
            scope.spawn(|| {
                while !interrupt::is_set() {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(sequence), Some(result)) = (sequences.get(place), results.get(place))
                    else {
                        break;
                    };
                    let ran = one(sequence);
                    *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(ran);
                    display.unit_done();
                }
            });
        }
    });
    display.clear();
    let mut all = Vec::new();
    for result in results {
        // Those that were not begun are the last.
        let Some(ran) = result.into_inner().unwrap_or_else(PoisonError::into_inner) else {
            break;
        };
        all.extend(ran?);
    }
    Ok(all)
}
