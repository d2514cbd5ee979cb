//! I2C1 and the cartridge's EEPROM: transfers, roll-over, write cycle, absence.

use super::Board;

const I2C: u32 = 0x4000_5400;
const CR1: u32 = I2C;
const CR2: u32 = I2C + 0x04;
const TIMINGR: u32 = I2C + 0x10;
const ISR: u32 = I2C + 0x18;
const ICR: u32 = I2C + 0x1C;
const RXDR: u32 = I2C + 0x24;
const TXDR: u32 = I2C + 0x28;
const TXIS: u32 = 1 << 1;
const RXNE: u32 = 1 << 2;
const NACKF: u32 = 1 << 4;
const STOPF: u32 = 1 << 5;
const TC: u32 = 1 << 6;
const START: u32 = 1 << 13;
const AUTOEND: u32 = 1 << 25;
const READ: u32 = 1 << 10;
const ADDRESS: u32 = 0x50 << 1;
/// 5 ms.
const WRITE_CYCLES: u64 = 80_000;

/// 100 kHz from 16 MHz, and a chip that holds its own addresses.
fn fitted() -> Board {
    let mut board = Board::new();
    let mut content = [0; 128];
    for (byte, at) in content.iter_mut().zip(0..) {
        *byte = at;
    }
    board.chip.set_cartridge_chip(Some(content));
    board.write(TIMINGR, 0x3042_0F13);
    board.write(CR1, 1);
    board
}

/// Waits for one of the flags, at most 2 ms.
fn wait(board: &mut Board, flags: u32) -> u32 {
    for _ in 0..3_200 {
        let status = board.read(ISR);
        if status & flags != 0 {
            return status;
        }
        board.run_for(10);
    }
    panic!("none of {flags:#x} in 2 ms");
}

/// Writes bytes; whether all were acknowledged.
fn write(board: &mut Board, bytes: &[u8], end: u32) -> bool {
    let count = u32::try_from(bytes.len()).unwrap();
    board.write(CR2, ADDRESS | count << 16 | START | end);
    for byte in bytes {
        if wait(board, TXIS | NACKF) & NACKF != 0 {
            wait(board, STOPF);
            board.write(ICR, NACKF | STOPF);
            return false;
        }
        board.write(TXDR, u32::from(*byte));
    }
    if wait(board, STOPF | TC) & STOPF != 0 {
        board.write(ICR, STOPF);
    }
    true
}

fn read(board: &mut Board, count: u32) -> Vec<u8> {
    board.write(CR2, ADDRESS | count << 16 | START | READ | AUTOEND);
    let bytes = (0..count)
        .map(|_| {
            wait(board, RXNE);
            board.read(RXDR).to_le_bytes()[0]
        })
        .collect();
    wait(board, STOPF);
    board.write(ICR, STOPF);
    bytes
}

#[test]
fn a_random_read_is_a_write_of_the_address_and_a_repeated_start() {
    let mut board = fitted();
    assert!(write(&mut board, &[0x10], 0));
    assert_eq!(read(&mut board, 4), [0x10, 0x11, 0x12, 0x13]);
    // The address counts on, and rolls over at the end of the chip.
    assert!(write(&mut board, &[0x7F], 0));
    assert_eq!(read(&mut board, 2), [0x7F, 0x00]);
}

#[test]
fn a_byte_takes_nine_clocks_of_the_bus() {
    let mut board = fitted();
    let begin = board.now;
    write(&mut board, &[0x10], 0);
    let took = board.now - begin;
    // Start and two bytes, 160 CPU cycles a bit: 190 µs.
    assert!((3_040..3_100).contains(&took), "{took} cycles");
}

#[test]
fn a_page_write_rolls_over_within_its_page_and_takes_five_milliseconds() {
    let mut board = fitted();
    assert!(write(&mut board, &[0x16, 0xA0, 0xA1, 0xA2], AUTOEND));
    assert!(
        !write(&mut board, &[0x10], AUTOEND),
        "busy: not acknowledged"
    );
    board.run_for(WRITE_CYCLES);
    assert!(write(&mut board, &[0x10], 0));
    let wanted = [0xA2, 0x11, 0x12, 0x13, 0x14, 0x15, 0xA0, 0xA1, 0x18];
    assert_eq!(read(&mut board, 9), wanted);
}

#[test]
fn without_a_cartridge_nobody_acknowledges() {
    let mut board = fitted();
    board.chip.set_cartridge_chip(None);
    assert!(!write(&mut board, &[0x10], AUTOEND));
    assert!(board.chip.cartridge_chip().is_none());
}

#[test]
fn another_address_is_not_acknowledged() {
    let mut board = fitted();
    board.write(CR2, 0x51 << 1 | 1 << 16 | START | AUTOEND);
    assert_ne!(wait(&mut board, NACKF | TXIS) & NACKF, 0);
}

/// A clock line that is held low: a transfer under way stands and goes on afterwards; a new one
/// does not even begin, and switching the peripheral off gives it up.
#[test]
fn a_held_clock_stops_the_bus() {
    const BUSY: u32 = 1 << 15;
    const PAST: u64 = 100_000;
    let mut board = fitted();
    board.write(CR2, ADDRESS | 1 << 16 | START | AUTOEND);
    board.run_for(800);
    board.chip.hold_cartridge_clock(true, board.now);
    board.run_for(PAST);
    assert_eq!(board.read(ISR) & (TXIS | NACKF | STOPF | BUSY), BUSY);
    board.chip.hold_cartridge_clock(false, board.now);
    board.run_for(799);
    assert_eq!(board.read(ISR) & TXIS, 0);
    board.run_for(1);
    assert_eq!(board.read(ISR) & TXIS, TXIS);
    board.write(TXDR, 0x10);
    wait(&mut board, STOPF);
    board.write(ICR, STOPF);

    board.chip.hold_cartridge_clock(true, board.now);
    board.run_for(PAST);
    board.write(CR2, ADDRESS | 1 << 16 | START | AUTOEND);
    board.run_for(PAST);
    assert_eq!(board.read(ISR) & (TXIS | NACKF | STOPF | BUSY), 0);
    assert_eq!(board.read(CR2) & START, START, "still to come");
    board.chip.hold_cartridge_clock(false, board.now);
    board.run_for(1_599);
    assert_eq!(board.read(ISR) & (TXIS | BUSY), BUSY);
    board.run_for(1);
    assert_eq!(board.read(ISR) & TXIS, TXIS, "ten bits after it was let go");
    board.write(TXDR, 0x10);
    wait(&mut board, STOPF);
    board.write(ICR, STOPF);

    board.chip.hold_cartridge_clock(true, board.now);
    board.write(CR2, ADDRESS | 1 << 16 | START | AUTOEND);
    board.write(CR1, 0);
    assert_eq!(board.read(CR2) & START, 0);
    board.chip.hold_cartridge_clock(false, board.now);
    board.write(CR1, 1);
    board.run_for(PAST);
    assert!(write(&mut board, &[0x10], 0));
    assert_eq!(read(&mut board, 1), [0x10]);
}
