//! The disposition of a lot by a chosen plan, from what its drawn units showed.
//!
//! **Invariant:** a plan never says more than the units' own verdicts allow. A unit that was not run
//! holds the lot, whatever the others show. An inconclusive unit counts as nonconforming where a
//! plan would accept, and as nothing where it would not: it is never a fail.

use super::{
    AttributesPlan, DrawnUnit, Limits, LotRule, Normality, RuleDisposition, RuleResult,
    SampleCounts, SequentialDecision, StageDecision, TruncatedTest, UnitFinding, VariablesPlan,
};

/// Disposes of a lot by a rule. Units are in the order of drawing.
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{
///     AttributesPlan, DrawnUnit, LotRule, RuleDisposition, UnitFinding, dispose,
/// };
/// let rule = LotRule::Attributes { plan: AttributesPlan::single(2, 0)?, lot_size: Some(50) };
/// let pen = |serial: &str| DrawnUnit {
///     serial: serial.to_owned(),
///     finding: UnitFinding::Conforming,
///     attempts: 1,
///     remeasured: false,
///     value: None,
/// };
/// let result = dispose(&rule, &[pen("A1-0001")]);
/// assert_eq!(result.disposition, RuleDisposition::GoOn { units: 1 });
/// let result = dispose(&rule, &[pen("A1-0001"), pen("A1-0002")]);
/// assert_eq!(result.disposition, RuleDisposition::MeetsPlan);
/// # Ok::<(), rig_stats::acceptance::PlanError>(())
/// ```
#[must_use]
pub fn dispose(rule: &LotRule, units: &[DrawnUnit]) -> RuleResult {
    let verdict = match rule {
        LotRule::Attributes { plan, lot_size } => attributes(plan, *lot_size, units),
        LotRule::ZeroFailure { n, .. } => zero_failure(*n, units),
        LotRule::Sequential(test) => sequential(*test, units),
        LotRule::Variables {
            plan,
            limits,
            normality,
        } => variables(*plan, *limits, *normality, units),
    };
    verdict.finish(units)
}

/// What a rule says of the first so many units.
struct Verdict {
    disposition: RuleDisposition,
    looked_at: usize,
    because: String,
}

impl Verdict {
    fn new(disposition: RuleDisposition, looked_at: usize, because: impl Into<String>) -> Self {
        Self {
            disposition,
            looked_at,
            because: because.into(),
        }
    }

    /// Counts, and holds an accepted lot of which another unit failed.
    fn finish(self, units: &[DrawnUnit]) -> RuleResult {
        let looked_at = self.looked_at.min(units.len());
        let (sample, beyond) = units.split_at(looked_at);
        let counts = SampleCounts {
            beyond: count(beyond.len()),
            ..counts(sample)
        };
        let mut because = format!("{}: {}", counted(&counts), self.because);
        let mut disposition = self.disposition;
        let failing: Vec<&str> = beyond
            .iter()
            .filter(|it| it.finding == UnitFinding::Nonconforming)
            .map(|it| it.serial.as_str())
            .collect();
        if disposition == RuleDisposition::MeetsPlan && !failing.is_empty() {
            disposition = RuleDisposition::Held;
            because = format!(
                "{because}; but beyond the sample, nonconforming: {}",
                failing.join(", ")
            );
        }
        RuleResult {
            disposition,
            because,
            counts,
        }
    }
}

fn counts(sample: &[DrawnUnit]) -> SampleCounts {
    let of = |finding| count(sample.iter().filter(|it| it.finding == finding).count());
    SampleCounts {
        units: count(sample.len()),
        conforming: of(UnitFinding::Conforming),
        inconclusive: of(UnitFinding::Inconclusive),
        nonconforming: of(UnitFinding::Nonconforming),
        not_run: of(UnitFinding::NotRun),
        remeasured: count(sample.iter().filter(|it| it.remeasured).count()),
        attempts: sample
            .iter()
            .fold(0, |sum, it| sum.saturating_add(it.attempts)),
        beyond: 0,
    }
}

/// `3 nonconforming, 1 inconclusive of 200 units, 203 attempts`.
fn counted(counts: &SampleCounts) -> String {
    let mut text = format!(
        "{} nonconforming, {} inconclusive of {} units, {} attempts",
        counts.nonconforming, counts.inconclusive, counts.units, counts.attempts
    );
    if counts.remeasured > 0 {
        text.push_str(&format!(", {} measured again", counts.remeasured));
    }
    text
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn not_run(sample: &[DrawnUnit]) -> Option<String> {
    let serials: Vec<&str> = sample
        .iter()
        .filter(|it| it.finding == UnitFinding::NotRun)
        .map(|it| it.serial.as_str())
        .collect();
    (!serials.is_empty()).then(|| format!("not run: {}", serials.join(", ")))
}

/// Where a plan arrives, one way of counting.
enum Arrival {
    /// It decides.
    Decides(StageDecision),
    /// More units are wanted, in all.
    Wants(usize),
    /// A unit was not run.
    NotRun(String),
    /// The whole lot was drawn without a decision.
    Exhausted,
}

/// Where a plan arrives, in which stage (from 0), with how many units looked at and counted.
struct Walk {
    arrival: Arrival,
    stage: usize,
    looked_at: usize,
    found: u32,
}

/// Goes through the samples of a plan with units that count by `counts`.
fn walk(
    plan: &AttributesPlan,
    all: usize,
    units: &[DrawnUnit],
    counts: impl Fn(UnitFinding) -> bool,
) -> Walk {
    let mut walk = Walk {
        arrival: Arrival::Exhausted,
        stage: 0,
        looked_at: 0,
        found: 0,
    };
    for (idx, stage) in plan.stages().iter().enumerate() {
        // Of a lot that is smaller than the sample, every unit.
        let wanted = (plan.drawn_through(idx) as usize).min(all);
        let sample = &units[..wanted.min(units.len())];
        walk.stage = idx;
        walk.looked_at = sample.len();
        walk.found = count(sample.iter().filter(|it| counts(it.finding)).count());
        let decision = plan.decide(idx, walk.found);
        walk.arrival = if walk.found >= stage.reject {
            Arrival::Decides(StageDecision::Reject)
        } else if let Some(text) = not_run(sample) {
            Arrival::NotRun(text)
        } else if sample.len() < wanted {
            Arrival::Wants(wanted)
        } else if decision != StageDecision::GoOn {
            Arrival::Decides(decision)
        } else if sample.len() >= all {
            Arrival::Exhausted
        } else {
            continue;
        };
        break;
    }
    walk
}

/// Both ways of counting: with inconclusive units as conforming, and as nonconforming. A plan
/// accepts if it does in the worse case, and does not accept if it does not even in the better one.
fn attributes(plan: &AttributesPlan, lot_size: Option<u32>, units: &[DrawnUnit]) -> Verdict {
    use RuleDisposition::{DoesNotMeetPlan, GoOn, Held, MeetsPlan};
    if let Some(lot_size) = lot_size
        && units.len() > lot_size as usize
    {
        let because = format!("more units than the lot's {lot_size}");
        return Verdict::new(Held, units.len(), because);
    }
    let all = lot_size.map_or(usize::MAX, |it| it as usize);
    let better = walk(plan, all, units, |it| it == UnitFinding::Nonconforming);
    let worse = walk(plan, all, units, |it| {
        matches!(it, UnitFinding::Nonconforming | UnitFinding::Inconclusive)
    });
    let sample = |walk: &Walk| format!("sample {} of {}", walk.stage + 1, plan.stages().len());
    let stage = |walk: &Walk| plan.stages()[walk.stage];
    if let Arrival::Decides(StageDecision::Reject) = better.arrival {
        let because = format!("{}, Re {} reached", sample(&better), stage(&better).reject);
        return Verdict::new(DoesNotMeetPlan, better.looked_at, because);
    }
    let at = sample(&worse);
    let (disposition, because) = match &worse.arrival {
        Arrival::Decides(StageDecision::Accept) => (
            MeetsPlan,
            format!(
                "{at}, {} counted, Ac {} not exceeded",
                worse.found,
                stage(&worse).accept.unwrap_or_default()
            ),
        ),
        Arrival::Decides(StageDecision::AcceptAndReturnToNormal) => (
            MeetsPlan,
            format!(
                "{at}, {} counted, between Ac and Re {}: normal inspection for the next lot",
                worse.found,
                stage(&worse).reject
            ),
        ),
        Arrival::Decides(StageDecision::Reject | StageDecision::GoOn) => (
            Held,
            format!(
                "{at}, {} counted; Re {} is reached with inconclusive units only",
                worse.found,
                stage(&worse).reject
            ),
        ),
        Arrival::NotRun(text) => (Held, format!("{at}, {text}")),
        Arrival::Wants(wanted) => (
            GoOn {
                units: count(wanted - worse.looked_at),
            },
            format!("{at} wants {wanted} units"),
        ),
        Arrival::Exhausted => (
            Held,
            format!("{at}, {} counted, every unit of the lot drawn", worse.found),
        ),
    };
    Verdict::new(disposition, worse.looked_at, because)
}

fn zero_failure(n: u32, units: &[DrawnUnit]) -> Verdict {
    match AttributesPlan::single(n, 0) {
        Ok(plan) => attributes(&plan, None, units),
        Err(cause) => Verdict::new(RuleDisposition::Held, units.len(), cause.to_string()),
    }
}

/// Both ways of counting, as for attributes plans.
fn sequential(test: TruncatedTest, units: &[DrawnUnit]) -> Verdict {
    use RuleDisposition::{DoesNotMeetPlan, GoOn, Held, MeetsPlan};
    let better = course(test, units, |it| it == UnitFinding::Nonconforming);
    if let (SequentialDecision::Reject, n) = better {
        let because = format!("line of rejection reached with unit {n}");
        return Verdict::new(DoesNotMeetPlan, n, because);
    }
    let worse = course(test, units, |it| {
        matches!(it, UnitFinding::Nonconforming | UnitFinding::Inconclusive)
    });
    let (disposition, because) = match worse {
        (SequentialDecision::Accept, n) => (
            MeetsPlan,
            format!("line of acceptance reached with unit {n}"),
        ),
        (SequentialDecision::Reject, n) => (
            Held,
            format!("line of rejection reached with unit {n}, by inconclusive units only"),
        ),
        (SequentialDecision::GoOn, n) => match units.get(n) {
            Some(unit) => (Held, format!("unit {}, not run: {}", n + 1, unit.serial)),
            None => (
                GoOn { units: 1 },
                format!("between the lines after {n} units"),
            ),
        },
    };
    Verdict::new(disposition, worse.1, because)
}

/// What the test says, and after how many units; it goes on where units end or one was not run.
fn course(
    test: TruncatedTest,
    units: &[DrawnUnit],
    counts: impl Fn(UnitFinding) -> bool,
) -> (SequentialDecision, usize) {
    let mut found = 0;
    for (n, unit) in (1_u32..).zip(units) {
        if unit.finding == UnitFinding::NotRun {
            return (SequentialDecision::GoOn, n as usize - 1);
        }
        found += u32::from(counts(unit.finding));
        let decision = test.decide(n, found);
        if decision != SequentialDecision::GoOn {
            return (decision, n as usize);
        }
    }
    (SequentialDecision::GoOn, units.len())
}

fn variables(
    plan: VariablesPlan,
    limits: Limits,
    normality: Normality,
    units: &[DrawnUnit],
) -> Verdict {
    use RuleDisposition::{DoesNotMeetPlan, GoOn, Held, MeetsPlan};
    let wanted = plan.n() as usize;
    let sample = &units[..wanted.min(units.len())];
    let len = sample.len();
    if let Some(because) = not_run(sample) {
        return Verdict::new(Held, len, because);
    }
    if len < wanted {
        let units = count(wanted - len);
        return Verdict::new(
            GoOn { units },
            len,
            format!("the plan wants {wanted} values"),
        );
    }
    let values: Vec<f64> = sample.iter().filter_map(|it| it.value).collect();
    if values.len() < len {
        let missing: Vec<&str> = sample
            .iter()
            .filter(|it| it.value.is_none())
            .map(|it| it.serial.as_str())
            .collect();
        return Verdict::new(Held, len, format!("no value: {}", missing.join(", ")));
    }
    let decision = match plan.decide(&values, limits, normality) {
        Ok(decision) => decision,
        Err(cause) => return Verdict::new(Held, len, cause.to_string()),
    };
    let q = |it: Option<f64>, name: &str| it.map(|it| format!("{name} {it:.4}"));
    let parts: Vec<String> = [q(decision.q_lower, "Q_L"), q(decision.q_upper, "Q_U")]
        .into_iter()
        .flatten()
        .chain([
            format!("k {:.4}", plan.k()),
            format!("estimated share {:.6}", decision.estimated_share),
            format!("M {:.6}", decision.largest_share),
            normality.to_string(),
        ])
        .collect();
    let said = parts.join(", ");
    let found = counts(sample);
    let disposition = if matches!(normality, Normality::Rejected { .. }) {
        // The criterion rests on it, in both directions.
        Held
    } else if !decision.criterion_met {
        DoesNotMeetPlan
    } else if found.nonconforming + found.inconclusive > 0 {
        return Verdict::new(
            Held,
            len,
            format!("{said}; the criterion is met, but units of the sample do not conform"),
        );
    } else {
        MeetsPlan
    };
    Verdict::new(disposition, len, said)
}
