//! Timers: counting, preload, compare, capture and counted pulse trains (RM0444 21, 22, 25).

use super::Board;
use crate::StepPulses;

const TIM1: u32 = 0x4001_2C00;
const TIM2: u32 = 0x4000_0000;
const TIM3: u32 = 0x4000_0400;
const TIM16: u32 = 0x4001_4400;
const CR1: u32 = 0x00;
const DIER: u32 = 0x0C;
const SR: u32 = 0x10;
const EGR: u32 = 0x14;
const CCMR1: u32 = 0x18;
const CCER: u32 = 0x20;
const CNT: u32 = 0x24;
const PSC: u32 = 0x28;
const ARR: u32 = 0x2C;
const RCR: u32 = 0x30;
const CCR1: u32 = 0x34;
const CCR2: u32 = 0x38;
const BDTR: u32 = 0x44;
const GPIOA: u32 = 0x5000_0000;
const GPIOB: u32 = 0x5000_0400;

/// At 1 MHz from now on.
fn start_1_mhz(board: &mut Board, timer: u32, reload: u32) {
    board.write(timer + PSC, 15);
    board.write(timer + ARR, reload);
    board.write(timer + EGR, 1);
    board.write(timer + SR, 0);
    board.write(timer + CR1, 1);
}

#[test]
fn a_counter_counts_and_wraps_at_its_reload_value() {
    let mut board = Board::new();
    start_1_mhz(&mut board, TIM3, 999);
    board.run_for(16 * 999 + 15);
    assert_eq!(
        (board.read(TIM3 + CNT), board.read(TIM3 + SR) & 1),
        (999, 0)
    );
    board.run_for(1);
    assert_eq!((board.read(TIM3 + CNT), board.read(TIM3 + SR) & 1), (0, 1));
    board.run_for(16 * 12_345);
    assert_eq!(board.read(TIM3 + CNT), 345);
    // Stopped, it stands; started again, it goes on within the tick.
    board.run_for(7);
    board.write(TIM3 + CR1, 0);
    board.run_for(100);
    assert_eq!(board.read(TIM3 + CNT), 345);
    board.write(TIM3 + CR1, 1);
    board.run_for(8);
    assert_eq!(board.read(TIM3 + CNT), 345);
    board.run_for(1);
    assert_eq!(board.read(TIM3 + CNT), 346);
}

#[test]
fn interrupts_rise_at_their_cycle_and_only_if_enabled() {
    let mut board = Board::new();
    start_1_mhz(&mut board, TIM3, 0xFFFF);
    board.write(TIM3 + CCR2, 500);
    board.write(TIM3 + DIER, 1 << 2);
    let begin = board.now;
    assert_eq!(board.chip.next_event(), begin + 500 * 16);
    board.run_to(begin + 500 * 16 - 1);
    assert!(!board.line(16));
    board.run_for(1);
    assert!(board.line(16));
    board.write(TIM3 + SR, !(1 << 2));
    assert!(!board.line(16));
    // The next match is one round away.
    assert_eq!(board.chip.next_event(), begin + (500 + 0x1_0000) * 16);
}

#[test]
fn an_update_by_software_sets_its_flag_unless_urs_says_otherwise() {
    for (cr1, flag) in [(0, 1), (1 << 2, 0)] {
        let mut board = Board::new();
        board.write(TIM3 + CR1, cr1);
        board.write(TIM3 + EGR, 1);
        assert_eq!(board.read(TIM3 + SR) & 1, flag);
    }
}

#[test]
fn a_preloaded_duty_takes_effect_at_the_next_period() {
    let mut board = Board::new();
    // PA8 to TIM1_CH1; PWM mode 1 with preload, 20 kHz.
    board.write(GPIOA, 0xEBFF_FFFF & !(3 << 16) | 2 << 16);
    board.write(GPIOA + 0x24, 2);
    board.write(TIM1 + CCMR1, 6 << 4 | 1 << 3);
    board.write(TIM1 + ARR, 799);
    board.write(TIM1 + CCR1, 200);
    board.write(TIM1 + EGR, 1);
    board.write(TIM1 + CCER, 1);
    board.write(TIM1 + CR1, 1);
    let duty = |board: &mut Board| {
        let motor = board.chip.outputs(board.now).motor;
        (motor.high, motor.period)
    };
    assert_eq!(duty(&mut board), (0, 0), "main output is off");
    board.write(TIM1 + BDTR, 1 << 15);
    assert_eq!(duty(&mut board), (200, 800));
    board.run_for(100);
    board.write(TIM1 + CCR1, 800);
    assert_eq!(duty(&mut board), (200, 800));
    board.run_for(699);
    assert_eq!(duty(&mut board), (200, 800));
    board.run_for(1);
    assert_eq!(duty(&mut board), (800, 800));
}

#[test]
fn a_hall_edge_is_captured_with_the_count_of_its_cycle() {
    const CC1IF: u32 = 1 << 1;
    const CC1OF: u32 = 1 << 9;
    let mut board = Board::new();
    board.write(GPIOA, 0xEBFF_FFFF & !3 | 2);
    board.write(GPIOA + 0x20, 2);
    board.write(TIM2 + CCMR1, 1);
    board.write(TIM2 + CCER, 1);
    board.write(TIM2 + DIER, 1 << 1);
    start_1_mhz(&mut board, TIM2, u32::MAX);
    let begin = board.now;
    board.chip.hall_edge(begin + 16 * 1_234 + 3);
    board.run_for(16 * 5_000);
    assert!(board.line(15));
    assert_eq!(board.read(TIM2 + SR) & (CC1IF | CC1OF), CC1IF);
    assert_eq!(board.read(TIM2 + CCR1), 1_234);
    assert!(!board.line(15), "reading the capture clears its flag");
    // Two unread captures: the later stands, the overrun is told.
    board.chip.hall_edge(begin + 16 * 6_000);
    board.chip.hall_edge(begin + 16 * 7_000);
    board.run_for(16 * 5_000);
    assert_eq!(board.read(TIM2 + SR) & (CC1IF | CC1OF), CC1IF | CC1OF);
    assert_eq!(board.read(TIM2 + CCR1), 7_000);
    // An edge that is told late has the count it came at.
    board.chip.hall_edge(begin + 16 * 9_000);
    board.run_for(0);
    assert_eq!(board.read(TIM2 + CCR1), 9_000);
}

/// PB8 to TIM16_CH1 in PWM mode 2; DIR and enable driven.
fn stepper() -> Board {
    let mut board = Board::new();
    board.write(GPIOB, 0xFFF6_F7FF & !(3 << 10) | 1 << 10);
    board.write(GPIOB + 0x24, 2);
    board.write(TIM16 + PSC, 15);
    board.write(TIM16 + CCMR1, 7 << 4);
    board.write(TIM16 + CCER, 1);
    board.write(TIM16 + BDTR, 1 << 15);
    board.write(TIM16 + CR1, 1 << 3 | 1 << 2);
    board
}

fn send_train(board: &mut Board, pulses: u32) {
    board.write(TIM16 + ARR, 207);
    board.write(TIM16 + CCR1, 203);
    board.write(TIM16 + RCR, pulses - 1);
    board.write(TIM16 + EGR, 1);
    board.write(TIM16 + CR1, 1 << 3 | 1 << 2 | 1);
}

fn set_pins(board: &mut Board, enable: bool, outward: bool) {
    board.write(
        GPIOB + 0x14,
        u32::from(enable) << 5 | u32::from(outward) << 9,
    );
}

#[test]
fn a_one_pulse_train_has_as_many_pulses_as_repetitions() {
    for pulses in [1, 2, 9, 256] {
        let mut board = stepper();
        set_pins(&mut board, true, true);
        send_train(&mut board, pulses);
        board.run_for(208 * 16 * u64::from(pulses) - 1);
        assert_eq!(board.read(TIM16 + CR1) & 1, 1, "still running");
        board.run_for(1);
        assert_eq!(board.read(TIM16 + CR1) & 1, 0, "stopped by itself");
        board.run_for(100_000);
        let steps = board.chip.take_steps(board.now);
        assert_eq!((steps.outward, steps.inward, steps.ignored), (pulses, 0, 0));
    }
}

#[test]
fn pulses_are_booked_under_the_direction_that_they_had() {
    let mut board = stepper();
    set_pins(&mut board, true, true);
    send_train(&mut board, 10);
    board.run_for(208 * 16 * 4);
    set_pins(&mut board, true, false);
    board.run_for(208 * 16 * 3);
    set_pins(&mut board, false, false);
    board.run_for(208 * 16 * 10);
    let steps = board.chip.take_steps(board.now);
    let wanted = StepPulses {
        outward: 4,
        inward: 3,
        ignored: 3,
    };
    assert_eq!(steps, wanted);
    assert_eq!(board.chip.take_steps(board.now), StepPulses::default());
}

#[test]
fn modes_that_are_not_modelled_are_gaps() {
    for (register, value) in [
        (TIM2 + 0x04, 1 << 7),   // three pins for one channel
        (TIM1 + BDTR, 1 << 8),   // write protection
        (TIM16 + BDTR, 1 << 14), // MOE by itself
        (TIM3 + EGR, 1 << 7),    // a break where there is none
        (TIM3 + CR1, 1 << 4),    // counting down
        (TIM3 + 0x08, 7),        // external clock
        (TIM3 + DIER, 1 << 8),   // DMA request
        (TIM3 + CCMR1, 3 << 4),  // toggle
        (TIM2 + CCMR1, 2),       // capture from the other pin
    ] {
        let mut board = Board::new();
        let gap = board.write_gap(register, value).expect("a gap");
        assert_eq!((gap.access, gap.address), ("32-bit write", register));
    }
}

/// "When the contents of TIMx_CCR1 are greater than the contents of TIMx_ARR, the CC1IF bit goes
/// high on the counter overflow" (TIMx_SR).
#[test]
fn a_compare_value_beyond_the_reload_value_matches_on_overflow() {
    const CC2IF: u32 = 1 << 2;
    let mut board = Board::new();
    start_1_mhz(&mut board, TIM3, 999);
    board.write(TIM3 + CCR2, 1_000);
    board.write(TIM3 + DIER, CC2IF);
    let begin = board.now;
    assert_eq!(board.chip.next_event(), begin + 16_000);
    board.run_to(begin + 15_999);
    assert_eq!(board.read(TIM3 + SR) & CC2IF, 0);
    board.run_for(1);
    assert!(board.line(16));
    board.write(TIM3 + SR, 0);
    // And in each of many periods that pass at once.
    board.write(TIM3 + DIER, 0);
    board.run_for(16_000 * 50);
    assert_eq!(board.read(TIM3 + SR) & CC2IF, CC2IF);
}

/// A compare value with preload is another one after the update; its interrupt comes with that.
#[test]
fn a_preloaded_compare_value_interrupts_at_its_own_count() {
    let mut board = Board::new();
    board.write(TIM3 + CCMR1, 1 << 11);
    board.write(TIM3 + CCR2, 900);
    start_1_mhz(&mut board, TIM3, 999);
    board.run_for(16 * 950);
    board.write(TIM3 + SR, 0);
    board.write(TIM3 + DIER, 1 << 2);
    board.write(TIM3 + CCR2, 100);
    board.run_for(16 * (50 + 100) - 1);
    assert!(!board.line(16));
    board.run_for(1);
    assert!(board.line(16));
}

/// TIM16's repetition counter has eight bits, TIM1's sixteen (TIMx_RCR).
#[test]
fn a_repetition_counter_has_its_width() {
    let mut board = Board::new();
    for (timer, wanted) in [(TIM1, 0x1234), (TIM16, 0x34)] {
        board.write(timer + RCR, 0x1234);
        assert_eq!(board.read(timer + RCR), wanted);
    }
}

/// TIMx_EGR.BG: the main output goes off and the break flag up; the timer counts on.
#[test]
fn a_break_by_software_switches_the_output_off() {
    const BIF: u32 = 1 << 7;
    for (timer, line) in [(TIM1, 13), (TIM16, 21)] {
        let mut board = Board::new();
        board.write(timer + BDTR, 1 << 15);
        board.write(timer + DIER, BIF);
        board.write(timer + CR1, 1);
        board.write(timer + EGR, BIF);
        assert_eq!(board.read(timer + BDTR), 0);
        assert_eq!(board.read(timer + SR), BIF);
        assert!(board.line(line));
        board.run_for(100);
        assert_eq!(board.read(timer + CNT), 100);
        board.write(timer + SR, !BIF);
        assert!(!board.line(line));
    }
}

/// DBG_APB_FZ1 and DBG_APB_FZ2: counters that stand still while the core is halted.
#[test]
fn a_counter_is_frozen_under_a_halted_core_if_it_is_told_to() {
    const DBG: u32 = 0x4001_5800;
    for (timer, register, bit) in [
        (TIM2, 0x08, 0),
        (TIM3, 0x08, 1),
        (TIM1, 0x0C, 11),
        (TIM16, 0x0C, 17),
    ] {
        for (frozen, wanted) in [(false, 300), (true, 200)] {
            let mut board = Board::new();
            board.write(0x4002_103C, 0x1822_0003);
            board.write(DBG + register, u32::from(frozen) << bit);
            board.write(timer + CR1, 1);
            board.run_for(150);
            board.now += 100;
            board.chip.halted_for(100);
            board.run_for(50);
            assert_eq!(board.read(timer + CNT), wanted, "{timer:#010x}");
        }
    }
}
