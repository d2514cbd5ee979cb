//! The pen: phases from boot to fault, and what each request does in them.
//!
//! | phase | state shown | leaves it |
//! | --- | --- | --- |
//! | boot | `Boot` | parked at known position: idle |
//! | idle | `Standby` or `Ready` | START: marking |
//! | marking | `Starting` | cartridge marked: moving out; not marked: idle |
//! | moving out | `Starting` | carriage arrived and drive checked: running |
//! | running | `Running` | STOP, button, treatment over: stopping |
//! | stopping | `Stopping` | cam at rest and carriage parked or lost: idle |
//!
//! A latched fault shows as `Faulted` in every phase; it turns marking, moving out and running
//! into stopping, and holds START off until it is cleared.

mod request;

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{CalibrationError, Fault, Preset, Refusal, State};

use crate::analog::Analog;
use crate::carriage::{self, Carriage};
use crate::cartridge::{Cartridge, Marking};
use crate::drive::Drive;
use crate::fault::{BATTERY_GOOD, Faults};
use crate::hall::Hall;
use crate::limit::{self, Limits};
use crate::link::Link;
use crate::signal::{BootInfo, Inputs, Outputs, ResetCause, TICK_MILLIS};
use crate::survivor::Survivor;
use crate::switch::{Change, Switch};
use crate::treatment::{self, Treatment};

/// Button contact must stand still for 30 ms.
const BUTTON_TICKS: u8 = 15;

/// Protrusion at power-on that no parked carriage has, whoever moved it by hand.
const LEFT_OUT: Micrometers = Micrometers(300);
/// Bits of the uptime that are zero when the surviving record's time is due.
const SURVIVOR_MILLIS: u32 = 0x7E;

/// What the pen is about; see the module's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Boot,
    Idle,
    Marking,
    MovingOut,
    Running,
    Stopping,
}

/// Who asked for the cam to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starter {
    /// The button: the operator is at the pen, and the link may be silent.
    Button,
    /// The host: it must keep talking.
    Host,
}

/// The whole pen.
#[derive(Clone, Debug)]
pub struct Pen {
    boot: BootInfo,
    phase: Phase,
    starter: Starter,
    uptime: Milliseconds,
    /// Capture timer as of the last tick, for treatment ids.
    now: u32,
    depth: Micrometers,
    rate: StrokesPerMinute,
    /// The rate setting in 1/1000 stroke/s.
    rate_millihertz: i32,
    unlocked: bool,
    preset: Option<Preset>,
    treatment: Option<Treatment>,
    /// Id of the treatment that marking is to begin.
    next_treatment: u32,
    survivor_changed: bool,
    analog: Analog,
    hall: Hall,
    drive: Drive,
    carriage: Carriage,
    cartridge: Cartridge,
    button: Switch,
    faults: Faults,
    link: Link,
}

impl Pen {
    /// A pen that has just come out of reset: nothing moves before its first ticks.
    #[must_use]
    pub fn new(boot: BootInfo) -> Self {
        let mut boot = boot;
        let mut faults = Faults::new();
        boot.calibration = boot.calibration.and_then(|it| {
            if carriage::believable(&it) {
                Ok(it)
            } else {
                Err(CalibrationError::BadCrc)
            }
        });
        if boot.calibration.is_err() {
            faults.hold(Fault::Calibration);
        }
        match boot.reset {
            ResetCause::Watchdog => faults.latch(Fault::Watchdog),
            ResetCause::Power if boot.survivor.is_some_and(|it| it.moving) => {
                faults.latch(Fault::BrownOut);
            }
            ResetCause::Power | ResetCause::Other => {}
        }
        let treatment = boot.survivor.and_then(|it| {
            let id = it.treatment?;
            Some(Treatment {
                id,
                elapsed_ticks: it.elapsed_ticks,
                strokes: it.strokes,
            })
        });
        Self {
            phase: Phase::Boot,
            starter: Starter::Button,
            uptime: Milliseconds::ZERO,
            now: 0,
            depth: Micrometers::ZERO,
            rate: limit::RATE_DEFAULT,
            rate_millihertz: limit::millihertz(limit::RATE_DEFAULT),
            unlocked: false,
            preset: None,
            treatment,
            next_treatment: 0,
            survivor_changed: true,
            analog: Analog::new(),
            hall: Hall::new(),
            drive: Drive::new(),
            carriage: Carriage::new(boot.calibration.as_ref().ok()),
            cartridge: Cartridge::new(),
            // A button held down at power-on is no press.
            button: Switch::new(true, BUTTON_TICKS),
            faults,
            link: Link::new(),
            boot,
        }
    }

    /// One control tick.
    pub fn tick(&mut self, inputs: &Inputs) -> Outputs {
        self.uptime = Milliseconds(self.uptime.0.wrapping_add(TICK_MILLIS.0));
        self.now = inputs.now;
        self.analog.tick(inputs.analog);
        let edges = self.hall.tick(inputs.hall);
        if let Some(treatment) = &mut self.treatment {
            treatment.tick(edges);
            self.survivor_changed |= edges > 0;
        }
        self.link.tick();
        let chip = self.cartridge.tick(inputs.cartridge, inputs.chip);
        let pressed = self.button.tick(inputs.button) == Some(Change::Closed);

        self.faults.tick(&self.analog);
        self.watch();
        if pressed {
            self.press();
        }
        self.advance();

        let (steps, lost) = self.carriage.tick(self.analog.position(), inputs.home);
        if lost {
            self.faults.latch(Fault::CarriageLost);
        }
        let (mut pins, fault) = self.drive.tick(
            self.rate_millihertz,
            edges,
            &self.hall,
            inputs.now,
            &self.analog,
        );
        if let Some(fault) = fault {
            self.faults.latch(fault);
        }
        if lost || fault.is_some() {
            // Off in the tick that saw it, not one later.
            self.stop();
            (pins.duty, pins.cutoff_closed) = (0, false);
        }
        Outputs {
            duty: pins.duty,
            cutoff_closed: pins.cutoff_closed,
            brake: pins.brake,
            stepper_enabled: self.phase != Phase::Boot || self.carriage.moving(),
            steps,
            led: self.led(),
            chip,
        }
    }

    /// What must outlive a reset, if it changed: at once for strokes, treatment and motion, the
    /// time within 128 ms.
    pub fn survivor(&mut self) -> Option<Survivor> {
        let due = self.uptime.0 & SURVIVOR_MILLIS == 0;
        if !core::mem::take(&mut self.survivor_changed) && !due {
            return None;
        }
        Some(Survivor {
            treatment: self.treatment.map(|it| it.id),
            elapsed_ticks: self.treatment.map_or(0, |it| it.elapsed_ticks),
            strokes: self.treatment.map_or(0, |it| it.strokes),
            moving: !matches!(self.phase, Phase::Boot | Phase::Idle),
        })
    }

    /// Changes the phase, for the surviving record to know.
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.survivor_changed = true;
    }

    /// The state shown.
    fn state(&self) -> State {
        if !self.faults.latched().is_empty() {
            return State::Faulted;
        }
        match self.phase {
            Phase::Boot => State::Boot,
            Phase::Idle if self.cartridge.check(self.treatment_id()).is_ok() => State::Ready,
            Phase::Idle => State::Standby,
            Phase::Marking | Phase::MovingOut => State::Starting,
            Phase::Running => State::Running,
            Phase::Stopping => State::Stopping,
        }
    }

    fn treatment_id(&self) -> Option<u32> {
        self.treatment.map(|it| it.id)
    }

    fn limits(&self) -> Limits {
        Limits {
            unlocked: self.unlocked,
            preset: self.preset,
            cartridge: self.cartridge.needle_length(),
        }
    }

    /// Lit while the needles may move; blinks at 2 Hz with a fault latched.
    fn led(&self) -> bool {
        if self.faults.latched().is_empty() {
            matches!(
                self.phase,
                Phase::Marking | Phase::MovingOut | Phase::Running
            )
        } else {
            self.uptime.0 & 0x100 != 0
        }
    }

    /// Begins to turn the cam.
    ///
    /// Of several reasons against it the first is given, in the order in which [`Refusal`] lists
    /// them.
    fn start(&mut self, starter: Starter) -> Result<(), Refusal> {
        self.limits().check(self.depth)?;
        match self.phase {
            Phase::Running => return Err(Refusal::Running),
            Phase::Idle => {}
            Phase::Boot | Phase::Marking | Phase::MovingOut | Phase::Stopping => {
                return Err(Refusal::Busy);
            }
        }
        self.cartridge.check(self.treatment_id())?;
        if !self.faults.latched().is_empty() || !self.carriage.homed() {
            return Err(Refusal::Faulted);
        }
        if self.treatment.is_some_and(|it| it.over()) {
            return Err(Refusal::TreatmentOver);
        }
        if self.boot.calibration.is_err() {
            return Err(Refusal::NotCalibrated);
        }
        if self.analog.battery() < BATTERY_GOOD {
            return Err(Refusal::BatteryLow);
        }
        let Some(chip) = self.cartridge.known() else {
            return Err(Refusal::CartridgeUnreadable);
        };
        self.next_treatment = match self.treatment {
            Some(treatment) => treatment.id,
            None => treatment::id(&self.boot.chip_uid, chip.id, self.now),
        };
        self.starter = starter;
        self.cartridge.mark(self.next_treatment);
        self.enter(Phase::Marking);
        Ok(())
    }

    /// Motor off and carriage home to its park position, from wherever they are.
    fn stop(&mut self) {
        if matches!(
            self.phase,
            Phase::Marking | Phase::MovingOut | Phase::Running
        ) {
            self.drive.stop();
            self.carriage.park();
            self.enter(Phase::Stopping);
        }
    }

    /// The button toggles.
    fn press(&mut self) {
        match self.phase {
            Phase::Idle => {
                // A refusal shows in the LED staying dark.
                let _ = self.start(Starter::Button);
            }
            Phase::Marking | Phase::MovingOut | Phase::Running => self.stop(),
            Phase::Boot | Phase::Stopping => {}
        }
    }

    /// Stops what must not go on.
    fn watch(&mut self) {
        if matches!(
            self.phase,
            Phase::Marking | Phase::MovingOut | Phase::Running
        ) {
            if !self.cartridge.fitted() {
                self.faults.latch(Fault::CartridgeRemoved);
            }
            if self.starter == Starter::Host && self.link.silent() {
                self.faults.latch(Fault::LostLink);
            }
            if !self.faults.latched().is_empty() || self.treatment.is_some_and(|it| it.over()) {
                self.stop();
            }
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
    fn advance(&mut self) {
        match self.phase {
            Phase::Boot => {
                if !self.analog.settled() {
                    return;
                }
                if self.carriage.arrived() || self.carriage.given_up() {
                    self.enter(Phase::Idle);
                } else if !self.carriage.moving() {
                    self.look_for_brown_out();
                    self.carriage.home();
                }
            }
            Phase::Idle | Phase::Running => {}
            Phase::Marking => match self.cartridge.marking(self.next_treatment) {
                Marking::UnderWay => {}
                Marking::Failed => self.enter(Phase::Idle),
                Marking::Done => {
                    if self.treatment.is_none() {
                        self.treatment = Some(Treatment::new(self.next_treatment));
                    }
                    self.carriage.move_to(self.depth);
                    self.enter(Phase::MovingOut);
                }
            },
            Phase::MovingOut => {
                if self.drive.driving() {
                    self.enter(Phase::Running);
                } else if self.carriage.arrived() {
                    self.drive.start();
                }
            }
            Phase::Stopping => {
                if self.drive.at_rest() && !self.carriage.moving() {
                    self.enter(Phase::Idle);
                }
            }
        }
    }
}
