//! Flash: keys, erase, programming, and each way to get it wrong (RM0444 3.3 and 3.7).

use super::Board;
use rig_armv6m::{Bus, Width};

const KEYR: u32 = 0x4002_2008;
const SR: u32 = 0x4002_2010;
const CR: u32 = 0x4002_2014;
const PG: u32 = 1;
const PER: u32 = 2;
const STRT: u32 = 1 << 16;
const EOPIE: u32 = 1 << 24;
const LOCK: u32 = 1 << 31;
const BSY: u32 = 1 << 16;
const PAGE_3: u32 = 0x0800_1800;
/// 22 ms and 85 µs.
const ERASE_CYCLES: u64 = 352_000;
const PROGRAM_CYCLES: u64 = 1_360;

fn unlocked() -> Board {
    let mut board = Board::new();
    board.write(KEYR, 0x4567_0123);
    board.write(KEYR, 0xCDEF_89AB);
    board
}

fn program(board: &mut Board, address: u32, low: u32, high: u32) {
    board.write(address, low);
    board.write(address + 4, high);
}

#[test]
fn two_keys_unlock_and_a_wrong_one_spoils_it_until_reset() {
    let mut board = unlocked();
    assert_eq!(board.read(CR) & LOCK, 0);
    board.write(CR, LOCK);
    board.write(KEYR, 0x4567_0123);
    board.write(KEYR, 0x1234_5678);
    board.write(KEYR, 0x4567_0123);
    board.write(KEYR, 0xCDEF_89AB);
    assert_eq!(board.read(CR) & LOCK, LOCK);
}

#[test]
fn a_double_word_is_busy_while_it_is_programmed_and_then_reads_back() {
    let mut board = unlocked();
    board.write(CR, PG | EOPIE);
    program(&mut board, PAGE_3, 0x1111_2222, 0x3333_4444);
    assert_eq!(board.read(SR) & BSY, BSY);
    board.run_for(PROGRAM_CYCLES - 1);
    assert_eq!(board.read(SR) & BSY, BSY);
    assert!(!board.line(3));
    board.run_for(1);
    assert_eq!(board.read(SR), 1, "EOP alone");
    assert!(board.line(3));
    assert_eq!(
        (board.read(PAGE_3), board.read(PAGE_3 + 4)),
        (0x1111_2222, 0x3333_4444)
    );
}

#[test]
fn a_page_erase_takes_its_time_and_leaves_the_neighbours() {
    let mut board = unlocked();
    board.chip.memory.flash[0x1000..0x2800].fill(0x55);
    board.write(CR, PER | 3 << 3 | STRT);
    board.run_for(ERASE_CYCLES - 1);
    assert_eq!(board.read(SR) & BSY, BSY);
    board.run_for(1);
    assert_eq!(board.read(SR), 0);
    assert_eq!(board.read(PAGE_3 - 4), 0x5555_5555);
    assert_eq!(board.read(PAGE_3), 0xFFFF_FFFF);
    assert_eq!(board.read(PAGE_3 + 2044), 0xFFFF_FFFF);
    assert_eq!(board.read(PAGE_3 + 2048), 0x5555_5555);
}

/// Does something wrong and looks at the error bits and that flash did not change.
fn check_error(wanted: u32, wrong: impl FnOnce(&mut Board)) {
    let mut board = unlocked();
    board.chip.memory.flash[0x1800] = 0x00;
    let before = board.chip.memory.flash.clone();
    wrong(&mut board);
    board.run_for(2 * PROGRAM_CYCLES);
    assert_eq!(board.read(SR) & 0xFFFF, wanted);
    assert_eq!(board.chip.memory.flash, before);
}

#[test]
fn programming_errors_are_told_apart() {
    const PROGERR: u32 = 1 << 3;
    const PGAERR: u32 = 1 << 5;
    const SIZERR: u32 = 1 << 6;
    const PGSERR: u32 = 1 << 7;
    // Without PG.
    check_error(PGSERR, |board| program(board, PAGE_3 + 8, 1, 2));
    // Over something programmed.
    check_error(PROGERR, |board| {
        board.write(CR, PG);
        program(board, PAGE_3, 1, 2);
    });
    // Upper half first.
    check_error(PGAERR, |board| {
        board.write(CR, PG);
        board.write(PAGE_3 + 12, 1);
    });
    // Halves of two double words.
    check_error(PGAERR, |board| {
        board.write(CR, PG);
        board.write(PAGE_3 + 8, 1);
        board.write(PAGE_3 + 20, 1);
    });
    check_error(SIZERR, |board| {
        board.write(CR, PG);
        let halfword = board.chip.write(PAGE_3 + 8, Width::Halfword, 1, board.now);
        assert_eq!(halfword, Ok(()));
    });
    // Erase with PG set as well.
    check_error(PGSERR, |board| board.write(CR, PG | PER | STRT));
    // An error that was not cleared.
    check_error(PGSERR | PGAERR, |board| {
        board.write(CR, PG);
        board.write(PAGE_3 + 12, 1);
        program(board, PAGE_3 + 8, 1, 2);
    });
}

#[test]
fn zeros_may_be_programmed_over_anything() {
    let mut board = unlocked();
    board.chip.memory.flash[0x1800..0x1808].fill(0xA5);
    board.write(CR, PG);
    program(&mut board, PAGE_3, 0, 0);
    board.run_for(PROGRAM_CYCLES);
    assert_eq!((board.read(SR), board.read(PAGE_3)), (0, 0));
}

#[test]
fn a_locked_controller_takes_no_command() {
    let mut board = Board::new();
    board.write(CR, PER | STRT);
    assert_eq!((board.read(SR), board.read(CR) & 0xFFFF), (0, 0));
}

#[test]
fn a_power_cut_leaves_a_page_half_erased_and_a_double_word_half_programmed() {
    let mut board = unlocked();
    board.chip.memory.flash[0x1800..0x2000].fill(0);
    board.write(CR, PER | 3 << 3 | STRT);
    board.run_for(ERASE_CYCLES / 2);
    board.chip.power_off(board.now);
    let page = &board.chip.memory.flash[0x1800..0x2000];
    assert!(page.iter().any(|byte| *byte != 0xFF), "not erased");
    assert!(page.iter().any(|byte| *byte != 0), "and not as it was");

    let mut board = unlocked();
    board.write(CR, PG);
    program(&mut board, PAGE_3, 0x1111_2222, 0x3333_4444);
    board.run_for(PROGRAM_CYCLES / 2);
    board.chip.power_off(board.now);
    assert_eq!(
        (board.read(PAGE_3), board.read(PAGE_3 + 4)),
        (0x1111_2222, 0xFFFF_FFFF)
    );
}
