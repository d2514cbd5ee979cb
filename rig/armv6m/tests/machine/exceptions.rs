//! Exception entry and return, priorities, preemption, tail-chaining, level-sensitive lines.

use rig_armv6m::Stop;

use crate::board::{
    BRANCH_TO_SELF, BX_LR, ICSR, LINES_PORT, Machine, NOP, NVIC_ICPR, NVIC_IPR0, NVIC_ISER,
    NVIC_ISPR, PROGRAM, RETURN_PORT, STACK, handler,
};

/// Exception number of interrupt 0.
const IRQ0: u32 = 16;

/// A machine with all interrupts enabled at these priorities (0 to 3) of interrupts 0 to 3.
fn with_priorities(priorities: [u32; 4]) -> Machine {
    let mut machine = Machine::new();
    machine.poke(NVIC_ISER, 0xFFFF_FFFF);
    let register = priorities
        .iter()
        .rev()
        .fold(0, |register, priority| register << 8 | priority << 6);
    machine.poke(NVIC_IPR0, register);
    machine
}

#[track_caller]
fn check_entry(sp: u32, frame: u32, control: u32, exc_return: u32) {
    let mut machine = with_priorities([0; 4]);
    let registers = [
        (0, 10),
        (1, 11),
        (2, 12),
        (3, 13),
        (4, 14),
        (12, 112),
        (14, 0x201),
    ];
    machine.set_registers(&registers);
    machine.set_registers(&[(16, 0xA100_0000), (20, control << 24), (13, sp)]);
    let start = machine.core.now();
    machine.core.set_interrupt_lines(1 << 5);
    machine.core.set_interrupt_lines(0);

    assert_eq!(machine.advance(), Stop::Deadline);
    assert_eq!(machine.core.now() - start, 15);
    assert_eq!(
        (machine.exception(), machine.pc()),
        (IRQ0 + 5, handler(IRQ0 + 5))
    );
    assert_eq!(machine.core.register(14), exc_return);
    let realigned = if sp & 4 != 0 { 1 << 9 } else { 0 };
    let words: Vec<u32> = (0..8).map(|it| machine.word(frame + 4 * it)).collect();
    assert_eq!(
        words,
        [10, 11, 12, 13, 112, 0x201, PROGRAM, 0xA100_0000 | realigned]
    );

    machine.set_registers(&[(0, 0), (1, 0), (2, 0), (3, 0), (12, 0), (16, 1 << 24)]);
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (0, PROGRAM));
    assert_eq!(machine.core.register(13), sp);
    machine.set_registers(&[]);
    for (register, value) in registers {
        assert_eq!(
            machine.core.register(register as usize),
            value,
            "r{register}"
        );
    }
}

#[test]
fn a_frame_holds_the_caller_saved_state_and_is_aligned_to_eight_bytes() {
    check_entry(STACK, STACK - 0x20, 0, 0xFFFF_FFF9);
    check_entry(STACK + 4, STACK - 0x20, 0, 0xFFFF_FFF9);
    check_entry(0x2000_1000, 0x2000_0FE0, 2, 0xFFFF_FFFD);
    check_entry(0x2000_1004, 0x2000_0FE0, 2, 0xFFFF_FFFD);
}

#[test]
fn a_handler_uses_the_main_stack() {
    let mut machine = with_priorities([0; 4]);
    machine.set_registers(&[(20, 2 << 24), (18, 0x2000_1000)]);
    machine.core.set_interrupt_lines(1);
    machine.advance();
    assert_eq!(machine.core.register(13), STACK);
}

#[track_caller]
fn check_order(priorities: [u32; 4], lines: u32, expected: &[u32]) {
    let mut machine = with_priorities(priorities);
    machine.core.set_interrupt_lines(lines);
    machine.core.set_interrupt_lines(0);
    let interrupts: Vec<u32> = machine
        .trace(12)
        .into_iter()
        .filter(|it| *it != 0)
        .map(|it| it - IRQ0)
        .collect();
    assert_eq!(interrupts, expected, "{priorities:?}, lines {lines:04b}");
}

#[test]
fn the_more_urgent_comes_first_then_the_smaller_number() {
    check_order([0, 0, 0, 0], 0b1111, &[0, 1, 2, 3]);
    check_order([3, 2, 1, 0], 0b1111, &[3, 2, 1, 0]);
    check_order([1, 0, 1, 0], 0b1111, &[1, 3, 0, 2]);
    check_order([2, 2, 2, 1], 0b1010, &[3, 1]);
}

#[test]
fn only_a_more_urgent_exception_preempts() {
    let mut machine = with_priorities([2, 2, 1, 0]);
    machine.place(handler(IRQ0), &[NOP, NOP, NOP, BX_LR]);
    machine.core.set_interrupt_lines(0b0001);
    machine.core.set_interrupt_lines(0);
    machine.advance();
    let sp_of_first = machine.core.register(13);

    machine.core.set_interrupt_lines(0b0010);
    machine.core.set_interrupt_lines(0);
    machine.advance();
    assert_eq!(machine.exception(), IRQ0, "equal priority waits");

    machine.core.set_interrupt_lines(0b0100);
    machine.core.set_interrupt_lines(0);
    machine.advance();
    assert_eq!(machine.exception(), IRQ0 + 2);
    assert_eq!(machine.core.register(14), 0xFFFF_FFF1);
    assert_eq!(machine.core.register(13), sp_of_first - 0x20);

    machine.advance();
    assert_eq!(
        (machine.exception(), machine.core.register(13)),
        (IRQ0, sp_of_first)
    );
    // Two more NOPs; then the waiting one is chained: no frame is popped and none pushed.
    machine.advance();
    machine.advance();
    assert_eq!(machine.exception(), IRQ0);
    machine.advance();
    assert_eq!(
        (machine.exception(), machine.core.register(13)),
        (IRQ0 + 1, sp_of_first)
    );
    assert_eq!(machine.core.register(14), 0xFFFF_FFF9);
    machine.advance();
    assert_eq!((machine.exception(), machine.core.register(13)), (0, STACK));
}

#[test]
fn the_system_exceptions_have_configurable_priorities() {
    // SHPR3: PendSV at 3, SysTick at 1. All made pending at once, with interrupt 0 at 2.
    let mut machine = with_priorities([2, 0, 0, 0]);
    machine.poke(0xE000_ED20, 0x40C0_0000);
    machine.poke(ICSR, 1 << 28 | 1 << 26 | 1 << 31);
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.trace(8), [0, 2, 15, 16, 14, 0]);
}

#[test]
fn primask_holds_back_everything_but_nmi() {
    let mut machine = with_priorities([0; 4]);
    machine.set_registers(&[(20, 1)]);
    machine.core.set_interrupt_lines(1);
    assert_eq!(machine.trace(3), [0]);
    machine.poke(ICSR, 1 << 31);
    assert_eq!(machine.trace(3), [0, 2, 0]);
    machine.place(machine.pc(), &[0xB662]); // cpsie i
    machine.advance();
    machine.advance();
    assert_eq!(machine.exception(), IRQ0);
}

#[test]
fn a_line_still_high_pends_again_on_return() {
    let mut machine = with_priorities([0; 4]);
    machine.core.set_interrupt_lines(1);
    machine.advance();
    assert_eq!((machine.exception(), machine.peek(NVIC_ISPR)), (IRQ0, 0));
    machine.advance();
    assert_eq!(machine.exception(), IRQ0, "chained into itself");
    assert_eq!(machine.pc(), handler(IRQ0));
    machine.core.set_interrupt_lines(0);
    machine.advance();
    assert_eq!((machine.exception(), machine.peek(NVIC_ISPR)), (0, 0));
}

#[test]
fn a_pulse_during_the_handler_is_not_lost() {
    let mut machine = with_priorities([0; 4]);
    machine.core.set_interrupt_lines(1);
    machine.core.set_interrupt_lines(0);
    machine.advance();
    machine.core.set_interrupt_lines(1);
    machine.core.set_interrupt_lines(0);
    assert_eq!(machine.peek(NVIC_ISPR), 1);
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (IRQ0, handler(IRQ0)));
}

#[test]
fn clearing_pending_state_does_not_silence_a_high_line() {
    let mut machine = Machine::new();
    machine.core.set_interrupt_lines(0b11);
    machine.core.set_interrupt_lines(0b01);
    machine.poke(NVIC_ICPR, 0b11);
    assert_eq!(machine.peek(NVIC_ISPR), 0b01);
}

#[test]
fn svc_returns_behind_itself() {
    let mut machine = Machine::with_program(&[0xDF07]);
    machine.advance();
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (11, handler(11)));
    assert_eq!(machine.word(machine.core.register(13) + 0x18), PROGRAM + 2);
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (0, PROGRAM + 2));
}

#[test]
fn lines_that_an_access_changes_are_seen_before_the_next_instruction() {
    // str r1, [r0]; str r1, [r0]
    let mut machine = Machine::with_program(&[0x6001, 0x6001]);
    machine.poke(NVIC_ISER, 2);
    machine.set_registers(&[(0, LINES_PORT), (1, 2)]);
    assert_eq!(machine.run(2 + 15), Stop::Deadline);
    assert_eq!(machine.exception(), IRQ0 + 1);
    assert_eq!(machine.word(machine.core.register(13) + 0x18), PROGRAM + 2);
}

#[test]
fn the_bus_can_ask_the_run_to_return() {
    // str r1, [r0]; b .
    let mut machine = Machine::with_program(&[0x6001, BRANCH_TO_SELF]);
    machine.set_registers(&[(0, RETURN_PORT)]);
    assert_eq!(machine.run(1000), Stop::Attention);
    assert_eq!(machine.pc(), PROGRAM + 2);
    assert_eq!(machine.run(1000), Stop::Deadline);
}

#[test]
fn vtor_moves_the_vector_table() {
    let mut machine = with_priorities([0; 4]);
    machine.poke(0xE000_ED08, 0x2000_01FF);
    assert_eq!(machine.peek(0xE000_ED08), 0x2000_0100);
    machine.set_word(0x2000_0100 + 4 * IRQ0, handler(40) | 1);
    machine.core.set_interrupt_lines(1);
    machine.advance();
    assert_eq!((machine.exception(), machine.pc()), (IRQ0, handler(40)));
}

#[test]
fn retired_instructions_are_counted_and_exception_entries_are_not() {
    let mut machine = with_priorities([0; 4]);
    machine.advance();
    machine.core.set_interrupt_lines(1);
    machine.core.set_interrupt_lines(0);
    machine.advance();
    machine.advance();
    assert_eq!(machine.core.instructions(), 2);
}
