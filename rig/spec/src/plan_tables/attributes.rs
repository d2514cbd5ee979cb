//! Code letters and master tables of one standard, and the plan that they give for a lot.

use super::{Aql, Cell, CodeLetter, CodeLetters, MasterTable, TableDefect};
use crate::{
    AttributesPlan, InspectionLevel as Level, InspectionSeverity as Inspection,
    SamplingKind as Sampling,
};
use std::collections::BTreeMap;

/// A plan as the tables give it for a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPlan {
    /// Letter of lot size and level.
    pub letter: CodeLetter,
    /// Letter of the line that the plan stands in, after arrows.
    pub plan_letter: CodeLetter,
    /// Kind of sampling of the plan found: a double or multiple table may refer to the single one.
    pub sampling: Sampling,
    /// The plan.
    pub plan: AttributesPlan,
    /// Whether the first sample is as large as the lot, so that every unit is inspected.
    pub is_census: bool,
}

/// Why the tables give no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The lot is smaller than the smallest of the table.
    #[error("no code letter for a lot of {lot_size}")]
    NoLetter {
        /// Units in the lot.
        lot_size: u32,
    },
    /// The table is not there.
    #[error("no table of {sampling} plans for {inspection} inspection")]
    NoTable {
        /// Kind of sampling.
        sampling: Sampling,
        /// Severity.
        inspection: Inspection,
    },
    /// The table has no such AQL or letter.
    #[error("the table has no plan for code letter {letter} and AQL {aql}")]
    NoPlan {
        /// The letter.
        letter: CodeLetter,
        /// The AQL.
        aql: Aql,
    },
}

/// Code letters and master tables of one standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributesTables {
    /// What a report calls them.
    pub label: String,
    letters: CodeLetters,
    tables: BTreeMap<(Sampling, Inspection), MasterTable>,
}

/// A table's text with what it is.
pub type MasterText<'t> = ((Sampling, Inspection), &'t str);

impl AttributesTables {
    /// Reads tables, for a standard of the program or one that is licensed to its user.
    ///
    /// # Errors
    /// Every defect of every table.
    pub fn parse(
        label: &str,
        code_letters: &str,
        tables: &[MasterText<'_>],
    ) -> Result<Self, Vec<TableDefect>> {
        let mut defects = Vec::new();
        let letters = CodeLetters::parse("code-letters", code_letters);
        let mut read = BTreeMap::new();
        for ((sampling, inspection), text) in tables {
            match MasterTable::parse(&format!("{sampling}-{inspection}"), text) {
                Ok(table) => {
                    read.insert((*sampling, *inspection), table);
                }
                Err(found) => defects.extend(found),
            }
        }
        match letters {
            Ok(letters) if defects.is_empty() => Ok(Self {
                label: label.to_owned(),
                letters,
                tables: read,
            }),
            Ok(_) => Err(defects),
            Err(mut found) => {
                found.append(&mut defects);
                Err(found)
            }
        }
    }

    /// One master table.
    #[must_use]
    pub fn table(&self, sampling: Sampling, inspection: Inspection) -> Option<&MasterTable> {
        self.tables.get(&(sampling, inspection))
    }

    /// The code letter for a lot.
    #[must_use]
    pub fn letter(&self, lot_size: u32, level: Level) -> Option<CodeLetter> {
        self.letters.letter(lot_size, level)
    }

    /// The plan for a lot.
    ///
    /// # Errors
    /// [`LookupError`] where the tables have none.
    pub fn find(
        &self,
        lot_size: u32,
        level: Level,
        aql: Aql,
        inspection: Inspection,
        sampling: Sampling,
    ) -> Result<FoundPlan, LookupError> {
        let letter = self
            .letter(lot_size, level)
            .ok_or(LookupError::NoLetter { lot_size })?;
        let (plan_letter, sampling, plan) = self.plan(letter, aql, inspection, sampling)?;
        let is_census = plan.drawn_through(0) >= lot_size;
        Ok(FoundPlan {
            letter,
            plan_letter,
            sampling,
            plan,
            is_census,
        })
    }

    fn plan(
        &self,
        letter: CodeLetter,
        aql: Aql,
        inspection: Inspection,
        sampling: Sampling,
    ) -> Result<(CodeLetter, Sampling, AttributesPlan), LookupError> {
        let table = self
            .table(sampling, inspection)
            .ok_or(LookupError::NoTable {
                sampling,
                inspection,
            })?;
        let none = LookupError::NoPlan { letter, aql };
        let (at, cell) = table.find(letter, aql).ok_or(none)?;
        match cell {
            Cell::Plan(plan) => Ok((at, sampling, plan.clone())),
            // Never to itself or upwards, so that two tables cannot send each other round.
            Cell::Single if sampling > Sampling::Single => {
                self.plan(at, aql, inspection, Sampling::Single)
            }
            Cell::Double if sampling > Sampling::Double => {
                self.plan(at, aql, inspection, Sampling::Double)
            }
            _ => Err(none),
        }
    }
}
