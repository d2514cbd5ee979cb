//! Bias, scatter, coverage and recovered spread of the protrusion estimators, as Markdown.
//!
//! `cargo run --release -p rig-measure --example protrusion_efficiency`; seeded, the same on every
//! machine. Takes half a minute.
#![expect(clippy::print_stdout, reason = "it prints a table")]

#[path = "../../tests/known_truth/profiles.rs"]
mod profiles;
#[path = "../../src/synthetic.rs"]
mod synthetic;

use profiles::{Case, Profile, TOP_NM};
use rig_measure::{
    Budget, COVERAGE_95_45, Component, Distribution, Estimate, Zero, protrusion_mean, spread,
    student_t_coverage, unseen_flattening,
};

/// Records of each class.
const RECORDS: u64 = 200;

fn main() {
    println!(
        "Each class: {RECORDS} records of 1 s (5 s below 20 strokes/s). Bias and scatter per stroke, µm,"
    );
    println!(
        "against the true top of that stroke; standard error of the bias after ±. *u*: stated, per stroke."
    );
    println!(
        "Coverage of 95.45 %: of each stroke's top, and of the mean protrusion of a record, by scatter"
    );
    println!("alone and with the line of contact not seen, whose mean half-width follows.");
    println!();
    println!(
        "| class | n | raw maximum | smooth fit alone | chain: bias | sd | u | plateaus % | stroke cov. % | mean: bias | cov. % | contact ± | mean cov. % with it | spread true → found | spikes → rejected |"
    );
    println!(
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (name, case) in cases().into_iter().filter(|it| it.0.contains(&wanted)) {
        row(&name, &case);
    }
}

fn cases() -> Vec<(String, Case)> {
    let base = Case::default();
    let mut cases = Vec::new();
    for rate_hz in [25.0, 50.0, 100.0, 116.667, 150.0, 200.0] {
        for noise_nm in [5e3, 10e3, 20e3] {
            cases.push((
                format!("free, {rate_hz}/s, {} µm", noise_nm / 1e3),
                Case {
                    rate_hz,
                    noise_nm,
                    ..base
                },
            ));
        }
    }
    for rate_hz in [1.0, 5.0, 10.0] {
        cases.push((
            format!("free, {rate_hz}/s"),
            Case {
                rate_hz,
                seconds: 20.0 / rate_hz.min(4.0),
                ..base
            },
        ));
    }
    for sample_rate_hz in [10_000, 50_000] {
        for rate_hz in [100.0, 200.0] {
            cases.push((
                format!("free, {rate_hz}/s, {} kS/s", sample_rate_hz / 1000),
                Case {
                    rate_hz,
                    sample_rate_hz,
                    ..base
                },
            ));
        }
    }
    for profile in [Profile::Sine, Profile::Rich] {
        cases.push((format!("free, {profile:?}"), Case { profile, ..base }));
    }
    for depth in [
        1e3, 3e3, 5e3, 7e3, 10e3, 20e3, 35e3, 50e3, 100e3, 200e3, 450e3, 800e3,
    ] {
        cases.push((
            format!("plateau at {:.3} mm", (3e6 - depth) / 1e6),
            Case {
                plateau_nm: Some((depth, 0.0)),
                ..base
            },
        ));
    }
    let at = |depth: f64, sd: f64| Case {
        plateau_nm: Some((depth, sd)),
        ..base
    };
    cases.extend([
        (
            "plateau 2.90, 25/s".into(),
            Case {
                rate_hz: 25.0,
                ..at(100e3, 0.0)
            },
        ),
        (
            "plateau 2.90, 200/s".into(),
            Case {
                rate_hz: 200.0,
                ..at(100e3, 0.0)
            },
        ),
        (
            "plateau 2.90, 10 kS/s".into(),
            Case {
                sample_rate_hz: 10_000,
                ..at(100e3, 0.0)
            },
        ),
        (
            "plateau 2.90, 50 kS/s".into(),
            Case {
                sample_rate_hz: 50_000,
                ..at(100e3, 0.0)
            },
        ),
        (
            "plateau 2.90, 20 µm".into(),
            Case {
                noise_nm: 20e3,
                ..at(100e3, 0.0)
            },
        ),
        (
            "plateau 2.90, Rich".into(),
            Case {
                profile: Profile::Rich,
                ..at(100e3, 0.0)
            },
        ),
        ("plateau 2.90 ± 0.003".into(), at(100e3, 3e3)),
        ("plateau 2.90 ± 0.010".into(), at(100e3, 10e3)),
        ("plateau 2.55 ± 0.15".into(), at(450e3, 150e3)),
        (
            "half the strokes touch".into(),
            Case {
                spread_nm: 30e3,
                ..at(0.0, 0.0)
            },
        ),
        (
            "shoulders of 5 µm, 2.90".into(),
            Case {
                shoulder_nm: 5e3,
                ..at(100e3, 0.0)
            },
        ),
        (
            "shoulders of 20 µm, 2.80".into(),
            Case {
                shoulder_nm: 20e3,
                ..at(200e3, 0.0)
            },
        ),
        (
            "cam dwell 5 %".into(),
            Case {
                profile: Profile::Dwell(0.05),
                ..base
            },
        ),
        (
            "cam dwell 15 %".into(),
            Case {
                profile: Profile::Dwell(0.15),
                ..base
            },
        ),
        (
            "spread 3 µm".into(),
            Case {
                spread_nm: 3e3,
                ..base
            },
        ),
        (
            "spread 10 µm".into(),
            Case {
                spread_nm: 10e3,
                ..base
            },
        ),
        (
            "spread 10 µm, r = 0.5".into(),
            Case {
                spread_nm: 10e3,
                correlation: 0.5,
                ..base
            },
        ),
        (
            "0.5 % spikes".into(),
            Case {
                spikes: 0.005,
                ..base
            },
        ),
        (
            "0.5 % spikes, plateau 2.90".into(),
            Case {
                spikes: 0.005,
                ..at(100e3, 0.0)
            },
        ),
        ("30 ms gap".into(), Case { gap: 600, ..base }),
        (
            "drift 0.2 mm/s".into(),
            Case {
                drift_nm_per_s: 0.2e6,
                ..base
            },
        ),
        (
            "jitter 0.5 %".into(),
            Case {
                jitter: 0.005,
                ..base
            },
        ),
        (
            "1/f noise 10 µm, white 5 µm".into(),
            Case {
                pink_nm: 10e3,
                noise_nm: 5e3,
                ..base
            },
        ),
        (
            "phase lock, 0.1 µm".into(),
            Case {
                locked: true,
                ..base
            },
        ),
        (
            "phase lock, 1 µm, noise 1 µm".into(),
            Case {
                locked: true,
                resolution_nm: 1000,
                noise_nm: 1e3,
                ..base
            },
        ),
        (
            "phase lock, 1 µm, noise 10 µm".into(),
            Case {
                locked: true,
                resolution_nm: 1000,
                ..base
            },
        ),
        (
            "quantised to 1 µm, noise 1 µm".into(),
            Case {
                rate_hz: 101.3,
                resolution_nm: 1000,
                noise_nm: 1e3,
                ..base
            },
        ),
        (
            "no noise, 0.1 µm".into(),
            Case {
                rate_hz: 101.3,
                noise_nm: 0.0,
                ..base
            },
        ),
    ]);
    cases
}

#[derive(Default)]
struct Series(Vec<f64>);

impl Series {
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    fn sd(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.0.iter().map(|it| (it - mean) * (it - mean)).sum();
        (squares / (self.0.len() as f64 - 1.0)).sqrt()
    }
}

fn covers(value: f64, truth: f64, u: f64, dof: f64) -> bool {
    (value - truth).abs() <= u * student_t_coverage(COVERAGE_95_45, dof)
}

fn share(inside: usize, of: usize) -> String {
    if of == 0 {
        "–".into()
    } else {
        format!("{:.1}", 100.0 * inside as f64 / of as f64)
    }
}

fn row(name: &str, case: &Case) {
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
    let (mut raw, mut smooth, mut chain) =
        (Series::default(), Series::default(), Series::default());
    let (mut variance, mut plateaus, mut covered) = (0.0, 0, 0);
    let (mut means, mut means_covered, mut refused) = (Series::default(), 0, 0);
    let (mut hidden, mut with_contact) = (Series::default(), 0);
    let (mut spikes, mut rejected) = (0, 0);
    let (mut truths, mut found) = (Series::default(), Series::default());
    for seed in 0..RECORDS {
        let record = case.record(seed);
        let strokes = record.strokes();
        spikes += record.spikes;
        rejected += strokes.iter().map(|it| it.rejected).sum::<u32>();
        let mut tops = Series::default();
        for stroke in &rig_measure::decide_tops(&strokes).unwrap_or_default() {
            let truth = record.truth_of(stroke);
            tops.0.push(truth);
            raw.0.push(record.largest_sample(stroke) - truth);
            smooth
                .0
                .extend(stroke.smooth_peak_nm().map(|it| it - truth));
            chain.0.push(stroke.peak_nm - truth);
            variance += stroke.peak_u_nm * stroke.peak_u_nm;
            plateaus += usize::from(stroke.top_shape == rig_measure::TopShape::Plateau);
            covered += usize::from(covers(
                stroke.peak_nm,
                truth,
                stroke.peak_u_nm,
                stroke.residual_dof,
            ));
        }
        match protrusion_mean(&strokes, &zero) {
            Ok(mean) => {
                // The mean that the process has, where tops scatter by chance alone.
                let truth = match case.plateau_nm {
                    _ if case.drift_nm_per_s != 0.0 => tops.mean(),
                    None => TOP_NM,
                    Some((depth, _)) if case.spread_nm == 0.0 => TOP_NM - depth,
                    Some(_) => tops.mean(),
                };
                means.0.push(mean.value - truth);
                means_covered += usize::from(covers(mean.value, truth, mean.u, mean.dof));
                if let Ok(flattening) = unseen_flattening(&strokes) {
                    let half_width = flattening.half_width_nm;
                    hidden.0.push(half_width);
                    let shape = Distribution::Rectangular;
                    let components = vec![
                        Component::scatter("scatter of the tops", &mean),
                        Component::limit("contact not seen", half_width, shape),
                    ];
                    let expanded = Budget { components }.combine().expanded;
                    with_contact += usize::from((mean.value - truth).abs() <= expanded);
                }
            }
            Err(_) => refused += 1,
        }
        if let Ok(estimate) = spread(&strokes) {
            found.0.push(estimate.value * estimate.value);
            truths.0.push(tops.sd() * tops.sd());
        }
    }
    let n = chain.0.len();
    let refused = if refused > 0 {
        format!(" ({refused} refused)")
    } else {
        String::new()
    };
    println!(
        "| {name} | {n} | {:+.1} | {:+.2} | {:+.3} ± {:.3} | {:.2} | {:.2} | {} | {} | {:+.3} ± {:.3}{refused} | {} | {:.2} | {} | {:.2} → {:.2} | {spikes} → {rejected} |",
        raw.mean() / 1e3,
        smooth.mean() / 1e3,
        chain.mean() / 1e3,
        chain.sd() / 1e3 / (n as f64).sqrt(),
        chain.sd() / 1e3,
        (variance / n as f64).sqrt() / 1e3,
        share(plateaus, n),
        share(covered, n),
        means.mean() / 1e3,
        means.sd() / 1e3 / (means.0.len() as f64).sqrt(),
        share(means_covered, means.0.len()),
        hidden.mean() / 1e3,
        share(with_contact, hidden.0.len()),
        truths.mean().max(0.0).sqrt() / 1e3,
        found.mean().max(0.0).sqrt() / 1e3,
    );
}
