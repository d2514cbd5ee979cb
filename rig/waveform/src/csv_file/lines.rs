//! Lines of a table of numbers, counted as editors count them.
//!
//! The csv crate reads quoted text over several lines, which no table of numbers has; but it
//! dates a record to where reading began, before blank lines, comments and the second half of a
//! CR LF, so that a defect's line would be wrong. What is left is a split at commas.

use super::defect::{CsvDefect, CsvError, CsvFault};
use std::io::{BufRead as _, BufReader, Read};

/// Longest line. A table of numbers has a dozen columns at most.
const LONGEST: u64 = 1 << 16;

/// Reads line by line.
pub(crate) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(1 << 16, source),
            line: Vec::new(),
            number: 0,
            bytes: 0,
        }
    }

    /// Moves on to the next line that is neither blank nor a comment; whether there is one.
    pub(crate) fn advance(&mut self) -> Result<bool, CsvError> {
        loop {
            self.line.clear();
            let mut source = self.source.by_ref().take(LONGEST);
            let taken = source
                .read_until(b'\n', &mut self.line)
                .map_err(CsvError::Io)? as u64;
            if taken == 0 {
                return Ok(false);
            }
            self.number += 1;
            self.bytes += taken;
            if taken == LONGEST && self.line.last() != Some(&b'\n') {
                return Err(CsvError::Defects(vec![CsvDefect {
                    line: self.number,
                    column: None,
                    fault: CsvFault::LineTooLong(LONGEST),
                }]));
            }
            if self.number == 1 && self.line.starts_with("\u{feff}".as_bytes()) {
                self.line.drain(..3);
            }
            let text = self.line.trim_ascii();
            if !text.is_empty() && !text.starts_with(b"#") {
                return Ok(true);
            }
        }
    }

    /// Number of the line, the first being 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Bytes taken so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Cells of the line, without spaces and quotes around them.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let line = self.line.trim_ascii();
        line.split(|it| *it == b',').map(bare)
    }
}

fn bare(cell: &[u8]) -> &[u8] {
    match cell.trim_ascii() {
        [b'"', inside @ .., b'"'] => inside.trim_ascii(),
        cell => cell,
    }
}
