//! What holds for every signal.

use crate::pen::{Running, exact_zero, settings, stream, strokes_of};
use firmware_units::Nanoseconds;
use proptest::prelude::*;
use rig_measure::{
    Block, EdgeCapture, HarmonicSettings, RobustSettings, SampleFault, StrokeSettings,
    StrokeTracker, TachometerStream, edge_period_variation, harmonic, harmonic_robust, inside_from,
    largest_change, largest_level, level, period_variation, protrusion_maximum, protrusion_mean,
    spread, stroke_rate, stroke_stability, tachometer_rate, time_above, time_below, time_to_rest,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// An offset of the gauge moves every top by itself and nothing else.
    #[test]
    fn offset_moves_tops_alone(seed in 0_u64..1000, rate_hz in 40.0..160.0, offset in -2_000_000_i64..2_000_000) {
        let samples = Running { rate_hz, seconds: 0.3, ..Running::default() }.signal(seed).samples;
        let moved: Vec<i64> = samples.iter().map(|it| it + offset).collect();
        let (before, after) = (strokes_of(&samples), strokes_of(&moved));
        prop_assert_eq!(before.len(), after.len());
        for (a, b) in before.iter().zip(&after) {
            prop_assert!((b.peak_nm - a.peak_nm - offset as f64).abs() < 1e-2);
            prop_assert!((b.mark - a.mark).abs() < 1e-6);
            prop_assert!((b.peak_u_nm - a.peak_u_nm).abs() < 1e-2);
        }
    }

    /// A stroke twice as long, with noise to match, has everything twice and no other time.
    #[test]
    fn scale_scales(seed in 0_u64..1000, rate_hz in 40.0..160.0, scale in 2_i64..5) {
        let samples = Running { rate_hz, seconds: 0.3, ..Running::default() }.signal(seed).samples;
        let scaled: Vec<i64> = samples.iter().map(|it| it * scale).collect();
        let track = |samples: &[i64], smallest_stroke_nm: f64| {
            let mut strokes = Vec::new();
            StrokeTracker::new(StrokeSettings { smallest_stroke_nm, ..settings() }).push(0, samples, &mut strokes);
            strokes
        };
        let (before, after) = (track(&samples, 1e6), track(&scaled, 1e6 * scale as f64));
        prop_assert_eq!(before.len(), after.len());
        for (a, b) in before.iter().zip(&after) {
            prop_assert!((b.peak_nm - a.peak_nm * scale as f64).abs() < 1e-2);
            prop_assert!((b.peak_u_nm - a.peak_u_nm * scale as f64).abs() < 1e-2);
            prop_assert!((b.mark - a.mark).abs() < 1e-6);
        }
    }

    /// Arbitrary blocks are taken without a panic, and whatever is measured of them is finite.
    #[test]
    fn arbitrary_blocks_do_no_harm(
        blocks in prop::collection::vec(
            (
                prop_oneof![Just(None), any::<u64>().prop_map(Some), (0_u64..5_000).prop_map(Some)],
                any::<u64>(),
                prop_oneof![
                    prop::collection::vec(any::<i64>(), 0..300),
                    prop::collection::vec(-3_000_000_i64..3_000_000, 0..2_000),
                    prop::collection::vec(-3_i64..3, 0..2_000).prop_map(|it| it.iter().map(|it| it * 1_000_000).collect()),
                ],
                prop::collection::vec((any::<u32>(), prop::bool::ANY), 0..3),
            ),
            0..12,
        ),
        event in any::<u64>(),
        threshold in any::<f64>(),
        hold_s in any::<f64>(),
    ) {
        let mut gauge = stream();
        let mut next = 0_u64;
        let mut ids = Vec::new();
        let mut captures = Vec::new();
        for (first_seq, at, values, exceptions) in &blocks {
            ids.push(gauge.open());
            let first_seq = first_seq.unwrap_or(next);
            let exceptions: Vec<(u32, SampleFault)> = exceptions
                .iter()
                .map(|&(index, lost)| (index % 3_000, if lost { SampleFault::NoTarget } else { SampleFault::OutOfRange }))
                .collect();
            gauge.push(&Block { first_seq, at: Nanoseconds(*at), values, exceptions: &exceptions });
            gauge.tick(Nanoseconds(*at));
            next = first_seq.saturating_add(values.len() as u64);
        }
        captures.extend(ids.into_iter().filter_map(|id| gauge.close(id).ok()));
        for capture in &captures {
            let strokes = capture.strokes();
            let estimates = [
                protrusion_mean(strokes, &exact_zero()),
                protrusion_maximum(strokes, &exact_zero()).map(|it| it.estimate),
                spread(strokes),
                stroke_rate(capture, 20_000).map(|it| it.estimate),
                period_variation(strokes),
                stroke_stability(strokes, 2).map(|it| it.estimate),
                level(capture.trace(), threshold),
                largest_change(capture.trace()),
                largest_level(capture.trace()),
            ];
            for estimate in estimates.into_iter().flatten() {
                prop_assert!(estimate.value.is_finite() && estimate.u.is_finite() && estimate.dof > 0.0);
            }
            let _ = time_to_rest(capture, Nanoseconds(event), threshold, hold_s);
            let _ = time_below(capture, Nanoseconds(event), threshold, hold_s);
            let _ = time_above(capture, Nanoseconds(event), threshold, threshold, hold_s);
        }
    }

    /// Arbitrary samples are taken without a panic by the fits, and what they give is finite.
    #[test]
    fn arbitrary_samples_do_no_harm(
        samples in prop_oneof![
            prop::collection::vec(any::<f64>(), 0..300),
            prop::collection::vec(-1e6..1e6_f64, 60..900),
            prop::collection::vec(prop_oneof![Just(-1e6), Just(1e6), Just(0.0)], 60..900),
        ],
        sound in prop::collection::vec(any::<bool>(), 0..900),
        near_hz in prop_oneof![Just(None), any::<f64>().prop_map(Some), (1.0..5_000.0).prop_map(Some)],
        range_hz in (0.1..500.0, 1.0..9_000.0),
        hum_hz in prop::collection::vec(1.0..400.0_f64, 0..3),
    ) {
        let signal = HarmonicSettings { sample_rate_hz: 20_000.0, resolution_nm: 100.0, near_hz, range_hz };
        let fit = harmonic(&samples, &signal).map(|it| it.rate);
        let settings = RobustSettings { signal, hum_hz: &hum_hz, range_nm: (-9e5, 9e5) };
        let robust = harmonic_robust(&samples, &sound, &settings).map(|it| it.estimate);
        for estimate in [fit, robust].into_iter().flatten() {
            prop_assert!(estimate.value.is_finite() && estimate.u.is_finite() && estimate.u > 0.0);
        }
    }

    /// Arbitrary edges are taken without a panic, and a rate is finite.
    #[test]
    fn arbitrary_edges_do_no_harm(
        blocks in prop::collection::vec((any::<u64>(), prop::collection::vec(any::<i64>(), 0..50)), 0..5),
        edge_u_ns in any::<f64>(),
    ) {
        let mut stream = TachometerStream::new();
        let id = stream.open();
        for (first_seq, edges) in &blocks {
            stream.push(*first_seq, edges);
        }
        let _ = stream.close(id);
        for (_, edges_ns) in blocks {
            let capture = EdgeCapture { edges_ns };
            let _ = inside_from(&capture, edge_u_ns, 2.0 * edge_u_ns);
            for estimate in [tachometer_rate(&capture, edge_u_ns), edge_period_variation(&capture, edge_u_ns)].into_iter().flatten() {
                prop_assert!(estimate.value.is_finite() && estimate.u.is_finite());
            }
        }
    }
}
