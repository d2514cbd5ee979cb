//! Clock gates, reset flags, watchdog and the factory words.

use super::{Board, RCC};
use crate::chip::{ChipGap, ResetCause};
use rig_armv6m::{Bus, BusFault, Width};

const CSR: u32 = RCC + 0x60;
const IWDG: u32 = 0x4000_3000;
const PORRSTF: u32 = 1 << 27;
const PINRSTF: u32 = 1 << 26;
const SFTRSTF: u32 = 1 << 28;
const IWDGRSTF: u32 = 1 << 29;

#[test]
fn a_peripheral_without_clock_is_a_gap() {
    let mut board = Board::after_power_on();
    assert_eq!(board.try_read(0x4000_4400), Ok(0));
    let wanted = ChipGap {
        access: "32-bit read, peripheral clock off,",
        address: 0x4000_4400,
    };
    assert_eq!(board.chip.take_gap(), Some(wanted));
}

#[test]
fn a_peripheral_that_is_not_modelled_is_a_gap_and_a_hole_is_a_fault() {
    let mut board = Board::new();
    // RTC and SPI1 exist on the chip.
    for address in [0x4000_2800, 0x4001_3000] {
        assert_eq!(board.try_read(address), Ok(0));
        let gap = board.chip.take_gap().expect("a gap");
        assert_eq!((gap.access, gap.address), ("32-bit read", address));
    }
    for address in [0x0003_0000, 0x2000_9000, 0x6000_0000, 0x5000_2000] {
        assert_eq!(board.try_read(address), Err(BusFault), "{address:#010x}");
        assert_eq!(board.chip.take_gap(), None);
    }
}

#[test]
fn each_reset_sets_its_flag_beside_the_pin() {
    let mut board = Board::new();
    assert_eq!(board.read(CSR), PORRSTF | PINRSTF);
    board.write(CSR, 1 << 23);
    assert_eq!(board.read(CSR) & 0xFE00_0000, 0);
    for (cause, flag) in [
        (ResetCause::Software, SFTRSTF),
        (ResetCause::Watchdog, IWDGRSTF),
        (ResetCause::Pin, 0),
    ] {
        board.write(CSR, 1 << 23);
        board.chip.system_reset(cause, board.now);
        assert_eq!(board.read(CSR), flag | PINRSTF);
    }
    board.chip.system_reset(ResetCause::Software, board.now);
    assert_eq!(
        board.read(CSR),
        SFTRSTF | PINRSTF,
        "flags add up until cleared"
    );
}

#[test]
fn a_reset_bit_resets_its_peripheral_alone() {
    let mut board = Board::new();
    board.write(0x4000_042C, 1_000);
    board.write(0x4000_002C, 1_000);
    board.write(RCC + 0x2C, 2);
    board.write(RCC + 0x2C, 0);
    assert_eq!(board.read(0x4000_042C), 0xFFFF, "TIM3");
    assert_eq!(board.read(0x4000_002C), 1_000, "TIM2");
}

#[test]
fn the_watchdog_resets_unless_it_is_fed() {
    let mut board = Board::new();
    board.write(CSR, 1 << 23);
    board.write(IWDG, 0x5555);
    board.write(IWDG + 4, 0);
    board.write(IWDG + 8, 799);
    board.write(IWDG, 0xCCCC);
    board.write(IWDG, 0xAAAA);
    // 800 periods of 4 clocks at 32 kHz: 100 ms.
    for _ in 0..5 {
        board.run_for(1_599_999);
        board.write(IWDG, 0xAAAA);
    }
    assert_eq!(board.read(CSR) & IWDGRSTF, 0);
    board.run_for(1_600_000);
    assert_eq!(board.read(CSR) & IWDGRSTF, IWDGRSTF);
    assert_eq!(board.chip.next_event(), u64::MAX, "and it is off again");
}

#[test]
fn a_locked_watchdog_keeps_its_settings() {
    let mut board = Board::new();
    board.write(IWDG + 8, 5);
    assert_eq!(board.read(IWDG + 8), 0xFFF);
}

#[test]
fn factory_words_are_where_the_manual_says() {
    let mut board = Board::new();
    assert_eq!(board.read(0x1FFF_7590), u32::from_le_bytes(*b"ABCD"));
    assert_eq!(
        board.chip.read(0x1FFF_759B, Width::Byte, 0),
        Ok(u32::from(b'L'))
    );
    assert_eq!(board.chip.read(0x1FFF_75E0, Width::Halfword, 0), Ok(128));
    board.write(RCC + 0x3C, 1 << 27);
    assert_eq!(board.read(0x4001_5800) & 0xFFF, 0x460);
}

#[test]
fn ram_after_power_on_is_the_same_every_time_and_never_zero() {
    let mut boards = [Board::new(), Board::new()];
    let words = boards.each_mut().map(|board| {
        (0..9_216)
            .map(|word| board.read(0x2000_0000 + 4 * word))
            .collect::<Vec<_>>()
    });
    assert_eq!(words[0], words[1]);
    assert!(words[0].iter().all(|word| *word != 0));
}

#[test]
fn another_system_clock_is_a_gap() {
    for (register, value) in [
        (RCC, 1 << 24),       // PLL
        (RCC, 1 << 16),       // HSE
        (RCC + 0x08, 2),      // PLL as SYSCLK
        (RCC + 0x08, 8 << 8), // HPRE
        (RCC + 0x5C, 1),      // LSE
    ] {
        let mut board = Board::new();
        assert!(
            board.write_gap(register, value).is_some(),
            "{register:#x} {value:#x}"
        );
    }
}

/// 800 periods of 4 clocks: 100 ms at 32 kHz, and between 94.1 and 108.5 ms over the data sheet's
/// range (DS12232, LSI oscillator characteristics).
#[test]
fn the_watchdog_goes_by_the_low_speed_oscillator() {
    for (lsi_hz, cycles) in [(29_500, 1_735_593), (34_000, 1_505_882)] {
        let mut board = Board::new();
        board.chip.set_lsi_hz(lsi_hz);
        board.write(CSR, 1 << 23);
        board.write(IWDG, 0x5555);
        board.write(IWDG + 8, 799);
        board.write(IWDG, 0xCCCC);
        board.run_for(cycles - 1);
        assert_eq!(board.read(CSR) & IWDGRSTF, 0);
        board.run_for(1);
        assert_eq!(board.read(CSR) & IWDGRSTF, IWDGRSTF);
    }
}

/// IWDG_SR: up to five LSI periods each; IWDG_WINR: a refresh above the window resets.
#[test]
fn watchdog_settings_are_busy_for_a_while_and_its_window_holds() {
    let mut board = Board::new();
    board.write(IWDG, 0xCCCC);
    board.write(IWDG, 0x5555);
    board.write(IWDG + 4, 1);
    board.write(IWDG + 8, 799);
    assert_eq!(board.read(IWDG + 0x0C), 0b011);
    board.run_for(5 * 500 - 1);
    board.write(IWDG + 0x10, 399);
    assert_eq!(board.read(IWDG + 0x0C), 0b111);
    board.run_for(1);
    assert_eq!(board.read(IWDG + 0x0C), 0b100);
    board.write(CSR, 1 << 23);
    // 400 counts of eight periods down to the window.
    board.run_for(400 * 8 * 500);
    board.write(IWDG, 0xAAAA);
    board.run_for(1);
    assert_eq!(board.read(CSR) & IWDGRSTF, 0);
    board.run_for(399 * 8 * 500);
    board.write(IWDG, 0xAAAA);
    board.run_for(1);
    assert_eq!(board.read(CSR) & IWDGRSTF, IWDGRSTF);
}

#[test]
fn a_halted_core_holds_the_watchdog_if_it_is_told_to() {
    let mut board = Board::new();
    board.write(0x4001_5808, 1 << 12);
    board.write(IWDG, 0xCCCC);
    let end = board.chip.next_event();
    board.chip.halted_for(1_000);
    assert_eq!(board.chip.next_event(), end + 1_000);
    board.write(0x4001_5808, 0);
    board.chip.halted_for(1_000);
    assert_eq!(board.chip.next_event(), end + 1_000);
}

/// Debug support without its clock (RCC_APBENR1.DBGEN): readable, and deaf.
#[test]
fn debug_support_without_clock_can_be_read() {
    let mut board = Board::after_power_on();
    assert_eq!(board.read(0x4001_5800), 0x2000_0460);
    board.write(0x4001_5804, 6);
    assert_eq!(board.read(0x4001_5804), 0);
    board.write(RCC + 0x3C, 1 << 27);
    board.write(0x4001_5804, 6);
    board.write(RCC + 0x3C, 0);
    assert_eq!(board.read(0x4001_5804), 6);
}

/// The bridge to APB duplicates narrow data over the word (RM0444 2.1).
#[test]
fn narrow_writes_fill_a_word_behind_the_bridge_and_are_gaps_elsewhere() {
    let mut board = Board::new();
    let done = board.chip.write(0x4000_002C, Width::Byte, 0xA5, 0);
    assert_eq!((done, board.chip.take_gap()), (Ok(()), None));
    assert_eq!(board.read(0x4000_002C), 0xA5A5_A5A5, "TIM2_ARR");
    let done = board.chip.write(0x4000_002C, Width::Halfword, 0x1234, 0);
    assert_eq!((done, board.chip.take_gap()), (Ok(()), None));
    assert_eq!(board.read(0x4000_002C), 0x1234_1234);
    let done = board.chip.write(0x5000_0014, Width::Halfword, 1, 0);
    assert_eq!(done, Ok(()));
    let gap = board.chip.take_gap().expect("a gap");
    assert_eq!((gap.access, gap.address), ("16-bit write", 0x5000_0014));
}
