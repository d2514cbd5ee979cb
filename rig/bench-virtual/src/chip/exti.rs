//! EXTI: pending bits of pin edges (RM0444 13), lines 0 to 15.

use super::Unmodelled;

#[derive(Clone, Debug, Default)]
pub(crate) struct Exti {
    rising: u32,
    falling: u32,
    rising_pending: u32,
    falling_pending: u32,
    select: [u32; 4],
    interrupt_mask: [u32; 2],
    event_mask: [u32; 2],
    levels: u32,
}

impl Exti {
    /// Registers after reset. Direct lines are unmasked (RM0444 13.5.13).
    pub(crate) fn new() -> Self {
        Self {
            interrupt_mask: [0xFFF8_0000, 0xFFFF_FFFF],
            ..Self::default()
        }
    }

    /// The port that a line listens to.
    pub(crate) fn port_of(&self, line: usize) -> u32 {
        self.select[line / 4] >> (8 * (line % 4)) & 0xFF
    }

    /// Tells the levels of the sixteen selected pins.
    pub(crate) fn set_levels(&mut self, levels: u32) {
        self.rising_pending |= !self.levels & levels & self.rising;
        self.falling_pending |= self.levels & !levels & self.falling;
        self.levels = levels;
    }

    /// Whether an edge would be seen, so that levels are worth collecting.
    pub(crate) fn listens(&self) -> bool {
        (self.rising | self.falling) & 0xFFFF != 0
    }

    /// Interrupt lines 5, 6 and 7: EXTI0_1, EXTI2_3, EXTI4_15.
    pub(crate) fn interrupts(&self) -> u32 {
        let pending = (self.rising_pending | self.falling_pending) & self.interrupt_mask[0];
        u32::from(pending & 0x3 != 0) << 5
            | u32::from(pending & 0xC != 0) << 6
            | u32::from(pending & 0xFFF0 != 0) << 7
    }

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => self.rising,
            0x04 => self.falling,
            0x08 => 0,
            0x0C => self.rising_pending,
            0x10 => self.falling_pending,
            0x60..=0x6C => self.select[((offset - 0x60) / 4) as usize],
            0x80 => self.interrupt_mask[0],
            0x84 => self.event_mask[0],
            0x90 => self.interrupt_mask[1],
            0x94 => self.event_mask[1],
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        match offset {
            // Lines above 15 belong to peripherals that are not modelled.
            0x00 | 0x04 | 0x08 if value & !0xFFFF != 0 => return Err(Unmodelled),
            0x00 => self.rising = value,
            0x04 => self.falling = value,
            // A rising edge by software, whatever the triggers (EXTI_SWIER1).
            0x08 => self.rising_pending |= value,
            0x0C => self.rising_pending &= !value,
            0x10 => self.falling_pending &= !value,
            0x60..=0x6C => self.select[((offset - 0x60) / 4) as usize] = value,
            0x80 => self.interrupt_mask[0] = value,
            0x84 if value & 0xFFFF != 0 => return Err(Unmodelled),
            0x84 => self.event_mask[0] = value,
            0x90 => self.interrupt_mask[1] = value,
            0x94 => self.event_mask[1] = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }
}
