//! Rows of a waveform in CSV as typed cells, and the defects of those that are none.

use super::decimal::{self, Count, NumberFault};
use super::defect::{CsvDefect, CsvError, CsvFault};
use super::header::{Header, Kind, LengthUnit};
use super::lines::Lines;
use crate::stretch::fault_of;
use rig_measure::SampleFault;
use std::io::Read;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: u64,
    /// Sequence number, or time in ps; zero without such a column.
    pub(crate) index: i64,
    /// Value in counts; zero beside a fault.
    pub(crate) value: i64,
    pub(crate) fault: Option<SampleFault>,
}

/// Reads row by row.
pub(crate) struct Rows<R> {
    lines: Lines<R>,
    pub(crate) header: Header,
    /// The first line holds samples, not names.
    first_is_data: bool,
    pub(crate) defects: Vec<CsvDefect>,
    /// Cells with digits below a count.
    pub(crate) rounded: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    pub(crate) fn new(source: R, kind: Kind, unit: Option<LengthUnit>) -> Result<Self, CsvError> {
        let mut lines = Lines::new(source);
        let refused = |line, fault| {
            Err(CsvError::Defects(vec![CsvDefect {
                line,
                column: None,
                fault,
            }]))
        };
        if !lines.advance()? {
            return refused(0, CsvFault::Empty);
        }
        let line = lines.number();
        let numbers = lines
            .cells()
            .all(|it| decimal::parse(it, 0) != Err(NumberFault::NotANumber));
        let header = match (numbers, unit, lines.cells().count()) {
            (true, Some(unit), 1) => Header::of_values(unit),
            (true, ..) => return refused(line, CsvFault::NoHeader),
            (false, ..) => {
                let cells: Vec<String> = lines.cells().map(shown).collect();
                Header::read(kind, line, &cells).map_err(CsvError::Defects)?
            }
        };
        Ok(Self {
            lines,
            header,
            first_is_data: numbers,
            defects: Vec::new(),
            rounded: 0,
        })
    }

    /// Bytes taken so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    /// The next row without a defect; those with one are noted and passed by. None at the end, or
    /// when enough defects have been found.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, CsvError> {
        loop {
            if self.defects.len() >= CsvError::LIMIT {
                return Ok(None);
            }
            let first = std::mem::take(&mut self.first_is_data);
            if !first && !self.lines.advance()? {
                return Ok(None);
            }
            let line = self.lines.number();
            match self.row(line) {
                Ok((row, rounded)) => {
                    self.rounded += rounded;
                    return Ok(Some(row));
                }
                Err((column, fault)) => self.complain(line, column, fault),
            }
        }
    }

    /// Notes a defect.
    pub(crate) fn complain(&mut self, line: u64, column: Option<usize>, fault: CsvFault) {
        let column = column.and_then(|it| self.header.name(it));
        self.defects.push(CsvDefect {
            line,
            column,
            fault,
        });
    }

    /// The row of this line, and how many of its numbers were rounded.
    fn row(&self, line: u64) -> Result<(Row, u64), (Option<usize>, CsvFault)> {
        // Columns that are looked at: there are four at most.
        let header = &self.header;
        let mut taken: [&[u8]; 4] = [b""; 4];
        let wanted = [
            header.seq,
            header.time.map(|it| it.0),
            header.value.map(|it| it.0),
            header.status,
        ];
        let mut found = 0;
        for (column, cell) in self.lines.cells().enumerate() {
            found += 1;
            for (slot, wanted) in taken.iter_mut().zip(wanted) {
                if wanted == Some(column) {
                    *slot = cell;
                }
            }
        }
        let expected = header.names.len();
        if expected != found {
            return Err((None, CsvFault::Cells { expected, found }));
        }
        let [seq, time, value, status] = taken;
        let fault = match status {
            b"" => None,
            word => match fault_of(word) {
                Some(fault) => Some(fault),
                None => return Err((header.status, CsvFault::Status(shown(word)))),
            },
        };
        let mut rounded = 0;
        let mut count = |column: usize, text: &[u8], decimals: u32| {
            let count = number(text, decimals).map_err(|fault| (Some(column), fault))?;
            rounded += u64::from(count.rounded);
            Ok(count.value)
        };
        let index = match (header.seq, header.time) {
            (Some(column), _) => count(column, seq, 0)?,
            (None, Some((column, decimals))) => count(column, time, decimals)?,
            (None, None) => 0,
        };
        let value = match (fault, header.value) {
            (None, Some((column, decimals))) => count(column, value, decimals)?,
            _ => 0,
        };
        let row = Row {
            line,
            index,
            value,
            fault,
        };
        Ok((row, rounded))
    }
}

fn number(text: &[u8], decimals: u32) -> Result<Count, CsvFault> {
    if text.is_empty() {
        return Err(CsvFault::EmptyCell);
    }
    decimal::parse(text, decimals).map_err(|fault| {
        let text = shown(text);
        match fault {
            NumberFault::NotANumber => CsvFault::NotANumber(text),
            NumberFault::NotFinite => CsvFault::NotFinite(text),
            NumberFault::TooLarge => CsvFault::TooLarge(text),
        }
    })
}

/// Text of a cell for a message: its beginning, if it is long.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}
