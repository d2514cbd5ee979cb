//! The usage profile as stated: how often what is done, and why.
//!
//! No published record says how often an operator does what. Weights are ours, from what
//! treatments look like (founding texts: sections, two or three passes each, depth tailored to the
//! area, 20 to 30 min of numbing) and from what went wrong in use (MAUDE, product code QAI: wrong
//! settings, parts that broke or came loose); a weight is a share of its table.

mod settings;
mod times;
mod trouble;

use crate::profile::chance::{Choice, Span};

pub(super) use settings::{
    BESIDE_PRESET, BY_HAND, Beside, ByHand, CHOOSING, Choosing, RATE, READ_BACK, RateBy,
};
pub(super) use times::{
    FITTING, GLITCH_TIME, JAM_TIME, LONG_PASS, NUMBING_TIME, POWER_OFF_TIME, PRESS, PROGRAM,
    REACTION, SAG_TIME, SETTLE, SHORT_PASS, SILENCE_TIME, TOUCH,
};
pub(super) use trouble::{BETWEEN_PASSES, CLOSING, Closing, MISHAP, Mishap, Swap};

/// Supply when the treatment begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Battery {
    Nominal,
    Charged,
    Low,
}
pub(super) const BATTERY: Choice<Battery> = Choice {
    name: "battery when the pen is taken up",
    rows: &[
        (
            60,
            Battery::Nominal,
            "nominal",
            "most of a charge lies near its nominal voltage",
        ),
        (25, Battery::Charged, "4.10 V", "fresh from the charger"),
        (15, Battery::Low, "3.45 V", "last treatment of the day"),
    ],
};

/// Telemetry that the host asks for.
pub(super) const TELEMETRY: Choice<Option<u32>> = Choice {
    name: "telemetry",
    rows: &[
        (50, None, "off", "a host that only sets and starts"),
        (20, Some(500), "every 500 ms", "a display"),
        (25, Some(100), "every 100 ms", "a host that keeps a record"),
        (5, Some(50), "every 50 ms", "service"),
    ],
};

/// Whether the host's heartbeats come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Host {
    Beats,
    BeatsLate,
    Hangs,
}
pub(super) const HOST: Choice<Host> = Choice {
    name: "heartbeats of the host",
    rows: &[
        (
            90,
            Host::Beats,
            "from the beginning",
            "the protocol asks for them",
        ),
        (
            8,
            Host::BeatsLate,
            "from the first START",
            "a host that saves its line",
        ),
        (
            2,
            Host::Hangs,
            "not for the first pass",
            "a program that hangs behind its START",
        ),
    ],
};

/// What is fitted first.
#[derive(Clone, Copy, Debug)]
pub(super) enum First {
    Usual,
    Shorter,
    Nothing,
    Used,
    Unreadable,
}
pub(super) const FIRST_CARTRIDGE: Choice<First> = Choice {
    name: "cartridge fitted first",
    rows: &[
        (
            82,
            First::Usual,
            "fresh, the usual one",
            "one a treatment, as labelled",
        ),
        (
            8,
            First::Shorter,
            "fresh, a shorter one",
            "needles of varying lengths (founding text 002)",
        ),
        (
            4,
            First::Nothing,
            "none, then a fresh one after a refused START",
            "forgotten",
        ),
        (
            4,
            First::Used,
            "used, then a fresh one after a refused START",
            "a used one fitted again: why there is an id in it",
        ),
        (
            2,
            First::Unreadable,
            "unreadable, then a fresh one",
            "contacts wet or dirty",
        ),
    ],
};

/// Whether the client waits for the numbing cream with the pen switched on.
pub(super) const NUMBING: Choice<bool> = Choice {
    name: "wait for numbing, pen switched on",
    rows: &[
        (499, false, "none", "mostly the pen is taken up afterwards"),
        (
            1,
            true,
            "once",
            "numbing takes 20 to 30 min (founding text 004); rare here for its cost in time alone",
        ),
    ],
};

/// Who starts and stops.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Host,
    Button,
    Pause,
}
pub(super) const START_BY: Choice<By> = Choice {
    name: "pass begun by",
    rows: &[
        (75, By::Host, "START", "remote control is what is tested"),
        (25, By::Button, "the button", "the operator's hand is on it"),
    ],
};
pub(super) const END_BY: Choice<By> = Choice {
    name: "pass ended by",
    rows: &[
        (55, By::Host, "STOP", "as it was begun"),
        (25, By::Button, "the button", "the operator's hand is on it"),
        (
            20,
            By::Pause,
            "pause",
            "blood is wiped off, serum is put on",
        ),
    ],
};

/// Sections in a treatment.
pub(super) const SECTIONS: Choice<u32> = Choice {
    name: "sections",
    rows: &[
        (
            64,
            1,
            "one",
            "hands, lips, a scar; and the cost in bench time",
        ),
        (26, 2, "two", "forehead and cheeks"),
        (
            10,
            3,
            "three",
            "a face is treated in sections (founding text 002)",
        ),
    ],
};
/// Passes in a section.
pub(super) const PASSES: Choice<u32> = Choice {
    name: "passes in a section",
    rows: &[
        (56, 1, "one", "a patch test, a touch-up"),
        (30, 2, "two", "2 to 3 passes a section (founding text 002)"),
        (14, 3, "three", "MAUDE 21322885: 3 passes on face and neck"),
    ],
};
/// How long a pass is.
pub(super) const PASS_LENGTH: Choice<&Span> = Choice {
    name: "length of a pass",
    rows: &[
        (14, &TOUCH, "a touch", "a patch test, a scar"),
        (
            62,
            &SHORT_PASS,
            "short",
            "a small area: 5.4 cm2/s at 300 punctures/cm2",
        ),
        (24, &LONG_PASS, "long", "a cheek and more"),
    ],
};
/// Whether the needles meet skin.
pub(super) const SKIN: Choice<bool> = Choice {
    name: "skin",
    rows: &[
        (
            85,
            true,
            "met after the start, left before the stop",
            "what a pass is",
        ),
        (15, false, "never met", "tried in the air"),
    ],
};

/// What a host asks in a pass.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Nothing,
    Status,
    Treatment,
    Log,
    SetDepth,
    SetRate,
    Preset,
}
pub(super) const LOOK: Choice<Look> = Choice {
    name: "asked in a pass",
    rows: &[
        (44, Look::Nothing, "nothing", "heartbeats are enough"),
        (24, Look::Status, "status", "a display"),
        (
            14,
            Look::Treatment,
            "counters of the treatment",
            "a display",
        ),
        (4, Look::Log, "the event log", "a host that keeps a record"),
        (
            7,
            Look::SetDepth,
            "set depth, refused",
            "the operator wants it deeper now",
        ),
        (4, Look::SetRate, "set rate, refused", "likewise"),
        (
            3,
            Look::Preset,
            "another preset, refused",
            "the next area, pen not stopped",
        ),
    ],
};

/// What changes from section to section.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Settings,
    Rate,
    Nothing,
}
pub(super) const BETWEEN_SECTIONS: Choice<Change> = Choice {
    name: "between sections",
    rows: &[
        (
            75,
            Change::Settings,
            "other depth, by area or by hand",
            "depth is tailored to the area",
        ),
        (
            10,
            Change::Rate,
            "other rate",
            "depth and intensity are two settings",
        ),
        (15, Change::Nothing, "nothing", "the other cheek"),
    ],
};
