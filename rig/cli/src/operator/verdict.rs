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
        ("rig fails, values void", &summary.rig_failed),
        ("fail", &summary.failed),
        ("inconclusive", &summary.inconclusive),
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

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_units::Nanoseconds;
    use rig_record::{AbortCause, Attempt, AttemptEnd, NotRun, RowResult};
    use rig_spec::{Evidence, Measured, PlanEntry, Required, RowId, Unit, UnitsWanted};
    use std::path::Path;

    fn spec() -> SpecSet {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
        crate::input::spec(&folder).expect("tables without defect")
    }

    /// Two rows, one of the pen and one of the rig, on the first unit.
    fn plan() -> Plan {
        let entry = |row: &str| PlanEntry {
            row: RowId::parse(row).expect("a row name"),
            required: Required::Yes,
            n_units: UnitsWanted::Drawn(1),
            max_remeasure: 0,
            note: String::new(),
        };
        Plan {
            name: "two rows".to_owned(),
            entries: vec![entry("DEP-04"), entry("MSR-03")],
        }
    }

    fn judged(spec: &SpecSet, id: &str, millimeters: f64) -> RowResult {
        let row = spec.row(id).expect("a row");
        let measured = Measured::from_f64(Unit::Millimeter, millimeters, 0.005, 2.0);
        let evidence = Evidence::measured(measured.expect("a number"), 2_000);
        let decision = row.judge(&evidence).expect("it fits the row");
        let attempt = Attempt {
            number: 1,
            condition: "".into(),
            started: Nanoseconds(0),
            ended: Nanoseconds(1),
            end: AttemptEnd::Judged { evidence, decision },
        };
        RowResult::from_attempts(row, vec![attempt]).expect("attempts by the rule")
    }

    fn not_run(id: &str, reason: NotRun) -> RowResult {
        RowResult::not_run(RowId::parse(id).expect("a row name"), reason)
    }

    /// What is shown of a unit with these two results.
    fn check(
        outcome: Outcome,
        index: u32,
        results: [RowResult; 2],
        expected: Option<(Shown, &str)>,
    ) {
        let unit = UnitRecord {
            serial: "PA1-00000003".to_owned(),
            index,
            intake: None,
            identity: None,
            image_read_back_sha256: None,
            outcome,
            bench_time: Nanoseconds(1),
            results: results.to_vec(),
            anomalies: Vec::new(),
        };
        let shown = of_unit(&spec(), &plan(), BenchKind::Hardware, &unit);
        let shown = shown.map(|it| (it.shown, it.of, it.lines.join("\n")));
        let expected = expected
            .map(|(shown, why)| (shown, "PA1-00000003 HARDWARE".to_owned(), why.to_owned()));
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_word_is_that_of_the_pen_and_never_of_a_rig_that_failed() {
        let spec = spec();
        let depth = |it| judged(&spec, "DEP-04", it);
        let datum = |it| judged(&spec, "MSR-03", it);
        let done = Outcome::Completed;
        check(
            done.clone(),
            0,
            [depth(1.5), datum(0.0)],
            Some((Shown::Pass, "2 of 2 required rows pass")),
        );
        check(
            done.clone(),
            0,
            [depth(1.8), datum(0.0)],
            Some((Shown::Fail, "1 of 2 required rows pass; fail: DEP-04")),
        );
        check(
            done.clone(),
            0,
            [depth(1.649), datum(0.0)],
            Some((
                Shown::Inconclusive,
                "1 of 2 required rows pass; inconclusive: DEP-04",
            )),
        );
        // The gauge block moved: what was measured is void.
        check(
            done.clone(),
            0,
            [depth(1.8), datum(0.1)],
            Some((
                Shown::NoVerdict,
                "0 of 2 required rows pass; rig fails, values void: MSR-03; fail: DEP-04",
            )),
        );
        check(
            done.clone(),
            0,
            [not_run("DEP-04", NotRun::NotImplemented), datum(0.0)],
            Some((
                Shown::NoVerdict,
                "1 of 2 required rows pass; not run: DEP-04",
            )),
        );
        check(
            Outcome::Aborted(AbortCause::DutUnfit),
            0,
            [
                not_run("DEP-04", NotRun::AfterAbort),
                not_run("MSR-03", NotRun::AfterAbort),
            ],
            Some((
                Shown::NoVerdict,
                "aborted: dut unfit; 0 of 2 required rows pass; not run: DEP-04 MSR-03",
            )),
        );
        // What was found of a pen before the rig failed stands.
        let cause = "gauge: no sample for 1 s".to_owned();
        check(
            Outcome::BenchError { cause },
            0,
            [depth(1.8), not_run("MSR-03", NotRun::AfterBenchError)],
            Some((
                Shown::Fail,
                "bench error: gauge: no sample for 1 s; 0 of 2 required rows pass; fail: DEP-04; not run: MSR-03",
            )),
        );
        // Nothing is required of a second unit.
        check(done, 1, [depth(1.8), datum(0.0)], None);
    }
}
