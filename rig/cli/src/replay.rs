//! `penrig replay`: a stored command sequence once more.

use crate::args::{Format, ReplayArgs};
use crate::explore::{Source, Subject, draw, open, put, read_sequence, tell_differences};
use crate::{Failure, hardware, identify, interrupt, print_line};
use anyhow::anyhow;
use rig_bench::Bench;
use rig_bench_virtual::VirtualBench;
use rig_procedure::{
    Driver, FlashPolicy, SequencesError, SequencesJob, run_sequences, sequence_ranges,
};
use rig_sequence::{
    Cost, Coverage, Judgement, Property, Sequence, SequenceFile, Trace, Violation, judge, story,
    story_table,
};
use serde::Serialize;

/// Runs the same sequence again and again, and keeps what the runs gave.
struct Replay<'a> {
    subject: &'a Subject,
    sequence: &'a Sequence,
    times: u32,
    ran: Vec<(Trace, Judgement)>,
}

impl Driver for Replay<'_> {
    fn next(&mut self) -> Option<Sequence> {
        let is_stuck = self
            .ran
            .last()
            .is_some_and(|(trace, _)| trace.stuck.is_some());
        let is_done = self.ran.len() >= self.times as usize;
        (!is_stuck && !is_done).then(|| self.sequence.clone())
    }

    fn told(&mut self, _: &Sequence, trace: Trace, _: Cost) {
        let judgement = judge(&trace, &self.subject.requirements);
        self.ran.push((trace, judgement));
    }
}

pub(crate) fn run(args: &ReplayArgs) -> Result<u8, Failure> {
    let file = read_sequence(&args.file)?;
    let (subject, source) = open(&args.bench, &args.spec, &args.operator)?;
    let differences = tell_differences(&file, &subject);
    interrupt::watch(|| ())?;
    let mut replay = Replay {
        subject: &subject,
        sequence: file.sequence(),
        times: args.times,
        ran: Vec::new(),
    };
    match source {
        Source::Virtual {
            scenario,
            index,
            seed,
        } => {
            // One pen after the other, should one get stuck; on one pen, the cam stands elsewhere
            // each time.
            while replay.ran.len() < args.times as usize && !interrupt::is_set() {
                let mut bench =
                    VirtualBench::new(&scenario, index, seed).map_err(Failure::input)?;
                let today = &scenario.dates.today;
                run_on(
                    &mut bench,
                    &subject,
                    &mut replay,
                    FlashPolicy::Always,
                    today,
                )?;
            }
        }
        Source::Hardware { mut bench, today } => {
            let flash = hardware::flash_policy(&bench);
            run_on(&mut *bench, &subject, &mut replay, flash, &today)?;
        }
    }
    report(args, &file, &differences, &replay)
}

fn run_on<B: Bench>(
    bench: &mut B,
    subject: &Subject,
    replay: &mut Replay<'_>,
    flash: FlashPolicy,
    date: &str,
) -> Result<(), Failure> {
    let job = SequencesJob {
        spec: &subject.spec,
        image: &subject.image.image,
        build_id: subject.image.build_id.as_deref(),
        serial: &subject.serial,
        index: 0,
        flash,
        date,
    };
    match run_sequences(bench, &job, replay, &interrupt::is_set) {
        Ok(()) | Err(SequencesError::Interrupted) => Ok(()),
        Err(error) => Err(Failure::Rig(anyhow!("{error}"))),
    }
}

/// For a program.
#[derive(Serialize)]
struct Report {
    /// That of a counterexample; nothing of a sequence of a corpus, which is asked for all.
    property: Option<String>,
    runs: usize,
    failed: usize,
    violated_other: usize,
    inconclusive: usize,
    /// What a sequence of a corpus reached alone once, and does not now.
    reached_no_more: Vec<String>,
    differences: Vec<String>,
    violations: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    property: String,
    at_s: f64,
    step: usize,
    expected: String,
    observed: String,
}

fn report(
    args: &ReplayArgs,
    file: &SequenceFile,
    differences: &[String],
    replay: &Replay<'_>,
) -> Result<u8, Failure> {
    let property = match file {
        SequenceFile::Counterexample(it) => Some(it.found.property),
        SequenceFile::Corpus(_) => None,
    };
    let violated = |judgement: &Judgement| match judgement {
        Judgement::Violated(violations) => violations.clone(),
        Judgement::Held | Judgement::Inconclusive(_) => Vec::new(),
    };
    let is_same = |it: &Violation| property.is_none_or(|asked| it.property == asked);
    let fails: Vec<_> = replay
        .ran
        .iter()
        .map(|(trace, judgement)| (trace, violated(judgement)))
        .collect();
    let failed = fails.iter().filter(|it| it.1.iter().any(is_same)).count();
    let others = fails
        .iter()
        .filter(|it| !it.1.is_empty() && !it.1.iter().any(is_same))
        .count();
    let inconclusive = replay
        .ran
        .iter()
        .filter(|it| matches!(it.1, Judgement::Inconclusive(_)))
        .count();
    let runs = replay.ran.len();
    let shown = fails
        .iter()
        .find(|it| it.1.iter().any(is_same))
        .or_else(|| fails.iter().find(|it| !it.1.is_empty()))
        .or_else(|| fails.first());
    if let (Some(path), Some((trace, violations))) = (&args.plot, shown) {
        let of = shown_property(property, violations);
        let title = format!("{of}, {}", replay.subject.image.name);
        let svg = draw(replay.subject, &title, replay.sequence, trace, violations);
        put(path, svg.as_bytes())?;
    }
    let lost = reached_no_more(file, replay);
    match args.format {
        Format::Text => {
            if let Some((trace, violations)) = shown {
                print_line(&story_table(&story(replay.sequence, trace, violations)));
            }
            let mut line = word(property, (failed, others, inconclusive), runs);
            if inconclusive > 0 {
                line.push_str(&format!(", {inconclusive} could not be judged"));
            }
            print_line(&line);
            if !lost.is_empty() {
                print_line(&format!("reached no more  {}", lost.join(", ")));
            }
        }
        Format::Json => {
            let violations = shown.map_or_else(Vec::new, |it| it.1.clone());
            let report = Report {
                property: property.map(|it| format!("{it:?}")),
                runs,
                failed,
                violated_other: others,
                inconclusive,
                reached_no_more: lost,
                differences: differences.to_vec(),
                violations: violations
                    .into_iter()
                    .map(|it| Shown {
                        property: format!("{:?}", it.property),
                        at_s: it.at.seconds(),
                        step: it.step,
                        expected: it.expected,
                        observed: it.observed,
                    })
                    .collect(),
            };
            print_line(&identify::json(&report)?);
        }
    }
    Ok(if interrupt::is_set() {
        130
    } else if failed + others > 0 {
        3
    } else if inconclusive > 0 || runs == 0 {
        4
    } else {
        0
    })
}

/// What is told first, and in how many runs.
fn word(
    property: Option<Property>,
    (failed, others, inconclusive): (usize, usize, usize),
    runs: usize,
) -> String {
    let Some(property) = property else {
        return match (failed, runs - inconclusive) {
            (0, 0) => format!("NOT JUDGED  in {runs} runs"),
            (0, held) => format!("HOLDS  every property in {held} of {runs} runs"),
            _ => format!("FAILS  a property violated in {failed} of {runs} runs"),
        };
    };
    let word = match (failed, others) {
        (0, 0) => "FAILS NO MORE",
        (0, _) => "FAILS OTHERWISE",
        _ => "STILL FAILS",
    };
    let mut line = format!("{word}  {property:?} violated in {failed} of {runs} runs");
    if others > 0 {
        line.push_str(&format!(", another property in {others}"));
    }
    line
}

fn shown_property(asked: Option<Property>, violations: &[Violation]) -> String {
    asked
        .or_else(|| violations.first().map(|it| it.property))
        .map_or_else(|| "sequence of a corpus".to_owned(), |it| format!("{it:?}"))
}

/// What a sequence of a corpus reached alone when it was kept, and in none of these runs.
fn reached_no_more(file: &SequenceFile, replay: &Replay<'_>) -> Vec<String> {
    let SequenceFile::Corpus(kept) = file else {
        return Vec::new();
    };
    let ranges = sequence_ranges(&replay.subject.requirements);
    let mut reached = Coverage::default();
    for (trace, _) in &replay.ran {
        reached.add(&Coverage::of(replay.sequence, trace, &ranges));
    }
    let reached: Vec<String> = reached.items().map(ToString::to_string).collect();
    let mut lost = kept.held.alone.clone();
    lost.retain(|it| !reached.contains(it));
    lost
}
