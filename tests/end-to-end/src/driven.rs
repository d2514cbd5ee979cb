//! A pen that a test drives by hand over its link, with the instruments looking on.

use anyhow::{Context as _, Result, anyhow, ensure};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::{
    CartridgeChip, LogEvent, REVISION, Refusal, Reply, Request, Setting, State, Status,
};
use rig_bench::{Actuation, Bench as _, Cartridge, Millivolts};
use rig_bench_virtual::VirtualBench;
use rig_procedure::{Chain, NOMINAL_SUPPLY, Session, flash};

use crate::image;

/// Longest wait for a state.
const DEADLINE: Nanoseconds = Nanoseconds::from_seconds(6);
/// Between two looks at the state.
const POLL: Nanoseconds = Nanoseconds::from_millis(20);

/// A session on the virtual bench.
pub type VirtualSession<'b> = Session<'b, VirtualBench>;

/// Flashes an image, powers the pen on at nominal supply and waits for the end of its boot.
///
/// # Errors
/// The bench fails, or the pen does not boot.
pub fn power_up<'b>(bench: &'b mut VirtualBench, image_path: &str) -> Result<VirtualSession<'b>> {
    flash_into(bench, image_path)?;
    power_on(bench, NOMINAL_SUPPLY)
}

/// Flashes an image.
///
/// # Errors
/// The bench fails.
pub fn flash_into(bench: &mut VirtualBench, image_path: &str) -> Result<()> {
    let chip = bench.identity().chip.clone();
    flash(bench.probe()?, &chip, &image(image_path)?)?;
    Ok(())
}

/// Powers a flashed pen on and waits for the end of its boot.
///
/// # Errors
/// The bench fails, or the pen does not boot.
pub fn power_on(bench: &mut VirtualBench, supply: Millivolts) -> Result<VirtualSession<'_>> {
    let chain = Chain::new(bench.instruments(), bench.fixture())
        .map_err(|missing| anyhow!("no {missing}"))?;
    bench.power_on(supply)?;
    let mut session = Session::new(bench, chain);
    session.wait(Nanoseconds::from_millis(100))?;
    hello(&mut session)?;
    wait_for(&mut session, |status| status.state != State::Boot)?;
    Ok(session)
}

/// Agrees with the pen on the newest revision.
///
/// # Errors
/// The bench fails, or the pen knows no revisions.
pub fn hello(session: &mut VirtualSession<'_>) -> Result<()> {
    let answer = session.request(Request::Hello { revision: REVISION })?;
    ensure!(
        matches!(answer.reply, Some(Reply::Hello { revision, .. }) if revision == REVISION),
        "Hello: {answer:?}"
    );
    Ok(())
}

/// The pen's status.
///
/// # Errors
/// The bench fails, or the pen does not answer.
pub fn status(session: &mut VirtualSession<'_>) -> Result<Status> {
    match session.request(Request::GetStatus)?.reply {
        Some(Reply::Status(status)) => Ok(status),
        other => Err(anyhow!("GetStatus was answered by {other:?}")),
    }
}

/// Waits until the status is as wanted.
///
/// # Errors
/// It is not so within 6 s.
pub fn wait_for(
    session: &mut VirtualSession<'_>,
    wanted: impl Fn(&Status) -> bool,
) -> Result<Status> {
    let deadline = session.now() + DEADLINE;
    loop {
        let status = status(session)?;
        if wanted(&status) {
            return Ok(status);
        }
        ensure!(session.now() < deadline, "the pen stays {status:?}");
        session.wait(POLL)?;
    }
}

/// Sends a request that the pen must do.
///
/// # Errors
/// It does not.
pub fn done(session: &mut VirtualSession<'_>, request: Request) -> Result<()> {
    let answer = session.request(request)?;
    ensure!(answer.is_done(), "{request:?}: {answer:?}");
    Ok(())
}

/// Sends a request that the pen must refuse.
///
/// # Errors
/// It does not, or for another reason.
pub fn refused(session: &mut VirtualSession<'_>, request: Request, refusal: Refusal) -> Result<()> {
    let answer = session.request(request)?;
    ensure!(
        answer.refusal() == Some(refusal),
        "{request:?}: {answer:?}, not {refusal:?}"
    );
    Ok(())
}

/// Fits a fresh cartridge and waits until the pen has read it.
///
/// # Errors
/// The pen does not become ready.
pub fn fit_cartridge(session: &mut VirtualSession<'_>, id: u64) -> Result<()> {
    let chip = CartridgeChip {
        id,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment: None,
    };
    session.actuate(Actuation::Cartridge(Some(Cartridge {
        chip: chip.to_bytes(),
        needle_excess: Micrometers::ZERO,
    })))?;
    wait_for(session, |status| status.state == State::Ready)?;
    Ok(())
}

/// Sets depth and rate and starts, with heartbeats from now on.
///
/// # Errors
/// The pen does not run.
pub fn run_at(session: &mut VirtualSession<'_>, depth: i32, rate: u32) -> Result<()> {
    done(session, Request::UnlockDepth)?;
    done(session, Request::Set(Setting::Depth(Micrometers(depth))))?;
    done(session, Request::Set(Setting::Rate(StrokesPerMinute(rate))))?;
    start(session)?;
    session.start_heartbeat();
    Ok(())
}

/// Starts and waits until the cam turns.
///
/// # Errors
/// The pen does not run.
pub fn start(session: &mut VirtualSession<'_>) -> Result<()> {
    done(session, Request::Start)?;
    wait_for(session, |status| status.state == State::Running)?;
    Ok(())
}

/// Clears what is latched as soon as the pen is at rest.
///
/// # Errors
/// It refuses for another reason than being busy.
pub fn clear_faults(session: &mut VirtualSession<'_>) -> Result<()> {
    let deadline = session.now() + DEADLINE;
    loop {
        let answer = session.request(Request::ClearFaults)?;
        if answer.is_done() {
            return Ok(());
        }
        ensure!(
            answer.refusal() == Some(Refusal::Busy) && session.now() < deadline,
            "ClearFaults: {answer:?}"
        );
        session.wait(POLL)?;
    }
}

/// The pen's event log, oldest entry first.
///
/// # Errors
/// The bench fails, or the pen does not answer.
pub fn events(session: &mut VirtualSession<'_>) -> Result<Vec<LogEvent>> {
    let mut events = Vec::new();
    let mut from = 0;
    loop {
        match session.request(Request::GetLog(from))?.reply {
            Some(Reply::Log(entry)) => {
                events.push(entry.event);
                from = entry.number + 1;
            }
            Some(Reply::LogEnd { .. }) => return Ok(events),
            other => return Err(anyhow!("GetLog({from}) was answered by {other:?}")),
        }
    }
}

/// Sends bytes as they are and waits for the time that they take on the line, and 20 ms more.
///
/// # Errors
/// The bench fails.
pub fn send_raw(session: &mut VirtualSession<'_>, bytes: &[u8]) -> Result<()> {
    let left = session.bench().send(bytes).context("sending bytes")?;
    session.run_until(left + POLL)?;
    Ok(())
}
