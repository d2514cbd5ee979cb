//! Variables plans by lot size, level and AQL: s-method, form 2, of MIL-STD-414 Table B-3 in the
//! letters and sizes that ANSI/ASQ Z1.9 gave it.
//!
//! The shares M stand in `tables/mil-std-414/`, as AQLSchemes 1.7-2 prints them (numbers only;
//! MIL-STD-414 itself was not seen). They can be checked: a plan of the table accepts a lot of AQL
//! quality with 0.89 (n = 3), 0.90 (4 to 10), then 0.01 more a letter up to 0.99 (n = 200), which a
//! test holds every entry to. ISO 3951-1:2005 and later have other plans.

use super::{
    Aql, CodeLetter, CodeLetters, Inspection, Level, Spread, TableDefect, TableDefectKind,
    VariablesPlan,
};

/// What a report calls the table.
pub const MIL_STD_414_LABEL: &str =
    "MIL-STD-414 form 2, s-method, in the letters of ANSI Z1.9; not ISO 3951-1";

/// Largest shares M by letter and AQL, with the sample sizes of the letters.
#[derive(Clone, Debug, PartialEq)]
pub struct VariablesTable {
    // Invariant: letters and AQLs rise; every line has a cell for every AQL; a cell without a share
    // has one below it.
    letters: CodeLetters,
    aqls: Vec<Aql>,
    lines: Vec<(CodeLetter, u32, Vec<Option<f64>>)>,
}

/// A plan as the table gives it for a lot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundVariablesPlan {
    /// Letter of lot size and level.
    pub letter: CodeLetter,
    /// Letter of the line that the plan stands in.
    pub plan_letter: CodeLetter,
    /// The plan; its k is computed from M.
    pub plan: VariablesPlan,
    /// M as printed, a share.
    pub largest_share: f64,
}

const HEADER: &str = "letter,n,AQL,…";

impl VariablesTable {
    /// The table of MIL-STD-414.
    ///
    /// # Errors
    /// None for the table as it stands: a test reads it.
    pub fn mil_std_414() -> Result<Self, Vec<TableDefect>> {
        Self::parse(
            include_str!("../../tables/mil-std-414/code-letters.csv"),
            include_str!("../../tables/mil-std-414/s-method-shares.csv"),
        )
    }

    /// Reads a table of shares in percent: `letter,n,AQL,…`, `v` for the first plan below.
    ///
    /// # Errors
    /// Every defect, in order of lines.
    pub fn parse(code_letters: &str, text: &str) -> Result<Self, Vec<TableDefect>> {
        let mut defects = Vec::new();
        let letters = CodeLetters::parse("code-letters", code_letters);
        let mut report = |line, kind| {
            defects.push(TableDefect {
                table: "shares".to_owned(),
                line,
                kind,
            });
        };
        let mut all = text.lines().zip(1_usize..).filter(|(it, _)| !it.is_empty());
        let header: Vec<&str> = all
            .next()
            .map(|(it, _)| it.split(',').map(str::trim).collect())
            .unwrap_or_default();
        let aqls: Vec<Aql> = header
            .iter()
            .skip(2)
            .filter_map(|it| Aql::parse(it))
            .collect();
        if header.len() < 3
            || header[..2] != ["letter", "n"]
            || aqls.len() != header.len() - 2
            || !aqls.is_sorted()
        {
            report(1, TableDefectKind::Header { expected: HEADER });
            return Err(defects);
        }
        let mut lines: Vec<(CodeLetter, u32, Vec<Option<f64>>)> = Vec::new();
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
            let letter = CodeLetter::parse(cells[0]);
            let n = cells[1].parse::<u32>().ok().filter(|it| *it >= 3);
            let (Some(letter), Some(n)) = (letter, n) else {
                report(
                    number,
                    TableDefectKind::form(
                        "letter, n",
                        line,
                        "a code letter and a size of 3 or more",
                    ),
                );
                continue;
            };
            if lines.last().is_some_and(|it| it.0 >= letter) {
                report(number, TableDefectKind::order("letter", cells[0]));
            }
            let mut shares = Vec::new();
            for (column, cell) in header.iter().zip(&cells).skip(2) {
                let share = cell.parse::<f64>().ok().map(|it| it / 100.0);
                let is_share = share.is_some_and(|it| it > 0.0 && it < 1.0);
                if *cell != "v" && !is_share {
                    report(
                        number,
                        TableDefectKind::form(column, cell, "`v` or a percentage"),
                    );
                }
                shares.push(share.filter(|_| is_share));
            }
            lines.push((letter, n, shares));
        }
        match lines.last() {
            None => report(1, TableDefectKind::Empty),
            Some((_, _, shares)) => {
                for (column, _) in header
                    .iter()
                    .skip(2)
                    .zip(shares)
                    .filter(|(_, it)| it.is_none())
                {
                    let column = (*column).to_owned();
                    report(
                        lines.len() + 1,
                        TableDefectKind::ArrowIntoNothing { column },
                    );
                }
            }
        }
        match letters {
            Ok(letters) if defects.is_empty() => Ok(Self {
                letters,
                aqls,
                lines,
            }),
            Ok(_) => Err(defects),
            Err(mut found) => {
                found.append(&mut defects);
                Err(found)
            }
        }
    }

    /// AQLs of the columns. The first serves tightened inspection alone.
    #[must_use]
    pub fn aqls(&self) -> &[Aql] {
        &self.aqls
    }

    /// Letters with their sample sizes.
    pub fn letters(&self) -> impl Iterator<Item = (CodeLetter, u32)> {
        self.lines.iter().map(|it| (it.0, it.1))
    }

    /// The plan of a letter: tightened inspection uses the column one to the left.
    #[must_use]
    pub fn plan(
        &self,
        letter: CodeLetter,
        aql: Aql,
        inspection: Inspection,
    ) -> Option<FoundVariablesPlan> {
        let column = self.aqls.iter().position(|it| *it == aql)?;
        let column = match inspection {
            Inspection::Normal => column,
            Inspection::Tightened => column.checked_sub(1)?,
            // Table B-4 is not here.
            Inspection::Reduced => return None,
        };
        let row = self.lines.iter().position(|it| it.0 == letter)?;
        let (plan_letter, n, share) = self.lines[row..]
            .iter()
            .find_map(|(letter, n, shares)| Some((*letter, *n, shares[column]?)))?;
        Some(FoundVariablesPlan {
            letter,
            plan_letter,
            plan: VariablesPlan::from_share(n, share, Spread::Unknown).ok()?,
            largest_share: share,
        })
    }

    /// The plan for a lot, where the table has one.
    #[must_use]
    pub fn find(
        &self,
        lot_size: u32,
        level: Level,
        aql: Aql,
        inspection: Inspection,
    ) -> Option<FoundVariablesPlan> {
        self.plan(self.letters.letter(lot_size, level)?, aql, inspection)
    }
}
