//! The flash controller (RM0444 3): keys, page and mass erase, 64-bit programming and its errors.

use super::options::Options;
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
/// Option bytes are erased and programmed anew, eight double words (RM0444 3.4.2).
const OPTION_CYCLES: u64 = ERASE_CYCLES + 8 * PROGRAM_CYCLES;

const KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];
const OPTION_KEYS: [u32; 2] = [0x0819_2A3B, 0x4C5D_6E7F];

// FLASH_ACR.
const EMPTY: u32 = 1 << 16;
const DBG_SWEN: u32 = 1 << 18;

// FLASH_SR.
const EOP: u32 = 1 << 0;
const OPERR: u32 = 1 << 1;
const PROGERR: u32 = 1 << 3;
const WRPERR: u32 = 1 << 4;
const PGAERR: u32 = 1 << 5;
const SIZERR: u32 = 1 << 6;
const PGSERR: u32 = 1 << 7;
const OPTVERR: u32 = 1 << 15;
const ERRORS: u32 = 0xC3FA;
/// Errors that stop further programming until they are cleared.
const PROGRAMMING_ERRORS: u32 = PROGERR | WRPERR | PGAERR | SIZERR | PGSERR;
const BSY1: u32 = 1 << 16;
const CFGBSY: u32 = 1 << 18;

// FLASH_CR.
const PG: u32 = 1 << 0;
const PER: u32 = 1 << 1;
const MER1: u32 = 1 << 2;
const MER2: u32 = 1 << 15;
const STRT: u32 = 1 << 16;
const OPTSTRT: u32 = 1 << 17;
const FSTPG: u32 = 1 << 18;
const EOPIE: u32 = 1 << 24;
const ERRIE: u32 = 1 << 25;
const OBL_LAUNCH: u32 = 1 << 27;
const SEC_PROT: u32 = 1 << 28;
const OPTLOCK: u32 = 1 << 30;
const LOCK: u32 = 1 << 31;
/// Fast programming and the securable area; and bits that are reserved on this chip, among them
/// BKER, which chooses a bank on others: a program that sets them relies on what is not there.
/// MER2 is reserved too, but loaders set it beside MER1 on every chip of the family.
const CR_UNMODELLED: u32 = FSTPG | SEC_PROT | 0x20F8_6000;
const CR_STORED: u32 = PG | PER | MER1 | 0x1FF8 | EOPIE | ERRIE | 1 << 26;

/// What the controller works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Erase { first: usize, last: usize },
    Program { at: usize },
    Options,
}

/// Result of two keys in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum KeyStep {
    #[default]
    None,
    First,
    /// A wrong key locks until the next reset.
    Spoilt,
}

/// What one key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pressed {
    /// Nothing yet, or nothing any more.
    Nothing,
    Opens,
    /// The first wrong key of a sequence.
    Spoils,
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
    options: Options,
    /// The write before was a bus error.
    bus_error: bool,
    /// OBL_LAUNCH asks for a reset.
    launch: bool,
}

impl Flash {
    pub(crate) fn new() -> Self {
        Self {
            wear: Wear::default(),
            acr: DBG_SWEN | 0x600,
            sr: 0,
            cr: LOCK | OPTLOCK,
            key: KeyStep::None,
            option_key: KeyStep::None,
            first_word: None,
            operation: None,
            options: Options::delivered(),
            bus_error: false,
            launch: false,
        }
    }

    /// Resets the registers; options and EMPTY stay as they were loaded. An operation under way
    /// ends.
    pub(crate) fn reset(&mut self, main: &mut [u8; FLASH_LEN], now: u64) {
        self.interrupt_operation(main, now);
        let empty = self.acr & EMPTY;
        *self = self.renewed();
        self.acr |= empty;
    }

    /// Loads the options and, with them, evaluates EMPTY: whether the first word of main flash is
    /// erased (RM0444 3.4.2 and FLASH_ACR).
    pub(crate) fn load_options(&mut self, main: &[u8; FLASH_LEN]) {
        self.acr &= !EMPTY;
        if main[..4] == [0xFF; 4] {
            self.acr |= EMPTY;
        }
        if !self.options.load() {
            self.sr |= OPTVERR;
        }
    }

    /// Everything as after power-on.
    pub(crate) fn power_on(&mut self, main: &[u8; FLASH_LEN]) {
        *self = self.renewed();
        self.load_options(main);
    }

    /// Whether OBL_LAUNCH asks for a reset.
    pub(crate) fn asks_for_launch(&self) -> bool {
        self.launch
    }

    /// Whether the write before was a bus error.
    pub(crate) fn take_bus_error(&mut self) -> bool {
        std::mem::take(&mut self.bus_error)
    }

    /// A word of the option area at 0x1FFF_7800.
    pub(crate) fn option_area(&self, offset: u32) -> u32 {
        self.options.area(offset)
    }

    /// Registers as after reset; options as they are, the memory worn as it is.
    fn renewed(&self) -> Self {
        Self {
            options: self.options.clone(),
            wear: self.wear,
            ..Self::new()
        }
    }

    /// Whether the chip starts from system memory.
    pub(crate) fn is_empty(&self) -> bool {
        self.acr & EMPTY != 0
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
            Some((Operation::Options, _)) => self.options.spoil(),
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
        if let Some((operation, end)) = self.operation
            && end <= now
        {
            self.operation = None;
            if operation == Operation::Options {
                self.options.store();
            }
            // EOP is set only if its interrupt is enabled (FLASH_SR).
            if self.cr & EOPIE != 0 {
                self.sr |= EOP;
            }
        }
    }

    /// Notes errors; OPERR beside them if the error interrupt is enabled (FLASH_SR).
    fn raise(&mut self, errors: u32) {
        self.sr |= errors;
        if self.cr & ERRIE != 0 {
            self.sr |= OPERR;
        }
    }

    /// EOP and OPERR, as they are enabled (RM0444 3.6).
    pub(crate) fn interrupt(&self) -> bool {
        (self.sr & EOP != 0 && self.cr & EOPIE != 0)
            || (self.sr & OPERR != 0 && self.cr & ERRIE != 0)
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
            // STRT and OPTSTRT stand until the operation ends.
            0x14 => match self.operation {
                Some((Operation::Erase { .. }, _)) => self.cr | STRT,
                Some((Operation::Options, _)) => self.cr | OPTSTRT,
                _ => self.cr,
            },
            // No ECC error occurs.
            0x18 => 0,
            _ => return self.options.read(offset),
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
            // Without DBG_SWEN the debug port is shut.
            0x00 if value & DBG_SWEN == 0 => return Err(Unmodelled),
            // Wait states cost no time: fetches take one cycle, as they do at 16 MHz with none
            // (RM0444 3.3.4). Caches and prefetch have nothing to hide then.
            0x00 => self.acr = value & 0x0005_0F07,
            0x08 => match press(&mut self.key, value, KEYS) {
                Pressed::Opens => self.cr &= !LOCK,
                Pressed::Spoils => self.spoil(),
                Pressed::Nothing => {}
            },
            0x0C if self.cr & LOCK != 0 => {}
            0x0C => match press(&mut self.option_key, value, OPTION_KEYS) {
                Pressed::Opens => self.cr &= !OPTLOCK,
                Pressed::Spoils => {
                    self.cr |= OPTLOCK;
                    self.bus_error = true;
                }
                Pressed::Nothing => {}
            },
            0x10 => self.sr &= !(value & (ERRORS | EOP)),
            0x14 => return self.write_cr(value, main, now),
            0x18 => {}
            // Option registers take no write while they are locked.
            _ if self.cr & OPTLOCK != 0 => {
                self.options.read(offset)?;
            }
            _ => return self.options.write(offset, value),
        }
        Ok(())
    }

    /// A wrong key locks until the next reset and is a bus error (RM0444 3.3.6).
    fn spoil(&mut self) {
        self.cr |= LOCK | OPTLOCK;
        self.bus_error = true;
    }

    fn write_cr(
        &mut self,
        value: u32,
        main: &mut [u8; FLASH_LEN],
        now: u64,
    ) -> Result<(), Unmodelled> {
        // A locked register takes no write.
        if self.cr & LOCK != 0 {
            return Ok(());
        }
        // During an operation it must not be written (FLASH_CR): what a chip does is not said.
        if self.operation.is_some() || value & CR_UNMODELLED != 0 {
            return Err(Unmodelled);
        }
        if value & (MER2 | MER1) == MER2 {
            return Err(Unmodelled);
        }
        let options_locked = self.cr & OPTLOCK != 0;
        // Locking locks the options as well (RM0444 3.4.2).
        let option_lock = if value & (LOCK | OPTLOCK) != 0 {
            OPTLOCK
        } else {
            self.cr & OPTLOCK
        };
        self.cr = value & CR_STORED | option_lock | value & LOCK;
        if value & PG == 0 {
            self.first_word = None;
        }
        if value & STRT != 0 {
            self.start_erase(main, now)?;
        } else if value & OPTSTRT != 0 && !options_locked {
            self.operation = Some((Operation::Options, now + OPTION_CYCLES));
        }
        self.launch |= value & OBL_LAUNCH != 0 && !options_locked;
        Ok(())
    }

    fn start_erase(&mut self, main: &mut [u8; FLASH_LEN], now: u64) -> Result<(), Unmodelled> {
        let chosen = self.cr & (PG | PER | MER1);
        if self.sr & PROGRAMMING_ERRORS != 0 || !matches!(chosen, PER | MER1) {
            self.raise(PGSERR);
            return Ok(());
        }
        let (first, last) = if chosen == MER1 {
            // One protected page keeps all from being erased (RM0444 3.5.2).
            if self.options.protects_any() {
                self.raise(WRPERR);
                return Ok(());
            }
            (0, FLASH_LEN)
        } else {
            let page = (self.cr >> 3 & 0x3FF) as usize;
            // What erasing a page does that is not there is not said.
            if page >= FLASH_LEN / PAGE_LEN {
                return Err(Unmodelled);
            }
            if self.options.protects(page) {
                self.raise(WRPERR);
                return Ok(());
            }
            (page * PAGE_LEN, (page + 1) * PAGE_LEN)
        };
        for page in first / PAGE_LEN..last / PAGE_LEN {
            if self.wear.stuck_page != Some(page) {
                main[page * PAGE_LEN..(page + 1) * PAGE_LEN].fill(0xFF);
            }
        }
        self.operation = Some((Operation::Erase { first, last }, now + ERASE_CYCLES));
        Ok(())
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
        // PGSERR: neither programming alone is chosen, nor are earlier errors cleared (FLASH_SR).
        if self.cr & (PG | PER | MER1) != PG || self.sr & PROGRAMMING_ERRORS != 0 {
            self.raise(PGSERR);
            return;
        }
        if bits != 32 {
            self.raise(SIZERR);
            return;
        }
        if self.options.protects(offset as usize / PAGE_LEN) {
            self.first_word = None;
            self.raise(WRPERR);
            return;
        }
        match self.first_word.take() {
            None if offset.is_multiple_of(8) => self.first_word = Some((offset, value)),
            None => self.raise(PGAERR),
            Some((first, low)) if first + 4 == offset => {
                self.program(first as usize, low, value, main, now);
            }
            Some(_) => self.raise(PGAERR),
        }
    }

    fn program(&mut self, at: usize, low: u32, high: u32, main: &mut [u8; FLASH_LEN], now: u64) {
        let erased = main[at..at + 8].iter().all(|byte| *byte == 0xFF);
        // Only erased double words, or any with all zeros (RM0444 3.3.7).
        if !erased && (low, high) != (0, 0) {
            self.raise(PROGERR);
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

/// Enters one key.
fn press(step: &mut KeyStep, value: u32, keys: [u32; 2]) -> Pressed {
    let (next, pressed) = match *step {
        KeyStep::None if value == keys[0] => (KeyStep::First, Pressed::Nothing),
        KeyStep::First if value == keys[1] => (KeyStep::None, Pressed::Opens),
        KeyStep::Spoilt => (KeyStep::Spoilt, Pressed::Nothing),
        _ => (KeyStep::Spoilt, Pressed::Spoils),
    };
    *step = next;
    pressed
}
