//! Facts of a run in words, for whoever reads them: the terminal's summary and the HTML report say
//! the same.

use crate::display::{for_people, symbol, trimmed};
use crate::results::beyond;
use rig_record::{BenchKind, LotRecord};
use rig_spec::{Evidence, Finding, Row, RowId, SpecSet, Tolerance, Verdict};
use rig_stats::{CLAIM_CONFIDENCE, Disposition, ImageClaim, LotSummary, Standing};

/// `SAF-05: 299 sequences without violation: 95 % confidence that at least 99.0 % ...`; the share
/// rounded down, so that no more is said than is known.
pub(crate) fn claim_line(spec: &SpecSet, claim: &ImageClaim) -> String {
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

/// Whether a row's limit is a proposal.
pub(crate) fn is_proposed(spec: &SpecSet, id: &RowId) -> bool {
    spec.row(id.as_str()).is_some_and(Row::limit_is_proposed)
}

/// `1.803 mm ± 0.012 mm (k = 2)`, `at least ...` for a bound; nothing without a value.
pub(crate) fn value_for_people(row: &Row, evidence: &Evidence) -> Option<String> {
    let value = for_people(row.unit?, evidence.measured?);
    Some(match evidence.bound {
        Some(bound) => format!("{bound} {value}"),
        None => value,
    })
}

/// `0.153214 mm`: how far beyond its tolerance limit a value lies.
pub(crate) fn beyond_for_people(row: &Row, evidence: &Evidence) -> Option<String> {
    let unit = row.unit?;
    let by = i64::try_from(beyond(row, evidence)?).unwrap_or(i64::MAX);
    Some(format!("{} {}", trimmed(unit, by), symbol(unit)))
}

/// `1.803 mm ± 0.012 mm (k = 2), limits 1.35 to 1.65 mm, 0.153214 mm beyond`; what was found and
/// expected where words are.
pub(crate) fn value_against_limits(row: &Row, evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    if let Some(value) = value_for_people(row, evidence) {
        parts.push(value);
        parts.extend(row.tolerance.map(limits));
        parts.extend(beyond_for_people(row, evidence).map(|it| format!("{it} beyond")));
    }
    if !evidence.findings.is_empty() {
        parts.push(Finding::print_list(&evidence.findings));
    }
    if let Some(expected) = &row.expected {
        parts.push(format!("expected {expected}"));
    }
    parts.join(", ")
}

/// `limits 1.35 to 1.65 mm`, `at most 0.05 mm`.
pub(crate) fn limits(tolerance: Tolerance) -> String {
    let unit = tolerance.unit();
    let word = symbol(unit);
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
pub(crate) fn closest_to_a_limit(
    spec: &SpecSet,
    lot: &LotRecord,
    counts: &LotSummary,
) -> Option<String> {
    let mut closest: Option<(i128, String)> = None;
    let rows: Vec<(&RowId, &Row)> = counts
        .rows_required
        .iter()
        .filter_map(|id| Some((id, spec.row(id.as_str())?)))
        .collect();
    for unit in &lot.units {
        for (id, row) in &rows {
            let Some(result) = unit.result(id.as_str()) else {
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
                    symbol(unit_of_value),
                );
                closest = Some((widths_in_thousandths, text));
            }
        }
    }
    closest.map(|(_, text)| text)
}

/// How many instruments, how many traceable, and whose certificate ends first.
pub(crate) fn calibration(lot: &LotRecord) -> String {
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

/// What a quality engineer does next.
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
