//! The adversarial profile as stated: where bugs like to be, not how often it happens in use.

use crate::profile::chance::{Choice, Span};
use firmware_wire::Request;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scene {
    Run,
    Setting,
    Race,
    Frames,
    Request,
    Silence,
    Cartridge,
    Load,
    Shaft,
    Supply,
    Button,
    Reset,
    Mend,
}
pub(super) const SCENE: Choice<Scene> = Choice {
    name: "scene",
    rows: &[
        (
            15,
            Scene::Run,
            "a run is begun, settings at a limit",
            "most that can go wrong needs a cam that turns",
        ),
        (
            15,
            Scene::Setting,
            "a setting at, just inside or just outside a limit",
            "limits off by one, in the wrong unit, of the wrong one of several",
        ),
        (
            11,
            Scene::Race,
            "a burst in which two requests race",
            "checks at a time other than the act's",
        ),
        (
            11,
            Scene::Frames,
            "frames damaged, repeated, late; garbage",
            "a frame that is acted on and must not be, or twice",
        ),
        (
            8,
            Scene::Request,
            "any request",
            "states in which nobody thought of it",
        ),
        (7, Scene::Silence, "the host falls silent", "timers"),
        (
            8,
            Scene::Cartridge,
            "the cartridge changes",
            "what was allowed a moment ago",
        ),
        (
            4,
            Scene::Load,
            "the load steps",
            "control and protection under load",
        ),
        (
            4,
            Scene::Shaft,
            "the shaft is braked or held",
            "stall and over-current",
        ),
        (
            5,
            Scene::Supply,
            "the supply dips",
            "brown-out, half-written flash, a forgotten latch",
        ),
        (
            5,
            Scene::Button,
            "the button, near its debounce time",
            "edges, bounces, a second starter",
        ),
        (3, Scene::Reset, "a reset", "what must outlive it"),
        (
            4,
            Scene::Mend,
            "everything put right, faults cleared",
            "so that what follows is not all refused",
        ),
    ],
};

/// How the first scene is found.
pub(super) const OPENING: Choice<Option<Scene>> = Choice {
    name: "first scene",
    rows: &[
        (60, Some(Scene::Run), "a run is begun", "as above"),
        (40, None, "any", "states before the first run"),
    ],
};

/// How many scenes.
pub(super) const SCENES: Choice<(u64, u64)> = Choice {
    name: "scenes in a sequence",
    rows: &[
        (
            50,
            (2, 5),
            "2 to 5",
            "short ones are cheap, and shrink fast",
        ),
        (38, (6, 12), "6 to 12", "states that take some way to reach"),
        (12, (13, 24), "13 to 24", "what builds up"),
    ],
};

/// How long before the next step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    None,
    Ticks,
    Aimed,
    Any,
    Seconds,
    Minutes,
}
pub(super) const WAIT: Choice<Wait> = Choice {
    name: "wait before a scene",
    rows: &[
        (230, Wait::None, "none", "right behind what was done before"),
        (
            150,
            Wait::Ticks,
            "1 µs to 10 ms",
            "within a few control ticks of 2 ms",
        ),
        (
            260,
            Wait::Aimed,
            "a time constant, to a tick on either side",
            "timers off by one",
        ),
        (260, Wait::Any, "1 µs to 3 s", "every octave alike"),
        (
            85,
            Wait::Seconds,
            "1 to 12 s",
            "a run that settles, treatments that go on",
        ),
        (
            15,
            Wait::Minutes,
            "10 s to 6 min",
            "a pen falls asleep after 5 min; rare for its cost alone",
        ),
    ],
};
pub(super) const TICKS: Span = Span {
    name: "a few ticks",
    bounds: (1, 10_000),
    reason: "control ticks of 2 ms",
};
pub(super) const ANY: Span = Span {
    name: "any",
    bounds: (1, 3_000_000),
    reason: "from below a bit on the line (8.7 µs) to a parked pen",
};
pub(super) const SECONDS: Span = Span {
    name: "seconds",
    bounds: (1_000_000, 12_000_000),
    reason: "passes",
};
pub(super) const MINUTES: Span = Span {
    name: "minutes",
    bounds: (10_000_000, 360_000_000),
    reason: "sleep at 300 s",
};

/// Time constants, ms.
pub(super) const CONSTANTS: Choice<u64> = Choice {
    name: "time constant aimed at",
    rows: &[
        (15, 30, "30 ms", "contacts stand still for so long"),
        (10, 50, "50 ms", "a frame breaks off"),
        (15, 100, "100 ms", "heartbeats; a rate of zero is told"),
        (10, 250, "250 ms", "a reply is missed"),
        (10, 300, "300 ms", "a held shaft gets no current (SAF-03)"),
        (25, 400, "400 ms", "a lost link"),
        (15, 500, "500 ms", "stop and park (SAF-08)"),
    ],
};
/// One control tick to either side, µs.
pub(super) const TICK: u64 = 2_000;

/// A depth's distance from a limit.
pub(super) const DEPTH_OFF: Choice<i32> = Choice {
    name: "distance of a depth from a limit, µm",
    rows: &[
        (40, 0, "0", "at it"),
        (8, 1, "1", "just outside, no step"),
        (8, -1, "-1", "just inside, no step"),
        (5, 10, "10", "a slip of a digit"),
        (5, -10, "-10", "likewise"),
        (17, 250, "250", "one step outside"),
        (17, -250, "-250", "one step inside"),
    ],
};
/// A rate's distance from a limit.
pub(super) const RATE_OFF: Choice<i64> = Choice {
    name: "distance of a rate from a limit, /min",
    rows: &[
        (40, 0, "0", "at it"),
        (20, 1, "1", "just outside or inside"),
        (20, -1, "-1", "just inside or outside"),
        (10, 60, "60", "one stroke a second"),
        (10, -60, "-60", "likewise"),
    ],
};

/// Which limit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    Armed,
    Range,
    Zero,
    Ceiling,
    PresetDepth,
    Cartridge,
    Slowest,
    Fastest,
    Usual,
    Step,
    Extreme,
    Period,
    Calibration,
    ChangePreset,
    Unlock,
    Lock,
}
pub(super) const LIMIT: Choice<Limit> = Choice {
    name: "limit or setting",
    rows: &[
        (14, Limit::Armed, "armed limit", "DEP-10"),
        (10, Limit::Range, "range", "DEP-14"),
        (5, Limit::Zero, "zero depth", "DEP-00"),
        (
            11,
            Limit::Ceiling,
            "a preset's ceiling, mostly with the preset",
            "DEP-15",
        ),
        (4, Limit::PresetDepth, "a preset's depth", "DEP-15"),
        (9, Limit::Cartridge, "a cartridge's length", "DEP-09"),
        (6, Limit::Slowest, "slowest rate", "RAT-01"),
        (6, Limit::Fastest, "fastest rate", "RAT-04, RAT-07"),
        (4, Limit::Usual, "rate after boot", "RAT-03"),
        (9, Limit::Step, "any step of depth in range", "notches"),
        (
            3,
            Limit::Extreme,
            "what the type holds, and beyond any sense",
            "overflow",
        ),
        (3, Limit::Period, "telemetry period", "floods and none"),
        (
            1,
            Limit::Calibration,
            "calibration a nanometre beyond belief",
            "must be refused; one that is believed would move the depth that is judged",
        ),
        (
            6,
            Limit::ChangePreset,
            "a preset, or none",
            "its ceiling and the depth set before",
        ),
        (6, Limit::Unlock, "unlock", "DEP-10"),
        (3, Limit::Lock, "lock", "a setting above it falls"),
    ],
};

/// Requests that race.
#[derive(Clone, Copy, Debug)]
pub(super) enum Race {
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
pub(super) const RACE: Choice<Race> = Choice {
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
pub(super) enum Damage {
    Repeat,
    Late,
    CutShort,
    Flipped,
    Garbage,
    Oversized,
    Zeros,
}
pub(super) const DAMAGE: Choice<Damage> = Choice {
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
pub(super) const WANTED: Choice<Request> = Choice {
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

/// What is fitted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fit {
    Nothing,
    Usual,
    Shorter,
    Odd,
    Same,
    Used,
    Unreadable,
}
pub(super) const FIT: Choice<Fit> = Choice {
    name: "cartridge",
    rows: &[
        (26, Fit::Nothing, "none", "taken out in the midst of it"),
        (20, Fit::Usual, "fresh, the usual one", "to go on"),
        (
            16,
            Fit::Shorter,
            "fresh, a shorter one",
            "below the setting in force",
        ),
        (
            8,
            Fit::Odd,
            "fresh, of a length between steps",
            "rounding up would be too deep",
        ),
        (14, Fit::Same, "the same again", "spent or not"),
        (10, Fit::Used, "used elsewhere", "SAF-02"),
        (
            6,
            Fit::Unreadable,
            "unreadable",
            "what is not known is not allowed",
        ),
    ],
};

/// Supply of a dip.
pub(super) const DIP: Choice<u32> = Choice {
    name: "supply of a dip, mV",
    rows: &[
        (14, 0, "0", "off"),
        (12, 1_700, "1700", "below the chip's reset level"),
        (12, 2_500, "2500", "the chip runs, nothing else does"),
        (12, 3_100, "3100", "below the battery's limit"),
        (14, 3_200, "3200", "at the battery's limit"),
        (10, 3_250, "3250", "at the level from which it may start"),
        (14, 3_300, "3300", "the lowest in range"),
        (12, 4_200, "4200", "the highest in range"),
    ],
};
pub(super) const DIP_TIME: Span = Span {
    name: "dip",
    bounds: (1_000, 4_000_000),
    reason: "from a capacitor's reach to an empty one",
};

/// What the button does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Press {
    Aimed,
    Bounces,
    Long,
    WithStart,
}
pub(super) const PRESS: Choice<Press> = Choice {
    name: "button",
    rows: &[
        (
            40,
            Press::Aimed,
            "pressed for 30 ms, to two ticks on either side",
            "the debounce time",
        ),
        (
            25,
            Press::Bounces,
            "three bounces of 1 to 29 ms, then pressed",
            "contacts",
        ),
        (
            20,
            Press::Long,
            "pressed for 0.1 to 4 s",
            "one press, whatever happens meanwhile",
        ),
        (
            15,
            Press::WithStart,
            "pressed, and START or STOP within 60 ms",
            "two who start",
        ),
    ],
};

pub(super) const SHAFT_TIME: Span = Span {
    name: "shaft braked or held",
    bounds: (20_000, 2_000_000),
    reason: "around the 0.30 s of SAF-03",
};
/// Torque of the brake, µN m.
pub(super) const TORQUE: (u64, u64) = (100, 12_000);
/// Force on a needle at 1 mm, mN.
pub(super) const FORCE: (u64, u64) = (1, 300);
/// Force along the axis, mN.
pub(super) const AXIAL: (u64, u64) = (1, 2_000);

pub(super) const RUN_TIME: Span = Span {
    name: "run that is begun",
    bounds: (100_000, 4_000_000),
    reason: "from the carriage on its way to a settled rate",
};
pub(super) const BOOT_TIME: Span = Span {
    name: "after a reset or a lost supply",
    bounds: (1_000, 3_000_000),
    reason: "in every phase of homing, to a parked pen",
};
pub(super) const SILENCE_TIME: Span = Span {
    name: "silence, where it is not aimed at 0.40 s",
    bounds: (100_000, 1_500_000),
    reason: "to a parked pen",
};
