//! Signals with known truth through the analysis of a record.

use super::account::Place;
use super::batch::Batches;
use super::*;
use crate::{Calibration, Description, Quantity, Stretch};
use firmware_units::Microhertz;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rig_measure::{DefectKind, Estimate, NotMeasurable, SampleFault, Stroke, Zero};
use std::f64::consts::TAU;

const RATE: f64 = 20_000.0;
const STROKES_HZ: f64 = 116.667;
const TOP_NM: f64 = 1_250_000.0;

struct Noise(ChaCha8Rng);

impl Noise {
    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        radius * libm::cos(TAU * self.uniform())
    }
}

/// A slider crank of 3 mm stroke with 10 µm noise, tops at 1.25 mm, 8 µm from stroke to stroke.
fn running(seconds: f64, seed: u64) -> Vec<i64> {
    let mut noise = Noise(ChaCha8Rng::seed_from_u64(seed));
    let mut top = TOP_NM;
    let mut turn = 0.37;
    (0..(seconds * RATE) as usize)
        .map(|_| {
            let before = turn;
            turn += STROKES_HZ / RATE;
            if libm::floor(before + 0.5) != libm::floor(turn + 0.5) {
                top = TOP_NM + 8_000.0 * noise.normal();
            }
            let (sine, cosine) = (libm::sin(TAU * turn), libm::cos(TAU * turn));
            let (r, l) = (1.5e6, 5.0e6);
            let below = r * cosine + libm::sqrt(l * l - r * r * sine * sine) - r - l;
            libm::round((top + below + 10_000.0 * noise.normal()) / 122.0) as i64 * 122
        })
        .collect()
}

fn described() -> Description {
    Description::new(Quantity::Displacement, Microhertz(20_000_000_000))
}

fn certified() -> Calibration {
    Calibration {
        certificate: Some("C-1".to_owned()),
        expanded: Some(1_000.0),
        coverage_factor: Some(2.0),
        linearity: Some(4_000.0),
        time_base_ppb: Some(20_000),
        block_level: Some(500_000.0),
        block_level_u: Some(60.0),
        block_height: Some(500_000.0),
        block_u: Some(100.0),
        ..Calibration::default()
    }
}

fn settings() -> Settings {
    Settings {
        smallest_stroke_nm: 1e6,
        ..Settings::default()
    }
}

fn stretch(first_seq: u64, values: &[i64]) -> Stretch {
    Stretch {
        first_seq,
        values: values.to_vec(),
        exceptions: Vec::new(),
    }
}

fn measured(settings: Settings, stretches: &[Stretch]) -> (Vec<Stroke>, Results) {
    let mut analysis = Analysis::new(&described(), settings);
    let mut strokes: Vec<Stroke> = stretches.iter().flat_map(|it| analysis.push(it)).collect();
    let (rest, results) = analysis.finish(RATE);
    strokes.extend(rest);
    (strokes, results)
}

#[track_caller]
fn value(results: &Results, measurand: Measurand) -> (f64, f64) {
    let outcome = results
        .outcomes
        .iter()
        .find(|it| it.measurand == measurand)
        .unwrap();
    let measured = outcome.result.as_ref().unwrap();
    (measured.value, measured.uncertainty.expanded)
}

#[track_caller]
fn fault(results: &Results, measurand: Measurand) -> NoValue {
    let outcome = results
        .outcomes
        .iter()
        .find(|it| it.measurand == measurand)
        .unwrap();
    outcome.result.clone().unwrap_err()
}

#[track_caller]
fn within(results: &Results, measurand: Measurand, truth: f64) {
    let (value, expanded) = value(results, measurand);
    assert!(
        (value - truth).abs() <= expanded,
        "{measurand:?}: {value} ± {expanded}, truth {truth}"
    );
}

#[test]
fn values_hold_the_truth_and_do_not_depend_on_how_samples_come() {
    let values = running(3.0, 1);
    let (strokes, results) = measured(settings(), &[stretch(700, &values)]);
    within(&results, Measurand::StrokeRate, STROKES_HZ);
    within(&results, Measurand::MeanTop, TOP_NM);
    within(&results, Measurand::Spread, 8_000.0);
    within(&results, Measurand::Drift, 0.0);
    let (variation, u) = value(&results, Measurand::PeriodVariation);
    assert!(variation < 2.0 * u, "{variation} {u}");
    assert_eq!(strokes.len() as u64, results.strokes.used);
    assert!(
        (347..=350).contains(&results.strokes.used),
        "{:?}",
        results.strokes
    );
    assert_eq!(results.strokes.parts, 1);
    assert!(results.defects.is_empty() && results.samples.missing == 0);
    assert!(
        (9_000.0..11_000.0).contains(&results.noise_nm),
        "{}",
        results.noise_nm
    );
    let pieces: Vec<Stretch> = (0..)
        .zip(values.chunks(777))
        .map(|(index, it)| stretch(700 + 777 * index, it))
        .collect();
    let (_, in_pieces) = measured(settings(), &pieces);
    assert_eq!(in_pieces.outcomes, results.outcomes);
}

#[test]
fn without_a_certificate_there_is_scatter_only_and_without_a_zero_no_protrusion() {
    let values = running(1.0, 2);
    let (_, results) = measured(settings(), &[stretch(0, &values)]);
    assert!(!results.calibrated && results.zero == ZeroFrom::Nothing);
    for outcome in &results.outcomes {
        assert_eq!(
            outcome.result.as_ref().unwrap().budget.components.len(),
            1,
            "{outcome:?}"
        );
    }
    assert!(
        results
            .outcomes
            .iter()
            .all(|it| it.measurand != Measurand::MeanProtrusion)
    );
    let certified = Settings {
        calibration: certified(),
        ..settings()
    };
    let (_, results) = measured(certified, &[stretch(0, &values)]);
    within(&results, Measurand::MeanProtrusion, TOP_NM);
    let outcome = &results.outcomes[2];
    assert_eq!(outcome.measurand, Measurand::MeanProtrusion);
    assert_eq!(
        outcome.left_out,
        ["seating", "alignment", "temperature", "gauge bandwidth"]
    );
    let lines: Vec<&str> = outcome
        .result
        .as_ref()
        .unwrap()
        .budget
        .components
        .iter()
        .map(|it| it.name)
        .collect();
    assert_eq!(
        lines,
        [
            "scatter of the tops",
            "gauge calibration",
            "gauge linearity",
            "zero on the gauge block",
            "gauge block",
            "peak fit",
            "contact not seen"
        ]
    );
}

#[test]
fn strokes_beside_a_gap_are_left_out_and_the_rate_does_not_notice() {
    let values = running(3.0, 3);
    // 30 ms are lost: three strokes and a half.
    let (before, after) = (&values[..30_000], &values[30_600..]);
    let (strokes, results) = measured(settings(), &[stretch(0, before), stretch(30_600, after)]);
    within(&results, Measurand::StrokeRate, STROKES_HZ);
    within(&results, Measurand::MeanTop, TOP_NM);
    let (variation, u) = value(&results, Measurand::PeriodVariation);
    assert!(variation < 2.0 * u, "{variation} {u}");
    assert_eq!(results.samples.missing, 600);
    assert_eq!(results.strokes.parts, 2);
    assert_eq!(results.defects[0].kind, DefectKind::Lost);
    assert_eq!(
        (results.defects[0].first, results.defects[0].last),
        (30_000, 30_599)
    );
    // A stroke's fits reach 0.12 of a period beyond its crossings.
    assert!(
        strokes
            .iter()
            .all(|it| it.top + 50.0 < 30_000.0 || it.top - 50.0 > 30_600.0)
    );
}

#[test]
fn samples_without_indication_and_held_ones_are_left_out() {
    let mut values = running(3.0, 4);
    let held = values[40_000];
    values[40_000..41_000].fill(held);
    let mut whole = stretch(0, &values);
    whole.exceptions = (20_000..20_050)
        .map(|it| (it, SampleFault::NoTarget))
        .collect();
    whole.exceptions.push((50_000, SampleFault::OutOfRange));
    for (index, _) in &whole.exceptions {
        whole.values[*index as usize] = 0;
    }
    let (_, results) = measured(settings(), &[whole]);
    let kinds: Vec<DefectKind> = results.defects.iter().map(|it| it.kind).collect();
    for kind in [
        DefectKind::NoTarget,
        DefectKind::Stale,
        DefectKind::OutOfRange,
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert_eq!(
        (results.samples.no_target, results.samples.out_of_range),
        (50, 1)
    );
    assert_eq!((kinds.len(), results.strokes.parts), (3, 4), "{kinds:?}");
    within(&results, Measurand::StrokeRate, STROKES_HZ);
    within(&results, Measurand::MeanTop, TOP_NM);
    assert!(
        results.strokes.rejected.by_shape == 0,
        "{:?}",
        results.strokes
    );
}

#[test]
fn where_nothing_moves_there_is_no_value() {
    let mut noise = Noise(ChaCha8Rng::seed_from_u64(5));
    let still: Vec<i64> = (0..20_000)
        .map(|_| (10_000.0 * noise.normal()) as i64)
        .collect();
    let (strokes, results) = measured(settings(), &[stretch(0, &still)]);
    assert!(strokes.is_empty() && !results.any_value());
    assert_eq!(
        fault(&results, Measurand::MeanTop),
        NoValue::NoStrokes { smallest_mm: 1.0 }
    );
    for values in [vec![1_234_567; 20_000], vec![7; 30]] {
        let (strokes, results) = measured(settings(), &[stretch(0, &values)]);
        assert!(strokes.is_empty() && !results.any_value());
        let constant = NoValue::Constant(values.len() as u64);
        assert_eq!(fault(&results, Measurand::StrokeRate), constant);
    }
    let (_, nothing) = measured(settings(), &[]);
    assert!(!nothing.any_value());
}

#[test]
fn too_few_strokes_give_what_they_can() {
    let (_, results) = measured(settings(), &[stretch(0, &running(0.13, 6))]);
    within(&results, Measurand::StrokeRate, STROKES_HZ);
    assert!(matches!(
        fault(&results, Measurand::Spread),
        NoValue::Signal(NotMeasurable::TooFewStrokes { needed: 20, .. })
    ));
    assert!(results.any_value());
}

#[test]
fn parts_too_short_for_a_rate_give_none() {
    let values = running(2.0, 7);
    // A sample is lost every 15 ms.
    let pieces: Vec<Stretch> = (0..)
        .zip(values.chunks(300))
        .map(|(index, it)| stretch(301 * index, &it[..299.min(it.len())]))
        .collect();
    let (_, results) = measured(settings(), &pieces);
    assert!(
        results
            .outcomes
            .iter()
            .any(|it| it.measurand == Measurand::StrokeRate && it.result.is_err())
    );
}

#[test]
fn a_signal_with_defects_everywhere_is_refused() {
    let values = running(4.0, 8);
    let pieces: Vec<Stretch> = (0..)
        .zip(values.chunks(60))
        .map(|(index, it)| stretch(62 * index, it))
        .collect();
    let (_, results) = measured(settings(), &pieces);
    assert!(results.defects.len() >= 1000);
    assert!(!results.any_value());
    assert_eq!(
        fault(&results, Measurand::StrokeRate),
        NoValue::TooManyDefects(1000)
    );
}

#[test]
fn a_window_is_counted_from_the_first_sample() {
    let values = running(3.0, 9);
    let window = Settings {
        from_s: Some(1.0),
        to_s: Some(2.0),
        ..settings()
    };
    let pieces: Vec<Stretch> = (0..)
        .zip(values.chunks(8_000))
        .map(|(index, it)| stretch(500 + 8_000 * index, it))
        .collect();
    let (strokes, results) = measured(window, &pieces);
    assert_eq!(
        (results.from_s, results.to_s, results.samples.received),
        (1.0, 2.0, 20_000)
    );
    assert!(
        strokes
            .iter()
            .all(|it| (20_500.0..40_500.0).contains(&it.top))
    );
    let (_, alone) = measured(settings(), &[stretch(20_500, &values[20_000..40_000])]);
    assert_eq!(alone.outcomes, results.outcomes);
    let beyond = Settings {
        from_s: Some(10.0),
        ..settings()
    };
    assert!(!measured(beyond, &pieces).1.any_value());
}

#[test]
fn a_rate_that_is_no_whole_number_scales_the_result() {
    let values = running(2.0, 10);
    let (_, whole) = measured(settings(), &[stretch(0, &values)]);
    let off = Description::new(Quantity::Displacement, Microhertz(19_999_600_000));
    let mut analysis = Analysis::new(&off, settings());
    analysis.push(&stretch(0, &values));
    let (_, results) = analysis.finish(off.rate_hz());
    let ratio = value(&results, Measurand::StrokeRate).0 / value(&whole, Measurand::StrokeRate).0;
    assert!((ratio - 19_999.6 / 20_000.0).abs() < 1e-12, "{ratio}");
    assert_eq!(results.to_s, 40_000.0 / 19_999.6);
}

#[test]
fn a_tachometer_that_disagrees_takes_the_rate_away() {
    let values = running(2.0, 11);
    let edges = |rate_hz: f64| Edges {
        edges_ns: (1..230)
            .map(|it| (1e9 * f64::from(it) / rate_hz) as i64)
            .collect(),
        time_base_ppb: Some(20_000),
        edge_u_ns: 500.0,
    };
    let with = |rate_hz| Settings {
        edges: Some(edges(rate_hz)),
        calibration: certified(),
        ..settings()
    };
    let (_, results) = measured(with(STROKES_HZ), &[stretch(0, &values)]);
    within(&results, Measurand::StrokeRate, STROKES_HZ);
    within(&results, Measurand::TachometerRate, STROKES_HZ);
    let (_, results) = measured(with(1.001 * STROKES_HZ), &[stretch(0, &values)]);
    assert!(matches!(
        fault(&results, Measurand::StrokeRate),
        NoValue::Signal(NotMeasurable::Disagreement { .. })
    ));
    within(&results, Measurand::TachometerRate, 1.001 * STROKES_HZ);
}

#[test]
fn batches_give_what_the_whole_gives() {
    let (strokes, _) = measured(settings(), &[stretch(0, &running(20.0, 12))]);
    let zero = Zero {
        level: Estimate {
            value: 0.0,
            u: 0.0,
            dof: f64::INFINITY,
            n: 0,
        },
        block_height_nm: 0.0,
        block_u_nm: 0.0,
    };
    let of_size = |size| {
        let mut batches = Batches::of_size(size, 20_000, zero);
        for (index, stroke) in strokes.iter().enumerate() {
            let place = if index == 0 {
                Place::Begins
            } else {
                Place::Follows
            };
            batches.push(stroke, place);
        }
        batches.finish(1.0)
    };
    let (whole, parts) = (of_size(100_000), of_size(300));
    let close = |a: Result<Estimate, NoValue>, b: Result<Estimate, NoValue>, value: f64, u: f64| {
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(
            (a.value - b.value).abs() <= value * a.value.abs(),
            "{a:?} {b:?}"
        );
        assert!((a.u - b.u).abs() <= u * a.u, "{a:?} {b:?}");
    };
    // At a batch's boundary the rate loses a cycle and its time; and as u of a steady rate falls
    // with T^1.5, eight batches are eight times less exact than one.
    close(whole.rate, parts.rate, 1e-6, 8.0);
    // What degree 4 leaves is put back as a mean over each batch, 21 nm apart here.
    close(whole.mean, parts.mean, 3e-5, 0.1);
    close(whole.spread, parts.spread, 0.01, 0.1);
    // This signal has no variation: what is left of the noise differs.
    let (a, b) = (whole.variation.unwrap(), parts.variation.unwrap());
    assert!((a.value - b.value).abs() < 2.0 * a.u, "{a:?} {b:?}");
    close(whole.largest, parts.largest, 3e-5, 0.2);
}

#[test]
fn the_level_on_the_block_is_a_still_record() {
    let mut noise = Noise(ChaCha8Rng::seed_from_u64(13));
    let values: Vec<i64> = (0..4_000)
        .map(|_| (700_000.0 + 10_000.0 * noise.normal()) as i64)
        .collect();
    let level =
        |values: &[i64]| measure_level(&described(), [stretch(9, values)].into_iter(), 10_000.0);
    let estimate = level(&values).unwrap();
    assert!(
        (estimate.value - 700_000.0).abs() < 3.0 * estimate.u,
        "{estimate:?}"
    );
    assert!(matches!(
        level(&values[..100]),
        Err(NotMeasurable::WindowTooShort { .. })
    ));
    assert!(matches!(
        level(&running(0.5, 14)),
        Err(NotMeasurable::NotStill { .. })
    ));
    let gap = [
        stretch(0, &values[..2_000]),
        stretch(2_001, &values[2_000..]),
    ];
    assert!(matches!(
        measure_level(&described(), gap.into_iter(), 10_000.0),
        Err(NotMeasurable::Defect(_))
    ));
}
