//! Windows over a running pen.

use super::RowError;
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use rig_bench::Bench;
use rig_measure::NotMeasurable;

/// From the pen's word that it runs to the window: soft start and rate loop have settled.
pub(crate) const SETTLE: Nanoseconds = Nanoseconds::from_millis(800);
/// Strokes taken beyond those wanted: the first and last of a window may be incomplete.
const SPARE_STROKES: usize = 3;

/// Runs the pen and keeps at least `n_strokes` complete strokes.
pub(crate) fn strokes<B: Bench>(
    pen: &mut Pen<'_, B>,
    depth: Micrometers,
    rate: StrokesPerMinute,
    n_strokes: usize,
) -> Result<Window, RowError> {
    pen.set(depth, rate)?;
    pen.start()?;
    pen.session.wait(SETTLE)?;
    running_strokes(pen, rate, n_strokes)
}

/// Keeps at least `n_strokes` complete strokes of a pen that runs, and stops it.
pub(crate) fn running_strokes<B: Bench>(
    pen: &mut Pen<'_, B>,
    rate: StrokesPerMinute,
    n_strokes: usize,
) -> Result<Window, RowError> {
    running_strokes_and_time(pen, rate, n_strokes, Nanoseconds::ZERO)
}

/// The same, over a window of the given length at least.
pub(crate) fn running_strokes_and_time<B: Bench>(
    pen: &mut Pen<'_, B>,
    rate: StrokesPerMinute,
    n_strokes: usize,
    length: Nanoseconds,
) -> Result<Window, RowError> {
    let window = pen.session.chain().open();
    let long_enough = pen.session.now() + length;
    let wanted = n_strokes + SPARE_STROKES;
    // Twice the time that the strokes take at the setpoint, and a second.
    let time_ns = wanted as u64 * 60_000_000_000 / u64::from(rate.0.max(1));
    let deadline = pen.session.now() + Nanoseconds(2 * time_ns) + Nanoseconds::from_seconds(1);
    let step = Nanoseconds((time_ns / 8).max(50_000_000));
    while pen.session.chain().strokes_in(&window) < wanted && pen.session.now() < deadline {
        pen.session.wait(step)?;
    }
    pen.session.run_until(long_enough)?;
    let window = pen.session.chain().close(window);
    pen.insist_running()?;
    pen.stop()?;
    let window = window?;
    consecutive(&window, n_strokes)?;
    Ok(window)
}

/// Insists that every stroke of a window was measured, and that there are enough.
fn consecutive(window: &Window, n_strokes: usize) -> Result<(), RowError> {
    let strokes = window.gauge.strokes();
    if strokes.len() < n_strokes {
        return Err(RowError::NotMeasurable(NotMeasurable::TooFewStrokes {
            needed: n_strokes,
            found: strokes.len(),
        }));
    }
    let missed = strokes
        .windows(2)
        .filter(|pair| pair[1].ordinal != pair[0].ordinal + 1)
        .count();
    if missed > 0 {
        return Err(RowError::Precondition(format!(
            "strokes of the window were seen and could not be measured, in {missed} places"
        )));
    }
    Ok(())
}

/// Runs the pen and keeps a window of the given length.
pub(crate) fn time<B: Bench>(
    pen: &mut Pen<'_, B>,
    depth: Micrometers,
    rate: StrokesPerMinute,
    length: Nanoseconds,
) -> Result<Window, RowError> {
    pen.set(depth, rate)?;
    pen.start()?;
    pen.session.wait(SETTLE)?;
    let window = pen.session.chain().open();
    pen.session.wait(length)?;
    let window = pen.session.chain().close(window);
    pen.insist_running()?;
    pen.stop()?;
    Ok(window?)
}
