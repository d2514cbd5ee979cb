//! Which faults a pen must find, and which it may, from what is done to it.

use super::due::{Due, What};
use super::guess::{Guess, Phase};
use super::window;
use super::world::World;
use crate::action::ShaftHold;
use firmware_units::Nanoseconds;
use firmware_wire::Fault;

impl Guess {
    /// Draws up anew which faults are to come, as supply, shaft and loads are now.
    pub(super) fn hazards(&mut self, world: &World, now: Nanoseconds) {
        self.due.retain(|it| {
            !matches!(
                it.what,
                What::Latches(
                    Fault::Stall
                        | Fault::OverCurrent
                        | Fault::OverSpeed
                        | Fault::CarriageLost
                        | Fault::NoseHot
                        | Fault::BatteryLow
                        | Fault::UncommandedMotion
                        | Fault::SelfTest
                ) | What::CauseGone(_)
            )
        });
        if self.phase == Phase::Off {
            return;
        }
        self.battery(world, now);
        if self.causes.contains(Fault::NoseHot) {
            self.may(What::CauseGone(Fault::NoseHot), now, None);
        }
        if world.axial.abs() > window::HEAVY_AXIAL {
            self.may_latch(Fault::CarriageLost, now, None);
        }
        if world.supply < window::SHAKY {
            for fault in [
                Fault::CarriageLost,
                Fault::NoseHot,
                Fault::UncommandedMotion,
                Fault::SelfTest,
            ] {
                self.may_latch(fault, now, None);
            }
        }
        if world.supply > window::NO_BATTERY && self.phase == Phase::Boot {
            self.may_latch(Fault::SelfTest, now, None);
        }
        if matches!(self.phase, Phase::Trying | Phase::Running) {
            self.motor(world, now);
        }
    }

    /// What the battery's voltage leads to.
    fn battery(&mut self, world: &World, now: Nanoseconds) {
        let low = Fault::BatteryLow;
        let held = self.causes.contains(low);
        if held && world.supply >= window::RATED {
            let since = world.rated_since.unwrap_or(now).max(self.booted);
            self.due.push(Due {
                what: What::CauseGone(low),
                from: since,
                by: Some(since + window::AFTERMATH),
                until: None,
            });
        } else if held && world.supply >= window::SURELY_NOT_GOOD {
            self.may(What::CauseGone(low), now, None);
        }
        if held {
            return;
        }
        if let Some(since) = world.low_since {
            let since = since.max(self.booted);
            self.expect(What::Latches(low), window::BATTERY, since, since);
        } else if world.supply < window::RATED {
            self.may_latch(low, now, None);
        } else if let Some(until) = world.unrated_until {
            self.may_latch(low, now, Some(until + window::AFTERMATH));
        }
    }

    /// What happens to a motor that is driven.
    fn motor(&mut self, world: &World, now: Nanoseconds) {
        let driven = self.driven;
        if world.shaft == ShaftHold::Locked {
            self.expect(
                What::Latches(Fault::Stall),
                window::STALL,
                driven.0.max(world.shaft_since),
                driven.1.max(world.shaft_since),
            );
        } else if world.hindered() {
            self.may_latch(Fault::Stall, now, None);
        }
        if world.hindered() && world.shaft != ShaftHold::Locked || world.supply < window::RATED {
            self.may_latch(Fault::OverCurrent, now, None);
        }
        if world.supply < window::RATED {
            self.may_latch(Fault::Stall, now, None);
        }
        if world.hindered() {
            self.may_latch(Fault::NoseHot, now, None);
        }
        let aftermath = world.hindered_until.map(|it| it + window::AFTERMATH);
        if let Some(until) = aftermath.filter(|it| *it > now) {
            for fault in [Fault::Stall, Fault::OverCurrent, Fault::OverSpeed] {
                self.may_latch(fault, now, Some(until));
            }
        }
        if let Some(until) = world.raised.map(|it| it + window::AFTERMATH) {
            self.may_latch(Fault::OverSpeed, now, Some(until));
        }
        if (world.hindered() || aftermath.is_some_and(|it| it > now)) && world.supply < window::SAGS
        {
            self.may_latch(Fault::BatteryLow, now, None);
        }
    }

    fn may_latch(&mut self, fault: Fault, from: Nanoseconds, until: Option<Nanoseconds>) {
        let already = self.latched.contains(fault) && self.causes.contains(fault)
            || self.latched.contains(fault) && fault != Fault::BatteryLow;
        if !already {
            self.may(What::Latches(fault), from, until);
        }
    }

    fn may(&mut self, what: What, from: Nanoseconds, until: Option<Nanoseconds>) {
        if !self.is_due(what) && until.is_none_or(|it| it > from) {
            self.due.push(Due {
                what,
                from,
                by: None,
                until,
            });
        }
    }
}
