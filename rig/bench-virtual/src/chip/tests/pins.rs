//! Pins: switches read through pulls, outputs that float are off, edges reach EXTI.

use super::Board;
use crate::{Inputs, Outputs};

const GPIOB: u32 = 0x5000_0400;
const GPIOC: u32 = 0x5000_0800;
const EXTI: u32 = 0x4002_1800;

#[test]
fn nothing_is_driven_after_reset() {
    let mut board = Board::new();
    assert_eq!(board.chip.outputs(0), Outputs::default());
}

#[test]
fn outputs_follow_set_and_reset_and_set_wins() {
    let mut board = Board::new();
    board.write(GPIOB, 0xFFFF_FFFC | 1);
    board.write(GPIOB + 0x18, 1);
    assert!(board.chip.outputs(0).cut_off_closed);
    board.write(GPIOB + 0x18, 1 << 16);
    assert!(!board.chip.outputs(0).cut_off_closed);
    board.write(GPIOB + 0x18, 1 << 16 | 1);
    assert!(board.chip.outputs(0).cut_off_closed);
    // Back to analog: the pin floats, and its resistor holds it low.
    board.write(GPIOB, 0xFFFF_FFFF);
    assert!(!board.chip.outputs(0).cut_off_closed);
}

#[test]
fn a_switch_reads_low_when_closed_and_needs_its_pull_up_to_read_high() {
    let mut board = Board::new();
    let cartridge = |board: &mut Board| board.read(GPIOB + 0x10) >> 4 & 1;
    board.write(GPIOB, 0xFFFF_FCFF);
    assert_eq!(cartridge(&mut board), 0, "floats");
    board.write(GPIOB + 0x0C, 1 << 8);
    assert_eq!(cartridge(&mut board), 1);
    board.chip.set_inputs(&Inputs {
        cartridge_fitted: true,
        ..Inputs::default()
    });
    assert_eq!(cartridge(&mut board), 0);
}

#[test]
fn a_locked_pin_keeps_its_mode() {
    const LCKK: u32 = 1 << 16;
    let mut board = Board::new();
    for key in [LCKK | 1, 1, LCKK | 1] {
        board.write(GPIOB + 0x1C, key);
    }
    assert_eq!(board.read(GPIOB + 0x1C), LCKK | 1);
    board.write(GPIOB, 0);
    assert_eq!(board.read(GPIOB), 3);
}

#[test]
fn a_press_of_the_button_is_a_falling_edge_on_line_13() {
    let mut board = Board::new();
    board.write(GPIOC, 0xF3FF_FFFF);
    board.write(EXTI + 0x6C, 2 << 8);
    board.write(EXTI + 0x04, 1 << 13);
    board.write(EXTI + 0x80, 1 << 13);
    assert!(!board.line(7));
    board.chip.set_inputs(&Inputs {
        button_pressed: true,
        ..Inputs::default()
    });
    assert!(board.line(7));
    board.write(EXTI + 0x10, 1 << 13);
    assert!(!board.line(7));
}

/// EXTI_SWIER1 triggers a rising edge independently of RTSR1 and FTSR1, and reads zero.
#[test]
fn software_triggers_a_line_whose_edges_nobody_listens_to() {
    let mut board = Board::new();
    board.write(EXTI + 0x80, 1 << 3);
    board.write(EXTI + 0x08, 1 << 3);
    assert!(board.line(6));
    assert_eq!(
        (board.read(EXTI + 0x08), board.read(EXTI + 0x0C)),
        (0, 1 << 3)
    );
    board.write(EXTI + 0x0C, 1 << 3);
    assert!(!board.line(6));
}
