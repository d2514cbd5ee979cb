//! Vectors, exception handlers, and functions to call.

use crate::assembly::{
    BX_LR, Block, CPSID, CPSIE, ISB, LR, MSP, PC, PSP, SP, high, imm8, low, mov, mrs,
};
use crate::mixed;
use crate::program::{Image, MAIN_STACK, NEXT, RAM_BASE};
use crate::random::Random;

const HARD_FAULT: u32 = 0x100;
const HANDLERS: u32 = 0x200;
const HANDLERS_END: u32 = 0x1400;
/// Functions near the blocks, and far from them.
const FUNCTIONS: [u32; 2] = [0x1800, 0x3_F000];
const FUNCTION_BYTES: u32 = 0x20;
const N_FUNCTIONS: u32 = 16;

/// Address of a function: it does a little and returns.
pub(crate) fn function(random: &mut Random) -> u32 {
    random.pick(&FUNCTIONS) + FUNCTION_BYTES * random.below(N_FUNCTIONS)
}

/// Fills everything below the first block and behind the last.
pub(crate) fn place(image: &mut Image, random: &mut Random, may_nest: bool) {
    image.put_word(0, MAIN_STACK);
    image.put_word(4, 0x2000 | 1);
    image.put_word(4 * 3, HARD_FAULT | 1);
    image.put(HARD_FAULT, &hard_fault());
    let mut address = HANDLERS;
    for exception in (2..48).filter(|it| *it != 3) {
        image.put_word(4 * exception, address | 1);
        // Of greater number alone, so that it comes to an end.
        let later = exception.checked_sub(16).map(|it| !1 << it);
        let may_pend = later.filter(|_| may_nest);
        address = image.put(address, &handler(address, random, may_pend));
    }
    assert!(
        address <= HANDLERS_END,
        "handlers fit below tables and functions"
    );
    for area in FUNCTIONS {
        for index in 0..N_FUNCTIONS {
            image.put(area + FUNCTION_BYTES * index, &returning(random));
        }
    }
}

/// Reads the frame; goes on behind the instruction in handler mode, with the next block otherwise.
fn hard_fault() -> Vec<u16> {
    let mut block = Block::new(HARD_FAULT);
    block.op(mov(0, LR));
    block.load(1, 0xFFFF_FFF1);
    block.op(low(0x4280, 0, 1)); // cmp r0, r1
    let (to_thread, process, read) = (block.label(), block.label(), block.label());
    block.branch_if(1, to_thread);
    block.ops(&[0x9806, 0x3002, 0x9006, BX_LR]); // the stacked address moves by 2
    block.place(to_thread);
    block.ops(&[imm8(0x2000, 1, 4), low(0x4200, 0, 1)]); // movs r1, #4; tst r0, r1
    block.branch_if(1, process);
    block.ops(&mrs(2, MSP));
    block.branch(read);
    block.place(process);
    block.ops(&mrs(2, PSP));
    block.place(read);
    block.ops(&[0xCAF0, 0xCAF0]); // ldm r2!, {r4-r7}, twice: the frame
    // A frame of our own at the top of RAM.
    block.load(0, NEXT);
    block.op(0x6800); // ldr r0, [r0]
    block.load(1, RAM_BASE + 0x3FE0);
    block.op(mov(SP, 1));
    block.op(0x9006); // str r0, [sp, #0x18]
    block.load(1, 1 << 24);
    block.op(0x9107); // str r1, [sp, #0x1C]
    block.load(1, 0xFFFF_FFF9);
    block.op(0x4708); // bx r1
    block.finish()
}

/// Reads its exception number and one word of its frame, computes, makes some of `may_pend`
/// pending, and returns.
fn handler(address: u32, random: &mut Random, may_pend: Option<u32>) -> Vec<u16> {
    let mut block = Block::new(address);
    let pushes = random.one_in(2);
    if pushes {
        block.op(0xB510); // push {r4, lr}
    }
    block.ops(&mrs(random.low() & 3, 5)); // ipsr
    let word = random.below(8) + if pushes { 2 } else { 0 };
    block.op(imm8(0x9800, random.low() & 3, word)); // ldr, [sp, #..]
    for _ in 0..random.below(4) {
        // The frame restores r0 to r3 and r12.
        let (d, m) = (random.low() & 3, random.low() & 3);
        let operation = random.below(16) as u16;
        block.op(low(0x4000 | operation << 6, d, m));
    }
    if let Some(later) = may_pend.filter(|_| pushes) {
        block.load(0, 0xE000_E200); // NVIC_ISPR
        block.load(1, random.word() & random.word() & later);
        // QEMU takes some of what becomes pending an instruction late; behind the mask, none.
        block.ops(&[CPSID, 0x6001, CPSIE]); // str r1, [r0]
        block.ops(&ISB);
    }
    block.op(if pushes { 0xBD10 } else { BX_LR });
    block.finish()
}

fn returning(random: &mut Random) -> Vec<u16> {
    let (before, after): (&[u16], u16) = match random.below(4) {
        0 => (&[], BX_LR),
        1 => (&[], mov(PC, LR)),
        2 => (&[0xB500], 0xBD00),
        _ => (&[0xB570], 0xBD70),
    };
    let mut code = before.to_vec();
    for _ in 0..1 + random.below(6) {
        code.push(mixed::simple(random, &[]));
    }
    if random.one_in(2) {
        code.push(high(0x4400, 12, random.low()));
    }
    code.push(after);
    code
}
