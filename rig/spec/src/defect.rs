//! Defects in tables that people write, each with file, line and column.

use crate::plan_tables::TableDefectKind;
use crate::{AttributesPlanError, DecimalError, Dimension, SerialError, SerialPatternError};
use std::fmt;

/// One defect of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// File name as given to the parser.
    pub file: String,
    /// Line, the header being 1; 0 where the file itself is the matter.
    pub line: u64,
    /// Column, where one cell is to blame.
    pub column: Option<String>,
    /// What is wrong.
    pub kind: DefectKind,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        f.write_str(": ")?;
        if let Some(column) = &self.column {
            write!(f, "column `{column}`: ")?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for Defect {}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefectKind {
    /// A table of the set is not there.
    #[error("table is missing")]
    MissingTable,
    /// A file that is no table of the set.
    #[error(
        "not a table of a spec; expected unit, design, cartridge, characterisation, rig, plans, loads, presets, hazards, document, sampling, columns"
    )]
    UnknownTable,
    /// No header, or no row.
    #[error("table is empty")]
    EmptyTable,
    /// A quotation mark opens and does not close.
    #[error("quotation mark without its partner")]
    UnclosedQuote,
    /// A column is not there.
    #[error("missing column `{column}`")]
    MissingColumn {
        /// Its name.
        column: &'static str,
    },
    /// A column that the table does not have.
    #[error("unknown column `{column}`")]
    UnknownColumn {
        /// Its name.
        column: String,
    },
    /// A column stands twice.
    #[error("column `{column}` stands twice")]
    DuplicateColumn {
        /// Its name.
        column: String,
    },
    /// Too many or too few cells.
    #[error("expected {expected} columns, found {found}")]
    CellCount {
        /// As the header has.
        expected: usize,
        /// As the line has.
        found: usize,
    },
    /// A cell that must not be empty.
    #[error("is empty")]
    EmptyCell,
    /// A cell that must be empty here.
    #[error("`{cell}` stands where rule `{rule}` has no use for it")]
    UnusedCell {
        /// The cell.
        cell: String,
        /// The rule.
        rule: String,
    },
    /// A name that stands twice.
    #[error("`{name}` stands already in {file}:{line}")]
    Duplicate {
        /// The name.
        name: String,
        /// Where it stands first.
        file: String,
        /// And in which line.
        line: u64,
    },
    /// Not the form of a row name.
    #[error("`{cell}` is not a row name such as `DEP-04`")]
    BadRowId {
        /// The cell.
        cell: String,
    },
    /// Not a decimal number.
    #[error("`{cell}` {cause}")]
    BadNumber {
        /// The cell.
        cell: String,
        /// Why.
        cause: DecimalError,
    },
    /// Not a whole number in range.
    #[error("`{cell}` is not a whole number from {least} to {most}")]
    BadWhole {
        /// The cell.
        cell: String,
        /// Least allowed.
        least: u32,
        /// Most allowed.
        most: u32,
    },
    /// Finer than the unit of the record, or out of range.
    #[error("`{cell}` {unit} is not a whole number of {record_unit} in range")]
    TooFine {
        /// The cell.
        cell: String,
        /// Unit as written.
        unit: &'static str,
        /// Unit of the record.
        record_unit: &'static str,
    },
    /// Not a day such as `2026-01-31`.
    #[error("`{cell}` is no date like 2026-01-31")]
    BadDate {
        /// The cell.
        cell: String,
    },
    /// A cell that must be the same on every line.
    #[error("`{cell}`, where line {line} has `{first}`; every line must have the same")]
    NotAsFirst {
        /// The cell.
        cell: String,
        /// The cell of the first line.
        first: String,
        /// The first line.
        line: u64,
    },
    /// Not a current such as `1.0 A`.
    #[error("`{cell}` is not a current above zero in whole milliamperes, such as `1.0 A`")]
    BadCurrent {
        /// The cell.
        cell: String,
    },
    /// Not a form that serial numbers can have.
    #[error("{cause}")]
    BadSerialPattern {
        /// Why.
        cause: SerialPatternError,
    },
    /// Not a serial number of the device.
    #[error("{cause}")]
    BadSerial {
        /// Why.
        cause: SerialError,
    },
    /// A character that cannot be seen.
    #[error("has a line break or another control character")]
    ControlCharacter,
    /// A spreadsheet that opens the tables would evaluate it.
    #[error("begins with `{first}`, which a spreadsheet takes for the beginning of a formula")]
    Formula {
        /// Its first character.
        first: char,
    },
    /// A rate that names no whole number of strokes a minute.
    #[error("`{cell}` /s is no whole number of strokes a minute to its decimals")]
    BadRate {
        /// The cell.
        cell: String,
    },
    /// A word outside a closed list.
    #[error("`{cell}` is not one of {list}")]
    UnknownWord {
        /// The cell.
        cell: String,
        /// The list.
        list: String,
    },
    /// A part of the `expected` cell is not of the vocabulary.
    #[error("`{clause}` is not an expectation that can be judged")]
    UnknownExpectation {
        /// The part.
        clause: String,
    },
    /// Lower above upper.
    #[error("lower limit {lower} {unit} is above upper limit {upper} {unit}")]
    LimitsCrossed {
        /// Lower.
        lower: String,
        /// Upper.
        upper: String,
        /// Unit of both.
        unit: &'static str,
    },
    /// The target lies outside the limits.
    #[error("target {target} {unit} lies outside the limits")]
    TargetOutside {
        /// The target.
        target: String,
        /// Its unit.
        unit: &'static str,
    },
    /// A judged row without anything to judge by.
    #[error("neither a lower nor an upper limit nor an expectation")]
    NothingToJudge,
    /// One measurand written in units that do not compare.
    #[error("`{measurand}` is {found} here and {first} in {file}:{line}")]
    DimensionMismatch {
        /// The measurand.
        measurand: String,
        /// Here.
        found: Dimension,
        /// Where it stands first.
        first: Dimension,
        /// In this file.
        file: String,
        /// In this line.
        line: u64,
    },
    /// A row that no limit table has.
    #[error("no row `{row}` in any table")]
    UnknownRow {
        /// Its name.
        row: String,
    },
    /// A range of rows that covers none.
    #[error("no row between `{from}` and `{to}`")]
    EmptyRange {
        /// First end.
        from: String,
        /// Other end.
        to: String,
    },
    /// A row with rule `none` cannot be required.
    #[error("row `{row}` is reported only, so no plan can require it")]
    NotJudged {
        /// Its name.
        row: String,
    },
    /// A row that only outside evidence can answer is required of the rig.
    #[error("row `{row}` is measured outside the rig, so `required` must be `external`")]
    NotByRig {
        /// Its name.
        row: String,
    },
    /// A hazard that the hazard table does not have.
    #[error("no hazard `{hazard}` in hazards.csv")]
    UnknownHazard {
        /// Its name.
        hazard: String,
    },
    /// A load that the load table does not have.
    #[error("no load `{load}` in loads.csv")]
    UnknownLoad {
        /// Its name.
        load: String,
    },
    /// A preset deeper than its own ceiling.
    #[error("depth {depth_um} µm is above the ceiling {ceiling_um} µm")]
    DepthAboveCeiling {
        /// Depth.
        depth_um: i32,
        /// Ceiling.
        ceiling_um: i32,
    },
    /// A line of `document.csv` that must be there.
    #[error("no line with key `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A plan that the plan table does not have.
    #[error("no plan `{plan}` in plans.csv")]
    UnknownPlan {
        /// Its name.
        plan: String,
    },
    /// A row that the plan does not have the rig run.
    #[error("row `{row}` is not required of the rig by this plan")]
    RowNotRequired {
        /// Its name.
        row: String,
    },
    /// A variables plan of a row without limits.
    #[error("a variables plan needs a row with a limit")]
    NoLimit,
    /// None or several ways of giving a plan's numbers.
    #[error(
        "a plan's numbers stand in one of: level, aql, inspection; n with ac and re or k; p1, alpha, p2, beta"
    )]
    SamplingNumbers,
    /// Not an AQL.
    #[error("`{cell}` is not an AQL in percent above 0, to three decimals")]
    BadAql {
        /// The cell.
        cell: String,
    },
    /// Not a share.
    #[error("`{cell}` is not between 0 and 1, to nine decimals")]
    BadShare {
        /// The cell.
        cell: String,
    },
    /// Not a constant.
    #[error("`{cell}` is not a constant to nine decimals")]
    BadConstant {
        /// The cell.
        cell: String,
    },
    /// Not a list of numbers.
    #[error(
        "`{cell}` is not whole numbers to 100000 apart by spaces, `#` where a sample cannot accept"
    )]
    BadNumbers {
        /// The cell.
        cell: String,
    },
    /// Too many or too few samples, or not as many of n, ac and re.
    #[error("n, ac and re of this rule have as many numbers, {least} to {most}")]
    SampleCount {
        /// Least.
        least: usize,
        /// Most.
        most: usize,
    },
    /// Numbers that are no plan.
    #[error("n, ac and re are no plan: {cause}")]
    NoPlan {
        /// Why.
        cause: AttributesPlanError,
    },
    /// Points that no falling curve has.
    #[error("p1 is not below p2, or alpha and beta together are not below 1")]
    BadPoints,
    /// A defect of a table of plans.
    #[error("{cause}")]
    PlanTable {
        /// What is wrong.
        cause: TableDefectKind,
    },
}
