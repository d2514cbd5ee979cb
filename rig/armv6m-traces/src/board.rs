//! The memory of the machine that the traces were captured on: flash, RAM, and nothing else.

use rig_armv6m::{Attention, Bus, BusFault, Width};

use crate::program::{FLASH_BYTES, Program, RAM_BASE};

/// Flash, RAM. Stores to flash are taken and do nothing, as they are there.
#[derive(Clone, Debug)]
pub struct Board {
    flash: Vec<u8>,
    ram: Vec<u8>,
}

impl Board {
    /// A board that holds a program.
    pub fn new(program: &Program) -> Self {
        Self {
            flash: program.flash(),
            ram: program.ram(),
        }
    }

    /// Contents of RAM.
    pub fn ram(&self) -> &[u8] {
        &self.ram
    }

    fn bytes(&self, address: u32, width: Width) -> Result<&[u8], BusFault> {
        let (memory, offset) = match address {
            0..FLASH_BYTES => (&self.flash, address),
            RAM_BASE.. => (&self.ram, address - RAM_BASE),
            _ => return Err(BusFault),
        };
        memory
            .get(offset as usize..offset as usize + n_bytes(width))
            .ok_or(BusFault)
    }
}

fn n_bytes(width: Width) -> usize {
    match width {
        Width::Byte => 1,
        Width::Halfword => 2,
        Width::Word => 4,
    }
}

impl Bus for Board {
    fn read(&mut self, address: u32, width: Width, _: u64) -> Result<u32, BusFault> {
        let bytes = self.bytes(address, width)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    fn write(&mut self, address: u32, width: Width, value: u32, _: u64) -> Result<(), BusFault> {
        if address < FLASH_BYTES {
            return Ok(());
        }
        let offset = address.checked_sub(RAM_BASE).ok_or(BusFault)? as usize;
        let n_bytes = n_bytes(width);
        let bytes = self.ram.get_mut(offset..offset + n_bytes);
        bytes
            .ok_or(BusFault)?
            .copy_from_slice(&value.to_le_bytes()[..n_bytes]);
        Ok(())
    }

    fn fetch(&mut self, address: u32) -> Result<u16, BusFault> {
        let halfword = self.read(address, Width::Halfword, 0)?;
        Ok(halfword as u16) // the low half is all that was read
    }

    fn interrupt_lines(&mut self, _: u64) -> u32 {
        0
    }

    fn attention(&mut self) -> Attention {
        Attention::None
    }
}
