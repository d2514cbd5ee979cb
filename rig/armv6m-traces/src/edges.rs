//! Cases chosen by hand: each operation at the boundaries of its operands, each kind of access at
//! each alignment, and what ends in an exception.

use crate::assembly::{
    APSR, BX_LR, Block, CONTROL, CPSID, CPSIE, ISB, LR, MSP, PC, PRIMASK, PSP, SP, SVC, UDF, high,
    imm5, imm8, low, mov, mrs, msr, three,
};
use crate::mixed::UNDEFINED;
use crate::program::{DATA, FLAGS, Image, MAIN_STACK, PROCESS_STACK, Start};
use crate::random::BOUNDARIES;

/// Where the boundary values stand in flash: two tables, one behind the other.
const TABLE: u32 = 0x1400;
const TABLE_END: u32 = TABLE + 4 * BOUNDARIES.len() as u32;
const NE: u16 = 1;

pub(crate) fn blocks(image: &mut Image) {
    for (index, value) in (0..).zip(BOUNDARIES) {
        image.put_word(TABLE + 4 * index, value);
    }
    arithmetic(image);
    conditions(image);
    accesses(image);
    multiples(image);
    stacks(image);
    branches(image);
    special_registers(image);
    exceptions(image);
    faults(image);
}

/// Runs `code` with r0 and r1 at every pair of boundary values, flags all clear and all set.
fn over_pairs(image: &mut Image, code: &[u16]) {
    image.block(&Start::plain(), |block| {
        block.op(imm8(0x2000, 7, 0));
        let flags = block.label_here();
        block.load(4, TABLE);
        let first = block.label_here();
        block.load(5, TABLE);
        let second = block.label_here();
        block.ops(&[imm5(0x6800, 0, 4, 0), imm5(0x6800, 1, 5, 0)]);
        block.ops(&msr(APSR, 7));
        block.ops(code);
        block.op(imm8(0x3000, 5, 4));
        block.load(6, TABLE_END);
        block.op(low(0x4280, 5, 6));
        block.branch_if(NE, second);
        block.op(imm8(0x3000, 4, 4));
        block.op(low(0x4280, 4, 6));
        block.branch_if(NE, first);
        block.load(6, FLAGS);
        block.op(low(0x4040, 7, 6)); // eors r7, r6
        block.branch_if(NE, flags);
    });
}

/// Runs `code` with r0 at every boundary value, flags all clear and all set.
fn over_values(image: &mut Image, code: &[u16]) {
    image.block(&Start::plain(), |block| {
        block.op(imm8(0x2000, 7, 0));
        let flags = block.label_here();
        block.load(4, TABLE);
        block.load(6, TABLE_END);
        let next = block.label_here();
        block.op(0xCC01); // ldm r4!, {r0}
        block.ops(&msr(APSR, 7));
        block.ops(code);
        block.op(low(0x4280, 4, 6));
        block.branch_if(NE, next);
        block.load(6, FLAGS);
        block.op(low(0x4040, 7, 6));
        block.branch_if(NE, flags);
    });
}

/// Additions with carry and overflow, shifts by 0, 1, 31, 32 and more, products, extensions.
fn arithmetic(image: &mut Image) {
    for operation in 0..16 {
        over_pairs(image, &[low(0x4000 | operation << 6, 0, 1)]);
    }
    for op in [0x1800, 0x1A00] {
        over_pairs(image, &[three(op, 2, 0, 1)]);
    }
    for op in [0x4400, 0x4500, 0x4600] {
        over_pairs(image, &[mov(10, 0), high(op, 10, 1), mov(2, 10)]);
    }
    for op in [0x0000, 0x0800, 0x1000] {
        for amount in [0, 1, 2, 7, 8, 15, 16, 30, 31] {
            over_values(image, &[imm5(op, 2, 0, amount)]);
        }
    }
    for op in [0x1C00, 0x1E00] {
        for value in [0, 1, 7] {
            over_values(image, &[three(op, 2, 0, value)]);
        }
    }
    for op in [0x2000, 0x2800, 0x3000, 0x3800] {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            over_values(image, &[imm8(op, 0, value)]);
        }
    }
    for op in [0xB200, 0xB240, 0xB280, 0xB2C0, 0xBA00, 0xBA40, 0xBAC0] {
        over_values(image, &[low(op, 2, 0)]);
    }
    // The program counter as an operand, at both alignments.
    for align in [&[][..], &[0xBF00]] {
        image.block(&Start::plain(), |block| {
            block.ops(align);
            block.ops(&[mov(0, PC), high(0x4400, 0, PC), imm8(0xA000, 1, 3)]);
            block.ops(&[imm8(0xA800, 2, 255), high(0x4400, 3, SP), mov(4, SP)]);
            block.ops(&[0xB07F, 0xB0FF, high(0x4500, 4, SP), high(0x4500, SP, LR)]);
            block.load(0, MAIN_STACK | 3);
            block.ops(&[mov(SP, 0), mov(1, SP), imm8(0x2000, 0, 7)]);
            block.ops(&[high(0x4400, SP, 0), mov(1, SP)]);
        });
    }
}

/// Every condition with every flag.
fn conditions(image: &mut Image) {
    for flags in 0..16 {
        let start = Start {
            flags: flags << 28,
            ..Start::plain()
        };
        image.block(&start, |block| {
            for condition in 0..14 {
                let behind = block.label();
                block.branch_if(condition, behind);
                block.op(mov(8 + (condition & 3), PC));
                block.place(behind);
            }
        });
    }
}

/// Loads and stores of every width at every alignment, forwards and backwards, and at both ends
/// of RAM.
fn accesses(image: &mut Image) {
    for alignment in 0..4 {
        for op in [0x6000, 0x6800, 0x7000, 0x7800, 0x8000, 0x8800] {
            for offset in [0, 1, 31] {
                access(image, DATA + alignment, &[imm5(op, 1, 0, offset)]);
            }
        }
        for operation in 0..8 {
            let op = three(0x5000 | operation << 9, 1, 0, 2);
            access(image, DATA, &[imm8(0x2000, 2, alignment), op]);
            let back = low(0x4240, 2, 2);
            access(image, DATA, &[imm8(0x2000, 2, 8 - alignment), back, op]);
        }
    }
    for edge in [0x2000_0000, 0x2000_3FFC, 0x2000_4000, 0x1FFF_FFFF] {
        for op in [0x6000, 0x6800, 0x7000, 0x7800, 0x8000, 0x8800] {
            access(image, edge, &[imm5(op, 1, 0, 0)]);
        }
    }
    for nowhere in [0x3000_0000, 0x6800_0000, 0x8000_0000, 0xA000_0000] {
        for op in [0x6000, 0x6800, 0x7000, 0x7800, 0x8000, 0x8800] {
            access(image, nowhere, &[imm5(op, 1, 0, 0)]);
        }
    }
    for op in [0x9000, 0x9800] {
        for offset in [0, 1, 255] {
            access(image, DATA, &[imm8(op, 1, offset)]);
        }
    }
}

fn access(image: &mut Image, base: u32, code: &[u16]) {
    image.block(&Start::plain(), |block| {
        block.load(0, base);
        block.load(1, 0x8192_A3B4);
        block.ops(code);
    });
}

/// LDM and STM with the base in the list or not, unaligned, and past the end of RAM.
fn multiples(image: &mut Image) {
    for base in [0_u16, 3, 7] {
        for list in [1_u32, 0x80, 0x0F, 0xF0, 0xFF, 0xAA] {
            for address in [DATA, DATA + 1, DATA + 2, DATA + 3, 0x3000_0000] {
                let lowest = list.trailing_zeros() as u16;
                let is_listed = list >> base & 1 != 0;
                image.block(&Start::plain(), |block| {
                    block.load(base, address);
                    block.op(imm8(0xC800, base, list));
                });
                if !is_listed || lowest == base {
                    image.block(&Start::plain(), |block| {
                        block.load(base, address);
                        block.op(imm8(0xC000, base, list));
                    });
                }
            }
        }
    }
}

/// PUSH and POP of every register alone and of all, with LR and PC.
fn stacks(image: &mut Image) {
    for list in [1, 2, 4, 8, 16, 32, 64, 128, 0xFF, 0x55] {
        image.block(&Start::plain(), |block| {
            block.ops(&[0xB400 | list, 0xBC00 | (list << 1 | list >> 7) & 0xFF]);
            block.ops(&[0xB500 | list, 0xBC00 | list, mov(3, SP)]);
        });
        for bit_0 in [1, 0] {
            image.block(&Start::plain(), |block| {
                let there = block.label();
                block.load_label(0, there, bit_0);
                block.ops(&[mov(LR, 0), 0xB500 | list, 0xBD00 | list, UDF]);
                block.place(there);
                block.op(mov(3, SP));
            });
        }
    }
    image.block(&Start::plain(), |block| {
        block.ops(&[0xB500, 0xBC01, mov(3, SP)])
    });
}

/// Branches to the ends of their reach and by register, calls of far functions, bit 0 clear.
fn branches(image: &mut Image) {
    for target in [0x1800, 0x1820, 0x3_F000, 0x3_F0E0] {
        image.block(&Start::plain(), |block| {
            block.call(target);
            block.load(0, target | 1);
            block.ops(&[0x4780, mov(12, 0), 0x47E0]); // blx r0; blx r12
        });
    }
    for bit_0 in [1, 0] {
        for op in [0x4700, 0x4780] {
            for register in [0, 7, 12, LR] {
                image.block(&Start::plain(), |block| {
                    let there = block.label();
                    block.load_label(0, there, bit_0);
                    block.ops(&[mov(register, 0), op | register << 3, UDF, UDF]);
                    block.place(there);
                    block.ops(&[mov(1, LR), mov(2, PC)]);
                });
            }
        }
    }
    // Forwards over 2 KiB less a word, and back: B reaches -2048 to 2046.
    image.block(&Start::plain(), |block| {
        let (there, back) = (block.label(), block.label());
        block.branch(there);
        block.place(back);
        let behind = block.label();
        block.branch(behind);
        for _ in 0..100 {
            block.op(UDF);
        }
        block.place(there);
        block.branch_if(NE, back);
        block.branch(back);
        block.place(behind);
    });
    // BL beyond any memory, as far as it goes.
    for offset in [0x00FF_FFFE, 0x0040_0000, 0x0080_0000] {
        image.block(&Start::plain(), |block| {
            block.call(block.here().wrapping_add(4).wrapping_add(offset));
        });
    }
    // MOV and ADD to r15 ignore bit 0.
    for bit_0 in [0, 1] {
        image.block(&Start::plain(), |block| {
            let there = block.label();
            block.load_label(0, there, bit_0);
            block.ops(&[mov(PC, 0), UDF]);
            block.place(there);
            let from = block.here() + 6;
            let next = block.label();
            block.load_distance(0, next, from - bit_0);
            block.ops(&[high(0x4400, PC, 0), UDF, UDF]);
            block.place(next);
        });
    }
}

/// MRS of every register, MSR of those that can be written.
fn special_registers(image: &mut Image) {
    for flags in [0, FLAGS, 0xF7FF_FFFF] {
        image.block(&Start::plain(), |block| {
            block.load(0, flags);
            for special in [APSR, 1, 2, 3, 5, 6, 7] {
                block.ops(&msr(special, 0));
                block.ops(&mrs(special & 7, special));
                block.load(0, flags);
            }
            block.ops(&mrs(1, APSR));
            for special in [MSP, PSP, PRIMASK, CONTROL] {
                block.ops(&mrs(2, special));
            }
        });
    }
    for low_bits in 0..4 {
        image.block(&Start::plain(), |block| {
            block.load(0, PROCESS_STACK | low_bits);
            block.ops(&msr(PSP, 0));
            block.ops(&mrs(1, PSP));
            block.load(0, MAIN_STACK | low_bits);
            block.ops(&msr(MSP, 0));
            block.ops(&mrs(2, MSP));
            block.op(mov(3, SP));
            block.load(0, !1 | low_bits);
            block.ops(&msr(PRIMASK, 0));
            block.ops(&mrs(4, PRIMASK));
            block.op(CPSIE);
            block.ops(&mrs(5, PRIMASK));
            block.op(CPSID);
            block.ops(&mrs(6, PRIMASK));
            block.op(CPSIE);
        });
    }
}

/// SVC and HardFault from either stack, at either alignment, with and without flags: the
/// handlers read the frame.
fn exceptions(image: &mut Image) {
    for process in [false, true] {
        for offset in [0, 4] {
            for flags in [0, FLAGS] {
                for op in [SVC | 7, UDF | 1] {
                    image.block(&Start::plain(), |block| {
                        on_stack(block, process, offset);
                        block.load(0, flags);
                        block.ops(&msr(APSR, 0));
                        block.ops(&[op, mov(1, SP)]);
                        block.ops(&mrs(2, CONTROL));
                        block.ops(&mrs(3, 3));
                    });
                }
            }
        }
    }
}

fn on_stack(block: &mut Block, process: bool, offset: u32) {
    if !process {
        block.load(0, MAIN_STACK + offset);
        block.op(mov(SP, 0));
        return;
    }
    block.load(0, PROCESS_STACK + offset);
    block.ops(&msr(PSP, 0));
    block.op(imm8(0x2000, 0, 2));
    block.ops(&msr(CONTROL, 0));
    block.ops(&ISB);
}

/// Encodings that are undefined, and places that do not execute.
fn faults(image: &mut Image) {
    for undefined in UNDEFINED.into_iter().chain([UDF, UDF | 0xFF]) {
        image.block(&Start::plain(), |block| block.op(undefined));
    }
    for pair in [
        [0xE800, 0x0000],
        [0xE92D, 0x4010],
        [0xEA4F, 0x0000],
        [0xF000, 0x8000],
        [0xF04F, 0x0000],
        [0xF7F0, 0xA000],
        [0xF800, 0x0000],
        [0xFB00, 0xF000],
        [0xFFFF, 0xFFFF],
    ] {
        image.block(&Start::plain(), |block| block.ops(&pair));
    }
    for nowhere in [0x3000_0001, 0x6000_0001, 0xA000_0001, 0xC000_0001] {
        image.block(&Start::plain(), |block| {
            block.load(0, nowhere);
            block.ops(&[mov(LR, 0), BX_LR]);
        });
    }
}
