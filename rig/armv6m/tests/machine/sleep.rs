//! WFI, WFE, SEV, sleep-on-exit.

use rig_armv6m::Stop;

use crate::board::{
    ICSR, Machine, NOP, NVIC_IPR0, NVIC_ISER, NVIC_ISPR, PROGRAM, SCR, WFI, handler,
};

const WFE: u16 = 0xBF20;
const SEV: u16 = 0xBF40;

/// Runs to the sleep of the first instruction.
fn asleep(program: &[u16], enabled: u32, primask: u32) -> Machine {
    let mut machine = Machine::with_program(program);
    machine.poke(NVIC_ISER, enabled);
    machine.set_registers(&[(20, primask)]);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    assert!(machine.core.is_sleeping());
    machine
}

#[test]
fn wfi_sleeps_and_the_count_stands() {
    let mut machine = asleep(&[WFI], 1, 0);
    let now = machine.core.now();
    assert_eq!(now, 2);
    assert_eq!(
        (machine.run(1000), machine.core.now()),
        (Stop::Sleeping, now)
    );
    machine.core.skip_to(500);
    assert_eq!(machine.core.now(), 500);
    machine.core.set_interrupt_lines(1);
    assert_eq!(machine.advance(), Stop::Deadline);
    assert_eq!((machine.exception(), machine.core.now()), (16, 515));
}

#[test]
fn wfi_under_primask_wakes_without_the_handler() {
    let mut machine = asleep(&[WFI, NOP], 1, 1);
    machine.core.set_interrupt_lines(1);
    assert_eq!(machine.run(1), Stop::Deadline);
    assert_eq!((machine.exception(), machine.pc()), (0, PROGRAM + 4));
}

#[test]
fn a_disabled_interrupt_does_not_wake_wfi() {
    let mut machine = asleep(&[WFI], 1, 0);
    machine.core.set_interrupt_lines(2);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    machine.poke(NVIC_ISER, 2);
    assert_eq!(machine.advance(), Stop::Deadline);
}

#[test]
fn an_interrupt_that_would_not_preempt_does_not_wake_wfi() {
    let mut machine = Machine::new();
    machine.place(handler(16), &[WFI]);
    machine.poke(NVIC_ISER, 0b111);
    machine.poke(NVIC_IPR0, 0x0040_4040);
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    machine.poke(NVIC_ISPR, 2);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    machine.poke(NVIC_IPR0, 0x0000_4040);
    machine.poke(NVIC_ISPR, 4);
    assert_eq!(machine.advance(), Stop::Deadline);
    assert_eq!(machine.exception(), 18);
}

#[test]
fn wfi_does_not_sleep_on_what_is_pending() {
    let mut machine = Machine::with_program(&[WFI, NOP, NOP]);
    machine.poke(NVIC_ISER, 1);
    machine.set_registers(&[(20, 1)]);
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.run(3), Stop::Deadline);
    assert_eq!(machine.pc(), PROGRAM + 4);
}

#[test]
fn wfe_takes_a_registered_event_instead_of_sleeping() {
    let mut machine = Machine::with_program(&[SEV, WFE, WFE]);
    assert_eq!(machine.run(3), Stop::Deadline);
    assert_eq!(machine.pc(), PROGRAM + 4);
    assert_eq!(machine.run(1000), Stop::Sleeping);
}

#[test]
fn wfe_wakes_for_a_disabled_interrupt_only_with_sevonpend() {
    for (control, expected) in [(0, Stop::Sleeping), (1 << 4, Stop::Deadline)] {
        let mut machine = asleep(&[WFE, NOP], 0, 0);
        machine.poke(SCR, control);
        machine.core.set_interrupt_lines(1);
        assert_eq!(machine.advance(), expected);
        assert_eq!(machine.exception(), 0);
    }
}

#[test]
fn wfe_wakes_for_an_exception_that_is_taken() {
    let mut machine = asleep(&[WFE], 1, 0);
    machine.core.set_interrupt_lines(1);
    machine.advance();
    assert_eq!(machine.exception(), 16);
}

#[test]
fn sleep_on_exit_sleeps_after_the_last_handler() {
    let mut machine = Machine::new();
    machine.poke(SCR, 1 << 1);
    machine.poke(ICSR, 1 << 28);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    assert_eq!((machine.exception(), machine.pc()), (0, PROGRAM));
    assert_eq!(machine.core.instructions(), 1);
}
