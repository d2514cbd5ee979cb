//! What is written down.

use crate::{
    Attempt, BenchIdentity, GoldenStatus, ImageIdentity, InstrumentRecord, IntakeRecord,
    SpecIdentity, TestedBefore, UnitRecord,
};
use rig_spec::RowId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happens to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEvent {
    /// It was begun.
    Begun(Box<Begun>),
    /// A unit's chain was begun.
    UnitBegun {
        /// Serial number.
        serial: String,
    },
    /// A unit was dealt with; its chain ends there.
    UnitEnded {
        /// Serial number.
        serial: String,
        /// Last hash of its chain.
        head: String,
    },
    /// A person or a signal stopped it.
    Interrupted,
    /// It was taken up again after a crash or an interrupt.
    Resumed {
        /// Version of the program.
        tool_version: String,
        /// Bytes that a crash had left behind the last whole line, by file.
        torn: Vec<(String, u64)>,
    },
    /// Every unit was dealt with.
    Ended,
}

/// What holds for a run from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Format of the journal.
    pub journal: u32,
    /// Name of the run.
    pub run_id: String,
    /// Its number in the station's ledger.
    pub ledger_number: u64,
    /// Version of the program.
    pub tool_version: String,
    /// SHA-256 of the program's file.
    pub program_sha256: String,
    /// Operating system and architecture.
    pub platform: String,
    /// Bench file as it was named; none for the virtual bench.
    pub bench_file: Option<String>,
    /// Seed of the virtual bench.
    pub seed: Option<u64>,
    /// Name of the scenario of the virtual bench.
    pub scenario: Option<String>,
    /// The lot.
    pub lot: String,
    /// Name of the plan.
    pub plan: String,
    /// The spec.
    pub spec: SpecIdentity,
    /// The image.
    pub image: ImageIdentity,
    /// Who runs it, as claimed.
    pub operator: String,
    /// Where.
    pub station: String,
    /// Why.
    pub reason: String,
    /// What is known of the bench by a golden pen.
    pub golden: GoldenStatus,
    /// Units that were tested before.
    pub tested_before: Vec<TestedBefore>,
    /// What else is known of how and where it is made; nothing in journals of before.
    #[serde(default)]
    pub noted: BTreeMap<String, String>,
    /// Whose waveforms are kept: none, failed, all.
    pub waveforms: String,
    /// The units, in order.
    pub units: Vec<UnitOrder>,
    /// Files in the bundle's `inputs` folder that the run works with.
    pub inputs: Vec<FileRecord>,
}

/// A unit that is to be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitOrder {
    /// Position in the lot of the virtual bench.
    pub index: u64,
    /// Serial number.
    pub serial: String,
    /// What the intake list says of it; none if there was no list.
    pub intake: Option<IntakeRecord>,
}

/// What happens to a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitEvent {
    /// A bench took it up; again after a crash.
    Begun {
        /// Serial number.
        serial: String,
        /// Which bench, with which instruments.
        bench: Box<BenchRecord>,
    },
    /// An attempt on a row came to its end.
    Attempted {
        /// The row.
        row: RowId,
        /// The attempt.
        attempt: Box<Attempt>,
    },
    /// A file was written and forced to disk.
    Wrote {
        /// What it belongs to.
        row: RowId,
        /// The file.
        file: FileRecord,
        /// What `waveforms.csv` says of it beside its name and hash; empty for others.
        notes: Vec<String>,
    },
    /// The unit was dealt with.
    Ended(Box<UnitRecord>),
}

/// The bench that a unit was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchRecord {
    /// The bench.
    pub bench: BenchIdentity,
    /// Its instruments with their certificates.
    pub instruments: Vec<InstrumentRecord>,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path inside the bundle, with forward slashes.
    pub name: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// What a station writes down over all its runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEvent {
    /// A run was begun.
    RunBegun(Box<LedgerRun>),
    /// A run came to its end.
    RunEnded {
        /// Its number.
        number: u64,
        /// Its name.
        run_id: String,
        /// What became of the lot, in the words of the report.
        disposition: String,
        /// Exit code.
        exit: u8,
        /// SHA-256 of its manifest.
        manifest_sha256: String,
        /// Last hash of the run's chain.
        head: String,
        /// The units that did not simply meet the plan.
        not_meeting: Vec<UnitResult>,
    },
    /// A failed unit may be tested again, and why.
    Deviation(Deviation),
    /// A unit or a lot is held.
    Hold(Hold),
}

/// A run as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRun {
    /// Number, from 1.
    pub number: u64,
    /// Name of the run.
    pub run_id: String,
    /// `VIRTUAL` or `HARDWARE`.
    pub kind: crate::BenchKind,
    /// The lot.
    pub lot: String,
    /// The plan.
    pub plan: String,
    /// SHA-256 of the image.
    pub image_sha256: String,
    /// Document and revision of the spec.
    pub spec: String,
    /// Who, as claimed.
    pub operator: String,
    /// Where.
    pub station: String,
    /// Why.
    pub reason: String,
    /// Serial numbers of its units.
    pub units: Vec<String>,
}

/// What became of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitResult {
    /// Serial number.
    pub serial: String,
    /// Its standing, in the words of the report.
    pub standing: String,
    /// Rows that failed.
    pub failed: Vec<RowId>,
}

/// Leave to test a failed unit again, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// Number, from 1.
    pub number: u64,
    /// Serial number of the unit.
    pub serial: String,
    /// Why.
    pub reason: String,
    /// Who gives it, as claimed; not authenticated.
    pub by: String,
    /// Document that it refers to, if any.
    pub reference: String,
}

/// A unit or a lot is held; nothing here releases it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Number, from 1.
    pub number: u64,
    /// Serial number of a unit, if it is one.
    pub serial: Option<String>,
    /// Name of a lot, if it is one.
    pub lot: Option<String>,
    /// Why.
    pub reason: String,
    /// Who, as claimed.
    pub by: String,
}
