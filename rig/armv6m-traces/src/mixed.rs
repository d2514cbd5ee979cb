//! Blocks of random instructions. Where control goes and what the stack pointer holds is known
//! when a block is made, so that every program ends.

use crate::assembly::{
    APSR, BX_LR, Block, CONTROL, CPSID, CPSIE, DMB, DSB, ISB, LR, MSP, NOP, PC, PRIMASK, PSP, SP,
    SVC, UDF, high, imm5, imm8, low, mov, mrs, msr, three,
};
use crate::handlers;
use crate::program::{Image, MAIN_STACK, PROCESS_STACK, STACK_REACH, Start};
use crate::random::Random;

/// Halfwords after which a block ends: its literals must be in reach.
pub(crate) const BLOCK_HALFWORDS: usize = 170;

/// A block while it is made.
pub(crate) struct Mixer<'a> {
    pub(crate) block: &'a mut Block,
    pub(crate) random: &'a mut Random,
    /// What the stack pointer holds, and where its range begins.
    sp: u32,
    stack: u32,
}

pub(crate) fn block(image: &mut Image, random: &mut Random) {
    let start = Start::random(random);
    image.block(&start, |block| {
        let mut mixer = Mixer::new(block, random, &start);
        while mixer.block.n_halfwords() < BLOCK_HALFWORDS {
            mixer.instruction();
        }
    });
}

/// A 16-bit instruction that touches low registers and flags alone, with none of `kept` as its
/// destination.
pub(crate) fn simple(random: &mut Random, kept: &[u16]) -> u16 {
    let (d, n, m) = (random.low_but(kept), random.low(), random.low());
    match random.below(10) {
        0..=3 => low(0x4000 | (random.below(16) as u16) << 6, d, m),
        4 => imm5(random.pick(&[0x0000, 0x0800, 0x1000]), d, m, random.word()),
        5 => three(random.pick(&[0x1800, 0x1A00]), d, n, m),
        6 => three(random.pick(&[0x1C00, 0x1E00]), d, n, random.below(8) as u16),
        7 => imm8(
            random.pick(&[0x2000, 0x2800, 0x3000, 0x3800]),
            d,
            random.word(),
        ),
        8 => low(random.pick(&[0xB200, 0xB240, 0xB280, 0xB2C0]), d, m),
        _ => low(random.pick(&[0xBA00, 0xBA40, 0xBAC0]), d, m),
    }
}

impl<'a> Mixer<'a> {
    pub(crate) fn new(block: &'a mut Block, random: &'a mut Random, start: &Start) -> Self {
        Self {
            block,
            random,
            sp: start.registers[usize::from(SP)],
            stack: MAIN_STACK,
        }
    }

    /// Adds an instruction, with what it needs before it.
    pub(crate) fn instruction(&mut self) {
        match self.random.below(100) {
            0..=39 => self.simple(),
            40..=47 => self.high(),
            48..=62 => self.access(),
            63..=68 => self.multiple(),
            69..=76 => self.stack(),
            77..=82 => self.skip(),
            83..=84 => self.repeat(),
            85..=91 => self.jump(),
            92..=98 => self.special(),
            _ => self.end(),
        }
    }

    pub(crate) fn simple(&mut self) {
        let op = simple(self.random, &[]);
        self.block.op(op);
    }

    /// ADD, CMP, MOV of high registers; ADR; ADD of the stack pointer.
    fn high(&mut self) {
        // r8 and r9 stay: they point into RAM.
        let d = self.random.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, LR]);
        let m = self.random.below(15) as u16;
        let rd = self.random.low();
        let op = match self.random.below(8) {
            0..=1 => high(0x4400, d, m),
            2..=3 => mov(d, m),
            4 => high(self.random.pick(&[0x4400, 0x4600]), d, PC),
            // One of them is high, and neither is r15.
            5 if m < 8 => high(0x4500, 8 + self.random.below(7) as u16, m),
            5 => high(0x4500, self.random.below(15) as u16, m),
            6 => imm8(0xA000, rd, self.random.word()),
            _ => imm8(0xA800, rd, self.random.word()),
        };
        self.block.op(op);
    }

    /// A load or store of one register: through r8, at an odd place through r9, of a literal,
    /// of the stack, or where nothing is.
    fn access(&mut self) {
        let (t, base) = (self.random.low(), self.random.low());
        match self.random.below(24) {
            0..=1 => {
                let value = self.random.value();
                self.block.load(t, value);
                return;
            }
            2..=4 => {
                let op = self.random.pick(&[0x9000, 0x9800]);
                self.block.op(imm8(op, t, self.random.word()));
                return;
            }
            5 if self.random.one_in(2) => {
                // Between and behind the regions of the board.
                let nowhere = self.random.pick(&[
                    0x2000_4000,
                    0x3000_0000,
                    0x6800_0000,
                    0x8000_0000,
                    0xA000_0001,
                    0xDFFF_FF00,
                ]);
                self.block.load(base, nowhere);
            }
            6 if self.random.one_in(2) => self.block.op(mov(base, 9)),
            7 => {
                // Flash is only read.
                let address = 4 * self.random.below(0x8000);
                self.block.load(base, address);
                let op = self.random.pick(&[0x6800, 0x7800, 0x8800]);
                self.block.op(imm5(op, t, base, self.random.word()));
                return;
            }
            _ => self.block.op(mov(base, 8)),
        }
        if self.random.one_in(2) {
            let op = self
                .random
                .pick(&[0x6000, 0x6800, 0x7000, 0x7800, 0x8000, 0x8800]);
            self.block.op(imm5(op, t, base, self.random.word()));
            return;
        }
        // Eight operations with an index register, forwards or backwards.
        let operation = self.random.below(8) as u16;
        let alignment = match operation {
            0 | 4 => 3,
            1 | 5 | 7 => 1,
            _ => 0,
        };
        let mask = if self.random.one_in(12) { 0 } else { alignment };
        let index = self.random.low_but(&[base]);
        self.block
            .op(imm8(0x2000, index, self.random.word() & !mask));
        if self.random.one_in(3) {
            self.block.op(low(0x4240, index, index)); // rsbs
        }
        let operands = if self.random.one_in(2) {
            (base, index)
        } else {
            (index, base)
        };
        self.block
            .op(three(0x5000 | operation << 9, t, operands.0, operands.1));
    }

    /// LDM or STM.
    fn multiple(&mut self) {
        let base = self.random.low();
        let from = if self.random.one_in(24) { 9 } else { 8 };
        self.block.op(mov(base, from));
        let list = 1 + self.random.below(255);
        let op = if self.random.one_in(2) {
            imm8(0xC800, base, list)
        } else {
            // A base in the list must be its lowest.
            let below = list & ((1 << base) - 1);
            let is_listed = list >> base & 1 != 0;
            let list = if is_listed { list & !below } else { list };
            imm8(0xC000, base, list)
        };
        self.block.op(op);
    }

    /// PUSH, POP, and moves of the stack pointer.
    fn stack(&mut self) {
        let list = self.random.below(256);
        let n_bytes = 4 * list.count_ones();
        let (bottom, top) = (self.stack - STACK_REACH, self.stack + STACK_REACH);
        match self.random.below(6) {
            0..=1 if self.sp - n_bytes - 4 >= bottom => {
                let with_lr = list == 0 || self.random.one_in(2);
                let op = if with_lr { 0xB500 } else { 0xB400 };
                self.block.op(op | list as u16);
                self.sp -= n_bytes + if with_lr { 4 } else { 0 };
            }
            2..=3 if list != 0 && self.sp + n_bytes <= top => {
                self.block.op(0xBC00 | list as u16);
                self.sp += n_bytes;
            }
            4 => {
                let words = self.random.below((top - self.sp) / 4).min(0x7F);
                self.block.op(0xB000 | words as u16);
                self.sp += 4 * words;
            }
            _ => {
                let words = self.random.below((self.sp - bottom) / 4).min(0x7F);
                self.block.op(0xB080 | words as u16);
                self.sp -= 4 * words;
            }
        }
    }

    /// A branch over some instructions, with or without condition.
    fn skip(&mut self) {
        let behind = self.block.label();
        match self.random.below(15) {
            14 => self.block.branch(behind),
            condition => self.block.branch_if(condition as u16, behind),
        }
        for _ in 0..self.random.below(6) {
            self.simple();
        }
        self.block.place(behind);
    }

    /// A loop of up to eight turns.
    fn repeat(&mut self) {
        let counter = self.random.low();
        let turns = 1 + self.random.below(8);
        self.block.op(imm8(0x2000, counter, turns));
        let again = self.block.label_here();
        for _ in 0..1 + self.random.below(6) {
            let op = simple(self.random, &[counter]);
            self.block.op(op);
        }
        self.block.op(imm8(0x3800, counter, 1));
        self.block.branch_if(1, again);
    }

    /// Branches by register, calls and returns.
    fn jump(&mut self) {
        let register = self.random.low();
        let there = self.block.label();
        match self.random.below(8) {
            0..=2 => {
                let target = handlers::function(self.random);
                self.block.call(target);
                return;
            }
            3 => {
                let target = handlers::function(self.random);
                self.block.load(register, target | 1);
                self.block.op(0x4780 | register << 3); // blx
                return;
            }
            4 => {
                self.block.load_label(register, there, 1);
                let through = self.random.pick(&[register, 12, LR]);
                self.block.op(mov(through, register));
                self.block.op(0x4700 | through << 3); // bx
            }
            5 => {
                let bit_0 = self.random.below(2);
                self.block.load_label(register, there, bit_0);
                self.block.op(mov(PC, register));
            }
            6 => {
                // add pc: two instructions on, from its address plus 4.
                let from = self.block.here() + 2 + 4;
                self.block.load_distance(register, there, from);
                self.block.op(high(0x4400, PC, register));
            }
            _ => {
                // Returned to by POP, above some words.
                let list = self.random.below(256);
                let n_words = list.count_ones();
                if self.sp - 4 * (n_words + 1) < self.stack - STACK_REACH {
                    return;
                }
                self.block.load_label(register, there, 1);
                self.block.op(0xB400 | 1 << register);
                self.block.op(0xB080 | n_words as u16);
                self.block.op(0xBD00 | list as u16);
            }
        }
        for _ in 0..self.random.below(3) {
            self.simple();
        }
        self.block.place(there);
    }

    /// Special registers, barriers, hints, masks, SVC.
    pub(crate) fn special(&mut self) {
        let register = self.random.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 10, 12, LR]);
        match self.random.below(14) {
            0..=4 => {
                let special = self
                    .random
                    .pick(&[0, 1, 2, 3, 5, 6, 7, MSP, PSP, PRIMASK, CONTROL]);
                self.block.ops(&mrs(register, special));
            }
            5..=6 => {
                // The parts of xPSR other than flags are not written.
                let special = self.random.pick(&[APSR, 1, 2, 3, 5, 6, 7]);
                let register = self.random.low();
                let value = self.random.word();
                self.block.load(register, value & !(1 << 27));
                self.block.ops(&msr(special, register));
            }
            7 => self.block.ops(&msr(PRIMASK, register)),
            8 => {
                let op = self.random.pick(&[CPSIE, CPSIE, CPSID]);
                self.block.op(op);
            }
            9 => {
                let barrier = self.random.pick(&[DSB, DMB, ISB]);
                self.block.ops(&barrier);
            }
            10 => {
                // NOP, YIELD, SEV.
                let hint = self.random.pick(&[NOP, 0xBF10, 0xBF40]);
                self.block.op(hint);
            }
            11..=12 => {
                self.block.op(CPSIE);
                self.block.op(SVC | self.random.below(256) as u16);
            }
            _ => self.process_stack(),
        }
    }

    /// Goes over to the process stack, or to another place of the one in use.
    fn process_stack(&mut self) {
        let register = self.random.low();
        let low_bits = self.random.below(4);
        let offset = 4 * self.random.below(2);
        if self.random.one_in(3) {
            self.sp = self.stack + offset;
            self.block.load(register, self.sp | low_bits);
            self.block.op(mov(SP, register));
            return;
        }
        self.stack = PROCESS_STACK;
        self.sp = PROCESS_STACK + offset;
        self.block.load(register, self.sp | low_bits);
        self.block.ops(&msr(PSP, register));
        self.block.op(imm8(0x2000, register, 2));
        self.block.ops(&msr(CONTROL, register));
        self.block.ops(&ISB);
    }

    /// What ends the block by a HardFault.
    fn end(&mut self) {
        let register = self.random.low();
        match self.random.below(8) {
            0 => self.block.op(UDF | self.random.below(256) as u16),
            1 => {
                let undefined = self.random.pick(&UNDEFINED);
                self.block.op(undefined);
            }
            2 => {
                // The second halfword decides; none is BL, MSR, MRS or a barrier.
                let first = self
                    .random
                    .pick(&[0xE800, 0xE92D, 0xF000, 0xF7F0, 0xF800, 0xFFFF]);
                self.block
                    .ops(&[first, self.random.pick(&[0x0000, 0xA000, 0x4010])]);
            }
            3..=4 => {
                // To a state that is not there.
                let there = self.block.label_here();
                self.block.load_label(register, there, 0);
                self.block
                    .op(self.random.pick(&[0x4700, 0x4780]) | register << 3);
            }
            5 => {
                self.block.ops(&[CPSID, UDF]);
            }
            6 => {
                // Regions that never execute, and empty ones.
                let nowhere =
                    self.random
                        .pick(&[0xA000_0001, 0xC000_0101, 0x3000_0001, 0x6000_0001]);
                self.block.load(register, nowhere);
                self.block.op(mov(LR, register));
                self.block.op(BX_LR);
            }
            _ => {
                self.block.load(register, 0xD000_0000);
                self.block.op(imm8(0xC800, register, 3));
            }
        }
    }
}

/// Encodings that ARMv6-M leaves undefined (A5.2). CBZ and SETEND are undefined too, but QEMU
/// executes them.
pub(crate) const UNDEFINED: [u16; 3] = [0xB700, 0xB800, 0xBA80];
