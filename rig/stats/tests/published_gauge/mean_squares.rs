//! A published analysis of variance without its data: components from mean squares alone.

use super::check;
use rig_stats::gauge_study::{Anova, ErrorTerm, Evaluation, GaugeModel, Source};

/// Keller, "Six Sigma Demystified", page 343: 3 items, 2 operators, 3 repeats, without interaction
/// (table seen).
#[test]
fn components_follow_from_a_printed_table() {
    let line = |sum_of_squares: f64, dof: f64| Source {
        sum_of_squares,
        dof,
    };
    // The book prints the pooled error alone; how it splits does not matter to the pooled model.
    let anova = Anova {
        part: line(0.006_100_0, 2.0),
        appraiser: line(0.000_272_2, 1.0),
        interaction: line(0.0, 2.0),
        repeatability: line(0.001_277_8, 12.0),
        shape: [3, 2, 3],
    };
    let model = GaugeModel::Pooled;
    check(
        "F item",
        anova.part_test(model, ErrorTerm::Interaction).f,
        33.4174,
        2e-3,
    );
    let operator = anova.appraiser_test(model, ErrorTerm::Interaction);
    check("F operator", operator.f, 2.9826, 1e-3);
    check("p operator", operator.p, 0.106, 5e-4);
    let components = anova.components(model);
    check("GRR", components.grr(), 0.000_111_4, 5e-8);
    check(
        "repeatability",
        components.repeatability.variance(),
        0.000_091_3,
        5e-8,
    );
    check(
        "operator",
        components.appraiser.variance(),
        0.000_020_1,
        5e-8,
    );
    check("part", components.part.variance(), 0.000_493_1, 5e-8);
    let evaluation = Evaluation::new(&components, 0.0, 6.0, None).unwrap();
    check(
        "%Contribution",
        evaluation.percent_contribution(components.grr()),
        18.42,
        1e-2,
    );
    check(
        "%Study",
        evaluation.percent_study(components.grr()),
        42.92,
        1e-2,
    );
    check(
        "%Study",
        evaluation.percent_study(components.part.variance()),
        90.32,
        1e-2,
    );
    assert_eq!(components.distinct_categories(), Some(2));
}
