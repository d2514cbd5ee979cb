//! Faults: brought about, latched, kept, cleared.

use super::story::at_rest;
use super::{Story, check, check_violated};
use crate::{Property, ShaftHold};
use firmware_units::Micrometers;
use firmware_wire::{Fault, FaultSet, Refusal, Request, State, Status};

fn running() -> Story {
    Story::new()
        .fit(2_500)
        .depth(1_000, Ok(()))
        .start()
        .wait(500)
}

fn faulted(fault: Fault) -> Status {
    Status {
        state: State::Faulted,
        faults: FaultSet::NONE.with(fault),
        depth: Micrometers(1_000),
        cartridge: true,
        treatment: Some(5),
        ..at_rest()
    }
}

#[test]
fn a_cartridge_taken_out_of_a_run_is_a_fault_until_it_is_cleared() {
    let taken = || running().take_out().beats(false).turns(None).wait(1_300);
    let status = Status {
        cartridge: false,
        ..faulted(Fault::CartridgeRemoved)
    };
    check(
        taken()
            .status(status)
            .done(Request::ClearFaults)
            .status(Status {
                state: State::Standby,
                faults: FaultSet::NONE,
                ..status
            }),
    );
    check_violated(
        taken().status(Status {
            state: State::Standby,
            faults: FaultSet::NONE,
            ..status
        }),
        Property::Faults,
    );
    // Forgotten without having been cleared.
    check_violated(
        taken().status(status).wait(50).status(Status {
            state: State::Standby,
            faults: FaultSet::NONE,
            ..status
        }),
        Property::Faults,
    );
}

#[test]
fn a_silent_host_is_a_fault_after_its_start_alone() {
    let silent = |millis| running().beats(false).wait(millis).turns(None);
    let lost = faulted(Fault::LostLink);
    check(
        silent(1_600)
            .status(lost)
            .refused(Request::Start, Refusal::Faulted),
    );
    check(silent(300).turns(Some(7_000)).wait(10).status(Status {
        state: State::Running,
        faults: FaultSet::NONE,
        parked: false,
        ..lost
    }));
    check_violated(
        silent(1_600).status(Status {
            state: State::Ready,
            faults: FaultSet::NONE,
            ..lost
        }),
        Property::Faults,
    );
    check_violated(
        silent(250).wait(0).status(Status {
            parked: false,
            ..lost
        }),
        Property::Faults,
    );
    // Started by the button, the pen needs no host.
    check(
        Story::new()
            .fit(2_500)
            .button(true)
            .wait(400)
            .button(false)
            .turns(Some(7_000))
            .wait(3_000)
            .refused(Request::Start, Refusal::Running),
    );
}

#[test]
fn a_held_shaft_is_a_stall() {
    let held = || {
        running()
            .shaft(ShaftHold::Locked)
            .turns(None)
            .wait(1_700)
            .beats(false)
    };
    check(
        held()
            .status(faulted(Fault::Stall))
            .shaft(ShaftHold::Free)
            .done(Request::ClearFaults)
            .start()
            .wait(500)
            .refused(Request::Start, Refusal::Running),
    );
    check_violated(held().status(faulted(Fault::OverSpeed)), Property::Faults);
    check_violated(
        held().status(Status {
            state: State::Running,
            faults: FaultSet::NONE,
            parked: false,
            ..faulted(Fault::Stall)
        }),
        Property::Faults,
    );
    // A brake may be too much or not.
    let braked = || running().brake(5_000).turns(None).wait(1_700).beats(false);
    check(braked().status(faulted(Fault::OverCurrent)));
    check(braked().status(faulted(Fault::Stall)));
    check_violated(
        running().brake(500).wait(900).status(faulted(Fault::Stall)),
        Property::Faults,
    );
}

#[test]
fn a_carriage_that_is_pushed_hard_may_be_lost_and_one_that_is_not_may_not() {
    let lost = Status {
        parked: false,
        may_be_exposed: true,
        ..faulted(Fault::CarriageLost)
    };
    let pushed = |force| running().axial(force).wait(500).turns(None);
    check(pushed(5_000).status(lost));
    check_violated(pushed(1_000).status(lost), Property::Faults);
}

#[test]
fn a_low_battery_stays_while_it_is_low() {
    let low = || {
        Story::new()
            .fit(2_500)
            .depth(1_000, Ok(()))
            .supply(3_000)
            .wait(1_500)
    };
    let status = Status {
        treatment: None,
        ..faulted(Fault::BatteryLow)
    };
    check(
        low()
            .status(status)
            .refused(Request::ClearFaults, Refusal::CauseRemains)
            .supply(3_700)
            .wait(2_000)
            .done(Request::ClearFaults)
            .done(Request::Start),
    );
    check_violated(low().done(Request::ClearFaults), Property::Faults);
    check_violated(
        low()
            .supply(3_700)
            .wait(2_000)
            .refused(Request::ClearFaults, Refusal::CauseRemains),
        Property::Faults,
    );
    check_violated(low().done(Request::Start), Property::Reply);
}

#[test]
fn power_that_goes_in_a_run_is_a_brown_out() {
    let back = || {
        running()
            .beats(false)
            .supply(0)
            .turns(None)
            .wait(300)
            .supply(3_700)
            .wait(3_000)
    };
    let lost = Status {
        depth: Micrometers(0),
        treatment: None,
        ..faulted(Fault::BrownOut)
    };
    // Retained RAM may have been lost, and the treatment with it, or not.
    check(back().status(lost));
    check(back().status(Status {
        treatment: Some(5),
        ..lost
    }));
    check_violated(
        back().status(Status {
            state: State::Standby,
            faults: FaultSet::NONE,
            ..lost
        }),
        Property::Faults,
    );
}

#[test]
fn a_reset_keeps_faults_and_treatment_and_no_setting() {
    let reset = || {
        running()
            .take_out()
            .beats(false)
            .turns(None)
            .wait(1_300)
            .reset()
            .wait(3_000)
    };
    let status = Status {
        depth: Micrometers(0),
        cartridge: false,
        ..faulted(Fault::CartridgeRemoved)
    };
    check(reset().status(status).done(Request::ClearFaults));
    check_violated(
        reset().status(Status {
            state: State::Standby,
            faults: FaultSet::NONE,
            ..status
        }),
        Property::Faults,
    );
    check_violated(
        reset().status(Status {
            depth: Micrometers(1_000),
            ..status
        }),
        Property::ReadBack,
    );
    check_violated(
        reset().status(Status {
            treatment: None,
            ..status
        }),
        Property::Reply,
    );
}

#[test]
fn what_nothing_has_brought_about_is_no_fault() {
    for fault in Fault::ALL {
        let status = faulted(fault);
        check_violated(running().status(status), Property::Faults);
    }
}
