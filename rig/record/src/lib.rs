//! What one run produced, immutable: who, what and when; per unit every attempt on every row; and
//! the verdict that follows from them.
//!
//! **Invariant:** a bench error never becomes a verdict. A row is either judged on attempts that
//! were measured, or not run with a reason.
//! **Invariant:** statistics, dispositions and reports are functions of a record and of the spec.

mod attempt;
mod header;
pub mod journal;
mod lot;
mod not_run;
mod rejudge;
mod row_result;
mod stored_result;
mod study;
mod unit_record;

pub use attempt::{Attempt, AttemptEnd};
pub use header::{
    BenchIdentity, BenchKind, GoldenStatus, ImageIdentity, InstrumentRecord, LedgerPosition,
    RunHeader, SpecIdentity, TestedBefore,
};
pub use lot::LotRecord;
pub use not_run::NotRun;
pub use rejudge::{condition_differs, rejudge};
pub use row_result::{Judged, JudgedFrom, RecordError, RowResult};
pub use study::{DatumLook, SetupRecord, StudyRecord};
pub use unit_record::{
    AbortCause, Anomaly, AnomalyKind, DutIdentity, IntakeRecord, Outcome, UnitRecord,
};
