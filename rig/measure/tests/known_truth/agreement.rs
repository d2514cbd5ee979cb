//! Gauge and tachometer on one motion: they agree if both are right, whatever the motion does.
#![expect(
    clippy::print_stdout,
    reason = "the figures are worth reading with --nocapture"
)]

use crate::synthetic::Noise;
use firmware_units::Nanoseconds;
use rig_measure::{
    Agreement, Block, Channel, EdgeCapture, GaugeStream, Measured, NotMeasurable, StrokeSettings,
    agree, agree_over_strokes, rate_budget, stroke_rate, tachometer_rate,
};
use std::f64::consts::TAU;

const RATE: u32 = 20_000;
const SECONDS: f64 = 5.0;
const TIME_BASE_PPB: u32 = 20_000;
const EDGE_U_NS: f64 = 500.0;

/// How the rate goes on, strokes/s.
#[derive(Clone, Copy, Debug)]
enum Motion {
    Steady(f64),
    /// To so many times as much at a time in s.
    Step(f64, f64, f64),
    /// By so much a second.
    Ramp(f64, f64),
}

impl Motion {
    /// Turns made at a time, which may lie before the window.
    fn turns(self, t: f64) -> f64 {
        match self {
            Self::Steady(rate) => rate * t,
            Self::Step(rate, times, at) => rate * t + rate * (times - 1.0) * (t - at).max(0.0),
            Self::Ramp(rate, slope) => rate * t + 0.5 * slope * t * t,
        }
    }

    /// When so many turns are made, by bisection.
    fn when(self, turns: f64) -> f64 {
        let (mut before, mut after) = (-1.0, SECONDS + 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (before + after);
            if self.turns(middle) < turns {
                before = middle;
            } else {
                after = middle;
            }
        }
        after
    }
}

/// Rates of both and the edges; the tachometer's clock is fast by some parts in 1e6.
fn seen(motion: Motion, fast_ppm: f64, seed: u64) -> (Measured, Measured, EdgeCapture) {
    let mut noise = Noise::seeded(seed);
    let (phase, edge_phase) = (noise.uniform(), noise.uniform());
    let mut gauge = GaugeStream::new(
        Channel {
            sample_rate_hz: RATE,
            resolution: 100,
            range: (-9_000_000, 9_000_000),
            noise: 0.0,
            time_base_ppb: TIME_BASE_PPB,
            at_jitter: Nanoseconds(0),
        },
        StrokeSettings {
            sample_rate_hz: RATE,
            smallest_stroke_nm: 1e6,
            slowest_hz: 0.5,
        },
    );
    let id = gauge.open();
    let n = (SECONDS * f64::from(RATE)) as u64;
    let values: Vec<i64> = (0..n)
        .map(|it| {
            let angle = TAU * (motion.turns(it as f64 / f64::from(RATE)) + phase);
            let position = 1.5e6 * libm::cos(angle) + 112_500.0 * libm::cos(2.0 * angle);
            libm::round((position + 10_000.0 * noise.normal()) / 100.0) as i64 * 100
        })
        .collect();
    for (index, values) in (0_u64..).zip(values.chunks(200)) {
        gauge.push(&Block {
            first_seq: 200 * index,
            at: Nanoseconds(10_000_000 * index),
            values,
            exceptions: &[],
        });
    }
    let capture = gauge.close(id).expect("sound");
    let by_gauge = stroke_rate(&capture, RATE).expect("measurable").estimate;
    let turns = motion.turns(SECONDS);
    let edges_ns = (0..)
        .map(|it| f64::from(it) + edge_phase)
        .take_while(|it| *it < turns)
        .map(|it| {
            let at = motion.when(it) * 1e9 + EDGE_U_NS * noise.normal();
            libm::round(at * (1.0 + 1e-6 * fast_ppm)) as i64
        })
        .collect();
    let edges = EdgeCapture { edges_ns };
    let by_edges = tachometer_rate(&edges, EDGE_U_NS).expect("measurable");
    (
        rate_budget(&by_gauge, TIME_BASE_PPB).measured(&by_gauge),
        rate_budget(&by_edges, TIME_BASE_PPB).measured(&by_edges),
        edges,
    )
}

fn both(motion: Motion, fast_ppm: f64, seed: u64) -> Result<Agreement, NotMeasurable> {
    let (gauge, tachometer, edges) = seen(motion, fast_ppm, seed);
    agree_over_strokes(&gauge, &tachometer, &edges)
}

const STEADY: Motion = Motion::Steady(116.667);

fn steps_and_ramps() -> Vec<Motion> {
    let mut motions = Vec::new();
    for at in [0.02, 0.5, 2.5, 4.5, 4.98] {
        for times in [0.9, 1.1] {
            motions.push(Motion::Step(116.667, times, at));
        }
    }
    motions.extend([-5.0, -1.0, 1.0, 5.0].map(|it| Motion::Ramp(100.0, it)));
    motions
}

#[test]
fn steps_and_ramps_of_the_pen_are_no_disagreement() {
    let mut strict = 0;
    for motion in steps_and_ramps() {
        for seed in 0..6 {
            let (gauge, tachometer, edges) = seen(motion, 0.0, 400 + seed);
            let agreement = agree_over_strokes(&gauge, &tachometer, &edges);
            assert!(agreement.is_ok(), "{motion:?}, {seed}: {agreement:?}");
            strict += usize::from(agree(&gauge, &tachometer).is_err());
        }
    }
    println!("over unequal windows {strict} of 84 would disagree");
    assert!(strict > 20, "{strict}: then there is nothing to allow for");
}

#[test]
fn a_wrong_clock_still_disagrees() {
    for seed in 0..6 {
        let agreement = both(STEADY, 0.0, 500 + seed);
        let allowed = agreement.expect("the same").allowed;
        // Both time bases, and nothing to speak of for the ends.
        assert!(allowed / 116.667 < 40e-6, "{allowed} Hz");
        for ppm in [-60.0, 60.0, 1_000.0] {
            let found = both(STEADY, ppm, 500 + seed);
            assert!(
                matches!(found, Err(NotMeasurable::Disagreement { .. })),
                "{ppm} ppm: {found:?}"
            );
        }
        // While the rate steps or slides, one that is wrong by as much as a lost stroke, 0.17 %.
        for motion in steps_and_ramps() {
            for ppm in [-1_700.0, 1_700.0] {
                let found = both(motion, ppm, 600 + seed);
                assert!(
                    matches!(found, Err(NotMeasurable::Disagreement { .. })),
                    "{motion:?}, {ppm} ppm: {found:?}"
                );
            }
        }
    }
}
