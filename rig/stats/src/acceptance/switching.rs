//! Switching between normal, tightened and reduced inspection, lot by lot.
//!
//! Rules of ISO 2859-1:1999 clause 9.3 and of ANSI/ASQ Z1.4 clause 10 as they are described in the
//! literature (E. G. Schilling, D. V. Neubauer, Acceptance Sampling in Quality Control, chapter 11);
//! the standards themselves were not seen. Editions are kept apart: they differ in how reduced
//! inspection is reached and left.

use super::Inspection;
use std::collections::VecDeque;
use std::fmt;

/// Whose rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// ISO 2859-1:1999: reduced inspection by a switching score of 30.
    Iso2859,
    /// ANSI/ASQ Z1.4: reduced inspection after ten accepted lots; a count between Ac and Re of a
    /// reduced plan accepts the lot and returns to normal.
    Z14,
}

/// What the switching score of a lot under normal inspection is counted by (ISO 2859-1 only).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// A single plan with Ac 0 or 1.
    SingleLow,
    /// A single plan with Ac 2 or more: whether the lot would have been accepted one AQL step
    /// tighter.
    SingleHigh {
        /// It would.
        accepted_tighter: bool,
    },
    /// A double plan: whether the first sample accepted.
    Double {
        /// It did.
        by_first: bool,
    },
    /// A multiple plan: whether the lot was accepted by the third sample.
    Multiple {
        /// It was.
        by_third: bool,
    },
}

/// How a lot went on original inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotResult {
    /// Accepted.
    Accepted,
    /// Accepted with a count between Ac and Re of a reduced plan.
    AcceptedInGap,
    /// Not accepted.
    NotAccepted,
}

/// One lot, as the rules need it. Lots inspected again do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InspectedLot {
    /// How it went.
    pub result: LotResult,
    /// How its score is counted.
    pub score: Score,
    /// Production is steady.
    pub steady: bool,
    /// The responsible authority wants reduced inspection, and what else Z1.4 asks for (the limit
    /// numbers of Table VIII) holds.
    pub reduction_wanted: bool,
}

/// Where a series stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Under inspection of this severity.
    Inspecting(Inspection),
    /// Inspection is discontinued until the supplier has acted; it then goes on tightened.
    Discontinued,
}

/// Why a series changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Two of five or fewer lots in a row were not accepted.
    TwoOfFive,
    /// Five lots in a row were accepted.
    FiveAccepted,
    /// The switching score reached 30.
    ScoreThirty,
    /// Ten lots in a row were accepted.
    TenAccepted,
    /// A lot was not accepted under reduced inspection.
    ReducedNotAccepted,
    /// A count lay between Ac and Re of a reduced plan.
    ReducedGap,
    /// Production is not steady.
    NotSteady,
    /// Five lots in all were not accepted in one stay under tightened inspection.
    FiveNotAccepted,
    /// The supplier has acted.
    SupplierActed,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TwoOfFive => "two of five or fewer consecutive lots were not accepted",
            Self::FiveAccepted => "five consecutive lots were accepted",
            Self::ScoreThirty => "the switching score reached 30",
            Self::TenAccepted => "ten consecutive lots were accepted",
            Self::ReducedNotAccepted => "a lot was not accepted under reduced inspection",
            Self::ReducedGap => "a count lay between Ac and Re of the reduced plan",
            Self::NotSteady => "production is not steady",
            Self::FiveNotAccepted => "five lots were not accepted under tightened inspection",
            Self::SupplierActed => "the supplier has acted",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inspecting(inspection) => inspection.fmt(f),
            Self::Discontinued => f.write_str("discontinued"),
        }
    }
}

/// One change, after a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The lot after which it came, counted from 1 over all lots of the series.
    pub after_lot: u32,
    /// From.
    pub from: Severity,
    /// To.
    pub to: Severity,
    /// Why.
    pub cause: Cause,
}

/// `after lot 7: normal to tightened, since …`
impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "after lot {}: {} to {}, since {}",
            self.after_lot, self.from, self.to, self.cause
        )
    }
}

/// A series of lots under switching rules.
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{
///     Edition, InspectedLot, Inspection, LotResult, Score, Severity, SwitchingSeries,
/// };
/// let lot = |result| InspectedLot {
///     result,
///     score: Score::SingleLow,
///     steady: true,
///     reduction_wanted: false,
/// };
/// let mut series = SwitchingSeries::new(Edition::Iso2859);
/// series.record(lot(LotResult::NotAccepted));
/// series.record(lot(LotResult::NotAccepted));
/// assert_eq!(series.severity(), Severity::Inspecting(Inspection::Tightened));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchingSeries {
    edition: Edition,
    severity: Severity,
    lots: u32,
    /// Under normal inspection: which of the last lots were accepted, at most five.
    recent: VecDeque<bool>,
    /// Accepted in a row in this stay.
    in_a_row: u32,
    /// Not accepted in this stay.
    not_accepted: u32,
    score: u32,
    log: Vec<Transition>,
}

/// Lots that the rule of normal inspection looks at.
const WINDOW: usize = 5;
/// Score that allows reduced inspection.
const ENOUGH: u32 = 30;

impl SwitchingSeries {
    /// A new series, under normal inspection.
    #[must_use]
    pub fn new(edition: Edition) -> Self {
        Self {
            edition,
            severity: Severity::Inspecting(Inspection::Normal),
            lots: 0,
            recent: VecDeque::new(),
            in_a_row: 0,
            not_accepted: 0,
            score: 0,
            log: Vec::new(),
        }
    }

    /// Where the series stands: the severity of the next lot.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The switching score of ISO 2859-1.
    #[must_use]
    pub fn score(&self) -> u32 {
        self.score
    }

    /// Every change so far.
    #[must_use]
    pub fn log(&self) -> &[Transition] {
        &self.log
    }

    /// Takes a lot into account, and says what changed. Lots while inspection is discontinued are
    /// not inspected, so they change nothing and are not counted.
    pub fn record(&mut self, lot: InspectedLot) -> Option<Transition> {
        let Severity::Inspecting(inspection) = self.severity else {
            return None;
        };
        self.lots = self.lots.saturating_add(1);
        let accepted = lot.result != LotResult::NotAccepted;
        if accepted {
            self.in_a_row = self.in_a_row.saturating_add(1);
        } else {
            self.in_a_row = 0;
            self.not_accepted = self.not_accepted.saturating_add(1);
        }
        match inspection {
            Inspection::Normal => self.normal(lot, accepted),
            Inspection::Tightened if self.in_a_row >= 5 => {
                self.to(Inspection::Normal, Cause::FiveAccepted)
            }
            Inspection::Tightened if self.not_accepted >= 5 => {
                self.change(Severity::Discontinued, Cause::FiveNotAccepted)
            }
            Inspection::Tightened => None,
            Inspection::Reduced => self.reduced(lot),
        }
    }

    /// Resumes discontinued inspection, tightened, once the supplier has acted.
    pub fn resume(&mut self) -> Option<Transition> {
        if self.severity != Severity::Discontinued {
            return None;
        }
        self.to(Inspection::Tightened, Cause::SupplierActed)
    }

    fn normal(&mut self, lot: InspectedLot, accepted: bool) -> Option<Transition> {
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(accepted);
        if self.recent.iter().filter(|it| !**it).count() >= 2 {
            return self.to(Inspection::Tightened, Cause::TwoOfFive);
        }
        self.score = if accepted {
            match lot.score {
                Score::SingleLow => self.score + 2,
                Score::SingleHigh {
                    accepted_tighter: true,
                }
                | Score::Double { by_first: true }
                | Score::Multiple { by_third: true } => self.score + 3,
                Score::SingleHigh { .. } | Score::Double { .. } | Score::Multiple { .. } => 0,
            }
        } else {
            0
        };
        let allowed = lot.steady && lot.reduction_wanted;
        match self.edition {
            Edition::Iso2859 if allowed && self.score >= ENOUGH => {
                self.to(Inspection::Reduced, Cause::ScoreThirty)
            }
            Edition::Z14 if allowed && self.in_a_row >= 10 => {
                self.to(Inspection::Reduced, Cause::TenAccepted)
            }
            _ => None,
        }
    }

    fn reduced(&mut self, lot: InspectedLot) -> Option<Transition> {
        match (lot.result, self.edition) {
            (LotResult::NotAccepted, _) => self.to(Inspection::Normal, Cause::ReducedNotAccepted),
            (LotResult::AcceptedInGap, Edition::Z14) => {
                self.to(Inspection::Normal, Cause::ReducedGap)
            }
            _ if !lot.steady => self.to(Inspection::Normal, Cause::NotSteady),
            _ => None,
        }
    }

    fn to(&mut self, inspection: Inspection, cause: Cause) -> Option<Transition> {
        self.change(Severity::Inspecting(inspection), cause)
    }

    fn change(&mut self, to: Severity, cause: Cause) -> Option<Transition> {
        let transition = Transition {
            after_lot: self.lots,
            from: self.severity,
            to,
            cause,
        };
        self.severity = to;
        self.recent.clear();
        self.in_a_row = 0;
        self.not_accepted = 0;
        self.score = 0;
        self.log.push(transition);
        Some(transition)
    }
}
