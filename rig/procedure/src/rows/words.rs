//! Numbers in the words of a cell.

use super::RowError;
use rig_spec::{Decimal, Row};

/// The number before some words of a cell: `0.05` before `mm` in `at most 0.05 mm`.
pub(crate) fn number_before(row: &Row, column: &str, words: &str) -> Result<Decimal, RowError> {
    let cell = words_of(row.cell(column));
    let wanted: Vec<&str> = words.split_whitespace().collect();
    cell.windows(wanted.len() + 1)
        .find(|found| found[1..] == wanted)
        .and_then(|found| Decimal::parse(found[0]).ok())
        .ok_or_else(|| missing(row, column, "before", words))
}

/// The number after a word of a cell: `2.00` after `depth` in `SET depth 2.00`.
pub(crate) fn number_after(row: &Row, column: &str, word: &str) -> Result<Decimal, RowError> {
    words_of(row.cell(column))
        .windows(2)
        .find(|found| found[0] == word)
        .and_then(|found| Decimal::parse(found[1]).ok())
        .ok_or_else(|| missing(row, column, "after", word))
}

/// A whole number before some words of a cell.
pub(crate) fn count_before(row: &Row, column: &str, words: &str) -> Result<u32, RowError> {
    number_before(row, column, words)?
        .times(1, 1)
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| missing(row, column, "whole, before", words))
}

fn words_of(cell: &str) -> Vec<&str> {
    cell.split_whitespace()
        .map(|word| word.trim_end_matches([',', ';']))
        .collect()
}

fn missing(row: &Row, column: &str, place: &str, words: &str) -> RowError {
    RowError::Precondition(format!(
        "{} names no number in `{column}`, {place} `{words}`",
        row.id
    ))
}
