//! Flash: keys, erase, programming, and each way to get it wrong (RM0444 3.3 to 3.7).

use super::Board;
use crate::chip::ResetCause;
use rig_armv6m::{Bus, BusFault, Width};

const KEYR: u32 = 0x4002_2008;
const SR: u32 = 0x4002_2010;
const CR: u32 = 0x4002_2014;
const PG: u32 = 1;
const PER: u32 = 2;
const STRT: u32 = 1 << 16;
const EOPIE: u32 = 1 << 24;
const LOCK: u32 = 1 << 31;
const BSY: u32 = 1 << 16;
const CFGBSY: u32 = 1 << 18;
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

/// A write that is a bus error, and so a HardFault in a program.
fn write_fault(board: &mut Board, address: u32, value: u32) {
    let done = board.chip.write(address, Width::Word, value, board.now);
    assert_eq!(done, Err(BusFault));
    assert_eq!(board.chip.take_gap(), None);
}

/// "Any wrong sequence locks the FLASH_CR registers until the next system reset. In the case of a
/// wrong key sequence, a bus error is detected" (RM0444 3.3.6).
#[test]
fn two_keys_unlock_and_a_wrong_one_is_a_bus_error_and_locks_until_reset() {
    let mut board = unlocked();
    assert_eq!(board.read(CR) & LOCK, 0);
    board.write(CR, LOCK);
    board.write(KEYR, 0x4567_0123);
    write_fault(&mut board, KEYR, 0x1234_5678);
    board.write(KEYR, 0x4567_0123);
    board.write(KEYR, 0xCDEF_89AB);
    assert_eq!(board.read(CR) & LOCK, LOCK);
    board.chip.system_reset(ResetCause::Pin, board.now);
    board.write(KEYR, 0x4567_0123);
    board.write(KEYR, 0xCDEF_89AB);
    assert_eq!(board.read(CR) & LOCK, 0);
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
    assert_eq!(board.read(SR), BSY | CFGBSY);
    assert_eq!(board.read(CR) & STRT, STRT, "until BSY1 is cleared");
    board.run_for(1);
    assert_eq!((board.read(SR), board.read(CR) & STRT), (0, 0));
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
    // Programming with an erase chosen as well.
    check_error(PGSERR, |board| {
        board.write(CR, PG | PER);
        program(board, PAGE_3 + 8, 1, 2);
    });
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

/// OPERR comes beside an error only if the error interrupt is enabled, and is what the interrupt
/// hangs on (FLASH_SR, FLASH_CR.ERRIE).
#[test]
fn an_error_asks_for_its_interrupt_by_operr() {
    const ERRIE: u32 = 1 << 25;
    const OPERR: u32 = 1 << 1;
    const PGSERR: u32 = 1 << 7;
    let mut board = unlocked();
    board.write(PAGE_3, 1);
    assert_eq!(board.read(SR), PGSERR);
    board.write(CR, ERRIE);
    assert!(!board.line(3), "raised before it was enabled");
    board.write(PAGE_3, 1);
    assert_eq!(board.read(SR), PGSERR | OPERR);
    assert!(board.line(3));
    board.write(SR, OPERR);
    assert!(!board.line(3));
    assert_eq!(
        board.read(SR),
        PGSERR,
        "cleared by writing one, each by itself"
    );
}

/// Bits that choose a bank on larger chips are reserved here (stm32g071xx.h has none of them).
#[test]
fn bits_of_a_second_bank_are_gaps() {
    const OPTR: u32 = 0x4002_2020;
    for value in [PER | 1 << 13 | STRT, PER | 64 << 3 | STRT, 1 << 15 | STRT] {
        let mut board = unlocked();
        let gap = board.write_gap(CR, value).expect("a gap");
        assert_eq!((gap.access, gap.address), ("32-bit write", CR));
    }
    let mut board = options_unlocked();
    for bit in [20, 21] {
        let gap = board.write_gap(OPTR, 0xFFFF_FEAA & !(1 << bit));
        assert_eq!(gap.expect("a gap").address, OPTR);
    }
    board.write(OPTR, 0xFFFF_FEAA);
}

#[test]
fn control_register_under_an_operation_and_shutting_the_debug_port_are_gaps() {
    const ACR: u32 = 0x4002_2000;
    let mut board = unlocked();
    assert!(board.write_gap(ACR, 0x600).is_some(), "without DBG_SWEN");
    board.write(CR, PER | 3 << 3 | STRT);
    assert!(board.write_gap(CR, 0).is_some());
    board.run_for(ERASE_CYCLES);
    board.write(CR, 0);
}

const OPTKEYR: u32 = 0x4002_200C;
const WRP1AR: u32 = 0x4002_202C;
const OPTSTRT: u32 = 1 << 17;
const OBL_LAUNCH: u32 = 1 << 27;
const OPTLOCK: u32 = 1 << 30;
const WRPERR: u32 = 1 << 4;
const CSR: u32 = 0x4002_1060;

fn unlock_options(board: &mut Board) {
    board.write(OPTKEYR, 0x0819_2A3B);
    board.write(OPTKEYR, 0x4C5D_6E7F);
}

fn options_unlocked() -> Board {
    let mut board = unlocked();
    unlock_options(&mut board);
    board
}

/// Pages 2 to 3 write protected, loaded and unlocked again.
fn protected() -> Board {
    let mut board = options_unlocked();
    board.write(WRP1AR, 3 << 16 | 2);
    assert_eq!(board.read(WRP1AR), 0x3F, "the last loaded value");
    board.write(CR, OPTSTRT);
    assert_eq!(board.read(SR), BSY | CFGBSY);
    board.run_for(ERASE_CYCLES + 8 * PROGRAM_CYCLES);
    assert_eq!((board.read(SR), board.read(WRP1AR)), (0, 0x3F));
    assert_eq!(board.read(0x1FFF_7818), 3 << 16 | 2, "stored");
    assert_eq!(
        board.read(0x1FFF_781C),
        !(3 << 16 | 2),
        "and its complement"
    );
    board.write(CSR, 1 << 23);
    board.write(CR, OBL_LAUNCH);
    let cause = board.chip.take_reset().expect("a reset");
    assert_eq!(cause, ResetCause::OptionBytes);
    board.chip.system_reset(cause, board.now);
    assert_eq!(board.read(CSR) >> 24, 0b110, "OBLRSTF and PINRSTF");
    assert_eq!(board.read(WRP1AR), 3 << 16 | 2);
    board.write(KEYR, 0x4567_0123);
    board.write(KEYR, 0xCDEF_89AB);
    board
}

/// RM0444 3.4.2 (option programming and loading) and 3.5.2 (write protection).
#[test]
fn protected_pages_are_neither_erased_nor_programmed() {
    let mut board = protected();
    board.chip.memory.flash[0x800..0x2800].fill(0x55);
    for page in [2, 3] {
        board.write(CR, PER | page << 3 | STRT);
        assert_eq!(board.read(SR), WRPERR);
        board.write(SR, WRPERR);
    }
    board.write(CR, 1 << 2 | STRT);
    assert_eq!(board.read(SR), WRPERR, "nor all pages at once");
    board.write(SR, WRPERR);
    assert_eq!(board.chip.memory.flash[0x800..0x2800], [0x55; 0x2000]);
    for page in [1, 4] {
        board.write(CR, PER | page << 3 | STRT);
        board.run_for(ERASE_CYCLES);
        assert_eq!(board.read(SR), 0);
    }
    board.write(CR, PG);
    board.write(PAGE_3, 0);
    assert_eq!(board.read(SR), WRPERR);
    board.write(SR, WRPERR);
    program(&mut board, PAGE_3 + 0x800, 1, 2);
    board.run_for(PROGRAM_CYCLES);
    assert_eq!((board.read(SR), board.read(PAGE_3 + 0x800)), (0, 1));
    board.chip.power_off(board.now);
    board.chip.power_on();
    assert_eq!(
        board.read(WRP1AR),
        3 << 16 | 2,
        "options outlive the supply"
    );
}

/// RM0444 3.4.2: keys, and locking with LOCK.
#[test]
fn options_need_their_own_keys() {
    let mut board = unlocked();
    board.write(WRP1AR, 3 << 16 | 2);
    board.write(CR, OPTSTRT);
    board.write(CR, OBL_LAUNCH);
    assert_eq!((board.read(SR), board.chip.take_reset()), (0, None));
    unlock_options(&mut board);
    assert_eq!(board.read(CR) & OPTLOCK, 0);
    board.write(CR, LOCK);
    assert_eq!(board.read(CR) & OPTLOCK, OPTLOCK);
    let mut board = unlocked();
    write_fault(&mut board, OPTKEYR, 1);
    unlock_options(&mut board);
    assert_eq!(board.read(CR) & (LOCK | OPTLOCK), OPTLOCK);
    let mut board = options_unlocked();
    // Level 1 of read protection.
    assert!(board.write_gap(0x4002_2020, 0xFFFF_FEBB).is_some());
}

/// RM0444 3.4.2: a loss of power during option programming leaves words that do not match, which
/// load as a protection and are told by OPTVERR.
#[test]
fn option_programming_cut_short_protects_everything() {
    const OPTVERR: u32 = 1 << 15;
    let mut board = options_unlocked();
    board.write(WRP1AR, 3 << 16 | 2);
    board.write(CR, OPTSTRT);
    board.run_for(ERASE_CYCLES / 2);
    board.chip.power_off(board.now);
    board.chip.power_on();
    assert_eq!(board.read(SR), OPTVERR);
    assert_eq!(board.read(WRP1AR), 0x3F << 16);
    board.write(SR, OPTVERR);
    assert_eq!(board.read(SR), 0);
}
