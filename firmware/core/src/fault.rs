//! Faults: latched until cleared on purpose, and only when their cause is gone.

use firmware_units::{Decidegrees, Millivolts};
use firmware_wire::{Fault, FaultSet, Refusal};

use crate::analog::Analog;

/// Battery below this, smoothed over 128 ms, for 0.10 s more: low.
const BATTERY_LOW: Millivolts = Millivolts(3_200);
/// The battery is good again, and good enough to start.
pub(crate) const BATTERY_GOOD: Millivolts = Millivolts(3_250);
const BATTERY_TICKS: u8 = 50;
/// Nose at or above this: hot. It is good again two kelvin below.
const NOSE_HOT: Decidegrees = Decidegrees(410);
const NOSE_GOOD: Decidegrees = Decidegrees(390);
/// Below this the sensor is broken or off, and what cannot be measured counts as hot.
const NOSE_BROKEN: Decidegrees = Decidegrees(-300);
const NOSE_TICKS: u8 = 25;

/// The faults latched, and the slow causes that are watched all the time.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    latched: FaultSet,
    /// Causes that hold at this moment.
    causes: FaultSet,
    battery_ticks: u8,
    nose_ticks: u8,
}

impl Faults {
    pub(crate) const fn new() -> Self {
        Self {
            latched: FaultSet::NONE,
            causes: FaultSet::NONE,
            battery_ticks: 0,
            nose_ticks: 0,
        }
    }

    /// What is latched.
    pub(crate) const fn latched(&self) -> FaultSet {
        self.latched
    }

    /// Latches an event; its cause is gone with it.
    pub(crate) fn latch(&mut self, fault: Fault) {
        self.latched = self.latched.with(fault);
    }

    /// Latches a condition; it is its own cause until [`Faults::release`]d.
    pub(crate) fn hold(&mut self, fault: Fault) {
        self.latched = self.latched.with(fault);
        self.causes = self.causes.with(fault);
    }

    /// The condition is over.
    pub(crate) fn release(&mut self, fault: Fault) {
        self.causes = self.causes.without(fault);
    }

    /// Watches battery and nose for one control tick.
    pub(crate) fn tick(&mut self, analog: &Analog) {
        if !analog.settled() {
            return;
        }
        let battery = analog.battery();
        let low = battery < BATTERY_LOW;
        self.battery_ticks = if low {
            self.battery_ticks.saturating_add(1)
        } else {
            0
        };
        if self.battery_ticks >= BATTERY_TICKS {
            self.hold(Fault::BatteryLow);
        } else if battery >= BATTERY_GOOD {
            self.release(Fault::BatteryLow);
        }
        let nose = analog.nose();
        let hot = nose >= NOSE_HOT || nose < NOSE_BROKEN;
        self.nose_ticks = if hot {
            self.nose_ticks.saturating_add(1)
        } else {
            0
        };
        if self.nose_ticks >= NOSE_TICKS {
            self.hold(Fault::NoseHot);
        } else if !hot && nose <= NOSE_GOOD {
            self.release(Fault::NoseHot);
        }
    }

    /// Clears all that is latched, and says what that was.
    ///
    /// # Errors
    /// [`Refusal::CauseRemains`]: a cause still holds; nothing was cleared.
    pub(crate) fn clear(&mut self) -> Result<FaultSet, Refusal> {
        if self.causes.is_empty() {
            Ok(core::mem::take(&mut self.latched))
        } else {
            Err(Refusal::CauseRemains)
        }
    }
}
