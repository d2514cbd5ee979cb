//! A made-up lot of any number of pens on a plan of forty rows over the real tables of
//! `specs/pen-a1`, with budgets as long as those of the virtual bench: what DESIGN.md section 11
//! asks a report of. For the tests and examples that measure time and memory.

use super::sample::{self, Draw, Pen};
use firmware_units::Nanoseconds;
use rig_record::{Attempt, AttemptEnd, LotRecord, NotRun, Outcome, RowResult, UnitRecord};
use rig_spec::{BudgetLine, Doubt, Evidence, Measured, Pool, Row, SpecSet, Unit};
use std::collections::BTreeMap;

/// Name of the plan.
pub(crate) const PLAN: &str = "scale";

/// Rows of the plan beside those of unit.csv: 27 of these, 3 of the rig, 10 of the design.
const OTHERS: [&str; 13] = [
    "MSR-01",
    "MSR-03",
    "MSR-04",
    "DEP-09-D1",
    "DEP-09-D2",
    "DEP-11",
    "RAT-05",
    "RAT-07-D1",
    "RAT-07-D2",
    "RAT-09",
    "END-02",
    "SAF-09",
    "THM-01",
];

/// What a protrusion's uncertainty is made of on the virtual bench: share of U in percent.
const DEPTH: [(&str, &str, u64); 10] = [
    ("scatter of the tops", "type A", 28),
    ("gauge calibration", "normal", 18),
    ("gauge linearity", "rectangular", 86),
    ("zero on the gauge block", "type A", 4),
    ("gauge block", "normal", 4),
    ("seating", "normal", 37),
    ("alignment", "rectangular", 1),
    ("temperature", "rectangular", 11),
    ("gauge bandwidth", "rectangular", 1),
    ("peak fit", "rectangular", 2),
];

/// What another value's is made of.
const OTHER: [(&str, &str, u64); 3] = [
    ("scatter", "type A", 30),
    ("clock", "rectangular", 90),
    ("jitter", "normal", 30),
];

/// The tables of `specs/pen-a1` with the plan put in, by file name.
pub(crate) fn tables() -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = sample::TABLES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    let of_unit = files["unit.csv"].lines().skip(1);
    let ids = of_unit.filter_map(|line| line.split(',').next());
    let lines: Vec<String> = ids
        .chain(OTHERS)
        .map(|row| format!("{PLAN},{row},yes,all,1,\n"))
        .collect();
    assert_eq!(
        lines.len(),
        40,
        "the lot that the design states has 40 rows"
    );
    if let Some(plans) = files.get_mut("plans.csv") {
        plans.push_str(&lines.concat());
    }
    files
}

/// The same as a spec.
pub(crate) fn spec() -> SpecSet {
    SpecSet::parse(&tables()).expect("tables without defect")
}

/// The run.
pub(crate) fn lot(spec: &SpecSet, n_units: usize) -> LotRecord {
    let mut header = sample::header(spec);
    PLAN.clone_into(&mut header.plan);
    // As a run that is read back keeps it.
    let mut pool = Pool::default();
    LotRecord {
        header,
        units: (0..)
            .zip(sample::many(n_units))
            .map(|(index, pen)| {
                let mut unit = unit(spec, index, pen);
                unit.share(&mut pool);
                unit
            })
            .collect(),
    }
}

/// One pen of it.
pub(crate) fn unit(spec: &SpecSet, index: u32, pen: Pen) -> UnitRecord {
    let mut draw = Draw(u64::from(index));
    let mut record = sample::unit(spec, index, pen);
    let plan = spec.plan(PLAN).expect("a plan of the spec");
    let is_broken = matches!(record.outcome, Outcome::BenchError { .. });
    record.results = spec
        .rows
        .iter()
        .map(|row| {
            let id = row.id.clone();
            if row.is_external() {
                RowResult::not_run(id, NotRun::External)
            } else if plan.entry(row.id.as_str()).is_none() {
                RowResult::not_run(id, NotRun::OutsidePlan)
            } else if is_broken && row.id.as_str() > "RAT-02" {
                RowResult::not_run(id, NotRun::AfterBenchError)
            } else {
                judged(row, &evidence(row, pen, &mut draw))
            }
        })
        .collect();
    record
}

fn evidence(row: &Row, pen: Pen, draw: &mut Draw) -> Vec<Evidence> {
    let Some(unit) = row.unit else {
        return vec![sample::findings(row)];
    };
    let of_one = unit.printed().record_units_in_one() as f64;
    let limit = |it: Option<i64>| it.map(|it| it as f64 / of_one);
    let tolerance = row.tolerance.expect("rows of the plan have limits");
    let (lower, upper) = (limit(tolerance.lower()), limit(tolerance.upper()));
    if unit.record_unit() == rig_spec::RecordUnit::Count || row.id == *"RAT-08b" {
        let failed = pen == Pen::TooDeep && row.id == *"SAF-07";
        return vec![sample::count(row, if failed { 3 } else { 0 })];
    }
    let (low, high) = match (lower, upper) {
        (Some(low), Some(high)) => (low, high),
        (None, Some(high)) => (0.0, high),
        (Some(low), None) => (low, 4.0 * low),
        (None, None) => (0.0, 1.0),
    };
    let (middle, width) = ((low + high) / 2.0, high - low);
    let expanded = width * 0.0175;
    let at = |value: f64| measured(row, value, expanded);
    let value = middle + width * 0.05 * draw.normal();
    match (pen, row.id.as_str()) {
        (Pen::TooDeep, "DEP-06") => vec![at(high + width * 0.1)],
        (Pen::Again, "DEP-04") => vec![at(high - expanded * 0.2), at(high - expanded * 2.0)],
        (Pen::Undecided, "DEP-04") => vec![at(high - expanded * 0.2), at(high)],
        (Pen::Undecided, "RAT-06") => {
            let doubtful = at(value).in_doubt(Doubt::SamplesLost);
            vec![doubtful.clone(), doubtful]
        }
        _ => vec![at(value)],
    }
}

fn measured(row: &Row, value: f64, expanded: f64) -> Evidence {
    let unit = row.unit.expect("a row with a unit");
    let measured = Measured::from_f64(unit, value, expanded, 2.0).expect("a number");
    let lines = if unit == Unit::Millimeter {
        &DEPTH[..]
    } else {
        &OTHER[..]
    };
    let budget = lines
        .iter()
        .map(|(name, distribution, percent)| BudgetLine {
            name: (*name).into(),
            distribution: (*distribution).into(),
            contribution: measured.expanded * 1_000 / 2 * percent / 100,
            dof_tenths: (*distribution == "type A").then_some(41_560),
        });
    Evidence {
        budget: budget.collect(),
        ..Evidence::measured(measured, sample::wanted(row))
    }
}

fn judged(row: &Row, attempts: &[Evidence]) -> RowResult {
    let attempts = (1..).zip(attempts).map(|(number, evidence)| Attempt {
        number,
        condition: format!(
            "depth_mm {}, rate_per_s {}, cartridge 14-pin, supply nominal",
            row.cell("depth_mm"),
            row.cell("rate_per_s")
        )
        .into(),
        started: Nanoseconds::from_seconds(u64::from(number) * 40),
        ended: Nanoseconds::from_seconds(u64::from(number) * 40 + 9),
        end: AttemptEnd::Judged {
            evidence: evidence.clone(),
            decision: row.judge(evidence).expect("the evidence fits the row"),
        },
    });
    RowResult::from_attempts(row, attempts.collect()).expect("attempts by the rule")
}
