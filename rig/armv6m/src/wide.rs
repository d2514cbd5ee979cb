//! The 32-bit instructions other than BL, and the registers that MRS and MSR reach (A6.7, B4.2).

use crate::arithmetic::Flags;
use crate::core::{Core, SP};
use crate::memory::Abort;

const STATUS_CYCLES: u64 = 3;

impl Core {
    /// Executes MSR, MRS or a barrier; returns its cycles.
    pub(crate) fn execute_wide(&mut self, first: u32, second: u32) -> Result<u64, Abort> {
        let register = (second & 0xFF) as u8;
        match (first & 0xFFF0, second & 0xD000) {
            (0xF380 | 0xF390, 0x8000) => {
                let source = first & 0xF;
                if source == 13 || source == 15 {
                    return Err(Abort::Fault);
                }
                self.write_special(register, self.r[source as usize])?;
                Ok(STATUS_CYCLES)
            }
            (0xF3E0 | 0xF3F0, 0x8000) => {
                let destination = second >> 8 & 0xF;
                if destination == 13 || destination == 15 {
                    return Err(Abort::Fault);
                }
                self.r[destination as usize] = self.read_special(register)?;
                Ok(STATUS_CYCLES)
            }
            // DSB, DMB, ISB: every access is complete when its instruction is.
            (0xF3B0, 0x8000) if matches!(second >> 4 & 0xF, 4..=6) => Ok(STATUS_CYCLES),
            _ => Err(Abort::Fault),
        }
    }

    fn read_special(&self, register: u8) -> Result<u32, Abort> {
        let privileged = self.is_privileged();
        let value = match register {
            0..=7 => {
                // Bit 2 leaves the flags out, bit 0 adds the exception number; EPSR reads as 0.
                let flags = if register & 4 == 0 {
                    self.flags.to_psr()
                } else {
                    0
                };
                let exception = if register & 1 != 0 { self.exception } else { 0 };
                flags | exception
            }
            8 if privileged => self.main_stack_pointer(),
            9 if privileged => self.process_stack_pointer(),
            16 if privileged => u32::from(self.primask),
            8 | 9 | 16 => 0,
            20 => self.control(),
            _ => return Err(Abort::Fault),
        };
        Ok(value)
    }

    fn write_special(&mut self, register: u8, value: u32) -> Result<(), Abort> {
        let privileged = self.is_privileged();
        match register {
            0..=3 => self.flags = Flags::from_psr(value),
            4..=7 => {}
            8 | 9 | 16 | 20 if !privileged => {}
            8 => self.set_main_stack_pointer(value),
            9 => self.set_process_stack_pointer(value),
            16 => self.set_primask(value & 1 != 0),
            20 => self.set_control(value),
            _ => return Err(Abort::Fault),
        }
        Ok(())
    }

    pub(crate) fn set_primask(&mut self, primask: bool) {
        self.primask = primask;
        // Nothing else can be taken now that could not before.
        if !primask && self.nvic.has_pending() {
            self.deadline = 0;
        }
    }

    /// CONTROL: nPRIV and SPSEL.
    pub(crate) fn control(&self) -> u32 {
        u32::from(self.process_stack) << 1 | u32::from(self.thread_unprivileged)
    }

    /// Handler mode keeps the main stack.
    pub(crate) fn set_control(&mut self, value: u32) {
        self.thread_unprivileged = value & 1 != 0;
        if self.exception == 0 {
            self.select_process_stack(value & 2 != 0);
        }
    }

    pub(crate) fn main_stack_pointer(&self) -> u32 {
        if self.process_stack {
            self.other_sp
        } else {
            self.r[SP]
        }
    }

    pub(crate) fn process_stack_pointer(&self) -> u32 {
        if self.process_stack {
            self.r[SP]
        } else {
            self.other_sp
        }
    }

    pub(crate) fn set_main_stack_pointer(&mut self, value: u32) {
        *if self.process_stack {
            &mut self.other_sp
        } else {
            &mut self.r[SP]
        } = value & !3;
    }

    pub(crate) fn set_process_stack_pointer(&mut self, value: u32) {
        *if self.process_stack {
            &mut self.r[SP]
        } else {
            &mut self.other_sp
        } = value & !3;
    }
}
