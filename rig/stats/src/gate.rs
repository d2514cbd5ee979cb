//! The default lot gate: a census of the lot, held with one failing pen.

use crate::acceptance::{ChosenResult, chosen_results};
use crate::{ExitCode, Standing, UnitSummary, summarize_unit};
use rig_record::{AbortCause, LotRecord, Outcome};
use rig_spec::{Plan, Required, RowId, SpecSet, UnitsWanted};
use std::fmt;

/// What is to be done with a lot. Ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disposition {
    /// Each listed pen met each listed row under the stated rule.
    MeetsPlan,
    /// Neither; a person decides, or the run is completed.
    Held,
    /// Two or more pens failed.
    DoesNotMeetPlan,
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MeetsPlan => "meets plan",
            Self::Held => "held",
            Self::DoesNotMeetPlan => "does not meet plan",
        })
    }
}

/// Why a lot is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// The lot has no unit.
    NoUnits,
    /// One pen failed.
    OneFailingPen {
        /// Its serial number.
        serial: String,
    },
    /// Units are undecided.
    Undecided {
        /// Their serial numbers.
        serials: Vec<String>,
    },
    /// Rows that the plan requires passed on no unit that they are wanted on, or on too few.
    RowsNotMet {
        /// The rows.
        rows: Vec<RowId>,
    },
    /// The plan requires nothing of the rig.
    NothingRequired,
    /// A row is wanted on more units than the lot has.
    TooFewUnits {
        /// The row.
        row: RowId,
        /// Wanted.
        wanted: u32,
        /// There are.
        got: usize,
    },
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUnits => f.write_str("the lot has no unit"),
            Self::OneFailingPen { serial } => write!(f, "one failing pen: {serial}"),
            Self::Undecided { serials } => write!(f, "undecided: {}", serials.join(", ")),
            Self::RowsNotMet { rows } => {
                let rows: Vec<&str> = rows.iter().map(RowId::as_str).collect();
                write!(f, "required rows not met: {}", rows.join(", "))
            }
            Self::NothingRequired => f.write_str("the plan requires no row"),
            Self::TooFewUnits { row, wanted, got } => {
                write!(
                    f,
                    "row {row} is wanted on {wanted} units, the lot has {got}"
                )
            }
        }
    }
}

/// A lot against its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotSummary {
    /// The plan.
    pub plan: Plan,
    /// Every unit.
    pub units: Vec<UnitSummary>,
    /// What is to be done with the lot.
    pub disposition: Disposition,
    /// Why it is held; empty otherwise.
    pub held_because: Vec<HoldReason>,
    /// Rows that the plan requires the rig to run.
    pub rows_required: Vec<RowId>,
    /// Of those, passed on every unit that they are wanted on.
    pub rows_met: Vec<RowId>,
    /// Rows that the plan requires with evidence from outside; not covered by the disposition.
    pub rows_external: Vec<RowId>,
    /// Rows of the spec that the plan does not name.
    pub rows_outside: Vec<RowId>,
    /// What the program tells its caller.
    pub exit: ExitCode,
    /// What rules say that the spec chose for the plan; they stand beside the disposition and
    /// change neither it nor the exit code.
    pub chosen: Vec<ChosenResult>,
}

impl LotSummary {
    /// Units of one standing.
    pub fn units_standing(&self, standing: Standing) -> impl Iterator<Item = &UnitSummary> {
        self.units.iter().filter(move |it| it.standing == standing)
    }

    /// Units that met the plan with every required row passed at its first attempt.
    #[must_use]
    pub fn first_pass_units(&self) -> usize {
        self.units.iter().filter(|it| it.is_first_pass()).count()
    }
}

/// Why a record cannot be summarised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatsError {
    /// The spec has no plan of the name that the record gives.
    #[error("the spec has no plan `{plan}`")]
    UnknownPlan {
        /// The name.
        plan: String,
    },
}

/// Holds a lot against its plan by the default gate.
///
/// | the first that holds | disposition |
/// | --- | --- |
/// | two or more pens fail | does not meet plan |
/// | one pen fails | held |
/// | a unit is undecided (see [`summarize_unit`]), the lot is empty or too small for a row | held |
/// | a required row did not pass on every unit that it is wanted on, or on none at all | held |
/// | otherwise | meets plan |
///
/// | any of | exit code, the first that holds |
/// | --- | --- |
/// | a unit's run was interrupted | 130 |
/// | a pen fails | 3 |
/// | a bench error, or a failed row of the rig | 1 |
/// | held, or a unit undecided | 4 |
/// | otherwise | 0 |
///
/// # Errors
/// [`StatsError::UnknownPlan`].
pub fn summarize(spec: &SpecSet, lot: &LotRecord) -> Result<LotSummary, StatsError> {
    let name = &lot.header.plan;
    let plan = spec
        .plan(name)
        .ok_or_else(|| StatsError::UnknownPlan { plan: name.clone() })?;
    let units: Vec<UnitSummary> = lot
        .units
        .iter()
        .map(|unit| summarize_unit(spec, plan, unit))
        .collect();
    let serials = |standing| {
        units
            .iter()
            .filter(move |it| it.standing == standing)
            .map(|it| it.serial.clone())
            .collect::<Vec<_>>()
    };
    let failing = serials(Standing::Fails);
    let mut held_because = hold_reasons(
        plan,
        lot.units.len(),
        &failing,
        serials(Standing::Undecided),
    );
    let rows_named = |required| {
        let named = plan
            .entries
            .iter()
            .filter(move |it| it.required == required);
        named.map(|it| it.row.clone()).collect::<Vec<_>>()
    };
    let rows_required = rows_named(Required::Yes);
    let (rows_met, rows_not_met): (Vec<RowId>, Vec<RowId>) = rows_required
        .iter()
        .cloned()
        .partition(|row| is_met(&units, row));
    // Whatever the units say, a plan is met by its rows and by nothing else.
    if rows_required.is_empty() {
        held_because.push(HoldReason::NothingRequired);
    } else if held_because.is_empty() && !rows_not_met.is_empty() {
        held_because.push(HoldReason::RowsNotMet { rows: rows_not_met });
    }
    let disposition = if failing.len() >= 2 {
        Disposition::DoesNotMeetPlan
    } else if held_because.is_empty() {
        Disposition::MeetsPlan
    } else {
        Disposition::Held
    };
    let rows_outside = spec
        .rows
        .iter()
        .map(|it| &it.id)
        .filter(|row| plan.entry(row.as_str()).is_none())
        .cloned()
        .collect();
    Ok(LotSummary {
        plan: plan.clone(),
        exit: exit(lot, &units, disposition),
        chosen: chosen_results(spec, plan, lot, &units),
        disposition,
        held_because,
        rows_met,
        rows_external: rows_named(Required::External),
        rows_outside,
        rows_required,
        units,
    })
}

fn hold_reasons(
    plan: &Plan,
    n_units: usize,
    failing: &[String],
    undecided: Vec<String>,
) -> Vec<HoldReason> {
    let mut reasons = Vec::new();
    if n_units == 0 {
        reasons.push(HoldReason::NoUnits);
    }
    if let [serial] = failing {
        reasons.push(HoldReason::OneFailingPen {
            serial: serial.clone(),
        });
    }
    if !undecided.is_empty() {
        reasons.push(HoldReason::Undecided { serials: undecided });
    }
    for entry in plan
        .entries
        .iter()
        .filter(|it| it.required == Required::Yes)
    {
        if let UnitsWanted::Drawn(wanted) = entry.n_units
            && n_units < wanted as usize
        {
            reasons.push(HoldReason::TooFewUnits {
                row: entry.row.clone(),
                wanted,
                got: n_units,
            });
        }
    }
    reasons
}

/// Whether at least one unit was required to pass the row, and all such units did.
fn is_met(units: &[UnitSummary], row: &RowId) -> bool {
    let mut wanted = units
        .iter()
        .filter(|it| it.required.contains(row))
        .peekable();
    wanted.peek().is_some() && wanted.all(|it| it.passed.contains(row))
}

fn exit(lot: &LotRecord, units: &[UnitSummary], disposition: Disposition) -> ExitCode {
    let interrupted = Outcome::Aborted(AbortCause::Interrupted);
    if lot.units.iter().any(|it| it.outcome == interrupted) {
        ExitCode::Interrupted
    } else if units.iter().any(|it| it.standing == Standing::Fails) {
        ExitCode::Fail
    } else if units
        .iter()
        .any(|it| it.bench_error || !it.rig_failed.is_empty())
    {
        ExitCode::BenchError
    } else if disposition == Disposition::MeetsPlan {
        ExitCode::Met
    } else {
        ExitCode::Undecided
    }
}
