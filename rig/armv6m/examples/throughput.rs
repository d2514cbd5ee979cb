//! Measures how many instructions a second the core executes on this machine.
//!
//! `cargo run --release -p rig-armv6m --example throughput`

use std::time::Instant;

use rig_armv6m::{Attention, Bus, BusFault, Core, Stop, Width};

const FLASH_BYTES: usize = 0x2_0000;
const RAM_BASE: u32 = 0x2000_0000;
const RAM_BYTES: usize = 0x9000;
const PROGRAM: u32 = 0x100;

/// Three loops in turn: a CRC-32 by bits of 64 words, a copy by LDM and STM, and 100 calls of a
/// function with loads, stores and a multiplication.
#[rustfmt::skip]
const LOOPS: &[u16] = &[
    0x4818, 0x2140, 0x2200, 0x43D2, 0x4D17, 0x6803, 0x405A, 0x2420, 0x0852, 0xD300, 0x406A, 0x3C01,
    0xD1FA, 0xC004, 0x3901, 0xD1F4, 0x4810, 0x4912, 0x2710, 0xC83C, 0xC13C, 0x3F01, 0xD1FB, 0x2764,
    0x46B8, 0x4640, 0xF000, 0xF805, 0x4647, 0x3F01, 0x46B8, 0xD1F8, 0xE7DE, 0xB530, 0x4C09, 0x0081,
    0x5861, 0xB2CA, 0x7162, 0x8923, 0x189B, 0x4343, 0x8163, 0x2B09, 0xDC00, 0xBA1B, 0x446B, 0x1118,
    0xBD30, 0x0000, 0x0000, 0x2000, 0x8320, 0xEDB8, 0x0400, 0x2000,
];

struct Memory {
    flash: Box<[u8; FLASH_BYTES]>,
    ram: Box<[u8; RAM_BYTES]>,
}

impl Memory {
    #[inline(always)]
    fn at<const N: usize>(&self, address: u32) -> Result<[u8; N], BusFault> {
        let bytes = if address < RAM_BASE {
            self.flash.get(address as usize..address as usize + N)
        } else {
            let offset = (address - RAM_BASE) as usize;
            self.ram.get(offset..offset + N)
        };
        bytes.and_then(|it| it.try_into().ok()).ok_or(BusFault)
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, address: u32, bytes: [u8; N]) -> Result<(), BusFault> {
        let offset = address.checked_sub(RAM_BASE).ok_or(BusFault)? as usize;
        self.ram
            .get_mut(offset..offset + N)
            .ok_or(BusFault)?
            .copy_from_slice(&bytes);
        Ok(())
    }
}

impl Bus for Memory {
    #[inline(always)]
    fn read(&mut self, address: u32, width: Width, _: u64) -> Result<u32, BusFault> {
        match width {
            Width::Byte => self.at(address).map(|it| u32::from(u8::from_le_bytes(it))),
            Width::Halfword => self.at(address).map(|it| u32::from(u16::from_le_bytes(it))),
            Width::Word => self.at(address).map(u32::from_le_bytes),
        }
    }

    #[inline(always)]
    fn write(&mut self, address: u32, width: Width, value: u32, _: u64) -> Result<(), BusFault> {
        match width {
            Width::Byte => self.put(address, (value as u8).to_le_bytes()),
            Width::Halfword => self.put(address, (value as u16).to_le_bytes()),
            Width::Word => self.put(address, value.to_le_bytes()),
        }
    }

    #[inline(always)]
    fn fetch(&mut self, address: u32) -> Result<u16, BusFault> {
        self.at(address).map(u16::from_le_bytes)
    }

    #[inline(always)]
    fn fetch_quick(&self, address: u32) -> Option<u16> {
        let bytes = self
            .flash
            .get(address as usize..)?
            .first_chunk::<2>()
            .copied();
        bytes.map(u16::from_le_bytes)
    }

    fn interrupt_lines(&mut self, _: u64) -> u32 {
        0
    }

    fn attention(&mut self) -> Attention {
        Attention::None
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "wall-clock time is what is measured"
)]
#[expect(clippy::print_stdout, reason = "the figure is the output")]
fn main() {
    let mut memory = Memory {
        flash: Box::new([0xFF; FLASH_BYTES]),
        ram: Box::new([0; RAM_BYTES]),
    };
    memory.flash[..4].copy_from_slice(&(RAM_BASE + RAM_BYTES as u32).to_le_bytes());
    memory.flash[4..8].copy_from_slice(&(PROGRAM | 1).to_le_bytes());
    for (bytes, halfword) in memory.flash[PROGRAM as usize..]
        .chunks_exact_mut(2)
        .zip(LOOPS)
    {
        bytes.copy_from_slice(&halfword.to_le_bytes());
    }
    let mut core = Core::new();
    core.reset(&mut memory);

    const N_CYCLES: u64 = 1_000_000_000;
    for slice in [N_CYCLES, 1000] {
        let (start, n_before) = (Instant::now(), core.instructions());
        let end = core.now() + N_CYCLES;
        let mut stop = Stop::Deadline;
        while core.now() < end && stop == Stop::Deadline {
            stop = core.run(&mut memory, (core.now() + slice).min(end));
        }
        let seconds = start.elapsed().as_secs_f64();
        let n_instructions = core.instructions() - n_before;
        println!(
            "slices of {slice} cycles: {:.0} million instructions/s, {:.0} million cycles/s ({stop:?})",
            n_instructions as f64 / seconds / 1e6,
            N_CYCLES as f64 / seconds / 1e6,
        );
    }
}
