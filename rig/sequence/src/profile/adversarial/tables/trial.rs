//! Faults that are brought about on purpose: what each needs to be there for sure.

use crate::profile::chance::{Choice, Span};

/// What is brought about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trial {
    Flat,
    Weak,
    LockedStart,
    Overload,
    Surge,
    Resume,
    Hang,
    TwoFaults,
    Fitted,
    Torn,
}
pub(crate) const TRIAL: Choice<Trial> = Choice {
    name: "fault brought about on purpose",
    rows: &[
        (
            14,
            Trial::Flat,
            "a battery below its limit for more than a second, status, clear or start in it",
            "low battery must be latched (HAZ-09), and not cleared while it lasts (HAZ-06)",
        ),
        (
            10,
            Trial::Weak,
            "START on a battery between both limits",
            "too low to start, not low enough for a fault (HAZ-09)",
        ),
        (
            8,
            Trial::LockedStart,
            "START with the shaft locked",
            "a cam that never turns is a stall (SAF-03)",
        ),
        (
            10,
            Trial::Overload,
            "a brake that draws more than the limit and does not hold the cam",
            "over-current (SAF-09), and no stall",
        ),
        (
            10,
            Trial::Surge,
            "a run at the fastest rate on a flat supply under a brake, both taken away at once",
            "the cam overshoots: over-speed (RAT-07)",
        ),
        (
            14,
            Trial::Resume,
            "a run at depth zero, paused and gone on with three times",
            "nothing is marked or moved out: the drive's own trial is seen (RAT-07-D2)",
        ),
        (
            6,
            Trial::Hang,
            "the program hangs while the cam turns",
            "the watchdog's fault is latched (SAF-11)",
        ),
        (
            8,
            Trial::TwoFaults,
            "the program hangs while a fault is latched",
            "both are told (HAZ-06)",
        ),
        (
            6,
            Trial::Fitted,
            "the factory record written anew with a cartridge fitted",
            "must be refused; what is written is what stood there",
        ),
        (
            12,
            Trial::Torn,
            "the factory record written anew twice, the supply lost in the second",
            "one copy holds (SAF-10); what is written is what stood there",
        ),
    ],
};

/// Supply of a flat battery, mV, and for how long.
pub(crate) const FLAT: (u64, u64) = (2_900, 3_130);
pub(crate) const FLAT_TIME: Span = Span {
    name: "flat battery",
    bounds: (1_100_000, 2_000_000),
    reason: "a second is smoothing and waiting",
};
/// Supply of a weak battery, mV: between both limits, with a margin to either.
pub(crate) const WEAK: (u64, u64) = (3_212, 3_232);
/// Torque of a brake that overloads the motor, µN m: 2 A come to 4.8 mN m, and its supply gives no
/// more than 3 A.
pub(crate) const BRAKE: (u64, u64) = (5_000, 6_000);
pub(crate) const OVERLOAD_TIME: Span = Span {
    name: "overload",
    bounds: (500_000, 1_500_000),
    reason: "beyond the 0.30 s of SAF-09",
};
/// Torque of the brake before a surge, µN m: one that slows the cam and does not drain the battery.
pub(crate) const SLOWS: (u64, u64) = (600, 1_400);
pub(crate) const HANG_TIME: Span = Span {
    name: "after the program hangs",
    bounds: (400_000, 3_000_000),
    reason: "the watchdog's 0.1 s, and homing or not",
};
/// From the answer that a record is being written to the loss of supply, µs: an erasure takes 22 to
/// 40 ms (DS12232).
pub(crate) const TORN_US: (u64, u64) = (0, 40_000);
