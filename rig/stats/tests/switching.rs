//! Switching rules, series by series.

use rig_stats::acceptance::{
    Cause, Edition, InspectedLot, Inspection, LotResult, Score, Severity, SwitchingSeries,
};

/// A series by its lots: `a` accepted, `g` accepted in the gap, `x` not accepted; scored as `score`.
fn run(edition: Edition, score: Score, reduction_wanted: bool, lots: &str) -> SwitchingSeries {
    let mut series = SwitchingSeries::new(edition);
    extend(&mut series, score, reduction_wanted, lots);
    series
}

fn extend(series: &mut SwitchingSeries, score: Score, reduction_wanted: bool, lots: &str) {
    for lot in lots.chars() {
        series.record(InspectedLot {
            result: match lot {
                'x' => LotResult::NotAccepted,
                'g' => LotResult::AcceptedInGap,
                _ => LotResult::Accepted,
            },
            score,
            steady: lot != 'u',
            reduction_wanted,
        });
    }
}

fn log(series: &SwitchingSeries) -> Vec<String> {
    series.log().iter().map(ToString::to_string).collect()
}

const LOW: Score = Score::SingleLow;

#[test]
fn two_of_five_lots_tighten_and_two_of_six_do_not() {
    for edition in [Edition::Iso2859, Edition::Z14] {
        for (lots, tightened) in [
            ("xx", true),
            ("xaaax", true),
            ("xaaaax", false),
            ("axaaxa", true),
            ("xaaaaxaaaax", false),
            ("xaaaaxx", true),
        ] {
            let series = run(edition, LOW, false, lots);
            assert_eq!(
                series.log().iter().any(|it| it.cause == Cause::TwoOfFive),
                tightened,
                "{edition:?} {lots}"
            );
        }
    }
}

#[test]
fn five_accepted_lots_return_to_normal() {
    let series = run(Edition::Iso2859, LOW, false, "xxaaaaxaaaaa");
    assert_eq!(
        log(&series),
        [
            "after lot 2: normal to tightened, since two of five or fewer consecutive lots were not \
             accepted",
            "after lot 12: tightened to normal, since five consecutive lots were accepted",
        ]
    );
    // A return begins anew: lots before it are not held against the next ones.
    let series = run(Edition::Iso2859, LOW, false, "xxaaaaaxa");
    assert_eq!(series.severity(), Severity::Inspecting(Inspection::Normal));
}

#[test]
fn five_lots_not_accepted_under_tightened_inspection_discontinue_it() {
    let mut series = run(Edition::Iso2859, LOW, false, "xxxaxaxaxax");
    assert_eq!(series.severity(), Severity::Discontinued);
    // The five need not follow each other; four accepted ones lie between.
    assert_eq!(series.log()[1].after_lot, 11);
    extend(&mut series, LOW, false, "aaaaa");
    assert_eq!(
        series.severity(),
        Severity::Discontinued,
        "until the supplier acts"
    );
    assert!(series.resume().is_some());
    assert_eq!(
        series.severity(),
        Severity::Inspecting(Inspection::Tightened)
    );
    assert!(series.resume().is_none());
    extend(&mut series, LOW, false, "aaaaa");
    assert_eq!(series.severity(), Severity::Inspecting(Inspection::Normal));
}

#[test]
fn the_switching_score_is_counted_by_plan() {
    let check = |score, lots: &str, expected| {
        let series = run(Edition::Iso2859, score, false, lots);
        assert_eq!(series.score(), expected, "{score:?} {lots}");
    };
    check(LOW, "aaa", 6);
    check(LOW, "aaxa", 2);
    check(
        Score::SingleHigh {
            accepted_tighter: true,
        },
        "aa",
        6,
    );
    check(
        Score::SingleHigh {
            accepted_tighter: false,
        },
        "aa",
        0,
    );
    check(Score::Double { by_first: true }, "aaa", 9);
    check(Score::Double { by_first: false }, "aaa", 0);
    check(Score::Multiple { by_third: true }, "a", 3);
    check(Score::Multiple { by_third: false }, "a", 0);
}

#[test]
fn reduced_inspection_by_score_or_by_ten_lots() {
    let iso = run(Edition::Iso2859, LOW, true, &"a".repeat(15));
    assert_eq!(iso.log()[0].cause, Cause::ScoreThirty);
    assert_eq!(iso.log()[0].after_lot, 15);
    let z14 = run(Edition::Z14, LOW, true, &"a".repeat(15));
    assert_eq!(z14.log()[0].cause, Cause::TenAccepted);
    assert_eq!(z14.log()[0].after_lot, 10);
    let unwanted = run(Edition::Iso2859, LOW, false, &"a".repeat(40));
    assert!(unwanted.log().is_empty());
    // The score goes on while reduction is not wanted, and serves once it is.
    let mut later = run(Edition::Iso2859, LOW, false, &"a".repeat(20));
    extend(&mut later, LOW, true, "a");
    assert_eq!(later.severity(), Severity::Inspecting(Inspection::Reduced));
}

#[test]
fn reduced_inspection_ends_with_one_lot_not_accepted() {
    let ten = "a".repeat(15);
    for (edition, lot, cause) in [
        (Edition::Iso2859, "x", Some(Cause::ReducedNotAccepted)),
        (Edition::Z14, "x", Some(Cause::ReducedNotAccepted)),
        (Edition::Z14, "g", Some(Cause::ReducedGap)),
        (Edition::Iso2859, "g", None),
        (Edition::Iso2859, "u", Some(Cause::NotSteady)),
        (Edition::Z14, "u", Some(Cause::NotSteady)),
        (Edition::Iso2859, "a", None),
    ] {
        let mut series = run(edition, LOW, true, &ten);
        let before = series.log().len();
        extend(&mut series, LOW, true, lot);
        let found = series.log().get(before).map(|it| it.cause);
        assert_eq!(found, cause, "{edition:?} {lot}");
    }
}

/// Whatever the lots, a change is logged when and only when the severity changes.
#[test]
fn the_log_is_what_happened() {
    // Every series of twelve lots.
    for bits in 0..(1_u32 << 12) {
        let lots: String = (0..12)
            .map(|idx| if bits >> idx & 1 == 1 { 'x' } else { 'a' })
            .collect();
        let mut series = SwitchingSeries::new(Edition::Iso2859);
        let mut severity = series.severity();
        let mut changes = 0;
        for lot in lots.chars() {
            extend(&mut series, LOW, true, &lot.to_string());
            if series.severity() != severity {
                changes += 1;
                assert_eq!(
                    series.log().last().map(|it| (it.from, it.to)),
                    Some((severity, series.severity()))
                );
                severity = series.severity();
            }
        }
        assert_eq!(series.log().len(), changes, "{lots}");
        // Two lots in a row that are not accepted never leave normal inspection in place.
        if lots.starts_with("xx") {
            assert_eq!(series.log()[0].after_lot, 2);
        }
    }
}
