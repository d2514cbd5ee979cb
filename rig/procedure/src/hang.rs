//! Hanging the control loop of a running pen, through unmodified probe-rs.

use probe_rs::config::MemoryRegion;
use probe_rs::{Core, MemoryInterface as _, Permissions, Session, probe::Probe};
use std::time::Duration;

/// Two branches to themselves, `b .` in Thumb (ARM DDI 0419 A6.7.10, encoding T2).
const ENDLESS: u32 = 0xE7FE_E7FE;
/// The endless loop lies so far below the stack that no interrupt's frames reach it, bytes.
const BELOW_STACK: u32 = 4_096;
/// Looks for a moment at which the core runs neither an interrupt nor a critical section.
const LOOKS: u32 = 50;
/// A probe halts a core at once; this is for its own time-outs.
const HALT_TIMEOUT: Duration = Duration::from_millis(100);
/// The number of the exception under way, in xPSR; zero in thread mode (ARM DDI 0419 B1.4.2).
const IPSR: u32 = 0x3F;
/// PRIMASK as the debug port shows it, beside CONTROL (ARM DDI 0419 C1.6.4).
const PRIMASK: u32 = 1;

/// The control loop could not be hung.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HangError {
    /// Probe or core did not do as asked.
    #[error("debug probe: {0}")]
    Probe(#[from] probe_rs::Error),
    /// The core is never seen outside interrupts and critical sections.
    #[error("the core ran no interruptible thread code in {LOOKS} looks")]
    NeverInThread,
    /// There is no RAM where the endless loop is to be.
    #[error("no RAM {BELOW_STACK} bytes below the stack pointer {stack_pointer:#010x}")]
    NoRoom {
        /// Where the stack is.
        stack_pointer: u32,
    },
    /// The core is not where it was sent.
    #[error("the core is at {found:#010x}, not in its endless loop at {place:#010x}")]
    NotHung {
        /// Where the loop is.
        place: u32,
        /// Where the core is.
        found: u32,
    },
}

/// A probe attached to a running pen, ready to hang it.
pub(crate) struct Hanger {
    session: Session,
}

impl Hanger {
    /// Attaches to the chip, which runs on.
    pub(crate) fn attach(probe: Probe, chip: &str) -> Result<Self, HangError> {
        let session = probe.attach(chip, Permissions::default())?;
        Ok(Self { session })
    }

    /// Sends the core, found in thread mode, into an endless loop in RAM, lets it go, and detaches.
    ///
    /// Interrupts go on, and so does whatever they do; the loop that they serve does not. So a
    /// watchdog that is fed from an interrupt is not taken in. The control loop stops at some
    /// moment within this call.
    pub(crate) fn hang(mut self) -> Result<(), HangError> {
        let session = &mut self.session;
        let stack_pointer = halt_in_thread(session)?;
        let place = stack_pointer.wrapping_sub(BELOW_STACK) & !3;
        if !is_ram(session, place) {
            session.core(0)?.run()?;
            return Err(HangError::NoRoom { stack_pointer });
        }
        let mut core = session.core(0)?;
        core.write_word_32(u64::from(place), ENDLESS)?;
        core.write_core_reg(core.program_counter(), place)?;
        core.run()?;
        // Whether it stays there is seen by looking again, now and then in the middle of an
        // interrupt; the loop goes on afterwards.
        let mut found = place;
        for _ in 0..LOOKS {
            core.halt(HALT_TIMEOUT)?;
            found = core.read_core_reg(core.program_counter())?;
            core.run()?;
            if found.wrapping_sub(place) <= 2 {
                return Ok(());
            }
        }
        Err(HangError::NotHung { place, found })
    }
}

/// Halts the core where it runs thread code with interrupts open; gives its stack pointer.
fn halt_in_thread(session: &mut Session) -> Result<u32, HangError> {
    let mut core = session.core(0)?;
    for _ in 0..LOOKS {
        core.halt(HALT_TIMEOUT)?;
        if in_thread(&mut core)? {
            return Ok(core.read_core_reg(core.stack_pointer())?);
        }
        core.run()?;
    }
    Err(HangError::NeverInThread)
}

fn in_thread(core: &mut Core<'_>) -> Result<bool, HangError> {
    let registers = core.registers();
    for (register, bits) in [
        (registers.psr(), IPSR),
        (registers.other_by_name("EXTRA"), PRIMASK),
    ] {
        let Some(register) = register else {
            return Ok(false);
        };
        let value: u32 = core.read_core_reg(register)?;
        if value & bits != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_ram(session: &Session, place: u32) -> bool {
    session.target().memory_map.iter().any(
        |region| matches!(region, MemoryRegion::Ram(ram) if ram.range.contains(&u64::from(place))),
    )
}
