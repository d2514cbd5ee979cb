//! Type-1 studies of jaspQualityControl's tests (`test-msaType1Gauge.R`, "verified with Minitab",
//! seen).

use super::check;
use rig_stats::gauge_study::{Type1Convention, type_1};

/// `msaType1.csv`: 50 readings of a part of −4, tolerance 15.
const READINGS: [f64; 50] = [
    -4.0, -4.1, -4.1, -4.1, -4.1, -3.9, -3.9, -3.9, -4.1, -4.2, -3.9, -4.2, -4.0, -3.8, -3.9, -3.9,
    -3.9, -3.9, -4.6, -4.3, -3.9, -3.7, -3.7, -3.9, -4.0, -5.0, -3.9, -3.8, -3.7, -3.8, -3.7, -3.8,
    -3.6, -3.5, -3.6, -3.6, -3.4, -5.1, -3.5, -4.0, -4.5, -3.5, -5.1, -5.0, -3.5, -3.5, -3.5, -3.6,
    -3.6, -3.5,
];

/// 1.3 to 1.5: 20 % and 6 s.
#[test]
fn capability_by_a_fifth_of_tolerance_and_six_deviations() {
    let found = type_1(&READINGS, -4.0, 15.0, Type1Convention::default()).unwrap();
    check("mean", found.mean, -3.946, 1e-12);
    check("bias", found.bias, 0.054, 1e-12);
    check("s", found.standard_deviation, 0.420_014_577_006_512, 1e-13);
    check("Cg", found.cg, 1.19, 5e-3);
    check("Cgk", found.cgk, 1.15, 5e-3);
    check(
        "%Var repeatability",
        found.percent_repeatability,
        16.8,
        5e-3,
    );
    check("t", found.t, 0.909_105_737_620_188, 1e-11);
    check("p", found.p, 0.367_744_349_288_335, 1e-11);
    check(
        "lower",
        found.bias - found.bias_half_width,
        -0.065_366_822_047_619_7,
        1e-11,
    );
    check(
        "upper",
        found.bias + found.bias_half_width,
        0.173_366_822_047_62,
        1e-11,
    );
}

/// 2.4: 15 % and 4 s.
#[test]
fn capability_by_another_convention() {
    let convention = Type1Convention {
        percent_of_tolerance: 15.0,
        spread: 4.0,
    };
    let found = type_1(&READINGS, -4.0, 15.0, convention).unwrap();
    check("Cg", found.cg, 1.34, 5e-3);
    check("Cgk", found.cgk, 1.27, 5e-3);
    check(
        "%Var repeatability",
        found.percent_repeatability,
        11.2,
        5e-3,
    );
}
