//! Halting debug as a debugger uses it: halt, step, breakpoints, registers, vector catch, ids.

use rig_armv6m::{BusFault, Master, Stop, Width};

use crate::board::{
    BRANCH_TO_SELF, DCRDR, DEBUGEN, DEMCR, DFSR, DHCSR, HALT, ICSR, MASKINTS, Machine, NOP,
    PROGRAM, STEP, WFI, handler,
};

const BP_CTRL: u32 = 0xE000_2000;
const BP_COMP0: u32 = 0xE000_2008;
const S_HALT: u32 = 1 << 17;
const S_SLEEP: u32 = 1 << 18;
const S_LOCKUP: u32 = 1 << 19;
const S_RETIRE_ST: u32 = 1 << 24;
const S_RESET_ST: u32 = 1 << 25;

#[test]
fn halting_needs_the_key_and_debugen() {
    let mut machine = Machine::with_program(&[BRANCH_TO_SELF]);
    for value in [3, 0xA05E_0003, 0xA05F_0002] {
        machine.poke(DHCSR, value);
        assert!(!machine.core.is_halted(), "{value:#010x}");
    }
    machine.poke(DHCSR, DEBUGEN | HALT);
    assert_eq!(machine.run(100), Stop::Halted);
    assert_eq!(machine.core.now(), 0);
    assert_eq!(machine.peek(DFSR), 1);
    machine.poke(DFSR, 1);
    assert_eq!(machine.peek(DFSR), 0);
    machine.poke(DHCSR, DEBUGEN);
    assert_eq!(machine.run(100), Stop::Deadline);
}

#[test]
fn taking_debugen_away_resumes() {
    let mut machine = Machine::new();
    machine.poke(DHCSR, DEBUGEN | HALT);
    machine.poke(DHCSR, 0xA05F_0000);
    assert_eq!(machine.run(10), Stop::Deadline);
}

#[test]
fn status_bits_are_sticky_until_the_debugger_reads_them() {
    let mut machine = Machine::with_program(&[NOP, WFI]);
    assert_eq!(machine.peek(DHCSR) & (S_RESET_ST | S_RETIRE_ST), S_RESET_ST);
    assert_eq!(machine.peek(DHCSR) & S_RESET_ST, 0);
    machine.advance();
    let from_program = machine.core.ppb_read(DHCSR, Width::Word, Master::Core);
    assert_eq!(from_program.map(|it| it & S_RETIRE_ST), Ok(S_RETIRE_ST));
    assert_eq!(machine.peek(DHCSR) & S_RETIRE_ST, S_RETIRE_ST);
    assert_eq!(machine.peek(DHCSR) & (S_RETIRE_ST | S_SLEEP), 0);
    machine.run(10);
    assert_eq!(machine.peek(DHCSR) & S_SLEEP, S_SLEEP);
    machine.poke(DHCSR, DEBUGEN | HALT);
    assert_eq!(machine.peek(DHCSR) & (S_SLEEP | S_HALT), S_HALT);
    assert_eq!(machine.pc(), PROGRAM + 4);
}

#[test]
fn registers_move_through_dcrdr() {
    let mut machine = Machine::new();
    machine.poke(DHCSR, DEBUGEN | HALT);
    for (select, value) in (0..=12).map(|it| (it, 0x100 + it)).chain([
        (14, 0xFFFF_FFFF),
        (15, 0x200),
        (16, 0xF100_0000),
        (17, 0x2000_2000),
        (18, 0x2000_1000),
        (20, 0x0300_0001),
    ]) {
        machine.set_debug_register(select, value);
        machine.poke(DCRDR, 0);
        assert_eq!(machine.debug_register(select), value, "register {select}");
    }
    // SPSEL is set: r13 is the process stack pointer.
    assert_eq!(machine.debug_register(13), 0x2000_1000);
    machine.set_debug_register(13, 0x2000_1103);
    assert_eq!(machine.debug_register(18), 0x2000_1100);
    assert_eq!(machine.debug_register(17), 0x2000_2000);
}

#[test]
fn registers_do_not_move_while_running() {
    let mut machine = Machine::new();
    machine.set_debug_register(0, 99);
    assert_ne!(machine.core.register(0), 99);
}

#[test]
fn a_step_executes_one_instruction() {
    let mut machine = Machine::new();
    machine.poke(DHCSR, DEBUGEN | HALT);
    machine.poke(DHCSR, DEBUGEN | STEP);
    assert_eq!(machine.run(1000), Stop::Halted);
    assert_eq!((machine.pc(), machine.core.now()), (PROGRAM + 2, 1));
    assert_eq!(machine.peek(DHCSR) & S_HALT, S_HALT);
    assert_eq!(machine.run(1000), Stop::Halted);
    assert_eq!(machine.core.instructions(), 1);
}

#[test]
fn a_step_enters_a_pending_handler_unless_interrupts_are_masked() {
    for (mask, expected) in [(0, handler(14)), (MASKINTS, PROGRAM + 2)] {
        let mut machine = Machine::new();
        machine.poke(DHCSR, DEBUGEN | HALT | mask);
        machine.poke(ICSR, 1 << 28);
        machine.poke(DHCSR, DEBUGEN | STEP | mask);
        assert_eq!(machine.run(1000), Stop::Halted);
        assert_eq!(machine.pc(), expected);
    }
}

#[test]
fn a_step_over_wfi_ends() {
    let mut machine = Machine::with_program(&[WFI]);
    machine.poke(DHCSR, DEBUGEN | HALT);
    machine.poke(DHCSR, DEBUGEN | STEP | MASKINTS);
    machine.run(1000);
    assert_eq!(
        (machine.run(1000), machine.pc()),
        (Stop::Halted, PROGRAM + 2)
    );
}

#[test]
fn a_step_into_a_fault_halts_in_its_handler() {
    let mut machine = Machine::with_program(&[0xDE00]);
    machine.poke(DHCSR, DEBUGEN | HALT);
    machine.poke(DHCSR, DEBUGEN | STEP | MASKINTS);
    assert_eq!(
        (machine.run(1000), machine.pc()),
        (Stop::Halted, handler(3))
    );
}

#[test]
fn the_breakpoint_unit_matches_halfwords() {
    // The comparator holds the word address; its top bits say which half.
    for (match_bits, address) in [
        (1 << 30, PROGRAM + 8),
        (2 << 30, PROGRAM + 10),
        (3 << 30, PROGRAM + 8),
    ] {
        let mut machine = Machine::new();
        machine.poke(DHCSR, DEBUGEN);
        machine.poke(BP_CTRL, 3);
        machine.poke(BP_COMP0 + 12, match_bits | (PROGRAM + 8) | 1);
        assert_eq!(machine.run(1000), Stop::Halted);
        assert_eq!(
            (machine.pc(), machine.core.now()),
            (address, u64::from(address - PROGRAM) / 2)
        );
        assert_eq!(machine.peek(DFSR), 2);
        // It stands before the instruction, and resuming there halts again.
        machine.poke(DHCSR, DEBUGEN);
        assert_eq!((machine.run(1000), machine.pc()), (Stop::Halted, address));
        // Step over it with the unit off, then run on.
        machine.poke(BP_CTRL, 2);
        machine.poke(DHCSR, DEBUGEN | STEP);
        machine.run(1000);
        machine.poke(BP_CTRL, 3);
        machine.poke(DHCSR, DEBUGEN);
        if match_bits == 3 << 30 {
            assert_eq!(
                (machine.run(1000), machine.pc()),
                (Stop::Halted, address + 2)
            );
        } else {
            assert_eq!(machine.run(100), Stop::Deadline);
        }
    }
}

#[test]
fn breakpoints_do_nothing_when_off() {
    for (control, debug, comparator_enable) in
        [(2, DEBUGEN, 1), (3, 0xA05F_0000, 1), (3, DEBUGEN, 0)]
    {
        let mut machine = Machine::new();
        machine.poke(DHCSR, debug);
        machine.poke(BP_CTRL, control);
        machine.poke(BP_COMP0, 3 << 30 | (PROGRAM + 8) | comparator_enable);
        assert_eq!(machine.run(100), Stop::Deadline);
    }
}

#[test]
fn bp_ctrl_needs_its_key_and_tells_four_comparators() {
    let mut machine = Machine::new();
    machine.poke(BP_CTRL, 1);
    assert_eq!(machine.peek(BP_CTRL), 0x40);
    machine.poke(BP_CTRL, 3);
    assert_eq!(machine.peek(BP_CTRL), 0x41);
}

#[test]
fn bkpt_halts_at_itself() {
    let mut machine = Machine::with_program(&[NOP, 0xBE2A]);
    machine.poke(DHCSR, DEBUGEN);
    assert_eq!(machine.run(1000), Stop::Halted);
    assert_eq!((machine.pc(), machine.peek(DFSR)), (PROGRAM + 2, 2));
    assert_eq!(machine.core.instructions(), 1);
}

#[test]
fn reset_can_be_caught_and_debug_survives_it() {
    let mut machine = Machine::new();
    machine.poke(DHCSR, DEBUGEN);
    machine.poke(BP_CTRL, 3);
    machine.poke(BP_COMP0, 3 << 30 | 0x180 | 1);
    machine.poke(DEMCR, 1);
    machine.peek(DHCSR);
    machine.poke(0xE000_ED0C, 0x05FA_0004);
    assert!(machine.core.take_reset_request());
    machine.reset();
    assert_eq!(machine.run(1000), Stop::Halted);
    assert_eq!((machine.pc(), machine.peek(DFSR)), (PROGRAM, 8));
    assert_eq!(
        machine.peek(DHCSR) & (S_RESET_ST | S_HALT | 1),
        S_RESET_ST | S_HALT | 1
    );
    machine.poke(DEMCR, 0);
    machine.poke(DHCSR, DEBUGEN);
    assert_eq!((machine.run(1000), machine.pc()), (Stop::Halted, 0x180));
    machine.reset();
    assert!(
        !machine.core.is_halted(),
        "without vector catch, reset runs"
    );
}

#[test]
fn hard_fault_can_be_caught() {
    let mut machine = Machine::with_program(&[0xDE00]);
    machine.poke(DHCSR, DEBUGEN);
    machine.poke(DEMCR, 1 << 10);
    assert_eq!(machine.run(1000), Stop::Halted);
    assert_eq!(
        (machine.exception(), machine.pc(), machine.peek(DFSR)),
        (3, handler(3), 8)
    );
}

#[test]
fn a_locked_up_core_can_be_halted_and_set_going() {
    let mut machine = Machine::with_program(&[0xDE00]);
    machine.place(handler(3), &[0xDE00]);
    machine.poke(DHCSR, DEBUGEN);
    assert_eq!(machine.run(1000), Stop::Lockup);
    assert_eq!(machine.peek(DHCSR) & (S_LOCKUP | S_HALT), S_LOCKUP);
    machine.poke(DHCSR, DEBUGEN | HALT);
    assert_eq!(machine.peek(DHCSR) & (S_LOCKUP | S_HALT), S_HALT);
    assert_eq!(machine.debug_register(15), 0xFFFF_FFFE);
    machine.poke(DHCSR, DEBUGEN);
    assert_eq!(machine.run(1000), Stop::Lockup);
    machine.poke(DHCSR, DEBUGEN | HALT);
    machine.set_debug_register(15, PROGRAM + 2);
    machine.poke(DHCSR, DEBUGEN);
    assert_eq!(machine.run(100), Stop::Deadline);
}

#[test]
fn the_program_cannot_write_debug_registers() {
    let mut machine = Machine::new();
    for (address, value) in [
        (DHCSR, DEBUGEN | HALT),
        (DEMCR, 1),
        (BP_CTRL, 3),
        (DCRDR, 1),
    ] {
        let before = machine.peek(address);
        assert_eq!(
            machine
                .core
                .ppb_write(address, Width::Word, value, Master::Core),
            Ok(())
        );
        assert_eq!(machine.peek(address), before & !(S_RESET_ST | S_RETIRE_ST));
    }
}

#[test]
fn the_rom_table_leads_to_components_with_their_ids() {
    let mut machine = Machine::new();
    let ids = |machine: &mut Machine, base: u32| -> (u32, u64) {
        let mut byte = |offset| machine.peek(base + offset) & 0xFF;
        let class = (0..4).fold(0, |id, it| id | byte(0xFF0 + 4 * it) << (8 * it));
        let low = (0..4).fold(0, |id, it| id | u64::from(byte(0xFE0 + 4 * it)) << (8 * it));
        let high = (0..4).fold(0, |id, it| id | u64::from(byte(0xFD0 + 4 * it)) << (8 * it));
        (class, high << 32 | low)
    };
    assert_eq!(ids(&mut machine, 0xE00F_F000), (0xB105_100D, 0x4_000B_B4C0));
    let mut components = Vec::new();
    for entry in (0xE00F_F000..).step_by(4) {
        let offset = machine.peek(entry);
        if offset == 0 {
            break;
        }
        assert_eq!(offset & 3, 3, "present, 32-bit");
        let base = 0xE00F_F000_u32.wrapping_add(offset & !0xFFF);
        components.push((base, ids(&mut machine, base)));
    }
    assert_eq!(
        components,
        [
            (0xE000_E000, (0xB105_E00D, 0x4_000B_B008)),
            (0xE000_1000, (0xB105_E00D, 0x4_000B_B00A)),
            (0xE000_2000, (0xB105_E00D, 0x4_000B_B00B)),
        ]
    );
    assert_eq!(machine.peek(0xE000_ED00), 0x410C_C601);
}

#[test]
fn what_is_not_modelled_is_refused() {
    let mut machine = Machine::new();
    for (address, width) in [
        (0xE000_ED90, Width::Word),
        (0xE000_0000, Width::Word),
        (0xE000_2018, Width::Word),
        (0xE00F_EFFC, Width::Word),
        (0xE000_ED00, Width::Byte),
        (0xE000_ED02, Width::Halfword),
        (0xE000_ED01, Width::Word),
    ] {
        for master in [Master::Core, Master::Debugger] {
            assert_eq!(machine.core.ppb_read(address, width, master), Err(BusFault));
            assert_eq!(
                machine.core.ppb_write(address, width, 0, master),
                Err(BusFault)
            );
        }
    }
}
