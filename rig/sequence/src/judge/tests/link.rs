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
            .broken(&[3, 1, 4])
            .wait(5)
            .send(Request::GetStatus)
            .unanswered(),
    );
    check_violated(
        Story::new()
            .broken(&[3, 1, 4])
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
fn damaged_frames_are_counted() {
    let story = || Story::new().ask(Request::GetLinkReport, report(20, 0, 0));
    let broken = |malformed, oversized, truncated| {
        Reply::LinkReport(LinkReport {
            counters: LinkCounters {
                accepted: 21,
                malformed,
                oversized,
                ..LinkCounters::default()
            },
            truncated,
            ..LinkReport::default()
        })
    };
    let long = [&[7; 120][..], &[0]].concat();
    for (bytes, counted, uncounted) in [
        (&[3, 1, 4, 0][..], broken(1, 0, 0), broken(0, 0, 0)),
        (&[3, 1, 0, 4, 0], broken(2, 0, 0), broken(1, 0, 0)),
        (&long, broken(0, 1, 0), broken(1, 0, 0)),
        (&[3, 1, 4], broken(1, 0, 1), broken(1, 0, 0)),
        (&[0, 0], broken(0, 0, 0), broken(1, 0, 0)),
    ] {
        let story = story().broken(bytes).wait(100);
        check(story.clone().ask(Request::GetLinkReport, counted));
        check_violated(
            story.ask(Request::GetLinkReport, uncounted),
            Property::Counters,
        );
    }
}

#[test]
fn of_two_frames_with_one_number_the_first_may_have_been_swallowed() {
    let story = || {
        Story::new()
            .broken(&[3, 1, 4])
            .wait(5)
            .send(Request::Heartbeat)
    };
    let number = story().number();
    let again = story().wait(5).send_as(number, Request::Heartbeat);
    check(again.clone().reply_to(number, Reply::Done).unanswered());
    // The second was not.
    check_violated(again.unanswered().unanswered(), Property::Answer);
}

#[test]
fn the_rest_of_a_frame_makes_it_whole() {
    let frame = firmware_wire::encode(300, &Request::UnlockDepth).unwrap();
    let (head, rest) = frame.split_at(frame.len() - 1);
    let story = Story::new().broken(head).wait(5).broken(rest);
    let unlocked = Status {
        unlocked: true,
        limit: firmware_units::Micrometers(2_500),
        ..at_rest()
    };
    let heard = story.clone().reply_to(300, Reply::Done);
    check(heard.clone().status(unlocked));
    check_violated(heard.reply_to(300, Reply::Done), Property::Answer);
    check_violated(story.reply_to(301, Reply::Done), Property::Answer);
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

#[test]
fn an_old_frame_that_was_taken_after_silence_is_the_last_one() {
    let period = Request::SetTelemetryPeriod(firmware_units::Milliseconds(100));
    let story = Story::new().fit(2_500).start().beats(false);
    let number = story.number() - 23;
    let late = |story: Story, number, request, reply| {
        story.send_as(number, request).reply_to(number, reply)
    };
    let declined = || Reply::Refused(Refusal::OutOfOrder);
    let mut story = story.turns(None).wait(430);
    story = late(story, number, period, Reply::Done).wait(20);
    story = late(story, number - 7, period, declined()).wait(50);
    story = late(story, number - 16, Request::Start, declined()).wait(20);
    check(late(story, number, period, Reply::Done));
}

#[test]
fn the_first_frames_may_be_older_than_those_before_the_trace() {
    let old = |story: Story| story.refused(Request::UnlockDepth, Refusal::OutOfOrder);
    check(old(Story::new()).status(at_rest()));
    check(old(old(Story::new())).done(Request::UnlockDepth));
    // The number of the last one is known now.
    let heard = Story::new().done(Request::LockDepth);
    check_violated(old(heard), Property::Reply);
    // A host that was silent begins anew, and a late STOP is acted on.
    check_violated(old(Story::new().wait(800)), Property::Reply);
    let stop = Story::new().refused(Request::Stop, Refusal::OutOfOrder);
    check_violated(stop, Property::Reply);
}

#[test]
fn a_reply_behind_one_that_a_reset_cut_off_may_be_spoiled() {
    let unlocked = Status {
        unlocked: true,
        limit: firmware_units::Micrometers(2_500),
        ..at_rest()
    };
    let sent = |after| {
        let story = Story::new().reset().wait(after);
        story.send(Request::UnlockDepth)
    };
    let spoiled = || sent(50).heard_broken().unanswered().wait(3_000);
    check(spoiled().status(unlocked));
    check(spoiled().status(at_rest()));
    // Nothing came that was no frame: it was not heard.
    let unheard = || sent(50).unanswered().wait(3_000);
    check(unheard().status(at_rest()));
    check_violated(unheard().status(unlocked), Property::ReadBack);
    // Heard for certain, and acted on.
    let late = || sent(500).heard_broken().unanswered().wait(3_000);
    check(late().status(unlocked));
    check_violated(late().status(at_rest()), Property::ReadBack);
    check_violated(sent(500).unanswered(), Property::Answer);
    // One is spoiled, and none once the pen was heard.
    let again = late().send(Request::Heartbeat);
    check_violated(again.heard_broken().unanswered(), Property::Answer);
    let heard = Story::new().reset().wait(500).done(Request::Heartbeat);
    let broken = heard.send(Request::Heartbeat).heard_broken();
    check_violated(broken.unanswered(), Property::Answer);
}
