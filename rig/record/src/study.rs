//! What a study of the rig produced: pens put into the fixture again and again, and measured
//! several times in each set-up.

use crate::{
    Anomaly, Attempt, BenchIdentity, DutIdentity, InstrumentRecord, Outcome, SpecIdentity,
};
use firmware_units::Nanoseconds;
use rig_spec::RowId;

/// A study of one row's measurand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyRecord {
    /// Unique name of the study.
    pub study_id: String,
    /// Version of the program.
    pub tool_version: String,
    /// The bench; none if no set-up was run.
    pub bench: Option<BenchIdentity>,
    /// The instruments with their certificates.
    pub instruments: Vec<InstrumentRecord>,
    /// The spec.
    pub spec: SpecIdentity,
    /// Scenario of the virtual bench.
    pub scenario: Option<String>,
    /// Seed of the order of runs, and of the virtual bench.
    pub seed: u64,
    /// The row that was measured.
    pub row: RowId,
    /// Serial numbers of the pens, in the order of the study.
    pub pens: Vec<String>,
    /// Set-ups of each pen.
    pub n_setups: u32,
    /// Repeats in each set-up.
    pub n_repeats: u32,
    /// Who ran it, as claimed; not authenticated.
    pub operator: String,
    /// Wall-clock time of the start, ISO 8601.
    pub started: String,
    /// Wall-clock time of the end.
    pub ended: String,
    /// Every set-up that was begun, in the order of the runs.
    pub setups: Vec<SetupRecord>,
}

impl StudyRecord {
    /// How many values were to be measured.
    #[must_use]
    pub fn n_values(&self) -> u32 {
        let pens = u32::try_from(self.pens.len()).unwrap_or(u32::MAX);
        pens.saturating_mul(self.n_setups)
            .saturating_mul(self.n_repeats)
    }
}

/// One pen put into the fixture once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupRecord {
    /// Place in the order of runs, from 1.
    pub run: u32,
    /// Serial number of the pen.
    pub pen: String,
    /// Which of the pen's set-ups, from 1.
    pub setup: u32,
    /// Identity as read from the pen over the link; none if it never answered.
    pub identity: Option<DutIdentity>,
    /// How the set-up's run ended.
    pub outcome: Outcome,
    /// Bench time from power-on to power-off.
    pub bench_time: Nanoseconds,
    /// Every repeat, in order. Evidence is in doubt where the gauge block had moved afterwards, or
    /// was not looked at.
    pub repeats: Vec<Attempt>,
    /// The look at the gauge block afterwards, if it came to that.
    pub datum: Option<DatumLook>,
    /// What was out of the ordinary.
    pub anomalies: Vec<Anomaly>,
}

/// The gauge block after a set-up against the gauge block before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatumLook {
    /// The row that judges it.
    pub row: RowId,
    /// What was seen.
    pub attempt: Attempt,
}
