//! What a search found, for people and for programs.

use super::corpus::CorpusJson;
use super::hunter::{Hunt, Hunted};
use super::keep::Kept;
use crate::Failure;
use crate::identify::json as pretty;
use rig_sequence::search::Find;
use rig_sequence::shrink::End;
use rig_sequence::{GENERATOR_VERSION, Item, story, story_table};
use serde::Serialize;
use std::fmt::Write as _;

/// For a terminal.
pub(super) fn text(
    hunt: &Hunt<'_>,
    result: &Hunted,
    kept: &[Kept],
    wall_s: f64,
    is_coverage_wanted: bool,
) -> String {
    let subject = hunt.subject;
    let finished = &result.finished;
    let mut text = String::new();
    for (find, kept) in finished.finds.iter().zip(kept) {
        let _ = writeln!(text, "{}", one(hunt, find, kept));
    }
    let word = match (&finished.finds[..], &result.error) {
        ([], None) => "NOTHING FOUND",
        ([], Some(_)) => "NOT DONE",
        _ => "VIOLATED",
    };
    let kind = if subject.scenario.is_some() {
        "VIRTUAL"
    } else {
        "HARDWARE"
    };
    let rows = [
        (
            "sequences",
            format!(
                "{}: {} held, {} could not be judged",
                ran(hunt, finished.sequences),
                finished.held,
                finished.inconclusive.len()
            ),
        ),
        (
            "pen",
            format!(
                "{}, image {}, firmware {}",
                subject.serial, subject.image.name, subject.image.version
            ),
        ),
        (
            "cost",
            format!(
                "{:.0} bench-seconds and {} strokes, shortening aside",
                finished.spent.bench.seconds(),
                finished.spent.strokes
            ),
        ),
        ("coverage", coverage(hunt, result)),
        ("speed", speed(result, wall_s)),
    ];
    let _ = writeln!(
        text,
        "{word}  {kind}  {} {}",
        subject.bench,
        seed_words(hunt)
    );
    let _ = writeln!(text, "{}", crate::text::table(&rows));
    if is_coverage_wanted {
        let _ = writeln!(
            text,
            "\n{}\n{}",
            result.coverage.table(hunt.ranges),
            result.coverage.commands_table()
        );
    }
    for (number, reason) in finished.inconclusive.iter().take(5) {
        let _ = writeln!(text, "not judged   sequence {number}: {reason}");
    }
    if let Some(error) = &result.error {
        let _ = writeln!(text, "ended early  {error}");
    }
    text.trim_end().to_owned()
}

/// How many sequences were run, and from where they are.
fn ran(hunt: &Hunt<'_>, sequences: u64) -> String {
    match &hunt.given {
        Some(given) => format!("{} run {sequences} times", given.file),
        None => format!("{sequences} drawn from the {} profile", hunt.profile),
    }
}

/// What was reached of all that can be.
fn coverage(hunt: &Hunt<'_>, result: &Hunted) -> String {
    let all = Item::all(hunt.ranges).len();
    let missing = result.coverage.missing(hunt.ranges).len();
    format!(
        "{} of {all} states, transitions, commands in states, refusals, faults and sides of limits; --coverage lists them",
        all - missing
    )
}

fn seed_words(hunt: &Hunt<'_>) -> String {
    let scenario = hunt.subject.scenario.as_ref();
    let scenario = scenario.map_or_else(String::new, |it| format!("scenario {it}, "));
    format!(
        " {scenario}seed {}, generator {GENERATOR_VERSION}",
        hunt.subject.seed
    )
}

fn speed(result: &Hunted, wall_s: f64) -> String {
    let shrinking: f64 = result
        .finished
        .finds
        .iter()
        .map(|it| it.to_shrink.0.bench.seconds())
        .sum();
    let bench_s = result.finished.spent.bench.seconds() + shrinking;
    format!(
        "{bench_s:.0} bench-seconds in {wall_s:.1} s, {:.0} a second",
        bench_s / wall_s
    )
}

/// One find: what, the table, how it came, where it is kept.
fn one(hunt: &Hunt<'_>, find: &Find, kept: &Kept) -> String {
    let moments = story(&find.shortest, &find.trace, &find.violations);
    let (failures, runs) = find.rate;
    let ended = match find.end {
        None => "not shortened to the end".to_owned(),
        Some(End::Minimal) => "nothing simpler that was tried fails".to_owned(),
        Some(End::OutOfBudget) => "the budget is used up; the shortest so far".to_owned(),
        Some(End::Flaky { failures, runs }) => {
            format!("FLAKY: failed in {failures} of {runs} runs, not shortened")
        }
    };
    let which = match &hunt.given {
        Some(given) => given.file.clone(),
        None => format!("sequence {} of the {} profile", find.number, hunt.profile),
    };
    let mut text = format!(
        "{:?} violated by {which}\n\n{}\n",
        find.property,
        story_table(&moments)
    );
    let rows = [
        (
            "found",
            format!(
                "after {} sequences and {:.0} bench-seconds",
                find.sequences,
                find.to_find.bench.seconds()
            ),
        ),
        (
            "shortened",
            format!(
                "from {} to {} steps in {} runs and {:.0} bench-seconds; {ended}",
                find.drawn.steps.len(),
                find.shortest.steps.len(),
                find.to_shrink.1,
                find.to_shrink.0.bench.seconds()
            ),
        ),
        ("repeated", format!("failed in {failures} of {runs} runs")),
        ("kept", kept.path.display().to_string()),
        ("again", format!("penrig replay {}", kept.path.display())),
    ];
    text.push_str(&crate::text::table(&rows));
    if !find.others.is_empty() {
        let others: Vec<String> = find.others.iter().map(|it| format!("{:?}", it.0)).collect();
        let _ = write!(text, "\non the way   also violated: {}", others.join(", "));
    }
    text.push('\n');
    text
}

/// For a program.
#[derive(Serialize)]
struct Report<'a> {
    bench: &'a str,
    scenario: Option<&'a str>,
    seed: u64,
    generator: u32,
    profile: String,
    serial: &'a str,
    image: &'a str,
    firmware: &'a str,
    build_id: Option<&'a str>,
    sequences: u64,
    held: u64,
    inconclusive: usize,
    bench_s: f64,
    strokes: u64,
    reached: usize,
    not_reached: usize,
    error: Option<String>,
    finds: Vec<Found>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corpus: Option<CorpusJson>,
}

#[derive(Serialize)]
struct Found {
    property: String,
    number: u64,
    step: usize,
    at_s: f64,
    expected: String,
    observed: String,
    sequences: u64,
    to_find_s: f64,
    steps_drawn: usize,
    steps: usize,
    failures: u32,
    runs: u32,
    end: String,
    shrink_runs: u32,
    shrink_s: f64,
    file: String,
    sequence: Vec<String>,
}

pub(super) fn json(
    hunt: &Hunt<'_>,
    result: &Hunted,
    kept: &[Kept],
    corpus: Option<CorpusJson>,
) -> Result<String, Failure> {
    let subject = hunt.subject;
    let finished = &result.finished;
    let finds = finished.finds.iter().zip(kept).map(|(find, kept)| {
        let violation = find
            .violations
            .iter()
            .find(|it| it.property == find.property);
        Found {
            property: format!("{:?}", find.property),
            number: find.number,
            step: violation.map_or(0, |it| it.step),
            at_s: violation.map_or(0.0, |it| it.at.seconds()),
            expected: violation.map_or_else(String::new, |it| it.expected.clone()),
            observed: violation.map_or_else(String::new, |it| it.observed.clone()),
            sequences: find.sequences,
            to_find_s: find.to_find.bench.seconds(),
            steps_drawn: find.drawn.steps.len(),
            steps: find.shortest.steps.len(),
            failures: find.rate.0,
            runs: find.rate.1,
            end: find.end.map_or_else(
                || "unfinished".to_owned(),
                |it| match it {
                    End::Minimal => "minimal".to_owned(),
                    End::OutOfBudget => "out of budget".to_owned(),
                    End::Flaky { .. } => "flaky".to_owned(),
                },
            ),
            shrink_runs: find.to_shrink.1,
            shrink_s: find.to_shrink.0.bench.seconds(),
            file: kept.path.display().to_string(),
            sequence: find
                .shortest
                .steps
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    });
    pretty(&Report {
        bench: &subject.bench,
        scenario: subject.scenario.as_deref(),
        seed: subject.seed,
        generator: GENERATOR_VERSION,
        profile: hunt.profile.to_string(),
        serial: &subject.serial,
        image: &subject.image.name,
        firmware: &subject.image.version,
        build_id: subject.image.build_id.as_deref(),
        sequences: finished.sequences,
        held: finished.held,
        inconclusive: finished.inconclusive.len(),
        bench_s: finished.spent.bench.seconds(),
        strokes: finished.spent.strokes,
        reached: result.coverage.items().count(),
        not_reached: result.coverage.missing(hunt.ranges).len(),
        error: result.error.as_ref().map(ToString::to_string),
        finds: finds.collect(),
        corpus,
    })
}
