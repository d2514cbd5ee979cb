//! A slider crank with known truth, a gauge that watches it, and the chain that measures.

pub(crate) use crate::synthetic::Noise;
use firmware_units::Nanoseconds;
use rig_measure::{
    Block, Channel, Estimate, GaugeStream, SampleFault, Stroke, StrokeSettings, Zero,
};
use std::f64::consts::TAU;

/// Samples a second.
pub(crate) const RATE: u32 = 20_000;
/// Crank radius, nm.
pub(crate) const RADIUS: f64 = 1_500_000.0;
/// Length of the rod, nm.
pub(crate) const ROD: f64 = 5_000_000.0;

/// Needle below its top at a crank angle (0 at the top), nm; never positive.
pub(crate) fn slider(angle: f64) -> f64 {
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    RADIUS * cosine + libm::sqrt(ROD * ROD - RADIUS * RADIUS * sine * sine) - RADIUS - ROD
}

/// Indication of a gauge with 0.1 µm resolution.
pub(crate) fn indicate(displacement_nm: f64) -> i64 {
    libm::round(displacement_nm / 100.0) as i64 * 100
}

/// A pen that runs at one mean rate.
pub(crate) struct Running {
    pub(crate) rate_hz: f64,
    /// Standard deviation of a period, as a share of it.
    pub(crate) jitter: f64,
    /// Top of stroke, mean, nm.
    pub(crate) top_nm: f64,
    /// Standard deviation of the top from stroke to stroke, nm.
    pub(crate) spread_nm: f64,
    /// Correlation of neighbouring tops.
    pub(crate) correlation: f64,
    /// Noise of the gauge, nm.
    pub(crate) noise_nm: f64,
    pub(crate) seconds: f64,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            rate_hz: 116.667,
            jitter: 0.0,
            top_nm: 1_500_000.0,
            spread_nm: 0.0,
            correlation: 0.0,
            noise_nm: 10_000.0,
            seconds: 1.0,
        }
    }
}

/// Samples, and the truth of each stroke by the number of its turn.
pub(crate) struct Signal {
    pub(crate) samples: Vec<i64>,
    /// Sample number and height of every top.
    pub(crate) tops: Vec<(f64, f64)>,
}

impl Running {
    /// A stroke reaches from trough to trough; its period and top are its own.
    pub(crate) fn signal(&self, seed: u64) -> Signal {
        let mut noise = Noise::seeded(seed);
        let n = (self.seconds * f64::from(RATE)) as usize;
        let mean_period = f64::from(RATE) / self.rate_hz;
        let mut samples = Vec::with_capacity(n);
        let mut tops = Vec::new();
        let mut deviation = noise.normal();
        let mut begin = -noise.uniform() * mean_period;
        let fresh = libm::sqrt(1.0 - self.correlation * self.correlation);
        while samples.len() < n {
            let period = mean_period * (1.0 + self.jitter * noise.normal());
            deviation = self.correlation * deviation + fresh * noise.normal();
            let top = self.top_nm + self.spread_nm * deviation;
            tops.push((begin + 0.5 * period, top));
            while samples.len() < n && (samples.len() as f64) < begin + period {
                let angle = TAU * ((samples.len() as f64 - begin) / period - 0.5);
                samples.push(indicate(
                    top + slider(angle) + self.noise_nm * noise.normal(),
                ));
            }
            begin += period;
        }
        Signal { samples, tops }
    }
}

pub(crate) fn channel() -> Channel {
    Channel {
        sample_rate_hz: RATE,
        resolution: 100,
        range: (-5_000_000, 5_000_000),
        noise: 5_000.0,
        time_base_ppb: 20_000,
        at_jitter: Nanoseconds(0),
    }
}

pub(crate) fn settings() -> StrokeSettings {
    StrokeSettings {
        sample_rate_hz: RATE,
        smallest_stroke_nm: 1_000_000.0,
        slowest_hz: 0.5,
    }
}

pub(crate) fn stream() -> GaugeStream {
    GaugeStream::new(channel(), settings())
}

/// Bench time of a sample.
pub(crate) fn time_of(seq: u64) -> Nanoseconds {
    Nanoseconds(seq * 1_000_000_000 / u64::from(RATE))
}

/// Sends samples in blocks of 10 ms and gives the strokes.
pub(crate) fn send(stream: &mut GaugeStream, first_seq: u64, samples: &[i64]) -> Vec<Stroke> {
    send_with(stream, first_seq, samples, &[])
}

/// As [`send`], with samples that are no indication, by their position.
pub(crate) fn send_with(
    stream: &mut GaugeStream,
    first_seq: u64,
    samples: &[i64],
    faults: &[(usize, SampleFault)],
) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    for (index, values) in samples.chunks(200).enumerate() {
        let first_seq = first_seq + 200 * index as u64;
        let exceptions: Vec<(u32, SampleFault)> = faults
            .iter()
            .filter(|(at, _)| at / 200 == index)
            .map(|&(at, fault)| ((at % 200) as u32, fault))
            .collect();
        let at = time_of(first_seq);
        strokes.extend(stream.push(&Block {
            first_seq,
            at,
            values,
            exceptions: &exceptions,
        }));
    }
    strokes
}

/// Strokes of a signal.
pub(crate) fn strokes_of(samples: &[i64]) -> Vec<Stroke> {
    send(&mut stream(), 0, samples)
}

/// A zero that is exactly zero.
pub(crate) fn exact_zero() -> Zero {
    let level = Estimate {
        value: 0.0,
        u: 0.0,
        dof: f64::INFINITY,
        n: 1,
    };
    Zero {
        level,
        block_height_nm: 0.0,
        block_u_nm: 0.0,
    }
}

/// The true top whose time is nearest to a stroke's.
pub(crate) fn truth_of(signal: &Signal, stroke: &Stroke) -> (usize, f64) {
    let (index, top) = signal
        .tops
        .iter()
        .enumerate()
        .min_by(|a, b| {
            (a.1.0 - stroke.top)
                .abs()
                .total_cmp(&(b.1.0 - stroke.top).abs())
        })
        .expect("a signal has tops");
    (index, top.1)
}
