//! One unit's chain while the unit is run.

use super::begin::Run;
use crate::Failure;
use crate::bundle::{JournalFile, unit_journal};
use anyhow::anyhow;
use rig_record::journal::{BenchRecord, UnitEvent};
use rig_record::{Attempt, AttemptEnd, BenchKind, RowResult, UnitRecord};
use rig_spec::{RowId, Verdict};
use std::collections::VecDeque;

/// A unit's chain, and what of it was acknowledged before a crash and has yet to come again.
pub(super) struct UnitJournal {
    file: JournalFile,
    serial: String,
    again: VecDeque<UnitEvent>,
}

/// What stands in a unit's chain when it is taken up.
pub(super) enum Before {
    /// It is to be run.
    ToRun(Box<UnitJournal>),
    /// It was dealt with.
    Done {
        record: Box<UnitRecord>,
        head: String,
    },
}

impl UnitJournal {
    /// Opens the chain of a unit. One that a row failed on before a crash is refused on a bench that
    /// cannot do the same again.
    pub(super) fn open(run: &Run, position: usize, serial: &str) -> Result<Before, Failure> {
        let path = run.bundle.folder().join(unit_journal(position, serial));
        let (file, read) = JournalFile::open::<UnitEvent>(&path, &run.origin)?;
        let mut again = VecDeque::new();
        for line in read.lines {
            match line.event {
                UnitEvent::Ended(record) => {
                    let head = file.head().to_owned();
                    return Ok(Before::Done { record, head });
                }
                UnitEvent::Begun { .. } => {}
                event @ (UnitEvent::Attempted { .. } | UnitEvent::Wrote { .. }) => {
                    again.push_back(event);
                }
            }
        }
        if run.source.kind() == BenchKind::Hardware {
            if let Some(row) = again.iter().find_map(failed_row) {
                return Err(Failure::Input(anyhow!(
                    "{serial} failed {row} before the run was stopped, and that stands: it is not measured again here. \
                     Begin a new run under a recorded deviation: `penrig deviation add --serial {serial} --by NAME --reason TEXT`"
                )));
            }
            // Steel does nothing twice: the unit is measured anew, and what was measured before
            // stays in its chain.
            again.clear();
        }
        Ok(Before::ToRun(Box::new(Self {
            file,
            serial: serial.to_owned(),
            again,
        })))
    }

    /// A bench takes the unit up.
    pub(super) fn begin(&mut self, bench: BenchRecord) -> Result<(), Failure> {
        self.file.append(&UnitEvent::Begun {
            serial: self.serial.clone(),
            bench: Box::new(bench),
        })
    }

    /// Writes down what happened, unless it was acknowledged before a crash: then it must be the
    /// same again, since what was acknowledged stands.
    pub(super) fn record(&mut self, event: &UnitEvent) -> Result<(), Failure> {
        match self.again.pop_front() {
            None => self.file.append(event),
            Some(before) if before == *event => Ok(()),
            Some(before) => Err(Failure::Rig(anyhow!(
                "{}: {} came out otherwise than before the run was stopped ({}); a virtual bench must repeat itself, \
                 so this program, or the machine, is not the one that began the run: begin a new one",
                self.serial,
                what(event),
                what(&before)
            ))),
        }
    }

    /// The unit was dealt with; gives the last hash of its chain.
    pub(super) fn end(mut self, record: &UnitRecord) -> Result<String, Failure> {
        if let Some(before) = self.again.front() {
            return Err(Failure::Rig(anyhow!(
                "{}: {} was acknowledged before the run was stopped and did not come again",
                self.serial,
                what(before)
            )));
        }
        self.file
            .append(&UnitEvent::Ended(Box::new(record.clone())))?;
        Ok(self.file.head().to_owned())
    }
}

/// The row of an attempt that failed.
pub(super) fn failed_row(event: &UnitEvent) -> Option<&RowId> {
    match event {
        UnitEvent::Attempted { row, attempt } => is_failed(attempt).then_some(row),
        _ => None,
    }
}

/// The first row of a unit of which an attempt failed.
pub(super) fn failed_in(unit: &UnitRecord) -> Option<&RowId> {
    let of_unit = unit.results.iter();
    let mut failed = of_unit.filter(|it| it.attempts().iter().any(is_failed));
    failed.next().map(RowResult::row)
}

fn is_failed(attempt: &Attempt) -> bool {
    matches!(&attempt.end, AttemptEnd::Judged { decision, .. } if decision.verdict == Verdict::Fail)
}

fn what(event: &UnitEvent) -> String {
    match event {
        UnitEvent::Attempted { row, attempt } => format!("attempt {} on {row}", attempt.number),
        UnitEvent::Wrote { file, .. } => format!("file {}", file.name),
        UnitEvent::Begun { .. } => "its beginning".to_owned(),
        UnitEvent::Ended(_) => "its end".to_owned(),
    }
}
