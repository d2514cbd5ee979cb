//! How instructions reach memory: fetch, load, store and the branches that change state.

use crate::core::{Core, Gap, Master, PC};
use crate::execute::Place;
use crate::{Attention, Bus, BusFault, Width};

/// Why an instruction was not completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abort {
    /// Anything that ARMv6-M makes a HardFault of.
    Fault,
    /// A BKPT instruction with halting debug enabled.
    Breakpoint,
}

impl From<BusFault> for Abort {
    fn from(_: BusFault) -> Self {
        Self::Fault
    }
}

/// Code and SRAM end here; above, an access can have effects beyond memory.
const MEMORY_END: u32 = 0x4000_0000;

/// The private peripheral bus.
const PPB: std::ops::Range<u32> = 0xE000_0000..0xE010_0000;

impl Width {
    #[inline(always)]
    fn alignment_mask(self) -> u32 {
        match self {
            Self::Byte => 0,
            Self::Halfword => 1,
            Self::Word => 3,
        }
    }
}

/// Fetches a halfword; from regions that never execute (B3.1), a fault.
#[inline(always)]
pub(crate) fn fetch<B: Bus>(bus: &mut B, address: u32) -> Result<u32, Abort> {
    match bus.fetch_quick(address) {
        Some(halfword) => Ok(u32::from(halfword)),
        None => fetch_anywhere(bus, address),
    }
}

#[inline(never)]
fn fetch_anywhere<B: Bus>(bus: &mut B, address: u32) -> Result<u32, Abort> {
    if address >= MEMORY_END && !matches!(address >> 28, 0x6..=0x9) {
        return Err(Abort::Fault);
    }
    Ok(u32::from(bus.fetch(address)?))
}

impl Core {
    #[inline(always)]
    pub(crate) fn load<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        address: u32,
        width: Width,
    ) -> Result<u32, Abort> {
        if address & width.alignment_mask() != 0 {
            return Err(Abort::Fault);
        }
        if address < MEMORY_END {
            return Ok(bus.read(address, width, place.cycles)?);
        }
        self.load_outside_memory(bus, place, address, width)
    }

    #[inline(always)]
    pub(crate) fn store<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        address: u32,
        width: Width,
        value: u32,
    ) -> Result<(), Abort> {
        if address & width.alignment_mask() != 0 {
            return Err(Abort::Fault);
        }
        if address < MEMORY_END {
            return Ok(bus.write(address, width, value, place.cycles)?);
        }
        self.store_outside_memory(bus, place, address, width, value)
    }

    #[inline(never)]
    fn load_outside_memory<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        address: u32,
        width: Width,
    ) -> Result<u32, Abort> {
        // r15 is past the instruction while it acts on what lies outside.
        self.r[PC] = place.pc.wrapping_add(2);
        self.cycles = place.cycles;
        if PPB.contains(&address) {
            if !self.is_privileged() {
                return Err(Abort::Fault);
            }
            let loaded = self.ppb_read(address, width, Master::Core);
            return loaded.map_err(|_| self.note_gap(address, None));
        }
        let loaded = bus.read(address, width, self.cycles);
        self.attend(bus);
        Ok(loaded?)
    }

    #[inline(never)]
    fn store_outside_memory<B: Bus>(
        &mut self,
        bus: &mut B,
        place: Place,
        address: u32,
        width: Width,
        value: u32,
    ) -> Result<(), Abort> {
        // r15 is past the instruction while it acts on what lies outside.
        self.r[PC] = place.pc.wrapping_add(2);
        self.cycles = place.cycles;
        if PPB.contains(&address) {
            if !self.is_privileged() {
                return Err(Abort::Fault);
            }
            let stored = self.ppb_write(address, width, value, Master::Core);
            return stored.map_err(|_| self.note_gap(address, Some(value)));
        }
        let stored = bus.write(address, width, value, self.cycles);
        self.attend(bus);
        Ok(stored?)
    }

    fn attend<B: Bus>(&mut self, bus: &mut B) {
        let attention = bus.attention();
        if attention == Attention::None {
            return;
        }
        let lines = bus.interrupt_lines(self.cycles);
        self.set_interrupt_lines(lines);
        if attention == Attention::Return {
            self.attention = true;
            self.deadline = 0;
        }
    }

    fn note_gap(&mut self, address: u32, written: Option<u32>) -> Abort {
        // r15 is past the 16-bit instruction; no 32-bit instruction loads or stores.
        let pc = self.r[PC].wrapping_sub(2);
        self.gap.get_or_insert(Gap {
            address,
            pc,
            written,
        });
        self.attention = true;
        self.deadline = 0;
        Abort::Fault
    }

    /// Branches within Thumb state.
    #[inline(always)]
    pub(crate) fn branch(&mut self, target: u32) {
        self.r[PC] = target & !1;
    }

    /// Branches to an address whose bit 0 becomes the T bit. Without it, the next instruction
    /// faults.
    #[inline(always)]
    pub(crate) fn branch_interworking(&mut self, target: u32) {
        self.r[PC] = target & !1;
        self.thumb = target & 1 != 0;
        if !self.thumb {
            self.deadline = 0;
        }
    }
}
