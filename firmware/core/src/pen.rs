//! The pen: what it knows, and one control tick of it.
//!
//! | phase | state shown | leaves it |
//! | --- | --- | --- |
//! | boot | `Boot` | self-test done and parked at known position: idle |
//! | calibrating | `Boot` | factory record written, or not: boot |
//! | idle | `Standby` or `Ready` | START: marking; `Calibrate`: calibrating; 5 min: asleep |
//! | marking | `Starting` | cartridge marked: moving out; not marked: idle |
//! | moving out | `Starting` | carriage arrived and drive checked: running |
//! | running | `Running` | STOP, pause, button, treatment over: stopping |
//! | stopping | `Stopping` | cam at rest and carriage parked or lost: idle, or paused |
//! | paused | `Paused` | START: marking; STOP, cartridge out, 5 min: idle |
//! | asleep | `Asleep` | button, cartridge, any request but looking: idle; carriage moved: boot |
//!
//! A latched fault shows as `Faulted` in every phase; it turns marking, moving out and running
//! into stopping and paused into idle, and holds START off until it is cleared.
//! `firmware/STATES.md` has the transitions of the states shown.

mod phase;
mod request;

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{
    BootCause, Calibration, CalibrationError, Fault, FaultSet, LogEvent, Preset, RecordCopy, State,
};

use crate::analog::Analog;
use crate::carriage::{self, Carriage};
use crate::cartridge::Cartridge;
use crate::drive::Drive;
use crate::fault::Faults;
use crate::hall::Hall;
use crate::limit::{self, Limits};
use crate::link::Link;
use crate::log::EventLog;
use crate::signal::{
    BootInfo, FlashCommand, FlashOutcome, Inputs, Outputs, ResetCause, TICK_MILLIS,
};
use crate::store::{Store, Storing};
use crate::survivor::Survivor;
use crate::switch::{Change, Switch};
use crate::treatment::Treatment;

/// Button contact must stand still for 30 ms.
const BUTTON_TICKS: u8 = 15;
/// Events between two ticks; a request gives one, a tick at most one a fault.
const EVENTS: usize = 16;
/// Bits of the uptime that are zero when the surviving record's time is due.
const SURVIVOR_MILLIS: u32 = 0x7E;

/// What the pen is about; see the module's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Boot,
    Calibrating,
    Idle,
    Marking,
    MovingOut,
    Running,
    Stopping,
    Paused,
    Asleep,
}

/// Who asked for the cam to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starter {
    /// The button: the operator is at the pen, and the link may be silent.
    Button,
    /// The host: it must keep talking.
    Host,
}

/// What follows when the pen has come to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// The pass is over.
    Idle,
    /// The pass may go on.
    Paused,
}

/// The whole pen.
#[derive(Clone, Debug)]
pub struct Pen {
    boot: BootInfo,
    /// Factory record in force, and its copy.
    calibration: Result<(Calibration, RecordCopy), CalibrationError>,
    phase: Phase,
    starter: Starter,
    /// What follows stopping.
    rest: Rest,
    /// The next turn of the cam begins a pass.
    pass_due: bool,
    /// Ticks in boot before homing began.
    boot_ticks: u8,
    /// Ticks since anybody wanted anything.
    idle_ticks: u32,
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
    /// Whether START began the treatment that its cartridge is being marked with.
    treatment_new: bool,
    survivor_changed: bool,
    analog: Analog,
    hall: Hall,
    drive: Drive,
    carriage: Carriage,
    cartridge: Cartridge,
    /// Id of the cartridge that the log tells of.
    cartridge_logged: Option<u64>,
    button: Switch,
    store: Option<Store>,
    faults: Faults,
    /// Faults that the log tells of.
    faults_logged: FaultSet,
    /// What the next tick enters into the log.
    events: heapless::Vec<LogEvent, EVENTS>,
    link: Link,
}

impl Pen {
    /// A pen that has just come out of reset: nothing moves before its first ticks.
    #[must_use]
    pub fn new(boot: BootInfo) -> Self {
        let mut faults = Faults::new();
        let calibration = boot.calibration.and_then(|(record, copy)| {
            if carriage::believable(record.home_protrusion, record.screw_lead) {
                Ok((record, copy))
            } else {
                Err(CalibrationError::BadCrc)
            }
        });
        let cause = match boot.reset {
            ResetCause::Power => BootCause::Power,
            ResetCause::Watchdog => BootCause::Watchdog,
            ResetCause::Other => BootCause::Other,
        };
        let mut survivor = boot.survivor.unwrap_or_default();
        mutated!("mutant-faults-forgotten-over-reset": () => survivor.faults = FaultSet::NONE);
        mutated!("mutant-treatment-forgotten-over-reset": () => survivor.treatment = None);
        faults.restore(survivor.faults);
        let faults_logged = faults.latched();
        if calibration.is_err() {
            faults.hold(Fault::Calibration);
        }
        match boot.reset {
            ResetCause::Watchdog => {
                mutated!("mutant-watchdog-unlatched": faults.latch(Fault::Watchdog) => ());
            }
            ResetCause::Power if survivor.moving => faults.latch(Fault::BrownOut),
            ResetCause::Power | ResetCause::Other => {}
        }
        let mut pen = Self {
            calibration,
            phase: Phase::Boot,
            starter: Starter::Button,
            rest: Rest::Idle,
            pass_due: true,
            boot_ticks: 0,
            idle_ticks: 0,
            uptime: Milliseconds::ZERO,
            now: 0,
            depth: Micrometers::ZERO,
            rate: limit::RATE_DEFAULT,
            rate_millihertz: limit::millihertz(limit::RATE_DEFAULT),
            unlocked: false,
            preset: None,
            treatment: survivor.treatment,
            treatment_new: false,
            survivor_changed: true,
            analog: Analog::new(),
            hall: Hall::new(),
            drive: Drive::new(),
            carriage: Carriage::new(calibration.as_ref().ok().map(|it| &it.0)),
            cartridge: Cartridge::new(),
            cartridge_logged: None,
            // A button held down at power-on is no press.
            button: Switch::new(true, BUTTON_TICKS),
            store: None,
            faults,
            faults_logged,
            events: heapless::Vec::new(),
            link: Link::new(),
            boot,
        };
        mutated!("mutant-unlocked-after-reset": () => pen.unlocked = pen.treatment.is_some());
        pen.note(LogEvent::Booted(cause));
        pen
    }

    /// One control tick; what happened goes into the log.
    pub fn tick(&mut self, inputs: &Inputs, log: &mut EventLog) -> Outputs {
        self.uptime = Milliseconds(self.uptime.0.wrapping_add(TICK_MILLIS.0));
        self.now = inputs.now;
        self.analog.tick(inputs.analog);
        let edges = self.hall.tick(inputs.hall);
        let counts = mutated!("mutant-strokes-of-stopping-uncounted": true => self.drive.driving());
        self.count(if counts { edges } else { 0 });
        self.link.tick();
        let chip = self.cartridge.tick(inputs.cartridge, inputs.chip);
        self.look_at_cartridge();
        let pressed = self.button.tick(inputs.button) == Some(Change::Closed);

        self.faults.tick(&self.analog);
        self.watch();
        if pressed {
            self.press();
        }
        self.advance();
        let (steps, lost) = self.carriage.tick(self.analog.position_seen(), inputs.home);
        if lost {
            self.lose_carriage();
        }
        if self.store.is_some() {
            self.look_at_store();
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
            self.stop(Rest::Idle);
            (pins.duty, pins.cutoff_closed) = (0, false);
        }
        self.log_faults();
        if !self.events.is_empty() {
            self.enter_events(log);
        }
        Outputs {
            duty: pins.duty,
            cutoff_closed: pins.cutoff_closed,
            brake: pins.brake,
            stepper_enabled: self.holds_carriage(),
            steps,
            led: self.led(),
            chip,
            flash: self.store.is_some(),
        }
    }

    /// What must outlive a reset, if it changed: at once for strokes, treatment, faults and motion,
    /// the time within 128 ms.
    pub fn survivor(&mut self) -> Option<Survivor> {
        let due = self.uptime.0 & SURVIVOR_MILLIS == 0;
        if !core::mem::take(&mut self.survivor_changed) && !due {
            return None;
        }
        let still = matches!(
            self.phase,
            Phase::Boot | Phase::Calibrating | Phase::Idle | Phase::Paused | Phase::Asleep
        );
        Some(Survivor {
            treatment: self.treatment,
            faults: self.faults.latched(),
            moving: !still,
        })
    }

    /// The job for the flash controller, if it has one ([`Outputs::flash`]).
    #[must_use]
    pub fn flash_job(&self) -> Option<FlashCommand> {
        self.store.as_ref()?.job()
    }

    /// Takes the outcome of the job, before the next tick.
    pub fn flash_done(&mut self, outcome: FlashOutcome) {
        if let Some(store) = &mut self.store {
            store.done(outcome);
        }
    }

    /// Counts strokes and the treatment's time.
    fn count(&mut self, edges: u32) {
        if let Some(treatment) = &mut self.treatment {
            let over = treatment.tick(edges);
            self.survivor_changed |= mutated!("mutant-strokes-kept-late": edges > 0 => false);
            if over {
                let id = treatment.id;
                self.note(LogEvent::TreatmentOver(id));
            }
        }
    }

    /// Tells the log of cartridges that come and go; either wakes the pen.
    fn look_at_cartridge(&mut self) {
        let id = self.cartridge.known().map(|it| it.id);
        if id == self.cartridge_logged {
            return;
        }
        self.cartridge_changed(id);
    }

    #[cold]
    #[inline(never)]
    fn cartridge_changed(&mut self, id: Option<u64>) {
        self.cartridge_logged = id;
        self.wake();
        match id {
            Some(id) => self.note(LogEvent::CartridgeFitted(id as u32)),
            None => {
                self.note(LogEvent::CartridgeRemoved);
                // The pass is over, also one that is only coming to its pause.
                match self.phase {
                    Phase::Paused => self.enter(Phase::Idle),
                    Phase::Stopping => self.rest = Rest::Idle,
                    _ => {}
                }
            }
        }
    }

    /// Notes an event for the log. More between two ticks than there is room for are a flood of
    /// requests; the first of it tell the story.
    fn note(&mut self, event: LogEvent) {
        let _ = self.events.push(event);
    }

    #[cold]
    #[inline(never)]
    fn enter_events(&mut self, log: &mut EventLog) {
        for &event in &self.events {
            log.enter(self.uptime, event);
        }
        self.events.clear();
    }

    fn log_faults(&mut self) {
        let latched = self.faults.latched();
        if latched != self.faults_logged {
            self.faults_changed(latched);
        }
    }

    #[cold]
    #[inline(never)]
    fn faults_changed(&mut self, latched: FaultSet) {
        for fault in Fault::ALL {
            if latched.contains(fault) && !self.faults_logged.contains(fault) {
                self.note(LogEvent::FaultLatched(fault));
            }
        }
        self.faults_logged = latched;
        self.survivor_changed = true;
    }

    /// Ends the writing of a factory record that has come to its end.
    #[cold]
    #[inline(never)]
    fn look_at_store(&mut self) {
        let Some(store) = &self.store else { return };
        let (record, copy) = store.record();
        match store.storing() {
            Storing::UnderWay => return,
            Storing::Failed => self.note(LogEvent::CalibrationFailed),
            Storing::Written => {
                self.calibration = Ok((record, copy));
                self.carriage.calibrate(&record);
                self.note(LogEvent::CalibrationWritten(record.generation));
            }
        }
        self.store = None;
        self.carriage.home();
        self.enter(Phase::Boot);
    }

    /// Changes the phase, for the surviving record to know.
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.idle_ticks = 0;
        self.survivor_changed = true;
    }

    /// The state shown.
    fn state(&self) -> State {
        if !self.faults.latched().is_empty() {
            return State::Faulted;
        }
        match self.phase {
            Phase::Boot | Phase::Calibrating => State::Boot,
            Phase::Idle if self.cartridge_usable() => State::Ready,
            Phase::Idle => State::Standby,
            Phase::Marking | Phase::MovingOut => State::Starting,
            Phase::Running => State::Running,
            Phase::Stopping => State::Stopping,
            Phase::Paused => State::Paused,
            Phase::Asleep => State::Asleep,
        }
    }

    fn cartridge_usable(&self) -> bool {
        self.cartridge.check(self.treatment_id()).is_ok()
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

    /// Whether the stepper holds the carriage: not before homing begins, nor asleep, when the
    /// screw's friction does.
    fn holds_carriage(&self) -> bool {
        match self.phase {
            Phase::Boot => self.carriage.moving(),
            Phase::Asleep => false,
            _ => true,
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
}
