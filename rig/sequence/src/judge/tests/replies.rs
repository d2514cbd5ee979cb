//! Settings, limits, refusals in their order, and states.

use super::story::at_rest;
use super::{Story, check, check_violated};
use crate::{Fitting, Property};
use firmware_units::{Micrometers, Nanometers};
use firmware_wire::{CartridgeReport, Preset, Refusal, Reply, Request, State};

#[test]
fn settings_are_taken_up_to_their_limits_and_read_back() {
    let story = Story::new()
        .depth(1_500, Ok(()))
        .reads_depth(1_500)
        .depth(1_750, Err(Refusal::AboveArmedLimit))
        .depth(2_750, Err(Refusal::OutOfRange))
        .depth(-250, Err(Refusal::OutOfRange))
        .depth(260, Err(Refusal::NotAStep))
        .reads_depth(1_500)
        .rate(3_000, Ok(()))
        .rate(2_999, Err(Refusal::OutOfRange))
        .rate(9_000, Ok(()))
        .rate(9_001, Err(Refusal::OutOfRange))
        .done(Request::UnlockDepth)
        .depth(2_500, Ok(()))
        .done(Request::LockDepth)
        .reads_depth(1_500);
    check(story.clone());
    let said = story.judge();
    // Nobody knows whether the first one's number follows that of the frame before the trace.
    assert_eq!((said.replies, said.certain), (15, 14));
}

#[test]
fn a_limit_that_is_one_step_off_is_seen() {
    check_violated(Story::new().depth(1_750, Ok(())), Property::Reply);
    check_violated(
        Story::new().depth(1_500, Err(Refusal::AboveArmedLimit)),
        Property::Reply,
    );
    check_violated(
        Story::new().done(Request::UnlockDepth).depth(2_750, Ok(())),
        Property::Reply,
    );
    check_violated(
        Story::new().depth(2_760, Err(Refusal::OutOfRange)),
        Property::Reply,
    );
    check_violated(Story::new().rate(9_001, Ok(())), Property::Reply);
}

#[test]
fn what_is_read_back_is_what_was_taken() {
    check_violated(
        Story::new().depth(500, Ok(())).reads_depth(750),
        Property::ReadBack,
    );
    check_violated(
        Story::new()
            .depth(500, Ok(()))
            .depth(1_750, Err(Refusal::AboveArmedLimit))
            .reads_depth(1_750),
        Property::ReadBack,
    );
}

#[test]
fn a_preset_sets_its_depth_and_holds_its_ceiling() {
    let nose = || Story::new().done(Request::SelectPreset(Preset::Nose));
    check(
        nose()
            .reads_depth(250)
            .depth(500, Ok(()))
            .depth(750, Err(Refusal::AbovePresetCeiling))
            .depth(1_750, Err(Refusal::AboveArmedLimit))
            .done(Request::ClearPreset)
            .depth(750, Ok(())),
    );
    check_violated(nose().reads_depth(0), Property::ReadBack);
    check_violated(nose().depth(750, Ok(())), Property::Reply);
}

#[test]
fn a_cartridge_holds_the_depth_and_says_what_it_is() {
    let report = Reply::Cartridge(CartridgeReport {
        id: 1,
        needles: 14,
        needle_length: Micrometers(1_100),
        treatment: None,
    });
    let short = || Story::new().fit(1_100);
    check(
        short()
            .ask(Request::GetCartridge, report)
            .depth(1_000, Ok(()))
            .depth(1_250, Err(Refusal::AboveCartridgeLimit))
            .status(firmware_wire::Status {
                state: State::Ready,
                cartridge: true,
                depth: Micrometers(1_000),
                limit: Micrometers(1_000),
                ..at_rest()
            }),
    );
    check_violated(short().depth(1_250, Ok(())), Property::Reply);
    check(
        Story::new()
            .depth(1_500, Ok(()))
            .fit(1_100)
            .refused(Request::Start, Refusal::AboveCartridgeLimit),
    );
}

#[test]
fn start_is_declined_for_the_first_of_its_reasons() {
    let unreadable = || Story::new().fitting(Fitting::Unreadable, 9).wait(300);
    check(Story::new().refused(Request::Start, Refusal::NoCartridge));
    check(unreadable().refused(Request::Start, Refusal::CartridgeUnreadable));
    check(
        Story::new()
            .fitting(Fitting::Used, 9)
            .wait(300)
            .refused(Request::Start, Refusal::CartridgeUsed),
    );
    check_violated(unreadable().done(Request::Start), Property::Reply);
    check_violated(
        Story::new().refused(Request::Start, Refusal::Faulted),
        Property::Reply,
    );
}

#[test]
fn while_a_contact_closes_either_answer_may_be_and_then_one() {
    let fresh = Fitting::Fresh {
        length: Micrometers(2_500),
    };
    let fitted = |after: u64| Story::new().fitting(fresh, 1).wait(after);
    check(fitted(10).refused(Request::Start, Refusal::NoCartridge));
    check(fitted(54).refused(Request::Start, Refusal::NoCartridge));
    check(fitted(54).refused(Request::Start, Refusal::Busy));
    check(fitted(100).refused(Request::Start, Refusal::Busy));
    check(fitted(100).done(Request::Start));
    check_violated(
        fitted(10).refused(Request::Start, Refusal::Busy),
        Property::Reply,
    );
    check_violated(
        fitted(300).refused(Request::Start, Refusal::Busy),
        Property::Start,
    );
}

#[test]
fn a_run_goes_through_its_states() {
    let running = || Story::new().fit(2_500).depth(1_000, Ok(())).start();
    let status = firmware_wire::Status {
        state: State::Running,
        depth: Micrometers(1_000),
        limit: Micrometers(1_500),
        cartridge: true,
        treatment: Some(77),
        parked: false,
        ..at_rest()
    };
    let rested = firmware_wire::Status {
        state: State::Ready,
        parked: true,
        ..status
    };
    check(
        running()
            .wait(500)
            .status(status)
            .depth(500, Err(Refusal::Running))
            .rate(8_000, Ok(()))
            .refused(Request::Start, Refusal::Running)
            .stop()
            .rate(7_000, Ok(()))
            .status(rested)
            .depth(500, Ok(())),
    );
    // The treatment's id does not change, and needles that are out are not parked.
    check_violated(
        running()
            .wait(500)
            .status(status)
            .stop()
            .status(firmware_wire::Status {
                treatment: Some(78),
                ..rested
            }),
        Property::Reply,
    );
    check_violated(
        running().wait(500).status(firmware_wire::Status {
            parked: true,
            ..status
        }),
        Property::Reply,
    );
    check_violated(running().wait(500).depth(500, Ok(())), Property::Reply);
}

#[test]
fn a_pause_goes_on_and_a_stop_does_not() {
    let paused = || {
        Story::new()
            .fit(2_500)
            .start()
            .wait(400)
            .done(Request::Pause)
            .beats(false)
            .turns(None)
            .wait(1_100)
    };
    let status = |state| firmware_wire::Status {
        state,
        cartridge: true,
        treatment: Some(5),
        ..at_rest()
    };
    check(paused().status(status(State::Paused)).done(Request::Pause));
    check(
        paused()
            .done(Request::Stop)
            .status(status(State::Ready))
            .refused(Request::Pause, Refusal::NotRunning),
    );
    check_violated(paused().status(status(State::Ready)), Property::Reply);
}

#[test]
fn a_treatment_ends_with_its_unlock_and_its_cartridge() {
    let treated = || {
        Story::new()
            .fit(2_500)
            .done(Request::UnlockDepth)
            .depth(2_000, Ok(()))
            .start()
            .stop()
            .done(Request::EndTreatment)
    };
    check(
        treated()
            .reads_depth(1_500)
            .depth(2_000, Err(Refusal::AboveArmedLimit))
            .refused(Request::Start, Refusal::CartridgeUsed)
            .refused(Request::EndTreatment, Refusal::NoTreatment),
    );
    check_violated(treated().depth(2_000, Ok(())), Property::Reply);
    check_violated(treated().done(Request::Start), Property::Reply);
}

#[test]
fn calibration_is_for_a_bare_pen() {
    let calibrate = Request::Calibrate {
        home_protrusion: Nanometers(-400_000),
        screw_lead: Nanometers(500_000),
    };
    check(
        Story::new()
            .fit(2_500)
            .refused(calibrate, Refusal::CartridgeFitted),
    );
    check(
        Story::new()
            .done(calibrate)
            .wait(100)
            .send(Request::GetStatus)
            .unanswered()
            .wait(3_500)
            .status(at_rest()),
    );
    check_violated(Story::new().fit(2_500).done(calibrate), Property::Reply);
}

#[test]
fn a_button_let_go_for_less_than_a_tick_may_have_been_held() {
    let pressed = |let_go: u64| {
        Story::new()
            .fit(2_500)
            .button(true)
            .wait(20)
            .button(false)
            .wait(let_go)
            .button(true)
            .wait(15)
            .button(false)
            .wait(700)
    };
    let started = |story: Story| {
        story
            .turns(Some(7_000))
            .refused(Request::Start, Refusal::Running)
    };
    check(started(pressed(2)));
    check(pressed(2).refused(Request::NextSection, Refusal::NoTreatment));
    check(pressed(5).refused(Request::NextSection, Refusal::NoTreatment));
    check_violated(
        pressed(5).refused(Request::NextSection, Refusal::Running),
        Property::Reply,
    );
}

#[test]
fn a_button_starts_and_stops() {
    let pressed = |held: u64| {
        Story::new()
            .fit(2_500)
            .button(true)
            .wait(held)
            .button(false)
            .wait(700)
    };
    check(
        pressed(100)
            .turns(Some(7_000))
            .refused(Request::Start, Refusal::Running),
    );
    check(pressed(10).refused(Request::NextSection, Refusal::NoTreatment));
    check_violated(
        pressed(10).refused(Request::NextSection, Refusal::Running),
        Property::Reply,
    );
    check(
        pressed(100)
            .turns(Some(7_000))
            .wait(500)
            .button(true)
            .wait(100)
            .button(false)
            .turns(None)
            .wait(1_200)
            .done(Request::NextSection),
    );
}
