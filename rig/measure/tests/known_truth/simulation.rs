//! Seeded windows of a motion whose realised rate is known, clean or troubled in one way.
#![allow(
    dead_code,
    reason = "tests and the example of efficiency use parts of it each"
)]

use crate::synthetic::Noise;
use rig_measure::{Capture, StrokeRate};
use std::f64::consts::TAU;

/// Points of a wave's table; cubic interpolation between them errs by 1e-13 of the amplitude.
const TABLE: usize = 8192;

/// One stroke as a function of its phase, top at phase 0.
pub(crate) struct Wave {
    pub(crate) name: &'static str,
    table: Vec<f64>,
    /// Cosine and sine amplitudes of harmonics 1 to 16, nm.
    pub(crate) harmonics: Vec<(f64, f64)>,
    /// Phases of the rising and the falling mid-level crossing.
    crossings: (f64, f64),
    pub(crate) highest: f64,
    pub(crate) lowest: f64,
}

impl Wave {
    /// A slider crank of 3 mm with rod ratio 0.3, and a little of a cam's 3rd and 5th harmonic.
    pub(crate) fn slider() -> Self {
        let (r, l) = (1_500_000.0, 5_000_000.0);
        Self::of("slider", |phase| {
            let angle = TAU * phase;
            let sine = libm::sin(angle);
            r * libm::cos(angle) + libm::sqrt(l * l - r * r * sine * sine) - l
                + 0.015 * r * libm::cos(3.0 * angle)
                + 0.004 * r * libm::cos(5.0 * angle)
        })
    }

    /// A pulse of eight harmonics, as a cam with a steep flank makes: Σ k² A_k² = 3.64 A₁².
    pub(crate) fn rich() -> Self {
        Self::of("rich", |phase| {
            (0..8_i32)
                .map(|k| {
                    let amplitude = 1_200_000.0 * 0.54_f64.powi(k);
                    amplitude * libm::cos(TAU * f64::from(k + 1) * phase + 0.15 * f64::from(k))
                })
                .sum()
        })
    }

    fn of(name: &'static str, shape: impl Fn(f64) -> f64) -> Self {
        let n = TABLE as f64;
        let highest_at = (0..TABLE)
            .max_by(|a, b| shape(*a as f64 / n).total_cmp(&shape(*b as f64 / n)))
            .expect("a table has points") as f64
            / n;
        // A point before the first and two after the last, for interpolation.
        let table: Vec<f64> = (0..TABLE + 3)
            .map(|i| shape((i as f64 - 1.0) / n + highest_at))
            .collect();
        let points = &table[1..=TABLE];
        let harmonics = (1..=16)
            .map(|k| {
                let part = |wave: fn(f64) -> f64| {
                    (0..TABLE)
                        .map(|i| 2.0 / n * points[i] * wave(TAU * (k * i) as f64 / n))
                        .sum()
                };
                (part(libm::cos), part(libm::sin))
            })
            .collect();
        let highest = points.iter().copied().fold(f64::MIN, f64::max);
        let lowest = points.iter().copied().fold(f64::MAX, f64::min);
        let mut wave = Self {
            name,
            table,
            harmonics,
            crossings: (0.0, 0.0),
            highest,
            lowest,
        };
        let level = 0.5 * (highest + lowest);
        let cross = |mut inside: f64, mut outside: f64| {
            for _ in 0..60 {
                let middle = 0.5 * (inside + outside);
                if wave.at(middle) > level {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            inside
        };
        // From the top outwards to the first point below the level.
        let first = |sign: f64| {
            let step = (1..TABLE)
                .find(|i| wave.at(sign * *i as f64 / n) < level)
                .expect("it crosses its middle") as f64;
            cross(sign * (step - 1.0) / n, sign * step / n)
        };
        wave.crossings = (first(-1.0), first(1.0));
        wave
    }

    /// Displacement at a phase in turns, nm.
    pub(crate) fn at(&self, phase: f64) -> f64 {
        let x = (phase - phase.floor()) * TABLE as f64;
        let i = (x as usize).min(TABLE - 1);
        let u = x - i as f64;
        let [a, b, c, d] = [0, 1, 2, 3].map(|it| self.table[i + it]);
        // Lagrange through four points.
        let (p, q, r) = (u + 1.0, u - 1.0, u - 2.0);
        -u * q * r / 6.0 * a + p * q * r / 2.0 * b - p * u * r / 2.0 * c + p * u * q / 6.0 * d
    }
}

/// What troubles a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    Nothing,
    /// This share of samples missing at random.
    Missing(f64),
    /// One gap of this many seconds in the middle.
    Gap(f64),
    /// Clipped at this share of the stroke from below.
    Clip(f64),
    /// 0.2 mm/s and a parabola of 0.1 mm.
    Drift,
    /// This share of samples off by 0.5 to 2 mm.
    Outliers(f64),
    /// Tops held at 85 ± 5 % of the stroke, each stroke its own.
    Contact,
    /// 30 µm at 50 Hz.
    Hum,
    /// 20 µm of 1/f noise.
    Flicker,
    /// Rate changes by this share a second.
    Ramp(f64),
    /// Rate swings by this share at 8 Hz.
    Ripple(f64),
    /// Sample rate an integer multiple of the stroke rate.
    PhaseLock,
    /// Random walk of the phase: this standard deviation of a period, as a share.
    Jitter(f64),
}

/// A window to simulate.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) wave: &'a Wave,
    pub(crate) rate_hz: f64,
    pub(crate) sigma_nm: f64,
    pub(crate) sample_rate_hz: u32,
    pub(crate) seconds: f64,
    pub(crate) trouble: Trouble,
}

/// What a gauge saw and what was true.
pub(crate) struct Seen {
    pub(crate) samples: Vec<i64>,
    /// Samples that are known to be none.
    pub(crate) masked: Vec<bool>,
    /// Phase of every sample, turns.
    phases: Vec<f64>,
    pub(crate) mean_hz: f64,
}

/// 16 bits over 5 mm.
pub(crate) const RESOLUTION_NM: f64 = 76.0;

impl Case<'_> {
    pub(crate) fn n(&self) -> usize {
        (self.seconds * f64::from(self.sample_rate_hz)).round() as usize
    }

    pub(crate) fn see(&self, seed: u64) -> Seen {
        let mut noise = Noise::seeded(seed);
        let n = self.n();
        let per_s = f64::from(self.sample_rate_hz);
        let nominal = if self.trouble == Trouble::PhaseLock {
            per_s / (per_s / self.rate_hz).round()
        } else {
            self.rate_hz + noise.uniform() - 0.5
        };
        let begin = noise.uniform();
        let swing = noise.uniform();
        let mut phase = begin;
        let mut phases = Vec::with_capacity(n);
        for i in 0..n {
            let t = i as f64 / per_s;
            let step = nominal / per_s;
            match self.trouble {
                Trouble::Ramp(share) => {
                    let mid = t - 0.5 * self.seconds;
                    phases.push(begin + nominal * (t + 0.5 * share * mid * mid));
                }
                Trouble::Ripple(share) => {
                    let ripple = share / (TAU * 8.0) * libm::sin(TAU * (8.0 * t + swing));
                    phases.push(begin + nominal * (t + ripple));
                }
                Trouble::Jitter(share) => {
                    phases.push(phase);
                    phase += step + share * libm::sqrt(step) * noise.normal();
                }
                _ => phases.push(begin + nominal * t),
            }
        }
        let mut masked = vec![false; n];
        let mut flicker = [0.0; 12];
        let height = self.wave.highest - self.wave.lowest;
        let (mut turn, mut held) = (i64::MIN, 0.0);
        let samples = (0..n)
            .map(|i| {
                let t = i as f64 / per_s;
                let mut x = self.wave.at(phases[i]);
                match self.trouble {
                    Trouble::Missing(share) => masked[i] = noise.uniform() < share,
                    Trouble::Gap(length) => {
                        masked[i] = (t - 0.5 * self.seconds).abs() < 0.5 * length
                    }
                    Trouble::Drift => {
                        let tau = 2.0 * t / self.seconds - 1.0;
                        x += 200_000.0 * t + 100_000.0 * tau * tau;
                    }
                    Trouble::Contact => {
                        let now = (phases[i] + 0.5).floor() as i64;
                        if now != turn {
                            turn = now;
                            held = 0.85 + 0.05 * noise.normal();
                        }
                        x = x.min(self.wave.lowest + held * height);
                    }
                    Trouble::Hum => x += 30_000.0 * libm::sin(TAU * (50.0 * t + swing)),
                    Trouble::Flicker => {
                        // First-order processes an octave apart: power falls as 1/f from
                        // 0.25 Hz to 1 kHz.
                        let mut sum = 0.0;
                        for (octave, state) in flicker.iter_mut().enumerate() {
                            let keep = libm::exp(-TAU * 0.25 * 2.0_f64.powi(octave as i32) / per_s);
                            *state = keep * *state + libm::sqrt(1.0 - keep * keep) * noise.normal();
                            sum += *state;
                        }
                        x += 20_000.0 * sum / libm::sqrt(12.0);
                    }
                    _ => {}
                }
                x += self.sigma_nm * noise.normal();
                match self.trouble {
                    Trouble::Clip(share) => x = x.min(self.wave.lowest + share * height),
                    Trouble::Outliers(share) if noise.uniform() < share => {
                        let size = 500_000.0 + 1_500_000.0 * noise.uniform();
                        x += if noise.uniform() < 0.5 { -size } else { size };
                    }
                    _ => {}
                }
                (libm::round(x / RESOLUTION_NM) * RESOLUTION_NM) as i64
            })
            .collect();
        let mean_hz = (phases[n - 1] - phases[0]) * per_s / (n - 1) as f64;
        Seen {
            samples,
            masked,
            phases,
            mean_hz,
        }
    }

    /// Cramér-Rao bound of the rate in the window without its trouble, Hz: inverse of the exact
    /// Fisher matrix of offset, harmonics and rate, by Gram and Schmidt.
    pub(crate) fn bound_hz(&self) -> f64 {
        let n = self.n();
        let omega = TAU * self.rate_hz / f64::from(self.sample_rate_hz);
        let instant = |i: usize| i as f64 - 0.5 * (n as f64 - 1.0);
        let known: Vec<(f64, (f64, f64))> = (1..=16)
            .map(f64::from)
            .zip(self.wave.harmonics.iter().copied())
            .filter(|(_, (a, b))| libm::hypot(*a, *b) > 0.01 * self.sigma_nm)
            .collect();
        let mut columns = vec![vec![1.0; n]];
        for (k, _) in &known {
            columns.push((0..n).map(|i| libm::cos(k * omega * instant(i))).collect());
            columns.push((0..n).map(|i| libm::sin(k * omega * instant(i))).collect());
        }
        let slope = |i: usize| {
            let t = instant(i);
            known
                .iter()
                .map(|(k, (a, b))| {
                    t * k * (b * libm::cos(k * omega * t) - a * libm::sin(k * omega * t))
                })
                .sum()
        };
        columns.push((0..n).map(slope).collect());
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for last in 0..columns.len() {
            let (before, rest) = columns.split_at_mut(last);
            for column in before {
                let share = dot(column, &rest[0]) / dot(column, column);
                for (cell, other) in rest[0].iter_mut().zip(column) {
                    *cell -= share * *other;
                }
            }
        }
        let left = &columns[columns.len() - 1];
        self.sigma_nm / libm::sqrt(dot(left, left)) * f64::from(self.sample_rate_hz) / TAU
    }
}

impl Seen {
    /// What a rate of the chain should be: the mean between its events, which are marks of
    /// strokes or middles of blocks.
    pub(crate) fn truth_of(&self, case: &Case<'_>, rate: &StrokeRate, capture: &Capture) -> f64 {
        let (from, to) = rate.between;
        let strokes = capture.strokes();
        if (strokes[0].mark - from).abs() < 1e-6 {
            self.realised_hz(case, from, strokes[strokes.len() - 1].mark)
        } else {
            self.mean_between_hz(case, from, to)
        }
    }

    /// Realised mean rate, Hz, between the strokes whose marks are nearest to two given ones
    /// (sample numbers): periods between the middles of their mid-level crossings over the time.
    pub(crate) fn realised_hz(&self, case: &Case<'_>, first: f64, last: f64) -> f64 {
        let (rise, fall) = case.wave.crossings;
        let middle = 0.5 * (rise + fall);
        let event = |mark: f64| {
            let turn = (self.phases[mark.round() as usize] - middle).round();
            (
                turn,
                0.5 * (self.time_of(turn + rise) + self.time_of(turn + fall)),
            )
        };
        let (a, b) = (event(first), event(last));
        (b.0 - a.0) / (b.1 - a.1) * f64::from(case.sample_rate_hz)
    }

    /// Mean rate between two sample numbers, Hz.
    pub(crate) fn mean_between_hz(&self, case: &Case<'_>, from: f64, to: f64) -> f64 {
        let last = self.phases.len() - 2;
        let phase = |at: f64| {
            let before = (at.floor().max(0.0) as usize).min(last);
            let (a, b) = (self.phases[before], self.phases[before + 1]);
            a + (at - before as f64) * (b - a)
        };
        (phase(to) - phase(from)) / (to - from) * f64::from(case.sample_rate_hz)
    }

    /// Sample number at which the phase is passed.
    fn time_of(&self, phase: f64) -> f64 {
        let after = self.phases.partition_point(|it| *it < phase);
        let after = after.clamp(1, self.phases.len() - 1);
        let (a, b) = (self.phases[after - 1], self.phases[after]);
        after as f64 - 1.0 + (phase - a) / (b - a)
    }
}
