//! The tables of `specs/pen-a1` parse, and say what they are known to say.

use rig_spec::{RowInstrument, RowLoad, Rule, Setting, SpecSet, TABLE_COLUMNS, UnitsWanted};

mod files;

fn pen_a1() -> SpecSet {
    let files = files::pen_a1().expect("the folder is part of the repository");
    SpecSet::parse(&files).unwrap_or_else(|defects| {
        let texts: Vec<String> = defects.iter().map(ToString::to_string).collect();
        panic!("{}", texts.join("\n"))
    })
}

#[test]
fn the_tables_have_no_defect() {
    let spec = pen_a1();
    assert_eq!(spec.document.document, "PEN-A1-SPEC");
    assert_eq!(spec.document.approver, None);
    assert_eq!(
        spec.document.rated_motor_current.map(|it| it.0),
        Some(1_000)
    );
    assert_eq!(spec.plan("release").unwrap().entries.len(), 30);
    assert_eq!(spec.presets.len(), 13);
}

#[test]
fn cells_arrive_as_exact_integers() {
    let spec = pen_a1();
    let rate = spec.row("RAT-03").unwrap();
    assert_eq!(rate.rate.one().unwrap().0, 7_000);
    assert_eq!(rate.tolerance.unwrap().lower(), Some(110_833_000));
    assert_eq!(
        rate.instruments,
        [RowInstrument::Gauge, RowInstrument::Tachometer]
    );
    let depth = spec.row("DEP-04").unwrap();
    assert_eq!(
        (depth.depth.one().unwrap().0, depth.max_u, depth.n),
        (1_500, Some(37_500), Some(1_000))
    );
    assert!(matches!(depth.rule, Rule::GuardBand(ratio) if ratio.millionths() == 830_000));
    assert_eq!(
        spec.row("SAF-13").unwrap().tolerance.unwrap().upper(),
        Some(3_660_000_000)
    );
    assert!(
        matches!(&spec.row("DEP-12").unwrap().depth, Setting::List(depths) if depths.len() == 3)
    );
    assert_eq!(spec.row("DEP-09-U").unwrap().load, RowLoad::AllOfTheRun);
    assert_eq!(
        spec.row("SAF-03").unwrap().load,
        RowLoad::Named("locked".to_owned())
    );
    assert_eq!(
        spec.plan("release")
            .unwrap()
            .entry("MSR-03")
            .unwrap()
            .n_units,
        UnitsWanted::Bench
    );
}

#[test]
fn the_column_dictionary_names_every_column_once_and_no_other() {
    let text = &files::pen_a1().unwrap()["columns.csv"];
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut named: Vec<(String, String)> = reader
        .records()
        .map(|record| record.unwrap())
        .map(|record| (record[0].to_owned(), record[1].to_owned()))
        .collect();
    named.sort();
    // The five limit tables share their columns, and the dictionary says so once.
    let mut expected: Vec<(String, String)> = TABLE_COLUMNS
        .iter()
        .filter(|(file, _)| {
            ![
                "design.csv",
                "cartridge.csv",
                "characterisation.csv",
                "rig.csv",
            ]
            .contains(file)
        })
        .flat_map(|(file, columns)| {
            let table = if *file == "unit.csv" {
                "unit design cartridge characterisation rig"
            } else {
                file.trim_end_matches(".csv")
            };
            columns
                .iter()
                .map(move |column| (table.to_owned(), (*column).to_owned()))
        })
        .collect();
    expected.sort();
    assert_eq!(named, expected);
}
