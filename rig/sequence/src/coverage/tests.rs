//! What is covered is what a trace shows, and the table of ways is that of STATES.md.

use super::limits::{InForce, touched_by_depth, touched_by_rate};
use super::names::{COMMANDS, STATES, TRANSITIONS, command, state};
use super::{Coverage, Item, Side};
use crate::action::{Action, Fitting, Sequence};
use crate::profile::ranges_for_tests;
use crate::text::{read, read_request};
use crate::trace::{Event, Trace, What};
use firmware_units::{
    Decidegrees, Micrometers, Milliamperes, Milliseconds, Millivolts, Nanoseconds, StrokesPerMinute,
};
use firmware_wire::{Fault, FaultSet, Preset, Refusal, Reply, Request, Setting, State, Telemetry};

/// Words in backquotes of the cells of each row of the table with this header.
fn rows(header: &str) -> Vec<Vec<&'static str>> {
    let text = include_str!("../../../../firmware/STATES.md");
    let rows = text.lines().skip_while(|it| *it != header).skip(2);
    rows.take_while(|it| it.starts_with('|'))
        .map(|row| {
            let cells = row.split('|').skip(1).map(str::trim);
            cells
                .filter_map(|it| it.strip_prefix('`')?.strip_suffix('`'))
                .collect()
        })
        .collect()
}

#[test]
fn the_ways_are_those_of_states_md() {
    let stated: Vec<Vec<&str>> = rows("| from | to | when |")
        .into_iter()
        .map(|row| row[..2].to_vec())
        .collect();
    let held: Vec<Vec<&str>> = TRANSITIONS
        .iter()
        .map(|(from, to)| vec![state(*from), state(*to)])
        .collect();
    assert_eq!(held, stated);
    let mut shown: Vec<&str> = rows("| state | motor | needles | depth setting |").concat();
    let mut states = STATES.map(state);
    shown.sort_unstable();
    states.sort_unstable();
    assert_eq!(shown, states);
}

#[test]
fn every_command_is_listed_by_its_words() {
    for (word, rest) in COMMANDS.iter().zip([
        "",
        "",
        " 1 mm",
        " 1 /min",
        "",
        "",
        " neck",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        " off",
        "",
        "",
        " 1",
        "",
        "",
        "",
        "",
        " 1",
        "",
        " 0 mm 0 mm",
    ]) {
        let request = read_request(&format!("{word}{rest}")).unwrap();
        assert_eq!(command(&request), *word);
    }
    assert_eq!(COMMANDS.len(), 26);
}

#[test]
fn there_is_as_much_to_reach_as_there_is() {
    let all = Item::all(&ranges_for_tests());
    // States, ways, commands in states, refusals, faults, sides of limits, actions.
    assert_eq!(
        all.len(),
        9 + 34 + 26 * 9 + 20 + 13 + 3 * (3 + 13 + 3 + 2) + 18
    );
    let mut distinct = all.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn what_needs_more_than_a_sequence_is_there_to_be_reached() {
    let all = Item::all(&ranges_for_tests());
    let needing: Vec<String> = all
        .iter()
        .filter_map(|it| Some(format!("{it}: {}", it.needs()?)))
        .collect();
    // A word that is written otherwise in a list and in `needs` would be missing here.
    assert_eq!(needing.len(), 7 + 1 + 1 + 1 + 2 + 1, "{needing:#?}");
}

fn telemetry(state: State, faults: FaultSet) -> What {
    What::Telemetry(Telemetry {
        at: Milliseconds(0),
        state,
        faults,
        rate_millihertz: 0,
        position: Micrometers(0),
        motor_current: Milliamperes(0),
        battery: Millivolts(3_700),
        temperature: Decidegrees(250),
        strokes: 0,
    })
}

fn trace(events: Vec<(u64, What)>) -> Trace {
    let event = |(millis, what)| Event {
        at: Nanoseconds::from_millis(millis),
        what,
    };
    Trace {
        events: events.into_iter().map(event).collect(),
        ..Trace::default()
    }
}

/// Coverage of looks at these states, by their places, of a pen that shows nothing else.
pub(crate) fn shown(places: &[usize]) -> Coverage {
    let mut coverage = Coverage::default();
    for place in places {
        coverage.count(Item::State(state(STATES[*place])), 1);
    }
    coverage
}

fn sent(number: u16, words: &str) -> What {
    let request = read_request(words).unwrap();
    What::Sent { number, request }
}

fn replied(number: u16, reply: Reply) -> What {
    What::Replied { number, reply }
}

fn fresh(length: i32) -> What {
    let length = Micrometers(length);
    What::Cartridge(Some((Fitting::Fresh { length }, 1)))
}

#[track_caller]
fn check(events: Vec<(u64, What)>, expected: &[&str]) {
    let coverage = Coverage::of(&Sequence::default(), &trace(events), &ranges_for_tests());
    let actual: Vec<String> = coverage.items().map(ToString::to_string).collect();
    assert_eq!(actual, expected);
}

#[test]
fn ways_are_seen_between_looks_that_follow_each_other() {
    let none = FaultSet::NONE;
    check(
        vec![
            (10, telemetry(State::Ready, none)),
            (20, telemetry(State::Starting, none)),
            (30, telemetry(State::Starting, none)),
            // Running was not looked at: no way of the table, and none is made up.
            (40, telemetry(State::Paused, none)),
            (50, telemetry(State::Faulted, none.with(Fault::LostLink))),
        ],
        &[
            "Faulted",
            "Paused",
            "Ready",
            "Starting",
            "Paused to Faulted",
            "Ready to Starting",
            "Standby to Ready",
            "lost link",
        ],
    );
}

#[test]
fn a_state_is_not_known_after_what_may_have_changed_it() {
    check(
        vec![
            (0, sent(1, "status")),
            (1, fresh(2_500)),
            (2, sent(2, "start")),
            (3, replied(2, Reply::Refused(Refusal::Busy))),
            (4, telemetry(State::Starting, FaultSet::NONE)),
            (5, sent(3, "stop")),
            (200, sent(4, "pause")),
        ],
        &[
            "Starting",
            "pause in not known",
            "start in not known",
            "status in Standby",
            "stop in Starting",
            "busy",
        ],
    );
}

#[test]
fn a_limit_is_touched_while_it_is_in_force() {
    let ranges = ranges_for_tests();
    let touched = |depth, now| -> Vec<String> {
        touched_by_depth(Micrometers(depth), now, &ranges)
            .into_iter()
            .map(|(limit, side)| format!("{} {limit}", side.word()))
            .collect()
    };
    let locked = InForce::default();
    assert_eq!(touched(1_500, locked), ["at armed limit"]);
    assert_eq!(touched(1_250, locked), ["just inside armed limit"]);
    assert_eq!(touched(1_501, locked), ["just outside armed limit"]);
    assert_eq!(touched(2_500, locked), [""; 0]);
    assert_eq!(touched(-1, locked), ["just outside depth zero"]);
    assert_eq!(touched(1, locked), ["just inside depth zero"]);
    let free = InForce {
        unlocked: true,
        preset: Some(Preset::Scars),
        cartridge: Some(Micrometers(1_500)),
    };
    assert_eq!(
        touched(2_500, free),
        ["at depth range", "at ceiling of scars"]
    );
    assert_eq!(touched(1_750, free), ["just outside cartridge of 1.5 mm"]);
    assert_eq!(touched(i32::MAX, free), [""; 0]);
    let rate = |rate| touched_by_rate(StrokesPerMinute(rate), &ranges);
    assert_eq!(rate(2_999), [("slowest rate".to_owned(), Side::Outside)]);
    assert_eq!(rate(9_001), [("fastest rate".to_owned(), Side::Outside)]);
    assert_eq!(rate(8_940), [("fastest rate".to_owned(), Side::Inside)]);
    assert_eq!(rate(7_000), []);
}

/// A run with everything in it that is followed.
fn run() -> (Sequence, Trace) {
    let sequence = read(
        "cartridge fresh 1.5 mm\nsend unlock\nsend set depth 1.75 mm\nsend preset neck\n\
         send set depth 1.00 mm\nreset\nsend set depth 1.75 mm",
    )
    .unwrap();
    let set = |um| Request::Set(Setting::Depth(Micrometers(um)));
    let send = |number, request| What::Sent { number, request };
    let trace = trace(vec![
        (0, What::Step(0)),
        (0, fresh(1_500)),
        (1, What::Step(1)),
        (1, send(1, Request::UnlockDepth)),
        (2, replied(1, Reply::Done)),
        (3, What::Step(2)),
        (3, send(2, set(1_750))),
        (4, replied(2, Reply::Refused(Refusal::AboveCartridgeLimit))),
        (5, What::Step(3)),
        (5, send(3, Request::SelectPreset(Preset::Neck))),
        (6, replied(3, Reply::Done)),
        (7, What::Step(4)),
        (7, send(4, set(1_000))),
        (8, replied(4, Reply::Done)),
        (9, telemetry(State::Ready, FaultSet::NONE)),
        (10, send(5, Request::Heartbeat)),
        (11, What::Step(5)),
        (11, What::Reset),
        (12, What::Step(6)),
        (12, send(6, set(1_750))),
        (13, What::Unanswered { number: 6 }),
        (14, What::Step(7)),
    ]);
    (sequence, trace)
}

#[test]
fn coverage_is_shown_with_what_is_missing() {
    let ranges = ranges_for_tests();
    let (sequence, trace) = run();
    let mut coverage = Coverage::of(&sequence, &trace, &ranges);
    let once = coverage.clone();
    coverage.add(&once);
    assert!(once.items().eq(coverage.items()));
    assert!(
        once.items()
            .all(|it| coverage.times(it) == 2 * once.times(it))
    );
    assert_eq!(coverage.limit("ceiling of neck"), [0, 2, 0]);
    assert_eq!(
        coverage.missing(&ranges).len(),
        Item::all(&ranges).len()
            - coverage
                .items()
                .filter(|it| !it.to_string().contains("not known"))
                .count()
    );
    let rows: Vec<String> = coverage
        .rows(&ranges)
        .into_iter()
        .filter(|row| row[2] != "0")
        .map(|row| row.join(","))
        .collect();
    let text = format!(
        "{}\n{}\n{}",
        coverage.table(&ranges),
        coverage.commands_table(),
        rows.join("\n")
    );
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_is_said_of_steps_that_were_not_reached() {
    let sequence = Sequence {
        steps: read("reset\nbutton down").unwrap().steps,
    };
    assert_eq!(sequence.steps[0].action, Action::Reset);
    let trace = trace(vec![(0, What::Step(0)), (0, What::Reset)]);
    let coverage = Coverage::of(&sequence, &trace, &ranges_for_tests());
    assert_eq!(coverage.times(&Item::Action("reset")), 1);
    assert_eq!(coverage.times(&Item::Action("button")), 0);
}
