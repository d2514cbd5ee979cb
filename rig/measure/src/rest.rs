//! How long after an event a signal came to rest, fell below a threshold or rose above one.

use crate::trace::BLOCK_S;
use crate::{Capture, Estimate, NotMeasurable};
use firmware_units::Nanoseconds;

/// How a signal settled after an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Settling {
    /// It settled and stayed so to the end of the capture; the estimate is in seconds.
    After(Estimate),
    /// It had not settled, or not for long enough to believe it, when the capture ended.
    NotWithin {
        /// Seconds from the event to the end of the capture.
        observed_s: f64,
    },
}

/// A short mean further from the level of rest than this many standard deviations is motion.
/// In an hour of means, noise does that once in a hundred thousand.
const MOTION_SIGMAS: f64 = 7.0;

/// Time in seconds from an event until the needles rest with an indication of at most
/// `threshold_nm`, and stay so to the end of the capture, for at least `hold_s`.
///
/// The level of rest is the mean over the last `hold_s` of the capture. The value is the end of
/// the last 1 ms block that is above the threshold or further from that level than seven times
/// the noise of a mean (16 µm at 10 µm noise and 20 kS/s): later than the truth by up to a block,
/// earlier by what the last 16 µm took. `u` is the sum of both over √3, the speed taken from
/// that block to the next.
/// Means of whole blocks have no delay. A target at rest before the event gives zero.
///
/// # Errors
/// [`NotMeasurable::EventOutside`], or [`NotMeasurable::WindowTooShort`] if less than `hold_s`
/// follows the event.
pub fn time_to_rest(
    capture: &Capture,
    event: Nanoseconds,
    threshold_nm: f64,
    hold_s: f64,
) -> Result<Settling, NotMeasurable> {
    let trace = capture.trace();
    let hold_blocks = (libm::ceil(hold_s / BLOCK_S).max(1.0) as usize).min(trace.means.len());
    let tail = &trace.means[trace.means.len() - hold_blocks..];
    let rest = tail.iter().sum::<f64>() / tail.len() as f64;
    let tolerance = MOTION_SIGMAS * trace.noise;
    if rest > threshold_nm {
        // It may be still, but the needles are out.
        return settling(capture, event, hold_s, 0.0, |_| true);
    }
    settling(capture, event, hold_s, tolerance, |mean| {
        // Noise about a level at the threshold itself is not taken for needles coming out.
        (mean - rest).abs() > tolerance || mean > threshold_nm + tolerance
    })
}

/// Time in seconds from an event until the magnitude of a current is at most `threshold_ua`, and
/// stays so to the end of the capture, for at least `hold_s`.
///
/// The current is low-pass filtered by means over 1 ms before its magnitude is taken, so that a
/// motor's switching does not count. The value is the end of the last block above the threshold,
/// `u` a block's length over √3.
///
/// # Errors
/// As [`time_to_rest`].
pub fn time_below(
    capture: &Capture,
    event: Nanoseconds,
    threshold_ua: f64,
    hold_s: f64,
) -> Result<Settling, NotMeasurable> {
    settling(capture, event, hold_s, 0.0, |mean| {
        mean.abs() > threshold_ua
    })
}

/// A sustained exceedance of a threshold by a current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exceedance {
    /// Seconds from the event to its beginning.
    pub begun: Estimate,
    /// Smallest mean over the time that counts as sustained, from its beginning to the last such
    /// stretch whose end is still above the threshold; below the threshold, it was interrupted.
    pub smallest: f64,
}

/// The first sustained exceedance of a threshold by the magnitude of a current, after an event;
/// nothing if there is none.
///
/// Sustained is an exceedance by every mean over 1 ms for `sustained_s`. It begins with its first
/// block: earlier than the truth by up to a block. `u` is a block's length over √3, and what
/// `threshold_u_ua`, the standard uncertainty of an indication at the threshold, makes of it at
/// the rise from the block before to that block.
///
/// # Errors
/// [`NotMeasurable::EventOutside`].
pub fn time_above(
    capture: &Capture,
    event: Nanoseconds,
    threshold_ua: f64,
    threshold_u_ua: f64,
    sustained_s: f64,
) -> Result<Option<Exceedance>, NotMeasurable> {
    let (trace, clock) = (capture.trace(), capture.clock());
    let since_event = |block: usize| clock.seconds_since(event, trace.start_of(block));
    let (before_s, after_s) = (since_event(0), since_event(trace.means.len()));
    if before_s > 0.0 || after_s < 0.0 {
        return Err(NotMeasurable::EventOutside { before_s });
    }
    let length = libm::ceil(sustained_s / BLOCK_S).max(1.0) as usize;
    let is_above = |mean: &f64| mean.abs() > threshold_ua;
    let found = trace
        .means
        .windows(length)
        .enumerate()
        .filter(|(block, _)| since_event(*block) >= 0.0)
        .find(|(_, means)| means.iter().all(is_above));
    let Some((first, means)) = found else {
        return Ok(None);
    };
    let block_s = f64::from(trace.block_len) * clock.sample_s;
    let before = first.checked_sub(1).map_or(means[0], |it| trace.means[it]);
    let rise_per_s = (means[0].abs() - before.abs()).max(trace.noise) / block_s;
    let begun = Estimate {
        value: since_event(first),
        u: libm::hypot(block_s / libm::sqrt(3.0), threshold_u_ua / rise_per_s),
        dof: f64::INFINITY,
        n: trace.means.len(),
    };
    let smallest = trace.means[first..]
        .windows(length)
        .rev()
        .skip_while(|means| !means.last().is_some_and(is_above))
        .map(|means| means.iter().map(|it| it.abs()).sum::<f64>() / length as f64)
        .fold(f64::INFINITY, f64::min);
    Ok(Some(Exceedance {
        begun: begun.finite()?,
        smallest,
    }))
}

/// Seconds from the event to the end of the last block after it that is `unsettled`, where a
/// `tolerance` about the final level passes for settled.
fn settling(
    capture: &Capture,
    event: Nanoseconds,
    hold_s: f64,
    tolerance: f64,
    unsettled: impl Fn(f64) -> bool,
) -> Result<Settling, NotMeasurable> {
    let (trace, clock) = (capture.trace(), capture.clock());
    let since_event = |block: usize| clock.seconds_since(event, trace.start_of(block));
    let end = trace.means.len();
    let before_s = since_event(0);
    let observed_s = since_event(end);
    if before_s > 0.0 || observed_s < 0.0 {
        return Err(NotMeasurable::EventOutside { before_s });
    }
    if observed_s < hold_s {
        return Err(NotMeasurable::WindowTooShort {
            needed_s: hold_s,
            observed_s,
        });
    }
    // A NaN never settles.
    let last = trace
        .means
        .iter()
        .rposition(|mean| mean.is_nan() || unsettled(*mean));
    let settled_s = last.map_or(0.0, |block| since_event(block + 1).max(0.0));
    if observed_s - settled_s < hold_s {
        return Ok(Settling::NotWithin { observed_s });
    }
    let blocks = last.map_or(1.0, |last| {
        let next = trace.means.get(last + 1).unwrap_or(&trace.means[last]);
        1.0 + tolerance / (trace.means[last] - next).abs().max(trace.noise)
    });
    let u = blocks * f64::from(trace.block_len) * clock.sample_s / libm::sqrt(3.0);
    let estimate = Estimate {
        value: settled_s,
        u,
        dof: f64::INFINITY,
        n: end,
    };
    Ok(Settling::After(estimate.finite()?))
}
