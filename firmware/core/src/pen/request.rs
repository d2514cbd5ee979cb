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
//! | start | idle |
//! | end the treatment | always; stops first |
//! | clear faults | idle; clears all or none |

use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{
    DecodeError, Fault, Frame, Identity, PROTOCOL_VERSION, Preset, Refusal, Reply, Request,
    Setting, SettingId, Status, Telemetry,
};

use super::{Pen, Phase, Starter};
use crate::limit::{self, Limits};

impl Pen {
    /// Takes what came over the link between two zeros; gives the answer to send, if any.
    pub fn receive(
        &mut self,
        received: Result<Frame<Request>, DecodeError>,
    ) -> Option<Frame<Reply>> {
        let frame = match received {
            Ok(frame) => frame,
            Err(DecodeError::Malformed) => {
                self.link.counters.malformed += 1;
                return None;
            }
            Err(DecodeError::Oversized) => {
                self.link.counters.oversized += 1;
                return None;
            }
            Err(DecodeError::Version { sequence, .. } | DecodeError::Message { sequence }) => {
                self.link.counters.not_understood += 1;
                let message = Reply::NotUnderstood {
                    protocol: PROTOCOL_VERSION,
                };
                return Some(Frame { sequence, message });
            }
        };
        self.link.heard();
        let message = match self.link.repeated(&frame) {
            // STOP is acted on however often it comes: stopping twice harms nothing.
            Some(reply) if frame.message != Request::Stop => reply,
            _ => {
                let reply = self.request(frame.message);
                self.link.answered(frame, reply);
                reply
            }
        };
        Some(Frame {
            sequence: frame.sequence,
            message,
        })
    }

    /// The telemetry frame, if one is due in this tick.
    pub fn telemetry(&mut self) -> Option<Frame<Reply>> {
        let sequence = self.link.telemetry_due()?;
        let telemetry = Telemetry {
            at: self.uptime,
            state: self.state(),
            faults: self.faults.latched(),
            rate_millihertz: self.reported_rate(),
            position: self.carriage.protrusion(self.analog.position()),
            motor_current: self.analog.current_smooth(),
            battery: self.analog.battery(),
            temperature: self.analog.nose(),
            strokes: self.treatment.map_or(0, |it| it.strokes),
        };
        Some(Frame {
            sequence,
            message: Reply::Telemetry(telemetry),
        })
    }

    #[cfg(not(feature = "echo-setpoint"))]
    fn reported_rate(&mut self) -> u32 {
        self.hall.take_mean()
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
            may_be_exposed: off && self.carriage.given_up() && !self.carriage.parked(),
        }
    }

    fn identity(&self) -> Identity {
        let (serial, hardware_revision) = match &self.boot.calibration {
            Ok(record) => (record.serial, record.hardware_revision),
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
    fn request(&mut self, request: Request) -> Reply {
        let done = match request {
            Request::Identify => return Reply::Identity(self.identity()),
            Request::GetStatus => return Reply::Status(self.status()),
            Request::Get(SettingId::Depth) => return Reply::Setting(Setting::Depth(self.depth)),
            Request::Get(SettingId::Rate) => return Reply::Setting(Setting::Rate(self.rate)),
            Request::GetCalibration => match self.boot.calibration {
                Ok(calibration) => return Reply::Calibration(calibration),
                Err(_) => Err(Refusal::NotCalibrated),
            },
            Request::GetLinkCounters => return Reply::LinkCounters(self.link.counters),
            Request::Set(Setting::Depth(depth)) => self.set_depth(depth),
            Request::Set(Setting::Rate(rate)) => self.set_rate(rate),
            Request::SelectPreset(preset) => self.select(preset),
            Request::ClearPreset => {
                self.preset = None;
                Ok(())
            }
            Request::UnlockDepth => {
                self.unlocked = true;
                Ok(())
            }
            Request::LockDepth => self.lock(),
            Request::Start => self.start(Starter::Host),
            Request::Stop => {
                self.stop();
                Ok(())
            }
            Request::EndTreatment => self.end_treatment(),
            Request::ClearFaults => self.clear_faults(),
            Request::Heartbeat => Ok(()),
            Request::SetTelemetryPeriod(period) => self.link.set_period(period),
            Request::Hello { .. }
            | Request::Pause
            | Request::NextSection
            | Request::GetTreatment
            | Request::GetCartridge
            | Request::GetLog(_)
            | Request::GetLinkReport
            | Request::Calibrate { .. } => {
                return Reply::NotUnderstood {
                    protocol: PROTOCOL_VERSION,
                };
            }
        };
        match done {
            Ok(()) => Reply::Done,
            Err(refusal) => Reply::Refused(refusal),
        }
    }

    /// Whether the depth may change: not while the carriage stands out for it.
    fn check_depth_free(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Running => Err(Refusal::Running),
            Phase::Marking | Phase::MovingOut => Err(Refusal::Busy),
            Phase::Boot | Phase::Idle | Phase::Stopping => Ok(()),
        }
    }

    fn set_depth(&mut self, depth: Micrometers) -> Result<(), Refusal> {
        self.limits().check(depth)?;
        self.check_depth_free()?;
        self.depth = depth;
        Ok(())
    }

    fn set_rate(&mut self, rate: StrokesPerMinute) -> Result<(), Refusal> {
        limit::check_rate(rate)?;
        self.rate = rate;
        self.rate_millihertz = limit::millihertz(rate);
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
        self.depth = depth;
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
    fn arm(&mut self) {
        self.unlocked = false;
        self.depth = self.depth.min(limit::ARMED_LIMIT);
    }

    fn end_treatment(&mut self) -> Result<(), Refusal> {
        if self.treatment.is_none() {
            return Err(Refusal::NoTreatment);
        }
        self.stop();
        self.treatment = None;
        self.survivor_changed = true;
        self.arm();
        Ok(())
    }

    fn clear_faults(&mut self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Idle => {}
            Phase::Running => return Err(Refusal::Running),
            Phase::Boot | Phase::Marking | Phase::MovingOut | Phase::Stopping => {
                return Err(Refusal::Busy);
            }
        }
        let cleared = self.faults.clear()?;
        if cleared.contains(Fault::CarriageLost) {
            self.carriage.home();
            self.enter(Phase::Boot);
        }
        Ok(())
    }
}
