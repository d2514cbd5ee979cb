//! What the pen answers: requests from the host, and telemetry.
//!
//! Where several reasons speak against a request, the first is given in the order in which
//! [`Refusal`] lists them; a refused request changes nothing.
//!
//! | request | in which phase |
//! | --- | --- |
//! | set depth, select a preset | not while the carriage stands out for the present depth |
//! | lock depth | as these, if it lowers the depth |
//! | set rate, unlock depth, clear the preset, stop, read anything | always |
//! | start, next section | idle or paused |
//! | pause | starting or running |
//! | end the treatment | always; stops first |
//! | clear faults | idle; clears all or none |
//! | calibrate | idle, without cartridge, treatment and faults |
//!
//! Every request but those that only look wakes a pen that is asleep.

use firmware_units::{Micrometers, Nanometers, StrokesPerMinute};
use firmware_wire::{
    Calibration, CartridgeReport, DecodeError, Fault, Frame, Identity, LogEvent, PROTOCOL_VERSION,
    Preset, RecordCopy, Refusal, Reply, Request, Setting, SettingId, Status, Telemetry,
};

use super::{Pen, Phase, Rest, Starter};
use crate::carriage;
use crate::fault::BATTERY_GOOD;
use crate::limit::{self, Limits};
use crate::link::Verdict;
use crate::log::EventLog;
use crate::store::Store;

impl Pen {
    /// Takes one byte from the link; gives the answer to send, if any.
    #[inline(never)]
    pub fn receive_byte(&mut self, byte: u8, log: &EventLog) -> Option<Frame<Reply>> {
        let received = self.link.byte(byte)?;
        self.receive(received, log)
    }

    /// Takes what came over the link between two zeros; gives the answer to send, if any.
    pub fn receive(
        &mut self,
        received: Result<Frame<Request>, DecodeError>,
        log: &EventLog,
    ) -> Option<Frame<Reply>> {
        match self.link.judge(received) {
            Verdict::Drop => None,
            Verdict::Answer(frame) => Some(self.in_its_words(frame)),
            Verdict::Act(frame) => {
                let message = self.request(frame.message, log);
                self.link.answered(frame, message);
                Some(self.in_its_words(Frame {
                    sequence: frame.sequence,
                    message,
                }))
            }
        }
    }

    /// Notes that the receiver lost a byte or took a damaged one.
    pub fn receive_error(&mut self) {
        self.link.receive_error();
    }

    fn in_its_words(&self, frame: Frame<Reply>) -> Frame<Reply> {
        let message = frame
            .message
            .as_of(self.link.revision, self.cartridge_usable());
        Frame { message, ..frame }
    }

    /// The telemetry frame, if one is due in this tick.
    pub fn telemetry(&mut self) -> Option<Frame<Reply>> {
        let sequence = self.link.telemetry_due()?;
        let telemetry = Telemetry {
            at: self.uptime,
            state: self.state(),
            faults: self.faults.latched(),
            rate_millihertz: self.reported_rate(),
            position: mutated!("mutant-position-echoes-setpoint":
                self.carriage.protrusion(self.analog.position()) => self.depth),
            motor_current: self.analog.current_smooth(),
            battery: self.analog.battery(),
            temperature: self.analog.nose(),
            strokes: self.treatment.map_or(0, |it| it.strokes),
        };
        Some(self.in_its_words(Frame {
            sequence,
            message: Reply::Telemetry(telemetry),
        }))
    }

    #[cfg(not(feature = "echo-setpoint"))]
    fn reported_rate(&mut self) -> u32 {
        let mean = self.hall.take_mean();
        mutated!("mutant-rate-at-rest-not-zero": mean => mean.max(limit::RATE_RANGE.0.0))
    }

    /// The defect of the build `echo-setpoint`: what was asked for instead of what was measured.
    #[cfg(feature = "echo-setpoint")]
    fn reported_rate(&mut self) -> u32 {
        let measured = self.hall.take_mean();
        if self.phase == Phase::Running {
            self.rate_millihertz.unsigned_abs()
        } else {
            measured
        }
    }

    fn status(&self) -> Status {
        let off = !matches!(self.phase, Phase::MovingOut | Phase::Running);
        Status {
            state: self.state(),
            faults: self.faults.latched(),
            depth: self.depth,
            limit: self.limits().deepest(),
            rate: self.rate,
            unlocked: self.unlocked,
            preset: self.preset,
            cartridge: self.cartridge.fitted(),
            treatment: self.treatment_id(),
            parked: self.carriage.parked(),
            may_be_exposed: off && !self.carriage.parked() && !self.carriage.moving(),
        }
    }

    fn identity(&self) -> Identity {
        let (serial, hardware_revision) = match &self.calibration {
            Ok((record, _)) => (record.serial, record.hardware_revision),
            Err(_) => (*b"UNKNOWN     ", b'?'),
        };
        Identity {
            serial,
            hardware_revision,
            firmware: self.boot.firmware,
            build_id: self.boot.build_id,
            protocol: PROTOCOL_VERSION,
            chip_uid: self.boot.chip_uid,
        }
    }

    /// Does what a request asks, or declines.
    fn request(&mut self, request: Request, log: &EventLog) -> Reply {
        if !only_looks(&request) {
            self.wake();
        }
        let done = match request {
            Request::Identify => {
                // A conversation begins, perhaps with a host that knows nothing of revisions.
                self.link.revision = 0;
                return Reply::Identity(self.identity());
            }
            Request::Hello { revision } => return self.link.agree(revision),
            Request::GetStatus => return Reply::Status(self.status()),
            Request::Get(SettingId::Depth) => return Reply::Setting(Setting::Depth(self.depth)),
            Request::Get(SettingId::Rate) => {
                let rate =
                    mutated!("mutant-rate-read-back-is-default": self.rate => limit::RATE_DEFAULT);
                return Reply::Setting(Setting::Rate(rate));
            }
            Request::GetCalibration => match self.calibration {
                Ok((record, _)) => return Reply::Calibration(record),
                Err(_) => Err(Refusal::NotCalibrated),
            },
            Request::GetLinkCounters => return Reply::LinkCounters(self.link.report.counters),
            Request::GetLinkReport => return Reply::LinkReport(self.link.report),
            Request::GetLog(number) => {
                return match log.at_least(number) {
                    Ok(entry) => Reply::Log(entry),
                    Err(next) => Reply::LogEnd { next },
                };
            }
            Request::GetTreatment => match &self.treatment {
                Some(treatment) => return Reply::Treatment(treatment.report()),
                None => Err(Refusal::NoTreatment),
            },
            Request::GetCartridge => match self.cartridge_report() {
                Ok(report) => return Reply::Cartridge(report),
                Err(refusal) => Err(refusal),
            },
            Request::Set(Setting::Depth(depth)) => self.set_depth(depth),
            Request::Set(Setting::Rate(rate)) => self.set_rate(rate),
            Request::SelectPreset(preset) => self.select(preset),
            Request::ClearPreset => {
                self.preset = None;
                Ok(())
            }
            Request::UnlockDepth => {
                self.unlocked = true;
                self.note(LogEvent::DepthUnlocked);
                Ok(())
            }
            Request::LockDepth => self.lock(),
            Request::Start => self.start(Starter::Host),
            Request::Stop => {
                self.stop(Rest::Idle);
                Ok(())
            }
            Request::Pause => self.pause(),
            Request::NextSection => self.next_section(),
            Request::EndTreatment => self.end_treatment(),
            Request::ClearFaults => self.clear_faults(),
            Request::Heartbeat => Ok(()),
            Request::SetTelemetryPeriod(period) => self.link.set_period(period),
            Request::Calibrate {
                home_protrusion,
                screw_lead,
            } => self.calibrate(home_protrusion, screw_lead),
        };
        match done {
            Ok(()) => Reply::Done,
            Err(refusal) => Reply::Refused(refusal),
        }
    }

    /// Whether the depth may change: not while the carriage stands out for it.
    fn check_depth_free(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Running => {
                mutated!("mutant-depth-set-while-running": Err(Refusal::Running) => Ok(()))
            }
            Phase::Marking | Phase::MovingOut => {
                mutated!("mutant-depth-set-while-starting": Err(Refusal::Busy) => Ok(()))
            }
            Phase::Boot
            | Phase::Calibrating
            | Phase::Idle
            | Phase::Stopping
            | Phase::Paused
            | Phase::Asleep => Ok(()),
        }
    }

    fn set_depth(&mut self, depth: Micrometers) -> Result<(), Refusal> {
        mutated!("mutant-refused-depth-kept": () => self.depth = depth);
        self.limits().check(depth)?;
        self.check_depth_free()?;
        self.depth = depth;
        let moves = self.phase == Phase::Stopping;
        if mutated!("mutant-depth-set-while-stopping-moves": false => moves) {
            self.carriage.move_to(depth);
        }
        Ok(())
    }

    fn set_rate(&mut self, rate: StrokesPerMinute) -> Result<(), Refusal> {
        limit::check_rate(rate)?;
        self.rate = rate;
        if mutated!("mutant-rate-change-while-running-ignored": true => self.phase != Phase::Running)
        {
            self.rate_millihertz = limit::millihertz(rate);
        }
        Ok(())
    }

    fn select(&mut self, preset: Preset) -> Result<(), Refusal> {
        let (depth, _) = limit::preset(preset);
        Limits {
            preset: Some(preset),
            ..self.limits()
        }
        .check(depth)?;
        self.check_depth_free()?;
        self.preset = Some(preset);
        self.depth = mutated!("mutant-preset-leaves-depth": depth => self.depth);
        self.note(LogEvent::PresetChosen(preset));
        Ok(())
    }

    fn lock(&mut self) -> Result<(), Refusal> {
        if self.depth > limit::ARMED_LIMIT {
            self.check_depth_free()?;
        }
        self.arm();
        Ok(())
    }

    /// Arms the limit; a setting above it falls to it.
    pub(super) fn arm(&mut self) {
        if core::mem::take(&mut self.unlocked) {
            self.note(LogEvent::DepthLocked);
        }
        let most = mutated!("mutant-lock-leaves-depth": limit::ARMED_LIMIT => limit::DEPTH_MAX);
        self.depth = self.depth.min(most);
    }

    fn pause(&mut self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Marking | Phase::MovingOut | Phase::Running => {
                self.stop(Rest::Paused);
                Ok(())
            }
            Phase::Paused => Ok(()),
            Phase::Boot | Phase::Calibrating | Phase::Idle | Phase::Stopping | Phase::Asleep => {
                mutated!("mutant-pause-at-rest-answered-done": Err(Refusal::NotRunning) => Ok(()))
            }
        }
    }

    fn next_section(&mut self) -> Result<(), Refusal> {
        self.check_rest()?;
        let Some(treatment) = &mut self.treatment else {
            return Err(Refusal::NoTreatment);
        };
        treatment.begin_section();
        let section = treatment.section;
        self.note(LogEvent::SectionBegun(section));
        self.survivor_changed = true;
        // A pass does not reach from one section into the next.
        self.stop(Rest::Idle);
        Ok(())
    }

    fn end_treatment(&mut self) -> Result<(), Refusal> {
        let Some(treatment) = self.treatment else {
            return Err(Refusal::NoTreatment);
        };
        mutated!("mutant-end-of-treatment-does-not-stop": self.stop(Rest::Idle) => ());
        self.treatment = None;
        self.survivor_changed = true;
        self.note(LogEvent::TreatmentEnded(treatment.id));
        mutated!("mutant-unlock-outlives-treatment": self.arm() => ());
        Ok(())
    }

    fn clear_faults(&mut self) -> Result<(), Refusal> {
        mutated!("mutant-faults-cleared-while-stopping": self.check_rest() => Ok(()))?;
        let cleared = self.faults.clear()?;
        self.faults_logged = self.faults.latched();
        self.survivor_changed = true;
        if !cleared.is_empty() {
            self.note(LogEvent::FaultsCleared(cleared));
        }
        if cleared.contains(Fault::CarriageLost) {
            self.carriage.home();
            self.enter(Phase::Boot);
        }
        Ok(())
    }

    fn cartridge_report(&self) -> Result<CartridgeReport, Refusal> {
        let Some(chip) = self.cartridge.known() else {
            return Err(self
                .cartridge
                .check(None)
                .err()
                .unwrap_or(Refusal::CartridgeUnreadable));
        };
        Ok(CartridgeReport {
            id: chip.id,
            needles: chip.needles,
            needle_length: chip.needle_length,
            treatment: chip.treatment,
        })
    }

    /// Begins to write a factory record with a new depth calibration; serial number and hardware
    /// revision stay.
    fn calibrate(
        &mut self,
        home_protrusion: Nanometers,
        screw_lead: Nanometers,
    ) -> Result<(), Refusal> {
        if !carriage::believable(home_protrusion, screw_lead) {
            return Err(Refusal::OutOfRange);
        }
        self.check_rest()?;
        if !self.faults.latched().is_empty() || !self.carriage.arrived() {
            return Err(Refusal::Faulted);
        }
        let Ok((record, copy)) = self.calibration else {
            return Err(Refusal::NotCalibrated);
        };
        if self.analog.battery() < BATTERY_GOOD {
            return Err(Refusal::BatteryLow);
        }
        if mutated!("mutant-calibrates-with-cartridge": self.cartridge.fitted() => false) {
            return Err(Refusal::CartridgeFitted);
        }
        if self.treatment.is_some() {
            return Err(Refusal::TreatmentUnderWay);
        }
        let record = Calibration {
            generation: record.generation.wrapping_add(1),
            home_protrusion,
            screw_lead,
            ..record
        };
        let other = RecordCopy::other(copy);
        let into = mutated!("mutant-calibration-into-the-copy-that-holds": other => copy);
        self.store = Some(Store::new(record, into));
        self.enter(Phase::Calibrating);
        Ok(())
    }
}

/// Whether a request asks nothing of the pen but an answer.
const fn only_looks(request: &Request) -> bool {
    match request {
        Request::Identify
        | Request::Hello { .. }
        | Request::GetStatus
        | Request::Get(_)
        | Request::GetCalibration
        | Request::GetLinkCounters
        | Request::GetLinkReport
        | Request::GetLog(_)
        | Request::GetTreatment
        | Request::GetCartridge
        | Request::Heartbeat
        | Request::SetTelemetryPeriod(_) => true,
        Request::Set(_)
        | Request::SelectPreset(_)
        | Request::ClearPreset
        | Request::UnlockDepth
        | Request::LockDepth
        | Request::Start
        | Request::Stop
        | Request::Pause
        | Request::NextSection
        | Request::EndTreatment
        | Request::ClearFaults
        | Request::Calibrate { .. } => false,
    }
}
