//! Names of registers and peripherals by address, for errors about what is not modelled
//! (RM0444 2.2 and the register descriptions of each chapter).

/// Where a peripheral begins, its name, and its register map if it is one that the image uses.
type Block = (u32, &'static str, &'static [(u32, &'static str)]);

/// In ascending order; each reaches to the next, at most [`BLOCK_LEN`].
const BLOCKS: &[Block] = &[
    (0x4000_0000, "TIM2", TIMER),
    (0x4000_0400, "TIM3", TIMER),
    (0x4000_1000, "TIM6", &[]),
    (0x4000_1400, "TIM7", &[]),
    (0x4000_2000, "TIM14", &[]),
    (0x4000_2800, "RTC", &[]),
    (0x4000_2C00, "WWDG", &[]),
    (0x4000_3000, "IWDG", &[]),
    (0x4000_3800, "SPI2", &[]),
    (0x4000_4400, "USART2", USART),
    (0x4000_4800, "USART3", &[]),
    (0x4000_4C00, "USART4", &[]),
    (0x4000_5400, "I2C1", I2C),
    (0x4000_5800, "I2C2", &[]),
    (0x4000_7000, "PWR", PWR),
    (0x4000_7400, "DAC1", &[]),
    (0x4000_7800, "CEC", &[]),
    (0x4000_7C00, "LPTIM1", &[]),
    (0x4000_8000, "LPUART1", &[]),
    (0x4000_9400, "LPTIM2", &[]),
    (0x4000_A000, "UCPD1", &[]),
    (0x4000_A400, "UCPD2", &[]),
    (0x4000_B000, "TAMP", &[]),
    (0x4001_0000, "SYSCFG", &[(0x00, "CFGR1"), (0x18, "CFGR2")]),
    (0x4001_0030, "VREFBUF", &[]),
    (0x4001_0080, "SYSCFG_ITLINE", &[]),
    (0x4001_0200, "COMP", &[]),
    (0x4001_2400, "ADC", ADC),
    (0x4001_2C00, "TIM1", TIMER),
    (0x4001_3000, "SPI1", &[]),
    (0x4001_3800, "USART1", &[]),
    (0x4001_4000, "TIM15", &[]),
    (0x4001_4400, "TIM16", TIMER),
    (0x4001_4800, "TIM17", &[]),
    (0x4001_5800, "DBG", &[]),
    (0x4002_0000, "DMA1", &[]),
    (0x4002_0800, "DMAMUX", &[]),
    (0x4002_1000, "RCC", RCC),
    (0x4002_1800, "EXTI", EXTI),
    (0x4002_2000, "FLASH", FLASH),
    (0x4002_3000, "CRC", &[]),
    (0x5000_0000, "GPIOA", GPIO),
    (0x5000_0400, "GPIOB", GPIO),
    (0x5000_0800, "GPIOC", GPIO),
    (0x5000_0C00, "GPIOD", GPIO),
    (0x5000_1400, "GPIOF", GPIO),
    (0xE000_E000, "SCS", &[(0xD10, "SCR")]),
];

const BLOCK_LEN: u32 = 0x1000;

const TIMER: &[(u32, &str)] = &[
    (0x00, "CR1"),
    (0x04, "CR2"),
    (0x08, "SMCR"),
    (0x0C, "DIER"),
    (0x10, "SR"),
    (0x14, "EGR"),
    (0x18, "CCMR1"),
    (0x1C, "CCMR2"),
    (0x20, "CCER"),
    (0x24, "CNT"),
    (0x28, "PSC"),
    (0x2C, "ARR"),
    (0x30, "RCR"),
    (0x34, "CCR1"),
    (0x38, "CCR2"),
    (0x3C, "CCR3"),
    (0x40, "CCR4"),
    (0x44, "BDTR"),
    (0x48, "DCR"),
    (0x4C, "DMAR"),
    (0x50, "OR1"),
    (0x54, "CCMR3"),
    (0x58, "CCR5"),
    (0x5C, "CCR6"),
    (0x60, "AF1"),
    (0x64, "AF2"),
    (0x68, "TISEL"),
];

const USART: &[(u32, &str)] = &[
    (0x00, "CR1"),
    (0x04, "CR2"),
    (0x08, "CR3"),
    (0x0C, "BRR"),
    (0x10, "GTPR"),
    (0x14, "RTOR"),
    (0x18, "RQR"),
    (0x1C, "ISR"),
    (0x20, "ICR"),
    (0x24, "RDR"),
    (0x28, "TDR"),
    (0x2C, "PRESC"),
];

const I2C: &[(u32, &str)] = &[
    (0x00, "CR1"),
    (0x04, "CR2"),
    (0x08, "OAR1"),
    (0x0C, "OAR2"),
    (0x10, "TIMINGR"),
    (0x14, "TIMEOUTR"),
    (0x18, "ISR"),
    (0x1C, "ICR"),
    (0x20, "PECR"),
    (0x24, "RXDR"),
    (0x28, "TXDR"),
];

const PWR: &[(u32, &str)] = &[
    (0x00, "CR1"),
    (0x04, "CR2"),
    (0x08, "CR3"),
    (0x0C, "CR4"),
    (0x10, "SR1"),
    (0x14, "SR2"),
    (0x18, "SCR"),
];

const ADC: &[(u32, &str)] = &[
    (0x00, "ISR"),
    (0x04, "IER"),
    (0x08, "CR"),
    (0x0C, "CFGR1"),
    (0x10, "CFGR2"),
    (0x14, "SMPR"),
    (0x20, "AWD1TR"),
    (0x24, "AWD2TR"),
    (0x28, "CHSELR"),
    (0x2C, "AWD3TR"),
    (0x40, "DR"),
    (0xA0, "AWD2CR"),
    (0xA4, "AWD3CR"),
    (0xB4, "CALFACT"),
    (0x308, "CCR"),
];

const RCC: &[(u32, &str)] = &[
    (0x00, "CR"),
    (0x04, "ICSCR"),
    (0x08, "CFGR"),
    (0x0C, "PLLCFGR"),
    (0x18, "CIER"),
    (0x1C, "CIFR"),
    (0x20, "CICR"),
    (0x24, "IOPRSTR"),
    (0x28, "AHBRSTR"),
    (0x2C, "APBRSTR1"),
    (0x30, "APBRSTR2"),
    (0x34, "IOPENR"),
    (0x38, "AHBENR"),
    (0x3C, "APBENR1"),
    (0x40, "APBENR2"),
    (0x44, "IOPSMENR"),
    (0x48, "AHBSMENR"),
    (0x4C, "APBSMENR1"),
    (0x50, "APBSMENR2"),
    (0x54, "CCIPR"),
    (0x5C, "BDCR"),
    (0x60, "CSR"),
];

const EXTI: &[(u32, &str)] = &[
    (0x00, "RTSR1"),
    (0x04, "FTSR1"),
    (0x08, "SWIER1"),
    (0x0C, "RPR1"),
    (0x10, "FPR1"),
    (0x80, "IMR1"),
    (0x84, "EMR1"),
    (0x90, "IMR2"),
    (0x94, "EMR2"),
];

const FLASH: &[(u32, &str)] = &[
    (0x00, "ACR"),
    (0x08, "KEYR"),
    (0x0C, "OPTKEYR"),
    (0x10, "SR"),
    (0x14, "CR"),
    (0x18, "ECCR"),
    (0x20, "OPTR"),
    (0x24, "PCROP1ASR"),
    (0x28, "PCROP1AER"),
    (0x2C, "WRP1AR"),
    (0x30, "WRP1BR"),
    (0x34, "PCROP1BSR"),
    (0x38, "PCROP1BER"),
    (0x80, "SECR"),
];

const GPIO: &[(u32, &str)] = &[
    (0x00, "MODER"),
    (0x04, "OTYPER"),
    (0x08, "OSPEEDR"),
    (0x0C, "PUPDR"),
    (0x10, "IDR"),
    (0x14, "ODR"),
    (0x18, "BSRR"),
    (0x1C, "LCKR"),
    (0x20, "AFRL"),
    (0x24, "AFRH"),
    (0x28, "BRR"),
];

/// The register at an address as the manual names it, or its peripheral and the offset; nothing
/// where neither is known.
pub(crate) fn name_of(address: u32) -> Option<String> {
    let next = BLOCKS.partition_point(|&(base, ..)| base <= address);
    let &(base, block, registers) = BLOCKS.get(next.checked_sub(1)?)?;
    let offset = address - base;
    if offset >= BLOCK_LEN {
        return None;
    }
    let register = registers.iter().find(|&&(at, _)| at == offset & !3);
    Some(match register {
        Some((_, name)) => format!("{block}_{name}"),
        None => format!("{block} + {offset:#x}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_ascend_and_do_not_overlap() {
        assert!(BLOCKS.is_sorted_by(|a, b| a.0 < b.0));
        for (base, _, registers) in BLOCKS {
            assert!(registers.is_sorted_by(|a, b| a.0 < b.0), "{base:#x}");
        }
    }

    #[test]
    fn registers_peripherals_and_nothing_are_told_apart() {
        let named = |address| name_of(address);
        assert_eq!(named(0x4000_0408), Some("TIM3_SMCR".to_owned()));
        assert_eq!(named(0x5000_0016), Some("GPIOA_ODR".to_owned()));
        assert_eq!(named(0x4000_2804), Some("RTC + 0x4".to_owned()));
        assert_eq!(named(0x4001_0034), Some("VREFBUF + 0x4".to_owned()));
        assert_eq!(named(0xE000_ED10), Some("SCS_SCR".to_owned()));
        assert_eq!(named(0x1FFF_7000), None);
        assert_eq!(named(0x5000_4000), None);
        assert_eq!(named(0x6000_0000), None);
    }
}
