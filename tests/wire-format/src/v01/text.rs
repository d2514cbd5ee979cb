//! Canonical text of a message: every field by name and unit, one line, no comma.
//!
//! A message is told in the words of one revision; what a later one brought has no text there, and
//! a fault that it brought is the number of its bit. So a row keeps its text when version 1 grows.
//!
//! Every variant and every field is named, so a new one does not compile before it has a text, and
//! then fails the coverage test until it has a vector.

mod revision_1;

use firmware_wire::{
    BootCause, Calibration, CartridgeChip, Fault, FaultSet, FirmwareVersion, Identity,
    LinkCounters, LogEntry, LogEvent, Preset, Refusal, Reply, Request, Setting, SettingId, State,
    Status, Telemetry,
};

/// The revision of version 1 in whose words a message is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Revision {
    /// That of firmware 1.0.0.
    Zero,
    /// That of firmware 1.1.0.
    One,
}

/// The names of an enum's variants, by the revision that brought them.
pub(super) struct Names {
    /// There from the start.
    pub(super) revision_0: &'static [&'static str],
    /// Added by revision 1.
    pub(super) revision_1: &'static [&'static str],
}

/// A variant's name, and the revision that brought it.
#[derive(Clone, Copy)]
struct Word(&'static str, Revision);

impl Word {
    /// The name, if the revision knows it.
    fn said_in(self, revision: Revision) -> Option<&'static str> {
        (self.1 <= revision).then_some(self.0)
    }
}

/// Gives an enum the list of its variants' names and the name of a value, from one list that the
/// compiler holds complete. Variants of revision 1 stand behind the semicolon.
macro_rules! names {
    (
        $names:ident, $name:ident, $enum:ident:
        $($variant:ident),* $(; $($added:ident),*)?
    ) => {
        #[doc = concat!("Every variant of [`", stringify!($enum), "`].")]
        pub(super) const $names: Names = Names {
            revision_0: &[$(stringify!($variant)),*],
            revision_1: &[$($(stringify!($added)),*)?],
        };

        fn $name(value: $enum) -> Word {
            match value {
                $($enum::$variant { .. } => Word(stringify!($variant), Revision::Zero),)*
                $($($enum::$added { .. } => Word(stringify!($added), Revision::One),)*)?
            }
        }
    };
}

names!(REQUESTS, request_name, Request:
    Identify, GetStatus, Set, Get, SelectPreset, ClearPreset, UnlockDepth, LockDepth, Start, Stop,
    EndTreatment, ClearFaults, Heartbeat, SetTelemetryPeriod, GetCalibration, GetLinkCounters;
    Hello, Pause, NextSection, GetTreatment, GetCartridge, GetLog, GetLinkReport, Calibrate);
names!(REPLIES, reply_name, Reply:
    Done, Refused, Identity, Status, Setting, Calibration, LinkCounters, Telemetry, NotUnderstood;
    Hello, Treatment, Cartridge, Log, LogEnd, LinkReport);
names!(SETTINGS, setting_name, Setting: Depth, Rate);
names!(SETTING_IDS, setting_id_name, SettingId: Depth, Rate);
names!(REFUSALS, refusal_name, Refusal:
    NotAStep, OutOfRange, AboveArmedLimit, AbovePresetCeiling, AboveCartridgeLimit, Running, Busy,
    NoCartridge, CartridgeUsed, CartridgeUnreadable, Faulted, CauseRemains, NoTreatment,
    TreatmentOver, NotCalibrated, BatteryLow;
    OutOfOrder, NotRunning, CartridgeFitted, TreatmentUnderWay);
names!(PRESETS, preset_name, Preset:
    PatchTest, Forehead, Cheek, Chin, Nose, Eyes, FrownLines, Lips, Neck, Decolletage, Hands,
    StretchMarks, Scars);
names!(STATES, state_name, State:
    Boot, Standby, Ready, Starting, Running, Stopping, Faulted; Paused, Asleep);
names!(FAULTS, fault_name, Fault:
    Stall, OverSpeed, OverCurrent, NoseHot, BatteryLow, BrownOut, LostLink, CarriageLost, Watchdog,
    CartridgeRemoved, Calibration, UncommandedMotion;
    SelfTest);
names!(BOOT_CAUSES, boot_cause_name, BootCause: ; Power, Watchdog, Other);
names!(LOG_EVENTS, log_event_name, LogEvent: ;
    Booted, FaultLatched, FaultsCleared, DepthUnlocked, DepthLocked, PresetChosen, TreatmentBegun,
    TreatmentEnded, TreatmentOver, SectionBegun, CartridgeFitted, CartridgeRemoved, StartRefused,
    CalibrationWritten, CalibrationFailed, FellAsleep, Awoke);

/// The text of a request; none in a revision that has no words for it.
pub(super) fn request(message: &Request, revision: Revision) -> Option<String> {
    let name = request_name(*message).said_in(revision)?;
    Some(match *message {
        Request::Identify
        | Request::GetStatus
        | Request::ClearPreset
        | Request::UnlockDepth
        | Request::LockDepth
        | Request::Start
        | Request::Stop
        | Request::EndTreatment
        | Request::ClearFaults
        | Request::Heartbeat
        | Request::GetCalibration
        | Request::GetLinkCounters
        | Request::Pause
        | Request::NextSection
        | Request::GetTreatment
        | Request::GetCartridge
        | Request::GetLinkReport => name.to_owned(),
        Request::Set(value) => format!("{name} {}", setting(value, revision)?),
        Request::Get(id) => format!("{name} {}", setting_id_name(id).said_in(revision)?),
        Request::SelectPreset(preset) => {
            format!("{name} {}", preset_name(preset).said_in(revision)?)
        }
        Request::SetTelemetryPeriod(period) => format!("{name} period_ms={}", period.0),
        Request::Hello { revision: highest } => format!("{name} revision={highest}"),
        Request::GetLog(number) => format!("{name} number={number}"),
        Request::Calibrate {
            home_protrusion,
            screw_lead,
        } => format!(
            "{name} home_protrusion_nm={} screw_lead_nm={}",
            home_protrusion.0, screw_lead.0
        ),
    })
}

/// The text of a reply; none in a revision that has no words for it.
pub(super) fn reply(message: &Reply, revision: Revision) -> Option<String> {
    let name = reply_name(*message).said_in(revision)?;
    Some(match *message {
        Reply::Done => name.to_owned(),
        Reply::Refused(refusal) => format!("{name} {}", refusal_name(refusal).said_in(revision)?),
        Reply::Identity(Identity {
            serial,
            hardware_revision,
            firmware,
            build_id,
            protocol,
            chip_uid,
        }) => {
            let FirmwareVersion {
                major,
                minor,
                patch,
            } = firmware;
            format!(
                "{name} serial={} hardware_revision={hardware_revision} firmware={major}.{minor}.{patch} build_id={} protocol={protocol} chip_uid={}",
                hex(&serial),
                hex(&build_id),
                hex(&chip_uid)
            )
        }
        Reply::Status(Status {
            state,
            faults,
            depth,
            limit,
            rate,
            unlocked,
            preset,
            cartridge,
            treatment,
            parked,
            may_be_exposed,
        }) => format!(
            "{name} state={} faults={} depth_um={} limit_um={} rate_per_min={} unlocked={unlocked} preset={} cartridge={cartridge} treatment={} parked={parked} may_be_exposed={may_be_exposed}",
            state_name(state).said_in(revision)?,
            faults_text(faults, revision),
            depth.0,
            limit.0,
            rate.0,
            match preset {
                None => "none",
                Some(preset) => preset_name(preset).said_in(revision)?,
            },
            or_none(treatment),
        ),
        Reply::Setting(value) => format!("{name} {}", setting(value, revision)?),
        Reply::Calibration(calibration) => format!("{name} {}", calibration_fields(&calibration)),
        Reply::LinkCounters(counters) => format!("{name} {}", counter_fields(&counters)),
        Reply::Telemetry(Telemetry {
            at,
            state,
            faults,
            rate_millihertz,
            position,
            motor_current,
            battery,
            temperature,
            strokes,
        }) => format!(
            "{name} at_ms={} state={} faults={} rate_millihertz={rate_millihertz} position_um={} motor_current_ma={} battery_mv={} temperature_ddegc={} strokes={strokes}",
            at.0,
            state_name(state).said_in(revision)?,
            faults_text(faults, revision),
            position.0,
            motor_current.0,
            battery.0,
            temperature.0,
        ),
        Reply::NotUnderstood { protocol } => format!("{name} protocol={protocol}"),
        Reply::Hello {
            protocol,
            revision: agreed,
        } => format!("{name} protocol={protocol} revision={agreed}"),
        Reply::Treatment(report) => format!("{name} {}", revision_1::treatment_fields(&report)),
        Reply::Cartridge(report) => format!("{name} {}", revision_1::cartridge_fields(&report)),
        Reply::Log(entry) => format!("{name} {}", revision_1::log_fields(&entry, revision)?),
        Reply::LogEnd { next } => format!("{name} next={next}"),
        Reply::LinkReport(report) => format!("{name} {}", revision_1::link_fields(&report)),
    })
}

/// The text of a slot of the event log; none in a revision that has no words for it.
pub(super) fn log_slot(entry: &LogEntry, revision: Revision) -> Option<String> {
    Some(format!(
        "LogSlot {}",
        revision_1::log_fields(entry, revision)?
    ))
}

/// The text of one copy of the factory record.
pub(super) fn factory_record(record: &Calibration) -> String {
    format!("FactoryRecord {}", calibration_fields(record))
}

/// The text of a cartridge's chip.
pub(super) fn cartridge_chip(chip: &CartridgeChip) -> String {
    let CartridgeChip {
        id,
        needles,
        needle_length,
        treatment,
    } = *chip;
    format!(
        "CartridgeChip id={id:016x} needles={needles} needle_length_um={} treatment={}",
        needle_length.0,
        or_none(treatment)
    )
}

/// Lower-case hexadecimal, two digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn setting(value: Setting, revision: Revision) -> Option<String> {
    let name = setting_name(value).said_in(revision)?;
    Some(match value {
        Setting::Depth(depth) => format!("{name} depth_um={}", depth.0),
        Setting::Rate(rate) => format!("{name} rate_per_min={}", rate.0),
    })
}

fn counter_fields(counters: &LinkCounters) -> String {
    let LinkCounters {
        accepted,
        malformed,
        oversized,
        not_understood,
        repeated,
    } = *counters;
    format!(
        "accepted={accepted} malformed={malformed} oversized={oversized} not_understood={not_understood} repeated={repeated}"
    )
}

fn calibration_fields(calibration: &Calibration) -> String {
    let Calibration {
        generation,
        serial,
        hardware_revision,
        home_protrusion,
        screw_lead,
    } = *calibration;
    format!(
        "generation={generation} serial={} hardware_revision={hardware_revision} home_protrusion_nm={} screw_lead_nm={}",
        hex(&serial),
        home_protrusion.0,
        screw_lead.0
    )
}

/// Names of the faults in bit order, joined by `+`; a bit that no fault of the revision has is
/// `bitN`.
fn faults_text(faults: FaultSet, revision: Revision) -> String {
    let names: Vec<String> = (0..u16::BITS as usize)
        .filter(|&bit| faults.0 & (1 << bit) != 0)
        .map(|bit| {
            Fault::ALL
                .get(bit)
                .and_then(|&fault| fault_name(fault).said_in(revision))
                .map_or(format!("bit{bit}"), str::to_owned)
        })
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join("+")
    }
}

fn or_none(treatment: Option<u32>) -> String {
    treatment.map_or("none".to_owned(), |id| id.to_string())
}
