//! Converter counts as quantities, smoothed.

use firmware_units::{Decidegrees, Micrometers, Milliamperes, Millivolts};

use crate::scale::scale;
use crate::signal::AnalogCounts;

/// Ticks without a conversion before the converter counts as dead: 20 ms.
const DEAD_TICKS: u8 = 10;
/// Ticks before the converter's first complete sequence is trusted.
const SETTLING_TICKS: u8 = 4;

/// What the sensors can show of a pen at rest: the carriage's inner end is 0.3 mm inward of home
/// (HARDWARE.md), and a sensor torn off shows -1.0 mm; a charged battery has 4.2 V.
const POSITION_LEAST: i32 = -600;
const BATTERY_MOST: Millivolts = Millivolts(4_600);

/// The quantities the converter measures.
#[derive(Clone, Debug)]
pub(crate) struct Analog {
    ticks: u8,
    position: i32,
    current: i32,
    /// Smoothed over 16 ms (1/8 a tick), in 1/8 mA.
    current_smooth: i32,
    /// Smoothed over 128 ms (1/64 a tick), in 1/64 mV.
    battery_smooth: i32,
    /// Smoothed over 128 ms (1/64 a tick), in 1/64 of 0.1 degC.
    nose_smooth: i32,
    missing: u8,
}

impl Analog {
    pub(crate) const fn new() -> Self {
        Self {
            ticks: 0,
            position: 0,
            current: 0,
            current_smooth: 0,
            battery_smooth: 0,
            nose_smooth: 0,
            missing: 0,
        }
    }

    /// Takes the counts of one tick.
    pub(crate) fn tick(&mut self, counts: Option<AnalogCounts>) {
        let Some(counts) = counts else {
            self.missing = self.missing.saturating_add(1);
            return;
        };
        self.missing = 0;
        // HARDWARE.md: 4,096 counts are 3.3 V; 1 µm an LSB from -1.000 mm; 1.0 V/A; divider 1:2;
        // 10 mV/degC with 500 mV at 0 degC. 3,300/4,096 is 825/1,024 exactly.
        let millivolts = |count: u16| scale(i32::from(count), 825, 10);
        let divider = mutated!("mutant-battery-reads-a-tenth-low": 1_650 => 1_485);
        let battery = scale(i32::from(counts.battery), divider, 10);
        let zero = mutated!("mutant-nose-reads-four-degrees-low": 500 => 540);
        let nose = millivolts(counts.nose) - zero;
        self.position = i32::from(counts.position) - 1_000;
        self.current = millivolts(counts.motor_current);
        if self.ticks < SETTLING_TICKS {
            self.ticks += 1;
            self.current_smooth = self.current << 3;
            self.battery_smooth = battery << 6;
            self.nose_smooth = nose << 6;
        } else {
            self.current_smooth += self.current - (self.current_smooth >> 3);
            self.battery_smooth += battery - (self.battery_smooth >> 6);
            self.nose_smooth += nose - (self.nose_smooth >> 6);
        }
    }

    /// Whether the converter gives nothing any more: what was last known is not known now.
    pub(crate) const fn is_dead(&self) -> bool {
        self.missing >= DEAD_TICKS
    }

    /// Whether the quantities can be trusted yet.
    pub(crate) const fn settled(&self) -> bool {
        self.ticks >= SETTLING_TICKS
    }

    /// Whether the battery's voltage is one that no battery has.
    pub(crate) fn off_scale(&self) -> bool {
        self.battery() > BATTERY_MOST
    }

    /// Carriage position by its sensor, if it can be believed: nothing while the converter is
    /// silent or the sensor off its scale.
    pub(crate) fn position_seen(&self) -> Option<Micrometers> {
        let seen = self.settled() && !self.is_dead() && self.position >= POSITION_LEAST;
        seen.then_some(self.position())
    }

    /// Carriage position by its sensor, 0 at home, one tick ago.
    pub(crate) const fn position(&self) -> Micrometers {
        Micrometers(self.position)
    }

    /// Motor current as last converted.
    pub(crate) const fn current(&self) -> Milliamperes {
        Milliamperes(self.current)
    }

    /// Motor current, smoothed over 16 ms.
    pub(crate) const fn current_smooth(&self) -> Milliamperes {
        Milliamperes(self.current_smooth >> 3)
    }

    /// Battery voltage, smoothed over 128 ms.
    pub(crate) const fn battery(&self) -> Millivolts {
        Millivolts((self.battery_smooth >> 6).unsigned_abs())
    }

    /// Nose temperature, smoothed over 128 ms.
    pub(crate) const fn nose(&self) -> Decidegrees {
        Decidegrees(self.nose_smooth >> 6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: AnalogCounts, position: i32, current: i32, battery: u32, nose: i32) {
        let mut analog = Analog::new();
        for _ in 0..200 {
            analog.tick(Some(counts));
        }
        let got = (
            analog.position(),
            analog.current(),
            analog.battery(),
            analog.nose(),
        );
        let near = (got.0.0 - position).abs() <= 1
            && (got.1.0 - current).abs() <= 1
            && got.2.0.abs_diff(battery) <= 2
            && (got.3.0 - nose).abs() <= 1;
        assert!(near, "{got:?}");
    }

    #[test]
    fn counts_become_the_quantities_of_the_hardware_page() {
        let counts = |position, motor_current, battery, nose| AnalogCounts {
            position,
            motor_current,
            battery,
            nose,
        };
        check(counts(0, 0, 0, 0), -1_000, 0, 0, -500);
        check(counts(1_200, 1_241, 2_296, 1_055), 200, 1_000, 3_700, 350);
        check(
            counts(4_095, 4_095, 4_095, 4_095),
            3_095,
            3_300,
            6_598,
            2_799,
        );
    }
}
