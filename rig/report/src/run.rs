//! `run.csv`: identity of the run and the lot's standing, as keys and values.

use crate::display::list;
use crate::results::row_list;
use crate::table::{Table, or_empty};
use rig_record::{GoldenStatus, LotRecord, RunHeader};
use rig_spec::SpecSet;
use rig_stats::{Disposition, LotSummary, Standing};
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &["key", "value", "note"];

/// What the disposition says, and no more.
pub(crate) const CLAIM: &str =
    "each listed pen met each listed row under the stated rule; nothing is claimed for other pens";
/// What no virtual result can show.
pub(crate) const VIRTUAL_NOTE: &str = "virtual, not for product release";

pub(crate) fn render(
    out: &mut dyn Write,
    spec: &SpecSet,
    lot: &LotRecord,
    summary: &LotSummary,
) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    let mut push = |key: String, value: String, note: &str| {
        table.push(&[("key", key), ("value", value), ("note", note.to_owned())]);
    };
    for (key, value, note) in identity(&lot.header) {
        push(key.to_owned(), value, note);
    }
    for (name, sha256) in &lot.header.spec.tables {
        push(format!("spec table {name}"), sha256.clone(), "SHA-256");
    }
    for instrument in &lot.header.instruments {
        let name = &instrument.name;
        push(
            format!("{name} model"),
            format!("{} {}", instrument.model, instrument.serial),
            "model and serial",
        );
        push(
            format!("{name} certificate"),
            instrument.certificate.clone(),
            "",
        );
        push(
            format!("{name} traceability"),
            instrument.traceability.clone(),
            "",
        );
        push(
            format!("{name} calibrated"),
            instrument.calibrated.clone(),
            "",
        );
        push(format!("{name} due"), instrument.due.clone(), "");
    }
    if lot.header.golden != GoldenStatus::NotAsked {
        let golden = lot.header.golden.to_string();
        push("golden pen".to_owned(), golden, "when the run began");
    }
    for (name, value) in &lot.header.noted {
        push(name.clone(), value.clone(), "");
    }
    if let Some(ledger) = &lot.header.ledger {
        push("ledger number".to_owned(), ledger.number.to_string(), "");
        push(
            "ledger head".to_owned(),
            ledger.head.clone(),
            "hash of the line that begins this run",
        );
        let before = &lot.header.tested_before;
        push(
            "units tested before".to_owned(),
            before.len().to_string(),
            "on this kind of bench, by the ledger",
        );
        for unit in before.iter().filter(|it| it.failed.is_some()) {
            push(
                format!("{} failed before", unit.serial),
                crate::retest::failure(unit),
                "",
            );
        }
    }
    for (key, value, note) in standing(spec, summary) {
        push(key.to_owned(), value, note);
    }
    table.finish().map(|_| ())
}

fn identity(header: &RunHeader) -> Vec<(&'static str, String, &'static str)> {
    let spec = &header.spec;
    let virtual_note = match header.bench.kind {
        rig_record::BenchKind::Virtual => VIRTUAL_NOTE,
        rig_record::BenchKind::Hardware => "",
    };
    vec![
        ("run id", header.run_id.clone(), ""),
        ("tool version", header.tool_version.clone(), ""),
        ("program sha256", header.program_sha256.clone(), ""),
        ("platform", header.platform.clone(), ""),
        (
            "method",
            "rig/measure/METHODS.md".to_owned(),
            "of the tool's version",
        ),
        ("bench kind", header.bench.kind.to_string(), virtual_note),
        ("bench name", header.bench.name.clone(), ""),
        ("bench description", header.bench.description.clone(), ""),
        ("probe", header.bench.probe.clone(), ""),
        ("chip", header.bench.chip.clone(), ""),
        ("seed", or_empty(header.seed), ""),
        ("scenario", or_empty(header.scenario.as_ref()), ""),
        ("lot", header.lot.clone(), ""),
        ("plan", header.plan.clone(), ""),
        (
            "operator",
            header.operator.clone(),
            "as claimed, not authenticated",
        ),
        ("station", header.station.clone(), ""),
        ("reason", header.reason.clone(), ""),
        ("started", header.started.clone(), ""),
        ("ended", or_empty(header.ended.as_ref()), ""),
        ("image file", header.image.file.clone(), ""),
        ("image sha256", header.image.sha256.clone(), ""),
        (
            "firmware version",
            header.image.firmware_version.clone(),
            "",
        ),
        ("build id", header.image.build_id.clone(), ""),
        ("spec document", spec.document.clone(), ""),
        ("spec revision", spec.revision.clone(), ""),
        ("spec status", spec.status.clone(), ""),
        ("spec approver", or_empty(spec.approver.as_ref()), ""),
        ("spec effective", or_empty(spec.effective.as_ref()), ""),
        ("device", spec.device.clone(), ""),
    ]
}

fn standing(spec: &SpecSet, summary: &LotSummary) -> Vec<(&'static str, String, &'static str)> {
    let count = |standing| summary.units_standing(standing).count().to_string();
    // Nothing is claimed of a lot that is held or does not meet its plan.
    let claim = match summary.disposition {
        Disposition::MeetsPlan => CLAIM.to_owned(),
        Disposition::Held | Disposition::DoesNotMeetPlan => "none".to_owned(),
    };
    let proposed: Vec<_> = summary
        .rows_required
        .iter()
        .filter(|id| {
            spec.row(id.as_str())
                .is_some_and(rig_spec::Row::limit_is_proposed)
        })
        .cloned()
        .collect();
    vec![
        ("disposition", summary.disposition.to_string(), ""),
        ("held because", list(&summary.held_because), ""),
        ("claim", claim, ""),
        ("decision rule", DECISION_RULE.to_owned(), ""),
        ("units", summary.units.len().to_string(), ""),
        ("units meeting the plan", count(Standing::Meets), ""),
        ("units not drawn", count(Standing::NotDrawn), ""),
        ("units undecided", count(Standing::Undecided), ""),
        ("units failing", count(Standing::Fails), ""),
        (
            "units first pass",
            summary.first_pass_units().to_string(),
            "every required row at its first attempt",
        ),
        ("rows required", summary.rows_required.len().to_string(), ""),
        (
            "rows met",
            summary.rows_met.len().to_string(),
            "on every unit they are wanted on",
        ),
        (
            "rows external",
            row_list(&summary.rows_external),
            "not covered by the disposition",
        ),
        (
            "rows outside the plan",
            row_list(&summary.rows_outside),
            "not run",
        ),
        (
            "required rows with a proposed limit",
            row_list(&proposed),
            "",
        ),
        (
            "exit code",
            summary.exit.number().to_string(),
            summary.exit.meaning(),
        ),
    ]
}

/// What the rules of the tables mean.
pub(crate) const DECISION_RULE: &str = "guard-band: pass within lower + w to upper - w, fail beyond a limit by more than w, \
inconclusive between, w = guard_r x U rounded up (ILAC-G8:09/2019 4.2.3, JCGM 106:2012); risk: the same with \
guard_r = z(1 - max_risk)/k rounded up at the sixth decimal, k no more than 2, and pass only if p_c is at least 1 - max_risk; simple: w = 0; exact: \
without uncertainty; every limit belongs to its better side";
