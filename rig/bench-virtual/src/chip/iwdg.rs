//! The independent watchdog (IWDG), on the LSI.

use super::{CPU_HZ, Unmodelled};

/// The LSI's frequency unless another is set; DS12232 lets it lie between 29.5 and 34 kHz (LSI
/// oscillator characteristics).
const LSI_HZ: u64 = 32_000;
/// LSI periods that an update of PR, RLR or WINR takes at most (IWDG_SR).
const UPDATE_PERIODS: u64 = 5;

#[derive(Clone, Debug)]
pub(crate) struct Iwdg {
    lsi_hz: u64,
    unlocked: bool,
    prescaler: u32,
    reload: u32,
    window: u32,
    /// Cycle of the last reload, once started.
    reloaded: Option<u64>,
    busy: [u64; 3],
    expired: bool,
}

impl Iwdg {
    pub(crate) fn new() -> Self {
        Self {
            lsi_hz: LSI_HZ,
            unlocked: false,
            prescaler: 0,
            reload: 0xFFF,
            window: 0xFFF,
            reloaded: None,
            busy: [0; 3],
            expired: false,
        }
    }

    /// Stopped, with its registers as after reset.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            lsi_hz: self.lsi_hz,
            ..Self::new()
        };
    }

    pub(crate) fn set_lsi_hz(&mut self, lsi_hz: u64) {
        self.lsi_hz = lsi_hz;
    }

    fn lsi_cycles(&self, periods: u64) -> u64 {
        periods * CPU_HZ / self.lsi_hz
    }

    /// LSI periods in one count: 4 << PR, and 256 for 6 and 7.
    fn divider(&self) -> u64 {
        4 << self.prescaler.min(6)
    }

    /// When the counter passes zero.
    pub(crate) fn next_event(&self) -> u64 {
        match self.reloaded {
            Some(at) => at + self.lsi_cycles((u64::from(self.reload) + 1) * self.divider()),
            None => u64::MAX,
        }
    }

    pub(crate) fn on_event(&mut self, now: u64) {
        self.expired |= now >= self.next_event();
    }

    /// Stands still for so many cycles.
    pub(crate) fn postpone(&mut self, cycles: u64) {
        self.reloaded = self.reloaded.map(|at| at + cycles);
    }

    /// Whether the watchdog has run out.
    pub(crate) fn expired(&self) -> bool {
        self.expired
    }

    pub(crate) fn read(&self, offset: u32, now: u64) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => 0,
            0x04 => self.prescaler,
            0x08 => self.reload,
            0x0C => (0..3).fold(0, |sr, bit| sr | u32::from(now < self.busy[bit]) << bit),
            0x10 => self.window,
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32, now: u64) -> Result<(), Unmodelled> {
        let busy = now + self.lsi_cycles(UPDATE_PERIODS);
        match offset {
            0x00 => {
                self.unlocked = value & 0xFFFF == 0x5555;
                match value & 0xFFFF {
                    0xAAAA => self.refresh(now),
                    0xCCCC if self.reloaded.is_none() => self.reloaded = Some(now),
                    _ => {}
                }
            }
            0x04 if self.unlocked => {
                self.prescaler = value & 7;
                self.busy[0] = busy;
            }
            0x08 if self.unlocked => {
                self.reload = value & 0xFFF;
                self.busy[1] = busy;
            }
            // Writing the window reloads the counter (IWDG_WINR).
            0x10 if self.unlocked => {
                self.window = value & 0xFFF;
                self.busy[2] = busy;
                self.reloaded = self.reloaded.map(|_| now);
            }
            0x04 | 0x08 | 0x0C | 0x10 => {}
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    /// Whether a write refreshes a watchdog that runs.
    pub(crate) fn is_refresh(&self, offset: u32, value: u32) -> bool {
        offset == 0 && value & 0xFFFF == 0xAAAA && self.reloaded.is_some()
    }

    /// Reloads, or resets the chip where the counter is still above the window.
    fn refresh(&mut self, now: u64) {
        let Some(at) = self.reloaded else { return };
        let ticks = (now - at) * self.lsi_hz / CPU_HZ / self.divider();
        let count = u64::from(self.reload).saturating_sub(ticks);
        if count > u64::from(self.window) {
            self.expired = true;
        } else {
            self.reloaded = Some(now);
        }
    }
}
