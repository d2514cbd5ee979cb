//! Limits in force, and on which side of one a setting lies.

use crate::profile::Ranges;
use crate::text::{length_text, preset_word};
use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::Preset;

/// How near to a rate limit counts as just inside or outside, 1/min: one stroke a second.
const RATE_NEAR: u32 = 60;

/// Where a setting lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Allowed, a step at most away.
    Inside,
    /// At the limit.
    At,
    /// Not allowed, a step at most away.
    Outside,
}

impl Side {
    pub(super) const ALL: [Self; 3] = [Self::Inside, Self::At, Self::Outside];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Inside => "just inside",
            Self::At => "at",
            Self::Outside => "just outside",
        }
    }

    /// On which side of an upper limit a value lies, if it is near.
    fn of(value: i64, limit: i64, near: i64) -> Option<Self> {
        match value.saturating_sub(limit) {
            0 => Some(Self::At),
            off if (-near..0).contains(&off) => Some(Self::Inside),
            off if (1..=near).contains(&off) => Some(Self::Outside),
            _ => None,
        }
    }

    const fn turned(self) -> Self {
        match self {
            Self::Inside => Self::Outside,
            Self::At => Self::At,
            Self::Outside => Self::Inside,
        }
    }
}

const ZERO: &str = "depth zero";
const ARMED: &str = "armed limit";
const RANGE: &str = "depth range";
const SLOWEST: &str = "slowest rate";
const FASTEST: &str = "fastest rate";

fn ceiling(preset: Preset) -> String {
    format!("ceiling of {}", preset_word(preset))
}

fn cartridge(length: Micrometers) -> String {
    format!("cartridge of {}", length_text(length))
}

/// Every limit.
pub(super) fn all(ranges: &Ranges) -> Vec<String> {
    let mut all = vec![ZERO.to_owned(), ARMED.to_owned(), RANGE.to_owned()];
    all.extend(ranges.presets.iter().map(|(preset, ..)| ceiling(*preset)));
    all.extend(ranges.cartridges.iter().map(|it| cartridge(*it)));
    all.extend([SLOWEST.to_owned(), FASTEST.to_owned()]);
    all
}

/// What limits a depth at the moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InForce {
    pub(super) unlocked: bool,
    pub(super) preset: Option<Preset>,
    pub(super) cartridge: Option<Micrometers>,
}

/// Which limits in force a depth touches; the range itself only with the armed limit lifted.
pub(super) fn touched_by_depth(
    depth: Micrometers,
    now: InForce,
    ranges: &Ranges,
) -> Vec<(String, Side)> {
    let held = if now.unlocked {
        (RANGE.to_owned(), ranges.range)
    } else {
        (ARMED.to_owned(), ranges.armed)
    };
    let mut limits = vec![held];
    if let Some(chosen) = now.preset {
        let presets = ranges
            .presets
            .iter()
            .filter(|(preset, ..)| *preset == chosen);
        limits.extend(presets.map(|(preset, _, limit)| (ceiling(*preset), *limit)));
    }
    let fitted = now.cartridge.filter(|it| ranges.cartridges.contains(it));
    limits.extend(fitted.map(|length| (cartridge(length), length)));
    let step = i64::from(ranges.step.0);
    let side = |limit: Micrometers| Side::of(depth.0.into(), limit.0.into(), step);
    let upper = limits
        .into_iter()
        .filter_map(|(name, limit)| Some((name, side(limit)?)));
    let zero = side(Micrometers::ZERO).map(|side| (ZERO.to_owned(), side.turned()));
    upper.chain(zero).collect()
}

/// Which limits a rate touches.
pub(super) fn touched_by_rate(rate: StrokesPerMinute, ranges: &Ranges) -> Vec<(String, Side)> {
    let (slowest, fastest) = ranges.rates;
    let side = |limit: StrokesPerMinute| Side::of(rate.0.into(), limit.0.into(), RATE_NEAR.into());
    let slowest = side(slowest).map(|side| (SLOWEST.to_owned(), side.turned()));
    let fastest = side(fastest).map(|side| (FASTEST.to_owned(), side));
    slowest.into_iter().chain(fastest).collect()
}
