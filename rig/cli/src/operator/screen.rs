//! The terminal that bars are drawn on, for those who have something to say above them.

use super::banner::Paint;
use crate::print_error;
use indicatif::MultiProgress;
use std::sync::{Mutex, PoisonError};

/// The bars that are on the terminal now.
static BARS: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// Bars are drawn from now on, or no longer.
pub(crate) fn attach(bars: Option<&MultiProgress>) {
    *BARS.lock().unwrap_or_else(PoisonError::into_inner) = bars.cloned();
}

/// Says something on stderr, above the bars if there are any.
pub(crate) fn say(text: &str) {
    let bars = BARS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bars {
        // A terminal that went away hears nothing.
        Some(bars) => drop(bars.println(text)),
        None => print_error(text),
    }
}

/// How stderr is painted: NO_COLOR, CLICOLOR and a dumb terminal are heeded.
pub(crate) fn paint() -> Paint {
    if console::colors_enabled_stderr() {
        Paint::Colour
    } else {
        Paint::Plain
    }
}

/// Columns of the terminal at stderr.
pub(crate) fn columns() -> usize {
    let size = console::Term::stderr().size_checked();
    size.map_or(80, |(_, columns)| usize::from(columns))
}
