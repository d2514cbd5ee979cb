//! The special controls of 21 CFR 878.4430, and which rows of the spec give evidence for each.
//!
//! The paragraphs are paraphrased from the eCFR, as of 2026-06-20 for (b)(1) to (b)(9)(iii); what
//! follows (b)(9)(iii) was not read and is marked so. The regulation speaks of depth in skin and of
//! puncture rate; the rig measures protrusion beyond the nose plane and stroke rate.

use super::mark::Mark;
use super::markup::Markup;
use super::rows::rounded;
use super::section;
use super::table::{self, Cell};
use super::view::{View, row_anchor};
use crate::display::symbol;

struct Control {
    paragraph: &'static str,
    asks: &'static str,
    /// Beginnings of row names.
    rows: &'static [&'static str],
    not_covered: &'static str,
}

const CONTROLS: [Control; 10] = [
    Control {
        paragraph: "(b)(1)",
        asks: "technical specifications: needle length, needle geometry, greatest depth, puncture rate",
        rows: &["DEP-06", "DEP-09", "RAT-01", "RAT-03", "RAT-04"],
        not_covered: "needle length and geometry (cartridge drawings, imaging); depth in skin",
    },
    Control {
        paragraph: "(b)(2)(i)",
        asks: "performance testing: accuracy of depth and of puncture rate",
        rows: &[
            "DEP-00", "DEP-01", "DEP-02", "DEP-03", "DEP-04", "DEP-05", "DEP-06", "DEP-07",
            "DEP-11", "DEP-13", "RAT-", "COR-", "END-01", "END-02",
        ],
        not_covered: "depth reached in skin; rows outside this plan",
    },
    Control {
        paragraph: "(b)(2)(ii)",
        asks: "performance testing: features against cross-contamination, fluid ingress included",
        rows: &["SAF-01", "SAF-02", "SAF-04"],
        not_covered: "exposure to fluid itself (external); cartridge seal",
    },
    Control {
        paragraph: "(b)(2)(iii)",
        asks: "performance testing: the greatest depth for the indications on the label",
        rows: &["DEP-09", "DEP-10", "DEP-14", "DEP-15", "SAF-10", "SAF-12"],
        not_covered: "the clinical reasons for that depth",
    },
    Control {
        paragraph: "(b)(3), (b)(4)",
        asks: "sterility; shelf life with package integrity and device functionality over it",
        rows: &[],
        not_covered: "all of it; aged units can be run under this plan, their age and storage then belong on the intake list",
    },
    Control {
        paragraph: "(b)(5)",
        asks: "electrical safety and electromagnetic compatibility",
        rows: &[],
        not_covered: "all of it (IEC 60601-1, IEC 60601-1-2)",
    },
    Control {
        paragraph: "(b)(6)",
        asks: "software verification, validation and hazard analysis for all software components",
        rows: &[
            "SAF-03", "SAF-05", "SAF-06", "SAF-07", "SAF-08", "SAF-09", "SAF-11", "SAF-13",
            "RAT-08",
        ],
        not_covered: "the life-cycle records of IEC 62304; software that this plan does not drive",
    },
    Control {
        paragraph: "(b)(7), (b)(8)",
        asks: "biocompatibility; cleaning and disinfection of reusable parts",
        rows: &[],
        not_covered: "all of it; pens can be run under this plan after cleaning cycles",
    },
    Control {
        paragraph: "(b)(9)(i) to (iii)",
        asks: "labelling: operation, course of treatment, summary of technical parameters, reprocessing",
        rows: &["DEP-06", "RAT-01", "RAT-04"],
        not_covered: "the text of the label; measured parameters to hold it against stand below",
    },
    Control {
        paragraph: "(b)(9)(iv) on, (b)(10)",
        asks: "further labelling and patient labelling (recalled, not read)",
        rows: &[],
        not_covered: "all of it",
    },
];

pub(super) fn write(page: &mut Markup, view: &View<'_>) {
    section(page, view, "controls");
    let what = if view.is_virtual() {
        "Which rows would give evidence when run on a hardware bench: a virtual run gives none for any physical pen. The signs say how the rows stand in this run."
    } else {
        "Which rows of this run give evidence, and what needs other evidence. The regulation speaks of depth in skin; the rig measures protrusion beyond the nose plane."
    };
    page.leaf("p", "", what);
    page.plain("table", |page| {
        page.plain("thead", |page| {
            page.plain("tr", |page| {
                for name in [
                    "paragraph",
                    "asks for",
                    "rows of this run",
                    "not run",
                    "not covered here, needs other evidence",
                ] {
                    page.with("th", &[("scope", &"col")], |it| it.text(name));
                }
            });
        });
        page.plain("tbody", |page| {
            for control in &CONTROLS {
                line(page, view, control);
            }
        });
    });
    parameters(page, view);
}

fn line(page: &mut Markup, view: &View<'_>, control: &Control) {
    let of_control = view.spec.rows.iter().filter(|row| {
        control
            .rows
            .iter()
            .any(|it| row.id.as_str().starts_with(it))
    });
    let (mut run, mut not_run) = (Vec::new(), Vec::new());
    for row in of_control {
        let tally = view.tally(row.id.as_str());
        match tally.worst() {
            _ if !tally.is_judged() => not_run.push(row.id.to_string()),
            (mark, _) => run.push((mark, row.id.clone())),
        }
    }
    page.plain("tr", |page| {
        page.leaf("td", "keep", control.paragraph);
        page.leaf("td", "", control.asks);
        page.classed("td", "small", |page| {
            if run.is_empty() {
                Mark::None.with_word(page, "none");
            }
            for (mark, id) in &run {
                page.classed("span", "keep entry", |page| {
                    mark.draw(page, "mark");
                    let to = format!("#{}", row_anchor(id.as_str()));
                    if view.summary.rows_required.contains(id) {
                        page.with("a", &[("href", &to)], |it| it.text(id.as_str()));
                    } else {
                        page.text(id.as_str());
                    }
                });
                page.text(" ");
            }
        });
        page.leaf("td", "small", &not_run.join(" "));
        page.leaf("td", "", control.not_covered);
    });
}

/// Measured parameters that a label states.
fn parameters(page: &mut Markup, view: &View<'_>) {
    page.leaf("h3", "", "Measured parameters to hold a label against");
    let named = [
        ("DEP-06", "protrusion at the greatest setting"),
        (
            "DEP-09-U",
            "protrusion beyond the limit in force, any stroke",
        ),
        ("RAT-01", "stroke rate at the least setting"),
        ("RAT-03", "stroke rate at the usual setting"),
        ("RAT-04", "stroke rate at the greatest setting"),
    ];
    let lines: Vec<Vec<Cell>> = named
        .iter()
        .filter_map(|(id, what)| {
            let row = view.spec.row(id)?;
            let unit = row.unit?;
            let statistics = view.statistics_of(id);
            let expanded = statistics.largest_expanded.unwrap_or(0);
            let print = |it: Option<i64>| match it {
                Some(value) => rounded(unit, value, expanded).0,
                None => "not measured".to_owned(),
            };
            let largest = statistics.mean.and_then(|it| rounded(unit, it, expanded).1);
            Some(vec![
                Cell::text(*what),
                Cell::keep((*id).to_owned()),
                Cell::number(statistics.n),
                Cell::number(print(statistics.minimum)),
                Cell::number(print(statistics.mean)),
                Cell::number(print(statistics.maximum)),
                Cell::number(largest.unwrap_or_default()),
                Cell::keep(symbol(unit)),
            ])
        })
        .collect();
    if lines.is_empty() {
        page.leaf("p", "soft", "The spec has none of the rows for it.");
        return;
    }
    let head = [
        "parameter",
        "row",
        "#units",
        "#least",
        "#mean",
        "#largest",
        "#largest U",
        "unit",
    ];
    table::write(page, "", &head, &lines);
    page.leaf(
        "p",
        "small soft",
        "Needle length and geometry are not measured by the rig.",
    );
}
