//! Halting debug: control and status, vector catch, register transfer, breakpoint unit (C1).

use crate::core::{Core, LR, PC, SP};

const C_DEBUGEN: u32 = 1;
const C_HALT: u32 = 1 << 1;
const C_STEP: u32 = 1 << 2;
const C_MASKINTS: u32 = 1 << 3;
const S_REGRDY: u32 = 1 << 16;
const S_HALT: u32 = 1 << 17;
const S_SLEEP: u32 = 1 << 18;
const S_LOCKUP: u32 = 1 << 19;
const S_RETIRE_ST: u32 = 1 << 24;
const S_RESET_ST: u32 = 1 << 25;
const DBGKEY: u32 = 0xA05F << 16;

const VC_CORERESET: u32 = 1;
const VC_HARDERR: u32 = 1 << 10;
const DWTENA: u32 = 1 << 24;

const REG_W: u32 = 1 << 16;

pub(crate) const N_BREAKPOINTS: usize = 4;
const BP_ENABLE: u32 = 1;
const BP_KEY: u32 = 1 << 1;
/// BP_COMP: match on lower, upper or both halfwords, word address, enable.
const BP_COMP_BITS: u32 = 0xDFFF_FFFD;

/// Why the core entered debug state, as a bit of DFSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HaltReason {
    /// DHCSR.C_HALT or the end of a step.
    Request = 1,
    /// BKPT instruction or breakpoint unit.
    Breakpoint = 1 << 1,
    /// Vector catch.
    VectorCatch = 1 << 3,
}

/// Debug registers. They outlive the resets of the core.
#[derive(Clone, Debug)]
pub(crate) struct Debug {
    /// DHCSR's control bits. C_HALT is set exactly while the core is halted.
    control: u32,
    /// DFSR.
    fault_status: u32,
    /// DEMCR.
    exception_control: u32,
    /// DCRDR.
    data: u32,
    breakpoints_enabled: bool,
    comparators: [u32; N_BREAKPOINTS],
    was_reset: bool,
    /// Instructions retired at the last read of DHCSR by the debugger.
    retired_before: u64,
}

impl Debug {
    pub(crate) fn new() -> Self {
        Self {
            control: 0,
            fault_status: 0,
            exception_control: 0,
            data: 0,
            breakpoints_enabled: false,
            comparators: [0; N_BREAKPOINTS],
            was_reset: false,
            retired_before: 0,
        }
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.control & C_DEBUGEN != 0
    }

    pub(crate) fn is_halted(&self) -> bool {
        self.control & C_HALT != 0
    }

    pub(crate) fn is_stepping(&self) -> bool {
        self.control & C_STEP != 0
    }

    pub(crate) fn masks_interrupts(&self) -> bool {
        self.control & C_MASKINTS != 0
    }

    pub(crate) fn note_reset(&mut self) {
        self.was_reset = true;
        self.control &= C_DEBUGEN;
    }

    pub(crate) fn note_halt(&mut self, reason: HaltReason) {
        self.control |= C_HALT;
        self.fault_status |= reason as u32;
    }

    pub(crate) fn catches_reset(&self) -> bool {
        self.is_enabled() && self.exception_control & VC_CORERESET != 0
    }

    pub(crate) fn catches_hard_fault(&self) -> bool {
        self.is_enabled() && self.exception_control & VC_HARDERR != 0
    }

    /// Whether the breakpoint unit can match at all.
    pub(crate) fn has_breakpoints(&self) -> bool {
        self.is_enabled()
            && self.breakpoints_enabled
            && self.comparators.iter().any(|it| it & BP_ENABLE != 0)
    }

    /// Whether a comparator matches the halfword at `pc`; only code below 0x2000_0000 can match.
    pub(crate) fn is_breakpoint(&self, pc: u32) -> bool {
        let halfword = 1 << (30 + (pc >> 1 & 1));
        pc < 0x2000_0000
            && self
                .comparators
                .iter()
                .any(|it| it & BP_ENABLE != 0 && it & halfword != 0 && it & 0x1FFF_FFFC == pc & !3)
    }

    pub(crate) fn fault_status(&self) -> u32 {
        self.fault_status
    }

    /// DFSR: a one clears its bit.
    pub(crate) fn clear_fault_status(&mut self, value: u32) {
        self.fault_status &= !value;
    }

    pub(crate) fn exception_control(&self) -> u32 {
        self.exception_control
    }

    pub(crate) fn set_exception_control(&mut self, value: u32) {
        self.exception_control = value & (VC_CORERESET | VC_HARDERR | DWTENA);
    }

    pub(crate) fn data(&self) -> u32 {
        self.data
    }

    pub(crate) fn set_data(&mut self, value: u32) {
        self.data = value;
    }

    /// BP_CTRL: four code comparators.
    pub(crate) fn breakpoint_control(&self) -> u32 {
        (N_BREAKPOINTS as u32) << 4 | u32::from(self.breakpoints_enabled)
    }

    /// A write without KEY is ignored.
    pub(crate) fn set_breakpoint_control(&mut self, value: u32) {
        if value & BP_KEY != 0 {
            self.breakpoints_enabled = value & BP_ENABLE != 0;
        }
    }

    pub(crate) fn comparator(&self, index: usize) -> u32 {
        self.comparators[index]
    }

    pub(crate) fn set_comparator(&mut self, index: usize, value: u32) {
        self.comparators[index] = value & BP_COMP_BITS;
    }
}

impl Core {
    /// DHCSR.
    pub(crate) fn halting_status(&self) -> u32 {
        let mut status = self.debug.control | S_REGRDY;
        for (is_set, bit) in [
            (self.is_halted(), S_HALT),
            (self.is_sleeping(), S_SLEEP),
            (self.locked_up, S_LOCKUP),
            (self.instructions != self.debug.retired_before, S_RETIRE_ST),
            (self.debug.was_reset, S_RESET_ST),
        ] {
            if is_set {
                status |= bit;
            }
        }
        status
    }

    /// The debugger's read of DHCSR clears the sticky bits.
    pub(crate) fn clear_halting_status(&mut self) {
        self.debug.was_reset = false;
        self.debug.retired_before = self.instructions;
    }

    /// The debugger's write of DHCSR; without the key, and C_HALT, C_STEP and C_MASKINTS without
    /// C_DEBUGEN, it changes nothing.
    pub(crate) fn set_halting_control(&mut self, value: u32) {
        if value & 0xFFFF_0000 != DBGKEY {
            return;
        }
        if value & C_DEBUGEN == 0 {
            self.debug.control = 0;
            return;
        }
        let was_halted = self.is_halted();
        let others = value & (C_DEBUGEN | C_STEP | C_MASKINTS);
        self.debug.control = others | if was_halted { C_HALT } else { 0 };
        if value & C_HALT == 0 {
            self.debug.control = others;
        } else if !was_halted {
            self.halt(HaltReason::Request);
        }
    }

    /// DCRSR: moves a register to or from DCRDR. Only while halted; complete at once.
    pub(crate) fn transfer_register(&mut self, select: u32) {
        if !self.is_halted() {
            return;
        }
        let register = select & 0x1F;
        if select & REG_W != 0 {
            self.write_debug_register(register, self.debug.data);
        } else {
            self.debug.data = self.read_debug_register(register);
        }
    }

    fn read_debug_register(&self, register: u32) -> u32 {
        match register {
            0..=15 => self.r[register as usize],
            16 => self.xpsr(),
            17 => self.main_stack_pointer(),
            18 => self.process_stack_pointer(),
            20 => self.control() << 24 | u32::from(self.primask),
            _ => 0,
        }
    }

    /// The exception number in xPSR is not writable: the mode would no longer fit the active
    /// exceptions.
    fn write_debug_register(&mut self, register: u32, value: u32) {
        match register as usize {
            SP => self.r[SP] = value & !3,
            PC => self.branch(value),
            0..=LR => self.r[register as usize] = value,
            16 => self.set_apsr_and_epsr(value),
            17 => self.set_main_stack_pointer(value),
            18 => self.set_process_stack_pointer(value),
            20 => {
                self.set_primask(value & 1 != 0);
                self.set_control(value >> 24);
            }
            _ => {}
        }
    }
}
