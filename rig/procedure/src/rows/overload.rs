//! The row of the over-current reaction.

use super::reaction::{
    BEFORE, HOLD_S, Longest, conditions, event_u_s, off_ua, settle, stop_anyhow, watch,
};
use super::{RowError, capture, stated};
use crate::chain::Window;
use crate::pen::{Pen, fault_names};
use firmware_units::{Micronewtonmeters, Milliamperes, Nanoseconds};
use firmware_wire::Fault;
use rig_bench::{Actuation, Bench, Shaft};
use rig_measure::{Estimate, Settling, time_above, time_below};
use rig_spec::{Doubt, Evidence, Load, Row};

/// The words of `loads.csv` that this procedure brings about.
const LOAD_NOTE: &str = "to twice the rated current";
/// The brake is set for this much beyond twice the rated current, so that ripple and friction that
/// falls with speed leave the current above it.
const BEYOND: f64 = 1.15;
/// Steps of the brake while its effect is looked for, and where the fixture's brake ends.
const BRAKE_STEP: Micronewtonmeters = Micronewtonmeters(500);
const BRAKE_END: Micronewtonmeters = Micronewtonmeters(12_000);
/// The brake is raised until this share of the limit flows: far enough to extrapolate from, and
/// surely no over-current.
const FAR_ENOUGH: f64 = 0.5;
/// Fewest brake torques to extrapolate from.
const POINTS: usize = 2;
/// At each torque the current settles, then is averaged over some thirty turns.
const BRAKE_SETTLE: Nanoseconds = Nanoseconds::from_millis(300);
const BRAKE_LOOK: Nanoseconds = Nanoseconds::from_millis(250);
/// The current must have passed the limit so long after the brake was set.
const RISE: Nanoseconds = Nanoseconds::from_millis(400);
/// An exceedance counts when it lasts so long: a turn of a cam at 50 strokes/s.
const SUSTAINED_S: f64 = 0.02;

/// SAF-09: the shaft is braked in one step, to more than twice the rated current; from the current
/// passing that limit until it is gone.
///
/// The rig knows no motor: it finds the torque from the currents at lower ones. The magnitude of
/// the current counts, so the pen's own short-circuit braking does, too. A current that never
/// passes the limit, and one that another fault switched off, are no reaction to over-current.
pub(crate) fn reaction<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    load: Option<&Load>,
    rated: Option<Milliamperes>,
) -> Result<Evidence, RowError> {
    let limit_ua = limit_ua(row, load, rated)?;
    let (depth, rate) = conditions(row)?;
    let n = stated(row, "n", row.n)?;
    let off_ua = off_ua(row)?;
    let watch = watch(row)?;
    let certificate = pen.session.chain().current_instrument().certificate.clone();
    let limit_u_ua = certificate.expanded_uncertainty / certificate.coverage_factor;
    let mut torque = None;
    let mut longest = Longest::default();
    let mut interrupted = false;
    for _ in 0..n {
        pen.set(depth, rate)?;
        pen.start()?;
        pen.session.wait(capture::SETTLE)?;
        let torque = match torque {
            Some(torque) => torque,
            None => *torque.insert(overload_torque(pen, limit_ua)?),
        };
        let window = pen.session.chain().open();
        pen.session.wait(BEFORE)?;
        pen.insist_running()?;
        let braked = pen.session.now();
        pen.session
            .actuate(Actuation::Shaft(Shaft::Brake(torque)))?;
        pen.session.wait(RISE + watch)?;
        let window = pen.session.chain().close(window);
        pen.session.actuate(Actuation::Shaft(Shaft::Free))?;
        let window: Window = window?;
        let above = time_above(&window.current, braked, limit_ua, limit_u_ua, SUSTAINED_S)?;
        let above = above.ok_or_else(|| never_above(torque, limit_ua))?;
        interrupted |= above.smallest <= limit_ua;
        let off = time_below(&window.current, braked, off_ua, HOLD_S)?;
        if !longest.take(since(off, &above.begun))? {
            stop_anyhow(pen)?;
            break;
        }
        insist_over_current(pen)?;
        settle(pen)?;
    }
    let event_u_s = event_u_s(pen);
    let evidence = longest.evidence(row, certificate.time_base_ppb, event_u_s)?;
    Ok(if interrupted {
        evidence.in_doubt(Doubt::StimulusNotReached)
    } else {
        evidence
    })
}

/// Twice the rated current, as the load's note says, µA.
fn limit_ua(row: &Row, load: Option<&Load>, rated: Option<Milliamperes>) -> Result<f64, RowError> {
    let note = load.map(|load| load.note.as_str());
    if note != Some(LOAD_NOTE) {
        return Err(RowError::Precondition(format!(
            "{} brakes the shaft {LOAD_NOTE}; its load says `{}`",
            row.id,
            note.unwrap_or_default()
        )));
    }
    let rated = stated(row, "rated motor current", rated)?;
    Ok(2.0 * 1e3 * f64::from(rated.0))
}

fn never_above(torque: Micronewtonmeters, limit_ua: f64) -> RowError {
    RowError::Precondition(format!(
        "the motor current did not stay above {:.3} A at a brake of {torque}",
        limit_ua * 1e-6
    ))
}

/// The brake torque for a current beyond the limit, extrapolated from currents below it; leaves
/// the shaft free and the pen running.
///
/// In steady state, torque is current times a constant less friction, so a straight line is right
/// but for the friction that falls with speed.
fn overload_torque<B: Bench>(
    pen: &mut Pen<'_, B>,
    limit_ua: f64,
) -> Result<Micronewtonmeters, RowError> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut torque = BRAKE_STEP;
    while points.len() < POINTS || points.iter().all(|it| it.1 < FAR_ENOUGH * limit_ua) {
        if torque > BRAKE_END {
            return Err(RowError::Precondition(format!(
                "the brake ends at {BRAKE_END}, and the motor draws too little current there"
            )));
        }
        let current_ua = current_at(pen, torque)?;
        points.push((f64::from(torque.0), current_ua));
        torque = torque + BRAKE_STEP;
    }
    pen.session.actuate(Actuation::Shaft(Shaft::Free))?;
    pen.session.wait(capture::SETTLE)?;
    let n = points.len() as f64;
    let torque_mean = points.iter().map(|it| it.0).sum::<f64>() / n;
    let current_mean = points.iter().map(|it| it.1).sum::<f64>() / n;
    let moment = |of: fn(f64, f64) -> f64| {
        points
            .iter()
            .map(|it| of(it.0 - torque_mean, it.1 - current_mean))
            .sum::<f64>()
    };
    let slope = moment(|torque, current| torque * current) / moment(|torque, _| torque * torque);
    let wanted = torque_mean + (BEYOND * limit_ua - current_mean) / slope;
    if !(slope > 0.0 && wanted > 0.0 && wanted <= f64::from(BRAKE_END.0)) {
        return Err(RowError::Precondition(format!(
            "no brake up to {BRAKE_END} is found to overload the motor"
        )));
    }
    Ok(Micronewtonmeters(libm::round(wanted) as i32))
}

/// Mean motor current with the shaft braked, µA.
fn current_at<B: Bench>(pen: &mut Pen<'_, B>, torque: Micronewtonmeters) -> Result<f64, RowError> {
    pen.session
        .actuate(Actuation::Shaft(Shaft::Brake(torque)))?;
    pen.session.wait(BRAKE_SETTLE)?;
    let window = pen.session.chain().open();
    pen.session.wait(BRAKE_LOOK)?;
    let window = pen.session.chain().close(window)?;
    pen.insist_running()?;
    let means = &window.current.trace().means;
    Ok(means.iter().sum::<f64>() / means.len() as f64)
}

/// A time from the same event, from another beginning on.
fn since(settling: Settling, begun: &Estimate) -> Settling {
    match settling {
        Settling::After(end) => Settling::After(Estimate {
            value: end.value - begun.value,
            u: libm::hypot(end.u, begun.u),
            ..end
        }),
        Settling::NotWithin { observed_s } => Settling::NotWithin {
            observed_s: observed_s - begun.value,
        },
    }
}

/// Insists that the pen calls it over-current: a stall, say, has switched off for another reason.
fn insist_over_current<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    let faults = pen.status()?.faults;
    if faults.contains(Fault::OverCurrent) {
        return Ok(());
    }
    Err(RowError::Precondition(format!(
        "the motor was switched off, but not for over-current: {}",
        fault_names(faults)
    )))
}
