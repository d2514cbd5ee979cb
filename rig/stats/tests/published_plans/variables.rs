//! Variables plans.

use crate::case::Standing::{Recalled, Seen};
use crate::case::Value::{Number, Words};
use crate::case::{Case, Value};
use rig_stats::acceptance::{
    Aql, Inspection, Level, Limits, Normality, Spread, TwoPoints, VariablesPlan, VariablesTable,
    smallest_variables_plan,
};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

cases!(
    r_s_method_curve,
    r_find_plan_known,
    r_find_plan_unknown,
    jasp_find_plans,
    jasp_sigma_method_curve,
    jasp_s_method_curve,
    jasp_s_method_curve_of_a_found_plan,
    jasp_assess,
    jasp_upper_limit,
    jasp_lower_limit,
    jasp_both_limits,
    z19_constant,
    mil_std_414_example_b1,
    mil_std_414_estimates,
    lawson_estimates,
);

const MANUAL: &str = "R AcceptanceSampling manual";
const JASP: &str = "jaspAcceptanceSampling, expected tables of its tests";

fn seen(statistic: &'static str, source: &'static str, values: Vec<Value>) -> Case {
    Case {
        statistic,
        source,
        standing: Seen,
        values,
        note: "",
    }
}

fn s_method(n: u32, k: f64) -> Result<VariablesPlan> {
    Ok(VariablesPlan::new(n, k, Spread::Unknown)?)
}

fn sigma_method(n: u32, k: f64) -> Result<VariablesPlan> {
    Ok(VariablesPlan::new(n, k, Spread::Known(1.0))?)
}

fn curve(plan: VariablesPlan, printed: &[(f64, &'static str)]) -> Result<Vec<Value>> {
    printed
        .iter()
        .map(|&(p, text)| Ok(Number(text, plan.acceptance_probability(p)?, None)))
        .collect()
}

fn r_s_method_curve() -> Result<Case> {
    let printed = [
        (0.00, "1.000000e+00"),
        (0.01, "9.416725e-01"),
        (0.02, "7.360680e-01"),
        (0.03, "5.107794e-01"),
        (0.04, "3.326100e-01"),
        (0.05, "2.089206e-01"),
        (0.06, "1.283903e-01"),
        (0.07, "7.779904e-02"),
        (0.08, "4.669480e-02"),
        (0.09, "2.783519e-02"),
        (0.10, "1.650732e-02"),
        (0.11, "9.749136e-03"),
        (0.12, "5.737716e-03"),
        (0.13, "3.366350e-03"),
    ];
    Ok(seen(
        "Pa, p 0 to 0.13; s-method, n 35, k 1.89",
        MANUAL,
        curve(s_method(35, 1.89)?, &printed)?,
    ))
}

fn points(p1: f64, alpha: f64, p2: f64, beta: f64) -> Result<TwoPoints> {
    Ok(TwoPoints::new(p1, alpha, p2, beta)?)
}

fn r_find_plan_known() -> Result<Case> {
    let plan = smallest_variables_plan(points(0.05, 0.05, 0.15, 0.075)?, Spread::Known(1.0))?;
    Ok(seen(
        "smallest sigma-method plan, n and k; p 0.05, 0.05; p 0.15, 0.075",
        MANUAL,
        vec![
            Words("26", plan.n().to_string()),
            Number("1.322271", plan.k(), None),
        ],
    ))
}

fn r_find_plan_unknown() -> Result<Case> {
    let plan = smallest_variables_plan(points(0.05, 0.05, 0.15, 0.075)?, Spread::Unknown)?;
    Ok(Case {
        statistic: "smallest s-method plan, n and k; p 0.05, 0.05; p 0.15, 0.075",
        source: MANUAL,
        standing: Seen,
        values: vec![
            Words("49", plan.n().to_string()),
            Number("1.326562", plan.k(), Some(3e-5)),
            Number("1.326538", plan.k(), Some(3e-5)),
        ],
        note: "3e-5: k is printed twice, 2.4e-5 apart; SciPy agrees with ours to 1e-10",
    })
}

fn jasp_find_plans() -> Result<Case> {
    let points = points(0.05, 0.05, 0.15, 0.10)?;
    let known = smallest_variables_plan(points, Spread::Known(1.0))?;
    let unknown = smallest_variables_plan(points, Spread::Unknown)?;
    Ok(seen(
        "smallest sigma-method and s-method plan, n and k; p 0.05, 0.05; p 0.15, 0.10",
        JASP,
        vec![
            Words("24", known.n().to_string()),
            Number("1.309", known.k(), None),
            Words("44", unknown.n().to_string()),
            Number("1.311", unknown.k(), None),
        ],
    ))
}

fn jasp_sigma_method_curve() -> Result<Case> {
    let printed = [
        (0.20, "0.3617"),
        (0.25, "0.2600"),
        (0.30, "0.1831"),
        (0.35, "0.1262"),
        (0.40, "0.0849"),
        (0.45, "0.0555"),
        (0.50, "0.0350"),
        (0.55, "0.0212"),
        (0.60, "0.0122"),
        (0.65, "0.0066"),
        (0.70, "0.0033"),
        (0.75, "0.0014"),
        (0.80, "0.0005"),
    ];
    Ok(seen(
        "Pa, p 0.20 to 0.80; sigma-method, n 3, k 1.046",
        JASP,
        curve(sigma_method(3, 1.046)?, &printed)?,
    ))
}

fn jasp_s_method_curve() -> Result<Case> {
    let printed = [
        (0.20, "0.4664"),
        (0.25, "0.3786"),
        (0.30, "0.3036"),
        (0.35, "0.2401"),
        (0.40, "0.1867"),
        (0.45, "0.1423"),
        (0.50, "0.1059"),
        (0.55, "0.0764"),
        (0.60, "0.0532"),
        (0.65, "0.0353"),
        (0.70, "0.0221"),
        (0.75, "0.0127"),
        (0.80, "0.0064"),
    ];
    Ok(seen(
        "Pa, p 0.20 to 0.80; s-method, n 3, k 1.046",
        JASP,
        curve(s_method(3, 1.046)?, &printed)?,
    ))
}

fn jasp_s_method_curve_of_a_found_plan() -> Result<Case> {
    let plan = smallest_variables_plan(points(0.05, 0.15, 0.35, 0.20)?, Spread::Unknown)?;
    let printed = [
        (0.05, "0.85"),
        (0.20, "0.4276"),
        (0.25, "0.3283"),
        (0.30, "0.2475"),
        (0.35, "0.1827"),
        (0.40, "0.1317"),
        (0.45, "0.0923"),
        (0.50, "0.0625"),
        (0.55, "0.0407"),
        (0.60, "0.0252"),
        (0.65, "0.0147"),
        (0.70, "0.0079"),
        (0.75, "0.0038"),
        (0.80, "0.0015"),
    ];
    Ok(seen(
        "Pa, p 0.05 and 0.20 to 0.80; smallest s-method plan for p 0.05, 0.15; p 0.35, 0.20",
        JASP,
        curve(plan, &printed)?,
    ))
}

fn jasp_assess() -> Result<Case> {
    Ok(seen(
        "Pa, p 0.09; sigma-method and s-method, n 6, k 0.789",
        JASP,
        vec![
            Number(
                "0.9117",
                sigma_method(6, 0.789)?.acceptance_probability(0.09)?,
                None,
            ),
            Number(
                "0.8921",
                s_method(6, 0.789)?.acceptance_probability(0.09)?,
                None,
            ),
        ],
    ))
}

fn word(accepts: bool) -> String {
    if accepts { "accept" } else { "reject" }.to_owned()
}

/// Q of the limits and the decision, as the tables of JASP have them.
fn decided(
    plan: VariablesPlan,
    sample: (f64, f64),
    limits: (Option<f64>, Option<f64>),
) -> Result<(Option<f64>, Option<f64>, String)> {
    let limits = Limits {
        lower: limits.0,
        upper: limits.1,
    };
    let decision = plan.decide_summary(sample.0, sample.1, limits, Normality::Assumed)?;
    Ok((decision.q_lower, decision.q_upper, word(decision.accepts())))
}

fn jasp_upper_limit() -> Result<Case> {
    let sample = (172.3, 23.7);
    let known = VariablesPlan::new(125, 2.5, Spread::Known(19.5))?;
    let mut values = Vec::new();
    for (plan, limit, printed, verdict) in [
        (s_method(125, 2.5)?, 230.0, "2.435", "reject"),
        (s_method(125, 2.5)?, 232.0, "2.519", "accept"),
        (known, 221.0, "2.497", "reject"),
        (known, 222.0, "2.549", "accept"),
    ] {
        let (_, q, decision) = decided(plan, sample, (None, Some(limit)))?;
        values.push(Number(printed, q.ok_or("a Q")?, None));
        values.push(Words(verdict, decision));
    }
    Ok(seen(
        "Q and decision, n 125, k 2.5, mean 172.3; s 23.7, U 230 and 232; sigma 19.5, U 221 and 222",
        JASP,
        values,
    ))
}

fn jasp_lower_limit() -> Result<Case> {
    let (q, _, decision) = decided(s_method(24, 1.309)?, (1.5, 1.0), (Some(0.1), None))?;
    Ok(seen(
        "Q and decision, n 24, k 1.309, mean 1.5, s 1, L 0.1",
        JASP,
        vec![
            Number("1.4", q.ok_or("a Q")?, None),
            Words("accept", decision),
        ],
    ))
}

fn jasp_both_limits() -> Result<Case> {
    let mut values = Vec::new();
    for (lower, printed, verdict) in [(17.0, "2.04", "reject"), (16.0, "2.152", "accept")] {
        let limits = (Some(lower), Some(60.0));
        let (low, high, decision) = decided(s_method(785, 2.0)?, (35.2, 8.92), limits)?;
        values.push(Number(printed, low.ok_or("a Q")?, None));
        values.push(Number("2.78", high.ok_or("a Q")?, None));
        values.push(Words(verdict, decision));
    }
    Ok(seen(
        "Q and decision, n 785, k 2, mean 35.2, s 8.92, L 17 and 16, U 60",
        JASP,
        values,
    ))
}

fn z19_constant() -> Result<Case> {
    let table = VariablesTable::mil_std_414().map_err(|it| format!("{it:?}"))?;
    let aql = Aql::parse("1.5").ok_or("an AQL")?;
    let found = table
        .find(5_000, Level::II, aql, Inspection::Normal)
        .ok_or("a plan")?;
    Ok(seen(
        "s-method plan for a lot of 5,000, level II, AQL 1.5, normal: n, k, M",
        "R AQLSchemes vignette (Z1.9)",
        vec![
            Words("75", found.plan.n().to_string()),
            Number("1.84097", found.plan.k(), None),
            Number("0.0317", found.largest_share, None),
        ],
    ))
}

const BULBS: [f64; 5] = [197.0, 188.0, 184.0, 205.0, 201.0];

fn mil_std_414_example_b1() -> Result<Case> {
    let limits = Limits {
        lower: None,
        upper: Some(209.0),
    };
    let decision = s_method(5, 1.53)?.decide(&BULBS, limits, Normality::Assumed)?;
    Ok(Case {
        statistic: "mean, Q, decision: 197 188 184 205 201, U 209, n 5, k 1.53",
        source: "MIL-STD-414, example B-1 (data also in R AQLSchemes, EPn)",
        standing: Recalled,
        values: vec![
            Number("195", decision.mean, None),
            Number("1.59", decision.q_upper.ok_or("a Q")?, None),
            Words("accept", word(decision.accepts())),
        ],
        note: "",
    })
}

fn mil_std_414_estimates() -> Result<Case> {
    let plan = s_method(5, 1.53)?;
    Ok(Case {
        statistic: "estimated share in percent beyond limits at Q 1.59 and 1.70, n 5, and both",
        source: "MIL-STD-414, examples B-3 and B-4",
        standing: Recalled,
        values: vec![
            Number("2.19", 100.0 * plan.estimated_share(1.59), None),
            Number("0.66", 100.0 * plan.estimated_share(1.70), None),
            Number(
                "2.85",
                100.0 * (plan.estimated_share(1.59) + plan.estimated_share(1.70)),
                None,
            ),
        ],
        note: "",
    })
}

fn lawson_estimates() -> Result<Case> {
    let plan = s_method(42, 1.905_285)?;
    Ok(Case {
        statistic: "estimated share at Q 2, and M of k 1.905285; s-method, n 42",
        source: "Lawson, An Introduction to Acceptance Sampling and SPC with R",
        standing: Recalled,
        values: vec![
            Number("0.02069563", plan.estimated_share(2.0), None),
            Number("0.02630455", plan.largest_share(), None),
        ],
        note: "",
    })
}
