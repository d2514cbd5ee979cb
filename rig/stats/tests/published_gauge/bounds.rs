//! Confidence bounds: against stored values, against a published interval, and by how often they
//! hold in simulated studies.

use super::check;
use super::data::{AIAG, HOUF, study};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rig_stats::gauge_study::{Anova, CrossedStudy, GaugeModel, NestedStudy, Observation, Source};

const FULL: GaugeModel = GaugeModel::WithInteraction;
const POOLED: GaugeModel = GaugeModel::Pooled;

/// By reference.py (scipy 1.17.1), one-sided 95 %. The bound of AIAG's data is 12 times the
/// estimate, 3.4 times in standard deviation: three operators carry two degrees of freedom.
#[test]
fn modified_large_sample_bounds_are_those_of_the_script() {
    let cases = [
        (
            &AIAG,
            FULL,
            0.053_418_803_059_630_794,
            1.065_860_777_211_759_6,
        ),
        (
            &AIAG,
            POOLED,
            0.055_275_959_854_562_41,
            1.067_858_610_253_665_1,
        ),
        (&HOUF, FULL, 1.265_645_019_493_881_3, 13.931_531_076_309_268),
        (
            &HOUF,
            POOLED,
            1.150_501_848_803_870_5,
            13.744_458_692_353_867,
        ),
    ];
    for (data, model, lower, upper) in cases {
        let bounds = study(data)
            .unwrap()
            .anova()
            .grr_bounds(model, 0.95)
            .unwrap();
        check("lower", bounds.variance.lower / lower, 1.0, 1e-11);
        check("upper", bounds.variance.upper / upper, 1.0, 1e-11);
    }
}

/// A negative component set to zero makes the estimate larger than the sum of mean squares; the
/// bound that is judged does not fall below it.
#[test]
fn the_upper_bound_is_never_below_the_estimate() {
    let line = |mean_square: f64, dof: f64| Source {
        sum_of_squares: mean_square * dof,
        dof,
    };
    let anova = Anova {
        part: line(400.0, 9.0),
        appraiser: line(0.1, 5.0),
        interaction: line(0.3, 45.0),
        repeatability: line(1.0, 60.0),
        shape: [10, 6, 2],
    };
    let components = anova.components(FULL);
    assert_eq!(components.truncated(), ["appraiser", "interaction"]);
    let bounds = anova.grr_bounds(FULL, 0.95).unwrap();
    check("sum of mean squares", bounds.variance.estimate, 0.64, 1e-12);
    check("reported", components.grr(), 1.0, 1e-12);
    assert!(bounds.variance.upper < components.grr());
    assert_eq!(bounds.upper_for(&components), components.grr());
    let anova = study(&AIAG).unwrap().anova();
    let bounds = anova.grr_bounds(FULL, 0.95).unwrap();
    assert_eq!(
        bounds.upper_for(&anova.components(FULL)),
        bounds.variance.upper
    );
}

/// 15.3 to 81.3 % of study variation for AIAG's data: the generalised interval that the project's
/// metrology page states. reference.py with 4 million draws gives 15.27 and 81.39 for the pooled
/// model, 15.13 and 81.35 with the interaction.
#[test]
fn the_generalised_interval_of_aiags_data_is_the_one_stated() {
    let anova = study(&AIAG).unwrap().anova();
    for (model, lower, upper) in [(POOLED, 15.27, 81.39), (FULL, 15.13, 81.35)] {
        let limits = anova.generalized_limits(model, 0.95, 100_000, 1).unwrap();
        check("lower", limits.percent_study.lower, lower, 0.1);
        check("upper", limits.percent_study.upper, upper, 0.4);
    }
    let pooled = anova.generalized_limits(POOLED, 0.95, 100_000, 1).unwrap();
    check("lower, stated", pooled.percent_study.lower, 15.3, 0.1);
    check("upper, stated", pooled.percent_study.upper, 81.3, 0.5);
    // The same seed gives the same limits.
    assert_eq!(
        anova.generalized_limits(POOLED, 0.95, 100_000, 1),
        Ok(pooled)
    );
}

/// 1.187 to 27.11 for the gauge's variance of Houf and Burman's data, by reference.py.
#[test]
fn both_methods_agree_on_the_gauges_variance() {
    let anova = study(&HOUF).unwrap().anova();
    let limits = anova.generalized_limits(FULL, 0.95, 100_000, 2).unwrap();
    check("lower", limits.grr_variance.lower, 1.187, 0.01);
    check("upper", limits.grr_variance.upper, 27.11, 0.6);
    let mls = anova.grr_bounds(FULL, 0.975).unwrap().variance;
    check("lower", mls.lower, 1.206_225_574_043_008_3, 1e-10);
    check("upper", mls.upper, 27.017_238_837_189_99, 1e-8);
}

/// Normal deviates of simulated studies, by Box and Muller.
struct Deviates(ChaCha8Rng);

impl Deviates {
    fn next(&mut self) -> f64 {
        let mut uniform = || (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let radius = (-2.0 * (1.0 - uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * uniform()).cos()
    }
}

/// A study of 10 pens, 6 set-ups, 2 repeats whose true components are known.
fn simulated(sds: [f64; 4], deviates: &mut Deviates) -> CrossedStudy {
    let [part_sd, setup_sd, interaction_sd, repeat_sd] = sds;
    let names: Vec<String> = (0..10).map(|it| it.to_string()).collect();
    let parts: Vec<f64> = (0..10).map(|_| part_sd * deviates.next()).collect();
    let setups: Vec<f64> = (0..6).map(|_| setup_sd * deviates.next()).collect();
    let mut observations = Vec::new();
    for (part, part_name) in parts.iter().zip(&names) {
        for (setup, setup_name) in setups.iter().zip(&names) {
            let both = interaction_sd * deviates.next();
            for _ in 0..2 {
                observations.push(Observation {
                    part: part_name,
                    appraiser: setup_name,
                    value: 1_500.0 + part + setup + both + repeat_sd * deviates.next(),
                });
            }
        }
    }
    CrossedStudy::new(&observations).expect("a balanced study")
}

/// How often the one-sided 95 % upper bound holds, in 4,000 studies each. Exact would be 0.95 with a
/// standard error of 0.0034; never below that less four errors. Seen: 0.952, 0.970, 0.978, 0.977.
#[test]
fn the_upper_bound_holds_as_often_as_it_says() {
    let cases = [
        ("set-ups alone", [15.0, 3.0, 0.0, 0.1]),
        ("all alike", [15.0, 1.0, 1.0, 1.0]),
        ("interaction alone", [15.0, 0.0, 1.2, 0.3]),
        ("repeats alone", [15.0, 0.0, 0.0, 1.0]),
    ];
    for (seed, (what, sds)) in cases.into_iter().enumerate() {
        let mut deviates = Deviates(ChaCha8Rng::seed_from_u64(seed as u64));
        let truth = sds[1] * sds[1] + sds[2] * sds[2] + sds[3] * sds[3];
        let n = 4_000;
        let held = (0..n)
            .filter(|_| {
                let anova = simulated(sds, &mut deviates).anova();
                let bounds = anova.grr_bounds(FULL, 0.95).expect("a confidence");
                bounds.variance.upper >= truth
            })
            .count();
        let share = held as f64 / f64::from(n);
        assert!(
            (0.95 - 4.0 * 0.0034..1.0).contains(&share),
            "{what}: {share}"
        );
    }
}

/// How often the generalised 95 % interval of %StudyVar holds, in 300 studies of 2,000 draws each.
/// Exact would be 0.95 with a standard error of 0.0126. Seen: 0.947.
#[test]
fn the_generalised_interval_holds_as_often_as_it_says() {
    let sds = [15.0, 1.0, 1.0, 1.0];
    let truth = 100.0 * (3.0_f64 / (3.0 + 225.0)).sqrt();
    let mut deviates = Deviates(ChaCha8Rng::seed_from_u64(11));
    let n = 300;
    let held = (0..n)
        .filter(|&seed| {
            let anova = simulated(sds, &mut deviates).anova();
            let limits = anova
                .generalized_limits(FULL, 0.95, 2_000, seed)
                .expect("limits")
                .percent_study;
            (limits.lower..=limits.upper).contains(&truth)
        })
        .count();
    let share = held as f64 / n as f64;
    assert!((0.95 - 4.0 * 0.0126..1.0).contains(&share), "{share}");
}

/// Set-ups within pens: the same mean squares as a nested study of set-ups that belong to one pen
/// each; in 4,000 studies whose set-ups share nothing the bound holds as often as it says. Seen:
/// 0.950.
#[test]
fn set_ups_within_pens_are_a_nested_study() {
    let crossed = study(&AIAG).unwrap().anova();
    let names: Vec<[String; 2]> = (0..30)
        .map(|cell| [format!("set-up {cell}"), format!("pen {}", cell / 3)])
        .collect();
    let observations: Vec<Observation<'_>> = AIAG
        .iter()
        .flat_map(|row| row.chunks(3))
        .zip(&names)
        .flat_map(|(cell, [setup, pen])| {
            cell.iter().map(move |&value| Observation {
                part: setup,
                appraiser: pen,
                value,
            })
        })
        .collect();
    let nested = NestedStudy::new(&observations).unwrap().anova();
    let within = crossed.within_parts();
    check(
        "set-ups",
        within.mean_square(),
        nested.part.mean_square(),
        1e-12,
    );
    assert_eq!(within.dof, nested.part.dof);
    check(
        "pens",
        crossed.part.mean_square(),
        nested.appraiser.mean_square(),
        1e-12,
    );
    let components = crossed.components(GaugeModel::WithinParts);
    check(
        "set-ups",
        components.appraiser.estimate,
        nested.components().part.estimate,
        1e-12,
    );

    let mut deviates = Deviates(ChaCha8Rng::seed_from_u64(5));
    let truth = 1.2 * 1.2 + 0.3 * 0.3;
    let n = 4_000;
    let held = (0..n)
        .filter(|_| {
            let anova = simulated([15.0, 0.0, 1.2, 0.3], &mut deviates).anova();
            let bounds = anova.grr_bounds(GaugeModel::WithinParts, 0.95);
            bounds.expect("a confidence").variance.upper >= truth
        })
        .count();
    let share = held as f64 / f64::from(n);
    assert!((0.95 - 4.0 * 0.0034..1.0).contains(&share), "{share}");
}
