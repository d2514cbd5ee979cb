//! Faults brought about on purpose, each from a pen put right.

use super::tables::{self, Trial};
use super::{Chaos, NOMINAL};
use crate::action::{Action, Fitting, ShaftHold};
use firmware_units::{Micrometers, Micronewtonmeters, Microseconds, Millivolts};
use firmware_wire::{Request, Setting};

/// The ends of the battery's range (firmware/HARDWARE.md).
const LOWEST: Millivolts = Millivolts(3_300);
const HIGHEST: Millivolts = Millivolts(4_200);
const NOW: Microseconds = Microseconds::ZERO;
/// At rest and parked, or up and homed.
const RESTED: Microseconds = Microseconds(800_000);
const HOMED: Microseconds = Microseconds(2_500_000);

impl Chaos<'_> {
    pub(super) fn trial(&mut self) {
        self.mend();
        match self.draw.choose(&tables::TRIAL) {
            Trial::Flat => self.flat(),
            Trial::Weak => self.weak(),
            Trial::LockedStart => self.locked_start(),
            Trial::Overload => self.overload(),
            Trial::Surge => self.surge(),
            Trial::Resume => self.resume(),
            Trial::Hang => {
                self.cam_turns();
                self.hang();
            }
            Trial::TwoFaults => {
                self.cam_turns();
                self.push(NOW, Action::Cartridge(None));
                self.push(RESTED, Action::Nothing);
                self.hang();
            }
            Trial::Fitted => {
                if self.draw.one_in(2) {
                    self.cam_turns();
                    self.push(NOW, Action::Send(Request::EndTreatment));
                    self.push(RESTED, Action::Nothing);
                }
                self.push(NOW, Action::Recalibrate);
            }
            Trial::Torn => self.torn(),
        }
    }

    /// START, and the cam has turned for a while.
    fn cam_turns(&mut self) {
        self.push(NOW, Action::Send(Request::Start));
        let time = self.draw.between(600_000, 1_500_000);
        self.push(Microseconds(time), Action::Nothing);
    }

    fn supply_between(&mut self, (low, high): (u64, u64)) {
        let supply = Millivolts(self.draw.between(low, high) as u32);
        self.push(NOW, Action::Supply(supply));
    }

    fn flat(&mut self) {
        if !self.draw.one_in(4) {
            self.cam_turns();
        }
        self.supply_between(tables::FLAT);
        let time = self.draw.time(&tables::FLAT_TIME);
        self.push(time, Action::Send(Request::GetStatus));
        let asked = if self.draw.one_in(3) {
            Request::Start
        } else {
            Request::ClearFaults
        };
        self.push(NOW, Action::Send(asked));
        self.push(NOW, Action::Supply(NOMINAL));
        self.push(HOMED, Action::Send(Request::ClearFaults));
    }

    fn weak(&mut self) {
        self.supply_between(tables::WEAK);
        let time = self.draw.time(&tables::FLAT_TIME);
        self.push(time, Action::Send(Request::Start));
        self.push(NOW, Action::Supply(NOMINAL));
    }

    fn locked_start(&mut self) {
        self.push(NOW, Action::Shaft(ShaftHold::Locked));
        self.push(NOW, Action::Send(Request::Start));
        let time = self.draw.time(&tables::OVERLOAD_TIME);
        self.push(time, Action::Send(Request::GetStatus));
        self.push(NOW, Action::Shaft(ShaftHold::Free));
    }

    fn overload(&mut self) {
        self.cam_turns();
        let torque = self.draw.between(tables::BRAKE.0, tables::BRAKE.1);
        let brake = ShaftHold::Brake(Micronewtonmeters(torque as i32));
        self.push(NOW, Action::Shaft(brake));
        let time = self.draw.time(&tables::OVERLOAD_TIME);
        self.push(time, Action::Send(Request::GetStatus));
        self.push(NOW, Action::Shaft(ShaftHold::Free));
    }

    fn surge(&mut self) {
        let (_, fastest) = self.ranges.rates;
        self.push(NOW, Action::Send(Request::Set(Setting::Rate(fastest))));
        self.push(NOW, Action::Supply(LOWEST));
        self.push(RESTED, Action::Nothing);
        self.cam_turns();
        let torque = self.draw.between(tables::SLOWS.0, tables::SLOWS.1);
        let brake = ShaftHold::Brake(Micronewtonmeters(torque as i32));
        self.push(RESTED, Action::Shaft(brake));
        let time = self.draw.between(300_000, 600_000);
        self.push(Microseconds(time), Action::Shaft(ShaftHold::Free));
        self.push(NOW, Action::Supply(HIGHEST));
        self.push(RESTED, Action::Send(Request::GetStatus));
        self.push(NOW, Action::Supply(NOMINAL));
    }

    fn resume(&mut self) {
        let zero = Request::Set(Setting::Depth(Micrometers::ZERO));
        self.push(NOW, Action::Send(zero));
        self.cam_turns();
        for _ in 0..3 {
            self.push(NOW, Action::Send(Request::Pause));
            let time = RESTED.0 + self.draw.between(0, 10_000);
            self.push(Microseconds(time), Action::Send(Request::Start));
            let time = self.draw.between(100_000, 400_000);
            self.push(Microseconds(time), Action::Nothing);
        }
    }

    fn hang(&mut self) {
        self.push(NOW, Action::Hang);
        self.pause(&tables::HANG_TIME);
        let revision = firmware_wire::revision::REVISION;
        for request in [
            Request::Identify,
            Request::Hello { revision },
            Request::GetStatus,
        ] {
            self.push(NOW, Action::Send(request));
        }
        self.telemetry();
    }

    fn torn(&mut self) {
        self.push(NOW, Action::Send(Request::EndTreatment));
        self.push(NOW, Action::Cartridge(None));
        self.push(Microseconds(200_000), Action::Recalibrate);
        self.push(HOMED, Action::Recalibrate);
        let time = self.draw.between(tables::TORN_US.0, tables::TORN_US.1);
        self.push(Microseconds(time), Action::Supply(Millivolts(0)));
        let time = self.draw.between(100_000, 1_000_000);
        self.push(Microseconds(time), Action::Supply(NOMINAL));
        let revision = firmware_wire::revision::REVISION;
        self.push(HOMED, Action::Send(Request::Hello { revision }));
        self.push(NOW, Action::Send(Request::GetCalibration));
        let length = self.ranges.usual_cartridge();
        let fresh = Action::Cartridge(Some(Fitting::Fresh { length }));
        self.push(NOW, fresh);
    }
}
