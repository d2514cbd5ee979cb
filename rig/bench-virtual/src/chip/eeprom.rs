//! The cartridge's chip: an AT24CS01-type EEPROM, 128 bytes in pages of eight.
//!
//! Address counter, page roll-over, self-timed write cycle and acknowledge polling as in
//! Microchip's AT24CS01 data sheet (DS20005870), sections 6 to 8. Its serial number at device
//! address 0x58 is not there: that address is not acknowledged.

use super::CPU_HZ;

/// Device address, 7 bits.
const ADDRESS: u8 = 0x50;
/// Bytes of a page.
const PAGE: usize = 8;
/// Longest write cycle, t_WR: 5 ms.
const WRITE_CYCLES: u64 = CPU_HZ * 5 / 1000;

/// What the bytes of a write transfer mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    WordAddress,
    Data,
    Reading,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Eeprom {
    content: Option<[u8; 128]>,
    phase: Phase,
    pointer: usize,
    /// Bytes of the page buffer that were written.
    buffer: [Option<u8>; PAGE],
    page: usize,
    busy_until: u64,
}

impl Eeprom {
    pub(crate) fn set_content(&mut self, content: Option<[u8; 128]>) {
        *self = Self {
            content,
            ..Self::default()
        };
    }

    pub(crate) fn content(&self) -> Option<&[u8; 128]> {
        self.content.as_ref()
    }

    /// Loses what was not yet being written. A write cycle under way was stored when it began.
    pub(crate) fn power_off(&mut self) {
        self.phase = Phase::Idle;
        self.buffer = [None; PAGE];
        self.pointer = 0;
        self.busy_until = 0;
    }

    /// A start condition and its address byte; whether it is acknowledged.
    pub(crate) fn start(&mut self, address: u8, reads: bool, now: u64) -> bool {
        self.buffer = [None; PAGE];
        if self.content.is_none() || address != ADDRESS || now < self.busy_until {
            self.phase = Phase::Idle;
            return false;
        }
        self.phase = if reads {
            Phase::Reading
        } else {
            Phase::WordAddress
        };
        true
    }

    /// A byte from the master; whether it is acknowledged.
    pub(crate) fn receive(&mut self, byte: u8) -> bool {
        match self.phase {
            Phase::WordAddress if self.content.is_some() => {
                self.pointer = usize::from(byte & 0x7F);
                self.page = self.pointer / PAGE * PAGE;
                self.phase = Phase::Data;
                true
            }
            Phase::Data if self.content.is_some() => {
                let column = self.pointer % PAGE;
                self.buffer[column] = Some(byte);
                // Only the lower three address bits count on: the page rolls over.
                self.pointer = self.page + (column + 1) % PAGE;
                true
            }
            _ => false,
        }
    }

    /// A byte for the master. An empty bus reads ones.
    pub(crate) fn send(&mut self) -> u8 {
        match (&self.content, self.phase) {
            (Some(content), Phase::Reading) => {
                let byte = content[self.pointer];
                self.pointer = (self.pointer + 1) % content.len();
                byte
            }
            _ => 0xFF,
        }
    }

    /// A stop condition begins the write cycle of a page that was sent.
    pub(crate) fn stop(&mut self, now: u64) {
        if self.phase == Phase::Data
            && let Some(content) = &mut self.content
            && self.buffer.iter().any(Option::is_some)
        {
            for (column, byte) in self.buffer.iter().enumerate() {
                if let Some(byte) = byte {
                    content[self.page + column] = *byte;
                }
            }
            self.busy_until = now + WRITE_CYCLES;
        }
        self.buffer = [None; PAGE];
        self.phase = Phase::Idle;
    }
}
