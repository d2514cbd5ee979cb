//! The catalogue of deliberate bugs: its table, the features of both manifests and the places in the
//! sources name the same mutants, and every requirement named exists.

use crate::tree::SourceFile;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = "firmware/core/mutants.csv";
const COLUMNS: [&str; 4] = ["name", "does", "breaks", "shows"];
const CORE: &str = "firmware/core/Cargo.toml";
const APP: &str = "firmware/app/Cargo.toml";
const SOURCES: &str = "firmware/core/src/";
/// Tables whose first column names what a mutant may break.
const REQUIREMENTS: &[&str] = &[
    "specs/pen-a1/unit.csv",
    "specs/pen-a1/design.csv",
    "specs/pen-a1/hazards.csv",
];
const PREFIX: &str = "mutant-";
/// How a place in the sources begins.
const PLACE: &str = "mutated!(\"";

/// What is wrong, a line each.
fn complaints(files: &[SourceFile]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let rows = rows(files, TABLE)?;
    let (head, rows) = rows.split_first().context("the table has no header")?;
    if head.as_slice() != COLUMNS {
        found.push(format!("{TABLE}: columns are {head:?}, not {COLUMNS:?}"));
    }
    let mut known = BTreeSet::new();
    for path in REQUIREMENTS {
        known.extend(
            self::rows(files, path)?
                .into_iter()
                .skip(1)
                .filter_map(first),
        );
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (number, row) in (2..).zip(rows) {
        let mut complain = |what: String| found.push(format!("{TABLE}:{number}: {what}"));
        if row.iter().any(String::is_empty) {
            complain("a cell is empty".to_owned());
        }
        if let Some(breaks) = row.get(2).filter(|it| !known.contains(*it)) {
            complain(format!("no requirement or hazard is called `{breaks}`"));
        }
        if let Some(name) = row.first()
            && !names.insert(format!("{PREFIX}{name}"))
        {
            complain(format!("`{name}` stands there twice"));
        }
    }
    for (path, passes_on) in [(CORE, false), (APP, true)] {
        let features = features(files, path)?;
        let declared: BTreeSet<String> = features.keys().filter(is_mutant).cloned().collect();
        compare(path, &names, &declared, &mut found);
        for (name, enables) in &features {
            let passed = format!("firmware-core/{name}");
            let expected: &[&str] = if passes_on { &[&passed] } else { &[] };
            if is_mutant(&name) && enables != expected {
                found.push(format!("{path}: `{name}` is to enable {expected:?} alone"));
            }
            if !is_mutant(&name) && enables.iter().any(|it| it.contains(PREFIX)) {
                found.push(format!("{path}: `{name}` enables a mutant"));
            }
        }
    }
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.iter().filter(|it| it.path.starts_with(SOURCES)) {
        for (at, _) in file.text.match_indices(PLACE) {
            let name = file.text[at + PLACE.len()..].split('"').next();
            *places
                .entry(name.unwrap_or_default().to_owned())
                .or_default() += 1;
        }
    }
    let placed = places.keys().filter(is_mutant).cloned().collect();
    compare(SOURCES, &names, &placed, &mut found);
    let twice = places.iter().filter(|(_, count)| **count > 1);
    found.extend(twice.map(|(name, count)| format!("{SOURCES}: `{name}` has {count} places")));
    Ok(found)
}

fn is_mutant(name: &&String) -> bool {
    name.starts_with(PREFIX)
}

fn first(row: Vec<String>) -> Option<String> {
    row.into_iter().next()
}

/// Complains of each name that only one side has.
fn compare(
    path: &str,
    listed: &BTreeSet<String>,
    there: &BTreeSet<String>,
    found: &mut Vec<String>,
) {
    let missing = listed.difference(there);
    found.extend(missing.map(|it| format!("{path}: `{it}` of the table is missing")));
    let unlisted = there.difference(listed);
    found.extend(unlisted.map(|it| format!("{path}: `{it}` is not in the table")));
}

fn text<'a>(files: &'a [SourceFile], path: &str) -> Result<&'a str> {
    let file = files.iter().find(|it| it.path == path);
    Ok(&file.with_context(|| format!("{path} is missing"))?.text)
}

/// Rows of a table, its header among them; one with too few or too many cells is an error.
fn rows(files: &[SourceFile], path: &str) -> Result<Vec<Vec<String>>> {
    let text = text(files, path)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let row = |it: Result<csv::StringRecord, csv::Error>| -> Result<Vec<String>> {
        let it = it.with_context(|| format!("reading {path}"))?;
        Ok(it.iter().map(str::to_owned).collect())
    };
    reader.records().map(row).collect()
}

/// Features of a manifest, each with what it enables.
fn features(files: &[SourceFile], path: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let manifest: toml::Table = text(files, path)?.parse()?;
    let features = manifest.get("features").and_then(toml::Value::as_table);
    let features = features.with_context(|| format!("{path} has no features"))?;
    let enabled = |it: &toml::Value| -> Vec<String> {
        let list = it.as_array().into_iter().flatten();
        list.filter_map(|it| it.as_str().map(str::to_owned))
            .collect()
    };
    Ok(features
        .iter()
        .map(|(name, it)| (name.clone(), enabled(it)))
        .collect())
}

#[test]
fn table_features_and_places_name_the_same_mutants() {
    let found = complaints(&crate::tree::files().unwrap()).unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_differs_is_seen() {
    const APP_OF_A: &str = "mutant-a = [\"firmware-core/mutant-a\"]\n";
    let check = |table: &str, core: &str, app: &str, source: &str, expected: &[&str]| {
        let file = |path: &str, text: String| SourceFile::new(path, &text);
        let files = [
            file(TABLE, format!("name,does,breaks,shows\n{table}")),
            file(CORE, format!("[features]\n{core}")),
            file(APP, format!("[features]\n{app}")),
            file(&format!("{SOURCES}pen.rs"), source.to_owned()),
            file(REQUIREMENTS[0], "id,rev\nDEP-10,A\n".to_owned()),
            file(REQUIREMENTS[1], "id,rev\nSAF-05,A\n".to_owned()),
            file(
                REQUIREMENTS[2],
                "id,hazard\nHAZ-01,\"deep, or deeper\"\n".to_owned(),
            ),
        ];
        let actual = complaints(&files).unwrap();
        assert_eq!(actual.len(), expected.len(), "{actual:?}");
        for (actual, expected) in actual.iter().zip(expected) {
            assert!(actual.contains(expected), "{actual} has no {expected}");
        }
    };
    let (a, place) = ("a,does,DEP-10,shows\n", "mutated!(\"mutant-a\": 1 => 2)");
    let core = "mutant-a = []\n";
    check(a, core, APP_OF_A, place, &[]);
    check("a,\"x, y\",HAZ-01,z\n", core, APP_OF_A, place, &[]);
    check(
        "a,,HAZ-02,z\n",
        core,
        APP_OF_A,
        place,
        &["empty", "`HAZ-02`"],
    );
    check(&a.repeat(2), core, APP_OF_A, place, &["csv:3: `a` stands"]);
    check(a, core, APP_OF_A, &place.repeat(2), &["has 2 places"]);
    check(
        a,
        core,
        APP_OF_A,
        "",
        &["src/: `mutant-a` of the table is missing"],
    );
    check(a, "", APP_OF_A, place, &["core/Cargo.toml: `mutant-a` of"]);
    check(a, core, "", place, &["app/Cargo.toml: `mutant-a` of"]);
    check(
        "",
        core,
        APP_OF_A,
        place,
        &[
            "core/Cargo.toml: `mutant-a` is not",
            "app/Cargo.toml",
            "src/",
        ],
    );
    check(a, core, "mutant-a = []\n", place, &["is to enable"]);
    let default = format!("default = [\"mutant-a\"]\n{APP_OF_A}");
    check(a, core, &default, place, &["`default` enables a mutant"]);
}
