//! The bus: accesses by core, DMA and debug port to memories and registers.

use super::flash::FLASH_LEN;
use super::map::is_reserved;
use super::schedule::Slot;
use super::{Chip, ChipGap, FLASH_BASE, Peripheral, ResetCause, Unmodelled};
use rig_armv6m::{Attention, Bus, BusFault, Width};

/// Where option bytes are read as memory.
const OPTION_AREA: u32 = 0x1FFF_7800;

/// Why an access was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nothing is there on the chip.
    Fault,
    /// Something is there that is not modelled.
    Gap(&'static str),
}

impl Bus for Chip {
    #[inline(always)]
    fn read(&mut self, address: u32, width: Width, now: u64) -> Result<u32, BusFault> {
        match self.memory.read(address, width) {
            Some(value) => Ok(value),
            None => self.read_outside(address, width, now),
        }
    }

    #[inline(always)]
    fn write(&mut self, address: u32, width: Width, value: u32, now: u64) -> Result<(), BusFault> {
        if self.memory.write(address, width, value).is_some() {
            return Ok(());
        }
        self.write_outside(address, width, value, now)
    }

    #[inline(always)]
    fn fetch(&mut self, address: u32) -> Result<u16, BusFault> {
        self.memory.fetch(address).ok_or(BusFault)
    }

    #[inline(always)]
    fn fetch_quick(&self, address: u32) -> Option<u16> {
        self.memory.fetch_flash(address)
    }

    fn interrupt_lines(&mut self, _now: u64) -> u32 {
        self.current_lines()
    }

    #[inline]
    fn attention(&mut self) -> Attention {
        std::mem::replace(&mut self.attention, Attention::None)
    }
}

impl Chip {
    #[inline(never)]
    fn read_outside(&mut self, address: u32, width: Width, now: u64) -> Result<u32, BusFault> {
        if let Some(value) = self.memory.read_other(address, width) {
            return Ok(value);
        }
        let value = self.read_register(address, width, now);
        self.settle_refusal(address, value, 0)
    }

    #[inline(never)]
    fn write_outside(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        now: u64,
    ) -> Result<(), BusFault> {
        let done = self.write_register_or_flash(address, width, value, now);
        self.settle_refusal(address, done, ())
    }

    /// Notes a gap, which ends the run; what the program gets does not matter any more.
    pub(super) fn settle_refusal<T>(
        &mut self,
        address: u32,
        done: Result<T, Refused>,
        nothing: T,
    ) -> Result<T, BusFault> {
        match done {
            Ok(value) => Ok(value),
            Err(Refused::Fault) => Err(BusFault),
            Err(Refused::Gap(access)) => {
                self.gap.get_or_insert(ChipGap { access, address });
                self.attention = Attention::Return;
                Ok(nothing)
            }
        }
    }

    /// Reads as the debug port does: no gap, but a fault.
    pub(crate) fn debug_read(
        &mut self,
        address: u32,
        width: Width,
        now: u64,
    ) -> Result<u32, BusFault> {
        let value = self
            .memory
            .read(address, width)
            .or_else(|| self.memory.read_other(address, width));
        match value {
            Some(value) => Ok(value),
            None => self
                .read_register(address, width, now)
                .map_err(|_| BusFault),
        }
    }

    /// Writes as the debug port does: no gap, but a fault.
    pub(crate) fn debug_write(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        now: u64,
    ) -> Result<(), BusFault> {
        if self.memory.write(address, width, value).is_some() {
            return Ok(());
        }
        self.write_register_or_flash(address, width, value, now)
            .map_err(|_| BusFault)
    }

    fn locate(
        &self,
        address: u32,
        clock_off: &'static str,
        plain: &'static str,
    ) -> Result<(Peripheral, u32), Refused> {
        let Some((peripheral, offset)) = Peripheral::at(address) else {
            return Err(if is_reserved(address) {
                Refused::Fault
            } else {
                Refused::Gap(plain)
            });
        };
        if !self.rcc.is_clocked(peripheral) {
            return Err(Refused::Gap(clock_off));
        }
        Ok((peripheral, offset))
    }

    fn read_register(&mut self, address: u32, width: Width, now: u64) -> Result<u32, Refused> {
        if (OPTION_AREA..OPTION_AREA + 128).contains(&address) {
            return Ok(lanes(
                self.flash.option_area(address & 0x7C),
                address,
                width,
            ));
        }
        let (plain, clock_off) = match width {
            Width::Byte => ("8-bit read", "8-bit read, peripheral clock off,"),
            Width::Halfword => ("16-bit read", "16-bit read, peripheral clock off,"),
            Width::Word => ("32-bit read", "32-bit read, peripheral clock off,"),
        };
        let (peripheral, offset) = match self.locate(address, clock_off, plain) {
            // Debug support can be read while its clock is off: debuggers that never switch
            // it on, and flash loaders after a reset that switched it off, find DEV_ID.
            Err(Refused::Gap(_)) if is_debug_support(address) => {
                (Peripheral::Dbgmcu, address & 0x3FF)
            }
            located => located?,
        };
        let word = self
            .read_peripheral(peripheral, offset & !3, now)
            .map_err(|Unmodelled| Refused::Gap(plain))?;
        self.settle(peripheral, now);
        Ok(lanes(word, address, width))
    }

    fn write_register_or_flash(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        now: u64,
    ) -> Result<(), Refused> {
        let flash_offset = address.wrapping_sub(FLASH_BASE);
        if (flash_offset as usize) < FLASH_LEN {
            let bits = match width {
                Width::Byte => 8,
                Width::Halfword => 16,
                Width::Word => 32,
            };
            self.flash
                .write_memory(flash_offset, bits, value, &mut self.memory.flash, now);
            self.stall_due = true;
            self.settle(Peripheral::Flash, now);
            return Ok(());
        }
        let (plain, clock_off) = match width {
            Width::Byte => ("8-bit write", "8-bit write, peripheral clock off,"),
            Width::Halfword => ("16-bit write", "16-bit write, peripheral clock off,"),
            Width::Word => ("32-bit write", "32-bit write, peripheral clock off,"),
        };
        let (peripheral, offset) = match self.locate(address, clock_off, plain) {
            // Without its clock, debug support takes no write; start-up code of common libraries
            // relies on that being no fault.
            Err(Refused::Gap(_)) if is_debug_support(address) => return Ok(()),
            located => located?,
        };
        // The bridge to APB duplicates narrow data over the word (RM0444 2.1); elsewhere, and in
        // the middle of a word, the bus's lanes would have to be modelled.
        if width != Width::Word && (address & 3 != 0 || !is_on_apb(address)) {
            return Err(Refused::Gap(plain));
        }
        let value = match width {
            Width::Byte => (value & 0xFF) * 0x0101_0101,
            Width::Halfword => (value & 0xFFFF) * 0x0001_0001,
            Width::Word => value,
        };
        self.write_peripheral(peripheral, offset, value, now)
            .map_err(|Unmodelled| Refused::Gap(plain))?;
        self.settle(peripheral, now);
        if peripheral == Peripheral::Flash && self.flash.take_bus_error() {
            return Err(Refused::Fault);
        }
        Ok(())
    }

    pub(super) fn read_peripheral(
        &mut self,
        peripheral: Peripheral,
        offset: u32,
        now: u64,
    ) -> Result<u32, Unmodelled> {
        match peripheral {
            Peripheral::Tim1 => self.tim1.read(offset, now),
            Peripheral::Tim2 => self.tim2.read(offset, now),
            Peripheral::Tim3 => self.tim3.read(offset, now),
            Peripheral::Tim16 => self.tim16.read(offset, now),
            Peripheral::Usart2 => self.usart.read(offset),
            Peripheral::Adc1 => self.adc.read(offset),
            Peripheral::Dma1 => self.dma.read(offset),
            Peripheral::Dmamux => self.dma.read_mux(offset),
            Peripheral::I2c1 => self.i2c.read(offset, now),
            Peripheral::Iwdg => self.iwdg.read(offset, now),
            Peripheral::Pwr => self.pwr.read(offset),
            // MEM_MODE shows what the chip has started from.
            Peripheral::Syscfg if offset == 0 => {
                let mode = u32::from(self.memory.boots_system);
                self.syscfg.read(0).map(|value| value | mode)
            }
            Peripheral::Syscfg => self.syscfg.read(offset),
            Peripheral::Exti => self.exti.read(offset),
            Peripheral::Dbgmcu => self.dbgmcu.read(offset),
            Peripheral::Rcc => self.rcc.read(offset),
            Peripheral::Flash => self.flash.read(offset, now),
            Peripheral::Gpio(port) => self.gpio[port].read(offset),
        }
    }

    pub(super) fn write_peripheral(
        &mut self,
        peripheral: Peripheral,
        offset: u32,
        value: u32,
        now: u64,
    ) -> Result<(), Unmodelled> {
        match peripheral {
            Peripheral::Tim1 => self.tim1.write(offset, value, now),
            Peripheral::Tim2 => self.tim2.write(offset, value, now),
            Peripheral::Tim3 => self.tim3.write(offset, value, now),
            Peripheral::Tim16 => {
                self.collect_steps(now);
                self.tim16.write(offset, value, now)
            }
            Peripheral::Usart2 => {
                if !self.rcc.selects_16_mhz(2) {
                    return Err(Unmodelled);
                }
                self.usart.write(offset, value, now)
            }
            Peripheral::Adc1 => {
                if !self.rcc.selects_16_mhz(30) {
                    return Err(Unmodelled);
                }
                self.adc.write(offset, value, now)
            }
            Peripheral::Dma1 => self.dma.write(offset, value),
            Peripheral::Dmamux => self.dma.write_mux(offset, value),
            Peripheral::I2c1 => {
                if !self.rcc.selects_16_mhz(12) {
                    return Err(Unmodelled);
                }
                self.i2c.write(offset, value, now)
            }
            Peripheral::Iwdg => {
                if self.iwdg.is_refresh(offset, value) {
                    self.service.serve(now);
                }
                self.iwdg.write(offset, value, now)
            }
            Peripheral::Pwr => self.pwr.write(offset, value),
            Peripheral::Syscfg => self.syscfg.write(offset, value),
            Peripheral::Exti => self.exti.write(offset, value),
            Peripheral::Dbgmcu => self.dbgmcu.write(offset, value),
            Peripheral::Rcc => {
                if let Some((bus, bits)) = self.rcc.write(offset, value)? {
                    self.pull_resets(bus, bits, now);
                }
                Ok(())
            }
            Peripheral::Flash => {
                let done = self.flash.write(offset, value, &mut self.memory.flash, now);
                self.stall_due = self.flash.busy_until() > now;
                if self.flash.asks_for_launch() {
                    self.reset = Some(ResetCause::OptionBytes);
                    self.stall_due = true;
                }
                done
            }
            Peripheral::Gpio(port) => {
                if port == 1 {
                    self.collect_steps(now);
                }
                self.gpio[port].write(offset, value)
            }
        }
    }

    fn pull_resets(&mut self, bus: usize, bits: u32, now: u64) {
        self.collect_steps(now);
        for peripheral in Peripheral::RESETTABLE {
            if peripheral
                .clock_bit()
                .is_some_and(|(its_bus, bit)| its_bus == bus && bits >> bit & 1 != 0)
            {
                self.reset_peripheral(peripheral);
                self.settle(peripheral, now);
            }
        }
    }

    /// After an access to a peripheral: its next event, DMA requests and interrupt lines.
    fn settle(&mut self, peripheral: Peripheral, now: u64) {
        let slot = match peripheral {
            Peripheral::Tim1 => Slot::Tim1,
            Peripheral::Tim2 => Slot::Tim2,
            Peripheral::Tim3 => Slot::Tim3,
            Peripheral::Tim16 => Slot::Tim16,
            Peripheral::Usart2 => Slot::Usart,
            Peripheral::Adc1 => Slot::Adc,
            Peripheral::I2c1 => Slot::I2c,
            Peripheral::Iwdg => Slot::Iwdg,
            Peripheral::Flash => Slot::Flash,
            Peripheral::Dma1 | Peripheral::Dmamux => {
                self.serve_dma(now);
                self.note_lines(peripheral);
                return;
            }
            Peripheral::Gpio(_) | Peripheral::Exti => {
                self.update_exti();
                self.note_lines(Peripheral::Exti);
                return;
            }
            Peripheral::Pwr | Peripheral::Syscfg | Peripheral::Dbgmcu | Peripheral::Rcc => return,
        };
        self.refresh(slot);
        if matches!(slot, Slot::Usart | Slot::Adc | Slot::I2c) {
            self.serve_dma(now);
        }
        self.note_lines(peripheral);
        if self.next_event < self.run_deadline || self.stall_due {
            self.stall_due = false;
            self.attention = Attention::Return;
        }
    }

    fn note_lines(&mut self, peripheral: Peripheral) {
        let before = self.lines;
        self.update_lines(peripheral);
        if self.lines != before && self.attention == Attention::None {
            self.attention = Attention::Lines;
        }
    }
}

fn is_on_apb(address: u32) -> bool {
    matches!(address, 0x4000_0000..=0x4001_FFFF)
}

/// The bytes of a word that an access reads.
fn lanes(word: u32, address: u32, width: Width) -> u32 {
    let lane = word >> (8 * (address & 3));
    match width {
        Width::Word => word,
        Width::Halfword => lane & 0xFFFF,
        Width::Byte => lane & 0xFF,
    }
}

fn is_debug_support(address: u32) -> bool {
    matches!(Peripheral::at(address), Some((Peripheral::Dbgmcu, _)))
}
