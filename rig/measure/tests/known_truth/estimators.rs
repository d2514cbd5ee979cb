//! Estimators against known truth: bias, scatter, and whether stated uncertainties hold.
#![expect(
    clippy::print_stdout,
    reason = "the figures are worth reading with --nocapture"
)]

use crate::pen::{Noise, RATE, Running, exact_zero, strokes_of, truth_of};
use rig_measure::{
    COVERAGE_95_45, EdgeCapture, Estimate, edge_period_variation, period_variation,
    protrusion_maximum, protrusion_mean, spread, stroke_rate, student_t_coverage, tachometer_rate,
};

/// Whether the stated interval of 95.45 % holds the truth.
pub(crate) fn covers(estimate: &Estimate, truth: f64) -> bool {
    let k = student_t_coverage(COVERAGE_95_45, estimate.dof);
    (estimate.value - truth).abs() <= k * estimate.u
}

/// 95.45 % of `n`, plus and minus 3.3 standard deviations of the binomial (one in a thousand).
pub(crate) fn expect_coverage(what: &str, inside: usize, n: usize) {
    let expected = 0.9545 * n as f64;
    let allowed = 3.3 * libm::sqrt(expected * 0.0455);
    println!("{what}: {inside} of {n} inside");
    assert!(
        (inside as f64 - expected).abs() <= allowed,
        "{what}: {inside} of {n}, {expected:.0} ± {allowed:.0}"
    );
}

#[test]
fn a_top_is_fitted_without_bias_and_with_its_own_uncertainty() {
    for (rate_hz, noise_nm, seconds) in [
        (50.0, 10_000.0, 100.0),
        (100.0, 10_000.0, 100.0),
        (116.667, 10_000.0, 100.0),
        (150.0, 10_000.0, 100.0),
        (200.0, 10_000.0, 5.0),
        (116.667, 20_000.0, 10.0),
        (116.667, 0.0, 1.0),
        (5.0, 10_000.0, 20.0),
        (1.0, 10_000.0, 20.0),
    ] {
        let signal = Running {
            rate_hz,
            noise_nm,
            seconds,
            spread_nm: 8_000.0,
            ..Running::default()
        }
        .signal(1);
        let strokes = strokes_of(&signal.samples);
        assert!(
            strokes.len() as f64 >= rate_hz * seconds - 3.0,
            "{rate_hz} /s: {} strokes",
            strokes.len()
        );
        let errors: Vec<f64> = strokes
            .iter()
            .map(|it| it.peak_nm - truth_of(&signal, it).1)
            .collect();
        let n = errors.len() as f64;
        let bias = errors.iter().sum::<f64>() / n;
        let sd = libm::sqrt(
            errors
                .iter()
                .map(|it| (it - bias) * (it - bias))
                .sum::<f64>()
                / (n - 1.0),
        );
        let stated = libm::sqrt(
            strokes
                .iter()
                .map(|it| it.peak_u_nm * it.peak_u_nm)
                .sum::<f64>()
                / n,
        );
        println!(
            "{rate_hz} /s, noise {noise_nm} nm: bias {bias:.0} ± {:.0} nm, sd {sd:.0} nm, stated {stated:.0} nm",
            sd / n.sqrt()
        );
        // 50 nm is the truncation of degree 4, the rest chance.
        assert!(
            bias.abs() < 50.0 + 4.0 * sd / libm::sqrt(n),
            "{rate_hz} /s: bias {bias} nm"
        );
        if noise_nm > 0.0 {
            let chance = 4.0 / libm::sqrt(2.0 * n);
            assert!(
                (stated / sd - 1.0).abs() < chance + 0.05,
                "{rate_hz} /s: sd {sd}, stated {stated}"
            );
        }
    }
}

#[test]
fn mean_protrusion_holds_the_truth_as_often_as_it_says() {
    for (correlation, tolerance) in [(0.0, "independent"), (0.5, "correlated")] {
        let mut inside = 0;
        let n = 300;
        for seed in 0..n {
            let signal = Running {
                spread_nm: 8_000.0,
                correlation,
                seconds: 2.0,
                ..Running::default()
            }
            .signal(1000 + seed);
            let mean =
                protrusion_mean(&strokes_of(&signal.samples), &exact_zero()).expect("measurable");
            inside += usize::from(covers(&mean, 1_500_000.0));
        }
        expect_coverage(
            &format!("mean protrusion, {tolerance} strokes"),
            inside,
            n as usize,
        );
    }
}

#[test]
fn spread_is_that_of_the_strokes_and_not_of_the_noise() {
    for spread_nm in [0.0, 3_000.0, 8_000.0, 30_000.0] {
        let mut values = Vec::new();
        for seed in 0..20 {
            let signal = Running {
                spread_nm,
                seconds: 5.0,
                ..Running::default()
            }
            .signal(2000 + seed);
            let estimate = spread(&strokes_of(&signal.samples)).expect("measurable");
            assert!(
                (estimate.value - spread_nm).abs() <= 4.5 * estimate.u,
                "{spread_nm} nm: {estimate:?}"
            );
            values.push(estimate.value);
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        println!("spread {spread_nm} nm: mean of estimates {mean:.0} nm");
        if spread_nm > 0.0 {
            assert!(
                (mean / spread_nm - 1.0).abs() < 0.03,
                "{spread_nm} nm: {mean} nm"
            );
        } else {
            assert!(mean < 1_000.0, "no spread: {mean} nm");
        }
    }
}

#[test]
fn maximum_errs_upwards_by_what_it_states() {
    let mut excess = 0.0;
    let mut stated = 0.0;
    let n = 60;
    for seed in 0..n {
        let signal = Running {
            spread_nm: 8_000.0,
            seconds: 4.0,
            ..Running::default()
        }
        .signal(3000 + seed);
        let strokes = strokes_of(&signal.samples);
        let maximum = protrusion_maximum(&strokes, &exact_zero()).expect("measurable");
        let measured: Vec<f64> = strokes.iter().map(|it| truth_of(&signal, it).1).collect();
        let truth = measured.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert!(
            (maximum.estimate.u - 2_950.0).abs() < 150.0,
            "u of one fit: {}",
            maximum.estimate.u
        );
        excess += (maximum.estimate.value - truth) / n as f64;
        stated += maximum.noise_bias_nm / n as f64;
    }
    println!("largest fit above largest top: {excess:.0} nm, stated {stated:.0} nm");
    assert!(
        excess > 0.0 && (excess - stated).abs() < 1_000.0,
        "{excess} nm, stated {stated} nm"
    );
}

#[test]
fn rate_holds_the_realised_rate_as_often_as_it_says() {
    for (rate_hz, jitter) in [(50.0, 0.0), (116.667, 0.0), (116.667, 0.005), (150.0, 0.0)] {
        let mut inside = 0;
        let mut squares = 0.0;
        let n = 300;
        for seed in 0..n {
            let signal = Running {
                rate_hz,
                jitter,
                ..Running::default()
            }
            .signal(4000 + seed);
            let strokes = strokes_of(&signal.samples);
            let estimate = stroke_rate(&strokes, RATE).expect("measurable");
            let (first, last) = (
                truth_of(&signal, &strokes[0]).0,
                truth_of(&signal, &strokes[strokes.len() - 1]).0,
            );
            let elapsed = (signal.tops[last].0 - signal.tops[first].0) / f64::from(RATE);
            let truth = (last - first) as f64 / elapsed;
            if jitter == 0.0 {
                inside += usize::from(covers(&estimate, truth));
            }
            squares += (estimate.value - truth) * (estimate.value - truth) / n as f64;
        }
        // Cramér-Rao bound of an even record of 1 s: S = 1.026 × (1.5 mm)², σ = 10 µm.
        let samples = f64::from(RATE);
        let bound = libm::sqrt(
            6.0 * 1e8 * samples * samples
                / (std::f64::consts::PI
                    * std::f64::consts::PI
                    * samples
                    * (samples * samples - 1.0)
                    * 1.026
                    * 2.25e12),
        );
        let rmse = libm::sqrt(squares);
        println!(
            "{rate_hz} /s, jitter {jitter}: RMSE {:.1} µHz, {:.2} of the bound",
            rmse * 1e6,
            rmse / bound
        );
        if jitter == 0.0 {
            expect_coverage(&format!("rate {rate_hz} /s"), inside, n as usize);
            assert!(rmse < 6.5 * bound, "{rmse} Hz");
        } else {
            // A stroke's mark is mid-way between crossings, its top is where its half periods
            // meet; uneven strokes part the two by a little.
            assert!(rmse < 5e-3, "{rmse} Hz");
        }
    }
}

#[test]
fn period_variation_is_that_of_the_motor() {
    for jitter in [0.0, 0.001, 0.01, 0.03] {
        let signal = Running {
            jitter,
            seconds: 5.0,
            ..Running::default()
        }
        .signal(5000);
        let estimate = period_variation(&strokes_of(&signal.samples)).expect("measurable");
        // Marks are tops of stroke: half of one period and half of the next between two of them.
        let tops: Vec<f64> = signal.tops.iter().map(|it| it.0).collect();
        let periods: Vec<f64> = tops.windows(2).map(|it| it[1] - it[0]).collect();
        let n = periods.len() as f64;
        let mean = periods.iter().sum::<f64>() / n;
        let truth = libm::sqrt(
            periods
                .iter()
                .map(|it| (it - mean) * (it - mean))
                .sum::<f64>()
                / (n - 1.0),
        ) / mean;
        println!(
            "period variation {truth:.6}: {:.6} ± {:.6}",
            estimate.value, estimate.u
        );
        assert!(
            (estimate.value - truth).abs() < 0.05 * truth + 1.5e-4,
            "{truth}: {estimate:?}"
        );
    }
}

#[test]
fn tachometer_counts_periods_over_time() {
    let mut noise = Noise::seeded(6);
    let mut check = |rate_hz: f64, edge_noise_ns: f64| {
        let mut inside = 0;
        for _ in 0..300 {
            let edges_ns = (0..500)
                .map(|it| (f64::from(it) * 1e9 / rate_hz + edge_noise_ns * noise.normal()) as i64)
                .collect();
            let estimate =
                tachometer_rate(&EdgeCapture { edges_ns }, edge_noise_ns).expect("measurable");
            inside += usize::from(covers(&estimate, rate_hz));
        }
        expect_coverage(&format!("tachometer at {rate_hz} /s"), inside, 300);
    };
    check(116.667, 1_000.0);
    check(50.0, 200.0);

    let periods = (0..600).map(|_| 1e9 / 116.667 * (1.0 + 0.01 * noise.normal()));
    let edges_ns = periods
        .scan(0.0, |at, period| {
            *at += period;
            Some(*at as i64)
        })
        .collect();
    let variation = edge_period_variation(&EdgeCapture { edges_ns }, 1_000.0).expect("measurable");
    assert!(
        (variation.value - 0.01).abs() < 4.0 * variation.u,
        "{variation:?}"
    );
}
