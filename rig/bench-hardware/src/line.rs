//! What runs over both ports: commands and replies, bench time, samples, dated bytes.
//!
//! Bench time is the fixture controller's: it comes with its reports, and this end never runs
//! ahead of them. So nothing depends on when the operating system hands bytes over, and a bench
//! whose time stretches under load stretches here too.

use crate::Description;
use crate::ports::{Arrival, PortError, Ports, Which, wall};
use crate::stream::{Stream, StreamError};
use crate::tap::Tap;
use rig_bench::{BenchError, FORCE, GAUGE, InstrumentId, MOTOR_CURRENT, Nanoseconds, Observation};
use rig_fixture_wire::{Command, OffCause, Refusal, Reply, Report, WhyNot};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Bits of one byte on the pen's link: start, eight, stop.
const BITS: u64 = 10;
/// Longest silence of a sampled instrument, in bench time; blocks come several times in 0.1 s.
const SAMPLES_LATE: Nanoseconds = Nanoseconds::from_millis(500);
/// The controller hears from us at least this often while somebody moves the bench.
const KEEP_ALIVE: Duration = Duration::from_secs(1);
/// What switching off may take when something else has failed already.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What a controller made of a command: when it took effect and every reply to it, or why it was
/// refused, which is an answer and no error of the bench.
type Answered = Result<(u64, Vec<Reply>), Refusal>;

/// Both ports and what passes over them.
pub(crate) struct Line {
    ports: Ports,
    stream: Stream,
    tap: Tap,
    silence: Duration,
    dut_baud: u64,
    /// Bench time up to which all has been said.
    now: Nanoseconds,
    /// What was said and not handed over.
    staged: Vec<Observation>,
    replies: VecDeque<(u16, Reply)>,
    powered: bool,
    /// Bytes sent to the pen since power-on.
    sent: u64,
    /// When sampled instruments were last heard, bench time.
    heard: BTreeMap<InstrumentId, Nanoseconds>,
    /// How long this end has listened at the ports. Silence is counted by it: while a rig is busy
    /// elsewhere, what was said waits in the ports and nobody is silent.
    listened: Duration,
    /// When the controller was heard, as `listened` counts.
    controller_heard: Duration,
    spoken: Instant,
    /// Since when port and tap disagree on what the pen said, as `listened` counts.
    disagree_since: Option<Duration>,
}

impl Line {
    /// Opens both ports.
    pub(crate) fn open(description: &Description) -> Result<Self, BenchError> {
        let ports = Ports::open(&description.dut, &description.fixture_port).map_err(port)?;
        let mut line = Self {
            ports,
            stream: Stream::default(),
            tap: Tap::default(),
            silence: description.silence,
            dut_baud: u64::from(description.dut.baud),
            now: Nanoseconds::ZERO,
            staged: Vec::new(),
            replies: VecDeque::new(),
            powered: false,
            sent: 0,
            heard: BTreeMap::new(),
            listened: Duration::ZERO,
            controller_heard: Duration::ZERO,
            spoken: wall(),
            disagree_since: None,
        };
        // Whatever stands half said in the controller's input ends here.
        line.write(Which::Controller, &[0])?;
        Ok(line)
    }

    pub(crate) fn now(&self) -> Nanoseconds {
        self.now
    }

    pub(crate) fn is_powered(&self) -> bool {
        self.powered
    }

    /// The instruments that give samples at a fixed rate and must not fall silent.
    pub(crate) fn watch(&mut self, sampled: impl IntoIterator<Item = InstrumentId>) {
        let sampled = sampled
            .into_iter()
            .filter(|&it| it == GAUGE || it == MOTOR_CURRENT || it == FORCE);
        self.heard = sampled.map(|it| (it, Nanoseconds::ZERO)).collect();
    }

    /// Sends a command and gives every reply to it; the last is `Done`.
    pub(crate) fn command(&mut self, command: &Command) -> Result<(u64, Vec<Reply>), BenchError> {
        self.ask(command)?.map_err(|refusal| {
            let text = refusal.text;
            fixture(format!("it refused a command: {text}"))
        })
    }

    /// The same for a command that came later than the stream's first revision; a controller that
    /// does not know it has nothing to say.
    pub(crate) fn command_if_known(&mut self, command: &Command) -> Result<Vec<Reply>, BenchError> {
        match self.ask(command)? {
            Ok((_, replies)) => Ok(replies),
            Err(Refusal {
                why: WhyNot::NotUnderstood,
                ..
            }) => Ok(Vec::new()),
            Err(Refusal { text, .. }) => Err(fixture(format!("it refused a command: {text}"))),
        }
    }

    /// Sends a command and waits for its last reply.
    fn ask(&mut self, command: &Command) -> Result<Answered, BenchError> {
        let (number, bytes) = self.stream.command(command).map_err(stream)?;
        self.write(Which::Controller, &bytes)?;
        self.spoken = wall();
        let deadline = self.spoken + self.silence;
        let mut replies = Vec::new();
        loop {
            while let Some((to, reply)) = self.replies.pop_front() {
                match reply {
                    _ if to != number => {}
                    Reply::Done { now_ns } => return Ok(Ok((now_ns, replies))),
                    Reply::Refused(refusal) => return Ok(Err(refusal)),
                    other => replies.push(other),
                }
            }
            if wall() >= deadline {
                return Err(self.silent("has not answered"));
            }
            self.pump(deadline)?;
        }
    }

    fn silent(&self, what: &str) -> BenchError {
        fixture(format!(
            "its controller on {} {what} for {} ms; check its supply and that the bench file names its port",
            self.ports.name(Which::Controller),
            self.silence.as_millis()
        ))
    }

    /// Switches the supply on.
    pub(crate) fn power_on(&mut self, supply_mv: u32, hold_ms: u32) -> Result<(), BenchError> {
        // What a pen said before it lost its supply belongs to nothing.
        while self.pump(wall())? {}
        self.tap = Tap::default();
        self.staged.clear();
        self.sent = 0;
        self.disagree_since = None;
        let (now_ns, _) = self.command(&Command::PowerOn { supply_mv, hold_ms })?;
        self.powered = true;
        self.now = self.now.max(Nanoseconds(now_ns));
        self.controller_heard = self.listened;
        self.disagree_since = None;
        for heard in self.heard.values_mut() {
            *heard = self.now;
        }
        Ok(())
    }

    /// Switches the supply off.
    pub(crate) fn power_off(&mut self) -> Result<(), BenchError> {
        let (now_ns, _) = self.command(&Command::PowerOff)?;
        self.powered = false;
        self.now = self.now.max(Nanoseconds(now_ns));
        self.staged.clear();
        Ok(())
    }

    /// The same when something has failed: as well as it can be done.
    pub(crate) fn power_off_quietly(&mut self) {
        if !self.powered {
            return;
        }
        self.powered = false;
        self.silence = LAST_WORDS;
        let Ok((number, bytes)) = self.stream.command(&Command::PowerOff) else {
            return;
        };
        let deadline = wall() + LAST_WORDS;
        if self
            .ports
            .write(Which::Controller, &bytes, LAST_WORDS)
            .is_err()
        {
            return;
        }
        // Until it says so; closing the port would switch off too, if it lives.
        while wall() < deadline {
            let arrived = self.ports.wait(deadline.saturating_duration_since(wall()));
            match arrived {
                Ok(Some(arrival)) if arrival.which == Which::Controller => {
                    let reports = self.stream.take(&arrival.bytes).unwrap_or_default();
                    let done =
                        |it: &Report| matches!(it, Report::Reply { to, .. } if *to == number);
                    if reports.iter().any(done) {
                        return;
                    }
                }
                Ok(_) => {}
                // A DUT's port that is gone would be gone again at once.
                Err(_) => return,
            }
        }
    }

    /// Sends bytes to the pen and waits until the tap saw the last of them leave.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<Nanoseconds, BenchError> {
        let length = bytes.len() as u64;
        let before = self.now;
        self.write(Which::Dut, bytes)?;
        self.sent += length;
        let deadline = wall() + self.silence;
        while self.tap.to_pen() < self.sent {
            if wall() >= deadline {
                return Err(link(format!(
                    "{} bytes were sent on {}, and the fixture's tap saw {} reach the pen; is that the pen's port?",
                    self.sent,
                    self.ports.name(Which::Dut),
                    self.tap.to_pen()
                )));
            }
            self.pump(deadline)?;
        }
        let (earliest, latest) = self.tap.left();
        let on_wire = length * BITS * 1_000_000_000 / self.dut_baud;
        Ok(Nanoseconds(earliest.max(before.0 + on_wire).min(latest)))
    }

    /// Follows bench time until it has come to `until`, or until something of the link is to be
    /// seen.
    pub(crate) fn advance(&mut self, until: Nanoseconds) -> Result<Vec<Observation>, BenchError> {
        if self.spoken.elapsed() >= KEEP_ALIVE {
            self.command(&Command::KeepAlive)?;
        }
        let entered = wall();
        loop {
            let dated = self.tap.take(self.now.0);
            let is_fresh = !dated.is_empty();
            self.staged.extend(dated);
            let agrees = self.agrees()?;
            if agrees && (is_fresh || self.now >= until) {
                let mut observations = std::mem::take(&mut self.staged);
                observations.sort_by_key(begin);
                return Ok(observations);
            }
            let silent = self.listened.saturating_sub(self.controller_heard);
            let came = self.listen(self.silence.saturating_sub(silent))?;
            let silent = self.listened.saturating_sub(self.controller_heard);
            // A pen that never stops talking does not make up for it.
            let is_over = !came || entered.elapsed() >= self.silence;
            if is_over && silent >= self.silence {
                return Err(self.silent("has said nothing"));
            }
        }
    }

    /// Whether port and tap have brought the same bytes; an error if they do not for long.
    fn agrees(&mut self) -> Result<bool, BenchError> {
        let (missing, unseen) = (self.tap.missing(), self.tap.unseen());
        if missing == 0 && unseen == 0 {
            self.disagree_since = None;
            return Ok(true);
        }
        let since = *self.disagree_since.get_or_insert(self.listened);
        if self.listened.saturating_sub(since) < self.silence {
            // Bytes that the tap has yet to see are of the time to come.
            return Ok(missing == 0);
        }
        let port = self.ports.name(Which::Dut);
        let silence = self.silence.as_millis();
        Err(link(if missing > 0 {
            format!(
                "the pen sent {missing} bytes by the fixture's tap that {port} has not brought in {silence} ms; is that the pen's port?"
            )
        } else {
            format!(
                "{port} brought {unseen} bytes that the fixture's tap has not seen in {silence} ms; is that the pen's port?"
            )
        }))
    }

    /// Takes what comes in next, at most until the deadline; whether there was something.
    fn pump(&mut self, deadline: Instant) -> Result<bool, BenchError> {
        self.listen(deadline.saturating_duration_since(wall()))
    }

    /// The same, at most for a time.
    fn listen(&mut self, at_most: Duration) -> Result<bool, BenchError> {
        let began = wall();
        let arrived = self.ports.wait(at_most).map_err(port)?;
        // A program that was held up while it waited has not listened for longer.
        self.listened += began.elapsed().min(at_most);
        let Some(Arrival { which, bytes }) = arrived else {
            return Ok(false);
        };
        match which {
            Which::Dut => self.tap.receive(&bytes),
            Which::Controller => {
                self.controller_heard = self.listened;
                for report in self.stream.take(&bytes).map_err(stream)? {
                    self.take(report)?;
                }
            }
        }
        Ok(true)
    }

    fn take(&mut self, report: Report) -> Result<(), BenchError> {
        match report {
            Report::Reply { to, reply } => self.replies.push_back((to, reply)),
            Report::Samples(samples) => {
                let instrument = InstrumentId::from(samples.instrument);
                let at = Nanoseconds(samples.at_ns);
                if let Some(heard) = self.heard.get_mut(&instrument) {
                    *heard = (*heard).max(at);
                }
                let block = samples.into();
                self.staged.push(Observation::Samples { instrument, block });
            }
            Report::Time { now_ns } => {
                self.now = self.now.max(Nanoseconds(now_ns));
                return self.insist_on_samples();
            }
            Report::Link {
                at_ns,
                from_pen,
                to_pen,
            } => self.tap.report(at_ns, from_pen, to_pen),
            Report::SupplyOff { cause, .. } => {
                self.powered = false;
                return Err(fixture(match cause {
                    OffCause::RigSilent => {
                        "its controller switched the supply off: this program had kept silent too long"
                    }
                    OffCause::Stopping => "its controller stopped and switched the supply off",
                }
                .to_owned()));
            }
            Report::Broken { cause } => {
                self.powered = false;
                return Err(fixture(format!("it is broken, the supply is off: {cause}")));
            }
        }
        Ok(())
    }

    fn insist_on_samples(&self) -> Result<(), BenchError> {
        if !self.powered {
            return Ok(());
        }
        for (&instrument, &heard) in &self.heard {
            if self.now > heard + SAMPLES_LATE {
                return Err(BenchError::Instrument {
                    instrument,
                    cause: format!(
                        "no samples for {:.1} s; check its cable and supply",
                        (self.now - heard).seconds()
                    ),
                });
            }
        }
        Ok(())
    }

    fn write(&mut self, which: Which, bytes: &[u8]) -> Result<(), BenchError> {
        self.ports.write(which, bytes, self.silence).map_err(port)
    }
}

/// When an observation began.
fn begin(observation: &Observation) -> Nanoseconds {
    match observation {
        Observation::Link { at, .. } => *at,
        Observation::Samples { block, .. } => block.at,
    }
}

fn port(error: PortError) -> BenchError {
    match error.which {
        Which::Dut => link(error.to_string()),
        Which::Controller => fixture(format!("its controller's port {error}")),
    }
}

fn stream(error: StreamError) -> BenchError {
    fixture(error.to_string())
}

fn link(cause: String) -> BenchError {
    BenchError::Link { cause }
}

pub(crate) fn fixture(cause: String) -> BenchError {
    BenchError::Fixture { cause }
}
