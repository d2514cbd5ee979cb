//! Canonical text of a message: every field by name and unit, one line, no comma.
//!
//! Every variant and every field is named, so a new one does not compile before it has a text, and
//! then fails the coverage test until it has a vector.

use firmware_wire::{
    Calibration, CartridgeChip, Fault, FaultSet, FirmwareVersion, Identity, LinkCounters, Preset,
    Refusal, Reply, Request, Setting, SettingId, State, Status, Telemetry,
};

/// Gives an enum the list of its variants' names and the name of a value, from one list that the
/// compiler holds complete.
macro_rules! names {
    ($names:ident, $name:ident, $enum:ident: $($variant:ident),* $(,)?) => {
        #[doc = concat!("Every variant of [`", stringify!($enum), "`].")]
        pub(super) const $names: &[&str] = &[$(stringify!($variant)),*];

        fn $name(value: $enum) -> &'static str {
            match value {
                $($enum::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

names!(REQUESTS, request_name, Request:
    Identify, GetStatus, Set, Get, SelectPreset, ClearPreset, UnlockDepth, LockDepth, Start, Stop,
    EndTreatment, ClearFaults, Heartbeat, SetTelemetryPeriod, GetCalibration, GetLinkCounters);
names!(REPLIES, reply_name, Reply:
    Done, Refused, Identity, Status, Setting, Calibration, LinkCounters, Telemetry, NotUnderstood);
names!(SETTINGS, setting_name, Setting: Depth, Rate);
names!(SETTING_IDS, setting_id_name, SettingId: Depth, Rate);
names!(REFUSALS, refusal_name, Refusal:
    NotAStep, OutOfRange, AboveArmedLimit, AbovePresetCeiling, AboveCartridgeLimit, Running, Busy,
    NoCartridge, CartridgeUsed, CartridgeUnreadable, Faulted, CauseRemains, NoTreatment,
    TreatmentOver, NotCalibrated, BatteryLow);
names!(PRESETS, preset_name, Preset:
    PatchTest, Forehead, Cheek, Chin, Nose, Eyes, FrownLines, Lips, Neck, Decolletage, Hands,
    StretchMarks, Scars);
names!(STATES, state_name, State: Boot, Standby, Ready, Starting, Running, Stopping, Faulted);
names!(FAULTS, fault_name, Fault:
    Stall, OverSpeed, OverCurrent, NoseHot, BatteryLow, BrownOut, LostLink, CarriageLost, Watchdog,
    CartridgeRemoved, Calibration, UncommandedMotion);

/// The text of a request.
pub(super) fn request(message: &Request) -> String {
    let name = request_name(*message);
    match *message {
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
        | Request::GetLinkCounters => name.to_owned(),
        Request::Set(value) => format!("{name} {}", setting(value)),
        Request::Get(id) => format!("{name} {}", setting_id_name(id)),
        Request::SelectPreset(preset) => format!("{name} {}", preset_name(preset)),
        Request::SetTelemetryPeriod(period) => format!("{name} period_ms={}", period.0),
    }
}

/// The text of a reply.
pub(super) fn reply(message: &Reply) -> String {
    let name = reply_name(*message);
    match *message {
        Reply::Done => name.to_owned(),
        Reply::Refused(refusal) => format!("{name} {}", refusal_name(refusal)),
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
            state_name(state),
            faults_text(faults),
            depth.0,
            limit.0,
            rate.0,
            preset.map_or("none", preset_name),
            or_none(treatment),
        ),
        Reply::Setting(value) => format!("{name} {}", setting(value)),
        Reply::Calibration(calibration) => format!("{name} {}", calibration_fields(&calibration)),
        Reply::LinkCounters(LinkCounters {
            accepted,
            malformed,
            oversized,
            not_understood,
            repeated,
        }) => {
            format!(
                "{name} accepted={accepted} malformed={malformed} oversized={oversized} not_understood={not_understood} repeated={repeated}"
            )
        }
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
            state_name(state),
            faults_text(faults),
            position.0,
            motor_current.0,
            battery.0,
            temperature.0,
        ),
        Reply::NotUnderstood { protocol } => format!("{name} protocol={protocol}"),
    }
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

fn setting(value: Setting) -> String {
    let name = setting_name(value);
    match value {
        Setting::Depth(depth) => format!("{name} depth_um={}", depth.0),
        Setting::Rate(rate) => format!("{name} rate_per_min={}", rate.0),
    }
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

/// Names of the faults in bit order, joined by `+`; a bit that no fault has is `bitN`.
fn faults_text(faults: FaultSet) -> String {
    let names: Vec<String> = (0..u16::BITS as usize)
        .filter(|&bit| faults.0 & (1 << bit) != 0)
        .map(|bit| match Fault::ALL.get(bit) {
            Some(&fault) => fault_name(fault).to_owned(),
            None => format!("bit{bit}"),
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
