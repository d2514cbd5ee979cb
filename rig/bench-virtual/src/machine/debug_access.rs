//! What the debug port does to the machine: memory, core registers, reset line, time.

use super::Machine;
use crate::chip::ResetCause;
use rig_armv6m::{BusFault, Master, Width};

/// How long a program runs on while its debugger asks whether it has halted: hosts ask at most once
/// a millisecond.
const POLL_CYCLES: u64 = crate::CYCLES_PER_SECOND / 1000;
/// The same before the bench is powered, where nothing moves: hosts ask by their own clock, and
/// emulated programs such as flash algorithms would wait for it instead of their own.
pub(super) const PATIENT_POLL_CYCLES: u64 = 30 * POLL_CYCLES;

impl Machine {
    /// Holds NRST low: the chip stands in reset, debug support answers.
    pub(crate) fn hold_reset(&mut self) {
        self.system_reset(ResetCause::Pin);
        self.held_in_reset = true;
    }

    /// Lets NRST go; nothing happens where it was not held.
    pub(crate) fn release_reset(&mut self) {
        if std::mem::take(&mut self.held_in_reset) {
            self.system_reset(ResetCause::Pin);
        }
    }

    /// Whether NRST is held low.
    pub(crate) fn is_held_in_reset(&self) -> bool {
        self.held_in_reset
    }

    /// Reads memory or a register as the debug port's memory access port does.
    ///
    /// # Errors
    /// Nothing answers at the address.
    pub(crate) fn debug_read(&mut self, address: u32, width: Width) -> Result<u32, BusFault> {
        if is_private(address) {
            return self.core.ppb_read(address, width, Master::Debugger);
        }
        let value = self.chip.debug_read(address, width, self.core.now());
        self.show_lines();
        value
    }

    /// Writes memory or a register as the debug port's memory access port does.
    ///
    /// # Errors
    /// Nothing answers at the address.
    pub(crate) fn debug_write(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
    ) -> Result<(), BusFault> {
        if is_private(address) {
            self.core
                .ppb_write(address, width, value, Master::Debugger)?;
            // Whoever halts, steps or sends a failed program elsewhere gets to see it run.
            self.failed = None;
            self.lines_set = true;
            if self.core.take_reset_request() {
                self.system_reset(ResetCause::Software);
            }
            return Ok(());
        }
        let done = self
            .chip
            .debug_write(address, width, value, self.core.now());
        self.show_lines();
        done
    }

    /// The interrupt enables of TIM2, whose second channel is the control tick, fall: an upset of
    /// one register (RM0444 22.4.4).
    pub(crate) fn lose_tick(&mut self) {
        /// TIM2_DIER.
        const DIER: u32 = 0x4000_000C;
        // A timer without its clock takes no write, and gives no tick either.
        let _ = self.debug_write(DIER, Width::Word, 0);
    }

    /// Lets time pass as it does between two transfers of a debug probe.
    pub(crate) fn debug_run(&mut self, cycles: u64) {
        // A program that fails under the debugger stays stopped where it is; the debugger looks
        // on, and the next run of the bench repeats the error.
        let _ = self.run_until(self.core.now() + cycles);
    }

    /// Lets the program run while its debugger asks whether it has halted, at most until then.
    pub(crate) fn debug_poll(&mut self) {
        let end = self.core.now() + self.poll_cycles;
        while self.core.now() < end && !self.core.is_halted() {
            let slice = (self.core.now() + 2_000).min(end);
            if self.run_until(slice).is_err() {
                return;
            }
        }
    }

    /// Says whether the pen is in operation, where a poll takes its 1 ms, or under a debugger
    /// alone, where it may take 30 ms.
    pub(crate) fn set_in_operation(&mut self, in_operation: bool) {
        self.poll_cycles = if in_operation {
            POLL_CYCLES
        } else {
            PATIENT_POLL_CYCLES
        };
    }
}

fn is_private(address: u32) -> bool {
    (0xE000_0000..0xE010_0000).contains(&address)
}
