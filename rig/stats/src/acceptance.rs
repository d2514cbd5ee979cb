//! Sampling plans for lots: tables, operating characteristics, switching, sequential tests, and the
//! disposition of a lot by a plan that its user chose.
//!
//! The default gate ([`summarize`](crate::summarize)) is a census and needs none of this; what is
//! here stands beside it.

mod attributes;
mod master_table;
mod plan;

pub use attributes::{
    AttributesTables, CodeLetters, FoundPlan, Inspection, Level, LookupError, MIL_STD_105E_LABEL,
    Sampling, TableText,
};
pub use master_table::{Aql, Cell, CodeLetter, MasterTable, TableDefect, TableDefectKind};
pub use plan::{AttributesPlan, PlanError, Stage, StageDecision};
