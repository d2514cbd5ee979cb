//! The tables of a run, byte for byte, and what holds for all of them.

use rig_report::{ReportFile, STUDY_COLUMNS, TABLE_COLUMNS, summary, tables};
use sha2::{Digest, Sha256};
use small::Pen;
use std::collections::BTreeMap;

mod small;

fn files(pens: &[Pen]) -> Vec<ReportFile> {
    let spec = small::spec();
    tables(&spec, &small::lot(&spec, pens)).expect("a plan of the spec")
}

const LOT: [Pen; 4] = [Pen::Good, Pen::Bad, Pen::Broken, Pen::Good];

#[test]
fn tables_of_a_lot() {
    for file in files(&LOT) {
        insta::assert_snapshot!(file.name, file.text);
    }
}

const RULES: &str = "\
plan,row,rule,lot_size,level,aql,inspection,n,ac,re,k,p1,alpha,p2,beta,confidence,content,note
release,,single,20,II,2.5,normal,,,,,,,,,,,\"the customer's plan, 7\"
release,DEP-04,double,,,,,2 2,0 1,2 2,,,,,,,,
release,RAT-03,zero-failure,,,,,,,,,,,,,0.4,0.5,
";

/// With rules chosen there is one table more and a line each in the summary, and no other table
/// changes but where the spec's tables are listed.
#[test]
fn chosen_rules_have_a_table_and_move_nothing_else() {
    let plain = small::spec();
    let chosen = small::spec_edited(|_, text| text, &[("sampling.csv", RULES)]);
    let before = tables(&plain, &small::lot(&plain, &LOT)).unwrap();
    let lot = small::lot(&chosen, &LOT);
    let mut after = tables(&chosen, &lot).unwrap();
    let rules = after.pop().unwrap();
    insta::assert_snapshot!(rules.name, rules.text);
    let moved: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before.text != after.text)
        .map(|(before, _)| before.name)
        .collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(moved, ["run.csv"]);
    insta::assert_snapshot!("summary_with_rules", summary(&chosen, &lot).unwrap());
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    assert_eq!(files(&LOT), files(&LOT));
}

#[test]
fn what_belongs_to_one_execution_stands_in_run_csv_alone() {
    let spec = small::spec();
    let mut again = small::lot(&spec, &LOT);
    again.header.run_id = "another".to_owned();
    again.header.started = "2027-01-01T00:00:00Z".to_owned();
    again.header.station = "station 2".to_owned();
    again.header.operator = "V. Olt".to_owned();
    let differing: Vec<&str> = files(&LOT)
        .iter()
        .zip(tables(&spec, &again).unwrap())
        .filter(|(first, second)| first.text != second.text)
        .map(|(first, _)| first.name)
        .collect();
    assert_eq!(differing, ["run.csv"]);
}

#[test]
fn every_table_ends_with_its_row_count_and_the_hash_of_what_stands_before() {
    for pens in [&LOT[..], &[]] {
        for file in files(pens) {
            let body_len = file
                .text
                .trim_end_matches('\n')
                .rfind('\n')
                .expect("a header line")
                + 1;
            let (body, end) = file.text.split_at(body_len);
            let mut cells = end.trim_end().split(',');
            assert_eq!(cells.next(), Some("END"), "{}", file.name);
            let n_rows = csv::Reader::from_reader(body.as_bytes()).records().count();
            assert_eq!(
                cells.next(),
                Some(n_rows.to_string().as_str()),
                "{}",
                file.name
            );
            let hash: String = Sha256::digest(body.as_bytes())
                .iter()
                .map(|it| format!("{it:02x}"))
                .collect();
            assert_eq!(cells.next(), Some(hash.as_str()), "{}", file.name);
            assert!(!file.text.contains('\r'));
        }
    }
}

#[test]
fn every_row_of_every_table_appears_for_every_unit_with_a_verdict_or_a_reason() {
    let results = files(&LOT).swap_remove(0);
    let mut reader = csv::Reader::from_reader(results.text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|it| it == name).unwrap();
    let mut rows_of_units: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in reader
        .records()
        .map(|it| it.unwrap())
        .filter(|it| &it[0] != "END")
    {
        let verdict = &record[at("verdict")];
        assert!(
            ["pass", "inconclusive", "fail", "reported"].contains(&verdict)
                || verdict.starts_with("not run: "),
            "{verdict}"
        );
        rows_of_units
            .entry(record[at("unit")].to_owned())
            .or_default()
            .push(record[at("row")].to_owned());
    }
    let expected: Vec<String> = small::spec()
        .rows
        .iter()
        .map(|it| it.id.to_string())
        .collect();
    assert_eq!(rows_of_units.len(), LOT.len());
    for rows in rows_of_units.values() {
        assert_eq!(rows, &expected);
    }
}

#[test]
fn a_row_that_a_record_leaves_out_is_shown_as_not_run() {
    let spec = small::spec();
    let mut lot = small::lot(&spec, &[Pen::Good]);
    lot.units[0].results.remove(0);
    let results = tables(&spec, &lot).unwrap().swap_remove(0);
    let row = results
        .text
        .lines()
        .find(|line| line.contains(",DEP-04,"))
        .unwrap();
    assert!(row.contains("not run: run aborted before"), "{row}");
}

#[test]
fn summaries() {
    let spec = small::spec();
    let text = |pens: &[Pen]| summary(&spec, &small::lot(&spec, pens)).unwrap();
    insta::assert_snapshot!("summary_meets_plan", text(&[Pen::Good, Pen::Good]));
    insta::assert_snapshot!("summary_held", text(&LOT));
    insta::assert_snapshot!("summary_does_not_meet_plan", text(&[Pen::Bad, Pen::Bad]));
    insta::assert_snapshot!("summary_rig_at_fault", text(&[Pen::Good, Pen::Broken]));
    insta::assert_snapshot!("summary_no_units", text(&[]));
}

#[test]
fn words_that_claim_too_much_are_never_used_of_a_result() {
    let spec = small::spec();
    for pens in [
        &LOT[..],
        &[Pen::Good],
        &[Pen::Bad, Pen::Bad],
        &[Pen::Broken],
        &[],
    ] {
        let lot = small::lot(&spec, pens);
        let mut texts: Vec<String> = tables(&spec, &lot)
            .unwrap()
            .into_iter()
            .map(|it| it.text)
            .collect();
        texts.push(summary(&spec, &lot).unwrap());
        for text in texts.iter().map(|it| it.to_lowercase()) {
            for word in [
                "compliant",
                "validated",
                "accredited",
                "certified",
                "released",
                "safe",
                "penetration",
            ] {
                let found = text
                    .split(|it: char| !it.is_alphanumeric())
                    .any(|it| it == word);
                assert!(!found, "`{word}` in {text}");
            }
        }
    }
}

#[test]
fn the_column_dictionary_names_every_column_of_every_table_in_order() {
    let text = include_str!("../../../reports/columns.csv");
    let named: Vec<(String, String)> = csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap())
        .map(|record| (record[0].to_owned(), record[1].to_owned()))
        .collect();
    let expected: Vec<(String, String)> = TABLE_COLUMNS
        .iter()
        .chain(&STUDY_COLUMNS)
        .flat_map(|(file, columns)| {
            columns
                .iter()
                .map(move |it| (file.trim_end_matches(".csv").to_owned(), (*it).to_owned()))
        })
        .collect();
    assert_eq!(named, expected);
}
