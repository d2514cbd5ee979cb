//! Speed of the measuring chain on one core, as a multiple of real time.
//!
//! The gauge's stream with its checks, stroke fits and one open capture, over 60 s of a slider
//! crank with 10 µm noise. Prints the best of five.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it read"
)]

use firmware_units::Nanoseconds;
use rig_measure::{Block, Channel, GaugeStream, StrokeSettings};
use std::f64::consts::TAU;
use std::time::Instant;

/// Gaussian enough for a benchmark: the sum of twelve uniform deviates.
fn noise(state: &mut u64) -> f64 {
    let uniform = |state: &mut u64| {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    (0..12).map(|_| uniform(state)).sum::<f64>() - 6.0
}

fn run(sample_rate_hz: u32, rate_hz: f64, captured: bool) {
    let seconds = 60;
    let mut state = 1;
    let samples: Vec<i64> = (0..seconds * sample_rate_hz)
        .map(|it| {
            let angle = TAU * rate_hz * f64::from(it) / f64::from(sample_rate_hz);
            let position = 1.5e6 * libm::cos(angle) + 112_500.0 * libm::cos(2.0 * angle);
            libm::round((position + 10_000.0 * noise(&mut state)) / 100.0) as i64 * 100
        })
        .collect();
    let channel = Channel {
        sample_rate_hz,
        resolution: 100,
        range: (-5_000_000, 5_000_000),
        noise: 5_000.0,
        time_base_ppb: 20_000,
        at_jitter: Nanoseconds(0),
    };
    let settings = StrokeSettings {
        sample_rate_hz,
        smallest_stroke_nm: 1e6,
        slowest_hz: 0.5,
    };
    let block_len = sample_rate_hz as usize / 100;
    let mut best_s = f64::INFINITY;
    let mut n_strokes = 0;
    for _ in 0..5 {
        let begin = Instant::now();
        let mut gauge = GaugeStream::new(channel, settings);
        let capture = captured.then(|| gauge.open());
        n_strokes = 0;
        for (index, values) in (0_u64..).zip(samples.chunks(block_len)) {
            let first_seq = index * block_len as u64;
            let at = Nanoseconds(10_000_000 * index);
            n_strokes += gauge
                .push(&Block {
                    first_seq,
                    at,
                    values,
                    exceptions: &[],
                })
                .len();
        }
        if let Some(capture) = capture {
            assert!(gauge.close(capture).is_ok(), "the signal is sound");
        }
        best_s = best_s.min(begin.elapsed().as_secs_f64());
    }
    println!(
        "{sample_rate_hz} S/s, {rate_hz} strokes/s, {}: {n_strokes} strokes, {:.0} x real time, {:.1} ns a sample",
        if captured { "captured" } else { "watched" },
        f64::from(seconds) / best_s,
        best_s * 1e9 / samples.len() as f64,
    );
}

fn main() {
    for (sample_rate_hz, rate_hz) in [(20_000, 116.667), (20_000, 1.0), (50_000, 116.667)] {
        run(sample_rate_hz, rate_hz, false);
        run(sample_rate_hz, rate_hz, true);
    }
}
