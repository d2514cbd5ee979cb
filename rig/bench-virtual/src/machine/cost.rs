//! What the program costs the chip: how long it stays awake, and how far its stack has reached.
//! For tests of an image; the rig never asks.

use super::Machine;

/// A stretch of time in which the core did not sleep: from waking up, or from a reset, until the
/// next WFI that found nothing to wake for.
///
/// Time in which the core was awake and executed nothing (a busy flash, a debugger) is part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwakeStretch {
    /// CPU cycles.
    pub cycles: u64,
    /// Instructions executed.
    pub instructions: u64,
}

/// Keeps the longest stretch. Told a few things a slice and nothing an instruction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wakefulness {
    /// Cycle and instruction count at which the present stretch began; those of the last look
    /// while the core sleeps.
    began: (u64, u64),
    longest: AwakeStretch,
}

impl Wakefulness {
    /// The core will be awake from here on, if it wakes at all.
    pub(super) fn begin(&mut self, cycle: u64, instruction: u64) {
        self.began = (cycle, instruction);
    }

    /// The core has been awake until here.
    pub(super) fn note(&mut self, cycle: u64, instruction: u64) {
        let (began_cycle, began_instruction) = self.began;
        let stretch = AwakeStretch {
            cycles: cycle - began_cycle,
            instructions: instruction - began_instruction,
        };
        if stretch.cycles > self.longest.cycles {
            self.longest = stretch;
        }
    }
}

impl Machine {
    /// The longest stretch without sleep since this was asked before, or since power-on; one that
    /// is not over counts as far as it has come, and in full the next time.
    pub fn take_longest_awake(&mut self) -> AwakeStretch {
        self.note_awake();
        std::mem::take(&mut self.awake.longest)
    }

    /// Notes a stretch that is not over.
    pub(super) fn note_awake(&mut self) {
        if !self.core.is_sleeping() {
            self.awake.note(self.core.now(), self.core.instructions());
        }
    }

    /// The lowest address of RAM at or above `from` whose word is not what it was at power-on.
    /// With `from` the end of what the linker gave out, the deepest word that the stack has
    /// reached.
    #[must_use]
    pub fn first_ram_touched(&self, from: u32) -> Option<u32> {
        self.chip.memory.first_touched(from)
    }
}
