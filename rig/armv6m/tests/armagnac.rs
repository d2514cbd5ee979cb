//! The core beside armagnac 0.3, instruction by instruction, where armagnac is right: cases chosen
//! by hand up to the first exception.

use std::collections::BTreeMap;

use armagnac::core::{Config, Emulator as _, Processor, RunOptions};
use armagnac::registers::RegisterIndex;
use rig_armv6m_traces::{PROGRAMS, Program, Replay, State};

const FLAGS: u32 = 0xF000_0000;
/// Instructions before the first exception.
const N_AT_LEAST: usize = 55_000;

fn processor(program: &Program, start: &State) -> Processor {
    let mut processor = Processor::new(Config::v6m());
    assert!(processor.map(0, &program.flash()).is_ok());
    assert!(processor.map(0x2000_0000, &program.ram()).is_ok());
    processor.set_sp(start.registers[13]);
    processor.set_lr(start.registers[14]);
    processor.set_pc(start.registers[15]);
    processor.registers.psr.set_apsr(start.xpsr & FLAGS);
    processor
}

fn state(processor: &Processor) -> State {
    let it = &processor.registers;
    let low = [it.r0, it.r1, it.r2, it.r3, it.r4, it.r5, it.r6, it.r7];
    let high = [it.r8, it.r9, it.r10, it.r11, it.r12];
    let mut registers = [0; 16];
    registers[..8].copy_from_slice(&low);
    registers[8..13].copy_from_slice(&high);
    registers[13..].copy_from_slice(&[processor.sp(), processor.lr(), processor.pc()]);
    State {
        registers,
        xpsr: it.psr.get() & FLAGS,
    }
}

/// Whether armagnac 0.3 is right: it panics at MSR of APSR and at shifts by 32 and more, and lets
/// MOV and ADD leave a stack pointer that is no multiple of 4.
fn is_right(halfword: u16, before: &State) -> bool {
    let amount = before.registers[usize::from(halfword >> 3 & 7)] & 0xFF;
    match halfword >> 6 {
        // LSL, LSR, ASR, ROR by a register.
        0x102..=0x104 | 0x107 => (1..32).contains(&amount),
        // LSR, ASR by 32.
        0x020 | 0x040 => false,
        _ => halfword & 0xFFF0 != 0xF380 && !matches!(halfword & 0xFF87, 0x4485 | 0x4685),
    }
}

/// Gives armagnac the state that the core is in.
fn follow(processor: &mut Processor, state: &State) {
    for (index, value) in (0..).zip(&state.registers[..13]) {
        processor.set(RegisterIndex::new_main(index), *value);
    }
    processor.set_sp(state.registers[13]);
    processor.set_lr(state.registers[14]);
    processor.set_pc(state.registers[15]);
    processor.registers.psr.set_apsr(state.xpsr & FLAGS);
}

#[test]
fn both_give_the_same_up_to_the_first_exception() {
    let program = &PROGRAMS[0];
    let flash = program.flash();
    let mut replay = Replay::new(program);
    let mut before = replay.next().unwrap();
    let mut processor = processor(program, &before);
    let (mut n_compared, mut differences) = (0, BTreeMap::new());
    for mut state in replay.take_while(|it| it.xpsr & 0x3F == 0) {
        state.xpsr &= FLAGS;
        let at = before.registers[15] as usize;
        let halfword = u16::from_le_bytes([flash[at], flash[at + 1]]);
        if is_right(halfword, &before) {
            let ended = processor.run(RunOptions::new().gas(1));
            assert!(matches!(ended, Ok(None)), "armagnac stops at {before}");
            let found = self::state(&processor);
            if found != state {
                let first = format!("from {before}\n armagnac {found}\n core     {state}");
                differences.entry(halfword >> 6).or_insert(first);
            }
            n_compared += 1;
        }
        follow(&mut processor, &state);
        before = state;
    }
    let differences: String = differences.values().map(|it| format!("{it}\n")).collect();
    assert!(
        differences.is_empty(),
        "{n_compared} compared\n{differences}"
    );
    assert!(n_compared >= N_AT_LEAST, "{n_compared}");
}
