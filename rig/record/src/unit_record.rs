//! What a run found out about one unit.

use crate::{NotRun, RowResult};
use firmware_units::Nanoseconds;
use rig_spec::{Pool, RowId, Verdict};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One unit of the lot, as one bench had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// Serial number by the intake list.
    pub serial: String,
    /// Position among the units of the run, counted from zero; rows wanted on n units are run on
    /// the first n of them.
    pub index: u32,
    /// What the intake list says of it; none if there was no list.
    pub intake: Option<IntakeRecord>,
    /// Identity as read from the pen over the link; none if it never answered.
    pub identity: Option<DutIdentity>,
    /// SHA-256 of the flash as read back after programming, lower-case hexadecimal.
    pub image_read_back_sha256: Option<String>,
    /// How the unit's run ended.
    pub outcome: Outcome,
    /// Bench time from first power-on to last power-off.
    pub bench_time: Nanoseconds,
    /// One result a row of every limit table, in the order of the spec.
    pub results: Vec<RowResult>,
    /// What was out of the ordinary.
    pub anomalies: Vec<Anomaly>,
}

impl UnitRecord {
    /// Keeps its texts once with all that are alike, of this unit and of others.
    pub fn share(&mut self, pool: &mut Pool) {
        for result in &mut self.results {
            result.share(pool);
        }
        self.results.shrink_to_fit();
    }

    /// The result of a row.
    #[must_use]
    pub fn result(&self, row: &str) -> Option<&RowResult> {
        self.results.iter().find(|it| it.row() == row)
    }

    /// The same, looked for first where it stands if the results are in the order of the spec.
    #[must_use]
    pub fn result_near(&self, place: usize, row: &str) -> Option<&RowResult> {
        let near = self.results.get(place).filter(|it| it.row() == row);
        near.or_else(|| self.result(row))
    }

    /// The verdict on a row, if it was judged.
    #[must_use]
    pub fn verdict(&self, row: &str) -> Option<Verdict> {
        self.result(row)?.verdict()
    }

    /// Why a row was not run.
    #[must_use]
    pub fn why_not_run(&self, row: &str) -> Option<&NotRun> {
        self.result(row)?.why_not_run()
    }
}

/// What an intake list says of a unit besides its serial number, as written there; empty where it
/// says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeRecord {
    /// Unique device identification.
    pub udi: String,
    /// Work order.
    pub work_order: String,
    /// Condition on receipt.
    pub condition: String,
    /// Lot of the cartridge that came with it.
    pub cartridge_lot: String,
}

/// Who the pen says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutIdentity {
    /// Serial number.
    pub serial: String,
    /// Hardware revision.
    pub hardware_revision: String,
    /// Firmware version.
    pub firmware_version: String,
    /// Build id.
    pub build_id: String,
    /// Protocol version.
    pub protocol_version: String,
}

/// How a run ended. Says nothing of the pen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Every row of the plan was dealt with.
    Completed,
    /// Stopped before its end on purpose.
    Aborted(AbortCause),
    /// The rig could not do its job.
    BenchError {
        /// The first cause.
        cause: String,
    },
}

/// Why a run was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AbortCause {
    /// By a person or a signal.
    Interrupted,
    /// The pen cannot go on: it does not boot or is not the one on the list.
    DutUnfit,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("completed"),
            Self::Aborted(AbortCause::Interrupted) => f.write_str("aborted: interrupted"),
            Self::Aborted(AbortCause::DutUnfit) => f.write_str("aborted: dut unfit"),
            Self::BenchError { cause } => write!(f, "bench error: {cause}"),
        }
    }
}

/// Something out of the ordinary that a reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anomaly {
    /// Bench time.
    pub at: Nanoseconds,
    /// The row being run, if any.
    pub row: Option<RowId>,
    /// What kind.
    pub kind: AnomalyKind,
    /// What exactly.
    pub detail: String,
}

/// Kinds of anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AnomalyKind {
    /// Samples were missing or marked.
    Samples,
    /// A frame was lost, malformed or repeated.
    Link,
    /// The pen latched a fault.
    Fault,
    /// The pen reset by itself.
    Reset,
    /// Identity by list, label or pen differs.
    Identity,
    /// The gauge block moved.
    Datum,
    /// A row was measured again.
    Remeasurement,
    /// A bench error.
    BenchError,
}

impl fmt::Display for AnomalyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Samples => "samples",
            Self::Link => "link",
            Self::Fault => "fault",
            Self::Reset => "reset",
            Self::Identity => "identity",
            Self::Datum => "datum",
            Self::Remeasurement => "re-measurement",
            Self::BenchError => "bench error",
        })
    }
}
