//! Efficiency of the stroke-rate estimators: RMSE over the Cramér-Rao bound, bias and coverage.
//!
//! `cargo run --release -p rig-measure --example efficiency [WINDOWS [WORD]...]` prints Markdown;
//! 3000 windows a row if not told otherwise, and the rows whose name holds one of the words if
//! there are any. Same numbers on any machine.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program that prints a table of a simulation"
)]

#[path = "../tests/known_truth/simulation.rs"]
mod simulation;
#[path = "../src/synthetic.rs"]
mod synthetic;

use firmware_units::Nanoseconds;
use rig_measure::{
    Block, COVERAGE_95_45, Capture, Channel, Estimate, GaugeStream, HarmonicSettings, RateMethod,
    RobustSettings, StrokeSettings, harmonic, harmonic_robust, stroke_rate, student_t_coverage,
};
use simulation::{Case, RESOLUTION_NM, Seen, Trouble, Wave};

/// Errors of one estimator in one class of windows.
#[derive(Default)]
struct Errors {
    n: f64,
    sum: f64,
    squares: f64,
    stated: f64,
    inside: f64,
    refused: u32,
    first: u32,
}

impl Errors {
    fn add(&mut self, estimate: &Estimate, truth: f64) {
        let error = estimate.value - truth;
        self.n += 1.0;
        self.sum += error;
        self.squares += error * error;
        self.stated += estimate.u * estimate.u;
        let k = student_t_coverage(COVERAGE_95_45, estimate.dof);
        self.inside += f64::from(u8::from(error.abs() <= k * estimate.u));
    }

    fn row(&self, bound: f64) -> String {
        if self.n == 0.0 {
            return format!("– | – | – | – | {}", self.refused);
        }
        let rmse = libm::sqrt(self.squares / self.n);
        format!(
            "{:.3} | {:+.2} | {:.3} | {:.1} | {}",
            rmse / bound,
            self.sum / self.n / bound,
            libm::sqrt(self.stated / self.n) / bound,
            100.0 * self.inside / self.n,
            self.refused
        )
    }
}

fn capture(case: &Case<'_>, seen: &Seen) -> Option<Capture> {
    // A stream refuses a window with a sample missing.
    if seen.masked.contains(&true) {
        return None;
    }
    let channel = Channel {
        sample_rate_hz: case.sample_rate_hz,
        resolution: RESOLUTION_NM as i64,
        range: (-50_000_000, 50_000_000),
        noise: 0.0,
        time_base_ppb: 20_000,
        at_jitter: Nanoseconds(0),
    };
    let settings = StrokeSettings {
        sample_rate_hz: case.sample_rate_hz,
        smallest_stroke_nm: 1e6,
        slowest_hz: 0.5,
    };
    let mut gauge = GaugeStream::new(channel, settings);
    let id = gauge.open();
    let block = case.sample_rate_hz as usize / 100;
    for (index, values) in (0_u64..).zip(seen.samples.chunks(block)) {
        gauge.push(&Block {
            first_seq: index * block as u64,
            at: Nanoseconds(10_000_000 * index),
            values,
            exceptions: &[],
        });
    }
    gauge.close(id).ok()
}

fn slice_settings(case: &Case<'_>) -> HarmonicSettings {
    HarmonicSettings {
        sample_rate_hz: f64::from(case.sample_rate_hz),
        resolution_nm: RESOLUTION_NM,
        near_hz: None,
        range_hz: (15.0, 250.0),
    }
}

/// Rate of the robust path, the truth over what it looked at, and whether it found it steady.
fn robust_fit(case: &Case<'_>, seen: &Seen) -> Option<(Estimate, f64, bool)> {
    let samples: Vec<f64> = seen.samples.iter().map(|it| *it as f64).collect();
    let sound: Vec<bool> = seen.masked.iter().map(|it| !it).collect();
    let settings = RobustSettings {
        signal: slice_settings(case),
        hum_hz: if case.trouble == Trouble::Hum {
            &[50.0]
        } else {
            &[]
        },
        range_nm: (f64::NEG_INFINITY, f64::INFINITY),
    };
    let rate = harmonic_robust(&samples, &sound, &settings).ok()?;
    let middle = 0.5 * (samples.len() as f64 - 1.0);
    let index = |s: f64| middle + s * f64::from(case.sample_rate_hz);
    let (from, to) = rate.smoothed.between;
    let truth = seen.mean_between_hz(case, index(from), index(to));
    Some((rate.estimate, truth, rate.method == RateMethod::Harmonic))
}

fn slice_fit(case: &Case<'_>, seen: &Seen) -> Option<Estimate> {
    if seen.masked.contains(&true) {
        return None;
    }
    let samples: Vec<f64> = seen.samples.iter().map(|it| *it as f64).collect();
    let settings = slice_settings(case);
    harmonic(&samples, &settings).ok().map(|it| it.rate)
}

fn name(case: &Case<'_>) -> String {
    format!(
        "{} {:?} {} Hz σ {} µm {} kS/s {} s",
        case.wave.name,
        case.trouble,
        case.rate_hz,
        case.sigma_nm * 1e-3,
        case.sample_rate_hz / 1000,
        case.seconds,
    )
}

fn evaluate(case: &Case<'_>, windows: u64, seed: u64) -> String {
    let bound = case.bound_hz();
    let mut chain = Errors::default();
    let mut alone = Errors::default();
    let mut robust = Errors::default();
    for window in 0..windows {
        let seen = case.see(seed.wrapping_mul(1_000_003).wrapping_add(window));
        match capture(case, &seen).map(|it| (stroke_rate(&it, case.sample_rate_hz), it)) {
            Some((Ok(rate), capture)) => {
                chain.add(&rate.estimate, seen.truth_of(case, &rate, &capture));
                chain.first += u32::from(rate.method == RateMethod::Harmonic);
            }
            _ => chain.refused += 1,
        }
        match slice_fit(case, &seen) {
            Some(rate) => alone.add(&rate, seen.mean_hz),
            None => alone.refused += 1,
        }
        match robust_fit(case, &seen) {
            Some((rate, truth, steady)) => {
                robust.add(&rate, truth);
                robust.first += u32::from(steady);
            }
            None => robust.refused += 1,
        }
    }
    format!(
        "| {} | {:.1} | {} | {} | {} | {} | {} |",
        name(case),
        bound * 1e6,
        chain.row(bound),
        chain.first,
        alone.row(bound),
        robust.row(bound),
        robust.first,
    )
}

fn main() {
    let windows = std::env::args()
        .nth(1)
        .map_or(3000, |it| it.parse().unwrap());
    let (slider, rich) = (Wave::slider(), Wave::rich());
    println!(
        "RMSE, bias and stated u (root mean square) over the Cramér-Rao bound of the window without \
         its trouble; coverage of U (k for 95.45 %) in %; windows without a value; windows in which \
         the value is the harmonic fit's. {windows} windows a row.\n"
    );
    println!(
        "| case | bound µHz | chain RMSE | bias | u | cover | none | by fit | HNLS RMSE | bias | u | \
         cover | none | robust RMSE | bias | u | cover | none | by fit |"
    );
    println!("|---{}|", "|---:".repeat(18));
    let base = Case {
        wave: &slider,
        rate_hz: 100.0,
        sigma_nm: 10_000.0,
        sample_rate_hz: 20_000,
        seconds: 1.0,
        trouble: Trouble::Nothing,
    };
    let mut cases = Vec::new();
    for wave in [&slider, &rich] {
        let base = Case { wave, ..base };
        cases.extend([25.0, 50.0, 100.0, 200.0].map(|rate_hz| Case { rate_hz, ..base }));
        cases.extend([5e3, 20e3].map(|sigma_nm| Case { sigma_nm, ..base }));
        cases.extend([10_000, 50_000].map(|sample_rate_hz| Case {
            sample_rate_hz,
            ..base
        }));
        cases.extend([0.2, 0.5].map(|seconds| Case { seconds, ..base }));
        cases.push(Case {
            seconds: 0.2,
            rate_hz: 25.0,
            ..base
        });
    }
    for trouble in [
        Trouble::Missing(0.05),
        Trouble::Gap(0.03),
        Trouble::Outliers(0.005),
        Trouble::Clip(0.9),
        Trouble::Drift,
        Trouble::Contact,
        Trouble::Hum,
        Trouble::Flicker,
        Trouble::Ramp(0.01),
        Trouble::Ramp(0.0001),
        Trouble::Ripple(0.01),
        Trouble::Ripple(0.0001),
        Trouble::PhaseLock,
        Trouble::Jitter(1e-6),
        Trouble::Jitter(3e-6),
        Trouble::Jitter(1e-5),
        Trouble::Jitter(3e-5),
        Trouble::Jitter(1e-4),
        Trouble::Jitter(1e-3),
        Trouble::Jitter(5e-3),
    ] {
        cases.push(Case { trouble, ..base });
    }
    let words: Vec<String> = std::env::args().skip(2).collect();
    // A row keeps its seeds whichever are asked for.
    let asked: Vec<usize> = (0..cases.len())
        .filter(|it| {
            let name = name(&cases[*it]);
            words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
        })
        .collect();
    // Rows are independent; they are worked on side by side and printed in order.
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut rows: Vec<(usize, String)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers)
            .map(|worker| {
                let (cases, asked) = (&cases, &asked);
                scope.spawn(move || -> Vec<(usize, String)> {
                    (asked.iter().copied().skip(worker))
                        .step_by(workers)
                        .map(|it| (it, evaluate(&cases[it], windows, it as u64 + 1)))
                        .collect()
                })
            })
            .collect();
        let joined = handles.into_iter();
        joined
            .flat_map(|it| it.join().expect("a worker does not panic"))
            .collect()
    });
    rows.sort_unstable_by_key(|it| it.0);
    for (_, row) in rows {
        println!("{row}");
    }
}
