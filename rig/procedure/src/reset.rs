//! Resetting a running pen, through unmodified probe-rs.

use probe_rs::probe::{DebugProbeError, Probe};

/// Pulls the chip's reset line down and lets it go; the chip runs on from its reset.
///
/// No debug session is opened for it. Attaching to an STM32G0, and detaching from it, switches the
/// clock of its debug block by reading, changing and writing RCC_APBENR1; a chip that boots at that
/// moment sets other bits of the same register, and loses them. Met on the virtual bench: after
/// `Core::reset` and the end of the session, the pen now and then booted with its serial port's
/// clock off.
pub(crate) fn by_line(mut probe: Probe) -> Result<(), DebugProbeError> {
    probe.target_reset_assert()?;
    probe.target_reset_deassert()
}
