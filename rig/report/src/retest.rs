//! What is said of units that were tested before: nothing is tested into passing unseen.

use rig_record::journal::accepted_in_any;
use rig_record::{BenchKind, LotRecord, TestedBefore};
use rig_spec::{Plan, Rule, SpecSet};
use rig_stats::{LotSummary, Standing};

/// `DEP-04 RAT-03 in run 5, under 1 deviation`.
pub(crate) fn failure(unit: &TestedBefore) -> String {
    let Some((run, rows)) = &unit.failed else {
        return String::new();
    };
    let under = match unit.deviations {
        0 => "without a deviation".to_owned(),
        1 => "under 1 deviation".to_owned(),
        n => format!("under {n} deviations"),
    };
    format!(
        "{} in run {run}; tested again {under}",
        crate::table::join(rows)
    )
}

/// Lines of the summary: how many were tested before, the yield at the first test beside this one's,
/// every failure that is tested again, and what that does to the risk of a false acceptance.
pub(crate) fn lines(spec: &SpecSet, lot: &LotRecord, summary: &LotSummary) -> Vec<String> {
    let before = &lot.header.tested_before;
    let any_failed = before.iter().any(|it| it.failed.is_some());
    // That a virtual pen is run again is what it is for.
    let is_virtual = lot.header.bench.kind == BenchKind::Virtual;
    if before.is_empty() || (is_virtual && !any_failed) {
        return Vec::new();
    }
    let met = |serial: &str| {
        let units = lot.units.iter().zip(&summary.units);
        let mut of_unit = units.filter(|(unit, _)| unit.serial == serial);
        of_unit.any(|(_, it)| it.standing == Standing::Meets)
    };
    let first = |serial: &str| {
        let known = before.iter().find(|it| it.serial == serial);
        known
            .and_then(|it| it.first_met)
            .unwrap_or_else(|| met(serial))
    };
    let n = lot.units.len();
    let count =
        |holds: &dyn Fn(&str) -> bool| lot.units.iter().filter(|it| holds(&it.serial)).count();
    let mut lines = vec![format!(
        "tested again {} of {n} units, by the ledger; yield at the first test {} of {n}, at this one {} of {n}",
        before.len(),
        count(&first),
        count(&met),
    )];
    for unit in before.iter().filter(|it| it.failed.is_some()) {
        let alarm = if is_virtual {
            " (a virtual pen: no deviation is asked for)"
        } else {
            ""
        };
        let undone = if met(&unit.serial) {
            "; that it passes now does not undo it"
        } else {
            ""
        };
        lines.push(format!(
            "  {} failed {}{alarm}{undone}",
            unit.serial,
            failure(unit)
        ));
    }
    let most = before.iter().map(|it| it.runs).max().unwrap_or(0) + 1;
    if let Some(once) = risk_at_acceptance_limit(spec, &summary.plan) {
        lines.push(format!(
            "  a value at its acceptance limit is falsely accepted in one test with at most {} %, in any of {most} with at most {} %",
            percent(once),
            percent(accepted_in_any(once, most))
        ));
    }
    lines
}

/// The largest risk of a false acceptance that the plan's guard bands leave at an acceptance limit,
/// in hundredths of a percent, rounded up: the upper tail of a normal law at k r, k = 2 (ILAC-G8:09/2019
/// table 1, JCGM 106:2012 8.3.2).
fn risk_at_acceptance_limit(spec: &SpecSet, plan: &Plan) -> Option<u32> {
    let ratios = spec.rows.iter().filter_map(|row| {
        plan.entry(row.id.as_str())?;
        match row.rule {
            Rule::GuardBand(ratio) => Some(ratio.millionths()),
            _ => None,
        }
    });
    let narrowest = f64::from(ratios.min()?) / 1e6;
    let tail = 0.5 * libm::erfc(2.0 * narrowest / core::f64::consts::SQRT_2);
    Some((tail * 10_000.0).ceil() as u32)
}

fn percent(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
