//! The HTML report: well formed, self-contained, the same bytes each time, of bounded size; says
//! everything that it must and nothing that it must not; and cannot be led astray by a name.

use firmware_units::{Nanometers, Nanoseconds};
use page::Page;
use proptest::prelude::*;
use rig_record::{BenchKind, GoldenStatus, LotRecord};
use rig_report::{DetectedStroke, Extras, html, summary};
use rig_spec::SpecSet;
use rig_stats::Standing;
use sample::Pen;

mod page;
mod sample;
#[allow(dead_code, reason = "other tests take what this one does not")]
mod small;

fn five() -> (SpecSet, LotRecord) {
    let spec = sample::spec();
    let lot = sample::lot(&spec, &sample::FIVE);
    (spec, lot)
}

#[track_caller]
fn written(spec: &SpecSet, lot: &LotRecord, extras: &Extras) -> String {
    html(spec, lot, extras).expect("a plan of the spec")
}

/// Reports of every kind of lot, by name.
fn every_kind() -> Vec<(&'static str, SpecSet, String)> {
    let mut reports = Vec::new();
    let mut push = |name, spec: SpecSet, lot: LotRecord, extras: Extras| {
        let text = written(&spec, &lot, &extras);
        reports.push((name, spec, text));
    };
    let pens: [(&str, &[small::Pen]); 4] = [
        ("none", &[]),
        ("good", &[small::Pen::Good, small::Pen::Good]),
        ("bad", &[small::Pen::Bad, small::Pen::Bad]),
        ("broken", &[small::Pen::Broken]),
    ];
    for (name, pens) in pens {
        let spec = small::spec();
        let lot = small::lot(&spec, pens);
        push(name, spec, lot, Extras::default());
    }
    let (spec, lot) = five();
    push("five", spec, lot, sample::extras());
    let (spec, mut lot) = five();
    lot.header.bench.kind = BenchKind::Hardware;
    lot.header.golden = GoldenStatus::Passed {
        serial: "GOLDEN-1".to_owned(),
        checked: "2026-11-25T06:00:00Z".to_owned(),
    };
    push("hardware", spec, lot, Extras::default());
    for (name, count) in [("sixty", 60), ("many", 260)] {
        let spec = sample::spec();
        let lot = sample::lot(&spec, &sample::many(count));
        push(name, spec, lot, Extras::default());
    }
    // Nothing differs: no spread, no histogram, no chart.
    let spec = sample::spec();
    let mut lot = sample::lot(&spec, &[Pen::Good]);
    let unit = lot.units[0].clone();
    lot.units = (0..30)
        .map(|index| rig_record::UnitRecord {
            index,
            serial: format!("PA1-{index:08}"),
            ..unit.clone()
        })
        .collect();
    push("alike", spec, lot, Extras::default());
    reports
}

#[test]
fn text_of_a_small_report() {
    let spec = small::spec();
    let lot = small::lot(
        &spec,
        &[small::Pen::Good, small::Pen::Bad, small::Pen::Broken],
    );
    let text = written(&spec, &lot, &Extras::default());
    insta::assert_snapshot!("small", Page::parse(&text).lines());
    // Every letter and coordinate of a report as small as it gets.
    insta::assert_snapshot!("empty_lot", {
        let text = written(&spec, &small::lot(&spec, &[]), &Extras::default());
        let body = text.find("<body>").expect("a body");
        text[body..].to_owned()
    });
}

#[test]
fn text_of_what_surrounds_a_record() {
    let (spec, lot) = five();
    let text = written(&spec, &lot, &sample::extras());
    let lines = without_hashes(&Page::parse(&text).lines());
    let annex = lines
        .split_once("7  Instruments")
        .map(|it| it.1)
        .expect("an annex");
    let first = lines.split_once("1  What is claimed").expect("claims").0;
    insta::assert_snapshot!("first_screen", first);
    insta::assert_snapshot!("annex", annex);
}

/// Hashes of the spec's tables change with each edition.
fn without_hashes(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let hash = word.trim_end();
        let is_hash = hash.len() == 64 && hash.bytes().all(|it| it.is_ascii_hexdigit());
        match is_hash {
            true => word.replace(hash, "<SHA-256>"),
            false => word.to_owned(),
        }
    });
    words.collect()
}

/// Well-formed XML of known elements; anchors are unique and every reference finds one; nothing
/// comes from outside, nothing runs, and no coordinate is not a number.
#[test]
fn every_report_is_one_file_that_needs_nothing() {
    for (name, _, text) in every_kind() {
        let page = Page::parse(&text);
        page.check_elements(name);
        page.check_references(name);
        let lower = text.to_lowercase();
        for outside in [
            "http",
            "//",
            "<script",
            "javascript:",
            "url(",
            "@import",
            "src=",
        ] {
            assert!(!lower.contains(outside), "{name}: {outside}");
        }
        assert!(!text.contains("NaN") && !text.contains("inf\""), "{name}");
        assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    }
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let (spec, lot) = five();
    let first = written(&spec, &lot, &sample::extras());
    assert_eq!(first, written(&spec, &lot, &sample::extras()));
}

#[test]
fn every_required_row_and_every_unit_that_does_not_pass_is_there() {
    let spec = sample::spec();
    for pens in [sample::FIVE.to_vec(), sample::many(300)] {
        let lot = sample::lot(&spec, &pens);
        let text = written(&spec, &lot, &Extras::default());
        let page = Page::parse(&text);
        let counts = rig_stats::summarize(&spec, &lot).unwrap();
        for row in &counts.rows_required {
            assert!(page.has_anchor(&format!("row-{row}")), "{row}");
        }
        let lines = page.lines();
        for unit in counts
            .units
            .iter()
            .filter(|it| it.standing != Standing::Meets)
        {
            assert!(lines.contains(&unit.serial), "{}", unit.serial);
        }
        // The terminal's words for the verdict and for what is next.
        let terminal = summary(&spec, &lot).unwrap();
        let disposition = terminal.split("  ").next().unwrap();
        assert!(lines.contains(disposition), "{disposition}");
        let next = terminal
            .lines()
            .last()
            .unwrap()
            .trim_start_matches("next")
            .trim();
        assert!(lines.contains(next), "{next}");
    }
}

/// What a cell of the spec says is the spec's, and it may name a regulation's own words.
#[test]
fn words_that_claim_too_much_are_never_used_of_a_result() {
    let never = [
        "compliant",
        "validated",
        "accredited",
        "certified",
        "released",
        "safe",
        "penetration",
    ];
    let used = |text: &str| {
        let lower = text.to_lowercase();
        let words: Vec<String> = lower
            .split(|it: char| !it.is_alphanumeric())
            .map(str::to_owned)
            .collect();
        never
            .into_iter()
            .find(|it| words.iter().any(|word| word == it))
    };
    for (name, spec, text) in every_kind() {
        let mut said = Page::parse(&text).lines();
        for cell in spec.rows.iter().flat_map(|it| &it.cells) {
            if used(cell).is_some() {
                said = said.replace(cell.trim_end_matches('.'), "");
            }
        }
        let found = said.lines().find(|line| used(line).is_some());
        assert_eq!(found, None, "{name}");
    }
}

#[test]
fn a_virtual_run_says_what_it_cannot_show_and_a_hardware_run_does_not() {
    let edge = "VIRTUAL, not for product release: cannot show conformity of any physical pen, traceability, wear, ingress, EMC or clinical performance";
    for (name, _, text) in every_kind() {
        let is_virtual = name != "hardware";
        // Once as the edge of printed pages, once as the strip of the screen.
        assert_eq!(
            text.contains(&format!("@top-left {{ content: \"{edge}\"")),
            is_virtual,
            "{name}"
        );
        let lines = Page::parse(&text).lines();
        assert_eq!(lines.contains(edge), is_virtual, "{name}");
        assert_eq!(
            lines.contains("must not be used to release product"),
            is_virtual
        );
        for sentence in [
            "it supports acceptance decisions and does not make them",
            "not how deep they go into skin",
        ] {
            assert!(lines.contains(sentence), "{name}: {sentence}");
        }
    }
}

#[test]
fn a_part_that_is_not_there_says_so() {
    let (spec, lot) = five();
    let said = |extras: &Extras| Page::parse(&written(&spec, &lot, extras)).lines();
    let unknown = said(&Extras::default());
    assert_eq!(unknown.matches("not known to this report").count(), 3);
    assert_eq!(unknown.matches("penrig verify reads them").count(), 2);
    assert_eq!(unknown.matches("Not known to this report").count(), 5);
    let nothing = said(&Extras {
        chain_heads: Some(Vec::new()),
        signatures: Some(Vec::new()),
        sign_offs: Some(Vec::new()),
        deviations: Some(Vec::new()),
        holds: Some(Vec::new()),
        previous_runs: Some(Vec::new()),
        intake: Some(Vec::new()),
        ..Extras::default()
    });
    assert_eq!(nothing.matches("not known to this report").count(), 1);
    assert_eq!(nothing.matches("None recorded").count(), 4);
    assert_eq!(nothing.matches("not on the intake list").count(), 5);
    assert!(nothing.contains("none: the bundle is not signed"));
}

/// A field that nobody filled in is not left blank.
#[test]
fn a_blank_is_said_to_be_one() {
    let (spec, mut lot) = five();
    lot.header.operator.clear();
    lot.header.station.clear();
    lot.header.reason = " ".to_owned();
    let lines = Page::parse(&written(&spec, &lot, &Extras::default())).lines();
    assert!(lines.contains(
        "operator not stated (as claimed, not authenticated), station not stated, reason: not stated"
    ));
    assert!(
        lines.contains("station | not stated\nreason | not stated\n"),
        "{lines}"
    );
}

/// A sign-off of other content, and a report by other tables than those of the run.
#[test]
fn what_does_not_fit_is_pointed_at() {
    let (spec, lot) = five();
    let mut extras = sample::extras();
    extras.sign_offs.as_mut().unwrap()[0].holds = false;
    let lines = Page::parse(&written(&spec, &lot, &extras)).lines();
    assert!(
        lines.contains("other content than that of this run"),
        "{lines}"
    );
    assert!(!lines.contains("are not those that the run was judged by"));
    let mut lot = lot;
    lot.header
        .spec
        .tables
        .insert("unit.csv".to_owned(), "00".repeat(32));
    let lines = Page::parse(&written(&spec, &lot, &extras)).lines();
    assert!(lines.contains("are not those that the run was judged by"));
}

/// The page does not grow with the lot, but for the list of units that are no plain pass.
#[test]
fn a_large_lot_gives_a_page_of_bounded_size() {
    let spec = sample::spec();
    let size = |pens: &[Pen]| {
        let lot = sample::lot(&spec, pens);
        written(&spec, &lot, &Extras::default()).len()
    };
    let (thousand, three) = (size(&sample::many(1_000)), size(&sample::many(3_000)));
    assert!(three < thousand * 5 / 4, "{thousand} {three}");
    let all_fail = size(&vec![Pen::TooDeep; 3_000]);
    assert!(all_fail < 2_500_000, "{all_fail}");
}

#[test]
fn a_large_lot_says_what_it_does_not_show() {
    let spec = sample::spec();
    let lot = sample::lot(&spec, &sample::many(5_000));
    let text = written(&spec, &lot, &Extras::default());
    let page = Page::parse(&text);
    let lines = page.lines();
    assert!(lines.contains("of 5000 units are a plain pass"), "{lines}");
    assert!(lines.contains("Of the others the 40 worst stand below in full"));
    // Fails come first, and all of them fit the list.
    let fails = (1..=5_000).filter(|it| it % 97 == 0);
    let (_, list) = lines.split_once("Units that are no plain pass").unwrap();
    let at = |number: u32| list.find(&format!("PA1-{number:08}")).expect("listed");
    // 61 is undecided and 43 was measured again.
    for fail in fails {
        assert!(at(fail) < at(61) && at(61) < at(43), "{fail}");
    }
    // The forty in full are failing ones, while there are enough.
    let (_, in_full) = list.split_once("\nPA1-00000097\nfails\n").unwrap();
    assert_eq!(in_full.matches("\nfails\nserial by pen").count(), 39);
    assert_eq!(lines.matches("serial by pen").count(), 40);
}

/// Names that try to leave their place: in text, attributes, titles, and the style of page edges.
const NAMES: [&str; 6] = [
    "\"><script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; 'quoted' \"twice\"",
    "\"; } body { display: none } @page { content: \"\\",
    "right to left \u{202e}4000-1AP\u{7}\u{0}\u{ffff}",
    "]]> --> <!-- line\nbreak \u{2028}",
];

fn with_name(name: &str) -> String {
    let (spec, mut lot) = five();
    let header = &mut lot.header;
    for field in [
        &mut header.run_id,
        &mut header.lot,
        &mut header.operator,
        &mut header.station,
        &mut header.reason,
        &mut header.started,
        &mut header.image.file,
        &mut header.bench.name,
        &mut header.spec.document,
        &mut header.spec.device,
        &mut header.instruments[0].name,
    ] {
        name.clone_into(field);
    }
    header.ended = Some(name.to_owned());
    let mut extras = sample::extras();
    for unit in &mut lot.units {
        name.clone_into(&mut unit.serial);
        if let Some(identity) = &mut unit.identity {
            name.clone_into(&mut identity.serial);
        }
        for anomaly in &mut unit.anomalies {
            name.clone_into(&mut anomaly.detail);
        }
    }
    for deviation in extras.deviations.iter_mut().flatten() {
        name.clone_into(&mut deviation.text);
    }
    for waveform in &mut extras.waveforms {
        name.clone_into(&mut waveform.unit);
    }
    for sequence in &mut extras.counterexamples {
        name.clone_into(&mut sequence.table);
    }
    written(&spec, &lot, &extras)
}

#[track_caller]
fn check_name(name: &str) {
    let text = with_name(name);
    let page = Page::parse(&text);
    page.check_elements(name);
    page.check_references(name);
    assert_eq!(page.count("style"), 2, "{name}");
    // Nothing unseen reaches the page, and the visible part of the name does.
    assert!(!text.contains('\u{202e}') && !text.contains('\u{7}'));
    let visible: String = name
        .chars()
        .take_while(|it| it.is_ascii_graphic())
        .collect();
    assert!(page.lines().contains(&visible), "{name}");
}

#[test]
fn a_name_stays_in_its_place() {
    for name in NAMES {
        check_name(name);
    }
}

fn times() -> impl Strategy<Value = u64> {
    prop_oneof![0..100_u64, 0..10_000_000_000_u64, any::<u64>()]
}

fn depths() -> impl Strategy<Value = i64> {
    prop_oneof![-5..5_i64, -3_000_000..3_000_000_i64, any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Samples and strokes in any order, at any time, as far out as numbers go.
    #[test]
    fn any_waveform_is_drawn_or_left_out(
        samples in prop::collection::vec((times(), depths()), 0..300),
        strokes in prop::collection::vec((times(), depths()), 0..40),
        gaps in prop::collection::vec((times(), times()), 0..4),
    ) {
        let spec = small::spec();
        let lot = small::lot(&spec, &[small::Pen::Bad]);
        let mut extras = sample::extras();
        let waveform = &mut extras.waveforms[0];
        waveform.unit = lot.units[0].serial.clone();
        waveform.row = lot.units[0].results[0].row().clone();
        waveform.samples = samples
            .iter()
            .map(|it| (Nanoseconds(it.0), Nanometers(it.1)))
            .collect();
        waveform.strokes = strokes
            .iter()
            .map(|it| DetectedStroke {
                at: Nanoseconds(it.0),
                protrusion: Nanometers(it.1),
            })
            .collect();
        waveform.gaps = gaps
            .iter()
            .map(|it| (Nanoseconds(it.0), Nanoseconds(it.1)))
            .collect();
        let text = written(&spec, &lot, &extras);
        let mut words = text.split(|it: char| !it.is_alphanumeric());
        prop_assert!(words.all(|it| it != "NaN" && it != "inf"));
        let page = Page::parse(&text);
        page.check_elements("waveform");
        prop_assert!(page.lines().contains("Waveform of DEP-04 on A1-0001, attempt 1"));
    }

    #[test]
    fn any_name_stays_in_its_place(name in any::<String>()) {
        check_name(&name);
    }
}
