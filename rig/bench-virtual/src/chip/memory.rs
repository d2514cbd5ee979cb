//! Memories: main flash, SRAM, system memory and the factory words behind it (RM0444 2.2).

use super::flash::{FLASH_BASE, FLASH_LEN};
use rig_armv6m::Width;

/// Bytes of SRAM, parity off (RM0444 2.3).
const RAM_LEN: usize = 36 * 1024;
/// The next power of two, so that masked offsets need no bounds check.
const RAM_SPACE: usize = RAM_LEN.next_power_of_two();
/// Where SRAM begins.
const RAM_BASE: u32 = 0x2000_0000;
/// System memory: ST's boot loader.
const SYSTEM_BASE: u32 = 0x1FFF_0000;
const UID_BASE: u32 = 0x1FFF_7590;
const FLASH_SIZE: u32 = 0x1FFF_75E0;
const PACKAGE: u32 = 0x1FFF_7500;
const VREFINT_CAL: u32 = 0x1FFF_75AA;

/// In place of ST's boot loader, a program that does what a program sees of it: it clears
/// FLASH_ACR.EMPTY, so that the next reset starts main flash (AN2606, STM32G07x boot loader
/// V11.3), and waits. Its commands over serial ports are not modelled.
const BOOT_LOADER: [u16; 18] = [
    0x2000, 0x2000, // initial stack pointer 0x2000_2000
    0x0009, 0x1FFF, // reset: 0x1FFF_0008
    0x4803, // ldr r0, =FLASH_ACR
    0x6801, // ldr r1, [r0]
    0x2201, // movs r2, #1
    0x0412, // lsls r2, r2, #16
    0x4391, // bics r1, r2
    0x6001, // str r1, [r0]
    0xE7FE, // b .
    0x46C0, // nop
    0x2000, 0x4002, // FLASH_ACR
    0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,
];

/// All memories.
pub(crate) struct Memory {
    pub(crate) flash: Box<[u8; FLASH_LEN]>,
    /// SRAM; what lies beyond [`RAM_LEN`] is never reached.
    ram: Box<[u8; RAM_SPACE]>,
    uid: [u8; 12],
    /// Whether address zero shows system memory instead of main flash.
    pub(crate) boots_system: bool,
}

impl Memory {
    pub(crate) fn new(uid: [u8; 12]) -> Self {
        let flash = vec![0xFF; FLASH_LEN].into_boxed_slice();
        let ram = vec![0; RAM_SPACE].into_boxed_slice();
        Self {
            flash: flash.try_into().expect("length given above"),
            ram: ram.try_into().expect("length given above"),
            uid,
            boots_system: false,
        }
    }

    /// What SRAM holds after power-on: fixed, so that runs repeat, and nowhere zero, so that a
    /// program that counts on zeros is found out.
    pub(crate) fn scramble_ram(&mut self) {
        for (byte, scrambled) in self.ram.iter_mut().zip(scrambled()) {
            *byte = scrambled;
        }
    }

    /// The lowest address at or above `from` whose word is not what it was at power-on.
    pub(crate) fn first_touched(&self, from: u32) -> Option<u32> {
        let scrambled: Vec<u8> = scrambled().take(RAM_LEN).collect();
        let words = self.ram.chunks_exact(4).zip(scrambled.chunks_exact(4));
        let touched = (RAM_BASE..)
            .step_by(4)
            .zip(words)
            .filter(|(_, (now, before))| now != before);
        touched
            .map(|(address, _)| address)
            .find(|&address| address >= from)
    }

    #[inline(never)]
    pub(crate) fn fetch(&self, address: u32) -> Option<u16> {
        if let Some(code) = self.fetch_flash(address) {
            return Some(code);
        }
        let offset = address.wrapping_sub(RAM_BASE) as usize;
        if offset < RAM_LEN {
            return Some(halfword(&self.ram, offset));
        }
        self.read_other(address, Width::Halfword)
            .and_then(|value| u16::try_from(value).ok())
    }

    /// As [`Memory::fetch`], from main flash at its own place alone.
    #[inline(always)]
    pub(crate) fn fetch_flash(&self, address: u32) -> Option<u16> {
        let offset = address.wrapping_sub(FLASH_BASE) as usize;
        (offset < FLASH_LEN).then(|| halfword(&self.flash, offset))
    }

    /// Reads flash or SRAM at an aligned address.
    #[inline(always)]
    pub(crate) fn read(&self, address: u32, width: Width) -> Option<u32> {
        let offset = address.wrapping_sub(RAM_BASE) as usize;
        if offset < RAM_LEN {
            return Some(load_masked(&self.ram, offset, width));
        }
        let offset = address.wrapping_sub(FLASH_BASE) as usize;
        if offset < FLASH_LEN {
            return Some(load_masked(&self.flash, offset, width));
        }
        None
    }

    /// Writes SRAM at an aligned address; `None` elsewhere.
    #[inline(always)]
    pub(crate) fn write(&mut self, address: u32, width: Width, value: u32) -> Option<()> {
        let offset = address.wrapping_sub(RAM_BASE) as usize;
        if offset >= RAM_LEN {
            return None;
        }
        let bytes = value.to_le_bytes();
        let mask = RAM_SPACE - 1;
        match width {
            Width::Word => {
                let at = offset & mask & !3;
                self.ram[at..at + 4].copy_from_slice(&bytes);
            }
            Width::Halfword => {
                let at = offset & mask & !1;
                self.ram[at..at + 2].copy_from_slice(&bytes[..2]);
            }
            Width::Byte => self.ram[offset & mask] = bytes[0],
        }
        Some(())
    }

    /// Reads the alias at zero, system memory and the factory words.
    #[inline(never)]
    pub(crate) fn read_other(&self, address: u32, width: Width) -> Option<u32> {
        let offset = address as usize;
        if offset < FLASH_LEN {
            return if self.boots_system {
                self.read_system(address, width)
            } else {
                load(&self.flash[..], offset, width)
            };
        }
        if (SYSTEM_BASE..SYSTEM_BASE + 2 * 18).contains(&address) {
            return self.read_system(address - SYSTEM_BASE, width);
        }
        if let Some(value) = load(&self.uid, address.wrapping_sub(UID_BASE) as usize, width) {
            return Some(value);
        }
        let (word, shift) = (address & !3, 8 * (address & 3));
        let value = match word {
            // Kilobytes of flash (RM0444 41).
            FLASH_SIZE => (FLASH_LEN / 1024) as u32 | 0xFFFF_0000,
            // LQFP64 (RM0444 41).
            PACKAGE => 0xFFFF_FFE0 | 0b00010,
            // VREFINT of 1.212 V at 3.0 V and 30 degC, in the upper half (DS12232 3.13.2).
            _ if word == VREFINT_CAL & !3 => 1655 << 16 | 1035,
            _ => return None,
        };
        Some(match width {
            Width::Word => value,
            Width::Halfword => value >> shift & 0xFFFF,
            Width::Byte => value >> shift & 0xFF,
        })
    }

    fn read_system(&self, offset: u32, width: Width) -> Option<u32> {
        let mut bytes = [0; 36];
        for (pair, halfword) in bytes.chunks_exact_mut(2).zip(BOOT_LOADER) {
            pair.copy_from_slice(&halfword.to_le_bytes());
        }
        load(&bytes, offset as usize, width)
    }
}

/// What [`Memory::scramble_ram`] fills SRAM with: never zero.
fn scrambled() -> impl Iterator<Item = u8> {
    let states = std::iter::successors(Some(0x2545_F491_u32), |&state| {
        let state = state ^ state << 13;
        let state = state ^ state >> 17;
        Some(state ^ state << 5)
    });
    states.skip(1).map(|state| state.to_le_bytes()[0] | 1)
}

/// Whether the address is main flash, at its own place or at the boot alias.
pub(crate) fn is_flash(address: u32) -> bool {
    (address.wrapping_sub(FLASH_BASE) as usize) < FLASH_LEN || (address as usize) < FLASH_LEN
}

/// Loads from a slice; `None` beyond it.
#[inline(always)]
fn load(bytes: &[u8], offset: usize, width: Width) -> Option<u32> {
    Some(match width {
        Width::Word => {
            let word = bytes.get(offset..offset.checked_add(4)?)?;
            u32::from_le_bytes([word[0], word[1], word[2], word[3]])
        }
        Width::Halfword => {
            let half = bytes.get(offset..offset.checked_add(2)?)?;
            u32::from(u16::from_le_bytes([half[0], half[1]]))
        }
        Width::Byte => u32::from(*bytes.get(offset)?),
    })
}

/// Loads from a memory whose length is a power of two, so that no bound is checked twice.
#[inline(always)]
fn load_masked<const N: usize>(bytes: &[u8; N], offset: usize, width: Width) -> u32 {
    const { assert!(N.is_power_of_two()) };
    let at = offset & (N - 1);
    match width {
        Width::Word => {
            let at = at & !3;
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        }
        Width::Halfword => u32::from(halfword(bytes, at)),
        Width::Byte => u32::from(bytes[at]),
    }
}

#[inline(always)]
fn halfword<const N: usize>(bytes: &[u8; N], offset: usize) -> u16 {
    let at = offset & (N - 1) & !1;
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
