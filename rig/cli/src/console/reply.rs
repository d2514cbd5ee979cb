//! What the pen answered, in words.

use super::sentences;
use super::words::{PRESETS, preset_name};
use crate::text::{calibration, fixed, millimeters, strokes, table};
use firmware_units::{Micrometers, Milliseconds, Nanoseconds};
use firmware_wire::{
    CartridgeReport, LinkCounters, LinkReport, LogEntry, Preset, Reply, Request, Setting, Status,
    Telemetry, TreatmentReport,
};
use rig_procedure::{Heard, LinkCounts};

/// A reply to a request. `revision` is the one in force, `deepest` the deepest setting that a pen
/// which declined takes now.
pub(crate) fn reply(
    request: Request,
    reply: Option<Reply>,
    revision: u8,
    deepest: Option<Micrometers>,
) -> String {
    match reply {
        None => "no answer within 0.25 s".to_owned(),
        Some(Reply::Done) => done(request),
        Some(Reply::Refused(refusal)) => {
            format!("refused: {}", sentences::refusal(refusal, deepest))
        }
        Some(Reply::NotUnderstood { .. }) => {
            format!("this pen's firmware does not know that (revision {revision})")
        }
        Some(Reply::Status(it)) => status(&it),
        Some(Reply::Setting(it)) => setting(it),
        Some(Reply::Calibration(it)) => calibration(&it),
        Some(Reply::Treatment(it)) => treatment(&it),
        Some(Reply::Cartridge(it)) => cartridge(&it),
        Some(other) => format!("an answer to another question: {other:?}"),
    }
}

/// What was done at a request.
fn done(request: Request) -> String {
    let text = match request {
        Request::Set(it) => return format!("set: {}", setting(it)),
        Request::SelectPreset(it) => {
            return format!("preset {} chosen, its depth set", preset_name(it));
        }
        Request::SetTelemetryPeriod(Milliseconds::ZERO) => "telemetry off",
        Request::SetTelemetryPeriod(period) => return format!("telemetry every {period}"),
        Request::ClearPreset => "preset left; the armed limit alone holds",
        Request::UnlockDepth => "armed limit lifted until the treatment ends",
        Request::LockDepth => "armed limit holds",
        Request::Start => "starting: the carriage moves out, then the cam turns",
        Request::Stop => "stopping: braking and parking",
        Request::Pause => "pausing: braking and parking",
        Request::NextSection => "next section",
        Request::EndTreatment => "treatment ended; armed limit holds",
        Request::ClearFaults => "faults cleared",
        Request::Calibrate { .. } => {
            "writing it; the pen then homes anew, and `calibration` tells what holds"
        }
        _ => "done",
    };
    text.to_owned()
}

fn status(it: &Status) -> String {
    let limit = if it.unlocked { "lifted" } else { "armed" };
    let depth = format!(
        "{}, {} at most now, limit {limit}",
        millimeters(it.depth),
        millimeters(it.limit)
    );
    let needles = if it.may_be_exposed {
        "MAY BE EXPOSED though the motor is off: the pen could not park them"
    } else if it.parked {
        "parked below the nose plane"
    } else {
        "not parked"
    };
    let fitted = if it.cartridge { "fitted" } else { "none" };
    let none = || "none".to_owned();
    table(&[
        ("state", sentences::state(it.state).to_owned()),
        ("needles", needles.to_owned()),
        ("depth", depth),
        ("rate", strokes(it.rate)),
        (
            "preset",
            it.preset.map_or_else(none, |it| preset_name(it).to_owned()),
        ),
        ("cartridge", fitted.to_owned()),
        (
            "treatment",
            it.treatment.map_or_else(none, |it| it.to_string()),
        ),
        ("faults", sentences::fault_names(it.faults)),
    ])
}

fn setting(setting: Setting) -> String {
    match setting {
        Setting::Depth(depth) => format!("depth {}", millimeters(depth)),
        Setting::Rate(rate) => format!("rate {}", strokes(rate)),
    }
}

/// The faults latched, one a line.
pub(crate) fn faults(status: &Status) -> String {
    let latched = sentences::faults(status.faults);
    if latched.is_empty() {
        return "no fault is latched".to_owned();
    }
    latched.join("\n")
}

/// Names of the treatment areas, a mark at the one chosen.
pub(crate) fn presets(chosen: Option<Preset>) -> String {
    let lines: Vec<String> = Preset::ALL
        .into_iter()
        .zip(PRESETS)
        .map(|(preset, name)| {
            let mark = if chosen == Some(preset) { "*" } else { " " };
            format!("{mark} {name}")
        })
        .collect();
    lines.join("\n")
}

fn treatment(it: &TreatmentReport) -> String {
    table(&[
        ("id", it.id.to_string()),
        ("elapsed", seconds(it.elapsed)),
        ("left", seconds(it.left)),
        ("section", it.section.to_string()),
        (
            "passes",
            format!("{}, {} in this section", it.passes, it.section_passes),
        ),
        (
            "strokes",
            format!(
                "{}, {} in this section, {} in this pass",
                it.strokes, it.section_strokes, it.pass_strokes
            ),
        ),
    ])
}

fn cartridge(it: &CartridgeReport) -> String {
    let used = it.treatment.map_or_else(
        || "not used yet".to_owned(),
        |id| format!("in use by treatment {id}"),
    );
    format!(
        "cartridge {:016x}: {} needles, {} at most, {used}",
        it.id,
        it.needles,
        millimeters(it.needle_length)
    )
}

/// One entry of the event log.
pub(crate) fn log_entry(it: &LogEntry) -> String {
    format!(
        "{:5}  boot {:3}  {:>11}  {}",
        it.number,
        it.boot,
        seconds(it.at),
        sentences::event(it.event)
    )
}

/// What pen and rig counted on the link.
pub(crate) fn link(pen: &LinkCounters, more: Option<&LinkReport>, rig: LinkCounts) -> String {
    let mut of_pen = format!(
        "{} taken, {} malformed, {} too long, {} not understood, {} repeated",
        pen.accepted, pen.malformed, pen.oversized, pen.not_understood, pen.repeated
    );
    if let Some(it) = more {
        of_pen += &format!(
            ", {} out of order, {} broken off; {} bytes lost",
            it.out_of_order, it.truncated, it.receive_errors
        );
    }
    let of_rig = format!(
        "{} sent, {} received, {} malformed, {} unanswered",
        rig.sent, rig.received, rig.malformed, rig.unanswered
    );
    table(&[("the pen", of_pen), ("the rig", of_rig)])
}

/// Measured values that came at a bench time, in one line.
pub(crate) fn telemetry(at: Nanoseconds, it: &Telemetry) -> String {
    let faults = if it.faults.is_empty() {
        String::new()
    } else {
        format!("  FAULTS {}", sentences::fault_names(it.faults))
    };
    format!(
        "{:>9} s  {:8}  {:>7}/s  {:>6} mm  {:>6} A  {} V  {} degC  {} strokes{faults}",
        bench_time(at),
        sentences::state_word(it.state),
        fixed(i64::from(it.rate_millihertz), 3),
        fixed(i64::from(it.position.0), 3),
        fixed(i64::from(it.motor_current.0), 3),
        fixed(i64::from(it.battery.0), 3),
        fixed(i64::from(it.temperature.0), 1),
        it.strokes
    )
}

/// What came after raw bytes.
pub(crate) fn heard(heard: &[Heard]) -> String {
    if heard.is_empty() {
        return "silence for 0.25 s".to_owned();
    }
    let lines: Vec<String> = heard
        .iter()
        .map(|it| match it {
            Ok(frame) => match frame.message {
                Reply::Refused(refusal) => format!(
                    "frame {}: refused: {}",
                    frame.sequence,
                    sentences::refusal(refusal, None)
                ),
                other => format!("frame {}: {other:?}", frame.sequence),
            },
            Err(error) => error.to_string(),
        })
        .collect();
    lines.join("\n")
}

/// Bench time in seconds, to the millisecond.
pub(crate) fn bench_time(at: Nanoseconds) -> String {
    format!("{}.{:03}", at.0 / 1_000_000_000, at.0 / 1_000_000 % 1_000)
}

fn seconds(time: Milliseconds) -> String {
    format!("{} s", fixed(i64::from(time.0), 3))
}

#[cfg(test)]
mod tests;
