//! The row of the hung control loop.

use super::reaction::{BEFORE, HOLD_S, Longest, conditions, off_ua, settle, watch};
use super::{RowError, capture, stated};
use crate::hang::{HangError, Hanger};
use crate::pen::{Pen, fault_names};
use firmware_units::Nanoseconds;
use firmware_wire::Fault;
use rig_bench::{Bench, BenchError};
use rig_measure::time_below;
use rig_spec::{Evidence, Row};

/// A pen that no watchdog resets is switched off for so long.
const OFF: Nanoseconds = Nanoseconds::from_millis(500);

/// SAF-11: the control loop is sent into an endless loop while interrupts go on; until the motor
/// current is gone.
///
/// The magnitude of the current counts, so the pen's own short-circuit braking after its reset
/// does, too. The loop stops at some moment while the probe is at work: the middle counts, and the
/// time it took is in the uncertainty.
pub(crate) fn reaction<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let (depth, rate) = conditions(row)?;
    let n = stated(row, "n", row.n)?;
    let off_ua = off_ua(row)?;
    let watch = watch(row)?;
    let mut longest = Longest::default();
    let mut at_work = Nanoseconds::ZERO;
    for _ in 0..n {
        pen.set(depth, rate)?;
        pen.start()?;
        pen.session.wait(capture::SETTLE)?;
        let window = pen.session.chain().open();
        pen.session.wait(BEFORE)?;
        pen.insist_running()?;
        let hanger = attach(pen)?;
        let before = pen.session.now();
        hanger.hang().map_err(failed)?;
        let took = pen.session.now() - before;
        at_work = at_work.max(took);
        let event = before + Nanoseconds(took.0 / 2);
        pen.session.run_until(event + watch)?;
        let window = pen.session.chain().close(window)?;
        if !longest.take(time_below(&window.current, event, off_ua, HOLD_S)?)? {
            // Nothing but its supply stops a pen that hangs.
            pen.interrupt_supply(OFF)?;
            pen.wait_for_reboot()?;
            settle(pen)?;
            break;
        }
        pen.wait_for_reboot()?;
        insist_watchdog(pen)?;
        settle(pen)?;
    }
    let chain = pen.session.chain();
    let time_base_ppb = chain.current_instrument().certificate.time_base_ppb;
    let half_width_ns = at_work.0 / 2 + chain.fixture().time_jitter_ns;
    let event_u_s = half_width_ns as f64 * 1e-9 / libm::sqrt(3.0);
    longest.evidence(row, time_base_ppb, event_u_s)
}

fn attach<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Hanger, RowError> {
    let bench = pen.session.bench();
    let chip = bench.identity().chip.clone();
    let probe = bench.probe()?;
    Hanger::attach(probe, &chip).map_err(failed)
}

fn failed(error: HangError) -> RowError {
    let cause = format!("hanging the control loop: {error}");
    BenchError::Probe { cause }.into()
}

/// Insists that the watchdog reset the pen, by the pen's own word: another end of the hang would
/// be no proof of it.
fn insist_watchdog<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    let faults = pen.status()?.faults;
    if faults.contains(Fault::Watchdog) {
        return Ok(());
    }
    Err(RowError::Precondition(format!(
        "the motor was switched off, but not by the watchdog: {}",
        fault_names(faults)
    )))
}
