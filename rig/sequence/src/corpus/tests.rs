//! What is written reads as it was; what a corpus lost is named.

use super::{CorpusSequence, CorpusSummary, Held, SequenceFile, corpus_summary};
use crate::coverage::tests::shown;
use crate::coverage::{Coverage, Item};
use crate::file::Conditions;
use crate::profile::{Origin, Profile, draw, ranges_for_tests};
use firmware_units::Nanoseconds;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A file of format 1. It never changes: whoever makes another format adds another file.
const FORMAT_1: &str = include_str!("format-1.toml");

const BY_HAND: &str = "format = 1\n[corpus]\n[sequence]\nsteps = [\"send start\"]\n";

fn origin(number: u64) -> Origin {
    Origin::new(Profile::Usage, [0xa7; 32], number)
}

fn format_1() -> CorpusSequence {
    let some = |text: &str| Some(text.to_owned());
    CorpusSequence {
        note: some("with \"note\""),
        held: Held {
            bench: Some(Nanoseconds(41_200_000_000)),
            strokes: Some(812),
            alone: vec!["Standby to Asleep".to_owned(), "reset".to_owned()],
        },
        sequence: crate::text::read("after 1 s  send start\nafter 0.25 s  reset").unwrap(),
        origin: Some(Origin {
            generator: 2,
            ..origin(208)
        }),
        conditions: Conditions {
            firmware: some("1.2.1"),
            bench: some("virtual"),
            bench_seed: Some(1),
            ..Conditions::default()
        },
    }
}

#[test]
fn a_file_of_format_1_reads_for_ever_and_is_written_so() {
    assert_eq!(CorpusSequence::read(FORMAT_1), Ok(format_1()));
    assert_eq!(format_1().to_string(), FORMAT_1);
    assert_eq!(format_1().origin.unwrap().stem(), "usage-g2-a7a7a7a7-00208");
}

#[test]
fn its_tables_say_of_which_kind_a_file_is() {
    let by_hand = SequenceFile::read(BY_HAND).unwrap();
    assert!(matches!(by_hand, SequenceFile::Corpus(_)), "{by_hand:?}");
    let other = include_str!("../counterexample/format-1.toml");
    let other = SequenceFile::read(other).unwrap();
    assert!(matches!(other, SequenceFile::Counterexample(_)));
    assert_eq!(other.sequence().steps.len(), 5);
    let refused = |text: &str| SequenceFile::read(text).unwrap_err().to_string();
    let refusals = [
        refused("format = 2\n[corpus]"),
        refused("format = 1\n[corpus]\nstroke = 3\n[sequence]\nsteps = []"),
        refused("format = 1\n[corpus]\n[sequence]\nsteps = []"),
        refused("format = 1\n[corpus]\nstrokes = -3\n[sequence]\nsteps = [\"reset\"]"),
        refused("format = 1\n[corpus]\nbench = \"3 min\"\n[sequence]\nsteps = [\"reset\"]"),
        refused("format = 1\n[sequence]\nsteps = [\"reset\"]"),
        refused("nothing"),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn what_differs_is_said() {
    let now = Conditions {
        firmware: Some("1.3.0".to_owned()),
        ..format_1().conditions
    };
    let differences = SequenceFile::Corpus(format_1()).differences(&now);
    assert_eq!(differences, ["firmware: it held on 1.2.1, this is 1.3.0"]);
}

#[test]
fn what_its_origin_does_not_draw_is_by_hand() {
    let ranges = ranges_for_tests();
    let drawn = CorpusSequence {
        sequence: draw(Profile::Usage, [0xa7; 32], 3, &ranges),
        origin: Some(origin(3)),
        ..format_1()
    };
    assert!(!drawn.is_by_hand(&ranges));
    let mut edited = drawn.clone();
    edited.sequence.steps.pop();
    assert!(edited.is_by_hand(&ranges));
    let written = CorpusSequence::read(BY_HAND).unwrap();
    assert!(written.is_by_hand(&ranges));
    // Nobody can say what another generator drew.
    edited.origin = edited.origin.map(|it| Origin { generator: 1, ..it });
    assert!(!edited.is_by_hand(&ranges));
}

#[test]
fn what_a_corpus_lost_is_named_with_who_reached_it() {
    let ranges = ranges_for_tests();
    let files = |files: &[(&str, &[usize])]| -> BTreeMap<String, Coverage> {
        let each = files.iter();
        each.map(|(name, states)| ((*name).to_owned(), shown(states)))
            .collect()
    };
    let both = files(&[("a.toml", &[0, 1, 2]), ("b.toml", &[1, 2, 4])]);
    let text = corpus_summary(&both, &ranges);
    assert_eq!(text.lines().count(), 1 + Item::all(&ranges).len());
    assert!(
        text.starts_with("group,item,files,alone\nstates,Boot,1,a.toml\nstates,Standby,2,\n"),
        "{text}"
    );
    let summary = CorpusSummary::read(&text).unwrap();
    assert!(summary.lost(&shown(&[0, 1, 2, 4])).is_empty());
    assert!(summary.lost(&shown(&[0, 1, 2, 3, 4, 5])).is_empty());
    let lost: Vec<_> = summary
        .lost(&shown(&[0, 2]))
        .into_iter()
        .map(|it| (it.item.as_str(), it.files, it.alone.as_deref()))
        .collect();
    assert_eq!(lost, [("Standby", 2, None), ("Running", 1, Some("b.toml"))]);
    let refused = |text: &str| CorpusSummary::read(text).unwrap_err().to_string();
    let refusals = [
        refused(""),
        refused("group,item\n"),
        refused(&text.replacen(",1,", ",one,", 1)),
        refused(&format!("{text}states,Boot,1,a.toml,b.toml\n")),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

/// A cell with a comma would be two.
#[test]
fn no_item_has_a_comma_in_its_name() {
    let ranges = ranges_for_tests();
    for item in Item::all(&ranges) {
        assert!(!item.to_string().contains([',', '"', '\n']), "{item}");
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_as_it_was(
        number: u64,
        bench in 0..=9_000_000_000_000_u64,
        strokes: u64,
        alone in prop::collection::vec(any::<String>(), 0..3),
        note in prop::option::of(any::<String>()),
    ) {
        let sequence = draw(Profile::Adversarial, [3; 32], number, &ranges_for_tests());
        prop_assume!(!sequence.steps.is_empty());
        let kept = CorpusSequence {
            note,
            held: Held { bench: Some(Nanoseconds(bench)), strokes: Some(strokes), alone },
            sequence,
            origin: Some(origin(number)),
            conditions: Conditions::default(),
        };
        let text = kept.to_string();
        prop_assert_eq!(CorpusSequence::read(&text), Ok(kept), "{}", text);
    }
}
