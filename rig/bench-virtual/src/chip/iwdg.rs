//! The independent watchdog (RM0444 30), on the 32 kHz LSI.

use super::{CPU_HZ, Unmodelled};

/// CPU cycles in one LSI period.
const LSI_CYCLES: u64 = CPU_HZ / 32_000;
/// LSI periods that an update of PR, RLR or WINR takes at most (RM0444 30.4.5).
const UPDATE_PERIODS: u64 = 5;

#[derive(Clone, Debug)]
pub(crate) struct Iwdg {
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
            unlocked: false,
            prescaler: 0,
            reload: 0xFFF,
            window: 0xFFF,
            reloaded: None,
            busy: [0; 3],
            expired: false,
        }
    }

    fn tick_cycles(&self) -> u64 {
        // 4 << PR, and 256 for 6 and 7.
        (4 << self.prescaler.min(6)) * LSI_CYCLES
    }

    /// When the counter passes zero.
    pub(crate) fn next_event(&self) -> u64 {
        match self.reloaded {
            Some(at) => at + (u64::from(self.reload) + 1) * self.tick_cycles(),
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
        let busy = now + UPDATE_PERIODS * LSI_CYCLES;
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
            // Writing the window reloads the counter (RM0444 30.3.3).
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
        let ticks = (now - at) / self.tick_cycles();
        let count = u64::from(self.reload).saturating_sub(ticks);
        if count > u64::from(self.window) {
            self.expired = true;
        } else {
            self.reloaded = Some(now);
        }
    }
}
