//! Rules for lots: what `sampling.csv` may say, and its defects.

use rig_spec::plan_tables::AttributesTables;
use rig_spec::{
    AttributesNumbers, InspectionSeverity, SamplingKind, SamplingRule, SpecSet, VariablesNumbers,
};
use std::collections::BTreeMap;

mod files;

const HEADER: &str = "plan,row,rule,lot_size,level,aql,inspection,n,ac,re,k,p1,alpha,p2,beta,confidence,content,note";

fn with(lines: &[&str]) -> BTreeMap<String, String> {
    let mut files = files::pen_a1().unwrap_or_default();
    let text = [&[HEADER], lines].concat().join("\n");
    files.insert("sampling.csv".to_owned(), text);
    files
}

fn defects(lines: &[&str]) -> Vec<String> {
    match SpecSet::parse(&with(lines)) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_spec_without_the_table_has_no_rule() {
    let spec = SpecSet::parse(&files::pen_a1().unwrap()).unwrap();
    assert!(spec.sampling.is_empty());
}

#[test]
fn every_rule_is_read() {
    let mut files = files::pen_a1().unwrap();
    let table = include_str!("files/sampling.csv").to_owned();
    files.insert("sampling.csv".to_owned(), table);
    let spec = SpecSet::parse(&files);
    let spec = spec.unwrap_or_else(|defects| {
        let texts: Vec<String> = defects.iter().map(ToString::to_string).collect();
        panic!("{}", texts.join("\n"))
    });
    assert_eq!(spec.sampling.len(), 7);
    assert_eq!(spec.sampling_of("release").count(), 6);
    let SamplingRule::Attributes {
        kind: SamplingKind::Single,
        numbers: AttributesNumbers::Table(entry),
    } = &spec.sampling[0].rule
    else {
        panic!("a single plan of a table");
    };
    assert_eq!((entry.lot_size, entry.aql_thousandths), (5_000, 1_500));
    let SamplingRule::Attributes {
        numbers: AttributesNumbers::Own(plan),
        ..
    } = &spec.sampling[1].rule
    else {
        panic!("numbers of its own");
    };
    assert_eq!(plan.to_string(), "n 125, Ac 3, Re 7; n 125, Ac 8, Re 9");
    assert_eq!(spec.sampling[1].note, "own numbers");
    assert_eq!(
        spec.sampling[3].rule,
        SamplingRule::Variables(VariablesNumbers::Own {
            n: 35,
            k_billionths: 1_890_000_000
        })
    );
    assert_eq!(spec.sampling[3].row.as_ref().unwrap().as_str(), "DEP-04");
    let SamplingRule::Sequential { points, most: 100 } = &spec.sampling[5].rule else {
        panic!("a sequential test");
    };
    assert_eq!(points.parts().map(|it| it.to_f64()), [0.01, 0.05, 0.1, 0.1]);
}

#[test]
fn defects_of_the_table_are_reported_all_at_once() {
    insta::assert_snapshot!(
        defects(&[
            "none,,single,5000,II,1.5,normal,,,,,,,,,,,",
            "release,DEP-99,single,5000,II,1.5,normal,,,,,,,,,,,",
            "release,,lucky,,,,,,,,,,,,,,,",
            "release,,single,,,,,,,,,,,,,,,",
            "release,DEP-04,single,1,IV,0.0001,loose,,,,,,,,,,,",
            "release,,double,,,,,125 125,3,7 9,,,,,,,,",
            "release,DEP-04,double,,,,,125 125,3 8,4 9,,,,,,,,",
            "release,SAF-01,single,,,,,20,x,1,,,,,,,,",
            "release,RAT-03,single,5000,II,1.5,normal,20,0,1,2.1,,,,,,,",
            "release,,variables,,,,,2,,,1.9,,,,,,,",
            "release,DEP-04,variables,,,,,10,,,1.0000000001,,,,,,,",
            "release,,zero-failure,,,,,,,,,,,,,1,0.95,",
            "release,,sequential,,,,,50,,,,0.10,0.05,0.01,0.10,,,",
            "release,,sequential,,,,,50,,,,0.01,0.05,0.10,0.10,,,",
            "release,DEP-04,multiple,,,,,5 5 5,0 0 1,2 2 2,,0.01,,,,,,",
            "release,,multiple,,,,,5 5 5,0 0 1,2 1 2,,,,,,,,",
            "smoke,DEP-04,variables,500,,,,10,,,1.5,,,,,,,",
            "smoke,,zero-failure,500,,,,,,,,,,,,0.9,0.9,",
            "smoke,,sequential,500,,,,50,,,,0.01,0.05,0.10,0.10,,,",
        ])
        .join("\n")
    );
}

/// A standard's tables in the spec's folder take the place of the program's, and are checked with
/// all others.
#[test]
fn tables_of_a_standard_may_stand_beside_the_spec() {
    let mut files = files::pen_a1().unwrap();
    let mut insert = |name: &str, text: &str| files.insert(name.to_owned(), text.to_owned());
    insert("single-normal.csv", "letter,n,1.0\nA,5,0/1\n");
    let missing = SpecSet::parse(&files).unwrap_err();
    assert_eq!(missing[0].to_string(), "code-letters.csv: table is missing");
    let mut insert = |name: &str, text: &str| files.insert(name.to_owned(), text.to_owned());
    insert("code-letters.csv", "lot_from,lot_to,II\n1,,A\n");
    let spec = SpecSet::parse(&files).unwrap();
    assert_eq!(spec.plan_tables.unwrap().label, "tables of this spec");
    let mut insert = |name: &str, text: &str| files.insert(name.to_owned(), text.to_owned());
    insert("single-normal.csv", "letter,n,1.0\nA,5,1/1\nB,x,v\n");
    insert("single-strict.csv", "letter,n,1.0\n");
    let defects = SpecSet::parse(&files).unwrap_err();
    let texts: Vec<String> = defects.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts[..2],
        [
            "single-normal.csv:2: column `1.0`: `1/1`: sample 1: acceptance number is not below \
             rejection number 1",
            "single-normal.csv:3: column `n`: `x` is not a whole number above 0",
        ]
    );
    assert!(texts[2].starts_with("single-strict.csv: not a table of a spec"));
}

/// Any one cell of a table of plans may be broken; the answer is a table or its defects.
#[test]
fn no_cell_of_a_table_of_plans_can_make_the_parser_panic() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../stats/tables/mil-std-105e");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (letters, master) = (text("code-letters.csv"), text("multiple-reduced.csv"));
    let kind = (SamplingKind::Multiple, InspectionSeverity::Reduced);
    let mut n_refused = 0;
    for garbage in [
        "",
        "-1",
        "99999999999999999999",
        "#/#",
        "1/",
        "v v",
        "é",
        "^",
    ] {
        for (broken, other) in [(&letters, &master), (&master, &letters)] {
            // Cells apart by commas and line ends; the separators stay.
            let cells: Vec<&str> = broken.split_inclusive([',', '\n']).collect();
            for idx in (0..cells.len()).step_by(7) {
                let end = cells[idx].chars().last().unwrap();
                let garbled = [
                    &cells[..idx],
                    &[garbage, &end.to_string()],
                    &cells[idx + 1..],
                ]
                .concat()
                .concat();
                let parsed = if std::ptr::eq(broken, &letters) {
                    AttributesTables::parse("t", &garbled, &[(kind, other)])
                } else {
                    AttributesTables::parse("t", other, &[(kind, &garbled)])
                };
                match parsed {
                    Ok(_) => {}
                    Err(defects) => {
                        assert!(!defects.is_empty());
                        n_refused += 1;
                    }
                }
            }
        }
    }
    assert!(n_refused > 100, "{n_refused}");
}
