//! What the runs say, as lines for people.

use crate::chart::{BenchChart, RangeLines, RowHistory};
use crate::lots::LotHistory;
use crate::numbers::{aligned, decimals, fixed, plain};
use crate::row::RowFigures;
use crate::select::History;
use rig_record::BenchKind;
use std::fmt::Write as _;

/// What the runs say, as lines for people.
#[must_use]
pub fn text(history: &History) -> String {
    let mut out = head(history);
    out.push('\n');
    out.push_str(&yields(history));
    match &history.row {
        None => {
            for lot in &history.lots {
                let _ = writeln!(out, "\nlot {}, plan {}: required rows", lot.lot, lot.plan);
                let figures: Vec<(&LotHistory, &RowFigures)> =
                    lot.rows.iter().map(|it| (lot, it)).collect();
                out.push_str(&rows(&figures, false));
            }
        }
        Some(row) => {
            let figures: Vec<(&LotHistory, &RowFigures)> = history
                .lots
                .iter()
                .flat_map(|lot| lot.rows.iter().map(move |it| (lot, it)))
                .filter(|it| it.1.row == row.row)
                .collect();
            let _ = writeln!(out, "\n{} where a plan requires it", row.row);
            out.push_str(&rows(&figures, true));
        }
    }
    out.push_str(
        "values: each unit counts once, with its first that is not in doubt; at least: lower bound of Ppk with 95 % confidence,\n\
         for normal values in control; trend: slope a unit, if it is shown with 99 % confidence\n",
    );
    if let Some(row) = &history.row {
        out.push_str(&charts(row, history.kind));
    }
    out
}

fn head(history: &History) -> String {
    let day = |it: Option<&str>| it.and_then(|it| it.get(..10)).unwrap_or("").to_owned();
    let first = day(history.runs.first().map(|it| it.started.as_str()));
    let last = day(history.runs.last().map(|it| it.started.as_str()));
    let span = if first == last {
        first
    } else {
        format!("{first} to {last}")
    };
    let mut lots: Vec<&str> = history.lots.iter().map(|it| it.lot.as_str()).collect();
    lots.sort_unstable();
    lots.dedup();
    let mut out = format!(
        "HISTORY  {}  {}, {}; {span}\n",
        history.kind,
        counted(history.runs.len(), "run"),
        counted(lots.len(), "lot"),
    );
    out.push_str(match history.kind {
        BenchKind::Virtual => {
            "Everything here is from the virtual bench: how image and rig behave under its models, nothing of any pen of steel.\n"
        }
        BenchKind::Hardware => "Everything here was measured on hardware.\n",
    });
    if history.runs_of_other_kind > 0 {
        let (other, option) = match history.kind {
            BenchKind::Virtual => ("on hardware", "hardware"),
            BenchKind::Hardware => ("on the virtual bench", "virtual"),
        };
        let n = history.runs_of_other_kind;
        let _ = writeln!(
            out,
            "{} {other} {} not in here; --kind {option} shows {}.",
            counted(n, "run"),
            if n == 1 { "is" } else { "are" },
            if n == 1 { "it" } else { "them" },
        );
    }
    if history.runs_of_unknown_bench > 0 {
        let _ = writeln!(
            out,
            "{} of which only the ledger is left may have been on the bench too, and count nowhere.",
            counted(history.runs_of_unknown_bench, "run")
        );
    }
    for run in history.runs.iter().filter(|it| !it.has_folder) {
        let _ = writeln!(
            out,
            "Run {} has no folder here that could be read: the ledger's word counts in the yield, its values are missing.",
            run.run
        );
    }
    for run in history.runs.iter().filter(|it| !it.is_finished()) {
        let _ = writeln!(
            out,
            "Run {} never came to its end: {} counted.",
            run.run,
            match run.units {
                0 => "no unit is".to_owned(),
                1 => "the unit that was done is".to_owned(),
                n => format!("the {n} units that were done are"),
            }
        );
    }
    out
}

fn yields(history: &History) -> String {
    let titles = [
        "lot",
        "plan",
        "runs",
        "units",
        "first pass",
        "last test",
        "again",
        "disposition",
    ];
    let mut table = vec![titles.map(str::to_owned).to_vec()];
    for lot in &history.lots {
        table.push(vec![
            lot.lot.clone(),
            lot.plan.clone(),
            lot.runs.to_string(),
            lot.units.to_string(),
            share(lot.first_pass, lot.units),
            share(lot.last_met, lot.units),
            lot.tested_again.to_string(),
            lot.disposition.clone().unwrap_or_else(|| "none".to_owned()),
        ]);
    }
    let mut out = aligned(&table, &[0, 1, 7]);
    out.push_str(
        "first pass: met the plan at the unit's first test, without a re-measurement; last test: met it at the last;\n\
         again: units tested more than once; disposition: that of the last run that came to its end\n",
    );
    for lot in &history.lots {
        if lot.first_met > lot.first_pass {
            let _ = writeln!(
                out,
                "lot {}, plan {}: with re-measurement, {} met it at the first test",
                lot.lot, lot.plan, lot.first_met
            );
        }
        for serial in &lot.turned {
            let _ = writeln!(
                out,
                "lot {}, plan {}: {serial} did not meet it before and does at its last test; that does not undo the first",
                lot.lot, lot.plan
            );
        }
    }
    out
}

/// `4 of 5, 80 %`; whole per cent, never rounded up to 100 nor down to 0.
fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "0 of 0".to_owned();
    }
    let percent = (100 * part + whole / 2) / whole;
    let percent = match percent {
        100 if part < whole => 99,
        0 if part > 0 => 1,
        it => it,
    };
    format!("{part} of {whole}, {percent:>3} %")
}

/// Figures of rows as a table, each with its lot or without.
fn rows(figures: &[(&LotHistory, &RowFigures)], has_lots: bool) -> String {
    if figures.is_empty() {
        return "none with a number\n".to_owned();
    }
    let lot_cells = |lot: &str, plan: &str| match has_lots {
        true => vec![lot.to_owned(), plan.to_owned()],
        false => Vec::new(),
    };
    let titles = [
        "row", "unit", "n", "mean", "SD", "limits", "Ppk", "at least", "trend",
    ];
    let mut table = vec![lot_cells("lot", "plan")];
    table[0].extend(titles.map(str::to_owned));
    for (lot, figures) in figures {
        let mut cells = lot_cells(&lot.lot, &lot.plan);
        cells.extend(row_cells(figures));
        table.push(cells);
    }
    let left: &[usize] = if has_lots {
        &[0, 1, 2, 3, 7, 10]
    } else {
        &[0, 1, 5, 8]
    };
    let mut out = aligned(&table, left);
    let mut without: Vec<(&str, Vec<String>)> = Vec::new();
    for (lot, it) in figures {
        let name = match has_lots {
            true => format!("lot {}", lot.lot),
            false => it.row.clone(),
        };
        if it.left_out > 0 {
            let _ = writeln!(
                out,
                "{name}: {} in doubt or a mere bound, left out",
                counted(it.left_out, "value")
            );
        }
        let Some(why) = it.why_no_ppk.as_deref() else {
            continue;
        };
        match without.iter_mut().find(|it| it.0 == why) {
            Some((_, names)) => names.push(name),
            None => without.push((why, vec![name])),
        }
    }
    for (why, names) in without {
        let _ = writeln!(out, "no Ppk: {why}: {}", names.join(", "));
    }
    out
}

fn row_cells(it: &RowFigures) -> Vec<String> {
    let spread = it.standard_deviation.unwrap_or(0.0);
    let places = if spread > 0.0 { decimals(spread) } else { 6 };
    let number = |value: Option<f64>| {
        value.map_or_else(
            || "-".to_owned(),
            |it| {
                if spread > 0.0 {
                    fixed(it, places)
                } else {
                    plain(it)
                }
            },
        )
    };
    let limits = match (it.lower, it.upper) {
        (Some(lower), Some(upper)) => format!("{} to {}", plain(lower), plain(upper)),
        (Some(lower), None) => format!("from {}", plain(lower)),
        (None, Some(upper)) => format!("to {}", plain(upper)),
        (None, None) => "-".to_owned(),
    };
    let trend = match (it.slope, it.has_trend) {
        (None, _) => "-".to_owned(),
        (Some(_), false) => "none shown".to_owned(),
        (Some(slope), true) => {
            let word = if slope > 0.0 { "rising" } else { "falling" };
            format!("{word} {}", fixed(slope.abs(), decimals(slope)))
        }
    };
    let index = |it: Option<f64>| it.map_or_else(|| "-".to_owned(), |it| fixed(it, 2));
    vec![
        it.row.clone(),
        it.unit.clone(),
        it.n.to_string(),
        number(it.mean),
        number(it.standard_deviation),
        limits,
        index(it.ppk),
        index(it.ppk_lower_bound),
        trend,
    ]
}

fn charts(row: &RowHistory, kind: BenchKind) -> String {
    let mut out = format!("\n{}  {}, {}  {kind}\n", row.row, row.measurand, row.unit);
    for bench in &row.benches {
        out.push_str(&bench_chart(bench, &row.unit));
    }
    for it in &row.differences {
        let places = decimals(it.expanded);
        let how = match it.paired {
            Some(n) => format!("{n} units on both"),
            None => "means of different units".to_owned(),
        };
        let _ = writeln!(
            out,
            "\n{} minus {}: {} {unit} ± {} {unit} ({how}; scatter ± {} with 95 %, instruments ± {})\n  {}",
            it.first,
            it.second,
            fixed(it.difference, places),
            fixed(it.expanded, places),
            fixed(it.scatter, places),
            fixed(it.instruments, places),
            if it.is_shown {
                "the benches differ by more than that"
            } else {
                "no difference is shown"
            },
            unit = row.unit,
        );
    }
    out
}

fn bench_chart(chart: &BenchChart, unit: &str) -> String {
    let mut out = format!(
        "\nbench {}: {} in the order of time\n",
        chart.bench,
        counted(chart.points.len(), "unit")
    );
    let Some(lines) = &chart.limits else {
        let why = chart.why_no_limits.as_deref().unwrap_or_default();
        let _ = writeln!(out, "  no control limits: {why}");
        return out;
    };
    let places = decimals((lines.upper - lines.lower) / 6.0);
    let show = |it: f64| fixed(it, places);
    let _ = writeln!(
        out,
        "  individuals   center {} {unit}, limits {} and {} {unit}",
        show(lines.center),
        show(lines.lower),
        show(lines.upper)
    );
    if let Some(RangeLines { center, upper }) = chart.moving_range {
        let _ = writeln!(
            out,
            "  moving range  mean {} {unit}, limit {} {unit}",
            show(center),
            show(upper)
        );
    }
    if chart.is_provisional {
        out.push_str("  provisional: from fewer than 20 values\n");
    }
    let mut table = Vec::new();
    for point in chart.points.iter().filter(|it| it.is_out()) {
        let mut said: Vec<&str> = point.signals.clone();
        if point.is_range_out {
            said.push("moving range above its limit");
        }
        table.push(vec![
            "  out".to_owned(),
            point.serial.clone(),
            format!("{} {unit}", show(point.value)),
            format!("run {}", point.run),
            format!("lot {}", point.lot),
            said.join("; "),
        ]);
    }
    if table.is_empty() {
        out.push_str("  no point is out and no pattern is there\n");
    }
    out.push_str(&aligned(&table, &[0, 1, 3, 4, 5]));
    out.push_str(&lot_chart(chart, unit, places));
    out
}

fn lot_chart(chart: &BenchChart, unit: &str, places: usize) -> String {
    if chart.lots.is_empty() {
        return String::new();
    }
    let show = |it: f64| fixed(it, places);
    let mut out = String::new();
    match (chart.within_lots, &chart.why_no_lot_limits) {
        (Some(within), _) => {
            let _ = writeln!(
                out,
                "  means of lots, limits by the spread within lots: SD {} {unit}, {} degrees of freedom",
                show(within.standard_deviation),
                fixed(within.degrees_of_freedom, 0)
            );
        }
        (None, why) => {
            let why = why.as_deref().unwrap_or_default();
            let _ = writeln!(out, "  means of lots, without limits: {why}");
        }
    }
    let table: Vec<Vec<String>> = chart
        .lots
        .iter()
        .map(|lot| {
            let limits = lot.limits.as_ref().map_or_else(String::new, |it| {
                format!("limits {} and {}", show(it.lower), show(it.upper))
            });
            vec![
                format!("  lot {}", lot.lot),
                counted(lot.n, "unit"),
                format!("{} {unit}", show(lot.mean)),
                limits,
                if lot.signals.is_empty() {
                    String::new()
                } else {
                    format!("out: {}", lot.signals.join("; "))
                },
            ]
        })
        .collect();
    out.push_str(&aligned(&table, &[0, 3, 4]));
    out
}

fn counted(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{n} {word}s")
    }
}
