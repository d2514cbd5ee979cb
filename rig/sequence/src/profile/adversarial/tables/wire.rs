//! What races, what is damaged.

use crate::profile::chance::Choice;
use firmware_wire::Request;

/// Requests that race.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Race {
    StopSet,
    StartStop,
    StopStart,
    SetStart,
    StartSet,
    UnlockSetStart,
    LockSet,
    PresetSetStart,
    PauseStart,
    PauseSection,
    EndStart,
    UnlockEndSet,
    ClearStart,
    IdentifyStart,
    Flood,
}
pub(crate) const RACE: Choice<Race> = Choice {
    name: "race",
    rows: &[
        (
            14,
            Race::StopSet,
            "stop; set depth",
            "depth is free once it stops, held before",
        ),
        (
            9,
            Race::StartStop,
            "start; stop",
            "before anything has moved",
        ),
        (9, Race::StopStart, "stop; start", "before it has parked"),
        (
            9,
            Race::SetStart,
            "set depth; start",
            "the setting that the run begins with",
        ),
        (9, Race::StartSet, "start; set depth", "held from START on"),
        (
            8,
            Race::UnlockSetStart,
            "unlock; set depth; start",
            "the deepest run",
        ),
        (
            7,
            Race::LockSet,
            "lock; set depth, or the other way about",
            "which limit holds",
        ),
        (
            7,
            Race::PresetSetStart,
            "preset; set depth; start",
            "which ceiling holds",
        ),
        (6, Race::PauseStart, "pause; start", "the same pass"),
        (
            5,
            Race::PauseSection,
            "pause; section; start",
            "a pass or a new one",
        ),
        (5, Race::EndStart, "end; start", "the cartridge is spent"),
        (
            4,
            Race::UnlockEndSet,
            "unlock; end; set depth",
            "the unlock ends with the treatment",
        ),
        (4, Race::ClearStart, "clear; start", "a cause that remains"),
        (2, Race::IdentifyStart, "identify; start", "revision 0"),
        (2, Race::Flood, "20 times status", "buffers"),
    ],
};

/// What is sent that is not a whole new frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Damage {
    Repeat,
    Late,
    CutShort,
    Flipped,
    Garbage,
    Oversized,
    Zeros,
}
pub(crate) const DAMAGE: Choice<Damage> = Choice {
    name: "frames",
    rows: &[
        (
            20,
            Damage::Repeat,
            "the last one again",
            "answered, not acted on",
        ),
        (18, Damage::Late, "one with an older number", "not acted on"),
        (
            18,
            Damage::CutShort,
            "one cut short",
            "and what it does to the next",
        ),
        (22, Damage::Flipped, "one with a bit flipped", "CRC"),
        (12, Damage::Garbage, "1 to 40 bytes of anything", "framing"),
        (
            5,
            Damage::Oversized,
            "97 to 200 bytes without a zero",
            "buffers",
        ),
        (5, Damage::Zeros, "zeros", "empty frames"),
    ],
};

/// Requests that would hurt if they were acted on where they must not.
pub(crate) const WANTED: Choice<Request> = Choice {
    name: "request of a damaged or late frame",
    rows: &[
        (30, Request::Start, "start", "motion"),
        (20, Request::Stop, "stop", "motion ends"),
        (15, Request::UnlockDepth, "unlock", "depth"),
        (10, Request::EndTreatment, "end", "counters, limit"),
        (10, Request::ClearFaults, "clear", "latches"),
        (8, Request::Pause, "pause", "passes"),
        (7, Request::NextSection, "section", "sections"),
    ],
};
