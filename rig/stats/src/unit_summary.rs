//! Where one unit stands against its plan.

use rig_record::{NotRun, Outcome, RowResult, UnitRecord};
use rig_spec::{Plan, Row, RowId, SpecSet, TableName, Verdict};
use std::fmt;

/// Where a unit stands against its plan. Ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The plan requires no row of this unit: nothing is said of it.
    NotDrawn,
    /// Every required row was judged pass, on a run that ended complete.
    Meets,
    /// Not shown to meet the plan, and no row of the pen failed.
    Undecided,
    /// A required row of the pen failed.
    Fails,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDrawn => "not drawn",
            Self::Meets => "meets plan",
            Self::Undecided => "undecided",
            Self::Fails => "fails",
        })
    }
}

/// Where one row stands on one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowStanding {
    /// Judged.
    Judged(Verdict),
    /// Reported, never judged.
    Reported,
    /// Not run.
    NotRun,
}

/// One unit against its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSummary {
    /// Serial number.
    pub serial: String,
    /// Position among the units of the run.
    pub index: u32,
    /// Where it stands.
    pub standing: Standing,
    /// Rows that the plan requires of this unit.
    pub required: Vec<RowId>,
    /// Of those, judged pass.
    pub passed: Vec<RowId>,
    /// Of those, judged inconclusive.
    pub inconclusive: Vec<RowId>,
    /// Of those, judged fail; rows of the pen.
    pub failed: Vec<RowId>,
    /// Of those, judged fail; rows of the rig, which void the unit's values and say nothing of the
    /// pen.
    pub rig_failed: Vec<RowId>,
    /// Of those, not run.
    pub not_run: Vec<RowId>,
    /// Required rows that were measured more than once.
    pub remeasured: Vec<RowId>,
    /// Whether the rig failed on this unit.
    pub bench_error: bool,
}

impl UnitSummary {
    /// Meets the plan with every required row passed at its first attempt.
    #[must_use]
    pub fn is_first_pass(&self) -> bool {
        self.standing == Standing::Meets && self.remeasured.is_empty()
    }
}

/// Holds a unit against a plan.
///
/// | the unit | stands |
/// | --- | --- |
/// | a required row of the rig failed (its values are void) | undecided |
/// | a required row of the pen failed | fails, whatever else |
/// | a bench error, an aborted run, a required row inconclusive or not run | undecided |
/// | no row is required of it | not drawn |
/// | every required row passed | meets plan |
#[must_use]
pub fn summarize_unit(spec: &SpecSet, plan: &Plan, unit: &UnitRecord) -> UnitSummary {
    let mut summary = UnitSummary {
        serial: unit.serial.clone(),
        index: unit.index,
        standing: Standing::Meets,
        required: Vec::new(),
        passed: Vec::new(),
        inconclusive: Vec::new(),
        failed: Vec::new(),
        rig_failed: Vec::new(),
        not_run: Vec::new(),
        remeasured: Vec::new(),
        bench_error: matches!(unit.outcome, Outcome::BenchError { .. }),
    };
    let rows = spec.rows.iter().enumerate();
    for (place, row) in rows.filter(|it| plan.requires(it.1.id.as_str(), unit.index)) {
        summary.add(row, unit.result_near(place, row.id.as_str()));
    }
    // A lot has one of each unit.
    summary.required.shrink_to_fit();
    summary.passed.shrink_to_fit();
    let undecided = unit.outcome != Outcome::Completed
        || summary.bench_error
        || !summary.inconclusive.is_empty()
        || !summary.not_run.is_empty();
    summary.standing = if !summary.rig_failed.is_empty() {
        Standing::Undecided
    } else if !summary.failed.is_empty() {
        Standing::Fails
    } else if undecided {
        Standing::Undecided
    } else if summary.required.is_empty() {
        Standing::NotDrawn
    } else {
        Standing::Meets
    };
    summary
}

impl UnitSummary {
    fn add(&mut self, row: &Row, result: Option<&RowResult>) {
        let id = row.id.clone();
        self.required.push(id.clone());
        // A row without a result was not run: a record may not leave it out, but if it does, that
        // is never a pass.
        let Some(result) = result else {
            self.not_run.push(id);
            return;
        };
        if result.attempts().len() > 1 {
            self.remeasured.push(id.clone());
        }
        self.bench_error |= matches!(result.why_not_run(), Some(NotRun::BenchError { .. }));
        match result.verdict() {
            Some(Verdict::Pass) => self.passed.push(id),
            Some(Verdict::Inconclusive) => self.inconclusive.push(id),
            Some(Verdict::Fail) if row.table == TableName::Rig => self.rig_failed.push(id),
            Some(Verdict::Fail) => self.failed.push(id),
            None => self.not_run.push(id),
        }
    }
}
