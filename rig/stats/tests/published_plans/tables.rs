//! Plans and code letters as the standards' tables give them.

use crate::case::Case;
use crate::case::Standing::Seen;
use crate::case::Value::Words;
use rig_stats::acceptance::{
    Aql, AttributesTables, Cell, CodeLetter, Inspection, Level, Sampling, mil_std_105e,
};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

cases!(
    letter_l_single,
    letter_l_double,
    letter_l_multiple,
    letter_l_tightened,
    letter_e_double,
    code_letters,
    table_ii_a_of_letter_j,
    table_ii_b_of_letter_j,
    table_ii_a_text,
);

const VIGNETTE: &str = "R AQLSchemes vignette (MIL-STD-105E, Z1.4)";

fn tables() -> Result<AttributesTables> {
    mil_std_105e().map_err(|it| format!("{it:?}").into())
}

fn found(lot_size: u32, aql: &str, inspection: Inspection, sampling: Sampling) -> Result<String> {
    let aql = Aql::parse(aql).ok_or("an AQL")?;
    let found = tables()?.find(lot_size, Level::II, aql, inspection, sampling)?;
    Ok(found.plan.to_string())
}

fn case(
    statistic: &'static str,
    source: &'static str,
    printed: &'static str,
    ours: String,
) -> Case {
    Case {
        statistic,
        source,
        standing: Seen,
        values: vec![Words(printed, ours)],
        note: "",
    }
}

fn letter_l_single() -> Result<Case> {
    Ok(case(
        "lot 3,201 to 10,000, level II, AQL 1.5, normal, single",
        VIGNETTE,
        "n 200, Ac 7, Re 8",
        found(3_201, "1.5", Inspection::Normal, Sampling::Single)?,
    ))
}

fn letter_l_double() -> Result<Case> {
    Ok(case(
        "lot 3,201 to 10,000, level II, AQL 1.5, normal, double",
        VIGNETTE,
        "n 125, Ac 3, Re 7; n 125, Ac 8, Re 9",
        found(10_000, "1.5", Inspection::Normal, Sampling::Double)?,
    ))
}

fn letter_l_multiple() -> Result<Case> {
    Ok(case(
        "lot 3,201 to 10,000, level II, AQL 1.5, normal, multiple",
        VIGNETTE,
        "n 50, Ac 0, Re 4; n 50, Ac 1, Re 6; n 50, Ac 3, Re 8; n 50, Ac 5, Re 10; n 50, Ac 7, \
         Re 11; n 50, Ac 10, Re 12; n 50, Ac 13, Re 14",
        found(5_000, "1.5", Inspection::Normal, Sampling::Multiple)?,
    ))
}

fn letter_l_tightened() -> Result<Case> {
    Ok(case(
        "lot 3,201 to 10,000, level II, AQL 1.5, tightened, single",
        VIGNETTE,
        "n 200, Ac 5, Re 6",
        found(5_000, "1.5", Inspection::Tightened, Sampling::Single)?,
    ))
}

fn letter_e_double() -> Result<Case> {
    Ok(case(
        "lot 51 to 90, level II, AQL 4.0, normal, double",
        "R AcceptanceSampling manual, table 1 (AS 1199.1-2003)",
        "n 8, Ac 0, Re 2; n 8, Ac 1, Re 2",
        found(90, "4.0", Inspection::Normal, Sampling::Double)?,
    ))
}

fn code_letters() -> Result<Case> {
    let tables = tables()?;
    let letters: Option<Vec<String>> = [
        (2, Level::II),
        (8, Level::II),
        (26, Level::II),
        (150, Level::II),
        (500, Level::II),
        (1_201, Level::II),
        (500_000, Level::II),
        (1_200, Level::S1),
        (10_000, Level::III),
    ]
    .into_iter()
    .map(|(lot_size, level)| Some(tables.letter(lot_size, level)?.to_string()))
    .collect();
    Ok(case(
        "code letters: level II, lots of 2, 8, 26, 150, 500, 1,201, 500,000; S-1, 1,200; III, 10,000",
        "MIL-STD-105E Table I, as in R AQLSchemes",
        "A A D F H K P C M",
        letters.ok_or("a letter")?.join(" "),
    ))
}

/// Rejection numbers of a letter over the AQLs from 0.65 to 15.
fn rejection_numbers(letter: &str, inspection: Inspection) -> Result<String> {
    let tables = tables()?;
    let table = tables
        .table(Sampling::Single, inspection)
        .ok_or("a table")?;
    let letter = CodeLetter::parse(letter).ok_or("a letter")?;
    let mut words = Vec::new();
    for aql in ["0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10", "15"] {
        let aql = Aql::parse(aql).ok_or("an AQL")?;
        words.push(match table.cell(letter, aql).ok_or("a cell")? {
            Cell::Plan(plan) => plan.stages()[0].reject.to_string(),
            Cell::Below => "v".to_owned(),
            Cell::Above => "^".to_owned(),
            _ => "?".to_owned(),
        });
    }
    Ok(words.join(" "))
}

const NIBS: &str = "nibs.org, FMOC/DPW_AC, tables 1-A and 1-B (from MIL-STD-105E)";

fn table_ii_a_of_letter_j() -> Result<Case> {
    Ok(case(
        "Re of letter J, AQL 0.65 to 15, normal",
        NIBS,
        "2 3 4 6 8 11 15 22",
        rejection_numbers("J", Inspection::Normal)?,
    ))
}

fn table_ii_b_of_letter_j() -> Result<Case> {
    Ok(case(
        "Re of letter J, AQL 0.65 to 15, tightened",
        NIBS,
        "v 2 3 4 6 9 13 19",
        rejection_numbers("J", Inspection::Tightened)?,
    ))
}

/// Ac and Re of a letter in a row, arrows left out, as a text copy of the standard has them.
fn table_ii_a_text() -> Result<Case> {
    let tables = tables()?;
    let table = tables
        .table(Sampling::Single, Inspection::Normal)
        .ok_or("a table")?;
    let row = |letter: &str| -> Result<String> {
        let letter = CodeLetter::parse(letter).ok_or("a letter")?;
        let pairs = table
            .aqls()
            .iter()
            .filter_map(|aql| match table.cell(letter, *aql) {
                Some(Cell::Plan(plan)) => {
                    let stage = plan.stages()[0];
                    Some(format!("{} {}", stage.accept?, stage.reject))
                }
                _ => None,
            });
        Ok(pairs.collect::<Vec<_>>().join(" "))
    };
    let mut values = Vec::new();
    for (letter, printed) in [
        ("A", "0 1 1 2 2 3 3 4 5 6 7 8 10 11 14 15 21 22 30 31"),
        ("H", "0 1 1 2 2 3 3 4 5 6 7 8 10 11 14 15 21 22"),
        ("R", "1 2 2 3 3 4 5 6 7 8 10 11 14 15 21 22"),
    ] {
        values.push(Words(printed, row(letter)?));
    }
    Ok(Case {
        statistic: "Ac Re of letters A, H, R, normal, single, arrows left out",
        source: "MIL-STD-105E Table II-A (text copy)",
        standing: Seen,
        values,
        note: "",
    })
}
