//! How long what takes, how hard what is held.

use crate::profile::chance::Span;

pub(crate) const TICKS: Span = Span {
    name: "a few ticks",
    bounds: (1, 10_000),
    reason: "control ticks of 2 ms",
};
pub(crate) const ANY: Span = Span {
    name: "any",
    bounds: (1, 3_000_000),
    reason: "from below a bit on the line (8.7 µs) to a parked pen",
};
pub(crate) const SECONDS: Span = Span {
    name: "seconds",
    bounds: (1_000_000, 12_000_000),
    reason: "passes",
};
pub(crate) const MINUTES: Span = Span {
    name: "minutes",
    bounds: (10_000_000, 360_000_000),
    reason: "sleep at 300 s",
};

/// One control tick to either side, µs.
pub(crate) const TICK: u64 = 2_000;

pub(crate) const DIP_TIME: Span = Span {
    name: "dip",
    bounds: (1_000, 4_000_000),
    reason: "from a capacitor's reach to an empty one",
};

pub(crate) const SHAFT_TIME: Span = Span {
    name: "shaft braked or held",
    bounds: (20_000, 2_000_000),
    reason: "around the 0.30 s of SAF-03",
};
/// Torque of the brake, µN m.
pub(crate) const TORQUE: (u64, u64) = (100, 12_000);
/// Force on a needle at 1 mm, mN.
pub(crate) const FORCE: (u64, u64) = (1, 300);
/// Force along the axis, mN.
pub(crate) const AXIAL: (u64, u64) = (1, 2_000);

pub(crate) const RUN_TIME: Span = Span {
    name: "run that is begun",
    bounds: (100_000, 4_000_000),
    reason: "from the carriage on its way to a settled rate",
};
pub(crate) const BOOT_TIME: Span = Span {
    name: "after a reset or a lost supply",
    bounds: (1_000, 3_000_000),
    reason: "in every phase of homing, to a parked pen",
};
pub(crate) const SILENCE_TIME: Span = Span {
    name: "silence, where it is not aimed at 0.40 s",
    bounds: (100_000, 1_500_000),
    reason: "to a parked pen",
};
