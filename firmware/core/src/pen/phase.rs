//! From phase to phase: starting, stopping, falling asleep, and what must not go on.

use firmware_units::Micrometers;
use firmware_wire::{Fault, FaultSet, LogEvent, Refusal};

use super::{Pen, Phase, Rest, Starter};
use crate::cartridge::Marking;
use crate::fault::BATTERY_GOOD;
use crate::signal::{ResetCause, TICK_MILLIS};
use crate::treatment::{self, Treatment};

/// Needles found beyond this at power-on were out when it went: half a notch, less what sensor and
/// backlash may hide. A parked carriage stands 0.20 mm below the nose plane.
const LEFT_OUT: Micrometers = Micrometers(100);
/// Converter and position sensor must show something within 100 ms of reset.
const SELF_TEST_TICKS: u8 = 50;
/// Nobody wants anything of a parked pen for 5 min: it falls asleep. A pass ends with it.
const SLEEP_TICKS: u32 =
    5 * mutated!("mutant-sleep-after-five-seconds": 60 => 1) * 1_000 / TICK_MILLIS.0;

impl Pen {
    /// Begins to turn the cam, or says why not; the log tells of a refusal.
    pub(super) fn start(&mut self, starter: Starter) -> Result<(), Refusal> {
        self.wake();
        let started = self.try_start(starter);
        if let Err(refusal) = started {
            self.note(LogEvent::StartRefused(refusal));
        }
        started
    }

    /// Of several reasons against it the first is given, in the order in which [`Refusal`] lists
    /// them.
    fn try_start(&mut self, starter: Starter) -> Result<(), Refusal> {
        self.limits().check(self.depth)?;
        self.check_rest()?;
        self.cartridge.check(self.treatment_id())?;
        let latched = mutated!("mutant-start-while-faulted-answered-done": self.faults.latched() => FaultSet::NONE);
        if !latched.is_empty() || !self.carriage.homed() {
            return Err(Refusal::Faulted);
        }
        if self.treatment.is_some_and(|it| it.over()) {
            return Err(Refusal::TreatmentOver);
        }
        if self.calibration.is_err() {
            return Err(Refusal::NotCalibrated);
        }
        let low = self.analog.battery() < BATTERY_GOOD;
        if mutated!("mutant-start-on-any-battery": low => false) {
            return Err(Refusal::BatteryLow);
        }
        let Some(chip) = self.cartridge.known() else {
            return Err(Refusal::CartridgeUnreadable);
        };
        self.treatment_new = self.treatment.is_none();
        let id = match self.treatment {
            Some(treatment) => treatment.id,
            None => treatment::id(&self.boot.chip_uid, chip.id, self.now),
        };
        self.treatment.get_or_insert(Treatment::new(id));
        self.cartridge.mark(id);
        let resumed = self.phase == Phase::Paused;
        let as_button = if resumed { Starter::Button } else { starter };
        self.starter = mutated!("mutant-link-unwatched-after-pause": starter => as_button);
        self.pass_due = mutated!("mutant-pause-begins-a-new-pass": !resumed => true);
        self.enter(Phase::Marking);
        Ok(())
    }

    /// Whether the pen rests, so that something may begin.
    pub(super) fn check_rest(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Idle | Phase::Paused | Phase::Asleep => Ok(()),
            Phase::Running => Err(Refusal::Running),
            Phase::Boot
            | Phase::Calibrating
            | Phase::Marking
            | Phase::MovingOut
            | Phase::Stopping => Err(Refusal::Busy),
        }
    }

    /// Motor off and carriage home to its park position, from wherever they are.
    pub(super) fn stop(&mut self, rest: Rest) {
        match self.phase {
            Phase::Marking | Phase::MovingOut if mutated!("mutant-stop-ignored-while-starting": false => true) =>
                {}
            Phase::Marking | Phase::MovingOut | Phase::Running => {
                self.drive.stop();
                if mutated!("mutant-park-skipped-after-fault": true => self.faults.latched().is_empty())
                {
                    self.carriage.park();
                }
                self.rest = rest;
                self.enter(Phase::Stopping);
            }
            Phase::Stopping if rest == Rest::Idle => self.rest = rest,
            Phase::Paused if rest == Rest::Idle => {
                mutated!("mutant-stop-while-paused-ignored": self.enter(Phase::Idle) => ());
            }
            _ => {}
        }
    }

    /// The button toggles.
    pub(super) fn press(&mut self) {
        self.wake();
        match self.phase {
            Phase::Idle | Phase::Paused | Phase::Asleep => {
                // A refusal shows in the LED staying dark.
                let starter = mutated!("mutant-button-start-wants-heartbeat": Starter::Button => Starter::Host);
                let _ = self.start(starter);
            }
            Phase::Running if mutated!("mutant-button-does-not-stop": false => true) => {}
            Phase::Marking | Phase::MovingOut | Phase::Running => self.stop(Rest::Idle),
            Phase::Boot | Phase::Calibrating | Phase::Stopping => {}
        }
    }

    /// Somebody wants something.
    pub(super) fn wake(&mut self) {
        self.idle_ticks = 0;
        if self.phase == Phase::Asleep {
            self.note(LogEvent::Awoke);
            self.enter(Phase::Idle);
        }
    }

    /// Stops what must not go on.
    pub(super) fn watch(&mut self) {
        match self.phase {
            Phase::Marking | Phase::MovingOut | Phase::Running => {
                let running = self.phase == Phase::Running;
                let heeded = mutated!("mutant-removal-unnoticed-while-running": true => !running);
                if heeded && !self.cartridge.fitted() {
                    self.faults.latch(Fault::CartridgeRemoved);
                }
                if self.starter == Starter::Host && self.link.silent() {
                    self.faults.latch(Fault::LostLink);
                }
                if !self.faults.latched().is_empty() || self.treatment.is_some_and(|it| it.over()) {
                    self.stop(Rest::Idle);
                }
            }
            Phase::Paused | Phase::Stopping if !self.faults.latched().is_empty() => {
                self.stop(Rest::Idle);
            }
            Phase::Asleep if !self.faults.latched().is_empty() => self.wake(),
            _ => {}
        }
    }

    /// The carriage is not where it was put. Asleep nothing held it, so it is put back without
    /// fuss; otherwise that is a fault.
    pub(super) fn lose_carriage(&mut self) {
        if self.phase == Phase::Asleep {
            self.wake();
            self.carriage.home();
            self.enter(Phase::Boot);
            return;
        }
        self.faults.latch(Fault::CarriageLost);
        if self.store.take().is_some() {
            // The carriage goes inward now, and no write may hold the ticks up meanwhile.
            self.note(LogEvent::CalibrationFailed);
            self.enter(Phase::Boot);
        }
    }

    /// Power that comes on and finds the needles out went away while they were: RAM that forgot
    /// its record cannot tell, but the carriage can.
    fn look_for_brown_out(&mut self) {
        let found = self.carriage.protrusion(self.analog.position());
        if self.boot.reset == ResetCause::Power && found > LEFT_OUT {
            self.faults.latch(Fault::BrownOut);
        }
    }

    /// Goes on to the next phase when this one is done.
    pub(super) fn advance(&mut self) {
        match self.phase {
            Phase::Boot => self.come_up(),
            Phase::Idle | Phase::Paused => self.rest_on(),
            Phase::Calibrating | Phase::Running | Phase::Asleep => {}
            Phase::Marking => self.await_mark(),
            Phase::MovingOut => {
                if self.drive.driving() {
                    self.enter(Phase::Running);
                } else if mutated!("mutant-cam-does-not-wait-for-carriage": self.carriage.arrived() => true)
                    && self.drive.start()
                {
                    self.begin_pass();
                }
            }
            Phase::Stopping => {
                let at_rest =
                    mutated!("mutant-rest-before-cam-stands": self.drive.at_rest() => true);
                if at_rest && !self.carriage.moving() {
                    self.enter(match self.rest {
                        Rest::Idle => Phase::Idle,
                        Rest::Paused => Phase::Paused,
                    });
                }
            }
        }
    }

    /// Self-test, then homing. What the drive and the carriage find out when they are used is not
    /// tried here: a shorted motor switch shows before each run, the position sensor is held
    /// against the home switch in homing.
    fn come_up(&mut self) {
        if self.carriage.arrived() || self.carriage.given_up() {
            self.enter(Phase::Idle);
        } else if self.carriage.moving() {
            // Homing, or drawing the needles in.
        } else if self.analog.position_seen().is_some() {
            if self.analog.off_scale() {
                self.faults.hold(Fault::SelfTest);
            }
            self.look_for_brown_out();
            self.carriage.home();
        } else {
            self.boot_ticks = self.boot_ticks.saturating_add(1);
            if self.boot_ticks >= SELF_TEST_TICKS {
                // Blind, but the needles may have been left out.
                self.faults.hold(Fault::SelfTest);
                self.carriage.retract();
            }
        }
    }

    /// Waits for somebody to want something, then falls asleep.
    fn rest_on(&mut self) {
        self.idle_ticks = self.idle_ticks.saturating_add(1);
        let asleep = self.idle_ticks >= SLEEP_TICKS
            && self.faults.latched().is_empty()
            && self.carriage.arrived();
        if asleep {
            if self.treatment.is_none() {
                self.arm();
            }
            self.note(LogEvent::FellAsleep);
            self.enter(Phase::Asleep);
        }
    }

    fn await_mark(&mut self) {
        let Some(id) = self.treatment_id() else {
            return;
        };
        match self.cartridge.marking(id) {
            Marking::UnderWay => {}
            Marking::Failed => {
                if self.treatment_new {
                    // Nothing moved, and no cartridge carries its id.
                    self.treatment = None;
                }
                self.enter(Phase::Idle);
            }
            Marking::Done => {
                if core::mem::take(&mut self.treatment_new) {
                    self.note(LogEvent::TreatmentBegun(id));
                }
                self.carriage.move_to(self.depth);
                self.enter(Phase::MovingOut);
            }
        }
    }

    /// The cam is about to turn.
    fn begin_pass(&mut self) {
        if let Some(treatment) = &mut self.treatment
            && core::mem::take(&mut self.pass_due)
        {
            treatment.begin_pass();
            self.survivor_changed = true;
        }
    }
}
