//! A timer's registers as a program reads and writes them.

use super::{BIF, CEN, MOE, OPM, Timer, UDIS, UIF};
use crate::chip::Unmodelled;

const URS: u32 = 1 << 2;
const ARPE: u32 = 1 << 7;
/// CR1 bits that a model of an up-counter with internal clock can hold; CKD among them.
const CR1_MODELLED: u32 = CEN | UDIS | URS | OPM | ARPE | 0x300;
/// CR2: channel 1 listens to three pins.
const TI1S: u32 = 1 << 7;
/// EGR: a break by software.
const BG: u32 = 1 << 7;
/// BDTR: write protection until reset, and MOE set by the next update.
const BDTR_UNMODELLED: u32 = 0x300 | 1 << 14;

impl Timer {
    pub(crate) fn read(&mut self, offset: u32, now: u64) -> Result<u32, Unmodelled> {
        self.sync(now);
        Ok(match offset {
            0x00 => self.cr1,
            0x04 => self.cr2,
            0x08 => 0,
            0x0C => self.dier,
            0x10 => self.sr,
            // EGR is write-only.
            0x14 => 0,
            0x18 => self.ccmr[0],
            0x1C => self.ccmr[1],
            0x20 => self.ccer,
            0x24 => self.count,
            0x28 => self.prescaler.written,
            0x2C => self.reload.written,
            0x30 if self.features.advanced => self.repetition.written,
            0x34 | 0x38 | 0x3C | 0x40 if self.channel_of(offset) < self.features.channels => {
                let channel = self.channel_of(offset);
                if self.channel(channel).captures() {
                    self.sr &= !(2 << channel);
                }
                self.compare[channel].written
            }
            0x44 if self.features.advanced => self.bdtr,
            _ => return Err(Unmodelled),
        })
    }

    fn channel_of(&self, offset: u32) -> usize {
        ((offset - 0x34) / 4) as usize
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32, now: u64) -> Result<(), Unmodelled> {
        self.sync(now);
        match offset {
            0x00 => self.write_cr1(value, now)?,
            // Master mode and idle states act on nothing that is modelled.
            0x04 if value & TI1S != 0 => return Err(Unmodelled),
            0x04 => self.cr2 = value & 0x7FF8,
            // Slave modes and external clocks.
            0x08 if value != 0 => return Err(Unmodelled),
            0x08 => {}
            // DMA requests of timers.
            0x0C if value & 0x5F00 != 0 => return Err(Unmodelled),
            0x0C => self.dier = value & 0xFF,
            0x10 => self.sr &= value,
            0x14 => self.generate(value, now)?,
            0x18 | 0x1C => {
                let index = usize::from(offset == 0x1C);
                let before = self.ccmr[index];
                self.ccmr[index] = value;
                if (0..self.features.channels).any(|it| !self.channel(it).modelled()) {
                    self.ccmr[index] = before;
                    return Err(Unmodelled);
                }
            }
            0x20 => {
                let before = self.ccer;
                self.ccer = value;
                if (0..self.features.channels).any(|it| !self.channel(it).modelled()) {
                    self.ccer = before;
                    return Err(Unmodelled);
                }
            }
            0x24 => self.count = value & self.features.counter_mask,
            0x28 => self.prescaler.written = value & 0xFFFF,
            0x2C => {
                self.reload.written = value & self.features.counter_mask;
                if self.cr1 & ARPE == 0 {
                    self.reload.load();
                }
            }
            0x30 if self.features.advanced => {
                self.repetition.written = value & self.features.repetition_mask;
            }
            0x34 | 0x38 | 0x3C | 0x40 if self.channel_of(offset) < self.features.channels => {
                let channel = self.channel_of(offset);
                // A captured value cannot be written (RM0444 22.4.14).
                if self.channel(channel).is_output() {
                    self.compare[channel].written = value & self.features.counter_mask;
                    if !self.channel(channel).preloaded() {
                        self.compare[channel].load();
                    }
                }
            }
            // Dead time and idle state act on nothing that is modelled; a break input that is
            // enabled (BKE) is not connected to anything and never active.
            0x44 if self.features.advanced && value & BDTR_UNMODELLED == 0 => self.bdtr = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    fn write_cr1(&mut self, value: u32, now: u64) -> Result<(), Unmodelled> {
        if value & !CR1_MODELLED != 0 {
            return Err(Unmodelled);
        }
        let was_counting = self.cr1 & CEN != 0;
        self.cr1 = value;
        match (was_counting, value & CEN != 0) {
            (false, true) => self.anchor_cycle = now.saturating_sub(self.phase),
            (true, false) => self.phase = now.saturating_sub(self.anchor_cycle),
            _ => {}
        }
        Ok(())
    }

    fn generate(&mut self, value: u32, now: u64) -> Result<(), Unmodelled> {
        let break_bit = if self.features.advanced { BG } else { 0 };
        if value & !(0x1F | break_bit) != 0 {
            return Err(Unmodelled);
        }
        // A break switches the main output off (TIMx_EGR.BG).
        if value & break_bit != 0 {
            self.bdtr &= !MOE;
            self.sr |= BIF;
        }
        for channel in 0..self.features.channels {
            if value & (2 << channel) != 0 {
                if !self.channel(channel).is_output() {
                    return Err(Unmodelled);
                }
                self.sr |= 2 << channel;
            }
        }
        if value & 1 != 0 {
            self.count = 0;
            self.anchor_cycle = now;
            self.phase = 0;
            if self.cr1 & UDIS == 0 {
                self.load_preloads();
                if self.cr1 & URS == 0 {
                    self.sr |= UIF;
                }
            }
        }
        Ok(())
    }
}
