//! One pen held by one bench: requests, heartbeats, and the measuring chain fed as time passes.

use crate::chain::{Chain, ChainError};
use crate::link::{Answer, Heard, Link, LinkCounts, REPLY_TIMEOUT};
use firmware_units::{Milliseconds, Nanoseconds};
use firmware_wire::{Request, Telemetry};
use rig_bench::{Actuation, Bench, BenchError, InstrumentId, Observation, SampleBlock};
use rig_sequence::What;

/// Longest stretch of bench time whose samples are held at once.
const STRETCH: Nanoseconds = Nanoseconds::from_seconds(1);

/// The onlooker is asked so often.
const ONLOOKER_PERIOD: Nanoseconds = Nanoseconds::from_millis(100);

/// The rig could not do its job on this unit. Never a verdict.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The bench failed.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// An instrument's samples cannot be measured from.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A person asked for an end.
    #[error("interrupted")]
    Interrupted,
}

/// Whoever looks on while bench time passes says whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoOn {
    /// Go on.
    Yes,
    /// End with [`SessionError::Interrupted`].
    No,
}

/// Who takes what the instruments show while a session lasts.
pub trait Samples {
    /// Takes the next samples of one instrument.
    ///
    /// # Errors
    /// They cannot be measured from; the session ends.
    fn take(&mut self, instrument: InstrumentId, block: &SampleBlock) -> Result<(), ChainError>;

    /// Notes that bench time has moved on.
    ///
    /// # Errors
    /// As [`Samples::take`].
    fn tick(&mut self, now: Nanoseconds) -> Result<(), ChainError>;
}

impl Samples for Chain {
    fn take(&mut self, instrument: InstrumentId, block: &SampleBlock) -> Result<(), ChainError> {
        Self::take(self, instrument, block)
    }

    fn tick(&mut self, now: Nanoseconds) -> Result<(), ChainError> {
        Self::tick(self, now)
    }
}

/// Lets samples go by: a pen handled by hand is not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unmeasured;

impl Samples for Unmeasured {
    fn take(&mut self, _: InstrumentId, _: &SampleBlock) -> Result<(), ChainError> {
        Ok(())
    }

    fn tick(&mut self, _: Nanoseconds) -> Result<(), ChainError> {
        Ok(())
    }
}

/// A powered pen on a bench.
pub struct Session<'b, B: Bench, S: Samples = Chain> {
    bench: &'b mut B,
    samples: S,
    link: Link,
    onlooker: Option<&'b dyn Fn(Nanoseconds) -> GoOn>,
    /// Bench time at which the onlooker is asked next.
    asked: Nanoseconds,
}

impl<B: Bench> Session<'_, B> {
    /// The measuring chain.
    pub fn chain(&mut self) -> &mut Chain {
        &mut self.samples
    }
}

impl<'b, B: Bench, S: Samples> Session<'b, B, S> {
    /// Takes over a bench that was just powered on.
    #[must_use]
    pub fn new(bench: &'b mut B, samples: S) -> Self {
        Self {
            bench,
            samples,
            link: Link::default(),
            onlooker: None,
            asked: Nanoseconds::ZERO,
        }
    }

    /// The same session with an onlooker, who is told bench time and asked whether to go on, at
    /// most ten times a second of it. While a pen is kept running, or long awaited, the onlooker is
    /// asked once a second at least; it moves nothing of what is measured.
    #[must_use]
    pub fn watched_by(mut self, onlooker: &'b dyn Fn(Nanoseconds) -> GoOn) -> Self {
        self.onlooker = Some(onlooker);
        self
    }

    /// Goes on without the onlooker: what ends a session must not be interrupted.
    pub fn unwatched(&mut self) {
        self.onlooker = None;
    }

    fn ask_onlooker(&mut self) -> Result<(), SessionError> {
        let now = self.bench.now();
        let Some(onlooker) = self.onlooker.filter(|_| now >= self.asked) else {
            return Ok(());
        };
        self.asked = now + ONLOOKER_PERIOD;
        match onlooker(now) {
            GoOn::Yes => Ok(()),
            GoOn::No => Err(SessionError::Interrupted),
        }
    }

    /// Bench time.
    #[must_use]
    pub fn now(&self) -> Nanoseconds {
        self.bench.now()
    }

    /// The bench, to be powered off when all is done.
    pub fn bench(&mut self) -> &mut B {
        self.bench
    }

    /// Link statistics so far.
    #[must_use]
    pub fn counts(&self) -> LinkCounts {
        self.link.counts()
    }

    /// Counts from here on as if it had been so: what was asked of a pen that was still booting
    /// does not count.
    pub fn set_counts(&mut self, counts: LinkCounts) {
        self.link.set_counts(counts);
    }

    /// Telemetry received since it was last taken, with its time of arrival.
    pub fn take_telemetry(&mut self) -> Vec<(Nanoseconds, Telemetry)> {
        self.link.take_telemetry()
    }

    /// Sends heartbeats from now on.
    pub fn start_heartbeat(&mut self) {
        self.link.start_heartbeat(self.bench.now());
    }

    /// Falls silent.
    pub fn stop_heartbeat(&mut self) {
        self.link.stop_heartbeat();
    }

    /// Sets one actuator.
    ///
    /// # Errors
    /// The fixture failed.
    pub fn actuate(&mut self, actuation: Actuation) -> Result<(), SessionError> {
        Ok(self.bench.actuate(actuation)?)
    }

    /// Lets bench time pass.
    ///
    /// # Errors
    /// The bench failed, or an instrument's samples do not hold.
    pub fn wait(&mut self, time: Nanoseconds) -> Result<(), SessionError> {
        self.run_until(self.now() + time)
    }

    /// Lets much bench time pass in short stretches, so that the samples of one stretch, and no
    /// more, lie in memory at a time.
    ///
    /// # Errors
    /// As [`Session::wait`].
    pub(crate) fn wait_long(&mut self, time: Nanoseconds) -> Result<(), SessionError> {
        let until = self.now() + time;
        while self.now() < until {
            self.run_until(until.min(self.now() + STRETCH))?;
        }
        Ok(())
    }

    /// Lets bench time pass until the given time.
    ///
    /// # Errors
    /// As [`Session::wait`].
    pub fn run_until(&mut self, until: Nanoseconds) -> Result<(), SessionError> {
        while self.now() < until {
            self.advance(until)?;
        }
        Ok(())
    }

    /// Sends a request and waits for its reply, at most 250 ms after its last bit.
    ///
    /// # Errors
    /// As [`Session::wait`]. Silence is no error; see [`Answer::reply`].
    pub fn request(&mut self, request: Request) -> Result<Answer, SessionError> {
        let bytes = self.link.ask(&request);
        let sent = self.bench.send(&bytes)?;
        self.link.frame_left(sent);
        let deadline = sent + REPLY_TIMEOUT;
        while !self.link.is_answered() && self.now() < deadline {
            self.advance(deadline)?;
        }
        let reply = self.link.answer();
        Ok(Answer { reply, sent })
    }

    /// Sends bytes as they are, framed or not, and gives what the pen says within 250 ms of their
    /// last bit, telemetry aside.
    ///
    /// # Errors
    /// As [`Session::wait`]. Silence is no error.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<Vec<Heard>, SessionError> {
        self.link.send_raw(bytes);
        let sent = self.bench.send(bytes)?;
        self.run_until(sent + REPLY_TIMEOUT)?;
        Ok(self.link.heard())
    }

    /// Moves bench time towards `until`; returns early when bytes arrived.
    fn advance(&mut self, until: Nanoseconds) -> Result<(), SessionError> {
        self.ask_onlooker()?;
        let due = self.link.heartbeat_due();
        let stop = due.map_or(until, |due| until.min(due.max(self.now())));
        if stop > self.now() {
            for observation in self.bench.advance(stop)? {
                match observation {
                    Observation::Link { at, bytes } => self.link.take(at, &bytes),
                    Observation::Samples { instrument, block } => {
                        self.samples.take(instrument, &block)?;
                    }
                }
            }
            self.samples.tick(self.bench.now())?;
        }
        if let Some(bytes) = self.link.heartbeat(self.bench.now()) {
            let sent = self.bench.send(&bytes)?;
            self.link.frame_left(sent);
        }
        Ok(())
    }

    /// The conversation, for whoever sends more than requests.
    pub(crate) fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    /// Sends the frame that the link made last, behind what is still leaving; gives when its last
    /// bit will have left.
    ///
    /// # Errors
    /// The link broke.
    pub(crate) fn send_frame(&mut self, bytes: &[u8]) -> Result<Nanoseconds, SessionError> {
        let sent = self.bench.send(bytes)?;
        self.link.frame_left(sent);
        Ok(sent)
    }

    /// Sends bytes that are no whole frame, and lets the time pass that they take.
    ///
    /// # Errors
    /// As [`Session::wait`].
    pub(crate) fn send_broken(&mut self, bytes: &[u8]) -> Result<(), SessionError> {
        let sent = self.bench.send(bytes)?;
        self.link.note(sent, What::SentBroken(bytes.to_vec()));
        self.run_until(sent)
    }

    /// Waits until something came from the pen, or until a time.
    ///
    /// # Errors
    /// As [`Session::wait`].
    pub(crate) fn listen(&mut self, until: Nanoseconds) -> Result<(), SessionError> {
        self.advance(until)
    }

    /// Notes in the log what is done now.
    pub(crate) fn note(&mut self, what: What) {
        let now = self.bench.now();
        self.link.note(now, what);
    }

    /// Asks for telemetry at this period; zero ends it.
    ///
    /// # Errors
    /// As [`Session::wait`].
    pub fn telemetry_every(&mut self, period: Milliseconds) -> Result<Answer, SessionError> {
        self.request(Request::SetTelemetryPeriod(period))
    }
}
