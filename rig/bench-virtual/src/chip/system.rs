//! Small peripherals around the system: PWR, SYSCFG, DBGMCU (RM0444 4, 8, 40).

use super::{Peripheral, Unmodelled};

/// Power control. Every bit is storage: supplies are ideal, and a program that would enter stop
/// or standby is stopped by the machine.
#[derive(Clone, Debug)]
pub(crate) struct Pwr {
    cr: [u32; 4],
    pulls: [u32; 12],
}

impl Pwr {
    pub(crate) fn new() -> Self {
        Self {
            cr: [0x208, 0, 0x8000, 0],
            pulls: [0; 12],
        }
    }

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00..=0x0C => self.cr[(offset / 4) as usize],
            0x10 => 0,
            // SR2: flash ready; no low-power regulator, no voltage scaling under way.
            0x14 => 0x80,
            0x18 => 0,
            0x20..=0x4C => self.pulls[((offset - 0x20) / 4) as usize],
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        match offset {
            // Low-power run changes what SYSCLK may be.
            0x00 if value & 1 << 14 != 0 => return Err(Unmodelled),
            // The voltage detector.
            0x04 if value & 1 != 0 => return Err(Unmodelled),
            0x00..=0x0C => self.cr[(offset / 4) as usize] = value,
            0x18 => {}
            // Pulls in standby.
            0x20..=0x4C => self.pulls[((offset - 0x20) / 4) as usize] = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }
}

/// System configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Syscfg {
    cfgr1: u32,
    cfgr2: u32,
}

impl Syscfg {
    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => self.cfgr1,
            0x18 => self.cfgr2,
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        match offset {
            // Memory remap at run time; MEM_MODE shows main flash.
            0x00 if value & 3 != 0 => return Err(Unmodelled),
            // Dead-battery strobes and fast-mode drive act on pins that carry nothing of it.
            0x00 => self.cfgr1 = value,
            // Break inputs of locked-up core, parity and detector: none of them occurs.
            0x18 => self.cfgr2 = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }
}

/// Debug support (RM0444 40): what stands still while the core is halted. Survives system resets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dbgmcu {
    cr: u32,
    freeze: [u32; 2],
}

impl Dbgmcu {
    /// IDCODE: STM32G07x/G08x, revision B (RM0444 40.9.1).
    pub(crate) const IDCODE: u32 = 0x2000_0460;

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => Self::IDCODE,
            0x04 => self.cr,
            0x08 | 0x0C => self.freeze[(offset / 4 - 2) as usize],
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        match offset {
            0x00 => {}
            0x04 => self.cr = value & 6,
            0x08 | 0x0C => self.freeze[(offset / 4 - 2) as usize] = value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    /// Whether anything stands still while the core is halted.
    pub(crate) fn freezes_any(&self) -> bool {
        self.freeze != [0; 2]
    }

    /// Whether a peripheral stands still while the core is halted (DBG_APB_FZ1, DBG_APB_FZ2).
    pub(crate) fn freezes(&self, peripheral: Peripheral) -> bool {
        let (register, bit) = match peripheral {
            Peripheral::Tim2 => (0, 0),
            Peripheral::Tim3 => (0, 1),
            Peripheral::Iwdg => (0, 12),
            Peripheral::Tim1 => (1, 11),
            Peripheral::Tim16 => (1, 17),
            _ => return false,
        };
        self.freeze[register] >> bit & 1 != 0
    }
}
