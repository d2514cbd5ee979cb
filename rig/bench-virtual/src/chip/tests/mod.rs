//! Rules of single peripherals, tested through their registers as a program meets them.

mod adc;
mod dma;
mod flash;
mod i2c;
mod pins;
mod reset;
mod system;
mod timer;
mod usart;

use super::{Chip, ChipGap, ResetCause};
use rig_armv6m::{Attention, Bus, BusFault, Width};

pub(super) const RCC: u32 = 0x4002_1000;
const RCC_ENABLES: [(u32, u32); 4] = [
    (RCC + 0x34, 0x2F),
    (RCC + 0x38, 0x101),
    (RCC + 0x3C, 0x1822_0003),
    (RCC + 0x40, 0x0012_0801),
];

/// A chip after power-on with every modelled peripheral clocked, and the time on it.
pub(super) struct Board {
    pub(super) chip: Chip,
    pub(super) now: u64,
}

impl Board {
    pub(super) fn new() -> Self {
        let mut board = Self::after_power_on();
        for (address, bits) in RCC_ENABLES {
            board.write(address, bits);
        }
        board
    }

    pub(super) fn after_power_on() -> Self {
        let mut chip = Chip::new(*b"ABCDEFGHIJKL");
        chip.power_on();
        Self { chip, now: 0 }
    }

    pub(super) fn write(&mut self, address: u32, value: u32) {
        self.chip
            .write(address, Width::Word, value, self.now)
            .expect("something is there");
        assert_eq!(self.chip.take_gap(), None, "write of {address:#010x}");
    }

    pub(super) fn read(&mut self, address: u32) -> u32 {
        let value = self.chip.read(address, Width::Word, self.now);
        assert_eq!(self.chip.take_gap(), None, "read of {address:#010x}");
        value.expect("something is there")
    }

    /// A write that nothing models: the gap it leaves.
    pub(super) fn write_gap(&mut self, address: u32, value: u32) -> Option<ChipGap> {
        assert_eq!(
            self.chip.write(address, Width::Word, value, self.now),
            Ok(())
        );
        self.chip.take_gap()
    }

    pub(super) fn try_read(&mut self, address: u32) -> Result<u32, BusFault> {
        self.chip.read(address, Width::Word, self.now)
    }

    /// Lets time pass, each event at its cycle.
    pub(super) fn run_to(&mut self, cycle: u64) {
        while self.chip.next_event() <= cycle {
            self.now = self.now.max(self.chip.next_event());
            self.chip.process_events(self.now);
            if self.chip.take_reset() == Some(ResetCause::Watchdog) {
                self.chip.system_reset(ResetCause::Watchdog, self.now);
            }
        }
        self.now = cycle;
        // Nothing here runs a core that would look.
        self.chip.attention = Attention::None;
    }

    pub(super) fn run_for(&mut self, cycles: u64) {
        self.run_to(self.now + cycles);
    }

    /// Whether an interrupt line is high.
    pub(super) fn line(&self, position: u32) -> bool {
        self.chip.current_lines() >> position & 1 != 0
    }
}
