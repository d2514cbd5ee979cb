//! Dispositions by chosen rules: what the units showed against what the rule may say.

use rig_stats::acceptance::{
    AttributesPlan, DrawnUnit, Limits, LotRule, Normality, RuleDisposition, SequentialTest, Spread,
    Stage, TruncatedTest, TwoPoints, UnitFinding, VariablesPlan, dispose,
};
use std::error::Error;

/// Units by letters: `p` pass, `i` inconclusive, `f` fail, `-` not run; a capital was measured twice.
fn units(letters: &str) -> Vec<DrawnUnit> {
    letters
        .chars()
        .enumerate()
        .map(|(idx, letter)| DrawnUnit {
            serial: format!("SN{idx:04}"),
            finding: match letter.to_ascii_lowercase() {
                'i' => UnitFinding::Inconclusive,
                'f' => UnitFinding::Nonconforming,
                '-' => UnitFinding::NotRun,
                _ => UnitFinding::Conforming,
            },
            attempts: 1 + u32::from(letter.is_ascii_uppercase()),
            remeasured: letter.is_ascii_uppercase(),
            value: None,
        })
        .collect()
}

fn says(rule: &LotRule, letters: &str) -> String {
    let result = dispose(rule, &units(letters));
    format!("{}: {}", result.disposition, result.because)
}

fn double() -> Result<LotRule, Box<dyn Error>> {
    Ok(LotRule::Attributes {
        plan: AttributesPlan::double([3, 3], (0, 2), (1, 2))?,
        lot_size: Some(100),
    })
}

#[test]
fn a_double_plan_says_what_the_units_allow() {
    let rule = double().unwrap();
    let check = |letters, expected: &str| assert_eq!(says(&rule, letters), expected, "{letters}");
    check(
        "ppp",
        "meets plan: 0 nonconforming, 0 inconclusive of 3 units, 3 attempts: sample 1 of 2, 0 \
         counted, Ac 0 not exceeded",
    );
    check(
        "ppf",
        "go on sampling, 3 more: 1 nonconforming, 0 inconclusive of 3 units, 3 attempts: sample 2 of \
         2 wants 6 units",
    );
    check(
        "ppfPpp",
        "meets plan: 1 nonconforming, 0 inconclusive of 6 units, 7 attempts, 1 measured again: \
         sample 2 of 2, 1 counted, Ac 1 not exceeded",
    );
    check(
        "ff",
        "does not meet plan: 2 nonconforming, 0 inconclusive of 2 units, 2 attempts: sample 1 of 2, \
         Re 2 reached",
    );
    // An inconclusive unit counts where the plan would accept, and is no fail where it would not.
    check(
        "ppippp",
        "meets plan: 0 nonconforming, 1 inconclusive of 6 units, 6 attempts: sample 2 of 2, 1 \
         counted, Ac 1 not exceeded",
    );
    check(
        "pii",
        "held: 0 nonconforming, 2 inconclusive of 3 units, 3 attempts: sample 1 of 2, 2 counted; Re 2 \
         is reached with inconclusive units only",
    );
    check(
        "pp-",
        "held: 0 nonconforming, 0 inconclusive of 3 units, 3 attempts: sample 1 of 2, not run: SN0002",
    );
    check(
        "",
        "go on sampling, 3 more: 0 nonconforming, 0 inconclusive of 0 units, 0 attempts: sample 1 of \
         2 wants 3 units",
    );
    // A fail beyond the sample is not counted, and not passed over.
    check(
        "pppf",
        "held: 0 nonconforming, 0 inconclusive of 3 units, 3 attempts: sample 1 of 2, 0 counted, Ac 0 \
         not exceeded; but beyond the sample, nonconforming: SN0003",
    );
}

#[test]
fn a_lot_smaller_than_its_sample_is_inspected_whole() {
    let rule = |lot_size| LotRule::Attributes {
        plan: AttributesPlan::single(5, 0).unwrap(),
        lot_size,
    };
    let disposition = |lot_size, letters| dispose(&rule(lot_size), &units(letters)).disposition;
    assert_eq!(disposition(Some(3), "ppp"), RuleDisposition::MeetsPlan);
    assert_eq!(
        disposition(Some(3), "pp"),
        RuleDisposition::GoOn { units: 1 }
    );
    assert_eq!(disposition(Some(3), "pppp"), RuleDisposition::Held);
    assert_eq!(disposition(None, "ppp"), RuleDisposition::GoOn { units: 2 });
}

#[test]
fn a_reduced_plan_accepts_in_its_gap_and_says_so() {
    let plan = AttributesPlan::new(vec![Stage {
        n: 3,
        accept: Some(0),
        reject: 2,
    }])
    .unwrap();
    let rule = LotRule::Attributes {
        plan,
        lot_size: None,
    };
    let said = says(&rule, "ppf");
    assert!(said.starts_with("meets plan"), "{said}");
    assert!(
        said.ends_with("normal inspection for the next lot"),
        "{said}"
    );
}

#[test]
fn zero_failure_wants_every_unit_to_conform() {
    let rule = LotRule::ZeroFailure {
        n: 4,
        confidence: 0.5,
        content: 0.8,
    };
    let disposition = |letters| dispose(&rule, &units(letters)).disposition;
    assert_eq!(disposition("pppp"), RuleDisposition::MeetsPlan);
    assert_eq!(disposition("pppi"), RuleDisposition::Held);
    assert_eq!(disposition("pf"), RuleDisposition::DoesNotMeetPlan);
    assert_eq!(disposition("ppp"), RuleDisposition::GoOn { units: 1 });
    assert_eq!(disposition("p-pp"), RuleDisposition::Held);
}

#[test]
fn a_sequential_test_ends_with_the_unit_that_decides() {
    let points = TwoPoints::new(0.01, 0.05, 0.10, 0.10).unwrap();
    let test = TruncatedTest::new(SequentialTest::new(points), 60).unwrap();
    let rule = LotRule::Sequential(test);
    let result = |letters: &str| dispose(&rule, &units(letters));
    let all = result(&"p".repeat(30));
    assert_eq!(all.disposition, RuleDisposition::MeetsPlan);
    assert_eq!(all.counts.units, 24);
    assert_eq!(all.counts.beyond, 6);
    assert_eq!(
        result(&"p".repeat(23)).disposition,
        RuleDisposition::GoOn { units: 1 }
    );
    assert_eq!(result("ff").disposition, RuleDisposition::DoesNotMeetPlan);
    assert_eq!(result("ii").disposition, RuleDisposition::Held);
    assert_eq!(result("pp-p").disposition, RuleDisposition::Held);
    // One inconclusive unit puts acceptance off as a nonconforming one would.
    let late = result(&format!("i{}", "p".repeat(59)));
    assert_eq!(late.disposition, RuleDisposition::MeetsPlan);
    assert_eq!(late.counts.units, 49);
}

fn measured(values: &[f64], letters: &str) -> Vec<DrawnUnit> {
    let mut units = units(letters);
    for (unit, value) in units.iter_mut().zip(values) {
        unit.value = Some(*value);
    }
    units
}

#[test]
fn a_variables_plan_rests_on_values_and_on_normality() {
    let values = [197.0, 188.0, 184.0, 205.0, 201.0];
    let rule = |upper, normality| LotRule::Variables {
        plan: VariablesPlan::new(5, 1.53, Spread::Unknown).unwrap(),
        limits: Limits {
            lower: None,
            upper: Some(upper),
        },
        normality,
    };
    let good = Normality::NotRejected { p_value: 0.6 };
    let disposition =
        |rule: &LotRule, letters| dispose(rule, &measured(&values, letters)).disposition;
    assert_eq!(
        disposition(&rule(209.0, good), "ppppp"),
        RuleDisposition::MeetsPlan
    );
    assert_eq!(
        disposition(&rule(208.0, good), "ppppp"),
        RuleDisposition::DoesNotMeetPlan
    );
    let bad = Normality::Rejected { p_value: 0.001 };
    assert_eq!(
        disposition(&rule(209.0, bad), "ppppp"),
        RuleDisposition::Held
    );
    assert_eq!(
        disposition(&rule(208.0, bad), "ppppp"),
        RuleDisposition::Held
    );
    // A unit's own verdict holds what the sample's mean would accept.
    assert_eq!(
        disposition(&rule(209.0, good), "ppppf"),
        RuleDisposition::Held
    );
    assert_eq!(
        disposition(&rule(209.0, good), "pppip"),
        RuleDisposition::Held
    );
    assert_eq!(
        disposition(&rule(209.0, good), "ppp-p"),
        RuleDisposition::Held
    );
    assert_eq!(
        disposition(&rule(209.0, good), "ppp"),
        RuleDisposition::GoOn { units: 2 }
    );
    let mut without = measured(&values, "ppppp");
    without[2].value = None;
    assert_eq!(
        dispose(&rule(209.0, good), &without).disposition,
        RuleDisposition::Held
    );
    let same = measured(&[200.0; 5], "ppppp");
    assert_eq!(
        dispose(&rule(209.0, good), &same).disposition,
        RuleDisposition::Held,
        "values without spread"
    );
    let no_number = measured(&[200.0, 201.0, f64::NAN, 199.0, 198.0], "ppppp");
    assert_eq!(
        dispose(&rule(209.0, good), &no_number).disposition,
        RuleDisposition::Held
    );
}

/// Over every sample of six units: worse findings never give a better disposition, and a lot is
/// never accepted with a unit that was not run.
#[test]
fn worse_units_never_help() {
    let rule = double().unwrap();
    let findings = ['p', 'i', 'f', '-'];
    let text = |mut code: usize| -> String {
        (0..6)
            .map(|_| {
                let letter = findings[code % 4];
                code /= 4;
                letter
            })
            .collect()
    };
    // Going on is no worse and no better than being held.
    let rank = |letters: &str| match dispose(&rule, &units(letters)).disposition {
        RuleDisposition::MeetsPlan => 0,
        RuleDisposition::GoOn { .. } | RuleDisposition::Held => 1,
        RuleDisposition::DoesNotMeetPlan => 2,
    };
    for code in 0..4_usize.pow(6) {
        let letters = text(code);
        let before = rank(&letters);
        for idx in 0..6 {
            let worse = match &letters[idx..=idx] {
                "p" => "i",
                "i" => "f",
                _ => continue,
            };
            let mut changed = letters.clone();
            changed.replace_range(idx..=idx, worse);
            let after = rank(&changed);
            assert!(after >= before, "{letters} {before}, {changed} {after}");
        }
        if before == 0 {
            let sample = if letters.starts_with("ppp") { 3 } else { 6 };
            assert!(!letters[..sample].contains('-'), "{letters}");
        }
    }
}
