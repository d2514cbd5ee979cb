//! The adversarial profile as stated: where bugs like to be, not how often it happens in use.

mod settings;
mod story;
mod times;
mod trial;
mod wire;

use crate::profile::chance::Choice;

pub(super) use settings::{DEPTH_OFF, LIMIT, Limit, RATE_OFF};
pub(super) use story::{
    STORY, STORY_GAP, STORY_HOLD, STORY_HOMED, STORY_NOISE, STORY_READ, STORY_REST, STORY_RUN,
    Story,
};
pub(super) use times::{
    ANY, AXIAL, BOOT_TIME, DIP_TIME, FORCE, MINUTES, RUN_TIME, SECONDS, SHAFT_TIME, SILENCE_TIME,
    TICK, TICKS, TORQUE,
};
pub(super) use trial::{
    BRAKE, FLAT, FLAT_TIME, HANG_TIME, OVERLOAD_TIME, SLOWS, TORN_US, TRIAL, Trial, WEAK,
};
pub(super) use wire::{DAMAGE, Damage, RACE, Race, WANTED};

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
    Story,
    Trial,
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
            18,
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
        (
            20,
            Scene::Story,
            "everything put right, and one thing tried to its end",
            "what shows after several steps alone, and seldom by chance",
        ),
        (
            14,
            Scene::Trial,
            "a fault is brought about on purpose",
            "what a pen watches for and chance seldom brings about for long enough",
        ),
    ],
};

/// How the first scene is found.
pub(super) const OPENING: Choice<Option<Scene>> = Choice {
    name: "first scene",
    rows: &[
        (50, Some(Scene::Run), "a run is begun", "as above"),
        (
            20,
            Some(Scene::Trial),
            "a fault is brought about on purpose",
            "as above; alone it is short",
        ),
        (30, None, "any", "states before the first run"),
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

/// Telemetry, ms.
pub(super) const TELEMETRY: Choice<Option<u32>> = Choice {
    name: "telemetry at the beginning, and after a reset",
    rows: &[
        (30, None, "as it is", "a pen that nobody looks at"),
        (30, Some(100), "every 100 ms", "states are seen in passing"),
        (
            40,
            Some(20),
            "every 20 ms",
            "starting and stopping are seen",
        ),
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
