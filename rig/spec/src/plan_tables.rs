//! Tables of attributes plans, as the standards print them: by lot size, level and AQL.
//!
//! The form is CSV that anyone can write, so that whoever holds a licence of a standard can use its
//! tables. The program's own stand in `rig/stats/tables`.

mod attributes;
mod code_letters;
mod master_table;

pub use attributes::{AttributesTables, FoundPlan, LookupError, MasterText};
pub use code_letters::CodeLetters;
pub use master_table::{Aql, Cell, CodeLetter, MasterTable, TableDefect, TableDefectKind};
