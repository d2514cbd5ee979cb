//! Sequences run on the shipped image, and what their traces hold.

use anyhow::{Context as _, Result};
use firmware_units::{
    Micrometers, Microseconds, Millinewtons, Milliseconds, Millivolts, Nanoseconds,
    StrokesPerMinute,
};
use firmware_wire::{Fault, FaultSet, Preset, REVISION, Refusal, Reply, Request, Setting, State};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_sequence::{Action, Event, Fitting, Sequence, ShaftHold, Step, Trace, What};
use tests_end_to_end::RELEASED;
use tests_end_to_end::traced::{player, text};

fn step(after_ms: u64, action: Action) -> Step {
    let after = Microseconds(after_ms * 1_000);
    Step { after, action }
}

fn fresh(length: i32) -> Action {
    let length = Micrometers(length);
    Action::Cartridge(Some(Fitting::Fresh { length }))
}

fn play(steps: Vec<Step>) -> Result<Trace> {
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    let mut player = player(&mut bench, RELEASED)?;
    Ok(player.play(&Sequence { steps })?)
}

/// The replies to a request, in order.
fn replies(trace: &Trace, asked: Request) -> Vec<Reply> {
    let numbers = trace.events.iter().filter_map(|event| match event.what {
        What::Sent { number, request } if request == asked => Some(number),
        _ => None,
    });
    let reply_to = |asked: u16| {
        trace.events.iter().find_map(|event| match event.what {
            What::Replied { number, reply } if number == asked => Some(reply),
            _ => None,
        })
    };
    numbers.filter_map(reply_to).collect()
}

fn at(trace: &Trace, is: impl Fn(&What) -> bool) -> Result<Nanoseconds> {
    let found = trace.events.iter().find(|event| is(&event.what));
    Ok(found.with_context(|| format!("{trace:?}"))?.at)
}

#[test]
fn a_treatment_leaves_a_trace_of_all_that_was_done_and_seen() -> Result<()> {
    let trace = play(vec![
        step(0, fresh(2_500)),
        step(
            300,
            Action::Send(Request::Set(Setting::Depth(Micrometers(1_500)))),
        ),
        step(
            0,
            Action::Send(Request::Set(Setting::Rate(StrokesPerMinute(6_000)))),
        ),
        step(0, Action::Heartbeats(true)),
        step(0, Action::Send(Request::Start)),
        step(2_000, Action::Send(Request::Stop)),
        step(0, Action::Heartbeats(false)),
    ])?;
    // In order, nothing unanswered, and each heartbeat beside the frames of the steps.
    assert!(trace.events.is_sorted_by_key(|it| it.at));
    let count = |is: &dyn Fn(&What) -> bool| trace.events.iter().filter(|it| is(&it.what)).count();
    assert_eq!(count(&|it| matches!(it, What::Unanswered { .. })), 0);
    assert_eq!(count(&|it| matches!(it, What::Step(_))), 8);
    let beats =
        count(&|it| matches!(it, What::Sent { request, .. } if *request == Request::Heartbeat));
    assert!((34..=38).contains(&beats), "{beats}");
    assert_eq!(replies(&trace, Request::Start), [Reply::Done; 2]);
    let state = |reply: &Reply| match reply {
        Reply::Status(status) => Some((status.state, status.parked)),
        _ => None,
    };
    let states: Vec<_> = replies(&trace, Request::GetStatus)
        .iter()
        .map(state)
        .collect();
    assert_eq!(states, [Some((State::Ready, true)); 2]);

    // What the instruments saw between START and STOP: 1.50 mm at 100 /s.
    let sent = |asked: Request| {
        at(
            &trace,
            |it| matches!(it, What::Sent { request, .. } if *request == asked),
        )
    };
    let (started, stopped) = (sent(Request::Start)?, sent(Request::Stop)?);
    let settled = started + Nanoseconds::from_millis(700)..stopped;
    let edges = trace.edges.iter().filter(|it| settled.contains(it)).count();
    let span_s = (settled.end - settled.start).seconds();
    assert!(
        (edges as f64 / span_s - 100.0).abs() < 1.5,
        "{edges} in {span_s} s"
    );
    let tops: Vec<_> = trace
        .strokes
        .iter()
        .filter(|it| settled.contains(&it.at))
        .collect();
    assert!(tops.len().abs_diff(edges) <= 1, "{} tops", tops.len());
    for top in &tops {
        assert!((top.protrusion_nm - 1.5e6).abs() < 60e3, "{top:?}");
        assert!(top.u_nm > 0.0 && top.u_nm < 10e3, "{top:?}");
    }
    // A top comes a quarter turn of 10 ms after the tachometer's mark (bottom, mark, top).
    for top in &tops {
        let before = trace.edges.iter().rfind(|it| **it <= top.at);
        let after_ms = before.map(|it| (top.at - *it).seconds() * 1e3);
        assert!(
            after_ms.is_some_and(|it| (2.0..3.0).contains(&it)),
            "{after_ms:?}"
        );
    }
    for slice in trace.slices.iter().filter(|it| settled.contains(&it.until)) {
        let furthest_nm = slice.furthest_nm.context("in sight")?;
        let from = slice.until - Nanoseconds::from_millis(10);
        let within = |it: &Nanoseconds| (from..slice.until).contains(it);
        let tops = trace.strokes.iter().filter(|it| within(&it.at)).count();
        // One top a slice, but for those that lie at its edge.
        assert!(tops != 1 || (furthest_nm - 1.5e6).abs() < 80e3, "{slice:?}");
        assert!(slice.current_ua > 20e3, "{slice:?}");
    }
    assert!(trace.edges.is_sorted() && trace.strokes.is_sorted_by_key(|it| it.at));
    // Before START nothing moves, and no current flows.
    assert!(trace.edges.iter().all(|it| *it > started));
    for slice in trace.slices.iter().filter(|it| it.until < started) {
        assert!(slice.furthest_nm.is_some_and(|it| it < 0.0), "{slice:?}");
        assert!(slice.current_ua.abs() < 5e3, "{slice:?}");
    }
    // Without a gap, and to the end.
    for (number, slice) in (1..).zip(&trace.slices) {
        assert_eq!(slice.until, Nanoseconds::from_millis(10 * number));
    }
    let last = trace.slices.last().context("slices")?.until;
    assert!(trace.ended - last < Nanoseconds::from_millis(40), "{last}");
    assert!(
        (5e3..37.5e3).contains(&trace.protrusion_u_nm),
        "{}",
        trace.protrusion_u_nm
    );
    Ok(())
}

#[test]
fn each_action_is_done_and_stands_in_the_trace() -> Result<()> {
    let status = || Action::Send(Request::GetStatus);
    let trace = play(vec![
        step(0, fresh(2_000)),
        step(300, Action::Send(Request::UnlockDepth)),
        step(
            0,
            Action::Send(Request::Set(Setting::Depth(Micrometers(2_250)))),
        ),
        step(
            0,
            Action::Burst(vec![
                Request::GetStatus,
                Request::LockDepth,
                Request::Heartbeat,
            ]),
        ),
        step(0, Action::Repeat),
        step(
            0,
            Action::Late {
                request: Request::UnlockDepth,
                back: 3,
            },
        ),
        step(
            0,
            Action::CutShort {
                request: Request::Start,
                bytes: 6,
            },
        ),
        step(
            80,
            Action::Flipped {
                request: Request::Start,
                bit: 41,
            },
        ),
        step(80, Action::Garbage(vec![1, 2, 3, 0])),
        step(
            80,
            Action::Send(Request::SetTelemetryPeriod(Milliseconds(50))),
        ),
        step(
            200,
            Action::Send(Request::SetTelemetryPeriod(Milliseconds(0))),
        ),
        // A treatment marks the cartridge, and is lost with the supply.
        step(0, Action::Heartbeats(true)),
        step(0, Action::Send(Request::Start)),
        step(800, Action::Send(Request::Stop)),
        step(600, Action::Heartbeats(false)),
        step(0, Action::Supply(Millivolts(0))),
        step(300, Action::Supply(Millivolts(3_700))),
        step(3_000, Action::Send(Request::Hello { revision: REVISION })),
        step(0, Action::Send(Request::ClearFaults)),
        step(0, Action::Cartridge(Some(Fitting::Same))),
        step(300, Action::Send(Request::GetCartridge)),
        step(0, Action::Send(Request::Start)),
        step(0, Action::Cartridge(Some(Fitting::Used))),
        step(300, Action::Send(Request::Start)),
        step(0, Action::Cartridge(Some(Fitting::Unreadable))),
        step(300, Action::Send(Request::Start)),
        step(0, Action::Reset),
        step(3_000, status()),
        step(
            0,
            Action::Needles {
                needles: 14,
                force: Millinewtons(100),
            },
        ),
        step(0, Action::Axial(Millinewtons(1_000))),
        step(0, Action::Shaft(ShaftHold::Locked)),
        step(0, fresh(2_500)),
        // The button runs the pen against a shaft that is held.
        step(300, Action::Button(true)),
        step(100, Action::Button(false)),
        step(1_500, status()),
        step(0, Action::Nothing),
    ])?;
    let refused = |refusal| Reply::Refused(refusal);
    // START, against the cartridge that was in a treatment before and those that are none, and in
    // the look at the end; whole frames that came damaged moved nothing.
    assert_eq!(
        replies(&trace, Request::Start),
        [
            Reply::Done,
            refused(Refusal::CartridgeUsed),
            refused(Refusal::CartridgeUsed),
            refused(Refusal::CartridgeUnreadable),
            Reply::Done
        ]
    );
    // The rig asked once what the pen wrote on the chip, and wrote it there before the step did.
    let chips: Vec<_> = replies(&trace, Request::GetCartridge)
        .iter()
        .filter_map(|reply| match reply {
            Reply::Cartridge(report) => Some((report.id, report.treatment.is_some())),
            _ => None,
        })
        .collect();
    let [first, second] = chips[..] else {
        anyhow::bail!("{chips:?}");
    };
    assert!(first.1 && first == second, "{chips:?}");
    // Repeated and late frames.
    let sent = |asked: u16| {
        let is_it = |it: &&Event| matches!(it.what, What::Sent { number, .. } if number == asked);
        trace.events.iter().filter(is_it).count()
    };
    let late = at(
        &trace,
        |it| matches!(it, What::Replied { reply, .. } if *reply == refused(Refusal::OutOfOrder)),
    )?;
    let before = trace.events.iter().filter(|it| it.at < late);
    let numbers: Vec<u16> = before
        .filter_map(|it| match it.what {
            What::Sent { number, .. } => Some(number),
            _ => None,
        })
        .collect();
    let [.., unlock, depth, status, lock, beat, again, late] = numbers[..] else {
        anyhow::bail!("{numbers:?}");
    };
    assert_eq!(beat, again);
    assert_eq!(late, beat - 3);
    assert_eq!(
        [depth, status, lock, beat],
        [1, 2, 3, 4].map(|it| unlock + it)
    );
    assert_eq!((sent(beat), sent(late)), (2, 2));
    let count = |is: &dyn Fn(&What) -> bool| trace.events.iter().filter(|it| is(&it.what)).count();
    assert_eq!(count(&|it| matches!(it, What::SentBroken(_))), 3);
    assert_eq!(count(&|it| matches!(it, What::Telemetry(_))), 4);
    assert_eq!(count(&|it| *it == What::Reset), 1);
    assert_eq!(count(&|it| matches!(it, What::Unanswered { .. })), 0);
    // What was done to the pen is taken back at the end, each once.
    let done: Vec<&What> = trace
        .events
        .iter()
        .map(|it| &it.what)
        .filter(|it| {
            matches!(
                it,
                What::Shaft(_) | What::Needles { .. } | What::Axial(_) | What::Supply(_)
            )
        })
        .collect();
    let needles = |needles, force| What::Needles {
        needles,
        force: Millinewtons(force),
    };
    assert_eq!(
        done,
        [
            &What::Supply(Millivolts(0)),
            &What::Supply(Millivolts(3_700)),
            &needles(14, 100),
            &What::Axial(Millinewtons(1_000)),
            &What::Shaft(ShaftHold::Locked),
            &What::Shaft(ShaftHold::Free),
            &needles(0, 0),
            &What::Axial(Millinewtons(0)),
        ]
    );
    // The button ran the pen against a shaft that was held.
    let faults = replies(&trace, Request::GetStatus)
        .into_iter()
        .filter_map(|reply| match reply {
            Reply::Status(status) => Some(status.faults),
            _ => None,
        });
    let stall = FaultSet::NONE.with(Fault::Stall);
    let none = FaultSet::NONE;
    assert_eq!(faults.collect::<Vec<_>>(), [none, none, stall, stall, none]);
    Ok(())
}

#[test]
fn a_pen_without_supply_leaves_requests_unanswered_and_every_sequence_begins_anew() -> Result<()> {
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    let mut player = player(&mut bench, RELEASED)?;
    let steps = vec![
        step(0, fresh(2_500)),
        step(300, Action::Send(Request::SelectPreset(Preset::Scars))),
        step(0, Action::Heartbeats(true)),
        step(0, Action::Send(Request::Start)),
        // The treatment goes on at the end; the supply is away in the middle.
        step(700, Action::Supply(Millivolts(0))),
        step(50, Action::Send(Request::GetStatus)),
    ];
    let sequence = Sequence { steps };
    let first = player.play(&sequence)?;
    let second = player.play(&sequence)?;
    for trace in [&first, &second] {
        // GetStatus, the heartbeats in 50 ms and 250 ms, and STOP to a pen that boots.
        let silent = trace
            .events
            .iter()
            .filter(|it| matches!(it.what, What::Unanswered { .. }));
        assert!((3..8).contains(&silent.count()), "{}", text(trace)?);
        let away = at(trace, |it| *it == What::Supply(Millivolts(0)))?;
        assert!(trace.edges.iter().any(|it| *it < away));
    }
    // Numbers and ids go on; all else is the same to a tick of the pen.
    let kinds = |trace: &Trace| -> Vec<_> {
        let events = trace.events.iter().map(|it| &it.what);
        let request = |what: &What| match what {
            What::Sent { request, .. } => Some(*request),
            _ => None,
        };
        events
            .filter_map(request)
            .filter(|it| *it != Request::Heartbeat)
            .collect()
    };
    assert_eq!(kinds(&first), kinds(&second));
    Ok(())
}
