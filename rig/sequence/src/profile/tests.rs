//! The profiles keep to what is stated of them.

use super::ranges::tests::pen_a1;
use super::{Origin, Profile, bench_time, draw, profiles_page, seed_of};
use crate::action::{Action, Fitting, Sequence, ShaftHold};
use crate::text::read;
use firmware_wire::{Request, Setting};

const SEED: [u8; 32] = *b"a seed of these tests, 32 bytes.";
const N_DRAWN: u64 = 2_000;

fn drawn(profile: Profile) -> impl Iterator<Item = Sequence> {
    let ranges = pen_a1();
    (0..N_DRAWN).map(move |number| draw(profile, SEED, number, &ranges))
}

/// Longest time that a pen runs in a sequence, µs, by what must make it run and what may stop it;
/// knows nothing of settings, and is not the model that pens are judged by.
fn longest_run(sequence: &Sequence) -> u64 {
    let (mut usable, mut spent, mut faulted, mut beats) = (false, false, false, false);
    let (mut running, mut longest): (Option<u64>, u64) = (None, 0);
    let (mut pressed, mut at) = (false, 0);
    for step in &sequence.steps {
        at += step.after.0;
        let mut stop = false;
        let mut start = false;
        match &step.action {
            Action::Heartbeats(on) => {
                stop = !on;
                beats = *on;
            }
            Action::Send(Request::Start) => start = beats,
            Action::Send(Request::Stop | Request::Pause) => stop = true,
            Action::Send(Request::EndTreatment) => {
                stop = true;
                spent = true;
            }
            Action::Send(Request::ClearFaults) => faulted = false,
            Action::Button(down) => {
                (start, stop) = if running.is_some() {
                    (false, *down)
                } else {
                    (*down && !pressed, false)
                };
                pressed = *down;
            }
            Action::Cartridge(fitting) => {
                faulted |= running.is_some();
                stop = true;
                usable = match fitting {
                    Some(Fitting::Fresh { .. }) => true,
                    Some(Fitting::Same) => !spent,
                    _ => false,
                };
                spent &= !matches!(fitting, Some(Fitting::Fresh { .. }));
            }
            Action::Supply(supply) if supply.0 < 3_250 => (faulted, stop) = (true, true),
            Action::Shaft(ShaftHold::Locked) => (faulted, stop) = (true, true),
            Action::Reset => stop = true,
            _ => {}
        }
        if stop && let Some(since) = running.take() {
            longest = longest.max(at - since);
        }
        if start && running.is_none() && usable && !spent && !faulted {
            running = Some(at);
        }
    }
    longest
}

#[test]
fn a_usage_sequence_takes_half_a_minute_at_most_on_average_and_is_bounded() {
    let times: Vec<u64> = drawn(Profile::Usage).map(|it| bench_time(&it).0).collect();
    let mean = times.iter().sum::<u64>() / N_DRAWN;
    assert!((20_000_000..=30_000_000).contains(&mean), "mean {mean} µs");
    // Numbing, of at most half an hour, once; and three sections of three passes.
    let most = times.iter().max().copied().unwrap();
    assert!(most < 1_800_000_000 + 250_000_000, "most {most} µs");
    let n_numbing = times.iter().filter(|it| **it > 1_200_000_000).count();
    assert!((1..=15).contains(&n_numbing), "{n_numbing}");
    let mut rest: Vec<u64> = times.into_iter().filter(|it| *it < 1_200_000_000).collect();
    rest.sort_unstable();
    assert!(
        rest.last().is_some_and(|it| *it < 180_000_000),
        "{:?}",
        rest.last()
    );
}

#[test]
fn most_usage_sequences_hold_a_run_of_two_seconds() {
    // Half a second is lost until the cam turns.
    let n_run = drawn(Profile::Usage)
        .filter(|it| longest_run(it) >= 2_500_000)
        .count();
    assert!(n_run as u64 * 100 >= N_DRAWN * 80, "{n_run} of {N_DRAWN}");
}

#[test]
fn usage_holds_what_it_is_to_hold() {
    let drawn: Vec<Sequence> = drawn(Profile::Usage).collect();
    let n = |what: &dyn Fn(&Action) -> bool| {
        let holds = |it: &&Sequence| it.steps.iter().any(|step| what(&step.action));
        drawn.iter().filter(holds).count()
    };
    let depth_above = |um| move |it: &Action| matches!(it, Action::Send(Request::Set(Setting::Depth(depth))) if depth.0 > um);
    for (what, least) in [
        (
            n(&|it| matches!(it, Action::Send(Request::SelectPreset(_)))),
            600,
        ),
        (
            n(&|it| matches!(it, Action::Send(Request::UnlockDepth))),
            200,
        ),
        (
            n(&|it| matches!(it, Action::Send(Request::NextSection))),
            600,
        ),
        (n(&|it| matches!(it, Action::Send(Request::Pause))), 400),
        (
            n(&|it| matches!(it, Action::Send(Request::SetTelemetryPeriod(_)))),
            800,
        ),
        (n(&|it| matches!(it, Action::Button(true))), 800),
        (
            n(&|it| matches!(it, Action::Needles { needles: 14, .. })),
            1_600,
        ),
        (
            n(&|it| matches!(it, Action::Cartridge(Some(Fitting::Used)))),
            40,
        ),
        (
            n(&|it| matches!(it, Action::Cartridge(Some(Fitting::Same)))),
            100,
        ),
        (n(&|it| matches!(it, Action::Heartbeats(false))), 200),
        (
            n(&|it| matches!(it, Action::Supply(supply) if supply.0 < 3_200)),
            40,
        ),
        (n(&|it| matches!(it, Action::Shaft(ShaftHold::Locked))), 30),
        (n(&depth_above(1_500)), 300),
        (n(&depth_above(2_500)), 20),
    ] {
        assert!(what >= least, "{what} where {least} are wanted");
    }
    // What no operator and no host does.
    assert_eq!(
        n(&|it| matches!(
            it,
            Action::Garbage(_)
                | Action::Burst(_)
                | Action::Flipped { .. }
                | Action::CutShort { .. }
                | Action::Late { .. }
                | Action::Repeat
                | Action::Reset
        )),
        0
    );
}

#[test]
fn an_adversarial_sequence_takes_a_minute_or_less_on_average_and_is_bounded() {
    let times: Vec<u64> = drawn(Profile::Adversarial)
        .map(|it| bench_time(&it).0)
        .collect();
    let mean = times.iter().sum::<u64>() / N_DRAWN;
    assert!((15_000_000..=60_000_000).contains(&mean), "mean {mean} µs");
    let most = times.iter().max().copied().unwrap();
    assert!(most < 2_000_000_000, "most {most} µs");
}

#[test]
fn adversarial_leaves_nothing_out() {
    let drawn: Vec<Sequence> = drawn(Profile::Adversarial).collect();
    let steps = || drawn.iter().flat_map(|it| &it.steps);
    let mut kinds: Vec<String> = steps()
        .map(|step| {
            let text = step.action.to_string();
            let mut words = text.split([' ', ';']);
            let kind = words.next().unwrap_or_default();
            let deeper = matches!(
                kind,
                "send" | "cartridge" | "shaft" | "late" | "flipped" | "cut"
            );
            let last = if deeper { words.next_back() } else { None };
            let last = if kind == "send" {
                text.split(' ').nth(1)
            } else {
                last
            };
            format!("{kind} {}", last.unwrap_or_default())
        })
        .collect();
    kinds.sort();
    kinds.dedup();
    insta::assert_snapshot!(kinds.join("\n"));
    // Every limit at, just inside and just outside.
    let ranges = pen_a1();
    let mut depths = vec![ranges.armed.0, ranges.range.0, 0];
    depths.extend(ranges.presets.iter().map(|(_, _, ceiling)| ceiling.0));
    depths.extend(ranges.cartridges.iter().map(|it| it.0));
    for limit in depths {
        for off in [0, 1, -1, 250, -250] {
            let wanted = Request::Set(Setting::Depth(firmware_units::Micrometers(limit + off)));
            assert!(
                steps().any(|it| it.action == Action::Send(wanted)),
                "{wanted:?}"
            );
        }
    }
    for limit in [3_000_u32, 9_000] {
        for rate in [limit - 1, limit, limit + 1] {
            let wanted = Request::Set(Setting::Rate(firmware_units::StrokesPerMinute(rate)));
            assert!(
                steps().any(|it| it.action == Action::Send(wanted)),
                "{wanted:?}"
            );
        }
    }
    // Waits: silence within two ticks of 0.40 s, and every octave from a microsecond to minutes.
    let n_near = steps()
        .filter(|it| it.after.0.abs_diff(400_000) <= 4_000)
        .count();
    assert!(n_near > 500, "{n_near}");
    for octave in 0..28 {
        let n = steps()
            .filter(|it| it.after.0 > 0 && it.after.0.ilog2() == octave)
            .count();
        assert!(n > 10, "{n} in octave {octave}");
    }
}

#[test]
fn what_is_cut_short_is_shorter_than_its_frame() {
    for sequence in drawn(Profile::Adversarial) {
        for step in sequence.steps {
            if let Action::CutShort { request, bytes } = step.action {
                let frame = firmware_wire::encode(0, &request).unwrap();
                assert!((1..frame.len()).contains(&usize::from(bytes)));
            }
        }
    }
}

#[test]
fn a_number_draws_the_same_whatever_was_drawn_before() {
    let ranges = pen_a1();
    for profile in Profile::ALL {
        let forth: Vec<Sequence> = (0..20).map(|k| draw(profile, SEED, k, &ranges)).collect();
        let back: Vec<Sequence> = (0..20)
            .rev()
            .map(|k| draw(profile, SEED, k, &ranges))
            .collect();
        assert!(forth.iter().eq(back.iter().rev()));
        assert_ne!(forth[0], forth[1]);
        let origin = Origin::new(profile, SEED, 1);
        assert_eq!(origin.draw(&ranges).as_ref(), Some(&forth[1]));
        let older = Origin {
            generator: 0,
            ..origin
        };
        assert_eq!(older.draw(&ranges), None);
        assert_ne!(forth[0], draw(profile, [1; 32], 0, &ranges));
    }
}

/// The generator's version guards these bytes: whoever changes them raises it.
#[test]
fn the_first_sequences_are_those_of_this_generator_version() {
    let ranges = pen_a1();
    for profile in Profile::ALL {
        let text: String = (0..3)
            .map(|number| {
                let origin = Origin::new(profile, SEED, number);
                let sequence = draw(profile, SEED, number, &ranges);
                format!(
                    "# generator {}, {profile} {number}\n{sequence}\n",
                    origin.generator
                )
            })
            .collect();
        insta::assert_snapshot!(format!("first_{profile}"), text);
    }
}

/// SHA-256 over the text of the first 2,000 of each profile, by generator version: what is drawn
/// rarely counts too. A change of what is drawn raises the version and adds a row; rows stay.
const DRAWN: &[(u32, Profile, &str)] = &[
    (
        1,
        Profile::Usage,
        "945a137b978845d2ac25c73ee35a52f3bad0cbdbcc7cfeb7ddcec244887799f7",
    ),
    (
        1,
        Profile::Adversarial,
        "f8c8d5f0eac3e05754224929176f41f79676fb5a01e017446460d82899bbcdc5",
    ),
    (
        2,
        Profile::Usage,
        "945a137b978845d2ac25c73ee35a52f3bad0cbdbcc7cfeb7ddcec244887799f7",
    ),
    (
        2,
        Profile::Adversarial,
        "1e36f254963210ec765aeee0b6476fa94aa76c33f4b11ab3a5cd9c734d9c8353",
    ),
];

#[test]
fn all_that_is_drawn_is_of_this_generator_version() {
    use sha2::{Digest, Sha256};
    for profile in Profile::ALL {
        let mut hash = Sha256::new();
        drawn(profile).for_each(|it| hash.update(it.to_string()));
        let hex: String = hash
            .finalize()
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect();
        let row = DRAWN.iter().rfind(|(_, of, _)| *of == profile).unwrap();
        assert_eq!(
            (row.0, row.2),
            (super::GENERATOR_VERSION, hex.as_str()),
            "{profile}"
        );
    }
}

#[test]
fn what_is_drawn_can_be_written_and_read() {
    for profile in Profile::ALL {
        for sequence in drawn(profile) {
            assert_eq!(read(&sequence.to_string()), Ok(sequence));
        }
    }
}

#[test]
fn the_page_states_what_is_drawn_from() {
    assert!(
        Profile::ALL
            .iter()
            .flat_map(|it| it.listings())
            .all(|it| it.is_whole())
    );
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/PROFILES.md");
    let expected = profiles_page();
    // Writes the page anew where that is asked for.
    if std::env::var_os("UPDATE_PROFILES").is_some() {
        std::fs::write(page, &expected).unwrap();
    }
    let actual = std::fs::read_to_string(page).unwrap();
    for (actual, expected) in actual.lines().zip(expected.lines()) {
        assert_eq!(actual, expected, "PROFILES.md is not what is drawn from");
    }
    assert_eq!(actual.len(), expected.len());
}

#[test]
fn the_seed_depends_on_image_spec_and_plan() {
    let seed = seed_of(&[1; 32], &[2; 32], "design");
    assert_ne!(seed, seed_of(&[2; 32], &[2; 32], "design"));
    assert_ne!(seed, seed_of(&[1; 32], &[1; 32], "design"));
    assert_ne!(seed, seed_of(&[1; 32], &[2; 32], "endurance"));
    // By sha256sum over the label, a zero, 32 ones, 32 twos and the name.
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "9bbf389f963f578097e03439d3b6236ecdc50d12523ffc07f0090aaad0b5eeb5"
    );
}
