//! Programs that exercise an ARMv6-M core, and the traces that a reference gave for them.
//!
//! A [`Program`] is a flash image made from a fixed seed; it runs on a Cortex-M0 with 256 KiB of
//! flash at 0 and 16 KiB of RAM at 0x2000_0000, uses no peripheral beyond the private bus, and
//! ends with a BKPT.
//! Its trace is the [`State`] before each instruction.
//! `cargo xtask traces` captures traces from QEMU and keeps them as [`Golden`] files;
//! [`Replay`] runs a program on `rig-armv6m`.
//! The last instructions of a program read all of RAM, so that what was stored is in the trace
//! too.
//!
//! Sections are those of the ARMv6-M Architecture Reference Manual (ARM DDI 0419).
//!
//! # Left out
//!
//! What the manual calls UNPREDICTABLE or UNKNOWN, since any result is right: empty register lists
//! (A6.7); STM with the base in the list and not its lowest
//! (A6.7); CMP of two low registers in its second encoding, or with r15 (A6.7); ADD of r15
//! to r15 (A6.7); BX and BLX of r15 (A6.7); other than zero where the encoding has
//! SBZ bits; CPS of other bits than PRIMASK (B4.2); MSR and MRS of r13, r15 or of special
//! registers that ARMv6-M lacks (B4.2); an exception return with bit 0 of the stacked
//! address set (B1.5.8).
//! What depends on the chip, not on the core: stores to flash, SysTick's counter, identification
//! registers, peripherals.
//! What QEMU 7.2 does otherwise than the manual, or not at all:
//! it executes CBZ, CBNZ and SETEND, which ARMv6-M leaves undefined (A5.2);
//! MSR of APSR writes a Q flag, which ARMv6-M does not have (B1.4.2);
//! the reserved bytes of SHPR2 and SHPR3 can be written (B3.2);
//! a branch to 0xFF00_0000 and above executes what it reads there (B3.1: execute never);
//! an interrupt that the program itself makes pending may be taken an instruction late, so that
//! programs do it behind PRIMASK;
//! WFI and WFE have no time to pass, and lockup ends the emulation.
//! After an SVC that escalates to HardFault, QEMU's frame holds the next instruction's address, and
//! `rig-armv6m`'s that of the SVC; no program looks.

mod assembly;
mod board;
mod edges;
mod golden;
mod handlers;
mod mixed;
mod program;
mod random;
mod replay;
mod state;
mod systems;

pub use board::Board;
pub use golden::{Defect, Golden, Mismatch};
pub use program::{PROGRAMS, Program};
pub use replay::{Outcome, Replay, run_at_once};
pub use state::State;
