//! What a quality engineer and an auditor see first.

use super::mark::Mark;
use super::markup::Markup;
use super::statements;
use super::table::{self, Cell};
use super::view::{Tally, View, row_anchor, unit_anchor};
use crate::facts;
use crate::run::VIRTUAL_NOTE;
use rig_record::{GoldenStatus, Outcome};
use rig_spec::{Finding, RowId};
use rig_stats::{Disposition, Standing, image_claims};
use std::collections::BTreeSet;

/// Lines of the table of what is not pass; the rest stands with the units.
const LINES_SHOWN: usize = 12;

pub(super) fn write(page: &mut Markup, view: &View<'_>) {
    let header = &view.lot.header;
    page.classed("header", "masthead", |page| {
        page.leaf(
            "h1",
            "",
            &format!("Pen qualification: {}", header.spec.device),
        );
        page.leaf(
            "span",
            "soft small",
            &format!("run {}, started {}", header.run_id, header.started),
        );
    });
    verdict(page, view);
    figures(page, view);
    page.classed("p", "next", |page| {
        page.leaf("b", "", "Next: ");
        let next = facts::next_action(header.bench.kind, view.lot, &view.summary);
        page.text(&statements::shortened(&next, 300));
        page.text(".");
    });
    of_the_pens(page, view);
    page.classed("div", "two", |page| {
        page.plain("div", |page| {
            page.leaf("h3", "", "What to watch");
            table::facts(page, &watch(view));
            page.leaf("h3", "", "What it rests on");
            table::facts(page, &statements::basis(view));
        });
        page.plain("div", |page| {
            page.leaf("h3", "", "Record and trace");
            table::facts(page, &statements::trace(view));
        });
    });
}

fn verdict(page: &mut Markup, view: &View<'_>) {
    let header = &view.lot.header;
    let disposition = view.summary.disposition;
    let mark = Mark::from(disposition);
    let class = match disposition {
        Disposition::MeetsPlan => "verdict pass",
        Disposition::Held => "verdict undecided",
        Disposition::DoesNotMeetPlan => "verdict fail",
    };
    page.with("section", &[("class", &class), ("id", &"result")], |page| {
        mark.draw(page, "sign");
        page.plain("div", |page| {
            let word = format!("word {}", mark.class());
            page.leaf("div", &word, &disposition.to_string().to_uppercase());
            page.leaf(
                "p",
                "why",
                &format!(
                    "lot {}, plan {}: {} of {} required rows met on every unit they are wanted on",
                    header.lot,
                    header.plan,
                    view.summary.rows_met.len(),
                    view.summary.rows_required.len()
                ),
            );
            if disposition == Disposition::DoesNotMeetPlan {
                let failing = view.count(Standing::Fails);
                page.leaf("p", "why", &format!("{failing} failing pens"));
            }
            if !view.summary.held_because.is_empty() {
                let reasons = crate::display::list(&view.summary.held_because);
                page.leaf("p", "why", &statements::shortened(&reasons, 200));
            }
        });
        let (class, note) = if view.is_virtual() {
            (
                "world virtual",
                VIRTUAL_NOTE.trim_start_matches("virtual, "),
            )
        } else {
            ("world", "measured on a bench of steel")
        };
        page.classed("div", class, |page| {
            page.text(&header.bench.kind.to_string());
            page.text(" ");
            page.leaf("small", "", note);
        });
    });
}

fn figures(page: &mut Markup, view: &View<'_>) {
    let units = view.lot.units.len();
    let drawn = units - view.count(Standing::NotDrawn);
    let meeting = view.count(Standing::Meets);
    // A share of many is easier read in per cent, rounded down so that only all is 100 %.
    let share = |of: usize, name: &str| match drawn {
        0 => ("none".to_owned(), name.to_owned()),
        1..=99 => (format!("{of} of {drawn}"), name.to_owned()),
        _ => {
            let tenths = of * 1000 / drawn;
            let percent = format!("{}.{} %", tenths / 10, tenths % 10);
            (percent, format!("{name}, {of} of {drawn}"))
        }
    };
    let marked = [
        (Mark::Pass, Standing::Meets, "meet the plan"),
        (Mark::Undecided, Standing::Undecided, "undecided"),
        (Mark::Fail, Standing::Fails, "fail"),
        (Mark::None, Standing::NotDrawn, "not drawn"),
    ];
    page.classed("div", "figures", |page| {
        let plain = |page: &mut Markup, value: &str, name: &str| {
            page.plain("div", |page| {
                page.leaf("b", "", value);
                page.text(" ");
                page.leaf("span", "", name);
            });
        };
        plain(page, &units.to_string(), "units");
        for (mark, standing, name) in marked {
            let count = view.count(standing);
            if standing == Standing::NotDrawn && count == 0 {
                continue;
            }
            page.plain("div", |page| {
                page.classed(
                    "b",
                    if count > 0 { mark.class() } else { "is-none" },
                    |page| {
                        match count {
                            0 => mark.draw_muted(page),
                            _ => mark.draw(page, "mark"),
                        }
                        page.text(&count.to_string());
                    },
                );
                page.text(" ");
                page.leaf("span", "", name);
            });
        }
        let yields = [
            share(view.summary.first_pass_units(), "first-pass yield"),
            share(meeting, "final yield"),
        ];
        for (value, name) in yields {
            plain(page, &value, &name);
        }
        plain(
            page,
            &format!(
                "{} of {}",
                view.summary.rows_met.len(),
                view.summary.rows_required.len()
            ),
            "rows met",
        );
        plain(page, &view.summary.exit.number().to_string(), "exit code");
    });
}

fn of_the_pens(page: &mut Markup, view: &View<'_>) {
    page.leaf("h3", "", "What is not a pass");
    let (lines, hidden) = not_passed(view);
    if lines.is_empty() {
        page.leaf(
            "p",
            "",
            "Nothing: every required row passed on every unit it is wanted on.",
        );
    } else {
        let head = [
            "unit",
            "row",
            "measurand",
            "verdict",
            "found",
            "limits or expectation",
            "beyond, or why",
        ];
        if hidden > 0 {
            page.plain("p", |page| by_row(page, view));
        }
        table::write(page, "", &head, &lines);
        if hidden > 0 {
            page.classed("p", "small", |page| {
                page.text(&format!("and {hidden} more: "));
                page.with("a", &[("href", &"#units")], |it| it.text("units"));
            });
        }
    }
}

/// Which rows did not pass, and on how many units.
fn by_row(page: &mut Markup, view: &View<'_>) {
    let tallies: Vec<(&RowId, Tally)> = view
        .summary
        .rows_required
        .iter()
        .map(|it| (it, view.tally(it.as_str())))
        .collect();
    for (idx, (mark, word)) in [
        (Mark::Fail, "fail"),
        (Mark::Undecided, "inconclusive"),
        (Mark::None, "not run"),
    ]
    .into_iter()
    .enumerate()
    {
        let of_rows: Vec<String> = tallies
            .iter()
            .map(|(id, tally)| (id, [tally.failed, tally.inconclusive, tally.not_run][idx]))
            .filter(|(_, count)| *count > 0)
            .map(|(id, count)| format!("{id} on {count}"))
            .collect();
        if !of_rows.is_empty() {
            mark.with_word(page, word);
            page.text(&format!(" {}. ", of_rows.join(", ")));
        }
    }
}

fn watch(view: &View<'_>) -> Vec<(&'static str, String)> {
    let mut watch = Vec::new();
    let closest = facts::closest_to_a_limit(view.spec, view.lot, &view.summary);
    watch.push((
        "closest pass",
        closest.unwrap_or_else(|| "no passing value with a guard band".to_owned()),
    ));
    watch.push(("drift", statements::drift(view)));
    for alert in crate::alert::lines(view.spec, view.lot) {
        let text = alert
            .split_once(' ')
            .map_or("", |it| it.1)
            .trim()
            .to_owned();
        let name = if alert.starts_with("alert") {
            "alert"
        } else {
            "tolerance"
        };
        watch.push((name, text));
    }
    for chosen in &view.summary.chosen {
        let of_row = chosen.row.as_ref().map(|it| format!(" on {it}"));
        watch.push((
            "by rule",
            format!(
                "{}{}: {}; {}",
                chosen.result.disposition,
                of_row.unwrap_or_default(),
                chosen.rule,
                chosen.result.because
            ),
        ));
    }
    for claim in image_claims(view.spec, view.lot) {
        watch.push(("image claim", facts::claim_line(view.spec, &claim)));
    }
    watch.push(("calibration", facts::calibration(view.lot)));
    watch.push((
        "golden pen",
        match &view.lot.header.golden {
            GoldenStatus::NotAsked => "not asked for: the virtual bench has none".to_owned(),
            other => other.to_string(),
        },
    ));
    watch
}

/// Lines of what is not a pass, worst first, and how many more there are.
fn not_passed(view: &View<'_>) -> (Vec<Vec<Cell>>, usize) {
    let mut lines: Vec<(Mark, Line)> = Vec::new();
    for (position, (unit, standing)) in view.units().enumerate() {
        if standing.standing <= Standing::Meets {
            continue;
        }
        let (failed, rig_failed) = (&standing.failed, &standing.rig_failed);
        for id in failed
            .iter()
            .chain(rig_failed)
            .chain(&standing.inconclusive)
        {
            lines.extend(judged_line(view, position, id, rig_failed.contains(id)));
        }
        let cause = match &unit.outcome {
            Outcome::Completed => None,
            Outcome::BenchError { cause } => Some(("bench error", cause.clone())),
            aborted => Some(("aborted", aborted.to_string())),
        };
        if let Some((word, cause)) = cause {
            let line = Line {
                verdict: Some((Mark::Undecided, word.to_owned())),
                why: cause,
                ..Line::of(view, position)
            };
            lines.push((Mark::Undecided, line));
        }
        if !standing.not_run.is_empty() {
            let rows: Vec<&str> = standing.not_run.iter().map(RowId::as_str).collect();
            let whys: Vec<String> = rows
                .iter()
                .map(|it| crate::results::verdict(unit.result(it)))
                .collect();
            let others: BTreeSet<&String> = whys.iter().filter(|it| **it != whys[0]).collect();
            let why = match others.len() {
                0 => whys[0].clone(),
                1 => format!("{}; others for another reason, in results.csv", whys[0]),
                more => format!(
                    "{}; others for {more} other reasons, in results.csv",
                    whys[0]
                ),
            };
            let line = Line {
                row: None,
                measurand: format!(
                    "{} rows: {}",
                    rows.len(),
                    statements::shortened(&rows.join(" "), 60)
                ),
                verdict: Some((Mark::None, "not run".to_owned())),
                why: why.trim_start_matches("not run: ").to_owned(),
                ..Line::of(view, position)
            };
            lines.push((Mark::None, line));
        }
    }
    lines.sort_by_key(|(mark, _)| std::cmp::Reverse(*mark));
    let hidden = lines.len().saturating_sub(LINES_SHOWN);
    lines.truncate(LINES_SHOWN);
    let cells = lines.into_iter().map(|(_, line)| line.cells());
    (cells.collect(), hidden)
}

/// One thing that is not a pass.
struct Line {
    unit: Cell,
    row: Option<String>,
    measurand: String,
    verdict: Option<(Mark, String)>,
    found: String,
    limits: String,
    why: String,
}

impl Line {
    fn of(view: &View<'_>, position: usize) -> Self {
        let serial = view.lot.units[position].serial.clone();
        Self {
            unit: Cell::Link(unit_anchor(position), serial),
            row: None,
            measurand: String::new(),
            verdict: None,
            found: String::new(),
            limits: String::new(),
            why: String::new(),
        }
    }

    fn cells(self) -> Vec<Cell> {
        let (mark, word) = self.verdict.unwrap_or((Mark::None, String::new()));
        vec![
            self.unit,
            match self.row {
                Some(row) => Cell::Link(row_anchor(&row), row),
                None => Cell::keep(""),
            },
            Cell::text(self.measurand),
            Cell::Mark(mark, word, String::new()),
            Cell::keep(self.found),
            Cell::text(self.limits),
            Cell::text(self.why),
        ]
    }
}

fn judged_line(view: &View<'_>, position: usize, id: &RowId, of_rig: bool) -> Option<(Mark, Line)> {
    let row = view.spec.row(id.as_str())?;
    let judged = view.lot.units[position].result(id.as_str())?.judged()?;
    let evidence = judged.evidence;
    let verdict = judged.decision.verdict;
    let mut found: Vec<String> = facts::value_for_people(row, evidence).into_iter().collect();
    if !evidence.findings.is_empty() {
        found.push(Finding::print_list(&evidence.findings));
    }
    let mut limits: Vec<String> = row.tolerance.map(facts::limits).into_iter().collect();
    limits.extend(row.expected.as_ref().map(ToString::to_string));
    let mut why = match facts::beyond_for_people(row, evidence) {
        Some(beyond) => vec![format!("{beyond} beyond the limit")],
        None => vec![crate::display::list(&judged.decision.reasons)],
    };
    if of_rig {
        why.push("a row of the rig: this unit's values are void".to_owned());
    }
    let line = Line {
        row: Some(id.to_string()),
        measurand: row.measurand.clone(),
        verdict: Some((verdict.into(), verdict.to_string())),
        found: found.join(", "),
        limits: limits.join(", ").trim_start_matches("limits ").to_owned(),
        why: why.join("; "),
        ..Line::of(view, position)
    };
    Some((verdict.into(), line))
}
