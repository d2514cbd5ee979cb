//! The lot alert: what it says of lots that are known.

use rig_distributions::normal;
use rig_stats::capability::Limits;
use rig_stats::tolerance::ToleranceMethod;
use rig_stats::{
    Characteristic, NoInterval, StatisticError, ToleranceAlert, joint_tolerance_alerts,
};

/// Limits of DEP-04 in millimetres and of RAT-03 in strokes per second, of the specs' first
/// edition; here only as a realistic case.
const DEPTH: Limits = Limits {
    lower: Some(1.35),
    upper: Some(1.65),
};
const RATE: Limits = Limits {
    lower: Some(110.833),
    upper: Some(122.5),
};

/// `n` values at the middle ranks of a normal lot, in a scrambled order.
fn normal_lot(n: usize, mean: f64, deviation: f64) -> Vec<f64> {
    let score = |i: usize| normal::quantile(((i * 7 % n) as f64 + 0.5) / n as f64);
    (0..n).map(|i| mean + deviation * score(i)).collect()
}

fn of(values: &[f64], systematic: f64, limits: Limits) -> Characteristic<'_> {
    Characteristic {
        values,
        systematic,
        limits,
    }
}

#[test]
fn two_good_characteristics_lie_within_at_a_joint_confidence() {
    let (depth, rate) = (normal_lot(30, 1.5, 0.015), normal_lot(30, 116.667, 0.3));
    let alerts = joint_tolerance_alerts(&[of(&depth, 0.012, DEPTH), of(&rate, 0.05, RATE)]);
    for alert in &alerts {
        assert!(matches!(alert, ToleranceAlert::Within { .. }), "{alert:?}");
        let interval = alert.interval().unwrap();
        // Bonferroni: 97.5 % each.
        assert_eq!(interval.confidence_attained, 0.975);
    }
    // k(30, 0.95, 0.975), of tests/reference.csv; the systematic part is added at each end.
    let interval = alerts[0].interval().unwrap();
    let ToleranceMethod::Normal { factor } = interval.method else {
        panic!("{interval:?}");
    };
    assert!((factor - 2.685_401_579_915_66).abs() < 1e-10, "{factor}");
    let width = interval.upper.unwrap() - interval.lower.unwrap();
    let s = rig_stats::moments(&depth).unwrap().standard_deviation;
    assert!((width - 2.0 * (factor * s + 0.012)).abs() < 1e-12);
    assert_eq!(
        alerts[0].to_string(),
        "95 % of the lot, confidence 97.50 %, n = 30: within the limits; normal with k = 2.6854, \
         normality not doubted (Anderson-Darling p = 1.0000)"
    );
}

#[test]
fn a_wide_lot_reaches_beyond() {
    let wide = normal_lot(30, 1.56, 0.04);
    let alerts = joint_tolerance_alerts(&[of(&wide, 0.0, DEPTH)]);
    let [ToleranceAlert::Beyond { below, above, .. }] = alerts[..] else {
        panic!("{alerts:?}");
    };
    assert_eq!((below, above), (false, true));
    assert!(alerts[0].to_string().contains("above the upper limit"));
    // The systematic uncertainty alone can carry an end beyond its limit.
    let narrow = normal_lot(30, 1.5, 0.015);
    let alerts = joint_tolerance_alerts(&[of(&narrow, 0.12, DEPTH)]);
    assert!(
        alerts[0].to_string().contains("beyond both limits"),
        "{}",
        alerts[0]
    );
}

#[test]
fn a_lot_that_is_not_normal_takes_more_values() {
    let skewed = |n: usize| -> Vec<f64> {
        normal_lot(n, 0.0, 1.0)
            .iter()
            .map(|it| 1.4 + 0.01 * libm::exp(*it))
            .collect()
    };
    let few = skewed(60);
    let alerts = joint_tolerance_alerts(&[of(&few, 0.0, DEPTH), of(&few, 0.0, DEPTH)]);
    let ToleranceAlert::None(NoInterval::TooFewForDistributionFree { needed, got, .. }) = alerts[0]
    else {
        panic!("{alerts:?}");
    };
    assert_eq!((needed, got), (110, 60));
    let many = skewed(400);
    let alerts = joint_tolerance_alerts(&[of(&many, 0.0, DEPTH), of(&many, 0.0, DEPTH)]);
    let interval = alerts[0].interval().unwrap();
    assert!(matches!(
        interval.method,
        ToleranceMethod::OrderStatistics { rank_from_end: 1.. }
    ));
    assert!(interval.confidence_attained >= 0.975);
    assert!(
        alerts[0]
            .to_string()
            .contains("distribution-free from rank"),
        "{}",
        alerts[0]
    );
}

#[test]
fn no_interval_says_why() {
    let none = |values: &[f64], systematic, limits| {
        let alerts = joint_tolerance_alerts(&[of(values, systematic, limits)]);
        let ToleranceAlert::None(why) = alerts[0] else {
            panic!("{alerts:?}");
        };
        why
    };
    let good = normal_lot(30, 1.5, 0.015);
    assert_eq!(
        none(&good[..19], 0.0, DEPTH).to_string(),
        "no tolerance interval: 19 values, at least 20 are needed"
    );
    assert_eq!(none(&[], 0.0, DEPTH), NoInterval::TooFewValues { got: 0 });
    assert_eq!(
        none(&[1.5; 30], 0.0, DEPTH).to_string(),
        "no tolerance interval: all values are equal"
    );
    let mut broken = good.clone();
    broken[7] = f64::NAN;
    assert_eq!(
        none(&broken, 0.0, DEPTH).to_string(),
        "no tolerance interval: value 7 is not a finite number"
    );
    assert!(matches!(
        none(&good, f64::NAN, DEPTH),
        NoInterval::Unusable(StatisticError::Argument { .. })
    ));
    let open = Limits {
        lower: None,
        upper: None,
    };
    assert_eq!(
        none(&good, 0.0, open),
        NoInterval::Unusable(StatisticError::NoLimit)
    );
    let skewed: Vec<f64> = good
        .iter()
        .map(|it| libm::exp(200.0 * (it - 1.5)))
        .collect();
    assert!(
        none(&skewed, 0.0, DEPTH)
            .to_string()
            .contains("normality is doubted")
    );
}

#[test]
fn one_limit_asks_for_one_side() {
    let good = normal_lot(30, 1.5, 0.015);
    let upper = Limits {
        lower: None,
        upper: Some(1.65),
    };
    let alerts = joint_tolerance_alerts(&[of(&good, 0.0, upper)]);
    let interval = alerts[0].interval().unwrap();
    assert!(interval.lower.is_none() && interval.upper.unwrap() < 1.56);
    assert!(joint_tolerance_alerts(&[]).is_empty());
}
