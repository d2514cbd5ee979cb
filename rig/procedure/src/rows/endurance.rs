//! Rows of the hour's treatment, from what was kept of it; and the run time on one charge.

use super::hour::{Hour, Minute, clear_anyhow, is_running};
use super::reaction::{conditions, event_u_s};
use super::words::number_after;
use super::{Kernel, RowError, evidence, stated, unit_of};
use crate::pen::{Pen, fault_names};
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, Request};
use rig_bench::{Bench, Certificate, Instrument};
use rig_measure::{
    Budget, Component, Distribution, Estimate, GaugeProperties, NotMeasurable, duration_budget,
    relative_difference, rise_budget,
};
use rig_spec::{
    Bound, Doubt, Evidence, Finding, Load, Measured, Row, RowInstrument, Tolerance, Unit, Verdict,
};

/// A run on one charge is looked at in stretches of this length.
const LOOK: Nanoseconds = Nanoseconds::from_seconds(5);

/// END-01: last minus first window over the first, and how many windows the rate row holds in.
///
/// A window outside the limits fails the row however the treatment ended; a treatment that ended
/// early and failed in none is no evidence. A window that is neither in nor out for sure leaves the
/// row in doubt.
pub(crate) fn rate_drift(
    hour: &Hour,
    row: &Row,
    rate_row: &Row,
    time_base_ppb: u32,
) -> Result<Evidence, RowError> {
    let (mut held, mut of, mut unsure) = (0, 0, false);
    let mut fails = false;
    for minute in &hour.minutes {
        let of_minute = evidence(rate_row, Kernel::Rate, &minute.rate)?;
        let decision = rate_row
            .judge(&of_minute)
            .map_err(|error| RowError::Precondition(format!("{}: {error}", rate_row.id)))?;
        of += 1;
        match decision.verdict {
            Verdict::Pass => held += 1,
            Verdict::Inconclusive => unsure = true,
            Verdict::Fail => fails = true,
        }
    }
    if !fails {
        hour.insist_whole()?;
    }
    let (first, last) = ends(&hour.minutes)?;
    let drift = relative_difference(&scatter_of(&last.rate), &scatter_of(&first.rate))?;
    let time_base = |name| {
        let half_width = f64::from(time_base_ppb) * 1e-9;
        Component::limit(name, half_width, Distribution::Rectangular)
    };
    // One clock, and how it drifted in an hour is not known: its whole error, twice.
    let budget = Budget {
        components: vec![
            Component::scatter("timing of the strokes", &drift),
            time_base("time base, first window"),
            time_base("time base, last window"),
        ],
    };
    let mut evidence = evidence(row, Kernel::Fraction, &budget.measured(&drift))?;
    evidence.n = Some(u64::from(of));
    evidence.findings.push(Finding::RowHeld {
        row: rate_row.id.clone(),
        held,
        of,
    });
    Ok(if unsure && !fails {
        evidence.in_doubt(Doubt::FindingUncertain)
    } else {
        evidence
    })
}

/// END-02: mean protrusion of the last window minus that of the first.
pub(crate) fn depth_drift(
    hour: &Hour,
    row: &Row,
    gauge: &GaugeProperties,
) -> Result<Evidence, RowError> {
    hour.insist_whole()?;
    let (first, last) = ends(&hour.minutes)?;
    let ((first, first_contact), (last, last_contact)) = (first.protrusion?, last.protrusion?);
    let drift = Estimate {
        value: last.value - first.value,
        u: libm::hypot(last.u, first.u),
        dof: last.dof.min(first.dof),
        n: last.n.min(first.n),
    };
    let contact = (first_contact, last_contact);
    let measured = rise_budget(&drift, gauge, contact).measured(&drift);
    let evidence = evidence(row, Kernel::Length, &measured)?;
    Ok(if hour.datum_stands {
        evidence
    } else {
        evidence.in_doubt(Doubt::DatumMoved)
    })
}

/// END-03: strokes that the pen counted too many.
pub(crate) fn counter_error(hour: &Hour, row: &Row) -> Result<Evidence, RowError> {
    hour.insist_whole()?;
    let counts = stated(row, "window_s", hour.counts)?;
    let unit = unit_of(row)?.record_unit();
    let measured = Measured::exact(unit, counts.error());
    Ok(Evidence::measured(measured, counts.turns))
}

/// THM-01: how far the nose stands above the air at the end, over the highest air that the pen is
/// rated for.
///
/// That the rise is the same in warmer air is what the row's words say.
pub(crate) fn nose_temperature(
    hour: &Hour,
    row: &Row,
    thermometers: Option<(&Instrument, &Instrument)>,
    rated_millicelsius: Option<i64>,
) -> Result<Evidence, RowError> {
    let missing = RowError::NoInstrument(RowInstrument::Thermometers);
    let (Some((nose_instrument, ambient_instrument)), Some(temperatures)) =
        (thermometers, hour.temperatures)
    else {
        // Without a window, there was nothing to see either.
        hour.insist_whole()?;
        return Err(missing);
    };
    hour.insist_whole()?;
    let (nose, ambient) =
        temperatures.map_err(|error| RowError::Precondition(error.to_string()))?;
    let rated = stated(row, "maximum rated ambient", rated_millicelsius)?;
    let value = Estimate {
        value: nose.value - ambient.value + rated as f64,
        u: 0.0,
        dof: f64::INFINITY,
        n: nose.n.min(ambient.n),
    };
    let mut components = vec![
        Component::scatter("scatter, nose", &nose),
        Component::scatter("scatter, air", &ambient),
    ];
    for (instrument, certified, resolved) in [
        (nose_instrument, "calibration, nose", "resolution, nose"),
        (ambient_instrument, "calibration, air", "resolution, air"),
    ] {
        let Certificate {
            expanded_uncertainty,
            coverage_factor,
            ..
        } = instrument.certificate;
        let u = expanded_uncertainty / coverage_factor;
        components.push(Component::limit(certified, u, Distribution::Normal));
        let half_step = 0.5 * f64::from(instrument.resolution);
        components.push(Component::limit(
            resolved,
            half_step,
            Distribution::Rectangular,
        ));
    }
    let budget = Budget { components };
    evidence(row, Kernel::Temperature, &budget.measured(&value))
}

/// First and last window; one alone shows no drift.
fn ends(minutes: &[Minute]) -> Result<(&Minute, &Minute), RowError> {
    match minutes {
        [first, .., last] => Ok((first, last)),
        _ => Err(RowError::NotMeasurable(NotMeasurable::WindowTooShort {
            needed_s: 120.0,
            observed_s: 60.0 * minutes.len() as f64,
        })),
    }
}

/// A measured value with its own scatter alone.
fn scatter_of(measured: &rig_measure::Measured) -> Estimate {
    let scatter = measured.budget.components.first();
    Estimate {
        value: measured.value,
        u: scatter.map_or(measured.uncertainty.u_c, |it| it.u),
        dof: scatter.map_or(f64::INFINITY, |it| it.dof),
        n: measured.n,
    }
}

/// END-05: how long the pen runs on one charge, from each START to the last edge before the cam
/// stands, treatments and cartridges renewed as the pen ends them; up to the stop for a low battery
/// or to the time at which the row ends.
///
/// What the hour's treatment took of the charge counts. The cell rests while a treatment is
/// renewed, for some seconds, which count for nothing.
pub(crate) fn run_time<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    load: Option<&Load>,
    hour: Option<&Hour>,
    limit_row: &Row,
) -> Result<Evidence, RowError> {
    let soonest_us = limit_row.tolerance.and_then(Tolerance::lower);
    let soonest_s = stated(limit_row, "lower", soonest_us)? as f64 * 1e-6;
    let (set_depth, set_rate) = conditions(row)?;
    let most = number_after(row, "statistic", "at")?;
    let most_us = stated(row, "statistic", Unit::Minute.to_record(most))?;
    let most_s = most_us as f64 * 1e-6;
    let mut charge = Charge::default();
    match hour {
        Some(hour) if hour.on_cell && pen.is_on_cell() => charge.add(hour.ran_s),
        // What the cell gave until it was empty is the answer.
        Some(hour) if hour.ran_empty() => {
            charge.add(hour.ran_s);
            charge.empty = true;
        }
        _ => pen.connect_cell()?,
    }
    if !charge.empty {
        pen.load_needles(load)?;
    }
    while !charge.empty && charge.ran_s < most_s {
        pen.begin_afresh()?;
        pen.set(set_depth, set_rate)?;
        charge.treatment(pen, most_s, soonest_s)?;
    }
    pen.unload_needles()?;
    pen.connect_supply()?;
    clear_anyhow(pen)?;
    let time = Estimate {
        value: charge.ran_s,
        u: pen.session.chain().fixture().edge_u_ns * 1e-9,
        dof: f64::INFINITY,
        n: charge.treatments,
    };
    let event_u_s = event_u_s(pen) * libm::sqrt(charge.treatments as f64);
    let time_base_ppb = pen
        .session
        .chain()
        .edges_instrument()
        .certificate
        .time_base_ppb;
    let measured = duration_budget(&time, time_base_ppb, event_u_s).measured(&time);
    let bound = (!charge.empty).then_some(Bound::AtLeast);
    Ok(evidence(row, Kernel::Time, &measured)?.bounded(bound))
}

/// One charge as it is used up.
#[derive(Debug, Default)]
struct Charge {
    ran_s: f64,
    treatments: usize,
    empty: bool,
}

impl Charge {
    fn add(&mut self, ran_s: f64) {
        self.ran_s += ran_s;
        self.treatments += 1;
    }

    /// Runs a treatment until the pen ends it or the time is over.
    fn treatment<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        most_s: f64,
        soonest_s: f64,
    ) -> Result<(), RowError> {
        pen.session.start_heartbeat();
        let mut edges = pen.session.chain().open_edges();
        let answer = pen.session.request(Request::Start)?;
        if answer.refusal() == Some(firmware_wire::Refusal::BatteryLow) {
            // It ran out while the treatment was renewed.
            pen.session.chain().close_edges(edges)?;
            self.empty = true;
            return Ok(());
        }
        if !answer.is_done() {
            return Err(crate::pen::unexpected("Start", answer.reply));
        }
        let started = answer.sent;
        let mut ran_s = 0.0;
        let mut runs = true;
        let mut is_new = true;
        while runs && self.ran_s + ran_s < most_s {
            pen.session.wait(LOOK)?;
            let chain = pen.session.chain();
            let seen = chain.close_edges(edges)?.edges_ns;
            edges = chain.open_edges();
            let last_s = seen
                .last()
                .and_then(|&it| chain.seconds_to_edge(started, it));
            ran_s = last_s.unwrap_or(ran_s);
            runs = is_running(pen)?;
            if runs && last_s.is_none() && !is_new {
                // The pen says that it runs, and no edge shows it.
                return Err(NotMeasurable::TooFewEdges {
                    needed: 1,
                    found: 0,
                }
                .into());
            }
            is_new = false;
        }
        if runs {
            // Whatever it takes to stop is not counted: the time was over.
            pen.stop()?;
            pen.session.chain().close_edges(edges)?;
            self.add(ran_s.min(most_s - self.ran_s));
            return Ok(());
        }
        let status = pen.wait_for_rest()?;
        pen.session.stop_heartbeat();
        let chain = pen.session.chain();
        let seen = chain.close_edges(edges)?.edges_ns;
        let last_s = seen
            .last()
            .and_then(|&it| chain.seconds_to_edge(started, it));
        self.add(last_s.unwrap_or(ran_s));
        if status.faults.contains(Fault::BatteryLow) {
            self.empty = true;
            return Ok(());
        }
        // By its limit of a treatment, a pen may stop from this time on.
        if !status.faults.is_empty() || ran_s < soonest_s {
            return Err(RowError::Precondition(format!(
                "the pen stopped by itself after {ran_s:.0} s: {:?}, {}",
                status.state,
                fault_names(status.faults)
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
