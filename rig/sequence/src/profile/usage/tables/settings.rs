//! How settings are chosen.

use crate::profile::chance::Choice;

/// How settings are chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Choosing {
    Preset,
    Hand,
    AsIs,
}
pub(crate) const CHOOSING: Choice<Choosing> = Choice {
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
pub(crate) enum Beside {
    AsChosen,
    Shallower,
    Deeper,
    AboveCeiling,
}
pub(crate) const BESIDE_PRESET: Choice<Beside> = Choice {
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
pub(crate) enum ByHand {
    Within,
    Deep,
    DeepLocked,
    BetweenSteps,
    BeyondRange,
}
pub(crate) const BY_HAND: Choice<ByHand> = Choice {
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
pub(crate) enum RateBy {
    Kept,
    Usual,
    Any,
    TooFast,
    TooSlow,
}
pub(crate) const RATE: Choice<RateBy> = Choice {
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
pub(crate) const READ_BACK: Choice<bool> = Choice {
    name: "read back after setting",
    rows: &[
        (55, true, "yes", "a careful host"),
        (45, false, "no", "a host that trusts the answer"),
    ],
};
