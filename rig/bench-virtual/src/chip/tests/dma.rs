//! DMA1 and DMAMUX: flags, errors, requests (RM0444 10, 11). What the ADC does with them stands
//! beside the ADC.

use super::Board;

const USART2: u32 = 0x4000_4400;
const ISR: u32 = 0x4002_0000;
const IFCR: u32 = ISR + 0x04;
const CCR1: u32 = ISR + 0x08;
const CNDTR1: u32 = ISR + 0x0C;
const CPAR1: u32 = ISR + 0x10;
const CMAR1: u32 = ISR + 0x14;
const C0CR: u32 = 0x4002_0800;
const RAM: u32 = 0x2000_0100;
/// DMAMUX input of USART2's transmitter.
const USART2_TX: u32 = 53;
const EN: u32 = 1 << 0;
const TEIE: u32 = 1 << 3;
const DIR: u32 = 1 << 4;
const MINC: u32 = 1 << 7;
const GIF: u32 = 1 << 0;
const TCIF: u32 = 1 << 1;
const HTIF: u32 = 1 << 2;
const TEIF: u32 = 1 << 3;
const BYTE: u64 = 1_390;

/// A transmitter at 115,200 Bd that asks for four bytes from `memory`.
fn sends_from(memory: u32) -> Board {
    let mut board = Board::new();
    board.write(USART2 + 0x0C, 139);
    board.write(C0CR, USART2_TX);
    board.write(CNDTR1, 4);
    board.write(CPAR1, USART2 + 0x28);
    board.write(CMAR1, memory);
    board.write(CCR1, EN | DIR | MINC | TEIE);
    board.write(USART2 + 0x08, 1 << 7);
    board
}

/// DMA_ISR and DMA_IFCR.
#[test]
fn half_and_whole_are_told_and_cleared_each_by_itself() {
    let mut board = sends_from(RAM);
    board.write(USART2, 0b1001);
    // One in the shift register, one behind it.
    assert_eq!(board.read(ISR), GIF | HTIF);
    board.run_for(BYTE);
    assert_eq!((board.read(ISR), board.read(CNDTR1)), (GIF | HTIF, 1));
    board.run_for(BYTE);
    assert_eq!(
        (board.read(ISR), board.read(CNDTR1)),
        (GIF | HTIF | TCIF, 0)
    );
    board.write(IFCR, HTIF);
    assert_eq!(board.read(ISR), GIF | TCIF);
    board.write(IFCR, GIF);
    assert_eq!(board.read(ISR), 0, "the general flag clears all");
}

/// A bus error stops the channel and raises TEIF (RM0444 10).
#[test]
fn an_address_where_nothing_is_stops_the_channel() {
    let mut board = sends_from(0x6000_0000);
    board.write(USART2, 0b1001);
    assert_eq!(board.read(ISR), GIF | TEIF);
    assert_eq!(board.read(CCR1) & EN, 0);
    assert!(board.line(9));
    board.run_for(10 * BYTE);
    assert!(board.chip.take_uart_sent().is_empty());
    board.write(IFCR, TEIF);
    assert!(!board.line(9));
}

#[test]
fn a_request_that_nothing_modelled_makes_is_a_gap() {
    let mut board = Board::new();
    // SPI1's receiver.
    board.write(C0CR, 16);
    board.write(CNDTR1, 1);
    let gap = board.write_gap(CCR1, EN).expect("a gap");
    assert_eq!((gap.access, gap.address), ("32-bit write", CCR1));
    let mut board = sends_from(RAM);
    assert!(board.write_gap(C0CR, 16).is_some(), "while it is enabled");
}

/// RCC_AHBRSTR.DMA1RST resets DMA and DMAMUX.
#[test]
fn their_reset_bit_resets_the_multiplexer_too() {
    let mut board = sends_from(RAM);
    board.write(0x4002_1028, 1);
    board.write(0x4002_1028, 0);
    assert_eq!((board.read(C0CR), board.read(CCR1)), (0, 0));
}
