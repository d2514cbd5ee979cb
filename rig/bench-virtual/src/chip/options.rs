//! Option bytes (RM0444 3.4): what is stored, what is loaded, and the write protection they set.
//!
//! Registers read what was loaded at power-on or by OBL_LAUNCH; what is written to them waits for
//! OPTSTRT, which stores it; it takes effect with the next loading (RM0444 3.4.2).
//! Only the write protection areas can be changed: any other option would change what a chip does
//! in a way that nothing here models.

use super::Unmodelled;

/// FLASH_OPTR as ST delivers it: level 0, boot from main flash, brown-out reset off.
///
/// Bit 21 selects banks on chips that have two. On this chip it is not defined (stm32g071xx.h
/// has none), and it reads as one: this is the word that a delivered NUCLEO-G071RB shows
/// (community.st.com, "STM32 G071 system bootloader question") and an STM32G031 by OpenOCD.
pub(crate) const OPTR: u32 = 0xFFFF_FEAA;

/// OPTR, PCROP1ASR, PCROP1AER, WRP1AR, WRP1BR, PCROP1BSR, PCROP1BER and SECR.
type Words = [u32; 8];

const WRP1A: usize = 3;
const WRP1B: usize = 4;
/// No area: each begins after its end.
const DELIVERED: Words = [OPTR, 0xFF, 0, 0x3F, 0x3F, 0xFF, 0, 0];
/// Both ends of a write protection area.
const WRP_BITS: u32 = 0x003F_003F;

/// The option bytes.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    stored: Words,
    loaded: Words,
    written: Words,
    /// A reset or the supply cut their programming short.
    spoilt: bool,
}

impl Options {
    pub(crate) fn delivered() -> Self {
        Self {
            stored: DELIVERED,
            loaded: DELIVERED,
            written: DELIVERED,
            spoilt: false,
        }
    }

    /// Loads what is stored; whether it holds. Words that do not match their complements protect
    /// the chip as far as they can (RM0444 3.4.2): here, every page from being written.
    pub(crate) fn load(&mut self) -> bool {
        self.loaded = self.stored;
        if self.spoilt {
            self.loaded[WRP1A] = 0x3F << 16;
        }
        self.written = self.loaded;
        !self.spoilt
    }

    /// Stores what was written to the registers.
    pub(crate) fn store(&mut self) {
        self.stored = self.written;
        self.spoilt = false;
    }

    /// Storing was cut short.
    pub(crate) fn spoil(&mut self) {
        self.spoilt = true;
    }

    /// Whether a page lies in one of the write protection areas (RM0444 3.5.2).
    pub(crate) fn protects(&self, page: usize) -> bool {
        [self.loaded[WRP1A], self.loaded[WRP1B]].iter().any(|area| {
            let (start, end) = (area & 0x3F, area >> 16 & 0x3F);
            (start as usize..=end as usize).contains(&page)
        })
    }

    /// Whether any page is protected.
    pub(crate) fn protects_any(&self) -> bool {
        (0..64).any(|page| self.protects(page))
    }

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(self.loaded[index(offset)?])
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        let index = index(offset)?;
        let changeable = match index {
            WRP1A | WRP1B => WRP_BITS,
            _ => 0,
        };
        if (value ^ self.loaded[index]) & !changeable != 0 {
            return Err(Unmodelled);
        }
        self.written[index] = value;
        Ok(())
    }

    /// A word of the option area, by its offset from 0x1FFF_7800: each option and its complement
    /// (RM0444 3.4.1).
    pub(crate) fn area(&self, offset: u32) -> u32 {
        let option = match offset & !7 {
            0x70 => 7,
            double @ 0..=0x30 => (double / 8) as usize,
            _ => return u32::MAX,
        };
        if offset & 4 == 0 {
            self.stored[option]
        } else {
            !self.stored[option]
        }
    }
}

fn index(offset: u32) -> Result<usize, Unmodelled> {
    match offset {
        0x20..=0x38 => Ok(((offset - 0x20) / 4) as usize),
        0x80 => Ok(7),
        _ => Err(Unmodelled),
    }
}
