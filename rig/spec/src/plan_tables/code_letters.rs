//! Code letters of lots: how large a sample is, by lot size and inspection level.

use super::{CodeLetter, TableDefect, TableDefectKind};
use crate::InspectionLevel as Level;

/// Code letters by lot size and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLetters {
    // Invariant: the ranges follow each other without gap; only the last may be open.
    levels: Vec<Level>,
    lines: Vec<(u32, Option<u32>, Vec<CodeLetter>)>,
}

const HEADER: &str = "lot_from,lot_to, and levels of S-1,S-2,S-3,S-4,I,II,III";

impl CodeLetters {
    /// Reads the table of code letters; the last line may leave `lot_to` empty.
    ///
    /// # Errors
    /// Every defect, in order of lines.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<TableDefect>> {
        let mut defects = Vec::new();
        let mut report = |line, kind| {
            defects.push(TableDefect {
                table: name.to_owned(),
                line,
                kind,
            });
        };
        let mut all = text.lines().zip(1_usize..).filter(|(it, _)| !it.is_empty());
        let header: Vec<&str> = all
            .next()
            .map(|(it, _)| it.split(',').map(str::trim).collect())
            .unwrap_or_default();
        let levels: Vec<Level> = header
            .iter()
            .skip(2)
            .filter_map(|it| Level::parse(it))
            .collect();
        if header.len() < 3
            || header[..2] != ["lot_from", "lot_to"]
            || levels.len() != header.len() - 2
        {
            report(1, TableDefectKind::Header { expected: HEADER });
            return Err(defects);
        }
        let mut lines = Vec::new();
        let mut next_from = None;
        for (line, number) in all {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            if cells.len() != header.len() {
                let kind = TableDefectKind::CellCount {
                    expected: header.len(),
                    found: cells.len(),
                };
                report(number, kind);
                continue;
            }
            let from = cells[0].parse::<u32>().ok();
            let to = cells[1].parse::<u32>().ok();
            let whole = "a whole number";
            if from.is_none() {
                report(number, TableDefectKind::form("lot_from", cells[0], whole));
            } else if !lines.is_empty() && from != next_from {
                report(number, TableDefectKind::order("lot_from", cells[0]));
            }
            if to.is_none() && !cells[1].is_empty() {
                report(number, TableDefectKind::form("lot_to", cells[1], whole));
            } else if to.is_some() && to < from {
                report(number, TableDefectKind::order("lot_to", cells[1]));
            }
            let letters: Vec<CodeLetter> = cells[2..]
                .iter()
                .filter_map(|it| CodeLetter::parse(it))
                .collect();
            if letters.len() == levels.len() {
                lines.push((from.unwrap_or_default(), to, letters));
            } else {
                report(
                    number,
                    TableDefectKind::form("levels", line, "a code letter a level"),
                );
            }
            next_from = to.and_then(|it| it.checked_add(1));
        }
        if lines.is_empty() {
            report(1, TableDefectKind::Empty);
        }
        if defects.is_empty() {
            Ok(Self { levels, lines })
        } else {
            Err(defects)
        }
    }

    /// The letter for a lot, if the table goes so far.
    #[must_use]
    pub fn letter(&self, lot_size: u32, level: Level) -> Option<CodeLetter> {
        let column = self.levels.iter().position(|it| *it == level)?;
        self.lines
            .iter()
            .find(|(from, to, _)| *from <= lot_size && to.is_none_or(|it| lot_size <= it))
            .map(|(_, _, letters)| letters[column])
    }
}
