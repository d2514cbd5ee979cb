//! The pen as procedures handle it: cartridges, settings, start and stop.

use crate::rows::RowError;
use crate::session::Session;
use firmware_units::{
    Micrometers, Millinewtons, Milliseconds, Millivolts, Nanoseconds, StrokesPerMinute,
};
use firmware_wire::{
    CartridgeChip, Fault, FaultSet, Identity, REVISION, Refusal, Reply, Request, Setting,
    SettingId, State, Status,
};
use rig_bench::{Actuation, Actuator, Bench, Cartridge};
use rig_measure::{Contact, NotMeasurable, Stroke, unseen_flattening};
use rig_spec::{Load, ShaftLoad};

/// Between two looks at the pen's state.
const POLL: Nanoseconds = Nanoseconds::from_millis(40);
/// Self-test and homing must be over by then.
const BOOT_DEADLINE: Nanoseconds = Nanoseconds::from_seconds(6);
/// The pen must be running, or at rest and parked, by then.
const CHANGE_DEADLINE: Nanoseconds = Nanoseconds::from_seconds(4);
/// Needles and longest protrusion of the reference cartridge.
pub(crate) const REFERENCE: (u8, Micrometers) = (14, Micrometers(2_500));
/// What the pen makes of its supply's voltage has settled so long after it changed.
const SUPPLY_SETTLE: Nanoseconds = Nanoseconds::from_seconds(1);
/// A chip is read within this time of the cartridge being seen.
const CHIP_READ: Nanoseconds = Nanoseconds::from_millis(150);

/// The depth limits that the spec gives the pen; never asked of the pen itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Highest depth while the limit is armed.
    pub(crate) armed: Micrometers,
    /// Highest depth at all.
    pub(crate) range: Micrometers,
}

fn contact_if(loaded: bool, strokes: &[Stroke]) -> Result<Contact, NotMeasurable> {
    if loaded {
        Ok(Contact::Possible(unseen_flattening(strokes)?))
    } else {
        Ok(Contact::Excluded)
    }
}

/// A pen in a session, and what the rig did to it.
pub(crate) struct Pen<'b, B: Bench> {
    pub(crate) session: Session<'b, B>,
    next_cartridge: u64,
    limits: Limits,
    /// Revision of the protocol in force.
    revision: u8,
    /// The pen's own cell feeds it.
    on_cell: bool,
    /// A simulant stands before the nose.
    loaded: bool,
    /// A simulant was before the nose at some time.
    was_loaded: bool,
    /// Faults seen latched, each once, with the bench time of the first look.
    pub(crate) faults_seen: Vec<(Nanoseconds, FaultSet)>,
}

impl<'b, B: Bench> Pen<'b, B> {
    pub(crate) fn new(session: Session<'b, B>, cartridge_seed: u64, limits: Limits) -> Self {
        Self {
            session,
            next_cartridge: cartridge_seed,
            limits,
            revision: 0,
            on_cell: false,
            loaded: false,
            was_loaded: false,
            faults_seen: Vec::new(),
        }
    }

    /// An id that no cartridge of this run has had.
    pub(crate) fn next_cartridge_id(&mut self) -> u64 {
        self.next_cartridge += 1;
        self.next_cartridge
    }

    /// The depth limits that the spec gives the pen.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends a request that the pen must refuse for one of the given reasons. False if it did as
    /// asked; silence or another reason leaves the row without evidence.
    pub(crate) fn is_refused(
        &mut self,
        request: Request,
        reasons: &[Refusal],
    ) -> Result<bool, RowError> {
        let answer = self.session.request(request)?;
        match answer.reply {
            Some(Reply::Done) => Ok(false),
            Some(Reply::Refused(reason)) if reasons.contains(&reason) => Ok(true),
            other => Err(unexpected(&format!("{request:?}"), other)),
        }
    }

    /// The pen's status.
    pub(crate) fn status(&mut self) -> Result<Status, RowError> {
        match self.session.request(Request::GetStatus)?.reply {
            Some(Reply::Status(status)) => {
                self.note_faults(status.faults);
                Ok(status)
            }
            other => Err(unexpected("GetStatus", other)),
        }
    }

    fn note_faults(&mut self, faults: FaultSet) {
        let last = self
            .faults_seen
            .last()
            .map_or(FaultSet::NONE, |(_, faults)| *faults);
        if faults != last {
            self.faults_seen.push((self.session.now(), faults));
        }
    }

    /// Who the pen says it is; then both agree on a revision of the protocol.
    pub(crate) fn identify(&mut self) -> Result<Identity, RowError> {
        let identity = match self.session.request(Request::Identify)?.reply {
            Some(Reply::Identity(identity)) => identity,
            other => return Err(unexpected("Identify", other)),
        };
        self.hello()?;
        Ok(identity)
    }

    /// Agrees on the revision in force: zero after a reset, and with a pen that knows no other.
    fn hello(&mut self) -> Result<(), RowError> {
        let hello = Request::Hello { revision: REVISION };
        self.revision = match self.session.request(hello)?.reply {
            Some(Reply::Hello { revision, .. }) => revision,
            Some(Reply::NotUnderstood { .. }) => 0,
            other => return Err(unexpected("Hello", other)),
        };
        Ok(())
    }

    /// Insists on requests that came with revision 1 of the protocol.
    pub(crate) fn insist_revision_1(&self) -> Result<(), RowError> {
        if self.revision >= 1 {
            return Ok(());
        }
        Err(RowError::Precondition(format!(
            "the pen speaks revision {} of the protocol; this row needs revision 1",
            self.revision
        )))
    }

    /// Insists that the fixture has an actuator, named in words if it has not.
    pub(crate) fn insist_actuator(
        &mut self,
        actuator: Actuator,
        name: &'static str,
    ) -> Result<(), RowError> {
        if self.session.bench().actuators().contains(&actuator) {
            return Ok(());
        }
        Err(RowError::NoActuator(name))
    }

    /// Does something under a setting of an actuator, and takes it back whatever came of it.
    pub(crate) fn under<T>(
        &mut self,
        set: Actuation,
        back: Actuation,
        act: impl FnOnce(&mut Self) -> Result<T, RowError>,
    ) -> Result<T, RowError> {
        self.session.actuate(set)?;
        let done = act(self);
        self.session.actuate(back)?;
        done
    }

    /// A setpoint in force.
    pub(crate) fn setting(&mut self, id: SettingId) -> Result<Setting, RowError> {
        match self.session.request(Request::Get(id))?.reply {
            Some(Reply::Setting(setting)) => Ok(setting),
            other => Err(unexpected("Get", other)),
        }
    }

    /// Sends a request that the row's condition needs done.
    pub(crate) fn expect_done(&mut self, request: Request) -> Result<Nanoseconds, RowError> {
        let answer = self.session.request(request)?;
        if answer.is_done() {
            Ok(answer.sent)
        } else {
            Err(unexpected(&format!("{request:?}"), answer.reply))
        }
    }

    /// Waits until the status satisfies `reached`.
    fn wait_for(
        &mut self,
        what: &str,
        deadline: Nanoseconds,
        reached: impl Fn(&Status) -> bool,
    ) -> Result<Status, RowError> {
        let deadline = self.session.now() + deadline;
        loop {
            let status = self.status()?;
            if reached(&status) {
                return Ok(status);
            }
            if self.session.now() >= deadline {
                return Err(RowError::Precondition(format!(
                    "the pen is not {what} in time: {:?}, {}",
                    status.state,
                    fault_names(status.faults)
                )));
            }
            self.session.wait(POLL)?;
        }
    }

    /// Waits for the end of self-test and homing; a pen that boots answers no sooner than it can.
    pub(crate) fn wait_for_boot(&mut self) -> Result<Status, RowError> {
        let deadline = self.session.now() + BOOT_DEADLINE;
        while self.session.request(Request::Heartbeat)?.reply.is_none() {
            if self.session.now() >= deadline {
                return Err(RowError::Precondition(
                    "the pen does not answer after power-on".to_owned(),
                ));
            }
        }
        self.wait_for("past its boot", BOOT_DEADLINE, |status| {
            status.state != State::Boot
        })
    }

    /// Waits for a pen that was reset: it boots, parks, speaks its revision anew, and the armed
    /// limit holds. What was asked of it meanwhile does not count against the link.
    pub(crate) fn wait_for_reboot(&mut self) -> Result<Status, RowError> {
        self.session.stop_heartbeat();
        let counts = self.session.counts();
        let status = self.wait_for_boot();
        self.session.set_counts(counts);
        let status = status?;
        self.wait_for("parked", BOOT_DEADLINE, |status| status.parked)?;
        self.hello()?;
        self.lock_depth()?;
        Ok(status)
    }

    /// Takes the supply away for a while, and gives it back.
    pub(crate) fn interrupt_supply(&mut self, off: Nanoseconds) -> Result<(), RowError> {
        self.session.actuate(Actuation::Supply(Millivolts(0)))?;
        self.session.wait(off)?;
        self.session
            .actuate(Actuation::Supply(crate::NOMINAL_SUPPLY))?;
        Ok(())
    }

    /// Puts the pen on its own cell, charged, in place of the supply.
    pub(crate) fn connect_cell(&mut self) -> Result<(), RowError> {
        self.insist_actuator(Actuator::Battery, "battery")?;
        self.session.actuate(Actuation::Battery)?;
        self.on_cell = true;
        Ok(self.session.wait(SUPPLY_SETTLE)?)
    }

    /// Whether the pen's own cell has fed it since [`Pen::connect_cell`].
    pub(crate) fn is_on_cell(&self) -> bool {
        self.on_cell
    }

    /// Puts the pen back on the fixture's supply.
    pub(crate) fn connect_supply(&mut self) -> Result<(), RowError> {
        if self.on_cell {
            self.session
                .actuate(Actuation::Supply(crate::NOMINAL_SUPPLY))?;
            self.on_cell = false;
            self.session.wait(SUPPLY_SETTLE)?;
        }
        Ok(())
    }

    /// Brings the simulant of a load before the nose.
    pub(crate) fn load_needles(&mut self, load: Option<&Load>) -> Result<(), RowError> {
        let load = load.ok_or_else(|| {
            RowError::Precondition("the row names no load of loads.csv".to_owned())
        })?;
        if load.axial != Millinewtons::ZERO || load.shaft != ShaftLoad::Free {
            return Err(RowError::Precondition(format!(
                "load {} is more than a simulant before the needles",
                load.name
            )));
        }
        self.insist_actuator(Actuator::Needles, "load on the needles")?;
        self.session.actuate(Actuation::NeedleLoad {
            needles: load.needles,
            force_per_needle: load.force_per_needle,
        })?;
        self.loaded = true;
        self.was_loaded = true;
        Ok(())
    }

    /// Whether something can touch the needles now: nothing can unless the rig put it there. Of
    /// strokes of just now, what they may hide if it did.
    pub(crate) fn contact(&self, strokes: &[Stroke]) -> Result<Contact, NotMeasurable> {
        contact_if(self.loaded, strokes)
    }

    /// The same of strokes of any time since the pen was taken up.
    pub(crate) fn contact_of_the_run(&self, strokes: &[Stroke]) -> Result<Contact, NotMeasurable> {
        contact_if(self.was_loaded, strokes)
    }

    /// Takes the simulant away.
    pub(crate) fn unload_needles(&mut self) -> Result<(), RowError> {
        if self.loaded {
            self.session.actuate(Actuation::NeedleLoad {
                needles: 0,
                force_per_needle: Millinewtons::ZERO,
            })?;
            self.loaded = false;
        }
        Ok(())
    }

    /// Takes the cartridge out.
    pub(crate) fn remove_cartridge(&mut self) -> Result<(), RowError> {
        self.session.actuate(Actuation::Cartridge(None))?;
        self.wait_for("without cartridge", CHANGE_DEADLINE, |status| {
            !status.cartridge
        })?;
        Ok(())
    }

    /// Fits a reference cartridge with a fresh id, or one marked as used in a treatment.
    pub(crate) fn fit_cartridge(&mut self, treatment: Option<u32>) -> Result<(), RowError> {
        self.remove_cartridge()?;
        let (needles, needle_length) = REFERENCE;
        let chip = CartridgeChip {
            id: self.next_cartridge_id(),
            needles,
            needle_length,
            treatment,
        };
        self.session.actuate(Actuation::Cartridge(Some(Cartridge {
            chip: chip.to_bytes(),
            needle_excess: Micrometers::ZERO,
        })))?;
        self.wait_for("holding a cartridge", CHANGE_DEADLINE, |status| {
            status.cartridge
        })?;
        Ok(self.session.wait(CHIP_READ)?)
    }

    /// Lifts the armed limit; the ceiling that every stroke is held against rises with it.
    pub(crate) fn unlock_depth(&mut self) -> Result<(), RowError> {
        self.expect_done(Request::UnlockDepth)?;
        let ceiling = self.limits.range.min(REFERENCE.1);
        self.session.chain().set_ceiling(ceiling);
        Ok(())
    }

    /// Arms the limit again; the ceiling falls at once, whatever the pen answers.
    pub(crate) fn lock_depth(&mut self) -> Result<(), RowError> {
        let ceiling = self.limits.armed.min(REFERENCE.1);
        self.session.chain().set_ceiling(ceiling);
        self.expect_done(Request::LockDepth)?;
        Ok(())
    }

    /// Sets depth and rate, lifting the armed limit where the depth needs it.
    pub(crate) fn set(
        &mut self,
        depth: Micrometers,
        rate: StrokesPerMinute,
    ) -> Result<(), RowError> {
        if depth > self.limits.armed {
            self.unlock_depth()?;
        }
        self.expect_done(Request::Set(Setting::Depth(depth)))?;
        self.expect_done(Request::Set(Setting::Rate(rate)))?;
        Ok(())
    }

    /// Starts the cam and waits until the pen says that it turns; gives when START had left.
    pub(crate) fn start(&mut self) -> Result<Nanoseconds, RowError> {
        self.session.start_heartbeat();
        let sent = self.expect_done(Request::Start)?;
        self.wait_for("running", CHANGE_DEADLINE, |status| {
            status.state == State::Running
        })?;
        Ok(sent)
    }

    /// Insists that the pen ran to the end of a window: one that stopped by itself gave no value.
    pub(crate) fn insist_running(&mut self) -> Result<(), RowError> {
        let status = self.status()?;
        if status.state == State::Running {
            return Ok(());
        }
        Err(RowError::Precondition(format!(
            "the pen stopped by itself: {:?}, {}",
            status.state,
            fault_names(status.faults)
        )))
    }

    /// Stops the cam and waits until the pen is parked; gives when STOP had left.
    pub(crate) fn stop(&mut self) -> Result<Nanoseconds, RowError> {
        let sent = self.expect_done(Request::Stop)?;
        self.wait_for_rest()?;
        self.session.stop_heartbeat();
        Ok(sent)
    }

    /// Waits until the pen says that it neither runs nor moves its carriage.
    pub(crate) fn wait_for_rest(&mut self) -> Result<Status, RowError> {
        self.wait_for("at rest", CHANGE_DEADLINE, |status| {
            !matches!(
                status.state,
                State::Starting | State::Running | State::Stopping | State::Boot
            )
        })
    }

    /// Ends the treatment, if there is one.
    pub(crate) fn end_treatment(&mut self) -> Result<(), RowError> {
        if self.status()?.treatment.is_some() {
            self.expect_done(Request::EndTreatment)?;
        }
        Ok(())
    }

    /// No treatment, a fresh cartridge, the armed limit in force.
    pub(crate) fn begin_afresh(&mut self) -> Result<(), RowError> {
        self.end_treatment()?;
        self.fit_cartridge(None)?;
        self.lock_depth()
    }

    /// Clears what is latched, on purpose, and insists that it is gone. A pen that shows a fault
    /// while it still homes asks to be asked again.
    pub(crate) fn clear_faults(&mut self) -> Result<(), RowError> {
        let deadline = self.session.now() + BOOT_DEADLINE;
        while !self.wait_for_rest()?.faults.is_empty() {
            match self.session.request(Request::ClearFaults)?.reply {
                Some(Reply::Done) => break,
                Some(Reply::Refused(Refusal::Busy)) if self.session.now() < deadline => {
                    self.session.wait(POLL)?;
                }
                other => return Err(unexpected("ClearFaults", other)),
            }
        }
        Ok(())
    }

    /// Brings the pen back to rest after a row went wrong, so that the next one can run.
    pub(crate) fn recover(&mut self) -> Result<(), RowError> {
        self.session.request(Request::Stop)?;
        self.session.stop_heartbeat();
        self.session
            .actuate(Actuation::Shaft(rig_bench::Shaft::Free))?;
        self.unload_needles()?;
        self.connect_supply()?;
        self.session
            .request(Request::SetTelemetryPeriod(Milliseconds::ZERO))?;
        self.wait_for_rest()?;
        self.session.request(Request::ClearFaults)?;
        self.session.request(Request::EndTreatment)?;
        self.fit_cartridge(None)?;
        self.lock_depth()
    }
}

/// The faults latched, by name.
pub(crate) fn fault_names(faults: FaultSet) -> String {
    if faults.is_empty() {
        return "no fault latched".to_owned();
    }
    let names = Fault::ALL
        .into_iter()
        .filter(|fault| faults.contains(*fault));
    let names: Vec<String> = names.map(|fault| format!("{fault:?}")).collect();
    format!("latched {}", names.join(", "))
}

/// The pen answered otherwise than the row's condition needs.
pub(crate) fn unexpected(request: &str, reply: Option<Reply>) -> RowError {
    RowError::Precondition(match reply {
        None => format!("the pen did not answer {request}"),
        Some(Reply::Refused(refusal)) => format!("the pen refused {request}: {refusal:?}"),
        Some(reply) => format!("the pen answered {request} with {reply:?}"),
    })
}
