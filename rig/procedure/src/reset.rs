//! Resetting a running pen, through unmodified probe-rs.

use probe_rs::{Error, Permissions, Session, probe::Probe};

/// A probe attached to a running pen, ready to reset it.
pub(crate) struct Resetter {
    session: Session,
}

impl Resetter {
    /// Attaches to the chip, which runs on.
    pub(crate) fn attach(probe: Probe, chip: &str) -> Result<Self, Error> {
        let session = probe.attach(chip, Permissions::default())?;
        Ok(Self { session })
    }

    /// Resets the chip, which runs on from its reset, and detaches.
    pub(crate) fn reset(mut self) -> Result<(), Error> {
        self.session.core(0)?.reset()
    }
}
