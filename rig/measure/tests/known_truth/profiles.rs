//! Displacement signals of many kinds, with the true top of every stroke.
#![allow(
    dead_code,
    reason = "shared by the tests and an example, which use different parts"
)]

use crate::synthetic::Noise;
use firmware_units::Nanoseconds;
use rig_measure::{Block, Capture, Channel, GaugeStream, NotMeasurable, Stroke, StrokeSettings};
use std::f64::consts::TAU;

/// How the needle moves with the angle of the shaft.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Profile {
    /// Crank of 1.5 mm, rod of 5 mm.
    Slider,
    /// The same with 1.5 % of a third and 0.4 % of a fifth harmonic.
    Rich,
    /// A sine.
    Sine,
    /// A cam that dwells at the top for this share of the turn, cycloidal flanks.
    Dwell(f64),
}

impl Profile {
    /// Below the top at an angle (0 at the top), nm; never positive.
    pub(crate) fn below_top(self, angle: f64) -> f64 {
        let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
        let slider = || {
            let (crank, rod) = (1.5e6, 5e6);
            crank * cosine + libm::sqrt(rod * rod - crank * crank * sine * sine) - crank - rod
        };
        match self {
            Self::Slider => slider(),
            Self::Rich => {
                slider()
                    + 22_500.0 * (libm::cos(3.0 * angle) - 1.0)
                    + 6_000.0 * (libm::cos(5.0 * angle) - 1.0)
            }
            Self::Sine => 1.5e6 * (cosine - 1.0),
            Self::Dwell(share) => {
                let turn = (angle / TAU - libm::round(angle / TAU)).abs();
                let along = ((turn - 0.5 * share) / (0.5 - 0.5 * share)).max(0.0);
                -3e6 * (along - libm::sin(TAU * along) / TAU)
            }
        }
    }
}

/// One kind of signal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) sample_rate_hz: u32,
    pub(crate) rate_hz: f64,
    pub(crate) profile: Profile,
    /// White noise, nm.
    pub(crate) noise_nm: f64,
    /// Noise whose density falls as 1/f from half the sample rate to a thousandth, nm.
    pub(crate) pink_nm: f64,
    pub(crate) resolution_nm: i64,
    /// Standard deviation of the free top, and correlation of neighbours.
    pub(crate) spread_nm: f64,
    pub(crate) correlation: f64,
    /// Mean depth of a plateau below the mean free top and its standard deviation, nm.
    pub(crate) plateau_nm: Option<(f64, f64)>,
    /// Rounds the shoulders of the plateau, nm.
    pub(crate) shoulder_nm: f64,
    /// Standard deviation of a period, as a share of it.
    pub(crate) jitter: f64,
    pub(crate) drift_nm_per_s: f64,
    /// Share of samples that are 0.5 to 2 mm off.
    pub(crate) spikes: f64,
    /// Samples lost in the middle.
    pub(crate) gap: usize,
    /// The first stroke begins with a sample.
    pub(crate) locked: bool,
    pub(crate) seconds: f64,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            sample_rate_hz: 20_000,
            rate_hz: 100.0,
            profile: Profile::Slider,
            noise_nm: 10_000.0,
            pink_nm: 0.0,
            resolution_nm: 100,
            spread_nm: 0.0,
            correlation: 0.0,
            plateau_nm: None,
            shoulder_nm: 0.0,
            jitter: 0.0,
            drift_nm_per_s: 0.0,
            spikes: 0.0,
            gap: 0,
            locked: false,
            seconds: 1.0,
        }
    }
}

/// Mean free top, nm.
pub(crate) const TOP_NM: f64 = 1_500_000.0;

/// A simulated record.
pub(crate) struct Record {
    pub(crate) case: Case,
    pub(crate) samples: Vec<i64>,
    /// Sample number and height of every top.
    pub(crate) tops: Vec<(f64, f64)>,
    /// Spikes put in.
    pub(crate) spikes: usize,
}

impl Case {
    /// Makes a record. A stroke reaches from trough to trough; its period and top are its own.
    pub(crate) fn record(&self, seed: u64) -> Record {
        let mut noise = Noise::seeded(seed);
        let fs = f64::from(self.sample_rate_hz);
        let n = (self.seconds * fs) as usize;
        let mean_period = fs / self.rate_hz;
        let mut samples = Vec::with_capacity(n);
        let (mut tops, mut spikes) = (Vec::new(), 0);
        let mut deviation = noise.normal();
        let phase = if self.locked { 0.5 } else { noise.uniform() };
        let mut begin = -phase * mean_period;
        let fresh = libm::sqrt(1.0 - self.correlation * self.correlation);
        let mut pink = Pink::default();
        while samples.len() < n {
            let period = mean_period * (1.0 + self.jitter * noise.normal());
            deviation = self.correlation * deviation + fresh * noise.normal();
            let free = TOP_NM + self.spread_nm * deviation;
            let level = self.plateau_nm.map_or(f64::INFINITY, |(depth, sd)| {
                TOP_NM - depth + sd * noise.normal()
            });
            let at = begin + 0.5 * period;
            let drift = |sample: f64| self.drift_nm_per_s * (sample / fs - 0.5 * self.seconds);
            tops.push((at, self.contact(free, level) + drift(at)));
            while samples.len() < n && (samples.len() as f64) < begin + period {
                let sample = samples.len() as f64;
                let angle = TAU * ((sample - begin) / period - 0.5);
                let mut value = self.contact(free + self.profile.below_top(angle), level)
                    + drift(sample)
                    + self.noise_nm * noise.normal();
                if self.pink_nm > 0.0 {
                    value += self.pink_nm * pink.next(&mut noise);
                }
                if self.spikes > 0.0 && noise.uniform() < self.spikes {
                    let sign = if noise.uniform() < 0.5 { -1.0 } else { 1.0 };
                    value += sign * (0.5e6 + 1.5e6 * noise.uniform());
                    spikes += 1;
                }
                let steps = libm::round(value / self.resolution_nm as f64);
                samples.push(steps as i64 * self.resolution_nm);
            }
            begin += period;
        }
        Record {
            case: *self,
            samples,
            tops,
            spikes,
        }
    }

    fn contact(&self, free: f64, level: f64) -> f64 {
        if self.shoulder_nm > 0.0 && level.is_finite() {
            let (low, high) = (free.min(level), free.max(level));
            low - self.shoulder_nm * libm::log1p(libm::exp((low - high) / self.shoulder_nm))
        } else {
            free.min(level)
        }
    }
}

/// A sum of first-order processes an octave apart, of unit variance.
#[derive(Default)]
struct Pink([f64; 9]);

impl Pink {
    fn next(&mut self, noise: &mut Noise) -> f64 {
        let mut keep = 0.0;
        for state in &mut self.0 {
            *state = keep * *state + libm::sqrt(1.0 - keep * keep) * noise.normal();
            keep = 0.5 * (1.0 + keep);
        }
        self.0.iter().sum::<f64>() / 3.0
    }
}

impl Record {
    /// What the chain makes of it.
    pub(crate) fn strokes(&self) -> Vec<Stroke> {
        let mut strokes = Vec::new();
        self.stream(|_| {}, &mut strokes);
        strokes
    }

    /// A capture of it, gap or not.
    pub(crate) fn capture(&self) -> Result<Capture, NotMeasurable> {
        let mut capture = None;
        let mut gauge = self.stream(|gauge| capture = Some(gauge.open()), &mut Vec::new());
        gauge.close(capture.ok_or(NotMeasurable::NoSuchCapture)?)
    }

    /// The stream after all of it, looked at before it begins.
    fn stream(
        &self,
        before: impl FnOnce(&mut GaugeStream),
        strokes: &mut Vec<Stroke>,
    ) -> GaugeStream {
        let fs = self.case.sample_rate_hz;
        let channel = Channel {
            sample_rate_hz: fs,
            resolution: self.case.resolution_nm,
            range: (-9_000_000, 9_000_000),
            noise: 0.0,
            time_base_ppb: 20_000,
            at_jitter: Nanoseconds(0),
        };
        let settings = StrokeSettings {
            sample_rate_hz: fs,
            smallest_stroke_nm: 1e6,
            slowest_hz: 0.5,
        };
        let mut gauge = GaugeStream::new(channel, settings);
        before(&mut gauge);
        let middle = self.samples.len() / 2;
        let parts = [0..middle, middle + self.case.gap..self.samples.len()];
        for part in parts {
            let first = part.start;
            for (index, values) in self.samples[part].chunks(200).enumerate() {
                let first_seq = (first + 200 * index) as u64;
                strokes.extend(gauge.push(&Block {
                    first_seq,
                    at: Nanoseconds(first_seq * 1_000_000_000 / u64::from(fs)),
                    values,
                    exceptions: &[],
                }));
            }
        }
        gauge
    }

    /// The true top nearest to a stroke's.
    pub(crate) fn truth_of(&self, stroke: &Stroke) -> f64 {
        let after = self.tops.partition_point(|it| it.0 < stroke.top);
        let near = [after.saturating_sub(1), after.min(self.tops.len() - 1)];
        let distance = |it: usize| (self.tops[it].0 - stroke.top).abs();
        if distance(near[0]) < distance(near[1]) {
            self.tops[near[0]].1
        } else {
            self.tops[near[1]].1
        }
    }

    /// The largest sample about a stroke's top: what never to do.
    pub(crate) fn largest_sample(&self, stroke: &Stroke) -> f64 {
        let reach = (0.25 * stroke.width) as usize;
        let top = stroke.top as usize;
        let window = self.samples[top.saturating_sub(reach)..].iter();
        window.take(2 * reach).copied().max().unwrap_or(0) as f64
    }
}
