//! The row of the rate under a skin simulant.

use super::reaction::conditions;
use super::words::number_after;
use super::{Kernel, RowError, capture, evidence, rate, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Micrometers, Millinewtons, Nanoseconds};
use rig_bench::{Actuation, Actuator, Bench};
use rig_measure::{Component, Distribution, Estimate, Measured, level, relative_difference};
use rig_spec::{Doubt, Evidence, Load, Row, ShaftLoad};

/// What the simulant takes back on withdrawal, as a share of what it takes going in
/// (`rig_bench::Actuation::NeedleLoad`).
const WITHDRAWAL: f64 = 0.3;
/// Nothing before the nose.
const NO_NEEDLE_LOAD: Actuation = Actuation::NeedleLoad {
    needles: 0,
    force_per_needle: Millinewtons(0),
};

/// RAT-05: the realised mean rate with the simulant before the nose over the one without it, the
/// pen running on in between.
///
/// Both are the gauge's, once the tachometer agrees; what they share, its clock's constant error,
/// drops out of the ratio. A simulant costs power, and the motor's back EMF is below the supply:
/// so the current must rise by at least that power over the supply voltage. If it does not, the
/// simulant was not there, and no droop is no evidence.
pub(crate) fn droop<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    load: &Load,
) -> Result<Evidence, RowError> {
    let (depth, rate) = conditions(row)?;
    let length = stated(row, "window_s", row.window.one())?;
    let within = number_after(row, "statistic", "within")?.times(1_000_000_000, 1);
    let within = stated(
        row,
        "statistic",
        within.and_then(|it| u64::try_from(it).ok()),
    )?;
    let simulant = needle_load(row, load)?;
    pen.insist_actuator(Actuator::Needles, "needle load")?;
    pen.set(depth, rate)?;
    pen.start()?;
    pen.session.wait(capture::SETTLE)?;
    let free = window(pen, length)?;
    let taken = pen.session.now();
    let loaded = pen.under(simulant, NO_NEEDLE_LOAD, |pen| {
        pen.session.wait(capture::SETTLE)?;
        let between = pen.session.now() - taken;
        if between > Nanoseconds(within) {
            return Err(RowError::Precondition(format!(
                "the baseline was taken {:.3} s before",
                between.seconds()
            )));
        }
        window(pen, length)
    })?;
    pen.stop()?;
    let change = rate_change(pen, &loaded, &free)?;
    let evidence = evidence(row, Kernel::Fraction, &change)?;
    let wanted_ua = least_rise_ua(load, depth, f64::from(rate.0) / 60.0);
    let rise_ua = mean_ua(&loaded)? - mean_ua(&free)?;
    Ok(if rise_ua >= wanted_ua {
        evidence
    } else {
        evidence.in_doubt(Doubt::StimulusNotReached)
    })
}

/// What the fixture is told for a load of the table.
fn needle_load(row: &Row, load: &Load) -> Result<Actuation, RowError> {
    let is_on_needles = load.needles > 0
        && load.force_per_needle > Millinewtons(0)
        && load.axial == Millinewtons(0)
        && load.shaft == ShaftLoad::Free;
    if !is_on_needles {
        return Err(RowError::Precondition(format!(
            "{} loads the needles and nothing else; `{}` is another load",
            row.id, load.name
        )));
    }
    Ok(Actuation::NeedleLoad {
        needles: load.needles,
        force_per_needle: load.force_per_needle,
    })
}

/// A window of a pen that runs to its end.
fn window<B: Bench>(pen: &mut Pen<'_, B>, length: Nanoseconds) -> Result<Window, RowError> {
    let window = pen.session.chain().open();
    pen.session.wait(length)?;
    let window = pen.session.chain().close(window);
    pen.insist_running()?;
    Ok(window?)
}

/// First rate over second, less one, as a fraction.
fn rate_change<B: Bench>(
    pen: &mut Pen<'_, B>,
    first: &Window,
    second: &Window,
) -> Result<Measured, RowError> {
    let (first, second) = (rate::agreed(pen, first)?, rate::agreed(pen, second)?);
    let change = relative_difference(&first, &second)?;
    Ok(change_budget(pen, &change).measured(&change))
}

/// Scatter of a relative change of rate, and the time base at either end: a constant error of it
/// drops out, but the certificate says only how far off it may be at any time.
pub(crate) fn change_budget<B: Bench>(
    pen: &mut Pen<'_, B>,
    change: &Estimate,
) -> rig_measure::Budget {
    let gauge = pen.session.chain().gauge_instrument();
    let time_base = f64::from(gauge.certificate.time_base_ppb) * 1e-9;
    rig_measure::Budget {
        components: vec![
            Component::scatter("timing of the strokes", change),
            Component::limit(
                "time base, one window",
                time_base,
                Distribution::Rectangular,
            ),
            Component::limit("time base, the other", time_base, Distribution::Rectangular),
        ],
    }
}

/// The least by which the motor current must rise for the simulant, µA.
///
/// A stroke of protrusion p costs (1 + 0.3) n f p²/2, f being the force of one needle a
/// millimetre. At f strokes/s that is power, which comes from back EMF times current; and the back
/// EMF is below the supply.
fn least_rise_ua(load: &Load, depth: Micrometers, rate_hz: f64) -> f64 {
    let newton_per_mm = f64::from(load.needles) * 1e-3 * f64::from(load.force_per_needle.0);
    let depth_mm = 1e-3 * f64::from(depth.0);
    let stroke_mj = (1.0 + WITHDRAWAL) * newton_per_mm * depth_mm * depth_mm / 2.0;
    let supply_mv = f64::from(crate::NOMINAL_SUPPLY.0);
    // mJ/s over mV is A.
    1e6 * stroke_mj * rate_hz / supply_mv
}

/// Mean motor current of a window, µA.
fn mean_ua(window: &Window) -> Result<f64, RowError> {
    Ok(level(window.current.trace(), f64::INFINITY)?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_rise_is_the_work_of_the_simulant_over_the_supply() {
        let load = Load {
            name: "simulant".to_owned(),
            needles: 14,
            force_per_needle: Millinewtons(200),
            axial: Millinewtons(0),
            shaft: ShaftLoad::Free,
            note: String::new(),
        };
        // 1.3 x 2.8 N/mm x (1.5 mm)² / 2 = 4.095 mJ; at 100 /s 0.4095 W; over 3.7 V 0.1107 A.
        let rise_ua = least_rise_ua(&load, Micrometers(1_500), 100.0);
        assert!((rise_ua - 110_676.0).abs() < 1.0, "{rise_ua}");
    }
}
