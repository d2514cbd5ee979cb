//! Every row that the plan requires: what was asked, what was found on all units, and what can be
//! said of the lot.

mod capability;
mod picture;

pub(super) use capability::individuals;

use super::mark::{self, Mark};
use super::markup::Markup;
use super::plot;
use super::table::{self, Cell};
use super::view::{View, condition, row_anchor, unit_anchor};
use super::{section, statements};
use crate::display::{symbol, trimmed};
use crate::facts;
use rig_record::RowResult;
use rig_spec::{Finding, Measured, Row, Unit, UnitsWanted};
use rig_stats::normality::FEWEST_VALUES;
use std::collections::BTreeMap;

/// Different findings of a row listed at most.
const FINDINGS_SHOWN: usize = 12;
/// Units named beside a finding at most.
const UNITS_NAMED: usize = 8;

pub(super) fn write(page: &mut Markup, view: &View<'_>) {
    section(page, view, "rows");
    let rows: Vec<&Row> = view
        .summary
        .rows_required
        .iter()
        .filter_map(|it| view.spec.row(it.as_str()))
        .collect();
    overview(page, view, &rows);
    if view.lot.units.len() < FEWEST_VALUES {
        page.leaf(
            "p",
            "small soft",
            &format!(
                "No capability is given for a lot of {} units: {FEWEST_VALUES} values of a row are the fewest.",
                view.lot.units.len()
            ),
        );
    }
    for row in rows {
        one(page, view, row);
    }
}

fn overview(page: &mut Markup, view: &View<'_>, rows: &[&Row]) {
    let lines: Vec<Vec<Cell>> = rows.iter().map(|row| overview_line(view, row)).collect();
    let head = [
        "row",
        "measurand",
        "limits or expectation",
        "#least",
        "#mean",
        "#largest",
        "#largest U",
        "verdict over units",
    ];
    let caption = "Every row that the plan requires, over all units of the lot; values in the unit of the limits, rounded to the largest U";
    table::write(page, caption, &head, &lines);
}

fn overview_line(view: &View<'_>, row: &Row) -> Vec<Cell> {
    let statistics = view.statistics_of(row.id.as_str());
    let expanded = statistics.largest_expanded.unwrap_or(0);
    let rounded = |it: Option<i64>| match row.unit.zip(it) {
        Some((unit, value)) => rounded(unit, value, expanded),
        None => (String::new(), None),
    };
    let limits = match (&row.expected, row.tolerance) {
        (_, Some(tolerance)) => facts::limits(tolerance)
            .trim_start_matches("limits ")
            .to_owned(),
        (Some(expected), None) => expected.to_string(),
        (None, None) => String::new(),
    };
    let (mark, word) = view.tally(row.id.as_str()).worst();
    let (mean, largest_u) = rounded(statistics.mean);
    vec![
        Cell::Link(row_anchor(row.id.as_str()), row.id.to_string()),
        Cell::text(measurand_at(row)),
        Cell::text(limits),
        Cell::number(rounded(statistics.minimum).0),
        Cell::number(mean),
        Cell::number(rounded(statistics.maximum).0),
        Cell::number(largest_u.unwrap_or_default()),
        Cell::Mark(mark, word.to_owned(), view.tally(row.id.as_str()).words()),
    ]
}

/// A statistic rounded as a value with the largest U is, and that U; lot.csv has every digit.
pub(super) fn rounded(unit: Unit, value: i64, expanded: u64) -> (String, Option<String>) {
    let measured = Measured {
        unit: unit.record_unit(),
        value,
        expanded,
        k_thousandths: 2_000,
    };
    crate::display::value_and_expanded(unit, measured)
}

fn one(page: &mut Markup, view: &View<'_>, row: &Row) {
    let tally = view.tally(row.id.as_str());
    let anchor = row_anchor(row.id.as_str());
    // With capability a row is too long to be kept on one printed page.
    let class = match view.lot.units.len() {
        0..FEWEST_VALUES => "row",
        _ => "row long",
    };
    page.with("section", &[("class", &class), ("id", &anchor)], |page| {
        page.plain("h3", |page| {
            page.leaf("span", "id", row.id.as_str());
            page.text(" ");
            page.leaf("span", "", &row.measurand);
            page.text(" ");
            page.classed("span", "counts", |page| {
                let (mark, word) = tally.worst();
                mark.with_word(page, word);
                page.text(&format!(" {}", tally.words()));
            });
        });
        page.leaf("p", "asked", &asked_in_words(row));
        page.classed("div", "row-body", |page| {
            page.plain("div", |page| {
                if !picture::values(page, view, row) {
                    findings(page, view, row);
                }
            });
            table::facts(page, &asked(view, row));
        });
        capability::write(page, view, row);
        page.leaf("p", "small soft", &basis(view, row));
    });
}

/// The statistic and the condition.
fn asked_in_words(row: &Row) -> String {
    let parts = [row.statistic.clone(), condition(row)];
    let stated: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    stated.join("; ")
}

/// The measurand with the settings that tell its rows apart.
pub(super) fn measurand_at(row: &Row) -> String {
    let settings = [("depth_mm", "mm"), ("rate_per_s", "/s")].map(|(column, unit)| {
        let cell = row.cell(column);
        (!cell.is_empty()).then(|| format!("{cell} {unit}"))
    });
    let settings = settings.into_iter().flatten();
    let parts: Vec<String> = std::iter::once(row.measurand.clone())
        .chain(settings)
        .collect();
    parts.join(", ")
}

/// What decides the row, and what the lot came to.
fn asked(view: &View<'_>, row: &Row) -> Vec<(&'static str, String)> {
    let mut asked = Vec::new();
    if let Some(tolerance) = row.tolerance {
        let target = match row.unit.zip(row.target) {
            Some((unit, target)) => {
                format!(", target {} {}", trimmed(unit, target), symbol(unit))
            }
            None => String::new(),
        };
        let limits = facts::limits(tolerance);
        let limits = limits.trim_start_matches("limits ");
        asked.push(("limits", format!("{limits}{target}")));
    }
    if let Some(expected) = &row.expected {
        asked.push(("expected", expected.to_string()));
    }
    asked.push(("rule", statements::rule(row.rule)));
    let instruments: Vec<&str> = row.instruments.iter().map(|it| it.word()).collect();
    if !instruments.is_empty() {
        asked.push(("seen by", instruments.join(", ")));
    }
    if let Some(text) = picture::acceptance(view, row) {
        asked.push(("accepted", text));
    }
    asked.extend(found(view, row).map(|it| ("found", it)));
    let made_of = made_of(view, row);
    if let Some((unit, max_u)) = row.unit.zip(row.max_u) {
        let max_u = i64::try_from(max_u).unwrap_or(i64::MAX);
        let text = format!("at most {} {}", trimmed(unit, max_u), symbol(unit));
        asked.push(("U for a pass", text));
    }
    asked.extend(made_of.map(|it| ("U made of", it)));
    asked
}

/// How often, why this condition and this limit, and which hazard asks for it.
fn basis(view: &View<'_>, row: &Row) -> String {
    let mut parts = Vec::new();
    if let Some(entry) = view.summary.plan.entry(row.id.as_str()) {
        let on = match entry.n_units {
            UnitsWanted::All => "on every unit".to_owned(),
            UnitsWanted::Bench => "of the bench, with every unit it holds".to_owned(),
            UnitsWanted::Drawn(count) => match count {
                1 => "on the first unit".to_owned(),
                _ => format!("on the first {count} units"),
            },
        };
        let again = match entry.max_remeasure {
            0 => "never measured again",
            _ => "measured once more where inconclusive",
        };
        parts.push(format!("Wanted {on}, {again}."));
    }
    parts.push(format!(
        "Row revision {}. Condition {}, limit {}: {}.",
        statements::stated(&row.rev),
        statements::stated(&row.basis_condition),
        statements::stated(&row.basis_limit),
        statements::stated(row.source.trim_end_matches('.'))
    ));
    parts.extend(row.hazard.as_ref().map(|it| format!("Answers to {it}.")));
    parts.join(" ")
}

/// `n 5, mean 1.5031, s 0.0142, 1.4901 to 1.5213 mm`.
fn found(view: &View<'_>, row: &Row) -> Option<String> {
    let unit = row.unit?;
    let statistics = view.statistics_of(row.id.as_str());
    let expanded = statistics.largest_expanded.unwrap_or(0);
    let print = |it: Option<i64>| it.map(|it| rounded(unit, it, expanded).0);
    let mean = print(statistics.mean)?;
    let spread = print(statistics.standard_deviation);
    Some(format!(
        "n {}, mean {mean}{}, {} to {} {}",
        statistics.n,
        spread.map(|it| format!(", s {it}")).unwrap_or_default(),
        print(statistics.minimum)?,
        print(statistics.maximum)?,
        symbol(unit)
    ))
}

/// The lines of the largest U's budget that matter, by share.
fn made_of(view: &View<'_>, row: &Row) -> Option<String> {
    // The first unit with the largest U, as in budgets.csv.
    let with_budget = view.values_of(row.id.as_str()).iter();
    let widest = with_budget
        .filter(|it| !it.evidence.budget.is_empty())
        .max_by_key(|it| (it.measured.expanded, std::cmp::Reverse(it.unit)))?;
    let (unit, evidence) = (&view.lot.units[widest.unit], widest.evidence);
    let square = |it: u64| it as f64 * it as f64;
    let sum: f64 = evidence
        .budget
        .iter()
        .map(|it| square(it.contribution))
        .sum();
    let mut lines: Vec<_> = evidence.budget.iter().collect();
    lines.sort_by_key(|it| std::cmp::Reverse(it.contribution));
    let shares: Vec<String> = lines
        .iter()
        .map(|it| (100.0 * square(it.contribution) / sum, it.name.clone()))
        .take_while(|it| it.0 >= 0.5)
        .take(5)
        .map(|(share, name)| format!("{name} {share:.0} %"))
        .collect();
    (!shares.is_empty()).then(|| format!("{} (of u², on {})", shares.join(", "), unit.serial))
}

/// What was found where there is no value to draw: alike findings together.
fn findings(page: &mut Markup, view: &View<'_>, row: &Row) {
    let mut groups: BTreeMap<(std::cmp::Reverse<Mark>, String), Vec<usize>> = BTreeMap::new();
    for (unit, result) in view.results_of(row.id.as_str()) {
        let mark = mark::of_result(result);
        let words = result
            .and_then(|it| found_in_words(row, it))
            .unwrap_or_else(|| crate::results::verdict(result));
        groups
            .entry((std::cmp::Reverse(mark), words))
            .or_default()
            .push(unit);
    }
    let hidden = groups.len().saturating_sub(FINDINGS_SHOWN);
    let lines: Vec<Vec<Cell>> = groups
        .iter()
        .take(FINDINGS_SHOWN)
        .map(|((mark, words), units)| {
            let verdict = match mark.0 {
                Mark::Pass => "pass",
                Mark::None => "not judged",
                Mark::Undecided => "inconclusive",
                Mark::Fail => "fail",
            };
            vec![
                Cell::Mark(mark.0, verdict.to_owned(), String::new()),
                Cell::text(words.clone()),
                Cell::number(units.len()),
                match units.as_slice() {
                    // A serial number does not break over lines.
                    [_] => Cell::keep(named(view, units)),
                    _ => Cell::text(named(view, units)),
                },
            ]
        })
        .collect();
    table::write(
        page,
        "",
        &["verdict", "observed", "#units", "which"],
        &lines,
    );
    if hidden > 0 {
        page.leaf(
            "p",
            "small soft",
            &format!("and {hidden} more findings, in results.csv"),
        );
    }
}

fn found_in_words(row: &Row, result: &RowResult) -> Option<String> {
    let evidence = result.evidence()?;
    let mut parts: Vec<String> = facts::value_for_people(row, evidence).into_iter().collect();
    if !evidence.findings.is_empty() {
        parts.push(Finding::print_list(&evidence.findings));
    }
    if let Some(n) = evidence.n {
        parts.push(format!("n {n}"));
    }
    let reasons = result.judged().map(|it| &it.decision.reasons);
    if let Some(reasons) = reasons.filter(|it| !it.is_empty()) {
        parts.push(crate::display::list(reasons));
    }
    Some(parts.join(", "))
}

fn named(view: &View<'_>, units: &[usize]) -> String {
    if units.len() == view.lot.units.len() {
        return "every unit".to_owned();
    }
    let names: Vec<&str> = units
        .iter()
        .take(UNITS_NAMED)
        .map(|it| view.lot.units[*it].serial.as_str())
        .collect();
    let rest = units.len().saturating_sub(UNITS_NAMED);
    match rest {
        0 => names.join(", "),
        _ => format!("{} and {rest} more", names.join(", ")),
    }
}

/// Links to units, the first ones by name.
pub(super) fn linked(page: &mut Markup, view: &View<'_>, units: &[usize]) {
    let shown: Vec<usize> = view.units_in_full().0;
    for (idx, unit) in units.iter().take(UNITS_NAMED).enumerate() {
        if idx > 0 {
            page.text(", ");
        }
        let serial = &view.lot.units[*unit].serial;
        if shown.contains(unit) {
            let to = format!("#{}", unit_anchor(*unit));
            page.with("a", &[("href", &to)], |it| it.text(serial));
        } else {
            page.text(serial);
        }
    }
    if units.len() > UNITS_NAMED {
        page.text(&format!(" and {} more", units.len() - UNITS_NAMED));
    }
}

/// The default gate and what it lets through.
pub(super) fn gate(page: &mut Markup, view: &View<'_>) {
    section(page, view, "gate");
    page.leaf(
        "p",
        "",
        "Every unit of the lot is measured. The lot meets the plan with no failing pen, is held with one, and does not meet it with two or more; an undecided unit holds it.",
    );
    let n_units = u32::try_from(view.lot.units.len()).unwrap_or(u32::MAX);
    if n_units == 0 {
        page.leaf("p", "", "The lot has no unit, so there is nothing to draw.");
        return;
    }
    let [good, even, bad] =
        [0.95, 0.5, 0.1].map(|it| statements::significant(100.0 * plot::share_at(n_units, it)));
    let caption = format!(
        "Operating characteristic of the gate for lots of {n_units} units from a process (binomial): \
         95 % of lots meet the plan at {good} % nonconforming pens, half at {even} %, one in ten at {bad} % (signs). \
         It takes each nonconforming pen as found; the rules of the rows say how often one passes."
    );
    plot::figure(page, &caption, |page| {
        page.with("div", &[("style", &"max-width:620px")], |page| {
            plot::operating_curve(page, n_units, &caption);
        });
    });
    if view.summary.chosen.is_empty() {
        page.leaf(
            "p",
            "small soft",
            "The spec chose no other sampling rule (it has no sampling.csv for this plan).",
        );
        return;
    }
    let lines: Vec<Vec<Cell>> = view
        .summary
        .chosen
        .iter()
        .map(|it| {
            vec![
                Cell::keep(
                    it.row
                        .as_ref()
                        .map_or_else(|| "every row".to_owned(), ToString::to_string),
                ),
                Cell::text(it.rule.clone()),
                Cell::text(it.origin.clone()),
                Cell::text(it.result.disposition.to_string()),
                Cell::text(it.result.because.clone()),
            ]
        })
        .collect();
    let caption = "Rules that the spec chose; they stand beside the gate and do not change it";
    table::write(
        page,
        caption,
        &["row", "rule", "origin", "says", "because"],
        &lines,
    );
}
