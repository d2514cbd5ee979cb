//! The look at the end of a sequence: whether the pen is in a safe state, and can be used again.

use super::stage::Stage;
use crate::NOMINAL_SUPPLY;
use crate::session::SessionError;
use firmware_units::{Micrometers, Millinewtons, Nanoseconds, StrokesPerMinute};
use firmware_wire::{Refusal, Reply, Request, Setting, SettingId};
use rig_bench::Bench;
use rig_sequence::{Fitting, ShaftHold, What};

/// After the last step.
const BEFORE: Nanoseconds = Nanoseconds::from_millis(100);
/// From STOP to the look at rest.
const REST: Nanoseconds = Nanoseconds::from_seconds(2);
/// A fault that cannot be cleared yet is asked about again after this time, and for so long.
const AGAIN: Nanoseconds = Nanoseconds::from_millis(100);
const CLEARED: Nanoseconds = Nanoseconds::from_seconds(3);
/// A new cartridge was read by then.
const CHIP_READ: Nanoseconds = Nanoseconds::from_millis(300);
/// What the pen is run at, and how long.
const DEPTH: Micrometers = Micrometers(500);
const RATE: StrokesPerMinute = StrokesPerMinute(7_000);
const RUN: Nanoseconds = Nanoseconds::from_millis(1_500);
/// From STOP to the last look.
const STOPPED: Nanoseconds = Nanoseconds::from_millis(700);
/// Looked at in the end, when the pen has long been at rest.
const LAST: Nanoseconds = Nanoseconds::from_millis(500);
/// Longest protrusion of the cartridge it is run with.
const LENGTH: Micrometers = Micrometers(2_500);

/// Leaves the pen to itself and looks at it; then clears what is latched, runs it once and stops it.
/// `index` is the number of the step that this counts as.
pub(super) fn at_the_end<B: Bench>(
    stage: &mut Stage<'_, '_, B>,
    index: usize,
) -> Result<(), SessionError> {
    stage.pen.session.note(What::Step(index));
    stage.pen.session.wait(BEFORE)?;
    stage.set_supply(NOMINAL_SUPPLY)?;
    stage.hold_shaft(ShaftHold::Free)?;
    stage.set_needles(0, Millinewtons::ZERO)?;
    stage.push(Millinewtons::ZERO)?;
    stage.press(false)?;
    stage.pen.session.stop_heartbeat();
    stage.send(Request::Stop)?;
    stage.pen.session.wait_long(REST)?;
    stage.send(Request::GetStatus)?;
    clear(stage)?;
    run_once(stage)
}

/// Clears what is latched, as soon as the pen lets it be cleared.
fn clear<B: Bench>(stage: &mut Stage<'_, '_, B>) -> Result<(), SessionError> {
    let until = stage.pen.session.now() + CLEARED;
    loop {
        let reply = stage.send(Request::ClearFaults)?;
        let is_early = matches!(
            reply,
            Some(Reply::Refused(Refusal::Busy | Refusal::CauseRemains))
        );
        if !is_early || stage.pen.session.now() >= until {
            return Ok(());
        }
        stage.pen.session.wait(AGAIN)?;
    }
}

fn run_once<B: Bench>(stage: &mut Stage<'_, '_, B>) -> Result<(), SessionError> {
    stage.send(Request::EndTreatment)?;
    stage.send(Request::LockDepth)?;
    stage.send(Request::ClearPreset)?;
    stage.change_cartridge(Some(Fitting::Fresh { length: LENGTH }))?;
    stage.pen.session.wait(CHIP_READ)?;
    stage.send(Request::Set(Setting::Depth(DEPTH)))?;
    stage.send(Request::Set(Setting::Rate(RATE)))?;
    stage.send(Request::Get(SettingId::Depth))?;
    stage.send(Request::Get(SettingId::Rate))?;
    stage.pen.session.start_heartbeat();
    stage.send(Request::Start)?;
    stage.pen.session.wait_long(RUN)?;
    stage.send(Request::Stop)?;
    stage.pen.session.stop_heartbeat();
    stage.pen.session.wait(STOPPED)?;
    stage.send(Request::GetStatus)?;
    stage.send(Request::EndTreatment)?;
    stage.change_cartridge(None)?;
    stage.pen.session.wait(LAST)
}
