//! What registers read after a power-on, as RM0444's register descriptions say ("Reset value").
//!
//! Registers named here are those of peripherals that the image, or the flash loader of probe-rs,
//! comes to; chapters are those of RM0444 Rev 5.

use super::{Board, RCC};
use crate::chip::ResetCause;

/// Base address, chapter, and offset, name and reset value of each register.
type Block = (u32, &'static str, &'static [(u32, &'static str, u32)]);

const BLOCKS: &[Block] = &[
    (
        0x4002_2000,
        "FLASH (3)",
        &[
            (0x00, "ACR", 0x0004_0600),
            (0x08, "KEYR", 0),
            (0x0C, "OPTKEYR", 0),
            (0x10, "SR", 0),
            (0x14, "CR", 0xC000_0000),
            (0x18, "ECCR", 0),
            // As delivered; community.st.com and hackaday.io show chips that read it.
            (0x20, "OPTR", 0xFFFF_FEAA),
        ],
    ),
    (
        0x4000_7000,
        "PWR (4)",
        &[
            (0x00, "CR1", 0x208),
            (0x04, "CR2", 0),
            (0x08, "CR3", 0x8000),
            (0x0C, "CR4", 0),
            (0x10, "SR1", 0),
            (0x18, "SCR", 0),
        ],
    ),
    (
        0x4002_1000,
        "RCC (5)",
        &[
            (0x00, "CR", 0x500),
            (0x08, "CFGR", 0),
            (0x0C, "PLLCFGR", 0x1000),
            (0x18, "CIER", 0),
            (0x1C, "CIFR", 0),
            (0x20, "CICR", 0),
            (0x24, "IOPRSTR", 0),
            (0x28, "AHBRSTR", 0),
            (0x2C, "APBRSTR1", 0),
            (0x30, "APBRSTR2", 0),
            (0x34, "IOPENR", 0),
            (0x38, "AHBENR", 0x100),
            (0x3C, "APBENR1", 0),
            (0x40, "APBENR2", 0),
            (0x44, "IOPSMENR", 0x3F),
            (0x54, "CCIPR", 0),
            (0x5C, "BDCR", 0),
            (0x60, "CSR", 0x0C00_0000),
        ],
    ),
    (
        0x5000_0000,
        "GPIOA (7)",
        &[
            (0x00, "MODER", 0xEBFF_FFFF),
            (0x04, "OTYPER", 0),
            (0x08, "OSPEEDR", 0x0C00_0000),
            (0x0C, "PUPDR", 0x2400_0000),
            (0x14, "ODR", 0),
            (0x18, "BSRR", 0),
            (0x1C, "LCKR", 0),
            (0x20, "AFRL", 0),
            (0x24, "AFRH", 0),
            (0x28, "BRR", 0),
        ],
    ),
    (0x5000_0400, "GPIOB (7)", PORT),
    (0x5000_0800, "GPIOC (7)", PORT),
    (0x5000_0C00, "GPIOD (7)", PORT),
    (0x5000_1400, "GPIOF (7)", PORT),
    (
        0x4001_0000,
        "SYSCFG (8)",
        &[(0x00, "CFGR1", 0), (0x18, "CFGR2", 0)],
    ),
    (
        0x4002_0000,
        "DMA (10)",
        &[
            (0x00, "ISR", 0),
            (0x04, "IFCR", 0),
            (0x08, "CCR1", 0),
            (0x0C, "CNDTR1", 0),
            (0x10, "CPAR1", 0),
            (0x14, "CMAR1", 0),
            (0x80, "CCR7", 0),
            (0x8C, "CMAR7", 0),
        ],
    ),
    (
        0x4002_0800,
        "DMAMUX (11)",
        &[(0x00, "C0CR", 0), (0x18, "C6CR", 0), (0x80, "CSR", 0)],
    ),
    (
        0x4002_1800,
        "EXTI (13)",
        &[
            (0x00, "RTSR1", 0),
            (0x04, "FTSR1", 0),
            (0x08, "SWIER1", 0),
            (0x0C, "RPR1", 0),
            (0x10, "FPR1", 0),
            (0x60, "EXTICR1", 0),
            (0x6C, "EXTICR4", 0),
            (0x80, "IMR1", 0xFFF8_0000),
            (0x84, "EMR1", 0),
            (0x90, "IMR2", 0xFFFF_FFFF),
            (0x94, "EMR2", 0),
        ],
    ),
    (
        0x4001_2400,
        "ADC (15)",
        &[
            (0x00, "ISR", 0),
            (0x04, "IER", 0),
            (0x08, "CR", 0),
            (0x0C, "CFGR1", 0),
            (0x10, "CFGR2", 0),
            (0x14, "SMPR", 0),
            (0x20, "AWD1TR", 0x0FFF_0000),
            (0x24, "AWD2TR", 0x0FFF_0000),
            (0x28, "CHSELR", 0),
            (0x2C, "AWD3TR", 0x0FFF_0000),
            (0x40, "DR", 0),
            (0xA0, "AWD2CR", 0),
            (0xA4, "AWD3CR", 0),
            (0xB4, "CALFACT", 0),
            (0x308, "CCR", 0),
        ],
    ),
    (0x4001_2C00, "TIM1 (21)", TIMER_16),
    (
        0x4000_0000,
        "TIM2 (22)",
        &[(0x24, "CNT", 0), (0x2C, "ARR", 0xFFFF_FFFF)],
    ),
    (0x4000_0000, "TIM2 (22)", TIMER),
    (0x4000_0400, "TIM3 (22)", TIMER),
    (0x4000_0400, "TIM3 (22)", &[(0x2C, "ARR", 0xFFFF)]),
    (
        0x4001_4400,
        "TIM16 (25)",
        &[
            (0x00, "CR1", 0),
            (0x04, "CR2", 0),
            (0x0C, "DIER", 0),
            (0x10, "SR", 0),
            (0x14, "EGR", 0),
            (0x18, "CCMR1", 0),
            (0x20, "CCER", 0),
            (0x24, "CNT", 0),
            (0x28, "PSC", 0),
            (0x2C, "ARR", 0xFFFF),
            (0x30, "RCR", 0),
            (0x34, "CCR1", 0),
            (0x44, "BDTR", 0),
        ],
    ),
    (
        0x4000_3000,
        "IWDG (28)",
        &[
            (0x00, "KR", 0),
            (0x04, "PR", 0),
            (0x08, "RLR", 0xFFF),
            (0x0C, "SR", 0),
            (0x10, "WINR", 0xFFF),
        ],
    ),
    (
        0x4000_5400,
        "I2C1 (32)",
        &[
            (0x00, "CR1", 0),
            (0x04, "CR2", 0),
            (0x08, "OAR1", 0),
            (0x0C, "OAR2", 0),
            (0x10, "TIMINGR", 0),
            (0x14, "TIMEOUTR", 0),
            (0x18, "ISR", 1),
            (0x1C, "ICR", 0),
            (0x20, "PECR", 0),
            (0x24, "RXDR", 0),
            (0x28, "TXDR", 0),
        ],
    ),
    (
        0x4000_4400,
        "USART2 (33)",
        &[
            (0x00, "CR1", 0),
            (0x04, "CR2", 0),
            (0x08, "CR3", 0),
            (0x0C, "BRR", 0),
            (0x10, "GTPR", 0),
            (0x14, "RTOR", 0),
            (0x18, "RQR", 0),
            (0x1C, "ISR", 0xC0),
            (0x20, "ICR", 0),
            (0x24, "RDR", 0),
            (0x28, "TDR", 0),
            (0x2C, "PRESC", 0),
        ],
    ),
    (
        0x4001_5800,
        "DBG (40)",
        &[
            (0x00, "IDCODE", 0x2000_0460),
            (0x04, "CR", 0),
            (0x08, "APB_FZ1", 0),
            (0x0C, "APB_FZ2", 0),
        ],
    ),
    // Unique id, flash size in KiB.
    (
        0x1FFF_7590,
        "device electronic signature (41)",
        &[(0x00, "UID", u32::from_le_bytes(*b"ABCD"))],
    ),
    (
        0x1FFF_75E0,
        "device electronic signature (41)",
        &[(0x00, "FLASH_SIZE", 0xFFFF_0080)],
    ),
];

const PORT: &[(u32, &str, u32)] = &[
    (0x00, "MODER", 0xFFFF_FFFF),
    (0x04, "OTYPER", 0),
    (0x08, "OSPEEDR", 0),
    (0x0C, "PUPDR", 0),
    (0x14, "ODR", 0),
    (0x1C, "LCKR", 0),
    (0x20, "AFRL", 0),
    (0x24, "AFRH", 0),
];

const TIMER: &[(u32, &str, u32)] = &[
    (0x00, "CR1", 0),
    (0x04, "CR2", 0),
    (0x08, "SMCR", 0),
    (0x0C, "DIER", 0),
    (0x10, "SR", 0),
    (0x14, "EGR", 0),
    (0x18, "CCMR1", 0),
    (0x1C, "CCMR2", 0),
    (0x20, "CCER", 0),
    (0x24, "CNT", 0),
    (0x28, "PSC", 0),
    (0x34, "CCR1", 0),
    (0x40, "CCR4", 0),
];

const TIMER_16: &[(u32, &str, u32)] = &[
    (0x00, "CR1", 0),
    (0x0C, "DIER", 0),
    (0x10, "SR", 0),
    (0x14, "EGR", 0),
    (0x2C, "ARR", 0xFFFF),
    (0x30, "RCR", 0),
    (0x34, "CCR1", 0),
    (0x40, "CCR4", 0),
    (0x44, "BDTR", 0),
];

/// Each register that differs, by name. Clock enables are looked at before they are set, and the
/// others behind them afterwards.
fn differences(board: &mut Board) -> Vec<String> {
    let is_enable = |address: u32| (RCC + 0x34..=RCC + 0x40).contains(&address);
    let registers = || {
        BLOCKS.iter().flat_map(|&(base, block, registers)| {
            let named = registers.iter();
            named.map(move |&(offset, name, wanted)| (base + offset, block, name, wanted))
        })
    };
    let (enables, others): (Vec<_>, Vec<_>) =
        registers().partition(|&(address, ..)| is_enable(address));
    let mut found = Vec::new();
    let mut look = |board: &mut Board, registers: &[(u32, &str, &str, u32)]| {
        for &(address, block, name, wanted) in registers {
            let read = board.read(address);
            if read != wanted {
                found.push(format!("{block} {name}: {read:#010x}, not {wanted:#010x}"));
            }
        }
    };
    look(board, &enables);
    for (address, bits) in super::RCC_ENABLES {
        board.write(address, bits);
    }
    look(board, &others);
    found
}

/// A chip that starts from main flash.
fn programmed() -> Board {
    let mut board = Board::after_power_on();
    board.chip.memory.flash[0] = 0;
    board.chip.power_on();
    board
}

#[test]
fn registers_read_their_reset_values_after_power_on() {
    let mut board = programmed();
    let none: Vec<String> = Vec::new();
    assert_eq!(differences(&mut board), none);
}

/// Writes something to each register that takes it, and resets: all of it must be gone.
#[test]
fn a_system_reset_leaves_nothing_of_what_was_written() {
    let mut board = programmed();
    for (address, bits) in super::RCC_ENABLES {
        board.write(address, bits);
    }
    for (address, value) in [
        (0x4002_2000, 0x0004_0701), // FLASH_ACR
        (0x4000_7000, 0x308),       // PWR_CR1
        (0x4002_1018, 1),           // RCC_CIER
        (0x4002_1044, 0),           // RCC_IOPSMENR
        (0x4002_1054, 1 << 2),      // RCC_CCIPR
        (0x5000_0000, 0),           // GPIOA_MODER
        (0x5000_0424, 0x22),        // GPIOB_AFRH
        (0x5000_1414, 0xFF),        // GPIOF_ODR
        (0x4001_0018, 1),           // SYSCFG_CFGR2
        (0x4002_000C, 7),           // DMA_CNDTR1
        (0x4002_0800, 5),           // DMAMUX_C0CR
        (0x4002_1800, 1),           // EXTI_RTSR1
        (0x4002_1808, 1),           // EXTI_SWIER1
        (0x4001_2414, 7),           // ADC_SMPR
        (0x4001_2C2C, 5),           // TIM1_ARR
        (0x4001_2C44, 1 << 15),     // TIM1_BDTR
        (0x4000_0034, 5),           // TIM2_CCR1
        (0x4000_0428, 5),           // TIM3_PSC
        (0x4001_4430, 5),           // TIM16_RCR
        (0x4000_3000, 0x5555),      // IWDG_KR
        (0x4000_3008, 5),           // IWDG_RLR
        (0x4000_5410, 5),           // I2C1_TIMINGR
        (0x4000_440C, 139),         // USART2_BRR
    ] {
        board.write(address, value);
    }
    board.chip.system_reset(ResetCause::Pin, board.now);
    // Flags of earlier resets stand, and are those of power-on; debug support survives.
    let none: Vec<String> = Vec::new();
    assert_eq!(differences(&mut board), none);
}

/// FLASH_ACR.EMPTY and SYSCFG_CFGR1.MEM_MODE of a chip without a program, which starts its boot
/// loader (RM0444 2.5).
#[test]
fn a_blank_chip_says_so() {
    let mut board = Board::new();
    assert_eq!(board.read(0x4002_2000), 0x0005_0600);
    assert_eq!(board.read(0x4001_0000), 1);
}
