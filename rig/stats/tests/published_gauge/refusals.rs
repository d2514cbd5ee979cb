//! What a gauge study refuses, and with which words.

use rig_stats::gauge_study::{
    CrossedStudy, GaugeModel, GaugeStudyError, NestedStudy, Observation, ReferenceReading,
    StudyTolerance, Type1Convention, choose_model, linearity, type_1,
};

/// Every message of the error, as people read it.
#[test]
fn messages_name_what_is_missing() {
    let whole: Vec<Observation<'_>> = ["P1", "P2"]
        .into_iter()
        .flat_map(|part| {
            ["A", "B"].into_iter().flat_map(move |appraiser| {
                [1.0, 2.0].map(|value| Observation {
                    part,
                    appraiser,
                    value,
                })
            })
        })
        .collect();
    let check = |change: &dyn Fn(&mut Vec<Observation<'_>>), expected: &str| {
        let mut observations = whole.clone();
        change(&mut observations);
        let error = CrossedStudy::new(&observations).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(
        &|it| it.truncate(6),
        "part P2 was not measured by appraiser B; the analysis needs every cell",
    );
    check(
        &|it| it.truncate(7),
        "part P2, appraiser B: 1 repeats where the others have 2; the analysis needs as many in every cell",
    );
    check(
        &|it| it.truncate(4),
        "the study needs at least 2 parts, it has 1",
    );
    check(
        &|it| it.retain(|it| it.appraiser == "A"),
        "the study needs at least 2 appraisers, it has 1",
    );
    check(
        &|it| it.retain(|it| it.value == 1.0),
        "the study needs at least 2 repeats in each cell, it has 1",
    );
    check(
        &|it| it.clear(),
        "the study needs at least 2 parts, it has 0",
    );
    check(
        &|it| it[3].value = f64::NAN,
        "value NaN is not a finite number",
    );
    check(
        &|it| it[3].value = f64::NEG_INFINITY,
        "value -inf is not a finite number",
    );
    check(
        &|it| it.iter_mut().for_each(|it| it.value = 7.0),
        "all values are equal; nothing can be said of a gauge that shows one value",
    );
    check(
        &|it| {
            it.iter_mut()
                .for_each(|it| it.value = if it.part == "P1" { 1.0 } else { 2.0 })
        },
        "the repeats of every cell are equal; the gauge's step hides its repeatability",
    );
    assert_eq!(
        NestedStudy::new(&whole).unwrap_err().to_string(),
        "part P1 was measured by appraisers A and B; in a nested study a part belongs to one"
    );
}

#[test]
fn levels_tolerances_and_conventions_must_make_sense() {
    let observations: Vec<Observation<'_>> = [("1", "A"), ("1", "B"), ("2", "A"), ("2", "B")]
        .into_iter()
        .flat_map(|(part, appraiser)| {
            [1.0, 2.5].map(|value| Observation {
                part,
                appraiser,
                value,
            })
        })
        .collect();
    let anova = CrossedStudy::new(&observations).unwrap().anova();
    for level in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(choose_model(&anova, level).is_err(), "{level}");
        let model = GaugeModel::Pooled;
        assert!(anova.grr_bounds(model, level).is_err(), "{level}");
        assert!(anova.generalized_limits(model, level, 5_000, 1).is_err());
    }
    let confidence = anova.grr_bounds(GaugeModel::Pooled, 0.5).unwrap_err();
    assert_eq!(
        confidence.to_string(),
        "confidence 0.5 is not between 0.7 and 1"
    );
    let width = |tolerance: StudyTolerance| tolerance.width(1.5).map_err(|it| it.to_string());
    let (lower, upper) = (1.0, 3.0);
    assert_eq!(width(StudyTolerance::TwoSided { lower, upper }), Ok(2.0));
    assert_eq!(width(StudyTolerance::OneSided { limit: 3.0 }), Ok(3.0));
    assert_eq!(
        width(StudyTolerance::TwoSided {
            lower: upper,
            upper: lower
        }),
        Err("the tolerance has no width: its limits are crossed or equal".to_owned())
    );
    assert_eq!(
        width(StudyTolerance::OneSided { limit: 1.5 }),
        Err("the tolerance has no width: the study's mean stands on its only limit".to_owned())
    );
    let convention = Type1Convention::default();
    let refused = |readings: &[f64], reference, tolerance| {
        type_1(readings, reference, tolerance, convention).unwrap_err()
    };
    assert_eq!(
        refused(&[1.0], 1.0, 1.0).to_string(),
        "the study needs at least 2 readings, it has 1"
    );
    assert_eq!(
        refused(&[1.0, 2.0], 1.0, -1.0).to_string(),
        "tolerance -1 is not a finite number above zero"
    );
    assert_eq!(refused(&[2.0, 2.0], 1.0, 1.0), GaugeStudyError::NoVariation);
    assert!(type_1(&[], f64::NAN, 1.0, convention).is_err());
    let reading = |reference, reading| ReferenceReading { reference, reading };
    let few = [reading(1.0, 1.0), reading(1.0, 1.1), reading(1.0, 1.2)];
    assert_eq!(
        linearity(&few).unwrap_err().to_string(),
        "the study needs at least 2 reference values, it has 1"
    );
}
