//! The flash controller (RM0444 3): keys, page and mass erase, 64-bit programming and its errors.

use super::{CPU_HZ, Unmodelled};

/// Bytes of main flash.
pub(crate) const FLASH_LEN: usize = 128 * 1024;
/// Bytes of a page.
pub(crate) const PAGE_LEN: usize = 2048;
/// Where main flash begins.
pub(crate) const FLASH_BASE: u32 = 0x0800_0000;

/// Page and mass erase: 22.0 ms; programming of 64 bits: 85 µs (DS12232 table 47, typical).
const ERASE_CYCLES: u64 = CPU_HZ * 22 / 1000;
const PROGRAM_CYCLES: u64 = CPU_HZ * 85 / 1_000_000;

const KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];
const OPTION_KEYS: [u32; 2] = [0x0819_2A3B, 0x4C5D_6E7F];

/// Option bytes as delivered: level 0, boot from main flash, brown-out reset off.
pub(crate) const OPTR: u32 = 0xFFFF_FEAA;

// FLASH_SR (RM0444 3.7.4).
const EOP: u32 = 1 << 0;
const PROGERR: u32 = 1 << 3;
const WRPERR: u32 = 1 << 4;
const PGAERR: u32 = 1 << 5;
const SIZERR: u32 = 1 << 6;
const PGSERR: u32 = 1 << 7;
const ERRORS: u32 = 0xC3FA;
const BSY1: u32 = 1 << 16;
const CFGBSY: u32 = 1 << 18;

// FLASH_CR (RM0444 3.7.5).
const PG: u32 = 1 << 0;
const PER: u32 = 1 << 1;
const MER1: u32 = 1 << 2;
const STRT: u32 = 1 << 16;
const FSTPG: u32 = 1 << 18;
const EOPIE: u32 = 1 << 24;
const ERRIE: u32 = 1 << 25;
const OPTLOCK: u32 = 1 << 30;
const LOCK: u32 = 1 << 31;
/// Option programming and launch, and the bank that this chip has not.
const CR_UNMODELLED: u32 = 1 << 17 | 1 << 27 | 1 << 28 | FSTPG;
const CR_STORED: u32 = PG | PER | MER1 | 0x3F8 | EOPIE | ERRIE | 1 << 26;

/// What the controller works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Erase { first: usize, last: usize },
    Program { at: usize },
}

/// Result of two keys in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum KeyStep {
    #[default]
    None,
    First,
    /// A wrong key locks until the next reset (RM0444 3.3.6).
    Spoilt,
}

/// What of the memory is worn out (DS12232 table 48 states 10,000 cycles); the default is sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wear {
    /// A page that does not erase.
    pub(crate) stuck_page: Option<usize>,
    /// A page of whose double words bit 0 stays set.
    pub(crate) weak_page: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Flash {
    pub(crate) wear: Wear,
    acr: u32,
    sr: u32,
    cr: u32,
    key: KeyStep,
    option_key: KeyStep,
    first_word: Option<(u32, u32)>,
    operation: Option<(Operation, u64)>,
}

impl Flash {
    pub(crate) fn new() -> Self {
        Self {
            wear: Wear::default(),
            acr: 0x0004_0600,
            sr: 0,
            cr: LOCK | OPTLOCK,
            key: KeyStep::None,
            option_key: KeyStep::None,
            first_word: None,
            operation: None,
        }
    }

    /// Resets the registers; EMPTY is evaluated at power-on alone (RM0444 3.3.2). An operation
    /// under way ends.
    pub(crate) fn reset(&mut self, main: &mut [u8; FLASH_LEN], now: u64) {
        self.interrupt_operation(main, now);
        let empty = self.acr & 1 << 16;
        *self = self.renewed();
        self.acr |= empty;
    }

    /// Evaluates EMPTY: whether the first word of main flash is erased.
    pub(crate) fn power_on(&mut self, main: &[u8; FLASH_LEN]) {
        *self = self.renewed();
        if main[..4] == [0xFF; 4] {
            self.acr |= 1 << 16;
        }
    }

    /// Registers as after reset, the memory worn as it is.
    fn renewed(&self) -> Self {
        Self {
            wear: self.wear,
            ..Self::new()
        }
    }

    /// Whether the chip starts from system memory.
    pub(crate) fn is_empty(&self) -> bool {
        self.acr & 1 << 16 != 0
    }

    /// Cuts an operation short: an erase has lifted some bits and not others, of 64 bits the
    /// lower half is programmed. Which bits is fixed, so that runs repeat.
    pub(crate) fn interrupt_operation(&mut self, main: &mut [u8; FLASH_LEN], now: u64) {
        self.sync(now);
        match self.operation.take() {
            Some((Operation::Erase { first, last }, _)) => {
                for (at, byte) in main[first..last].iter_mut().enumerate() {
                    *byte = if at % 3 == 0 { 0xFF } else { 0x5A };
                }
            }
            Some((Operation::Program { at }, _)) => main[at + 4..at + 8].fill(0xFF),
            None => {}
        }
    }

    /// Until when the memory is busy; zero if it is not.
    pub(crate) fn busy_until(&self) -> u64 {
        self.operation.map_or(0, |(_, end)| end)
    }

    pub(crate) fn next_event(&self) -> u64 {
        if self.cr & EOPIE != 0 {
            self.operation.map_or(u64::MAX, |(_, end)| end)
        } else {
            u64::MAX
        }
    }

    /// Ends an operation whose time has come.
    pub(crate) fn sync(&mut self, now: u64) {
        if self.operation.is_some_and(|(_, end)| end <= now) {
            self.operation = None;
            // EOP is set only if its interrupt is enabled (RM0444 3.7.4).
            if self.cr & EOPIE != 0 {
                self.sr |= EOP;
            }
        }
    }

    pub(crate) fn interrupt(&self) -> bool {
        (self.sr & EOP != 0 && self.cr & EOPIE != 0)
            || (self.sr & ERRORS != 0 && self.cr & ERRIE != 0)
    }

    pub(crate) fn read(&mut self, offset: u32, now: u64) -> Result<u32, Unmodelled> {
        self.sync(now);
        Ok(match offset {
            0x00 => self.acr,
            0x08 | 0x0C => 0,
            0x10 => {
                let busy = if self.operation.is_some() {
                    BSY1 | CFGBSY
                } else {
                    0
                };
                let half = if self.first_word.is_some() { CFGBSY } else { 0 };
                self.sr | busy | half
            }
            0x14 => {
                self.cr
                    | if self.operation.is_some() {
                        STRT & self.cr
                    } else {
                        0
                    }
            }
            // No ECC error occurs.
            0x18 => 0,
            0x20 => OPTR,
            // Read and write protection zones: none.
            0x24 | 0x34 => 0xFF,
            0x28 | 0x38 => 0,
            0x2C | 0x30 => 0x3F,
            0x80 => 0,
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(
        &mut self,
        offset: u32,
        value: u32,
        main: &mut [u8; FLASH_LEN],
        now: u64,
    ) -> Result<(), Unmodelled> {
        self.sync(now);
        match offset {
            // Wait states cost no time: fetches take one cycle, as they do at 16 MHz with none
            // (RM0444 3.3.4). Caches and prefetch have nothing to hide then.
            0x00 => self.acr = value & 0x0005_0F07,
            0x08 => {
                if press(&mut self.key, value, KEYS) {
                    self.cr &= !LOCK;
                }
            }
            0x0C => {
                if self.cr & LOCK == 0 && press(&mut self.option_key, value, OPTION_KEYS) {
                    self.cr &= !OPTLOCK;
                }
            }
            0x10 => self.sr &= !(value & (ERRORS | EOP)),
            0x14 => return self.write_cr(value, main, now),
            0x18 => {}
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    fn write_cr(
        &mut self,
        value: u32,
        main: &mut [u8; FLASH_LEN],
        now: u64,
    ) -> Result<(), Unmodelled> {
        // A locked or busy register takes no write (RM0444 3.7.5).
        if self.cr & LOCK != 0 || self.operation.is_some() {
            return Ok(());
        }
        if value & CR_UNMODELLED != 0 {
            return Err(Unmodelled);
        }
        self.cr = value & CR_STORED | (self.cr & OPTLOCK) | value & (LOCK | OPTLOCK);
        if value & PG == 0 {
            self.first_word = None;
        }
        if value & STRT != 0 {
            self.start_erase(main, now);
        }
        Ok(())
    }

    fn start_erase(&mut self, main: &mut [u8; FLASH_LEN], now: u64) {
        let chosen = self.cr & (PG | PER | MER1);
        if self.sr & ERRORS != 0 || !matches!(chosen, PER | MER1) {
            self.sr |= PGSERR;
            return;
        }
        let (first, last) = if chosen == MER1 {
            (0, FLASH_LEN)
        } else {
            let page = (self.cr >> 3 & 0x7F) as usize;
            if page >= FLASH_LEN / PAGE_LEN {
                self.sr |= WRPERR;
                return;
            }
            (page * PAGE_LEN, (page + 1) * PAGE_LEN)
        };
        for page in first / PAGE_LEN..last / PAGE_LEN {
            if self.wear.stuck_page != Some(page) {
                main[page * PAGE_LEN..(page + 1) * PAGE_LEN].fill(0xFF);
            }
        }
        self.operation = Some((Operation::Erase { first, last }, now + ERASE_CYCLES));
    }

    /// A write by core, DMA or debug port into main flash: the halves of a double word.
    pub(crate) fn write_memory(
        &mut self,
        offset: u32,
        bits: u32,
        value: u32,
        main: &mut [u8; FLASH_LEN],
        now: u64,
    ) {
        self.sync(now);
        if let Some((_, end)) = self.operation {
            // The bus waits until the operation before has ended; the wait itself is charged to
            // the core by its fetch stall, not here.
            self.sync(end);
        }
        if self.cr & PG == 0 || self.sr & ERRORS != 0 {
            self.sr |= PGSERR;
            return;
        }
        if bits != 32 {
            self.sr |= SIZERR;
            return;
        }
        match self.first_word.take() {
            None if offset.is_multiple_of(8) => self.first_word = Some((offset, value)),
            None => self.sr |= PGAERR,
            Some((first, low)) if first + 4 == offset => {
                self.program(first as usize, low, value, main, now);
            }
            Some(_) => self.sr |= PGAERR,
        }
    }

    fn program(&mut self, at: usize, low: u32, high: u32, main: &mut [u8; FLASH_LEN], now: u64) {
        let erased = main[at..at + 8].iter().all(|byte| *byte == 0xFF);
        // Only erased double words, or any with all zeros (RM0444 3.3.7).
        if !erased && (low, high) != (0, 0) {
            self.sr |= PROGERR;
            return;
        }
        let low = if self.wear.weak_page == Some(at / PAGE_LEN) {
            low | 1
        } else {
            low
        };
        main[at..at + 4].copy_from_slice(&low.to_le_bytes());
        main[at + 4..at + 8].copy_from_slice(&high.to_le_bytes());
        self.operation = Some((Operation::Program { at }, now + PROGRAM_CYCLES));
    }
}

/// Enters one key; true with the second of a right pair.
fn press(step: &mut KeyStep, value: u32, keys: [u32; 2]) -> bool {
    let (next, open) = match *step {
        KeyStep::None if value == keys[0] => (KeyStep::First, false),
        KeyStep::First if value == keys[1] => (KeyStep::None, true),
        _ => (KeyStep::Spoilt, false),
    };
    *step = next;
    open
}
