//! Rows of the real tables judged on made-up evidence.

use firmware_units::Nanometers;
use rig_spec::{
    Bound, Doubt, Evidence, Finding, JudgeError, Measured, RecordUnit, Row, SpecSet, Unit, Verdict,
};

mod files;

fn row(id: &str) -> Row {
    let files = files::pen_a1().expect("the folder is part of the repository");
    let spec = SpecSet::parse(&files).expect("tests/pen_a1.rs checks that they have no defect");
    spec.row(id).expect("a row of Pen A1").clone()
}

fn um(value: f64, expanded: f64) -> Measured {
    Measured::from_f64(Unit::Micrometer, value, expanded, 2.0).expect("a number")
}

/// Judges and prints verdict, guard band and reasons.
#[track_caller]
fn check(id: &str, evidence: &Evidence, expected: &str) {
    let decision = row(id).judge(evidence).expect("the evidence fits the row");
    let reasons: Vec<String> = decision.reasons.iter().map(ToString::to_string).collect();
    let text = format!(
        "{} w={} {}",
        decision.verdict,
        decision.guard_band,
        reasons.join("; ")
    );
    assert_eq!(text.trim_end(), expected);
}

#[test]
fn a_depth_row_moves_its_limits_by_0_83_u() {
    // DEP-04: 1.35 to 1.65 mm, r = 0.83, n = 1000, max_u 0.0375 mm. w = 0.83 x 11 um = 9.13 um.
    check(
        "DEP-04",
        &Evidence::measured(um(1_500.0, 11.0), 1_000),
        "pass w=9130",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_640.87, 11.0), 1_000),
        "pass w=9130",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_640.871, 11.0), 1_000),
        "inconclusive w=9130 within the guard band",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_659.13, 11.0), 1_000),
        "inconclusive w=9130 within the guard band",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_659.131, 11.0), 1_000),
        "fail w=9130 beyond a tolerance limit",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_340.869, 11.0), 1_000),
        "fail w=9130 beyond a tolerance limit",
    );
}

#[test]
fn a_safety_row_moves_its_limit_by_u() {
    check(
        "DEP-00a",
        &Evidence::measured(um(39.0, 11.0), 1),
        "pass w=11000",
    );
    check(
        "DEP-00a",
        &Evidence::measured(um(39.001, 11.0), 1),
        "inconclusive w=11000 within the guard band",
    );
    check(
        "DEP-00a",
        &Evidence::measured(um(61.001, 11.0), 1),
        "fail w=11000 beyond a tolerance limit",
    );
}

#[test]
fn an_uncertainty_above_max_u_never_passes_and_never_hides_a_fail() {
    check(
        "DEP-04",
        &Evidence::measured(um(1_500.0, 37.5), 1_000),
        "pass w=31125",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_500.0, 37.501), 1_000),
        "inconclusive w=31126 U above max_u",
    );
    check(
        "DEP-04",
        &Evidence::measured(um(1_900.0, 40.0), 1_000),
        "fail w=33200 beyond a tolerance limit; U above max_u",
    );
}

#[test]
fn fewer_strokes_than_asked_for_never_pass() {
    check(
        "DEP-04",
        &Evidence::measured(um(1_500.0, 11.0), 999),
        "inconclusive w=9130 n 999 of 1000",
    );
    let uncounted = Evidence {
        n: None,
        ..Evidence::measured(um(1_500.0, 11.0), 0)
    };
    check("DEP-04", &uncounted, "inconclusive w=9130 n 0 of 1000");
}

#[test]
fn a_bound_passes_or_fails_only_where_all_that_it_stands_for_does() {
    let at_least = |minutes: f64| {
        let measured = Measured::from_f64(Unit::Minute, minutes, 0.01, 2.0).unwrap();
        Evidence::measured(measured, 1).bounded(Some(Bound::AtLeast))
    };
    // A run time, at least 60 min.
    check("END-05", &at_least(66.0), "pass w=498000");
    check(
        "END-05",
        &at_least(59.0),
        "inconclusive w=498000 only a bound is known",
    );
    // The end of a treatment, 58 to 61 min.
    check(
        "SAF-13",
        &at_least(61.2),
        "fail w=498000 beyond a tolerance limit",
    );
    check(
        "SAF-13",
        &at_least(60.0),
        "inconclusive w=498000 only a bound is known",
    );
    let (first, second) = (
        at_least(66.0),
        Evidence {
            bound: None,
            ..at_least(64.0)
        },
    );
    for mean in [first.mean(&second), second.mean(&first)] {
        assert_eq!(mean.unwrap().bound, Some(Bound::AtLeast));
    }
}

#[test]
fn a_doubt_makes_any_verdict_inconclusive() {
    for value in [1_500.0, 1_900.0] {
        for doubt in Doubt::ALL {
            let evidence = Evidence::measured(um(value, 11.0), 1_000).in_doubt(doubt);
            assert_eq!(
                row("DEP-04").judge(&evidence).unwrap().verdict,
                Verdict::Inconclusive,
                "{doubt}"
            );
        }
    }
}

#[test]
fn a_guard_band_row_does_not_pass_on_a_value_without_uncertainty() {
    let bare = Measured::exact(RecordUnit::Nanometer, 1_500_000);
    check(
        "DEP-04",
        &Evidence::measured(bare, 1_000),
        "inconclusive w=0 no uncertainty stated",
    );
}

#[test]
fn counts_are_compared_as_they_are() {
    let count = |value| Evidence::measured(Measured::exact(RecordUnit::Count, value), 77);
    check("SAF-07", &count(0), "pass w=0");
    check("SAF-07", &count(1), "fail w=0 beyond a tolerance limit");
    check("END-03", &count(-1), "fail w=0 beyond a tolerance limit");
}

#[test]
fn every_clause_of_an_expectation_must_be_observed_and_hold() {
    let found = |findings: Vec<Finding>| Evidence::findings(findings, 5);
    let refused = Finding::Refused { refused: 5, of: 5 };
    let still = Finding::GaugeChange(Nanometers(3_000));
    check(
        "SAF-01",
        &found(vec![refused.clone(), still.clone(), Finding::Strokes(0)]),
        "pass w=0",
    );
    check(
        "SAF-01",
        &found(vec![refused.clone(), still.clone(), Finding::Strokes(1)]),
        "fail w=0 not met: 0 strokes",
    );
    check(
        "SAF-01",
        &found(vec![refused, still]),
        "inconclusive w=0 not observed: 0 strokes",
    );
    let one_taken = Finding::Refused { refused: 3, of: 4 };
    check(
        "DEP-10",
        &Evidence::findings(vec![one_taken], 4),
        "fail w=0 not met: refused",
    );
    check(
        "DEP-10",
        &Evidence::findings(vec![], 4),
        "inconclusive w=0 not observed: refused",
    );
}

#[test]
fn evidence_that_does_not_fit_the_row_is_an_error_and_no_verdict() {
    let rate = Measured::from_f64(Unit::StrokesPerSecond, 116.667, 0.01, 2.0).unwrap();
    let error = row("DEP-04")
        .judge(&Evidence::measured(rate, 1_000))
        .unwrap_err();
    assert_eq!(error.to_string(), "measured in µHz, limits in nm");
    assert_eq!(
        row("DEP-04").judge(&Evidence::findings(vec![], 1_000)),
        Err(JudgeError::NothingMeasured)
    );
    assert_eq!(
        row("DEP-12").judge(&Evidence::default()),
        Err(JudgeError::NotJudged)
    );
}

#[test]
fn the_mean_of_two_attempts_leaves_out_a_first_one_in_doubt() {
    let first = Evidence::measured(um(1_640.0, 11.0), 600);
    let second = Evidence::measured(um(1_660.0, 12.0), 600);
    let mean = first.mean(&second).unwrap();
    assert_eq!(
        (
            mean.measured.unwrap().value,
            mean.measured.unwrap().expanded,
            mean.n
        ),
        (1_650_000, 12_000, Some(600))
    );
    assert_eq!(
        first.in_doubt(Doubt::SamplesLost).mean(&second),
        Some(second)
    );
}
