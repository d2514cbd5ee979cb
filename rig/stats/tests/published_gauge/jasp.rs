//! Two crossed studies of jaspQualityControl's tests, whose expected tables were seen.

use super::check;
use super::data::{JASP, study};
use rig_stats::gauge_study::{ErrorTerm, GaugeModel, StudyTolerance, choose_model};

/// `test-msaGaugeRR.R`, LF1.1 to LF1.5: tables to fifteen digits.
#[test]
fn the_first_study_agrees_to_every_digit() {
    let study = study(&JASP).unwrap();
    let anova = study.anova();
    check(
        "part",
        anova.part.mean_square(),
        97.839_506_172_839_5,
        1e-12,
    );
    check(
        "operator",
        anova.appraiser.mean_square(),
        0.836_111_111_111_114,
        1e-13,
    );
    check(
        "interaction",
        anova.interaction.mean_square(),
        0.157_098_765_432_099,
        1e-13,
    );
    check(
        "repeats",
        anova.repeatability.mean_square(),
        0.127_777_777_777_778,
        1e-13,
    );
    check(
        "p",
        anova.interaction_test().p,
        0.268_355_463_232_599,
        1e-12,
    );
    let full = GaugeModel::WithInteraction;
    let operator = anova.appraiser_test(full, ErrorTerm::Interaction);
    check("F operator", operator.f, 5.322_200_392_927_31, 1e-11);
    check("p operator", operator.p, 0.015_278_997_897_119_3, 1e-12);
    let part = anova.part_test(full, ErrorTerm::Interaction);
    check("F part", part.f, 622.789_783_889_979, 1e-9);
    check("p part", part.p / 1.415_812_807_374_64e-20, 1.0, 1e-10);
    let pooled = anova.appraiser_test(GaugeModel::Pooled, ErrorTerm::Interaction);
    check("F operator, pooled", pooled.f, 6.214_399_152_991_04, 1e-11);
    check(
        "p operator, pooled",
        pooled.p,
        0.003_131_308_667_895_78,
        1e-13,
    );

    assert_eq!(choose_model(&anova, 0.05), Ok(GaugeModel::Pooled));
    let tolerance = StudyTolerance::TwoSided {
        lower: 0.0,
        upper: 10.0,
    };
    let (components, evaluation) = study
        .evaluate(GaugeModel::Pooled, 6.0, Some(tolerance))
        .unwrap();
    check("GRR", components.grr(), 0.157_929_724_596_391, 1e-12);
    check(
        "EV",
        components.repeatability.variance(),
        0.134_544_159_544_159,
        1e-12,
    );
    check(
        "AV",
        components.reproducibility(),
        0.023_385_565_052_231_8,
        1e-12,
    );
    check(
        "PV",
        components.part.variance(),
        10.856_106_890_366_1,
        1e-11,
    );
    let grr = components.grr();
    check(
        "study variation",
        evaluation.study_variation(grr),
        2.384_422_379_837_53,
        1e-12,
    );
    check("%Study", evaluation.percent_study(grr), 11.97, 5e-3);
    check(
        "%Tolerance",
        evaluation.percent_tolerance(grr).unwrap(),
        23.84,
        5e-3,
    );
    check(
        "%Contribution",
        evaluation.percent_contribution(grr),
        1.43,
        5e-3,
    );
}

/// `realDataExample1.csv`, 4 parts × 3 appraisers × 2 (seen).
const WITH_INTERACTION: [[f64; 6]; 4] = [
    [10.2, 10.3, 10.3, 10.4, 9.9, 10.2],
    [11.4, 11.5, 11.5, 11.4, 11.2, 11.2],
    [11.2, 11.3, 11.0, 11.2, 11.1, 11.2],
    [10.6, 10.7, 10.3, 10.4, 10.8, 10.5],
];

/// LF6.1, LF6.2, LF6.4: an interaction that stays, and an appraiser's component below zero.
#[test]
fn the_second_study_keeps_its_interaction_and_sets_one_component_to_zero() {
    let study = study(&WITH_INTERACTION).unwrap();
    let anova = study.anova();
    check(
        "p",
        anova.interaction_test().p,
        0.039_637_198_823_378_4,
        1e-10,
    );
    let model = choose_model(&anova, 0.05).unwrap();
    assert_eq!(model, GaugeModel::WithInteraction);
    let operator = anova.appraiser_test(model, ErrorTerm::Interaction);
    check("F operator", operator.f, 0.958_762_886_597_953, 1e-10);
    check("p operator", operator.p, 0.435_196_399_688_716, 1e-10);
    let tolerance = StudyTolerance::TwoSided {
        lower: 5.0,
        upper: 15.0,
    };
    let (components, evaluation) = study.evaluate(model, 6.0, Some(tolerance)).unwrap();
    check("GRR", components.grr(), 0.026_458_333_333_333_3, 1e-12);
    check("EV", components.repeatability.variance(), 0.0125, 1e-12);
    check(
        "AV",
        components.reproducibility(),
        0.013_958_333_333_333_3,
        1e-12,
    );
    check(
        "PV",
        components.part.variance(),
        0.278_541_666_666_666,
        1e-12,
    );
    assert_eq!(components.appraiser.variance(), 0.0);
    assert!(components.appraiser.estimate < 0.0);
    assert_eq!(components.truncated(), ["appraiser"]);
    let grr = components.grr();
    check("%Study", evaluation.percent_study(grr), 29.45, 5e-3);
    check(
        "%Tolerance",
        evaluation.percent_tolerance(grr).unwrap(),
        9.76,
        5e-3,
    );
}
