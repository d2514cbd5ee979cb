//! Blocks around exceptions: pending, priorities, masks, calls. Everything is set off by the
//! program itself, so that its order does not hang on time.

use crate::assembly::{Block, CPSID, CPSIE, DSB, ISB, SVC, imm8};
use crate::mixed::{BLOCK_HALFWORDS, Mixer};
use crate::program::{Image, Start};
use crate::random::Random;

const ISER: u32 = 0xE000_E100;
const ICER: u32 = 0xE000_E180;
const ISPR: u32 = 0xE000_E200;
const ICPR: u32 = 0xE000_E280;
const IPR: u32 = 0xE000_E400;
const ICSR: u32 = 0xE000_ED04;
const SHPR2: u32 = 0xE000_ED1C;
const SHPR3: u32 = 0xE000_ED20;
const SHCSR: u32 = 0xE000_ED24;

pub(crate) fn block(image: &mut Image, random: &mut Random) {
    let start = Start::random(random);
    image.block(&start, |block| {
        let mut mixer = Mixer::new(block, random, &start);
        while mixer.block.n_halfwords() < BLOCK_HALFWORDS {
            match mixer.random.below(10) {
                0..=2 => mixer.simple(),
                3 => mixer.special(),
                4 => mixer.instruction(),
                5..=6 => configure(mixer.block, mixer.random),
                7 => look(mixer.block, mixer.random),
                8 => masked(&mut mixer),
                _ => pend(mixer.block, mixer.random),
            }
        }
    });
}

/// Stores a word in a system register, and waits for it.
fn write(block: &mut Block, random: &mut Random, address: u32, value: u32) {
    let base = random.low();
    let source = random.low_but(&[base]);
    block.load(base, address);
    block.load(source, value);
    // QEMU takes some of what becomes pending an instruction late; behind the mask, none.
    block.op(CPSID);
    block.op(0x6000 | base << 3 | source);
    block.ops(&DSB);
    if random.one_in(2) {
        block.op(CPSIE);
        block.ops(&ISB);
    }
}

/// Enables, disables, and gives priorities.
fn configure(block: &mut Block, random: &mut Random) {
    let value = random.word();
    let (address, mask) = match random.below(8) {
        0 => (ISER, !0),
        1 if random.one_in(2) => (ICER, !0),
        // Of these, QEMU writes reserved fields too.
        2..=3 => (SHPR3, 0xFFFF_0000),
        4 => (SHPR2, 0xFF00_0000),
        _ => (IPR + 4 * random.below(8), !0),
    };
    write(block, random, address, value & mask);
}

/// Reads a register back.
fn look(block: &mut Block, random: &mut Random) {
    let base = random.low();
    let address = match random.below(6) {
        0 => ISER,
        1 => ISPR,
        2 => ICPR,
        3 => SHPR2,
        4 => SHPR3,
        _ => IPR + 4 * random.below(8),
    };
    block.load(base, address);
    block.op(0x6800 | base << 3 | random.low());
}

/// Makes interrupts, PendSV, SysTick or NMI pending, or takes that back.
fn pend(block: &mut Block, random: &mut Random) {
    let few = random.word() & random.word() & random.word();
    match random.below(8) {
        0..=3 => write(block, random, ISPR, few),
        4 => write(block, random, ICPR, few),
        5 => write(block, random, SHCSR, 0),
        _ => {
            // PENDSTSET, PENDSTCLR, PENDSVSET, PENDSVCLR, NMIPENDSET; not set and clear at once.
            let bits = random.pick(&[
                1 << 26,
                1 << 25,
                1 << 28,
                1 << 27,
                1 << 28 | 1 << 26,
                1 << 31,
                1 << 31 | 1 << 28,
            ]);
            write(block, random, ICSR, bits);
        }
    }
}

/// Several at once behind the mask, then all of them.
fn masked(mixer: &mut Mixer<'_>) {
    mixer.block.op(CPSID);
    for _ in 0..1 + mixer.random.below(3) {
        pend(mixer.block, mixer.random);
    }
    if mixer.random.one_in(3) {
        mixer.simple();
    }
    mixer.block.op(CPSIE);
    mixer.block.ops(&ISB);
    if mixer.random.one_in(4) {
        mixer.block.op(SVC | imm8(0, 0, mixer.random.word()));
    }
}
