//! Rows of protrusion: parked, at each depth, spread, notches, and the deepest stroke of the run.

use super::{Kernel, RowError, capture, evidence, scatter, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use rig_bench::{Actuation, Bench, Shaft};
use rig_measure::{
    Contact, Estimate, Measured, NotMeasurable, Zero, minimum_rise, protrusion_budget,
    protrusion_maximum, protrusion_mean, rise_budget, spread,
};
use rig_spec::{Doubt, Evidence, Row};

/// Turns a second at which the fixture turns the shaft of a parked pen.
const TURN_MILLIHERTZ: u32 = 8_000;
/// Strokes of each notch in DEP-13.
const NOTCH_STROKES: usize = 200;
/// Notches of the pen above zero.
const NOTCHES: i32 = 10;

/// The zero taken before anything was measured.
pub(crate) fn zero<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Zero, RowError> {
    let zero = pen.session.chain().zero().copied();
    zero.ok_or_else(|| RowError::Precondition("no zero was taken from the gauge block".to_owned()))
}

fn rate_hz(rate: StrokesPerMinute) -> f64 {
    f64::from(rate.0) / 60.0
}

/// DEP-00a: the fixture turns the shaft of the parked, unpowered cam, so that its top of stroke
/// passes before the gauge; the largest fitted top counts.
pub(crate) fn parked<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let length = stated(row, "window_s", row.window.one())?;
    pen.wait_for_rest()?;
    pen.session.actuate(Actuation::Shaft(Shaft::Turned {
        millihertz: TURN_MILLIHERTZ,
    }))?;
    pen.session.wait(Nanoseconds::from_millis(400))?;
    let window = pen.session.chain().open();
    pen.session.wait(length)?;
    let window = pen.session.chain().close(window);
    pen.session.actuate(Actuation::Shaft(Shaft::Free))?;
    pen.session.wait(Nanoseconds::from_millis(200))?;
    // A pen may take turns that it did not command for a shorted motor switch, and rightly so.
    pen.clear_faults()?;
    let zero = zero(pen)?;
    maximum(pen, row, &window?, &zero, f64::from(TURN_MILLIHERTZ) * 1e-3)
}

/// DEP-00b: the cam runs with the carriage parked.
pub(crate) fn running_at_zero<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
) -> Result<Evidence, RowError> {
    let rate = stated(row, "rate_per_s", row.rate.one())?;
    let n = stated(row, "n", row.n)? as usize;
    let window = capture::strokes(pen, Micrometers::ZERO, rate, n)?;
    let zero = zero(pen)?;
    maximum(pen, row, &window, &zero, rate_hz(rate))
}

fn maximum<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    window: &Window,
    zero: &Zero,
    rate_hz: f64,
) -> Result<Evidence, RowError> {
    let strokes = window.gauge.strokes();
    let maximum = protrusion_maximum(strokes, zero)?;
    let properties = pen.session.chain().gauge_properties();
    let contact = pen.contact(strokes)?;
    let budget = protrusion_budget(&maximum.estimate, zero, &properties, rate_hz, contact);
    let mut evidence = evidence(row, Kernel::Length, &budget.measured(&maximum.estimate))?;
    evidence.n = Some(strokes.len() as u64);
    Ok(evidence)
}

/// The window of a row of mean protrusion.
pub(crate) fn window<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Window, RowError> {
    let depth = stated(row, "depth_mm", row.depth.one())?;
    let rate = stated(row, "rate_per_s", row.rate.one())?;
    let n = stated(row, "n", row.n)? as usize;
    capture::strokes(pen, depth, rate, n)
}

/// DEP-01 to DEP-06: mean of the fitted tops.
pub(crate) fn mean<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    window: &Window,
) -> Result<Evidence, RowError> {
    evidence(row, Kernel::Length, &mean_value(pen, row, window)?)
}

/// The mean protrusion of a window with its budget.
pub(crate) fn mean_value<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    window: &Window,
) -> Result<Measured, RowError> {
    let rate = stated(row, "rate_per_s", row.rate.one())?;
    mean_value_at(pen, rate, window)
}

/// The mean protrusion of a window at a rate that no row states.
pub(crate) fn mean_value_at<B: Bench>(
    pen: &mut Pen<'_, B>,
    rate: StrokesPerMinute,
    window: &Window,
) -> Result<Measured, RowError> {
    let zero = zero(pen)?;
    let estimate = protrusion_mean(window.gauge.strokes(), &zero)?;
    let properties = pen.session.chain().gauge_properties();
    let contact = pen.contact(window.gauge.strokes())?;
    let budget = protrusion_budget(&estimate, &zero, &properties, rate_hz(rate), contact);
    Ok(budget.measured(&estimate))
}

/// DEP-07: spread of the tops, the gauge's noise taken out.
pub(crate) fn spread_of(row: &Row, window: &Window) -> Result<Evidence, RowError> {
    evidence(
        row,
        Kernel::Length,
        &scatter(&spread(window.gauge.strokes())?),
    )
}

/// DEP-13: each of the ten notches at rate, and the smallest rise from one to the next.
pub(crate) fn notches<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let rate = stated(row, "rate_per_s", row.rate.one())?;
    let zero = zero(pen)?;
    let mut means: Vec<Estimate> = Vec::new();
    let mut contacts: Vec<Contact> = Vec::new();
    for notch in 1..=NOTCHES {
        let depth = Micrometers(notch * super::link::NOTCH.0);
        let window = capture::strokes(pen, depth, rate, NOTCH_STROKES)?;
        means.push(protrusion_mean(window.gauge.strokes(), &zero)?);
        contacts.push(pen.contact(window.gauge.strokes())?);
    }
    let rise = minimum_rise(&means)?;
    let properties = pen.session.chain().gauge_properties();
    let contact = (contacts[rise.index], contacts[rise.index + 1]);
    let measured = rise_budget(&rise.estimate, &properties, contact).measured(&rise.estimate);
    let mut evidence = evidence(row, Kernel::Length, &measured)?;
    evidence.n = Some(means.len() as u64 - 1);
    Ok(evidence)
}

/// DEP-09-U: the deepest stroke of the whole run against the ceiling in force when it was made.
pub(crate) fn deepest<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let zero = zero(pen)?;
    let Some((deepest, n)) = pen.session.chain().deepest() else {
        return Err(NotMeasurable::TooFewStrokes {
            needed: 1,
            found: 0,
        }
        .into());
    };
    let estimate = |value: f64| Estimate {
        value,
        u: deepest.fit_u_nm,
        dof: f64::INFINITY,
        n: 1,
    };
    let properties = pen.session.chain().gauge_properties();
    let fastest_hz = 150.0;
    let budget = protrusion_budget(
        &estimate(deepest.protrusion_nm),
        &zero,
        &properties,
        fastest_hz,
        pen.contact_of_the_run(&[deepest.stroke])?,
    );
    let measured = budget.measured(&estimate(deepest.excess_nm));
    let mut evidence = evidence(row, Kernel::Length, &measured)?;
    evidence.n = Some(n);
    Ok(if pen.session.chain().saw_everything() {
        evidence
    } else {
        evidence.in_doubt(Doubt::OutOfRange)
    })
}
