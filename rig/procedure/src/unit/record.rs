//! The record of one unit: a result for every row, whatever happened.

use super::order::ORDER;
use super::{End, Unit};
use firmware_units::Nanoseconds;
use rig_record::{AbortCause, AnomalyKind, AttemptEnd, NotRun, Outcome, RowResult, UnitRecord};
use rig_spec::{Doubt, RecordUnit, Row, RowInstrument, Verdict};

/// The row that looks at the gauge block once more when all is done.
pub(super) const DATUM_ROW: &str = "MSR-03";

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

/// Whether a row's evidence is a protrusion, or a time that ends at one.
fn rests_on_datum(row: &Row) -> bool {
    let is_length = row
        .unit
        .is_some_and(|it| it.record_unit() == RecordUnit::Nanometer);
    row.id.as_str() != DATUM_ROW
        && row.instruments.contains(&RowInstrument::Gauge)
        && (is_length
            || ["to_event", "expected"]
                .map(|it| row.cell(it))
                .iter()
                .any(|it| it.contains("protrusion")))
}
