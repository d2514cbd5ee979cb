//! What waits, what is taken back, and what goes through: exceptions that the program or a mask
//! holds, by the pseudocode of B1.5.4, B1.5.6, B1.5.18 and the register descriptions of B3.

use rig_armv6m::Stop;

use crate::board::{
    BX_LR, ICSR, Machine, NOP, NVIC_ICPR, NVIC_IPR0, NVIC_ISER, NVIC_ISPR, PROGRAM, STACK, WFI,
    handler,
};

const NVIC_ICER: u32 = 0xE000_E180;
const SHPR2: u32 = 0xE000_ED1C;
const SHPR3: u32 = 0xE000_ED20;
const PENDSTSET: u32 = 1 << 26;
const PENDSTCLR: u32 = 1 << 25;
const PENDSVSET: u32 = 1 << 28;
const PENDSVCLR: u32 = 1 << 27;
const NMIPENDSET: u32 = 1 << 31;

const CPSIE: u16 = 0xB662;
const SVC: u16 = 0xDF00;
const WFE: u16 = 0xBF20;

/// A machine behind PRIMASK, with interrupts enabled.
fn masked(program: &[u16]) -> Machine {
    let mut machine = Machine::with_program(program);
    machine.poke(NVIC_ISER, 0xFFFF_FFFF);
    machine.set_registers(&[(20, 1)]);
    machine
}

/// What was pending behind PRIMASK comes in the order of priority, then number, all chained
/// (B1.5.4, B1.5.8).
#[test]
fn what_waits_behind_primask_comes_by_priority_when_it_is_lifted() {
    let mut machine = masked(&[NOP, CPSIE, NOP]);
    // SysTick 2, PendSV 3; interrupt 0 at 3, interrupt 1 at 1.
    machine.poke(SHPR3, 0x80C0_0000);
    machine.poke(NVIC_IPR0, 0x0000_40C0);
    machine.poke(ICSR, PENDSTSET | PENDSVSET);
    machine.poke(NVIC_ISPR, 0b11);
    assert_eq!(machine.trace(1), [0]);
    assert_eq!(machine.trace(9), [0, 17, 15, 14, 16, 0]);
    assert_eq!(machine.core.register(13), STACK);
}

/// SysTick before PendSV at equal priority would be the wrong way round: the smaller number goes
/// first (B1.5.4).
#[test]
fn pend_sv_comes_before_systick_at_equal_priority() {
    let mut machine = Machine::new();
    machine.poke(ICSR, PENDSTSET | PENDSVSET);
    assert_eq!(machine.trace(3), [0, 14, 15, 0]);
}

/// PENDSVCLR, PENDSTCLR (B3.2) and NVIC_ICPR (B3.4) take back what has not been taken.
#[test]
fn pending_state_can_be_taken_back() {
    let mut machine = masked(&[NOP, CPSIE, NOP, NOP]);
    machine.poke(ICSR, PENDSTSET | PENDSVSET);
    machine.poke(NVIC_ISPR, 0b11);
    machine.poke(ICSR, PENDSVCLR);
    machine.poke(ICSR, PENDSTCLR);
    machine.poke(NVIC_ICPR, 0b01);
    assert_eq!(machine.trace(6), [0, 17, 0]);
}

/// NVIC_ICER holds an interrupt back without losing it (B3.4).
#[test]
fn a_disabled_interrupt_stays_pending_until_it_is_enabled() {
    let mut machine = Machine::new();
    machine.poke(NVIC_ISER, 1);
    machine.poke(NVIC_ICER, 1);
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.trace(2), [0]);
    assert_eq!(machine.peek(NVIC_ISPR), 1);
    machine.poke(NVIC_ISER, 1);
    assert_eq!(machine.trace(2), [0, 16, 0]);
}

/// The priority is looked at when an exception is taken, not when it becomes pending (B1.5.4).
#[test]
fn a_pending_interrupt_takes_the_priority_that_it_is_given_later() {
    let mut machine = masked(&[CPSIE, NOP]);
    machine.poke(NVIC_ISPR, 0b11);
    machine.poke(NVIC_IPR0, 0x0000_0080);
    assert_eq!(machine.trace(5), [0, 17, 16, 0]);
}

/// A more urgent exception that is pending when the entry of another begins is the one entered,
/// on the same frame (B1.5.6): both are pending at one boundary, one frame is pushed.
#[test]
fn of_two_at_one_boundary_one_frame_is_pushed_and_the_other_is_chained() {
    let mut machine = Machine::new();
    machine.poke(NVIC_ISER, 0b11);
    machine.poke(NVIC_IPR0, 0x0000_0040);
    machine.core.set_interrupt_lines(0b01);
    machine.core.set_interrupt_lines(0b10);
    machine.core.set_interrupt_lines(0);
    machine.advance();
    assert_eq!(
        (machine.exception(), machine.core.register(13)),
        (17, STACK - 0x20)
    );
    machine.advance();
    assert_eq!(
        (machine.exception(), machine.core.register(13)),
        (16, STACK - 0x20)
    );
    assert_eq!(machine.core.register(14), 0xFFFF_FFF9);
}

/// NMI preempts HardFault, and returns into it (B1.5.4).
#[test]
fn nmi_preempts_the_hard_fault_handler() {
    let mut machine = Machine::with_program(&[0xDE00]);
    machine.place(handler(3), &[NOP, NOP, BX_LR]);
    machine.advance();
    assert_eq!(machine.exception(), 3);
    machine.poke(ICSR, NMIPENDSET);
    assert_eq!(machine.trace(2), [3, 2, 3]);
    assert_eq!(machine.pc(), handler(3));
}

/// Neither an interrupt of priority 0 nor PRIMASK stands above HardFault, at -1 (B1.5.4).
#[test]
fn no_interrupt_preempts_the_hard_fault_handler() {
    let mut machine = Machine::with_program(&[0xDE00]);
    machine.poke(NVIC_ISER, 1);
    machine.place(handler(3), &[NOP, NOP, NOP]);
    machine.advance();
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.trace(3), [3]);
}

/// SVC in a handler that SVCall does not preempt is a HardFault, at every such priority; a more
/// urgent SVCall is taken (B1.5.6, A6.7).
#[test]
fn svc_in_a_handler_is_taken_or_escalates_by_its_priority() {
    for (of_svc, of_interrupt, expected) in
        [(0, 1, 11), (1, 1, 3), (2, 1, 3), (2, 3, 11), (0, 0, 3)]
    {
        let mut machine = Machine::new();
        machine.place(handler(16), &[SVC, BX_LR]);
        machine.poke(NVIC_ISER, 1);
        machine.poke(NVIC_IPR0, of_interrupt << 6);
        machine.poke(SHPR2, of_svc << 30);
        machine.poke(NVIC_ISPR, 1);
        assert_eq!(
            machine.trace(3)[..3],
            [0, 16, expected],
            "SVCall {of_svc}, interrupt {of_interrupt}"
        );
    }
}

/// A fault in a handler of any priority is a HardFault that returns into the handler (B1.5.6).
#[test]
fn a_fault_in_an_interrupt_handler_nests_a_hard_fault() {
    let mut machine = Machine::new();
    machine.place(handler(16), &[0xDE00]);
    // ldr r0, [sp, #0x18]; adds r0, #2; str r0, [sp, #0x18]; bx lr
    machine.place(handler(3), &[0x9806, 0x3002, 0x9006, BX_LR]);
    machine.place(handler(16) + 2, &[BX_LR]);
    machine.poke(NVIC_ISER, 1);
    machine.poke(NVIC_ISPR, 1);
    assert_eq!(machine.trace(8), [0, 16, 3, 16, 0]);
    assert_eq!(machine.core.register(13), STACK);
}

/// Exception entry and return set the event register, so a WFE behind a handler does not sleep,
/// the next one does (B1.5.18).
#[test]
fn a_handler_leaves_an_event_for_wfe() {
    let mut machine = Machine::with_program(&[NOP, WFE, WFE]);
    machine.poke(ICSR, PENDSVSET);
    assert_eq!(machine.trace(2), [0, 14, 0]);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    assert_eq!(machine.pc(), PROGRAM + 6);
}

/// WFE behind PRIMASK is not ended by what the mask holds; WFI is (B1.5.18, B1.5.19).
#[test]
fn primask_keeps_wfe_asleep_and_not_wfi() {
    for (sleep, expected) in [(WFE, Stop::Sleeping), (WFI, Stop::Deadline)] {
        let mut machine = masked(&[sleep, NOP]);
        assert_eq!(machine.run(1000), Stop::Sleeping);
        machine.core.set_interrupt_lines(1);
        assert_eq!(machine.advance(), expected, "{sleep:#06x}");
        assert_eq!(machine.exception(), 0);
    }
}

/// PRIMASK survives the NMI handler: it is no part of the frame (B1.4.3, B1.5.8).
#[test]
fn a_return_leaves_primask() {
    let mut machine = masked(&[]);
    machine.poke(NVIC_ISPR, 1);
    machine.poke(ICSR, NMIPENDSET);
    assert_eq!(machine.trace(4), [0, 2, 0]);
}
