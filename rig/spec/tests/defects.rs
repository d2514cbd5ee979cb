//! Each defect of a table is reported with file, line and column, and all of them at once.

use rig_spec::{SpecSet, TABLE_COLUMNS};
use std::collections::BTreeMap;

mod files;

/// Replaces one text in one table and gives the defects as text.
fn defects(edits: &[(&str, &str, &str)]) -> String {
    let mut files = files::pen_a1().expect("the folder is part of the repository");
    for (file, from, to) in edits {
        let text = files.get_mut(*file).expect("a table");
        assert!(text.contains(from), "{file} no longer contains {from}");
        *text = text.replacen(from, to, 1);
    }
    parse(&files)
}

fn parse(files: &BTreeMap<String, String>) -> String {
    let defects = SpecSet::parse(files).expect_err("the table is defective");
    defects
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

const DEP_04: &str = "DEP-04,A,protrusion at top of stroke,\"mean of per-stroke peaks, longest needle\",1.50,116.667,none,nominal,14-pin,,,,,1000,1.50,1.35,1.65,,mm,guard-band,0.83,0.0375,gauge,HAZ-01";

fn dep_04(from: &str, to: &str) -> String {
    assert!(DEP_04.contains(from), "{from}");
    defects(&[("unit.csv", DEP_04, &DEP_04.replacen(from, to, 1))])
}

#[test]
fn defects_of_limits() {
    insta::assert_snapshot!(
        [
            dep_04("1.50,1.35,1.65", "1.50,1.65,1.35"),
            dep_04("1.50,1.35,1.65", "1.50,,"),
            dep_04("1.50,1.35,1.65", "1.90,1.35,1.65"),
            dep_04("1.35,1.65", "1.3500001,1.65"),
            dep_04("1.35,1.65", "\"1,35\",1.65"),
            dep_04("1.35,1.65", "1.35,1e3"),
            dep_04(",mm,", ",inch,"),
            dep_04(",mm,", ",s,"),
            dep_04(",mm,", ",,"),
            dep_04("guard-band", "guardband"),
            dep_04("0.83,", ","),
            dep_04("0.83,", "0,"),
            dep_04("guard-band", "simple"),
            dep_04("0.0375", "-0.0375"),
            dep_04("65,,mm", "65,politely refused,mm"),
        ]
        .join("\n")
    );
}

/// A limit table with the column that may be left out.
fn with_max_risk(rule: &str, guard_r: &str, max_risk: &str) -> BTreeMap<String, String> {
    let mut files = files::pen_a1().expect("the folder is part of the repository");
    let text = files.get_mut("rig.csv").expect("a table");
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.starts_with("id,") {
                return line.replace(",guard_r,", ",guard_r,max_risk,");
            }
            let (from, to) = if line.starts_with("MSR-03") {
                (",simple,,,", format!(",{rule},{guard_r},{max_risk},,"))
            } else {
                (",simple,,", ",simple,,,".to_owned())
            };
            assert!(line.contains(from), "{line}");
            line.replacen(from, &to, 1)
        })
        .collect();
    *text = lines.join("\n");
    files
}

#[test]
fn defects_of_a_stated_risk() {
    assert!(SpecSet::parse(&with_max_risk("risk", "", "0.02")).is_ok());
    let rules = [
        ("risk", "", ""),
        ("risk", "", "0.5"),
        ("risk", "", "0"),
        ("risk", "", "0.0000001"),
        ("risk", "1", "0.02"),
        ("simple", "", "0.02"),
        ("guard-band", "1", "0.02"),
    ];
    insta::assert_snapshot!(
        rules
            .map(|(rule, guard_r, max_risk)| parse(&with_max_risk(rule, guard_r, max_risk)))
            .join("\n")
    );
}

#[test]
fn defects_of_conditions() {
    insta::assert_snapshot!(
        [
            dep_04("1.50,116.667,none", "1.5O,116.667,none"),
            dep_04("1.50,116.667,none", "1.50001,116.66,none"),
            dep_04("none,nominal", "some,nominal"),
            dep_04(",,1000,", ",,-5,"),
            dep_04(",,1000,", ",,many,"),
            dep_04("gauge,HAZ-01", "ruler,HAZ-01"),
            dep_04("gauge,HAZ-01", "gauge,HAZ-99"),
            dep_04("DEP-04,A,protrusion at top of stroke", "DEP-03,,"),
            dep_04("DEP-04,A", "depth,A"),
        ]
        .join("\n")
    );
}

#[test]
fn defects_of_form() {
    insta::assert_snapshot!(
        [
            defects(&[("loads.csv", "none,0,0,0,free,", "none,0,0,0,free")]),
            defects(&[("loads.csv", "none,0,0,0,free,", "\"none,0,0,0,free,")]),
            defects(&[("loads.csv", "shaft", "axle")]),
            defects(&[("loads.csv", "shaft", "load")]),
            defects(&[("loads.csv", "load,needles", "load,colour,needles")]),
        ]
        .join("\n")
    );
}

#[test]
fn defects_of_the_other_tables() {
    insta::assert_snapshot!(
        [
            defects(&[(
                "plans.csv",
                "smoke,DEP-04,yes,1,0,",
                "smoke,DEP-40,perhaps,none,2,"
            )]),
            defects(&[(
                "plans.csv",
                "smoke,DEP-04,yes,1,0,",
                "smoke,DEP-00a,yes,0,,"
            )]),
            defects(&[(
                "plans.csv",
                "smoke,DEP-04,yes,1,0,",
                "smoke,DEP-12,yes,1,0,\nsmoke,DEP-08,yes,1,0,"
            )]),
            defects(&[(
                "loads.csv",
                "overload,0,0,0,brake",
                "overload,256,0.0001,,axle"
            )]),
            defects(&[(
                "presets.csv",
                "patch test,0.25,0.25",
                "patch test,0.50,0.25"
            )]),
            defects(&[("presets.csv", "chin,", "nose,")]),
            defects(&[(
                "hazards.csv",
                "SAF-01 SAF-02,SAF-02",
                "SAF-99,XYZ-01 to XYZ-09"
            )]),
            defects(&[("hazards.csv", "HAZ-10,hot nose", "HAZ-09,")]),
            defects(&[("document.csv", "revision,A", "revision,")]),
            defects(&[("document.csv", "rated motor current,1.0 A\n", "")]),
            defects(&[("document.csv", "1.0 A", "1.0005 A")]),
        ]
        .join("\n")
    );
}

#[test]
fn all_defects_of_all_tables_are_reported_in_one_go_with_their_lines() {
    let mut files = files::pen_a1().unwrap();
    files.remove("presets.csv");
    files.insert("units.csv".to_owned(), String::new());
    files.insert("loads.csv".to_owned(), String::new());
    let unit = files["unit.csv"]
        .replace("DEP-01,A", "\nDEP-01,")
        .replace("\n", "\r\n")
        .replace(",3,,%,", ",x,,%,");
    files.insert("unit.csv".to_owned(), unit);
    let text = parse(&files);
    insta::assert_snapshot!(text);
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let files = files::pen_a1().unwrap();
    let windows: BTreeMap<String, String> = files
        .iter()
        .map(|(name, text)| {
            (
                name.clone(),
                format!("\u{feff}{}", text.replace('\n', "\r\n")),
            )
        })
        .collect();
    let (unix, windows) = (
        SpecSet::parse(&files).unwrap(),
        SpecSet::parse(&windows).unwrap(),
    );
    assert_eq!(unix.rows, windows.rows);
    assert_eq!(unix.plans, windows.plans);
    assert_ne!(
        unix.tables["unit.csv"].sha256, windows.tables["unit.csv"].sha256,
        "hashes are of the bytes as read"
    );
}

/// Any single cell of any table may be broken without the parser panicking, and an emptied or
/// garbled table is never accepted in part.
#[test]
fn no_cell_can_make_the_parser_panic() {
    let mut files = files::pen_a1().unwrap();
    files.insert(
        "sampling.csv".to_owned(),
        include_str!("files/sampling.csv").to_owned(),
    );
    for (file, columns) in TABLE_COLUMNS {
        for idx in 0..columns.len() {
            for garbage in ["", "-1", "99999999999999999999", "\u{0}", "DEP", "a;b", "é"] {
                let text = &files[file];
                let mut reader = csv::ReaderBuilder::new()
                    .has_headers(false)
                    .from_reader(text.as_bytes());
                let mut writer = csv::Writer::from_writer(Vec::new());
                for (line, record) in reader.records().enumerate() {
                    let record = record.unwrap();
                    let cells = record.iter().enumerate();
                    let cells: Vec<&str> = cells
                        .map(|(at, cell)| {
                            if line == 1 && at == idx {
                                garbage
                            } else {
                                cell
                            }
                        })
                        .collect();
                    writer.write_record(&cells).unwrap();
                }
                let mut garbled = files.clone();
                garbled.insert(
                    file.to_owned(),
                    String::from_utf8(writer.into_inner().unwrap()).unwrap(),
                );
                // Either way is an answer; words may stand in columns of words.
                if let Err(defects) = SpecSet::parse(&garbled) {
                    assert!(defects.iter().all(|it| !it.to_string().is_empty()));
                }
            }
        }
    }
}
