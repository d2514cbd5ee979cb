//! The link's rules: counters, repeated frames, silence and the telemetry's period.

use firmware_units::Milliseconds;
use firmware_wire::{Frame, LinkCounters, Refusal, Reply, Request};

use crate::signal::TICK_MILLIS;

/// No valid frame for so long while running remotely: the link is lost.
pub(crate) const SILENCE_LIMIT_TICKS: u16 = 200;
/// Shortest and longest telemetry period; a telemetry frame lasts 4 ms on the wire.
const TELEMETRY_RANGE: (Milliseconds, Milliseconds) = (Milliseconds(10), Milliseconds(10_000));

/// State of the link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) counters: LinkCounters,
    /// Last frame acted on, and what was answered.
    last: Option<(Frame<Request>, Reply)>,
    silence_ticks: u16,
    /// Telemetry period and what is left of it in ticks; zero is off.
    period: u16,
    left: u16,
    telemetry_sequence: u16,
}

impl Link {
    pub(crate) const fn new() -> Self {
        Self {
            counters: LinkCounters {
                accepted: 0,
                malformed: 0,
                oversized: 0,
                not_understood: 0,
                repeated: 0,
            },
            last: None,
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
    }

    /// Notes that a frame with a known message came, whatever it asks.
    pub(crate) fn heard(&mut self) {
        self.silence_ticks = 0;
    }

    /// Whether the host has been silent for too long.
    pub(crate) const fn silent(&self) -> bool {
        self.silence_ticks > SILENCE_LIMIT_TICKS
    }

    /// The answer given before, if the frame is the last one again: same sequence number and same
    /// message.
    pub(crate) fn repeated(&mut self, frame: &Frame<Request>) -> Option<Reply> {
        let (last, reply) = self.last.as_ref()?;
        if last != frame {
            return None;
        }
        self.counters.repeated += 1;
        Some(*reply)
    }

    /// Notes what was answered to a frame acted on.
    pub(crate) fn answered(&mut self, frame: Frame<Request>, reply: Reply) {
        self.counters.accepted += 1;
        self.last = Some((frame, reply));
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
        self.period = u16::try_from(period.0.div_ceil(TICK_MILLIS.0)).unwrap_or(u16::MAX);
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
