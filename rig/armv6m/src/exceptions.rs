//! Exception entry, return, faults, lockup and sleep (B1.5).

use crate::arithmetic::Flags;
use crate::core::{Core, LOCKUP_PC, LR, PC, SP, Sleep};
use crate::debug::HaltReason;
use crate::memory::Abort;
use crate::nvic::{HARD_FAULT, LOWEST, MASKABLE, NMI};
use crate::ppb::{SEVONPEND, SLEEPONEXIT};
use crate::{Bus, BusFault, Width};

/// From the instruction boundary to the handler's first instruction, memory without wait states
/// (Cortex-M0+ TRM, 3.8).
const ENTRY_CYCLES: u64 = 15;

/// Unstacking on return, beyond the instruction that returns. The manual gives no figure: eight
/// words and the refill of the pipeline.
const RETURN_CYCLES: u64 = 10;

/// From one handler to the next without unstacking and stacking. The manual gives no figure: the
/// vector's read and the refill of the pipeline.
const TAIL_CHAIN_CYCLES: u64 = 6;

/// Bytes of a stack frame: r0-r3, r12, lr, return address, xPSR.
const FRAME_BYTES: u32 = 0x20;

/// EXC_RETURN values (B1.5.8).
const TO_HANDLER: u32 = 0xFFFF_FFF1;
const TO_THREAD_MAIN: u32 = 0xFFFF_FFF9;
const TO_THREAD_PROCESS: u32 = 0xFFFF_FFFD;

const EPSR_T: u32 = 1 << 24;
const FRAME_REALIGNED: u32 = 1 << 9;
const IPSR: u32 = 0x3F;

impl Core {
    /// xPSR: flags in bits 31 to 28, T in bit 24, exception number in bits 5 to 0 (B1.4.2).
    pub fn xpsr(&self) -> u32 {
        self.flags.to_psr() | if self.thumb { EPSR_T } else { 0 } | self.exception
    }

    /// Sets flags and T from an xPSR value.
    pub(crate) fn set_apsr_and_epsr(&mut self, xpsr: u32) {
        self.flags = Flags::from_psr(xpsr);
        self.thumb = xpsr & EPSR_T != 0;
        self.deadline = 0;
    }

    /// Makes exceptions pending, with the event that SCR.SEVONPEND asks for.
    pub(crate) fn pend(&mut self, exceptions: u64) {
        let new = self.nvic.pend(exceptions);
        if new != 0 && self.system_control & SEVONPEND != 0 {
            self.event = true;
        }
        self.deadline = 0;
    }

    /// Selects the stack pointer that r13 is.
    pub(crate) fn select_process_stack(&mut self, process_stack: bool) {
        if self.process_stack != process_stack {
            std::mem::swap(&mut self.r[SP], &mut self.other_sp);
            self.process_stack = process_stack;
        }
    }

    /// Priority at which the core executes (B1.5.4).
    pub(crate) fn execution_priority(&self) -> i32 {
        let boosted = if self.primask { 0 } else { LOWEST };
        self.nvic.active_priority().min(boosted)
    }

    /// The pending exception that is to be taken before the next instruction.
    pub(crate) fn preempting_exception(&self) -> Option<u32> {
        self.exception_above(self.execution_priority())
    }

    fn exception_above(&self, priority: i32) -> Option<u32> {
        if !self.nvic.has_pending() {
            return None;
        }
        let allowed = if self.debug.masks_interrupts() {
            !MASKABLE
        } else {
            !0
        };
        self.nvic
            .first_pending(allowed)
            .filter(|it| self.nvic.priority(*it) < priority)
    }

    /// Goes to sleep in WFI or on exit, unless there is something to wake for.
    pub(crate) fn sleep_for_interrupt(&mut self) {
        self.sleep = Sleep::ForInterrupt;
        self.deadline = 0;
    }

    /// Goes to sleep in WFE, unless an event is registered.
    pub(crate) fn sleep_for_event(&mut self) {
        if !std::mem::take(&mut self.event) {
            self.sleep = Sleep::ForEvent;
            self.deadline = 0;
        }
    }

    /// Ends sleep if there is a reason to (B1.5.18, B1.5.19).
    pub(crate) fn wake(&mut self) -> bool {
        let woken = match self.sleep {
            Sleep::Awake => true,
            // PRIMASK holds the handler back, not the wake-up.
            Sleep::ForInterrupt => self.exception_above(self.nvic.active_priority()).is_some(),
            Sleep::ForEvent => {
                std::mem::take(&mut self.event) || self.preempting_exception().is_some()
            }
        };
        if woken {
            self.sleep = Sleep::Awake;
        }
        woken
    }

    /// Stacks the state and starts the handler of `exception` (B1.5.6).
    pub(crate) fn enter_exception<B: Bus>(
        &mut self,
        bus: &mut B,
        exception: u32,
        return_address: u32,
    ) {
        let exc_return = match (self.exception, self.process_stack) {
            (0, false) => TO_THREAD_MAIN,
            (0, true) => TO_THREAD_PROCESS,
            _ => TO_HANDLER,
        };
        let stacked = self.stack_frame(bus, return_address);
        self.cycles += ENTRY_CYCLES;
        match (stacked, exception) {
            // A stack that cannot be written does not keep HardFault's own handler from running.
            (Ok(()), _) | (Err(_), HARD_FAULT) => self.start_handler(bus, exception, exc_return),
            (Err(_), NMI) => {
                self.pend(1 << HARD_FAULT);
                self.start_handler(bus, NMI, exc_return);
            }
            // HardFault arrives late; the exception stays pending.
            (Err(_), _) => self.start_handler(bus, HARD_FAULT, exc_return),
        }
    }

    fn stack_frame<B: Bus>(&mut self, bus: &mut B, return_address: u32) -> Result<(), BusFault> {
        let sp = self.r[SP];
        let realigned = sp & 4 != 0;
        let frame = sp.wrapping_sub(FRAME_BYTES) & !7;
        self.r[SP] = frame;
        let xpsr = self.xpsr() | if realigned { FRAME_REALIGNED } else { 0 };
        let r = &self.r;
        let words = [r[0], r[1], r[2], r[3], r[12], r[LR], return_address, xpsr];
        let mut address = frame;
        let mut stacked = Ok(());
        for word in words {
            stacked = stacked.and(bus.write(address, Width::Word, word, self.cycles));
            address = address.wrapping_add(4);
        }
        stacked
    }

    /// Enters handler mode at the exception's vector, the frame being on the stack.
    fn start_handler<B: Bus>(&mut self, bus: &mut B, exception: u32, exc_return: u32) {
        self.select_process_stack(false);
        self.event = true;
        let mut exception = exception;
        let vector = loop {
            let address = self.vector_table.wrapping_add(4 * exception);
            match bus.read(address, Width::Word, self.cycles) {
                Ok(vector) => break Some(vector),
                Err(_) if exception <= HARD_FAULT => break None,
                Err(_) => exception = HARD_FAULT,
            }
        };
        self.nvic.activate(exception);
        self.exception = exception;
        self.r[LR] = exc_return;
        match vector {
            Some(vector) => self.branch_interworking(vector),
            None => self.lock_up(),
        }
        self.deadline = 0;
        if exception == HARD_FAULT && self.debug.catches_hard_fault() {
            self.halt(HaltReason::VectorCatch);
        }
    }

    /// Takes a HardFault for the instruction at `pc`, or locks up where HardFault cannot be taken.
    #[cold]
    pub(crate) fn fault<B: Bus>(&mut self, bus: &mut B, pc: u32) {
        if self.execution_priority() <= -1 {
            self.lock_up();
        } else {
            self.enter_exception(bus, HARD_FAULT, pc);
        }
    }

    /// Stops executing until reset, halt or, out of HardFault, NMI (B1.5.15).
    pub(crate) fn lock_up(&mut self) {
        if self.exception != NMI {
            self.nvic.activate(HARD_FAULT);
            self.exception = HARD_FAULT;
            self.select_process_stack(false);
        }
        self.r[PC] = LOCKUP_PC;
        self.locked_up = true;
        self.deadline = 0;
    }

    /// Leaves lockup if an NMI can be taken.
    pub(crate) fn leave_lockup(&mut self) -> bool {
        if self.preempting_exception() == Some(NMI) {
            self.locked_up = false;
        }
        !self.locked_up
    }

    /// Returns from the handler by the EXC_RETURN value that was written to the program counter
    /// (B1.5.8).
    ///
    /// A return that the manual calls unpredictable is a HardFault here.
    pub(crate) fn return_from_exception<B: Bus>(
        &mut self,
        bus: &mut B,
        exc_return: u32,
    ) -> Result<(), Abort> {
        let is_nested = self.nvic.n_active() > 1;
        let is_consistent = match exc_return {
            TO_HANDLER => is_nested,
            TO_THREAD_MAIN | TO_THREAD_PROCESS => !is_nested,
            _ => false,
        };
        if !is_consistent || !self.nvic.is_active(self.exception) {
            return Err(Abort::Fault);
        }
        let again = self.nvic.deactivate(self.exception);
        self.pend(again);
        if let Some(next) = self.preempting_exception() {
            // Tail-chaining: the frame stays for the next handler.
            self.cycles += TAIL_CHAIN_CYCLES;
            self.start_handler(bus, next, exc_return);
            return Ok(());
        }
        self.cycles += RETURN_CYCLES;
        self.select_process_stack(exc_return == TO_THREAD_PROCESS);
        match self.read_frame(bus) {
            Err(_) if !self.process_stack => self.lock_up(),
            Err(_) => self.start_handler(bus, HARD_FAULT, exc_return),
            Ok(frame) if (frame[7] & IPSR != 0) != (exc_return == TO_HANDLER) => {
                self.start_handler(bus, HARD_FAULT, exc_return);
            }
            Ok(frame) => self.unstack(frame),
        }
        Ok(())
    }

    fn read_frame<B: Bus>(&mut self, bus: &mut B) -> Result<[u32; 8], BusFault> {
        let mut frame = [0; 8];
        let mut address = self.r[SP];
        for word in &mut frame {
            *word = bus.read(address, Width::Word, self.cycles)?;
            address = address.wrapping_add(4);
        }
        Ok(frame)
    }

    fn unstack(&mut self, frame: [u32; 8]) {
        let [r0, r1, r2, r3, r12, lr, return_address, xpsr] = frame;
        self.r[..4].copy_from_slice(&[r0, r1, r2, r3]);
        self.r[12] = r12;
        self.r[LR] = lr;
        self.r[PC] = return_address & !1;
        let realigned = if xpsr & FRAME_REALIGNED != 0 { 4 } else { 0 };
        self.r[SP] = self.r[SP].wrapping_add(FRAME_BYTES) | realigned;
        self.set_apsr_and_epsr(xpsr);
        self.exception = xpsr & IPSR;
        self.event = true;
        if self.exception == 0 && self.system_control & SLEEPONEXIT != 0 {
            self.sleep_for_interrupt();
        }
    }
}
