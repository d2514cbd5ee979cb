//! DMA1 and DMAMUX (RM0444 10, 11): seven channels, served by request level.

use super::Unmodelled;

/// Channels of DMA1 on this chip.
pub(crate) const CHANNELS: usize = 7;

const EN: u32 = 1 << 0;
const TCIE: u32 = 1 << 1;
const HTIE: u32 = 1 << 2;
const TEIE: u32 = 1 << 3;
const DIR: u32 = 1 << 4;
const CIRC: u32 = 1 << 5;
const PINC: u32 = 1 << 6;
const MINC: u32 = 1 << 7;
const MEM2MEM: u32 = 1 << 14;

#[derive(Clone, Copy, Debug, Default)]
struct Channel {
    ccr: u32,
    remaining: u32,
    total: u32,
    peripheral: u32,
    memory: u32,
    request: u32,
}

/// One transfer to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// Index of the channel.
    pub(crate) channel: usize,
    pub(crate) from: u32,
    pub(crate) from_bytes: u32,
    pub(crate) to: u32,
    pub(crate) to_bytes: u32,
    /// The last of its block.
    pub(crate) last: bool,
    /// The channel begins again after its block.
    pub(crate) circular: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Dma {
    isr: u32,
    channels: [Channel; CHANNELS],
    mux_storage: [u32; 4],
}

impl Dma {
    /// Everything, the request multiplexer with it: DMA1RST resets both (RCC_AHBRSTR).
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// A transfer met nothing on the bus: the channel stops, and tells (DMA_ISR.TEIF).
    pub(crate) fn fail(&mut self, index: usize) {
        self.channels[index].ccr &= !EN;
        self.isr |= 0b1001 << (4 * index);
    }

    /// Whether any channel could serve a request.
    #[inline]
    pub(crate) fn is_active(&self) -> bool {
        self.channels
            .iter()
            .any(|channel| channel.ccr & EN != 0 && channel.remaining != 0)
    }

    /// The transfer that a request asks for, if a channel listens to it; its bookkeeping is done.
    pub(crate) fn next_transfer(&mut self, is_requested: impl Fn(u32) -> bool) -> Option<Transfer> {
        let index = self.channels.iter().position(|channel| {
            channel.ccr & EN != 0 && channel.remaining != 0 && is_requested(channel.request & 0x3F)
        })?;
        let channel = &mut self.channels[index];
        let done = channel.total - channel.remaining;
        let (peripheral_bytes, memory_bytes) =
            (1 << (channel.ccr >> 8 & 3), 1 << (channel.ccr >> 10 & 3));
        let step = |flag: u32, bytes: u32| {
            if channel.ccr & flag != 0 {
                done * bytes
            } else {
                0
            }
        };
        let peripheral = channel
            .peripheral
            .wrapping_add(step(PINC, peripheral_bytes));
        let memory = channel.memory.wrapping_add(step(MINC, memory_bytes));
        channel.remaining -= 1;
        let last = channel.remaining == 0;
        let circular = channel.ccr & CIRC != 0;
        // GIF, TCIF, HTIF of the channel (RM0444 10.6.1).
        if channel.remaining == channel.total / 2 {
            self.isr |= 0b0101 << (4 * index);
        }
        if last {
            self.isr |= 0b0011 << (4 * index);
            if circular {
                channel.remaining = channel.total;
            }
        }
        let to_memory = channel.ccr & DIR == 0;
        let (from, from_bytes, to, to_bytes) = if to_memory {
            (peripheral, peripheral_bytes, memory, memory_bytes)
        } else {
            (memory, memory_bytes, peripheral, peripheral_bytes)
        };
        Some(Transfer {
            channel: index,
            from,
            from_bytes,
            to,
            to_bytes,
            last,
            circular,
        })
    }

    /// Interrupt lines 9, 10 and 11.
    pub(crate) fn interrupts(&self) -> u32 {
        let mut asking = 0_u32;
        for (index, channel) in self.channels.iter().enumerate() {
            let flags = self.isr >> (4 * index);
            if (flags & 2 != 0 && channel.ccr & TCIE != 0)
                || (flags & 4 != 0 && channel.ccr & HTIE != 0)
                || (flags & 8 != 0 && channel.ccr & TEIE != 0)
            {
                asking |= 1 << index;
            }
        }
        u32::from(asking & 1 != 0) << 9
            | u32::from(asking & 0b110 != 0) << 10
            | u32::from(asking & 0b111_1000 != 0) << 11
    }

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        if offset < 8 {
            return Ok(if offset == 0 { self.isr } else { 0 });
        }
        let (channel, register) = self.locate(offset)?;
        let channel = &self.channels[channel];
        Ok(match register {
            0 => channel.ccr,
            4 => channel.remaining,
            8 => channel.peripheral,
            12 => channel.memory,
            _ => return Err(Unmodelled),
        })
    }

    fn locate(&self, offset: u32) -> Result<(usize, u32), Unmodelled> {
        let channel = ((offset - 8) / 20) as usize;
        if channel < CHANNELS {
            Ok((channel, (offset - 8) % 20))
        } else {
            Err(Unmodelled)
        }
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        if offset < 8 {
            if offset == 4 {
                self.clear_flags(value);
            }
            return Ok(());
        }
        let (channel, register) = self.locate(offset)?;
        let channel = &mut self.channels[channel];
        let enabled = channel.ccr & EN != 0;
        match register {
            0 if value & MEM2MEM != 0 && value & EN != 0 => return Err(Unmodelled),
            // It would wait for ever, for a request that is not modelled.
            0 if value & EN != 0 && !is_modelled(channel.request) => return Err(Unmodelled),
            0 => {
                channel.ccr = value & 0x7FFF;
                if !enabled && value & EN != 0 {
                    channel.total = channel.remaining;
                }
            }
            // Count and addresses cannot be written while enabled (RM0444 10.6.4).
            4 if !enabled => channel.remaining = value & 0xFFFF,
            8 if !enabled => channel.peripheral = value,
            12 if !enabled => channel.memory = value,
            4 | 8 | 12 => {}
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    fn clear_flags(&mut self, value: u32) {
        for index in 0..CHANNELS {
            let clear = value >> (4 * index) & 0xF;
            // CGIF clears all of the channel's flags.
            let clear = if clear & 1 != 0 { 0xF } else { clear };
            self.isr &= !(clear << (4 * index));
            // The general flag stands while any of the others does.
            if self.isr >> (4 * index) & 0xE == 0 {
                self.isr &= !(1 << (4 * index));
            }
        }
    }

    pub(crate) fn read_mux(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00..=0x18 => self.channels[(offset / 4) as usize].request,
            0x80 | 0x84 | 0x140 | 0x144 => 0,
            0x100..=0x10C => self.mux_storage[((offset - 0x100) / 4) as usize],
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write_mux(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        match offset {
            // Synchronised requests.
            0x00..=0x18 if value & 1 << 16 != 0 => return Err(Unmodelled),
            0x00..=0x18 => {
                let channel = &mut self.channels[(offset / 4) as usize];
                if channel.ccr & EN != 0 && !is_modelled(value) {
                    return Err(Unmodelled);
                }
                channel.request = value;
            }
            0x84 | 0x144 => {}
            // Request generators.
            0x100..=0x10C if value & 1 << 16 != 0 => return Err(Unmodelled),
            0x100..=0x10C => self.mux_storage[((offset - 0x100) / 4) as usize] = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }
}

/// Whether a peripheral that is modelled makes the request: none, ADC, I2C1, USART2 (DMAMUX request table).
fn is_modelled(request: u32) -> bool {
    matches!(request & 0x3F, 0 | 5 | 10 | 11 | 52 | 53)
}
