//! Does to a pen and its fixture what commands say.

use super::command::{Cartridge, Command};
use super::fixture;
use super::leave::{self, Left};
use super::reply;
use super::vocabulary;
use crate::clock::Pace;
use crate::dut::{self, Greeting, HandSession};
use crate::identify::PenReport;
use crate::interrupt;
use crate::text::table;
use firmware_units::{Micrometers, Nanoseconds};
use firmware_wire::{CartridgeChip, Reply, Request, Setting, Status};
use rig_bench::{Actuation, Actuator, Bench, Cartridge as Fitting};
use rig_procedure::SessionError;

/// Bench time passes in slices of this, so that telemetry is shown as it comes.
pub(crate) const SLICE: Nanoseconds = Nanoseconds::from_millis(20);
/// The button is held down for this long.
const PRESS: Nanoseconds = Nanoseconds::from_millis(100);
/// A cartridge is seen and its chip read within this time.
const SEEN: Nanoseconds = Nanoseconds::from_millis(200);
/// Needles and longest protrusion of the cartridges fitted.
const REFERENCE: (u8, Micrometers) = (14, Micrometers(2_500));
/// A treatment that no pen on a bench began.
const FOREIGN_TREATMENT: u32 = 0x5EED_0001;

/// Where lines of text go.
pub(crate) type Out<'o> = &'o mut dyn FnMut(&str);

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// It was done, or declined by the pen.
    Yes,
    /// This bench cannot do it; why.
    NotHere(&'static str),
    /// It was the last one.
    Quit,
}

/// A pen in someone's hands.
pub(crate) struct Operator<'b, B: Bench> {
    session: HandSession<'b, B>,
    /// Nothing while it is not known which revision of the protocol is in force.
    revision: Option<u8>,
    fitted: bool,
    n_cartridges: u64,
    /// Bench time goes with the wall clock, if someone watches.
    pace: Option<Pace>,
}

impl<'b, B: Bench> Operator<'b, B> {
    pub(crate) fn new(
        session: HandSession<'b, B>,
        greeting: &Greeting,
        pace: Option<Pace>,
    ) -> Self {
        Self {
            session,
            revision: Some(greeting.revision),
            fitted: false,
            n_cartridges: 0,
            pace,
        }
    }

    /// Bench time.
    pub(crate) fn now(&self) -> Nanoseconds {
        self.session.now()
    }

    /// The pace that bench time keeps, if any.
    pub(crate) fn pace(&mut self) -> Option<&mut Pace> {
        self.pace.as_mut()
    }

    /// Does as a command says.
    pub(crate) fn execute(&mut self, command: Command, out: Out<'_>) -> Result<Done, SessionError> {
        match command {
            Command::Ask(request) => self.ask_aloud(request, out)?,
            Command::Identify => self.identify(out)?,
            Command::Faults => self.with_status(out, reply::faults)?,
            Command::ListPresets => self.with_status(out, |it| reply::presets(it.preset))?,
            Command::Log => self.log(out)?,
            Command::Link => self.link(out)?,
            Command::Raw(bytes) => {
                let heard = self.session.send_raw(&bytes)?;
                out(&reply::heard(&heard));
            }
            Command::Wait(time) => self.pass(time, out)?,
            Command::Fit(cartridge) => {
                return self.on_fixture(Actuator::Cartridge, out, |it, out| it.fit(cartridge, out));
            }
            Command::Unfit => {
                return self.on_fixture(Actuator::Cartridge, out, |it, out| {
                    it.unfit(out)?;
                    out(&fixture::acted(Actuation::Cartridge(None)));
                    Ok(())
                });
            }
            Command::Press => {
                return self.on_fixture(Actuator::Button, out, |it, out| {
                    it.session.actuate(Actuation::Button { pressed: true })?;
                    it.pass(PRESS, out)?;
                    it.session.actuate(Actuation::Button { pressed: false })?;
                    out("button pressed for 0.1 s");
                    Ok(())
                });
            }
            Command::Act(actuator, actuation) => {
                return self.on_fixture(actuator, out, |it, out| {
                    it.session.actuate(actuation)?;
                    out(&fixture::acted(actuation));
                    Ok(())
                });
            }
            Command::Help(None) => out(&vocabulary::overview()),
            Command::Help(Some(word)) => out(&word.help()),
            Command::Quit => return Ok(Done::Quit),
        }
        self.show_telemetry(out);
        Ok(Done::Yes)
    }

    /// Lets bench time pass, telemetry shown as it comes.
    pub(crate) fn pass(&mut self, time: Nanoseconds, out: Out<'_>) -> Result<(), SessionError> {
        let until = self.now() + time;
        while self.now() < until && !interrupt::is_set() {
            self.session.run_until(until.min(self.now() + SLICE))?;
            self.show_telemetry(out);
            let now = self.now();
            if let Some(pace) = &mut self.pace {
                pace.keep(now);
            }
        }
        Ok(())
    }

    /// Stops and parks the pen and switches it off.
    pub(crate) fn end(self) -> Result<Left, SessionError> {
        leave::power_down(self.session)
    }

    pub(crate) fn show_telemetry(&mut self, out: Out<'_>) {
        for (at, telemetry) in self.session.take_telemetry() {
            out(&reply::telemetry(at, &telemetry));
        }
    }

    /// Does something with an actuator, if this bench has it.
    fn on_fixture(
        &mut self,
        actuator: Actuator,
        out: Out<'_>,
        act: impl FnOnce(&mut Self, Out<'_>) -> Result<(), SessionError>,
    ) -> Result<Done, SessionError> {
        if !self.session.bench().actuators().contains(&actuator) {
            return Ok(Done::NotHere(fixture::lacking(actuator)));
        }
        act(self, out)?;
        self.show_telemetry(out);
        Ok(Done::Yes)
    }

    /// Sends a request. A pen that was silent may have forgotten which revision is in force, so it
    /// is greeted first.
    fn ask(&mut self, request: Request) -> Result<Option<Reply>, SessionError> {
        if self.revision.is_none() && request != Request::Stop {
            self.revision = dut::greet(&mut self.session)?.map(|it| it.revision);
        }
        let reply = self.session.request(request)?.reply;
        if reply.is_none() {
            self.revision = None;
        }
        Ok(reply)
    }

    fn ask_aloud(&mut self, request: Request, out: Out<'_>) -> Result<(), SessionError> {
        if request == Request::Start {
            // The pen counts silence from the START on.
            self.session.start_heartbeat();
        }
        let reply = self.ask(request)?;
        let is_done = reply == Some(Reply::Done);
        match request {
            Request::Start if !is_done => self.fall_silent_at_rest()?,
            Request::Stop | Request::Pause | Request::EndTreatment if is_done => {
                self.session.stop_heartbeat();
            }
            _ => {}
        }
        let is_about_depth = matches!(
            request,
            Request::Set(Setting::Depth(_)) | Request::SelectPreset(_)
        );
        let deepest = match reply {
            Some(Reply::Refused(_)) if is_about_depth => self.status()?.map(|it| it.limit),
            _ => None,
        };
        let revision = self.revision.unwrap_or(0);
        out(&reply::reply(request, reply, revision, deepest));
        Ok(())
    }

    /// Ends the heartbeats that a START began which did not come to be; a pen that runs for an
    /// earlier one still needs them.
    fn fall_silent_at_rest(&mut self) -> Result<(), SessionError> {
        if self.status()?.is_none_or(|it| leave::is_at_rest(it.state)) {
            self.session.stop_heartbeat();
        }
        Ok(())
    }

    fn status(&mut self) -> Result<Option<Status>, SessionError> {
        Ok(match self.ask(Request::GetStatus)? {
            Some(Reply::Status(status)) => Some(status),
            _ => None,
        })
    }

    fn with_status(
        &mut self,
        out: Out<'_>,
        show: impl FnOnce(&Status) -> String,
    ) -> Result<(), SessionError> {
        let status = self.status()?;
        out(&status.map_or_else(|| self.no_answer(), |it| show(&it)));
        Ok(())
    }

    fn no_answer(&self) -> String {
        reply::reply(Request::GetStatus, None, self.revision.unwrap_or(0), None)
    }

    fn identify(&mut self, out: Out<'_>) -> Result<(), SessionError> {
        let greeting = dut::greet(&mut self.session)?;
        self.revision = greeting.map(|it| it.revision);
        let Some(greeting) = greeting else {
            out(&self.no_answer());
            return Ok(());
        };
        let calibration = match self.ask(Request::GetCalibration)? {
            Some(Reply::Calibration(calibration)) => Some(calibration),
            _ => None,
        };
        let pen = PenReport::new(&greeting, calibration.as_ref());
        out(&table(&pen.rows()));
        Ok(())
    }

    fn log(&mut self, out: Out<'_>) -> Result<(), SessionError> {
        let mut next = 0;
        loop {
            let request = Request::GetLog(next);
            match self.ask(request)? {
                Some(Reply::Log(entry)) if entry.number >= next => {
                    out(&reply::log_entry(&entry));
                    next = entry.number.saturating_add(1);
                }
                Some(Reply::LogEnd { next }) => {
                    out(&format!("end of the log; the next entry will be {next}"));
                    return Ok(());
                }
                other => {
                    let revision = self.revision.unwrap_or(0);
                    out(&reply::reply(request, other, revision, None));
                    return Ok(());
                }
            }
        }
    }

    /// What a pen of revision 1 counts, or what every pen does.
    fn link(&mut self, out: Out<'_>) -> Result<(), SessionError> {
        let request = match self.revision {
            Some(0) => Request::GetLinkCounters,
            _ => Request::GetLinkReport,
        };
        let answer = self.ask(request)?;
        let rig = self.session.counts();
        out(&match answer {
            Some(Reply::LinkCounters(counters)) => reply::link(&counters, None, rig),
            Some(Reply::LinkReport(report)) => reply::link(&report.counters, Some(&report), rig),
            other => reply::reply(request, other, self.revision.unwrap_or(0), None),
        });
        Ok(())
    }

    fn unfit(&mut self, out: Out<'_>) -> Result<(), SessionError> {
        self.session.actuate(Actuation::Cartridge(None))?;
        self.fitted = false;
        self.pass(SEEN, out)
    }

    fn fit(&mut self, cartridge: Cartridge, out: Out<'_>) -> Result<(), SessionError> {
        if self.fitted {
            self.unfit(out)?;
        }
        self.n_cartridges += 1;
        let (needles, needle_length) = REFERENCE;
        let (treatment, what) = match cartridge {
            Cartridge::New => (None, "new"),
            Cartridge::Used => (Some(FOREIGN_TREATMENT), "used in another treatment"),
        };
        let chip = CartridgeChip {
            id: self.n_cartridges,
            needles,
            needle_length,
            treatment,
        };
        self.session.actuate(Actuation::Cartridge(Some(Fitting {
            chip: chip.to_bytes(),
            needle_excess: Micrometers::ZERO,
        })))?;
        self.fitted = true;
        self.pass(SEEN, out)?;
        out(&format!("cartridge {} fitted, {what}", self.n_cartridges));
        Ok(())
    }
}
