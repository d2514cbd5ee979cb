//! The core: registers, cycle count, and the run loop that its caller drives.

use crate::arithmetic::Flags;
use crate::debug::{Debug, HaltReason};
use crate::nvic::Nvic;
use crate::systick::SysTick;
use crate::{Bus, Stop, Width};

pub(crate) const SP: usize = 13;
pub(crate) const LR: usize = 14;
pub(crate) const PC: usize = 15;

/// Program counter of a core that is locked up (B1.5.15).
pub(crate) const LOCKUP_PC: u32 = 0xFFFF_FFFE;

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

/// Why no instructions are executed, if none are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sleep {
    /// Not asleep.
    Awake,
    /// In WFI, or in sleep-on-exit: an exception that would preempt if PRIMASK were clear wakes.
    ForInterrupt,
    /// In WFE: the event register or an exception that preempts wakes.
    ForEvent,
}

/// A Cortex-M0+ core: registers, exceptions, NVIC, SysTick, SCB and debug.
///
/// Cycles are those of table 3-1 of the Technical Reference Manual for memory without wait states
/// and the single-cycle multiplier.
/// The memory protection unit is not modelled: its registers answer with a fault.
#[derive(Clone, Debug)]
pub struct Core {
    /// r0 to r15. r13 is the stack pointer in use, r15 the address of the next instruction.
    pub(crate) r: [u32; 16],
    /// The stack pointer not in use.
    pub(crate) other_sp: u32,
    pub(crate) flags: Flags,
    /// EPSR.T.
    pub(crate) thumb: bool,
    /// IPSR: 0 in thread mode.
    pub(crate) exception: u32,
    pub(crate) primask: bool,
    /// CONTROL.SPSEL: r13 is the process stack pointer.
    // Invariant: false in handler mode.
    pub(crate) process_stack: bool,
    /// CONTROL.nPRIV.
    pub(crate) thread_unprivileged: bool,
    pub(crate) event: bool,
    pub(crate) sleep: Sleep,
    pub(crate) locked_up: bool,

    pub(crate) cycles: u64,
    /// The inner loop leaves when `cycles` reaches it. Set to 0 whenever anything changes that
    /// the outer loop must look at before the next instruction.
    pub(crate) deadline: u64,
    pub(crate) instructions: u64,

    pub(crate) nvic: Nvic,
    pub(crate) systick: SysTick,
    pub(crate) debug: Debug,
    /// VTOR.
    pub(crate) vector_table: u32,
    /// SCR.
    pub(crate) system_control: u32,
    pub(crate) reset_requested: bool,
    pub(crate) attention: bool,
    pub(crate) gap: Option<Gap>,
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
            other_sp: 0,
            flags: Flags::default(),
            thumb: true,
            exception: 0,
            primask: false,
            process_stack: false,
            thread_unprivileged: false,
            event: false,
            sleep: Sleep::Awake,
            locked_up: false,
            cycles: 0,
            deadline: 0,
            instructions: 0,
            nvic: Nvic::new(),
            systick: SysTick::new(0),
            debug: Debug::new(),
            vector_table: 0,
            system_control: 0,
            reset_requested: false,
            attention: false,
            gap: None,
        }
    }

    /// Resets the core (B1.5.5): stack pointer and start address are read from the vector table
    /// at address 0.
    ///
    /// Debug registers, cycle count and instruction count survive; interrupt lines count as low
    /// until the caller sets them again.
    /// With DHCSR.C_DEBUGEN and DEMCR.VC_CORERESET set, the core is halted before its first
    /// instruction. A vector that cannot be read leaves it locked up.
    pub fn reset(&mut self, bus: &mut impl Bus) {
        *self = Self {
            r: self.r,
            cycles: self.cycles,
            instructions: self.instructions,
            systick: SysTick::new(self.cycles),
            debug: self.debug.clone(),
            gap: self.gap,
            ..Self::new()
        };
        self.debug.note_reset();
        self.r[LR] = 0xFFFF_FFFF;
        let vectors = bus
            .read(0, Width::Word, self.cycles)
            .and_then(|sp| Ok((sp, bus.read(4, Width::Word, self.cycles)?)));
        match vectors {
            Ok((sp, start)) => {
                self.r[SP] = sp & !3;
                self.branch_interworking(start);
            }
            Err(_) => self.lock_up(),
        }
        if self.debug.catches_reset() {
            self.halt(HaltReason::VectorCatch);
        }
    }

    /// Runs until the cycle count reaches `until` (it may pass it by the length of the last
    /// instruction or exception entry), or until the reason returned.
    ///
    /// Returns at once while the core is halted, locked up or sleeping, and the count stands.
    pub fn run<B: Bus>(&mut self, bus: &mut B, until: u64) -> Stop {
        loop {
            self.count_systick();
            if std::mem::take(&mut self.attention) {
                return Stop::Attention;
            }
            if self.reset_requested {
                return Stop::ResetRequested;
            }
            if self.debug.is_halted() {
                return Stop::Halted;
            }
            if self.locked_up && !self.leave_lockup() {
                return Stop::Lockup;
            }
            if self.sleep != Sleep::Awake && !self.wake() {
                return Stop::Sleeping;
            }
            if self.cycles >= until {
                return Stop::Deadline;
            }
            if let Some(exception) = self.preempting_exception() {
                self.enter_exception(bus, exception, self.r[PC]);
            } else if !self.thumb {
                self.fault(bus, self.r[PC]);
            } else if self.debug.is_stepping() {
                // One cycle away: the inner loop executes one instruction.
                self.deadline = self.cycles + 1;
                self.execute(bus);
            } else {
                self.deadline = until.min(self.systick.expiry());
                self.execute(bus);
                continue;
            }
            if self.debug.is_stepping() && !self.debug.is_halted() {
                self.halt(HaltReason::Request);
            }
        }
    }

    /// Lets time pass up to `cycle` without executing: while sleeping, halted or locked up.
    ///
    /// SysTick counts on while the core sleeps, and stands still while it is halted.
    /// Earlier cycles than [`Core::now`] change nothing.
    pub fn skip_to(&mut self, cycle: u64) {
        let n_cycles = cycle.saturating_sub(self.cycles);
        if self.debug.is_halted() {
            self.systick.hold(n_cycles);
        }
        self.cycles += n_cycles;
        self.count_systick();
    }

    /// Cycle at which SysTick will next make its exception pending; a caller that skips farther
    /// wakes the core late. Nothing while the core is halted.
    pub fn next_wake(&self) -> Option<u64> {
        let expiry = self.systick.expiry();
        (expiry != u64::MAX && !self.debug.is_halted()).then_some(expiry)
    }

    /// Tells the core the levels of its 32 interrupt lines. A rising level makes the interrupt
    /// pending, and so does a level that is still high when its handler returns (B3.4).
    pub fn set_interrupt_lines(&mut self, lines: u32) {
        let rising = self.nvic.set_lines(lines);
        self.pend(rising);
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
        self.debug.is_halted()
    }

    /// Sleeping in WFI, WFE or sleep-on-exit.
    pub fn is_sleeping(&self) -> bool {
        self.sleep != Sleep::Awake
    }

    /// Whether sleep is deep: SCR.SLEEPDEEP, which the chip turns into one of its stop modes.
    pub fn is_sleep_deep(&self) -> bool {
        self.system_control & crate::ppb::SLEEPDEEP != 0
    }

    /// Locked up (B1.5.15).
    pub fn is_locked_up(&self) -> bool {
        self.locked_up
    }

    /// Whether AIRCR.SYSRESETREQ was written since the last call, by program or debugger.
    /// The caller resets chip and core.
    pub fn take_reset_request(&mut self) -> bool {
        std::mem::take(&mut self.reset_requested)
    }

    /// The first access by the program to a private peripheral register that is not modelled,
    /// since the last call. The program took a HardFault; [`Core::run`] returned
    /// [`Stop::Attention`].
    pub fn take_gap(&mut self) -> Option<Gap> {
        self.gap.take()
    }

    /// Counts SysTick up to now and makes its exception pending if it is due.
    pub(crate) fn count_systick(&mut self) {
        if self.systick.count_to(self.cycles) {
            self.pend(1 << crate::nvic::SYS_TICK);
        }
    }

    /// Stops the core in debug state, before the instruction at r15.
    pub(crate) fn halt(&mut self, reason: HaltReason) {
        self.count_systick();
        self.debug.note_halt(reason);
        // A debug event ends sleep and lockup; the lockup address faults again on resumption.
        self.sleep = Sleep::Awake;
        self.locked_up = false;
        self.deadline = 0;
    }

    /// Thread mode is unprivileged if the program has made it so; handler mode never is.
    pub(crate) fn is_privileged(&self) -> bool {
        self.exception != 0 || !self.thread_unprivileged
    }
}
