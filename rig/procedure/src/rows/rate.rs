//! Rows of stroke rate: realised mean, variation, and what the pen reports of it.

use super::{Kernel, RowError, capture, evidence, scatter, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Microhertz, Micronewtonmeters, Milliseconds, Nanoseconds};
use firmware_wire::Telemetry;
use rig_bench::{Actuation, Bench, Shaft};
use rig_measure::{
    Budget, Component, Distribution, Estimate, Measured, NotMeasurable, agree_over_strokes,
    edge_period_variation, rate_budget, stroke_rate, tachometer_rate,
};
use rig_spec::{Doubt, Evidence, Row};

/// Telemetry is asked for this often while reported and measured rate are compared.
const TELEMETRY_PERIOD: Milliseconds = Milliseconds(50);
/// First brake torque of the drag, and how it is raised.
const DRAG_START: Micronewtonmeters = Micronewtonmeters(1_500);
const DRAG_STEP: Micronewtonmeters = Micronewtonmeters(150);
/// The fixture's brake goes no further: twice what the motor can give.
const DRAG_END: Micronewtonmeters = Micronewtonmeters(12_000);
/// At each torque the rate settles, then is looked at.
const DRAG_SETTLE: Nanoseconds = Nanoseconds::from_millis(300);
const DRAG_LOOK: Nanoseconds = Nanoseconds::from_millis(250);

/// The window of a row of stroke rate.
pub(crate) fn window<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Window, RowError> {
    let depth = stated(row, "depth_mm", row.depth.one())?;
    let rate = stated(row, "rate_per_s", row.rate.one())?;
    let length = stated(row, "window_s", row.window.one())?;
    capture::time(pen, depth, rate, length)
}

/// Rates of both instruments with their uncertainties, gauge first.
pub(crate) fn both<B: Bench>(
    pen: &mut Pen<'_, B>,
    window: &Window,
) -> Result<(Measured, Measured), RowError> {
    let chain = pen.session.chain();
    let gauge = chain.gauge_instrument();
    let estimate = stroke_rate(&window.gauge, gauge.sample_rate_hz)?.estimate;
    let by_gauge = rate_budget(&estimate, gauge.certificate.time_base_ppb).measured(&estimate);
    Ok((by_gauge, by_tachometer(pen, window)?))
}

/// The gauge's realised mean rate, its own scatter alone, once the tachometer agrees.
pub(crate) fn agreed<B: Bench>(
    pen: &mut Pen<'_, B>,
    window: &Window,
) -> Result<Estimate, RowError> {
    let (by_gauge, by_tachometer) = both(pen, window)?;
    agree_over_strokes(&by_gauge, &by_tachometer, &window.edges)?;
    let sample_rate_hz = pen.session.chain().gauge_instrument().sample_rate_hz;
    Ok(stroke_rate(&window.gauge, sample_rate_hz)?.estimate)
}

fn by_tachometer<B: Bench>(pen: &mut Pen<'_, B>, window: &Window) -> Result<Measured, RowError> {
    let chain = pen.session.chain();
    let estimate = tachometer_rate(&window.edges, chain.fixture().edge_u_ns)?;
    let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
    Ok(rate_budget(&estimate, time_base_ppb).measured(&estimate))
}

/// RAT-01 to RAT-04: the gauge's realised mean rate, once the tachometer agrees.
pub(crate) fn mean<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    window: &Window,
) -> Result<Evidence, RowError> {
    let (by_gauge, by_tachometer) = both(pen, window)?;
    agree_over_strokes(&by_gauge, &by_tachometer, &window.edges)?;
    evidence(row, Kernel::Rate, &by_gauge)
}

/// RAT-06: the largest coefficient of variation of the period among the rates run.
pub(crate) fn variation<'w, B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    windows: impl Iterator<Item = &'w Window>,
) -> Result<Evidence, RowError> {
    let edge_u_ns = pen.session.chain().fixture().edge_u_ns;
    let mut worst: Option<Estimate> = None;
    for window in windows {
        let estimate = edge_period_variation(&window.edges, edge_u_ns)?;
        if worst.is_none_or(|worst| estimate.value > worst.value) {
            worst = Some(estimate);
        }
    }
    let worst = worst.ok_or(NotMeasurable::TooFewEdges {
        needed: 20,
        found: 0,
    })?;
    evidence(row, Kernel::Fraction, &scatter(&worst))
}

/// RAT-08a: the shaft is dragged until the loop no longer holds the rate; then what the pen
/// reports is compared with what the tachometer measures.
pub(crate) fn reported<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let depth = stated(row, "depth_mm", row.depth.one())?;
    let rate = stated(row, "rate_per_s", row.rate.one())?;
    let length = stated(row, "window_s", row.window.one())?;
    let setpoint_hz = f64::from(rate.0) / 60.0;
    pen.set(depth, rate)?;
    pen.start()?;
    pen.session.wait(capture::SETTLE)?;
    let dragged = drag(pen, setpoint_hz)?;
    pen.session.telemetry_every(TELEMETRY_PERIOD)?;
    // The first report may reach back to before the drag.
    pen.session
        .wait(Nanoseconds::from(TELEMETRY_PERIOD) + Nanoseconds::from_millis(60))?;
    pen.session.take_telemetry();
    let window = pen.session.chain().open();
    pen.session.wait(length)?;
    let window = pen.session.chain().close(window);
    let telemetry = pen.session.take_telemetry();
    pen.insist_running()?;
    pen.session.telemetry_every(Milliseconds::ZERO)?;
    pen.session.actuate(Actuation::Shaft(Shaft::Free))?;
    pen.stop()?;
    let measured = by_tachometer(pen, &window?)?;
    enough(&telemetry, length)?;
    let difference = reported_minus_measured(&telemetry, &measured)?;
    let evidence = evidence(row, Kernel::Fraction, &difference)?;
    let reached = dragged && measured.value <= 0.95 * setpoint_hz;
    Ok(if reached {
        evidence
    } else {
        evidence.in_doubt(Doubt::StimulusNotReached)
    })
}

/// Raises the brake until the rate is at most 95 % of the setpoint; false if it never is.
fn drag<B: Bench>(pen: &mut Pen<'_, B>, setpoint_hz: f64) -> Result<bool, RowError> {
    let mut torque = DRAG_START;
    while torque <= DRAG_END {
        pen.session
            .actuate(Actuation::Shaft(Shaft::Brake(torque)))?;
        pen.session.wait(DRAG_SETTLE)?;
        let window = pen.session.chain().open();
        pen.session.wait(DRAG_LOOK)?;
        let window = pen.session.chain().close(window)?;
        // Half a per cent beyond, so that the window itself is surely below.
        if by_tachometer(pen, &window)?.value <= 0.945 * setpoint_hz {
            return Ok(true);
        }
        torque = torque + DRAG_STEP;
    }
    Ok(false)
}

/// Insists that four in five of the reports asked for have come.
fn enough(telemetry: &[(Nanoseconds, Telemetry)], length: Nanoseconds) -> Result<(), RowError> {
    let asked = length.0 / Nanoseconds::from(TELEMETRY_PERIOD).0;
    let came = telemetry.len() as u64;
    if came * 5 >= asked * 4 && came >= 2 {
        return Ok(());
    }
    Err(RowError::Precondition(format!(
        "the pen sent {came} of {asked} telemetry reports"
    )))
}

fn reported_minus_measured(
    telemetry: &[(Nanoseconds, Telemetry)],
    measured: &Measured,
) -> Result<Measured, RowError> {
    let reports: Vec<f64> = telemetry
        .iter()
        .map(|(_, report)| f64::from(report.rate_millihertz) * 1e-3)
        .collect();
    let n = reports.len() as f64;
    let mean = reports.iter().sum::<f64>() / n;
    let variance = reports
        .iter()
        .map(|it| (it - mean) * (it - mean))
        .sum::<f64>()
        / (n - 1.0);
    let value = (mean - measured.value) / measured.value;
    let estimate = Estimate {
        value,
        u: 0.0,
        dof: f64::INFINITY,
        n: reports.len(),
    };
    let line = |name, u: f64, dof, distribution| Component {
        name,
        u,
        sensitivity: 1.0 / measured.value,
        dof,
        distribution,
    };
    let budget = Budget {
        components: vec![
            line(
                "scatter of reports",
                libm::sqrt(variance / n),
                n - 1.0,
                Distribution::TypeA,
            ),
            line(
                "resolution of reports, 0.001 /s",
                1e-3 / libm::sqrt(12.0),
                f64::INFINITY,
                Distribution::Rectangular,
            ),
            line(
                "tachometer",
                measured.uncertainty.u_c,
                measured.uncertainty.nu_eff,
                Distribution::Normal,
            ),
        ],
    };
    Ok(budget.measured(&estimate))
}

/// RAT-08b: the largest rate that the pen reports once it has stopped and parked after STOP.
pub(crate) fn reported_at_rest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
) -> Result<Evidence, RowError> {
    let length = stated(row, "window_s", row.window.one())?;
    pen.start()?;
    pen.session.wait(capture::SETTLE)?;
    pen.insist_running()?;
    pen.session.telemetry_every(TELEMETRY_PERIOD)?;
    pen.stop()?;
    // The first report after the stop reaches back to the last turns before it.
    pen.session
        .wait(Nanoseconds::from(TELEMETRY_PERIOD) + Nanoseconds::from_millis(100))?;
    pen.session.take_telemetry();
    pen.session.wait(length)?;
    let telemetry = pen.session.take_telemetry();
    pen.session.telemetry_every(Milliseconds::ZERO)?;
    enough(&telemetry, length)?;
    let reports = telemetry.iter().map(|(_, report)| report.rate_millihertz);
    let largest = stated(row, "window_s", reports.max())?;
    let rate = Microhertz(i64::from(largest) * 1_000);
    let unit = super::unit_of(row)?.record_unit();
    let measured = rig_spec::Measured::exact(unit, rate.0);
    Ok(Evidence::measured(measured, telemetry.len() as u64))
}
