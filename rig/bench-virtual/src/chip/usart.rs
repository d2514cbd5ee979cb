//! USART2 (RM0444 33) in asynchronous mode, with and without FIFO, timed by the bit rate.

mod line;

use super::{CPU_HZ, Unmodelled};
use line::{Receiver, hear};
use std::collections::VecDeque;

/// The bit rate of the link's other end, unless it is told otherwise.
const HOST_BAUD: f64 = 115_200.0;

/// Bits of a frame on the line: start, eight, stop.
const FRAME_BITS: f64 = 10.0;

/// Depth of both FIFOs (RM0444 33.4).
const FIFO_DEPTH: usize = 8;

// CR1.
const UE: u32 = 1 << 0;
const RE: u32 = 1 << 2;
const TE: u32 = 1 << 3;
const IDLEIE: u32 = 1 << 4;
const RXNEIE: u32 = 1 << 5;
const TCIE: u32 = 1 << 6;
const TXEIE: u32 = 1 << 7;
const OVER8: u32 = 1 << 15;
const FIFOEN: u32 = 1 << 29;
const TXFEIE: u32 = 1 << 30;
const RXFFIE: u32 = 1 << 31;
/// Parity, other word lengths, mute mode, match and timeout interrupts.
const CR1_UNMODELLED: u32 = 1 << 28 | 1 << 27 | 1 << 26 | 1 << 14 | 1 << 13 | 1 << 12 | 1 << 10;
/// Written only while UE is clear (USART_CR1).
const CR1_BEFORE_ENABLING: u32 = OVER8 | FIFOEN;
/// Least USARTDIV (RM0444 33.5.7).
const LEAST_DIVISOR: u64 = 16;
// CR3.
const EIE: u32 = 1 << 0;
const DMAR: u32 = 1 << 6;
const DMAT: u32 = 1 << 7;
const OVRDIS: u32 = 1 << 12;
const ONEBIT: u32 = 1 << 11;
const CR3_MODELLED: u32 = EIE | DMAR | DMAT | OVRDIS | ONEBIT;
// ISR.
const FE: u32 = 1 << 1;
const NE: u32 = 1 << 2;
const ORE: u32 = 1 << 3;
const IDLE: u32 = 1 << 4;
const RXNE: u32 = 1 << 5;
const TC: u32 = 1 << 6;
const TXE: u32 = 1 << 7;
const TEACK: u32 = 1 << 21;
const REACK: u32 = 1 << 22;
const TXFE: u32 = 1 << 23;
const RXFF: u32 = 1 << 24;

#[derive(Clone, Debug, Default)]
pub(crate) struct Usart {
    cr1: u32,
    cr2: u32,
    cr3: u32,
    brr: u32,
    prescaler: u32,
    /// TC, IDLE, ORE, NE and FE as latched.
    flags: u32,
    transmit: VecDeque<u8>,
    /// Byte on the TX line, and when its stop bit ends.
    shifting: Option<(u8, u64)>,
    receive: VecDeque<u8>,
    /// Bytes on their way to the RX line.
    arriving: VecDeque<(u64, u8)>,
    idle_at: u64,
    sent: Vec<(u64, u8)>,
    /// Length of a bit of the link's other end, CPU cycles.
    host_bit: f64,
}

impl Usart {
    pub(crate) fn new() -> Self {
        Self {
            flags: TC,
            idle_at: u64::MAX,
            host_bit: CPU_HZ as f64 / HOST_BAUD,
            ..Self::default()
        }
    }

    /// Registers and buffers to reset; what was sent and what is on its way stay on the line.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            arriving: std::mem::take(&mut self.arriving),
            sent: std::mem::take(&mut self.sent),
            host_bit: self.host_bit,
            ..Self::new()
        };
    }

    /// The line goes dead: nothing is on its way any more.
    pub(crate) fn power_off(&mut self) {
        self.reset();
        self.arriving.clear();
    }

    pub(crate) fn set_host_bit(&mut self, cycles: f64) {
        self.host_bit = cycles;
    }

    /// A byte whose stop bit ends at `cycle`; to be told once its start bit has begun.
    pub(crate) fn queue_arrival(&mut self, cycle: u64, byte: u8) {
        self.arriving.push_back((cycle, byte));
        self.end_idle();
    }

    /// A start bit before the line was idle for a whole frame ends the count; the next stop bit
    /// begins it anew.
    fn end_idle(&mut self) {
        if self.idle_at != u64::MAX
            && let Some(&(at, _)) = self.arriving.front()
        {
            let begins = at as f64 - FRAME_BITS * self.host_bit;
            if begins < self.idle_at as f64 {
                self.idle_at = u64::MAX;
            }
        }
    }

    pub(crate) fn take_sent(&mut self) -> Vec<(u64, u8)> {
        std::mem::take(&mut self.sent)
    }

    /// USARTDIV: the kernel clock's cycles in a bit, or in half a one by OVER8.
    fn divisor(&self) -> u64 {
        let brr = u64::from(self.brr);
        // Oversampling by 8 keeps BRR[2:0] shifted right by one (RM0444 33.5.7).
        if self.cr1 & OVER8 != 0 {
            brr & !0xF | (brr & 7) << 1
        } else {
            brr
        }
    }

    /// CPU cycles of one bit; the kernel clock is 16 MHz whichever source is chosen.
    fn bit_cycles(&self) -> u64 {
        const DIVIDERS: [u64; 12] = [1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256];
        let divider = DIVIDERS[(self.prescaler as usize).min(11)];
        let halves = if self.cr1 & OVER8 != 0 { 2 } else { 1 };
        (self.divisor() * divider / halves).max(1)
    }

    fn receiver(&self) -> Receiver {
        let samples = match (self.cr1 & OVER8 != 0, self.cr3 & ONEBIT != 0) {
            (false, false) => Receiver::BY_16,
            (false, true) => &Receiver::BY_16[1..2],
            (true, false) => Receiver::BY_8,
            (true, true) => &Receiver::BY_8[1..2],
        };
        Receiver {
            bit: self.bit_cycles() as f64,
            samples,
        }
    }

    /// Puts a byte whose stop bit has ended onto the line, as the other end hears it.
    fn push_sent(&mut self, end: u64, byte: u8) {
        let sent_bit = self.bit_cycles() as f64;
        let next = self.shifting.map(|(next, _)| (10.0 * sent_bit, next));
        let host = Receiver {
            bit: self.host_bit,
            samples: Receiver::BY_16,
        };
        let heard = hear(byte, sent_bit, next, host);
        self.sent.push((end, heard.byte));
    }

    /// Start bit, eight data bits, one or two stop bits.
    fn frame_cycles(&self) -> u64 {
        let stop_bits = if self.cr2 >> 12 & 3 == 2 { 2 } else { 1 };
        (9 + stop_bits) * self.bit_cycles()
    }

    fn depth(&self) -> usize {
        if self.cr1 & FIFOEN != 0 {
            FIFO_DEPTH
        } else {
            1
        }
    }

    pub(crate) fn next_event(&self) -> u64 {
        let shifted = self.shifting.map_or(u64::MAX, |(_, end)| end);
        let arrives = self.arriving.front().map_or(u64::MAX, |(at, _)| *at);
        shifted.min(arrives).min(self.idle_at)
    }

    pub(crate) fn on_event(&mut self, now: u64) {
        while let Some((byte, end)) = self.shifting.filter(|(_, end)| *end <= now) {
            self.shifting = None;
            self.load_shifter(end);
            self.push_sent(end, byte);
            if self.shifting.is_none() {
                self.flags |= TC;
            }
        }
        while let Some((at, byte)) = self.arriving.front().copied().filter(|(at, _)| *at <= now) {
            if self.idle_at <= at {
                self.flags |= IDLE;
            }
            self.arriving.pop_front();
            self.receive_byte(at, byte);
        }
        if self.idle_at <= now {
            self.idle_at = u64::MAX;
            self.flags |= IDLE;
        }
    }

    fn receive_byte(&mut self, at: u64, byte: u8) {
        if self.cr1 & (UE | RE) != UE | RE {
            return;
        }
        // IDLE: a whole frame of line idle after the last stop bit (RM0444 33.5.6).
        self.idle_at = at + self.frame_cycles();
        self.end_idle();
        let next = self.arriving.front();
        let next = next.map(|&(next_at, next)| ((next_at - at) as f64, next));
        let heard = hear(byte, self.host_bit, next, self.receiver());
        let byte = heard.byte;
        if heard.noise {
            self.flags |= NE;
        }
        if heard.framing {
            self.flags |= FE;
        }
        if self.receive.len() < self.depth() {
            self.receive.push_back(byte);
        } else if self.cr3 & OVRDIS != 0 {
            self.receive.pop_back();
            self.receive.push_back(byte);
        } else {
            // What was received stays, the new byte is lost (RM0444 33.5.6, overrun).
            self.flags |= ORE;
        }
    }

    fn load_shifter(&mut self, at: u64) {
        if self.shifting.is_none()
            && self.cr1 & (UE | TE) == UE | TE
            && let Some(byte) = self.transmit.pop_front()
        {
            self.shifting = Some((byte, at + self.frame_cycles()));
        }
    }

    fn status(&self) -> u32 {
        let fifo = self.cr1 & FIFOEN != 0;
        let on = self.cr1 & UE != 0;
        let bit = |condition: bool, flag: u32| if condition { flag } else { 0 };
        self.flags
            | bit(!self.receive.is_empty(), RXNE)
            | bit(self.transmit.len() < self.depth(), TXE)
            | bit(on && self.cr1 & TE != 0, TEACK)
            | bit(on && self.cr1 & RE != 0, REACK)
            | bit(fifo && self.transmit.is_empty(), TXFE)
            | bit(fifo && self.receive.len() == FIFO_DEPTH, RXFF)
    }

    pub(crate) fn interrupt(&self) -> bool {
        if self.cr1 & UE == 0 {
            return false;
        }
        let status = self.status();
        let asks = |enable: u32, flags: u32| self.cr1 & enable != 0 && status & flags != 0;
        asks(IDLEIE, IDLE)
            || asks(RXNEIE, RXNE | ORE)
            || asks(TCIE, TC)
            || asks(TXEIE, TXE)
            || asks(TXFEIE, TXFE)
            || asks(RXFFIE, RXFF)
            || (self.cr3 & EIE != 0 && status & (ORE | NE | FE) != 0)
    }

    /// DMAMUX inputs 52 (receive) and 53 (transmit).
    pub(crate) fn requests_dma(&self, input: u32) -> bool {
        match input {
            52 => self.cr3 & DMAR != 0 && !self.receive.is_empty(),
            53 => {
                self.cr3 & DMAT != 0
                    && self.cr1 & (UE | TE) == UE | TE
                    && self.transmit.len() < self.depth()
            }
            _ => false,
        }
    }

    pub(crate) fn read(&mut self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => self.cr1,
            0x04 => self.cr2,
            0x08 => self.cr3,
            0x0C => self.brr,
            0x10 | 0x14 | 0x18 | 0x20 => 0,
            0x1C => self.status(),
            0x24 => u32::from(self.receive.pop_front().unwrap_or(0)),
            0x28 => 0,
            0x2C => self.prescaler,
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32, now: u64) -> Result<(), Unmodelled> {
        match offset {
            0x00 if value & CR1_UNMODELLED != 0 => return Err(Unmodelled),
            0x00 => return self.write_cr1(value, now),
            // The rate is not to change under way (USART_BRR).
            0x0C if self.cr1 & UE != 0 => return Err(Unmodelled),
            // Only the number of stop bits.
            0x04 if value & !0x3000 != 0 => return Err(Unmodelled),
            0x04 => self.cr2 = value,
            0x08 if value & !CR3_MODELLED != 0 => return Err(Unmodelled),
            0x08 => self.cr3 = value,
            0x0C => self.brr = value & 0xFFFF,
            // Smartcard guard time and receiver timeout are off.
            0x10 | 0x14 if value != 0 => return Err(Unmodelled),
            0x10 | 0x14 => {}
            // RXFRQ and TXFRQ.
            0x18 if value & !0x18 != 0 => return Err(Unmodelled),
            0x18 => {
                if value & 1 << 3 != 0 {
                    self.receive.clear();
                }
                if value & 1 << 4 != 0 {
                    self.transmit.clear();
                }
            }
            // Flags that never rise need no clearing.
            0x20 => self.flags &= !(value & (FE | NE | ORE | IDLE | TC)),
            0x28 => self.transmit_byte(value, now),
            0x2C => self.prescaler = value & 0xF,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    fn write_cr1(&mut self, value: u32, now: u64) -> Result<(), Unmodelled> {
        let stays_on = self.cr1 & value & UE != 0;
        if stays_on && (self.cr1 ^ value) & CR1_BEFORE_ENABLING != 0 {
            return Err(Unmodelled);
        }
        if value & UE == 0 {
            // Clearing UE drops what is under way and resets the flags (RM0444 33.8.1).
            self.shifting = None;
            self.transmit.clear();
            self.receive.clear();
            self.flags = TC;
            self.idle_at = u64::MAX;
        }
        self.cr1 = value;
        if value & UE != 0 && self.divisor() < LEAST_DIVISOR {
            return Err(Unmodelled);
        }
        self.load_shifter(now);
        Ok(())
    }

    fn transmit_byte(&mut self, value: u32, now: u64) {
        if self.transmit.len() == self.depth() {
            // A write to a full FIFO is lost; to a full register, it replaces.
            if self.cr1 & FIFOEN != 0 {
                return;
            }
            self.transmit.clear();
        }
        self.transmit.push_back(value.to_le_bytes()[0]);
        self.flags &= !TC;
        self.load_shifter(now);
    }
}
