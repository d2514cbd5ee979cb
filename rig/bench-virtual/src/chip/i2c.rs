//! I2C1 as a master with 7-bit addresses (RM0444 32.4.8), byte by byte on the bus timing.

use super::Unmodelled;
use super::eeprom::Eeprom;

// CR1.
const PE: u32 = 1 << 0;
const TXDMAEN: u32 = 1 << 14;
const RXDMAEN: u32 = 1 << 15;
/// Slave, wake-up, SMBus and PEC functions.
const CR1_UNMODELLED: u32 = 0x00FB_0000;
// CR2.
const READ: u32 = 1 << 10;
const ADD10: u32 = 1 << 11;
const START: u32 = 1 << 13;
const STOP: u32 = 1 << 14;
const RELOAD: u32 = 1 << 24;
const AUTOEND: u32 = 1 << 25;
const PECBYTE: u32 = 1 << 26;
// ISR.
const TXE: u32 = 1 << 0;
const TXIS: u32 = 1 << 1;
const RXNE: u32 = 1 << 2;
const NACKF: u32 = 1 << 4;
const STOPF: u32 = 1 << 5;
const TC: u32 = 1 << 6;
const TCR: u32 = 1 << 7;
const BUSY: u32 = 1 << 15;
/// Pairs of flags in ISR and their enables in CR1.
const INTERRUPTS: [(u32, u32); 5] = [
    (TXIS, 1 << 1),
    (RXNE, 1 << 2),
    (NACKF, 1 << 4),
    (STOPF, 1 << 5),
    (TC | TCR, 1 << 6),
];

/// What the bus is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Start condition and address byte.
    Address,
    /// SCL held low until there is a byte to send, or room for one received.
    Stretch,
    Send(u8),
    Receive,
    /// All of NBYTES done; SCL held low until software says what next.
    Complete,
    Stop,
}

#[derive(Clone, Debug)]
pub(crate) struct I2c {
    cr1: u32,
    cr2: u32,
    own: [u32; 2],
    timing: u32,
    isr: u32,
    transmit: Option<u8>,
    receive: u8,
    remaining: u32,
    phase: Phase,
    phase_end: u64,
    /// Something outside holds SCL low: since when nothing has gone on.
    held_since: Option<u64>,
    pub(crate) eeprom: Eeprom,
}

impl I2c {
    pub(crate) fn new() -> Self {
        Self {
            cr1: 0,
            cr2: 0,
            own: [0; 2],
            timing: 0,
            isr: TXE,
            transmit: None,
            receive: 0,
            remaining: 0,
            phase: Phase::Idle,
            phase_end: u64::MAX,
            held_since: None,
            eeprom: Eeprom::default(),
        }
    }

    pub(crate) fn reset(&mut self) {
        let eeprom = std::mem::take(&mut self.eeprom);
        *self = Self {
            eeprom,
            held_since: self.held_since,
            ..Self::new()
        };
    }

    /// CPU cycles of one SCL period: both counters, and 1 µs for the edges to rise and to be
    /// seen, as RM0444 counts it in its examples for a 16 MHz kernel clock (32.4.10).
    fn bit_cycles(&self) -> u64 {
        const EDGES: u64 = super::CPU_HZ / 1_000_000;
        let prescaler = u64::from(self.timing >> 28) + 1;
        let low = u64::from(self.timing & 0xFF) + 1;
        let high = u64::from(self.timing >> 8 & 0xFF) + 1;
        (low + high) * prescaler + EDGES
    }

    /// Something outside holds SCL low, or lets it go: meanwhile the master's clock stands, as it
    /// does under a slave that stretches (RM0444 32.4.8).
    pub(crate) fn hold_clock(&mut self, is_held: bool, now: u64) {
        if is_held {
            self.held_since.get_or_insert(now);
        } else if let Some(since) = self.held_since.take()
            && self.phase_end != u64::MAX
        {
            self.phase_end += now - since;
            self.isr |= BUSY;
        }
    }

    /// What software begins while SCL is held begins to wait now.
    fn wait_from(&mut self, now: u64) {
        if self.held_since.is_some() && self.phase_end == u64::MAX {
            self.held_since = Some(now);
        }
    }

    pub(crate) fn next_event(&self) -> u64 {
        if self.held_since.is_some() {
            u64::MAX
        } else {
            self.phase_end
        }
    }

    pub(crate) fn on_event(&mut self, now: u64) {
        if now < self.next_event() {
            return;
        }
        let end = self.phase_end;
        self.phase_end = u64::MAX;
        match self.phase {
            Phase::Address => self.address_sent(end),
            Phase::Send(byte) => {
                if self.eeprom.receive(byte) {
                    self.byte_done(end);
                } else {
                    self.not_acknowledged(end);
                }
            }
            Phase::Receive => {
                self.receive = self.eeprom.send();
                self.isr |= RXNE;
                self.byte_done(end);
            }
            Phase::Stop => {
                self.eeprom.stop(end);
                self.isr = self.isr & !BUSY | STOPF;
                self.cr2 &= !STOP;
                self.phase = Phase::Idle;
                if self.cr2 & START != 0 {
                    self.begin_start(end);
                }
            }
            Phase::Idle | Phase::Stretch | Phase::Complete => {}
        }
    }

    fn begin_start(&mut self, now: u64) {
        self.isr &= !(TC | TCR);
        // BUSY comes with the start condition, which a held clock keeps from being made.
        if self.held_since.is_none() {
            self.isr |= BUSY;
        }
        self.phase = Phase::Address;
        self.phase_end = now + 10 * self.bit_cycles();
    }

    fn address_sent(&mut self, now: u64) {
        self.cr2 &= !START;
        self.remaining = self.cr2 >> 16 & 0xFF;
        let address = (self.cr2 >> 1 & 0x7F).to_le_bytes()[0];
        if !self.eeprom.start(address, self.cr2 & READ != 0, now) {
            self.not_acknowledged(now);
        } else if self.remaining == 0 {
            self.block_done(now);
        } else {
            self.next_byte(now);
        }
    }

    /// A NACK makes the hardware send a stop by itself (RM0444 32.4.8).
    fn not_acknowledged(&mut self, now: u64) {
        self.isr = (self.isr | NACKF) & !TXIS;
        self.begin_stop(now);
    }

    fn begin_stop(&mut self, now: u64) {
        self.isr &= !(TC | TCR);
        self.phase = Phase::Stop;
        self.phase_end = now + self.bit_cycles();
    }

    fn byte_done(&mut self, now: u64) {
        self.remaining -= 1;
        if self.remaining == 0 {
            self.block_done(now);
        } else {
            self.next_byte(now);
        }
    }

    fn block_done(&mut self, now: u64) {
        if self.cr2 & RELOAD != 0 {
            self.isr |= TCR;
            self.phase = Phase::Complete;
        } else if self.cr2 & (AUTOEND | STOP) != 0 {
            self.begin_stop(now);
        } else {
            self.isr |= TC;
            self.phase = Phase::Complete;
        }
    }

    /// Begins the next byte, or waits for software with SCL low.
    fn next_byte(&mut self, now: u64) {
        self.phase = Phase::Stretch;
        if self.cr2 & READ != 0 {
            // One byte in RXDR; the shift register's second is not modelled, so SCL waits here.
            if self.isr & RXNE == 0 {
                self.phase = Phase::Receive;
                self.phase_end = now + 9 * self.bit_cycles();
            }
        } else if let Some(byte) = self.transmit.take() {
            self.isr |= TXE;
            self.phase = Phase::Send(byte);
            self.phase_end = now + 9 * self.bit_cycles();
            // Room for the byte after this one, if there is one.
            if self.remaining > 1 {
                self.isr |= TXIS;
            }
        } else {
            self.isr |= TXIS;
        }
    }

    pub(crate) fn interrupt(&self) -> bool {
        INTERRUPTS
            .iter()
            .any(|(flag, enable)| self.isr & flag != 0 && self.cr1 & enable != 0)
    }

    /// DMAMUX inputs 10 (receive) and 11 (transmit).
    pub(crate) fn requests_dma(&self, input: u32) -> bool {
        match input {
            10 => self.cr1 & RXDMAEN != 0 && self.isr & RXNE != 0,
            11 => self.cr1 & TXDMAEN != 0 && self.isr & TXIS != 0,
            _ => false,
        }
    }

    pub(crate) fn read(&mut self, offset: u32, now: u64) -> Result<u32, Unmodelled> {
        self.wait_from(now);
        Ok(match offset {
            0x00 => self.cr1,
            0x04 => self.cr2,
            0x08 | 0x0C => self.own[(offset / 4 - 2) as usize],
            0x10 => self.timing,
            0x14 | 0x1C | 0x20 => 0,
            0x18 => self.isr,
            0x24 => {
                self.isr &= !RXNE;
                if self.phase == Phase::Stretch && self.cr2 & READ != 0 {
                    self.next_byte(now);
                }
                u32::from(self.receive)
            }
            0x28 => u32::from(self.transmit.unwrap_or(0)),
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32, now: u64) -> Result<(), Unmodelled> {
        self.wait_from(now);
        match offset {
            0x00 if value & CR1_UNMODELLED != 0 => return Err(Unmodelled),
            0x00 => self.write_cr1(value),
            0x04 => return self.write_cr2(value, now),
            // Own addresses would make a slave.
            0x08 | 0x0C if value & 1 << 15 != 0 => return Err(Unmodelled),
            0x08 | 0x0C => self.own[(offset / 4 - 2) as usize] = value,
            0x10 => self.timing = value,
            0x14 if value != 0 => return Err(Unmodelled),
            0x14 => {}
            // Writing one to TXE flushes TXDR.
            0x18 => {
                if value & TXE != 0 {
                    self.transmit = None;
                    self.isr |= TXE;
                }
            }
            0x1C => self.isr &= !(value & (NACKF | STOPF)),
            0x28 => {
                self.transmit = Some(value.to_le_bytes()[0]);
                self.isr &= !(TXIS | TXE);
                if self.phase == Phase::Stretch && self.cr2 & READ == 0 {
                    self.next_byte(now);
                }
            }
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    fn write_cr1(&mut self, value: u32) {
        self.cr1 = value;
        if value & PE == 0 {
            // Lines are released and the flags reset (RM0444 32.4.6).
            self.isr = TXE;
            self.cr2 &= !(START | STOP);
            self.transmit = None;
            self.phase = Phase::Idle;
            self.phase_end = u64::MAX;
        }
    }

    fn write_cr2(&mut self, value: u32, now: u64) -> Result<(), Unmodelled> {
        if value & (ADD10 | PECBYTE) != 0 {
            return Err(Unmodelled);
        }
        // START and STOP are set by software and cleared by hardware.
        self.cr2 = value | self.cr2 & (START | STOP);
        if self.cr1 & PE == 0 {
            self.cr2 &= !(START | STOP);
            return Ok(());
        }
        let (starts, stops) = (value & START != 0, value & STOP != 0);
        match self.phase {
            Phase::Idle if starts => self.begin_start(now),
            // A stop on a free bus is ignored (RM0444 32.7.2).
            Phase::Idle if stops => self.cr2 &= !STOP,
            Phase::Complete if stops => self.begin_stop(now),
            Phase::Complete if starts => self.begin_start(now),
            // NBYTES written anew goes on after TCR.
            Phase::Complete if self.isr & TCR != 0 && value >> 16 & 0xFF != 0 => {
                self.isr &= !TCR;
                self.remaining = value >> 16 & 0xFF;
                self.next_byte(now);
            }
            _ => {}
        }
        Ok(())
    }
}
