//! What is written reads as it was; old files read; what cannot be run is refused and says why.

use super::{Counterexample, Flakiness, Found, Remark};
use crate::file::{Conditions, FORMAT_VERSION, SequenceFileError};
use crate::profile::{GENERATOR_VERSION, Origin, Profile, draw, ranges_for_tests};
use crate::text::read;
use crate::violation::Property;
use firmware_units::Nanoseconds;
use proptest::prelude::*;

/// A file of format 1. It never changes: whoever makes another format adds another file.
const FORMAT_1: &str = include_str!("format-1.toml");

fn format_1() -> Counterexample {
    let steps = "after 0 s  heartbeats on\nafter 0 s  cartridge fresh 2.5 mm\n\
                 after 1 s  burst unlock; set depth 1.75 mm\nafter 0.250 s  send lock\n\
                 after 0.000012 s  send start";
    let mut seed = [0; 32];
    for (byte, value) in seed.iter_mut().zip(0..) {
        *byte = value;
    }
    let some = |text: &str| Some(text.to_owned());
    let remark = |at, action: &str, expected: &str, observed: &str| Remark {
        at: Nanoseconds(at),
        action: action.to_owned(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
    };
    Counterexample {
        found: Found {
            property: Property::Ceiling,
            expected: some("at most 1.65 mm"),
            observed: some("1.78 mm +/- 0.03 mm"),
            at: Some(Nanoseconds(2_104_000_000)),
            step: Some(4),
            flakiness: Some(Flakiness { failed: 5, of: 5 }),
        },
        sequence: read(steps).unwrap(),
        origin: Some(Origin {
            profile: Profile::Adversarial,
            seed,
            number: 17,
            generator: 1,
        }),
        conditions: Conditions {
            firmware: some("1.1.1"),
            build_id: some("0123456789abcdef"),
            image_sha256: some("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
            document: some("PEN-A1-LIMITS"),
            revision: some("A"),
            spec_sha256: some("ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"),
            bench: some("virtual"),
            scenario: some("reference"),
            bench_seed: Some(7),
        },
        trace: vec![
            remark(
                1_250_000_000,
                "send lock",
                "done, depth 1.50 mm",
                "done, depth 1.75 mm",
            ),
            remark(
                2_104_250_000,
                "send start",
                "at most 1.65 mm",
                "\"1.78\" mm",
            ),
        ],
        waveform: some("ceiling-17.csv"),
    }
}

#[test]
fn a_file_of_format_1_reads_for_ever() {
    assert_eq!(Counterexample::read(FORMAT_1), Ok(format_1()));
}

#[test]
fn what_is_written_now_is_format_1() {
    assert_eq!(FORMAT_VERSION, 1);
    assert_eq!(format_1().to_string(), FORMAT_1);
}

#[test]
fn one_written_by_hand_needs_a_property_and_steps_alone() {
    let text = "format = 1\n[violated]\nproperty = \"stop\"\n[sequence]\nsteps = [\n  \"send start # now\",\n]\n";
    let read = Counterexample::read(text).unwrap();
    assert_eq!(read.found.property, Property::Stop);
    assert_eq!(read.origin, None);
    assert_eq!(read.conditions, Conditions::default());
    assert_eq!(Counterexample::read(&read.to_string()), Ok(read));
}

#[test]
fn what_cannot_be_run_is_refused_and_says_why() {
    let changed = |from: &str, to: &str| {
        assert!(FORMAT_1.contains(from), "{from}");
        let read = Counterexample::read(&FORMAT_1.replacen(from, to, 1));
        read.map_err(|it| it.to_string()).unwrap_err()
    };
    let refusals = [
        changed("format = 1", "format = 2\nnews = true"),
        changed("format = 1", "format = 0"),
        changed("format = 1", "format = \"1\""),
        changed("format = 1", ""),
        changed("[violated]", "[violated"),
        changed("property = \"ceiling\"", "property = \"cieling\""),
        changed("property = \"ceiling\"", "property = \"colour\""),
        changed("property = \"ceiling\"", ""),
        changed("at = \"2.104 s\"", "at = \"2.104\""),
        changed("step = 4", "stop = 4"),
        changed("failed = 5", "failed = 6"),
        changed("of = 5", ""),
        changed("after 0.250 s  send lock", "after 0.250 s  send lokc"),
        changed(
            "after 0.250 s  send lock",
            "after 0.250 s  send lock\\nsend nothing",
        ),
        changed("profile = \"adversarial\"", "profile = \"both\""),
        changed("seed = \"00", "seed = \"+0"),
        changed("number = 17", "number = -17"),
        changed("[\"1.250 s\",    ", "["),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
    let nothing =
        "format = 1\n[violated]\nproperty = \"stop\"\n[sequence]\nsteps = [\"# nothing\"]\n";
    assert_eq!(
        Counterexample::read(nothing),
        Err(SequenceFileError::NothingToRun)
    );
}

#[test]
fn what_differs_is_said() {
    let mut failed = format_1();
    let drawn_by = |generator| move |it: Origin| Origin { generator, ..it };
    failed.origin = failed.origin.map(drawn_by(GENERATOR_VERSION));
    assert_eq!(failed.differences(&failed.conditions), [""; 0]);
    let now = Conditions {
        firmware: Some("1.2.0".to_owned()),
        revision: Some("B".to_owned()),
        bench: Some("hardware".to_owned()),
        scenario: None,
        bench_seed: None,
        ..failed.conditions.clone()
    };
    failed.conditions.build_id = None;
    failed.origin = failed.origin.map(drawn_by(0));
    assert_eq!(
        failed.differences(&now),
        [
            "firmware: it failed on 1.1.1, this is 1.2.0",
            "build id: the file does not say, this is 0123456789abcdef",
            "spec revision: it failed on A, this is B",
            "bench: it failed on virtual, this is hardware",
            "scenario: it failed on reference, here it is not known",
            "seed of the bench: it failed on 7, here it is not known",
            &*format!(
                "generator: drawn by version 0, this is {GENERATOR_VERSION}; the steps in the file are what is run"
            ),
        ]
    );
}

/// Words in files never change; a new property adds one.
#[test]
fn the_words_of_properties_are_these() {
    let words = Property::ALL.map(Property::word);
    assert_eq!(
        words.join(" "),
        "ceiling depth notches over-speed rate motion stop stall lost-link read-back reply answer \
         telemetry faults counters start safe-state"
    );
}

#[test]
fn a_sequence_is_flaky_if_a_run_held() {
    assert!(Flakiness { failed: 4, of: 5 }.is_flaky());
    assert!(!Flakiness { failed: 5, of: 5 }.is_flaky());
}

proptest! {
    #[test]
    fn what_is_written_reads_as_it_was(
        number: u64,
        property in prop::sample::select(&Property::ALL[..]),
        words in prop::array::uniform4(prop::option::of(any::<String>())),
        rows in prop::collection::vec((0..=9_000_000_000_000_u64, any::<String>(), any::<String>()), 0..4),
        bench_seed in prop::option::of(any::<u64>()),
        by_hand: bool,
    ) {
        let sequence = draw(Profile::Adversarial, [3; 32], number, &ranges_for_tests());
        prop_assume!(!sequence.steps.is_empty());
        let [expected, observed, firmware, waveform] = words;
        let counterexample = Counterexample {
            found: Found { property, expected, observed, ..format_1().found },
            sequence,
            origin: (!by_hand).then(|| Origin::new(Profile::Usage, [9; 32], number)),
            conditions: Conditions { firmware, bench_seed, ..Conditions::default() },
            trace: rows
                .into_iter()
                .map(|(at, action, observed)| Remark {
                    at: Nanoseconds(at),
                    expected: action.clone(),
                    action,
                    observed,
                })
                .collect(),
            waveform,
        };
        let text = counterexample.to_string();
        prop_assert_eq!(Counterexample::read(&text), Ok(counterexample), "{}", text);
    }
}
