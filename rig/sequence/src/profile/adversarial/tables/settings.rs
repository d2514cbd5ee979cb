//! Which limit, and how near.

use crate::profile::chance::Choice;

/// A depth's distance from a limit.
pub(crate) const DEPTH_OFF: Choice<i32> = Choice {
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
pub(crate) const RATE_OFF: Choice<i64> = Choice {
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
pub(crate) enum Limit {
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
pub(crate) const LIMIT: Choice<Limit> = Choice {
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
