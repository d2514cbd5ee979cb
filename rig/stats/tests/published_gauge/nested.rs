//! Nested study of jaspQualityControl's tests (`test-msaGaugeRRnonrep.R`, LF1.6 to LF1.8, seen).

use super::check;
use rig_stats::gauge_study::{Evaluation, NestedStudy, Observation, StudyTolerance};

/// A part's name and its two readings.
type Part = (&'static str, [f64; 2]);

const OPERATORS: [(&str, [Part; 5]); 3] = [
    (
        "A",
        [
            ("1", [33.4, 33.2]),
            ("2", [32.4, 31.7]),
            ("3", [34.4, 34.5]),
            ("4", [33.9, 34.5]),
            ("5", [34.5, 34.7]),
        ],
    ),
    (
        "B",
        [
            ("6", [32.5, 32.1]),
            ("7", [32.1, 32.3]),
            ("8", [35.1, 34.7]),
            ("9", [32.4, 33.1]),
            ("10", [34.8, 34.9]),
        ],
    ),
    (
        "C",
        [
            ("11", [32.6, 32.7]),
            ("12", [32.3, 32.1]),
            ("13", [34.9, 34.7]),
            ("14", [33.0, 33.2]),
            ("15", [31.6, 30.9]),
        ],
    ),
];

#[test]
fn a_destructive_test_agrees_to_every_digit() {
    let observations: Vec<Observation<'_>> = OPERATORS
        .iter()
        .flat_map(|&(appraiser, parts)| {
            parts.into_iter().flat_map(move |(part, values)| {
                values.map(|value| Observation {
                    part,
                    appraiser,
                    value,
                })
            })
        })
        .collect();
    let anova = NestedStudy::new(&observations).unwrap().anova();
    check(
        "operator",
        anova.appraiser.mean_square(),
        2.181_333_333_333_33,
        1e-11,
    );
    check(
        "batch",
        anova.part.mean_square(),
        3.133_833_333_333_33,
        1e-11,
    );
    check(
        "repeats",
        anova.repeatability.mean_square(),
        0.080_666_666_666_666_7,
        1e-12,
    );
    check(
        "F operator",
        anova.appraiser_test().f,
        0.696_059_139_499_015,
        1e-10,
    );
    check(
        "p operator",
        anova.appraiser_test().p,
        0.517_597_080_688_392,
        1e-10,
    );
    check("F batch", anova.part_test().f, 38.849_173_553_719, 1e-9);
    check(
        "p batch",
        anova.part_test().p / 4.462_240_725_813_84e-9,
        1.0,
        1e-9,
    );
    let components = anova.components();
    check("GRR", components.grr(), 0.080_666_666_666_666_7, 1e-12);
    assert_eq!(components.reproducibility(), 0.0);
    check(
        "part",
        components.part.variance(),
        1.526_583_333_333_33,
        1e-11,
    );
    assert_eq!(components.truncated(), ["appraiser"]);
    let tolerance = StudyTolerance::TwoSided {
        lower: 25.0,
        upper: 40.0,
    };
    let evaluation = Evaluation::new(&components, 33.0, 6.0, Some(tolerance)).unwrap();
    let grr = components.grr();
    check(
        "%Contribution",
        evaluation.percent_contribution(grr),
        5.018_924_664_281_64,
        1e-9,
    );
    check(
        "%Study",
        evaluation.percent_study(grr),
        22.402_956_644_786_1,
        1e-9,
    );
    check(
        "%Tolerance",
        evaluation.percent_tolerance(grr).unwrap(),
        11.360_751_148_875_1,
        1e-9,
    );
}
