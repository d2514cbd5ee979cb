//! A step as a line.

use super::quantity::{
    DEPTH, FINE_LENGTH, FORCE, LENGTH, PERIOD, RATE, SUPPLY, TIME, TORQUE, Written,
};
use super::words::preset_word;
use crate::action::{Action, Fitting, Sequence, ShaftHold, Step};
use firmware_units::{Micrometers, Microseconds};
use firmware_wire::{Request, Setting, SettingId};
use std::fmt;

/// A bench time as it stands behind `after`: whole seconds, or to the millisecond, or to the
/// microsecond.
#[must_use]
pub fn time_text(time: Microseconds) -> String {
    TIME.print(i64::try_from(time.0).unwrap_or(i64::MAX))
}

/// The length of a cartridge's needles, as it stands behind `fresh`.
pub(crate) fn length_text(length: Micrometers) -> String {
    LENGTH.print(length.0.into())
}

/// A request in the words of the console.
#[must_use]
pub fn request_text(request: &Request) -> String {
    let with =
        |word: &str, written: Written, count: i64| format!("{word} {}", written.print(count));
    match request {
        Request::Identify => "identify".to_owned(),
        Request::GetStatus => "status".to_owned(),
        Request::Set(Setting::Depth(depth)) => with("set depth", DEPTH, depth.0.into()),
        Request::Set(Setting::Rate(rate)) => with("set rate", RATE, rate.0.into()),
        Request::Get(SettingId::Depth) => "get depth".to_owned(),
        Request::Get(SettingId::Rate) => "get rate".to_owned(),
        Request::SelectPreset(preset) => format!("preset {}", preset_word(*preset)),
        Request::ClearPreset => "preset clear".to_owned(),
        Request::UnlockDepth => "unlock".to_owned(),
        Request::LockDepth => "lock".to_owned(),
        Request::Start => "start".to_owned(),
        Request::Stop => "stop".to_owned(),
        Request::EndTreatment => "end".to_owned(),
        Request::ClearFaults => "clear".to_owned(),
        Request::Heartbeat => "heartbeat".to_owned(),
        Request::SetTelemetryPeriod(period) if period.0 == 0 => "telemetry off".to_owned(),
        Request::SetTelemetryPeriod(period) => with("telemetry", PERIOD, period.0.into()),
        Request::GetCalibration => "calibration".to_owned(),
        Request::GetLinkCounters => "counters".to_owned(),
        Request::Hello { revision } => format!("hello {revision}"),
        Request::Pause => "pause".to_owned(),
        Request::NextSection => "section".to_owned(),
        Request::GetTreatment => "treatment".to_owned(),
        Request::GetCartridge => "cartridge".to_owned(),
        Request::GetLog(number) => format!("log {number}"),
        Request::GetLinkReport => "link".to_owned(),
        Request::Calibrate {
            home_protrusion,
            screw_lead,
        } => format!(
            "calibrate {} {}",
            FINE_LENGTH.print(home_protrusion.0),
            FINE_LENGTH.print(screw_lead.0)
        ),
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Send(request) => write!(f, "send {}", request_text(request)),
            Self::Burst(requests) => {
                f.write_str("burst")?;
                for (place, request) in requests.iter().enumerate() {
                    let before = if place == 0 { " " } else { "; " };
                    write!(f, "{before}{}", request_text(request))?;
                }
                Ok(())
            }
            Self::Repeat => f.write_str("repeat"),
            Self::Late { request, back } => write!(f, "late {back} of {}", request_text(request)),
            Self::CutShort { request, bytes } => {
                write!(
                    f,
                    "cut short after {bytes} bytes of {}",
                    request_text(request)
                )
            }
            Self::Flipped { request, bit } => {
                write!(f, "flipped bit {bit} of {}", request_text(request))
            }
            Self::Garbage(bytes) => {
                f.write_str("garbage")?;
                bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
            }
            Self::Heartbeats(on) => f.write_str(if *on {
                "heartbeats on"
            } else {
                "heartbeats off"
            }),
            Self::Cartridge(None) => f.write_str("cartridge none"),
            Self::Cartridge(Some(fitting)) => write!(f, "cartridge {fitting}"),
            Self::Needles { needles, force } => {
                let force = FORCE.print(force.0.into());
                write!(f, "load {force} on {needles} needles")
            }
            Self::Shaft(hold) => write!(f, "shaft {hold}"),
            Self::Axial(force) => write!(f, "axial {}", FORCE.print(force.0.into())),
            Self::Supply(supply) => write!(f, "supply {}", SUPPLY.print(supply.0.into())),
            Self::Button(down) => f.write_str(if *down { "button down" } else { "button up" }),
            Self::Reset => f.write_str("reset"),
            Self::Hang => f.write_str("hang"),
            Self::Recalibrate => f.write_str("recalibrate"),
        }
    }
}

impl fmt::Display for Fitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh { length } => write!(f, "fresh {}", length_text(*length)),
            Self::Same => f.write_str("same"),
            Self::Used => f.write_str("used"),
            Self::Unreadable => f.write_str("unreadable"),
        }
    }
}

impl fmt::Display for ShaftHold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::Brake(torque) => write!(f, "brake {}", TORQUE.print(torque.0.into())),
            Self::Locked => f.write_str("locked"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {}  {}", time_text(self.after), self.action)
    }
}

impl fmt::Display for Sequence {
    /// One line a step, each with its line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}
