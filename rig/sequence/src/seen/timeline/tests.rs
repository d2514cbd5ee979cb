//! Answers of a model, given by hand, and the orders that they make.

use super::*;
use crate::testing::spec;
use firmware_wire::Request;

const fn ms(millis: u64) -> Nanoseconds {
    Nanoseconds::from_millis(millis)
}

fn answers(motion: model::Motion) -> Answers {
    let depth = Since {
        value: Micrometers(1_500),
        since: Nanoseconds::ZERO,
    };
    Answers {
        motion,
        depth: Some(depth),
        rate: None,
        ceiling: Micrometers(1_500),
        supply_ok: true,
        recalibrated: false,
    }
}

fn commanded(since: u64) -> model::Motion {
    model::Motion::Commanded {
        since: ms(since),
        by: Starter::Host,
    }
}

fn stopping(since: u64, by: StopCause) -> model::Motion {
    model::Motion::Stopping {
        since: ms(since),
        by,
    }
}

const REST: model::Motion = model::Motion::Forbidden {
    since: Nanoseconds::ZERO,
};

fn sent(at: u64) -> Event {
    Event {
        at: ms(at),
        what: What::Sent {
            number: 1,
            request: Request::Heartbeat,
        },
    }
}

fn other(at: u64, what: What) -> Event {
    Event { at: ms(at), what }
}

/// The orders of some events and answers, after rest.
fn orders(events: &[(Event, model::Motion)], ended: u64) -> Orders {
    let requirements = Requirements::from_spec(&spec()).unwrap();
    let mut writer = Writer::new(&requirements, answers(REST));
    for (event, motion) in events {
        writer.take(event, answers(*motion));
    }
    writer.close(ms(ended))
}

/// Every span of motion, by its beginning in ms.
#[track_caller]
fn check(events: &[(Event, model::Motion)], expected: &[(u64, Motion)]) -> Vec<End> {
    let orders = orders(events, 10_000);
    let spans: Vec<_> = orders
        .motion
        .spans(ms(10_000))
        .map(|it| (it.from.0 / 1_000_000, *it.value))
        .collect();
    assert_eq!(spans, expected);
    orders.ends
}

#[test]
fn a_stop_is_due_by_its_cause() {
    for (by, due) in [
        (StopCause::Asked, 2_500),
        (StopCause::Button, 2_530),
        (StopCause::CartridgeOut, 2_550),
        (StopCause::Silence, 3_000),
        (StopCause::Stall, 2_800),
    ] {
        let ends = check(
            &[
                (sent(1_000), commanded(1_000)),
                (sent(1_300), commanded(1_000)),
                (sent(1_600), commanded(1_000)),
                (sent(1_900), commanded(1_000)),
                (sent(2_000), stopping(2_000, by)),
            ],
            &[
                (0, Motion::Forbidden),
                (1_000, Motion::Commanded),
                (2_000, Motion::Open),
                (due, Motion::Forbidden),
            ],
        );
        assert_eq!((ends.len(), ends[0].due), (1, ms(due)));
    }
}

#[test]
fn a_second_stop_does_not_put_off_the_first_and_an_earlier_due_wins() {
    let spans = [
        (0, Motion::Forbidden),
        (1_000, Motion::Commanded),
        (1_200, Motion::Open),
        (1_700, Motion::Forbidden),
    ];
    let first = (sent(1_000), commanded(1_000));
    let asked = |at| (sent(at), stopping(at, StopCause::Asked));
    let ends = check(&[first.clone(), asked(1_200), asked(1_400)], &spans);
    assert_eq!(ends.len(), 1);
    let silent = (sent(1_200), stopping(1_100, StopCause::Silence));
    let ends = check(
        &[first, silent, asked(1_200)],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_100, Motion::Open),
            (1_700, Motion::Forbidden),
        ],
    );
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].cause, Cause::Asked);
}

#[test]
fn a_new_start_before_the_rest_is_due_forgets_it() {
    let ends = check(
        &[
            (sent(1_000), commanded(1_000)),
            (sent(1_200), stopping(1_200, StopCause::Asked)),
            (sent(1_500), commanded(1_500)),
            (sent(1_800), stopping(1_800, StopCause::Asked)),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_200, Motion::Open),
            (1_500, Motion::Commanded),
            (1_800, Motion::Open),
            (2_300, Motion::Forbidden),
        ],
    );
    assert_eq!(ends.len(), 2);
}

#[test]
fn a_host_that_falls_silent_opens_and_then_forbids() {
    let ends = check(
        &[
            (sent(1_000), commanded(1_000)),
            (sent(1_300), commanded(1_000)),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_680, Motion::Open),
            (2_300, Motion::Forbidden),
        ],
    );
    assert_eq!(ends[0].cause, Cause::Silence);
    assert_eq!(ends[0].due, ms(2_300));
}

#[test]
fn damaged_frames_and_replies_keep_no_link_alive() {
    let broken = |at| (other(at, What::SentBroken(vec![7])), commanded(1_000));
    check(
        &[
            (sent(1_000), commanded(1_000)),
            broken(1_300),
            broken(1_600),
            broken(1_900),
            broken(2_200),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_380, Motion::Open),
            (2_000, Motion::Forbidden),
        ],
    );
}

#[test]
fn a_frame_that_comes_late_may_keep_a_link_alive_or_not() {
    let late = other(
        1_300,
        What::Sent {
            number: 0,
            request: Request::Heartbeat,
        },
    );
    check(
        &[(sent(1_000), commanded(1_000)), (late, commanded(1_000))],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_380, Motion::Open),
            (2_300, Motion::Forbidden),
        ],
    );
}

#[test]
fn a_pen_started_by_its_button_needs_no_host() {
    let by_button = model::Motion::Commanded {
        since: ms(1_000),
        by: Starter::Button,
    };
    check(
        &[(other(1_000, What::Button(true)), by_button)],
        &[(0, Motion::Forbidden), (1_000, Motion::Commanded)],
    );
}

#[test]
fn what_asks_a_pen_at_rest_to_stop_sets_nothing_in_motion() {
    let ask = |at, request| other(at, What::Sent { number: 1, request });
    let unsure = model::Motion::Uncertain;
    // The model's rest begins when it must have begun, which is still to come.
    let rest = model::Motion::Forbidden { since: ms(3_000) };
    check(
        &[
            (ask(900, Request::LockDepth), rest),
            (ask(1_000, Request::Stop), unsure),
            (other(1_010, What::HeardBroken), rest),
            (ask(1_100, Request::EndTreatment), unsure),
            (other(1_110, What::HeardBroken), rest),
        ],
        &[(0, Motion::Forbidden)],
    );
    // But what comes behind it may.
    check(
        &[
            (ask(1_000, Request::Stop), unsure),
            (ask(1_005, Request::Start), unsure),
            (other(1_010, What::HeardBroken), unsure),
            (other(1_020, What::HeardBroken), rest),
        ],
        &[
            (0, Motion::Forbidden),
            (1_005, Motion::Open),
            (1_020, Motion::Forbidden),
        ],
    );
}

#[test]
fn what_was_uncertain_and_is_refused_was_forbidden_all_along() {
    check(
        &[
            (sent(1_000), model::Motion::Uncertain),
            (other(1_010, What::HeardBroken), REST),
        ],
        &[(0, Motion::Forbidden)],
    );
}

#[test]
fn a_reset_homes_and_a_pen_without_supply_cannot_park() {
    let homing = model::Motion::Homing { since: ms(1_000) };
    check(
        &[(other(1_000, What::Reset), homing)],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Open),
            (2_000, Motion::Still),
            (4_000, Motion::Forbidden),
        ],
    );
    let off = model::Motion::Off { since: ms(1_200) };
    let ends = check(
        &[
            (sent(1_000), commanded(1_000)),
            (sent(1_100), stopping(1_100, StopCause::Asked)),
            (other(1_200, What::Supply(Millivolts(0))), off),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_100, Motion::Open),
            (2_200, Motion::Still),
        ],
    );
    assert_eq!(ends.len(), 1);
}

#[test]
fn a_low_supply_leaves_open_whether_a_pen_runs_and_whether_it_parks() {
    let low = |at| other(at, What::Supply(Millivolts(3_000)));
    check(
        &[
            (sent(1_000), commanded(1_000)),
            (low(1_200), commanded(1_000)),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_200, Motion::Open),
        ],
    );
    check(
        &[
            (sent(1_000), commanded(1_000)),
            (sent(1_100), stopping(1_100, StopCause::Asked)),
            (low(1_200), stopping(1_100, StopCause::Asked)),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_100, Motion::Open),
            (2_200, Motion::Still),
        ],
    );
    // At rest and parked it has nothing to do.
    check(&[(low(1_200), REST)], &[(0, Motion::Forbidden)]);
}

#[test]
fn a_locked_shaft_leaves_open_when_the_run_ends() {
    let locked = other(1_200, What::Shaft(ShaftHold::Locked));
    let start = (sent(1_000), commanded(1_000));
    let orders = orders(&[start, (locked, commanded(1_000))], 1_300);
    assert_eq!(*orders.motion.last(), Motion::Open);
    assert_eq!(orders.starts, [ms(1_000)]);
}

#[test]
fn a_changed_calibration_leaves_depth_and_ceiling_open() {
    let requirements = Requirements::from_spec(&spec()).unwrap();
    let mut writer = Writer::new(&requirements, answers(REST));
    let mut changed = answers(REST);
    changed.recalibrated = true;
    writer.take(&sent(1_000), changed);
    let orders = writer.close(ms(2_000));
    assert_eq!(*orders.depth.at(ms(1_500)), None);
    assert_eq!(*orders.ceiling.at(ms(1_500)), None);
    assert_eq!(*orders.ceiling.at(ms(500)), Some(Micrometers(1_500)));
    // Parked is where the calibration says.
    assert_eq!(*orders.motion.at(ms(500)), Motion::Forbidden);
    assert_eq!(*orders.motion.at(ms(1_500)), Motion::Still);
}

#[test]
fn a_run_that_was_left_open_is_one_again_only_from_where_the_model_says_so_anew() {
    let hold = |at, hold| other(at, What::Shaft(hold));
    check(
        &[
            (sent(1_000), commanded(1_000)),
            (hold(1_100, ShaftHold::Locked), commanded(1_000)),
            (hold(1_200, ShaftHold::Free), model::Motion::Uncertain),
            (sent(1_300), commanded(1_000)),
            (sent(1_400), model::Motion::Uncertain),
            (sent(1_500), stopping(1_500, StopCause::Asked)),
        ],
        &[
            (0, Motion::Forbidden),
            (1_000, Motion::Commanded),
            (1_100, Motion::Open),
            (1_300, Motion::Commanded),
            (1_400, Motion::Open),
            (2_000, Motion::Forbidden),
        ],
    );
}

#[test]
fn a_press_that_shows_later_leaves_open_from_the_press_on() {
    let unsure = model::Motion::Uncertain;
    check(
        &[
            (other(1_000, What::Button(true)), REST),
            (other(1_200, What::HeardBroken), unsure),
        ],
        &[(0, Motion::Forbidden), (1_000, Motion::Open)],
    );
}

/// A press while the pen may be booting or up already, seen in the model's answers only later.
fn pressed_after_reset(answer: model::Motion) -> Vec<(Event, model::Motion)> {
    let homing = model::Motion::Homing { since: ms(100) };
    vec![
        (other(100, What::Reset), homing),
        (other(800, What::Button(true)), homing),
        (other(900, What::Button(false)), answer),
        (sent(1_000), homing),
    ]
}

#[test]
fn a_start_by_button_that_may_have_been_after_a_reset_stays_open() {
    check(
        &pressed_after_reset(model::Motion::Uncertain),
        &[
            (0, Motion::Forbidden),
            (100, Motion::Open),
            (1_100, Motion::Still),
            (3_100, Motion::Forbidden),
        ],
    );
    let mut late = pressed_after_reset(model::Motion::Uncertain);
    late[3] = (sent(2_000), model::Motion::Homing { since: ms(100) });
    check(
        &late,
        &[
            (0, Motion::Forbidden),
            (100, Motion::Open),
            (2_000, Motion::Still),
            (3_100, Motion::Forbidden),
        ],
    );
    // Where it cannot have been, the cam rests.
    late[2].1 = model::Motion::Homing { since: ms(100) };
    check(
        &late,
        &[
            (0, Motion::Forbidden),
            (100, Motion::Open),
            (1_100, Motion::Still),
            (3_100, Motion::Forbidden),
        ],
    );
}
