//! Speed of the measuring chain on one core, as a multiple of real time.
//!
//! The gauge's stream with its checks, stroke fits and one open capture over 60 s of a slider
//! crank with 10 µm noise; the whole chain, which closes windows of 1 s and 5 s and takes their
//! stroke rate and protrusion; and the fits on records in memory. Prints the best of five, in time on
//! the processor where the system tells it.
//! `benches/peer.py` does the same work with NumPy and SciPy, on a record of the same kind.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it read"
)]

use firmware_units::Nanoseconds;
use rig_measure::{
    Block, Channel, Estimate, GaugeStream, HarmonicSettings, RobustSettings, StrokeSettings, Zero,
    harmonic, harmonic_robust, protrusion_mean, stroke_rate,
};
use std::f64::consts::TAU;
use std::time::Instant;

/// Seconds of signal.
const SECONDS: u32 = 60;

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

fn signal(sample_rate_hz: u32, rate_hz: f64) -> Vec<i64> {
    let mut state = 1;
    (0..SECONDS * sample_rate_hz)
        .map(|it| {
            let angle = TAU * rate_hz * f64::from(it) / f64::from(sample_rate_hz);
            let position = 1.5e6 * libm::cos(angle) + 112_500.0 * libm::cos(2.0 * angle);
            libm::round((position + 10_000.0 * noise(&mut state)) / 100.0) as i64 * 100
        })
        .collect()
}

fn gauge(sample_rate_hz: u32) -> GaugeStream {
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
    GaugeStream::new(channel, settings)
}

/// Nanoseconds that this thread was on a processor, where Linux says it: others who share the
/// machine do not count.
fn on_processor_ns() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    status.split_whitespace().next()?.parse().ok()
}

/// Best of five, in seconds, and what the last gave.
fn best<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let mut timed = || {
        let (begin, begin_ns) = (Instant::now(), on_processor_ns());
        let made = work();
        let spent_ns = on_processor_ns()
            .zip(begin_ns)
            .map(|(end, begin)| end - begin);
        let spent_s = spent_ns.filter(|it| *it > 0).map(|it| it as f64 * 1e-9);
        (
            spent_s.unwrap_or_else(|| begin.elapsed().as_secs_f64()),
            made,
        )
    };
    let first = timed();
    (1..5).fold(first, |best, _| {
        let again = timed();
        (best.0.min(again.0), again.1)
    })
}

fn say(what: &str, seconds: f64, samples: usize, found: &str) {
    println!(
        "{what}: {found}, {:.0} x real time, {:.1} ns a sample",
        f64::from(SECONDS) / seconds,
        seconds * 1e9 / samples as f64,
    );
}

/// Streams a signal; closes a capture every so many seconds if told so.
fn stream(samples: &[i64], sample_rate_hz: u32, window_s: Option<usize>) -> (usize, f64) {
    let block_len = sample_rate_hz as usize / 100;
    let mut gauge = gauge(sample_rate_hz);
    let zero = Zero {
        level: Estimate {
            value: 0.0,
            u: 0.0,
            dof: f64::INFINITY,
            n: 1,
        },
        block_height_nm: 0.0,
        block_u_nm: 0.0,
    };
    let mut capture = None;
    let (mut n_strokes, mut sum) = (0, 0.0);
    for (index, values) in (0_u64..).zip(samples.chunks(block_len)) {
        let is_edge = window_s.is_some_and(|it| index % (100 * it as u64) == 0);
        if is_edge {
            if let Some(capture) = capture.take().and_then(|it| gauge.close(it).ok()) {
                let rate = stroke_rate(&capture, sample_rate_hz).map(|it| it.estimate.value);
                let mean = protrusion_mean(capture.strokes(), &zero).map(|it| it.value);
                sum += rate.unwrap_or(f64::NAN) + 1e-9 * mean.unwrap_or(f64::NAN);
            }
            capture = Some(gauge.open());
        }
        n_strokes += gauge
            .push(&Block {
                first_seq: index * block_len as u64,
                at: Nanoseconds(10_000_000 * index),
                values,
                exceptions: &[],
            })
            .len();
    }
    (n_strokes, sum)
}

fn chain(sample_rate_hz: u32, rate_hz: f64) {
    let samples = signal(sample_rate_hz, rate_hz);
    let head = format!("{sample_rate_hz} S/s, {rate_hz} strokes/s");
    for (what, window_s) in [
        ("watched", None),
        ("captured, one window", Some(SECONDS as usize)),
        ("whole chain, windows of 5 s", Some(5)),
        ("whole chain, windows of 1 s", Some(1)),
    ] {
        let (seconds, (n_strokes, sum)) = best(|| stream(&samples, sample_rate_hz, window_s));
        assert!(sum.is_finite(), "every window has its values");
        say(
            &format!("{head}, {what}"),
            seconds,
            samples.len(),
            &format!("{n_strokes} strokes"),
        );
    }
}

/// The fits on records of 1 s in memory, clean and with 0.5 % outliers and 5 % missing.
fn records(sample_rate_hz: u32, rate_hz: f64) {
    let mut samples: Vec<f64> = signal(sample_rate_hz, rate_hz)
        .into_iter()
        .map(|it| it as f64)
        .collect();
    let signal = HarmonicSettings {
        sample_rate_hz: f64::from(sample_rate_hz),
        resolution_nm: 100.0,
        near_hz: None,
        range_hz: (15.0, 250.0),
    };
    let settings = RobustSettings {
        signal,
        hum_hz: &[],
        range_nm: (-1e9, 1e9),
    };
    let head = format!("{sample_rate_hz} S/s, {rate_hz} strokes/s");
    let windows = sample_rate_hz as usize;
    let (seconds, sum) = best(|| -> f64 {
        let rate = |it: &[f64]| harmonic(it, &signal).map_or(f64::NAN, |it| it.rate.value);
        samples.chunks(windows).map(rate).sum()
    });
    assert!(sum.is_finite(), "every record has its rate");
    let found = format!("mean {:.6} Hz", sum / f64::from(SECONDS));
    say(
        &format!("{head}, harmonic fit of records of 1 s, rate searched"),
        seconds,
        samples.len(),
        &found,
    );
    let mut sound = vec![true; samples.len()];
    let mut state = 7;
    for (sample, sound) in samples.iter_mut().zip(&mut sound) {
        let chance = noise(&mut state);
        if chance > 2.576 {
            *sample += 1e6;
        }
        *sound = chance > -1.645;
    }
    let (seconds, sum) = best(|| -> f64 {
        let rate = |(samples, sound): (&[f64], &[bool])| {
            harmonic_robust(samples, sound, &settings).map_or(f64::NAN, |it| it.estimate.value)
        };
        samples
            .chunks(windows)
            .zip(sound.chunks(windows))
            .map(rate)
            .sum()
    });
    assert!(sum.is_finite(), "every record has its rate");
    let found = format!("mean {:.6} Hz", sum / f64::from(SECONDS));
    say(
        &format!("{head}, robust fit of records of 1 s, 0.5 % outliers, 5 % missing"),
        seconds,
        samples.len(),
        &found,
    );
}

fn main() {
    for (sample_rate_hz, rate_hz) in [(20_000, 116.667), (50_000, 116.667)] {
        chain(sample_rate_hz, rate_hz);
        records(sample_rate_hz, rate_hz);
    }
}
