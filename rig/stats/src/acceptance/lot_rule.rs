//! Rules that a user may choose for a lot, the drawn units that they look at, and what they say.

use super::{AttributesPlan, Limits, Normality, TruncatedTest, VariablesPlan};
use std::fmt;

/// What a drawn unit showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitFinding {
    /// Pass.
    Conforming,
    /// Neither.
    Inconclusive,
    /// Fail.
    Nonconforming,
    /// Nothing: it, or a row of it, was not run.
    NotRun,
}

/// One unit in the order of drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnUnit {
    /// Serial number.
    pub serial: String,
    /// What it showed.
    pub finding: UnitFinding,
    /// Attempts at the rows that count, all together; at least 1 for a unit that was run.
    pub attempts: u32,
    /// Whether a row was measured more than once.
    pub remeasured: bool,
    /// Its measured value, for a variables plan; none where a value does not exist or is in doubt.
    pub value: Option<f64>,
}

/// A rule that a user chose.
#[derive(Clone, Debug, PartialEq)]
pub enum LotRule {
    /// A single, double or multiple plan.
    Attributes {
        /// The plan.
        plan: AttributesPlan,
        /// Units of the lot that the sample was drawn from, if told: a smaller lot is inspected
        /// whole.
        lot_size: Option<u32>,
    },
    /// A variables plan for one row.
    Variables {
        /// The plan.
        plan: VariablesPlan,
        /// Limits of the row, in the unit of the values.
        limits: Limits,
        /// What is known of the precondition.
        normality: Normality,
    },
    /// No nonconforming unit of `n`: with confidence `confidence`, a share `content` conforms.
    ZeroFailure {
        /// Units.
        n: u32,
        /// Confidence.
        confidence: f64,
        /// Content.
        content: f64,
    },
    /// Unit by unit.
    Sequential(TruncatedTest),
}

impl fmt::Display for LotRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attributes { plan, .. } => {
                let kind = match plan.stages().len() {
                    1 => "single",
                    2 => "double",
                    _ => "multiple",
                };
                write!(f, "{kind} sampling, {plan}")
            }
            Self::Variables { plan, .. } => write!(f, "variables, {plan}"),
            Self::ZeroFailure {
                n,
                confidence,
                content,
            } => write!(
                f,
                "zero-failure, n {n}: content {content} with confidence {confidence}"
            ),
            Self::Sequential(test) => write!(f, "sequential, {test}"),
        }
    }
}

/// What a rule says of a lot. Ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleDisposition {
    /// The plan accepts.
    MeetsPlan,
    /// The plan has not decided; so many more units are to be drawn and run, at least.
    GoOn {
        /// Units.
        units: u32,
    },
    /// The plan cannot decide on what there is; a person does, or the run is completed.
    Held,
    /// The plan does not accept.
    DoesNotMeetPlan,
}

impl fmt::Display for RuleDisposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MeetsPlan => f.write_str("meets plan"),
            Self::GoOn { units } => write!(f, "go on sampling, {units} more"),
            Self::Held => f.write_str("held"),
            Self::DoesNotMeetPlan => f.write_str("does not meet plan"),
        }
    }
}

/// What counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleCounts {
    /// Units that the rule looked at.
    pub units: u32,
    /// Of them conforming.
    pub conforming: u32,
    /// Inconclusive.
    pub inconclusive: u32,
    /// Nonconforming.
    pub nonconforming: u32,
    /// Not run.
    pub not_run: u32,
    /// Measured more than once.
    pub remeasured: u32,
    /// Attempts in all.
    pub attempts: u32,
    /// Units of the run beyond the sample, which the rule does not count.
    pub beyond: u32,
}

/// What a rule says, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleResult {
    /// What it says.
    pub disposition: RuleDisposition,
    /// The words that a report prints.
    pub because: String,
    /// What counted.
    pub counts: SampleCounts,
}
