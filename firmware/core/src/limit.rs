//! How deep and how fast: steps, ranges, ceilings, and the order in which refusals are given.

use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{Preset, Refusal};

/// Steps of the depth setting.
pub(crate) const DEPTH_STEP: Micrometers = Micrometers(250);
/// Deepest setting there is, as of cleared pens (DEN160029, K192138, K200044).
pub(crate) const DEPTH_MAX: Micrometers =
    Micrometers(mutated!("mutant-depth-max-one-step-high": 2_500 => 2_750));
/// Deepest setting while the limit is armed: the range evaluated in DEN160029.
pub(crate) const ARMED_LIMIT: Micrometers =
    Micrometers(mutated!("mutant-armed-limit-one-step-high": 1_500 => 1_750));
/// Slowest and fastest rate setting: 50 and 150 strokes/s.
pub(crate) const RATE_RANGE: (StrokesPerMinute, StrokesPerMinute) =
    (StrokesPerMinute(3_000), StrokesPerMinute(RATE_MAX));
/// The fastest, in strokes a minute.
const RATE_MAX: u32 = mutated!("mutant-fastest-rate-one-per-second-high": 9_000 => 9_060);
/// Rate after boot: 116.667 strokes/s.
pub(crate) const RATE_DEFAULT: StrokesPerMinute = StrokesPerMinute(7_000);

/// Depth and ceiling of a preset (specs/pen-a1/presets.csv).
pub(crate) const fn preset(preset: Preset) -> (Micrometers, Micrometers) {
    let (depth, ceiling) = match preset {
        Preset::PatchTest => (250, 250),
        Preset::Forehead => (
            500,
            mutated!("mutant-forehead-ceiling-one-step-high": 750 => 1_000),
        ),
        Preset::Cheek => (1_000, 1_500),
        Preset::Chin => (500, 1_500),
        Preset::Nose => (250, 500),
        Preset::Eyes => (250, 500),
        Preset::FrownLines => (500, 750),
        Preset::Lips => (250, 750),
        Preset::Neck => (250, 1_000),
        Preset::Decolletage => (500, 1_000),
        Preset::Hands => (500, 1_000),
        Preset::StretchMarks => (1_500, 2_000),
        Preset::Scars => (1_500, 2_500),
    };
    (Micrometers(depth), Micrometers(ceiling))
}

/// Everything that holds the depth setting down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The armed limit is lifted.
    pub(crate) unlocked: bool,
    /// Preset chosen.
    pub(crate) preset: Option<Preset>,
    /// Longest protrusion the fitted cartridge allows, if one is known.
    pub(crate) cartridge: Option<Micrometers>,
}

impl Limits {
    /// The deepest setting that would be accepted, a whole number of steps.
    pub(crate) fn deepest(&self) -> Micrometers {
        let armed = if self.unlocked {
            DEPTH_MAX
        } else {
            ARMED_LIMIT
        };
        let chosen = mutated!("mutant-status-limit-forgets-ceiling": self.preset => None);
        let ceiling = chosen.map_or(DEPTH_MAX, |it| preset(it).1);
        let cartridge = self.cartridge.unwrap_or(DEPTH_MAX);
        let lowest = armed.min(ceiling).min(cartridge).max(Micrometers::ZERO);
        Micrometers(lowest.0 - lowest.0 % DEPTH_STEP.0)
    }

    /// Whether the depth may be set.
    ///
    /// # Errors
    /// The first of the reasons that hold, in the order in which [`Refusal`] lists them.
    pub(crate) fn check(&self, depth: Micrometers) -> Result<(), Refusal> {
        if depth.0 % DEPTH_STEP.0 != 0 {
            return Err(Refusal::NotAStep);
        }
        if depth < Micrometers::ZERO || depth > DEPTH_MAX {
            return Err(Refusal::OutOfRange);
        }
        let deep = mutated!("mutant-armed-limit-itself-refused": depth > ARMED_LIMIT => depth >= ARMED_LIMIT);
        if !self.unlocked && deep {
            return Err(Refusal::AboveArmedLimit);
        }
        let heeded = mutated!("mutant-ceiling-unchecked-once-unlocked": true => !self.unlocked);
        if heeded && self.preset.is_some_and(|it| depth > preset(it).1) {
            return Err(Refusal::AbovePresetCeiling);
        }
        let unit = mutated!("mutant-cartridge-length-in-nanometers": 1 => 1_000);
        if self.cartridge.is_some_and(|it| depth.0 > it.0 * unit) {
            return Err(Refusal::AboveCartridgeLimit);
        }
        Ok(())
    }
}

/// Whether the rate may be set.
///
/// # Errors
/// [`Refusal::OutOfRange`]: slower than 3,000 or faster than 9,000 strokes/min.
pub(crate) fn check_rate(rate: StrokesPerMinute) -> Result<(), Refusal> {
    let slow = mutated!("mutant-slowest-rate-refused": rate < RATE_RANGE.0 => rate <= RATE_RANGE.0);
    if slow || rate > RATE_RANGE.1 {
        return Err(Refusal::OutOfRange);
    }
    Ok(())
}

/// A rate setting in 1/1000 stroke/s, rounded to the nearest.
pub(crate) fn millihertz(rate: StrokesPerMinute) -> i32 {
    let rate = rate.0 as i32;
    mutated!("mutant-rate-in-tens-of-strokes": (rate * 1_000 + 30) / 60 => rate / 600 * 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Limits = Limits {
        unlocked: true,
        preset: None,
        cartridge: None,
    };

    fn check(limits: Limits, depth: i32, expected: Result<(), Refusal>) {
        assert_eq!(
            limits.check(Micrometers(depth)),
            expected,
            "{limits:?} {depth} µm"
        );
    }

    #[test]
    fn refusals_come_in_their_listed_order() {
        let armed = Limits {
            unlocked: false,
            ..FREE
        };
        let nose = Limits {
            preset: Some(Preset::Nose),
            ..FREE
        };
        let short = Limits {
            cartridge: Some(Micrometers(1_100)),
            ..FREE
        };
        check(FREE, 0, Ok(()));
        check(FREE, 2_500, Ok(()));
        check(FREE, 2_750, Err(Refusal::OutOfRange));
        check(FREE, 3_000, Err(Refusal::OutOfRange));
        check(FREE, -250, Err(Refusal::OutOfRange));
        check(FREE, 260, Err(Refusal::NotAStep));
        check(armed, 1_500, Ok(()));
        check(armed, 1_750, Err(Refusal::AboveArmedLimit));
        check(nose, 500, Ok(()));
        check(nose, 750, Err(Refusal::AbovePresetCeiling));
        check(short, 1_000, Ok(()));
        check(short, 1_250, Err(Refusal::AboveCartridgeLimit));
        check(
            Limits {
                unlocked: false,
                ..nose
            },
            2_000,
            Err(Refusal::AboveArmedLimit),
        );
        check(armed, 3_000, Err(Refusal::OutOfRange));
    }

    #[test]
    fn the_deepest_setting_is_accepted_and_the_next_step_is_not() {
        for preset in [
            None,
            Some(Preset::PatchTest),
            Some(Preset::StretchMarks),
            Some(Preset::Scars),
        ] {
            for unlocked in [false, true] {
                for cartridge in [None, Some(Micrometers(600)), Some(Micrometers(3_000))] {
                    let limits = Limits {
                        unlocked,
                        preset,
                        cartridge,
                    };
                    let deepest = limits.deepest();
                    check(limits, deepest.0, Ok(()));
                    assert!(limits.check(deepest + DEPTH_STEP).is_err(), "{limits:?}");
                }
            }
        }
    }

    #[test]
    fn rates_in_thousandths() {
        assert_eq!(millihertz(StrokesPerMinute(7_000)), 116_667);
        assert_eq!(millihertz(StrokesPerMinute(9_000)), 150_000);
    }
}
