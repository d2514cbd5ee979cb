//! AHB-AP: memory and core registers through CSW, TAR and DRW (ARM IHI 0031, C2).

use super::rom_table;
use crate::Machine;
use rig_armv6m::{BusFault, Width};

/// Identification of the Cortex-M0+ AHB-AP (RM0444 40.6).
const IDR: u32 = 0x0477_0031;
/// Where the ROM table is, present, in the format of ADIv5.
const BASE: u32 = rom_table::MCU_TABLE | 3;
const DHCSR: u32 = 0xE000_EDF0;

/// DeviceEn and HPROT as after reset; size and increment are the writable rest of what matters.
const CSW_RESET: u32 = 0x0300_0042;
const CSW_WRITABLE: u32 = 0x7F00_0037;

#[derive(Clone, Debug)]
pub(super) struct MemAp {
    csw: u32,
    tar: u32,
}

impl MemAp {
    pub(super) fn new() -> Self {
        Self {
            csw: CSW_RESET,
            tar: 0,
        }
    }

    pub(super) fn read(&mut self, machine: &mut Machine, register: u32) -> Result<u32, BusFault> {
        Ok(match register {
            0x00 => self.csw,
            0x04 => self.tar,
            0x0C => {
                let address = self.tar;
                let value = load(machine, address, self.width())?;
                self.increment();
                // Narrow data travels in its byte lane (C2.2.6).
                value << (8 * (address & 3))
            }
            0x10..=0x1C => load(machine, self.banked(register), Width::Word)?,
            0xF0 => 0,
            // CFG: little endian, 32-bit addresses.
            0xF4 => 0,
            0xF8 => BASE,
            0xFC => IDR,
            _ => 0,
        })
    }

    pub(super) fn write(
        &mut self,
        machine: &mut Machine,
        register: u32,
        value: u32,
    ) -> Result<(), BusFault> {
        match register {
            0x00 => self.csw = value & CSW_WRITABLE | 0x40,
            0x04 => self.tar = value,
            0x0C => {
                let address = self.tar;
                let lane = value >> (8 * (address & 3));
                store(machine, address, self.width(), lane)?;
                self.increment();
            }
            0x10..=0x1C => store(machine, self.banked(register), Width::Word, value)?,
            _ => {}
        }
        Ok(())
    }

    fn width(&self) -> Width {
        match self.csw & 7 {
            0 => Width::Byte,
            1 => Width::Halfword,
            _ => Width::Word,
        }
    }

    fn banked(&self, register: u32) -> u32 {
        self.tar & !0xF | register & 0xC
    }

    /// Single increment (CSW.AddrInc = 1), within 1 KiB (C2.2.2).
    fn increment(&mut self) {
        if self.csw >> 4 & 3 == 1 {
            let bytes = match self.width() {
                Width::Byte => 1,
                Width::Halfword => 2,
                Width::Word => 4,
            };
            self.tar = self.tar & !0x3FF | (self.tar + bytes) & 0x3FF;
        }
    }
}

fn load(machine: &mut Machine, address: u32, width: Width) -> Result<u32, BusFault> {
    let address = align(address, width);
    if address == DHCSR {
        machine.debug_poll();
    }
    machine.debug_read(address, width).or_else(|fault| {
        rom_table::read(address)
            .filter(|_| width == Width::Word)
            .ok_or(fault)
    })
}

fn store(machine: &mut Machine, address: u32, width: Width, value: u32) -> Result<(), BusFault> {
    let value = match width {
        Width::Byte => value & 0xFF,
        Width::Halfword => value & 0xFFFF,
        Width::Word => value,
    };
    machine.debug_write(align(address, width), width, value)
}

/// The AHB-AP drops the address bits below the size.
fn align(address: u32, width: Width) -> u32 {
    match width {
        Width::Byte => address,
        Width::Halfword => address & !1,
        Width::Word => address & !3,
    }
}
