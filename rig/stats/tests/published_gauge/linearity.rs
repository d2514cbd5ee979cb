//! Linearity studies of jaspQualityControl's tests (`test-msaGaugeLinearity.R`, "verified with other
//! software", seen); the first is AIAG's example.

use super::check;
use rig_stats::gauge_study::{Linearity, ReferenceReading, linearity};

/// Five parts, twelve readings each: `msaLinearity.csv`.
const WHOLE: [(f64, &[f64]); 5] = [
    (
        2.0,
        &[2.7, 2.5, 2.4, 2.5, 2.7, 2.3, 2.5, 2.5, 2.4, 2.4, 2.6, 2.4],
    ),
    (
        4.0,
        &[5.1, 3.9, 4.2, 5.0, 3.8, 3.9, 3.9, 3.9, 3.9, 4.0, 4.1, 3.8],
    ),
    (
        6.0,
        &[5.8, 5.7, 5.9, 5.9, 6.0, 6.1, 6.0, 6.1, 6.4, 6.3, 6.0, 6.1],
    ),
    (
        8.0,
        &[7.6, 7.7, 7.8, 7.7, 7.8, 7.8, 7.8, 7.7, 7.8, 7.5, 7.6, 7.7],
    ),
    (
        10.0,
        &[9.1, 9.3, 9.5, 9.3, 9.4, 9.5, 9.5, 9.5, 9.6, 9.2, 9.3, 9.4],
    ),
];

/// The same with some cells empty: columns `…Missing5`.
const INCOMPLETE: [(f64, &[f64]); 5] = [
    (2.0, &[2.7, 2.4, 2.7, 2.3, 2.5, 2.4, 2.4, 2.4]),
    (4.0, &[5.1, 4.2, 5.0, 3.8, 3.9, 3.9, 4.1, 3.8]),
    (6.0, &[5.8, 5.7, 5.9, 5.9, 6.0, 6.0, 6.1, 6.3, 6.1]),
    (
        8.0,
        &[7.6, 7.7, 7.8, 7.7, 7.8, 7.8, 7.8, 7.7, 7.8, 7.5, 7.7],
    ),
    (10.0, &[9.1, 9.3, 9.5, 9.3, 9.5, 9.5, 9.5, 9.6, 9.3, 9.4]),
];

fn fitted(levels: &[(f64, &[f64])]) -> Linearity {
    let readings: Vec<ReferenceReading> = levels
        .iter()
        .flat_map(|&(reference, readings)| {
            readings
                .iter()
                .map(move |&reading| ReferenceReading { reference, reading })
        })
        .collect();
    linearity(&readings).expect("a study that can be fitted")
}

/// 1.3 to 1.5.
#[test]
fn aiags_example_agrees_to_every_digit() {
    let found = fitted(&WHOLE);
    check("intercept", found.intercept, 0.736_666_666_666_666, 1e-12);
    check(
        "its error",
        found.intercept_u,
        0.072_524_272_591_612_5,
        1e-12,
    );
    check(
        "its p",
        found.intercept_p / 1.733_799_595_462_27e-14,
        1.0,
        1e-9,
    );
    check("slope", found.slope, -0.131_666_666_666_667, 1e-13);
    check("its error", found.slope_u, 0.010_933_445_471_810_7, 1e-13);
    check("its p", found.slope_p / 2.037_715_582_285_73e-17, 1.0, 1e-9);
    check("S", found.s, 0.239_539_788_646_537, 1e-12);
    check("R²", found.r_squared, 0.714_318_415_932_242, 1e-12);
    check(
        "mean bias",
        found.mean_bias,
        -0.053_333_333_333_333_4,
        1e-12,
    );
    let published = [
        (0.491_666_666_666_667, 2.872_333_104_442_84e-8),
        (0.125, 0.353_991_325_267_683),
        (0.025, 0.667_130_710_762_814),
        (-0.291_666_666_666_667, 6.419_480_505_543_58e-7),
        (-0.616_666_666_666_667, 1.554_444_800_380_29e-8),
    ];
    assert_eq!(found.levels.len(), published.len());
    for (level, (bias, p)) in found.levels.iter().zip(published) {
        check("bias", level.bias, bias, 1e-12);
        check("its p", level.p.unwrap() / p, 1.0, 1e-9);
        assert_eq!(level.n, 12);
    }
}

/// 2.3 to 2.5.
#[test]
fn readings_may_be_fewer_at_one_level() {
    let found = fitted(&INCOMPLETE);
    check("intercept", found.intercept, 0.758_544_839_255_5, 1e-12);
    check("slope", found.slope, -0.133_079_526_226_734, 1e-12);
    check("its error", found.slope_u, 0.013_015_380_511_051, 1e-12);
    check("S", found.s, 0.246_859_991_507_049, 1e-12);
    check("R²", found.r_squared, 0.703_796_096_771_246, 1e-12);
    check(
        "bias at 8",
        found.levels[3].bias,
        -0.281_818_181_818_182,
        1e-12,
    );
}
