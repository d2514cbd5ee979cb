//! Which units are run: the scenario's lot, an intake list, or a choice of serial numbers.

use crate::Failure;
use anyhow::{Context as _, anyhow};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One unit to be run: its position in the lot and its serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intake {
    pub(crate) index: usize,
    pub(crate) serial: String,
}

/// Reads an intake list and gives its serial numbers, in order, each once.
pub(crate) fn read_intake(path: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the intake list `{}`", path.display()))
        .map_err(Failure::Input)?;
    parse_intake(&path.display().to_string(), &text).map_err(Failure::Input)
}

fn parse_intake(name: &str, text: &str) -> anyhow::Result<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .with_context(|| format!("{name}:1"))?
        .clone();
    let column = headers
        .iter()
        .position(|header| header == "serial")
        .with_context(|| format!("{name}:1: no column `serial`"))?;
    let mut serials = Vec::new();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.with_context(|| format!("{name}: not a table"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let serial = record.get(column).unwrap_or("").trim().to_owned();
        if serial.is_empty() {
            return Err(anyhow!("{name}:{line}: column `serial`: empty"));
        }
        if let Some(first) = seen.insert(serial.clone(), line) {
            return Err(anyhow!(
                "{name}:{line}: serial number {serial} stands on line {first} already"
            ));
        }
        serials.push(serial);
    }
    if serials.is_empty() {
        return Err(anyhow!("{name}: lists no unit"));
    }
    Ok(serials)
}

/// The units to run, of those that the bench holds.
pub(crate) fn choose(
    held: &[String],
    intake: Option<&[String]>,
    wanted: &[String],
    at_most: Option<usize>,
) -> Result<Vec<Intake>, Failure> {
    let listed: Vec<&String> = match intake {
        Some(intake) => intake.iter().collect(),
        None => held.iter().collect(),
    };
    let chosen: BTreeSet<&String> = wanted.iter().collect();
    for serial in &chosen {
        if !listed.contains(serial) {
            return Err(Failure::Input(anyhow!(
                "serial number {serial} is not on the intake list"
            )));
        }
    }
    let mut units = Vec::new();
    for serial in listed {
        if !chosen.is_empty() && !chosen.contains(serial) {
            continue;
        }
        let Some(index) = held.iter().position(|it| it == serial) else {
            return Err(Failure::Input(anyhow!(
                "serial number {serial} is not a pen of this bench's lot ({} to {})",
                held.first().map_or("", String::as_str),
                held.last().map_or("", String::as_str)
            )));
        };
        units.push(Intake {
            index,
            serial: serial.clone(),
        });
    }
    units.truncate(at_most.unwrap_or(usize::MAX));
    if units.is_empty() {
        return Err(Failure::Input(anyhow!("no unit to run")));
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let result = parse_intake("lot.csv", text);
        let shown = result.map_or_else(|error| format!("{error:#}"), |serials| serials.join(" "));
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_intake_list_gives_each_serial_number_once() {
        check("serial,udi\nA,1\nB,2\n", "A B");
        check(
            "serial\nA\nB\nA\n",
            "lot.csv:4: serial number A stands on line 2 already",
        );
        check("sn\nA\n", "lot.csv:1: no column `serial`");
        check("serial,udi\n,1\n", "lot.csv:2: column `serial`: empty");
        check("serial\n", "lot.csv: lists no unit");
    }

    #[test]
    fn only_units_that_are_listed_and_held_are_run() {
        let held = ["A".to_owned(), "B".to_owned(), "C".to_owned()];
        let chosen = |intake: Option<&[String]>, wanted: &[&str], at_most| {
            let wanted: Vec<String> = wanted.iter().map(|it| (*it).to_owned()).collect();
            choose(&held, intake, &wanted, at_most)
                .map(|units| {
                    units
                        .into_iter()
                        .map(|unit| unit.serial)
                        .collect::<Vec<_>>()
                        .join(" ")
                })
                .map_err(|failure| matches!(failure, Failure::Input(_)))
        };
        assert_eq!(chosen(None, &[], None), Ok("A B C".to_owned()));
        assert_eq!(chosen(None, &[], Some(2)), Ok("A B".to_owned()));
        assert_eq!(chosen(None, &["C"], None), Ok("C".to_owned()));
        assert_eq!(chosen(None, &["D"], None), Err(true));
        assert_eq!(
            chosen(Some(&["B".to_owned()]), &[], None),
            Ok("B".to_owned())
        );
        assert_eq!(chosen(Some(&["B".to_owned()]), &["A"], None), Err(true));
        assert_eq!(chosen(Some(&["X".to_owned()]), &[], None), Err(true));
    }
}
