//! Ctrl-C while pens are run.

use super::screen;
use std::sync::atomic::{AtomicUsize, Ordering};

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// At the first, says at once what is going on: parking takes a moment. At the second, leaves: the
/// operating system closes the port, and the fixture switches the pen's supply off when it hears
/// nothing more (`rig/bench/INSTRUMENT-STREAM.md`).
pub(crate) fn on_interrupt() {
    match ASKED.fetch_add(1, Ordering::Relaxed) {
        0 => screen::say(
            "penrig: stopping: parking the pen and keeping the record; once more to leave at once, without either",
        ),
        _ => {
            screen::say(
                "penrig: left at once; a fixture switches its pen off when it hears nothing more",
            );
            std::process::exit(130);
        }
    }
}
