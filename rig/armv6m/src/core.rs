//! The core: registers, cycle count, and the run loop that its caller drives.

use crate::{Bus, BusFault, Stop, Width};

/// Who makes an access to the private peripheral bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Master {
    /// The running program.
    Core,
    /// A debugger, through the debug access port.
    Debugger,
}

/// An access by the running program to a private peripheral register that is not modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Address of the access.
    pub address: u32,
    /// Address of the instruction.
    pub pc: u32,
    /// Value written; nothing for a read.
    pub written: Option<u32>,
}

/// A Cortex-M0+ core: registers, exceptions, NVIC, SysTick, SCB and debug.
#[derive(Clone, Debug)]
pub struct Core {
    r: [u32; 16],
    cycles: u64,
    instructions: u64,
}

impl Default for Core {
    fn default() -> Self {
        Self::new()
    }
}

impl Core {
    /// A core at power-on, before its reset: call [`Core::reset`] next.
    pub fn new() -> Self {
        Self {
            r: [0; 16],
            cycles: 0,
            instructions: 0,
        }
    }

    /// Resets the core (B1.5.5): stack pointer and start address are read from the vector table
    /// at address 0. Debug registers, cycle count and instruction count survive.
    ///
    /// With DHCSR.C_DEBUGEN and DEMCR.VC_CORERESET set, the core is halted before its first
    /// instruction. A vector that cannot be read leaves it locked up.
    pub fn reset(&mut self, bus: &mut impl Bus) {
        let _ = bus;
    }

    /// Runs until the cycle count reaches `until` (it may pass it by the length of the last
    /// instruction or exception entry), or until the reason returned.
    ///
    /// Returns at once while the core is halted, locked up or sleeping, and the count stands.
    pub fn run(&mut self, bus: &mut impl Bus, until: u64) -> Stop {
        let _ = bus;
        self.cycles = self.cycles.max(until);
        Stop::Deadline
    }

    /// Lets time pass up to `cycle` without executing: while sleeping, halted or locked up.
    ///
    /// SysTick counts on while the core sleeps, and stands still while it is halted.
    /// Earlier cycles than [`Core::now`] change nothing.
    pub fn skip_to(&mut self, cycle: u64) {
        self.cycles = self.cycles.max(cycle);
    }

    /// Cycle at which SysTick will next make its exception pending; the caller skips no further.
    pub fn next_wake(&self) -> Option<u64> {
        None
    }

    /// Tells the core the levels of its 32 interrupt lines. A rising level makes the interrupt
    /// pending, and so does a level that is still high when its handler returns (B3.4).
    pub fn set_interrupt_lines(&mut self, lines: u32) {
        let _ = lines;
    }

    /// Cycles since power-on.
    pub fn now(&self) -> u64 {
        self.cycles
    }

    /// Instructions retired since power-on.
    pub fn instructions(&self) -> u64 {
        self.instructions
    }

    /// Register r0 to r15; r13 is the stack pointer in use, r15 the address of the next
    /// instruction.
    ///
    /// # Panics
    /// `index` is above 15.
    pub fn register(&self, index: usize) -> u32 {
        self.r[index]
    }

    /// Halted by debug.
    pub fn is_halted(&self) -> bool {
        false
    }

    /// Sleeping in WFI, WFE or sleep-on-exit.
    pub fn is_sleeping(&self) -> bool {
        false
    }

    /// Locked up (B1.5.15).
    pub fn is_locked_up(&self) -> bool {
        false
    }

    /// Whether AIRCR.SYSRESETREQ was written since the last call, by program or debugger.
    /// The caller resets chip and core.
    pub fn take_reset_request(&mut self) -> bool {
        false
    }

    /// The first access by the program to a private peripheral register that is not modelled,
    /// since the last call. The program took a HardFault; [`Core::run`] returned
    /// [`Stop::Attention`].
    pub fn take_gap(&mut self) -> Option<Gap> {
        None
    }

    /// Reads a register of the private peripheral bus, 0xE000_0000 to 0xE00F_FFFF.
    ///
    /// # Errors
    /// Not a word access, or no register is modelled at the address.
    pub fn ppb_read(
        &mut self,
        address: u32,
        width: Width,
        master: Master,
    ) -> Result<u32, BusFault> {
        let _ = (address, width, master);
        Err(BusFault)
    }

    /// Writes a register of the private peripheral bus. Takes effect at once: a debugger's halt
    /// request halts the core between two instructions, here.
    ///
    /// # Errors
    /// Not a word access, or no register is modelled at the address.
    pub fn ppb_write(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        master: Master,
    ) -> Result<(), BusFault> {
        let _ = (address, width, value, master);
        Err(BusFault)
    }
}
