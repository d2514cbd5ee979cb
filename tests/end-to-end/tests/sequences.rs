//! Sequences run on the shipped image, and what their traces hold.

use anyhow::{Context as _, Result};
use firmware_units::{Micrometers, Microseconds, Nanoseconds, StrokesPerMinute};
use firmware_wire::{Reply, Request, Setting, State};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_sequence::{Action, Fitting, Sequence, Step, Trace, What};
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
    println!("{}", text(&trace)?);
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
    // Tops are dated where the slices have them.
    for slice in trace.slices.iter().filter(|it| settled.contains(&it.until)) {
        let furthest_nm = slice.furthest_nm.context("in sight")?;
        let from = slice.until - Nanoseconds::from_millis(10);
        let has_top = trace
            .strokes
            .iter()
            .any(|it| it.at > from && it.at <= slice.until);
        assert!(!has_top || (furthest_nm - 1.5e6).abs() < 80e3, "{slice:?}");
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
