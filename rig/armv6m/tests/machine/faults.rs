//! HardFault, its escalations, and lockup (B1.5.6 to B1.5.15).

use rig_armv6m::{Gap, Stop};

use crate::board::{BX_LR, ICSR, Machine, NOP, NVIC_ISER, NVIC_ISPR, PROGRAM, STACK, handler};

const UNDEFINED: u16 = 0xDE00;

/// Return address in the frame of the exception just entered.
fn frame_pc(machine: &mut Machine) -> u32 {
    machine.word(machine.core.register(13) + 0x18)
}

#[test]
fn a_hard_fault_goes_through_primask() {
    let mut machine = Machine::with_program(&[0xB672, UNDEFINED]);
    assert_eq!(machine.trace(2), [0, 3]);
    assert_eq!(frame_pc(&mut machine), PROGRAM + 2);
}

#[test]
fn a_fault_in_its_handler_locks_up() {
    for exception in [2, 3] {
        let mut machine = Machine::with_program(&[UNDEFINED]);
        machine.place(handler(exception), &[UNDEFINED]);
        if exception == 2 {
            machine.poke(ICSR, 1 << 31);
        }
        assert_eq!(machine.run(1000), Stop::Lockup);
        assert!(machine.core.is_locked_up());
        assert_eq!(
            (machine.exception(), machine.pc()),
            (exception, 0xFFFF_FFFE)
        );
        let now = machine.core.now();
        assert_eq!((machine.run(1000), machine.core.now()), (Stop::Lockup, now));
    }
}

#[test]
fn nmi_leaves_a_lockup_of_hard_fault_and_returns_to_it() {
    let mut machine = Machine::with_program(&[UNDEFINED]);
    machine.place(handler(3), &[UNDEFINED]);
    assert_eq!(machine.run(1000), Stop::Lockup);
    machine.poke(ICSR, 1 << 31);
    assert_eq!(machine.advance(), Stop::Deadline);
    assert_eq!((machine.exception(), machine.pc()), (2, handler(2)));
    assert_eq!(machine.run(1000), Stop::Lockup);
    assert_eq!(machine.exception(), 3);
}

#[test]
fn svc_where_it_cannot_be_taken_is_a_hard_fault_at_itself() {
    let mut machine = Machine::with_program(&[0xB672, 0xDF00]);
    assert_eq!(machine.trace(2), [0, 3]);
    assert_eq!(frame_pc(&mut machine), PROGRAM + 2);
}

#[test]
fn bkpt_without_a_debugger_is_a_hard_fault() {
    let mut machine = Machine::with_program(&[0xBE00]);
    assert_eq!(machine.trace(1), [0, 3]);
}

#[test]
fn leaving_thumb_state_faults_at_the_target() {
    let mut machine = Machine::with_program(&[0x4700]);
    machine.set_registers(&[(0, 0x200)]);
    machine.advance();
    machine.advance();
    assert_eq!(machine.exception(), 3);
    assert_eq!(frame_pc(&mut machine), 0x200);
    assert_eq!(machine.word(machine.core.register(13) + 0x1C) & 1 << 24, 0);
}

#[test]
fn regions_that_never_execute_and_empty_space_fault() {
    for target in [
        0x4000_0101,
        0x5000_0001,
        0xA000_0001,
        0xE000_E101,
        0xFFFF_FFF9,
        0x0002_0001,
    ] {
        let mut machine = Machine::with_program(&[0x4700]);
        machine.set_registers(&[(0, target)]);
        machine.advance();
        machine.advance();
        assert_eq!(machine.exception(), 3, "{target:#010x}");
        assert_eq!(frame_pc(&mut machine), target & !1);
    }
}

#[test]
fn the_second_half_of_an_instruction_can_fault() {
    let mut machine = Machine::new();
    machine.place(0x2000_3FFE, &[0xF000]);
    machine.set_registers(&[(15, 0x2000_3FFE)]);
    machine.advance();
    assert_eq!(machine.exception(), 3);
    assert_eq!(frame_pc(&mut machine), 0x2000_3FFE);
}

#[test]
fn erased_flash_locks_up() {
    let mut machine = Machine::new();
    machine.board.flash.fill(0xFF);
    machine.reset();
    assert_eq!(machine.run(1000), Stop::Lockup);
}

#[test]
fn a_vector_table_that_cannot_be_read_locks_up() {
    let mut machine = Machine::new();
    machine.board.flash.clear();
    machine.reset();
    assert_eq!(machine.run(1000), Stop::Lockup);
}

#[test]
fn a_stack_that_cannot_be_written_makes_an_interrupt_a_hard_fault() {
    let mut machine = Machine::new();
    machine.poke(NVIC_ISER, 1);
    machine.set_registers(&[(13, 0x2000_0010)]);
    machine.poke(NVIC_ISPR, 1);
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (3, handler(3)));
    assert_eq!(machine.peek(NVIC_ISPR), 1, "the interrupt waits");
}

#[test]
fn a_vector_that_cannot_be_read_makes_an_interrupt_a_hard_fault_and_that_a_lockup() {
    let mut machine = Machine::new();
    machine.poke(NVIC_ISER, 1);
    // The table's end: HardFault's vector is in flash, interrupt 0's is not.
    machine.poke(0xE000_ED08, 0xF00);
    machine.set_word(0xF0C, handler(3) | 1);
    machine.board.flash.truncate(0xF40);
    machine.poke(NVIC_ISPR, 1);
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (3, handler(3)));

    let mut machine = Machine::with_program(&[UNDEFINED]);
    machine.poke(0xE000_ED08, 0x8000);
    assert_eq!(machine.run(1000), Stop::Lockup);
}

#[track_caller]
fn check_return(exc_return: u32, frame_xpsr: u32, expected: u32) {
    let mut machine = Machine::new();
    machine.poke(NVIC_ISER, 1);
    machine.poke(NVIC_ISPR, 1);
    machine.advance();
    machine.set_registers(&[(14, exc_return), (18, 0x2000_1000)]);
    let frame = machine.core.register(13);
    machine.set_word(frame + 0x1C, frame_xpsr);
    machine.advance();
    assert_eq!(
        machine.exception(),
        expected,
        "{exc_return:#010x} with {frame_xpsr:#010x}"
    );
}

#[test]
fn an_inconsistent_return_is_a_hard_fault() {
    check_return(0xFFFF_FFF9, 1 << 24, 0);
    check_return(0xFFFF_FFF9, 1 << 24 | 17, 3);
    check_return(0xFFFF_FFF1, 1 << 24, 3);
    check_return(0xFFFF_FFF5, 1 << 24, 3);
    check_return(0xFFF0_FFF9, 1 << 24, 3);
}

#[test]
fn a_frame_that_cannot_be_read_locks_up_on_the_main_stack() {
    for (select, exc_return, expected) in [
        (17, 0xFFFF_FFF9, Stop::Lockup),
        (18, 0xFFFF_FFFD, Stop::Deadline),
    ] {
        let mut machine = Machine::new();
        machine.poke(NVIC_ISER, 1);
        machine.poke(NVIC_ISPR, 1);
        machine.advance();
        machine.set_registers(&[(select, 0x3000_0000), (14, exc_return)]);
        machine.advance();
        assert_eq!(machine.exception(), 3);
        assert_eq!(machine.advance(), expected);
    }
}

#[test]
fn unprivileged_code_reaches_no_system_register() {
    // msr primask, r0; cpsid i; ldr r1, [r2]
    let mut machine = Machine::with_program(&[0xF380, 0x8810, 0xB672, 0x6811]);
    machine.set_registers(&[(20, 1 << 24), (0, 1), (2, 0xE000_ED00)]);
    machine.advance();
    machine.advance();
    machine.place(PROGRAM + 6, &[0xF3EF, 0x8310]); // mrs r3, primask
    machine.set_registers(&[(3, 7)]);
    machine.advance();
    assert_eq!(machine.core.register(3), 0);
    machine.place(PROGRAM + 10, &[0x6811]);
    machine.advance();
    assert_eq!(machine.exception(), 3);
    assert_eq!(
        machine.core.take_gap(),
        None,
        "a missing privilege is not a missing model"
    );
}

#[test]
fn a_register_that_is_not_modelled_is_told_with_its_address() {
    // str r1, [r0]
    let mut machine = Machine::with_program(&[NOP, 0x6001]);
    machine.set_registers(&[(0, 0xE000_ED90), (1, 5)]);
    assert_eq!(machine.run(1000), Stop::Attention);
    let gap = Gap {
        address: 0xE000_ED90,
        pc: PROGRAM + 2,
        written: Some(5),
    };
    assert_eq!(machine.core.take_gap(), Some(gap));
    assert_eq!(machine.exception(), 3);
}

#[test]
fn a_reset_request_ends_the_run_until_it_is_taken() {
    // str r1, [r0]
    let mut machine = Machine::with_program(&[0x6001]);
    machine.set_registers(&[(0, 0xE000_ED0C), (1, 0x05FA_0004), (20, 1)]);
    assert_eq!(machine.run(1000), Stop::ResetRequested);
    assert_eq!(machine.run(1000), Stop::ResetRequested);
    assert!(machine.core.take_reset_request());
    assert!(!machine.core.take_reset_request());
    let now = machine.core.now();
    machine.reset();
    assert_eq!((machine.pc(), machine.core.register(13)), (PROGRAM, STACK));
    assert_eq!(machine.core.now(), now);

    // Without its key the write changes nothing.
    machine.set_registers(&[(0, 0xE000_ED0C), (1, 0x05FB_0004)]);
    machine.advance();
    assert!(!machine.core.take_reset_request());
}

#[test]
fn a_handler_can_return_by_pop() {
    let mut machine = Machine::new();
    machine.place(handler(16), &[0xB500, NOP, 0xBD00, BX_LR]); // push {lr}; pop {pc}
    machine.poke(NVIC_ISER, 1);
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.trace(4), [0, 16, 0]);
    assert_eq!(machine.core.register(13), STACK);
}
