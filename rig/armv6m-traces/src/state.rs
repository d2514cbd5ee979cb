//! What a trace holds of each instruction.

use std::fmt;

/// Registers r0 to r15 and xPSR before an instruction; r15 is the instruction's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// r0 to r15.
    pub registers: [u32; 16],
    /// Flags, T and exception number (B1.4.2).
    pub xpsr: u32,
}

impl State {
    /// Its bytes, for digests.
    pub(crate) fn to_bytes(self) -> [u8; 68] {
        let mut bytes = [0; 68];
        let words = self.registers.into_iter().chain([self.xpsr]);
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pc={:08x} xpsr={:08x}", self.registers[15], self.xpsr)?;
        for (index, value) in self.registers[..15].iter().enumerate() {
            write!(f, " r{index}={value:x}")?;
        }
        Ok(())
    }
}
