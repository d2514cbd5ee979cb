//! The messages of which version 1 has vectors, each with the name of its row: those of revision 0
//! here, what revision 1 brought in a file of its own.

pub(super) mod revision_1;

use firmware_units::{
    Decidegrees, Micrometers, Milliamperes, Milliseconds, Millivolts, Nanometers, StrokesPerMinute,
};
use firmware_wire::{
    Calibration, CartridgeChip, Fault, FaultSet, FirmwareVersion, Identity, LinkCounters, Preset,
    Refusal, Reply, Request, Setting, SettingId, State, Status, Telemetry,
};

/// A message, its row's name and its sequence number.
pub(super) type Sample<M> = (String, u16, M);

/// Every request of revision 0.
pub(super) fn requests() -> Vec<Sample<Request>> {
    let mut messages: Vec<(String, Request)> = [
        ("identify", Request::Identify),
        ("get-status", Request::GetStatus),
        ("set-depth", depth(1_500)),
        ("set-depth-zero", depth(0)),
        ("set-depth-negative", depth(-200)),
        ("set-depth-largest", depth(i32::MAX)),
        ("set-depth-smallest", depth(i32::MIN)),
        ("set-rate", rate(7_000)),
        ("set-rate-one-byte", rate(127)),
        ("set-rate-two-bytes", rate(128)),
        ("set-rate-largest", rate(u32::MAX)),
        ("get-depth", Request::Get(SettingId::Depth)),
        ("get-rate", Request::Get(SettingId::Rate)),
        ("clear-preset", Request::ClearPreset),
        ("unlock-depth", Request::UnlockDepth),
        ("lock-depth", Request::LockDepth),
        ("start", Request::Start),
        ("stop", Request::Stop),
        ("end-treatment", Request::EndTreatment),
        ("clear-faults", Request::ClearFaults),
        ("heartbeat", Request::Heartbeat),
        (
            "telemetry-off",
            Request::SetTelemetryPeriod(Milliseconds(0)),
        ),
        (
            "telemetry-100-ms",
            Request::SetTelemetryPeriod(Milliseconds(100)),
        ),
        (
            "telemetry-slowest",
            Request::SetTelemetryPeriod(Milliseconds(u32::MAX)),
        ),
        ("get-calibration", Request::GetCalibration),
        ("get-link-counters", Request::GetLinkCounters),
    ]
    .map(|(name, message)| (name.to_owned(), message))
    .to_vec();
    for preset in [
        Preset::PatchTest,
        Preset::Forehead,
        Preset::Cheek,
        Preset::Chin,
        Preset::Nose,
        Preset::Eyes,
        Preset::FrownLines,
        Preset::Lips,
        Preset::Neck,
        Preset::Decolletage,
        Preset::Hands,
        Preset::StretchMarks,
        Preset::Scars,
    ] {
        messages.push((
            format!("select-preset-{preset:?}"),
            Request::SelectPreset(preset),
        ));
    }
    numbered(messages)
}

/// Every reply, every state, every fault of revision 0.
pub(super) fn replies() -> Vec<Sample<Reply>> {
    let mut messages: Vec<(String, Reply)> = [
        ("done", Reply::Done),
        ("identity", Reply::Identity(identity())),
        ("identity-every-byte-set", Reply::Identity(full_identity())),
        ("status-parked", Reply::Status(parked())),
        ("status-treating", Reply::Status(treating())),
        ("status-exposed", Reply::Status(exposed())),
        (
            "setting-depth",
            Reply::Setting(Setting::Depth(Micrometers(2_500))),
        ),
        (
            "setting-rate",
            Reply::Setting(Setting::Rate(StrokesPerMinute(9_000))),
        ),
        ("calibration", Reply::Calibration(calibration())),
        (
            "calibration-largest",
            Reply::Calibration(largest_calibration()),
        ),
        (
            "link-counters-fresh",
            Reply::LinkCounters(LinkCounters::default()),
        ),
        (
            "link-counters",
            Reply::LinkCounters(counters(1, 127, 128, 16_383, 16_384)),
        ),
        (
            "link-counters-largest",
            Reply::LinkCounters(counters(u32::MAX, u32::MAX - 1, 1 << 28, 1 << 21, 1 << 14)),
        ),
        ("telemetry-running", Reply::Telemetry(running())),
        ("telemetry-negative", Reply::Telemetry(negative())),
        ("telemetry-largest", Reply::Telemetry(largest_telemetry())),
        ("not-understood", Reply::NotUnderstood { protocol: 1 }),
        ("not-understood-255", Reply::NotUnderstood { protocol: 255 }),
    ]
    .map(|(name, message)| (name.to_owned(), message))
    .to_vec();
    for refusal in [
        Refusal::NotAStep,
        Refusal::OutOfRange,
        Refusal::AboveArmedLimit,
        Refusal::AbovePresetCeiling,
        Refusal::AboveCartridgeLimit,
        Refusal::Running,
        Refusal::Busy,
        Refusal::NoCartridge,
        Refusal::CartridgeUsed,
        Refusal::CartridgeUnreadable,
        Refusal::Faulted,
        Refusal::CauseRemains,
        Refusal::NoTreatment,
        Refusal::TreatmentOver,
        Refusal::NotCalibrated,
        Refusal::BatteryLow,
    ] {
        messages.push((format!("refused-{refusal:?}"), Reply::Refused(refusal)));
    }
    for state in [
        State::Boot,
        State::Standby,
        State::Ready,
        State::Starting,
        State::Running,
        State::Stopping,
        State::Faulted,
    ] {
        messages.push((
            format!("status-state-{state:?}"),
            Reply::Status(Status { state, ..parked() }),
        ));
    }
    // Those of revision 0, in bit order.
    for &fault in &Fault::ALL[..12] {
        let status = Status {
            state: State::Faulted,
            faults: FaultSet::NONE.with(fault),
            ..parked()
        };
        messages.push((format!("status-fault-{fault:?}"), Reply::Status(status)));
    }
    numbered(messages)
}

/// Copies of the factory record.
pub(super) fn factory_records() -> Vec<(String, Calibration)> {
    let smallest = Calibration {
        generation: 0,
        serial: [0; 12],
        hardware_revision: 0,
        home_protrusion: Nanometers(i64::from(i32::MIN)),
        screw_lead: Nanometers(0),
    };
    let largest = Calibration {
        home_protrusion: Nanometers(i64::from(i32::MAX)),
        screw_lead: Nanometers(i64::from(i32::MAX)),
        ..largest_calibration()
    };
    vec![
        ("factory-record".to_owned(), calibration()),
        ("factory-record-smallest".to_owned(), smallest),
        ("factory-record-largest".to_owned(), largest),
    ]
}

/// Chips of cartridges.
pub(super) fn cartridge_chips() -> Vec<(String, CartridgeChip)> {
    let fresh = CartridgeChip {
        id: 0x0123_4567_89AB_CDEF,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment: None,
    };
    vec![
        ("cartridge-chip-fresh".to_owned(), fresh),
        (
            "cartridge-chip-used".to_owned(),
            CartridgeChip {
                treatment: Some(0x0102_0304),
                ..fresh
            },
        ),
        (
            "cartridge-chip-used-in-zero".to_owned(),
            CartridgeChip {
                treatment: Some(0),
                ..fresh
            },
        ),
        (
            "cartridge-chip-largest".to_owned(),
            CartridgeChip {
                id: u64::MAX,
                needles: u8::MAX,
                needle_length: Micrometers(65_535),
                treatment: Some(u32::MAX - 1),
            },
        ),
    ]
}

/// Numbers from 0 to 65,535 whose two bytes differ, so that their order shows, with a zero byte in
/// each place now and then, since COBS treats zeros apart.
fn numbered<M>(messages: Vec<(String, M)>) -> Vec<Sample<M>> {
    (0u16..)
        .zip(messages)
        .map(|(index, (name, message))| {
            let sequence = match index {
                0 => 0,
                1 => u16::MAX,
                2 => 0x0100,
                3 => 0x0001,
                _ => index.wrapping_mul(0x0203),
            };
            (name, sequence, message)
        })
        .collect()
}

fn depth(micrometers: i32) -> Request {
    Request::Set(Setting::Depth(Micrometers(micrometers)))
}

fn rate(per_minute: u32) -> Request {
    Request::Set(Setting::Rate(StrokesPerMinute(per_minute)))
}

fn identity() -> Identity {
    Identity {
        serial: *b"PA1-00000042",
        hardware_revision: b'C',
        firmware: FirmwareVersion {
            major: 1,
            minor: 2,
            patch: 3,
        },
        build_id: [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77],
        protocol: 1,
        chip_uid: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    }
}

fn full_identity() -> Identity {
    Identity {
        serial: *b"~}|{zyxwvuts",
        hardware_revision: 0xFE,
        firmware: FirmwareVersion {
            major: 253,
            minor: 254,
            patch: 255,
        },
        build_id: [0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF9, 0xF8],
        protocol: 255,
        chip_uid: [
            0xF0, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB,
        ],
    }
}

fn parked() -> Status {
    Status {
        state: State::Ready,
        faults: FaultSet::NONE,
        depth: Micrometers(0),
        limit: Micrometers(1_500),
        rate: StrokesPerMinute(7_000),
        unlocked: false,
        preset: None,
        cartridge: true,
        treatment: None,
        parked: true,
        may_be_exposed: false,
    }
}

fn treating() -> Status {
    Status {
        state: State::Running,
        faults: FaultSet::NONE,
        depth: Micrometers(2_250),
        limit: Micrometers(2_500),
        rate: StrokesPerMinute(9_000),
        unlocked: true,
        preset: Some(Preset::Scars),
        cartridge: true,
        treatment: Some(0x0102_0304),
        parked: false,
        may_be_exposed: false,
    }
}

/// Nothing of it could be told from a pen that means well; each field differs from [`treating`].
fn exposed() -> Status {
    Status {
        state: State::Faulted,
        faults: FaultSet(u16::MAX),
        depth: Micrometers(i32::MIN),
        limit: Micrometers(i32::MAX),
        rate: StrokesPerMinute(u32::MAX),
        unlocked: false,
        preset: Some(Preset::PatchTest),
        cartridge: false,
        treatment: Some(u32::MAX),
        parked: false,
        may_be_exposed: true,
    }
}

fn calibration() -> Calibration {
    Calibration {
        generation: 7,
        serial: *b"PA1-00000042",
        hardware_revision: b'C',
        home_protrusion: Nanometers(-412_345),
        screw_lead: Nanometers(500_123),
    }
}

fn largest_calibration() -> Calibration {
    Calibration {
        generation: u32::MAX,
        serial: [0xFF; 12],
        hardware_revision: 0xFF,
        home_protrusion: Nanometers(i64::MIN),
        screw_lead: Nanometers(i64::MAX),
    }
}

fn counters(
    accepted: u32,
    malformed: u32,
    oversized: u32,
    not_understood: u32,
    repeated: u32,
) -> LinkCounters {
    LinkCounters {
        accepted,
        malformed,
        oversized,
        not_understood,
        repeated,
    }
}

fn running() -> Telemetry {
    Telemetry {
        at: Milliseconds(3_600_000),
        state: State::Running,
        faults: FaultSet::NONE,
        rate_millihertz: 116_667,
        position: Micrometers(1_499),
        motor_current: Milliamperes(312),
        battery: Millivolts(3_700),
        temperature: Decidegrees(314),
        strokes: 419_999,
    }
}

fn negative() -> Telemetry {
    Telemetry {
        at: Milliseconds(0),
        state: State::Boot,
        faults: FaultSet::NONE
            .with(Fault::Stall)
            .with(Fault::UncommandedMotion),
        rate_millihertz: 0,
        position: Micrometers(-200),
        motor_current: Milliamperes(-1),
        battery: Millivolts(0),
        temperature: Decidegrees(-65),
        strokes: 0,
    }
}

fn largest_telemetry() -> Telemetry {
    Telemetry {
        at: Milliseconds(u32::MAX),
        state: State::Faulted,
        faults: FaultSet(u16::MAX),
        rate_millihertz: u32::MAX - 1,
        position: Micrometers(i32::MAX),
        motor_current: Milliamperes(i32::MIN),
        battery: Millivolts(u32::MAX - 2),
        temperature: Decidegrees(i32::MIN + 1),
        strokes: u32::MAX - 3,
    }
}
