//! SysTick in a running, a sleeping and a halted core.

use rig_armv6m::{Master, Stop, Width};

use crate::board::{
    BRANCH_TO_SELF, BX_LR, DEBUGEN, DHCSR, HALT, Machine, NOP, PROGRAM, WFI, handler,
};

const CSR: u32 = 0xE000_E010;
const RVR: u32 = 0xE000_E014;
const CVR: u32 = 0xE000_E018;

/// Started at cycle 0 with core clock and interrupt: first expiry after the reload tick.
fn started(program: &[u16], reload: u32) -> Machine {
    let mut machine = Machine::with_program(program);
    machine.poke(RVR, reload);
    machine.poke(CVR, 0);
    machine.poke(CSR, 0b111);
    machine
}

#[test]
fn the_exception_is_taken_at_its_cycle() {
    let mut machine = started(&[BRANCH_TO_SELF], 99);
    assert_eq!(machine.core.next_wake(), Some(100));
    assert_eq!(machine.run(100), Stop::Deadline);
    assert_eq!(machine.exception(), 0);
    assert_eq!(machine.run(1), Stop::Deadline);
    assert_eq!((machine.exception(), machine.core.now()), (15, 115));
    assert_eq!(machine.core.next_wake(), Some(200));
    assert_eq!(machine.peek(CVR), 85);
}

#[test]
fn one_long_run_takes_every_exception() {
    let mut machine = started(&[BRANCH_TO_SELF], 999);
    machine.place(handler(15), &[0x3701, BX_LR]); // adds r7, #1
    machine.set_registers(&[(7, 0)]);
    machine.run(10_500);
    assert_eq!(machine.core.register(7), 10);
}

#[test]
fn a_period_is_reload_and_one() {
    let mut machine = started(&[BRANCH_TO_SELF], 999);
    let mut n_handled = 0;
    let mut was_handler = false;
    while machine.core.now() < 100_500 {
        machine.advance();
        let is_handler = machine.exception() == 15;
        n_handled += u32::from(is_handler && !was_handler);
        was_handler = is_handler;
    }
    assert_eq!(n_handled, 100);
}

#[test]
fn it_wakes_a_sleeping_core_across_a_skip() {
    let mut machine = started(&[WFI], 9_999);
    assert_eq!(machine.run(1_000_000), Stop::Sleeping);
    let wake = machine.core.next_wake().expect("the timer runs");
    machine.core.skip_to(wake - 1);
    assert_eq!(machine.run(1_000_000), Stop::Sleeping);
    assert_eq!(machine.peek(CVR), 1);
    machine.core.skip_to(wake);
    assert_eq!(machine.advance(), Stop::Deadline);
    assert_eq!((machine.exception(), machine.core.now()), (15, 10_015));
}

#[test]
fn it_stands_still_while_halted() {
    let mut machine = started(&[BRANCH_TO_SELF], 999);
    machine.run(500);
    machine.poke(DHCSR, DEBUGEN | HALT);
    assert_eq!(machine.core.next_wake(), None);
    machine.core.skip_to(50_777);
    assert_eq!(machine.peek(CVR), 500);
    machine.poke(DHCSR, 0xA05F_0000);
    assert_eq!(machine.core.next_wake(), Some(51_277));
}

#[test]
fn countflag_is_cleared_by_the_program_and_kept_for_the_debugger() {
    let mut machine = started(&[BRANCH_TO_SELF], 9);
    machine.poke(CSR, 0b101);
    machine.run(50);
    assert_eq!(
        machine.exception(),
        0,
        "without TICKINT there is no exception"
    );
    for expected in [0x1_0005, 0x1_0005] {
        assert_eq!(machine.peek(CSR), expected);
    }
    for expected in [0x1_0005, 0x0_0005] {
        let control = machine.core.ppb_read(CSR, Width::Word, Master::Core);
        assert_eq!(control, Ok(expected));
    }
}

#[test]
fn the_reference_clock_is_an_eighth_of_the_core_clock() {
    let mut machine = started(&[BRANCH_TO_SELF], 9);
    machine.poke(CSR, 0b011);
    assert_eq!(machine.core.next_wake(), Some(80));
}

#[test]
fn a_program_can_start_it() {
    // str r1, [r0, #4]; str r2, [r0, #8]; str r3, [r0]; nop...
    let mut machine = Machine::with_program(&[0x6041, 0x6082, 0x6003, NOP]);
    machine.set_registers(&[(0, CSR), (1, 4), (2, 77), (3, 7)]);
    // The counter starts with the third store, at cycle 4; its exception is due 5 ticks later.
    assert_eq!(machine.run(9), Stop::Deadline);
    assert_eq!((machine.exception(), machine.pc()), (0, PROGRAM + 12));
    machine.advance();
    assert_eq!(machine.exception(), 15);
}

#[test]
fn a_reset_stops_it() {
    let mut machine = started(&[BRANCH_TO_SELF], 9);
    machine.run(5);
    machine.reset();
    assert_eq!((machine.peek(CSR), machine.core.next_wake()), (0, None));
}
