//! Frames: COBS, protocol version, sequence number, CRC-32.

use crate::message::{Reply, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Version of everything in this crate; a newer one is told so.
pub const PROTOCOL_VERSION: u8 = 1;
/// Longest frame on the wire, COBS overhead and terminating zero included.
pub const MAX_FRAME_LEN: usize = 96;
/// CRC-32/ISO-HDLC, the one of Ethernet and zlib.
pub(crate) const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
const HEADER_LEN: usize = 3;
const CRC_LEN: usize = 4;

/// Bytes of one encoded frame.
pub type FrameBytes = heapless::Vec<u8, MAX_FRAME_LEN>;

/// A decoded frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<M> {
    /// Sequence number.
    pub sequence: u16,
    /// What it says.
    pub message: M,
}

/// A message does not fit a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("message does not fit a frame of {MAX_FRAME_LEN} bytes")]
pub struct EncodeError;

/// Why bytes between two zeros are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// COBS broken, too short, or the CRC does not hold.
    #[error("frame is malformed")]
    Malformed,
    /// Longer than [`MAX_FRAME_LEN`].
    #[error("frame is longer than {MAX_FRAME_LEN} bytes")]
    Oversized,
    /// The CRC holds, but the version is not ours.
    #[error("frame of protocol version {version}, not {PROTOCOL_VERSION}")]
    Version {
        /// The version it claims.
        version: u8,
        /// Its sequence number.
        sequence: u16,
    },
    /// The CRC holds, but the message is not known.
    #[error("frame {sequence} holds no known message")]
    Message {
        /// Its sequence number.
        sequence: u16,
    },
}

/// Encodes a message as one frame, terminating zero included.
///
/// # Errors
/// The message does not fit [`MAX_FRAME_LEN`].
pub fn encode<M: Serialize>(sequence: u16, message: &M) -> Result<FrameBytes, EncodeError> {
    let mut raw = [0u8; MAX_FRAME_LEN];
    raw[0] = PROTOCOL_VERSION;
    raw[1..HEADER_LEN].copy_from_slice(&sequence.to_le_bytes());
    // COBS adds one byte for every 254, and the zero one more.
    let room = MAX_FRAME_LEN - 2 - CRC_LEN;
    let used = postcard::to_slice(message, &mut raw[HEADER_LEN..room])
        .map_err(|_| EncodeError)?
        .len();
    let body = HEADER_LEN + used;
    let crc = CRC.checksum(&raw[..body]);
    raw[body..body + CRC_LEN].copy_from_slice(&crc.to_le_bytes());
    let mut coded = [0u8; MAX_FRAME_LEN];
    let length = cobs::encode(&raw[..body + CRC_LEN], &mut coded);
    let mut frame = FrameBytes::new();
    frame
        .extend_from_slice(&coded[..length])
        .map_err(|_| EncodeError)?;
    frame.push(0).map_err(|_| EncodeError)?;
    Ok(frame)
}

/// Encodes a request.
///
/// # Errors
/// As [`encode`].
pub fn encode_request(sequence: u16, request: &Request) -> Result<FrameBytes, EncodeError> {
    encode(sequence, request)
}

/// Encodes a reply.
///
/// # Errors
/// As [`encode`].
pub fn encode_reply(sequence: u16, reply: &Reply) -> Result<FrameBytes, EncodeError> {
    encode(sequence, reply)
}

/// Collects bytes and gives a frame at each zero.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    bytes: FrameBytes,
    overrun: bool,
}

impl Decoder {
    /// A decoder that waits for the first byte of a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: FrameBytes::new(),
            overrun: false,
        }
    }

    /// Drops what came of a frame so far; whether there was something to drop.
    pub fn abandon(&mut self) -> bool {
        let overrun = core::mem::take(&mut self.overrun);
        let some = overrun || !self.bytes.is_empty();
        self.bytes.clear();
        some
    }

    /// Takes one byte; gives a frame, or why there is none, when the byte ends one.
    /// Lone zeros are ignored, so a sender may begin with one.
    pub fn push<M: DeserializeOwned>(&mut self, byte: u8) -> Option<Result<Frame<M>, DecodeError>> {
        if byte != 0 {
            // The terminating zero counts.
            if self.bytes.len() == MAX_FRAME_LEN - 1 || self.bytes.push(byte).is_err() {
                self.overrun = true;
            }
            return None;
        }
        let overrun = core::mem::take(&mut self.overrun);
        let mut bytes = core::mem::take(&mut self.bytes);
        if overrun {
            return Some(Err(DecodeError::Oversized));
        }
        if bytes.is_empty() {
            return None;
        }
        Some(decode(&mut bytes))
    }
}

fn decode<M: DeserializeOwned>(coded: &mut [u8]) -> Result<Frame<M>, DecodeError> {
    let length = cobs::decode_in_place(coded).map_err(|_| DecodeError::Malformed)?;
    let raw = &coded[..length];
    if length < HEADER_LEN + CRC_LEN {
        return Err(DecodeError::Malformed);
    }
    let (body, crc) = raw.split_at(length - CRC_LEN);
    if crc != CRC.checksum(body).to_le_bytes() {
        return Err(DecodeError::Malformed);
    }
    let sequence = u16::from_le_bytes([body[1], body[2]]);
    if body[0] != PROTOCOL_VERSION {
        return Err(DecodeError::Version {
            version: body[0],
            sequence,
        });
    }
    match postcard::take_from_bytes(&body[HEADER_LEN..]) {
        Ok((message, [])) => Ok(Frame { sequence, message }),
        _ => Err(DecodeError::Message { sequence }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Setting;
    use firmware_units::Micrometers;
    use proptest::prelude::*;

    fn feed(bytes: &[u8]) -> Vec<Result<Frame<Request>, DecodeError>> {
        let mut decoder = Decoder::new();
        bytes
            .iter()
            .filter_map(|&byte| decoder.push(byte))
            .collect()
    }

    #[test]
    fn a_frame_survives_the_wire() {
        let request = Request::Set(Setting::Depth(Micrometers(1_500)));
        let bytes = encode(513, &request).unwrap();
        assert_eq!(
            feed(&bytes),
            [Ok(Frame {
                sequence: 513,
                message: request
            })]
        );
    }

    #[test]
    fn an_oversized_frame_is_counted_once_and_the_next_one_is_read() {
        let mut bytes = vec![7; 4 * MAX_FRAME_LEN];
        bytes.push(0);
        bytes.extend_from_slice(&encode(1, &Request::Stop).unwrap());
        assert_eq!(
            feed(&bytes),
            [
                Err(DecodeError::Oversized),
                Ok(Frame {
                    sequence: 1,
                    message: Request::Stop
                })
            ]
        );
    }

    #[test]
    fn an_abandoned_frame_leaves_nothing_behind() {
        let mut decoder = Decoder::new();
        assert!(!decoder.abandon());
        for byte in [7; 2 * MAX_FRAME_LEN] {
            assert_eq!(decoder.push::<Request>(byte), None);
        }
        assert!(decoder.abandon() && !decoder.abandon());
        let frame = encode(1, &Request::Stop).unwrap();
        let decoded: Vec<_> = frame
            .iter()
            .filter_map(|&byte| decoder.push::<Request>(byte))
            .collect();
        assert!(matches!(decoded[..], [Ok(_)]));
    }

    #[test]
    fn the_longest_frame_ends_with_its_zero_inside_the_limit() {
        let framed = |length: usize| {
            let mut bytes = vec![7; length - 1];
            bytes.push(0);
            feed(&bytes)
        };
        assert_eq!(framed(MAX_FRAME_LEN), [Err(DecodeError::Malformed)]);
        assert_eq!(framed(MAX_FRAME_LEN + 1), [Err(DecodeError::Oversized)]);
    }

    proptest! {
        #[test]
        fn one_flipped_bit_never_gives_another_frame(bit in 0usize..64, sequence: u16) {
            let bytes = encode(sequence, &Request::Start).unwrap();
            let mut flipped = bytes.clone();
            let bit = bit % (8 * (flipped.len() - 1));
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(feed(&flipped).iter().all(Result::is_err));
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let _ = feed(&bytes);
        }
    }
}
