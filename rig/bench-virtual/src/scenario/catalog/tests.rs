//! The catalogue of faults against itself: each entry is read as it says, and each of its numbers
//! counts.

use super::*;
use crate::scenario::Scenario;
use std::collections::BTreeSet;

const HEAD: &str = "[lot]
name = \"T\"
seed = 1
units = 1
first_serial = 1
hardware_revision = \"C\"
[dates]
today = \"2026-01-02\"
calibrated = \"2026-01-01\"
due = \"2027-01-01\"
[[fault]]
unit = \"all\"
";

/// An entry in a scenario, its parameters as `value` gives them.
fn written(entry: &FaultEntry, value: impl Fn(&Parameter) -> f64) -> String {
    let parameters: String = entry
        .parameters
        .iter()
        .map(|it| format!("{} = {}\n", it.name, value(it)))
        .collect();
    format!("{HEAD}name = \"{}\"\n{parameters}", entry.name)
}

#[test]
fn names_are_unique_and_so_is_what_they_make() {
    let names: BTreeSet<&str> = catalog().map(|entry| entry.name).collect();
    assert_eq!(names.len(), catalog().count());
    let kinds: BTreeSet<String> = catalog()
        .map(|entry| {
            let numbers: Vec<f64> = entry.parameters.iter().map(|it| it.least).collect();
            let kind = format!("{:?}", (entry.make)(&numbers));
            kind.split(' ').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds.len(), names.len());
    // The name is the kind's own, so that none is made by another's entry.
    let as_name = |kind: &String| {
        let mut name = String::new();
        for letter in kind.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    };
    let of_kinds: BTreeSet<String> = kinds.iter().map(as_name).collect();
    let of_names: BTreeSet<String> = names.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(of_kinds, of_names);
}

#[test]
fn each_fault_is_read_at_both_ends_of_its_ranges_and_not_beyond() {
    for entry in catalog() {
        for end in [|it: &Parameter| it.least, |it: &Parameter| it.most] {
            let scenario = Scenario::parse(entry.name, &written(entry, end)).unwrap();
            assert_eq!(scenario.faults[0].name, entry.name);
            assert_eq!(scenario.faults[0].contained, entry.contained);
        }
        for (index, _) in entry.parameters.iter().enumerate() {
            let beyond = |it: &Parameter| {
                let step = if it.fraction { 1e-9 } else { 1.0 };
                let is_it = it.name == entry.parameters[index].name;
                it.most + if is_it { step * (1.0 + it.most) } else { 0.0 }
            };
            let error = Scenario::parse(entry.name, &written(entry, beyond)).unwrap_err();
            let key = entry.parameters[index].name;
            assert!(error.to_string().contains(&format!("`{key}`")), "{error}");
        }
    }
}

#[test]
fn no_parameter_is_without_effect_and_each_must_be_given() {
    for entry in catalog() {
        let base: Vec<f64> = entry.parameters.iter().map(|it| it.least).collect();
        for (index, parameter) in entry.parameters.iter().enumerate() {
            let mut other = base.clone();
            other[index] = parameter.most;
            assert_ne!((entry.make)(&base), (entry.make)(&other), "{}", entry.name);
            let text = written(entry, |it| it.least);
            let line = format!("{} = {}\n", parameter.name, parameter.least);
            let error = Scenario::parse("s", &text.replace(&line, "")).unwrap_err();
            let missing = format!("[[fault]] has no `{}`", parameter.name);
            assert!(error.to_string().contains(&missing), "{error}");
        }
    }
}

#[test]
fn standing_faults_have_no_time_and_others_have() {
    for entry in catalog() {
        let text = format!("{}from_s = 1.5\n", written(entry, |it| it.least));
        let is_read = Scenario::parse("s", &text).is_ok();
        assert_eq!(is_read, entry.time == Time::Window, "{}", entry.name);
    }
}

#[test]
fn lines_are_lines_and_every_fault_has_a_finder_or_says_why_not() {
    for entry in catalog() {
        assert!(!entry.does.contains(['\n', '|']), "{}", entry.name);
        assert!(!entry.does.ends_with('.'), "{}", entry.name);
        assert!(!entry.found.is_empty(), "{}", entry.name);
    }
}
