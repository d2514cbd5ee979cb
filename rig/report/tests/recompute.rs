//! Each verdict of results.csv, computed again from its own printed cells by other code than the
//! code that judged.

use proptest::prelude::*;
use rig_record::LotRecord;
use rig_report::tables;
use rig_spec::{Bound, Evidence, Measured, SpecSet};
use small::Pen;
use std::collections::BTreeMap;

mod small;

/// A printed decimal as an integer of 1e-9 of its unit.
fn nano(cell: &str) -> Option<i128> {
    if cell.is_empty() {
        return None;
    }
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    assert!(fraction.len() <= 9, "{cell}");
    let magnitude: i128 = format!("{}{fraction:0<9}", whole.trim_start_matches('-'))
        .parse()
        .expect("digits");
    Some(if cell.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// The verdict from the cells, by the rule as reports/columns.csv and run.csv state it.
fn verdict(cells: &BTreeMap<String, String>) -> &'static str {
    let cell = |name: &str| cells[name].as_str();
    // Severity: 0 pass, 1 inconclusive, 2 fail.
    let mut severity = 0;
    let (lower, upper) = (nano(cell("lower")), nano(cell("upper")));
    if lower.is_some() || upper.is_some() {
        let value = nano(cell("value")).expect("a judged row with limits has a value");
        let expanded = nano(cell("U")).unwrap_or(0);
        let ratio = match cell("rule") {
            "guard-band" => nano(cell("guard_r")).expect("r"),
            "risk" => stated_risk_ratio(cell("max_risk"), cell("k")),
            _ => 0,
        };
        // The printed decimals are the record's resolution, to which w is rounded up.
        let decimals = cell("value")
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let step = 10_i128.pow(9 - u32::try_from(decimals).expect("few"));
        let band = (ratio * expanded + step * 1_000_000_000 - 1) / (step * 1_000_000_000) * step;
        assert_eq!(nano(cell("guard_band")), Some(band));
        assert_eq!(nano(cell("acceptance_lower")), lower.map(|it| it + band));
        assert_eq!(nano(cell("acceptance_upper")), upper.map(|it| it - band));
        let within = |low: Option<i128>, high: Option<i128>| {
            low.is_none_or(|it| value >= it) && high.is_none_or(|it| value <= it)
        };
        if cell("bound") == "at least" {
            // Whatever lies at or above the value may be the truth.
            if upper.is_some_and(|it| value > it + band) {
                severity = 2;
            } else if upper.is_some() || lower.is_some_and(|it| value < it + band) {
                severity = 1;
            }
        } else if !within(lower.map(|it| it - band), upper.map(|it| it + band)) {
            severity = 2;
        } else if !within(lower.map(|it| it + band), upper.map(|it| it - band)) {
            severity = 1;
        }
        if ratio > 0 && expanded == 0 {
            severity = severity.max(1);
        }
        if cell("rule") == "risk" {
            let allowed = 1_000_000_000 - nano(cell("max_risk")).expect("a risk");
            if nano(cell("p_c")).is_none_or(|it| it < allowed) {
                severity = severity.max(1);
            }
        }
        if nano(cell("max_u")).is_some_and(|it| expanded > it) {
            severity = severity.max(1);
        }
    }
    for clause in cell("expected").split("; ").filter(|it| !it.is_empty()) {
        let observed: Vec<&str> = cell("observed")
            .split("; ")
            .filter(|it| it.ends_with(last_word(clause)))
            .collect();
        let holds = |found: &&str| match clause {
            "refused" => found.split(' ').next() == found.split(' ').nth(2),
            other => *found == other,
        };
        severity = severity.max(if observed.is_empty() {
            1
        } else if observed.iter().all(holds) {
            0
        } else {
            2
        });
    }
    if let Ok(wanted) = cell("n_wanted").parse::<u64>()
        && cell("n").parse::<u64>().is_ok_and(|n| n < wanted)
    {
        severity = severity.max(1);
    }
    if !cell("doubts").is_empty() {
        severity = 1;
    }
    ["pass", "inconclusive", "fail"][severity]
}

/// Guard band over U for rule `risk`, 1e-9: z by halving the interval that holds it.
fn stated_risk_ratio(max_risk: &str, k: &str) -> i128 {
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if 0.5 * libm::erfc(middle / core::f64::consts::SQRT_2) > number(max_risk) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (high / number(k).min(2.0) * 1e6).ceil() as i128 * 1_000
}

fn last_word(clause: &str) -> &str {
    clause.rsplit(' ').next().expect("a word")
}

/// The small spec, with DEP-04 and RAT-03 judged by a stated risk.
fn spec_of_stated_risk(max_risk: &str) -> SpecSet {
    small::spec_edited(
        |name, text| {
            if name != "unit.csv" {
                return text;
            }
            text.replace(",guard_r,", ",guard_r,max_risk,")
                .replace("guard-band,0.83,", &format!("risk,,{max_risk},"))
                .replace("guard-band,1,", "guard-band,1,,")
                .replace("exact,,", "exact,,,")
        },
        &[],
    )
}

/// Checks every judged row of a results table and gives how many of each verdict there were.
fn check(text: &str) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for record in
        csv::Reader::from_reader(text.as_bytes()).deserialize::<BTreeMap<String, String>>()
    {
        let cells = record.expect("a table with a header");
        let stated = &cells["verdict"];
        if cells["bench"] == "END" || stated.starts_with("not run") {
            continue;
        }
        assert_eq!(stated, verdict(&cells), "{cells:?}");
        *seen.entry(stated.clone()).or_default() += 1;
    }
    seen
}

#[test]
fn every_verdict_follows_from_its_printed_cells() {
    let spec = small::spec();
    let lot = small::lot(&spec, &[Pen::Good, Pen::Bad, Pen::Broken]);
    let seen = check(&tables(&spec, &lot).unwrap()[0].text);
    let counts: Vec<(&str, usize)> = seen
        .iter()
        .map(|(verdict, count)| (verdict.as_str(), *count))
        .collect();
    assert_eq!(counts, [("fail", 3), ("inconclusive", 1), ("pass", 9)]);
}

#[test]
fn every_budget_adds_up_to_the_uncertainty_of_its_result() {
    let spec = small::spec();
    let lot = small::lot(&spec, &[Pen::Good, Pen::Bad]);
    let files = tables(&spec, &lot).unwrap();
    let read = |name: &str| -> Vec<BTreeMap<String, String>> {
        let file = files.iter().find(|it| it.name == name).expect("a table");
        csv::Reader::from_reader(file.text.as_bytes())
            .deserialize()
            .map(|it| it.expect("cells"))
            .collect()
    };
    let (budgets, results) = (read("budgets.csv"), read("results.csv"));
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let mut rows = Vec::new();
    let (mut sum, mut inverse_dof) = (0.0, 0.0);
    for cells in &budgets {
        if cells["bench"] == "END" {
            continue;
        }
        let contribution = number(&cells["contribution"]);
        if cells["line"] != "combined" {
            sum += contribution * contribution;
            if cells["dof"] != "infinite" {
                inverse_dof += contribution.powi(4) / number(&cells["dof"]);
            }
            continue;
        }
        assert!((sum.sqrt() - contribution).abs() < 0.001, "{cells:?}");
        let dof = sum * sum / inverse_dof;
        assert!(
            (number(&cells["dof"]) - dof).abs() < 0.1,
            "{dof}: {cells:?}"
        );
        let result = results
            .iter()
            .find(|it| it["row"] == cells["row"] && it["unit"] == cells["unit"])
            .expect("a result of that row and unit");
        assert_eq!(result["U"], cells["U"]);
        // Both units count in billionths or millionths of the printed one.
        let printed = nano(&cells["U"]).expect("U") as f64
            / if cells["unit_of_contribution"] == "nm" {
                1e3
            } else {
                1.0
            };
        let scale = if cells["unit_of_contribution"] == "nm" {
            1.0
        } else {
            1e3
        };
        let expanded = number(&cells["k"]) * contribution * scale;
        assert!(
            (printed - expanded).abs() <= 1.0 * scale + 1e-3 * expanded,
            "{printed} {expanded} {cells:?}"
        );
        rows.push(cells["row"].clone());
        (sum, inverse_dof) = (0.0, 0.0);
    }
    assert_eq!(rows, ["DEP-04", "RAT-03", "SAF-03", "MSR-03"]);
}

/// Puts another value, in record units, in a row of the first unit.
fn replace(spec: &SpecSet, lot: &mut LotRecord, id: &str, value: (i64, u64, u32), n: u64) {
    replace_by(spec, lot, id, value, n, None);
}

/// The same with a value that may be a bound.
fn replace_by(
    spec: &SpecSet,
    lot: &mut LotRecord,
    id: &str,
    (value, expanded, k_thousandths): (i64, u64, u32),
    n: u64,
    bound: Option<Bound>,
) {
    let unit = spec
        .row(id)
        .and_then(|it| it.unit)
        .expect("a row with a unit")
        .record_unit();
    let evidence = Evidence::measured(
        Measured {
            unit,
            value,
            expanded,
            k_thousandths,
        },
        n,
    )
    .bounded(bound);
    let place = lot.units[0]
        .results
        .iter_mut()
        .find(|it| it.row() == id)
        .expect("a row of the record");
    *place = small::judged(spec, id, &[evidence]);
}

#[test]
fn two_near_limits_may_leave_more_risk_than_each_alone() {
    // In the middle of 0.3 mm with U = 0.18 mm: 4.8 % beyond each limit.
    let spec = spec_of_stated_risk("0.05");
    let mut lot = small::lot(&spec, &[Pen::Good]);
    replace(
        &spec,
        &mut lot,
        "DEP-04",
        (1_500_000, 180_000, 2_000),
        1_000,
    );
    let text = &tables(&spec, &lot).unwrap()[0].text;
    check(text);
    assert!(text.contains("risk above max_risk"), "{text}");
}

proptest! {
    #[test]
    fn any_value_near_its_limits_is_judged_as_its_cells_say(
        offset_nm in -60_000_i64..60_000,
        expanded_nm in 0_u64..45_000,
        n in 990_u64..1_010,
        rate_offset in -6_000_i64..6_000,
        rate_expanded in 1_u64..4_000,
    ) {
        let spec = small::spec();
        let mut lot = small::lot(&spec, &[Pen::Good]);
        let depth = (1_650_000 + offset_nm, expanded_nm, 2_000);
        let rate = (110_833_000 + rate_offset, rate_expanded, 2_000);
        replace(&spec, &mut lot, "DEP-04", depth, n);
        replace(&spec, &mut lot, "RAT-03", rate, n);
        check(&tables(&spec, &lot).unwrap()[0].text);
    }

    #[test]
    fn a_stated_risk_is_kept_as_the_cells_say(
        max_risk in prop::sample::select(vec!["0.000001", "0.01", "0.02275", "0.05", "0.4"]),
        offset_nm in -400_000_i64..60_000,
        expanded_nm in 0_u64..200_000,
        k_thousandths in 1_000_u32..4_000,
    ) {
        let spec = spec_of_stated_risk(max_risk);
        let mut lot = small::lot(&spec, &[Pen::Good]);
        let depth = (1_650_000 + offset_nm, expanded_nm, k_thousandths);
        replace(&spec, &mut lot, "DEP-04", depth, 1_000);
        check(&tables(&spec, &lot).unwrap()[0].text);
    }

    #[test]
    fn any_bound_near_its_limits_is_judged_as_its_cells_say(
        offset_us in -3_000_i64..3_000,
        expanded_us in 1_u64..3_000,
        depth_offset_nm in -60_000_i64..60_000,
    ) {
        let spec = small::spec();
        let mut lot = small::lot(&spec, &[Pen::Good]);
        let bound = Some(Bound::AtLeast);
        replace_by(&spec, &mut lot, "SAF-03", (300_000 + offset_us, expanded_us, 2_000), 5, bound);
        replace_by(&spec, &mut lot, "DEP-04", (1_650_000 + depth_offset_nm, 11_000, 2_000), 1_000, bound);
        let text = &tables(&spec, &lot).unwrap()[0].text;
        let seen = check(text);
        // A bound above its upper limit fails; at or below it shows nothing.
        prop_assert!(seen.get("inconclusive").copied().unwrap_or(0)
            + seen.get("fail").copied().unwrap_or(0) >= 2);
        prop_assert_eq!(text.matches("at least").count(), 2);
    }
}
