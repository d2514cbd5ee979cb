//! What is played to its end, and how long its parts take.

use crate::profile::chance::{Choice, Span};

/// A story: several steps that belong together, from a pen that was put right.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Story {
    BadBytes,
    OldFrames,
    Again,
    Counted,
    PauseSilence,
    ButtonAlone,
    TwoTreatments,
    ChipAgain,
    DeepLock,
    SetStarting,
    RateRunning,
    Watched,
}
pub(crate) const STORY: Choice<Story> = Choice {
    name: "story",
    rows: &[
        (
            8,
            Story::BadBytes,
            "a run by the host, then nothing but broken frames and garbage",
            "SAF-06: they are no sign of life",
        ),
        (
            8,
            Story::OldFrames,
            "a run by the host, then nothing but frames with old numbers",
            "likewise",
        ),
        (
            8,
            Story::Again,
            "start, pause, start, stop, section, end: each perhaps twice, with one number",
            "a frame that comes twice is acted on once",
        ),
        (
            14,
            Story::Counted,
            "the link's report, damaged frames, the report again",
            "what comes damaged is counted",
        ),
        (
            7,
            Story::PauseSilence,
            "start, pause, start, silence",
            "the pass that goes on is the host's still",
        ),
        (
            8,
            Story::ButtonAlone,
            "a run by the button, without a host",
            "no link is lost that was not needed",
        ),
        (
            7,
            Story::TwoTreatments,
            "two treatments, the first one's cartridge in the second or a fresh one",
            "SAF-02",
        ),
        (
            9,
            Story::ChipAgain,
            "a run, a reset, and the cartridge is read again",
            "what the pen wrote on the chip, not what it remembers",
        ),
        (
            7,
            Story::DeepLock,
            "unlock, a deep setting, lock or end, and the setting read back",
            "SAF-12",
        ),
        (
            8,
            Story::SetStarting,
            "start, and a depth while the carriage is on its way",
            "held from START on",
        ),
        (
            8,
            Story::RateRunning,
            "a rate set while the cam turns, and held",
            "the cam follows it",
        ),
        (
            8,
            Story::Watched,
            "at depth zero or the deepest: start and stop, looked at closely",
            "what is said of rest and motion in the midst of them",
        ),
    ],
};

pub(crate) const STORY_RUN: Span = Span {
    name: "run within a story",
    bounds: (300_000, 1_500_000),
    reason: "the cam turns, or nearly",
};
pub(crate) const STORY_GAP: Span = Span {
    name: "between damaged frames of a story",
    bounds: (20_000, 360_000),
    reason: "below the 0.40 s of a lost link",
};
pub(crate) const STORY_HOLD: Span = Span {
    name: "rate held, pen alone",
    bounds: (2_100_000, 3_200_000),
    reason: "a second to settle, one to be measured; twice the time of SAF-06",
};
/// How long a host sends nothing that counts, µs: twice the time of SAF-06.
pub(crate) const STORY_NOISE: u64 = 2_000_000;
/// Start to rest, µs: SAF-08, with room.
pub(crate) const STORY_REST: u64 = 700_000;
/// A cartridge is read, µs.
pub(crate) const STORY_READ: u64 = 600_000;
/// A pen that was reset has homed, µs.
pub(crate) const STORY_HOMED: u64 = 2_700_000;
