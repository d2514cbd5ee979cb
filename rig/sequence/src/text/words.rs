//! Words that a step is written in; those of requests are the console's.

use firmware_wire::Preset;

/// First words of an action.
pub(super) const ACTIONS: &[&str] = &[
    "nothing",
    "send",
    "burst",
    "repeat",
    "late",
    "cut",
    "flipped",
    "garbage",
    "heartbeats",
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

/// First words of a request.
pub(super) const REQUESTS: &[&str] = &[
    "identify",
    "status",
    "set",
    "get",
    "preset",
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

/// Words behind `set` and `get`.
pub(super) const SETTINGS: &[&str] = &["depth", "rate"];
/// Words behind `heartbeats`.
pub(super) const ON_OFF: &[&str] = &["on", "off"];
/// Words behind `button`.
pub(super) const DOWN_UP: &[&str] = &["down", "up"];
/// Words behind `cartridge`, of what is fitted.
pub(super) const FITTINGS: &[&str] = &["none", "fresh", "same", "used", "unreadable"];
/// Words behind `shaft`.
pub(super) const SHAFT: &[&str] = &["free", "brake", "locked"];
/// Words behind `preset`: the treatment areas in the order of the wire, and leaving them.
pub(super) const PRESETS: &[&str] = &[
    "patch-test",
    "forehead",
    "cheek",
    "chin",
    "nose",
    "eyes",
    "frown-lines",
    "lips",
    "neck",
    "decolletage",
    "hands",
    "stretch-marks",
    "scars",
    "clear",
];

/// The word of a treatment area.
pub(crate) fn preset_word(preset: Preset) -> &'static str {
    PRESETS.get(preset as usize).copied().unwrap_or("clear")
}

/// The choice two slips of the finger away at most, the nearest; nothing where there is none.
pub(crate) fn near(given: &str, choices: &[&'static str]) -> Option<&'static str> {
    let allowed = 2.min(given.chars().count() / 2);
    choices
        .iter()
        .map(|choice| {
            let slips = strsim::osa_distance(&given.to_lowercase(), choice);
            (slips, *choice)
        })
        .filter(|(slips, _)| *slips <= allowed)
        .min()
        .map(|(_, choice)| choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_treatment_area_has_its_word() {
        assert_eq!(PRESETS.len(), Preset::ALL.len() + 1);
        assert_eq!(preset_word(Preset::PatchTest), "patch-test");
        assert_eq!(preset_word(Preset::FrownLines), "frown-lines");
        assert_eq!(preset_word(Preset::Scars), "scars");
    }

    #[test]
    fn nothing_far_is_near() {
        assert_eq!(near("strat", REQUESTS), Some("start"));
        assert_eq!(near("SOTP", REQUESTS), Some("stop"));
        assert_eq!(near("needling", REQUESTS), None);
        assert_eq!(near("", REQUESTS), None);
    }
}
