//! `junit.xml`: byte for byte, and what its readers ask of it.

use proptest::prelude::*;
use rig_record::{LotRecord, Outcome};
use rig_report::{Attachment, junit, outcome};
use rig_stats::ExitCode;
use roxmltree::{Document, Node};
use small::Pen;
use std::collections::BTreeSet;

mod small;

const LOT: [Pen; 4] = [Pen::Good, Pen::Bad, Pen::Broken, Pen::Good];

fn attached() -> Vec<Attachment> {
    let file = |unit: &str, row: &str, path: &str| Attachment {
        unit: unit.to_owned(),
        row: row.to_owned(),
        path: path.to_owned(),
    };
    vec![
        file("A1-0002", "DEP-04", "waveforms/A1-0002-DEP-04.parquet"),
        file("A1-0002", "DEP-04", "counterexamples/A1-0002-7.toml"),
        file("A1-0003", "DEP-04", "waveforms/A1-0003-DEP-04.parquet"),
    ]
}

fn xml(pens: &[Pen]) -> String {
    let spec = small::spec();
    junit(&spec, &small::lot(&spec, pens), &attached()).expect("a plan of the spec")
}

#[test]
fn a_lot_byte_for_byte() {
    insta::assert_snapshot!("junit.xml", xml(&LOT));
}

fn cases<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
    let nodes = document.descendants();
    nodes.filter(|it| it.has_tag_name("testcase")).collect()
}

fn count(node: Node<'_, '_>, tag: &str) -> usize {
    node.descendants().filter(|it| it.has_tag_name(tag)).count()
}

/// Types that Rails' `Hash.from_xml`, and with it GitLab, reads as something else than text.
const TYPECAST: [&str; 16] = [
    "symbol",
    "date",
    "datetime",
    "dateTime",
    "duration",
    "integer",
    "float",
    "double",
    "decimal",
    "boolean",
    "string",
    "yaml",
    "base64Binary",
    "hexBinary",
    "file",
    "array",
];

/// What GitLab and the publishers on GitHub ask for, and what totals promise.
#[track_caller]
fn check_form(text: &str) {
    let document = Document::parse(text).expect("well-formed");
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<Node<'_, '_>> = root.children().filter(Node::is_element).collect();
    for suite in &suites {
        assert_eq!(suite.tag_name().name(), "testsuite");
        assert!(suite.attribute("name").is_some());
        for (total, tag) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            let counted = count(*suite, tag).to_string();
            assert_eq!(suite.attribute(total), Some(counted.as_str()), "{total}");
        }
    }
    let mut names = BTreeSet::new();
    for case in cases(&document) {
        let name = case.attribute("name").expect("a name");
        let class = case.attribute("classname").expect("a classname");
        assert!(!name.is_empty() && !class.is_empty());
        assert!(names.insert((class, name)), "{class} {name} stands twice");
        let seconds: f64 = case
            .attribute("time")
            .expect("a time")
            .parse()
            .expect("seconds");
        assert!(seconds >= 0.0);
        let ends = ["failure", "error", "skipped"].map(|it| count(case, it));
        assert!(ends.iter().sum::<usize>() <= 1, "{name} ends in one way");
        let end = case
            .children()
            .find(|it| ["failure", "error", "skipped"].contains(&it.tag_name().name()));
        if let Some(end) = end {
            // GitLab shows the text, and none for an element without.
            assert!(end.text().is_some_and(|it| !it.trim().is_empty()), "{name}");
            let kind = end.attribute("type").unwrap_or_default();
            assert!(!TYPECAST.contains(&kind), "{kind}");
            assert!(!end.attribute("message").unwrap_or_default().is_empty());
        }
    }
}

#[test]
fn its_readers_find_what_they_ask_for() {
    for pens in [&LOT[..], &[], &[Pen::Good], &[Pen::Bad, Pen::Bad]] {
        check_form(&xml(pens));
    }
}

/// Of a large lot, the rows of a unit that pass are one case.
#[test]
fn a_large_lot_makes_a_file_that_can_be_read() {
    let spec = small::spec();
    let some = small::lot(&spec, &[Pen::Good, Pen::Bad]);
    let many = |n_units: u32| {
        let mut lot = some.clone();
        let unit = |index: u32| {
            let mut unit = some.units[usize::from(index == 7)].clone();
            unit.index = index;
            unit.serial = format!("A1-{index:06}");
            unit
        };
        lot.units = (0..n_units).map(unit).collect();
        junit(&spec, &lot, &[]).unwrap()
    };
    let (few, lots) = (many(100), many(2_500));
    check_form(&few);
    check_form(&lots);
    assert!(
        lots.len() < 10 * few.len(),
        "{} and {}",
        few.len(),
        lots.len()
    );
    // What failed stands for itself in both.
    for text in [&few, &lots] {
        let document = Document::parse(text).unwrap();
        let beyond = |it: &Node<'_, '_>| it.attribute("name") == Some("beyond_limit");
        assert_eq!(document.descendants().filter(beyond).count(), 2);
    }
    assert!(lots.contains("name=\"5 rows that pass\" classname=\"A1-000001.rows\""));
    assert!(!few.contains("rows that pass"));
}

/// A lot, with one thing done to it.
fn changed(pens: &[Pen], change: impl FnOnce(&mut LotRecord)) -> (String, ExitCode) {
    let spec = small::spec();
    let mut lot = small::lot(&spec, pens);
    change(&mut lot);
    let exit = outcome(&spec, &lot).expect("a plan of the spec").exit;
    let text = junit(&spec, &lot, &[]).expect("a plan of the spec");
    (text, exit)
}

#[test]
fn it_is_green_if_and_only_if_the_exit_code_is_0() {
    let interrupted = |lot: &mut LotRecord| {
        lot.units[0].outcome = Outcome::Aborted(rig_record::AbortCause::Interrupted);
    };
    let without_row = |lot: &mut LotRecord| {
        lot.units[1].results.remove(0);
    };
    let spec = small::spec();
    let in_guard_band = rig_spec::Measured::from_f64(rig_spec::Unit::Millimeter, 1.645, 0.011, 2.0);
    let in_guard_band = rig_spec::Evidence::measured(in_guard_band.unwrap(), 1_166);
    let undecided = |lot: &mut LotRecord| {
        lot.units[0].results[0] = small::judged(&spec, "DEP-04", &[in_guard_band]);
    };
    let mut colours = BTreeSet::new();
    for (text, exit) in [
        changed(&[Pen::Good, Pen::Good], |_| ()),
        changed(&[Pen::Good, Pen::Good], interrupted),
        changed(&[Pen::Good, Pen::Good], without_row),
        changed(&[Pen::Good, Pen::Good], undecided),
        changed(&[Pen::Bad], |_| ()),
        changed(&[Pen::Broken], |_| ()),
        changed(&[Pen::Bad, Pen::Bad], |_| ()),
        changed(&LOT, |_| ()),
        changed(&[], |_| ()),
    ] {
        let document = Document::parse(&text).unwrap();
        let red = count(document.root_element(), "failure") + count(document.root(), "error");
        assert_eq!(red == 0, exit == ExitCode::Met, "{exit:?}: {text}");
        colours.insert(red == 0);
        // And so is the suite of each unit, by where the unit stands.
        for suite in document
            .descendants()
            .filter(|it| it.has_tag_name("testsuite"))
        {
            let property = |it: &Node<'_, '_>| it.attribute("name") == Some("standing");
            let standing = suite.descendants().find(property);
            if let Some(standing) = standing.and_then(|it| it.attribute("value")) {
                let red = count(suite, "failure") + count(suite, "error");
                assert_eq!(red == 0, standing == "meets plan", "{standing}: {text}");
            }
        }
    }
    assert_eq!(colours.len(), 2, "both were seen");
}

#[test]
fn only_a_row_of_the_pen_that_failed_or_is_undecided_is_a_failure() {
    let text = xml(&LOT);
    let document = Document::parse(&text).unwrap();
    let mut ends: BTreeSet<(String, String)> = BTreeSet::new();
    for end in document.descendants() {
        if ["failure", "error"].contains(&end.tag_name().name()) {
            let kind = end.attribute("type").unwrap().to_owned();
            ends.insert((kind, end.tag_name().name().to_owned()));
        }
    }
    let ends: Vec<(&str, &str)> = ends.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        ends,
        [
            ("bench-error", "error"),
            ("fail", "failure"),
            ("held", "failure"),
            ("inconclusive", "failure"),
            ("not-run", "error"),
        ]
    );
}

#[test]
fn a_row_of_the_rig_that_failed_is_an_error_and_no_failure_of_the_pen() {
    let spec = small::spec();
    let mut lot = small::lot(&spec, &[Pen::Good]);
    let moved = rig_spec::Measured::from_f64(rig_spec::Unit::Micrometer, 30.0, 0.5, 2.0).unwrap();
    let moved = rig_spec::Evidence::measured(moved, 1);
    let results = &mut lot.units[0].results;
    let at = results.iter().position(|it| it.row() == "MSR-03").unwrap();
    results[at] = small::judged(&spec, "MSR-03", &[moved]);
    let text = junit(&spec, &lot, &[]).unwrap();
    let document = Document::parse(&text).unwrap();
    let error = document
        .descendants()
        .find(|it| it.attribute("type") == Some("rig-fail"));
    assert_eq!(error.unwrap().tag_name().name(), "error");
}

proptest! {
    /// Whatever stands in a serial number, a cause or a name, the file is well-formed, of the right
    /// form, and says it.
    #[test]
    fn any_text_is_carried(texts in prop::collection::vec(any::<String>(), 6), hostile in hostile()) {
        let spec = small::spec();
        let mut lot = small::lot(&spec, &[Pen::Good, Pen::Bad, Pen::Broken]);
        lot.header.lot.clone_from(&texts[0]);
        lot.header.scenario = Some(hostile.clone());
        lot.units[0].serial = format!("a{}", texts[1]);
        lot.units[1].serial = format!("b{hostile}");
        if let Some(intake) = &mut lot.units[1].intake {
            intake.condition.clone_from(&texts[2]);
        }
        lot.units[2].outcome = Outcome::BenchError { cause: hostile.clone() };
        let file = Attachment {
            unit: format!("b{hostile}"),
            row: "DEP-04".to_owned(),
            path: texts[5].clone(),
        };
        let text = junit(&spec, &lot, &[file]).unwrap();
        check_form(&text);
        prop_assert!(text.chars().all(|it| !it.is_control() || it == '\n'));
        let document = Document::parse(&text).unwrap();
        let said = document
            .descendants()
            .find(|it| it.attribute("type") == Some("bench-error"))
            .and_then(|it| it.attribute("message"))
            .unwrap_or_default()
            .to_owned();
        let shown: String = hostile
            .chars()
            .map(|it| if it.is_control() { ' ' } else { it })
            .map(|it| if matches!(it, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { it })
            .collect();
        let expected = format!("bench error: {shown}");
        prop_assert_eq!(said.trim_end(), expected.trim_end());
    }
}

/// Text out of what XML, CDATA and terminals give a meaning to.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "]]>",
        "<![CDATA[",
        "<",
        ">",
        "&",
        "&amp;",
        "&#0;",
        "\"",
        "'",
        "\0",
        "\u{1b}[31m",
        "\u{8}",
        "\u{7f}",
        "\u{85}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{2028}",
        "\r\n",
        "\t",
        "--",
        "<?",
        "é",
        "\u{10ffff}",
        "]]",
        "[[ATTACHMENT|x]]",
        " ",
        "text",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|it| it.concat())
}
