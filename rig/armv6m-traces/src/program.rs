//! The programs, and the image that each is: vectors, handlers, blocks, and a reading of all RAM.
//!
//! A block begins by loading every register and the flags, runs its instructions, and falls
//! through into the next.
//! A HardFault ends a block: its handler reads the frame and goes on with the next block.

use crate::assembly::{APSR, BKPT, Block, CONTROL, CPSIE, ISB, LR, NOP, SP, imm8, mov, msr};
use crate::random::Random;
use crate::{edges, handlers, mixed, systems};

pub(crate) const FLASH_BYTES: u32 = 0x4_0000;
pub(crate) const RAM_BASE: u32 = 0x2000_0000;
pub(crate) const RAM_BYTES: u32 = 0x4000;

/// Middle of the words that programs load and store.
pub(crate) const DATA: u32 = RAM_BASE + 0xA00;
/// Where blocks begin the main stack, and how far it may go.
pub(crate) const MAIN_STACK: u32 = RAM_BASE + 0x2400;
/// Where blocks begin the process stack.
pub(crate) const PROCESS_STACK: u32 = RAM_BASE + 0x3400;
/// Bytes that a block's stack pointer may move either way.
pub(crate) const STACK_REACH: u32 = 0x200;
/// Address of the next block, for the HardFault handler.
pub(crate) const NEXT: u32 = RAM_BASE + 0x3F00;

/// N, Z, C, V: QEMU writes APSR.Q too, which ARMv6-M does not have.
pub(crate) const FLAGS: u32 = 0xF000_0000;

const FIRST_BLOCK: u32 = 0x2000;
const LAST_BLOCK: u32 = 0x3_E000;

/// How a program is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Cases chosen by hand.
    Edges,
    /// Random instructions of all kinds.
    Mixed,
    /// Random instructions among pending exceptions, priorities and masks.
    Systems,
}

/// A program: same seed, same image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Name of its golden file.
    pub name: &'static str,
    kind: Kind,
    seed: u64,
}

const fn program(name: &'static str, kind: Kind, seed: u64) -> Program {
    Program { name, kind, seed }
}

/// Every program of which a trace is kept.
pub const PROGRAMS: &[Program] = &[
    program("edges", Kind::Edges, 1),
    program("mixed-01", Kind::Mixed, 101),
    program("mixed-02", Kind::Mixed, 102),
    program("mixed-03", Kind::Mixed, 103),
    program("mixed-04", Kind::Mixed, 104),
    program("mixed-05", Kind::Mixed, 105),
    program("mixed-06", Kind::Mixed, 106),
    program("mixed-07", Kind::Mixed, 107),
    program("mixed-08", Kind::Mixed, 108),
    program("systems-01", Kind::Systems, 201),
    program("systems-02", Kind::Systems, 202),
    program("systems-03", Kind::Systems, 203),
    program("systems-04", Kind::Systems, 204),
];

impl Program {
    /// Contents of flash, from address 0.
    pub fn flash(&self) -> Vec<u8> {
        let mut image = Image {
            flash: NOP.to_le_bytes().repeat(FLASH_BYTES as usize / 2),
            next: FIRST_BLOCK,
        };
        let mut random = Random::new(self.seed);
        handlers::place(&mut image, &mut random, self.kind == Kind::Systems);
        match self.kind {
            Kind::Edges => edges::blocks(&mut image),
            Kind::Mixed => {
                while image.has_room() {
                    mixed::block(&mut image, &mut random);
                }
            }
            Kind::Systems => {
                while image.has_room() {
                    systems::block(&mut image, &mut random);
                }
            }
        }
        image.finish()
    }

    /// Contents of RAM, from 0x2000_0000.
    pub fn ram(&self) -> Vec<u8> {
        let mut random = Random::new(!self.seed);
        let words = (0..RAM_BYTES / 4).map(|_| random.value().to_le_bytes());
        words.flatten().collect()
    }
}

/// Registers and flags that a block begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// r0 to r12, sp, lr.
    pub(crate) registers: [u32; 15],
    /// N, Z, C, V in bits 31 to 28.
    pub(crate) flags: u32,
}

impl Start {
    /// Registers r8 and r9 point into RAM, r9 at an odd place.
    pub(crate) fn random(random: &mut Random) -> Self {
        let mut registers = [0; 15];
        registers.fill_with(|| random.value());
        registers[8] = DATA + 4 * random.below(16);
        registers[9] = DATA + 1 + random.below(63);
        registers[usize::from(SP)] = MAIN_STACK + 4 * random.below(2);
        Self {
            registers,
            flags: random.word() & FLAGS,
        }
    }

    /// The same registers for every block: what tells apart is in what the block does.
    pub(crate) fn plain() -> Self {
        let mut registers = std::array::from_fn(|it| 0x0101_0101 * (it as u32 + 1));
        registers[8] = DATA;
        registers[9] = DATA + 1;
        registers[usize::from(SP)] = MAIN_STACK;
        Self {
            registers,
            flags: 0,
        }
    }
}

/// Flash while it is filled.
pub(crate) struct Image {
    flash: Vec<u8>,
    /// Where the next block begins.
    next: u32,
}

impl Image {
    pub(crate) fn has_room(&self) -> bool {
        self.next < LAST_BLOCK - 0x400
    }

    /// Puts halfwords at an address; returns the one behind them, a multiple of 4.
    pub(crate) fn put(&mut self, address: u32, code: &[u16]) -> u32 {
        let start = address as usize;
        for (place, halfword) in self.flash[start..].chunks_exact_mut(2).zip(code) {
            place.copy_from_slice(&halfword.to_le_bytes());
        }
        (address + 2 * code.len() as u32 + 3) & !3
    }

    pub(crate) fn put_word(&mut self, address: u32, value: u32) {
        self.put(address, &[value as u16, (value >> 16) as u16]);
    }

    /// Adds a block that begins with these registers.
    pub(crate) fn block(&mut self, start: &Start, body: impl FnOnce(&mut Block)) {
        assert!(self.next < LAST_BLOCK, "the program fits into flash");
        let mut block = Block::new(self.next);
        begin(&mut block, start);
        body(&mut block);
        self.next = self.put(self.next, &block.finish());
    }

    fn finish(mut self) -> Vec<u8> {
        let mut block = Block::new(self.next);
        begin(&mut block, &Start::plain());
        // Four words of RAM an LDM, so that they show in the trace.
        block.load(0, RAM_BASE);
        block.load(5, RAM_BASE + RAM_BYTES);
        let again = block.label_here();
        block.ops(&[0xC81E, 0x42A8]); // ldm r0!, {r1-r4}; cmp r0, r5
        block.branch_if(1, again);
        // The end, in the words of semihosting: SYS_EXIT, ADP_Stopped_ApplicationExit.
        block.load(0, 0x18);
        block.load(1, 0x2_0026);
        block.op(BKPT | 0xAB);
        let code = block.finish();
        self.put(self.next, &code);
        self.flash
    }
}

/// Main stack, registers, flags; the address of the next block goes where the HardFault handler
/// looks for it.
fn begin(block: &mut Block, start: &Start) {
    block.op(imm8(0x2000, 0, 0));
    block.ops(&msr(CONTROL, 0));
    block.ops(&ISB);
    block.load(0, NEXT);
    block.load_end(1);
    block.op(0x6001); // str r1, [r0]
    for register in [SP, 8, 9, 10, 11, 12, LR] {
        block.load(0, start.registers[usize::from(register)]);
        block.op(mov(register, 0));
    }
    block.op(CPSIE);
    block.load(0, start.flags);
    block.ops(&msr(APSR, 0));
    for register in 0..8 {
        block.load(register, start.registers[usize::from(register)]);
    }
}
