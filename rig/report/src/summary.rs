//! What a terminal prints at the end of a run, for a quality engineer: verdict first.

use crate::facts::{
    calibration, claim_line, closest_to_a_limit, is_proposed, next_action, value_against_limits,
};
use crate::run::{CLAIM, VIRTUAL_NOTE};
use rig_record::{BenchKind, GoldenStatus, LotRecord, Outcome, UnitRecord};
use rig_spec::{SpecSet, Verdict};
use rig_stats::{Disposition, Standing, StatsError, UnitSummary, image_claims, summarize};
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
            value_against_limits(row, judged.evidence)
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
