//! The link's rules: which frames are acted on, which are answered or dropped, and what is counted.
//!
//! | what comes | answer | counted as |
//! | --- | --- | --- |
//! | a frame ahead of the last one, or the first after silence | as the request asks | accepted |
//! | the last frame again | the same answer; not acted on again, but for STOP | repeated |
//! | up to 64 numbers behind the last one, neither STOP nor `Identify` | refused, out of order | out of order |
//! | whole, but version or message unknown | not understood | not understood |
//! | COBS or CRC broken | none | malformed |
//! | longer than any frame | none | oversized |
//! | nothing for 50 ms in the middle of a frame | none; the rest begins anew | malformed, truncated |
//!
//! STOP is acted on whenever it comes whole: stopping twice, or late, harms nothing.
//! `Identify` opens a conversation, so it may begin with any number.

use firmware_units::Milliseconds;
use firmware_wire::{
    DecodeError, Decoder, Frame, LinkReport, PROTOCOL_VERSION, REVISION, Refusal, Reply, Request,
};

use crate::signal::TICK_MILLIS;

/// No valid frame for so long while running remotely: the link is lost.
pub(crate) const SILENCE_LIMIT_TICKS: u16 =
    mutated!("mutant-lost-link-after-four-seconds": 200 => 2_000);
/// A frame's bytes come within 9 ms; one that stands still for so long has broken off.
const BREAK_TICKS: u8 = 25;
/// Numbers behind the last one that are old frames rather than a host that began anew.
const BEHIND: u16 = 64;
/// Shortest and longest telemetry period; a telemetry frame lasts 4 ms on the wire.
const TELEMETRY_RANGE: (Milliseconds, Milliseconds) = (Milliseconds(10), Milliseconds(10_000));

/// What is to be done about bytes that ended a frame, or broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Drop,
    /// To be answered so, and not acted on.
    Answer(Frame<Reply>),
    /// To be acted on.
    Act(Frame<Request>),
}

/// State of the link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) report: LinkReport,
    decoder: Decoder,
    /// Ticks since the last byte.
    byte_age: u8,
    /// Last frame acted on, and what was answered.
    last: Option<(Frame<Request>, Reply)>,
    /// What host and pen have agreed on.
    pub(crate) revision: u8,
    silence_ticks: u16,
    /// Telemetry period and what is left of it in ticks; zero is off.
    period: u16,
    left: u16,
    telemetry_sequence: u16,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self {
            report: LinkReport::default(),
            decoder: Decoder::new(),
            byte_age: 0,
            last: None,
            revision: 0,
            silence_ticks: 0,
            period: 0,
            left: 0,
            telemetry_sequence: 0,
        }
    }

    /// Counts one control tick.
    pub(crate) fn tick(&mut self) {
        self.silence_ticks = self.silence_ticks.saturating_add(1);
        // A host that was gone begins anew, perhaps with the same numbers.
        if self.silent() {
            self.last = None;
        }
        self.left = self.left.saturating_sub(1);
        self.byte_age = self.byte_age.saturating_add(1);
        let broken_off = self.byte_age == BREAK_TICKS;
        if broken_off && mutated!("mutant-truncated-head-kept": self.decoder.abandon() => false) {
            count(&mut self.report.counters.malformed);
            count(&mut self.report.truncated);
        }
    }

    /// Takes one byte; what came of it when it ends a frame.
    pub(crate) fn byte(&mut self, byte: u8) -> Option<Result<Frame<Request>, DecodeError>> {
        self.byte_age = 0;
        mutated!("mutant-any-byte-is-a-sign-of-life": () => self.silence_ticks = 0);
        self.decoder.push(byte)
    }

    /// Judges what came between two zeros.
    pub(crate) fn judge(&mut self, received: Result<Frame<Request>, DecodeError>) -> Verdict {
        let counters = &mut self.report.counters;
        let frame = match received {
            Ok(frame) => frame,
            Err(DecodeError::Malformed) => {
                mutated!("mutant-malformed-uncounted": count(&mut counters.malformed) => ());
                return Verdict::Drop;
            }
            Err(DecodeError::Oversized) => {
                count(&mut counters.oversized);
                return Verdict::Drop;
            }
            Err(DecodeError::Version { sequence, .. } | DecodeError::Message { sequence }) => {
                count(&mut counters.not_understood);
                let message = Reply::NotUnderstood {
                    protocol: PROTOCOL_VERSION,
                };
                return Verdict::Answer(Frame { sequence, message });
            }
        };
        let answer = |message| {
            Verdict::Answer(Frame {
                sequence: frame.sequence,
                message,
            })
        };
        let stop = frame.message == Request::Stop;
        let verdict = match &self.last {
            _ if mutated!("mutant-late-stop-not-acted-on": stop => false) => Verdict::Act(frame),
            Some((last, reply)) if mutated!("mutant-repeated-frame-acted-on": *last == frame => false) =>
            {
                count(&mut counters.repeated);
                answer(*reply)
            }
            Some((last, _))
                if mutated!("mutant-old-frame-acted-on": true => false)
                    && frame.message != Request::Identify
                    && (1..=BEHIND).contains(&last.sequence.wrapping_sub(frame.sequence)) =>
            {
                count(&mut self.report.out_of_order);
                // No sign of life: it may have been under way for long.
                mutated!("mutant-old-frame-is-a-sign-of-life": () => self.silence_ticks = 0);
                return answer(Reply::Refused(Refusal::OutOfOrder));
            }
            _ => Verdict::Act(frame),
        };
        self.silence_ticks = 0;
        verdict
    }

    /// Notes what was answered to a frame acted on.
    pub(crate) fn answered(&mut self, frame: Frame<Request>, reply: Reply) {
        let counters = &mut self.report.counters;
        match &self.last {
            Some((last, _)) if *last == frame => count(&mut counters.repeated),
            _ => count(&mut counters.accepted),
        }
        // A late STOP must not turn the frames that came before it into old ones.
        let late = self.last.is_some_and(|(last, _)| {
            frame.message == Request::Stop
                && (1..=BEHIND).contains(&last.sequence.wrapping_sub(frame.sequence))
        });
        if !late {
            self.last = Some((frame, reply));
        }
    }

    /// Bytes that the receiver lost or took damaged.
    pub(crate) fn receive_error(&mut self) {
        count(&mut self.report.receive_errors);
    }

    /// Agrees on a revision with a host that knows the one given.
    pub(crate) fn agree(&mut self, revision: u8) -> Reply {
        self.revision = revision.min(REVISION);
        Reply::Hello {
            protocol: PROTOCOL_VERSION,
            revision: self.revision,
        }
    }

    /// Whether the host has been silent for too long.
    pub(crate) const fn silent(&self) -> bool {
        self.silence_ticks > SILENCE_LIMIT_TICKS
    }

    /// Sets the telemetry period, rounded up to whole ticks.
    ///
    /// # Errors
    /// [`Refusal::OutOfRange`]: neither zero nor 10 to 10,000 ms.
    pub(crate) fn set_period(&mut self, period: Milliseconds) -> Result<(), Refusal> {
        let (shortest, longest) = TELEMETRY_RANGE;
        if period != Milliseconds::ZERO && (period < shortest || period > longest) {
            return Err(Refusal::OutOfRange);
        }
        let tick = mutated!("mutant-telemetry-period-in-ticks": TICK_MILLIS.0 => 1);
        self.period = u16::try_from(period.0.div_ceil(tick)).unwrap_or(u16::MAX);
        self.left = self.period;
        Ok(())
    }

    /// The sequence number of a telemetry frame, if one is due.
    pub(crate) fn telemetry_due(&mut self) -> Option<u16> {
        if self.period == 0 || self.left > 0 {
            return None;
        }
        self.left = self.period;
        let sequence = self.telemetry_sequence;
        self.telemetry_sequence = sequence.wrapping_add(1);
        Some(sequence)
    }
}

/// Counts one more; a counter that is full stays so.
fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}
