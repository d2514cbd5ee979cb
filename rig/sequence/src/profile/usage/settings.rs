//! How depth and rate are chosen, wrong values among them.

use super::Plot;
use super::tables::{self, Beside, ByHand, Choosing, RateBy};
use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{Request, Setting, SettingId};

impl Plot<'_> {
    /// Depth, and mostly rate.
    pub(super) fn settings(&mut self) {
        match self.draw.choose(&tables::CHOOSING) {
            Choosing::Preset => self.by_preset(),
            Choosing::Hand => self.by_hand(),
            Choosing::AsIs => {}
        }
        self.rate();
    }

    fn by_preset(&mut self) {
        let Some((preset, depth, ceiling)) = self.draw.of(&self.ranges.presets).copied() else {
            return self.by_hand();
        };
        self.host(Request::SelectPreset(preset));
        if depth > self.cartridge.unwrap_or(self.ranges.range) {
            // Refused: the needles are too short for that area.
            return self.by_hand();
        }
        (self.preset, self.depth) = (Some((preset, ceiling)), depth);
        match self.draw.choose(&tables::BESIDE_PRESET) {
            Beside::AsChosen => {}
            Beside::Shallower => {
                let depth = self.depth.saturating_sub(self.ranges.step);
                self.depth_within(depth.max(Micrometers::ZERO));
            }
            Beside::Deeper => {
                let depth = self.depth.saturating_add(self.ranges.step);
                if depth > self.ranges.armed && depth <= ceiling {
                    self.unlock();
                }
                self.depth_within(depth.min(self.limit()));
            }
            Beside::AboveCeiling => {
                let above = ceiling.saturating_add(self.ranges.step);
                self.host(Request::Set(Setting::Depth(above)));
            }
        }
    }

    fn by_hand(&mut self) {
        if self.preset.take().is_some() {
            self.host(Request::ClearPreset);
        }
        let (step, armed) = (self.ranges.step, self.ranges.armed);
        match self.draw.choose(&tables::BY_HAND) {
            ByHand::Within => {}
            ByHand::Deep => {
                self.unlock();
                return self.deep();
            }
            ByHand::DeepLocked => {
                let above = armed.saturating_add(step);
                self.host(Request::Set(Setting::Depth(above)));
                if self.draw.one_in(2) {
                    self.unlock();
                    return self.deep();
                }
            }
            ByHand::BetweenSteps => {
                let most = u64::try_from(armed.0).unwrap_or(0) / 100;
                // 0.1, 0.2, ... mm; every fifth is a step after all, as on a chart.
                let depth = Micrometers(100 * self.draw.between(1, most) as i32);
                self.host(Request::Set(Setting::Depth(depth)));
                self.depth = if depth == self.ranges.floor(depth) {
                    depth
                } else {
                    self.depth
                };
            }
            ByHand::BeyondRange => {
                let beyond = self.ranges.range.saturating_add(step);
                self.host(Request::Set(Setting::Depth(beyond)));
            }
        }
        let depth = self.step_between(step, self.limit());
        self.depth_within(depth);
    }

    /// A depth above the armed limit, as far as the cartridge allows.
    fn deep(&mut self) {
        let low = self.ranges.armed.saturating_add(self.ranges.step);
        let depth = self.step_between(low.min(self.limit()), self.limit());
        self.depth_within(depth);
    }

    /// Sets a depth that is allowed.
    fn depth_within(&mut self, depth: Micrometers) {
        self.depth = depth;
        self.host(Request::Set(Setting::Depth(depth)));
        if self.draw.choose(&tables::READ_BACK) {
            self.program(Request::Get(SettingId::Depth));
        }
    }

    fn unlock(&mut self) {
        self.unlocked = true;
        self.host(Request::UnlockDepth);
    }

    /// Deepest setting that is allowed now.
    fn limit(&self) -> Micrometers {
        let held = if self.unlocked {
            self.ranges.range
        } else {
            self.ranges.armed
        };
        let ceiling = self.preset.map_or(held, |(_, ceiling)| ceiling);
        let cartridge = self.cartridge.unwrap_or(held);
        self.ranges.floor(held.min(ceiling).min(cartridge))
    }

    fn step_between(&mut self, low: Micrometers, high: Micrometers) -> Micrometers {
        let step = self.ranges.step.0.max(1);
        let n_steps = (high.0 - low.0).max(0) / step;
        let chosen = self.draw.below(n_steps as u64 + 1) as i32;
        Micrometers(low.0 + step * chosen)
    }

    pub(super) fn rate(&mut self) {
        let (low, high) = (
            u64::from(self.ranges.rates.0.0),
            u64::from(self.ranges.rates.1.0),
        );
        let rate = match self.draw.choose(&tables::RATE) {
            RateBy::Kept => return,
            RateBy::Usual => 500 * self.draw.between(low.div_ceil(500), high / 500),
            RateBy::Any => self.draw.between(low, high),
            RateBy::TooFast => high + 1_000 * self.draw.between(1, 9),
            RateBy::TooSlow => low / self.draw.between(2, 60),
        };
        let rate = StrokesPerMinute(u32::try_from(rate).unwrap_or(u32::MAX));
        self.host(Request::Set(Setting::Rate(rate)));
        if self.draw.choose(&tables::READ_BACK) {
            self.program(Request::Get(SettingId::Rate));
        }
    }

    /// A depth that could be allowed, set where it must not be.
    pub(super) fn any_depth(&mut self) -> Request {
        Request::Set(Setting::Depth(
            self.step_between(self.ranges.step, self.limit()),
        ))
    }

    /// Likewise a rate.
    pub(super) fn any_rate(&mut self) -> Request {
        let (low, high) = (self.ranges.rates.0.0, self.ranges.rates.1.0);
        let rate = self.draw.between(low.into(), high.into());
        Request::Set(Setting::Rate(StrokesPerMinute(rate as u32)))
    }
}
