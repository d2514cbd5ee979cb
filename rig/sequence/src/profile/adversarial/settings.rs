//! Settings at limits, just inside and just outside.

use super::Chaos;
use super::tables::{self, Limit};
use firmware_units::{Micrometers, Milliseconds, Nanometers, StrokesPerMinute};
use firmware_wire::{Preset, Request, Setting};

/// Telemetry periods, ms: none, floods, the usual, and what a type holds.
const PERIODS: [u32; 9] = [0, 1, 2, 9, 10, 100, 999, 65_536, u32::MAX];
/// Depths beyond any sense, µm.
const DEPTHS: [i32; 6] = [i32::MIN, -250, -1, 10_000, 65_536, i32::MAX];
/// Rates beyond any sense, 1/min.
const RATES: [u32; 5] = [0, 1, 65_535, 65_536 + 7_000, u32::MAX];
/// Calibrations that no pen believes, nm: a nanometre outside what `Calibrate` allows.
const CALIBRATIONS: [(i64, i64); 6] = [
    (-1_000_001, 500_000),
    (-199_999, 500_000),
    (-400_000, 479_999),
    (-400_000, 520_001),
    (0, 0),
    (i64::MIN / 16, i64::MAX / 16),
];

impl Chaos<'_> {
    /// A request that touches a limit.
    pub(super) fn setting(&mut self) -> Request {
        let limit = self.draw.choose(&tables::LIMIT);
        self.limit(limit)
    }

    /// A request that touches this limit.
    pub(super) fn limit(&mut self, limit: Limit) -> Request {
        let (slowest, fastest) = self.ranges.rates;
        match limit {
            Limit::Armed => self.depth_near(self.ranges.armed),
            Limit::Range => self.depth_near(self.ranges.range),
            Limit::Zero => self.depth_near(Micrometers::ZERO),
            Limit::Ceiling | Limit::PresetDepth => self.by_preset(limit),
            Limit::Cartridge => {
                let length = self.draw.of(&self.ranges.cartridges).copied();
                self.depth_near(length.unwrap_or(self.ranges.range))
            }
            Limit::Slowest => self.rate_near(slowest),
            Limit::Fastest => self.rate_near(fastest),
            Limit::Usual => self.rate_near(self.ranges.rate_after_boot),
            Limit::Step => {
                let step = self.ranges.step.0.max(1);
                let n_steps = u64::try_from(self.ranges.range.0 / step).unwrap_or(0);
                let depth = Micrometers(step * self.draw.between(0, n_steps) as i32);
                Request::Set(Setting::Depth(depth))
            }
            Limit::Extreme if self.draw.one_in(2) => {
                let depth = self.draw.of(&DEPTHS).copied().unwrap_or(0);
                Request::Set(Setting::Depth(Micrometers(depth)))
            }
            Limit::Extreme => {
                let rate = self.draw.of(&RATES).copied().unwrap_or(0);
                Request::Set(Setting::Rate(StrokesPerMinute(rate)))
            }
            Limit::Period => {
                let period = self.draw.of(&PERIODS).copied().unwrap_or(0);
                Request::SetTelemetryPeriod(Milliseconds(period))
            }
            Limit::Calibration => {
                let (home, lead) = self.draw.of(&CALIBRATIONS).copied().unwrap_or((0, 0));
                Request::Calibrate {
                    home_protrusion: Nanometers(home),
                    screw_lead: Nanometers(lead),
                }
            }
            Limit::ChangePreset => self.any_preset(),
            Limit::Unlock => Request::UnlockDepth,
            Limit::Lock => Request::LockDepth,
        }
    }

    /// A depth near a preset's limit, two times in three behind the preset itself.
    fn by_preset(&mut self, limit: Limit) -> Request {
        let Some((preset, depth, ceiling)) = self.draw.of(&self.ranges.presets).copied() else {
            return Request::ClearPreset;
        };
        if !self.draw.one_in(3) {
            self.send(Request::SelectPreset(preset));
        }
        match limit {
            Limit::PresetDepth => self.depth_near(depth),
            _ => self.depth_near(ceiling),
        }
    }

    pub(super) fn any_preset(&mut self) -> Request {
        match self.draw.of(&Preset::ALL).copied() {
            Some(preset) if !self.draw.one_in(5) => Request::SelectPreset(preset),
            _ => Request::ClearPreset,
        }
    }

    pub(super) fn depth_near(&mut self, limit: Micrometers) -> Request {
        let off = self.draw.choose(&tables::DEPTH_OFF);
        Request::Set(Setting::Depth(limit.saturating_add(Micrometers(off))))
    }

    fn rate_near(&mut self, limit: StrokesPerMinute) -> Request {
        let off = self.draw.choose(&tables::RATE_OFF);
        let rate = u32::try_from(i64::from(limit.0) + off).unwrap_or(0);
        Request::Set(Setting::Rate(StrokesPerMinute(rate)))
    }
}
