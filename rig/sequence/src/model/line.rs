//! What becomes of the bytes on the line to the pen, by the rules of the wire.

use super::guess::Counts;
use firmware_units::Nanoseconds;
use firmware_wire::{DecodeError, Decoder, Frame, Request};

/// A byte on the line: 115,200 Bd 8N1 (firmware/HARDWARE.md).
const BYTE: Nanoseconds = Nanoseconds(86_806);
/// A frame breaks off when nothing comes for 50 ms in its midst (firmware/wire,
/// `LinkReport::truncated`). A pen that is sending takes what has come up to 20 ms later: it has not
/// broken off before the first, and has by the second.
const BREAK: (Nanoseconds, Nanoseconds) =
    (Nanoseconds::from_millis(28), Nanoseconds::from_millis(72));

/// What becomes of a whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is heard as it is.
    Heard,
    /// What stood on the line before it goes with it into one broken frame.
    Swallowed,
    /// The one or the other.
    Unsure,
}

/// What the pen counts of some bytes; nothing where that may be one thing or another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Broken {
    malformed: u32,
    oversized: u32,
    truncated: u32,
}

/// The line to the pen.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    decoder: Decoder,
    /// What a pen holds that has dropped what came before, at one doubtful gap or another.
    others: Vec<Decoder>,
    /// When the last byte had left.
    last: Nanoseconds,
    /// What came of a frame so far may have been dropped, or not.
    doubtful: bool,
}

impl Line {
    /// Bytes leave that are no whole frame, the last of them at this time; what is counted, and the
    /// whole frame that they make with what came before, if they do.
    pub(super) fn bytes(
        &mut self,
        at: Nanoseconds,
        bytes: &[u8],
    ) -> (Option<Broken>, Option<Frame<Request>>) {
        let (heard, broken) = self.take(at, bytes);
        (broken, heard)
    }

    /// A whole frame leaves.
    pub(super) fn frame(
        &mut self,
        at: Nanoseconds,
        number: u16,
        request: &Request,
    ) -> (Fate, Option<Broken>) {
        let Ok(bytes) = firmware_wire::encode(number, request) else {
            return (Fate::Heard, Some(Broken::default()));
        };
        let (heard, broken) = self.take(at, &bytes);
        let fate = match broken {
            None => Fate::Unsure,
            Some(_) if heard.is_some() => Fate::Heard,
            Some(_) => Fate::Swallowed,
        };
        (fate, broken)
    }

    /// Nobody knows whether what leaves now is heard.
    pub(super) fn doubt(&mut self) {
        self.doubtful = true;
    }

    /// Takes bytes; the whole frame among them, and what is counted.
    fn take(&mut self, at: Nanoseconds, bytes: &[u8]) -> (Option<Frame<Request>>, Option<Broken>) {
        let mut broken = Broken::default();
        let began = at.saturating_sub(Nanoseconds(BYTE.0.saturating_mul(bytes.len() as u64)));
        let gap = began.saturating_sub(self.last);
        if gap > BREAK.1 {
            let is_some = std::mem::take(&mut self.decoder).abandon();
            broken.malformed += u32::from(is_some);
            broken.truncated += u32::from(is_some);
            self.others.clear();
        } else if gap >= BREAK.0 && self.decoder.clone().abandon() {
            self.doubtful = true;
            self.others.push(Decoder::default());
        }
        self.last = at;
        let was_doubtful = self.doubtful;
        let mut heard = None;
        for byte in bytes {
            for other in &mut self.others {
                if let Some(Ok(frame)) = other.push::<Request>(*byte) {
                    heard = Some(frame);
                }
            }
            match self.decoder.push::<Request>(*byte) {
                None => {}
                Some(Ok(frame)) => heard = Some(frame),
                Some(Err(DecodeError::Oversized)) => broken.oversized += 1,
                Some(Err(DecodeError::Malformed)) => broken.malformed += 1,
                Some(Err(DecodeError::Version { .. } | DecodeError::Message { .. })) => {}
            }
            // A zero ends whatever there was.
            if *byte == 0 {
                self.doubtful = false;
                self.others.clear();
            }
        }
        (heard, (!was_doubtful).then_some(broken))
    }
}

impl Counts {
    /// Counts what came broken; what is not known of it makes the counters unknown.
    pub(super) fn count_broken(&mut self, broken: Option<Broken>) {
        let Some(broken) = broken else {
            return self.broken();
        };
        let add = |counter: &mut Option<u32>, more| {
            *counter = counter.map(|it| it.saturating_add(more));
        };
        add(&mut self.malformed, broken.malformed);
        add(&mut self.oversized, broken.oversized);
        add(&mut self.truncated, broken.truncated);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Nanoseconds {
        Nanoseconds::from_millis(millis)
    }

    fn counted(malformed: u32, oversized: u32, truncated: u32) -> Option<Broken> {
        Some(Broken {
            malformed,
            oversized,
            truncated,
        })
    }

    fn frame() -> Vec<u8> {
        let frame = firmware_wire::encode(7, &Request::Stop);
        frame.unwrap().to_vec()
    }

    #[test]
    fn a_flipped_bit_makes_one_malformed_frame_or_two() {
        let mut line = Line::default();
        let mut flipped = frame();
        flipped[3] ^= 0x10;
        assert_eq!(line.bytes(ms(100), &flipped).0, counted(1, 0, 0));
        // A byte that becomes a zero ends a frame in its midst.
        let mut split = frame();
        split[3] = 0;
        assert_eq!(line.bytes(ms(200), &split).0, counted(2, 0, 0));
        let zeros = [0; 4];
        assert_eq!(line.bytes(ms(300), &zeros).0, counted(0, 0, 0));
        let mut long = vec![7; 150];
        long.push(0);
        assert_eq!(line.bytes(ms(400), &long).0, counted(0, 1, 0));
    }

    #[test]
    fn a_head_swallows_the_next_frame_unless_it_has_broken_off() {
        for (gap, fate, broken) in [
            (10, Fate::Swallowed, counted(1, 0, 0)),
            (50, Fate::Unsure, None),
            (90, Fate::Heard, counted(1, 0, 1)),
        ] {
            let mut line = Line::default();
            assert_eq!(line.bytes(ms(100), &frame()[..4]).0, counted(0, 0, 0));
            assert_eq!(
                line.frame(ms(100 + gap), 8, &Request::Start),
                (fate, broken)
            );
            // The frame's end is an end.
            let next = line.frame(ms(200 + gap), 9, &Request::Start);
            assert_eq!(next, (Fate::Heard, counted(0, 0, 0)));
        }
    }

    #[test]
    fn a_head_and_its_rest_are_a_frame() {
        let mut line = Line::default();
        let frame = frame();
        let (head, rest) = frame.split_at(frame.len() - 1);
        assert_eq!(line.bytes(ms(100), head), (counted(0, 0, 0), None));
        let (broken, heard) = line.bytes(ms(110), rest);
        assert_eq!(broken, counted(0, 0, 0));
        assert_eq!(heard.map(|it| it.message), Some(Request::Stop));
    }

    #[test]
    fn behind_what_may_have_broken_off_a_frame_may_be_heard() {
        let mut line = Line::default();
        assert_eq!(line.bytes(ms(100), &[1, 2, 3]).0, counted(0, 0, 0));
        let frame = frame();
        let (head, rest) = frame.split_at(frame.len() - 1);
        assert_eq!(line.bytes(ms(150), head), (None, None));
        let (broken, heard) = line.bytes(ms(160), rest);
        assert_eq!(broken, None);
        assert_eq!(heard.map(|it| it.message), Some(Request::Stop));
    }

    #[test]
    fn what_nobody_knows_of_stays_so_up_to_the_next_zero() {
        let mut line = Line::default();
        line.doubt();
        assert_eq!(line.bytes(ms(100), &[1, 2]).0, None);
        assert_eq!(line.bytes(ms(110), &[3, 0]).0, None);
        assert_eq!(line.bytes(ms(120), &[3, 0]).0, counted(1, 0, 0));
    }
}
