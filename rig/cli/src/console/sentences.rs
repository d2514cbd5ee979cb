//! A plain sentence for every state, fault, refusal and event of the pen.

use super::words::preset_name;
use crate::text::millimeters;
use firmware_units::Micrometers;
use firmware_wire::{BootCause, Fault, FaultSet, LogEvent, Refusal, State};

/// What the pen is doing.
pub(crate) fn state(state: State) -> &'static str {
    match state {
        State::Boot => "boot: self-test, homing the carriage",
        State::Standby => "standby: parked, no usable cartridge",
        State::Ready => "ready: parked, cartridge usable",
        State::Starting => "starting: the carriage moves out, the cam does not turn yet",
        State::Running => "running: the cam turns",
        State::Stopping => "stopping: braking and parking",
        State::Faulted => "faulted: a fault is latched, the motor is off",
        State::Paused => "paused: parked in the middle of a pass",
        State::Asleep => "asleep: parked and idle for long, the carriage's motor without current",
    }
}

/// The state in one word.
pub(crate) fn state_word(it: State) -> &'static str {
    let sentence = state(it);
    sentence.split(':').next().unwrap_or(sentence)
}

/// What the pen detected and latched.
pub(crate) fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Stall => "stall: the motor was driven and the cam did not turn",
        Fault::OverSpeed => "over-speed: the cam turned faster than it ever may",
        Fault::OverCurrent => "over-current: the motor drew more than it ever may",
        Fault::NoseHot => "nose hot: the nose is too warm for skin",
        Fault::BatteryLow => "battery low: the battery is too empty to go on",
        Fault::BrownOut => "brown-out: the supply broke down",
        Fault::LostLink => "lost link: the rig was silent for too long while the cam turned",
        Fault::CarriageLost => {
            "carriage lost: position sensor and steps disagree, or home was not found"
        }
        Fault::Watchdog => "watchdog: the firmware hung and was reset",
        Fault::CartridgeRemoved => "cartridge removed: it was taken out while the cam turned",
        Fault::Calibration => "calibration: neither copy of the depth calibration is valid",
        Fault::UncommandedMotion => {
            "uncommanded motion: cam or current though the motor was off; its supply is cut off"
        }
        Fault::SelfTest => "self-test: a sensor was silent or off its scale after reset",
    }
}

/// The faults of a set, one a line.
pub(crate) fn faults(set: FaultSet) -> Vec<&'static str> {
    let latched = Fault::ALL.into_iter().filter(|it| set.contains(*it));
    latched.map(fault).collect()
}

/// The faults of a set, by their names.
pub(crate) fn fault_names(set: FaultSet) -> String {
    if set.is_empty() {
        return "none".to_owned();
    }
    let name = |sentence: &'static str| sentence.split(':').next().unwrap_or(sentence);
    let names: Vec<&str> = faults(set).into_iter().map(name).collect();
    names.join(", ")
}

/// Why the pen declined, and what to do; `deepest` is the deepest setting that it takes now.
pub(crate) fn refusal(refusal: Refusal, deepest: Option<Micrometers>) -> String {
    let now = deepest.map_or(String::new(), |it| {
        format!(", {} at most now", millimeters(it))
    });
    match refusal {
        Refusal::NotAStep => {
            "between two steps; the depth goes by 0.25 mm, the rate by whole strokes a minute"
                .to_owned()
        }
        Refusal::OutOfRange => "outside what the pen can ever do".to_owned(),
        Refusal::AboveArmedLimit => format!("above the armed limit{now}; `unlock` first"),
        Refusal::AbovePresetCeiling => {
            format!("above the ceiling of the preset{now}; `preset clear` first")
        }
        Refusal::AboveCartridgeLimit => format!("above what the fitted cartridge allows{now}"),
        Refusal::Running => "not while the cam turns; `stop` or `pause` first".to_owned(),
        Refusal::Busy => "the carriage is still moving; `wait 0.5` and ask again".to_owned(),
        Refusal::NoCartridge => "no cartridge is fitted; `fit` one".to_owned(),
        Refusal::CartridgeUsed => {
            "the cartridge was used in another treatment; `fit` a new one".to_owned()
        }
        Refusal::CartridgeUnreadable => {
            "the cartridge's chip cannot be read or written; `fit` another".to_owned()
        }
        Refusal::Faulted => "a fault is latched; see `faults`, then `clear`".to_owned(),
        Refusal::CauseRemains => {
            "the cause of a fault is still there; see `faults`, remove it, then `clear`".to_owned()
        }
        Refusal::NoTreatment => "no treatment is under way; `start` begins one".to_owned(),
        Refusal::TreatmentOver => "the treatment's time is used up; `end` it".to_owned(),
        Refusal::NotCalibrated => "the pen has no valid depth calibration".to_owned(),
        Refusal::BatteryLow => "the battery is too low to start; `supply 3.7`".to_owned(),
        Refusal::OutOfOrder => "an older frame after a newer one; not acted on".to_owned(),
        Refusal::NotRunning => "the cam does not turn; `start` first".to_owned(),
        Refusal::CartridgeFitted => "not while a cartridge is fitted; `unfit` first".to_owned(),
        Refusal::TreatmentUnderWay => {
            "not while a treatment is under way; `end` it first".to_owned()
        }
    }
}

/// What the event log tells of.
pub(crate) fn event(event: LogEvent) -> String {
    match event {
        LogEvent::Booted(BootCause::Power) => "booted: power came on".to_owned(),
        LogEvent::Booted(BootCause::Watchdog) => "booted: reset by the watchdog".to_owned(),
        LogEvent::Booted(BootCause::Other) => "booted: reset by pin, probe or software".to_owned(),
        LogEvent::FaultLatched(it) => format!("fault latched, {}", fault(it)),
        LogEvent::FaultsCleared(set) => format!("faults cleared: {}", fault_names(set)),
        LogEvent::DepthUnlocked => "depth limit lifted".to_owned(),
        LogEvent::DepthLocked => "depth limit armed".to_owned(),
        LogEvent::PresetChosen(preset) => format!("preset {} chosen", preset_name(preset)),
        LogEvent::TreatmentBegun(id) => format!("treatment {id} begun"),
        LogEvent::TreatmentEnded(id) => format!("treatment {id} ended"),
        LogEvent::TreatmentOver(id) => format!("treatment {id}: its time is used up"),
        LogEvent::SectionBegun(number) => format!("section {number} begun"),
        LogEvent::CartridgeFitted(id) => format!("cartridge read: …{id:08x}"),
        LogEvent::CartridgeRemoved => "cartridge taken out".to_owned(),
        LogEvent::StartRefused(it) => {
            // What to do about it was for then.
            let why = refusal(it, None);
            let why = why.split(';').next().unwrap_or_default();
            format!("START declined: {why}")
        }
        LogEvent::CalibrationWritten(generation) => {
            format!("calibration written, generation {generation}")
        }
        LogEvent::CalibrationFailed => "calibration not written; the one before holds".to_owned(),
        LogEvent::FellAsleep => "fell asleep".to_owned(),
        LogEvent::Awoke => "awoke".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_wire::Preset;

    const STATES: [State; 9] = [
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
    const REFUSALS: [Refusal; 20] = [
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
    const EVENTS: [LogEvent; 19] = [
        LogEvent::Booted(BootCause::Power),
        LogEvent::Booted(BootCause::Watchdog),
        LogEvent::Booted(BootCause::Other),
        LogEvent::FaultLatched(Fault::Stall),
        LogEvent::FaultsCleared(FaultSet::NONE.with(Fault::Stall).with(Fault::BrownOut)),
        LogEvent::DepthUnlocked,
        LogEvent::DepthLocked,
        LogEvent::PresetChosen(Preset::StretchMarks),
        LogEvent::TreatmentBegun(77),
        LogEvent::TreatmentEnded(77),
        LogEvent::TreatmentOver(77),
        LogEvent::SectionBegun(2),
        LogEvent::CartridgeFitted(0x1F),
        LogEvent::CartridgeRemoved,
        LogEvent::StartRefused(Refusal::NoCartridge),
        LogEvent::CalibrationWritten(3),
        LogEvent::CalibrationFailed,
        LogEvent::FellAsleep,
        LogEvent::Awoke,
    ];

    #[test]
    fn every_word_of_the_pen_has_its_sentence() {
        let mut lines = vec!["states".to_owned()];
        lines.extend(STATES.map(|it| state(it).to_owned()));
        lines.push("\nfaults".to_owned());
        lines.extend(Fault::ALL.map(|it| fault(it).to_owned()));
        lines.push("\nrefusals".to_owned());
        lines.extend(REFUSALS.map(|it| refusal(it, Some(Micrometers(1_500)))));
        lines.push("\nevents".to_owned());
        lines.extend(EVENTS.map(event));
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn faults_are_named_in_their_order() {
        let set = FaultSet::NONE.with(Fault::LostLink).with(Fault::Stall);
        assert_eq!(fault_names(set), "stall, lost link");
        assert_eq!(fault_names(FaultSet::NONE), "none");
        assert_eq!(state_word(State::Running), "running");
    }
}
