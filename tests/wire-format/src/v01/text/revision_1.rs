//! Texts of the reports that revision 1 brought.

use super::{
    Revision, boot_cause_name, counter_fields, fault_name, faults_text, log_event_name, or_none,
    preset_name, refusal_name,
};
use firmware_wire::{CartridgeReport, LinkReport, LogEntry, LogEvent, TreatmentReport};

/// The fields of a treatment's report.
pub(super) fn treatment_fields(report: &TreatmentReport) -> String {
    let TreatmentReport {
        id,
        elapsed,
        left,
        section,
        section_passes,
        passes,
        pass_strokes,
        section_strokes,
        strokes,
    } = *report;
    format!(
        "id={id} elapsed_ms={} left_ms={} section={section} section_passes={section_passes} passes={passes} pass_strokes={pass_strokes} section_strokes={section_strokes} strokes={strokes}",
        elapsed.0, left.0
    )
}

/// The fields of a cartridge's report.
pub(super) fn cartridge_fields(report: &CartridgeReport) -> String {
    let CartridgeReport {
        id,
        needles,
        needle_length,
        treatment,
    } = *report;
    format!(
        "id={id:016x} needles={needles} needle_length_um={} treatment={}",
        needle_length.0,
        or_none(treatment)
    )
}

/// The fields of an entry of the event log.
pub(super) fn log_fields(entry: &LogEntry, revision: Revision) -> Option<String> {
    let LogEntry {
        number,
        boot,
        at,
        event,
    } = *entry;
    Some(format!(
        "number={number} boot={boot} at_ms={} event={}",
        at.0,
        log_event(event, revision)?
    ))
}

/// The fields of the link's report.
pub(super) fn link_fields(report: &LinkReport) -> String {
    let LinkReport {
        counters,
        out_of_order,
        truncated,
        receive_errors,
    } = *report;
    format!(
        "{} out_of_order={out_of_order} truncated={truncated} receive_errors={receive_errors}",
        counter_fields(&counters)
    )
}

fn log_event(event: LogEvent, revision: Revision) -> Option<String> {
    let name = log_event_name(event).said_in(revision)?;
    Some(match event {
        LogEvent::DepthUnlocked
        | LogEvent::DepthLocked
        | LogEvent::CartridgeRemoved
        | LogEvent::CalibrationFailed
        | LogEvent::FellAsleep
        | LogEvent::Awoke => name.to_owned(),
        LogEvent::Booted(cause) => {
            format!("{name} cause={}", boot_cause_name(cause).said_in(revision)?)
        }
        LogEvent::FaultLatched(fault) => {
            format!("{name} fault={}", fault_name(fault).said_in(revision)?)
        }
        LogEvent::FaultsCleared(faults) => {
            format!("{name} faults={}", faults_text(faults, revision))
        }
        LogEvent::PresetChosen(preset) => {
            format!("{name} preset={}", preset_name(preset).said_in(revision)?)
        }
        LogEvent::TreatmentBegun(id)
        | LogEvent::TreatmentEnded(id)
        | LogEvent::TreatmentOver(id) => format!("{name} treatment={id}"),
        LogEvent::SectionBegun(section) => format!("{name} section={section}"),
        LogEvent::CartridgeFitted(id) => format!("{name} cartridge_low={id:08x}"),
        LogEvent::StartRefused(refusal) => {
            format!(
                "{name} refusal={}",
                refusal_name(refusal).said_in(revision)?
            )
        }
        LogEvent::CalibrationWritten(generation) => format!("{name} generation={generation}"),
    })
}
