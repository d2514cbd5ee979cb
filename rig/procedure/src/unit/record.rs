//! The record of one unit: a result for every row, whatever happened.

use super::order::ORDER;
use super::{End, Unit};
use firmware_units::Nanoseconds;
use rig_record::{AbortCause, AnomalyKind, AttemptEnd, NotRun, Outcome, RowResult, UnitRecord};
use rig_spec::{Doubt, RecordUnit, Row, RowInstrument, Verdict};

/// The row that looks at the gauge block once more when all is done.
pub(super) const DATUM_ROW: &str = "MSR-03";
/// What a cell names that ends at a protrusion or is judged by rows of it.
const DATUM_WORDS: [&str; 3] = ["protrusion", "corner", "DEP-"];
/// What a statistic names that looks at everything that was seen in command sequences.
const SEQUENCES: &str = "sequences";

impl Unit<'_> {
    /// The record: a result for every row of every table, whatever happened.
    pub(super) fn record(mut self, bench_time: Nanoseconds, end: Result<(), End>) -> UnitRecord {
        let (mut outcome, mut rest) = match end {
            Ok(()) => (Outcome::Completed, NotRun::NotImplemented),
            Err(End::Bench(cause)) => (Outcome::BenchError { cause }, NotRun::AfterBenchError),
            Err(End::Interrupted) => (
                Outcome::Aborted(AbortCause::Interrupted),
                NotRun::AfterAbort,
            ),
            Err(End::Unfit(cause)) => (
                Outcome::Aborted(AbortCause::DutUnfit),
                NotRun::Precondition { cause },
            ),
        };
        if let Outcome::BenchError { cause } = &outcome {
            let detail = cause.clone();
            self.anomaly(bench_time, None, AnomalyKind::BenchError, detail);
        }
        if let Some(doubt) = self.doubt_of_datum() {
            self.doubt_what_rests_on_datum(doubt);
        }
        let mut results = Vec::with_capacity(self.job.spec.rows.len());
        for row in &self.job.spec.rows {
            let attempts = self.attempts.remove(row.id.as_str());
            let result = match attempts {
                Some(attempts) => match RowResult::from_attempts(row, attempts) {
                    Ok(result) => result,
                    Err(error) => {
                        let cause = error.to_string();
                        outcome = Outcome::BenchError {
                            cause: cause.clone(),
                        };
                        rest = NotRun::AfterBenchError;
                        RowResult::not_run(row.id.clone(), NotRun::BenchError { cause })
                    }
                },
                None => RowResult::not_run(row.id.clone(), self.why_not_run(row, &rest)),
            };
            results.push(result);
        }
        UnitRecord {
            serial: self.job.serial.to_owned(),
            index: self.job.index,
            // Who put the pen in knows the list.
            intake: None,
            identity: self.identity,
            image_read_back_sha256: self.read_back,
            outcome,
            bench_time,
            results,
            anomalies: self.anomalies,
        }
    }

    fn why_not_run(&self, row: &Row, rest: &NotRun) -> NotRun {
        let entry = self.job.plan.entry(row.id.as_str());
        match entry {
            _ if row.is_external() => NotRun::External,
            None => NotRun::OutsidePlan,
            Some(entry) if !entry.n_units.includes(self.job.index) => NotRun::NotDrawn,
            Some(_) if !ORDER.contains(&row.id.as_str()) => NotRun::NotImplemented,
            Some(_) => rest.clone(),
        }
    }

    /// What the second look at the gauge block says of everything measured from it; nothing if it
    /// stood where it was, or if the plan does not ask.
    pub(super) fn doubt_of_datum(&self) -> Option<Doubt> {
        let entry = self.job.plan.entry(DATUM_ROW)?;
        if !entry.n_units.includes(self.job.index) {
            return None;
        }
        let last = self.attempts.get(DATUM_ROW).and_then(|it| it.last());
        match last.map(|it| &it.end) {
            Some(AttemptEnd::Judged { decision, .. }) if decision.verdict == Verdict::Pass => None,
            Some(AttemptEnd::Judged { .. }) => Some(Doubt::DatumMoved),
            _ => Some(Doubt::DatumUnchecked),
        }
    }

    /// Voids what was measured from a datum that moved or was not checked: the values stay in the
    /// record, in doubt, and carry neither a pass nor a fail.
    pub(super) fn doubt_what_rests_on_datum(&mut self, doubt: Doubt) {
        for row in self.job.spec.rows.iter().filter(|it| rests_on_datum(it)) {
            let attempts = self.attempts.get_mut(row.id.as_str());
            for attempt in attempts.into_iter().flatten() {
                match &mut attempt.end {
                    AttemptEnd::Judged { evidence, decision } => {
                        *evidence = std::mem::take(evidence).in_doubt(doubt);
                        // It was judged before, so it fits its row.
                        if let Ok(judged) = row.judge(evidence) {
                            *decision = judged;
                        }
                    }
                    AttemptEnd::Reported { evidence } => {
                        *evidence = std::mem::take(evidence).in_doubt(doubt);
                    }
                    AttemptEnd::NotMeasured(_) => {}
                }
            }
        }
    }
}

/// Whether a row's evidence is a protrusion, or a time that ends at one, or was judged by rows of
/// protrusion.
fn rests_on_datum(row: &Row) -> bool {
    let is_length = row
        .unit
        .is_some_and(|it| it.record_unit() == RecordUnit::Nanometer);
    let named = ["to_event", "expected"].map(|it| row.cell(it));
    let names_one = |cell: &&str| DATUM_WORDS.iter().any(|word| cell.contains(word));
    let by_gauge = row.instruments.contains(&RowInstrument::Gauge)
        && (is_length || named.iter().any(names_one));
    // What must hold in a sequence is a protrusion among other things.
    let in_sequences =
        row.instruments.contains(&RowInstrument::All) && row.statistic.contains(SEQUENCES);
    row.id.as_str() != DATUM_ROW && (by_gauge || in_sequences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_spec::SpecSet;
    use std::collections::BTreeMap;

    #[test]
    fn rows_of_protrusion_rest_on_the_datum_and_no_others_do() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/pen-a1");
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
        let spec = SpecSet::parse(&files).unwrap();
        let others = |it: &&Row| !it.id.as_str().starts_with("DEP-");
        let rows = spec.rows.iter().filter(|it| rests_on_datum(it));
        let ids: Vec<&str> = rows.filter(others).map(|it| it.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "SAF-06", "SAF-08", "COR-01", "END-02", "END-04", "SAF-04b", "SAF-05", "SAF-10"
            ]
        );
        for row in &spec.rows {
            let is_depth = row.id.as_str().starts_with("DEP-") && row.unit.is_some();
            let by_gauge = row.instruments.contains(&RowInstrument::Gauge);
            assert!(!(is_depth && by_gauge) || rests_on_datum(row), "{}", row.id);
        }
    }
}
