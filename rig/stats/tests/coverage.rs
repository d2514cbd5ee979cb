//! Simulated lots: intervals and bounds hold in the stated share of cases.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rig_distributions::normal;
use rig_stats::capability::{Limits, one_sided_lower_bound, performance};
use rig_stats::tolerance::{
    Sides, ToleranceClaim, equal_tailed_factor, one_sided_factor, order_tolerance_interval,
    two_sided_factor,
};
use rig_stats::{moments, tolerance};

const N_LOTS: usize = 2000;

/// Standard normal deviates from a seed.
fn lots(seed: u64, n: usize) -> impl Iterator<Item = Vec<f64>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut deviate = move || normal::quantile((random.next_u64() as f64 + 0.5) / 2f64.powi(64));
    (0..N_LOTS).map(move |_| (0..n).map(|_| deviate()).collect())
}

/// The share of held cases must lie within four standard deviations of the confidence, or above
/// where more is attained.
#[track_caller]
fn check_share(n_held: usize, least: f64, most: f64) {
    let share = n_held as f64 / N_LOTS as f64;
    let slack = |it: f64| 4.0 * libm::sqrt(it * (1.0 - it) / N_LOTS as f64);
    assert!(share >= least - slack(least), "{share}, at least {least}");
    assert!(share <= most + slack(most), "{share}, at most {most}");
}

fn claim(sides: Sides, content: f64, confidence: f64) -> ToleranceClaim {
    ToleranceClaim {
        sides,
        content,
        confidence,
    }
}

#[test]
fn normal_intervals_hold_their_content() {
    for (seed, sides, n, content, confidence) in [
        (1, Sides::Both, 5, 0.9, 0.9),
        (2, Sides::Both, 30, 0.95, 0.95),
        (3, Sides::Lower, 10, 0.95, 0.9),
        (4, Sides::Upper, 20, 0.99, 0.75),
    ] {
        // The factor is of n alone; `normal_tolerance_interval` applies it as here.
        let factor = match sides {
            Sides::Both => two_sided_factor(n, content, confidence),
            Sides::Lower | Sides::Upper => one_sided_factor(n, content, confidence),
        };
        let held = lots(seed, n).filter(|values| {
            let it = moments(values).unwrap();
            let reach = factor * it.standard_deviation;
            let below = normal::cdf(it.mean - reach);
            let above = normal::sf(it.mean + reach);
            let inside = match sides {
                Sides::Both => 1.0 - below - above,
                Sides::Lower => 1.0 - below,
                Sides::Upper => 1.0 - above,
            };
            inside >= content
        });
        check_share(held.count(), confidence, confidence);
    }
}

#[test]
fn equal_tailed_factor_bounds_both_tails() {
    let factor = equal_tailed_factor(15, 0.9, 0.9);
    let held = lots(5, 15).filter(|values| {
        let it = moments(values).unwrap();
        let reach = factor * it.standard_deviation;
        normal::cdf(it.mean - reach) <= 0.05 && normal::sf(it.mean + reach) <= 0.05
    });
    check_share(held.count(), 0.9, 0.9);
}

#[test]
fn order_statistics_attain_what_they_say() {
    for (seed, sides, n) in [(6, Sides::Both, 100), (7, Sides::Lower, 60)] {
        let claim = claim(sides, 0.95, 0.9);
        let attained = tolerance::order_trim(n, claim).unwrap().1;
        let held = lots(seed, n).filter(|values| {
            // Any continuous distribution will do: of exponentials, share below x is 1 − e^−x.
            let skewed: Vec<f64> = values
                .iter()
                .map(|it| -libm::log(normal::sf(*it)))
                .collect();
            let interval = order_tolerance_interval(&skewed, claim, 0.0).unwrap();
            let below = interval.lower.map_or(0.0, |it| -libm::expm1(-it));
            let above = interval.upper.map_or(0.0, |it| libm::exp(-it));
            1.0 - below - above >= 0.95
        });
        check_share(held.count(), attained, attained);
    }
}

#[test]
fn bound_of_ppk_is_exact_on_one_side_and_safe_on_two() {
    let bound_holds = |seed, limits: Limits, truth: f64| {
        let held = lots(seed, 20).filter(|values| {
            let (_, it) = performance(values, limits).unwrap();
            one_sided_lower_bound(it.least, 20, 0.95).unwrap() <= truth
        });
        held.count()
    };
    let upper = Limits {
        lower: None,
        upper: Some(4.0),
    };
    check_share(bound_holds(8, upper, 4.0 / 3.0), 0.95, 0.95);
    let both = Limits {
        lower: Some(-4.0),
        upper: Some(4.0),
    };
    check_share(bound_holds(9, both, 4.0 / 3.0), 0.95, 1.0);
}

#[test]
fn anderson_darling_doubts_one_normal_lot_in_twenty() {
    let held = lots(10, 30)
        .filter(|values| rig_stats::normality::anderson_darling(values).unwrap().p >= 0.05);
    // The polynomials are fits.
    check_share(held.count(), 0.945, 0.955);
}

#[test]
fn shapiro_wilk_doubts_one_normal_lot_in_twenty() {
    let held =
        lots(11, 30).filter(|values| rig_stats::normality::shapiro_wilk(values).unwrap().p >= 0.05);
    check_share(held.count(), 0.945, 0.955);
}
