//! Sampling plans for lots: tables, operating characteristics, switching, sequential tests, and the
//! disposition of a lot by a plan that its user chose.
//!
//! The default gate ([`summarize`](crate::summarize)) is a census and needs none of this; what is
//! here stands beside it.

mod attributes;
mod code_letters;
mod master_table;

pub use attributes::{AttributesTables, FoundPlan, LookupError, MIL_STD_105E_LABEL, TableText};
pub use code_letters::CodeLetters;
pub use master_table::{Aql, Cell, CodeLetter, MasterTable, TableDefect, TableDefectKind};
pub use rig_spec::{
    AttributesPlan, AttributesPlanError as PlanError, InspectionLevel as Level,
    InspectionSeverity as Inspection, SampleDecision as StageDecision, SampleStage as Stage,
    SamplingKind as Sampling,
};
