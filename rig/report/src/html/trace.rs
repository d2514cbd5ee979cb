//! From each hazard over its controls to the rows that show that they are there and that they work.

use super::mark::Mark;
use super::markup::Markup;
use super::section;
use super::table::{self, Cell};
use super::view::{Tally, View, row_anchor};
use crate::trace::{Counts, rows_of};
use rig_spec::{Row, RowId};

pub(super) fn write(page: &mut Markup, view: &View<'_>) {
    section(page, view, "trace");
    page.leaf(
        "p",
        "",
        "A control needs two verifications: that it is there (implemented) and that it works (effective). Each column says what this run shows of it; a row that was not run shows nothing.",
    );
    matrix(page, view);
    untested(page, view);
}

fn matrix(page: &mut Markup, view: &View<'_>) {
    page.plain("table", |page| {
        page.leaf(
            "caption",
            "",
            "Hazard, control, row, verdict over the units of the lot",
        );
        page.plain("thead", |page| {
            page.plain("tr", |page| {
                for name in [
                    "hazard",
                    "harm",
                    "controls in the pen",
                    "implemented",
                    "effective",
                ] {
                    page.with("th", &[("scope", &"col")], |it| it.text(name));
                }
            });
        });
        page.plain("tbody", |page| {
            for hazard in &view.spec.hazards {
                let rows = rows_of(view.spec, hazard);
                let showing = |what: &str| {
                    let rows: Vec<&RowId> = rows
                        .iter()
                        .filter(|it| it.0 == what)
                        .map(|it| it.1)
                        .collect();
                    rows
                };
                page.plain("tr", |page| {
                    page.plain("td", |page| {
                        page.leaf("b", "keep", &hazard.id);
                        page.text(" ");
                        page.text(&hazard.hazard);
                    });
                    page.leaf("td", "", &hazard.harm);
                    page.leaf("td", "", &hazard.controls);
                    verification(page, view, &showing("control implemented"));
                    verification(page, view, &showing("control effective"));
                });
                let only_named = showing("named by the row only");
                if !only_named.is_empty() {
                    page.plain("tr", |page| {
                        page.with("td", &[("colspan", &"5"), ("class", &"small")], |page| {
                            page.text(&format!(
                                "Rows that name {} and are named by no column: ",
                                hazard.id
                            ));
                            for id in &only_named {
                                entry(page, view, id);
                            }
                        });
                    });
                }
            }
        });
    });
}

/// What rows show of a control: the worst of them as a word, then each.
fn verification(page: &mut Markup, view: &View<'_>, ids: &[&RowId]) {
    page.plain("td", |page| {
        let tallies: Vec<Tally> = ids.iter().map(|it| view.tally(it.as_str())).collect();
        let marks: Vec<Mark> = tallies.iter().map(|it| it.worst().0).collect();
        let in_part = tallies.iter().any(|it| it.passed > 0 && it.not_run > 0);
        let shown = marks.iter().filter(|it| **it == Mark::Pass).count();
        let (mark, word) = if marks.contains(&Mark::Fail) {
            (Mark::Fail, "contradicted".to_owned())
        } else if marks.contains(&Mark::Undecided) {
            (Mark::Undecided, "undecided".to_owned())
        } else if marks.is_empty() {
            (Mark::None, "no row names it".to_owned())
        } else if shown == marks.len() {
            (Mark::Pass, "shown".to_owned())
        } else if shown > 0 || in_part {
            (
                Mark::None,
                format!(
                    "shown in part, {shown} of {} rows on every unit",
                    marks.len()
                ),
            )
        } else {
            (Mark::None, "not shown by this run".to_owned())
        };
        page.plain("div", |page| mark.with_word(page, &word));
        page.classed("div", "small", |page| {
            for id in ids {
                entry(page, view, id);
            }
        });
    });
}

/// A row with its sign; its name leads to it where it has a place on the page.
fn entry(page: &mut Markup, view: &View<'_>, id: &RowId) {
    let (mark, words) = standing(view, id);
    page.with(
        "span",
        &[("class", &"keep entry"), ("title", &words)],
        |page| {
            mark.draw(page, "mark");
            if view.summary.rows_required.contains(id) {
                let to = format!("#{}", row_anchor(id.as_str()));
                page.with("a", &[("href", &to)], |it| it.text(id.as_str()));
            } else {
                page.text(id.as_str());
            }
            let tally = view.tally(id.as_str());
            if tally.passed > 0 && tally.not_run > 0 {
                page.text(&format!(" (pass {})", tally.passes()));
            }
        },
    );
    page.text(" ");
}

fn standing(view: &View<'_>, id: &RowId) -> (Mark, String) {
    let counts = Counts::of(view.results_of(id.as_str()).map(|it| it.1));
    (view.tally(id.as_str()).worst().0, counts.standing())
}

/// Rows judged on no unit, why, and what stands for them from outside.
fn untested(page: &mut Markup, view: &View<'_>) {
    page.leaf("h3", "", "Rows without a verdict in this run");
    let lines: Vec<Vec<Cell>> = view
        .spec
        .rows
        .iter()
        .filter_map(|row| untested_line(view, row))
        .collect();
    if lines.is_empty() {
        page.leaf(
            "p",
            "",
            "Every row of the spec was judged on at least one unit.",
        );
        return;
    }
    let head = [
        "row",
        "table",
        "measurand",
        "hazard",
        "why",
        "evidence from outside",
    ];
    table::write(page, "", &head, &lines);
}

fn untested_line(view: &View<'_>, row: &Row) -> Option<Vec<Cell>> {
    let counts = Counts::of(view.results_of(row.id.as_str()).map(|it| it.1));
    if counts.passed + counts.inconclusive + counts.failed > 0 {
        return None;
    }
    let records: Vec<&str> = view
        .extras
        .external_evidence
        .iter()
        .filter(|it| it.row == row.id)
        .map(|it| it.record.as_str())
        .collect();
    let is_external = row.is_external() || view.summary.rows_external.contains(&row.id);
    let outside = match (records.is_empty(), is_external) {
        (false, _) => records.join(", "),
        (true, true) => "none linked".to_owned(),
        (true, false) => String::new(),
    };
    let standing = counts.standing();
    Some(vec![
        Cell::keep(row.id.to_string()),
        Cell::keep(row.table.to_string()),
        Cell::text(row.measurand.clone()),
        Cell::keep(row.hazard.clone().unwrap_or_default()),
        Cell::text(standing.trim_start_matches("untested: ")),
        Cell::text(outside),
    ])
}
