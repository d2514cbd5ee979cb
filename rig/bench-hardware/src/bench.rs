//! The bench itself: opening, the seam's calls, and what becomes of it after an error.

use crate::controller::{self, Described};
use crate::description::{Description, FlashPolicy, Parts};
use crate::guard::{self, InUse};
use crate::latency::Latency;
use crate::line::Line;
use crate::lock::{Lock, LockError};
use crate::ports::wall;
use crate::preflight::{self, Found};
use rig_bench::{
    Actuation, Actuator, Bench, BenchError, BenchFault, Fixture, Identity, Instrument, Millivolts,
    Nanoseconds, Observation,
};
use rig_fixture_wire::Command;
use std::cell::RefCell;
use std::path::Path;

/// The controller switches the supply off when this program keeps silent for so long: longer than
/// flashing through a slow probe takes, shorter than a battery pen needs to become warm.
const HOLD_MS: u32 = 20_000;
/// Round trips that the latency is taken from when the bench is opened.
const ROUND_TRIPS: usize = 8;

/// A board, a fixture and instruments; or whatever answers as they do.
///
/// Bench time is the fixture controller's own, so it comes in steps of its reports (20 ms at
/// most) and [`Bench::advance`] may pass the time asked for by one such step.
pub struct HardwareBench {
    identity: Identity,
    parts: Parts,
    faults: Vec<BenchFault>,
    description: Description,
    line: RefCell<Line>,
    /// Whether a debug probe may be moving bench time behind our back.
    probe: InUse,
    dut_serial: Option<String>,
    latency: Latency,
    broken: Option<BenchError>,
    // Dropped last: the bench is given back when it is off.
    lock: Lock,
}

impl HardwareBench {
    /// Takes the lock, opens both ports, asks the fixture's controller who it is, and looks through
    /// the debug probe which chip and which pen are there, before anything is changed in them.
    ///
    /// `serial` is the pen that should be there; nothing accepts any.
    ///
    /// # Errors
    /// The bench is held by another rig; a port, the controller, the probe or the pen does not
    /// answer, or is another than described.
    pub fn open(
        description: Description,
        file: &Path,
        operator: &str,
        serial: Option<&str>,
    ) -> Result<Self, BenchError> {
        let lock = Lock::take(file, operator).map_err(|error| locked(&error))?;
        let mut line = Line::open(&description)?;
        let described = controller::ask(&mut line)?;
        let parts = controller::settle(&description, &described)?;
        if described.who.powered {
            line.power_off()?;
        }
        line.watch(parts.instruments.iter().map(|it| it.id));
        let latency = measure_latency(&mut line, ROUND_TRIPS)?;
        let found = if description.flash == FlashPolicy::Never {
            None
        } else {
            Some(preflight::look(&description.probe)?)
        };
        let dut_serial = found.and_then(|Found { serial, .. }| serial);
        if let (Some(expected), Some(found)) = (serial, &dut_serial)
            && expected != found
        {
            return Err(BenchError::WrongDut {
                expected: expected.to_owned(),
                found: found.clone(),
            });
        }
        Ok(Self {
            identity: identity(&description, &described),
            parts,
            faults: described.faults,
            description,
            line: RefCell::new(line),
            probe: InUse::default(),
            dut_serial,
            latency,
            broken: None,
            lock,
        })
    }

    /// The serial number in the pen's factory record, if the probe was used and found one.
    #[must_use]
    pub fn dut_serial(&self) -> Option<&str> {
        self.dut_serial.as_deref()
    }

    /// Round trips of requests to the fixture's controller when the bench was opened.
    #[must_use]
    pub fn latency(&self) -> Latency {
        self.latency
    }

    /// From whom the bench was taken over and why, if it was.
    #[must_use]
    pub fn taken_over(&self) -> Option<&str> {
        self.lock.taken_over()
    }

    /// What the bench file says.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    fn require_sound(&self) -> Result<(), BenchError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// Refuses if the bench is broken; breaks it if it is not in the state wanted.
    fn require_power(&mut self, powered: bool, wanted: &'static str) -> Result<(), BenchError> {
        self.require_sound()?;
        let is_powered = self.line.get_mut().is_powered();
        if is_powered == powered {
            return Ok(());
        }
        let state = if is_powered { "on" } else { "off" };
        Err(self.fail(BenchError::Power { state, wanted }))
    }

    /// The first error: the supply goes off where the fixture still answers.
    fn fail(&mut self, error: BenchError) -> BenchError {
        self.line.get_mut().power_off_quietly();
        self.broken = Some(error.clone());
        error
    }

    fn done<T>(&mut self, result: Result<T, BenchError>) -> Result<T, BenchError> {
        result.map_err(|error| self.fail(error))
    }

    fn renew(&mut self) -> Result<(), BenchError> {
        let renewed = self.lock.renew().map_err(|error| locked(&error));
        self.done(renewed)
    }
}

impl Bench for HardwareBench {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn instruments(&self) -> &[Instrument] {
        &self.parts.instruments
    }

    fn fixture(&self) -> &Fixture {
        &self.parts.fixture
    }

    fn probe(&mut self) -> Result<probe_rs::probe::Probe, BenchError> {
        self.require_sound()?;
        if self.description.flash == FlashPolicy::Never {
            return Err(BenchError::Probe {
                cause: "the bench file says `flash = \"never\"`, and the probe is not used"
                    .to_owned(),
            });
        }
        let probe = guard::open(&self.description.probe.selector, &self.probe);
        self.done(probe)
    }

    fn now(&self) -> Nanoseconds {
        let mut line = self.line.borrow_mut();
        if line.is_powered() && self.broken.is_none() && self.probe.take() {
            // An error here shows again at the next call that can say it.
            let at = line.command(&Command::KeepAlive).map(|(now_ns, _)| now_ns);
            return at.map_or(line.now(), |at| line.now().max(Nanoseconds(at)));
        }
        line.now()
    }

    fn power_on(&mut self, supply: Millivolts) -> Result<(), BenchError> {
        self.require_power(false, "power-on needs it off")?;
        self.renew()?;
        let on = self.line.get_mut().power_on(supply.0, HOLD_MS);
        self.done(on)
    }

    fn power_off(&mut self) -> Result<(), BenchError> {
        self.require_power(true, "power-off needs it on")?;
        let off = self.line.get_mut().power_off();
        self.done(off)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Nanoseconds, BenchError> {
        self.require_power(true, "sending needs it on")?;
        let sent = self.line.get_mut().send(bytes);
        self.done(sent)
    }

    fn advance(&mut self, until: Nanoseconds) -> Result<Vec<Observation>, BenchError> {
        self.require_power(true, "bench time moves only while it is on")?;
        self.renew()?;
        let observations = self.line.get_mut().advance(until);
        self.done(observations)
    }

    fn actuate(&mut self, actuation: Actuation) -> Result<(), BenchError> {
        self.require_sound()?;
        if matches!(actuation, Actuation::Supply(_) | Actuation::Battery) {
            self.require_power(true, "setting its voltage needs it on")?;
        }
        let command = Command::Actuate(actuation.into());
        let done = self.line.get_mut().command(&command);
        self.done(done).map(|_| ())
    }

    fn actuators(&self) -> &[Actuator] {
        &self.parts.actuators
    }

    fn faults(&self) -> &[BenchFault] {
        &self.faults
    }
}

impl Drop for HardwareBench {
    /// Without supply the motor is off; the needles stay where the carriage holds them.
    fn drop(&mut self) {
        self.line.get_mut().power_off_quietly();
    }
}

/// Round trips of a command that does nothing.
pub(crate) fn measure_latency(line: &mut Line, n: usize) -> Result<Latency, BenchError> {
    let mut round_trips = Vec::with_capacity(n);
    for _ in 0..n {
        let begin = wall();
        line.command(&Command::KeepAlive)?;
        round_trips.push(begin.elapsed());
    }
    Latency::of(&round_trips).ok_or(BenchError::Description {
        cause: "no round trip was asked for".to_owned(),
    })
}

fn identity(description: &Description, described: &Described) -> Identity {
    let who = &described.who;
    Identity {
        bench: description.name.clone(),
        kind: who.kind.into(),
        probe: format!("{} at {}", who.probe, description.probe.selector),
        chip: description.probe.chip.clone(),
        description: format!(
            "{} by rig-bench-hardware {}",
            who.description,
            env!("CARGO_PKG_VERSION")
        ),
    }
}

fn locked(error: &LockError) -> BenchError {
    let cause = match error {
        LockError::Held { .. } => error.to_string(),
        LockError::File { source, .. } => format!("{error}: {source}"),
    };
    BenchError::Locked { cause }
}
