//! Names of what is covered, and the ways from state to state of `firmware/STATES.md`.

use crate::action::Action;
use firmware_wire::{Fault, Refusal, Request, Setting, SettingId, State};

/// Every way from one state to another that STATES.md lists; held to it by a test.
pub(super) const TRANSITIONS: &[(State, State)] = {
    use State as S;
    &[
        (S::Boot, S::Standby),
        (S::Boot, S::Ready),
        (S::Boot, S::Faulted),
        (S::Standby, S::Ready),
        (S::Standby, S::Boot),
        (S::Standby, S::Asleep),
        (S::Standby, S::Faulted),
        (S::Ready, S::Standby),
        (S::Ready, S::Starting),
        (S::Ready, S::Asleep),
        (S::Ready, S::Faulted),
        (S::Starting, S::Running),
        (S::Starting, S::Stopping),
        (S::Starting, S::Standby),
        (S::Starting, S::Faulted),
        (S::Running, S::Stopping),
        (S::Running, S::Faulted),
        (S::Stopping, S::Ready),
        (S::Stopping, S::Standby),
        (S::Stopping, S::Paused),
        (S::Stopping, S::Faulted),
        (S::Paused, S::Starting),
        (S::Paused, S::Ready),
        (S::Paused, S::Standby),
        (S::Paused, S::Asleep),
        (S::Paused, S::Faulted),
        (S::Asleep, S::Standby),
        (S::Asleep, S::Ready),
        (S::Asleep, S::Starting),
        (S::Asleep, S::Boot),
        (S::Asleep, S::Faulted),
        (S::Faulted, S::Standby),
        (S::Faulted, S::Ready),
        (S::Faulted, S::Boot),
    ]
};

/// Every state.
pub(super) const STATES: [State; 9] = [
    State::Boot,
    State::Standby,
    State::Ready,
    State::Starting,
    State::Running,
    State::Stopping,
    State::Faulted,
    State::Paused,
    State::Asleep,
];

/// Where nothing is known of the state.
pub(super) const UNKNOWN: &str = "not known";

/// The word of a state, as STATES.md writes it.
pub(super) const fn state(state: State) -> &'static str {
    match state {
        State::Boot => "Boot",
        State::Standby => "Standby",
        State::Ready => "Ready",
        State::Starting => "Starting",
        State::Running => "Running",
        State::Stopping => "Stopping",
        State::Faulted => "Faulted",
        State::Paused => "Paused",
        State::Asleep => "Asleep",
    }
}

/// Every command, in the order of the wire.
pub(super) const COMMANDS: &[&str] = &[
    "identify",
    "status",
    "set depth",
    "set rate",
    "get depth",
    "get rate",
    "preset",
    "preset clear",
    "unlock",
    "lock",
    "start",
    "stop",
    "end",
    "clear",
    "heartbeat",
    "telemetry",
    "calibration",
    "counters",
    "hello",
    "pause",
    "section",
    "treatment",
    "cartridge",
    "log",
    "link",
    "calibrate",
];

/// The words of a request without its values.
pub(super) const fn command(request: &Request) -> &'static str {
    match request {
        Request::Identify => "identify",
        Request::GetStatus => "status",
        Request::Set(Setting::Depth(_)) => "set depth",
        Request::Set(Setting::Rate(_)) => "set rate",
        Request::Get(SettingId::Depth) => "get depth",
        Request::Get(SettingId::Rate) => "get rate",
        Request::SelectPreset(_) => "preset",
        Request::ClearPreset => "preset clear",
        Request::UnlockDepth => "unlock",
        Request::LockDepth => "lock",
        Request::Start => "start",
        Request::Stop => "stop",
        Request::EndTreatment => "end",
        Request::ClearFaults => "clear",
        Request::Heartbeat => "heartbeat",
        Request::SetTelemetryPeriod(_) => "telemetry",
        Request::GetCalibration => "calibration",
        Request::GetLinkCounters => "counters",
        Request::Hello { .. } => "hello",
        Request::Pause => "pause",
        Request::NextSection => "section",
        Request::GetTreatment => "treatment",
        Request::GetCartridge => "cartridge",
        Request::GetLog(_) => "log",
        Request::GetLinkReport => "link",
        Request::Calibrate { .. } => "calibrate",
    }
}

/// Every refusal, in the order of the wire.
pub(super) const REFUSALS: &[Refusal] = &[
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
    Refusal::OutOfOrder,
    Refusal::NotRunning,
    Refusal::CartridgeFitted,
    Refusal::TreatmentUnderWay,
];

/// The words of a refusal.
pub(super) const fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotAStep => "not a step",
        Refusal::OutOfRange => "out of range",
        Refusal::AboveArmedLimit => "above armed limit",
        Refusal::AbovePresetCeiling => "above preset ceiling",
        Refusal::AboveCartridgeLimit => "above cartridge limit",
        Refusal::Running => "running",
        Refusal::Busy => "busy",
        Refusal::NoCartridge => "no cartridge",
        Refusal::CartridgeUsed => "cartridge used",
        Refusal::CartridgeUnreadable => "cartridge unreadable",
        Refusal::Faulted => "faulted",
        Refusal::CauseRemains => "cause remains",
        Refusal::NoTreatment => "no treatment",
        Refusal::TreatmentOver => "treatment over",
        Refusal::NotCalibrated => "not calibrated",
        Refusal::BatteryLow => "battery low",
        Refusal::OutOfOrder => "out of order",
        Refusal::NotRunning => "not running",
        Refusal::CartridgeFitted => "cartridge fitted",
        Refusal::TreatmentUnderWay => "treatment under way",
    }
}

/// The words of a fault.
pub(super) const fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Stall => "stall",
        Fault::OverSpeed => "over-speed",
        Fault::OverCurrent => "over-current",
        Fault::NoseHot => "nose hot",
        Fault::BatteryLow => "battery low",
        Fault::BrownOut => "brown-out",
        Fault::LostLink => "lost link",
        Fault::CarriageLost => "carriage lost",
        Fault::Watchdog => "watchdog",
        Fault::CartridgeRemoved => "cartridge removed",
        Fault::Calibration => "calibration",
        Fault::UncommandedMotion => "uncommanded motion",
        Fault::SelfTest => "self-test",
    }
}

/// Every kind of action that is not nothing.
pub(super) const ACTIONS: &[&str] = &[
    "send",
    "burst",
    "repeat",
    "late",
    "cut short",
    "flipped",
    "garbage",
    "heartbeats on",
    "heartbeats off",
    "cartridge",
    "load",
    "shaft",
    "axial",
    "supply",
    "button",
    "reset",
    "hang",
    "recalibrate",
];

/// The words of an action without its values.
pub(super) const fn action(action: &Action) -> Option<&'static str> {
    Some(match action {
        Action::Nothing => return None,
        Action::Send(_) => "send",
        Action::Burst(_) => "burst",
        Action::Repeat => "repeat",
        Action::Late { .. } => "late",
        Action::CutShort { .. } => "cut short",
        Action::Flipped { .. } => "flipped",
        Action::Garbage(_) => "garbage",
        Action::Heartbeats(true) => "heartbeats on",
        Action::Heartbeats(false) => "heartbeats off",
        Action::Cartridge(_) => "cartridge",
        Action::Needles { .. } => "load",
        Action::Shaft(_) => "shaft",
        Action::Axial(_) => "axial",
        Action::Supply(_) => "supply",
        Action::Button(_) => "button",
        Action::Reset => "reset",
        Action::Hang => "hang",
        Action::Recalibrate => "recalibrate",
    })
}
