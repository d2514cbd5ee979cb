//! The usage profile as stated: how often what is done, and why.
//!
//! No published record says how often an operator does what. Weights are ours, from what
//! treatments look like (founding texts: sections, two or three passes each, depth tailored to the
//! area, 20 to 30 min of numbing) and from what went wrong in use (MAUDE, product code QAI: wrong
//! settings, parts that broke or came loose); a weight is a share of its table.

use crate::profile::chance::{Choice, Span};

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

/// How settings are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choosing {
    Preset,
    Hand,
    AsIs,
}
pub(super) const CHOOSING: Choice<Choosing> = Choice {
    name: "settings chosen",
    rows: &[
        (
            55,
            Choosing::Preset,
            "by treatment area",
            "what presets are for",
        ),
        (
            41,
            Choosing::Hand,
            "by hand",
            "depth and intensity tailored (founding text 004)",
        ),
        (
            4,
            Choosing::AsIs,
            "not at all",
            "START with what the pen has",
        ),
    ],
};

/// What is tried above, below or beside a preset's depth.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beside {
    AsChosen,
    Shallower,
    Deeper,
    AboveCeiling,
}
pub(super) const BESIDE_PRESET: Choice<Beside> = Choice {
    name: "depth under a preset",
    rows: &[
        (60, Beside::AsChosen, "as the preset sets it", "the default"),
        (
            16,
            Beside::Shallower,
            "one step shallower",
            "a sensitive client",
        ),
        (
            14,
            Beside::Deeper,
            "one step deeper, if its ceiling allows",
            "tailored",
        ),
        (
            10,
            Beside::AboveCeiling,
            "one step above the ceiling, refused",
            "use of incorrect settings (MAUDE, 2 of 59 reports); tried far more often than reported",
        ),
    ],
};

/// A depth set by hand.
#[derive(Clone, Copy, Debug)]
pub(super) enum ByHand {
    Within,
    Deep,
    DeepLocked,
    BetweenSteps,
    BeyondRange,
}
pub(super) const BY_HAND: Choice<ByHand> = Choice {
    name: "depth by hand",
    rows: &[
        (
            62,
            ByHand::Within,
            "any step up to the limit in force",
            "most areas want no more",
        ),
        (
            18,
            ByHand::Deep,
            "above the armed limit, unlocked first",
            "scars and stretch marks",
        ),
        (
            10,
            ByHand::DeepLocked,
            "above the armed limit, refused; then unlocked, or a lesser one",
            "the unlock is forgotten",
        ),
        (
            5,
            ByHand::BetweenSteps,
            "between two steps, refused; then a step",
            "a value from a chart in 0.1 mm",
        ),
        (
            5,
            ByHand::BeyondRange,
            "beyond the range, refused; then a step",
            "needles to 3 mm are named (founding text 003)",
        ),
    ],
};

/// A rate.
#[derive(Clone, Copy, Debug)]
pub(super) enum RateBy {
    Kept,
    Usual,
    Any,
    TooFast,
    TooSlow,
}
pub(super) const RATE: Choice<RateBy> = Choice {
    name: "stroke rate",
    rows: &[
        (
            48,
            RateBy::Kept,
            "kept",
            "single-speed pens are common (DEN160029)",
        ),
        (
            36,
            RateBy::Usual,
            "a multiple of 500 /min in range",
            "what a dial or slider gives",
        ),
        (9, RateBy::Any, "any whole number in range", "typed in"),
        (
            4,
            RateBy::TooFast,
            "above the range, refused",
            "pens to 18,000 /min are sold",
        ),
        (
            3,
            RateBy::TooSlow,
            "below the range, refused",
            "a rate in strokes/s taken for one a minute",
        ),
    ],
};

/// What a host does after it has set something.
pub(super) const READ_BACK: Choice<bool> = Choice {
    name: "read back after setting",
    rows: &[
        (55, true, "yes", "a careful host"),
        (45, false, "no", "a host that trusts the answer"),
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
pub(super) const TOUCH: Span = Span {
    name: "touch",
    bounds: (1_000_000, 2_000_000),
    reason: "5 to 11 cm2",
};
pub(super) const SHORT_PASS: Span = Span {
    name: "short pass",
    bounds: (2_000_000, 5_000_000),
    reason: "11 to 27 cm2",
};
pub(super) const LONG_PASS: Span = Span {
    name: "long pass",
    bounds: (4_000_000, 15_000_000),
    reason: "22 to 80 cm2; a whole face takes 75 s, which bench time does not allow",
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

/// What is done with the cartridge between passes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Swap {
    Nothing,
    Fresh,
    Same,
}
pub(super) const BETWEEN_PASSES: Choice<Swap> = Choice {
    name: "cartridge between passes",
    rows: &[
        (90, Swap::Nothing, "stays", "one a treatment"),
        (
            5,
            Swap::Fresh,
            "changed for a fresh one",
            "tip bent or dropped (MAUDE: break, material integrity)",
        ),
        (5, Swap::Same, "taken out and put back", "looked at, wiped"),
    ],
};

/// What goes wrong once in a treatment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mishap {
    Nothing,
    Glitch,
    Silence,
    Sag,
    SagLow,
    CartridgeOut,
    Jam,
    PowerOff,
}
pub(super) const MISHAP: Choice<Mishap> = Choice {
    name: "what goes wrong in one pass of the treatment",
    rows: &[
        (
            66,
            Mishap::Nothing,
            "nothing",
            "most treatments have no event",
        ),
        (
            8,
            Mishap::Glitch,
            "heartbeats stay away for less than the pen waits",
            "a busy host; the pass must go on",
        ),
        (
            7,
            Mishap::Silence,
            "heartbeats stay away for longer",
            "a cable comes loose, a host sleeps",
        ),
        (
            5,
            Mishap::Sag,
            "the supply sags above the battery's limit",
            "a weak cell under load",
        ),
        (
            3,
            Mishap::SagLow,
            "the supply sags below it",
            "an empty cell",
        ),
        (
            6,
            Mishap::CartridgeOut,
            "the cartridge is taken out",
            "failure to bond, break (MAUDE 12 and 11 of 59): the tip comes off",
        ),
        (
            3,
            Mishap::Jam,
            "the cam is held",
            "a broken part between cam and slider (MAUDE, break)",
        ),
        (
            2,
            Mishap::PowerOff,
            "supply lost for a moment",
            "the battery is changed",
        ),
    ],
};

/// How the treatment is left.
#[derive(Clone, Copy, Debug)]
pub(super) enum Closing {
    EndAndOut,
    End,
    Left,
    OutAlone,
    AnotherClient,
}
pub(super) const CLOSING: Choice<Closing> = Choice {
    name: "end of the treatment",
    rows: &[
        (
            55,
            Closing::EndAndOut,
            "ended, cartridge out",
            "as labelled",
        ),
        (
            18,
            Closing::End,
            "ended, cartridge left in",
            "until the next client",
        ),
        (12, Closing::Left, "not ended", "the pen is put aside"),
        (
            7,
            Closing::OutAlone,
            "cartridge out, not ended",
            "the host is closed first",
        ),
        (
            8,
            Closing::AnotherClient,
            "ended; START with the same cartridge, refused",
            "the next client with the last one's needles: why there is single use",
        ),
    ],
};

pub(super) const REACTION: Span = Span {
    name: "pause of a person",
    bounds: (150_000, 1_000_000),
    reason: "a hand at the pen or the screen",
};
pub(super) const PROGRAM: Span = Span {
    name: "pause of a program",
    bounds: (1_000, 60_000),
    reason: "from one answer to the next question",
};
pub(super) const FITTING: Span = Span {
    name: "from the cartridge to the next step",
    bounds: (500_000, 1_500_000),
    reason: "the pen reads the chip in it",
};
pub(super) const PRESS: Span = Span {
    name: "press of the button",
    bounds: (60_000, 400_000),
    reason: "a finger",
};
pub(super) const NUMBING_TIME: Span = Span {
    name: "numbing",
    bounds: (1_200_000_000, 1_800_000_000),
    reason: "20 to 30 min (founding text 004)",
};
pub(super) const GLITCH_TIME: Span = Span {
    name: "heartbeats away, shorter",
    bounds: (100_000, 250_000),
    reason: "with the heartbeat's own 100 ms below the pen's 0.40 s",
};
pub(super) const SILENCE_TIME: Span = Span {
    name: "heartbeats away, longer",
    bounds: (600_000, 2_500_000),
    reason: "beyond 0.40 s, with what the pen needs to park",
};
pub(super) const SAG_TIME: Span = Span {
    name: "sag of the supply",
    bounds: (20_000, 600_000),
    reason: "a load step of the motor to a slow recovery",
};
pub(super) const JAM_TIME: Span = Span {
    name: "cam held",
    bounds: (500_000, 1_500_000),
    reason: "longer than the pen takes to see it",
};
pub(super) const POWER_OFF_TIME: Span = Span {
    name: "supply lost",
    bounds: (200_000, 3_000_000),
    reason: "a bad contact to a change of cell",
};
pub(super) const SETTLE: Span = Span {
    name: "after a stop",
    bounds: (600_000, 1_200_000),
    reason: "stop and park take 0.5 s at most (SAF-08)",
};
