//! One trial: the phases of a treatment, a fault that strikes in one of them, and a pen as new
//! afterwards.

use super::Setup;
use crate::draw::Draw;
use crate::pen::{Pen, fault_names};
use crate::rows::{RowError, capture};
use firmware_units::{Millivolts, Nanoseconds};
use firmware_wire::{REVISION, Request, Setting};
use rig_bench::{Actuation, Bench, FaultId};

/// A pen that boots with a fault in it is through with its self-test by then.
const BOOT: Nanoseconds = Nanoseconds::from_seconds(3);
/// The supply is away for so long between two trials.
const OFF: Nanoseconds = Nanoseconds::from_millis(300);
/// At rest, a fault strikes within this time; before START, this passes at most until it.
const AT_REST: u64 = 400_000_000;
/// While it runs, a fault strikes at a time within some ten strokes.
const RUNNING: u64 = 100_000_000;
/// What a fault leaves behind, such as a hot nose, is gone by then; looked at this often.
const COOLED: Nanoseconds = Nanoseconds::from_seconds(600);
const LOOK: Nanoseconds = Nanoseconds::from_seconds(5);

/// When the fault strikes; the trials with one fault go through all of these in turn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// Parked, before START.
    BeforeStart,
    /// Between START and running: the carriage goes out, the cam starts.
    Starting,
    /// At speed.
    Running,
    /// Between STOP and rest: the cam brakes, the carriage goes home.
    Stopping,
    /// Without supply: it is there when the pen boots.
    PowerOn,
}

pub(super) const PHASES: [Phase; 5] = [
    Phase::BeforeStart,
    Phase::Starting,
    Phase::Running,
    Phase::Stopping,
    Phase::PowerOn,
];

/// How long start and stop take without a fault.
pub(super) struct Lengths {
    start: Nanoseconds,
    stop: Nanoseconds,
}

pub(super) fn lengths<B: Bench>(pen: &mut Pen<'_, B>, setup: &Setup) -> Result<Lengths, RowError> {
    pen.begin_afresh()?;
    pen.set(setup.depth, setup.rate)?;
    let started = pen.start()?;
    let start = pen.session.now() - started;
    pen.session.wait(capture::SETTLE)?;
    let stopped = pen.stop()?;
    let stop = pen.session.now() - stopped;
    Ok(Lengths { start, stop })
}

fn present(fault: FaultId) -> Actuation {
    let present = true;
    Actuation::Fault { fault, present }
}

pub(super) fn absent(fault: FaultId) -> Actuation {
    let present = false;
    Actuation::Fault { fault, present }
}

/// Brings the pen to a phase of its treatment and lets the fault strike at a time drawn in it.
pub(super) fn strike<B: Bench>(
    pen: &mut Pen<'_, B>,
    fault: FaultId,
    phase: Phase,
    lengths: &Lengths,
    draw: &mut Draw,
) -> Result<(), RowError> {
    let mut within = |length: u64| Nanoseconds(draw.between(0, length));
    match phase {
        Phase::BeforeStart => {
            pen.session.wait(within(AT_REST))?;
            pen.session.actuate(present(fault))?;
            pen.session.wait(within(AT_REST))?;
            pen.session.start_heartbeat();
            pen.session.request(Request::Start)?;
        }
        Phase::Starting => {
            pen.session.start_heartbeat();
            let started = pen.expect_done(Request::Start)?;
            pen.session.run_until(started + within(lengths.start.0))?;
            pen.session.actuate(present(fault))?;
        }
        Phase::Running => {
            pen.start()?;
            pen.session.wait(capture::SETTLE + within(RUNNING))?;
            pen.session.actuate(present(fault))?;
        }
        Phase::Stopping => {
            pen.start()?;
            pen.session.wait(capture::SETTLE)?;
            let stopped = pen.expect_done(Request::Stop)?;
            pen.session.run_until(stopped + within(lengths.stop.0))?;
            pen.session.actuate(present(fault))?;
        }
        Phase::PowerOn => {
            pen.session.actuate(Actuation::Supply(Millivolts(0)))?;
            pen.session.wait(OFF)?;
            pen.session.actuate(present(fault))?;
            pen.session
                .actuate(Actuation::Supply(crate::NOMINAL_SUPPLY))?;
            pen.session.wait(BOOT + within(AT_REST))?;
        }
    }
    Ok(())
}

/// Watches, then does what somebody does who will not take no for an answer, and watches that.
/// Whether the pen answers, refuses or does it is its own matter.
pub(super) fn watch_and_insist<B: Bench>(
    pen: &mut Pen<'_, B>,
    setup: &Setup,
) -> Result<(), RowError> {
    pen.session.wait(setup.watch)?;
    pen.session.start_heartbeat();
    for request in [
        Request::Hello { revision: REVISION },
        Request::ClearFaults,
        Request::UnlockDepth,
        Request::Set(Setting::Depth(setup.depth)),
        Request::Set(Setting::Rate(setup.rate)),
        Request::Start,
    ] {
        pen.session.request(request)?;
    }
    pen.session.wait(setup.watch)?;
    pen.session.request(Request::Stop)?;
    pen.session.wait(Nanoseconds(setup.watch.0 / 2))?;
    Ok(())
}

/// A pen as after power-on, with nothing latched; what is still hot is waited for.
pub(crate) fn renew<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    pen.session.stop_heartbeat();
    pen.interrupt_supply(OFF)?;
    pen.wait_for_reboot()?;
    let deadline = pen.session.now() + COOLED;
    loop {
        let cleared = match pen.clear_faults() {
            Err(RowError::Session(error)) => return Err(error.into()),
            other => other,
        };
        let faults = pen.status()?.faults;
        match cleared {
            // Not only cleared, but not latched again at once.
            Ok(()) if faults.is_empty() => return Ok(()),
            Err(error) if pen.session.now() >= deadline => return Err(error),
            Ok(()) if pen.session.now() >= deadline => {
                let cause = format!("the pen is not rid of its faults: {}", fault_names(faults));
                return Err(RowError::Precondition(cause));
            }
            Ok(()) | Err(_) => pen.session.wait_long(LOOK)?,
        }
    }
}
