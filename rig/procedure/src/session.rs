//! One pen held by one bench: requests, heartbeats, and the measuring chain fed as time passes.

use crate::chain::{Chain, ChainError};
use firmware_units::{Milliseconds, Nanoseconds};
use firmware_wire::{DecodeError, Decoder, Refusal, Reply, Request, Telemetry, frame};
use rig_bench::{Actuation, Bench, BenchError, Observation};

/// The pen expects a frame at least this often while it runs remotely; it stops after 0.40 s
/// without one, so that three heartbeats may be lost.
pub(crate) const HEARTBEAT_PERIOD: Nanoseconds = Nanoseconds::from_millis(100);
/// Longest wait for a reply: the pen answers from its 2 ms control tick, and a START writes the
/// cartridge's chip first, about 10 ms.
pub(crate) const REPLY_TIMEOUT: Nanoseconds = Nanoseconds::from_millis(250);

/// Longest stretch of bench time whose samples are held at once.
const STRETCH: Nanoseconds = Nanoseconds::from_seconds(1);

/// The rig could not do its job on this unit. Never a verdict.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The bench failed.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// An instrument's samples cannot be measured from.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The pen's reply; nothing if it kept quiet until the deadline.
    pub reply: Option<Reply>,
    /// When the last bit of the request had left.
    pub sent: Nanoseconds,
}

impl Answer {
    /// Whether the pen did as asked.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.reply == Some(Reply::Done)
    }

    /// The refusal, if the pen declined.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self.reply {
            Some(Reply::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }
}

/// How the link fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCounts {
    /// Requests sent, heartbeats included.
    pub sent: u32,
    /// Frames received whole.
    pub received: u32,
    /// Frames received broken.
    pub malformed: u32,
    /// Requests without a reply.
    pub unanswered: u32,
}

/// A powered pen on a bench.
pub struct Session<'b, B: Bench> {
    bench: &'b mut B,
    chain: Chain,
    decoder: Decoder,
    sequence: u16,
    awaited: Option<u16>,
    reply: Option<Reply>,
    heartbeat_due: Option<Nanoseconds>,
    telemetry: Vec<(Nanoseconds, Telemetry)>,
    counts: LinkCounts,
}

impl<'b, B: Bench> Session<'b, B> {
    /// Takes over a bench that was just powered on.
    #[must_use]
    pub fn new(bench: &'b mut B, chain: Chain) -> Self {
        Self {
            bench,
            chain,
            decoder: Decoder::new(),
            sequence: 0,
            awaited: None,
            reply: None,
            heartbeat_due: None,
            telemetry: Vec::new(),
            counts: LinkCounts::default(),
        }
    }

    /// Bench time.
    #[must_use]
    pub fn now(&self) -> Nanoseconds {
        self.bench.now()
    }

    /// The measuring chain.
    pub fn chain(&mut self) -> &mut Chain {
        &mut self.chain
    }

    /// The bench, to be powered off when all is done.
    pub fn bench(&mut self) -> &mut B {
        self.bench
    }

    /// Link statistics so far.
    #[must_use]
    pub fn counts(&self) -> LinkCounts {
        self.counts
    }

    /// Counts from here on as if it had been so: what was asked of a pen that was still booting
    /// does not count.
    pub(crate) fn set_counts(&mut self, counts: LinkCounts) {
        self.counts = counts;
    }

    /// Telemetry received since it was last taken, with its time of arrival.
    pub fn take_telemetry(&mut self) -> Vec<(Nanoseconds, Telemetry)> {
        std::mem::take(&mut self.telemetry)
    }

    /// Sends heartbeats from now on.
    pub fn start_heartbeat(&mut self) {
        self.heartbeat_due = Some(self.now());
    }

    /// Falls silent.
    pub fn stop_heartbeat(&mut self) {
        self.heartbeat_due = None;
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
        self.sequence = self.sequence.wrapping_add(1);
        let sequence = self.sequence;
        let sent = self.send(sequence, &request)?;
        self.awaited = Some(sequence);
        self.reply = None;
        let deadline = sent + REPLY_TIMEOUT;
        while self.reply.is_none() && self.now() < deadline {
            self.advance(deadline)?;
        }
        self.awaited = None;
        let reply = self.reply.take();
        if reply.is_none() {
            self.counts.unanswered += 1;
        }
        Ok(Answer { reply, sent })
    }

    /// Moves bench time towards `until`; returns early when bytes arrived.
    fn advance(&mut self, until: Nanoseconds) -> Result<(), SessionError> {
        let stop = self
            .heartbeat_due
            .map_or(until, |due| until.min(due.max(self.now())));
        if stop > self.now() {
            for observation in self.bench.advance(stop)? {
                match observation {
                    Observation::Link { at, bytes } => self.take_bytes(at, &bytes),
                    Observation::Samples { instrument, block } => {
                        self.chain.take(instrument, &block)?;
                    }
                }
            }
            self.chain.tick(self.bench.now())?;
        }
        if let Some(due) = self.heartbeat_due
            && self.now() >= due
        {
            self.sequence = self.sequence.wrapping_add(1);
            self.send(self.sequence, &Request::Heartbeat)?;
            self.heartbeat_due = Some(due + HEARTBEAT_PERIOD);
        }
        Ok(())
    }

    fn send(&mut self, sequence: u16, request: &Request) -> Result<Nanoseconds, SessionError> {
        let bytes = frame::encode_request(sequence, request).expect("every request fits a frame");
        self.counts.sent += 1;
        Ok(self.bench.send(&bytes)?)
    }

    fn take_bytes(&mut self, at: Nanoseconds, bytes: &[u8]) {
        for &byte in bytes {
            match self.decoder.push::<Reply>(byte) {
                None => {}
                Some(Ok(frame)) => {
                    self.counts.received += 1;
                    match frame.message {
                        Reply::Telemetry(telemetry) => self.telemetry.push((at, telemetry)),
                        reply if self.awaited == Some(frame.sequence) => self.reply = Some(reply),
                        _ => {}
                    }
                }
                Some(Err(
                    DecodeError::Malformed
                    | DecodeError::Oversized
                    | DecodeError::Version { .. }
                    | DecodeError::Message { .. },
                )) => self.counts.malformed += 1,
            }
        }
    }

    /// Asks for telemetry at this period; zero ends it.
    ///
    /// # Errors
    /// As [`Session::wait`].
    pub fn telemetry_every(&mut self, period: Milliseconds) -> Result<Answer, SessionError> {
        self.request(Request::SetTelemetryPeriod(period))
    }
}
