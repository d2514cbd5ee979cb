//! The cartridge's id chip: an AT24CS01-type I2C EEPROM, 128 bytes at address 0x50.
//!
//! Layout, little endian: magic `NC` (2), needle count u8, needle length u16 in µm, one byte
//! zero, unique id u64, CRC-16/IBM-SDLC over bytes 0..14 (2): 16 bytes, written by its maker. Bytes 16..20:
//! treatment id u32, 0xFFFF_FFFF while unused; bytes 20..24: its complement, so that a torn
//! write is seen as one.

use firmware_units::Micrometers;

/// I2C address, 7 bits.
pub const I2C_ADDRESS: u8 = 0x50;
/// Bytes the pen reads.
pub const CHIP_LEN: usize = 24;
/// Where the treatment mark stands.
pub const MARK_OFFSET: u8 = 16;
const CRC16: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_IBM_SDLC);

/// What a cartridge's chip says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CartridgeChip {
    /// Unique id.
    pub id: u64,
    /// Number of needles.
    pub needles: u8,
    /// Longest protrusion the cartridge allows.
    pub needle_length: Micrometers,
    /// The treatment it was first used in.
    pub treatment: Option<u32>,
}

impl CartridgeChip {
    /// The chip's first bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; CHIP_LEN] {
        let mut bytes = [0xFF; CHIP_LEN];
        bytes[0..2].copy_from_slice(b"NC");
        bytes[2] = self.needles;
        let length = u16::try_from(self.needle_length.0.max(0)).unwrap_or(u16::MAX);
        bytes[3..5].copy_from_slice(&length.to_le_bytes());
        bytes[5] = 0;
        bytes[6..14].copy_from_slice(&self.id.to_le_bytes());
        let crc = CRC16.checksum(&bytes[..14]);
        bytes[14..16].copy_from_slice(&crc.to_le_bytes());
        if let Some(treatment) = self.treatment {
            bytes[16..24].copy_from_slice(&Self::mark(treatment));
        }
        bytes
    }

    /// The eight bytes that mark a cartridge as used in a treatment.
    #[must_use]
    pub fn mark(treatment: u32) -> [u8; 8] {
        let mut mark = [0; 8];
        mark[..4].copy_from_slice(&treatment.to_le_bytes());
        mark[4..].copy_from_slice(&(!treatment).to_le_bytes());
        mark
    }

    /// Reads a chip; `None` if it is no cartridge of ours or its mark is torn.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; CHIP_LEN]) -> Option<Self> {
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let crc = u16::from_le_bytes([bytes[14], bytes[15]]);
        if bytes[0..2] != *b"NC" || crc != CRC16.checksum(&bytes[..14]) {
            return None;
        }
        let treatment = match (word(16), word(20)) {
            (u32::MAX, u32::MAX) => None,
            (treatment, complement) if treatment == !complement => Some(treatment),
            _ => return None,
        };
        Some(Self {
            id: u64::from(word(6)) | u64::from(word(10)) << 32,
            needles: bytes[2],
            needle_length: Micrometers(i32::from(u16::from_le_bytes([bytes[3], bytes[4]]))),
            treatment,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_survives_its_bytes_and_a_torn_mark_is_refused() {
        let fresh = CartridgeChip {
            id: 0x0123_4567_89AB_CDEF,
            needles: 14,
            needle_length: Micrometers(2_500),
            treatment: None,
        };
        assert_eq!(CartridgeChip::from_bytes(&fresh.to_bytes()), Some(fresh));
        let used = CartridgeChip {
            treatment: Some(77),
            ..fresh
        };
        let mut bytes = used.to_bytes();
        assert_eq!(CartridgeChip::from_bytes(&bytes), Some(used));
        bytes[23] ^= 1;
        assert_eq!(CartridgeChip::from_bytes(&bytes), None);
    }
}
