//! Who ran what, with what, where, when.

use rig_spec::{RowId, SpecSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What holds for a whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Unique name of the run.
    pub run_id: String,
    /// Version of the program.
    pub tool_version: String,
    /// SHA-256 of the program's file, lower-case hexadecimal; empty if it could not be read.
    pub program_sha256: String,
    /// Operating system and architecture.
    pub platform: String,
    /// The bench.
    pub bench: BenchIdentity,
    /// Seed of every random choice; none on hardware that makes none.
    pub seed: Option<u64>,
    /// Scenario of the virtual bench.
    pub scenario: Option<String>,
    /// The lot.
    pub lot: String,
    /// Name of the plan.
    pub plan: String,
    /// The spec.
    pub spec: SpecIdentity,
    /// The firmware image.
    pub image: ImageIdentity,
    /// Who ran it, as claimed; not authenticated.
    pub operator: String,
    /// Where.
    pub station: String,
    /// Why.
    pub reason: String,
    /// Wall-clock time of the start, ISO 8601, as given by the shell of the program.
    pub started: String,
    /// Wall-clock time of the end; none while running.
    pub ended: Option<String>,
    /// The instruments with their certificates.
    pub instruments: Vec<InstrumentRecord>,
    /// What is known of the bench by a golden pen.
    pub golden: GoldenStatus,
    /// Where the run stands in the station's ledger; none where none is kept.
    pub ledger: Option<LedgerPosition>,
    /// Units that were tested before, by that ledger.
    pub tested_before: Vec<TestedBefore>,
    /// What else is known of how and where it was made, by what it is called in `run.csv`.
    #[serde(default)]
    pub noted: BTreeMap<String, String>,
}

/// Where a run stands in a station's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPosition {
    /// Number of the run, from 1.
    pub number: u64,
    /// Hash of the line that begins it, lower-case hexadecimal.
    pub head: String,
}

/// What a station's ledger said of a unit when a run was begun with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestedBefore {
    /// Serial number.
    pub serial: String,
    /// How many runs were begun with it before, on the same kind of bench.
    pub runs: u32,
    /// Whether it met the plan in the first of them that came to its end.
    pub first_met: Option<bool>,
    /// Run and rows of a failure that stood.
    pub failed: Option<(u64, Vec<RowId>)>,
    /// Deviations under which it was, or is, tested again.
    pub deviations: u32,
}

/// What was known of a bench by a golden pen when a run began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoldenStatus {
    /// The virtual bench has none to be asked for.
    #[default]
    NotAsked,
    /// The bench keeps none, on purpose.
    NotKept {
        /// Why, as its file says.
        reason: String,
    },
    /// The last check passed, less than a shift ago.
    Passed {
        /// Serial number of the golden pen.
        serial: String,
        /// When it was checked, ISO 8601.
        checked: String,
    },
}

impl fmt::Display for GoldenStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not asked for"),
            Self::NotKept { reason } => write!(f, "none kept: {reason}"),
            Self::Passed { serial, checked } => write!(f, "{serial} passed at {checked}"),
        }
    }
}

/// Hardware or virtual. Only statistics and reports read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BenchKind {
    /// A board, a fixture and instruments.
    Hardware,
    /// An emulated pen and models of everything else; not for product release.
    Virtual,
}

impl fmt::Display for BenchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hardware => "HARDWARE",
            Self::Virtual => "VIRTUAL",
        })
    }
}

/// The bench as it names itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchIdentity {
    /// Hardware or virtual.
    pub kind: BenchKind,
    /// Its name.
    pub name: String,
    /// Model and serial of the debug probe.
    pub probe: String,
    /// The chip.
    pub chip: String,
    /// Model and version of the program or fixture behind the seam.
    pub description: String,
}

/// The tables a run was judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecIdentity {
    /// Document number.
    pub document: String,
    /// Revision.
    pub revision: String,
    /// Status.
    pub status: String,
    /// Approver, if approved.
    pub approver: Option<String>,
    /// Effective date, if approved.
    pub effective: Option<String>,
    /// The device.
    pub device: String,
    /// SHA-256 of each table by file name, lower-case hexadecimal.
    pub tables: BTreeMap<String, String>,
}

impl From<&SpecSet> for SpecIdentity {
    fn from(spec: &SpecSet) -> Self {
        let document = spec.document.clone();
        Self {
            document: document.document,
            revision: document.revision,
            status: document.status,
            approver: document.approver,
            effective: document.effective,
            device: document.device,
            tables: spec
                .tables
                .iter()
                .map(|(name, table)| (name.clone(), table.sha256.clone()))
                .collect(),
        }
    }
}

/// The firmware image that was flashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageIdentity {
    /// File name.
    pub file: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Version that its provenance states.
    pub firmware_version: String,
    /// Build id that its provenance states.
    pub build_id: String,
}

/// One instrument and its certificate, as they stood during the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstrumentRecord {
    /// Name on the bench.
    pub name: String,
    /// Maker's model.
    pub model: String,
    /// Maker's serial number.
    pub serial: String,
    /// Certificate number.
    pub certificate: String,
    /// To what it is traceable; `none` for virtual ones.
    pub traceability: String,
    /// Date calibrated, ISO 8601.
    pub calibrated: String,
    /// Date due, ISO 8601.
    pub due: String,
}
