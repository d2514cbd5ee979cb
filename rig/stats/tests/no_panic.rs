//! Whatever the values, there is an answer or a reason, and never a number that is none.

use proptest::prelude::*;
use rig_stats::capability::Limits;
use rig_stats::tolerance::{
    Sides, ToleranceClaim, normal_tolerance_interval, order_statistics_needed,
    order_tolerance_interval,
};
use rig_stats::{
    Characteristic, ToleranceAlert, attribute, capability, charts, joint_tolerance_alerts,
    lag_1_autocorrelation, moments, normality,
};

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, 1.0, 1e300, -1e300, 1e-310, f64::NAN, f64::INFINITY]),
    ]
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        prop::collection::vec(number(), 0..60),
        prop::collection::vec(-1.0..1.0f64, 0..150),
        (number(), 0..40usize).prop_map(|(value, n)| vec![value; n]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn of_values(values in values(), a in number(), b in number(), c in number()) {
        let _ = moments(&values);
        let _ = lag_1_autocorrelation(&values);
        let _ = normality::shapiro_wilk(&values);
        if let Ok(it) = normality::anderson_darling(&values) {
            prop_assert!((0.0..=1.0).contains(&it.p), "{it:?}");
        }
        let limits = Limits { lower: Some(a), upper: Some(b) };
        for limits in [limits, Limits { lower: None, ..limits }, Limits { upper: None, ..limits }] {
            let _ = capability::performance(&values, limits);
            let alerts = joint_tolerance_alerts(&[
                Characteristic { values: &values, systematic: c.abs(), limits },
            ]);
            for alert in alerts {
                let _ = alert.to_string();
                if let ToleranceAlert::Within { interval, .. } = alert {
                    let ends = interval.lower.into_iter().chain(interval.upper);
                    prop_assert!(ends.into_iter().all(f64::is_finite), "{interval:?}");
                }
            }
        }
        for sides in [Sides::Lower, Sides::Upper, Sides::Both] {
            let claim = ToleranceClaim { sides, content: a, confidence: b };
            let _ = normal_tolerance_interval(&values, claim, c);
            let _ = order_tolerance_interval(&values, claim, c);
            let _ = order_statistics_needed(claim);
        }
        let _ = charts::individuals_charts(&values);
        let _ = charts::mean_and_range_charts(&values.chunks(3).map(<[f64]>::to_vec).collect::<Vec<_>>());
        let _ = charts::cusum(&values, a, b, c, 5.0);
    }

    #[test]
    fn of_counts(k in 0..200u64, n in 0..200u64, a in 0.0..1.2f64, b in 0.0..1.2f64, c in number()) {
        let shares = [
            attribute::failing_share_upper_bound(k, n, a),
            attribute::failing_share_bounds(k, n, a).map(|it| it.lower),
        ];
        for p in shares.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&p), "{p}");
        }
        let _ = attribute::units_needed(a, b, k);
        let _ = attribute::mtbf_test_factor(k, a);
        let size = n as usize;
        let _ = capability::one_sided_lower_bound(c, size, a);
        let _ = capability::observed_index_needed(c, size, a);
        let _ = capability::spread_bounds(c, b, a);
        let _ = capability::bissell_lower_bound(c, size, a);
    }
}
