//! How long after an event a signal came to rest or fell below a threshold.

use crate::{Capture, Estimate, NotMeasurable};
use firmware_units::Nanoseconds;

/// How a signal settled after an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Settling {
    /// It settled and stayed so to the end of the capture; the estimate is in seconds.
    After(Estimate),
    /// It had not settled when the capture ended.
    NotWithin {
        /// Seconds from the event to the end of the capture.
        observed_s: f64,
    },
}

/// Time from an event until the needles rest with an indication of at most `threshold_nm`, and
/// stay so for at least `hold_s` to the end of the capture.
///
/// # Errors
/// [`NotMeasurable::WindowTooShort`] if the capture does not hold the event.
pub fn time_to_rest(
    capture: &Capture,
    event: Nanoseconds,
    threshold_nm: f64,
    hold_s: f64,
) -> Result<Settling, NotMeasurable> {
    let _ = (capture, event, threshold_nm, hold_s);
    unimplemented!()
}

/// Time from an event until the magnitude of a current is at most `threshold_ua`, and stays so
/// for at least `hold_s` to the end of the capture.
///
/// # Errors
/// As [`time_to_rest`].
pub fn time_below(
    capture: &Capture,
    event: Nanoseconds,
    threshold_ua: f64,
    hold_s: f64,
) -> Result<Settling, NotMeasurable> {
    let _ = (capture, event, threshold_ua, hold_s);
    unimplemented!()
}
