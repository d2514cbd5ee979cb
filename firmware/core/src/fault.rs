//! Faults: latched until cleared on purpose, and only when their cause is gone.
//!
//! Every fault switches the motor off in the tick that finds it and parks the needles.
//!
//! | fault | found when | cause is gone when |
//! | --- | --- | --- |
//! | stall | no Hall edge for 120 ms, the first three within 250 ms of the start; edges short of the back-EMF for 200 ms | motor off |
//! | over-speed | two turns in a row, or the mean of four, above 160 strokes/s; one above 166.7 | motor off |
//! | over-current | above 2.0 A, smoothed over 16 ms, for 140 ms | motor off |
//! | nose hot | 41.0 degC or its sensor off scale, smoothed over 128 ms, for 50 ms | 39.0 degC |
//! | battery low | below 3.20 V, smoothed over 128 ms, for 100 ms | 3.25 V |
//! | brown-out | power came on and a surviving record, or the carriage, tells of motion | at once |
//! | lost link | started by the host, and no frame with a known message, old ones aside, for 0.40 s | at once |
//! | carriage lost | sensor silent, off its scale or 100 µm from the step count for 20 ms, or home not found | at once; clearing it homes anew |
//! | watchdog | the watchdog reset the chip | at once |
//! | cartridge removed | contact open for 50 ms between START and STOP | at once |
//! | calibration | neither factory record holds, or it is not of this design | never; needs a reset |
//! | self-test | after reset: no conversion within 100 ms, position sensor torn off, battery above 4.6 V | never; needs a reset |
//! | uncommanded motion | motor off: three turns, or 200 mA for 20 ms; or 200 mA or a turn in the 10 ms before it is driven | motor off |
//!
//! Faults can be cleared once cam and carriage have come to rest. A reset clears none: they are
//! latched again from the surviving record.

use firmware_units::{Decidegrees, Millivolts};
use firmware_wire::{Fault, FaultSet, Refusal};

use crate::analog::Analog;

/// Battery below this, smoothed over 128 ms, for 0.10 s more: low.
const BATTERY_LOW: Millivolts =
    Millivolts(mutated!("mutant-battery-low-at-2300-mv": 3_200 => 2_300));
/// The battery is good again, and good enough to start.
pub(crate) const BATTERY_GOOD: Millivolts = Millivolts(3_250);
const BATTERY_TICKS: u8 = 50;
/// Nose at or above this: hot. It is good again two kelvin below.
const NOSE_HOT: Decidegrees = Decidegrees(mutated!("mutant-nose-hot-at-51-degrees": 410 => 510));
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

    /// Latches what was latched before a reset: that is no way to clear a fault.
    pub(crate) fn restore(&mut self, latched: FaultSet) {
        self.latched = latched;
    }

    /// Latches an event; its cause is gone with it.
    pub(crate) fn latch(&mut self, fault: Fault) {
        let latched = mutated!("mutant-fault-forgets-those-before": self.latched => FaultSet::NONE);
        self.latched = latched.with(fault);
    }

    /// Latches a condition; it is its own cause until [`Faults::release`]d.
    pub(crate) fn hold(&mut self, fault: Fault) {
        self.latched = self.latched.with(fault);
        self.causes = self.causes.with(fault);
    }

    /// The condition is over.
    pub(crate) fn release(&mut self, fault: Fault) {
        self.causes = self.causes.without(fault);
        self.latched = mutated!("mutant-fault-ends-with-its-cause": self.latched => self.latched.without(fault));
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
        // What cannot be measured counts as hot.
        let hot = nose >= NOSE_HOT || nose < NOSE_BROKEN || analog.is_dead();
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
        let causes = mutated!("mutant-clear-ignores-causes": self.causes => FaultSet::NONE);
        if causes.is_empty() {
            Ok(core::mem::take(&mut self.latched))
        } else {
            Err(Refusal::CauseRemains)
        }
    }
}
