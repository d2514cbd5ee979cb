//! Whole budgets: every input is drawn from the distribution that its line states, the chain runs
//! on a simulated record, and value ± U is held against the truth.
//!
//! A budget of normal contributions should hold 95.45 % of them. Where a rectangular line
//! dominates, k = 2 holds more, up to all of them (a rectangle ends at 1.73 u).
#![expect(
    clippy::print_stdout,
    reason = "the figures are worth reading with --nocapture"
)]

use crate::profiles::Case;
use crate::synthetic::Noise;
use firmware_units::Nanoseconds;
use rig_measure::{
    Block, Channel, Contact, Estimate, GaugeProperties, GaugeStream, Measured, Settling, Stroke,
    StrokeSettings, Zero, bandwidth_loss, duration_budget, level, minimum_rise, protrusion_budget,
    protrusion_maximum, protrusion_mean, rate_budget, rise_budget, stroke_rate, time_to_rest,
};
use std::f64::consts::TAU;

const RATE: u32 = 20_000;
const RATE_HZ: f64 = 116.667;
const BLOCK_HEIGHT_NM: f64 = 1_000_000.0;
const BLOCK_U_NM: f64 = 500.0;
/// Largest of any time base here, parts in 1e9.
const TIME_BASE_PPB: u32 = 20_000;

/// Nothing touches, before or after.
const FREE: (Contact, Contact) = (Contact::Excluded, Contact::Excluded);

/// A gauge whose certificate, fixture and fit contribute alike: no line dominates.
fn balanced() -> GaugeProperties {
    GaugeProperties {
        certificate_expanded_nm: 4_000.0,
        certificate_k: 2.0,
        linearity_nm: 3_000.0,
        tilt_deg: 2.0,
        drift_nm_per_kelvin: 1_500.0,
        temperature_kelvin: 2.0,
        bandwidth_hz: 2_000.0,
        stroke_amplitude_nm: 1_500_000.0,
        fit_bias_nm: 100.0,
        seating_nm: 2_500.0,
    }
}

/// One gauge in its fixture: what its errors are this time.
struct Drawn {
    calibration_nm: f64,
    linearity_nm: [f64; 2],
    block_nm: f64,
    seating_nm: f64,
    tilt_shortens: f64,
    temperature_nm: [f64; 2],
    /// Low-pass: share that one sample moves the indication by.
    follow: f64,
}

impl Drawn {
    fn of(gauge: &GaugeProperties, noise: &mut Noise) -> Self {
        let mut rectangular = |half: f64| half * (2.0 * noise.uniform() - 1.0);
        let linearity_nm = [
            rectangular(gauge.linearity_nm),
            rectangular(gauge.linearity_nm),
        ];
        let kelvin = gauge.drift_nm_per_kelvin * gauge.temperature_kelvin;
        let temperature_nm = [rectangular(kelvin), rectangular(kelvin)];
        // Both only ever lessen an indication: anything from none to the whole.
        let tilt = 0.5 + 0.5 * rectangular(1.0);
        let pole = TAU * gauge.bandwidth_hz / f64::from(RATE);
        Self {
            calibration_nm: gauge.certificate_expanded_nm / gauge.certificate_k * noise.normal(),
            linearity_nm,
            block_nm: BLOCK_U_NM * noise.normal(),
            seating_nm: gauge.seating_nm * noise.normal(),
            tilt_shortens: tilt * (1.0 - libm::cos(gauge.tilt_deg / 360.0 * TAU)),
            temperature_nm,
            follow: if gauge.bandwidth_hz > 0.0 {
                -libm::expm1(-pole)
            } else {
                1.0
            },
        }
    }

    /// Strokes of a record as this gauge shows them, `depth_nm` above the nose plane.
    fn strokes(&self, case: Case, depth_nm: f64, notch: usize, seed: u64) -> (Vec<Stroke>, f64) {
        let silent = Case {
            noise_nm: 0.0,
            resolution_nm: 1,
            ..case
        };
        let mut record = silent.record(seed);
        let mut noise = Noise::seeded(seed + 1);
        let offset = depth_nm - crate::profiles::TOP_NM;
        let constant = self.calibration_nm
            + self.linearity_nm[notch]
            + self.temperature_nm[notch]
            + self.seating_nm;
        let mut shown = record.samples[0] as f64 + offset;
        for sample in &mut record.samples {
            shown += self.follow * (*sample as f64 + offset - shown);
            let above_block = shown - BLOCK_HEIGHT_NM;
            let indicated = shown - self.tilt_shortens * above_block
                + constant
                + case.noise_nm * noise.normal();
            *sample = libm::round(indicated / 100.0) as i64 * 100;
        }
        let largest = record.tops[1..record.tops.len() - 1]
            .iter()
            .map(|it| it.1 + offset)
            .fold(f64::NEG_INFINITY, f64::max);
        (record.strokes(), largest)
    }

    /// The zero from the block, whose true height is not quite what its certificate says.
    fn zero(&self, seed: u64) -> Zero {
        let mut noise = Noise::seeded(seed);
        let mut gauge = stream(2_000_000);
        let id = gauge.open();
        let on_block = BLOCK_HEIGHT_NM + self.block_nm;
        let values: Vec<i64> = (0..10_000)
            .map(|_| libm::round((on_block + 10_000.0 * noise.normal()) / 100.0) as i64 * 100)
            .collect();
        gauge.push(&Block {
            first_seq: 0,
            at: Nanoseconds(0),
            values: &values,
            exceptions: &[],
        });
        let capture = gauge.close(id).expect("sound");
        Zero {
            level: level(capture.trace(), 5_000.0).expect("still"),
            block_height_nm: BLOCK_HEIGHT_NM,
            block_u_nm: BLOCK_U_NM,
        }
    }
}

fn stream(smallest_stroke_nm: i64) -> GaugeStream {
    let channel = Channel {
        sample_rate_hz: RATE,
        resolution: 100,
        range: (-9_000_000, 9_000_000),
        noise: 0.0,
        time_base_ppb: TIME_BASE_PPB,
        at_jitter: Nanoseconds(0),
    };
    let settings = StrokeSettings {
        sample_rate_hz: RATE,
        smallest_stroke_nm: smallest_stroke_nm as f64,
        slowest_hz: 0.5,
    };
    GaugeStream::new(channel, settings)
}

fn holds(measured: &Measured, truth: f64) -> usize {
    usize::from((measured.value - truth).abs() <= measured.uncertainty.expanded)
}

/// At least 95.45 % but for chance (one in a thousand), and at most `most`.
fn expect(what: &str, inside: usize, n: usize, most: f64) {
    let share = inside as f64 / n as f64;
    println!("{what}: {inside} of {n}, {:.1} %", 100.0 * share);
    let chance = 3.1 * libm::sqrt(0.9545 * 0.0455 / n as f64);
    assert!(share >= 0.9545 - chance, "{what}: {share}");
    assert!(share <= most + chance, "{what}: {share}");
}

const CASES: u64 = 300;

fn running() -> Case {
    Case {
        rate_hz: RATE_HZ,
        spread_nm: 8_000.0,
        seconds: 0.5,
        ..Case::default()
    }
}

#[test]
fn mean_and_largest_protrusion_hold_the_truth() {
    // Contributions, µm: calibration 2, linearity 1.7, seating 2.5, temperature 1.7, tilt 0.2,
    // bandwidth 1.5, scatter 1.1: the normal ones carry half of u_c².
    let gauge = balanced();
    let depth_nm = 1_500_000.0;
    let (mut means, mut uncorrected, mut largest, mut upper) = (0, 0, 0, 0);
    for seed in 0..CASES {
        let mut noise = Noise::seeded(90_000 + seed);
        let drawn = Drawn::of(&gauge, &mut noise);
        let zero = drawn.zero(80_000 + seed);
        let (strokes, top) = drawn.strokes(running(), depth_nm, 0, 70_000 + 2 * seed);
        let loss = bandwidth_loss(&strokes, &gauge, RATE).expect("measurable");
        let mean = protrusion_mean(&strokes, &zero).expect("measurable");
        let budget = protrusion_budget(&mean, &zero, &gauge, RATE_HZ, Contact::Excluded);
        uncorrected += holds(&budget.measured(&mean), depth_nm);
        let mean = loss.corrected(&mean);
        let budget = loss.protrusion_budget(&mean, &zero, &gauge, Contact::Excluded);
        means += holds(&budget.measured(&mean), depth_nm);
        let maximum = protrusion_maximum(&strokes, &zero).expect("measurable");
        let corrected = loss.corrected(&maximum.corrected);
        let budget = loss.protrusion_budget(&corrected, &zero, &gauge, Contact::Excluded);
        largest += holds(&budget.measured(&corrected), top);
        let budget =
            protrusion_budget(&maximum.estimate, &zero, &gauge, RATE_HZ, Contact::Excluded);
        let strict = budget.measured(&maximum.estimate);
        upper += usize::from(top <= strict.value + strict.uncertainty.expanded);
    }
    expect("mean protrusion", means, CASES as usize, 0.985);
    // 2 kHz lose 3.3 µm: taken as an uncertainty of 2.5 µm on both sides, that is not enough.
    println!("mean protrusion, bandwidth not corrected: {uncorrected} of {CASES}");
    assert!(uncorrected < means);
    expect("largest protrusion", largest, CASES as usize, 0.99);
    println!("largest, strict: truth below value + U in {upper} of {CASES}");
    assert!(upper >= 288, "one-sided 97.7 %: {upper}");
}

#[test]
fn a_linearity_that_dominates_is_held_more_often_than_stated() {
    let gauge = GaugeProperties {
        linearity_nm: 12_000.0,
        ..balanced()
    };
    let mut means = 0;
    for seed in 0..CASES {
        let mut noise = Noise::seeded(60_000 + seed);
        let drawn = Drawn::of(&gauge, &mut noise);
        let zero = drawn.zero(50_000 + seed);
        let (strokes, _) = drawn.strokes(running(), 1.5e6, 0, 40_000 + 2 * seed);
        let loss = bandwidth_loss(&strokes, &gauge, RATE).expect("measurable");
        let mean = loss.corrected(&protrusion_mean(&strokes, &zero).expect("measurable"));
        let budget = loss.protrusion_budget(&mean, &zero, &gauge, Contact::Excluded);
        means += holds(&budget.measured(&mean), 1.5e6);
    }
    expect(
        "mean protrusion, linearity dominates",
        means,
        CASES as usize,
        1.0,
    );
}

#[test]
fn rise_holds_the_truth() {
    let gauge = balanced();
    let mut rises = 0;
    for seed in 0..CASES {
        let mut noise = Noise::seeded(30_000 + seed);
        let mut drawn = Drawn::of(&gauge, &mut noise);
        // The line is of what changes between the two, minutes apart.
        drawn.temperature_nm[0] = 0.0;
        let zero = drawn.zero(20_000 + seed);
        let mean = |depth_nm: f64, notch: usize, seed: u64| {
            let (strokes, _) = drawn.strokes(running(), depth_nm, notch, seed);
            protrusion_mean(&strokes, &zero).expect("measurable")
        };
        let means: [Estimate; 2] = [
            mean(1.25e6, 0, 10_000 + 3 * seed),
            mean(1.5e6, 1, 15_000 + 3 * seed),
        ];
        let rise = minimum_rise(&means).expect("two notches").estimate;
        rises += holds(&rise_budget(&rise, &gauge, FREE).measured(&rise), 0.25e6);
    }
    expect("rise", rises, CASES as usize, 0.99);
}

#[test]
fn rate_and_duration_hold_the_truth() {
    let (mut rates, mut durations) = (0, 0);
    for seed in 0..CASES {
        let mut noise = Noise::seeded(5_000 + seed);
        // A clock that is wrong by up to 20 ppm samples a rate that is not what it says.
        let ppm = 20.0 * (2.0 * noise.uniform() - 1.0);
        let case = Case {
            rate_hz: RATE_HZ / (1.0 + ppm * 1e-6),
            ..running()
        };
        let rate = case
            .record(seed)
            .capture()
            .and_then(|it| stroke_rate(&it, RATE))
            .expect("measurable")
            .estimate;
        rates += holds(&rate_budget(&rate, TIME_BASE_PPB).measured(&rate), RATE_HZ);

        // Needles that come down from 0.5 mm at 15 mm/s after an event, which is known to 0.1 ms.
        let event_u_s = 1e-4;
        let (event_s, begun_s) = (0.05, 0.1 + 0.01 * noise.uniform());
        let seen_s = event_s + event_u_s * noise.normal();
        let samples: Vec<i64> = (0..8_000)
            .map(|it| {
                let t = f64::from(it) / f64::from(RATE);
                let position = 0.5e6 - ((t - begun_s) * 15e6).clamp(0.0, 0.7e6);
                libm::round((position + 10_000.0 * noise.normal()) / 100.0) as i64 * 100
            })
            .collect();
        let mut gauge = stream(1_000_000);
        let id = gauge.open();
        gauge.push(&Block {
            first_seq: 0,
            at: Nanoseconds(0),
            values: &samples,
            exceptions: &[],
        });
        let capture = gauge.close(id).expect("sound");
        let event = Nanoseconds((seen_s * 1e9) as u64);
        let settling = time_to_rest(&capture, event, 50_000.0, 0.15).expect("measurable");
        let Settling::After(time) = settling else {
            panic!("{settling:?}")
        };
        let truth = begun_s + 0.7e6 / 15e6 - event_s;
        let budget = duration_budget(&time, TIME_BASE_PPB, event_u_s);
        durations += holds(&budget.measured(&time), truth);
    }
    // A time base dominates the rate: a rectangle ends before two of its standard deviations.
    expect("rate", rates, CASES as usize, 1.0);
    // Rest is read from means of 1 ms: a rectangle too.
    expect("duration", durations, CASES as usize, 1.0);
}
