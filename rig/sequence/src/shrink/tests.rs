//! The search against devices that are functions.

use super::*;
use crate::action::{Action, Fitting, Step};
use firmware_units::{Micrometers, Microseconds, StrokesPerMinute};
use firmware_wire::{Request, Setting};
use proptest::prelude::*;

const SETTINGS: Settings = Settings {
    failures: 1,
    runs: 1,
    bench: Nanoseconds::from_seconds(100_000),
    strokes: u64::MAX,
};

fn step(after_ms: u64, action: Action) -> Step {
    Step {
        after: Microseconds(after_ms * 1_000),
        action,
    }
}

fn depth(um: i32) -> Action {
    Action::Send(Request::Set(Setting::Depth(Micrometers(um))))
}

/// Runs the search on a device that fails where `fails` says so.
fn shrink(
    failing: Sequence,
    settings: Settings,
    mut fails: impl FnMut(&Sequence) -> bool,
) -> Shrinker {
    let mut shrinker = Shrinker::new(failing, Property::Ceiling, settings);
    while let Some(candidate) = shrinker.candidate() {
        let outcome = if fails(candidate) {
            Outcome::Violated(vec![Property::Ceiling])
        } else {
            Outcome::Held
        };
        let cost = Cost::foreseen(candidate);
        shrinker.tell(&outcome, cost);
    }
    shrinker
}

fn long() -> Sequence {
    let mut steps = Vec::new();
    for round in 0..10 {
        steps.push(step(300, depth(250 * round)));
        steps.push(step(2_500, Action::Send(Request::GetStatus)));
        steps.push(step(
            40,
            Action::Cartridge(Some(Fitting::Fresh {
                length: Micrometers(1_250),
            })),
        ));
        steps.push(step(800, Action::Send(Request::Start)));
        steps.push(step(
            3_000,
            Action::Burst(vec![Request::Stop, Request::UnlockDepth]),
        ));
    }
    Sequence { steps }
}

fn has(sequence: &Sequence, wanted: impl Fn(&Action) -> bool) -> bool {
    sequence.steps.iter().any(|step| wanted(&step.action))
}

#[test]
fn what_is_not_needed_goes_and_the_order_stays() {
    // Fails where a depth beyond 2 mm is set some time after an unlock, and a START follows 300 ms
    // later or more.
    let fails = |sequence: &Sequence| {
        let mut unlocked = false;
        let mut deep = false;
        for step in &sequence.steps {
            let requests = match &step.action {
                Action::Send(request) => vec![*request],
                Action::Burst(requests) => requests.clone(),
                _ => vec![],
            };
            for request in requests {
                match request {
                    Request::UnlockDepth => unlocked = true,
                    Request::Set(Setting::Depth(depth)) => deep = unlocked && depth.0 > 2_000,
                    Request::Start if deep && step.after.0 >= 300_000 => return true,
                    _ => {}
                }
            }
        }
        false
    };
    let shrinker = shrink(long(), SETTINGS, fails);
    assert_eq!(shrinker.end(), Some(End::Minimal));
    let expected = Sequence {
        steps: vec![
            step(0, Action::Send(Request::UnlockDepth)),
            step(0, depth(2_250)),
            step(500, Action::Send(Request::Start)),
        ],
    };
    assert_eq!(shrinker.best(), &expected);
    let (_, runs) = shrinker.spent();
    assert!(runs < 150, "{runs} runs");
}

#[test]
fn a_wait_that_matters_stays_though_its_step_goes() {
    // Only the time between the first and the last step matters.
    let fails = |sequence: &Sequence| {
        let total: u64 = sequence.steps.iter().skip(1).map(|it| it.after.0).sum();
        has(sequence, |it| *it == Action::Reset) && total >= 4_000_000
    };
    let mut failing = long();
    failing.steps.push(step(0, Action::Reset));
    let shrinker = shrink(failing, SETTINGS, fails);
    assert!(shrinker.best().steps.len() <= 2, "{:?}", shrinker.best());
    assert_eq!(Cost::foreseen(shrinker.best()).bench.0 / 1_000_000_000, 5);
}

#[test]
fn a_pair_that_only_goes_together_goes() {
    let fails = |sequence: &Sequence| {
        // A lock without its release would hide the failure.
        let locks = sequence
            .steps
            .iter()
            .filter(|it| matches!(it.action, Action::Button(_)));
        has(sequence, |it| *it == Action::Reset) && locks.count() % 2 == 0
    };
    let failing = Sequence {
        steps: vec![
            step(10, Action::Button(true)),
            step(10, Action::Send(Request::Stop)),
            step(10, Action::Reset),
            step(10, Action::Button(false)),
        ],
    };
    let shrinker = shrink(failing, SETTINGS, fails);
    assert_eq!(shrinker.best().steps, [step(0, Action::Reset)]);
}

#[test]
fn a_failure_that_does_not_repeat_is_flaky_and_says_how_often_it_came() {
    let settings = Settings {
        failures: 4,
        runs: 5,
        ..SETTINGS
    };
    let mut n = 0;
    let shrinker = shrink(long(), settings, |_| {
        n += 1;
        n % 2 == 1
    });
    assert_eq!(
        shrinker.end(),
        Some(End::Flaky {
            failures: 3,
            runs: 5
        })
    );
    assert_eq!(shrinker.best(), &long());
}

#[test]
fn a_step_is_accepted_only_if_it_fails_often_enough() {
    let settings = Settings {
        failures: 2,
        runs: 3,
        ..SETTINGS
    };
    let mut n = 0;
    // With the reset it fails always, without it in one run of four: never in two of three.
    let mut failing = long();
    failing.steps.insert(7, step(5, Action::Reset));
    let shrinker = shrink(failing, settings, |sequence| {
        n += 1;
        has(sequence, |it| *it == Action::Reset) || n % 4 == 0
    });
    assert_eq!(shrinker.end(), Some(End::Minimal));
    assert_eq!(shrinker.best().steps, [step(0, Action::Reset)]);
    assert_eq!(shrinker.rate(), (2, 2));
}

#[test]
fn a_search_out_of_budget_keeps_its_best() {
    let settings = Settings {
        bench: Nanoseconds::from_seconds(200),
        ..SETTINGS
    };
    let fails = |sequence: &Sequence| has(sequence, |it| *it == depth(1_000));
    let whole = Cost::foreseen(&long());
    let shrinker = shrink(long(), settings, fails);
    assert_eq!(shrinker.end(), Some(End::OutOfBudget));
    assert!(fails(shrinker.best()));
    assert!(Cost::foreseen(shrinker.best()).weight() < whole.weight());
    let (spent, _) = shrinker.spent();
    assert!(spent.bench < settings.bench + whole.bench);
}

#[test]
fn another_failure_on_the_way_is_set_aside() {
    let mut shrinker = Shrinker::new(long(), Property::Ceiling, SETTINGS);
    while let Some(candidate) = shrinker.candidate() {
        let properties = match candidate.steps.len() {
            40.. => vec![Property::Ceiling],
            _ => vec![Property::Stop],
        };
        shrinker.tell(&Outcome::Violated(properties), Cost::default());
    }
    assert_eq!(shrinker.best().steps.len(), 40);
    let others: Vec<Property> = shrinker.others().iter().map(|(it, _)| *it).collect();
    assert_eq!(others, [Property::Stop]);
}

fn any_step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        Just(Action::Nothing),
        (0..12_i32).prop_map(|it| depth(it * 250)),
        (2_000..10_000_u32)
            .prop_map(|it| Action::Send(Request::Set(Setting::Rate(StrokesPerMinute(it))))),
        Just(Action::Send(Request::Start)),
        Just(Action::Burst(vec![
            Request::Stop,
            Request::Start,
            Request::Pause
        ])),
        Just(Action::Reset),
        any::<bool>().prop_map(Action::Button),
        (0..5_000_u32).prop_map(|it| Action::Supply(firmware_units::Millivolts(it))),
    ];
    (0..10_000_000_u64, action).prop_map(|(after_us, action)| Step {
        after: Microseconds(after_us),
        action,
    })
}

proptest! {
    /// Whatever the device, the search ends, what it ends with fails, and it is no dearer.
    #[test]
    fn the_search_ends_with_a_failing_sequence(
        steps in proptest::collection::vec(any_step(), 1..24),
        salt: u64,
    ) {
        let failing = Sequence { steps };
        let fails = |sequence: &Sequence| {
            if *sequence == failing {
                return true;
            }
            let sum = sequence.steps.iter().fold(salt, |sum, step| {
                (sum ^ step.after.0).wrapping_mul(0x0000_0100_0000_01B3)
            });
            sum % 3 != 0
        };
        let shrinker = shrink(failing.clone(), SETTINGS, fails);
        prop_assert_eq!(shrinker.end(), Some(End::Minimal));
        prop_assert!(fails(shrinker.best()));
        prop_assert!(shrinker.best().steps.len() <= failing.steps.len());
        let (spent, runs) = shrinker.spent();
        prop_assert!(runs < 3_000, "{} runs, {:?}", runs, spent);
    }
}
