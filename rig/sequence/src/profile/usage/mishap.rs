//! What goes wrong in a pass, and what people do about it.

use super::Plot;
use super::tables::{self, Mishap};
use crate::action::{Action, Fitting, ShaftHold};
use firmware_units::{Micrometers, Microseconds, Millivolts};
use firmware_wire::Request;

/// Supply of a sag that the pen rides out, mV.
const SAG: (u64, u64) = (3_300, 3_400);
/// Supply of a sag below the battery's limit, mV.
const SAG_LOW: (u64, u64) = (2_900, 3_150);

impl Plot<'_> {
    /// Lets it happen, and be over; whether it ends the pass.
    pub(super) fn happen(&mut self, mishap: Mishap) -> bool {
        let now = Microseconds::ZERO;
        match mishap {
            Mishap::Nothing => {}
            Mishap::Glitch => {
                self.push(now, Action::Heartbeats(false));
                let time = self.draw.time(&tables::GLITCH_TIME);
                self.push(time, Action::Heartbeats(true));
            }
            Mishap::Silence => {
                self.push(now, Action::Heartbeats(false));
                let time = self.draw.time(&tables::SILENCE_TIME);
                self.push(time, Action::Heartbeats(true));
                return true;
            }
            Mishap::Sag => self.sag(SAG),
            Mishap::SagLow => {
                self.sag(SAG_LOW);
                return true;
            }
            Mishap::CartridgeOut => {
                self.push(now, Action::Cartridge(None));
                return true;
            }
            Mishap::Jam => {
                self.push(now, Action::Shaft(ShaftHold::Locked));
                let time = self.draw.time(&tables::JAM_TIME);
                self.push(time, Action::Shaft(ShaftHold::Free));
                return true;
            }
            Mishap::PowerOff => {
                self.push(now, Action::Supply(Millivolts(0)));
                let time = self.draw.time(&tables::POWER_OFF_TIME);
                self.push(time, Action::Supply(self.supply));
                return true;
            }
        }
        false
    }

    fn sag(&mut self, (low, high): (u64, u64)) {
        let supply = Millivolts(self.draw.between(low, high) as u32);
        self.push(Microseconds::ZERO, Action::Supply(supply));
        let time = self.draw.time(&tables::SAG_TIME);
        self.push(time, Action::Supply(self.supply));
    }

    /// What is done so that the treatment can go on.
    pub(super) fn recover(&mut self, mishap: Mishap) {
        self.wait(&tables::SETTLE);
        match mishap {
            Mishap::CartridgeOut => {
                self.fit(Fitting::Same);
                self.wait(&tables::FITTING);
            }
            Mishap::PowerOff => {
                // The pen homes; its settings are gone.
                self.push(Microseconds(2_500_000), Action::Send(Request::Identify));
                self.hello();
                (self.unlocked, self.preset, self.depth) = (false, None, Micrometers::ZERO);
            }
            _ => {}
        }
        self.program(Request::GetStatus);
        self.host(Request::ClearFaults);
        if matches!(mishap, Mishap::PowerOff) {
            self.settings();
        }
    }
}
