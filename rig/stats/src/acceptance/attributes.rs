//! Attributes plans by lot size, inspection level and AQL: MIL-STD-105E, whose numbers are those of
//! ANSI/ASQ Z1.4 and ISO 2859-1:1989.
//!
//! ISO 2859-1:1999 kept the single and double plans of normal and tightened inspection; its reduced
//! plans have no gap between Ac and Re, and its multiple plans five samples (recalled, not seen).
//! A user of that edition brings its tables.
//!
//! The tables are our transcription of MIL-STD-105E (10 May 1989, distribution unlimited), Tables I
//! to IV, in `tables/mil-std-105e/`. Table II-A was seen in a text copy of the standard; all were
//! compared, arrows resolved, with the numbers that R's AQLSchemes 1.7-2 holds. Where these break
//! the standard's own structure they were not followed: Re equal to Ac (double normal, L to P at
//! 100), a sample of 5 beside one of 3 (multiple normal, F at 100 and 150), a first Re of 2 in one
//! diagonal whose plans are otherwise those of normal inspection, with 3 (multiple tightened), and
//! letter A of the double normal table at 10 and 15, where arrows lead down.
//!
//! Whoever holds a licence of a later edition puts its tables in the same form beside the spec's;
//! see `specs/README.md`.

use super::{
    Aql, AttributesTables, Cell, CodeLetter, FoundPlan, Inspection, MasterText, Sampling, Score,
    TableDefect,
};

/// What a report calls the tables that come with the program.
pub const MIL_STD_105E_LABEL: &str = "MIL-STD-105E; numbers as in ANSI Z1.4 and ISO 2859-1:1989";

const MIL_STD_105E: [MasterText<'static>; 9] = [
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

/// The tables of MIL-STD-105E.
///
/// # Errors
/// None for the tables as they stand: a test reads them.
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{Aql, Inspection, Level, Sampling, mil_std_105e};
/// let tables = mil_std_105e().map_err(|it| format!("{it:?}"))?;
/// let aql = Aql::parse("1.5").ok_or("an AQL")?;
/// let found = tables.find(5_000, Level::II, aql, Inspection::Normal, Sampling::Single)?;
/// assert_eq!(found.plan.to_string(), "n 200, Ac 7, Re 8");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mil_std_105e() -> Result<AttributesTables, Vec<TableDefect>> {
    AttributesTables::parse(
        MIL_STD_105E_LABEL,
        include_str!("../../tables/mil-std-105e/code-letters.csv"),
        &MIL_STD_105E,
    )
}

/// How a lot under normal inspection counts towards the switching score of ISO 2859-1: by the
/// stage, from 0, in which its plan decided, and the nonconforming units found.
///
/// A single plan with Ac 2 or more asks whether the plan of the same letter one AQL tighter
/// would have accepted too.
#[must_use]
pub fn switching_score(
    tables: &AttributesTables,
    found: &FoundPlan,
    aql: Aql,
    stage: usize,
    nonconforming: u32,
) -> Score {
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
                accepted_tighter: acceptance_number_one_tighter(tables, found.plan_letter, aql)
                    .is_some_and(|it| nonconforming <= it),
            }
        }
    }
}

fn acceptance_number_one_tighter(
    tables: &AttributesTables,
    letter: CodeLetter,
    aql: Aql,
) -> Option<u32> {
    let table = tables.table(Sampling::Single, Inspection::Normal)?;
    let tighter = *table.aqls().iter().rev().find(|it| **it < aql)?;
    match table.cell(letter, tighter)? {
        Cell::Plan(plan) => plan.stages().last()?.accept,
        _ => None,
    }
}
