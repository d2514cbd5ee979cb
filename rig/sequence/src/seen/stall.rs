//! A shaft that is held gets no current for long.

use super::finding::{Finding, seconds};
use super::{LONGEST_SLICE, Scene, after, before, slices};
use crate::action::ShaftHold;
use crate::violation::Property;
use firmware_units::Nanoseconds;

/// Stall: while the shaft is locked, the motor has no current once the row's limit is over since
/// it was locked under current or, locked at rest, since current first flowed after a START.
///
/// Current that comes again without a new START counts from the first on. Where current begins
/// within a slice, its end is taken, so that up to 10 ms go to the pen.
pub(super) fn stalls(scene: Scene<'_>, finding: &mut Finding) {
    let limits = scene.limits;
    let starts = &scene.orders.starts;
    for span in scene.around.shaft.spans(scene.trace.ended) {
        if *span.value != ShaftHold::Locked {
            continue;
        }
        let mut driven: Option<Nanoseconds> = None;
        let mut counted = false;
        let mut late: Option<(Nanoseconds, Nanoseconds, f64)> = None;
        for (begin, slice) in slices(scene.trace, before(span.from, LONGEST_SLICE), span.to) {
            if slice.until <= span.from {
                continue;
            }
            if starts
                .iter()
                .any(|at| *at > begin && *at <= slice.until && *at > span.from)
            {
                (driven, counted) = (None, false);
            }
            if slice.current_ua.abs() >= limits.no_current_ua {
                let since = *driven.get_or_insert(if begin <= span.from {
                    span.from
                } else {
                    slice.until
                });
                if begin >= after(since, limits.stall.limit) {
                    late.get_or_insert((since, begin, slice.current_ua));
                }
            }
            if let Some(since) = driven
                && !counted
                && slice.until >= after(since, limits.stall.limit)
            {
                finding.judged.stalls += 1;
                counted = true;
            }
        }
        if let Some((since, at, current)) = late {
            let expected = format!(
                "motor current below {:.0} mA within {} of {}, with the shaft locked ({})",
                limits.no_current_ua * 1e-3,
                seconds(limits.stall.limit),
                seconds(since),
                limits.stall.row
            );
            let observed = format!(
                "{:.1} mA after {}",
                current * 1e-3,
                seconds(at.saturating_sub(since))
            );
            finding.violation(scene.around, Property::Stall, at, expected, observed);
        }
    }
}
