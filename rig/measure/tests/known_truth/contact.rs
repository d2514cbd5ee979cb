//! Contact that noise hides: the uncertainty of a mean holds what the tops do not show.
#![expect(
    clippy::print_stdout,
    reason = "the figures are worth reading with --nocapture"
)]

use crate::pen::exact_zero;
use crate::profiles::{Case, TOP_NM};
use rig_measure::{
    Budget, Component, Contact, Distribution, Estimate, Flattening, GaugeProperties, NotMeasurable,
    protrusion_budget, protrusion_mean, unseen_flattening,
};

/// A gauge and a fixture without any error.
fn perfect() -> GaugeProperties {
    GaugeProperties {
        certificate_expanded_nm: 0.0,
        certificate_k: 2.0,
        linearity_nm: 0.0,
        tilt_deg: 0.0,
        drift_nm_per_kelvin: 0.0,
        temperature_kelvin: 0.0,
        bandwidth_hz: 0.0,
        stroke_amplitude_nm: 0.0,
        fit_bias_nm: 0.0,
        seating_nm: 0.0,
    }
}

fn below(depth_nm: f64, case: Case) -> Case {
    Case {
        plateau_nm: (depth_nm > 0.0).then_some((depth_nm, 0.0)),
        ..case
    }
}

/// Records whose mean ± U holds the truth, those with a value, and how wide the lines were.
#[derive(Debug, Default)]
struct Held {
    inside: usize,
    /// Of the scatter alone.
    inside_scatter: usize,
    n: usize,
    refused: usize,
    half_width_nm: f64,
    bias_nm: f64,
}

fn hold(depth_nm: f64, case: Case, records: u64) -> Held {
    let mut held = Held::default();
    for seed in 0..records {
        let strokes = below(depth_nm, case).record(3_000 + seed).strokes();
        let zero = exact_zero();
        let mean = protrusion_mean(&strokes, &zero);
        let (Ok(mean), Ok(flattening)) = (mean, unseen_flattening(&strokes)) else {
            held.refused += 1;
            continue;
        };
        let contact = Contact::Possible(flattening);
        let budget = protrusion_budget(&mean, &zero, &perfect(), case.rate_hz, contact);
        let error = mean.value - (TOP_NM - depth_nm);
        held.inside += usize::from(error.abs() <= budget.combine().expanded);
        let scatter = Budget {
            components: vec![Component::scatter("scatter of the tops", &mean)],
        };
        held.inside_scatter += usize::from(error.abs() <= scatter.combine().expanded);
        held.n += 1;
        held.half_width_nm += flattening.half_width_nm;
        held.bias_nm += error;
    }
    held.half_width_nm /= held.n as f64;
    held.bias_nm /= held.n as f64;
    println!("{depth_nm} nm, {} s: {held:?}", case.seconds);
    held
}

#[test]
fn a_mean_holds_the_truth_however_shallow_the_plateau() {
    for depth_nm in [1e3, 3e3, 5e3, 7e3, 10e3, 20e3] {
        let held = hold(depth_nm, Case::default(), 100);
        assert!(
            held.inside * 100 >= 95 * held.n,
            "{depth_nm} nm: {} of {}",
            held.inside,
            held.n
        );
        assert!(held.n >= 30, "{depth_nm} nm: {} refused", held.refused);
    }
    // What it is for: scatter alone holds none of them.
    let alone = hold(3e3, Case::default(), 20);
    assert!(alone.inside_scatter * 10 < alone.n, "{alone:?}");
}

#[test]
fn phase_lock_noise_and_few_strokes_are_allowed_for() {
    let base = Case::default();
    let cases = [
        // Ten samples and a half in a window, and the same phase in every stroke.
        Case {
            rate_hz: 200.0,
            sample_rate_hz: 10_000,
            ..base
        },
        Case {
            noise_nm: 20e3,
            ..base
        },
        Case {
            seconds: 0.15,
            ..base
        },
        Case {
            locked: true,
            ..base
        },
    ];
    for case in cases {
        for depth_nm in [2e3, 5e3] {
            let held = hold(depth_nm, case, 60);
            assert!(
                held.inside * 100 >= 95 * held.n,
                "{depth_nm} nm of {case:?}: {} of {}",
                held.inside,
                held.n
            );
            assert!(held.n >= 30, "{depth_nm} nm of {case:?}: {held:?}");
        }
    }
}

#[test]
fn many_strokes_hide_less_than_few() {
    let widths = [0.15, 1.0, 10.0].map(|seconds| {
        let case = Case {
            seconds,
            ..Case::default()
        };
        let held = hold(0.0, case, 10);
        assert_eq!(held.refused, 0, "free tops have a value");
        assert!(held.bias_nm.abs() < 400.0, "and no bias: {held:?}");
        held.half_width_nm
    });
    // Answers to a cap go with the 5/4 power of its depth, so that ten times the strokes see a
    // depth 10^−0.4 = 0.40 times as large.
    let ratio = widths[2] / widths[1];
    assert!((0.35..0.55).contains(&ratio), "{widths:?}");
    assert!(widths[0] > 1.5 * widths[1], "{widths:?}");
    assert!((1_500.0..3_500.0).contains(&widths[1]), "{widths:?}");
}

#[test]
fn what_hides_everything_has_no_value() {
    let case = Case {
        noise_nm: 300e3,
        ..Case::default()
    };
    let strokes = case.record(1).strokes();
    let one = strokes.get(..1).expect("strokes");
    let found = unseen_flattening(one);
    assert!(
        matches!(found, Err(NotMeasurable::Flattening { .. })),
        "{found:?}"
    );
    assert!(matches!(
        unseen_flattening(&[]),
        Err(NotMeasurable::TooFewStrokes { .. })
    ));
}

#[test]
fn a_line_only_where_contact_is_possible() {
    let mean = Estimate {
        value: 1.5e6,
        u: 300.0,
        dof: 100.0,
        n: 101,
    };
    let lines = |contact| protrusion_budget(&mean, &exact_zero(), &perfect(), 100.0, contact);
    let flattening = Flattening {
        depth_nm: 2_500.0,
        half_width_nm: 2_400.0,
    };
    let possible = lines(Contact::Possible(flattening));
    let last = possible.components.last().expect("lines");
    assert_eq!(last.name, "contact not seen");
    assert_eq!(last.distribution, Distribution::Rectangular);
    let excluded = lines(Contact::Excluded);
    assert_eq!(possible.components.len(), excluded.components.len() + 1);
}
