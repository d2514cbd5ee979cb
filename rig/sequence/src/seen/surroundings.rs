//! What was done to the pen from outside, as values over time: from the trace alone.

use super::series::Series;
use crate::action::ShaftHold;
use crate::trace::{Trace, What};
use firmware_units::{Millinewtons, Millivolts, Nanoseconds};
use firmware_wire::Telemetry;

/// Lowest supply at which the pen has to do what it must, mV: the lower end of its battery's range
/// (firmware/HARDWARE.md) and the lowest corner of COR-01.
pub(crate) const LOWEST_SUPPLY: Millivolts = Millivolts(3_300);
/// Supply of a pen that nobody has changed: 3.7 V, nominal (firmware/HARDWARE.md).
const NOMINAL_SUPPLY: Millivolts = Millivolts(3_700);

/// Load, shaft, supply, and what went to and fro on the link.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// What holds the shaft.
    pub(crate) shaft: Series<ShaftHold>,
    /// Needles that meet a simulant, and the force on one.
    pub(crate) needles: Series<(u8, Millinewtons)>,
    /// Force along the axis.
    pub(crate) axial: Series<Millinewtons>,
    /// Supply voltage.
    pub(crate) supply: Series<Millivolts>,
    /// The step under way; none before the first.
    pub(crate) step: Series<usize>,
    /// When a cartridge was fitted or taken out.
    pub(crate) cartridges: Vec<Nanoseconds>,
    /// Telemetry and when it had come.
    pub(crate) telemetry: Vec<(Nanoseconds, Telemetry)>,
}

impl Surroundings {
    /// Reads the events of a trace, which are in order of time.
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut it = Self {
            shaft: Series::new(ShaftHold::Free),
            needles: Series::new((0, Millinewtons::ZERO)),
            axial: Series::new(Millinewtons::ZERO),
            supply: Series::new(NOMINAL_SUPPLY),
            step: Series::new(0),
            cartridges: Vec::new(),
            telemetry: Vec::new(),
        };
        for event in &trace.events {
            match event.what {
                What::Step(step) => it.step.set(event.at, step),
                What::Telemetry(telemetry) => it.telemetry.push((event.at, telemetry)),
                What::Cartridge(_) => it.cartridges.push(event.at),
                What::Needles { needles, force } => it.needles.set(event.at, (needles, force)),
                What::Shaft(hold) => it.shaft.set(event.at, hold),
                What::Axial(force) => it.axial.set(event.at, force),
                What::Supply(voltage) => it.supply.set(event.at, voltage),
                What::Sent { .. }
                | What::SentBroken(_)
                | What::Replied { .. }
                | What::Unanswered { .. }
                | What::HeardBroken
                | What::Button(_)
                | What::Reset
                | What::Hang => {}
            }
        }
        it
    }

    /// Whether nothing slows the cam at this time: no simulant, no brake, supply enough.
    pub(crate) fn unhindered(&self, time: Nanoseconds) -> bool {
        let (needles, force) = *self.needles.at(time);
        (needles == 0 || force.0 == 0)
            && *self.shaft.at(time) == ShaftHold::Free
            && *self.supply.at(time) >= LOWEST_SUPPLY
    }
}
