//! Attributes plans by lot size, inspection level and AQL: MIL-STD-105E, whose numbers are those of
//! ANSI/ASQ Z1.4 and ISO 2859-1.
//!
//! The tables are our transcription of MIL-STD-105E (10 May 1989, distribution unlimited), Tables I
//! to IV, in `tables/mil-std-105e/`. Table II-A was seen in a text copy of the standard; all were
//! compared, arrows resolved, with the numbers that R's AQLSchemes 1.7-2 holds. Where these break
//! the standard's own structure they were not followed: Re equal to Ac (double normal, L to P at
//! 100), a sample of 5 beside one of 3 (multiple normal, F at 100 and 150), a first Re of 2 in one
//! diagonal whose plans are otherwise those of normal inspection, with 3 (multiple tightened), and
//! letter A of the double normal table at 10 and 15, where arrows lead down.
//!
//! Whoever holds a licence of a later edition gives its tables in the same form to
//! [`AttributesTables::parse`].

use super::{
    Aql, AttributesPlan, Cell, CodeLetter, CodeLetters, Inspection, Level, MasterTable, Sampling,
    Score, TableDefect,
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

/// What a report calls the tables that come with the program.
pub const MIL_STD_105E_LABEL: &str = "MIL-STD-105E; numbers as in ANSI Z1.4 and ISO 2859-1";

/// A table's text with what it is.
pub type TableText<'t> = ((Sampling, Inspection), &'t str);

const MIL_STD_105E: [TableText<'static>; 9] = [
    (
        (Sampling::Single, Inspection::Normal),
        include_str!("../../tables/mil-std-105e/single-normal.csv"),
    ),
    (
        (Sampling::Single, Inspection::Tightened),
        include_str!("../../tables/mil-std-105e/single-tightened.csv"),
    ),
    (
        (Sampling::Single, Inspection::Reduced),
        include_str!("../../tables/mil-std-105e/single-reduced.csv"),
    ),
    (
        (Sampling::Double, Inspection::Normal),
        include_str!("../../tables/mil-std-105e/double-normal.csv"),
    ),
    (
        (Sampling::Double, Inspection::Tightened),
        include_str!("../../tables/mil-std-105e/double-tightened.csv"),
    ),
    (
        (Sampling::Double, Inspection::Reduced),
        include_str!("../../tables/mil-std-105e/double-reduced.csv"),
    ),
    (
        (Sampling::Multiple, Inspection::Normal),
        include_str!("../../tables/mil-std-105e/multiple-normal.csv"),
    ),
    (
        (Sampling::Multiple, Inspection::Tightened),
        include_str!("../../tables/mil-std-105e/multiple-tightened.csv"),
    ),
    (
        (Sampling::Multiple, Inspection::Reduced),
        include_str!("../../tables/mil-std-105e/multiple-reduced.csv"),
    ),
];

impl AttributesTables {
    /// The tables of MIL-STD-105E.
    ///
    /// # Errors
    /// None for the tables as they stand: a test reads them.
    pub fn mil_std_105e() -> Result<Self, Vec<TableDefect>> {
        Self::parse(
            MIL_STD_105E_LABEL,
            include_str!("../../tables/mil-std-105e/code-letters.csv"),
            &MIL_STD_105E,
        )
    }

    /// Reads tables of the user's own, for a standard that is licensed to them.
    ///
    /// # Errors
    /// Every defect of every table.
    pub fn parse(
        label: &str,
        code_letters: &str,
        tables: &[TableText<'_>],
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
    ///
    /// # Examples
    /// ```
    /// use rig_stats::acceptance::{Aql, AttributesTables, Inspection, Level, Sampling};
    /// let tables = AttributesTables::mil_std_105e().map_err(|it| format!("{it:?}"))?;
    /// let aql = Aql::parse("1.5").ok_or("an AQL")?;
    /// let found = tables.find(5_000, Level::II, aql, Inspection::Normal, Sampling::Single)?;
    /// assert_eq!(found.plan.to_string(), "n 200, Ac 7, Re 8");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// How a lot under normal inspection counts towards the switching score of ISO 2859-1: by the
    /// stage, from 0, in which its plan decided, and the nonconforming units found.
    ///
    /// A single plan with Ac 2 or more asks whether the plan of the same letter one AQL tighter
    /// would have accepted too.
    #[must_use]
    pub fn score(&self, found: &FoundPlan, aql: Aql, stage: usize, nonconforming: u32) -> Score {
        match found.sampling {
            Sampling::Double => Score::Double {
                by_first: stage == 0,
            },
            Sampling::Multiple => Score::Multiple {
                by_third: stage <= 2,
            },
            Sampling::Single => {
                let last = found.plan.stages().last();
                if last.and_then(|it| it.accept) < Some(2) {
                    return Score::SingleLow;
                }
                Score::SingleHigh {
                    accepted_tighter: self
                        .acceptance_number_one_tighter(found.plan_letter, aql)
                        .is_some_and(|it| nonconforming <= it),
                }
            }
        }
    }

    fn acceptance_number_one_tighter(&self, letter: CodeLetter, aql: Aql) -> Option<u32> {
        let table = self.table(Sampling::Single, Inspection::Normal)?;
        let tighter = *table.aqls().iter().rev().find(|it| **it < aql)?;
        match table.cell(letter, tighter)? {
            Cell::Plan(plan) => plan.stages().last()?.accept,
            _ => None,
        }
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
