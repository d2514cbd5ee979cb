//! Rows of reaction time: stop, lost link, stall.

use super::reaction::{BEFORE, HOLD_S, Longest, conditions, event_u_s, off_ua, settle, watch};
use super::words::number_before;
use super::{RowError, capture, depth, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Nanoseconds, StrokesPerMinute};
use firmware_wire::Request;
use rig_bench::{Actuation, Bench, Shaft};
use rig_measure::{time_below, time_to_rest};
use rig_spec::{Evidence, Row, Unit};

/// Repeats one stimulus on a running pen and takes the longest time until the needles rest.
fn until_rest<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    mut stimulus: impl FnMut(&mut Pen<'_, B>) -> Result<Nanoseconds, RowError>,
) -> Result<Evidence, RowError> {
    let (set_depth, rate) = conditions(row)?;
    let n = stated(row, "n", row.n)?;
    let at_most = Unit::Millimeter.to_record(number_before(row, "to_event", "mm")?);
    let at_most = stated(row, "to_event", at_most)? as f64;
    let zero = depth::zero(pen)?;
    let threshold_nm = zero.level.value - zero.block_height_nm + at_most;
    let watch = watch(row)?;
    let mut longest = Longest::default();
    for number in 0..n {
        pen.set(set_depth, rate)?;
        pen.start()?;
        pen.session.wait(capture::SETTLE)?;
        let window = pen.session.chain().open();
        pen.session.wait(BEFORE + phase(rate, number, n))?;
        pen.insist_running()?;
        let event = stimulus(pen)?;
        pen.session.run_until(event + watch)?;
        let window: Window = pen.session.chain().close(window)?;
        if !longest.take(time_to_rest(&window.gauge, event, threshold_nm, HOLD_S)?)? {
            break;
        }
        settle(pen)?;
    }
    let time_base_ppb = pen
        .session
        .chain()
        .gauge_instrument()
        .certificate
        .time_base_ppb;
    let event_u_s = event_u_s(pen);
    longest.evidence(row, time_base_ppb, event_u_s)
}

/// The cam comes to rest where the stimulus caught it, and hides needles that did not park unless it
/// is near top of stroke: the stimuli are spread over one turn.
fn phase(rate: StrokesPerMinute, number: u32, of: u32) -> Nanoseconds {
    let turn_ns = 60_000_000_000 / u64::from(rate.0.max(1));
    Nanoseconds(turn_ns * u64::from(number) / u64::from(of.max(1)))
}

/// SAF-08: STOP, from the last bit of its frame.
pub(crate) fn stop<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    until_rest(pen, row, |pen| pen.expect_done(Request::Stop))
}

/// SAF-06: the host falls silent, from the last bit it sent.
pub(crate) fn lost_link<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    until_rest(pen, row, |pen| {
        pen.session.stop_heartbeat();
        pen.expect_done(Request::Heartbeat)
    })
}

/// SAF-03: the shaft is locked; until the motor current is gone.
pub(crate) fn stall<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let (depth, rate) = conditions(row)?;
    let n = stated(row, "n", row.n)?;
    let off_ua = off_ua(row)?;
    let watch = watch(row)?;
    let mut longest = Longest::default();
    for _ in 0..n {
        pen.set(depth, rate)?;
        pen.start()?;
        pen.session.wait(capture::SETTLE)?;
        let window = pen.session.chain().open();
        pen.session.wait(BEFORE)?;
        pen.insist_running()?;
        let event = pen.session.now();
        pen.session.actuate(Actuation::Shaft(Shaft::Locked))?;
        pen.session.wait(watch)?;
        let window = pen.session.chain().close(window)?;
        let settled = longest.take(time_below(&window.current, event, off_ua, HOLD_S)?)?;
        pen.session.actuate(Actuation::Shaft(Shaft::Free))?;
        if !settled {
            break;
        }
        settle(pen)?;
    }
    let time_base_ppb = pen
        .session
        .chain()
        .current_instrument()
        .certificate
        .time_base_ppb;
    let event_u_s = event_u_s(pen);
    longest.evidence(row, time_base_ppb, event_u_s)
}
