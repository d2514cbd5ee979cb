//! The record of one unit: a result for every row, whatever happened.

use super::order::ORDER;
use super::{End, Unit};
use firmware_units::Nanoseconds;
use rig_record::{AbortCause, AnomalyKind, NotRun, Outcome, RowResult, UnitRecord};
use rig_spec::Row;

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
}
