//! Whether what a run says follows from what it wrote down: attempts, verdicts, files, tables.

use super::finding::{Kind, Place, Report};
use super::manifest::{Folder, MANIFEST};
use super::table;
use crate::bundle::{Loaded, LoadedUnit, acknowledged, unit_journal};
use crate::signature::SIGNATURE;
use crate::{Failure, waveforms};
use rig_record::journal::UnitEvent;
use rig_record::{Attempt, AttemptEnd, BenchKind, LotRecord, RowResult, UnitRecord};
use rig_report::{Listed, Tables};
use rig_spec::{RowId, Rule, SpecSet};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Holds every unit against its own chain and against the spec. The number of verdicts that follow.
pub(crate) fn check_units(
    report: &mut Report,
    folder: &Folder,
    loaded: &Loaded,
) -> Result<usize, Failure> {
    let mut verdicts = 0;
    for (position, unit) in loaded.units.iter().enumerate() {
        let file = unit_journal(position, &unit.serial);
        check_files(report, folder, &file, unit);
        let Some(record) = &unit.record else {
            continue;
        };
        check_identity(report, &file, position, unit, record);
        let events = acknowledged(&folder.root.join(&file), &loaded.origin_of_units)?;
        check_acknowledged(report, &file, (unit, &events), record);
        verdicts += check_verdicts(report, &file, &loaded.spec, record);
    }
    Ok(verdicts)
}

/// What a unit's chain says was written must be there as it was.
fn check_files(report: &mut Report, folder: &Folder, journal: &str, unit: &LoadedUnit) {
    for (row, file, _) in unit.files() {
        let found = folder.files.get(&file.name);
        let what = match found {
            None => "is not there, and `{journal}` says it was written".to_owned(),
            Some((_, hash)) if *hash != file.sha256 => {
                format!("has SHA-256 {hash}, `{journal}` says {}", file.sha256)
            }
            Some(_) => continue,
        };
        let what = what.replace("{journal}", journal);
        let place = Place::default().of(&unit.serial, row.as_str());
        report.find(Kind::File, &file.name, place, what);
    }
}

fn check_identity(
    report: &mut Report,
    file: &str,
    position: usize,
    unit: &LoadedUnit,
    record: &UnitRecord,
) {
    if record.serial != unit.serial || record.index as usize != position {
        let what = format!(
            "its end is of unit {} at position {}, the run has {} at {}",
            record.serial,
            record.index + 1,
            unit.serial,
            position + 1
        );
        report.find(Kind::Journal, file, Place::default(), what);
    }
}

/// Every attempt that was acknowledged stands in the unit's end, and none other.
fn check_acknowledged(
    report: &mut Report,
    file: &str,
    (unit, events): (&LoadedUnit, &[UnitEvent]),
    record: &UnitRecord,
) {
    let mut acknowledged: Vec<(&RowId, &Attempt)> = events
        .iter()
        .filter_map(|it| match it {
            UnitEvent::Attempted { row, attempt } => Some((row, attempt.as_ref())),
            _ => None,
        })
        .collect();
    let ended: Vec<(&RowId, &Attempt)> = record
        .results
        .iter()
        .flat_map(|it| it.attempts().iter().map(move |attempt| (it.row(), attempt)))
        .collect();
    let is_hardware = unit
        .benches
        .iter()
        .any(|it| it.bench.kind == BenchKind::Hardware);
    if is_hardware && unit.benches.len() > 1 && acknowledged.len() > ended.len() {
        // Steel does nothing twice: a unit taken up again was measured anew, and its last attempts
        // are the ones that count.
        let before = acknowledged.len() - ended.len();
        acknowledged.drain(..before);
        report.note(format!(
            "{}: {before} attempts before it was taken up again stand in its chain and not in its result",
            unit.serial
        ));
    }
    for (row, attempt) in &acknowledged {
        if !ended.contains(&(*row, *attempt)) {
            let place = Place::default().of(&unit.serial, row.as_str());
            let what = format!(
                "attempt {} was acknowledged and does not stand so in the unit's end",
                attempt.number
            );
            report.find(Kind::Journal, file, place, what);
        }
    }
    for (row, attempt) in &ended {
        if !acknowledged.contains(&(*row, *attempt)) {
            let place = Place::default().of(&unit.serial, row.as_str());
            let what = format!(
                "attempt {} stands in the unit's end and was never acknowledged so",
                attempt.number
            );
            report.find(Kind::Journal, file, place, what);
        }
    }
}

/// Every verdict again, from its evidence under the spec of the run.
fn check_verdicts(report: &mut Report, file: &str, spec: &SpecSet, record: &UnitRecord) -> usize {
    let mut follows = 0;
    let mut wrong = |row: &str, what: String| {
        let place = Place::default().of(&record.serial, row);
        report.find(Kind::Verdict, file, place, what);
    };
    for row in &spec.rows {
        if record.result(row.id.as_str()).is_none() {
            let what = "has no result; a row that was not run says why".to_owned();
            wrong(row.id.as_str(), what);
        }
    }
    for result in &record.results {
        let id = result.row().as_str();
        let Some(row) = spec.row(id) else {
            wrong(id, "is no row of the spec that the run has".to_owned());
            continue;
        };
        let mut is_sound = true;
        for attempt in result.attempts() {
            let what = match &attempt.end {
                AttemptEnd::Judged { evidence, decision } => match row.judge(evidence) {
                    Ok(again) if again == *decision => continue,
                    Ok(again) => format!(
                        "attempt {} has verdict {}, its evidence gives {}",
                        attempt.number,
                        told(decision),
                        told(&again)
                    ),
                    Err(error) => {
                        format!("attempt {} cannot be judged: {error}", attempt.number)
                    }
                },
                AttemptEnd::Reported { .. } if row.rule != Rule::None => {
                    format!("attempt {} was not judged, and the row is", attempt.number)
                }
                AttemptEnd::Reported { .. } | AttemptEnd::NotMeasured(_) => continue,
            };
            is_sound = false;
            wrong(id, what);
        }
        if result.attempts().is_empty() {
            if result.judged().is_some() || result.reported().is_some() {
                wrong(id, "has a result without an attempt".to_owned());
            }
            continue;
        }
        match RowResult::from_attempts(row, result.attempts().to_vec()) {
            Ok(again) if again == *result => {
                follows += usize::from(is_sound && result.judged().is_some());
            }
            Ok(again) => {
                let verdict = |it: &RowResult| it.judged().map(|it| told(it.decision));
                let none = || "none".to_owned();
                let what = format!(
                    "has verdict {}, its attempts give {}",
                    verdict(result).unwrap_or_else(none),
                    verdict(&again).unwrap_or_else(none)
                );
                wrong(id, what);
            }
            Err(error) => wrong(id, format!("its attempts make no result: {error}")),
        }
    }
    follows
}

fn told(decision: &rig_spec::Decision) -> String {
    let reasons: Vec<String> = decision.reasons.iter().map(ToString::to_string).collect();
    if reasons.is_empty() {
        decision.verdict.to_string()
    } else {
        format!("{} ({})", decision.verdict, reasons.join("; "))
    }
}

/// The JUnit file, which follows from them too.
const JUNIT: &str = "junit.xml";

/// Holds every table against what the journal and the spec of the run give: what `qualify` writes at
/// the end, made again. How many there are. A file that is not made here is told of as not shown.
pub(crate) fn check_tables(
    report: &mut Report,
    folder: &Folder,
    loaded: &Loaded,
    record: &LotRecord,
) -> Result<usize, Failure> {
    let tables = Tables::new(&loaded.spec, record).map_err(Failure::input)?;
    let mut made = tables.names();
    for name in &made {
        check_table(report, folder, name, |to| tables.write(name, to))?;
    }
    let reached = loaded.coverage(&folder.root)?;
    let others = [
        ("waveforms.csv", waveforms::index(loaded, record)),
        (
            "coverage.csv",
            rig_report::coverage_table(&record.header, &reached),
        ),
    ];
    for (name, text) in others {
        if let Some(text) = text {
            check_table(report, folder, name, |to| to.write_all(text.as_bytes()))?;
            made.push(name);
        }
    }
    let attachments = crate::bundle::attachments(loaded);
    let junit = rig_report::junit(&loaded.spec, record, &attachments).map_err(Failure::input)?;
    if folder.has(JUNIT) && folder.bytes(JUNIT)? != junit.as_bytes() {
        let what = "is not what the journal and the spec give";
        report.find(Kind::Table, JUNIT, Place::default(), what);
    }
    let by_name = |it: &str| it == JUNIT || made.contains(&it);
    let in_journal: BTreeSet<&str> = loaded
        .units
        .iter()
        .flat_map(|it| it.files().map(|(_, file, _)| file.name.as_str()))
        .collect();
    let is_left = |name: &&str| {
        let has_a_chain = name.starts_with("journal/") || name.starts_with("inputs/");
        !has_a_chain
            && !in_journal.contains(name)
            && !by_name(name)
            && ![MANIFEST, SIGNATURE].contains(name)
    };
    let left: Vec<&str> = folder
        .files
        .keys()
        .map(String::as_str)
        .filter(is_left)
        .collect();
    if !left.is_empty() {
        report.not_proved.push(format!(
            "that these follow from the journal: {}; they are as the manifest lists them, and were not made again",
            left.join(", ")
        ));
    }
    Ok(made.len())
}

/// One table; its bytes are made at once only if they are not those that are there.
fn check_table(
    report: &mut Report,
    folder: &Folder,
    name: &str,
    make: impl Fn(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some((_, found)) = folder.files.get(name) else {
        let what = "is not there, and the journal and the spec give it";
        report.find(Kind::Table, name, Place::default(), what);
        return Ok(());
    };
    let mut expected = Listed::new(io::sink());
    make(&mut expected).map_err(Failure::rig)?;
    if expected.finish(name).1.sha256 != *found {
        let mut expected = Vec::new();
        make(&mut expected).map_err(Failure::rig)?;
        let expected = String::from_utf8_lossy(&expected);
        table::check_against(report, name, &folder.bytes(name)?, &expected);
    }
    Ok(())
}
