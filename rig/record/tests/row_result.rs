//! A row's verdict follows from its attempts by the re-measurement rule.

use firmware_units::Nanoseconds;
use rig_record::{Attempt, AttemptEnd, JudgedFrom, NotRun, RecordError, RowResult};
use rig_spec::{Doubt, Evidence, Measured, Row, SpecSet, Unit, Verdict};
use std::collections::BTreeMap;
use std::path::Path;

/// A row of Pen A1.
fn row_of(id: &str) -> Row {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is part of the repository") {
        let path = entry.expect("a readable folder").path();
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        files.insert(name, std::fs::read_to_string(path).expect("a text"));
    }
    SpecSet::parse(&files)
        .expect("tables without defect")
        .row(id)
        .expect("a row")
        .clone()
}

/// 1.35 to 1.65 mm, r = 0.83, n = 1000.
fn row() -> Row {
    row_of("DEP-04")
}

fn depth(value_um: f64) -> Evidence {
    let measured = Measured::from_f64(Unit::Micrometer, value_um, 10.0, 2.0).expect("a number");
    Evidence::measured(measured, 1_000)
}

fn attempt(number: u32, end: AttemptEnd) -> Attempt {
    Attempt {
        number,
        condition: "1.50 mm, 7,000 /min".into(),
        started: Nanoseconds(1),
        ended: Nanoseconds(2),
        end,
    }
}

fn judged(number: u32, evidence: Evidence) -> Attempt {
    let decision = row().judge(&evidence).expect("the evidence fits the row");
    attempt(number, AttemptEnd::Judged { evidence, decision })
}

#[track_caller]
fn check(attempts: Vec<Attempt>, verdict: Verdict, value_nm: i64, from: JudgedFrom) {
    let n_attempts = attempts.len();
    let result = RowResult::from_attempts(&row(), attempts).expect("attempts by the rule");
    let judged = result.judged().expect("a judged row");
    assert_eq!((judged.decision.verdict, judged.from), (verdict, from));
    assert_eq!(judged.evidence.measured.expect("a value").value, value_nm);
    assert_eq!(result.attempts().len(), n_attempts, "every attempt is kept");
    assert_eq!(result.why_not_run(), None);
}

#[test]
fn one_attempt_is_judged_as_it_is() {
    check(
        vec![judged(1, depth(1_500.0))],
        Verdict::Pass,
        1_500_000,
        JudgedFrom::Attempt(1),
    );
    check(
        vec![judged(1, depth(1_650.0))],
        Verdict::Inconclusive,
        1_650_000,
        JudgedFrom::Attempt(1),
    );
    check(
        vec![judged(1, depth(1_700.0))],
        Verdict::Fail,
        1_700_000,
        JudgedFrom::Attempt(1),
    );
}

#[test]
fn after_an_inconclusive_attempt_the_mean_of_both_is_judged() {
    // Acceptance limit 1.6417 mm.
    let first = || judged(1, depth(1_645.0));
    check(
        vec![first(), judged(2, depth(1_630.0))],
        Verdict::Pass,
        1_637_500,
        JudgedFrom::Mean,
    );
    check(
        vec![first(), judged(2, depth(1_640.0))],
        Verdict::Inconclusive,
        1_642_500,
        JudgedFrom::Mean,
    );
    check(
        vec![first(), judged(2, depth(1_700.0))],
        Verdict::Fail,
        1_672_500,
        JudgedFrom::Mean,
    );
}

#[test]
fn of_two_attempts_at_an_extreme_the_worse_one_counts() {
    // DEP-00a: at most 0.05 mm, guard band U.
    let row = row_of("DEP-00a");
    let judged = |number, value_um| {
        let evidence = depth(value_um);
        let decision = row.judge(&evidence).expect("the evidence fits the row");
        attempt(number, AttemptEnd::Judged { evidence, decision })
    };
    let check = |second_um: f64, verdict: Verdict, value_nm: i64, from: JudgedFrom| {
        let attempts = vec![judged(1, 45.0), judged(2, second_um)];
        let result = RowResult::from_attempts(&row, attempts).expect("attempts by the rule");
        let kept = result.judged().expect("a judged row");
        assert_eq!((kept.decision.verdict, kept.from), (verdict, from));
        assert_eq!(kept.evidence.measured.expect("a value").value, value_nm);
    };
    check(20.0, Verdict::Inconclusive, 45_000, JudgedFrom::Attempt(1));
    check(80.0, Verdict::Fail, 80_000, JudgedFrom::Attempt(2));
}

#[test]
fn a_first_attempt_in_doubt_is_kept_but_no_part_of_the_value() {
    let first = judged(1, depth(0.0).in_doubt(Doubt::InstrumentStale));
    check(
        vec![first, judged(2, depth(1_500.0))],
        Verdict::Pass,
        1_500_000,
        JudgedFrom::Attempt(2),
    );
}

#[test]
fn a_rig_that_fails_while_measuring_again_leaves_the_first_verdict() {
    let broken = AttemptEnd::NotMeasured(NotRun::BenchError {
        cause: "gauge: no sample for 1 s".to_owned(),
    });
    let attempts = vec![judged(1, depth(1_650.0)), attempt(2, broken)];
    check(
        attempts,
        Verdict::Inconclusive,
        1_650_000,
        JudgedFrom::Attempt(1),
    );
}

#[test]
fn a_rig_that_fails_at_first_leaves_no_verdict() {
    let reason = NotRun::BenchError {
        cause: "gauge: no sample for 1 s".to_owned(),
    };
    let attempts = vec![attempt(1, AttemptEnd::NotMeasured(reason.clone()))];
    let result = RowResult::from_attempts(&row(), attempts).unwrap();
    assert_eq!(result.verdict(), None);
    assert_eq!(result.why_not_run(), Some(&reason));
}

#[test]
fn attempts_that_break_the_rule_make_no_record() {
    let check = |attempts: Vec<Attempt>, expected: &str| {
        let error: RecordError = RowResult::from_attempts(&row(), attempts).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(vec![], "row DEP-04: no attempt");
    check(
        vec![judged(2, depth(1_500.0))],
        "row DEP-04: 1 attempts, numbered otherwise than 1 and 2",
    );
    check(
        vec![judged(1, depth(1_700.0)), judged(2, depth(1_500.0))],
        "row DEP-04: measured again after fail",
    );
    check(
        vec![judged(1, depth(1_500.0)), judged(2, depth(1_500.0))],
        "row DEP-04: measured again after pass",
    );
    let thrice = (1..=3)
        .map(|number| judged(number, depth(1_650.0)))
        .collect();
    check(
        thrice,
        "row DEP-04: 3 attempts, numbered otherwise than 1 and 2",
    );
}

/// Format 1 wrote out what a row was judged on, beside the attempts.
fn in_format_1(result: &RowResult) -> serde_json::Value {
    let value = |it: Option<serde_json::Value>| it.unwrap_or_default();
    let judged = result.judged().map(|it| {
        serde_json::json!({ "evidence": it.evidence, "decision": it.decision, "from": it.from })
    });
    let reported = result.reported().map(|it| serde_json::json!(it));
    let not_run = result.why_not_run().map(|it| serde_json::json!(it));
    serde_json::json!({
        "row": result.row(),
        "attempts": result.attempts(),
        "judged": value(judged),
        "reported": value(reported),
        "not_run": value(not_run),
    })
}

#[test]
fn both_formats_are_read_and_what_an_attempt_has_is_written_once() {
    let of = |attempts| RowResult::from_attempts(&row(), attempts).expect("attempts by the rule");
    let at = |value_um| depth(value_um);
    let reported = AttemptEnd::Reported {
        evidence: at(1_500.0),
    };
    let reason = NotRun::Precondition {
        cause: "no pen".to_owned(),
    };
    // One attempt, the mean of two, the second alone, reported, not measured, never attempted.
    let doubtful = at(1_649.0).in_doubt(Doubt::SamplesLost);
    for (result, copies) in [
        (of(vec![judged(1, at(1_500.0))]), 1),
        (of(vec![judged(1, at(1_648.0)), judged(2, at(1_640.0))]), 3),
        (of(vec![judged(1, doubtful), judged(2, at(1_640.0))]), 2),
        (of(vec![attempt(1, reported)]), 1),
        (of(vec![attempt(1, AttemptEnd::NotMeasured(reason))]), 0),
        (RowResult::not_run(row().id, NotRun::OutsidePlan), 0),
    ] {
        let text = serde_json::to_string(&result).expect("a result has JSON");
        assert_eq!(text.matches("\"budget\"").count(), copies, "{text}");
        let again: RowResult = serde_json::from_str(&text).expect("its own text");
        assert_eq!(again, result);
        let before: RowResult =
            serde_json::from_value(in_format_1(&result)).expect("the text of format 1");
        assert_eq!(before, result);
    }
}

#[test]
fn what_was_judged_otherwise_than_an_attempt_stays_otherwise() {
    let attempts = vec![judged(1, depth(1_500.0))];
    let result = RowResult::from_attempts(&row(), attempts).expect("attempts by the rule");
    let mut changed = in_format_1(&result);
    changed["judged"]["decision"]["verdict"] = "Fail".into();
    let changed: RowResult = serde_json::from_value(changed).expect("a result");
    assert_eq!(changed.verdict(), Some(Verdict::Fail));
    assert_ne!(changed, result);
    let text = serde_json::to_string(&changed).expect("a result has JSON");
    let again: RowResult = serde_json::from_str(&text).expect("its own text");
    assert_eq!(again, changed);
}

#[test]
fn a_result_with_no_end_or_two_or_an_attempt_that_is_not_there_is_refused() {
    let attempts = vec![judged(1, depth(1_500.0))];
    let result = RowResult::from_attempts(&row(), attempts).expect("attempts by the rule");
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = serde_json::to_value(&result).expect("a result has JSON");
        change(&mut value);
        let read: Result<RowResult, _> = serde_json::from_value(value);
        read.expect_err("no result").to_string()
    };
    assert_eq!(
        refused(&|it| it["as_attempt"] = serde_json::Value::Null),
        "row DEP-04 came to nothing, or to more than one end"
    );
    assert_eq!(
        refused(&|it| it["not_run"] = "OutsidePlan".into()),
        "row DEP-04 came to nothing, or to more than one end"
    );
    assert_eq!(
        refused(&|it| it["as_attempt"] = 2.into()),
        "row DEP-04 is said to be as attempt 2, and there is no such attempt with a value"
    );
}
