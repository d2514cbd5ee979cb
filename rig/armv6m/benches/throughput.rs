//! Measures how many instructions a second the core executes on this machine, and armagnac 0.3
//! with its faster decoder, by turns in one run.
//!
//! `cargo bench -p rig-armv6m`

use std::time::Instant;

use armagnac::core::{ArmVersion, Config, Emulator as _, Processor, RunOptions};
use armagnac::decoder::Lut16AndGrouped32InstructionDecoder;
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

/// Fills 32 words from a linear congruential generator and sorts them by insertion, for ever.
#[rustfmt::skip]
const SORT: &[u16] = &[
    0x480C, 0x2100, 0x4D0C, 0x436C, 0x4D0C, 0x1964, 0x5044, 0x3104, 0x2980, 0xD1F7, 0x2104, 0x5842,
    0x000B, 0x1F1E, 0x5985, 0x4295, 0xD902, 0x50C5, 0x0033, 0xD1F8, 0x50C2, 0x3104, 0x2980, 0xD1F2,
    0xE7E7, 0xBF00, 0x0000, 0x2000, 0x660D, 0x0019, 0xF35F, 0x3C6E,
];

/// Name and code.
const PROGRAMS: [(&str, &[u16]); 2] = [("CRC, copy and calls", LOOPS), ("sort", SORT)];

/// Instructions after which both must have the same registers.
const N_COMPARED: usize = 100_000;
const N_ROUNDS: usize = 5;
/// Cycles of a round of the core, and instructions of one of armagnac.
const CORE_CYCLES: u64 = 100_000_000;
const ARMAGNAC_INSTRUCTIONS: usize = 1_000_000;

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
        let bytes = self.flash.get(address as usize..)?;
        bytes.first_chunk::<2>().copied().map(u16::from_le_bytes)
    }

    fn interrupt_lines(&mut self, _: u64) -> u32 {
        0
    }

    fn attention(&mut self) -> Attention {
        Attention::None
    }
}

/// Flash with a program, as both see it.
fn flash(code: &[u16]) -> Box<[u8; FLASH_BYTES]> {
    let mut flash = Box::new([0xFF; FLASH_BYTES]);
    flash[..4].copy_from_slice(&stack().to_le_bytes());
    flash[4..8].copy_from_slice(&(PROGRAM | 1).to_le_bytes());
    let places = flash[PROGRAM as usize..].chunks_exact_mut(2);
    for (bytes, halfword) in places.zip(code) {
        bytes.copy_from_slice(&halfword.to_le_bytes());
    }
    flash
}

fn stack() -> u32 {
    RAM_BASE + RAM_BYTES as u32
}

fn core(code: &[u16]) -> (Core, Memory) {
    let mut memory = Memory {
        flash: flash(code),
        ram: Box::new([0; RAM_BYTES]),
    };
    let mut core = Core::new();
    core.reset(&mut memory);
    (core, memory)
}

fn armagnac(code: &[u16]) -> Processor {
    let mut processor = Processor::new(Config::v6m());
    processor.instruction_decoder =
        Box::new(Lut16AndGrouped32InstructionDecoder::new(ArmVersion::V6M));
    let mapped = (
        processor.map(0, &flash(code)[..]).is_ok(),
        processor.map_ram(RAM_BASE, RAM_BYTES as u32).is_ok(),
    );
    assert_eq!(mapped, (true, true), "flash and RAM do not overlap");
    processor.set_sp(stack());
    processor.registers.lr = 0xFFFF_FFFF;
    processor.set_pc(PROGRAM);
    processor
}

fn run_armagnac(processor: &mut Processor, n_instructions: usize) {
    let ended = processor.run(RunOptions::new().gas(n_instructions));
    assert!(matches!(ended, Ok(None)), "armagnac stopped");
}

/// Both have the same low registers, stack pointer, link register and program counter after the
/// same number of instructions.
fn compare(code: &[u16]) {
    let (mut core, mut memory) = core(code);
    while core.instructions() < N_COMPARED as u64 {
        let stop = core.run(&mut memory, core.now() + 1);
        assert_eq!(stop, Stop::Deadline);
    }
    let mut processor = armagnac(code);
    run_armagnac(&mut processor, N_COMPARED);
    let it = &processor.registers;
    let low = [it.r0, it.r1, it.r2, it.r3, it.r4, it.r5, it.r6, it.r7];
    assert_eq!(std::array::from_fn(|index| core.register(index)), low);
    let other = [processor.sp(), processor.lr(), processor.pc()];
    assert_eq!([13, 14, 15].map(|index| core.register(index)), other);
}

/// Million instructions a second of one round of each.
#[expect(
    clippy::disallowed_methods,
    reason = "wall-clock time is what is measured"
)]
fn round(core: &mut Core, memory: &mut Memory, processor: &mut Processor) -> (f64, f64) {
    let (start, n_before) = (Instant::now(), core.instructions());
    let stop = core.run(memory, core.now() + CORE_CYCLES);
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(stop, Stop::Deadline);
    let of_core = (core.instructions() - n_before) as f64 / seconds / 1e6;

    let start = Instant::now();
    run_armagnac(processor, ARMAGNAC_INSTRUCTIONS);
    let seconds = start.elapsed().as_secs_f64();
    (of_core, ARMAGNAC_INSTRUCTIONS as f64 / seconds / 1e6)
}

#[expect(clippy::print_stdout, reason = "the figure is the output")]
fn main() {
    println!(
        "million instructions/s, best of {N_ROUNDS} rounds by turns; ratio of the same round, median"
    );
    for (name, code) in PROGRAMS {
        compare(code);
        let (mut core, mut memory) = core(code);
        let mut processor = armagnac(code);
        let rounds: Vec<(f64, f64)> = (0..N_ROUNDS)
            .map(|_| round(&mut core, &mut memory, &mut processor))
            .collect();
        let best = |of: fn(&(f64, f64)) -> f64| rounds.iter().map(of).fold(0.0, f64::max);
        let mut ratios: Vec<f64> = rounds.iter().map(|it| it.0 / it.1).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name}: rig-armv6m {:.0}, armagnac {:.1}, ratio {:.1}",
            best(|it| it.0),
            best(|it| it.1),
            ratios[N_ROUNDS / 2]
        );
    }
}
