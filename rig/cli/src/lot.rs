//! Which units are run: the scenario's lot, an intake list, or a choice of serial numbers.

use crate::Failure;
use anyhow::{Context as _, anyhow};
use rig_record::IntakeRecord;
use rig_spec::{Document, IntakeList, IntakeUnit};
use std::collections::BTreeSet;
use std::path::Path;

/// One unit to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intake {
    /// Position in the bench's lot.
    pub(crate) index: usize,
    pub(crate) serial: String,
    /// What the intake list says of it.
    pub(crate) listed: Option<IntakeRecord>,
}

/// Reads an intake list; all its defects are reported at once.
pub(crate) fn read_intake(path: &Path, document: &Document) -> Result<IntakeList, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the intake list `{name}`"))
        .map_err(Failure::Input)?;
    let text = decode(&bytes)
        .map_err(|what| anyhow!("{name}: {what}; save it as CSV in UTF-8"))
        .map_err(Failure::Input)?;
    IntakeList::parse(&name, text, document).map_err(|defects| {
        let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
        Failure::Input(anyhow!(
            "{} defect{} in the intake list; no unit is run until all are put right\n{}",
            defects.len(),
            if defects.len() == 1 { "" } else { "s" },
            lines.join("\n")
        ))
    })
}

/// Text in UTF-8, or what the bytes are instead.
fn decode(bytes: &[u8]) -> Result<&str, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is in UTF-16".to_owned());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err("is a workbook, not CSV".to_owned());
    }
    str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|it| **it == b'\n').count();
        format!("line {line} is not UTF-8")
    })
}

/// What the list says of a unit, for its record.
pub(crate) fn record_of(unit: &IntakeUnit) -> IntakeRecord {
    IntakeRecord {
        udi: unit.udi.clone(),
        work_order: unit.work_order.clone(),
        condition: unit.condition.clone(),
        cartridge_lot: unit.cartridge_lot.clone(),
    }
}

/// A serial number that somebody gave: of the right form, and on the list if there is one.
pub(crate) fn check_serial(
    serial: &str,
    document: &Document,
    intake: Option<&IntakeList>,
) -> anyhow::Result<()> {
    document.check_serial(serial)?;
    match intake {
        Some(intake) if intake.unit(serial).is_none() => {
            Err(anyhow!("serial number {serial} is not on the intake list"))
        }
        _ => Ok(()),
    }
}

/// The unit whose UDI this is, if the list has it once: what is scanned from a label may be the UDI
/// and not the serial number. Brackets and separators, which a scanner gives otherwise than people
/// write them, are not compared.
pub(crate) fn by_udi<'l>(scanned: &str, intake: &'l IntakeList) -> Option<&'l str> {
    let plain = |text: &str| -> String {
        let is_said = |it: &char| !"() ".contains(*it) && !it.is_control();
        text.chars().filter(is_said).collect()
    };
    let scanned = plain(scanned);
    let mut alike = intake
        .units
        .iter()
        .filter(|it| !it.udi.is_empty() && plain(&it.udi) == scanned);
    match (alike.next(), alike.next()) {
        (Some(unit), None) => Some(&unit.serial),
        _ => None,
    }
}

/// The serial numbers of the command line: each of the right form, listed, and there once.
pub(crate) fn check_wanted(
    wanted: &[String],
    document: &Document,
    intake: Option<&IntakeList>,
) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for serial in wanted {
        check_serial(serial, document, intake)
            .context("--serial")
            .map_err(Failure::Input)?;
        if !seen.insert(serial) {
            return Err(Failure::Input(anyhow!("--serial: {serial} is given twice")));
        }
    }
    Ok(())
}

/// The units to run, of those that the bench holds.
pub(crate) fn choose(
    held: &[String],
    intake: Option<&IntakeList>,
    wanted: &[String],
    at_most: Option<usize>,
) -> Result<Vec<Intake>, Failure> {
    let listed: Vec<(&String, Option<IntakeRecord>)> = match intake {
        Some(intake) => intake
            .units
            .iter()
            .map(|it| (&it.serial, Some(record_of(it))))
            .collect(),
        None => held.iter().map(|it| (it, None)).collect(),
    };
    let not_held = |serial: &String| {
        Failure::Input(anyhow!(
            "serial number {serial} is not a pen of this bench's lot ({} to {})",
            held.first().map_or("", String::as_str),
            held.last().map_or("", String::as_str)
        ))
    };
    if let Some(serial) = wanted.iter().find(|it| !held.contains(it)) {
        return Err(not_held(serial));
    }
    let mut units = Vec::new();
    for (serial, listed) in listed {
        if !wanted.is_empty() && !wanted.contains(serial) {
            continue;
        }
        let index = held.iter().position(|it| it == serial);
        units.push(Intake {
            index: index.ok_or_else(|| not_held(serial))?,
            serial: serial.clone(),
            listed,
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

    /// A list of these units.
    fn list(serials: &[&str]) -> IntakeList {
        let unit = |serial: &&str| IntakeUnit {
            serial: (*serial).to_owned(),
            udi: format!("udi of {serial}"),
            work_order: String::new(),
            condition: "new".to_owned(),
            cartridge_lot: String::new(),
        };
        IntakeList {
            units: serials.iter().map(unit).collect(),
            sha256: String::new(),
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        assert_eq!(decode("serial\né\n".as_bytes()), Ok("serial\né\n"));
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(decode(bytes), Err(expected.to_owned()));
        };
        check(
            b"serial,condition\nA,\nB,ge\xf6ffnet\n",
            "line 3 is not UTF-8",
        );
        check(b"\xff\xfes\0e\0", "is in UTF-16");
        check(b"PK\x03\x04...", "is a workbook, not CSV");
    }

    #[test]
    fn only_units_that_are_listed_and_held_are_run() {
        let held = ["A".to_owned(), "B".to_owned(), "C".to_owned()];
        let chosen = |intake: Option<&[&str]>, wanted: &[&str], at_most| {
            let wanted: Vec<String> = wanted.iter().map(|it| (*it).to_owned()).collect();
            choose(&held, intake.map(list).as_ref(), &wanted, at_most)
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
        assert_eq!(chosen(Some(&["C", "B"]), &[], None), Ok("C B".to_owned()));
        assert_eq!(chosen(Some(&["C", "B"]), &["B"], None), Ok("B".to_owned()));
        assert_eq!(chosen(Some(&["B"]), &["A"], None), Err(true));
        assert_eq!(chosen(Some(&["X"]), &[], None), Err(true));
    }

    #[test]
    fn a_scanned_udi_names_the_unit_that_has_it_alone() {
        let mut list = list(&["A", "B", "C"]);
        list.units[0].udi = "(01)09506000134352(21)A".to_owned();
        list.units[1].udi = "(01)09506000134352".to_owned();
        list.units[2].udi = "(01)09506000134352".to_owned();
        assert_eq!(by_udi("(01)09506000134352(21)A", &list), Some("A"));
        // As a scanner gives it, with the separator of GS1 element strings.
        assert_eq!(by_udi("\u{1d}010950600013435221A", &list), Some("A"));
        assert_eq!(by_udi("(01)09506000134352", &list), None, "it is of two");
        list.units[0].udi = String::new();
        assert_eq!(by_udi("", &list), None);
    }

    #[test]
    fn what_the_list_says_goes_with_the_unit() {
        let held = ["A".to_owned(), "B".to_owned()];
        let units = choose(&held, Some(&list(&["B"])), &[], None).unwrap();
        let listed = units[0].listed.clone().unwrap();
        assert_eq!((listed.udi.as_str(), units[0].index), ("udi of B", 1));
        assert_eq!(choose(&held, None, &[], None).unwrap()[0].listed, None);
    }
}
