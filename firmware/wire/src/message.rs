//! What host and pen say to each other, protocol version 1.
//!
//! The order of variants and fields is the wire format: nothing here may be reordered, and a
//! shipped version never changes (tests/wire-format holds its exact bytes). What a later firmware
//! adds stands at the end of its enum and is marked with its revision (see [`crate::revision`]).

use firmware_units::{
    Decidegrees, Micrometers, Milliamperes, Milliseconds, Millivolts, Nanometers, StrokesPerMinute,
};
use serde::{Deserialize, Serialize};

use crate::report::{CartridgeReport, LinkReport, LogEntry, TreatmentReport};

/// What the host asks of the pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Who are you? Answered by [`Reply::Identity`].
    Identify,
    /// The present state. Answered by [`Reply::Status`].
    GetStatus,
    /// Change one setting. Answered by [`Reply::Done`] or [`Reply::Refused`].
    Set(Setting),
    /// Read one setting back. Answered by [`Reply::Setting`].
    Get(SettingId),
    /// Choose a treatment area: its depth becomes the setpoint, its ceiling the limit.
    SelectPreset(Preset),
    /// Leave the preset; the armed limit alone holds again.
    ClearPreset,
    /// Lift the armed limit of 1.50 mm until the treatment ends; logged.
    UnlockDepth,
    /// Arm the limit again; a setpoint above it falls to it.
    LockDepth,
    /// Turn the cam; begins a treatment if none is under way.
    Start,
    /// Stop the cam and park the needles.
    Stop,
    /// End the treatment: stop, park, arm the limit, clear counters of the treatment.
    EndTreatment,
    /// Clear latched faults whose cause is gone.
    ClearFaults,
    /// I am still here. Answered by [`Reply::Done`].
    Heartbeat,
    /// Send [`Reply::Telemetry`] at this period; zero turns it off.
    SetTelemetryPeriod(Milliseconds),
    /// Read the depth calibration in force. Answered by [`Reply::Calibration`].
    GetCalibration,
    /// Link error counters. Answered by [`Reply::LinkCounters`].
    GetLinkCounters,
    /// Revision 1: the host knows messages up to this revision. Answered by [`Reply::Hello`].
    Hello {
        /// Highest revision the host knows.
        revision: u8,
    },
    /// Revision 1: stop the cam and park; the next START goes on with the same pass.
    Pause,
    /// Revision 1: the treatment goes on with its next section, whose passes count from one.
    NextSection,
    /// Revision 1: counters of the treatment under way. Answered by [`Reply::Treatment`].
    GetTreatment,
    /// Revision 1: what the fitted cartridge's chip says. Answered by [`Reply::Cartridge`].
    GetCartridge,
    /// Revision 1: the first entry of the event log with at least this number (numbers wrap).
    /// Answered by [`Reply::Log`], or by [`Reply::LogEnd`] where there is none yet.
    GetLog(u32),
    /// Revision 1: all that was counted on the link. Answered by [`Reply::LinkReport`].
    GetLinkReport,
    /// Revision 1: write a new depth calibration into the factory record, for service: with no
    /// cartridge fitted and no treatment under way. [`Reply::Done`] says that it is begun; the
    /// pen then homes anew, and [`Request::GetCalibration`] tells what holds.
    Calibrate {
        /// Protrusion at top of stroke with the carriage at its home switch: -1.0 to -0.2 mm.
        home_protrusion: Nanometers,
        /// Carriage travel for one turn of the screw: 0.48 to 0.52 mm.
        screw_lead: Nanometers,
    },
}

/// One setting and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// Protrusion of the longest needle at top of stroke: 0.00 to 2.50 mm in 0.25 mm steps.
    Depth(Micrometers),
    /// Stroke rate: 3,000 to 9,000 strokes/min.
    Rate(StrokesPerMinute),
}

/// Which setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingId {
    /// See [`Setting::Depth`].
    Depth,
    /// See [`Setting::Rate`].
    Rate,
}

/// What the pen says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Done, or begun.
    Done,
    /// Declined, and why; nothing changed.
    Refused(Refusal),
    /// Answer to [`Request::Identify`].
    Identity(Identity),
    /// Answer to [`Request::GetStatus`].
    Status(Status),
    /// Answer to [`Request::Get`]: the setpoint in force.
    Setting(Setting),
    /// Answer to [`Request::GetCalibration`].
    Calibration(crate::Calibration),
    /// Answer to [`Request::GetLinkCounters`].
    LinkCounters(LinkCounters),
    /// Measured values, sent of the pen's own accord.
    Telemetry(Telemetry),
    /// The frame was whole (its CRC held) but its message is not known or its protocol version
    /// is not spoken here; carries the version that is.
    NotUnderstood {
        /// Protocol version this pen speaks.
        protocol: u8,
    },
    /// Revision 1, answer to [`Request::Hello`].
    Hello {
        /// Protocol version this pen speaks.
        protocol: u8,
        /// Revision in force from now on: the lower of what host and pen know.
        revision: u8,
    },
    /// Revision 1, answer to [`Request::GetTreatment`].
    Treatment(TreatmentReport),
    /// Revision 1, answer to [`Request::GetCartridge`].
    Cartridge(CartridgeReport),
    /// Revision 1, answer to [`Request::GetLog`].
    Log(LogEntry),
    /// Revision 1, answer to [`Request::GetLog`]: no such entry yet.
    LogEnd {
        /// Number that the next entry will have.
        next: u32,
    },
    /// Revision 1, answer to [`Request::GetLinkReport`].
    LinkReport(LinkReport),
}

/// Why the pen declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Depth is not a multiple of 0.25 mm, or rate no whole value in range.
    NotAStep,
    /// Outside what the pen can ever do.
    OutOfRange,
    /// Above the armed limit; unlock first.
    AboveArmedLimit,
    /// Above the ceiling of the preset chosen.
    AbovePresetCeiling,
    /// Above what the fitted cartridge allows.
    AboveCartridgeLimit,
    /// Not while the cam turns.
    Running,
    /// The carriage is still moving, homing or parking; ask again.
    Busy,
    /// No cartridge is fitted.
    NoCartridge,
    /// The cartridge was used in another treatment.
    CartridgeUsed,
    /// The cartridge's chip could not be read or written.
    CartridgeUnreadable,
    /// A fault is latched.
    Faulted,
    /// The cause of a latched fault persists.
    CauseRemains,
    /// No treatment is under way.
    NoTreatment,
    /// The treatment's 60 min are used up; end it.
    TreatmentOver,
    /// Depth calibration is invalid.
    NotCalibrated,
    /// Battery too low to start.
    BatteryLow,
    /// Revision 1: an older frame that came after a newer one; it was not acted on.
    OutOfOrder,
    /// Revision 1: the cam does not turn.
    NotRunning,
    /// Revision 1: not while a cartridge is fitted.
    CartridgeFitted,
    /// Revision 1: not while a treatment is under way.
    TreatmentUnderWay,
}

/// Treatment areas with a depth ceiling each (specs/pen-a1/presets.csv, in its order).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Preset {
    /// Patch test.
    PatchTest,
    /// Forehead.
    Forehead,
    /// Cheek.
    Cheek,
    /// Chin.
    Chin,
    /// Nose.
    Nose,
    /// Eyes and crow's feet.
    Eyes,
    /// Frown lines.
    FrownLines,
    /// Lips.
    Lips,
    /// Neck.
    Neck,
    /// Décolletage.
    Decolletage,
    /// Hands.
    Hands,
    /// Stretch marks.
    StretchMarks,
    /// Scars.
    Scars,
}

/// Firmware version, semantic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmwareVersion {
    /// Incompatible change.
    pub major: u8,
    /// Added behaviour.
    pub minor: u8,
    /// Corrected behaviour.
    pub patch: u8,
}

/// Who the pen says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Serial number, as engraved; ASCII, space padded. From the factory record in flash.
    pub serial: [u8; 12],
    /// Hardware revision letter, ASCII. From the factory record in flash.
    pub hardware_revision: u8,
    /// Firmware version.
    pub firmware: FirmwareVersion,
    /// First eight bytes of the build id.
    pub build_id: [u8; 8],
    /// Protocol version spoken.
    pub protocol: u8,
    /// The chip's 96-bit unique id (RM0444 section 38.1).
    pub chip_uid: [u8; 12],
}

/// What the pen is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Self-test, homing.
    Boot,
    /// Parked, no usable cartridge.
    Standby,
    /// Parked, cartridge usable.
    Ready,
    /// Moving the carriage out before the cam turns.
    Starting,
    /// Cam turning.
    Running,
    /// Braking and parking.
    Stopping,
    /// A fault is latched; motor off.
    Faulted,
    /// Revision 1: parked in the middle of a pass.
    Paused,
    /// Revision 1: parked and idle for long; the carriage's motor is without current.
    Asleep,
}

/// A detected and latched problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fault {
    /// No Hall edges, or too few, though the motor is driven.
    Stall,
    /// Above 160 strokes/s.
    OverSpeed,
    /// Motor current above its limit.
    OverCurrent,
    /// Nose at or above 41 degC.
    NoseHot,
    /// Battery below its limit.
    BatteryLow,
    /// Supply fell below the brown-out level.
    BrownOut,
    /// No valid frame from the host for 0.40 s while running remotely.
    LostLink,
    /// Carriage position sensor and step count disagree, or home not found.
    CarriageLost,
    /// The watchdog reset the pen.
    Watchdog,
    /// Cartridge removed while running.
    CartridgeRemoved,
    /// Neither copy of the calibration is valid.
    Calibration,
    /// Hall edges or current without drive: a shorted switch; series cut-off opened.
    UncommandedMotion,
    /// Revision 1: a sensor was silent or off its scale in the self-test after reset.
    SelfTest,
}

impl Preset {
    /// Every preset, in the order of the wire and of specs/pen-a1/presets.csv.
    pub const ALL: [Preset; 13] = [
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
    ];
}

impl Fault {
    /// Every fault, in bit order of [`FaultSet`].
    pub const ALL: [Fault; 13] = [
        Fault::Stall,
        Fault::OverSpeed,
        Fault::OverCurrent,
        Fault::NoseHot,
        Fault::BatteryLow,
        Fault::BrownOut,
        Fault::LostLink,
        Fault::CarriageLost,
        Fault::Watchdog,
        Fault::CartridgeRemoved,
        Fault::Calibration,
        Fault::UncommandedMotion,
        Fault::SelfTest,
    ];
}

/// The faults latched, one bit each: bit n is the n-th variant of [`Fault`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultSet(pub u16);

impl FaultSet {
    /// No fault.
    pub const NONE: Self = Self(0);

    /// Whether the fault is in the set.
    #[must_use]
    pub const fn contains(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u16) != 0
    }

    /// The set with the fault in it.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | (1 << fault as u16))
    }

    /// The set without the fault.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !(1 << fault as u16))
    }

    /// Whether nothing is latched.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Answer to [`Request::GetStatus`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What the pen is doing.
    pub state: State,
    /// Latched faults.
    pub faults: FaultSet,
    /// Depth setpoint.
    pub depth: Micrometers,
    /// Highest depth that would be accepted now: armed limit or range, preset ceiling, cartridge.
    pub limit: Micrometers,
    /// Rate setpoint.
    pub rate: StrokesPerMinute,
    /// Whether the armed limit is lifted.
    pub unlocked: bool,
    /// Preset chosen.
    pub preset: Option<Preset>,
    /// Whether a cartridge is fitted.
    pub cartridge: bool,
    /// Id of the treatment under way.
    pub treatment: Option<u32>,
    /// Whether the needles are known to be parked below the nose plane.
    pub parked: bool,
    /// Whether needles may be exposed though the motor is off (it could not park).
    pub may_be_exposed: bool,
}

/// Measured values; never an echo of a setpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telemetry {
    /// Milliseconds since boot, by the pen's oscillator, when the values were taken.
    pub at: Milliseconds,
    /// What the pen is doing.
    pub state: State,
    /// Latched faults.
    pub faults: FaultSet,
    /// Stroke rate in 1/1000 stroke/s, mean over the Hall periods since the last telemetry;
    /// zero when no edge came for 100 ms.
    pub rate_millihertz: u32,
    /// Carriage position by its sensor, as the protrusion it would give.
    pub position: Micrometers,
    /// Motor current.
    pub motor_current: Milliamperes,
    /// Battery voltage.
    pub battery: Millivolts,
    /// Nose temperature.
    pub temperature: Decidegrees,
    /// Strokes in this treatment.
    pub strokes: u32,
}

/// Frames received and dropped since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCounters {
    /// Frames acted on.
    pub accepted: u32,
    /// CRC did not hold, or the COBS encoding was broken.
    pub malformed: u32,
    /// Longer than any frame may be.
    pub oversized: u32,
    /// Whole, but version or message unknown.
    pub not_understood: u32,
    /// The frame before again, number and message: answered again, and not acted on again unless it
    /// is STOP.
    pub repeated: u32,
}
