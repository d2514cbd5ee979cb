//! The row of protrusion under a force along the axis.

use super::reaction::conditions;
use super::{Kernel, RowError, capture, depth, evidence, rig, stated};
use crate::pen::Pen;
use firmware_units::{Micrometers, Millinewtons, Nanoseconds, StrokesPerMinute};
use rig_bench::{Actuation, Actuator, Bench};
use rig_measure::{
    Budget, Component, Contact, Distribution, Estimate, Zero, level, protrusion_mean, rise_budget,
};
use rig_spec::{Decimal, Doubt, Evidence, Load, Row, RowInstrument, ShaftLoad};

/// The force and the nose have settled so long after the fixture was told.
const SETTLE: Nanoseconds = Nanoseconds::from_millis(300);
/// The force is looked at for so long where nothing else is.
const LOOK: Nanoseconds = Nanoseconds::from_millis(500);
/// Nothing presses.
const RELEASED: Actuation = Actuation::AxialForce(Millinewtons(0));

/// DEP-11: mean protrusion with a force on the nose cone less the mean without it.
///
/// The force moves pen and fixture alike, and protrusion is what stands out beyond the nose plane:
/// so the zero is taken from the gauge block with the force and without it. The force counts as
/// the sensor in its way shows it, before, during and after: a sensor that holds its value and a
/// fixture that does not press leave the row without a verdict.
pub(crate) fn change<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    load: &Load,
) -> Result<Evidence, RowError> {
    let (set_depth, set_rate) = conditions(row)?;
    let n = stated(row, "n", row.n)? as usize;
    let within = force_on_nose(load)?;
    pen.insist_actuator(Actuator::Axial, "axial force")?;
    if pen.session.chain().force_instrument().is_none() {
        return Err(RowError::NoInstrument(RowInstrument::Force));
    }
    let before = force_at_rest(pen)?;
    let free = protrusion(pen, set_depth, set_rate, n)?;
    let pressed = Actuation::AxialForce(load.axial);
    let (loaded, during) = pen.under(pressed, RELEASED, |pen| {
        pen.session.wait(SETTLE)?;
        let force = open_force(pen)?;
        let loaded = protrusion(pen, set_depth, set_rate, n);
        let force = pen.session.chain().close_force(force);
        Ok((loaded?, level(force?.trace(), f64::INFINITY)?))
    })?;
    pen.session.wait(SETTLE)?;
    let after = force_at_rest(pen)?;
    let wanted_un = 1e3 * f64::from(load.axial.0);
    let force_u_un = force_u_un(pen)?;
    let off_un = (during.value - wanted_un).abs() + force_u_un;
    let budget = budget(pen, &free, &loaded, off_un / wanted_un);
    let change = difference(&loaded.mean, &free.mean);
    let mut evidence = evidence(row, Kernel::Length, &budget.measured(&change))?;
    evidence.n = Some(loaded.n.min(free.n) as u64);
    let allowed_un = within * wanted_un;
    let pressed = off_un <= allowed_un;
    let at_rest = [before, after]
        .iter()
        .all(|it| it.value.abs() <= allowed_un + force_u_un);
    Ok(if pressed && at_rest {
        evidence
    } else {
        evidence.in_doubt(Doubt::StimulusNotReached)
    })
}

/// Insists that the load is a force on the nose cone and nothing else; how far off it may be, as
/// a share, is in the words of its note: `within 5 %`.
fn force_on_nose(load: &Load) -> Result<f64, RowError> {
    let is_on_nose = load.axial > Millinewtons(0)
        && load.needles == 0
        && load.shaft == ShaftLoad::Free
        && load.note.contains("on the nose cone");
    if !is_on_nose {
        return Err(RowError::Precondition(format!(
            "this row presses on the nose cone and does nothing else; `{}` is another load",
            load.name
        )));
    }
    let words: Vec<&str> = load.note.split_whitespace().collect();
    let percent = words.windows(3).find_map(|it| match it {
        ["within", number, "%"] => Decimal::parse(number).ok()?.times(1_000, 1),
        _ => None,
    });
    let thousandths = percent.ok_or_else(|| {
        let cause = format!("`{}` does not say within how many % it must be", load.name);
        RowError::Precondition(cause)
    })?;
    Ok(thousandths as f64 * 1e-5)
}

/// Mean protrusion above a zero of its own.
struct Protrusion {
    mean: Estimate,
    contact: Contact,
    zero: Zero,
    n: usize,
}

fn protrusion<B: Bench>(
    pen: &mut Pen<'_, B>,
    set_depth: Micrometers,
    set_rate: StrokesPerMinute,
    n: usize,
) -> Result<Protrusion, RowError> {
    let zero = Zero {
        level: rig::block_level(pen)?,
        ..depth::zero(pen)?
    };
    let window = capture::strokes(pen, set_depth, set_rate, n)?;
    let strokes = window.gauge.strokes();
    Ok(Protrusion {
        mean: protrusion_mean(strokes, &zero)?,
        // What presses on the nose cone meets no needle.
        contact: pen.contact(strokes)?,
        zero,
        n: strokes.len(),
    })
}

/// First less second, independent; the smaller degrees of freedom, which makes U the larger.
fn difference(first: &Estimate, second: &Estimate) -> Estimate {
    Estimate {
        value: first.value - second.value,
        u: libm::hypot(first.u, second.u),
        dof: first.dof.min(second.dof),
        n: first.n.min(second.n),
    }
}

/// That of a rise from one place of the gauge to another, with both zeros and their seatings, and
/// the share by which the force may have been off, as the change goes with it.
fn budget<B: Bench>(
    pen: &mut Pen<'_, B>,
    free: &Protrusion,
    loaded: &Protrusion,
    off: f64,
) -> Budget {
    let properties = pen.session.chain().gauge_properties();
    let change = difference(&loaded.mean, &free.mean);
    let mut budget = rise_budget(&change, &properties, (free.contact, loaded.contact));
    let seating = |name| Component::limit(name, properties.seating_nm, Distribution::Normal);
    budget.components.extend([
        Component::scatter("zero without the force", &free.zero.level),
        Component::scatter("zero with the force", &loaded.zero.level),
        seating("seating without the force"),
        seating("seating with the force"),
        Component::limit("axial force", change.value * off, Distribution::Rectangular),
    ]);
    budget
}

fn open_force<B: Bench>(pen: &mut Pen<'_, B>) -> Result<rig_measure::CaptureId, RowError> {
    let opened = pen.session.chain().open_force();
    opened.ok_or(RowError::NoInstrument(RowInstrument::Force))
}

/// What the sensor shows while nothing presses, µN.
fn force_at_rest<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Estimate, RowError> {
    let force = open_force(pen)?;
    pen.session.wait(LOOK)?;
    let force = pen.session.chain().close_force(force)?;
    Ok(level(force.trace(), f64::INFINITY)?)
}

/// Expanded uncertainty of an indication of the sensor, µN.
fn force_u_un<B: Bench>(pen: &mut Pen<'_, B>) -> Result<f64, RowError> {
    let instrument = pen.session.chain().force_instrument();
    let instrument = instrument.ok_or(RowError::NoInstrument(RowInstrument::Force))?;
    Ok(instrument.certificate.expanded_uncertainty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(note: &str, needles: u8) -> Load {
        Load {
            name: "axial".to_owned(),
            needles,
            force_per_needle: Millinewtons(0),
            axial: Millinewtons(1_000),
            shaft: ShaftLoad::Free,
            note: note.to_owned(),
        }
    }

    #[test]
    fn means_that_differ_are_less_sure_than_either() {
        let estimate = |value, dof| Estimate {
            value,
            u: 3.0,
            dof,
            n: 500,
        };
        let change = difference(&estimate(7.0, 40.0), &estimate(2.0, 90.0));
        assert_eq!((change.value, change.dof, change.n), (5.0, 40.0, 500));
        assert!((change.u - 18.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_words_of_the_load_say_where_and_how_exactly() {
        let share = |note, needles| force_on_nose(&load(note, needles));
        let five = share("on the nose cone, within 5 %", 0).unwrap();
        assert!((five - 0.05).abs() < 1e-12, "{five}");
        let check = |note, needles, expected: &str| {
            let error = share(note, needles).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("on the nose cone", 0, "within how many %");
        check("on the handle, within 5 %", 0, "another load");
        check("on the nose cone, within 5 %", 14, "another load");
    }
}
