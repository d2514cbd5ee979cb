//! USART2: frame timing, FIFO, flags, overrun, bit rates that differ (RM0444 33.5).

use super::Board;

const USART2: u32 = 0x4000_4400;
const CR1: u32 = USART2;
const BRR: u32 = USART2 + 0x0C;
const ISR: u32 = USART2 + 0x1C;
const ICR: u32 = USART2 + 0x20;
const RDR: u32 = USART2 + 0x24;
const TDR: u32 = USART2 + 0x28;
const UE_RE_TE: u32 = 0xD;
const FIFOEN: u32 = 1 << 29;
const ORE: u32 = 1 << 3;
const IDLE: u32 = 1 << 4;
const RXNE: u32 = 1 << 5;
const TC: u32 = 1 << 6;
const TXE: u32 = 1 << 7;
/// 16 MHz by 139 is 115,108 Bd, the nearest to 115,200 Bd.
const BIT: u64 = 139;

fn at_115_200(cr1: u32) -> Board {
    let mut board = Board::new();
    board.write(BRR, 139);
    board.write(CR1, UE_RE_TE | cr1);
    board
}

#[test]
fn a_byte_takes_ten_bits_and_tc_comes_with_its_stop_bit() {
    let mut board = at_115_200(0);
    board.write(TDR, 0x5A);
    assert_eq!(
        board.read(ISR) & (TXE | TC),
        TXE,
        "moved on to the shift register"
    );
    board.write(TDR, 0xA5);
    assert_eq!(board.read(ISR) & (TXE | TC), 0);
    board.run_for(10 * BIT);
    assert_eq!(board.read(ISR) & (TXE | TC), TXE);
    board.run_for(10 * BIT - 1);
    assert_eq!(board.read(ISR) & TC, 0);
    board.run_for(1);
    assert_eq!(board.read(ISR) & TC, TC);
    let wanted = vec![(10 * BIT, 0x5A), (20 * BIT, 0xA5)];
    assert_eq!(board.chip.take_uart_sent(), wanted);
    assert!(board.chip.take_uart_sent().is_empty());
}

#[test]
fn the_fifo_holds_eight_bytes_beside_the_one_that_leaves() {
    let mut board = at_115_200(FIFOEN);
    for byte in 0..10 {
        board.write(TDR, byte);
    }
    assert_eq!(board.read(ISR) & TXE, 0);
    board.run_for(200 * BIT);
    let sent: Vec<u8> = board
        .chip
        .take_uart_sent()
        .iter()
        .map(|(_, byte)| *byte)
        .collect();
    assert_eq!(sent, (0..9).collect::<Vec<u8>>(), "the tenth was lost");
}

#[test]
fn received_bytes_raise_rxne_then_idle() {
    let mut board = at_115_200(1 << 4 | 1 << 5);
    board.chip.uart_receive(5_000, 0x42);
    board.run_to(4_999);
    assert!(!board.line(28));
    board.run_to(5_000);
    assert!(board.line(28));
    assert_eq!(board.read(ISR) & (RXNE | IDLE), RXNE);
    assert_eq!(board.read(RDR), 0x42);
    assert!(!board.line(28));
    board.run_to(5_000 + 10 * BIT - 1);
    assert_eq!(board.read(ISR) & IDLE, 0);
    board.run_for(1);
    assert_eq!(board.read(ISR) & IDLE, IDLE);
    assert!(board.line(28));
    board.write(ICR, IDLE);
    assert!(!board.line(28));
}

#[test]
fn back_to_back_bytes_are_not_idle_between() {
    let mut board = at_115_200(FIFOEN);
    board.chip.uart_receive(2_000, 1);
    board.chip.uart_receive(2_000 + 10 * BIT, 2);
    board.run_to(2_000 + 10 * BIT);
    assert_eq!(board.read(ISR) & IDLE, 0);
}

/// RM0444 33.5.6: an idle frame is one of ones alone. A host whose frames are longer than the pen's
/// leaves none between them; one that pauses for half a frame does not either.
#[test]
fn a_start_bit_within_a_frame_ends_the_count_of_the_idle_line() {
    for (host_bit, gap) in [(1.01, 0.0), (0.99, 0.0), (1.0, 5.0), (1.0, 9.9)] {
        let host_bit = host_bit * BIT as f64;
        let mut board = at_115_200(FIFOEN);
        board.chip.set_host_bit(host_bit);
        let second = 2_000 + ((10.0 + gap) * host_bit) as u64;
        board.chip.uart_receive(2_000, 1);
        // The start bit has begun.
        board.run_to(second - (10.0 * host_bit) as u64);
        board.chip.uart_receive(second, 2);
        board.run_to(second + 10 * BIT - 1);
        assert_eq!(board.read(ISR) & IDLE, 0, "{host_bit} {gap}");
        board.run_for(1);
        assert_eq!(board.read(ISR) & IDLE, IDLE, "{host_bit} {gap}");
    }
    // Idle for longer than a frame.
    let mut board = at_115_200(FIFOEN);
    board.chip.uart_receive(2_000, 1);
    board.chip.uart_receive(2_000 + 21 * BIT, 2);
    board.run_to(2_000 + 21 * BIT);
    assert_eq!(board.read(ISR) & IDLE, IDLE);
}

#[test]
fn an_overrun_keeps_the_old_byte_and_loses_the_new_one() {
    for (cr1, depth) in [(0, 1_u8), (FIFOEN, 8)] {
        let mut board = at_115_200(cr1);
        for byte in 0..=depth {
            board
                .chip
                .uart_receive(2_000 + 10 * BIT * u64::from(byte), byte);
        }
        board.run_to(50_000);
        assert_eq!(board.read(ISR) & ORE, ORE);
        for byte in 0..depth {
            assert_eq!(board.read(RDR), u32::from(byte));
        }
        assert_eq!(board.read(ISR) & RXNE, 0);
        board.write(ICR, ORE);
        assert_eq!(board.read(ISR) & ORE, 0);
    }
}

#[test]
fn a_receiver_that_is_off_hears_nothing() {
    let mut board = Board::new();
    board.chip.uart_receive(100, 1);
    board.run_to(200);
    assert_eq!(board.read(ISR) & RXNE, 0);
}

/// A host at another rate than the pen: FE and NE, their interrupt by EIE, their clearing.
#[test]
fn a_host_at_another_rate_garbles() {
    const FE: u32 = 1 << 1;
    const NE: u32 = 1 << 2;
    const EIE: u32 = 1;
    let mut board = at_115_200(0);
    // 57,600 Bd.
    board.chip.set_host_bit(2.0 * BIT as f64);
    board.chip.uart_receive(5_000, 0b0000_0101);
    board.run_to(5_000);
    assert_eq!(board.read(ISR) & (FE | NE | RXNE), FE | RXNE);
    assert!(!board.line(28));
    board.write(USART2 + 0x08, EIE);
    assert!(board.line(28));
    assert_eq!(board.read(RDR), 0b0110_0110);
    board.write(ICR, FE);
    assert_eq!(board.read(ISR) & FE, 0);
    assert!(!board.line(28));
    // And what the pen sends, the host hears wrong as well.
    board.write(TDR, 0x55);
    board.run_for(10 * BIT);
    let sent = board.chip.take_uart_sent();
    assert_ne!(sent[0].1, 0x55);
    // 4 % beside the pen's rate: noise, but the majority is right.
    board.chip.set_host_bit(0.96 * BIT as f64);
    board.chip.uart_receive(20_000, 0x00);
    board.chip.uart_receive(20_000 + 1_334, 0x00);
    board.run_to(20_000);
    assert_eq!(board.read(ISR) & (FE | NE), NE);
    assert_eq!(board.read(RDR), 0x00);
    board.write(ICR, NE);
    assert_eq!(board.read(ISR) & NE, 0);
}

/// The pen's rate is what its clock tree makes of BRR (RM0444 33.5.7), by oversampling by 8 too;
/// a host at that rate is understood, one at half of it is not.
#[test]
fn the_rate_comes_from_brr_prescaler_and_oversampling() {
    const OVER8: u32 = 1 << 15;
    // 0x112 by 8 is USARTDIV 276: 138 cycles a bit; PRESC 4 divides the clock by 8.
    for (cr1, brr, prescaler, bit) in [
        (0, 139, 0, 139.0),
        (OVER8, 0x112, 0, 138.0),
        (0, 34, 4, 272.0),
    ] {
        let mut board = Board::new();
        board.write(BRR, brr);
        board.write(USART2 + 0x2C, prescaler);
        board.write(CR1, UE_RE_TE | cr1);
        board.chip.set_host_bit(bit);
        board.write(TDR, 0x5A);
        board.run_for(bit as u64 * 10);
        assert_eq!(board.chip.take_uart_sent(), [(bit as u64 * 10, 0x5A)]);
        board.chip.uart_receive(board.now + 5_000, 0xA5);
        board.run_for(5_000);
        assert_eq!((board.read(ISR) & 6, board.read(RDR)), (0, 0xA5));
        board.chip.set_host_bit(2.0 * bit);
        board.chip.uart_receive(board.now + 8_000, 0xA5);
        board.run_for(8_000);
        assert_ne!(board.read(RDR), 0xA5);
    }
}

/// USARTDIV below 16 (RM0444 33.5.7), and what must not change under way (USART_CR1, USART_BRR).
#[test]
fn settings_without_meaning_are_gaps() {
    let mut board = Board::new();
    board.write(BRR, 15);
    assert!(board.write_gap(CR1, UE_RE_TE).is_some());
    for (register, value) in [
        (BRR, 200),
        (CR1, UE_RE_TE | FIFOEN),
        (CR1, UE_RE_TE | 1 << 15),
    ] {
        let mut board = at_115_200(0);
        let gap = board.write_gap(register, value).expect("a gap");
        assert_eq!(gap.address, register);
    }
    // Off and on again, the rate may be another.
    let mut board = at_115_200(0);
    board.write(CR1, 0);
    board.write(BRR, 200);
    board.write(CR1, UE_RE_TE | FIFOEN);
}
