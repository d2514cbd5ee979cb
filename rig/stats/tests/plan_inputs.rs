//! Questions without an answer, and the ends of the ranges.

use rig_stats::acceptance::{
    Aql, AttributesPlan, CodeLetter, Limits, Normality, Quality, QualityError, SearchError,
    SequentialTest, Spread, TruncatedTest, TruncationError, TwoPoints, VariablesError,
    VariablesPlan, acceptance_probability, average_total_inspection, course,
    curtailed_sample_number, outgoing_quality_limit, scheme_characteristic, smallest_lot_plan,
    smallest_single_plan, smallest_variables_plan, zero_acceptance_plan,
};

const BAD: [f64; 5] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, 1.1];

#[test]
fn a_quality_that_is_none_has_no_characteristic() {
    let plan = AttributesPlan::single(20, 1).unwrap();
    for p in BAD {
        let quality = Quality::Process { p };
        assert_eq!(
            acceptance_probability(&plan, quality),
            Err(QualityError::NotAShare)
        );
        assert!(curtailed_sample_number(&plan, p).is_err());
        assert!(average_total_inspection(&plan, 100, p).is_err());
        assert!(scheme_characteristic(&plan, &plan, quality).is_err());
    }
    for per_unit in [f64::NAN, f64::INFINITY, -0.1] {
        assert_eq!(
            acceptance_probability(&plan, Quality::Rate { per_unit }),
            Err(QualityError::NotARate)
        );
    }
    let lot = |size, nonconforming| {
        acceptance_probability(
            &plan,
            Quality::Lot {
                size,
                nonconforming,
            },
        )
    };
    assert_eq!(
        lot(30, 31),
        Err(QualityError::MoreThanAll {
            nonconforming: 31,
            size: 30
        })
    );
    assert_eq!(
        lot(19, 0),
        Err(QualityError::LotTooSmall {
            size: 19,
            wanted: 20
        })
    );
    assert!(outgoing_quality_limit(&plan, 19).is_err());
}

#[test]
fn perfect_and_hopeless_lots_are_certain() {
    let plan = AttributesPlan::double([13, 13], (0, 2), (1, 2)).unwrap();
    let accepted = |quality| acceptance_probability(&plan, quality).unwrap();
    assert_eq!(accepted(Quality::Process { p: 0.0 }), 1.0);
    assert_eq!(accepted(Quality::Process { p: 1.0 }), 0.0);
    assert_eq!(accepted(Quality::Rate { per_unit: 0.0 }), 1.0);
    let lot = |nonconforming| Quality::Lot {
        size: 26,
        nonconforming,
    };
    assert_eq!(accepted(lot(0)), 1.0);
    assert_eq!(accepted(lot(26)), 0.0);
    // A census of 26 with 1: found for certain, and accepted by the second sample's Ac 1.
    assert!((accepted(lot(1)) - 1.0).abs() < 1e-14);
    let perfect = course(&plan, Quality::Process { p: 0.0 }).unwrap();
    assert_eq!(perfect.average_sample_number(), 13.0);
}

#[test]
fn points_that_no_curve_has_are_refused() {
    for (p1, alpha, p2, beta) in [
        (0.1, 0.05, 0.1, 0.1),
        (0.2, 0.05, 0.1, 0.1),
        (0.0, 0.05, 0.1, 0.1),
        (0.01, 0.0, 0.1, 0.1),
        (0.01, 0.05, 1.0, 0.1),
        (0.01, 0.6, 0.1, 0.4),
        (f64::NAN, 0.05, 0.1, 0.1),
        (0.01, f64::NAN, 0.1, 0.1),
        (0.01, 0.05, f64::INFINITY, 0.1),
        (0.01, 0.05, 0.1, -0.1),
    ] {
        assert_eq!(
            TwoPoints::new(p1, alpha, p2, beta),
            Err(SearchError::Points),
            "{p1} {alpha} {p2} {beta}"
        );
    }
}

#[test]
fn searches_end() {
    let single = TwoPoints::new(0.01, 0.05, 0.95, 0.10).unwrap();
    assert_eq!(
        smallest_single_plan(single).unwrap().to_string(),
        "n 1, Ac 0, Re 1"
    );
    // Points that lie too close together for ten million units.
    let close = TwoPoints::new(1e-9, 0.05, 1.1e-9, 0.05).unwrap();
    assert!(matches!(
        smallest_single_plan(close),
        Err(SearchError::NoPlan { .. })
    ));
    // A census tells 5 from 6 of 100.
    let lot = TwoPoints::new(0.05, 0.01, 0.06, 0.01).unwrap();
    let plan = smallest_lot_plan(lot, 100).unwrap();
    assert!(plan.largest_sample() <= 100);
    assert_eq!(plan.stages()[0].accept, Some(5));
    let variables = TwoPoints::new(0.01, 0.05, 0.9, 0.10).unwrap();
    assert_eq!(
        smallest_variables_plan(variables, Spread::Unknown)
            .unwrap()
            .n(),
        3
    );
}

#[test]
fn isolated_lots_without_sense_are_refused() {
    for (lot_size, limiting, beta) in [
        (0, 0.1, 0.1),
        (100, 0.0, 0.1),
        (100, 1.0, 0.1),
        (100, f64::NAN, 0.1),
        (100, 0.1, 0.0),
        (100, 0.1, f64::NAN),
    ] {
        assert!(
            zero_acceptance_plan(lot_size, limiting, beta).is_err(),
            "{lot_size} {limiting} {beta}"
        );
    }
    // One unit of one.
    assert_eq!(
        zero_acceptance_plan(1, 0.5, 0.1).unwrap().largest_sample(),
        1
    );
}

#[test]
fn a_sequential_test_ends_where_it_can() {
    let test = SequentialTest::new(TwoPoints::new(0.01, 0.05, 0.10, 0.10).unwrap());
    assert_eq!(
        TruncatedTest::new(test, 23),
        Err(TruncationError::TooEarly {
            most: 23,
            fewest: 24
        })
    );
    assert!(matches!(
        TruncatedTest::new(test, 100_001),
        Err(TruncationError::TooLong { .. })
    ));
    let truncated = TruncatedTest::new(test, 60).unwrap();
    for p in BAD {
        assert_eq!(truncated.characteristic(p), None);
    }
    let hopeless = truncated.characteristic(1.0).unwrap();
    assert_eq!(
        (hopeless.accept, hopeless.average_sample_number),
        (0.0, 2.0)
    );
}

/// Truncation costs little: the exact risks stay near those that the lines were drawn for.
#[test]
fn a_long_sequential_test_keeps_its_risks() {
    let points = TwoPoints::new(0.01, 0.05, 0.10, 0.10).unwrap();
    let truncated = TruncatedTest::new(SequentialTest::new(points), 300).unwrap();
    let at = |p| truncated.characteristic(p).unwrap();
    // Wald: true risks are together no larger than wanted, since the lines are overshot.
    let (alpha, beta) = (at(0.01).reject, at(0.10).accept);
    assert!(alpha + beta <= 0.15, "{alpha} {beta}");
    assert!(at(0.01).truncated < 1e-3);
    assert!(at(0.01).average_sample_number < 52.0);
}

#[test]
fn variables_plans_without_sense_are_refused() {
    assert_eq!(
        VariablesPlan::new(2, 1.5, Spread::Unknown),
        Err(VariablesError::TooFewUnits { least: 3, n: 2 })
    );
    assert!(VariablesPlan::new(1, 1.5, Spread::Known(1.0)).is_err());
    assert_eq!(
        VariablesPlan::new(5, f64::NAN, Spread::Unknown),
        Err(VariablesError::BadConstant)
    );
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(VariablesPlan::new(5, 1.5, Spread::Known(sigma)).is_err());
    }
    for share in [0.0, 1.0, f64::NAN] {
        assert!(VariablesPlan::from_share(5, share, Spread::Unknown).is_err());
    }
    let plan = VariablesPlan::new(5, 1.5, Spread::Unknown).unwrap();
    for p in BAD {
        assert_eq!(
            plan.acceptance_probability(p),
            Err(VariablesError::NotAShare)
        );
    }
    assert_eq!(plan.acceptance_probability(0.0), Ok(1.0));
    assert_eq!(plan.acceptance_probability(1.0), Ok(0.0));
    let decide = |values: &[f64], lower, upper| {
        plan.decide(values, Limits { lower, upper }, Normality::Assumed)
    };
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    assert_eq!(
        decide(&values, None, None).unwrap_err(),
        VariablesError::NoLimit
    );
    assert_eq!(
        decide(&values, Some(5.0), Some(5.0)).unwrap_err(),
        VariablesError::LimitsCrossed
    );
    assert!(decide(&[], Some(0.0), None).is_err());
    assert!(decide(&[1.0; 5], Some(0.0), None).is_err());
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(decide(&[1.0, 2.0, 3.0, 4.0, bad], Some(0.0), None).is_err());
        assert!(decide(&values, Some(bad), None).is_err());
    }
}

/// M and k are two ways of saying the same, and form 2 with one limit is form 1.
#[test]
fn share_and_constant_are_inverse() {
    for n in [3, 4, 5, 10, 50, 200] {
        for spread in [Spread::Unknown, Spread::Known(2.5)] {
            for k in [0.2, 0.9, 1.1] {
                let plan = VariablesPlan::new(n, k, spread).unwrap();
                let back = VariablesPlan::from_share(n, plan.largest_share(), spread).unwrap();
                assert!((back.k() - k).abs() < 1e-12, "{n} {k} {}", back.k());
            }
        }
    }
}

#[test]
fn letters_and_aqls_are_read_as_printed_or_not_at_all() {
    for text in ["", "0", "-1", "1,5", "0.0001", "x", "4294968"] {
        assert_eq!(Aql::parse(text), None, "{text}");
    }
    assert_eq!(Aql::parse("1.0"), Aql::parse("1"));
    assert_eq!(
        Aql::parse("0.065").map(|it| it.to_string()),
        Some("0.065".to_owned())
    );
    for text in ["", "a", "O", "T", "AB", "1"] {
        assert_eq!(CodeLetter::parse(text), None, "{text}");
    }
}
