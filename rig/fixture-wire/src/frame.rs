//! Frames: version, number, message, CRC-32, COBS, a zero.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// Version of everything in this crate. Another one is told so and nothing is done.
pub const VERSION: u8 = 1;
/// Longest frame, COBS overhead and terminating zero included.
pub const MAX_FRAME_LEN: usize = 4_096;

/// CRC-32/ISO-HDLC, the one of Ethernet and zlib.
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
const HEADER_LEN: usize = 3;
const CRC_LEN: usize = 4;

/// A decoded frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame<M> {
    /// Its number, counted by the sender from 0 and wrapping. A frame that is missing shows here.
    pub number: u16,
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
    #[error("frame {number} is of stream version {version}, not {VERSION}")]
    Version {
        /// The version it claims.
        version: u8,
        /// Its number.
        number: u16,
    },
    /// The CRC holds, but the message is not known.
    #[error("frame {number} holds no known message")]
    Message {
        /// Its number.
        number: u16,
    },
}

/// Encodes a message as one frame, terminating zero included.
///
/// # Errors
/// The message does not fit [`MAX_FRAME_LEN`].
pub fn encode<M: Serialize>(number: u16, message: &M) -> Result<Vec<u8>, EncodeError> {
    let mut raw = vec![0; MAX_FRAME_LEN];
    raw[0] = VERSION;
    raw[1..HEADER_LEN].copy_from_slice(&number.to_le_bytes());
    let used = postcard::to_slice(message, &mut raw[HEADER_LEN..])
        .map_err(|_| EncodeError)?
        .len();
    raw.truncate(HEADER_LEN + used);
    let crc = CRC.checksum(&raw);
    raw.extend(crc.to_le_bytes());
    let mut coded = vec![0; cobs::max_encoding_length(raw.len())];
    let length = cobs::encode(&raw, &mut coded);
    coded.truncate(length);
    coded.push(0);
    if coded.len() > MAX_FRAME_LEN {
        return Err(EncodeError);
    }
    Ok(coded)
}

/// Collects bytes and gives a frame at each zero.
#[derive(Clone, Debug)]
pub struct Decoder<M> {
    bytes: Vec<u8>,
    overrun: bool,
    message: PhantomData<fn() -> M>,
}

impl<M: DeserializeOwned> Default for Decoder<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: DeserializeOwned> Decoder<M> {
    /// A decoder that waits for the first byte of a frame.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: Vec::new(),
            overrun: false,
            message: PhantomData,
        }
    }

    /// Takes one byte; gives a frame, or why there is none, when the byte ends one.
    /// Lone zeros are ignored: a sender that has just opened the port begins with one.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame<M>, DecodeError>> {
        if byte != 0 {
            // The terminating zero counts.
            if self.bytes.len() == MAX_FRAME_LEN - 1 {
                self.overrun = true;
            } else {
                self.bytes.push(byte);
            }
            return None;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        if std::mem::take(&mut self.overrun) {
            return Some(Err(DecodeError::Oversized));
        }
        if bytes.is_empty() {
            return None;
        }
        Some(decode(&mut bytes))
    }

    /// Takes bytes as they come from a port, and gives what they complete, in order.
    pub fn extend(&mut self, bytes: &[u8]) -> Vec<Result<Frame<M>, DecodeError>> {
        bytes.iter().filter_map(|&byte| self.push(byte)).collect()
    }

    /// Forgets the beginning of a frame: the port was opened anew.
    pub fn abandon(&mut self) {
        self.bytes.clear();
        self.overrun = false;
    }
}

fn decode<M: DeserializeOwned>(coded: &mut [u8]) -> Result<Frame<M>, DecodeError> {
    let length = cobs::decode_in_place(coded).map_err(|_| DecodeError::Malformed)?;
    let raw = &coded[..length];
    let Some((body, crc)) = raw.split_last_chunk::<CRC_LEN>() else {
        return Err(DecodeError::Malformed);
    };
    if body.len() < HEADER_LEN || CRC.checksum(body) != u32::from_le_bytes(*crc) {
        return Err(DecodeError::Malformed);
    }
    let (version, number) = (body[0], u16::from_le_bytes([body[1], body[2]]));
    if version != VERSION {
        return Err(DecodeError::Version { version, number });
    }
    match postcard::take_from_bytes(&body[HEADER_LEN..]) {
        Ok((message, [])) => Ok(Frame { number, message }),
        // What is left over belongs to a message that is not ours.
        Ok(_) | Err(_) => Err(DecodeError::Message { number }),
    }
}

#[cfg(test)]
mod tests;
