//! Master tables of attributes plans, as CSV of the form that the printed standards have.
//!
//! One file a table: `letter,n,AQL,AQL,…`, a line a code letter in order. `n` is the size of each
//! sample of the plan. A cell is
//!
//! | cell | means |
//! | --- | --- |
//! | `7/8` | single plan: Ac 7, Re 8 |
//! | `3/7 8/9` | a pair a sample, cumulative; `#/2` where a sample cannot accept |
//! | `v` | use the first plan below |
//! | `^` | use the first plan above |
//! | `single`, `double` | use the corresponding plan of that table |
//! | empty | no plan |

use crate::{AttributesPlan, AttributesPlanError as PlanError, Decimal, SampleStage as Stage};
use std::fmt;

/// An acceptance quality limit, in thousandths of a percent nonconforming, or of nonconformities
/// in 100 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aql(u32);

impl Aql {
    /// Reads `0.65`: percent, at most three decimals, above 0.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let thousandths = Decimal::parse(text).ok()?.times(1_000, 1)?;
        u32::try_from(thousandths)
            .ok()
            .filter(|it| *it > 0)
            .map(Self)
    }

    /// So many thousandths of a percent; 0 counts as 1.
    #[must_use]
    pub fn from_thousandths(thousandths: u32) -> Self {
        Self(thousandths.max(1))
    }

    /// As a proportion: 0.0065 for 0.65 %.
    #[must_use]
    pub fn proportion(self) -> f64 {
        f64::from(self.0) / 100_000.0
    }

    /// Whether it can be a percentage of nonconforming units: MIL-STD-105E reads values above 10
    /// as nonconformities in 100 units only.
    #[must_use]
    pub fn is_percent_nonconforming(self) -> bool {
        self.0 <= 10_000
    }
}

impl fmt::Display for Aql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", f64::from(self.0) / 1_000.0)
    }
}

/// A sample size code letter; O is not used, and I by MIL-STD-414 alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeLetter(char);

impl CodeLetter {
    /// Reads one capital letter from A to S without O.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let letter = letters.next()?;
        let known = ('A'..='S').contains(&letter) && letter != 'O';
        (known && letters.next().is_none()).then_some(Self(letter))
    }
}

impl fmt::Display for CodeLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One cell of a master table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A plan.
    Plan(AttributesPlan),
    /// The first plan below.
    Below,
    /// The first plan above.
    Above,
    /// The single plan of the same letter and AQL.
    Single,
    /// The double plan of the same letter and AQL.
    Double,
    /// Nothing.
    Empty,
}

/// A defect of a table, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}:{line}: {kind}")]
pub struct TableDefect {
    /// Name of the table as given.
    pub table: String,
    /// Line, the header being 1.
    pub line: usize,
    /// What is wrong.
    pub kind: TableDefectKind,
}

/// What is wrong with a line of a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableDefectKind {
    /// The header is not of the form.
    #[error("header is not `{expected}`")]
    Header {
        /// The form.
        expected: &'static str,
    },
    /// Too many or too few cells.
    #[error("expected {expected} cells, found {found}")]
    CellCount {
        /// As the header has.
        expected: usize,
        /// As the line has.
        found: usize,
    },
    /// A cell that is not of the form of its column.
    #[error("column `{column}`: `{cell}` is not {form}")]
    Form {
        /// The column.
        column: String,
        /// The cell.
        cell: String,
        /// What is wanted.
        form: &'static str,
    },
    /// A cell whose numbers are no plan.
    #[error("column `{column}`: `{cell}`: {cause}")]
    Plan {
        /// The column.
        column: String,
        /// The cell.
        cell: String,
        /// Why.
        cause: PlanError,
    },
    /// Letters, AQLs or lot sizes do not rise.
    #[error("column `{column}`: `{cell}` does not follow what stands before it")]
    Order {
        /// The column.
        column: String,
        /// The cell.
        cell: String,
    },
    /// An arrow that meets no plan.
    #[error("column `{column}`: the arrow leads to no plan")]
    ArrowIntoNothing {
        /// The column.
        column: String,
    },
    /// No line below the header.
    #[error("table is empty")]
    Empty,
}

/// One master table, of one kind of sampling and one severity of inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterTable {
    // Invariant: letters and AQLs rise; every line has a cell for every AQL; every arrow leads to a
    // plan or to another table.
    letters: Vec<CodeLetter>,
    aqls: Vec<Aql>,
    cells: Vec<Vec<Cell>>,
}

const HEADER: &str = "letter,n,AQL,…";

impl MasterTable {
    /// Reads a table; `name` is for messages.
    ///
    /// # Errors
    /// Every defect, in order of lines. A table with a defect is not used in part.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<TableDefect>> {
        let mut defects = Vec::new();
        let mut report = |line, kind| {
            defects.push(TableDefect {
                table: name.to_owned(),
                line,
                kind,
            });
        };
        let mut lines = text.lines().zip(1_usize..).filter(|(it, _)| !it.is_empty());
        let header: Vec<&str> = lines
            .next()
            .map(|(it, _)| it.split(',').map(str::trim).collect())
            .unwrap_or_default();
        if header.len() < 3 || header[..2] != ["letter", "n"] {
            report(1, TableDefectKind::Header { expected: HEADER });
            return Err(defects);
        }
        let mut aqls: Vec<Aql> = Vec::new();
        for column in &header[2..] {
            match Aql::parse(column) {
                Some(aql) if aqls.last().is_none_or(|it| *it < aql) => aqls.push(aql),
                Some(_) => report(1, TableDefectKind::order(column, column)),
                None => report(
                    1,
                    TableDefectKind::form(column, column, "an AQL in percent such as `0.65`"),
                ),
            }
        }
        let mut table = Self {
            letters: Vec::new(),
            aqls,
            cells: Vec::new(),
        };
        let mut numbers = Vec::new();
        for (line, number) in lines {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            if cells.len() != header.len() {
                let kind = TableDefectKind::CellCount {
                    expected: header.len(),
                    found: cells.len(),
                };
                report(number, kind);
                continue;
            }
            match CodeLetter::parse(cells[0]) {
                Some(letter) if table.letters.last().is_none_or(|it| *it < letter) => {
                    table.letters.push(letter);
                }
                Some(_) => report(number, TableDefectKind::order("letter", cells[0])),
                None => report(
                    number,
                    TableDefectKind::form("letter", cells[0], "a code letter"),
                ),
            }
            let n = cells[1].parse::<u32>().ok().filter(|it| *it > 0);
            if n.is_none() && !cells[1].is_empty() {
                report(
                    number,
                    TableDefectKind::form("n", cells[1], "a whole number above 0"),
                );
            }
            let mut read = Vec::new();
            for (column, cell) in header.iter().zip(&cells).skip(2) {
                match parse_cell(column, cell, n) {
                    Ok(cell) => read.push(cell),
                    Err(kind) => report(number, kind),
                }
            }
            table.cells.push(read);
            numbers.push(number);
        }
        if table.cells.is_empty() {
            report(1, TableDefectKind::Empty);
        }
        if defects.is_empty() {
            defects.extend(table.lost_arrows(name, &header, &numbers));
        }
        if defects.is_empty() {
            Ok(table)
        } else {
            Err(defects)
        }
    }

    fn lost_arrows(&self, name: &str, header: &[&str], numbers: &[usize]) -> Vec<TableDefect> {
        let mut lost = Vec::new();
        for (row, number) in (0..self.letters.len()).zip(numbers) {
            for (column, heading) in (0..self.aqls.len()).zip(&header[2..]) {
                let is_arrow = matches!(self.cells[row][column], Cell::Below | Cell::Above);
                if is_arrow && self.resolve(row, column).is_none() {
                    lost.push(TableDefect {
                        table: name.to_owned(),
                        line: *number,
                        kind: TableDefectKind::ArrowIntoNothing {
                            column: (*heading).to_owned(),
                        },
                    });
                }
            }
        }
        lost
    }

    /// Code letters, in order.
    #[must_use]
    pub fn letters(&self) -> &[CodeLetter] {
        &self.letters
    }

    /// AQLs, in order.
    #[must_use]
    pub fn aqls(&self) -> &[Aql] {
        &self.aqls
    }

    /// The cell as it stands, arrows unresolved.
    #[must_use]
    pub fn cell(&self, letter: CodeLetter, aql: Aql) -> Option<&Cell> {
        let row = self.letters.iter().position(|it| *it == letter)?;
        let column = self.aqls.iter().position(|it| *it == aql)?;
        Some(&self.cells[row][column])
    }

    /// The cell that counts, arrows followed, and the letter that it stands at; none for a letter
    /// or AQL that the table does not have, or where it has no plan.
    #[must_use]
    pub fn find(&self, letter: CodeLetter, aql: Aql) -> Option<(CodeLetter, &Cell)> {
        let row = self.letters.iter().position(|it| *it == letter)?;
        let column = self.aqls.iter().position(|it| *it == aql)?;
        let (row, cell) = self.resolve(row, column)?;
        Some((self.letters[row], cell))
    }

    /// Follows arrows. None into nothing, and for arrows that lead back.
    fn resolve(&self, row: usize, column: usize) -> Option<(usize, &Cell)> {
        let mut at = row;
        for _ in 0..=self.letters.len() {
            match self.cells.get(at)?.get(column)? {
                Cell::Below => at += 1,
                Cell::Above => at = at.checked_sub(1)?,
                Cell::Empty => return None,
                found => return Some((at, found)),
            }
        }
        None
    }
}

impl TableDefectKind {
    /// A cell that does not follow what stands before it.
    #[must_use]
    pub fn order(column: &str, cell: &str) -> Self {
        Self::Order {
            column: column.to_owned(),
            cell: cell.to_owned(),
        }
    }

    /// A cell that is not of the form of its column.
    #[must_use]
    pub fn form(column: &str, cell: &str, form: &'static str) -> Self {
        Self::Form {
            column: column.to_owned(),
            cell: cell.to_owned(),
            form,
        }
    }
}

fn parse_cell(column: &str, cell: &str, n: Option<u32>) -> Result<Cell, TableDefectKind> {
    Ok(match cell {
        "" => Cell::Empty,
        "v" => Cell::Below,
        "^" => Cell::Above,
        "single" => Cell::Single,
        "double" => Cell::Double,
        _ => {
            let wanted = "`v`, `^`, `single`, `double`, or pairs `Ac/Re` in a line with a size n";
            let bad = || TableDefectKind::form(column, cell, wanted);
            let n = n.ok_or_else(bad)?;
            let stages: Option<Vec<Stage>> = cell
                .split_whitespace()
                .map(|pair| parse_stage(pair, n))
                .collect();
            let plan = AttributesPlan::new(stages.ok_or_else(bad)?);
            Cell::Plan(plan.map_err(|cause| TableDefectKind::Plan {
                column: column.to_owned(),
                cell: cell.to_owned(),
                cause,
            })?)
        }
    })
}

fn parse_stage(pair: &str, n: u32) -> Option<Stage> {
    let (accept, reject) = pair.split_once('/')?;
    let number = |text: &str| {
        let plain = text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| plain)
    };
    Some(Stage {
        n,
        accept: match accept {
            "#" => None,
            digits => Some(number(digits)?),
        },
        reject: number(reject)?,
    })
}
