//! Rules that a spec chose, beside the default gate.

use crate::lots::{Cell, DOUBTFUL, FAIL, PASS, lot, spec, spec_with, spec_with_tables, unit};
use rig_record::{AbortCause, Outcome};
use rig_stats::acceptance::{ChosenResult, RuleDisposition};
use rig_stats::{Disposition, LotSummary, summarize};

const HEADER: &str = "plan,row,rule,lot_size,level,aql,inspection,n,ac,re,k,p1,alpha,p2,beta,confidence,content,note";

fn summary(rules: &str, cells: &[[Cell; 3]]) -> LotSummary {
    let spec = spec_with(Some(&format!("{HEADER}\n{rules}\n")));
    let units = (0..)
        .zip(cells)
        .map(|(index, cells)| unit(&spec, index, *cells, Outcome::Completed))
        .collect();
    summarize(&spec, &lot(&spec, "gate", units)).expect("a plan of the spec")
}

fn only(summary: &LotSummary) -> &ChosenResult {
    assert_eq!(summary.chosen.len(), 1);
    &summary.chosen[0]
}

const GOOD: [Cell; 3] = [PASS, PASS, PASS];
const BAD: [Cell; 3] = [FAIL, PASS, PASS];
const ONE_OF_THREE: &str = "gate,,single,,,,,3,1,2,,,,,,,,at most one";

#[test]
fn without_a_rule_the_default_gate_stands_alone() {
    let spec = spec();
    let units = vec![unit(&spec, 0, GOOD, Outcome::Completed)];
    let summary = summarize(&spec, &lot(&spec, "gate", units)).unwrap();
    assert!(summary.chosen.is_empty());
    // Nor does a rule for the lots of another plan say anything.
    let other = super::chosen::summary("release,,single,,,,,3,1,2,,,,,,,,", &[GOOD]);
    assert!(other.chosen.is_empty());
}

#[test]
fn a_rule_stands_beside_the_gate_and_changes_nothing_of_it() {
    let with = summary(ONE_OF_THREE, &[GOOD, BAD, GOOD]);
    let chosen = only(&with);
    assert_eq!(chosen.result.disposition, RuleDisposition::MeetsPlan);
    assert_eq!(chosen.rule, "single sampling, n 3, Ac 1, Re 2");
    assert_eq!(
        (&*chosen.origin, &*chosen.note),
        ("sampling.csv", "at most one")
    );
    assert_eq!(
        chosen.result.because,
        "1 nonconforming, 0 inconclusive of 3 units, 9 attempts: sample 1 of 1, 1 counted, Ac 1 not \
         exceeded"
    );
    assert_eq!(
        (with.disposition, with.exit.number()),
        (Disposition::Held, 3)
    );
}

#[test]
fn units_that_say_nothing_hold_the_lot() {
    let check = |cells: [Cell; 3]| {
        let summary = summary(ONE_OF_THREE, &[GOOD, cells, GOOD]);
        only(&summary).result.disposition
    };
    assert_eq!(check(GOOD), RuleDisposition::MeetsPlan);
    assert_eq!(check([DOUBTFUL, PASS, PASS]), RuleDisposition::MeetsPlan);
    assert_eq!(check([PASS, Cell::NotRun, PASS]), RuleDisposition::Held);
    assert_eq!(check([PASS, Cell::Missing, PASS]), RuleDisposition::Held);
    assert_eq!(check([PASS, Cell::Broken, PASS]), RuleDisposition::Held);
    // A failed row of the rig voids what the pen's rows said, a fail too.
    assert_eq!(check([FAIL, PASS, FAIL]), RuleDisposition::Held);
    // An inconclusive row and one not run: not run.
    assert_eq!(check([DOUBTFUL, Cell::NotRun, PASS]), RuleDisposition::Held);
}

#[test]
fn a_run_that_did_not_complete_is_no_conforming_unit() {
    let spec = spec_with(Some(&format!(
        "{HEADER}\n{ONE_OF_THREE}\ngate,DEP-04,single,,,,,1,0,1,,,,,,,,\n"
    )));
    let aborted = Outcome::Aborted(AbortCause::Interrupted);
    let units = vec![unit(&spec, 0, GOOD, aborted)];
    let summary = summarize(&spec, &lot(&spec, "gate", units)).unwrap();
    for chosen in &summary.chosen {
        assert_eq!(
            chosen.result.disposition,
            RuleDisposition::Held,
            "{}",
            chosen.rule
        );
        assert_eq!(chosen.result.counts.not_run, 1);
    }
}

#[test]
fn a_rule_for_one_row_looks_at_that_row() {
    let rules = "gate,SAF-07,single,,,,,2,0,1,,,,,,,,";
    let by_row = summary(rules, &[BAD, BAD]);
    let chosen = only(&by_row);
    assert_eq!(chosen.row.as_ref().unwrap().as_str(), "SAF-07");
    assert_eq!(chosen.result.disposition, RuleDisposition::MeetsPlan);
    assert_eq!(chosen.result.counts.attempts, 2);
    let other = summary(rules, &[[PASS, FAIL, PASS], GOOD]);
    assert_eq!(
        only(&other).result.disposition,
        RuleDisposition::DoesNotMeetPlan
    );
}

#[test]
fn numbers_come_from_where_the_line_says() {
    let rule = |line: &str| {
        let summary = summary(line, &[GOOD]);
        let chosen = only(&summary);
        format!("{} | {}", chosen.rule, chosen.origin)
    };
    assert_eq!(
        rule("gate,,single,5000,II,1.5,tightened,,,,,,,,,,,"),
        "single sampling, n 200, Ac 5, Re 6 | MIL-STD-105E; numbers as in ANSI Z1.4 and ISO 2859-1:1989: \
         lot of 5000, level II, AQL 1.5, tightened, letter L"
    );
    assert_eq!(
        rule("gate,,single,,,,,,,,,0.01,0.05,0.10,0.10,,,"),
        "single sampling, n 52, Ac 2, Re 3 | smallest for p1 0.01, alpha 0.05; p2 0.1, beta 0.1"
    );
    assert_eq!(
        rule("gate,,zero-failure,,,,,,,,,,,,,0.95,0.95,"),
        "zero-failure, n 59: content 0.95 with confidence 0.95 | success run"
    );
    assert_eq!(
        rule("gate,DEP-04,variables,5000,II,1.5,normal,,,,,,,,,,,"),
        "variables, s-method, n 75, k 1.8410 | MIL-STD-414 form 2, s-method, in the letters of ANSI \
         Z1.9; not ISO 3951-1: lot of 5000, level II, AQL 1.5, normal, letter L"
    );
    assert!(
        rule("gate,,sequential,,,,,100,,,,0.01,0.05,0.10,0.10,,,")
            .starts_with("sequential, accept")
    );
}

#[test]
fn a_plan_that_cannot_be_had_holds_the_lot_and_says_why() {
    for (line, why) in [
        (
            "gate,,single,5000,II,1.6,normal,,,,,,,,,,,",
            "the table has no plan for code letter L and AQL 1.6",
        ),
        (
            "gate,,sequential,,,,,20,,,,0.01,0.05,0.10,0.10,,,",
            "a test that ends after 20 units cannot accept; it needs at least 24",
        ),
        (
            "gate,DEP-04,variables,5000,II,1.5,reduced,,,,,,,,,,,",
            "the table has no plan for lot of 5000, level II, AQL 1.5, reduced",
        ),
    ] {
        let summary = summary(line, &[GOOD]);
        let result = &only(&summary).result;
        assert_eq!(result.disposition, RuleDisposition::Held, "{line}");
        assert_eq!(result.because, why);
    }
}

#[test]
fn a_variables_plan_reads_values_and_limits_of_its_row() {
    // DEP-04: 1.35 to 1.65 mm; mean 1.5 mm, s 0.0158 mm.
    let cells = |values: [i64; 5]| values.map(|it| [Cell::Value(it), PASS, PASS]);
    let near = [1_480_000, 1_490_000, 1_500_000, 1_510_000, 1_520_000];
    let rule = "gate,DEP-04,variables,,,,,5,,,1.5,,,,,,,";
    let good = summary(rule, &cells(near));
    let result = &only(&good).result;
    assert_eq!(
        result.disposition,
        RuleDisposition::MeetsPlan,
        "{}",
        result.because
    );
    assert!(
        result.because.contains("Q_L 9.4868, Q_U 9.4868"),
        "{}",
        result.because
    );
    let wide = summary(
        rule,
        &cells([1_370_000, 1_400_000, 1_500_000, 1_600_000, 1_630_000]),
    );
    assert_eq!(
        only(&wide).result.disposition,
        RuleDisposition::DoesNotMeetPlan
    );
    let few = summary(rule, &cells(near)[..3]);
    assert_eq!(
        only(&few).result.disposition,
        RuleDisposition::GoOn { units: 2 }
    );
}

/// Plan `drawn` wants its row on the first three units; the others were not drawn for it.
#[test]
fn units_that_were_not_drawn_do_not_count() {
    let rules = "drawn,DEP-11,single,,,,,5,0,1,,,,,,,,\ndrawn,,single,,,,,4,0,1,,,,,,,,";
    let spec = spec_with(Some(&format!("{HEADER}\n{rules}\n")));
    let units = (0..5)
        .map(|index| unit(&spec, index, GOOD, Outcome::Completed))
        .collect();
    let summary = summarize(&spec, &lot(&spec, "drawn", units)).unwrap();
    for chosen in &summary.chosen {
        assert_eq!(chosen.result.counts.units, 3, "{}", chosen.rule);
        assert_eq!(chosen.result.counts.not_run, 3);
    }
}

/// Tables of a standard in the spec's folder take the place of the program's.
#[test]
fn a_spec_may_bring_the_tables_of_its_standard() {
    let spec = spec_with_tables(&[
        (
            "sampling.csv",
            &format!("{HEADER}\ngate,,single,500,II,1.0,normal,,,,,,,,,,,\n"),
        ),
        ("code-letters.csv", "lot_from,lot_to,II\n1,,A\n"),
        ("single-normal.csv", "letter,n,1.0\nA,7,2/3\n"),
    ]);
    let units = vec![unit(&spec, 0, GOOD, Outcome::Completed)];
    let summary = summarize(&spec, &lot(&spec, "gate", units)).unwrap();
    let chosen = only(&summary);
    assert_eq!(chosen.rule, "single sampling, n 7, Ac 2, Re 3");
    assert_eq!(
        chosen.origin,
        "tables of this spec: lot of 500, level II, AQL 1, normal, letter A"
    );
}

/// Eight values or more are tested, fewer are not, and the result says so; a sample in two heaps
/// holds the lot, whatever the criterion says.
#[test]
fn a_variables_plan_tests_normality_where_it_can() {
    let cells = |values: &[i64]| -> Vec<[Cell; 3]> {
        values
            .iter()
            .map(|it| [Cell::Value(*it), PASS, PASS])
            .collect()
    };
    let check = |values: &[i64], said: &str, expected| {
        let rule = format!("gate,DEP-04,variables,,,,,{},,,1.5,,,,,,,", values.len());
        let summary = summary(&rule, &cells(values));
        let result = &only(&summary).result;
        assert!(result.because.contains(said), "{}", result.because);
        assert_eq!(result.disposition, expected, "{}", result.because);
    };
    let spread = [
        1_483_000, 1_490_000, 1_494_000, 1_498_000, 1_502_000, 1_506_000, 1_510_000, 1_517_000,
    ];
    check(
        &spread,
        "normality not rejected (p 0.",
        RuleDisposition::MeetsPlan,
    );
    check(
        &spread[..7],
        "normality assumed, not tested",
        RuleDisposition::MeetsPlan,
    );
    let heaps = [
        1_450_000, 1_450_001, 1_450_002, 1_450_003, 1_550_000, 1_550_001, 1_550_002, 1_550_003,
    ];
    check(&heaps, "normality rejected (p 0.00", RuleDisposition::Held);
}
