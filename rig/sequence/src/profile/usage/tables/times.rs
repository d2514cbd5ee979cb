//! How long what takes.

use crate::profile::chance::Span;

pub(crate) const TOUCH: Span = Span {
    name: "touch",
    bounds: (1_000_000, 2_000_000),
    reason: "5 to 11 cm2",
};
pub(crate) const SHORT_PASS: Span = Span {
    name: "short pass",
    bounds: (2_000_000, 5_000_000),
    reason: "11 to 27 cm2",
};
pub(crate) const LONG_PASS: Span = Span {
    name: "long pass",
    bounds: (4_000_000, 15_000_000),
    reason: "22 to 80 cm2; a whole face takes 75 s, which bench time does not allow",
};

pub(crate) const REACTION: Span = Span {
    name: "pause of a person",
    bounds: (150_000, 1_000_000),
    reason: "a hand at the pen or the screen",
};
pub(crate) const PROGRAM: Span = Span {
    name: "pause of a program",
    bounds: (1_000, 60_000),
    reason: "from one answer to the next question",
};
pub(crate) const FITTING: Span = Span {
    name: "from the cartridge to the next step",
    bounds: (500_000, 1_500_000),
    reason: "the pen reads the chip in it",
};
pub(crate) const PRESS: Span = Span {
    name: "press of the button",
    bounds: (60_000, 400_000),
    reason: "a finger",
};
pub(crate) const NUMBING_TIME: Span = Span {
    name: "numbing",
    bounds: (1_200_000_000, 1_800_000_000),
    reason: "20 to 30 min (founding text 004)",
};
pub(crate) const GLITCH_TIME: Span = Span {
    name: "heartbeats away, shorter",
    bounds: (100_000, 250_000),
    reason: "with the heartbeat's own 100 ms below the pen's 0.40 s",
};
pub(crate) const SILENCE_TIME: Span = Span {
    name: "heartbeats away, longer",
    bounds: (600_000, 2_500_000),
    reason: "beyond 0.40 s, with what the pen needs to park",
};
pub(crate) const SAG_TIME: Span = Span {
    name: "sag of the supply",
    bounds: (20_000, 600_000),
    reason: "a load step of the motor to a slow recovery",
};
pub(crate) const JAM_TIME: Span = Span {
    name: "cam held",
    bounds: (500_000, 1_500_000),
    reason: "longer than the pen takes to see it",
};
pub(crate) const POWER_OFF_TIME: Span = Span {
    name: "supply lost",
    bounds: (200_000, 3_000_000),
    reason: "a bad contact to a change of cell",
};
pub(crate) const SETTLE: Span = Span {
    name: "after a stop",
    bounds: (600_000, 1_200_000),
    reason: "stop and park take 0.5 s at most (SAF-08)",
};
