//! The factory record: serial number and depth calibration, as it lies in flash.
//!
//! Two copies, one in each of the last two 2 KiB pages (0x0801_F000 and 0x0801_F800); the valid
//! copy with the higher generation holds, so a write that a brown-out cuts short loses neither.
//!
//! Layout of a copy, little endian: magic `PNA1` (4), generation u32, serial (12), hardware
//! revision (1), three bytes zero, zero offset i32 in nm, screw lead i32 in nm per turn,
//! CRC-32/ISO-HDLC over all before it; padded with 0xFF to a multiple of 8 bytes.

use firmware_units::Nanometers;
use serde::{Deserialize, Serialize};

/// Address of the first copy.
pub const COPY_A: u32 = 0x0801_F000;
/// Address of the second copy.
pub const COPY_B: u32 = 0x0801_F800;
/// Bytes of one copy, padding included.
pub const COPY_LEN: usize = 40;
const MAGIC: [u8; 4] = *b"PNA1";

/// One of the two copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordCopy {
    /// At [`COPY_A`].
    A,
    /// At [`COPY_B`].
    B,
}

impl RecordCopy {
    /// The one that is written while this one holds.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Where it lies.
    #[must_use]
    pub const fn address(self) -> u32 {
        match self {
            Self::A => COPY_A,
            Self::B => COPY_B,
        }
    }
}

/// What the factory wrote into one pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// Counts writes; the higher of two valid copies holds.
    pub generation: u32,
    /// Serial number, ASCII, space padded.
    pub serial: [u8; 12],
    /// Hardware revision letter, ASCII.
    pub hardware_revision: u8,
    /// Protrusion at top of stroke when the carriage stands at its home switch (negative:
    /// retracted below the nose plane).
    pub home_protrusion: Nanometers,
    /// Carriage travel for one turn of the screw, nominally 500,000 nm.
    pub screw_lead: Nanometers,
}

/// Why a copy does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// Erased or foreign.
    #[error("no calibration record here")]
    NoMagic,
    /// Torn or worn.
    #[error("calibration record is damaged: its CRC does not hold")]
    BadCrc,
}

impl Calibration {
    /// The bytes of one copy.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; COPY_LEN] {
        let mut bytes = [0xFF; COPY_LEN];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&self.generation.to_le_bytes());
        bytes[8..20].copy_from_slice(&self.serial);
        bytes[20] = self.hardware_revision;
        bytes[21..24].fill(0);
        bytes[24..28].copy_from_slice(&saturate_i32(self.home_protrusion).to_le_bytes());
        bytes[28..32].copy_from_slice(&saturate_i32(self.screw_lead).to_le_bytes());
        let crc = crate::frame::CRC.checksum(&bytes[..32]);
        bytes[32..36].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads one copy.
    ///
    /// # Errors
    /// [`CalibrationError::NoMagic`] where nothing was written, [`CalibrationError::BadCrc`]
    /// where a write was cut short.
    pub fn from_bytes(bytes: &[u8; COPY_LEN]) -> Result<Self, CalibrationError> {
        let word = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        if word(0) != MAGIC {
            return Err(CalibrationError::NoMagic);
        }
        if u32::from_le_bytes(word(32)) != crate::frame::CRC.checksum(&bytes[..32]) {
            return Err(CalibrationError::BadCrc);
        }
        let mut serial = [0; 12];
        serial.copy_from_slice(&bytes[8..20]);
        Ok(Self {
            generation: u32::from_le_bytes(word(4)),
            serial,
            hardware_revision: bytes[20],
            home_protrusion: Nanometers(i64::from(i32::from_le_bytes(word(24)))),
            screw_lead: Nanometers(i64::from(i32::from_le_bytes(word(28)))),
        })
    }

    /// The record that holds, and in which copy: the valid one with the higher generation.
    ///
    /// # Errors
    /// Both copies are invalid; the first one's reason.
    pub fn choose(
        a: &[u8; COPY_LEN],
        b: &[u8; COPY_LEN],
    ) -> Result<(Self, RecordCopy), CalibrationError> {
        match (Self::from_bytes(a), Self::from_bytes(b)) {
            (Ok(a), Ok(b)) if b.generation > a.generation => Ok((b, RecordCopy::B)),
            (Ok(a), _) => Ok((a, RecordCopy::A)),
            (Err(_), Ok(b)) => Ok((b, RecordCopy::B)),
            (Err(reason), Err(_)) => Err(reason),
        }
    }
}

fn saturate_i32(length: Nanometers) -> i32 {
    i32::try_from(length.0).unwrap_or(if length.0 < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(generation: u32) -> Calibration {
        Calibration {
            generation,
            serial: *b"PA1-00000042",
            hardware_revision: b'C',
            home_protrusion: Nanometers(-412_345),
            screw_lead: Nanometers(500_000),
        }
    }

    #[test]
    fn a_record_survives_its_bytes() {
        assert_eq!(
            Calibration::from_bytes(&sample(7).to_bytes()),
            Ok(sample(7))
        );
    }

    #[test]
    fn the_newer_copy_holds_and_a_torn_one_does_not() {
        let (old, new) = (sample(7).to_bytes(), sample(8).to_bytes());
        assert_eq!(
            Calibration::choose(&old, &new),
            Ok((sample(8), RecordCopy::B))
        );
        let mut torn = new;
        torn[30] ^= 1;
        assert_eq!(
            Calibration::choose(&old, &torn),
            Ok((sample(7), RecordCopy::A))
        );
        assert_eq!(
            Calibration::choose(&[0xFF; COPY_LEN], &torn),
            Err(CalibrationError::NoMagic)
        );
    }
}
