//! ADC1 with DMA: sequence order, timing, overrun, one-shot stop (RM0444 15).

use super::Board;
use crate::Inputs;

const ADC: u32 = 0x4001_2400;
const ISR: u32 = ADC;
const CR: u32 = ADC + 0x08;
const CFGR1: u32 = ADC + 0x0C;
const CFGR2: u32 = ADC + 0x10;
const SMPR: u32 = ADC + 0x14;
const CHSELR: u32 = ADC + 0x28;
const DR: u32 = ADC + 0x40;
const DMA: u32 = 0x4002_0000;
const DMAMUX: u32 = 0x4002_0800;
const RAM: u32 = 0x2000_0100;
const ADRDY: u32 = 1;
const EOC: u32 = 1 << 2;
const EOS: u32 = 1 << 3;
const OVR: u32 = 1 << 4;
const ADSTART: u32 = 1 << 2;
const ALL_FOUR: u32 = 1 << 1 | 1 << 4 | 1 << 6 | 1 << 7;

/// Enabled, PCLK/2, 12.5 clocks of sampling: 50 CPU cycles a conversion.
fn ready() -> Board {
    let mut board = Board::new();
    board.chip.set_inputs(&Inputs {
        carriage_lsb: 100.49,
        motor_current_lsb: 200.5,
        battery_lsb: 5_000.0,
        nose_lsb: -3.0,
        ..Inputs::default()
    });
    board.write(CFGR2, 1 << 30);
    board.write(CR, 1 << 28);
    board.run_for(320);
    board.write(CR, 1 << 31 | 1 << 28);
    board.run_for(82 * 2);
    assert_eq!(board.read(CR) >> 31, 0, "calibrated");
    board.write(CR, 1 << 28 | 1);
    board.run_for(100);
    assert_eq!(board.read(ISR) & ADRDY, ADRDY);
    board.write(SMPR, 3);
    board.write(CHSELR, ALL_FOUR);
    board
}

fn listen_by_dma(board: &mut Board, circular: bool) {
    board.write(DMAMUX, 5);
    board.write(DMA + 0x10, DR);
    board.write(DMA + 0x14, RAM);
    board.write(DMA + 0x0C, 4);
    let circular = u32::from(circular) << 5;
    board.write(
        DMA + 0x08,
        1 << 10 | 1 << 8 | 1 << 7 | circular | 1 << 1 | 1,
    );
}

#[test]
fn a_sequence_lands_in_memory_in_channel_order_and_codes_are_held_at_the_ends() {
    let mut board = ready();
    board.write(CFGR1, 1 | 1 << 1);
    listen_by_dma(&mut board, true);
    board.write(CR, 1 << 28 | ADSTART);
    board.run_for(4 * 50 - 1);
    assert_eq!(board.read(ISR) & EOS, 0);
    assert!(!board.line(9));
    board.run_for(1);
    assert_eq!(board.read(ISR) & EOS, EOS);
    assert!(board.line(9), "DMA channel 1");
    assert_eq!(board.read(CR) & ADSTART, 0);
    assert_eq!(board.read(RAM), 201 << 16 | 100);
    assert_eq!(board.read(RAM + 4), 4095, "nose at 0, battery at 4095");
    // Circular: the next sequence goes to the same place.
    board.chip.set_inputs(&Inputs::default());
    board.write(CR, 1 << 28 | ADSTART);
    board.run_for(4 * 50);
    assert_eq!((board.read(RAM), board.read(RAM + 4)), (0, 0));
    assert_eq!(board.read(DMA + 0x0C), 4);
}

#[test]
fn the_fully_configurable_sequencer_keeps_its_order_and_scandir_turns_the_other() {
    let mut board = ready();
    board.write(CFGR1, 1 | 1 << 1 | 1 << 21);
    board.write(CHSELR, 0xFFF1_4F17 & 0x0000_F417 | 0xFFFF_0000);
    listen_by_dma(&mut board, true);
    board.write(CR, 1 << 28 | ADSTART);
    board.run_for(50 * 8);
    assert_eq!(board.read(RAM), 100 << 16, "7, then 1");
    assert_eq!(board.read(RAM + 4) & 0xFFFF, 201, "then 4");

    let mut board = ready();
    board.write(CFGR1, 1 | 1 << 1 | 1 << 2);
    listen_by_dma(&mut board, true);
    board.write(CR, 1 << 28 | ADSTART);
    board.run_for(50 * 4);
    assert_eq!(board.read(RAM), 4095 << 16, "7, then 6");
    assert_eq!(board.read(RAM + 4), 100 << 16 | 201, "then 4, then 1");
}

#[test]
fn a_result_that_nobody_reads_is_kept_and_the_overrun_told() {
    let mut board = ready();
    board.write(CR, 1 << 28 | ADSTART);
    board.run_for(50);
    assert_eq!(board.read(ISR) & (EOC | OVR), EOC);
    board.run_for(50);
    assert_eq!(board.read(ISR) & OVR, OVR);
    assert_eq!(board.read(DR), 100, "the first one");
    assert_eq!(board.read(ISR) & EOC, 0);
}

#[test]
fn one_shot_dma_stops_continuous_conversion_after_its_block() {
    let mut board = ready();
    board.write(CFGR1, 1 | 1 << 13);
    listen_by_dma(&mut board, false);
    board.write(CR, 1 << 28 | ADSTART);
    board.run_for(50 * 4);
    assert_eq!(board.read(CR) & ADSTART, 0);
    assert_eq!(board.read(DMA + 0x0C), 0);
}

#[test]
fn a_channel_without_a_voltage_is_a_gap() {
    let mut board = ready();
    board.write(CHSELR, 1 << 13);
    let gap = board.write_gap(CR, 1 << 28 | ADSTART).expect("a gap");
    assert_eq!(gap.address, CR);
}

/// The regulator takes 20 µs before the converter may be calibrated or enabled (RM0444 15 and
/// DS12232).
#[test]
fn a_converter_without_its_regulator_is_a_gap() {
    const ADVREGEN: u32 = 1 << 28;
    for command in [1, 1 << 31] {
        let mut board = Board::new();
        assert!(board.write_gap(CR, command).is_some(), "regulator off");
        let mut board = Board::new();
        board.write(CR, ADVREGEN);
        board.run_for(319);
        assert!(board.write_gap(CR, ADVREGEN | command).is_some());
        let mut board = Board::new();
        board.write(CR, ADVREGEN);
        board.run_for(320);
        board.write(CR, ADVREGEN | command);
    }
}

/// ADC_ISR.CCRDY: after CHSELR, and after another sequencer or scan direction.
#[test]
fn a_channel_configuration_says_when_it_is_ready() {
    const CCRDY: u32 = 1 << 13;
    let mut board = ready();
    for (register, value) in [(CHSELR, ALL_FOUR), (CFGR1, 1 << 2), (CFGR1, 1 << 21)] {
        board.write(ISR, CCRDY);
        assert_eq!(board.read(ISR) & CCRDY, 0);
        board.write(register, value);
        assert_eq!(board.read(ISR) & CCRDY, CCRDY);
    }
    board.write(ISR, CCRDY);
    board.write(CFGR1, 1 << 21 | 1 << 12);
    assert_eq!(board.read(ISR) & CCRDY, 0);
}
