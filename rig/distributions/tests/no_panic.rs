//! Whatever the arguments, there is an answer, and a probability is one.

use proptest::prelude::*;
use rig_distributions::{
    beta, binomial, chi_squared, fisher_f, gamma, hypergeometric, noncentral_chi_squared,
    noncentral_t, normal, poisson, student_t,
};

/// Numbers of every size, and those that are none.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0f64,
        0.0..1.0f64,
        0.0..1e4f64,
        (-300.0..300.0f64).prop_map(|it| 10f64.powf(it)),
        prop::sample::select(vec![
            0.0,
            -0.0,
            0.5,
            1.0,
            2.0,
            1e-320,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY
        ]),
    ]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..20u64, 0..100_000u64]
}

fn is_probability(p: f64) -> bool {
    p.is_nan() || (0.0..=1.0).contains(&p)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn probabilities_of_one_and_two_parameters(x in number(), a in number(), b in number()) {
        for p in [
            normal::cdf(x), normal::sf(x), gamma::lower(a, x), gamma::upper(a, x),
            beta::regularized(x, a, b), beta::complement(x, a, b),
            chi_squared::cdf(x, a), chi_squared::sf(x, a), student_t::cdf(x, a),
            student_t::sf(x, a), fisher_f::cdf(x, a, b), fisher_f::sf(x, a, b),
        ] {
            prop_assert!(is_probability(p), "{p}");
        }
        for density in [
            normal::pdf(x), chi_squared::pdf(x, a), student_t::pdf(x, a), fisher_f::pdf(x, a, b),
        ] {
            prop_assert!(density.is_nan() || density >= 0.0, "{density}");
        }
        let _ = (gamma::ln_gamma(x), beta::ln_beta(a, b));
    }

    #[test]
    fn quantiles_of_one_and_two_parameters(p in number(), a in number(), b in number()) {
        let answers = [
            normal::quantile(p), normal::upper_quantile(p), normal::central_quantile(p),
            gamma::inverse_lower(a, p), gamma::inverse_upper(a, p), beta::inverse(p, a, b),
            beta::inverse_complement(p, a, b), chi_squared::quantile(p, a),
            chi_squared::upper_quantile(p, a), student_t::quantile(p, a),
            student_t::upper_quantile(p, a), student_t::central_quantile(p, a),
            fisher_f::quantile(p, a, b), fisher_f::upper_quantile(p, a, b),
        ];
        if !(0.0..=1.0).contains(&p) {
            prop_assert!(answers.iter().all(|it| it.is_nan()), "{answers:?}");
        }
    }

    #[test]
    fn noncentral_ones(x in number(), dof in number(), delta in number(), p in number()) {
        for p in [
            noncentral_t::cdf(x, dof, delta), noncentral_t::sf(x, dof, delta),
            noncentral_chi_squared::cdf(x, dof, delta), noncentral_chi_squared::sf(x, dof, delta),
        ] {
            prop_assert!(is_probability(p), "{p}");
        }
        if !(0.0..=1.0).contains(&p) {
            prop_assert!(noncentral_t::quantile(p, dof, delta).is_nan());
            prop_assert!(noncentral_chi_squared::upper_quantile(p, dof, delta).is_nan());
        }
    }

    #[test]
    fn counts(k in count(), n in count(), d in count(), m in count(), p in number()) {
        for p in [
            binomial::pmf(k, n, p), binomial::cdf(k, n, p), binomial::sf(k, n, p),
            poisson::pmf(k, p), poisson::cdf(k, p), poisson::sf(k, p),
            hypergeometric::pmf(k, n, d, m), hypergeometric::cdf(k, n, d, m),
            hypergeometric::sf(k, n, d, m),
        ] {
            prop_assert!(is_probability(p), "{p}");
        }
    }

    /// Both tails are integrals, or sums, of their own.
    #[test]
    fn noncentral_tails_are_whole(
        log_dof in -1.0..6.0f64, delta in -120.0..120.0f64, z in -8.0..8.0f64, log_x in -3.0..5.0f64,
    ) {
        let dof = 10f64.powf(log_dof);
        let is_whole = |lower: f64, upper: f64| (lower + upper - 1.0).abs() < 1e-12;
        let t = delta + z * libm::sqrt(1.0 + delta * delta / dof);
        for t in [t, 10.0 * t, delta / 3.0] {
            let (lower, upper) = (noncentral_t::cdf(t, dof, delta), noncentral_t::sf(t, dof, delta));
            prop_assert!(is_whole(lower, upper), "{t}: {lower} {upper}");
        }
        let (x, lambda) = (10f64.powf(log_x), delta * delta);
        let lower = noncentral_chi_squared::cdf(x, dof, lambda);
        let upper = noncentral_chi_squared::sf(x, dof, lambda);
        prop_assert!(is_whole(lower, upper), "{lower} {upper}");
    }

    #[test]
    fn a_quantile_leaves_its_share(
        p in 1e-12..1.0f64, dof in 0.3..2000.0f64, other in 0.3..2000.0f64, delta in -40.0..40.0f64,
    ) {
        let near = |share: f64| (share / p - 1.0).abs() < 1e-10;
        prop_assert!(near(normal::cdf(normal::quantile(p))));
        prop_assert!(near(chi_squared::cdf(chi_squared::quantile(p, dof), dof)));
        prop_assert!(near(student_t::cdf(student_t::quantile(p, dof), dof)));
        prop_assert!(near(fisher_f::cdf(fisher_f::quantile(p, dof, other), dof, other)));
        let t = noncentral_t::quantile(p, dof, delta);
        prop_assert!(near(noncentral_t::cdf(t, dof, delta)), "{t}");
    }
}

proptest! {
    // Quantiles beyond the range of floating-point numbers are sought for seconds.
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn noncentral_quantiles(p in number(), dof in number(), delta in number()) {
        let t = noncentral_t::quantile(p, dof, delta);
        let x = noncentral_chi_squared::upper_quantile(p, dof, delta);
        prop_assert!(x.is_nan() || x >= 0.0, "{t} {x}");
    }
}
