//! The rig's side of the conversation with a pen, without a clock and without a bench: sequence
//! numbers, what is awaited, heartbeats, and what came.

use firmware_units::Nanoseconds;
use firmware_wire::frame::FrameBytes;
use firmware_wire::{DecodeError, Decoder, Frame, Refusal, Reply, Request, Telemetry, frame};
use rig_sequence::{Event, What};

/// The pen expects a frame at least this often while it runs remotely; it stops after 0.40 s
/// without one, so that three heartbeats may be lost.
const HEARTBEAT_PERIOD: Nanoseconds = Nanoseconds::from_millis(100);
/// Longest wait for a reply: the pen answers from its 2 ms control tick, and a START writes the
/// cartridge's chip first, about 10 ms.
pub(crate) const REPLY_TIMEOUT: Nanoseconds = Nanoseconds::from_millis(250);

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

/// What stood between two zeros of what the pen sent.
pub type Heard = Result<Frame<Reply>, DecodeError>;

/// State of the conversation.
#[derive(Debug, Default)]
pub(crate) struct Link {
    decoder: Decoder,
    sequence: u16,
    awaited: Option<u16>,
    reply: Option<Reply>,
    heartbeat_due: Option<Nanoseconds>,
    heartbeat_sequence: Option<u16>,
    telemetry: Vec<(Nanoseconds, Telemetry)>,
    heard: Option<Vec<Heard>>,
    counts: LinkCounts,
    /// The frame sent last: its number, and what it asks.
    last: Option<(u16, Request)>,
    /// All that was sent, heard and done, while a sequence runs; by bench time.
    log: Option<Vec<Event>>,
}

impl Link {
    /// The frame of a request whose reply is awaited from now on.
    pub(crate) fn ask(&mut self, request: &Request) -> FrameBytes {
        let bytes = self.frame(request);
        self.awaited = Some(self.sequence);
        self.reply = None;
        bytes
    }

    /// Whether what was asked for is here.
    pub(crate) fn is_answered(&self) -> bool {
        self.reply.is_some()
    }

    /// Ends the wait for a reply; one that is not here by now is not coming.
    pub(crate) fn answer(&mut self) -> Option<Reply> {
        self.awaited = None;
        let reply = self.reply.take();
        if reply.is_none() {
            self.counts.unanswered += 1;
        }
        reply
    }

    /// Heartbeats are due from now on.
    pub(crate) fn start_heartbeat(&mut self, now: Nanoseconds) {
        self.heartbeat_due = Some(now);
    }

    /// No heartbeat is due any more.
    pub(crate) fn stop_heartbeat(&mut self) {
        self.heartbeat_due = None;
    }

    /// When the next heartbeat is due, if any is.
    pub(crate) fn heartbeat_due(&self) -> Option<Nanoseconds> {
        self.heartbeat_due
    }

    /// The frame of a heartbeat, if one is due.
    pub(crate) fn heartbeat(&mut self, now: Nanoseconds) -> Option<FrameBytes> {
        let due = self.heartbeat_due.filter(|due| now >= *due)?;
        self.heartbeat_due = Some(due + HEARTBEAT_PERIOD);
        let bytes = self.frame(&Request::Heartbeat);
        self.heartbeat_sequence = Some(self.sequence);
        Some(bytes)
    }

    /// Notes that these bytes leave as they are, and keeps what comes until [`Link::heard`].
    /// Sequence numbers go on from those of the requests among them, unless these are older.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        let mut decoder = Decoder::new();
        let requests = bytes
            .iter()
            .filter_map(|&byte| decoder.push::<Request>(byte));
        for frame in requests.flatten() {
            if frame.sequence.wrapping_sub(self.sequence) <= u16::MAX / 2 {
                self.sequence = frame.sequence;
            }
        }
        self.counts.sent += 1;
        self.heard = Some(Vec::new());
    }

    /// What came since [`Link::send_raw`], telemetry and answers to heartbeats left out.
    pub(crate) fn heard(&mut self) -> Vec<Heard> {
        self.heard.take().unwrap_or_default()
    }

    /// Takes bytes that came from the pen.
    pub(crate) fn take(&mut self, at: Nanoseconds, bytes: &[u8]) {
        for &byte in bytes {
            let Some(heard) = self.decoder.push::<Reply>(byte) else {
                continue;
            };
            self.note(at, heard_as(&heard));
            match heard {
                Ok(frame) => {
                    self.counts.received += 1;
                    match frame.message {
                        Reply::Telemetry(telemetry) => {
                            self.telemetry.push((at, telemetry));
                            continue;
                        }
                        reply if self.awaited == Some(frame.sequence) => self.reply = Some(reply),
                        _ if self.heartbeat_sequence == Some(frame.sequence) => continue,
                        _ => {}
                    }
                }
                Err(
                    DecodeError::Malformed
                    | DecodeError::Oversized
                    | DecodeError::Version { .. }
                    | DecodeError::Message { .. },
                ) => self.counts.malformed += 1,
            }
            if let Some(kept) = &mut self.heard {
                kept.push(heard);
            }
        }
    }

    /// Telemetry received since it was last taken, with its time of arrival.
    pub(crate) fn take_telemetry(&mut self) -> Vec<(Nanoseconds, Telemetry)> {
        std::mem::take(&mut self.telemetry)
    }

    /// Statistics so far.
    pub(crate) fn counts(&self) -> LinkCounts {
        self.counts
    }

    /// Counts from here on as if it had been so.
    pub(crate) fn set_counts(&mut self, counts: LinkCounts) {
        self.counts = counts;
    }

    /// The frame of a request with the next number; whoever sends it says so
    /// ([`Link::frame_left`]).
    pub(crate) fn frame(&mut self, request: &Request) -> FrameBytes {
        self.sequence = self.sequence.wrapping_add(1);
        self.numbered(self.sequence, request)
    }

    /// A frame with a number so far before the newest.
    pub(crate) fn late_frame(&mut self, request: &Request, back: u16) -> FrameBytes {
        self.numbered(self.sequence.wrapping_sub(back), request)
    }

    /// The bytes of a frame with the next number that will not arrive whole: no frame was sent.
    pub(crate) fn broken_frame(&mut self, request: &Request) -> FrameBytes {
        let last = self.last;
        let bytes = self.frame(request);
        self.last = last;
        bytes
    }

    /// The frame sent last, again; nothing if there was none.
    pub(crate) fn last_frame(&mut self) -> Option<FrameBytes> {
        let (number, request) = self.last?;
        Some(self.numbered(number, &request))
    }

    fn numbered(&mut self, number: u16, request: &Request) -> FrameBytes {
        self.counts.sent += 1;
        self.last = Some((number, *request));
        frame::encode_request(number, request).expect("every request fits a frame")
    }

    /// Number of the frame made last.
    pub(crate) fn last_number(&self) -> Option<u16> {
        self.last.map(|(number, _)| number)
    }

    /// Begins a log of all that is sent, heard and done.
    pub(crate) fn begin_log(&mut self) {
        self.log = Some(Vec::new());
    }

    /// Ends the log and gives it, in order of time.
    pub(crate) fn end_log(&mut self) -> Vec<Event> {
        let mut events = self.log.take().unwrap_or_default();
        // A frame is noted when it is handed over, with the time of its last bit.
        events.sort_by_key(|event| event.at);
        events
    }

    /// The log so far, as it was noted.
    pub(crate) fn log(&self) -> &[Event] {
        self.log.as_deref().unwrap_or_default()
    }

    /// Notes something in the log, if there is one.
    pub(crate) fn note(&mut self, at: Nanoseconds, what: What) {
        if let Some(log) = &mut self.log {
            log.push(Event { at, what });
        }
    }

    /// Notes that the frame made last has left, or will have, at a time.
    pub(crate) fn frame_left(&mut self, at: Nanoseconds) {
        if let Some((number, request)) = self.last {
            self.note(at, What::Sent { number, request });
        }
    }
}

/// What stands in a log for what came.
fn heard_as(heard: &Heard) -> What {
    match heard {
        Ok(frame) => match frame.message {
            Reply::Telemetry(telemetry) => What::Telemetry(telemetry),
            reply => What::Replied {
                number: frame.sequence,
                reply,
            },
        },
        Err(_) => What::HeardBroken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Nanoseconds = Nanoseconds::from_millis(7);

    fn reply(sequence: u16, reply: Reply) -> FrameBytes {
        frame::encode_reply(sequence, &reply).unwrap()
    }

    #[test]
    fn only_the_reply_with_the_sequence_number_awaited_answers() {
        let mut link = Link::default();
        link.ask(&Request::Start);
        link.take(NOW, &reply(7, Reply::Done));
        assert!(!link.is_answered());
        link.take(NOW, &reply(1, Reply::Refused(Refusal::NoCartridge)));
        assert!(link.is_answered());
        let expected = Some(Reply::Refused(Refusal::NoCartridge));
        assert_eq!(link.answer(), expected);
        assert_eq!(link.answer(), None);
        assert_eq!(
            link.counts(),
            LinkCounts {
                sent: 1,
                received: 2,
                malformed: 0,
                unanswered: 1
            }
        );
    }

    #[test]
    fn a_heartbeat_is_due_every_tenth_of_a_second_from_the_first_on() {
        let mut link = Link::default();
        let at = Nanoseconds::from_millis;
        assert_eq!(link.heartbeat(at(1_000)), None);
        link.start_heartbeat(at(1_000));
        assert!(link.heartbeat(at(1_000)).is_some());
        assert_eq!(link.heartbeat(at(1_099)), None);
        assert!(link.heartbeat(at(1_103)).is_some());
        assert_eq!(link.heartbeat_due(), Some(at(1_200)));
        link.stop_heartbeat();
        assert_eq!(link.heartbeat(at(2_000)), None);
    }

    #[test]
    fn after_raw_bytes_all_that_came_is_heard_but_telemetry_and_answers_to_heartbeats() {
        let mut link = Link::default();
        link.start_heartbeat(NOW);
        link.heartbeat(NOW);
        link.take(NOW, &reply(9, Reply::Done));
        link.send_raw(&frame::encode_request(500, &Request::Stop).unwrap());
        link.take(NOW, &reply(1, Reply::Done));
        link.take(NOW, &reply(500, Reply::Done));
        link.take(NOW, &[1, 2, 3, 0]);
        let done = Frame {
            sequence: 500,
            message: Reply::Done,
        };
        assert_eq!(link.heard(), [Ok(done), Err(DecodeError::Malformed)]);
        assert_eq!(link.heard(), []);
        // What was sent by hand was number 500, and a pen takes no older one after it.
        link.send_raw(&frame::encode_request(499, &Request::Stop).unwrap());
        let next = link.ask(&Request::GetStatus);
        let expected = frame::encode_request(501, &Request::GetStatus).unwrap();
        assert_eq!(next, expected);
    }
}
