//! Ctrl-C.

use crate::Failure;
use anyhow::Context as _;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by the first interrupt.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Watches for interrupts from now on; `also` is done at each.
pub(crate) fn watch(mut also: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    ctrlc::set_handler(move || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        also();
    })
    .context("cannot watch for interrupts")
    .map_err(Failure::Rig)
}

/// Whether there was one.
pub(crate) fn is_set() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// As if there had been one: the person at the terminal asked to end.
pub(crate) fn set() {
    INTERRUPTED.store(true, Ordering::Relaxed);
}
