//! Spec tables, decision rules and verdicts.
//!
//! The tables of one device are parsed together by [`SpecSet::parse`] into values that cannot hold
//! a bad cell; after that nobody checks again. Limits and measured values are integers of a
//! [`RecordUnit`] fine enough for every cell, so that a verdict can be recomputed from the record
//! and the tables alone.
//!
//! **Invariant:** a number of a table never passes through a float.
//! **Invariant:** no limit of a device is written in Rust.

mod attributes_plan;
mod budget_line;
mod columns;
mod conformance;
mod decimal;
mod decision;
mod defect;
mod document;
mod evidence;
mod expectation;
mod golden;
mod hazard;
mod intake;
mod load;
mod measured;
mod plan;
pub mod plan_tables;
mod preset;
mod risk;
mod row;
mod row_cells;
mod sampling;
mod sampling_cells;
mod serial_pattern;
mod set;
mod setting;
mod sha256;
mod shared;
mod sheet;
mod tolerance;
mod unit;

pub use attributes_plan::{AttributesPlan, AttributesPlanError, SampleDecision, SampleStage};
pub use budget_line::{Budget, BudgetLine};
pub use columns::TABLE_COLUMNS;
pub use conformance::conformance_probability;
pub use decimal::{Decimal, DecimalError};
pub use decision::{Decision, GuardRatio, JudgeError, Reason, Rule, Verdict};
pub use defect::{Defect, DefectKind};
pub use document::Document;
pub use evidence::{Bound, Doubt, Evidence};
pub use expectation::{Clause, Corner, Expectation, Finding};
pub use golden::{GoldenDifference, GoldenPen, GoldenReason, GoldenValue};
pub use hazard::Hazard;
pub use intake::{IntakeList, IntakeUnit, begins_a_formula};
pub use load::{Load, ShaftLoad};
pub use measured::{Measured, MeasuredError};
pub use plan::{Plan, PlanEntry, Required, UnitsWanted};
pub use preset::Preset;
pub use risk::{MaxRisk, conformance_millionths};
pub use row::{Row, RowId, RowInstrument, RowLoad, TableName};
pub use sampling::{
    AttributesNumbers, InspectionLevel, InspectionSeverity, RiskPoints, Sampling, SamplingKind,
    SamplingRule, Share, TableEntry, VariablesNumbers,
};
pub use serial_pattern::{SerialError, SerialPattern, SerialPatternError};
pub use set::{SpecSet, TableText};
pub use setting::Setting;
pub use sha256::sha256;
pub use shared::{Pool, SharedText};
pub use tolerance::{Tolerance, ToleranceError};
pub use unit::{Dimension, RecordUnit, RoundError, Unit, round_to_record};
