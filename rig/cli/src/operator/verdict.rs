//! What is shown of a unit and of a run, in one word and one line.

use rig_record::{BenchKind, Outcome, UnitRecord};
use rig_report::RunOutcome;
use rig_spec::{Plan, SpecSet};
use rig_stats::{Disposition, ExitCode, Standing, UnitSummary, summarize_unit};

/// The word that is shown large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Pass,
    Inconclusive,
    Fail,
    /// The rig could not do its job, or was stopped; nothing is said of a pen.
    NoVerdict,
}

impl Shown {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::Pass, Self::Inconclusive, Self::Fail, Self::NoVerdict];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
            Self::NoVerdict => "NO VERDICT",
        }
    }

    /// A sign of another shape for each, in one character.
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Pass => '✔',
            Self::Inconclusive => '?',
            Self::Fail => '✘',
            Self::NoVerdict => '–',
        }
    }
}

/// A word and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) shown: Shown,
    /// Whose it is.
    pub(crate) of: String,
    /// What it rests on.
    pub(crate) lines: Vec<String>,
}

/// A unit that has ended, against its plan; nothing if the plan requires nothing of it.
pub(crate) fn of_unit(
    spec: &SpecSet,
    plan: &Plan,
    kind: BenchKind,
    unit: &UnitRecord,
) -> Option<Announcement> {
    let summary = summarize_unit(spec, plan, unit);
    let shown = match summary.standing {
        Standing::NotDrawn => return None,
        Standing::Meets => Shown::Pass,
        Standing::Fails => Shown::Fail,
        Standing::Undecided if is_without_verdict(unit, &summary) => Shown::NoVerdict,
        Standing::Undecided => Shown::Inconclusive,
    };
    Some(Announcement {
        shown,
        of: format!("{} {kind}", unit.serial),
        lines: vec![why(unit, &summary)],
    })
}

/// Whether the unit is undecided for a reason that lies outside the pen.
fn is_without_verdict(unit: &UnitRecord, summary: &UnitSummary) -> bool {
    unit.outcome != Outcome::Completed
        || summary.bench_error
        || !summary.rig_failed.is_empty()
        || !summary.not_run.is_empty()
}

fn why(unit: &UnitRecord, summary: &UnitSummary) -> String {
    let mut parts = vec![format!(
        "{} of {} required rows pass",
        summary.passed.len(),
        summary.required.len()
    )];
    for (what, rows) in [
        ("fail", &summary.failed),
        ("inconclusive", &summary.inconclusive),
        ("rig fails", &summary.rig_failed),
        ("not run", &summary.not_run),
    ] {
        match &rows[..] {
            [] => {}
            [first, second, third, _, ..] => {
                let more = rows.len() - 3;
                parts.push(format!("{what}: {first} {second} {third} and {more} more"));
            }
            few => {
                let names: Vec<&str> = few.iter().map(|it| it.as_str()).collect();
                parts.push(format!("{what}: {}", names.join(" ")));
            }
        }
    }
    if unit.outcome != Outcome::Completed {
        parts.insert(0, unit.outcome.to_string());
    }
    parts.join("; ")
}

/// A run that has ended, by what the program tells its caller.
pub(crate) fn of_run(outcome: &RunOutcome, exit: ExitCode, lot: &str) -> Announcement {
    let shown = match exit {
        ExitCode::Met => Shown::Pass,
        ExitCode::Fail => Shown::Fail,
        ExitCode::Undecided if is_stopped_short(outcome) => Shown::NoVerdict,
        ExitCode::Undecided => Shown::Inconclusive,
        ExitCode::BenchError | ExitCode::Interrupted | ExitCode::Input => Shown::NoVerdict,
    };
    let count = |standing| {
        let units = outcome.units.iter();
        units.filter(|it| it.standing == standing).count()
    };
    let mut lines = vec![format!(
        "{}; {} of {} pens meet the plan, {} undecided, {} fail",
        match outcome.disposition {
            Disposition::Held => format!("lot held: {}", outcome.held_because.join("; ")),
            other => other.to_string(),
        },
        count(Standing::Meets),
        outcome.units.len() - count(Standing::NotDrawn),
        count(Standing::Undecided),
        count(Standing::Fails),
    )];
    if exit == ExitCode::Interrupted {
        lines.insert(0, exit.meaning().to_owned());
    }
    if !outcome.note.is_empty() {
        lines.push(outcome.note.to_owned());
    }
    Announcement {
        shown,
        of: format!("lot {lot} {}", outcome.kind),
        lines,
    }
}

/// Whether rows were not run, and none that were is inconclusive.
fn is_stopped_short(outcome: &RunOutcome) -> bool {
    let mut units = outcome.units.iter();
    units.clone().all(|it| it.rows_inconclusive == 0) && units.any(|it| it.rows_not_run > 0)
}
