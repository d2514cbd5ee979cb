//! RCC (RM0444 5): clock gates, peripheral resets, reset flags. SYSCLK is HSI16, undivided.

use super::{Peripheral, Unmodelled};

/// What reset the chip; each sets its flag in RCC_CSR (RM0444 5.4.23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResetCause {
    /// Power-on or brown-out.
    Power,
    /// NRST pin.
    Pin,
    /// AIRCR.SYSRESETREQ.
    Software,
    /// Independent watchdog.
    Watchdog,
    /// Loading of option bytes by OBL_LAUNCH.
    OptionBytes,
}

const HSION: u32 = 1 << 8;
const HSIRDY: u32 = 1 << 10;
const RMVF: u32 = 1 << 23;
const CSR_FLAGS: u32 = 0xFE00_0000;
const PINRSTF: u32 = 1 << 26;

/// Reset and clock control.
#[derive(Clone, Debug)]
pub(crate) struct Rcc {
    cr: u32,
    cfgr: u32,
    pllcfgr: u32,
    cier: u32,
    resets: [u32; 4],
    enables: [u32; 4],
    sleep_enables: [u32; 4],
    ccipr: u32,
    bdcr: u32,
    csr: u32,
}

impl Rcc {
    pub(crate) fn new() -> Self {
        Self {
            cr: HSION | HSIRDY,
            cfgr: 0,
            pllcfgr: 0x1000,
            cier: 0,
            resets: [0; 4],
            // FLASH is clocked after reset.
            enables: [0, 0x100, 0, 0],
            sleep_enables: [0x3F, 0x0005_1303, 0xFFFF_FFB7, 0x0017_D801],
            ccipr: 0,
            bdcr: 0,
            csr: 0,
        }
    }

    /// Registers to reset values but the RTC domain's, and the cause's flags set. Every internal
    /// reset also pulls NRST low (RM0444 5.1.2).
    pub(crate) fn reset(&mut self, cause: ResetCause) {
        let flags = match cause {
            // A power reset clears the other flags with the domain that holds them.
            ResetCause::Power => 1 << 27 | PINRSTF,
            ResetCause::Pin => self.csr | PINRSTF,
            ResetCause::Software => self.csr | 1 << 28 | PINRSTF,
            ResetCause::Watchdog => self.csr | 1 << 29 | PINRSTF,
            ResetCause::OptionBytes => self.csr | 1 << 25 | PINRSTF,
        };
        let bdcr = if cause == ResetCause::Power {
            0
        } else {
            self.bdcr
        };
        *self = Self {
            csr: flags & CSR_FLAGS,
            bdcr,
            ..Self::new()
        };
    }

    /// Whether the peripheral's registers are clocked.
    pub(crate) fn is_clocked(&self, peripheral: Peripheral) -> bool {
        peripheral
            .clock_bit()
            .is_none_or(|(bus, bit)| self.enables[bus] >> bit & 1 != 0)
    }

    /// Whether the kernel clock that CCIPR selects for a peripheral runs at 16 MHz: PCLK, SYSCLK
    /// and HSI16 all do; LSE, and the PLL that the ADC may have for SYSCLK, are not modelled.
    pub(crate) fn selects_16_mhz(&self, shift: u32) -> bool {
        let selected = self.ccipr >> shift & 3;
        selected != 3 && !(shift == 30 && selected == 1)
    }

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => self.cr,
            // HSITRIM mid-scale; the calibration value is this chip's own.
            0x04 => 0x4080,
            0x08 => self.cfgr | (self.cfgr & 7) << 3,
            0x0C => self.pllcfgr,
            0x18 => self.cier,
            0x1C => 0,
            0x20 => 0,
            0x24..=0x30 => self.resets[index(offset, 0x24)],
            0x34..=0x40 => self.enables[index(offset, 0x34)],
            0x44..=0x50 => self.sleep_enables[index(offset, 0x44)],
            0x54 => self.ccipr,
            0x58 => 0,
            0x5C => self.bdcr,
            // LSIRDY follows LSION (RM0444 5.2.6); the 85 µs of its start are not modelled.
            0x60 => self.csr | (self.csr & 1) << 1,
            _ => return Err(Unmodelled),
        })
    }

    /// Writes; gives the reset bits that went high, as (bus, bits).
    pub(crate) fn write(
        &mut self,
        offset: u32,
        value: u32,
    ) -> Result<Option<(usize, u32)>, Unmodelled> {
        match offset {
            // Another oscillator, PLL or divider of HSI; switching HSI off under SYSCLK does nothing.
            0x00 if value & 0x0305_3800 != 0 => return Err(Unmodelled),
            0x00 => self.cr = value & 0x200 | HSION | HSIRDY,
            // Trimming changes a frequency that is exact here.
            0x04 => {}
            // System clock switch and dividers; MCO drives no pin that is looked at.
            0x08 if value & 0x7F07 != 0 => return Err(Unmodelled),
            0x08 => self.cfgr = value,
            // No PLL can be switched on.
            0x0C => self.pllcfgr = value,
            // Interrupts of oscillators that are never started.
            0x18 => self.cier = value,
            0x20 => {}
            0x24..=0x30 => {
                let bus = index(offset, 0x24);
                let raised = value & !self.resets[bus];
                self.resets[bus] = value;
                return Ok(Some((bus, raised)));
            }
            0x34..=0x40 => self.enables[index(offset, 0x34)] = value,
            // Clocks stop in sleep on silicon; peripherals that run without their clock would be
            // a bug in the firmware that this model does not show.
            0x44..=0x50 => self.sleep_enables[index(offset, 0x44)] = value,
            0x54 => self.ccipr = value,
            0x58 if value != 0 => return Err(Unmodelled),
            0x58 => {}
            // LSE is not fitted; RTC source and enable are storage, as no RTC is modelled.
            0x5C if value & 1 != 0 => return Err(Unmodelled),
            0x5C if value & 1 << 16 != 0 => self.bdcr = 1 << 16,
            0x5C => self.bdcr = value,
            0x60 => {
                let flags = if value & RMVF != 0 {
                    0
                } else {
                    self.csr & CSR_FLAGS
                };
                self.csr = flags | value & (1 | RMVF);
            }
            _ => return Err(Unmodelled),
        }
        Ok(None)
    }
}

fn index(offset: u32, first: u32) -> usize {
    ((offset - first) / 4) as usize
}
