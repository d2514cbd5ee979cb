//! Numbers, broken frames, answers, counters of the link.

use super::story::at_rest;
use super::{Story, check, check_violated};
use crate::Property;
use firmware_wire::{LinkCounters, LinkReport, Refusal, Reply, Request, State, Status};

fn report(accepted: u32, repeated: u32, out_of_order: u32) -> Reply {
    Reply::LinkReport(LinkReport {
        counters: LinkCounters {
            accepted,
            repeated,
            ..LinkCounters::default()
        },
        out_of_order,
        ..LinkReport::default()
    })
}

#[test]
fn a_frame_again_is_answered_again_and_not_acted_on_twice() {
    let again = || {
        let story = Story::new().fit(2_500).start().stop();
        let story = story.done(Request::NextSection);
        let number = story.number();
        story.send_as(number, Request::NextSection)
    };
    let number = again().number();
    let treatment = |section| {
        Reply::Treatment(firmware_wire::TreatmentReport {
            id: 5,
            elapsed: firmware_units::Milliseconds(1_620),
            left: firmware_units::Milliseconds(3_600_000 - 1_620),
            section,
            section_passes: 0,
            passes: 1,
            pass_strokes: 0,
            section_strokes: 0,
            strokes: again().edges(),
        })
    };
    check(
        again()
            .reply_to(number, Reply::Done)
            .ask(Request::GetTreatment, treatment(2)),
    );
    check_violated(
        again()
            .reply_to(number, Reply::Done)
            .ask(Request::GetTreatment, treatment(3)),
        Property::Counters,
    );
    check_violated(
        again().reply_to(number, Reply::Refused(Refusal::OutOfOrder)),
        Property::Reply,
    );
}

#[test]
fn a_late_frame_is_declined_and_a_late_stop_is_not() {
    let late = |request| {
        let story = Story::new().depth(500, Ok(()));
        let number = story.number() - 3;
        (story.send_as(number, request), number)
    };
    let (story, number) = late(Request::UnlockDepth);
    let declined = story
        .clone()
        .reply_to(number, Reply::Refused(Refusal::OutOfOrder));
    check(declined.status(Status {
        depth: firmware_units::Micrometers(500),
        ..at_rest()
    }));
    check_violated(story.reply_to(number, Reply::Done), Property::Reply);
    let (story, number) = late(Request::Stop);
    check(story.reply_to(number, Reply::Done).depth(750, Ok(())));
}

#[test]
fn every_request_is_answered_once() {
    let story = Story::new().done(Request::Heartbeat);
    let number = story.number();
    check_violated(story.reply_to(number, Reply::Done), Property::Answer);
    check_violated(
        Story::new().send(Request::GetStatus).unanswered(),
        Property::Answer,
    );
    check_violated(Story::new().reply_to(7, Reply::Done), Property::Answer);
}

#[test]
fn a_pen_without_supply_or_after_broken_bytes_need_not_answer() {
    check(
        Story::new()
            .supply(0)
            .wait(100)
            .send(Request::GetStatus)
            .unanswered(),
    );
    check(
        Story::new()
            .broken()
            .wait(5)
            .send(Request::GetStatus)
            .unanswered(),
    );
    check_violated(
        Story::new()
            .broken()
            .wait(100)
            .send(Request::GetStatus)
            .unanswered(),
        Property::Answer,
    );
    check(
        Story::new()
            .reset()
            .wait(10)
            .send(Request::GetStatus)
            .unanswered(),
    );
    check_violated(
        Story::new()
            .reset()
            .wait(500)
            .send(Request::GetStatus)
            .unanswered(),
        Property::Answer,
    );
}

#[test]
fn frames_are_counted_exactly_once_they_were_told() {
    let story = || {
        Story::new()
            .ask(Request::GetLinkReport, report(20, 0, 0))
            .depth(250, Ok(()))
    };
    check(story().ask(Request::GetLinkReport, report(22, 0, 0)));
    check_violated(
        story().ask(Request::GetLinkReport, report(23, 0, 0)),
        Property::Counters,
    );
    let number = story().number();
    let again = || {
        story()
            .send_as(
                number,
                Request::Set(firmware_wire::Setting::Depth(firmware_units::Micrometers(
                    250,
                ))),
            )
            .reply_to(number, Reply::Done)
    };
    check(again().ask(Request::GetLinkReport, report(22, 1, 0)));
    check_violated(
        again().ask(Request::GetLinkReport, report(23, 0, 0)),
        Property::Counters,
    );
}

#[test]
fn a_host_that_was_silent_begins_anew() {
    let again = |after: u64| {
        let story = Story::new().done(Request::UnlockDepth).wait(after);
        let number = story.number() - 3;
        (story.send_as(number, Request::LockDepth), number)
    };
    let (story, number) = again(100);
    check(story.reply_to(number, Reply::Refused(Refusal::OutOfOrder)));
    let (story, number) = again(800);
    check(story.clone().reply_to(number, Reply::Done));
    check_violated(
        story.reply_to(number, Reply::Refused(Refusal::OutOfOrder)),
        Property::Reply,
    );
}

#[test]
fn an_old_host_is_told_in_its_words() {
    let hello = |revision| Reply::Hello {
        protocol: 1,
        revision,
    };
    let paused = |story: Story| {
        story
            .fit(2_500)
            .start()
            .done(Request::Pause)
            .beats(false)
            .turns(None)
            .wait(1_100)
    };
    let status = |state| Status {
        state,
        cartridge: true,
        treatment: Some(5),
        ..at_rest()
    };
    let old = || paused(Story::new().ask(Request::Hello { revision: 0 }, hello(0)));
    check(old().status(status(State::Ready)));
    check_violated(old().status(status(State::Paused)), Property::Reply);
    check(
        old()
            .ask(Request::Hello { revision: 7 }, hello(1))
            .status(status(State::Paused)),
    );
}
