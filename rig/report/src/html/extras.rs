//! What a report shows besides spec and record, each part only if it is there.

use firmware_units::{Nanometers, Nanoseconds};
use rig_spec::RowId;

/// What surrounds a record: the ledger, the chain, what people said of it, and pictures.
///
/// `None` says that the report was made without knowing, an empty list that there is nothing; the
/// report says which of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Where the run stands in its station's ledger.
    pub ledger: Option<LedgerPosition>,
    /// Heads of the journal's hash chains, by name, such as a unit's serial number.
    pub chain_heads: Option<Vec<ChainHead>>,
    /// What is known of signatures of the bundle, a sentence each, such as `signed by station key
    /// ab12…`; checked by whoever made this list and not by the report.
    pub signatures: Option<Vec<String>>,
    /// What people put their names to.
    pub sign_offs: Option<Vec<SignOff>>,
    /// Recorded deviations.
    pub deviations: Option<Vec<Deviation>>,
    /// Holds.
    pub holds: Option<Vec<Hold>>,
    /// Earlier runs of the same units or lot, the newest first.
    pub previous_runs: Option<Vec<PreviousRun>>,
    /// What the intake list says of the units.
    pub intake: Option<Vec<Intake>>,
    /// Records that stand for rows whose evidence comes from outside the rig.
    pub external_evidence: Vec<ExternalEvidence>,
    /// Recorded waveforms.
    pub waveforms: Vec<Waveform>,
    /// Command sequences that a pen failed, made short.
    pub counterexamples: Vec<Counterexample>,
}

/// Where a run stands in its station's ledger of every run begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPosition {
    /// Name of the station or ledger.
    pub station: String,
    /// Number of the entry, counted from 1.
    pub number: u64,
    /// Hash of the entry, lower-case hexadecimal.
    pub hash: String,
}

/// The newest hash of one chain of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// Name of the chain.
    pub name: String,
    /// How many records it has.
    pub records: u64,
    /// The hash, lower-case hexadecimal.
    pub hash: String,
}

/// A detached sign-off record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOff {
    /// Printed name, as claimed.
    pub name: String,
    /// What it means: review, approval, responsibility, authorship.
    pub meaning: String,
    /// Time and zone, as recorded.
    pub time: String,
    /// Hash of what was signed off, lower-case hexadecimal.
    pub content_hash: String,
    /// Whether this is the content of this run, as whoever made the list found.
    pub holds: bool,
}

/// A recorded deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Number or name.
    pub id: String,
    /// The unit, if it is about one.
    pub unit: Option<String>,
    /// The row, if it is about one.
    pub row: Option<String>,
    /// Who recorded it, as claimed.
    pub by: String,
    /// When.
    pub time: String,
    /// What and why.
    pub text: String,
}

/// A lot or unit set on hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Lot or serial number.
    pub what: String,
    /// Who, as claimed.
    pub by: String,
    /// When.
    pub time: String,
    /// Why.
    pub reason: String,
}

/// An earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousRun {
    /// Its run id.
    pub run_id: String,
    /// When it began.
    pub started: String,
    /// What it came to, in words.
    pub result: String,
}

/// A line of the intake list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    /// Serial number.
    pub serial: String,
    /// Further columns with their values, in the order of the list: UDI, work order, condition on
    /// receipt, cartridge lot.
    pub columns: Vec<(String, String)>,
}

/// A record from outside the rig that stands for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalEvidence {
    /// The row.
    pub row: RowId,
    /// Number or name of the record.
    pub record: String,
}

/// A stretch of what the gauge saw on one row of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waveform {
    /// Serial number.
    pub unit: String,
    /// The row.
    pub row: RowId,
    /// The attempt, 1 or 2.
    pub attempt: u32,
    /// Samples that the gauge is sure of, in order of time; as many as there are, since the picture
    /// takes what it can show.
    pub samples: Vec<(Nanoseconds, Nanometers)>,
    /// Tops of strokes as detected, in order of time.
    pub strokes: Vec<DetectedStroke>,
    /// Stretches without usable samples.
    pub gaps: Vec<(Nanoseconds, Nanoseconds)>,
    /// File in the bundle that has every sample, with its SHA-256.
    pub file: Option<(String, String)>,
}

/// The top of one stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectedStroke {
    /// When.
    pub at: Nanoseconds,
    /// Protrusion beyond the nose plane.
    pub protrusion: Nanometers,
}

/// A command sequence that a pen failed, made as short as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The unit, where one failed it.
    pub unit: Option<String>,
    /// The row that it belongs to.
    pub row: Option<RowId>,
    /// The file that keeps it.
    pub file: String,
    /// Time, action, expected and observed, as printed.
    pub table: String,
    /// The command that runs it again.
    pub replay: String,
}
