//! Rows of the rig itself: its uncertainty, the drift of its zero, the agreement of its clocks.

use super::{Kernel, RowError, depth, evidence, rate, scatter, stated, unit_of};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::Nanoseconds;
use rig_bench::{Actuation, Bench};
use rig_measure::{Estimate, Zero, level, relative_difference, unequal_ends};
use rig_spec::{Doubt, Evidence, Measured, Row, Tolerance};

/// The gauge looks at the block so long.
const BLOCK_WINDOW: Nanoseconds = Nanoseconds::from_millis(500);
/// The block is in place and still after so long.
const BLOCK_SETTLE: Nanoseconds = Nanoseconds::from_millis(100);
/// A block that moves by more than this while it is looked at is not seated, nm.
const BLOCK_STILL_NM: f64 = 5_000.0;

/// Parked needles rest below the nose plane and the block stands above it: less than this between
/// them, and the block did not come into sight, nm.
const BLOCK_DIFFERS_NM: f64 = 100_000.0;

/// The gauge's level on the gauge block.
pub(crate) fn block_level<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Estimate, RowError> {
    pen.session
        .actuate(Actuation::GaugeBlock { present: true })?;
    pen.session.wait(BLOCK_SETTLE)?;
    let window = pen.session.chain().open();
    pen.session.wait(BLOCK_WINDOW)?;
    let window = pen.session.chain().close(window);
    pen.session
        .actuate(Actuation::GaugeBlock { present: false })?;
    pen.session.wait(BLOCK_SETTLE)?;
    Ok(level(window?.gauge.trace(), BLOCK_STILL_NM)?)
}

/// The level on the block, once it is sure that the block and not the needles was seen.
pub(crate) fn zero_level<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Estimate, RowError> {
    let window = pen.session.chain().open();
    pen.session.wait(BLOCK_WINDOW)?;
    let window = pen.session.chain().close(window)?;
    let needles = level(window.gauge.trace(), BLOCK_STILL_NM)?;
    let block = block_level(pen)?;
    if (block.value - needles.value).abs() < BLOCK_DIFFERS_NM {
        return Err(RowError::Precondition(
            "the gauge sees no difference between needles and gauge block".to_owned(),
        ));
    }
    Ok(block)
}

/// MSR-01: the expanded uncertainty of mean protrusion.
pub(crate) fn uncertainty<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    depth_row: &Row,
    window: &Window,
) -> Result<Evidence, RowError> {
    let measured = depth::mean_value(pen, depth_row, window)?;
    let unit = unit_of(row)?;
    // The same rounding that U itself goes through; it refuses what is no number.
    let rounded = evidence(depth_row, Kernel::Length, &measured)?.measured;
    let expanded = rounded.and_then(|it| i64::try_from(it.expanded).ok());
    let expanded = stated(row, "max_u", expanded)?;
    let value = Measured::exact(unit.record_unit(), expanded);
    Ok(Evidence::measured(value, measured.n as u64))
}

/// MSR-03: the gauge block after the unit against the gauge block before.
pub(crate) fn zero_drift(row: &Row, before: &Zero, after: &Estimate) -> Result<Evidence, RowError> {
    let difference = Estimate {
        value: after.value - before.level.value,
        u: libm::hypot(after.u, before.level.u),
        dof: after.dof.min(before.level.dof),
        n: after.n.min(before.level.n),
    };
    evidence(row, Kernel::Length, &scatter(&difference))
}

/// MSR-04: the gauge's rate against the tachometer's, two independent clocks.
///
/// A pen whose rate steps or slides gives both other means, as their windows end up to a stroke
/// apart: if that can be more than the row allows, it says nothing of the clocks.
pub(crate) fn clocks<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    window: &Window,
) -> Result<Evidence, RowError> {
    let (by_gauge, by_tachometer) = rate::both(pen, window)?;
    // Scatter alone: the time bases are what this row looks at.
    let estimate = |measured: &rig_measure::Measured| {
        let scatter = measured.budget.components.first();
        Estimate {
            value: measured.value,
            u: scatter.map_or(measured.uncertainty.u_c, |it| it.u),
            dof: scatter.map_or(f64::INFINITY, |it| it.dof),
            n: measured.n,
        }
    };
    let difference = relative_difference(&estimate(&by_gauge), &estimate(&by_tachometer))?;
    let evidence = evidence(row, Kernel::Fraction, &scatter(&difference))?;
    let (lowest, highest) = unequal_ends(&window.edges, by_gauge.n)?;
    let ends_ppb = 1e9 * highest.max(-lowest) / by_tachometer.value;
    let allowed_ppb = stated(row, "upper", row.tolerance.and_then(Tolerance::upper))?;
    Ok(if ends_ppb > allowed_ppb as f64 {
        evidence.in_doubt(Doubt::StimulusNotReached)
    } else {
        evidence
    })
}
