//! The Cortex-M0+ core: ARMv6-M instructions, exceptions, NVIC, SysTick and SCB. Pure; no dependencies.
//!
//! References are to the ARMv6-M Architecture Reference Manual (ARM DDI 0419) and the Cortex-M0+
//! Technical Reference Manual (ARM DDI 0484).
//! The core owns its registers and the private peripheral bus (0xE000_0000 to 0xE00F_FFFF: SCS
//! with NVIC, SysTick, SCB, debug registers); everything else is the [`Bus`].
//!
//! A caller alternates [`Core::run`] up to its next event with [`Core::set_interrupt_lines`]; while
//! the core sleeps or is halted, [`Core::skip_to`] moves the cycle count.

mod arithmetic;
mod core;
mod debug;
mod decode;
mod exceptions;
mod execute;
mod memory;
mod nvic;
mod ppb;
mod systick;
mod wide;

pub use crate::core::{Core, Gap, Master};

/// Width of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 8 bits.
    Byte,
    /// 16 bits.
    Halfword,
    /// 32 bits.
    Word,
}

/// The bus did not take the access: the core takes a HardFault, the debug port a fault response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusFault;

/// Everything outside the core: flash, RAM, peripherals.
///
/// Addresses are aligned to the width; the core has checked.
/// `now` is the core's cycle count, for peripherals that count time.
pub trait Bus {
    /// Reads; the value is in the low bits.
    ///
    /// # Errors
    /// Nothing answers at the address.
    fn read(&mut self, address: u32, width: Width, now: u64) -> Result<u32, BusFault>;

    /// Writes the low bits of `value`.
    ///
    /// # Errors
    /// Nothing answers at the address, or it is read-only.
    fn write(&mut self, address: u32, width: Width, value: u32, now: u64) -> Result<(), BusFault>;

    /// Fetches one halfword of code.
    ///
    /// # Errors
    /// No code memory at the address.
    fn fetch(&mut self, address: u32) -> Result<u16, BusFault>;

    /// Fetches one halfword of code where that is quick, as [`Bus::fetch`] would; nothing
    /// elsewhere. Asked first, for every instruction.
    #[inline(always)]
    fn fetch_quick(&self, address: u32) -> Option<u16> {
        let _ = address;
        None
    }

    /// State of the 32 interrupt lines, asked for after an access for which
    /// [`Bus::attention`] was set, and by [`Core::set_interrupt_lines`]' callers.
    fn interrupt_lines(&mut self, now: u64) -> u32;

    /// Whether something happened in the last access that the core must look at before the next
    /// instruction: interrupt lines may have changed, or [`Core::run`] should return
    /// [`Stop::Attention`]. Cheap; called after every data access by an instruction at 0x4000_0000
    /// and above, taken or refused, other than to the private peripheral bus.
    fn attention(&mut self) -> Attention;
}

/// What a bus access asks of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Nothing.
    None,
    /// Interrupt lines changed.
    Lines,
    /// Lines may have changed, and the run must return to its caller.
    Return,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The cycle count reached the deadline.
    Deadline,
    /// The core sleeps in WFI or WFE; the count stands at the instruction's end.
    Sleeping,
    /// Halted by debug: breakpoint, step done, vector catch, halt request.
    Halted,
    /// AIRCR.SYSRESETREQ was written; the caller resets chip and core.
    ResetRequested,
    /// Fault in HardFault or NMI: the core is locked up (B1.5.15).
    Lockup,
    /// The bus asked to return.
    Attention,
}
