//! Results of the rules that a spec's `sampling.csv` chose for a plan, beside the default gate.

use super::{
    Aql, DrawnUnit, Limits, LotRule, MIL_STD_414_LABEL, Normality, RuleDisposition, RuleResult,
    SampleCounts, SequentialTest, Spread, TruncatedTest, TwoPoints, UnitFinding, VariablesPlan,
    VariablesTable, dispose, mil_std_105e, smallest_single_plan, smallest_variables_plan,
};
use crate::attribute::units_needed;
use crate::normality::{DOUBT_BELOW, anderson_darling};
use crate::{Standing, UnitSummary};
use rig_record::{LotRecord, Outcome, UnitRecord};
use rig_spec::{
    AttributesNumbers, Plan, RiskPoints, RowId, Sampling, SamplingKind, SamplingRule, SpecSet,
    TableEntry, VariablesNumbers,
};

/// One chosen rule and what it says of the lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenResult {
    /// The row that it looked at; none for every row that the plan requires of a unit.
    pub row: Option<RowId>,
    /// The rule with its numbers, or as it was asked for where there are none.
    pub rule: String,
    /// Where the numbers come from.
    pub origin: String,
    /// What it says.
    pub result: RuleResult,
    /// The remark of the table.
    pub note: String,
}

/// What every rule says that was chosen for a plan, in the order of the table.
///
/// Units are taken in the order of the record, which is that of drawing. A unit of which the rule's
/// rows are not required was not drawn for it.
#[must_use]
pub fn chosen_results(
    spec: &SpecSet,
    plan: &Plan,
    lot: &LotRecord,
    units: &[UnitSummary],
) -> Vec<ChosenResult> {
    spec.sampling_of(&plan.name)
        .map(|sampling| {
            let drawn = drawn_units(lot, units, sampling.row.as_ref());
            chosen_result(spec, sampling, &drawn)
        })
        .collect()
}

fn chosen_result(spec: &SpecSet, sampling: &Sampling, drawn: &[DrawnUnit]) -> ChosenResult {
    let asked = asked(&sampling.rule);
    let (rule, origin, result) = match lot_rule(spec, sampling, drawn) {
        Ok((rule, origin)) => (rule.to_string(), origin, dispose(&rule, drawn)),
        // A plan that cannot be had decides nothing.
        Err(why) => (asked, String::new(), held(why)),
    };
    ChosenResult {
        row: sampling.row.clone(),
        rule,
        origin,
        result,
        note: sampling.note.clone(),
    }
}

fn held(because: String) -> RuleResult {
    RuleResult {
        disposition: RuleDisposition::Held,
        because,
        counts: SampleCounts::default(),
    }
}

/// The word of a rule.
fn asked(rule: &SamplingRule) -> String {
    match rule {
        SamplingRule::Attributes { kind, .. } => format!("{kind} sampling"),
        SamplingRule::Variables(_) => "variables".to_owned(),
        SamplingRule::ZeroFailure { .. } => "zero-failure".to_owned(),
        SamplingRule::Sequential { .. } => "sequential".to_owned(),
    }
}

/// The rule with its numbers, and where they come from; or why it has none, in words.
fn lot_rule(
    spec: &SpecSet,
    sampling: &Sampling,
    drawn: &[DrawnUnit],
) -> Result<(LotRule, String), String> {
    match &sampling.rule {
        SamplingRule::Attributes { kind, numbers } => {
            attributes(spec, *kind, numbers, sampling.lot_size)
        }
        SamplingRule::Variables(numbers) => variables(spec, sampling, *numbers, drawn),
        SamplingRule::ZeroFailure {
            confidence,
            content,
        } => {
            let (confidence, content) = (confidence.to_f64(), content.to_f64());
            let n = success_run(content, confidence)?;
            let rule = LotRule::ZeroFailure {
                n,
                confidence,
                content,
            };
            Ok((rule, "success run".to_owned()))
        }
        SamplingRule::Sequential { points, most } => {
            let test = SequentialTest::new(two_points(*points)?);
            let test = TruncatedTest::new(test, *most).map_err(|it| it.to_string())?;
            Ok((LotRule::Sequential(test), said_points(*points)))
        }
    }
}

fn attributes(
    spec: &SpecSet,
    kind: SamplingKind,
    numbers: &AttributesNumbers,
    lot_size: Option<u32>,
) -> Result<(LotRule, String), String> {
    let (plan, lot_size, origin) = match numbers {
        AttributesNumbers::Own(plan) => (plan.clone(), lot_size, "sampling.csv".to_owned()),
        AttributesNumbers::Points(points) => {
            let plan = smallest_single_plan(two_points(*points)?).map_err(|it| it.to_string())?;
            (
                plan,
                lot_size,
                format!("smallest for {}", said_points(*points)),
            )
        }
        AttributesNumbers::Table(entry) => {
            let tables = match &spec.plan_tables {
                Some(tables) => tables.clone(),
                None => mil_std_105e().map_err(|it| defects(&it))?,
            };
            let aql = Aql::from_thousandths(entry.aql_thousandths);
            let found = tables
                .find(entry.lot_size, entry.level, aql, entry.inspection, kind)
                .map_err(|it| it.to_string())?;
            let whole = if found.is_census {
                ", every unit inspected"
            } else {
                ""
            };
            let origin = format!(
                "{}: {}, letter {}{whole}",
                tables.label,
                said_entry(entry, aql),
                found.plan_letter
            );
            (found.plan, Some(entry.lot_size), origin)
        }
    };
    Ok((LotRule::Attributes { plan, lot_size }, origin))
}

fn variables(
    spec: &SpecSet,
    sampling: &Sampling,
    numbers: VariablesNumbers,
    drawn: &[DrawnUnit],
) -> Result<(LotRule, String), String> {
    let (plan, origin) = match numbers {
        VariablesNumbers::Own { n, k_billionths } => {
            let k = k_billionths as f64 / 1e9;
            let plan = VariablesPlan::new(n, k, Spread::Unknown).map_err(|it| it.to_string())?;
            (plan, "sampling.csv".to_owned())
        }
        VariablesNumbers::Points(points) => {
            let plan = smallest_variables_plan(two_points(points)?, Spread::Unknown)
                .map_err(|it| it.to_string())?;
            (plan, format!("smallest for {}", said_points(points)))
        }
        VariablesNumbers::Table(entry) => {
            let table = VariablesTable::mil_std_414().map_err(|it| defects(&it))?;
            let aql = Aql::from_thousandths(entry.aql_thousandths);
            let said = said_entry(&entry, aql);
            let found = table
                .find(entry.lot_size, entry.level, aql, entry.inspection)
                .ok_or_else(|| format!("the table has no plan for {said}"))?;
            let origin = format!("{MIL_STD_414_LABEL}: {said}, letter {}", found.plan_letter);
            (found.plan, origin)
        }
    };
    let row = sampling.row.as_ref().and_then(|it| spec.row(it.as_str()));
    let tolerance = row
        .and_then(|it| it.tolerance)
        .ok_or("the row has no limit")?;
    let limits = Limits {
        lower: tolerance.lower().map(|it| it as f64),
        upper: tolerance.upper().map(|it| it as f64),
    };
    let sample = drawn.iter().take(plan.n() as usize);
    let values: Vec<f64> = sample.filter_map(|it| it.value).collect();
    let rule = LotRule::Variables {
        plan,
        limits,
        normality: normality(&values),
    };
    Ok((rule, origin))
}

fn two_points(points: RiskPoints) -> Result<TwoPoints, String> {
    let [p1, alpha, p2, beta] = points.parts().map(|it| it.to_f64());
    TwoPoints::new(p1, alpha, p2, beta).map_err(|it| it.to_string())
}

fn said_points(points: RiskPoints) -> String {
    let [p1, alpha, p2, beta] = points.parts().map(|it| it.to_f64());
    format!("p1 {p1}, alpha {alpha}; p2 {p2}, beta {beta}")
}

fn said_entry(entry: &TableEntry, aql: Aql) -> String {
    format!(
        "lot of {}, level {}, AQL {aql}, {}",
        entry.lot_size, entry.level, entry.inspection
    )
}

fn defects<T: ToString>(found: &[T]) -> String {
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// Units of which the rule's rows are required, as they stand for it.
fn drawn_units(lot: &LotRecord, units: &[UnitSummary], row: Option<&RowId>) -> Vec<DrawnUnit> {
    lot.units
        .iter()
        .zip(units)
        .filter(|(_, summary)| match row {
            Some(row) => summary.required.contains(row),
            None => summary.standing != Standing::NotDrawn,
        })
        .map(|(unit, summary)| {
            let rows = match row {
                Some(row) => std::slice::from_ref(row),
                None => &summary.required[..],
            };
            let attempts = rows.iter().map(|it| attempts(unit, it)).sum();
            DrawnUnit {
                serial: unit.serial.clone(),
                finding: match row {
                    Some(row) => finding_of_row(unit, summary, row),
                    None => finding(unit, summary),
                },
                attempts,
                remeasured: rows.iter().any(|it| summary.remeasured.contains(it)),
                value: row.and_then(|it| value(unit, it)),
            }
        })
        .collect()
}

fn attempts(unit: &UnitRecord, row: &RowId) -> u32 {
    let attempts = unit
        .result(row.as_str())
        .map_or(0, |it| it.attempts().len());
    u32::try_from(attempts).unwrap_or(u32::MAX)
}

/// The judged value in record units; none where it is in doubt.
fn value(unit: &UnitRecord, row: &RowId) -> Option<f64> {
    let evidence = unit.result(row.as_str())?.judged()?.evidence;
    let measured = evidence.measured.filter(|_| evidence.doubts.is_empty())?;
    Some(measured.value as f64)
}

/// Whether the unit's run says nothing but what failed: it did not end complete, the bench failed,
/// or a failed row of the rig voids its values.
fn is_void(unit: &UnitRecord, summary: &UnitSummary) -> bool {
    unit.outcome != Outcome::Completed || summary.bench_error || !summary.rig_failed.is_empty()
}

fn finding(unit: &UnitRecord, summary: &UnitSummary) -> UnitFinding {
    match summary.standing {
        Standing::Meets => UnitFinding::Conforming,
        Standing::Fails => UnitFinding::Nonconforming,
        Standing::NotDrawn => UnitFinding::NotRun,
        Standing::Undecided if is_void(unit, summary) || !summary.not_run.is_empty() => {
            UnitFinding::NotRun
        }
        Standing::Undecided => UnitFinding::Inconclusive,
    }
}

fn finding_of_row(unit: &UnitRecord, summary: &UnitSummary, row: &RowId) -> UnitFinding {
    // As the unit's standing has it: values are void with a failed row of the rig, and a fail of
    // the pen is one however its run ended.
    if !summary.rig_failed.is_empty() {
        UnitFinding::NotRun
    } else if summary.failed.contains(row) {
        UnitFinding::Nonconforming
    } else if is_void(unit, summary) {
        UnitFinding::NotRun
    } else if summary.passed.contains(row) {
        UnitFinding::Conforming
    } else if summary.inconclusive.contains(row) {
        UnitFinding::Inconclusive
    } else {
        UnitFinding::NotRun
    }
}

/// Fewest values that the p-value of the test holds for (D'Agostino and Stephens).
const FEWEST_TESTED: usize = 8;

/// What the Anderson-Darling test says of a sample, at 5 %; nothing of one that is too small for
/// it, or whose values do not differ.
fn normality(values: &[f64]) -> Normality {
    if values.len() < FEWEST_TESTED {
        return Normality::Assumed;
    }
    match anderson_darling(values) {
        Ok(test) if test.p >= DOUBT_BELOW => Normality::NotRejected { p_value: test.p },
        Ok(test) => Normality::Rejected { p_value: test.p },
        Err(_) => Normality::Assumed,
    }
}

/// Units without a nonconforming one that show a content with a confidence.
fn success_run(content: f64, confidence: f64) -> Result<u32, String> {
    let n = units_needed(content, confidence, 0).map_err(|it| it.to_string())?;
    u32::try_from(n).map_err(|_| format!("{n} units are more than can be drawn"))
}
