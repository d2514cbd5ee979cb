//! Which peripheral answers at an address, and its bit in the clock and reset registers
//! (RM0444 2.2 and 5.4).

/// A peripheral that is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peripheral {
    Tim1,
    Tim2,
    Tim3,
    Tim16,
    Usart2,
    Adc1,
    Dma1,
    Dmamux,
    I2c1,
    Iwdg,
    Pwr,
    Syscfg,
    Exti,
    Dbgmcu,
    Rcc,
    Flash,
    /// Index among ports A, B, C, D, F.
    Gpio(usize),
}

impl Peripheral {
    /// All that a system reset resets by itself.
    pub(crate) const RESETTABLE: [Peripheral; 17] = [
        Self::Tim1,
        Self::Tim2,
        Self::Tim3,
        Self::Tim16,
        Self::Usart2,
        Self::Adc1,
        Self::Dma1,
        Self::Dmamux,
        Self::I2c1,
        Self::Pwr,
        Self::Syscfg,
        Self::Exti,
        Self::Gpio(0),
        Self::Gpio(1),
        Self::Gpio(2),
        Self::Gpio(3),
        Self::Gpio(4),
    ];

    /// The peripheral at an address, and the offset into it.
    #[inline]
    pub(crate) fn at(address: u32) -> Option<(Self, u32)> {
        let peripheral = match address >> 10 {
            0x10_0000 => Self::Tim2,
            0x10_0001 => Self::Tim3,
            0x10_000C => Self::Iwdg,
            0x10_0011 => Self::Usart2,
            0x10_0015 => Self::I2c1,
            0x10_001C => Self::Pwr,
            0x10_0040 => Self::Syscfg,
            0x10_0049 => Self::Adc1,
            0x10_004B => Self::Tim1,
            0x10_0051 => Self::Tim16,
            0x10_0056 => Self::Dbgmcu,
            0x10_0080 => Self::Dma1,
            0x10_0082 => Self::Dmamux,
            0x10_0084 => Self::Rcc,
            0x10_0086 => Self::Exti,
            0x10_0088 => Self::Flash,
            0x14_0000 => Self::Gpio(0),
            0x14_0001 => Self::Gpio(1),
            0x14_0002 => Self::Gpio(2),
            0x14_0003 => Self::Gpio(3),
            0x14_0005 => Self::Gpio(4),
            _ => return None,
        };
        Some((peripheral, address & 0x3FF))
    }

    /// Bus (IOP, AHB, APB1, APB2) and bit of its clock enable and reset; none where it is always
    /// clocked.
    pub(crate) fn clock_bit(self) -> Option<(usize, u32)> {
        Some(match self {
            Self::Gpio(4) => (0, 5),
            Self::Gpio(0) => (0, 0),
            Self::Gpio(1) => (0, 1),
            Self::Gpio(2) => (0, 2),
            Self::Gpio(_) => (0, 3),
            // The request multiplexer is clocked with the DMA it feeds (RM0444 5.4.15).
            Self::Dma1 | Self::Dmamux => (1, 0),
            Self::Flash => (1, 8),
            Self::Tim2 => (2, 0),
            Self::Tim3 => (2, 1),
            Self::Usart2 => (2, 17),
            Self::I2c1 => (2, 21),
            Self::Dbgmcu => (2, 27),
            Self::Pwr => (2, 28),
            Self::Syscfg => (3, 0),
            Self::Tim1 => (3, 11),
            Self::Tim16 => (3, 17),
            Self::Adc1 => (3, 20),
            Self::Rcc | Self::Exti | Self::Iwdg => return None,
        })
    }
}

/// Whether nothing at all is at an address of the peripheral region: such an access is a bus
/// error on the chip. Peripherals that exist but are not modelled are not among these.
pub(crate) fn is_reserved(address: u32) -> bool {
    !matches!(
        address,
        0x4000_0000..=0x4002_63FF | 0x5000_0000..=0x5000_17FF
    )
}
