//! Tables of attributes plans, as the standards print them: by lot size, level and AQL.
//!
//! The form is CSV that anyone can write, so that whoever holds a licence of a standard can use its
//! tables. The program's own stand in `rig/stats/tables`.

use crate::{Defect, DefectKind, InspectionSeverity, SamplingKind};
use std::collections::BTreeMap;

mod attributes;
mod code_letters;
mod master_table;

pub use attributes::{AttributesTables, FoundPlan, LookupError, MasterText};
pub use code_letters::CodeLetters;
pub use master_table::{Aql, Cell, CodeLetter, MasterTable, TableDefect, TableDefectKind};

/// Code letters of a standard whose tables a spec brings along.
const CODE_LETTERS: &str = "code-letters.csv";
/// What a report calls such tables.
const OWN_TABLES: &str = "tables of this spec";

/// Kinds of master tables and their files, such as `single-normal.csv`.
fn master_tables() -> impl Iterator<Item = ((SamplingKind, InspectionSeverity), String)> {
    SamplingKind::ALL.into_iter().flat_map(|kind| {
        InspectionSeverity::ALL
            .into_iter()
            .map(move |severity| ((kind, severity), format!("{kind}-{severity}.csv")))
    })
}

/// Whether a file of this name is a table of plans.
pub(crate) fn is_file(name: &str) -> bool {
    name == CODE_LETTERS || master_tables().any(|(_, known)| known == name)
}

/// The tables of attributes plans among the files of a spec, where it has any; then the code
/// letters are wanted too.
pub(crate) fn of_files(
    files: &BTreeMap<String, String>,
    defects: &mut Vec<Defect>,
) -> Option<AttributesTables> {
    let masters: Vec<MasterText<'_>> = master_tables()
        .filter_map(|(key, file)| Some((key, files.get(&file)?.as_str())))
        .collect();
    let letters = files.get(CODE_LETTERS);
    if masters.is_empty() && letters.is_none() {
        return None;
    }
    let mut report = |file: String, line, kind| {
        defects.push(Defect {
            file,
            line,
            column: None,
            kind,
        });
    };
    let Some(letters) = letters else {
        report(CODE_LETTERS.to_owned(), 0, DefectKind::MissingTable);
        return None;
    };
    match AttributesTables::parse(OWN_TABLES, letters, &masters) {
        Ok(tables) => Some(tables),
        Err(found) => {
            for defect in found {
                let kind = DefectKind::PlanTable { cause: defect.kind };
                report(format!("{}.csv", defect.table), defect.line as u64, kind);
            }
            None
        }
    }
}
