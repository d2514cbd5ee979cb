//! Every fault of the pen, provoked on the released image: found in time, latched, safe, told
//! honestly, cleared on purpose and only when its cause is gone. What is safe the instruments say.

use anyhow::{Result, ensure};
use firmware_units::{Micronewtonmeters, Nanoseconds};
use firmware_wire::calibration::{COPY_A, COPY_B, COPY_LEN};
use firmware_wire::{BootCause, Fault, FaultSet, LogEvent, Refusal, Request, State};
use probe_rs::{MemoryInterface as _, Permissions};
use rig_bench::{Actuation, Bench as _, Millivolts, Shaft};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_measure::{Settling, time_below};
use rig_procedure::Window;
use tests_end_to_end::driven::{
    VirtualSession, clear_faults, done, events, fit_cartridge, flash_into, hello, power_on,
    power_up, refused, run_at, start, status, wait_for,
};
use tests_end_to_end::{RELEASED, reference_with};

/// Motor current below this is off, µA.
const OFF_UA: f64 = 20_000.0;
/// It must stay off so long before that is believed.
const HOLD_S: f64 = 0.15;
/// The cam has come to speed by then.
const RUN_UP: Nanoseconds = Nanoseconds::from_millis(1_500);

fn bench(scenario: &Scenario) -> Result<VirtualBench> {
    Ok(VirtualBench::new(scenario, 0, scenario.lot.seed)?)
}

/// A pen at 1.00 mm and 7,000 strokes/min.
fn running(bench: &mut VirtualBench) -> Result<VirtualSession<'_>> {
    let mut session = power_up(bench, RELEASED)?;
    fit_cartridge(&mut session, 1)?;
    run_at(&mut session, 1_000, 7_000)?;
    session.wait(RUN_UP)?;
    Ok(session)
}

/// Provokes something and watches; seconds until the motor's current was off for good, and what
/// was seen.
fn watched(
    session: &mut VirtualSession<'_>,
    watch_s: f64,
    provoke: impl FnOnce(&mut VirtualSession<'_>) -> Result<()>,
) -> Result<(f64, Window)> {
    let window = session.chain().open();
    session.wait(Nanoseconds::from_millis(60))?;
    let event = session.now();
    provoke(session)?;
    session.run_until(event + Nanoseconds((watch_s * 1e9) as u64))?;
    let window = session.chain().close(window)?;
    match time_below(&window.current, event, OFF_UA, HOLD_S)? {
        Settling::After(estimate) => Ok((estimate.value, window)),
        Settling::NotWithin { observed_s } => {
            anyhow::bail!("the motor is still driven after {observed_s} s")
        }
    }
}

/// Insists that exactly this fault is latched, the needles are parked and START is refused.
fn insist_latched(session: &mut VirtualSession<'_>, fault: Fault) -> Result<()> {
    let status = wait_for(session, |status| status.parked)?;
    ensure!(
        (status.state, status.faults) == (State::Faulted, FaultSet::NONE.with(fault)),
        "{status:?}"
    );
    ensure!(!status.may_be_exposed, "{status:?}");
    ensure!(
        events(session)?.contains(&LogEvent::FaultLatched(fault)),
        "not in the log"
    );
    let answer = session.request(Request::Start)?;
    ensure!(answer.refusal().is_some(), "START: {answer:?}");
    Ok(())
}

/// Clears on purpose and runs again.
fn insist_clears(session: &mut VirtualSession<'_>) -> Result<()> {
    clear_faults(session)?;
    let status = status(session)?;
    ensure!(status.faults.is_empty(), "{status:?}");
    start(session)?;
    Ok(())
}

#[test]
fn stall() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let (took, _) = watched(&mut session, 1.0, |session| {
        Ok(session.actuate(Actuation::Shaft(Shaft::Locked))?)
    })?;
    ensure!(took < 0.30, "{took} s");
    insist_latched(&mut session, Fault::Stall)?;
    session.actuate(Actuation::Shaft(Shaft::Free))?;
    insist_clears(&mut session)
}

#[test]
fn over_current() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let brake = Actuation::Shaft(Shaft::Brake(Micronewtonmeters(5_500)));
    let (took, _) = watched(&mut session, 1.0, |session| Ok(session.actuate(brake)?))?;
    ensure!((0.05..0.30).contains(&took), "{took} s");
    insist_latched(&mut session, Fault::OverCurrent)?;
    session.actuate(Actuation::Shaft(Shaft::Free))?;
    insist_clears(&mut session)
}

#[test]
fn over_speed_and_uncommanded_motion_of_a_shorted_switch() -> Result<()> {
    let scenario = reference_with("name = \"switch-shorted\"\nfrom_s = 8.0\nfor_s = 6.0")?;
    let mut bench = bench(&scenario)?;
    let mut session = running(&mut bench)?;
    session.run_until(Nanoseconds::from_millis(7_900))?;
    let (took, window) = watched(&mut session, 1.0, |_| Ok(()))?;
    ensure!(took < 0.30, "{took} s");
    let fastest = window
        .edges
        .edges_ns
        .windows(11)
        .map(|it| 1e10 / (it[10] - it[0]) as f64)
        .fold(0.0, f64::max);
    ensure!(fastest < 165.0, "{fastest} strokes/s");
    insist_latched(&mut session, Fault::OverSpeed)?;
    // The switch is shorted still; the series cut-off alone holds the motor, and the check before
    // the next run finds it.
    clear_faults(&mut session)?;
    done(&mut session, Request::Start)?;
    session.wait(Nanoseconds::from_seconds(1))?;
    insist_latched(&mut session, Fault::UncommandedMotion)?;
    session.run_until(Nanoseconds::from_millis(14_100))?;
    insist_clears(&mut session)
}

#[test]
fn uncommanded_motion_of_a_resting_cam() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = power_up(&mut bench, RELEASED)?;
    fit_cartridge(&mut session, 1)?;
    session.actuate(Actuation::Shaft(Shaft::Turned { millihertz: 20_000 }))?;
    session.wait(Nanoseconds::from_millis(500))?;
    insist_latched(&mut session, Fault::UncommandedMotion)?;
    session.actuate(Actuation::Shaft(Shaft::Free))?;
    session.wait(Nanoseconds::from_millis(500))?;
    clear_faults(&mut session)?;
    run_at(&mut session, 500, 7_000)
}

#[test]
fn nose_hot() -> Result<()> {
    let scenario =
        reference_with("name = \"nose-heated\"\nkelvin = 300\nfrom_s = 6.0\nfor_s = 34.0")?;
    let mut bench = bench(&scenario)?;
    let mut session = running(&mut bench)?;
    let status = loop {
        let status = status(&mut session)?;
        if status.state != State::Running {
            break status;
        }
        ensure!(
            session.now() < Nanoseconds::from_seconds(40),
            "never too hot"
        );
        session.wait(Nanoseconds::from_millis(200))?;
    };
    ensure!(
        status.faults == FaultSet::NONE.with(Fault::NoseHot),
        "{status:?}"
    );
    session.wait(Nanoseconds::from_seconds(1))?;
    insist_latched(&mut session, Fault::NoseHot)?;
    refused(&mut session, Request::ClearFaults, Refusal::CauseRemains)?;
    // It cools by a time constant of 300 s.
    session.stop_heartbeat();
    let cool = loop {
        session.wait(Nanoseconds::from_seconds(10))?;
        if session.request(Request::ClearFaults)?.is_done() {
            break session.now();
        }
        ensure!(session.now() < Nanoseconds::from_seconds(400), "never cool");
    };
    ensure!(cool > Nanoseconds::from_seconds(41), "cleared while hot");
    Ok(())
}

#[test]
fn battery_low() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let (took, _) = watched(&mut session, 2.0, |session| {
        Ok(session.actuate(Actuation::Supply(Millivolts(3_100)))?)
    })?;
    ensure!(took < 1.0, "{took} s");
    insist_latched(&mut session, Fault::BatteryLow)?;
    refused(&mut session, Request::ClearFaults, Refusal::CauseRemains)?;
    session.actuate(Actuation::Supply(Millivolts(3_700)))?;
    session.wait(Nanoseconds::from_seconds(1))?;
    insist_clears(&mut session)
}

#[test]
fn brown_out() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let before = status(&mut session)?;
    session.stop_heartbeat();
    session.actuate(Actuation::Supply(Millivolts(0)))?;
    session.wait(Nanoseconds::from_millis(50))?;
    session.actuate(Actuation::Supply(Millivolts(3_700)))?;
    session.wait(Nanoseconds::from_millis(200))?;
    hello(&mut session)?;
    wait_for(&mut session, |status| status.parked)?;
    let status = status(&mut session)?;
    // RAM is lost with the supply: the carriage alone tells, and the treatment is over.
    ensure!(
        status.faults == FaultSet::NONE.with(Fault::BrownOut),
        "{status:?}"
    );
    ensure!(before.treatment.is_some() && status.treatment.is_none());
    let log = events(&mut session)?;
    ensure!(
        log.first() == Some(&LogEvent::Booted(BootCause::Power))
            && log.contains(&LogEvent::FaultLatched(Fault::BrownOut)),
        "{log:?}"
    );
    clear_faults(&mut session)?;
    refused(&mut session, Request::Start, Refusal::CartridgeUsed)
}

#[test]
fn lost_link() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let (took, _) = watched(&mut session, 1.5, |session| {
        session.stop_heartbeat();
        Ok(())
    })?;
    // The last heartbeat may have come up to 100 ms before.
    ensure!((0.28..0.60).contains(&took), "{took} s");
    insist_latched(&mut session, Fault::LostLink)?;
    insist_clears(&mut session)
}

#[test]
fn carriage_lost() -> Result<()> {
    let scenario =
        reference_with("name = \"steps-lost\"\nprobability = 1.0\nfrom_s = 4.0\nfor_s = 1.0")?;
    let mut bench = bench(&scenario)?;
    let mut session = power_up(&mut bench, RELEASED)?;
    fit_cartridge(&mut session, 1)?;
    session.run_until(Nanoseconds::from_seconds(4))?;
    let (_, window) = watched(&mut session, 2.0, |session| {
        done(session, Request::UnlockDepth)?;
        let depth = firmware_wire::Setting::Depth(firmware_units::Micrometers(2_000));
        done(session, Request::Set(depth))?;
        done(session, Request::Start)
    })?;
    ensure!(window.edges.edges_ns.is_empty(), "the cam turned");
    let status = wait_for(&mut session, |status| {
        status.parked || status.may_be_exposed
    })?;
    ensure!(
        status.faults == FaultSet::NONE.with(Fault::CarriageLost),
        "{status:?}"
    );
    refused(&mut session, Request::Start, Refusal::Faulted)?;
    clear_faults(&mut session)?;
    wait_for(&mut session, |status| status.state == State::Ready)?;
    start(&mut session)
}

#[test]
fn watchdog_of_a_loop_whose_tick_is_gone() -> Result<()> {
    /// Interrupt enables of TIM2 (RM0444 22.4.4), whose second channel is the control tick.
    const TIM2_DIER: u64 = 0x4000_000C;
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let treatment = status(&mut session)?.treatment;
    let (took, _) = watched(&mut session, 0.5, |session| {
        let chip = session.bench().identity().chip.clone();
        let probe = session.bench().probe()?;
        let mut debug = probe.attach(chip, Permissions::default())?;
        debug.core(0)?.write_word_32(TIM2_DIER, 0)?;
        Ok(())
    })?;
    ensure!((0.02..0.20).contains(&took), "{took} s");
    hello(&mut session)?;
    wait_for(&mut session, |status| status.parked)?;
    insist_latched(&mut session, Fault::Watchdog)?;
    ensure!(status(&mut session)?.treatment == treatment);
    ensure!(events(&mut session)?.contains(&LogEvent::Booted(BootCause::Watchdog)));
    insist_clears(&mut session)
}

#[test]
fn cartridge_removed() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    let mut session = running(&mut bench)?;
    let (took, _) = watched(&mut session, 1.0, |session| {
        Ok(session.actuate(Actuation::Cartridge(None))?)
    })?;
    // The contact stands open for 50 ms; the braked cam gives current until it rests.
    ensure!(took < 0.25, "{took} s");
    insist_latched(&mut session, Fault::CartridgeRemoved)?;
    clear_faults(&mut session)?;
    refused(&mut session, Request::Start, Refusal::NoCartridge)
}

/// Erases both copies of the factory record through the debug probe: keys, then page after page
/// (RM0444 3.3.6, 3.7).
fn erase_records(bench: &mut VirtualBench) -> Result<()> {
    const KEYR: u64 = 0x4002_2008;
    const SR: u64 = 0x4002_2010;
    const CR: u64 = 0x4002_2014;
    const BSY1: u32 = 1 << 16;
    const PER: u32 = 1 << 1;
    const STRT: u32 = 1 << 16;
    const LOCK: u32 = 1 << 31;
    let chip = bench.identity().chip.clone();
    let mut debug = bench.probe()?.attach(chip, Permissions::default())?;
    let mut core = debug.core(0)?;
    for key in [0x4567_0123, 0xCDEF_89AB] {
        core.write_word_32(KEYR, key)?;
    }
    for copy in [COPY_A, COPY_B] {
        let page = (copy - 0x0800_0000) / 2_048;
        core.write_word_32(CR, PER | page << 3 | STRT)?;
        // Each look lets the chip run on a little; an erase takes 22 ms.
        let mut looks = 0;
        while core.read_word_32(SR)? & BSY1 != 0 {
            looks += 1;
            ensure!(looks < 1_000_000, "the erase of page {page} never ends");
        }
        core.write_word_32(CR, 0)?;
        let mut bytes = [0; COPY_LEN];
        core.read(u64::from(copy), &mut bytes)?;
        ensure!(bytes == [0xFF; COPY_LEN], "page {page} is not erased");
    }
    core.write_word_32(CR, LOCK)?;
    Ok(())
}

#[test]
fn calibration() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    flash_into(&mut bench, RELEASED)?;
    erase_records(&mut bench)?;
    let mut session = power_on(&mut bench, Millivolts(3_700))?;
    insist_latched(&mut session, Fault::Calibration)?;
    fit_cartridge_whatever(&mut session)?;
    refused(&mut session, Request::Start, Refusal::Faulted)?;
    refused(&mut session, Request::ClearFaults, Refusal::CauseRemains)?;
    refused(
        &mut session,
        Request::GetCalibration,
        Refusal::NotCalibrated,
    )
}

/// A pen with a latched fault never says that it is ready.
fn fit_cartridge_whatever(session: &mut VirtualSession<'_>) -> Result<()> {
    let fitted = fit_cartridge(session, 1);
    ensure!(fitted.is_err(), "ready with a latched fault");
    ensure!(status(session)?.cartridge);
    Ok(())
}

#[test]
fn self_test_of_a_battery_that_is_none() -> Result<()> {
    let mut bench = bench(&Scenario::reference())?;
    flash_into(&mut bench, RELEASED)?;
    let mut session = power_on(&mut bench, Millivolts(4_900))?;
    insist_latched(&mut session, Fault::SelfTest)?;
    session.actuate(Actuation::Supply(Millivolts(3_700)))?;
    session.wait(Nanoseconds::from_seconds(1))?;
    refused(&mut session, Request::ClearFaults, Refusal::CauseRemains)
}
