//! Attributes plans: operating characteristics, average numbers, plans found from two points.

use crate::case::Standing::{Recalled, Seen};
use crate::case::Value::{Number, Words};
use crate::case::{Case, Value};
use rig_distributions::hypergeometric;
use rig_stats::acceptance::{
    AttributesPlan, Quality, QualityError, Rectification, Stage, TwoPoints, acceptance_probability,
    average_outgoing_quality, average_total_inspection, course, curtailed_sample_number,
    outgoing_quality_limit, scheme_characteristic, smallest_lot_plan, smallest_single_plan,
};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

cases!(
    sas_hypergeometric,
    sas_binomial,
    sas_double_type_a,
    sas_double_type_b,
    sas_sample_number,
    sas_curtailed_sample_number,
    sas_outgoing_quality,
    nist_single_plan,
    nist_two_points,
    nist_total_inspection,
    r_assess,
    r_find_plan,
    r_find_plan_of_a_scheme,
    tp105_two_points,
    planesmuestra_curve,
    planesmuestra_dodge_romig,
    jasp_lot_assess,
    jasp_find_plan,
    jasp_find_lot_plan,
    jasp_summary_binomial,
    jasp_summary_hypergeometric,
    jasp_six_samples,
    stephens_larson,
    dodge_romig_factors,
);

const SAS: &str = "SAS/QC User's Guide, Functions";
const NIST: &str = "NIST/SEMATECH e-Handbook 6.2.3";
const JASP: &str = "jaspAcceptanceSampling, expected tables of its tests";

fn process(plan: &AttributesPlan, p: f64) -> std::result::Result<f64, QualityError> {
    acceptance_probability(plan, Quality::Process { p })
}

fn lot(plan: &AttributesPlan, size: u32, nonconforming: u32) -> Result<f64> {
    let quality = Quality::Lot {
        size,
        nonconforming,
    };
    Ok(acceptance_probability(plan, quality)?)
}

fn seen(statistic: &'static str, source: &'static str, values: Vec<Value>) -> Case {
    Case {
        statistic,
        source,
        standing: Seen,
        values,
        note: "",
    }
}

fn sas_hypergeometric() -> Result<Case> {
    let plan = AttributesPlan::single(20, 1)?;
    Ok(seen(
        "Pa, lot of 120 with 22 nonconforming; n 20, c 1",
        SAS,
        vec![Number("0.0762970752", lot(&plan, 120, 22)?, None)],
    ))
}

fn sas_binomial() -> Result<Case> {
    let plan = AttributesPlan::single(20, 1)?;
    Ok(seen(
        "Pa, p 0.18; n 20, c 1",
        SAS,
        vec![Number("0.1018322793", process(&plan, 0.18)?, None)],
    ))
}

/// SAS/QC draws the second sample of a lot as if the first were put back; the printed value is that.
/// Exact fractions of the true course give 0.237484307689658564…
fn sas_double_type_a() -> Result<Case> {
    let plan = AttributesPlan::double([50, 100], (1, 4), (3, 4))?;
    let put_back = {
        let first = |d| hypergeometric::pmf(d, 200, 10, 50);
        let second = |most| hypergeometric::cdf(most, 200, 10, 100);
        first(0) + first(1) + first(2) * second(1) + first(3) * second(0)
    };
    Ok(Case {
        statistic: "Pa, lot of 200 with 10 nonconforming; double n 50, 1/4; n 100, 3/4; first as \
                    SAS/QC has it, then from what the first sample left",
        source: "SAS/QC PROBACC2; exact fractions",
        standing: Seen,
        values: vec![
            Number("0.2396723824", put_back, None),
            Number("0.237484307689659", lot(&plan, 200, 10)?, None),
        ],
        note: "the printed value draws the second sample as if the first were put back",
    })
}

fn sas_double() -> std::result::Result<AttributesPlan, rig_stats::acceptance::PlanError> {
    AttributesPlan::double([13, 13], (0, 2), (1, 2))
}

fn sas_double_type_b() -> Result<Case> {
    Ok(seen(
        "Pa, p 0.18; double n 13, 0/2; n 13, 1/2",
        "SAS/QC PROBACC2",
        vec![Number("0.0921738126", process(&sas_double()?, 0.18)?, None)],
    ))
}

fn sas_sample_number() -> Result<Case> {
    let course = course(&sas_double()?, Quality::Process { p: 0.18 })?;
    Ok(seen(
        "ASN, full inspection, p 0.18; double n 13, 0/2; n 13, 1/2",
        "SAS/QC ASN2",
        vec![Number("15.811418112", course.average_sample_number(), None)],
    ))
}

fn sas_curtailed_sample_number() -> Result<Case> {
    let number = curtailed_sample_number(&sas_double()?, 0.18)?;
    Ok(seen(
        "ASN, semi-curtailed, p 0.18; double n 13, 0/2; n 13, 1/2",
        "SAS/QC ASN2",
        vec![Number("14.110408695", number, None)],
    ))
}

fn sas_outgoing_quality() -> Result<Case> {
    let outgoing = |rectification| {
        average_outgoing_quality(&sas_double()?, 120, 0.18, rectification)
            .map_err(Box::<dyn Error>::from)
    };
    Ok(seen(
        "AOQ, lot of 120, p 0.18, removed and replaced; double n 13, 0/2; n 13, 1/2",
        "SAS/QC AOQ2",
        vec![
            Number("0.0148099904", outgoing(Rectification::Removed)?, None),
            Number("0.0144743043", outgoing(Rectification::Replaced)?, None),
        ],
    ))
}

fn nist_single_plan() -> Result<Case> {
    let plan = AttributesPlan::single(52, 3)?;
    let printed = [
        ".998", ".980", ".930", ".845", ".739", ".620", ".502", ".394", ".300", ".223", ".162",
        ".115",
    ];
    let mut values = Vec::new();
    for (percent, printed) in (1..).zip(printed) {
        values.push(Number(
            printed,
            process(&plan, f64::from(percent) / 100.0)?,
            Some(1e-3),
        ));
    }
    Ok(Case {
        statistic: "Pa, p 0.01 to 0.12; n 52, c 3",
        source: NIST,
        standing: Recalled,
        values,
        note: "1e-3: two printed values (.845, .739) are off by one in the last digit",
    })
}

fn nist_two_points() -> Result<Case> {
    let points = TwoPoints::new(0.01, 0.05, 0.10, 0.10)?;
    Ok(Case {
        statistic: "smallest single plan; p 0.01, 0.05; p 0.10, 0.10",
        source: "as the single plan beside NIST/SEMATECH e-Handbook 6.2.6",
        standing: Recalled,
        values: vec![Words(
            "n 52, Ac 2, Re 3",
            smallest_single_plan(points)?.to_string(),
        )],
        note: "",
    })
}

fn nist_total_inspection() -> Result<Case> {
    let plan = AttributesPlan::single(52, 3)?;
    let mut values = Vec::new();
    for (percent, printed) in [(1, "70"), (2, "253"), (3, "753"), (4, "1584")] {
        let total = average_total_inspection(&plan, 10_000, f64::from(percent) / 100.0)?;
        values.push(Number(printed, total, None));
    }
    Ok(Case {
        statistic: "ATI, lot of 10,000, p 0.01 to 0.04; n 52, c 3",
        source: NIST,
        standing: Recalled,
        values,
        note: "",
    })
}

fn r_assess() -> Result<Case> {
    let plan = AttributesPlan::single(20, 0)?;
    Ok(seen(
        "Pa, p 0.05 and 0.15; n 20, c 0",
        "R AcceptanceSampling manual 3.1.3",
        vec![
            Number("0.35848592", process(&plan, 0.05)?, None),
            Number("0.03875953", process(&plan, 0.15)?, None),
        ],
    ))
}

fn r_find_plan() -> Result<Case> {
    let points = TwoPoints::new(0.05, 0.05, 0.15, 0.075)?;
    Ok(seen(
        "smallest single plan; p 0.05, 0.05; p 0.15, 0.075",
        "R AcceptanceSampling manual 3.1.4",
        vec![Words(
            "n 80, Ac 7, Re 8",
            smallest_single_plan(points)?.to_string(),
        )],
    ))
}

fn r_find_plan_of_a_scheme() -> Result<Case> {
    let points = TwoPoints::new(0.019_296, 0.05, 0.045_884, 0.10)?;
    let plan = smallest_single_plan(points)?;
    Ok(seen(
        "units of the smallest single plan; p 0.019296, 0.05; p 0.045884, 0.10",
        "R AQLSchemes vignette, figure 3",
        vec![Words("359", plan.largest_sample().to_string())],
    ))
}

fn tp105_two_points() -> Result<Case> {
    let plan = AttributesPlan::single(68, 2)?;
    let note = "2e-5: p is printed with four digits";
    Ok(Case {
        statistic: "1 - Pa, p 0.01213, and Pa, p 0.089704; n 68, c 2",
        source: "samplingplans.com, discussion of 7 February 2006 (program TP105)",
        standing: Seen,
        values: vec![
            Number("0.05", 1.0 - process(&plan, 0.012_13)?, Some(2e-5)),
            Number("0.05", process(&plan, 0.089_704)?, Some(2e-5)),
        ],
        note,
    })
}

fn planesmuestra_curve() -> Result<Case> {
    let curve = |n, c, p| -> Result<f64> { Ok(process(&AttributesPlan::single(n, c)?, p)?) };
    Ok(seen(
        "Pa; n 125, c 2, p 0.1; n 65, c 2, p 0.012",
        "R Planesmuestra, f_DR.CO and f_CO.plan, example output",
        vec![
            Number("0.000210835", curve(125, 2, 0.1)?, None),
            Number("0.9564398", curve(65, 2, 0.012)?, None),
        ],
    ))
}

fn planesmuestra_dodge_romig() -> Result<Case> {
    let plan = AttributesPlan::single(85, 4)?;
    let (_, limit) = outgoing_quality_limit(&plan, 5_000)?;
    Ok(Case {
        statistic: "AOQL in percent, and Pa by the Poisson law at the printed LTPD of 9.5 %; lot of 5,000, n 85, c 4, of \
                    Dodge and Romig's table for AOQL 3 %",
        source: "R Planesmuestra, f_dodge.romig.simple, example output",
        standing: Seen,
        values: vec![
            Number("3.0", 100.0 * limit, Some(0.1)),
            Number(
                "0.10",
                acceptance_probability(&plan, Quality::Rate { per_unit: 0.095 })?,
                Some(0.005),
            ),
        ],
        note: "0.1 % and 0.005: the tables round n to 5 and the LTPD to 0.1 %",
    })
}

fn jasp_lot_assess() -> Result<Case> {
    let plan = AttributesPlan::single(50, 2)?;
    Ok(seen(
        "Pa, lot of 100 with 5 and 15 nonconforming; n 50, c 2",
        JASP,
        vec![
            Number("0.5000", lot(&plan, 100, 5)?, None),
            Number("0.0019", lot(&plan, 100, 15)?, None),
        ],
    ))
}

fn jasp_find_plan() -> Result<Case> {
    let plan = smallest_single_plan(TwoPoints::new(0.05, 0.05, 0.15, 0.10)?)?;
    Ok(seen(
        "smallest single plan, and its Pa; p 0.05, 0.05; p 0.15, 0.10",
        JASP,
        vec![
            Words("n 77, Ac 7, Re 8", plan.to_string()),
            Number("0.9615", process(&plan, 0.05)?, None),
            Number("0.0925", process(&plan, 0.15)?, None),
        ],
    ))
}

fn jasp_find_lot_plan() -> Result<Case> {
    let plan = smallest_lot_plan(TwoPoints::new(0.05, 0.05, 0.15, 0.10)?, 1_000)?;
    Ok(seen(
        "smallest single plan of a lot of 1,000, and its Pa; p 0.05, 0.05; p 0.15, 0.10",
        JASP,
        vec![
            Words("n 67, Ac 6, Re 7", plan.to_string()),
            Number("0.9564", lot(&plan, 1_000, 50)?, None),
            Number("0.0994", lot(&plan, 1_000, 150)?, None),
        ],
    ))
}

fn jasp_summary_binomial() -> Result<Case> {
    let plan = smallest_single_plan(TwoPoints::new(0.02, 0.09, 0.20, 0.15)?)?;
    let printed = [
        (0.02, "0.9601"),
        (0.05, "0.8108"),
        (0.06, "0.7511"),
        (0.07, "0.6902"),
        (0.08, "0.6299"),
        (0.09, "0.5711"),
        (0.10, "0.5147"),
        (0.11, "0.4614"),
        (0.12, "0.4115"),
        (0.13, "0.3653"),
        (0.14, "0.3227"),
        (0.15, "0.2839"),
        (0.16, "0.2487"),
        (0.17, "0.2170"),
        (0.18, "0.1885"),
        (0.19, "0.1632"),
        (0.20, "0.1407"),
        (0.25, "0.0635"),
        (0.30, "0.0261"),
        (0.35, "0.0098"),
    ];
    let mut values = Vec::new();
    for (p, printed) in printed {
        values.push(Number(printed, process(&plan, p)?, None));
    }
    Ok(seen(
        "Pa of the smallest single plan for p 0.02, 0.09; p 0.20, 0.15; at p 0.02, 0.05 to 0.20, \
         0.25, 0.30, 0.35",
        JASP,
        values,
    ))
}

fn jasp_summary_hypergeometric() -> Result<Case> {
    let plan = smallest_lot_plan(TwoPoints::new(0.02, 0.09, 0.20, 0.15)?, 800)?;
    let printed = [
        (2, "0.9618"),
        (5, "0.8117"),
        (6, "0.7514"),
        (8, "0.6291"),
        (10, "0.5130"),
        (12, "0.4091"),
        (15, "0.2810"),
        (20, "0.1381"),
        (25, "0.0616"),
        (30, "0.0250"),
        (35, "0.0092"),
    ];
    let mut values = Vec::new();
    for (percent, printed) in printed {
        let tolerance = (percent == 6).then_some(6e-5);
        values.push(Number(printed, lot(&plan, 800, 8 * percent)?, tolerance));
    }
    Ok(Case {
        statistic: "Pa of the smallest single plan of a lot of 800 for p 0.02, 0.09; p 0.20, 0.15; at p 0.02, \
         0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.35",
        source: JASP,
        standing: Seen,
        values,
        note: "6e-5 at p 0.06: 0.751450 is printed 0.7514",
    })
}

fn jasp_six_samples() -> Result<Case> {
    let numbers = [(0, 3), (1, 3), (2, 4), (3, 5), (4, 6), (6, 7)];
    let plan = multiple(46, &numbers.map(|(accept, reject)| (Some(accept), reject)))?;
    Ok(seen(
        "Pa, p 0.05 and 0.15; six samples of 46, Ac 0 1 2 3 4 6, Re 3 3 4 5 6 7",
        JASP,
        vec![
            Number("0.1258", process(&plan, 0.05)?, None),
            Number("0.0006", process(&plan, 0.15)?, None),
        ],
    ))
}

fn stephens_larson() -> Result<Case> {
    let normal = AttributesPlan::single(200, 7)?;
    let tightened = AttributesPlan::single(200, 5)?;
    let accept = |p| -> Result<f64> {
        Ok(scheme_characteristic(&normal, &tightened, Quality::Process { p })?.accept)
    };
    Ok(Case {
        statistic: "Pa of the scheme normal n 200, c 7, tightened n 200, c 5; p 0.019296, 0.045884",
        source: "R AQLSchemes vignette, figure 2, after Stephens and Larson (1967)",
        standing: Seen,
        values: vec![
            Number("0.95", accept(0.019_296)?, Some(1e-3)),
            Number("0.10", accept(0.045_884)?, Some(1e-3)),
        ],
        note: "1e-3: p was read from the curve by its author",
    })
}

fn multiple(n: u32, numbers: &[(Option<u32>, u32)]) -> Result<AttributesPlan> {
    let stages = numbers
        .iter()
        .map(|&(accept, reject)| Stage { n, accept, reject })
        .collect();
    Ok(AttributesPlan::new(stages)?)
}

fn dodge_romig_factors() -> Result<Case> {
    // AOQL = y (1/n - 1/N) for the Poisson law, which a small share of a long sample follows.
    const N: u32 = 40_000;
    const LOT: u32 = 4_000_000_000;
    let mut values = Vec::new();
    for (c, printed) in [(0, "0.3679"), (1, "0.8400"), (2, "1.371"), (3, "1.942")] {
        let (_, limit) = outgoing_quality_limit(&AttributesPlan::single(N, c)?, LOT)?;
        let y = limit / (1.0 / f64::from(N) - 1.0 / f64::from(LOT));
        values.push(Number(printed, y, None));
    }
    Ok(Case {
        statistic: "factor y of AOQL = y (1/n - 1/N), c 0 to 3",
        source: "Dodge and Romig, Sampling Inspection Tables (1944, 1959)",
        standing: Recalled,
        values,
        note: "",
    })
}
