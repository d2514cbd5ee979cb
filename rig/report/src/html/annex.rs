//! Instruments, attempts, deviations, anomalies; and what identifies the run.

use super::mark::Mark;
use super::markup::Markup;
use super::table::{self, Cell};
use super::view::View;
use super::{section, statements};
use crate::display::{EvidenceCells, symbol};
use rig_record::AttemptEnd;
use std::collections::BTreeMap;

/// Lines of a table of a large lot; the CSV tables have the rest.
const LINES_SHOWN: usize = 150;

pub(super) fn write(page: &mut Markup, view: &View<'_>) {
    section(page, view, "annex");
    instruments(page, view);
    attempts(page, view);
    deviations(page, view);
    previous_runs(page, view);
    anomalies(page, view);
}

/// A table, or a sentence where there is nothing to list.
fn listed(
    page: &mut Markup,
    title: &str,
    nothing: &str,
    head: &[&str],
    lines: Vec<Vec<Cell>>,
    rest: &str,
) {
    page.leaf("h3", "", title);
    if lines.is_empty() {
        page.leaf("p", "", nothing);
        return;
    }
    let hidden = lines.len().saturating_sub(LINES_SHOWN);
    table::write(page, "", head, &lines[..lines.len() - hidden]);
    if hidden > 0 {
        page.leaf("p", "small soft", &format!("and {hidden} more{rest}"));
    }
}

fn instruments(page: &mut Markup, view: &View<'_>) {
    let lines = view.lot.header.instruments.iter().map(|it| {
        vec![
            Cell::text(it.name.clone()),
            Cell::text(format!("{} {}", it.model, it.serial)),
            Cell::text(it.certificate.clone()),
            if it.traceability == "none" {
                Cell::Mark(Mark::None, "none".to_owned(), String::new())
            } else {
                Cell::text(it.traceability.clone())
            },
            Cell::keep(it.calibrated.clone()),
            Cell::keep(it.due.clone()),
        ]
    });
    let head = [
        "instrument",
        "model and serial",
        "certificate",
        "traceable to",
        "calibrated",
        "due",
    ];
    listed(
        page,
        "Instruments and certificates",
        "The record names no instrument.",
        &head,
        lines.collect(),
        "",
    );
    page.leaf(
        "p",
        "small soft",
        &format!("Golden pen: {}.", view.lot.header.golden),
    );
}

fn attempts(page: &mut Markup, view: &View<'_>) {
    let mut lines = Vec::new();
    for unit in &view.lot.units {
        for result in unit.results.iter().filter(|it| it.attempts().len() > 1) {
            let Some(row) = view.spec.row(result.row().as_str()) else {
                continue;
            };
            for attempt in result.attempts() {
                let (evidence, mark, word) = match &attempt.end {
                    AttemptEnd::Judged { evidence, decision } => (
                        Some(evidence),
                        Mark::from(decision.verdict),
                        decision.verdict.to_string(),
                    ),
                    AttemptEnd::Reported { evidence } => {
                        (Some(evidence), Mark::None, "reported".to_owned())
                    }
                    AttemptEnd::NotMeasured(reason) => {
                        (None, Mark::None, format!("not run: {reason}"))
                    }
                };
                let cells = EvidenceCells::new(row, evidence);
                lines.push(vec![
                    Cell::keep(unit.serial.clone()),
                    Cell::keep(row.id.to_string()),
                    Cell::number(attempt.number),
                    Cell::number(format!("{:.3}", attempt.started.seconds())),
                    Cell::number(cells.value),
                    Cell::number(cells.expanded),
                    Cell::keep(row.unit.map(symbol).unwrap_or_default()),
                    Cell::Mark(mark, word, cells.doubts),
                ]);
            }
        }
    }
    let head = [
        "unit",
        "row",
        "#attempt",
        "#began, s",
        "#value",
        "#U",
        "unit",
        "verdict of it alone",
    ];
    listed(
        page,
        "Rows that were measured again",
        "No row was measured more than once.",
        &head,
        lines,
        " lines, in attempts.csv",
    );
    let (once, twice) = statements::false_pass(1.0);
    let (once_083, twice_083) = statements::false_pass(0.83);
    page.leaf(
        "p",
        "small soft",
        &format!(
            "Every attempt is kept. An inconclusive value is measured once more where the plan allows it, and the mean is judged with the larger U (of an extreme, the worse of both). \
             A pen whose true value lies on the tolerance limit then passes with a chance of at most {twice:.2} % instead of {once:.2} % at w = U, \
             and {twice_083:.2} % instead of {once_083:.2} % at w = 0.83 U (one-sided, normal, both attempts independent). \
             A failed row is not measured again without a recorded deviation."
        ),
    );
}

fn deviations(page: &mut Markup, view: &View<'_>) {
    let nothing = |known: bool| {
        if known {
            "None recorded."
        } else {
            "Not known to this report: it was made without the records of the station."
        }
    };
    let extras = view.extras;
    let lines = extras.deviations.iter().flatten().map(|it| {
        vec![
            Cell::keep(it.id.clone()),
            Cell::keep(it.unit.clone().unwrap_or_default()),
            Cell::keep(it.row.clone().unwrap_or_default()),
            Cell::text(it.text.clone()),
            Cell::text(it.by.clone()),
            Cell::keep(it.time.clone()),
        ]
    });
    let head = [
        "deviation",
        "unit",
        "row",
        "what and why",
        "by, as claimed",
        "time",
    ];
    listed(
        page,
        "Deviations",
        nothing(extras.deviations.is_some()),
        &head,
        lines.collect(),
        "",
    );
    let lines = extras.holds.iter().flatten().map(|it| {
        vec![
            Cell::keep(it.what.clone()),
            Cell::text(it.reason.clone()),
            Cell::text(it.by.clone()),
            Cell::keep(it.time.clone()),
        ]
    });
    let head = ["on hold", "why", "by, as claimed", "time"];
    listed(
        page,
        "Holds",
        nothing(extras.holds.is_some()),
        &head,
        lines.collect(),
        "",
    );
    let lines = extras.sign_offs.iter().flatten().map(|it| {
        vec![
            Cell::text(it.name.clone()),
            Cell::text(it.meaning.clone()),
            Cell::keep(it.time.clone()),
            Cell::Hash(it.content_hash.clone()),
            if it.holds {
                Cell::text("the content of this run")
            } else {
                Cell::Mark(
                    Mark::Fail,
                    "other content".to_owned(),
                    "than that of this run".to_owned(),
                )
            },
        ]
    });
    let head = ["name, as claimed", "meaning", "time", "content hash", "is"];
    listed(
        page,
        "Sign-off",
        nothing(extras.sign_offs.is_some()),
        &head,
        lines.collect(),
        "",
    );
    page.leaf("p", "small soft", "Sign-off records are detached and name who is claimed to have made them; nothing here is an electronic signature in the sense of 21 CFR Part 11.");
}

fn previous_runs(page: &mut Markup, view: &View<'_>) {
    let known = view.extras.previous_runs.is_some();
    let lines = view.extras.previous_runs.iter().flatten().map(|it| {
        vec![
            Cell::keep(it.run_id.clone()),
            Cell::keep(it.started.clone()),
            Cell::text(it.result.clone()),
        ]
    });
    let nothing = if known {
        "None recorded at this station."
    } else {
        "Not known to this report."
    };
    listed(
        page,
        "Earlier runs of these units",
        nothing,
        &["run id", "started", "result"],
        lines.collect(),
        "",
    );
}

fn anomalies(page: &mut Markup, view: &View<'_>) {
    let lines = view.lot.units.iter().flat_map(|unit| {
        unit.anomalies.iter().map(|it| {
            vec![
                Cell::keep(unit.serial.clone()),
                Cell::number(format!("{:.3}", it.at.seconds())),
                Cell::keep(it.row.as_ref().map(ToString::to_string).unwrap_or_default()),
                Cell::keep(it.kind.to_string()),
                Cell::text(it.detail.clone()),
            ]
        })
    });
    let head = ["unit", "#bench time, s", "row", "kind", "detail"];
    listed(
        page,
        "Anomalies",
        "None.",
        &head,
        lines.collect(),
        ", in anomalies.csv",
    );
}

/// What else is known of how and where a run was made, in one line.
fn noted(noted: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> = noted
        .iter()
        .map(|(name, it)| format!("{name} {it}"))
        .collect();
    parts.join("; ")
}

pub(super) fn identity(page: &mut Markup, view: &View<'_>) {
    section(page, view, "identity");
    let header = &view.lot.header;
    let or_not = |it: Option<String>| it.unwrap_or_else(|| "none".to_owned());
    let left = vec![
        ("run id", header.run_id.clone()),
        ("lot", header.lot.clone()),
        ("plan", header.plan.clone()),
        ("device", header.spec.device.clone()),
        ("started", header.started.clone()),
        (
            "ended",
            header
                .ended
                .clone()
                .unwrap_or_else(|| "still running when this was made".to_owned()),
        ),
        (
            "operator",
            format!(
                "{} (as claimed, not authenticated)",
                statements::stated(&header.operator)
            ),
        ),
        ("station", header.station.clone()),
        ("reason", header.reason.clone()),
    ];
    let mut right = vec![
        ("program", format!("penrig {}", header.tool_version)),
        (
            "bench",
            format!(
                "{}, {}: {}",
                header.bench.kind, header.bench.name, header.bench.description
            ),
        ),
        ("probe", header.bench.probe.clone()),
        ("chip", header.bench.chip.clone()),
        ("scenario", or_not(header.scenario.clone())),
        ("seed", or_not(header.seed.map(|it| it.to_string()))),
        (
            "image",
            format!(
                "{}, firmware {}, build {}",
                header.image.file, header.image.firmware_version, header.image.build_id
            ),
        ),
        ("image SHA-256", header.image.sha256.clone()),
        (
            "exit code",
            format!(
                "{}: {}",
                view.summary.exit.number(),
                view.summary.exit.meaning()
            ),
        ),
    ];
    if !header.noted.is_empty() {
        right.push(("also noted", noted(&header.noted)));
    }
    page.classed("div", "two", |page| {
        page.plain("div", |page| table::facts(page, &left));
        page.plain("div", |page| table::facts(page, &right));
    });
    spec_tables(page, view);
    chains(page, view);
}

fn spec_tables(page: &mut Markup, view: &View<'_>) {
    let used: BTreeMap<&String, &String> = view
        .spec
        .tables
        .iter()
        .map(|(name, it)| (name, &it.sha256))
        .collect();
    let mut differs = false;
    let lines = view.lot.header.spec.tables.iter().map(|(name, hash)| {
        let same = used.get(name).is_some_and(|it| *it == hash);
        differs |= !same;
        vec![
            Cell::keep(name.clone()),
            Cell::Hash(hash.clone()),
            if same {
                Cell::text("judged and reported by it")
            } else {
                Cell::Mark(
                    Mark::Undecided,
                    "another".to_owned(),
                    "is used by this report".to_owned(),
                )
            },
        ]
    });
    let lines: Vec<Vec<Cell>> = lines.collect();
    listed(
        page,
        "Spec tables",
        "The record names no table.",
        &["table", "SHA-256", "of this report"],
        lines,
        "",
    );
    page.leaf(
        "p",
        "small soft",
        &format!(
            "Spec hash: {}, as lines of sha256sum in order of name.",
            statements::spec_hash(view)
        ),
    );
    if differs {
        page.leaf("p", "note", "The tables given to this report are not those that the run was judged by. Verdicts are those of the run; limits shown may be others.");
    }
}

fn chains(page: &mut Markup, view: &View<'_>) {
    let lines = view.extras.chain_heads.iter().flatten().map(|it| {
        vec![
            Cell::text(it.name.clone()),
            Cell::number(it.records),
            Cell::Hash(it.hash.clone()),
        ]
    });
    listed(
        page,
        "Chain heads of the journal",
        "Not known to this report.",
        &["chain", "#records", "head"],
        lines.collect(),
        ", in the bundle's manifest",
    );
    page.leaf("p", "small soft", "A chain shows changes relative to a head that is kept elsewhere; it shows nothing to who can change both.");
}
