//! Every unit of a small lot, and of a large one those that are no plain pass.

use super::mark::{self, Mark};
use super::markup::Markup;
use super::plot::{self, LimitLines};
use super::rows::measurand_at;
use super::table::{self, Cell};
use super::view::{UNITS_SHOWN, View, row_anchor, unit_anchor};
use super::{Counterexample, Waveform, section, statements};
use crate::facts;
use crate::table::join;
use rig_record::{JudgedFrom, RowResult, UnitRecord};
use rig_spec::{Finding, Row, Tolerance};
use rig_stats::UnitSummary;

/// Waveforms drawn at most.
const WAVEFORMS_SHOWN: usize = 60;
/// Command sequences printed at most.
const SEQUENCES_SHOWN: usize = 40;
/// Anomalies listed a unit at most.
const ANOMALIES_SHOWN: usize = 12;
/// Units of a large lot listed by name at most.
const UNITS_LISTED: usize = 2_000;

pub(super) fn write(page: &mut Markup, view: &View<'_>) {
    section(page, view, "units");
    let (shown, hidden) = view.units_in_full();
    let n_units = view.lot.units.len();
    let plain = (0..n_units).filter(|it| view.is_plain_pass(*it)).count();
    if shown.len() < n_units {
        page.leaf(
            "p",
            "note",
            &format!(
                "{plain} of {n_units} units are a plain pass (every required row at its first attempt, nothing out of the ordinary) and are counted only; units.csv and results.csv have each of them. {}",
                match hidden {
                    0 => "Every other unit stands below, worst first.".to_owned(),
                    _ => format!("Of the others the {UNITS_SHOWN} worst stand below in full; the list names them all."),
                }
            ),
        );
        list(page, view);
    }
    let mut budget = WAVEFORMS_SHOWN;
    for position in shown {
        one(page, view, position, &mut budget);
    }
    if view.extras.waveforms.is_empty() {
        page.leaf("p", "soft", "No waveform was given to this report. Rows that fail or stay undecided leave theirs in the bundle's waveforms folder.");
    }
    sequences(page, view);
}

/// Units that are no plain pass, a line each.
fn list(page: &mut Markup, view: &View<'_>) {
    let mut notable: Vec<(usize, &UnitSummary)> = view
        .summary
        .units
        .iter()
        .enumerate()
        .filter(|(position, _)| !view.is_plain_pass(*position))
        .collect();
    notable.sort_by_key(|it| std::cmp::Reverse(it.1.standing));
    let shown = view.units_in_full().0;
    let lines: Vec<Vec<Cell>> = notable
        .iter()
        .take(UNITS_LISTED)
        .map(|(position, unit)| {
            let serial = unit.serial.clone();
            vec![
                if shown.contains(position) {
                    Cell::Link(unit_anchor(*position), serial)
                } else {
                    Cell::keep(serial)
                },
                Cell::Mark(
                    unit.standing.into(),
                    unit.standing.to_string(),
                    String::new(),
                ),
                Cell::text(join(&unit.failed)),
                Cell::text(join(&unit.inconclusive)),
                Cell::number(unit.not_run.len()),
                Cell::number(unit.remeasured.len()),
                Cell::number(view.lot.units[*position].anomalies.len()),
            ]
        })
        .collect();
    let head = [
        "unit",
        "standing",
        "failing rows",
        "inconclusive rows",
        "#not run",
        "#measured again",
        "#anomalies",
    ];
    table::write(page, "Units that are no plain pass", &head, &lines);
    let rest = notable.len().saturating_sub(UNITS_LISTED);
    if rest > 0 {
        page.leaf(
            "p",
            "",
            &format!("and {rest} more, in units.csv; those that fail come first."),
        );
    }
}

fn one(page: &mut Markup, view: &View<'_>, position: usize, waveforms: &mut usize) {
    let unit = &view.lot.units[position];
    let standing = &view.summary.units[position];
    let anchor = unit_anchor(position);
    page.with("section", &[("class", &"unit"), ("id", &anchor)], |page| {
        page.plain("h3", |page| {
            page.leaf("span", "id", &unit.serial);
            page.text(" ");
            let mark = Mark::from(standing.standing);
            mark.with_word(page, &standing.standing.to_string());
        });
        identity(page, view, unit, standing);
        rows(page, view, position);
        anomalies(page, unit);
        let of_unit = view
            .extras
            .waveforms
            .iter()
            .filter(|it| it.unit == unit.serial);
        for waveform in of_unit {
            if *waveforms == 0 {
                page.leaf("p", "soft", "Further waveforms stand in the bundle.");
                break;
            }
            *waveforms -= 1;
            picture(page, view, waveform);
        }
    });
}

fn identity(page: &mut Markup, view: &View<'_>, unit: &UnitRecord, standing: &UnitSummary) {
    let not_known = || "not known: the pen did not answer".to_owned();
    let of_pen = |text: &dyn Fn(&rig_record::DutIdentity) -> String| {
        unit.identity.as_ref().map_or_else(not_known, text)
    };
    let image = &view.lot.header.image;
    let read_back = match &unit.image_read_back_sha256 {
        Some(hash) => hash.clone(),
        None => "not read back".to_owned(),
    };
    let serial = match &unit.identity {
        Some(it) if it.serial == unit.serial => "as listed".to_owned(),
        Some(it) => format!("{}, which is not the one listed", it.serial),
        None => not_known(),
    };
    let mut left = vec![
        ("serial by pen", serial),
        (
            "hardware",
            of_pen(&|it| format!("revision {}", it.hardware_revision)),
        ),
        (
            "firmware",
            of_pen(&|it| {
                format!(
                    "{}, build {}, protocol {}",
                    it.firmware_version, it.build_id, it.protocol_version
                )
            }),
        ),
        ("flash read back", format!("SHA-256 {read_back}")),
        ("image file", format!("SHA-256 {}", image.sha256)),
    ];
    let intake = view
        .extras
        .intake
        .iter()
        .flatten()
        .find(|it| it.serial == unit.serial);
    match (intake, &view.extras.intake) {
        (Some(intake), _) => {
            let columns: Vec<String> = intake
                .columns
                .iter()
                .map(|(name, value)| {
                    format!(
                        "{name} {}",
                        if value.is_empty() {
                            "not stated"
                        } else {
                            value
                        }
                    )
                })
                .collect();
            left.push(("intake", columns.join(", ")));
        }
        (None, Some(_)) => left.push(("intake", "not on the intake list".to_owned())),
        (None, None) => {}
    }
    let right = vec![
        ("position", format!("{} in the run", unit.index + 1)),
        ("outcome", unit.outcome.to_string()),
        ("bench time", format!("{:.3} s", unit.bench_time.seconds())),
        (
            "required rows",
            format!(
                "{}: {} pass, {} inconclusive, {} fail, {} not run",
                standing.required.len(),
                standing.passed.len(),
                standing.inconclusive.len(),
                standing.failed.len() + standing.rig_failed.len(),
                standing.not_run.len()
            ),
        ),
        (
            "measured again",
            match standing.remeasured.as_slice() {
                [] => "no row".to_owned(),
                rows => join(rows),
            },
        ),
    ];
    page.classed("div", "two", |page| {
        page.plain("div", |page| table::facts(page, &left));
        page.plain("div", |page| table::facts(page, &right));
    });
}

fn rows(page: &mut Markup, view: &View<'_>, position: usize) {
    let unit = &view.lot.units[position];
    let required = &view.summary.units[position].required;
    let lines: Vec<Vec<Cell>> = required
        .iter()
        .filter_map(|id| view.spec.row(id.as_str()))
        .map(|row| line(row, unit.result(row.id.as_str())))
        .collect();
    let rest = view.spec.rows.len() - lines.len();
    let head = [
        "row",
        "measurand",
        "#value",
        "#± U",
        "limits or expectation",
        "accepted",
        "verdict",
        "#attempts",
    ];
    table::write(page, "", &head, &lines);
    let reported: Vec<String> = view
        .spec
        .rows
        .iter()
        .filter(|row| !required.contains(&row.id))
        .filter_map(|row| {
            let evidence = unit.result(row.id.as_str())?.reported()?;
            Some(format!(
                "{} {}",
                row.id,
                facts::value_against_limits(row, evidence)
            ))
        })
        .collect();
    let mut text = format!("{rest} further rows of the spec are not required of this unit");
    if !reported.is_empty() {
        text += &format!("; reported without a verdict: {}", reported.join("; "));
    }
    page.leaf("p", "small soft", &(text + "."));
}

fn line(row: &Row, result: Option<&RowResult>) -> Vec<Cell> {
    let judged = result.and_then(RowResult::judged);
    let evidence = result.and_then(RowResult::evidence);
    let (mut value, mut expanded) = (String::new(), String::new());
    if let Some((unit, measured)) = row.unit.zip(evidence.and_then(|it| it.measured)) {
        let (number, u) = crate::display::value_and_expanded(unit, measured);
        let bound = evidence.and_then(|it| it.bound);
        value = bound.map_or_else(|| number.clone(), |it| format!("{it} {number}"));
        expanded = u.unwrap_or_default();
    }
    let limits = match (row.tolerance, &row.expected) {
        (Some(tolerance), _) => facts::limits(tolerance)
            .trim_start_matches("limits ")
            .to_owned(),
        (None, Some(expected)) => expected.to_string(),
        (None, None) => String::new(),
    };
    let accepted = row
        .tolerance
        .zip(judged.map(|it| it.decision.guard_band))
        .filter(|it| it.1 > 0)
        .map(|(tolerance, width)| acceptance(tolerance, width))
        .unwrap_or_default();
    let mark = mark::of_result(result);
    let mut rest = Vec::new();
    let word = match judged {
        Some(judged) => judged.decision.verdict.to_string(),
        None => "not run".to_owned(),
    };
    match judged {
        Some(judged) => {
            if !evidence.is_none_or(|it| it.findings.is_empty()) {
                rest.push(Finding::print_list(&judged.evidence.findings));
            }
            if !judged.decision.reasons.is_empty() {
                rest.push(crate::display::list(&judged.decision.reasons));
            }
            rest.extend(
                facts::beyond_for_people(row, judged.evidence)
                    .map(|it| format!("{it} beyond the limit")),
            );
            if judged.from == JudgedFrom::Mean {
                rest.push("mean of attempts 1 and 2".to_owned());
            }
        }
        None => rest.push(
            crate::results::verdict(result)
                .trim_start_matches("not run: ")
                .to_owned(),
        ),
    }
    vec![
        Cell::Link(row_anchor(row.id.as_str()), row.id.to_string()),
        Cell::text(measurand_at(row)),
        Cell::number(value),
        Cell::number(expanded),
        Cell::text(limits),
        Cell::text(accepted),
        Cell::Mark(mark, word, rest.join("; ")),
        Cell::number(result.map_or(0, |it| it.attempts().len())),
    ]
}

fn acceptance(tolerance: Tolerance, guard_band: u64) -> String {
    let unit = tolerance.unit();
    let print = |it: i64| crate::display::trimmed(unit, it);
    match tolerance.acceptance(guard_band) {
        (Some(lower), Some(upper)) => format!("{} to {}", print(lower), print(upper)),
        (Some(lower), None) => format!("from {}", print(lower)),
        (None, Some(upper)) => format!("to {}", print(upper)),
        (None, None) => String::new(),
    }
}

fn anomalies(page: &mut Markup, unit: &UnitRecord) {
    let lines: Vec<Vec<Cell>> = unit
        .anomalies
        .iter()
        .take(ANOMALIES_SHOWN)
        .map(|it| {
            vec![
                Cell::number(format!("{:.3}", it.at.seconds())),
                Cell::keep(it.row.as_ref().map(ToString::to_string).unwrap_or_default()),
                Cell::keep(it.kind.to_string()),
                Cell::text(it.detail.clone()),
            ]
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    page.leaf("h4", "", "Anomalies");
    table::write(
        page,
        "",
        &["#bench time, s", "row", "kind", "detail"],
        &lines,
    );
    let rest = unit.anomalies.len().saturating_sub(ANOMALIES_SHOWN);
    if rest > 0 {
        page.leaf(
            "p",
            "small soft",
            &format!("and {rest} more, in anomalies.csv"),
        );
    }
}

fn picture(page: &mut Markup, view: &View<'_>, waveform: &Waveform) {
    let row = view.spec.row(waveform.row.as_str());
    let of = row.map_or("", |it| it.measurand.as_str());
    page.leaf(
        "h4",
        "",
        &format!(
            "Waveform of {} on {}, attempt {}",
            waveform.row, waveform.unit, waveform.attempt
        ),
    );
    let file = match &waveform.file {
        Some((name, hash)) => format!(" Every sample: {name}, SHA-256 {hash}."),
        None => String::new(),
    };
    let caption = format!(
        "{of}: {} samples; triangles: tops of the {} strokes detected; grey: {} without usable samples.{file}",
        waveform.samples.len(),
        waveform.strokes.len(),
        statements::plural(waveform.gaps.len(), "stretch", "stretches"),
    );
    // Limits of a depth mean something in the picture of a depth.
    let limits = row
        .and_then(|row| Some((row.unit?, row.tolerance?)))
        .filter(|(unit, _)| unit.record_unit() == rig_spec::RecordUnit::Nanometer)
        .filter(|_| of.starts_with("protrusion"))
        .map_or_else(LimitLines::default, |(_, tolerance)| {
            // The panels are in millimetres whatever the row is printed in.
            let millimeters = |it: i64| it as f64 / 1e6;
            LimitLines {
                lower: tolerance.lower().map(millimeters),
                upper: tolerance.upper().map(millimeters),
                ..LimitLines::default()
            }
        });
    plot::figure(page, &caption, |page| {
        plot::waveform(page, waveform, &limits, &caption)
    });
}

/// Command sequences that a pen failed, made short.
fn sequences(page: &mut Markup, view: &View<'_>) {
    page.leaf("h3", "", "Shortest failing command sequences");
    let all = &view.extras.counterexamples;
    if all.is_empty() {
        page.leaf("p", "soft", "None was given to this report.");
    }
    for Counterexample {
        unit,
        row,
        file,
        table,
        replay,
    } in all.iter().take(SEQUENCES_SHOWN)
    {
        let of_unit = unit
            .as_ref()
            .map(|it| format!(" on {it}"))
            .unwrap_or_default();
        let of_row = row.as_ref().map(|it| format!("{it}, ")).unwrap_or_default();
        page.leaf("h4", "", &format!("{of_row}{file}{of_unit}"));
        page.leaf("pre", "", table);
        page.leaf("p", "small", &format!("Runs again with: {replay}"));
    }
    let rest = all.len().saturating_sub(SEQUENCES_SHOWN);
    if rest > 0 {
        page.leaf(
            "p",
            "small soft",
            &statements::shortened(&format!("and {rest} more in the bundle"), 200),
        );
    }
}
