//! Sampling plans for lots: tables, operating characteristics, switching, sequential tests, and the
//! disposition of a lot by a plan that its user chose.
//!
//! The default gate ([`summarize`](crate::summarize)) is a census and needs none of this; what is
//! here stands beside it.

mod attributes;
mod chosen;
mod disposition;
mod lot_rule;
mod oc;
mod scheme;
mod sequential;
mod switching;
mod two_points;
mod variables;
mod variables_double;
mod variables_search;
mod variables_table;

pub use attributes::{MIL_STD_105E_LABEL, mil_std_105e, switching_score};
pub use chosen::{ChosenResult, chosen_results};
pub use disposition::dispose;
pub use lot_rule::{DrawnUnit, LotRule, RuleDisposition, RuleResult, SampleCounts, UnitFinding};
pub use oc::{
    Course, Quality, QualityError, Rectification, StageCourse, acceptance_probability,
    average_outgoing_quality, average_total_inspection, course, curtailed_sample_number,
    outgoing_quality_limit,
};
pub use rig_spec::plan_tables::{
    Aql, AttributesTables, Cell, CodeLetter, CodeLetters, FoundPlan, LookupError, MasterTable,
    MasterText, TableDefect, TableDefectKind,
};
pub use rig_spec::{
    AttributesPlan, AttributesPlanError as PlanError, InspectionLevel as Level,
    InspectionSeverity as Inspection, SampleDecision as StageDecision, SampleStage as Stage,
    SamplingKind as Sampling,
};
pub use scheme::{SchemeCharacteristic, scheme_characteristic};
pub use sequential::{
    SequentialDecision, SequentialTest, TruncatedCharacteristic, TruncatedTest, TruncationError,
};
pub use switching::{
    Cause, Edition, InspectedLot, LotResult, Score, Severity, SwitchingSeries, Transition,
};
pub use two_points::{
    SearchError, TwoPoints, smallest_lot_plan, smallest_single_plan, zero_acceptance_plan,
};
pub use variables::{Limits, Normality, Spread, VariablesDecision, VariablesError, VariablesPlan};
pub use variables_search::smallest_variables_plan;
pub use variables_table::{FoundVariablesPlan, MIL_STD_414_LABEL, VariablesTable};
