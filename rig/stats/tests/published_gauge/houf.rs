//! Houf and Burman's thermal performance data, as in Montgomery's books and SAS/STAT.

use super::check;
use super::data::{HOUF, study};
use rig_stats::gauge_study::{ErrorTerm, GaugeModel, choose_model};

/// Montgomery, "Design and Analysis of Experiments", its measurement systems capability study: sums
/// of squares 3935.96, 39.27, 48.51, 30.67; F 162.27, 7.28, 5.27 (recalled, recomputed).
#[test]
fn the_analysis_of_variance_is_montgomerys() {
    let anova = study(&HOUF).unwrap().anova();
    check("part", anova.part.sum_of_squares, 3935.96, 5e-3);
    check("operator", anova.appraiser.sum_of_squares, 39.27, 5e-3);
    check("interaction", anova.interaction.sum_of_squares, 48.51, 5e-3);
    check("error", anova.repeatability.sum_of_squares, 30.67, 5e-3);
    let model = GaugeModel::WithInteraction;
    check(
        "F part",
        anova.part_test(model, ErrorTerm::Interaction).f,
        162.27,
        5e-3,
    );
    check(
        "F operator",
        anova.appraiser_test(model, ErrorTerm::Interaction).f,
        7.28,
        5e-3,
    );
    check("F interaction", anova.interaction_test().f, 5.27, 5e-3);
    assert_eq!(choose_model(&anova, 0.05), Ok(model));
}

/// Components 48.29, 0.56, 0.73, 0.51, gauge 1.80 (Montgomery, recalled, recomputed).
#[test]
fn components_with_interaction_are_montgomerys() {
    let anova = study(&HOUF).unwrap().anova();
    let components = anova.components(GaugeModel::WithInteraction);
    check("part", components.part.variance(), 48.29, 5e-3);
    check("operator", components.appraiser.variance(), 0.56, 5e-3);
    let interaction = components.interaction.unwrap();
    check("interaction", interaction.variance(), 0.73, 5e-3);
    check(
        "repeatability",
        components.repeatability.variance(),
        0.51,
        5e-3,
    );
    check("gauge", components.grr(), 1.80, 5e-3);
}
