//! DMA at work: requests of peripherals become transfers on the bus.

use super::bus::Refused;
use super::map::is_reserved;
use super::schedule::Slot;
use super::{Chip, Peripheral, Unmodelled};
use rig_armv6m::{BusFault, Width};

/// ADC_DR.
const ADC_DATA: u32 = 0x4001_2440;

impl Chip {
    /// Makes the transfers that peripherals ask for. They take no time of the bus.
    pub(super) fn serve_dma(&mut self, now: u64) {
        if !self.dma.is_active() {
            return;
        }
        let mut served = false;
        // No peripheral asks more often than its FIFO is deep without an event between.
        for _ in 0..16 {
            let (adc, i2c, usart) = (&self.adc, &self.i2c, &self.usart);
            let transfer = self.dma.next_transfer(|input| match input {
                5 => adc.requests_dma(),
                10 | 11 => i2c.requests_dma(input),
                52 | 53 => usart.requests_dma(input),
                _ => false,
            });
            let Some(transfer) = transfer else { break };
            served = true;
            let done = self
                .read_outside_core(transfer.from, transfer.from_bytes, now)
                .and_then(|value| {
                    self.write_outside_core(transfer.to, transfer.to_bytes, value, now)
                });
            if done.is_err() {
                self.dma.fail(transfer.channel);
                continue;
            }
            if transfer.last && !transfer.circular && transfer.from == ADC_DATA {
                self.adc.dma_block_done();
            }
        }
        if !served {
            return;
        }
        for slot in [Slot::Usart, Slot::Adc, Slot::I2c] {
            self.refresh(slot);
            self.update_lines(slot.peripheral());
        }
        self.update_lines(Peripheral::Dma1);
    }

    fn read_outside_core(&mut self, address: u32, bytes: u32, now: u64) -> Result<u32, BusFault> {
        let width = width_of(bytes);
        if let Some(value) = self.memory.read(address, width) {
            return Ok(value);
        }
        let Some((peripheral, offset)) = Peripheral::at(address) else {
            return self.settle_refusal(address, Err(nothing_at(address, "DMA read")), 0);
        };
        let value = self
            .read_peripheral(peripheral, offset & !3, now)
            .map_err(|Unmodelled| Refused::Gap("DMA read"));
        self.settle_refusal(address, value, 0)
    }

    fn write_outside_core(
        &mut self,
        address: u32,
        bytes: u32,
        value: u32,
        now: u64,
    ) -> Result<(), BusFault> {
        if self.memory.write(address, width_of(bytes), value).is_some() {
            return Ok(());
        }
        let done = match Peripheral::at(address) {
            Some((peripheral, offset)) => self
                .write_peripheral(peripheral, offset, value, now)
                .map_err(|Unmodelled| Refused::Gap("DMA write")),
            None => Err(nothing_at(address, "DMA write")),
        };
        self.settle_refusal(address, done, ())
    }
}

/// Why nothing modelled answers: memory and peripherals are there, all else is a bus error.
fn nothing_at(address: u32, access: &'static str) -> Refused {
    if is_reserved(address) && address >= 0x2000_9000 {
        Refused::Fault
    } else {
        Refused::Gap(access)
    }
}

fn width_of(bytes: u32) -> Width {
    match bytes {
        1 => Width::Byte,
        2 => Width::Halfword,
        _ => Width::Word,
    }
}
