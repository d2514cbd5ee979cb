//! What a run came to, for programs and for CI: every required row that is not pass, with the value
//! and limits behind it.

use crate::display::{self, EvidenceCells};
use crate::results;
use crate::run::VIRTUAL_NOTE;
use rig_record::{BenchKind, LotRecord, RowResult, UnitRecord};
use rig_spec::{Plan, Row, SpecSet, TableName, Tolerance, Verdict};
use rig_stats::{Disposition, ExitCode, Standing, StatsError, UnitSummary, summarize};

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOutcome {
    /// Hardware or virtual.
    pub kind: BenchKind,
    /// What no result of such a bench can show; empty on hardware.
    pub note: &'static str,
    /// What is to be done with the lot.
    pub disposition: Disposition,
    /// Why it is held.
    pub held_because: Vec<String>,
    /// What the program tells its caller, interruptions aside.
    pub exit: ExitCode,
    /// Rows that the plan requires the rig to run.
    pub rows_required: usize,
    /// Of those, passed on every unit that they are wanted on.
    pub rows_met: usize,
    /// The plan.
    pub plan: Plan,
    /// Every unit.
    pub units: Vec<UnitOutcome>,
    /// What to do next.
    pub next: String,
}

/// Where one unit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitOutcome {
    /// Serial number.
    pub serial: String,
    /// Where it stands.
    pub standing: Standing,
    /// How its run ended.
    pub outcome: String,
    /// Whether every required row passed at its first attempt.
    pub first_pass: bool,
    /// Rows that the plan requires of it.
    pub rows_required: usize,
    /// Of those, judged pass.
    pub rows_pass: usize,
    /// Of those, judged inconclusive.
    pub rows_inconclusive: usize,
    /// Of those, judged fail.
    pub rows_fail: usize,
    /// Of those, not run.
    pub rows_not_run: usize,
}

/// How a required row ended on a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowEnd {
    /// Judged pass.
    Pass,
    /// Its evidence comes from outside the rig.
    External,
    /// Judged inconclusive.
    Inconclusive,
    /// Not run, though required.
    NotRun,
    /// Judged fail, and a row of the rig: it voids the unit's values and says nothing of the pen.
    RigFail,
    /// Judged fail.
    Fail,
}

/// A required row on a unit. Texts are as in results.csv: exact decimals in `unit_of_value`, empty
/// where there is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOutcome {
    /// Name of the row.
    pub row: String,
    /// Its limit table.
    pub table: TableName,
    /// The quantity measured.
    pub measurand: String,
    /// How it ended.
    pub end: RowEnd,
    /// `pass`, `inconclusive`, `fail`, or `not run: reason`.
    pub verdict: String,
    /// Why the verdict is not pass.
    pub reasons: String,
    /// Measured value.
    pub value: String,
    /// Set if the value is a bound: `at least`.
    pub bound: String,
    /// Expanded uncertainty.
    pub expanded: String,
    /// Its coverage factor.
    pub k: String,
    /// Unit of every value here.
    pub unit_of_value: String,
    /// Lower tolerance limit.
    pub lower: String,
    /// Upper tolerance limit.
    pub upper: String,
    /// Lower acceptance limit.
    pub acceptance_lower: String,
    /// Upper acceptance limit.
    pub acceptance_upper: String,
    /// How far beyond its tolerance limit the value lies.
    pub beyond_limit: String,
    /// What is expected, in words.
    pub expected: String,
    /// What was observed of it.
    pub observed: String,
    /// Decision rule.
    pub rule: String,
    /// Attempts that were made.
    pub attempts: usize,
    /// Bench time of the attempts, nanoseconds.
    pub bench_time_ns: u64,
    /// Hazard that the row answers to.
    pub hazard: String,
    /// For people: value with U against limits; why not, otherwise.
    pub sentence: String,
}

/// What a run came to.
///
/// # Errors
/// The record names a plan that the spec does not have.
pub fn outcome(spec: &SpecSet, lot: &LotRecord) -> Result<RunOutcome, StatsError> {
    let summary = summarize(spec, lot)?;
    let kind = lot.header.bench.kind;
    Ok(RunOutcome {
        kind,
        note: match kind {
            BenchKind::Virtual => VIRTUAL_NOTE,
            BenchKind::Hardware => "",
        },
        disposition: summary.disposition,
        held_because: summary
            .held_because
            .iter()
            .map(ToString::to_string)
            .collect(),
        exit: summary.exit,
        rows_required: summary.rows_required.len(),
        rows_met: summary.rows_met.len(),
        units: lot
            .units
            .iter()
            .zip(&summary.units)
            .map(|(unit, standing)| of_unit(unit, standing))
            .collect(),
        next: crate::facts::next_action(kind, lot, &summary),
        plan: summary.plan,
    })
}

fn of_unit(unit: &UnitRecord, standing: &UnitSummary) -> UnitOutcome {
    UnitOutcome {
        serial: unit.serial.clone(),
        standing: standing.standing,
        outcome: unit.outcome.to_string(),
        first_pass: standing.is_first_pass(),
        rows_required: standing.required.len(),
        rows_pass: standing.passed.len(),
        rows_inconclusive: standing.inconclusive.len(),
        rows_fail: standing.failed.len() + standing.rig_failed.len(),
        rows_not_run: standing.not_run.len(),
    }
}

/// Every row that a plan asks for on a unit, in the order of the spec. Large: of a lot, keep one
/// unit's at a time.
#[must_use]
pub fn unit_rows(spec: &SpecSet, plan: &Plan, unit: &UnitRecord) -> Vec<RowOutcome> {
    let rows = asked_for(spec, plan, unit);
    rows.map(|(row, result, end)| of_row(row, result, end))
        .collect()
}

/// The same without the texts: each row with its result and how it ended.
pub(crate) fn asked_for<'r>(
    spec: &'r SpecSet,
    plan: &'r Plan,
    unit: &'r UnitRecord,
) -> impl Iterator<Item = (&'r Row, Option<&'r RowResult>, RowEnd)> {
    let is_asked_for = |row: &Row| {
        plan.entry(row.id.as_str())
            .is_some_and(|it| it.n_units.includes(unit.index))
    };
    let rows = spec.rows.iter().enumerate();
    rows.filter(move |it| is_asked_for(it.1))
        .map(|(place, row)| {
            let result = unit.result_near(place, row.id.as_str());
            let end = match result.and_then(RowResult::verdict) {
                Some(Verdict::Pass) => RowEnd::Pass,
                Some(Verdict::Inconclusive) => RowEnd::Inconclusive,
                Some(Verdict::Fail) if row.table == TableName::Rig => RowEnd::RigFail,
                Some(Verdict::Fail) => RowEnd::Fail,
                None if plan.requires(row.id.as_str(), unit.index) => RowEnd::NotRun,
                None => RowEnd::External,
            };
            (row, result, end)
        })
}

/// Bench time of the attempts on a row, nanoseconds.
pub(crate) fn bench_time_ns(result: Option<&RowResult>) -> u64 {
    let attempts = result.map_or(&[][..], RowResult::attempts);
    let times = attempts
        .iter()
        .map(|it| it.ended.0.saturating_sub(it.started.0));
    times.fold(0, u64::saturating_add)
}

/// A row that a plan asks for on a unit, in full.
pub(crate) fn of_row(row: &Row, result: Option<&RowResult>, end: RowEnd) -> RowOutcome {
    let judged = result.and_then(RowResult::judged);
    let evidence = judged.map(|it| it.evidence);
    let decision = judged.map(|it| it.decision);
    let cells = EvidenceCells::new(row, evidence);
    let verdict = results::verdict(result);
    let attempts = result.map_or(&[][..], RowResult::attempts);
    let print = |value| display::exact(row, value);
    let sentence = match evidence {
        Some(evidence) => crate::facts::value_against_limits(row, evidence),
        None => verdict.clone(),
    };
    RowOutcome {
        row: row.id.to_string(),
        table: row.table,
        measurand: row.measurand.clone(),
        end,
        reasons: decision
            .map(|it| display::list(&it.reasons))
            .unwrap_or_default(),
        verdict,
        value: cells.value,
        bound: cells.bound,
        expanded: cells.expanded,
        k: cells.k,
        unit_of_value: display::unit_word(row),
        lower: print(row.tolerance.and_then(Tolerance::lower)),
        upper: print(row.tolerance.and_then(Tolerance::upper)),
        acceptance_lower: print(decision.and_then(|it| it.acceptance_lower)),
        acceptance_upper: print(decision.and_then(|it| it.acceptance_upper)),
        beyond_limit: display::exact_unsigned(
            row,
            evidence.and_then(|it| results::beyond(row, it)),
        ),
        expected: crate::table::or_empty(row.expected.as_ref()),
        observed: cells.observed,
        rule: row.rule.to_string(),
        attempts: attempts.len(),
        bench_time_ns: bench_time_ns(result),
        hazard: crate::table::or_empty(row.hazard.as_ref()),
        sentence,
    }
}
