//! The serial link: bytes take their time on the wire.

use super::faults::LinkDefects;
use crate::noise::Noise;
use firmware_units::Nanoseconds;
use rig_bench::Observation;
use std::collections::VecDeque;

/// Bits of one byte on the wire: start, eight, stop.
const BITS: u64 = 10;
/// Bit rate.
pub(crate) const BAUD: u64 = 115_200;
/// Time of one byte on the wire, ns.
const BYTE_NS: u64 = BITS * 1_000_000_000 / BAUD;
/// The link has fallen silent after this long without a byte, ns.
const IDLE_NS: u64 = 1_000_000;

/// Bytes on their way in both directions.
#[derive(Default)]
pub(crate) struct Link {
    /// Bytes to the pen and when their stop bit ends, ns.
    to_pen: VecDeque<(u64, u8)>,
    /// When the line to the pen is free, ns.
    free_ns: u64,
    from_pen: Vec<u8>,
    last_ns: u64,
    /// Whether a frame's last byte is among `from_pen`.
    complete: bool,
}

impl Link {
    /// Queues bytes from `now`, and says when the last bit will have left.
    pub(crate) fn send(&mut self, now_ns: u64, bytes: &[u8]) -> u64 {
        let begin_ns = self.free_ns.max(now_ns);
        for (index, &byte) in (1..).zip(bytes) {
            self.free_ns = begin_ns + index * BITS * 1_000_000_000 / BAUD;
            self.to_pen.push_back((self.free_ns, byte));
        }
        self.free_ns.max(now_ns)
    }

    /// The next byte whose start bit reaches the pen until `end_ns`, and when its stop bit ends: a
    /// receiver knows from the start bit on that the line is not idle.
    pub(crate) fn begun(&mut self, end_ns: u64) -> Option<(u64, u8)> {
        self.to_pen
            .pop_front_if(|&mut (at_ns, _)| at_ns <= end_ns + BYTE_NS)
    }

    /// Whether a byte's start bit reaches the pen until `end_ns`.
    pub(crate) fn begins(&self, end_ns: u64) -> bool {
        self.to_pen
            .front()
            .is_some_and(|&(at_ns, _)| at_ns <= end_ns + BYTE_NS)
    }

    /// Takes a byte from the pen.
    pub(crate) fn receive(&mut self, at_ns: u64, byte: u8) {
        self.from_pen.push(byte);
        self.last_ns = at_ns;
        self.complete |= byte == 0;
    }

    /// Whether the rig should see what has come: a frame's end, or silence after some bytes.
    pub(crate) fn is_due(&self, now_ns: u64) -> bool {
        self.complete || !self.from_pen.is_empty() && now_ns >= self.last_ns + IDLE_NS
    }

    /// Hands over what has come from the pen.
    pub(crate) fn take(&mut self) -> Option<Observation> {
        if self.from_pen.is_empty() {
            return None;
        }
        self.complete = false;
        let bytes = std::mem::take(&mut self.from_pen);
        Some(Observation::Link {
            at: Nanoseconds(self.last_ns),
            bytes,
        })
    }

    /// Forgets what is on the wire: the pen lost its supply.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            free_ns: self.free_ns,
            ..Self::default()
        };
    }
}

/// Which way a byte goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    ToPen,
    FromPen,
}

/// A byte as a broken line delivers it, if it does. Only data bits flip: start and stop bits, whose
/// loss would be a framing error, are left out.
pub(crate) fn deliver(byte: u8, way: Way, defects: &LinkDefects, noise: &mut Noise) -> Option<u8> {
    let (cut, flip) = match way {
        Way::ToPen => (defects.cut_to_pen, defects.noise_to_pen),
        Way::FromPen => (defects.cut_from_pen, 0.0),
    };
    if cut || noise.chance(defects.byte_loss) {
        return None;
    }
    let mut delivered = byte;
    if noise.chance(flip) {
        delivered ^= 1 << (8.0 * noise.uniform()) as u32;
    }
    if defects.bit_errors > 0.0 {
        for bit in 0..8 {
            delivered ^= u8::from(noise.chance(defects.bit_errors)) << bit;
        }
    }
    Some(delivered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_one_after_another_at_the_bit_rate() {
        let mut link = Link::default();
        assert_eq!(link.send(1_000, &[1, 2]), 1_000 + 173_611);
        assert_eq!(link.send(2_000, &[3]), 1_000 + 173_611 + 86_805);
        assert_eq!(link.begun(999), None);
        assert!(!link.begins(999) && link.begins(1_000));
        assert_eq!(link.begun(1_000), Some((87_805, 1)));
        assert_eq!(link.begun(1_000_000), Some((174_611, 2)));
        assert_eq!(link.begun(1_000_000), Some((261_416, 3)));
        assert_eq!(link.send(5_000_000, &[]), 5_000_000);
    }

    #[test]
    fn a_frames_end_or_silence_makes_bytes_due() {
        let mut link = Link::default();
        link.receive(10, 7);
        assert!(!link.is_due(1_000_009));
        assert!(link.is_due(1_000_010));
        link.receive(20, 0);
        assert!(link.is_due(20));
        let expected = Observation::Link {
            at: Nanoseconds(20),
            bytes: vec![7, 0],
        };
        assert_eq!(link.take(), Some(expected));
        assert_eq!(link.take(), None);
        assert!(!link.is_due(u64::MAX));
    }
}
