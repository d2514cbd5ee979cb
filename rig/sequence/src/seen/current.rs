//! An overloaded motor is switched off, and none is driven untried.

use super::finding::{Finding, seconds};
use super::{LONGEST_SLICE, Scene, after, before, slices};
use crate::violation::Property;
use firmware_units::Nanoseconds;

/// A current counts as beyond its limit from here on, as a share of it: the pen's own converter and
/// the probe's gain may differ by less.
const BEYOND: f64 = 1.02;
/// Before a motor is driven, 10 ms pass in which neither current nor turn may come (firmware/core,
/// fault table, uncommanded motion); less 2 % for the pen's oscillator. START is older than that.
const TRIED: Nanoseconds = Nanoseconds(9_800_000);

/// Overload: no motor current beyond its limit for longer than the row's time.
///
/// A stretch of slices counts from the end of its first to the beginning of its last, so that up to
/// 20 ms go to the pen.
pub(super) fn overload(scene: Scene<'_>, finding: &mut Finding) {
    let reaction = &scene.limits.overload;
    let Some(limit_ua) = scene.limits.overload_ua else {
        return;
    };
    let mut since: Option<Nanoseconds> = None;
    let mut counted = false;
    for (begin, slice) in slices(scene.trace, Nanoseconds::ZERO, scene.trace.ended) {
        if slice.current_ua.abs() < BEYOND * limit_ua {
            (since, counted) = (None, false);
            continue;
        }
        if since.is_none() {
            finding.judged.overloads += 1;
        }
        let since = *since.get_or_insert(slice.until);
        if counted || begin < after(since, reaction.limit) {
            continue;
        }
        counted = true;
        let expected = format!(
            "motor current beyond {:.1} A for {} at most ({})",
            limit_ua * 1e-6,
            seconds(reaction.limit),
            reaction.row
        );
        let observed = format!(
            "{:.2} A at {}, beyond it since {}",
            slice.current_ua * 1e-6,
            seconds(begin),
            seconds(since)
        );
        finding.violation(scene.around, Property::Stall, begin, expected, observed);
    }
}

/// A motor is tried before it is driven: after START nothing flows for a while.
pub(super) fn untried(scene: Scene<'_>, finding: &mut Finding) {
    for start in &scene.orders.starts {
        let until = after(*start, TRIED);
        for (begin, slice) in slices(scene.trace, before(*start, LONGEST_SLICE), until) {
            let still = slice.current_ua.abs() < scene.limits.no_current_ua;
            if still || slice.until <= *start {
                continue;
            }
            let expected = format!(
                "no motor current from START at {} to {}, in which the drive is tried",
                seconds(*start),
                seconds(until)
            );
            let observed = format!(
                "{:.1} mA from {} to {}",
                slice.current_ua * 1e-3,
                seconds(begin),
                seconds(slice.until)
            );
            finding.violation(scene.around, Property::Motion, begin, expected, observed);
        }
    }
}
