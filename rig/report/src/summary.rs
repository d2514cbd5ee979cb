//! What a terminal prints at the end of a run, for a quality engineer: verdict first.

use crate::display::{for_people, trimmed};
use crate::results::beyond;
use crate::run::{CLAIM, VIRTUAL_NOTE};
use rig_record::{BenchKind, GoldenStatus, LotRecord, Outcome, UnitRecord};
use rig_spec::{Evidence, Finding, Row, RowId, SpecSet, Tolerance, Verdict};
use rig_stats::{
    CLAIM_CONFIDENCE, Disposition, ImageClaim, LotSummary, Standing, StatsError, UnitSummary,
    image_claims, summarize,
};
use std::fmt;

/// Rows listed a unit before the rest is counted only.
const ROWS_SHOWN: usize = 8;

/// The summary of a run, several lines, the last one ending with a line feed.
///
/// # Errors
/// The record names a plan that the spec does not have.
pub fn summary(spec: &SpecSet, lot: &LotRecord) -> Result<String, StatsError> {
    let counts = summarize(spec, lot)?;
    let mut lines = Vec::new();
    let mut line = |args: fmt::Arguments<'_>| lines.push(args.to_string());
    let header = &lot.header;
    let kind = header.bench.kind;
    let disposition = counts.disposition.to_string().to_uppercase();
    line(format_args!(
        "{disposition}  {kind}  lot {}, plan {}",
        header.lot, header.plan
    ));
    let virtual_note = if kind == BenchKind::Virtual {
        format!("; {VIRTUAL_NOTE}")
    } else {
        String::new()
    };
    line(format_args!(
        "{} of {} rows required by plan {}; {} outside it{virtual_note}",
        counts.rows_met.len(),
        counts.rows_required.len(),
        header.plan,
        counts.rows_outside.len(),
    ));
    let count = |standing| counts.units_standing(standing).count();
    line(format_args!(
        "units        {}: {} meet the plan, {} undecided, {} fail{}; first-pass yield {} of {}",
        counts.units.len(),
        count(Standing::Meets),
        count(Standing::Undecided),
        count(Standing::Fails),
        match count(Standing::NotDrawn) {
            0 => String::new(),
            not_drawn => format!(", {not_drawn} not drawn"),
        },
        counts.first_pass_units(),
        counts.units.len() - count(Standing::NotDrawn),
    ));
    for entry in crate::retest::lines(spec, lot, &counts) {
        line(format_args!("{entry}"));
    }
    for reason in &counts.held_because {
        line(format_args!("held         {reason}"));
    }
    for chosen in &counts.chosen {
        let of_row = chosen
            .row
            .as_ref()
            .map(|it| format!(" on {it}"))
            .unwrap_or_default();
        line(format_args!(
            "by rule      {}{of_row}: {}; {}",
            chosen.result.disposition, chosen.rule, chosen.result.because
        ));
    }
    for (unit, standing) in lot
        .units
        .iter()
        .zip(&counts.units)
        .filter(|(_, it)| it.standing > Standing::Meets)
    {
        for entry in unit_lines(spec, unit, standing) {
            line(format_args!("{entry}"));
        }
    }
    if let Some(closest) = closest_to_a_limit(spec, lot, &counts) {
        line(format_args!("closest      {closest}"));
    }
    for alert in crate::alert::lines(spec, lot) {
        line(format_args!("{alert}"));
    }
    for claim in image_claims(spec, lot) {
        line(format_args!("image claim  {}", claim_line(spec, &claim)));
    }
    if !counts.rows_external.is_empty() {
        let rows = crate::table::join(&counts.rows_external);
        line(format_args!(
            "external     {rows}: evidence from outside the rig, not covered here"
        ));
    }
    line(format_args!("calibration  {}", calibration(lot)));
    if header.golden != GoldenStatus::NotAsked {
        line(format_args!("golden pen   {}", header.golden));
    }
    let spec_identity = &header.spec;
    line(format_args!(
        "spec         {} revision {}, {}; {} of {} required rows have a proposed limit",
        spec_identity.document,
        spec_identity.revision,
        spec_identity.status,
        counts
            .rows_required
            .iter()
            .filter(|id| is_proposed(spec, id))
            .count(),
        counts.rows_required.len(),
    ));
    line(format_args!(
        "image        {}, firmware {}, SHA-256 {}",
        header.image.file, header.image.firmware_version, header.image.sha256
    ));
    let seed = header
        .seed
        .map(|it| format!(", seed {it}"))
        .unwrap_or_default();
    let scenario = header
        .scenario
        .as_ref()
        .map(|it| format!(", scenario {it}"))
        .unwrap_or_default();
    line(format_args!(
        "bench        {}{scenario}{seed}",
        header.bench.name
    ));
    if counts.disposition == Disposition::MeetsPlan {
        line(format_args!("claim        {CLAIM}"));
    }
    line(format_args!(
        "next         {}",
        next_action(kind, lot, &counts)
    ));
    Ok(lines.join("\n") + "\n")
}

/// `SAF-05: 299 sequences without violation: 95 % confidence that at least 99.0 % ...`; the share
/// rounded down, so that no more is said than is known.
fn claim_line(spec: &SpecSet, claim: &ImageClaim) -> String {
    let of = spec.row(claim.row.as_str()).map_or("", |it| &it.measurand);
    let share = 100.0 * (1.0 - claim.failing_share_at_most);
    format!(
        "{}: {} tries without failure ({of}): {:.0} % confidence that at least {:.1} % are without",
        claim.row,
        claim.n,
        100.0 * CLAIM_CONFIDENCE,
        (share * 10.0).floor() / 10.0,
    )
}

fn is_proposed(spec: &SpecSet, id: &RowId) -> bool {
    spec.row(id.as_str()).is_some_and(Row::limit_is_proposed)
}

/// Why a unit does not meet the plan: one line a row that is not pass.
fn unit_lines(spec: &SpecSet, unit: &UnitRecord, standing: &UnitSummary) -> Vec<String> {
    let mut lines = Vec::new();
    if unit.outcome != Outcome::Completed {
        lines.push(unit.outcome.to_string());
    }
    let judged = [
        &standing.rig_failed,
        &standing.failed,
        &standing.inconclusive,
    ];
    for id in judged.into_iter().flatten() {
        let (Some(row), Some(result)) = (spec.row(id.as_str()), unit.result(id.as_str())) else {
            continue;
        };
        let Some(judged) = result.judged() else {
            continue;
        };
        let of_rig = if standing.rig_failed.contains(id) {
            " (the rig, so this unit's values are void)"
        } else {
            ""
        };
        let what = format!(
            "{id} {}{of_rig}: {}",
            judged.decision.verdict, row.measurand
        );
        lines.push(format!(
            "{what}: {}",
            value_against_limits(row, &judged.evidence)
        ));
        let reasons = crate::display::list(&judged.decision.reasons);
        if judged.decision.verdict == Verdict::Inconclusive {
            lines.push(format!("{id} is inconclusive because: {reasons}"));
        }
    }
    for id in &standing.not_run {
        let why = crate::results::verdict(unit.result(id.as_str()));
        lines.push(format!("{id} {why}"));
    }
    let hidden = lines.len().saturating_sub(ROWS_SHOWN);
    lines.truncate(ROWS_SHOWN);
    if hidden > 0 {
        lines.push(format!("and {hidden} more in results.csv"));
    }
    lines
        .iter()
        .map(|it| format!("  {:<10} {it}", unit.serial))
        .collect()
}

/// `1.803 mm ± 0.012 mm (k = 2), limits 1.35 to 1.65 mm, 0.153214 mm beyond`.
pub(crate) fn value_against_limits(row: &Row, evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    if let (Some(unit), Some(measured)) = (row.unit, evidence.measured) {
        let value = for_people(unit, measured);
        parts.push(match evidence.bound {
            Some(bound) => format!("{bound} {value}"),
            None => value,
        });
        if let Some(tolerance) = row.tolerance {
            parts.push(limits(tolerance));
        }
        if let Some(by) = beyond(row, evidence) {
            let by = i64::try_from(by).unwrap_or(i64::MAX);
            parts.push(format!("{} {} beyond", trimmed(unit, by), unit.printed()));
        }
    }
    if !evidence.findings.is_empty() {
        parts.push(Finding::print_list(&evidence.findings));
    }
    if let Some(expected) = &row.expected {
        parts.push(format!("expected {expected}"));
    }
    parts.join(", ")
}

fn limits(tolerance: Tolerance) -> String {
    let unit = tolerance.unit();
    let word = unit.printed();
    match (tolerance.lower(), tolerance.upper()) {
        (Some(lower), Some(upper)) => format!(
            "limits {} to {} {word}",
            trimmed(unit, lower),
            trimmed(unit, upper)
        ),
        (Some(lower), None) => format!("at least {} {word}", trimmed(unit, lower)),
        (None, Some(upper)) => format!("at most {} {word}", trimmed(unit, upper)),
        (None, None) => String::new(),
    }
}

/// The passing value that lies closest to its acceptance limit, in widths of its guard band.
fn closest_to_a_limit(spec: &SpecSet, lot: &LotRecord, counts: &LotSummary) -> Option<String> {
    let mut closest: Option<(i128, String)> = None;
    for unit in &lot.units {
        for id in &counts.rows_required {
            let (Some(row), Some(result)) = (spec.row(id.as_str()), unit.result(id.as_str()))
            else {
                continue;
            };
            let Some(judged) = result
                .judged()
                // How far a bound lies inside is not known.
                .filter(|it| it.decision.verdict == Verdict::Pass && it.evidence.bound.is_none())
            else {
                continue;
            };
            let (Some(tolerance), Some(measured)) = (row.tolerance, judged.evidence.measured)
            else {
                continue;
            };
            let guard_band = i128::from(judged.decision.guard_band);
            if guard_band == 0 {
                continue;
            }
            let inside = -tolerance.excess(measured.value) - guard_band;
            let widths_in_thousandths = inside * 1000 / guard_band;
            if closest
                .as_ref()
                .is_none_or(|(least, _)| widths_in_thousandths < *least)
            {
                let unit_of_value = tolerance.unit();
                let inside = i64::try_from(inside).unwrap_or(i64::MAX);
                let text = format!(
                    "{id} on {}: {}, {}, {} {} inside the acceptance limit",
                    unit.serial,
                    for_people(unit_of_value, measured),
                    limits(tolerance),
                    trimmed(unit_of_value, inside),
                    unit_of_value.printed(),
                );
                closest = Some((widths_in_thousandths, text));
            }
        }
    }
    closest.map(|(_, text)| text)
}

fn calibration(lot: &LotRecord) -> String {
    let instruments = &lot.header.instruments;
    let Some(first) = instruments.iter().min_by(|a, b| a.due.cmp(&b.due)) else {
        return "no instrument recorded".to_owned();
    };
    let traceable = instruments
        .iter()
        .filter(|it| it.traceability != "none")
        .count();
    format!(
        "instruments {}, traceable {traceable}; first due {}: {} ({})",
        instruments.len(),
        first.due,
        first.name,
        first.certificate
    )
}

pub(crate) fn next_action(kind: BenchKind, lot: &LotRecord, counts: &LotSummary) -> String {
    let serials = |standing| {
        counts
            .units_standing(standing)
            .map(|it| it.serial.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let rig_at_fault = counts
        .units
        .iter()
        .any(|it| it.bench_error || !it.rig_failed.is_empty());
    match counts.disposition {
        Disposition::DoesNotMeetPlan => {
            format!(
                "set the lot apart; find the cause on {}",
                serials(Standing::Fails)
            )
        }
        Disposition::Held if counts.units_standing(Standing::Fails).count() == 1 => {
            let serial = serials(Standing::Fails);
            format!(
                "set {serial} apart and find the cause; the lot stays held until a person decides"
            )
        }
        Disposition::Held if lot.units.is_empty() => {
            "list the units of the lot and run again".to_owned()
        }
        Disposition::Held if rig_at_fault => {
            format!(
                "repair the rig, then run {} again; nothing is said of the pens",
                serials(Standing::Undecided)
            )
        }
        Disposition::Held if counts.units_standing(Standing::Undecided).count() == 0 => {
            "run the plan on as many units as it wants".to_owned()
        }
        Disposition::Held => {
            format!(
                "see why {} is undecided (results.csv, attempts.csv), then run it again",
                serials(Standing::Undecided)
            )
        }
        Disposition::MeetsPlan if kind == BenchKind::Virtual => {
            "run the plan on a hardware bench; this result is about the image and the rig"
                .to_owned()
        }
        Disposition::MeetsPlan => {
            "look through trace.csv for untested rows, then decide on the lot".to_owned()
        }
    }
}
