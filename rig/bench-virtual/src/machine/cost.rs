//! What the program costs the chip: how long a tick takes, and how far its stack has reached.
//! For tests of an image; the rig never asks.

use super::Machine;

impl Machine {
    /// The longest time, in CPU cycles, from a compare interrupt of TIM2 being asked for to the
    /// next refresh of the watchdog, since this was asked before: what a program that is ticked by
    /// the one and ends its work with the other takes for a tick, waiting included. Nothing if no
    /// tick came to its end.
    pub fn take_longest_tick(&mut self) -> Option<u64> {
        self.chip.service.take_longest()
    }

    /// The lowest address of RAM at or above `from` whose word is not what it was at power-on.
    /// With `from` the end of what the linker gave out, the deepest word that the stack has
    /// reached.
    #[must_use]
    pub fn first_ram_touched(&self, from: u32) -> Option<u32> {
        self.chip.memory.first_touched(from)
    }
}
