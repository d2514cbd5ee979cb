//! SW-DP: what one SWD transfer does (ARM IHI 0031, B2 and B4).

use super::mem_ap::MemAp;
use crate::Machine;

/// DPIDR of the STM32G0's SW-DP: DPv1, minimal (RM0444 40.4).
const DPIDR: u32 = 0x0BC1_1477;

/// Bits of one transfer on the wire: request, turnarounds, acknowledge, data, parity, idle.
const TRANSFER_BITS: u64 = 46;

// CTRL/STAT (IHI 0031, B2.2.2).
const STICKYORUN: u32 = 1 << 1;
const STICKYCMP: u32 = 1 << 4;
const STICKYERR: u32 = 1 << 5;
const WDATAERR: u32 = 1 << 7;
const POWER_REQUESTS: u32 = 1 << 28 | 1 << 30;
/// ORUNDETECT and the requests, CDBGRSTREQ included.
const CTRL_WRITABLE: u32 = 1 | 1 << 26 | POWER_REQUESTS;

/// The register space that a transfer addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// The debug port.
    Dp,
    /// The access port that SELECT chose.
    Ap,
}

/// Why a transfer was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ack {
    /// A sticky error stands, or the transfer raised one.
    #[error("fault response")]
    Fault,
    /// Nobody answers: no line reset yet, or no supply.
    #[error("no acknowledge")]
    NoAnswer,
}

/// The debug port's state; the chip behind it is given with each transfer.
#[derive(Clone, Debug)]
pub struct DebugPort {
    /// Ones in a row on the line so far.
    ones: u32,
    connected: bool,
    select: u32,
    control: u32,
    sticky: u32,
    read_buffer: u32,
    mem_ap: MemAp,
    transfer_cycles: u64,
}

impl Default for DebugPort {
    fn default() -> Self {
        Self::new()
    }
}

impl DebugPort {
    /// A port that has seen no line reset, on a wire at 4 MHz.
    #[must_use]
    pub fn new() -> Self {
        let mut port = Self {
            ones: 0,
            connected: false,
            select: 0,
            control: 0,
            sticky: 0,
            read_buffer: 0,
            mem_ap: MemAp::new(),
            transfer_cycles: 0,
        };
        port.set_speed(4_000);
        port
    }

    /// Clock of the wire in kHz, at least 1. It says how long the program runs on during a
    /// transfer.
    pub fn set_speed(&mut self, speed_khz: u32) {
        let cycles_per_ms = crate::CYCLES_PER_SECOND / 1000;
        self.transfer_cycles = (TRANSFER_BITS * cycles_per_ms / u64::from(speed_khz.max(1))).max(1);
    }

    /// Bits on SWDIO outside a transfer, least significant first. Fifty ones reset the line
    /// (B4.3.3); the switching sequences between them find a port that is always SWD.
    pub fn sequence(&mut self, n_bits: u32, bits: u64) {
        for bit in 0..n_bits.min(64) {
            self.ones = if bits >> bit & 1 != 0 {
                self.ones + 1
            } else {
                0
            };
            if self.ones == 50 {
                self.connected = true;
                self.select = 0;
                self.mem_ap = MemAp::new();
            }
        }
    }

    /// One read transfer. An AP read gives the result of the AP read before it.
    ///
    /// # Errors
    /// The port's answer, if it is not OK.
    pub fn read(&mut self, machine: &mut Machine, port: Port, address: u8) -> Result<u32, Ack> {
        self.begin(machine)?;
        match (port, address & 0xC) {
            (Port::Dp, 0x0) => Ok(DPIDR),
            (Port::Dp, 0x4) => Ok(self.banked_read()),
            // RESEND and RDBUFF.
            (Port::Dp, _) => Ok(self.read_buffer),
            (Port::Ap, low) => {
                self.check_sticky()?;
                let posted = self.read_buffer;
                self.read_buffer = if self.select >> 24 == 0 {
                    let register = self.bank() | u32::from(low);
                    self.mem_ap
                        .read(machine, register)
                        .map_err(|_| self.fault())?
                } else {
                    // There is one access port; the others' registers read as zero.
                    0
                };
                Ok(posted)
            }
        }
    }

    /// One write transfer.
    ///
    /// # Errors
    /// The port's answer, if it is not OK.
    pub fn write(
        &mut self,
        machine: &mut Machine,
        port: Port,
        address: u8,
        value: u32,
    ) -> Result<(), Ack> {
        self.begin(machine)?;
        match (port, address & 0xC) {
            (Port::Dp, 0x0) => self.abort(value),
            (Port::Dp, 0x4) if self.select & 0xF == 0 => self.control = value & CTRL_WRITABLE,
            // DLCR: turnaround of one clock is all there is.
            (Port::Dp, 0x4) => {}
            (Port::Dp, 0x8) => self.select = value,
            (Port::Dp, _) => {}
            (Port::Ap, low) => {
                self.check_sticky()?;
                if self.select >> 24 == 0 {
                    let register = self.bank() | u32::from(low);
                    self.mem_ap
                        .write(machine, register, value)
                        .map_err(|_| self.fault())?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, machine: &mut Machine) -> Result<(), Ack> {
        self.ones = 0;
        if !self.connected || !machine.is_powered() {
            return Err(Ack::NoAnswer);
        }
        machine.debug_run(self.transfer_cycles);
        Ok(())
    }

    fn bank(&self) -> u32 {
        self.select & 0xF0
    }

    /// AP transfers fail while an error sticks, and before power-up was asked for.
    fn check_sticky(&mut self) -> Result<(), Ack> {
        if self.control & POWER_REQUESTS != POWER_REQUESTS {
            return Err(self.fault());
        }
        if self.sticky & (STICKYERR | STICKYORUN | STICKYCMP | WDATAERR) != 0 {
            return Err(Ack::Fault);
        }
        Ok(())
    }

    fn fault(&mut self) -> Ack {
        self.sticky |= STICKYERR;
        Ack::Fault
    }

    fn banked_read(&self) -> u32 {
        match self.select & 0xF {
            // Requests are acknowledged at once, each one bit above its request.
            0 => self.control | self.sticky | (self.control & (POWER_REQUESTS | 1 << 26)) << 1,
            // DLCR: one clock of turnaround.
            1 => 0x40,
            _ => 0,
        }
    }

    /// ABORT clears sticky flags (B2.2.1); no transfer is ever left hanging.
    fn abort(&mut self, value: u32) {
        for (bit, flag) in [
            (1, STICKYCMP),
            (2, STICKYERR),
            (3, WDATAERR),
            (4, STICKYORUN),
        ] {
            if value >> bit & 1 != 0 {
                self.sticky &= !flag;
            }
        }
    }
}
